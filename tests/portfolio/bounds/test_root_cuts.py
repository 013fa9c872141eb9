"""What HiGHS finds at its root: the lock beside the program takes no plan from it."""

import numpy as np
import pytest

from siteopt.portfolio.bounds import root_cuts
from siteopt.portfolio.solver.backends import Limits, solve_arrays
from siteopt.portfolio.solver.mip import program_arrays, whole_blocks
from tests.portfolio.instances import wide_case

SLACK = 1e-5


@pytest.mark.parametrize("seed", [3, 44, 224])
def test_the_lock_leaves_every_plan_and_meets_no_row_of_the_program(seed):
    # Solutions with the lock are those without it, each with any subset of half the sum beside it.
    part = wide_case(seed, 30, 360.0).part()
    arrays = program_arrays(part)
    locked = root_cuts._locked(arrays)
    best = solve_arrays(arrays, Limits()).incumbent
    own = len(arrays.cost)
    key = locked.matrix[[-1], own:].toarray().ravel()
    assert locked.matrix[:-1, own:].nnz == 0
    assert locked.matrix[[-1], :own].nnz == 0
    half = np.arange(len(key)) % 2 == 0
    whole = np.concatenate([best, half])
    assert locked.row_lower[-1] == locked.row_upper[-1] == key @ half
    assert np.all(locked.matrix @ whole >= locked.row_lower - SLACK)
    assert np.all(locked.matrix @ whole <= locked.row_upper + SLACK)
    assert locked.cost @ whole == pytest.approx(part.worth(whole_blocks(part, best)), abs=SLACK)
    # No single variable, nor the first ones in turn, add up to it: nothing rounds to a solution.
    assert key.sum() != 2 * key @ half
    assert key @ half not in set(np.cumsum(key)) | set(np.cumsum(np.sort(key)))
