"""HiGHS handles, all made here.

HiGHS keeps one pool of threads for every thread that calls it, of the size that was asked for first. A
handle that asks for another size returns from ``run`` at once, with the status "Not Set" and
nothing solved; so the pool is started anew wherever the size changes, between handles that are kept
as well (:func:`run_highs`).
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np

from siteopt.errors import SolverError

if TYPE_CHECKING:
    from scipy import sparse

    from siteopt._arrays import Bools, Floats

__all__ = ["end_threads", "highs_version", "new_highs", "new_model", "run_highs", "solve_warm"]


class _Pool(threading.local):
    """Size of the pool of the thread that asks, 0 before its first use."""

    threads = 0


_pool = _Pool()


def end_threads() -> None:
    """End the pool of threads; the next handle starts one.

    A copy of a process (fork) has none of its threads, and would wait for those of a pool for ever.
    """
    highspy.Highs.resetGlobalScheduler(True)  # noqa: FBT003 - HiGHS takes it so
    _pool.threads = 0


def new_highs(*, threads: int = 1, **options: Any) -> highspy.Highs:  # noqa: ANN401
    """Return a silent handle.

    Parameters
    ----------
    threads : int
        Processor cores.
    **options
        Options of HiGHS by name.
    """
    _want_pool(threads)
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in {"output_flag": False, "threads": threads, **options}.items():
        highs.setOptionValue(name, value)
    return highs


def run_highs(highs: highspy.Highs) -> None:
    """Run a handle, whatever other handles were made or run since it was made.

    Parameters
    ----------
    highs : Highs
        Of :func:`new_highs`.
    """
    _want_pool(int(highs.getOptionValue("threads")[1]))
    highs.run()


def _want_pool(threads: int) -> None:
    """Start the pool of threads anew where it has another size."""
    if _pool.threads not in {0, threads}:
        highspy.Highs.resetGlobalScheduler(True)  # noqa: FBT003 - HiGHS takes it so
    _pool.threads = threads


def new_model(  # noqa: PLR0913 - the parts of one program, by name
    *,
    cost: Floats,
    lower: Floats,
    upper: Floats,
    matrix: sparse.csc_array[np.float64],
    row_lower: Floats,
    row_upper: Floats,
    integer: Bools | None = None,
    **options: Any,  # noqa: ANN401 - HiGHS options
) -> highspy.Highs:
    """Return a silent handle that holds a program, for solving it again and again.

    The program is min cost x, row_lower <= matrix x <= row_upper, lower <= x <= upper.

    Parameters
    ----------
    cost, lower, upper : ndarray, shape (columns,)
        Costs and bounds of the variables.
    matrix : csc_array, shape (rows, columns)
        Coefficients.
    row_lower, row_upper : ndarray, shape (rows,)
        Sides of the rows.
    integer : ndarray of bool, shape (columns,), optional
        Which variables are whole; none by default.
    **options
        As of :func:`new_highs`.

    Raises
    ------
    SolverError
        If HiGHS refuses the program.
    """
    highs = new_highs(**options)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(cost), len(row_lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, lower, upper
    lp.row_lower_, lp.row_upper_ = row_lower, row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.data
    if integer is not None and integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in integer]
    if highs.passModel(lp) == highspy.HighsStatus.kError:
        raise SolverError("HiGHS refused the model; this is a defect, please report it")
    return highs


def solve_warm(highs: highspy.Highs, what: str) -> None:
    """Solve a linear program from its last basis, or from scratch where that basis is singular.

    Parameters
    ----------
    highs : Highs
        Handle with the program.
    what : str
        What the program is, for the message.

    Raises
    ------
    SolverError
        If there is no optimum.
    """
    run_highs(highs)
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        highs.clearSolver()
        run_highs(highs)
    status = highs.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        name = highs.modelStatusToString(status)
        raise SolverError(f"{what}: {name}; an optimal value was expected")


def highs_version() -> str:
    """Return the version of HiGHS."""
    return str(new_highs().version())
