"""Campuses in the program: bounds of their own, basins of several parts, worth of earlier power."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siteopt.errors import InfeasibleError
from siteopt.portfolio import solve
from siteopt.portfolio.verification import violations
from siteopt.scenario.changes import changed_scenario
from tests.portfolio.instances import Link, Place, make_case, scenario

# 20 MW of IT load draw 25 MW and take 100 m3 a day.
CAMPUS = {"it_min_mw": 80, "it_max_mw": 160, "reach_km": 1, "parts_max": 3}


def case_of(campus_works=200.0, shares="B1=0.5;B2=0.5", supplies=(10_000.0, 10_000.0), **target):
    """Return two tiles, and a campus whose level is its own: all its capacity comes with works."""
    case = make_case(
        [
            Place(0.0, 0.0, land_mw=80.0, links=(Link("N1", fixed=5.0),)),
            Place(40.0, 0.0, land_mw=80.0, links=(Link("N2", fixed=5.0),)),
            Place(80.0, 0.0, land_mw=160.0, links=(Link("N3", 345.0, fixed=40.0, per_mw=1.0),)),
        ],
        target_mw=160,
        spacing_km=10.0,
    )
    asked = changed_scenario(
        case.scenario,
        {"candidates.campus": CAMPUS} | {f"target.{key}": value for key, value in target.items()},
    )
    own = np.array([False, False, True])
    options = case.options.sort_values("site_id").reset_index(drop=True)
    options["level_station_id"] = options["station_id"].where(~own, options["site_id"])
    options["relief_mw"] = np.where(own, campus_works, 0.0)
    levels = pd.DataFrame(
        {
            "station_id": ["N1", "N2", "N3", options["site_id"].iloc[2]],
            "voltage_kv": [154.0, 154.0, 345.0, 345.0], "headroom_mw": [200.0, 200.0, 50.0, 0.0],
        }
    )  # fmt: skip
    sites = case.sites.sort_values("site_id").assign(
        kind=np.where(own, "campus", "tile"), it_min_mw=np.where(own, 80.0, 20.0)
    )
    described = case.described.sort_index().assign(basin_shares=np.where(own, shares, ""))
    basins = pd.DataFrame({"basin_id": ["B1", "B2"], "supply_m3_day": supplies})
    return replace(
        case, sites=sites, described=described, options=options, headroom=levels, basins=basins,
        scenario=asked,
    )  # fmt: skip


def listed(supplies=(10_000.0, 10_000.0), works_mw=200.0, blocks=8, share=0.5):
    """Return the least cost over all plans, listed one by one; None where there is none.

    Opening costs 5 and a block 40 at a tile, 40 and 20 at the campus.
    """
    costs = []
    for one, two, many in itertools.product(range(5), range(5), [0, *range(4, 9)]):
        taken = 100 * (one + two) + 100 * (1 - share) * many, 100 * share * many
        fits = one + two + many >= blocks and 25 * many <= works_mw
        if fits and taken[0] <= supplies[0] and taken[1] <= supplies[1]:
            opening = 5 * (one > 0) + 5 * (two > 0) + 40 * (many > 0)
            costs.append(opening + 40 * (one + two) + 20 * many)
    return min(costs, default=None)


def solved(case):
    """Return the program of a case, and what the search finds."""
    problem = case.problem()
    return problem, solve(problem, case.scenario.solver)


def test_a_campus_opens_with_no_less_than_its_own_least():
    problem = case_of().problem()
    assert problem.blocks_min.tolist() == [1, 1, 4]
    assert problem.blocks_max.tolist() == [4, 4, 8]


def test_the_program_decides_between_a_campus_and_tiles():
    # all at the campus: 40 + 160; all at the tiles: 10 + 320
    _, found = solved(case_of())
    assert found.blocks.tolist() == [0, 0, 8]
    assert found.objective == pytest.approx(listed()) == pytest.approx(200)


def test_a_campus_draws_on_its_own_works_and_on_no_headroom():
    case = case_of(campus_works=100.0)  # 4 blocks of 25 MW
    assert case.problem().blocks_max.tolist() == [4, 4, 4]
    problem, found = solved(case)
    assert found.objective == pytest.approx(listed(works_mw=100.0))
    assert found.blocks[2] == 4
    tables = case.tables
    assert not violations(**tables, plan=found.table(problem), steps=found.steps(problem))
    dry = replace(case, options=case.options.assign(relief_mw=[0.0, 0.0, 60.0]))
    wrong = violations(**dry.tables, plan=found.table(problem), steps=found.steps(problem))
    assert any("at 345 kV takes 100 MW, its headroom is 60 MW" in one for one in wrong)


def test_parts_of_a_campus_take_the_water_of_their_own_basins():
    # a block takes 25 m3 of B1 and 75 of B2
    case = case_of(shares="B1=0.25;B2=0.75", supplies=(300.0, 450.0))
    problem = case.problem()
    assert problem.blocks_max.tolist() == [3, 3, 6]
    pairs = problem.water_by_basin()
    assert [basin.tolist() for basin, _ in pairs] == [[0, 0, 0], [-1, -1, 1]]
    assert [taken.tolist() for _, taken in pairs] == [[100, 100, 25], [0, 0, 75]]


@pytest.mark.parametrize("supply", [150.0, 200.0, 300.0, 350.0, 600.0, 900.0])
def test_no_basin_gives_water_twice(supply):
    case = case_of(supplies=(supply, 250.0), it_mw=120)
    least = listed(supplies=(supply, 250.0), blocks=6)
    if least is None:
        with pytest.raises(InfeasibleError):
            solved(case)
        return
    problem, found = solved(case)
    assert found.objective == pytest.approx(least)
    assert not violations(**case.tables, plan=found.table(problem), steps=found.steps(problem))


def test_water_that_is_not_there_is_a_violation():
    case = case_of()
    problem, found = solved(case)
    scarce = replace(case, basins=case.basins.assign(supply_m3_day=[1e6, 300.0]))
    wrong = violations(**scarce.tables, plan=found.table(problem), steps=found.steps(problem))
    assert wrong == ["basin B2 gives 400 m3 a day, 300 are open to sites"]


def test_earlier_power_is_worth_each_year_before_the_last():
    place = Place(land_mw=80.0, links=(Link(fixed=10.0, per_mw=2.0),))
    years = {"it_mw": 80, "year": 2035, "it_mw_by_year": {2033: 0}}
    plain = make_case([place], target_mw=80)
    asked = scenario(target=years | {"early_worth_bn_krw_per_mw_year": 0.5})
    problem = replace(plain, scenario=asked, discount_pct=10.0).problem()
    # a block of 20 MW from 2033 on: 10 in 2033 and 10 / 1.1 in 2034
    assert problem.early_block_bn_krw.tolist() == pytest.approx([10 + 10 / 1.1, 10 / 1.1, 0])
    difference = problem.block_bn_krw - problem.worth_block
    assert difference.tolist() == pytest.approx(problem.early_block_bn_krw.tolist())


@pytest.mark.parametrize(("worth", "year"), [(0.0, 2035), (0.05, 2035), (0.5, 2033)])
def test_power_comes_early_where_it_is_worth_more_than_waiting(worth, year):
    # 80 MW cost 10 + 160; waiting two years saves 170 (1 - 1 / 1.1^2) = 29.5
    place = Place(land_mw=80.0, links=(Link(fixed=10.0, per_mw=2.0, years=2.0),))
    target = {"it_mw": 80, "year": 2035, "it_mw_by_year": {2033: 0}, "works_begin": 2026}
    asked = scenario(target=target | {"early_worth_bn_krw_per_mw_year": worth})
    case = replace(make_case([place], target_mw=80), scenario=asked, discount_pct=10.0)
    problem = case.problem()
    found = solve(problem, asked.solver)
    steps = found.steps(problem)
    assert steps["year"].tolist() == [year]
    tables = case.tables | {"discount_pct": 10.0}
    assert not violations(**tables, plan=found.table(problem), steps=steps)
    if worth:
        told = steps.assign(early_worth_bn_krw=steps["early_worth_bn_krw"] + 1.0)
        wrong = violations(**tables, plan=found.table(problem), steps=told)
        assert any("early_worth_bn_krw" in one for one in wrong)
        cost = float(found.table(problem)["cost_bn_krw"].sum())
        assert found.objective == pytest.approx(cost - float(steps["early_worth_bn_krw"].sum()))
