"""What is logged: nothing unless asked for, then the steps, one line each."""

import logging
import re

import pytest

from siteopt import _logging
from siteopt.runs._progress import progress_bar


@pytest.fixture
def stderr(capsys):
    yield lambda: capsys.readouterr().err
    _logging.log_to_stderr(0)


LOG = logging.getLogger("siteopt.some.module")


@pytest.mark.parametrize(("verbosity", "told"), [(0, []), (1, ["step"]), (2, ["step", "detail"])])
def test_as_much_is_shown_as_was_asked_for(stderr, verbosity, told):
    _logging.log_to_stderr(verbosity)
    LOG.info("step")
    LOG.debug("detail")
    assert [line.rsplit(": ", 1)[1] for line in stderr().splitlines()] == told


def test_a_line_has_seconds_and_module(stderr):
    _logging.log_to_stderr(1)
    LOG.info("read %d rows", 7)
    assert re.fullmatch(r" *\d+\.\d\d s  siteopt\.some\.module: read 7 rows\n", stderr())


def test_a_name_from_a_file_sends_nothing_to_the_terminal(stderr):
    _logging.log_to_stderr(1)
    LOG.info("layer %s", "a\x1b[31mred\nsiteopt: fine\u202e")
    (line,) = stderr().splitlines()
    assert "\x1b" not in line
    assert "\u202e" not in line
    assert "a\\x1b[31mred\\x0asiteopt: fine" in line


def test_asking_again_shows_nothing_twice(stderr):
    _logging.log_to_stderr(1)
    _logging.log_to_stderr(1)
    LOG.info("once")
    assert stderr().count("once") == 1


def test_no_bar_is_drawn_over_the_steps(stderr):
    _logging.log_to_stderr(1)
    with progress_bar([], shown=True) as begun:
        begun(None)
    assert not stderr()


@pytest.mark.usefixtures("stderr")
def test_the_command_line_logs_where_it_is_asked_to():
    import typer.testing  # noqa: PLC0415

    from siteopt.cli import app  # noqa: PLC0415

    runner = typer.testing.CliRunner()
    said = runner.invoke(app, ["-vv", "layers", "check"])
    assert said.exit_code == 0
    assert re.search(r"siteopt\.layers\.store: layer dams: \d+ features of ", said.stderr)
    assert not runner.invoke(app, ["layers", "list", "dams"]).stderr


def test_a_program_that_uses_siteopt_sees_its_log(caplog):
    with caplog.at_level(logging.INFO, logger="siteopt"):
        LOG.info("a step")
    assert [record.name for record in caplog.records] == ["siteopt.some.module"]
