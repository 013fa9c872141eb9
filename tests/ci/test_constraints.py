"""The exact versions that everybody installs."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

import siteopt

ROOT = Path(siteopt.__file__).parent.parent
PINS = dict(
    line.split("==")
    for line in (ROOT / ".constraints.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)


def test_every_version_runs_on_the_oldest_python_that_siteopt_asks_for():
    # An early 3.11, as some systems have it, is 3.11 or newer too.
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = Version(re.sub(r"^>=", "", project["requires-python"]) + ".0")
    looked_at, too_new = 0, []
    for name, version in PINS.items():
        try:
            found = metadata(name)
        except PackageNotFoundError:
            continue  # of an extra that is not installed here
        looked_at += found["Version"] == version
        asked = found.get("Requires-Python") or ""  # some packages ask for no version
        if oldest not in SpecifierSet(asked):
            too_new.append(f"{name} {found['Version']}: {asked}")
    assert too_new == []
    assert looked_at > len(PINS) / 3
