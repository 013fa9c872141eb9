"""Cases are what their names say, the same in every process, and have a plan."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.cases import CASES, KINDS, LAST_YEAR, make_tables, yearly_target_mw
from siteopt.portfolio import build_problem, solve

SMALL = [case for case in CASES.values() if case.candidates == 100 and case.years == 1]
COST_OF_BASE_500 = 4819.58295
TABLES = ("sites", "described", "options", "headroom", "basins")


def test_there_is_every_kind_and_size_over_one_year_and_ten():
    there = {(case.kind, case.candidates, case.years) for case in CASES.values()}
    large = {(kind, size, years) for kind in KINDS for size in (2000, 10_000) for years in (1, 10)}
    assert large <= there
    assert all(case.name == name for name, case in CASES.items())


@pytest.mark.parametrize("name", ["base-500-1y", "hard-2000-10y", "whole-500-10y-fixed-s2"])
def test_a_case_has_as_many_sites_connections_and_stations_as_it_says(name):
    case = CASES[name]
    tables = make_tables(case)
    assert len(tables.sites) == case.candidates
    assert tables.options.groupby("site_id").size().eq(3).all()
    assert tables.headroom["station_id"].nunique() == case.stations
    assert set(tables.options["station_id"]) <= set(tables.headroom["station_id"])
    assert tables.scenario.target.it_mw == KINDS[case.kind].target_mw


def test_a_case_is_the_same_every_time_and_another_seed_is_another_case():
    case = CASES["hard-500-1y"]
    once, again, other = make_tables(case), make_tables(case), make_tables(replace(case, seed=9))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(once, name), getattr(again, name))
    assert once.scenario == again.scenario
    assert not once.options["per_mw_bn_krw"].equals(other.options["per_mw_bn_krw"])


def test_a_case_does_not_change_by_the_way():
    """Figures of several years can be compared: the cost of all connections of a case."""
    tables = make_tables(CASES["base-500-1y"])
    assert tables.options["per_mw_bn_krw"].sum() == pytest.approx(COST_OF_BASE_500, abs=1e-6)


def test_one_year_and_ten_have_the_same_places():
    one, ten = make_tables(CASES["base-2000-1y"]), make_tables(CASES["base-2000-10y"])
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(ten, name))


@pytest.mark.parametrize(
    "case", [CASES["base-500-10y"], CASES["hard-100-3y"]], ids=lambda c: c.name
)
def test_targets_rise_to_that_of_the_last_year(case):
    targets = yearly_target_mw(case)
    assert list(targets) == list(range(LAST_YEAR - case.years + 1, LAST_YEAR + 1))
    assert np.all(np.diff(list(targets.values())) > 0)
    assert targets[LAST_YEAR] == case.target_mw


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_small_cases_have_a_plan(case):
    tables = make_tables(case)
    settings = tables.scenario.solver.model_copy(update={"gap": 0.02, "threads": 1})
    plan = solve(build_problem(**tables.arguments), settings)
    assert plan.status == "optimal"


def test_limits_bind_in_some_case():
    """A case in which nothing but the target binds would be too easy."""
    binding = set()
    for case in SMALL:
        tables = make_tables(case)
        problem = build_problem(**tables.arguments)
        plan = solve(problem, tables.scenario.solver.model_copy(update={"threads": 1}))
        limits = plan.limits(problem)
        near = limits[limits["slack"] <= 0.02 * limits["used"].abs()]
        binding |= set(near["family"])
    assert {"target", "provinces", "budget", "stations"} <= binding
