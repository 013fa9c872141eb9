"""Figures are kept, and the page says what was measured and nothing else."""

import json

import pytest

from benchmarks import parts
from benchmarks.results import Results, page
from siteopt.portfolio import build

RECORD = {
    "case": "hard-500-1y",
    "peer": "highs",
    "seconds": 30.0,
    "gap": 1e-4,
    "status": "feasible",
    "objective": 1234.5,
    "bound": 1230.0,
    "build_s": 1.25,
    "handover_s": 0.5,
    "solve_s": 30.0,
    "total_s": 31.75,
    "peak_mb": 345.0,
    "load": 0.4,
}
OURS = {**RECORD, "peer": "ours", "status": "optimal", "total_s": 3.175}
RANKED = {
    "case": "hard-500-1y",
    "load": 0.5,
    "ours": {"status": "complete", "chosen": 45, "exact": 145, "sites_per_s": 12.5},
    "kept": {"sites_per_s": 0.25},
}


@pytest.fixture
def results(tmp_path):
    return Results(tmp_path / "new" / "figures.json")


def test_new_figures_take_the_place_of_old_ones_and_leave_others(results):
    results.keep_program([RECORD, OURS])
    results.keep_ranking(RANKED)
    Results(results.path).keep_program([{**RECORD, "objective": 1200.0}])
    kept = json.loads(results.path.read_text(encoding="utf-8"))
    assert kept["program"]["hard-500-1y highs"]["objective"] == 1200.0
    assert kept["program"]["hard-500-1y ours"]["objective"] == 1234.5
    assert kept["ranking"]["hard-500-1y"] == RANKED


def test_large_cases_stand_on_the_page_by_size(results):
    record = {
        "buses": 2383, "branches": 2896, "seconds": 9.5, "cpu": 16.25, "peak_mb": 250.0, "load": 0.5,
        "plain_cpu": 0.25, "apart_mw": 2e-6,
    }  # fmt: skip
    results.keep_large("b", record)
    results.keep_large("a", {**record, "buses": 2869})
    told = page(Results(results.path).figures)
    row = "| `b` | 2,383 | 2,896 | 9.50 s | 16.25 s | 250 MB | 0.5 | 0.250 s | 2e-06 MW |"
    assert row in told
    assert told.index("| `b` | 2,383") < told.index("| `a` | 2,869")


def test_the_page_has_the_figures_date_and_machine(results):
    results.keep_program([RECORD, OURS])
    results.keep_ranking(RANKED)
    told = page(results.figures)
    assert results.figures["date"] in told
    assert results.figures["machine"] in told
    assert "| `hard-500-1y` | 1e-04 | 30 s | plain, HiGHS | 1.25 s | 0.50 s | 30.00 s |" in told
    assert "| 1,234.5 | 3.6e-03 | 345 MB | > 10.0 x |" in told
    assert "| `hard-500-1y` | 45 | 12.50/s | 145 of 145 | – | 0.250/s | 50 x |" in told


def test_the_page_of_figures_that_lack_says_so(results):
    missing = dict.fromkeys(("objective", "bound", "build_s", "handover_s", "solve_s"))
    results.keep_program([{**RECORD, **missing, "status": "stopped"}])
    results.keep_ranking({**RANKED, "ours": {"status": "plan not proven"}, "kept": {}})
    told = page(results.figures)
    assert "| plain, HiGHS | – | – | – | – | – | 345 MB | - |" in told
    assert "| `hard-500-1y` | – | plan not proven | – | – | – | – |" in told


@pytest.mark.parametrize(("load", "warns"), [(0.4, False), (6.2, True)])
def test_the_page_says_where_the_machine_was_busy(results, load, warns):
    results.keep_program([RECORD, {**OURS, "load": load}])
    assert ("load average up to 6.2" in page(results.figures)) == warns


def test_every_second_of_the_parts_is_counted_once(monkeypatch):
    now = iter(range(100))
    monkeypatch.setattr(parts.time, "perf_counter", lambda: float(next(now)))
    clock = parts._Clock()

    inner = clock.around("solver", lambda: None)
    outer = clock.around("model", inner)
    outer()
    clock.turn()
    told = {name: seconds for name, seconds in clock.seconds.items() if seconds}
    assert told == {"other": 2.0, "model": 2.0, "solver": 1.0}


def test_timing_leaves_the_package_as_it_was():
    before = build.build_problem
    with parts.timed_parts():
        assert build.build_problem is not before
    assert build.build_problem is before
