"""Limits as rows, with and without outages, against networks solved without the branch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.grid.limits import NO_OUTAGE, BranchLimit, BranchLimits, Place
from siteopt.grid.system import build_system
from tests.examples import examples
from tests.grid.grids import Angles, case_of, random_grid


def balanced(rng, drawn):
    """Return what buses put in beyond the demand so that all of it is met."""
    put_in = rng.uniform(0, 60, len(drawn))
    return put_in * drawn.sum() / put_in.sum()


@examples(30)
@given(st.integers(0, 100_000))
def test_flows_and_rows_are_those_of_the_network_without_the_branch(seed):
    case, snapshot = random_grid(seed)
    other, system = Angles(case, snapshot), build_system(case)
    limits = BranchLimits(system, other.drawn)
    put_in = balanced(np.random.default_rng(seed), other.drawn)
    flow = limits.flows(put_in)
    assert flow == pytest.approx(other.flows(put_in - other.drawn), abs=1e-6)
    limits.secure(flow)
    after = limits.after_outages(flow)
    assert system.splits.tolist() == [other.splits(out) for out in range(system.branches)]
    for out in range(system.branches):
        if system.splits[out]:
            assert (after[:, out] == 0).all()
            continue
        expected = other.flows(put_in - other.drawn, out)
        assert after[:, out] == pytest.approx(expected, abs=1e-6)
        for branch in range(system.branches):
            row, low, high = limits.row(Place(branch, out))
            if branch != out:
                limit = max(abs(expected[branch]), other.rate[branch])
                assert high - row @ put_in == pytest.approx(limit - expected[branch], abs=0.011)
                assert row @ put_in - low == pytest.approx(limit + expected[branch], abs=0.011)


def test_of_each_branch_the_limit_broken_most_is_returned_and_the_worst_first():
    # 90 MW from bus 1 to bus 3: 60 direct, 30 around; with the direct branch out 90 around
    case = case_of(3, [(1, 2, 0.1, 50), (2, 3, 0.1, 45), (1, 3, 0.1, 55)], [(1, 100)])
    limits = BranchLimits(build_system(case), np.array([0.0, 0.0, 90.0]))
    put_in = np.array([90.0, 0.0, 0.0])
    flow = limits.flows(put_in)
    assert flow == pytest.approx([30, 30, 60])
    assert limits.broken(flow) == [Place(2, NO_OUTAGE)]
    assert limits.broken(flow, 5.1) == []
    limits.secure(limits.flows(np.zeros(3)) * 0)  # nothing flows today: ratings hold
    # branch 1: 45 too much, branch 0: 40, branch 2: 90 - 55 with either of the others out
    assert limits.broken(flow) == [Place(1, 2), Place(0, 2), Place(2, 0)]


def test_todays_flows_never_break_a_limit_and_the_larger_of_rating_and_today_holds():
    case = case_of(2, [(1, 2, 0.1, 80), (1, 2, 0.1, 80)], [(1, 1e3)])
    limits = BranchLimits(build_system(case), np.array([0.0, 100.0]))
    today = limits.flows(np.array([100.0, 0.0]))
    limits.secure(today)
    assert limits.broken(today) == []
    assert limits.outage_limit_mw == pytest.approx(np.array([[80, 100], [100, 80]]), abs=0.02)
    small = BranchLimits(build_system(case), np.array([0.0, 60.0]))
    small.secure(small.flows(np.array([60.0, 0.0])))
    assert small.outage_limit_mw == pytest.approx(np.full((2, 2), 80))


def test_a_branch_without_limit_is_never_broken():
    case = case_of(2, [(1, 2, 0.1, np.inf)], [(1, 1e9)])
    limits = BranchLimits(build_system(case), np.array([0.0, 1e8]))
    assert limits.broken(limits.flows(np.array([1e8, 0.0]))) == []


def test_limits_for_people():
    limits = BranchLimits(
        build_system(case_of(2, [(1, 2, 0.1, 80), (1, 2, 0.1, 80)], [(1, 1)])), np.zeros(2)
    )
    assert limits.told(Place(1, NO_OUTAGE), 0.5) == BranchLimit("L1", "", 0.5)
    assert str(limits.told(Place(1, NO_OUTAGE), 0.5)) == "L1"
    assert str(limits.told(Place(0, 1), 0.5)) == "L0 when L1 is out"


def test_two_circuits_each_without_the_other_are_one_limit():
    ring = case_of(3, [(1, 2, 0.1, 50), (2, 3, 0.1, 50), (1, 3, 0.1, 70)], [(1, 100)])
    limits = BranchLimits(build_system(ring), np.zeros(3))
    limits.secure(np.zeros(3))
    # of what bus 2 draws each end of its two branches brings all when the other is out
    assert limits.first_of_twins(Place(0, 1)) == Place(0, 1)
    assert limits.first_of_twins(Place(1, 0)) == Place(0, 1)
    # branches 0 and 2 also bring all that buses 2 and 3 draw, but at other ratings
    assert limits.first_of_twins(Place(2, 0)) == Place(2, 0)
    assert limits.first_of_twins(Place(1, NO_OUTAGE)) == Place(1, NO_OUTAGE)


def test_circuits_that_are_alike_are_told_by_the_first():
    # three circuits from 1 to 2, one of them drawn the other way round, and one of its own
    ring = case_of(
        3, [(1, 2, 0.1, 50), (2, 3, 0.1, 50), (2, 1, 0.1, 50), (1, 2, 0.1, 50), (1, 3, 0.2, 70)],
        [(1, 100)],
    )  # fmt: skip
    limits = BranchLimits(build_system(ring), np.zeros(3))
    limits.secure(np.zeros(5))
    assert limits.first_of_twins(Place(3, NO_OUTAGE)) == Place(0, NO_OUTAGE)
    assert limits.first_of_twins(Place(3, 2)) == Place(0, 2)
    assert limits.first_of_twins(Place(2, 0)) == Place(0, 2)
    assert limits.first_of_twins(Place(1, 3)) == Place(1, 0)
    assert limits.first_of_twins(Place(4, NO_OUTAGE)) == Place(4, NO_OUTAGE)
