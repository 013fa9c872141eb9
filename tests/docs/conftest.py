"""The pages, and the code that builds them."""

import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


_OUTSIDE = ("README.md", "README.ko.md", "CONTRIBUTING.md", "data/README.md")


@pytest.fixture(scope="session")
def site_builder():
    """Return a function that imports a module of ``docs/site_builder``, where Sphinx finds it."""
    sys.path.insert(0, str(ROOT / "docs"))
    yield lambda name: importlib.import_module(f"site_builder.{name}")
    sys.path.remove(str(ROOT / "docs"))


@pytest.fixture(scope="session")
def pages():
    """Return the text of every page that people write, by its name, with README."""
    files = [*(ROOT / "docs").rglob("*.md"), *(ROOT / name for name in _OUTSIDE)]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in files}
