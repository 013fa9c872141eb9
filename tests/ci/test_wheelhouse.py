"""The folder of wheels: what pip is asked for, and how the folder is tried."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PYTHON = """\
#!/usr/bin/env bash
echo "python $*" >>calls
while [ $# -gt 0 ]; do
  case "$1" in
    --wheel-dir | --dest) touch "$2/siteopt-0.1.0-py3-none-any.whl" "$2/numpy-2.0-any.whl" ;;
    venv) mkdir -p "$2/bin"; cp "$STAND_IN" "$2/bin/python"; cp "$STAND_IN" "$2/bin/siteopt" ;;
  esac
  shift
done
"""


@pytest.fixture
def home(tmp_path):
    """Return a folder with the script and a stand-in for Python that writes down its calls."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "wheelhouse", tmp_path / ".ci")
    (tmp_path / "build").mkdir()
    stand_in = tmp_path / "stand-in"
    stand_in.write_text(PYTHON, encoding="utf-8")
    stand_in.chmod(0o755)
    return tmp_path


def make(home, **asked):
    stand_in = str(home / "stand-in")
    env = {"PATH": os.environ["PATH"], "PYTHON": stand_in, "STAND_IN": stand_in, **asked}
    return subprocess.run(  # noqa: S603 - our own script
        [home / ".ci" / "wheelhouse"], cwd=home, env=env,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def calls(home):
    found = [*(home / "calls").read_text(encoding="utf-8").splitlines()]
    inner = home / "build" / "calls"
    return found + (inner.read_text(encoding="utf-8").splitlines() if inner.exists() else [])


def test_the_folder_is_installed_from_alone_and_siteopt_is_asked(home):
    done = make(home)
    assert (done.returncode, done.stderr) == (0, "")
    assert "build/wheelhouse: 2 wheels" in done.stdout
    told = calls(home)
    assert " wheel --constraint .constraints.txt --wheel-dir build/wheelhouse ." in told[0]
    assert told[1] == "python -m venv build/offline"
    assert told[2].endswith("install --no-index --find-links build/wheelhouse siteopt")
    assert told[3] == "python scenario check national-2035"
    assert not (home / "build" / "offline").exists()


def test_another_kind_of_machine_gets_its_wheels_and_nothing_is_tried(home):
    done = make(home, PLATFORM="win_amd64", FOR_PYTHON="3.12")
    assert (done.returncode, done.stderr) == (0, "")
    told = calls(home)
    assert len(told) == 2
    assert "--only-binary=:all: --platform win_amd64 --python-version 3.12" in told[1]
    assert told[1].endswith("siteopt-0.1.0-py3-none-any.whl colorama tzdata")
    assert not (home / "build" / "wheelhouse-here").exists()
    assert "colorama" not in calls_of_linux(home)


def calls_of_linux(home):
    (home / "calls").unlink()
    make(home, PLATFORM="manylinux_2_28_aarch64", FOR_PYTHON="3.11")
    return calls(home)[1]


def test_a_platform_without_its_python_is_refused(home):
    done = make(home, PLATFORM="win_amd64")
    assert done.returncode != 0
    assert "FOR_PYTHON: such as 3.12" in done.stderr


@pytest.mark.parametrize("page", ["docs/how-to/offline.md", "docs/ko/offline.md"])
def test_pages_say_what_the_script_does(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "wheelhouse").read_text(encoding="utf-8")
    for words in ("install --no-index --find-links", "--constraint .constraints.txt"):
        assert words in text
        assert words in script
    assert "make wheelhouse PLATFORM=win_amd64 FOR_PYTHON=3.12" in text
