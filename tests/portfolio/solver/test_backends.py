"""What leaves the solvers: only what was proven, and only values that were checked."""

from dataclasses import replace

import numpy as np
import pulp
import pytest
from scipy import sparse

from siteopt.errors import SolverError
from siteopt.portfolio.solver.backends import (
    Limits,
    handle,
    solve_arrays,
    solve_by,
    solver_version,
)
from siteopt.portfolio.solver.mip import Arrays, program_arrays
from tests.portfolio.instances import Place, make_case
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import LIMITS, PLANNED, random_case

NAMES = ("highs", "cbc")


def program(cost, rows, lower, upper, most=1.0):
    """Return min cost x over 0 <= x <= most with lower <= rows x <= upper."""
    count = len(cost)
    return Arrays(
        cost=np.array(cost, dtype=np.float64),
        lower=np.zeros(count),
        upper=np.full(count, most),
        integer=np.ones(count, dtype=np.bool_),
        matrix=sparse.csc_array(np.array(rows, dtype=np.float64).reshape(-1, count)),
        row_lower=np.array(lower, dtype=np.float64),
        row_upper=np.array(upper, dtype=np.float64),
    )


# 3 a + 5 b + 7 c >= 8 is met best by a and b, or by a and 5/7 of c.
COVER = program([3, 6, 8], [[3, 5, 7]], [8], [np.inf])


def market_split():
    """Return a program that no solver proves in minutes: split every row of numbers in half.

    The last variables take up what is missing, so that nothing chosen is a solution.
    """
    rng = np.random.default_rng(1)
    numbers = rng.integers(0, 100, (6, 50)).astype(np.float64)
    half = np.floor(numbers.sum(axis=1) / 2)
    matrix = np.hstack([numbers, np.eye(6), -np.eye(6)])
    arrays = Arrays(
        cost=np.repeat([0.0, 1.0], [50, 12]),
        lower=np.zeros(62),
        upper=np.repeat([1.0, np.inf], [50, 12]),
        integer=np.repeat([True, False], [50, 12]),
        matrix=sparse.csc_array(matrix),
        row_lower=half,
        row_upper=half,
    )
    return arrays, np.concatenate([np.zeros(50), half, np.zeros(6)])


@pytest.mark.parametrize("name", NAMES)
def test_an_optimum_comes_with_its_values_and_bound(name):
    case = random_case(PLANNED, LIMITS)
    arrays = program_arrays(case.part())
    answer = solve_by(name, arrays, Limits())
    best = all_plans(case).best()
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(best)
    assert answer.bound == pytest.approx(best, abs=1e-5)
    assert answer.bound <= answer.objective
    assert arrays.meets(answer.incumbent)
    assert arrays.cost @ answer.incumbent == pytest.approx(best)


def test_whole_numbers_are_whole_in_the_answer():
    answer = solve_arrays(COVER, Limits())
    assert (answer.status, answer.objective) == ("optimal", 9)
    assert answer.incumbent.tolist() == [1, 1, 0]


def test_a_program_without_whole_numbers_is_solved_as_it_is():
    answer = solve_arrays(replace(COVER, integer=np.zeros(3, dtype=np.bool_)), Limits())
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(3 + 8 * 5 / 7)
    assert answer.bound == answer.objective


@pytest.mark.parametrize("name", NAMES)
def test_what_the_rows_exclude_is_infeasible(name):
    arrays = program_arrays(make_case([Place(land_mw=20.0)]).part())
    answer = solve_by(name, arrays, Limits())
    assert (answer.status, answer.incumbent, answer.objective) == ("infeasible", None, np.inf)


def test_what_only_whole_numbers_exclude_is_infeasible():
    answer = solve_arrays(program([1, 1], [[2, 2]], [1], [1]), Limits())
    assert (answer.status, answer.incumbent) == ("infeasible", None)


@pytest.mark.parametrize("cutoff", [9.5, 100.0])
def test_a_cutoff_above_the_optimum_changes_nothing(cutoff):
    answer = solve_arrays(COVER, Limits(cutoff=cutoff))
    assert (answer.status, answer.objective) == ("optimal", 9)


@pytest.mark.parametrize("cutoff", [8.9, 5.0, -1.0])
def test_a_cutoff_below_the_optimum_is_all_that_is_proven(cutoff):
    answer = solve_arrays(COVER, Limits(cutoff=cutoff))
    assert answer.status == "cutoff"
    assert cutoff - 1e-9 <= answer.bound <= 9


def test_a_cutoff_on_a_program_without_solution_claims_nothing_beyond_it():
    answer = solve_arrays(program([1, 1], [[1, 1]], [3], [np.inf]), Limits(cutoff=5.0))
    assert answer.status in ("infeasible", "cutoff")
    assert answer.incumbent is None
    assert answer.bound >= 5.0


