"""A layer whose file is not the one of the catalogue stops a run with the command that mends it."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path):
    """Return a copy of the package with its data, in which a test may change layers."""
    home = tmp_path / "a checkout"
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "siteopt", home / "siteopt", ignore=without)
    shutil.copytree(ROOT / "data", home / "data", ignore=without)
    return home


def siteopt(checkout, *words):
    """Run the command of the copy; nothing else of ours is on the path."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "siteopt", *words], cwd=checkout, capture_output=True, text=True,
        env={"PYTHONPATH": str(checkout)}, check=False, timeout=120,
    )  # fmt: skip


def test_the_message_of_a_stopped_run_has_the_command_that_mends_it(checkout):
    dams = checkout / "data" / "reference" / "dams.csv"
    dams.write_bytes(dams.read_bytes().replace(b"\n", b"\r\n"))  # what a spreadsheet may do

    stopped = siteopt(checkout, "run", "national-2035", "--out", "out", "--quiet")
    assert stopped.returncode == 2
    assert stopped.stderr.count("\n") == 1
    assert "reference/dams.csv: not the file of the catalogue" in stopped.stderr
    assert not (checkout / "out").exists()

    said = re.search(r"`siteopt (.*?)`", stopped.stderr)
    mended = siteopt(checkout, *shlex.split(said[1]))
    assert (mended.returncode, mended.stdout) == (0, "hash updated: dams\n")
    assert siteopt(checkout, "layers", "check").returncode == 0
