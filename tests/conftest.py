"""A small question on the real layers (coarse tiles and routes, few exact ranks), and a browser."""

import os
from pathlib import Path
from typing import NamedTuple

import pytest

import siteopt
from siteopt.layers.catalogue import data_folder
from siteopt.stages.stage import Outcome

from . import browser as system_browser

CHANGES = {
    "tile_m = 4000": "tile_m = 10000",
    "exact_others = 50": "exact_others = 3",
    "it_mw = 3000": "it_mw = 1000",
    "spare_stations = 2": "spare_stations = 2\nroute_cell_m = 1000",
}


@pytest.fixture(scope="session")
def small_scenario_text():
    """TOML text of the small scenario."""
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
def small_run(tmp_path_factory, small_scenario_text):
    """The small scenario answered, with all results of stages kept."""
    home = tmp_path_factory.mktemp("small")
    file = home / "small.toml"
    file.write_text(small_scenario_text, encoding="utf-8")
    told = []
    run = siteopt.run(file, home / "run", cache=home / "cache", tell=told.append)
    return SmallRun(file, run, home / "cache", told)


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
    """Begin with the long tests, so that no worker is left alone with them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("national") is None)