def test_after_the_time_limit_the_start_is_feasible_with_a_true_bound():
    arrays, start = market_split()
    answer = solve_arrays(arrays, Limits(seconds=0.2), start)
    assert answer.status == "feasible"
    assert arrays.meets(answer.incumbent)
    assert 0 < answer.objective <= start.sum()
    assert answer.bound < answer.objective
    # Halves of the numbers alone meet every row, so that nothing is a bound.
    assert answer.bound <= 1e-6


def test_after_the_time_limit_without_a_solution_nothing_is_known():
    split, _ = market_split()
    whole = Arrays(
        cost=split.cost[:50],
        lower=split.lower[:50],
        upper=split.upper[:50],
        integer=split.integer[:50],
        matrix=sparse.csc_array(split.matrix[:, :50]),
        row_lower=split.row_lower,
        row_upper=split.row_upper,
    )
    answer = solve_arrays(whole, Limits(seconds=0.2))
    assert (answer.status, answer.incumbent, answer.objective) == ("unknown", None, np.inf)
    assert answer.bound <= 0


def test_an_answer_within_the_gap_asked_for_counts_as_optimal():
    arrays, start = market_split()
    answer = solve_arrays(arrays, Limits(gap_abs=float(start.sum())), start)
    assert answer.status == "optimal"
    assert answer.bound <= answer.objective


def pretend(monkeypatch, status, solution_status, values):
    """Let PuLP come back with a state and values as if CBC had been run."""

    def solve(pulp_program, solver):
        del solver
        for variable, value in zip(pulp_program.variables(), values, strict=False):
            variable.varValue = value
        pulp_program.assignStatus(status, solution_status)

    monkeypatch.setattr(pulp.LpProblem, "solve", solve)


def test_a_solution_that_pulp_calls_optimal_after_a_time_limit_is_feasible_only(monkeypatch):
    # PuLP gives the state Optimal and, apart from it, the solution state integer feasible.
    arrays = program_arrays(make_case([Place()]).part())
    pretend(monkeypatch, pulp.LpStatusOptimal, pulp.LpSolutionIntegerFeasible, [1, 2, 1])
    answer = solve_by("cbc", arrays, Limits())
    assert (answer.status, answer.objective) == ("feasible", 90)
    assert answer.bound == -np.inf


def test_a_proof_of_cbc_that_took_longer_than_its_time_is_not_believed(monkeypatch):
    arrays = program_arrays(make_case([Place()]).part())
    pretend(monkeypatch, pulp.LpStatusOptimal, pulp.LpSolutionOptimal, [1, 2, 1])
    assert solve_by("cbc", arrays, Limits()).status == "optimal"
    assert solve_by("cbc", arrays, Limits(seconds=0.0)).status == "feasible"


@pytest.mark.parametrize(
    "values", [[1, 1, 1], [1, 2, 0], [0, 2, 1]], ids=["target", "not chosen", "not built"]
)
def test_values_that_break_a_row_are_no_solution(values, monkeypatch):
    arrays = program_arrays(make_case([Place()]).part())
    pretend(monkeypatch, pulp.LpStatusOptimal, pulp.LpSolutionOptimal, values)
    answer = solve_by("cbc", arrays, Limits())
    assert (answer.status, answer.incumbent) == ("unknown", None)


def test_a_solver_that_cannot_be_run_is_an_error_that_says_what_to_do(monkeypatch):
    def broken(*_):
        raise pulp.PulpSolverError("cannot execute cbc")

    monkeypatch.setattr(pulp.LpProblem, "solve", broken)
    arrays = program_arrays(make_case([Place()]).part())
    with pytest.raises(SolverError, match=r'cannot execute cbc.*use solver\.name = "highs"'):
        solve_by("cbc", arrays, Limits())


def test_another_number_of_threads_is_taken_at_once():
    # HiGHS keeps its threads for the whole process: asked for others it would not solve at all.
    for threads in (1, 2, 1, 2):
        answer = solve_arrays(COVER, Limits(threads=threads))
        assert (answer.status, answer.objective) == ("optimal", 9)


def test_a_handle_solves_again_after_a_change():
    highs = handle(program_arrays(make_case([Place()]).part()))
    highs.run()
    assert highs.getInfo().objective_function_value == pytest.approx(90)
    highs.changeColCost(0, 100.0)
    highs.run()
    assert highs.getInfo().objective_function_value == pytest.approx(180)


def test_the_version_names_the_solver():
    assert solver_version("highs").split()[0] == "HiGHS"
    assert solver_version("cbc").startswith("CBC")
