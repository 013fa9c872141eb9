"""Scenario sets and the sensitivity table on worker processes, which share no folder with us."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

import siteopt
from siteopt.errors import ClusterError
from siteopt.runs import worker_cache
from siteopt.scenario import load_scenario
from siteopt.sensitivity import sensitivity_table

pytestmark = pytest.mark.national

SET = """
name = "small-set"
title = { ko = "작은 묶음", en = "Small set" }
base = "small.toml"

[[variant]]
id = "base"
title = { ko = "기준", en = "Base" }

[[variant]]
id = "hot"
title = { ko = "더운 기후", en = "Hotter climate" }
parameters = { pue_liquid = 1.25, wue_evap = 1.8 }

[[variant]]
id = "many"
title = { ko = "불가", en = "Too many provinces" }
set = { "provinces.count_min" = 17 }
"""


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
    (tmp_path / "set.toml").write_text(SET, encoding="utf-8")
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


def test_results_of_a_worker_come_as_files(tmp_path, monkeypatch):
    monkeypatch.setattr(worker_cache, "worker_cache", lambda: tmp_path / "there")

    def work():
        folder = tmp_path / "there" / "objects" / "ab"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "abc").write_bytes(b"x")
        (folder / "cut.part").write_bytes(b"y")
        return 3

    assert worker_cache.with_new_results(work) == (3, {"objects/ab/abc": b"x"})
    found, files = worker_cache.with_new_results(work)
    assert (found, files) == (3, {})  # it was there before
    worker_cache.take_results({"objects/ab/abc": b"x"}, tmp_path / "here")
    assert (tmp_path / "here" / "objects" / "ab" / "abc").read_bytes() == b"x"


class Pool:
    """A cluster of one worker with a fingerprint of its own."""

    def __init__(self, found):
        self.found = found

    def on_every_worker(self, _function, *_args):
        return [self.found]


def test_a_worker_with_other_layer_files_is_refused():
    scenario = load_scenario("national-2035")
    with pytest.raises(ClusterError, match="national-2035: a worker has not the same layer files"):
        worker_cache.check_inputs(Pool("another"), [scenario])
    worker_cache.check_inputs(Pool(worker_cache.fingerprint(scenario)), [scenario])
