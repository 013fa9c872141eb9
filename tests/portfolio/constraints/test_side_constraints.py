"""Side limits."""

import numpy as np
import pytest

from siteopt.errors import InfeasibleError
from siteopt.portfolio import solve
from siteopt.portfolio.constraints import side_constraints
from siteopt.portfolio.constraints.variants import with_cap, with_objective
from siteopt.portfolio.problem.problem import NO_LIMIT
from tests.portfolio.instances import Link, Place, make_case
from tests.portfolio.limits import named

PLACES = [
    Place(land_mw=40.0, water=5.0, links=(Link(fixed=10.0, per_mw=1.0),)),
    Place(land_mw=40.0, water=2.0, links=(Link(fixed=10.0, per_mw=2.0),)),
]


def test_a_side_limit_holds_what_opening_and_blocks_take_of_it(forget):
    problem = make_case(PLACES).problem()
    settings = make_case(PLACES).scenario.solver
    capped = with_cap(problem, "water", np.array([30.0, 30.0]), problem.water_m3_day, 125.0)
    assert solve(problem, settings).objective == 50
    assert solve(capped, settings).objective == 90
    assert (
        solve(with_cap(problem, "w", np.zeros(2), problem.water_m3_day, 200), settings).objective
        == 50
    )
    forget(side_constraints)
    assert solve(capped, settings).objective == 50


def test_several_side_limits_hold_together():
    problem, settings = make_case(PLACES).problem(), make_case(PLACES).scenario.solver
    both = with_cap(problem, "water", np.zeros(2), problem.water_m3_day, 150.0)
    both = with_cap(both, "cost", problem.worth_fixed, problem.worth_block, 89.0)
    assert solve(both, settings).objective == 80  # 20 MW at each: 30 + 50
    tight = with_cap(both, "first", np.array([1.0, 0.0]), np.zeros(2), 0.0)
    with pytest.raises(InfeasibleError):
        solve(tight, settings)


def test_a_part_of_the_problem_has_its_part_of_the_side_limits():
    problem = make_case(PLACES).problem()
    part = with_cap(problem, "a", np.array([1.0, 2.0]), np.array([3.0, 4.0]), 9.0).take([1])
    assert (part.cap_fixed.tolist(), part.cap_each.tolist()) == ([[2.0]], [[4.0]])
    assert not len(side_constraints.rows(problem))
    assert not len(side_constraints.rows(problem.take([1])))


def test_the_report_has_what_a_plan_takes():
    problem = with_cap(make_case(PLACES).problem(), "a", np.ones(2), np.array([3.0, 4.0]), 9.0)
    row = named(side_constraints.report(problem, np.array([2, 0]))).iloc[0]
    assert (row["limit"], row["used"], row["at_most"], row["binds"]) == ("cap a", 7, 9, False)
    assert not len(side_constraints.report(make_case(PLACES).problem(), np.array([2, 0])))


def years(**changes):
    case = make_case(
        [Place(land_mw=80.0)], target_mw=80.0, early_mw={2034: 20.0}, discount_pct=100.0, **changes
    )
    return case.problem()


def test_blocks_that_take_more_of_a_side_limit_later_cannot_wait():
    problem = years()
    assert problem.blocks_max.tolist() == [1, 4]
    same = with_cap(problem, "a", np.zeros(2), np.array([1.0, 1.0]), 4.0)
    assert same.blocks_max.tolist() == [1, 4]
    later = with_cap(problem, "a", np.zeros(2), np.array([1.0, 2.0]), 4.0)
    assert later.blocks_max.tolist() == [4, 4]
    assert (later.ahead_blocks == NO_LIMIT).all()


def test_an_objective_that_asks_for_more_later_lets_nothing_wait():
    problem = years()
    assert with_objective(problem, np.zeros(2), np.array([2.0, 1.0])).blocks_max.tolist() == [1, 4]
    assert with_objective(problem, np.zeros(2), np.array([1.0, 2.0])).blocks_max.tolist() == [4, 4]
