"""The fewest named limits that have no plan, against every subset of them."""

import itertools

import numpy as np
import pytest
from hypothesis import given

from siteopt.limit_key import LimitKey
from siteopt.portfolio import constraints, diagnose
from siteopt.portfolio.constraints.elastic import without
from siteopt.portfolio.infeasibility.deletion_filter import irreducible_set, limits_of
from tests.portfolio.infeasibility.test_diagnose import CASES, diagnosis_of
from tests.portfolio.instances import Link, Place, examples, make_case
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import cases

FEW = examples(10)  # each solves dozens of programs
KINDS = [kind.name for kind in constraints.kinds()]
FORTY = Place(land_mw=40.0)


def far(code, station, **changes):
    return Place(province=code, land_mw=40.0, links=(Link(station),), **changes)


def test_only_the_province_and_the_station_in_conflict_are_named():
    case = make_case(
        [FORTY, far("47", "N2"), far("48", "N3")],
        target_mw=80,
        headroom={("N1", 154.0): 60.0, ("N2", 154.0): 30.0, ("N3", 154.0): 60.0},
        provinces={"shares": {"46": {"min_pct": 25}, "47": {"min_pct": 50}}},
    )
    found = diagnose(case.problem(), case.scenario.solver)
    assert set(found.limits) == {
        LimitKey("stations", "station", "N2"),
        LimitKey("provinces", "province", "47", year=2035, side="least"),
    }
    assert found.limits_minimal


def test_the_year_of_a_minimum_share_is_named():
    case = make_case(
        [FORTY, far("47", "N2")],
        target_mw=80,
        early_mw={2034: 40},
        headroom={("N2", 154.0): {2020: 10.0, 2035: 60.0}},
        provinces={"shares": {"47": {"min_pct": {2034: 50, 2035: 50}}}},
    )
    found = diagnose(case.problem(), case.scenario.solver)
    assert LimitKey("provinces", "province", "47", year=2034, side="least") in found.limits
    assert LimitKey("provinces", "province", "47", year=2035, side="least") not in found.limits


@pytest.mark.parametrize("name", CASES)
def test_without_any_one_of_the_named_limits_there_is_a_plan(name):
    found = diagnosis_of(name)
    assert {constraints.kind_of(limit).name for limit in found.limits} == set(found.conflict)
    assert found.limits_minimal


@given(cases(("stations", "provinces", "basins", "budget")))
@FEW
def test_the_named_limits_conflict_and_none_is_too_many(case):
    problem = case.problem()
    if np.isfinite(all_plans(case).best()):
        return

    def has_plan(moved):
        return diagnose(moved, case.scenario.solver, named=False).conflict == ()

    limits, minimal = irreducible_set(problem, KINDS, has_plan)
    every = limits_of(problem, KINDS)
    others = [limit for limit in every if limit not in limits]
    assert minimal
    assert not has_plan(without(problem, others))
    for limit in limits:
        assert has_plan(without(problem, [*others, limit]))


def test_limits_that_are_not_settled_stay_and_are_not_called_the_irreducible_set():
    case = CASES["headroom and share"][0]
    limits, minimal = irreducible_set(
        case.problem(), ["headroom", "province minimum"], lambda _: None
    )
    assert len(limits) == len(limits_of(case.problem(), ["headroom", "province minimum"]))
    assert not minimal


def test_every_limit_can_be_taken_out():
    for name, (case, _) in itertools.islice(CASES.items(), 8):
        problem = case.problem()
        free = without(problem, limits_of(problem, KINDS))
        assert diagnose(free, case.scenario.solver, named=False).conflict == (), name
