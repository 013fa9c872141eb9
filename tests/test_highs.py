"""HiGHS handles: the pool of threads is one for the process."""

from concurrent.futures import ThreadPoolExecutor

import highspy
import numpy as np
import pytest
from scipy import sparse

from siteopt.errors import SolverError
from siteopt.highs import highs_version, new_highs, new_model, run_highs, solve_warm


def solved(threads):
    """Solve max x + y over x + 2 y <= 4, x <= 3 with a number of threads."""
    highs = new_highs(threads=threads)
    highs.addVars(2, np.zeros(2), np.array([3.0, np.inf]))
    highs.changeColsCost(2, np.arange(2, dtype=np.int32), np.array([-1.0, -1.0]))
    highs.addRow(-np.inf, 4.0, 2, np.arange(2, dtype=np.int32), np.array([1.0, 2.0]))
    highs.run()
    return highs.getModelStatus(), highs.getObjectiveValue()


def test_handles_of_any_number_of_threads_solve_one_after_the_other():
    # Without a new pool the second of two sizes returns "Not Set" and has solved nothing.
    for threads in (1, 2, 1, 2, 2, 1):
        assert solved(threads) == (highspy.HighsModelStatus.kOptimal, -3.5)


def test_handles_that_are_kept_solve_beside_others():
    one, two = (two_rows(threads=threads) for threads in (1, 2))
    for highs in (one, two, one, two):
        run_highs(highs)
        assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        highs.clearSolver()


def test_every_calling_thread_has_a_pool_of_its_own():
    # A size that another thread asked for last is not that of this one.
    assert solved(1)[0] == highspy.HighsModelStatus.kOptimal
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(solved, 2).result()[0] == highspy.HighsModelStatus.kOptimal
    assert solved(2)[0] == highspy.HighsModelStatus.kOptimal


def test_options_are_passed_and_nothing_is_printed(capfd):
    highs = new_highs(mip_rel_gap=0.25)
    assert highs.getOptionValue("mip_rel_gap") == (highspy.HighsStatus.kOk, 0.25)
    highs.run()
    assert not capfd.readouterr().out


def test_the_version_is_one_that_finds_true_optima():
    # 1.14.0 returns wrong optima.
    assert tuple(int(part) for part in highs_version().split(".")) >= (1, 15, 1)


def two_rows(**changed):
    """Return max x + y over x + 2 y <= 4, x <= 3 as arrays."""
    arrays = {
        "cost": np.array([-1.0, -1.0]),
        "lower": np.zeros(2),
        "upper": np.array([3.0, np.inf]),
        "matrix": sparse.csc_array(np.array([[1.0, 2.0]])),
        "row_lower": np.array([-np.inf]),
        "row_upper": np.array([4.0]),
    }
    return new_model(**(arrays | changed))


def test_a_program_given_as_arrays_is_solved_and_solved_again():
    highs = two_rows()
    solve_warm(highs, "example")
    assert highs.getObjectiveValue() == -3.5
    highs.changeColBounds(0, 0.0, 1.0)
    solve_warm(highs, "example")
    assert highs.getObjectiveValue() == -2.5


def test_variables_may_be_whole():
    highs = two_rows(integer=np.array([False, True]))
    highs.run()
    assert highs.getObjectiveValue() == -3.0


def test_a_program_without_an_optimum_is_named():
    with pytest.raises(SolverError, match="example: Infeasible; an optimal value was expected"):
        solve_warm(two_rows(row_upper=np.array([-1.0])), "example")
