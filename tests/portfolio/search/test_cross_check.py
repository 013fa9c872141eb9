"""The plan is solved again in a second way, and a solver that lies is found out."""

from dataclasses import replace

import numpy as np
import pytest

from siteopt.errors import SolverError
from siteopt.portfolio import solve
from siteopt.portfolio.search import cross_check as module
from siteopt.portfolio.search.cross_check import cross_check
from siteopt.portfolio.solver.backends import solve_by
from siteopt.portfolio.solver.result import Result
from tests.portfolio.instances import wide_case, with_solver
from tests.portfolio.random_cases import LIMITS, PLANNED, random_case
from tests.portfolio.test_answer import answer


@pytest.fixture(scope="module")
def planned():
    case = random_case(PLANNED, LIMITS)
    problem = case.problem()
    return problem, solve(problem, case.scenario.solver), case.scenario.solver


@pytest.mark.parametrize(
    ("asked", "said"), [("highs", "CBC"), ("cbc", "HiGHS")], ids=["by CBC", "by HiGHS"]
)
def test_the_other_solver_proves_the_same_plan(asked, said):
    case = with_solver(wide_case(3), name=asked)
    problem = case.problem()
    plan = solve(problem, case.scenario.solver)
    found = cross_check(problem, plan, case.scenario.solver, seconds=60)
    assert found.result == "agrees"
    assert found.solver.startswith(said)
    assert found.objective == pytest.approx(plan.objective, rel=2e-6)
    assert plan.chosen(problem).size <= found.options <= problem.options


def test_highs_without_presolve_is_asked_where_cbc_would_take_long(planned, monkeypatch):
    monkeypatch.setattr(module, "_CBC_MOST", 1)
    found = cross_check(*planned)
    assert found.result == "agrees"
    assert found.solver.endswith("presolve off")


def test_a_program_that_is_too_large_is_not_solved_again(planned, monkeypatch):
    monkeypatch.setattr(module, "_MOST", 1)
    monkeypatch.setattr(module, "solve_by", None)
    found = cross_check(*planned)
    assert (found.result, found.solver, found.objective) == ("too large", "", None)


def test_highs_is_asked_where_there_is_no_cbc(planned, monkeypatch):
    def broken(name, *rest, **options):
        if name == "cbc":
            raise SolverError("CBC failed")
        return solve_by(name, *rest, **options)

    monkeypatch.setattr(module, "solve_by", broken)
    assert cross_check(*planned).solver.endswith("presolve off")


def lying(monkeypatch, lie):
    """Make the second solver say something else."""

    def solver(name, *rest, **options):
        return lie(solve_by(name, *rest, **options))

    monkeypatch.setattr(module, "solve_by", solver)


def test_a_cheaper_plan_of_another_solver_is_an_error(planned, monkeypatch):
    def nothing_to_build(found):
        return replace(found, incumbent=np.zeros_like(found.incumbent), objective=0.0, bound=0.0)

    lying(monkeypatch, nothing_to_build)
    with pytest.raises(SolverError, match=r"finds a plan at 0\.000000, below the proven bound"):
        cross_check(*planned)


@pytest.mark.parametrize("status", ["infeasible", "cutoff"])
def test_no_plan_at_all_by_another_solver_is_an_error(planned, monkeypatch, status):
    lying(monkeypatch, lambda *_: Result(status, None, np.inf, np.inf, 0.0))
    with pytest.raises(SolverError, match="proves that no plan is as good"):
        cross_check(*planned)


def test_a_plan_that_is_not_the_best_is_found_out(planned):
    problem, plan, settings = planned
    wrong = replace(plan, bound=plan.bound + 1.0, objective=plan.objective + 1.0)
    with pytest.raises(SolverError, match="below the proven bound"):
        cross_check(problem, wrong, settings)


def test_time_that_runs_out_settles_nothing(planned, monkeypatch):
    lying(monkeypatch, lambda *_: Result("unknown", None, np.inf, -np.inf, 5.0))
    found = cross_check(*planned)
    assert (found.result, found.objective, found.bound) == ("not settled", None, None)


def test_the_answer_says_who_checked_it():
    case = random_case(PLANNED, [limit for limit in LIMITS if limit != "flows"])
    checked = answer(case).plan.checked_by
    assert checked["result"] == "agrees"
    assert checked["solver"].startswith("CBC")
