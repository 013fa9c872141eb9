"""Limits dropped, or giving way at a cost."""

import numpy as np
import pytest

from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.reduced_cost import without_cost
from siteopt.portfolio.constraints.elastic import drop, elastic_rows, with_elastic_bounds
from siteopt.portfolio.solver.backends import Limits, solve_arrays
from siteopt.portfolio.solver.mip import program_arrays
from tests.portfolio.instances import Flow, Link, Place, make_case
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import LIMITS, random_case

FORTY = Place(land_mw=40.0)
KINDS = [kind.name for kind in constraints.kinds()]
WITHOUT_SLACK = {"spacing", "province count", "rules"}
SLACK_KINDS = [kind for kind in KINDS if kind not in WITHOUT_SLACK]
# Each breaks one kind of limit only.
ALONE = {
    "headroom": make_case([FORTY] * 2, target_mw=80, headroom={("N1", 154.0): 75.0}),
    "province maximum": make_case(
        [FORTY] * 2 + [Place(province="47", land_mw=20.0)],
        target_mw=80,
        provinces={"share_max_pct": 50},
    ),
    "province minimum": make_case(
        [FORTY] * 2 + [Place(province="47", land_mw=20.0)],
        target_mw=80,
        provinces={"shares": {"47": {"min_pct": 50}}},
    ),
    "group maximum": make_case(
        [FORTY] * 2 + [Place(province="47", land_mw=20.0)],
        target_mw=80,
        provinces={"groups": {"own": {"provinces": ["46", "29"], "max_pct": 50}}},
    ),
    "group minimum": make_case(
        [FORTY] * 2 + [Place(province="47", land_mw=20.0)],
        target_mw=80,
        provinces={"groups": {"own": {"provinces": ["47", "48"], "min_mw": 40}}},
    ),
    "province count": make_case([FORTY], provinces={"count_min": 2}),
    "basins": make_case([FORTY] * 2, target_mw=80, basins={"B1": 330.0}),
    "diversity": make_case([FORTY] * 2, target_mw=80, diversity={"station_max_pct": 75}),
    "rules": make_case([FORTY] * 2, target_mw=80, sites={"must_not": ["S1"]}),
    "budget": make_case([FORTY] * 2, target_mw=80, objective={"budget_bn_krw": 150.0}),
    "flows": make_case(
        [FORTY] * 2, target_mw=80, buses={"N1": "1"}, flows=[Flow({"1": 0.5}, 37.5)]
    ),
    "spacing": make_case([FORTY] * 2, target_mw=80, spacing_km=1),
    "target": make_case([FORTY], target_mw=80),
}


def least(problem, rows=None):
    part = problem.take(problem.open_options())
    return solve_arrays(program_arrays(part, None if rows is None else rows(part)), Limits())


def least_value(part, rows):
    return solve_arrays(program_arrays(part, rows), Limits()).objective


def test_every_kind_of_limit_is_among_the_cases():
    assert set(ALONE) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_kind_that_it_breaks_a_case_has_a_plan(kind):
    problem = ALONE[kind].problem()
    assert least(problem).status == "infeasible"
    assert least(drop(problem, [kind])).status == "optimal"
    others = [other for other in KINDS if other not in (kind, "target")]
    assert least(drop(problem, others)).status == "infeasible"


def test_a_dropped_limit_no_longer_bounds_single_options():
    problem = make_case([FORTY], headroom={("N1", 154.0): 10.0}, basins={"B1": 10.0}).problem()
    assert problem.site_gate.tolist() == ["headroom"]
    assert drop(problem, ["headroom"]).site_gate.tolist() == ["basin"]
    open_again = drop(problem, ["headroom", "basins"])
    assert (open_again.site_gate.tolist(), open_again.blocks_max.tolist()) == ([""], [2])


def test_a_loosened_problem_keeps_its_limits_and_frees_the_bounds_of_options():
    problem = make_case([FORTY], headroom={("N1", 154.0): 10.0}).problem()
    loose = with_elastic_bounds(problem, ["headroom"])
    assert loose.level_headroom_mw.tolist() == [[10]]
    assert loose.blocks_max.tolist() == [2]


def test_rows_that_give_way_in_nothing_are_those_of_the_families():
    part = random_case(0, LIMITS).part()
    rows, same = elastic_rows(part, (), relaxation=False), constraints.all_rows(part)
    assert least_value(part, rows) == pytest.approx(least_value(part, same))
    assert rows.extras == same.extras


@pytest.mark.parametrize(
    ("kind", "cost"),
    # One of the four blocks of the target; of the basin 70 of 100 m3; of the budget 30 of 150.
    [
        ("headroom", 1 / 4),
        ("flows", 0.5 / 4),  # 12.5 MW at the price of half a MW each
        ("province maximum", 1 / 4),
        ("province minimum", 1 / 4),
        ("group maximum", 1 / 4),
        ("group minimum", 1 / 4),
        ("basins", 0.7 / 4),
        ("diversity", 1 / 4),
        ("budget", 30 / 150),
        ("target", 2 / 4),
    ],
)
def test_slack_costs_its_share_of_the_target(kind, cost):
    loose = without_cost(with_elastic_bounds(ALONE[kind].problem(), [kind]))
    answer = least(loose, lambda part: elastic_rows(part, [kind], relaxation=False))
    assert answer.objective == pytest.approx(cost)


@pytest.mark.parametrize("kind", sorted(WITHOUT_SLACK))
def test_a_kind_without_slack_stays_as_it_is(kind):
    problem = ALONE[kind].problem()
    loose = without_cost(with_elastic_bounds(problem, [kind]))
    answer = least(loose, lambda part: elastic_rows(part, [kind], relaxation=False))
    assert answer.status == ("optimal" if kind == "rules" else "infeasible")


def test_spacing_is_left_out_where_it_is_not_asked_for():
    part = ALONE["spacing"].part()
    assert least_value(part, elastic_rows(part, (), relaxation=True)) == 2 * 90
    assert least_value(part, elastic_rows(part, (), relaxation=False)) == np.inf


def test_what_a_level_gives_its_station_gives_too():
    # The short level and the whole station lack the same 25 MW, which are paid for once.
    links = (Link("N1", 154.0), Link("N1", 345.0))
    case = make_case(
        [Place(land_mw=40.0, links=(link,)) for link in links],
        target_mw=80,
        headroom={("N1", 154.0): 25.0, ("N1", 345.0): 75.0},
    )
    loose = without_cost(with_elastic_bounds(case.problem(), ["headroom"]))
    answer = least(loose, lambda part: elastic_rows(part, ["headroom"], relaxation=False))
    assert answer.objective == pytest.approx(25 / 25 / 4)


@pytest.mark.parametrize("seed", range(6))
def test_with_all_slack_together_there_is_always_a_plan(seed):
    case = random_case(seed, ("stations", "provinces", "basins", "budget"))
    loose = without_cost(with_elastic_bounds(case.problem(), SLACK_KINDS))
    answer = least(loose, lambda part: elastic_rows(part, SLACK_KINDS, relaxation=False))
    assert answer.status == "optimal"
    # It costs nothing just where all limits can be met as they are.
    assert (answer.objective <= 1e-6) == np.isfinite(all_plans(case).best())
