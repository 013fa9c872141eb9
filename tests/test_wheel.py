"""What a wheel carries: types for checkers, the embedded layers, the parts of the map."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    (file,) = out.glob("*.whl")
    with zipfile.ZipFile(file) as opened:
        yield opened


@pytest.fixture(scope="module")
def names(wheel):
    return set(wheel.namelist())


def test_a_wheel_carries_the_licence_and_says_which_it_is(wheel, names):
    (licence,) = (name for name in names if name.endswith(".dist-info/licenses/LICENSE"))
    assert wheel.read(licence) == (ROOT / "LICENSE").read_bytes()
    (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
    lines = wheel.read(metadata).decode().splitlines()
    assert "License-Expression: MIT" in lines
    assert "License-File: LICENSE" in lines


def test_a_wheel_is_typed(names):
    assert "siteopt/py.typed" in names


def test_a_wheel_has_every_module_and_what_maps_are_made_of(names):
    inside = {str(path.relative_to(ROOT)) for path in (ROOT / "siteopt").rglob("*.py")}
    inside |= {str(path.relative_to(ROOT)) for path in (ROOT / "siteopt/report/assets").iterdir()}
    assert inside <= names


def test_a_wheel_has_the_layers_and_scenarios_and_nothing_of_the_checkout(names):
    data = {
        path.relative_to(ROOT / "data") for path in (ROOT / "data").rglob("*") if path.is_file()
    }
    assert {f"siteopt/_data/{path.as_posix()}" for path in data} <= names
    assert not [name for name in names if name.startswith(("tests/", "docs/", "benchmarks/"))]
