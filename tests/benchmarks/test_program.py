"""Answers that contradict each other are told; processes are limited and measured."""

import pytest

from benchmarks.cases import CASES
from benchmarks.processes import run_apart
from benchmarks.program import disagreements, gap_of, lines, measure, ratio


def record(peer, objective, bound, **more):
    return {
        "peer": peer,
        "case": "made",
        "objective": objective,
        "bound": bound,
        "status": "optimal",
        "total_s": 2.0,
        "peak_mb": 300.0,
        **more,
    }


@pytest.mark.parametrize(
    ("plain", "ours", "faults"),
    [
        ((100.0, 99.0), (100.0, 100.0), 0),
        ((100.0, 99.0), (101.0, 98.0), 0),  # both say what they have not closed
        ((None, 99.0), (100.0, 100.0), 0),
        ((None, None), (100.0, 100.0), 0),
        ((99.0, 98.0), (100.0, 100.0), 1),  # a plan below our bound
        ((102.0, 101.0), (100.0, 99.0), 1),  # a bound above our plan
        ((90.0, 89.0), (100.0, 99.0), 1),
        ((100.0, 99.0), (100.0, 100.0 + 1e-5), 0),  # float arithmetic
    ],
)
def test_a_bound_above_another_plan_is_a_contradiction(plain, ours, faults):
    found = disagreements([record("highs", *plain), record("ours", *ours)])
    assert len(found) == faults
    assert all("made" in fault for fault in found)


def test_answers_to_different_cases_are_not_compared():
    assert disagreements([record("highs", 1.0, 1.0), record("ours", 2.0, 2.0, case="other")]) == []


def test_gap_and_times_are_those_of_the_record():
    ours, plain = record("ours", 100.0, 99.0), record("highs", 100.0, None, total_s=5.0)
    assert gap_of(ours) == pytest.approx(0.01)
    assert gap_of(plain) is None
    assert ratio(plain, ours) == "2.5 x"
    assert ratio({**plain, "status": "feasible"}, ours) == "> 2.5 x"
    assert ratio(plain, None) == "-"
    assert "2.5 x" in lines([plain, ours])[1]


def test_a_peer_runs_in_a_process_of_its_own():
    found = measure("ours", CASES["hard-100-1y"], 30.0)
    assert found["status"] == "optimal"
    assert found["wall_s"] > found["total_s"] > 0
    assert found["peak_mb"] > 50  # Python with numpy and pandas


def test_a_process_that_takes_too_long_is_stopped():
    done = run_apart("benchmarks.peers", ["highs", "hard-10000-1y"], 0.3)
    assert done.status == "stopped"
    assert done.answer is None
    assert 0.3 <= done.seconds < 20


def test_a_process_that_fails_is_no_result_and_is_told(capfd):
    done = run_apart("benchmarks.peers", ["nobody", "hard-100-1y"], 60.0)
    assert done.status == "failed"
    assert done.answer is None
    assert "KeyError: 'nobody'" in capfd.readouterr().err
    found = disagreements([record("ours", None, None, status="failed")])
    assert found == ["made: ours ended by an error"]
