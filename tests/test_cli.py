"""What the command line says: one line for what is wrong, and the exit code that says how."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from siteopt.cli import main
from siteopt.runs import evaluation

ROOT = Path(__file__).parents[1]


def command(monkeypatch, *words):
    monkeypatch.setattr("sys.argv", ["siteopt", *map(str, words)])
    with pytest.raises(SystemExit) as stopped:
        main()
    return stopped.value.code


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rnu"], "siteopt: No such command 'rnu'"),
        (["layers", "lst"], "siteopt: No such command 'lst'"),
        (["run", "national-2035"], "siteopt: Missing option '--out'; see `siteopt run --help`"),
        (["run", "national-2035", "--outt", "x"], "siteopt: No such option: --outt"),
        (["run", "one", "two", "--out", "x"], "unexpected extra argument"),
        (["explain", "x"], "siteopt: Missing argument 'place'; see `siteopt explain --help`"),
        (["layers", "list", "colour"], "siteopt: layer colour: unknown"),
        (["layers", "check", "no/such"], "no/such/catalogue.toml: No such file"),
        (["layers", "build", "--sources", "no", "--facts", "no"], "--sources: no is not a folder"),
        (["run", "no.toml", "--out", "x"], "siteopt: no.toml: no such scenario"),
        (["explain", "no/run", "127,36"], "siteopt: no/run: no finished run"),
        (["layers", "check", "no.tif"], "siteopt: no.tif: no such file"),
        (["layers", "check", "/vsis3/b/a.gpkg"], "only rasters (.tif) are read through virtual"),
        (
            ["run", "national-2035", "--out", "x", "--layer", "slope"],
            "--layer slope: is no ID=FILE",
        ),
        (
            ["run", "national-2035", "--out", "x", "--layer", "slope=/vsimem/a.tif"],
            "siteopt: /vsimem/a.tif: /vsimem/ is not read",
        ),
        (
            ["screen", "national-2035", "--out", "x.tif", "--layer", "slope=no.tif"],
            "no.tif is not there",
        ),
        (
            ["run", "national-2035-futures", "--out", "x", "--layer", "slope=a.tif"],
            "--layer: of a set each scenario names its own files",
        ),
    ],
)
def test_a_wrong_word_is_one_line_and_exit_code_2(monkeypatch, capsys, tmp_path, words, message):
    monkeypatch.chdir(tmp_path)
    assert command(monkeypatch, *words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err
    assert said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [[], ["layers"], ["scenario"]])
def test_no_word_at_all_shows_the_help(monkeypatch, capsys, words):
    assert command(monkeypatch, *words) == 2
    said = capsys.readouterr()
    assert "Usage: siteopt" in said.out
    assert said.err == ""


def test_a_folder_that_cannot_be_written_is_told_before_the_work(monkeypatch, capsys, tmp_path):
    def work(*_args):
        pytest.fail("the country is screened for an answer that has no place")

    monkeypatch.setattr(evaluation, "write", work)
    taken = tmp_path / "taken"
    taken.write_text("mine")
    for out in (taken, taken / "below"):
        assert command(monkeypatch, "run", "national-2035", "--quiet", "--out", out) == 2
        said = capsys.readouterr().err
        assert "is a file" in said
        assert said.count("\n") == 1
    assert taken.read_text() == "mine"


def test_a_share_of_no_province_is_named(monkeypatch, capsys, tmp_path):
    text = (ROOT / "data" / "scenarios" / "national-2035.toml").read_text(encoding="utf-8")
    file = tmp_path / "mine.toml"
    file.write_text(
        text.replace("[candidates]", "[provinces.shares.99]\nmin_pct = 5\n[candidates]")
    )
    assert command(monkeypatch, "scenario", "check", file) == 2
    assert "provinces.shares.99: no such province; there are 11, 26" in capsys.readouterr().err


def test_scenario_check_reads_the_parcels_too(monkeypatch, capsys, tmp_path):
    text = (ROOT / "data" / "scenarios" / "national-2035.toml").read_text(encoding="utf-8")
    file = tmp_path / "mine.toml"
    file.write_text(text.replace("tile_m = 4000", 'parcels = "p.csv"'))
    parcels = tmp_path / "p.csv"
    parcels.write_text("site_id,lon,lat,area_ha\na,127.5,36.5,50\na,127.6,36.5,50\n")
    assert command(monkeypatch, "scenario", "check", file) == 2
    assert "p.csv: row 3: site_id a appears twice" in capsys.readouterr().err
    parcels.write_text("site_id,lon,lat,area_ha\na,127.5,36.5,50\nb,127.6,36.5,50\n")
    assert command(monkeypatch, "scenario", "check", file) == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for a single process")
def test_ctrl_c_is_one_line_and_leaves_nothing(tmp_path):
    program = (
        "import sys, siteopt.runs.evaluation as p\n"
        "import os, signal\n"
        # a background job of a shell begins with the signal ignored, which a person's does not
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "p.write = lambda *a, **k: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.argv = ['siteopt', 'run', 'national-2035', '--quiet', '--out', sys.argv[1]]\n"
        "from siteopt.cli import main; main()\n"
    )
    done = subprocess.run(  # noqa: S603 - this Python with a program written here
        [sys.executable, "-c", program, str(tmp_path / "out")],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr == "siteopt: stopped; no file was written\n"
    assert list(tmp_path.iterdir()) == []


def test_scenario_check_tells_the_unit_of_parameters_set_otherwise(monkeypatch, capsys, tmp_path):
    text = (ROOT / "data" / "scenarios" / "national-2035.toml").read_text(encoding="utf-8")
    file = tmp_path / "mine.toml"
    file.write_text(text + "\n[parameters]\ndiscount_social = 5\n")
    assert command(monkeypatch, "scenario", "check", file) == 0
    said = capsys.readouterr().out
    assert "discount_social: 5 % real (scenario (instead of 4.5: KDI" in said


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(28, "No space left on device", "/data/x"),
         "/data/x: No space left on device; make room there, or give another folder"),
        (OSError("of a library"), "standard output or a temporary file: of a library"),
        (PermissionError(13, "Permission denied", "y"), "y: Permission denied; give a file or folder"),
        (MemoryError(), "not enough memory; larger cells (screening.cell_m)"),
        (MemoryError("Unable to allocate 9. GiB"), "not enough memory"),
    ],
)  # fmt: skip
def test_what_the_machine_cannot_do_is_one_line_and_exit_code_2(
    monkeypatch, capsys, error, message
):
    def fail(*_args, **_kwargs):
        raise error

    monkeypatch.setattr("siteopt.layers.catalogue.layer_rows", fail)
    monkeypatch.setattr("siteopt.cli._let_go_of_stdout", lambda: None)
    assert command(monkeypatch, "layers", "list") == 2
    said = capsys.readouterr().err
    assert said.startswith(f"siteopt: {message}")
    assert said.count("\n") == 1


def printed(target):
    return subprocess.run(
        [sys.executable, "-m", "siteopt", "scenario", "schema"], stdout=target, text=True,
        stderr=subprocess.PIPE, check=False, cwd=ROOT,
    )  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full here")
def test_a_full_disk_behind_standard_output_is_one_line():
    with Path("/dev/full").open("w") as full:
        done = printed(full)
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="pipes of Windows end otherwise")
def test_a_reader_that_has_gone_is_no_fault_of_anybody():
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "w") as closed:
        done = printed(closed)
    assert done.returncode == 1
    assert done.stderr == ""
