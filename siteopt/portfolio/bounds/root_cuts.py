"""Root cuts: the cutting planes that HiGHS finds at the root node of its branch and cut.

They rest on a cutoff and on no solution, so each holds for every plan below the cutoff.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from siteopt.highs import run_highs
from siteopt.portfolio import constraints
from siteopt.portfolio.solver.backends import PROOF_ONLY, handle
from siteopt.portfolio.solver.mip import Arrays, plan_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Floats, Ints
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["rows_of", "stack", "with_root_cuts"]

_LOCK, _LOCK_SEED = 40, 7  # variables of the lock that keeps HiGHS from rounding, and their seed


def with_root_cuts(
    small: Problem, arrays: Arrays, cutoff: float, plans: Sequence[Ints], seconds: float
) -> Arrays:
    """Return a program with the cutting planes that HiGHS finds at the root."""
    found = _root(_locked(arrays), cutoff, seconds)
    if found is None:
        return arrays
    cuts, lower, upper = found
    rows = constraints.all_rows(small)
    for blocks in plans:
        values = plan_values(small, rows, blocks)
        left = np.asarray(cuts @ values)
        slack = 1e-6 * (1.0 + np.asarray(abs(cuts) @ np.abs(values)))
        if np.any(left < lower - slack) or np.any(left > upper + slack):
            return arrays
    return stack(arrays, cuts, lower, upper)


def rows_of(arrays: Arrays, rows: Ints) -> Arrays:
    """Return a program with only some rows."""
    return replace(
        arrays,
        matrix=sparse.csc_array(sparse.csr_array(arrays.matrix)[rows]),
        row_lower=arrays.row_lower[rows],
        row_upper=arrays.row_upper[rows],
    )


def stack(arrays: Arrays, matrix: Any, lower: Floats, upper: Floats) -> Arrays:  # noqa: ANN401
    """Return a program with further rows."""
    return replace(
        arrays,
        matrix=sparse.csc_array(sparse.vstack([arrays.matrix, matrix])),
        row_lower=np.concatenate([arrays.row_lower, lower]),
        row_upper=np.concatenate([arrays.row_upper, upper]),
    )


def _locked(arrays: Arrays) -> Arrays:
    """Return a program with a lock beside it, so that no rounding finds a solution at the root.

    The lock is a subset sum, sum of key_j z_j = half of them, over variables of its own that meet
    no other row: it has a solution, so the program has the same ones, but one that nobody rounds
    to.
    """
    key = np.random.default_rng(_LOCK_SEED).integers(10**6, 10**7, _LOCK).astype(np.float64)
    row = sparse.csc_array(key[None, :])
    return Arrays(
        cost=np.concatenate([arrays.cost, np.zeros(_LOCK)]),
        lower=np.concatenate([arrays.lower, np.zeros(_LOCK)]),
        upper=np.concatenate([arrays.upper, np.ones(_LOCK)]),
        integer=np.concatenate([arrays.integer, np.ones(_LOCK, dtype=np.bool_)]),
        matrix=sparse.csc_array(sparse.block_diag([arrays.matrix, row])),
        row_lower=np.append(arrays.row_lower, key[::2].sum()),
        row_upper=np.append(arrays.row_upper, key[::2].sum()),
    )


def _root(
    locked: Arrays, cutoff: float, seconds: float
) -> tuple[sparse.csr_array[np.float64], Floats, Floats] | None:
    """Return the cutting planes of the root (matrix, lower, upper) that hold below the cutoff.

    None where there are none, or where HiGHS has a solution below the cutoff after all: from then
    on it may cut off plans that are no better than that one.
    """
    pools: list[Any] = []

    def take(event: Any) -> None:  # noqa: ANN401 - a callback of HiGHS
        data = event.data_out
        shape = (int(data.cutpool_num_cut), int(data.cutpool_num_col))
        starts = np.append(np.array(data.cutpool_start)[: shape[0]], len(data.cutpool_value))
        matrix = (np.array(data.cutpool_value), np.array(data.cutpool_index), starts)
        sides = (np.array(data.cutpool_lower), np.array(data.cutpool_upper))
        pools.append((shape, matrix, sides, float(data.mip_primal_bound)))

    highs = handle(
        locked,
        threads=1,
        presolve="off",
        mip_max_nodes=1,
        mip_rel_gap=0.0,
        mip_abs_gap=1e-7,
        objective_bound=cutoff,
        time_limit=seconds,
        mip_heuristic_run_zi_round=False,
        mip_heuristic_run_shifting=False,
        **PROOF_ONLY,
    )
    highs.cbMipGetCutPool.subscribe(take)
    run_highs(highs)
    clean = [pool for pool in pools if pool[3] >= cutoff]
    if not clean:
        return None
    shape, matrix, (lower, upper), _ = clean[-1]
    if shape[0] == 0 or shape[1] != len(locked.cost):
        return None
    cuts = sparse.csr_array(matrix, shape=shape)
    own = np.flatnonzero(abs(cuts[:, -_LOCK:]).sum(axis=1) == 0)  # not on the lock
    return sparse.csr_array(cuts[own][:, :-_LOCK]), lower[own], upper[own]
