"""Scenario sets and the sensitivity table on worker processes, which share no folder with us."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

import siteopt
from siteopt.sensitivity import sensitivity_table
from tests.scenario_sets.small_set import SMALL_SET

pytestmark = pytest.mark.national


def contents(folder):
    """Return all files by name; seconds are no part of an answer."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "run.json"
    }


@pytest.mark.slow
def test_a_set_gives_the_same_bytes(small_run, tmp_path, request):
    for name in ("small.toml", "set.toml"):
        shutil.copy(small_run.scenario_file, tmp_path / name)
    (tmp_path / "set.toml").write_text(SMALL_SET, encoding="utf-8")
    siteopt.run_set(tmp_path / "set.toml", tmp_path / "single", cache=small_run.cache)
    request.getfixturevalue("on_cluster")
    told = []
    siteopt.run_set(
        tmp_path / "set.toml", tmp_path / "there", cache=tmp_path / "cache",
        tell=lambda number, count, one: told.append((number, count, one.variant, one.status)),
    )  # fmt: skip
    assert told == [
        (1, 3, "base", "optimal"),
        (2, 3, "hot", "optimal"),
        (3, 3, "many", "infeasible"),
    ]
    assert contents(tmp_path / "there") == contents(tmp_path / "single")


@pytest.mark.slow
def test_a_sensitivity_table_has_the_same_rows(small_run, request):
    asked = {"only": ["pue_liquid"], "cache": small_run.cache}
    single = sensitivity_table(small_run.scenario_file, **asked).table
    request.getfixturevalue("on_cluster")
    found = sensitivity_table(small_run.scenario_file, **asked).table
    pd.testing.assert_frame_equal(
        found.drop(columns="seconds"), single.drop(columns="seconds"), check_exact=True
    )
