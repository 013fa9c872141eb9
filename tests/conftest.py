"""What tests share: how many examples properties get, a small question on the real layers, a browser."""

import json
import os
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from filelock import FileLock
from hypothesis import settings

import siteopt
from siteopt._data import data_folder
from siteopt.stages.stage import Outcome

from . import browser as system_browser

# The same examples in every run; `--hypothesis-profile thorough` looks at more of them.
settings.register_profile(
    "default", derandomize=True, deadline=None, database=None, max_examples=30
)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=100)
settings.load_profile("default")

CHANGES = {
    'preset = "quick" # 64 draws': 'preset = "none" # 64 draws',
    "tile_m = 4000": "tile_m = 10000",
    "exact_others = 50": "exact_others = 3",
    "it_mw = 3000": "it_mw = 1000",
    "spare_stations = 2": "spare_stations = 2\nroute_cell_m = 1000",
}


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Return a function that fills a folder once for all workers of pytest-xdist.

    Tests that change what is in it take a copy.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent

    def folder(name, fill):
        home, whole = base / name, base / f"{name}.whole"
        with FileLock(base / f"{name}.lock"):
            if not whole.exists():
                shutil.rmtree(home, ignore_errors=True)  # of a worker that failed
                home.mkdir()
                fill(home)
                whole.touch()
        return home

    return folder


@pytest.fixture(scope="session")
def small_scenario_text():
    """TOML text of the small scenario: coarse tiles and routes, few exact ranks."""
    text = (data_folder() / "scenarios" / "national-2035.toml").read_text(encoding="utf-8")
    for old, new in CHANGES.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return f"{text}\n[alternatives]\nwithin_pct = [1.0]\nplans = 1\n"


class SmallRun(NamedTuple):
    """A run of the small scenario that began with nothing; tests that change it take a copy."""

    scenario_file: Path
    run: siteopt.Run
    cache: Path
    told: list[Outcome]


@pytest.fixture(scope="session")
def small_run(made_once, small_scenario_text):
    """The small scenario answered, with all results of stages kept."""

    def fill(home):
        file, told = home / "small.toml", []
        file.write_text(small_scenario_text, encoding="utf-8")
        siteopt.run(file, home / "run", cache=home / "cache", tell=told.append)
        (home / "told.json").write_text(json.dumps(told), encoding="utf-8")

    home = made_once("small", fill)
    told = [Outcome(*row) for row in json.loads((home / "told.json").read_text(encoding="utf-8"))]
    run = siteopt.open_run(home / "run")
    return SmallRun(home / "small.toml", run, home / "cache", told)


@pytest.fixture(scope="session")
def chromium():
    """Chromium, one for all tests of a process; a skip where there is none, a failure in CI."""
    missing = system_browser.missing()
    if missing is not None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing} on this machine, and CI must run the browser tests")
        pytest.skip(f"{missing} on this machine")
    with system_browser.started() as started:
        yield started


@pytest.fixture(scope="session")
def idle_tabs():
    """Tabs that earlier tests have left."""
    return []


@pytest.fixture
def browser(chromium, idle_tabs):
    """The tabs of a test: none may ask the network for anything or complain unread."""
    tabs = system_browser.Tabs(chromium, idle_tabs)
    yield tabs
    tabs.end()


def pytest_collection_modifyitems(items):
    """Begin with the small run, then the other long tests; the short ones even out the workers."""
    items.sort(
        key=lambda item: (
            "small_run" not in getattr(item, "fixturenames", ()),
            item.get_closest_marker("national") is None,
        )
    )
