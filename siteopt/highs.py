"""HiGHS handles, all made here.

HiGHS keeps one pool of threads for the whole process, of the size that was asked for first. A
handle that asks for another size returns from ``run`` at once, with the status "Not Set" and
nothing solved; so the pool is started anew wherever the size changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import highspy
import numpy as np

from siteopt.errors import SolverError

if TYPE_CHECKING:
    from scipy import sparse

    from siteopt._arrays import Bools, Floats

__all__ = ["end_threads", "highs_version", "new_highs", "new_model", "solve_warm"]

_pool = {"threads": 0}
"""Size of the pool of this process, 0 before its first use."""


def end_threads() -> None:
    """End the pool of threads; the next handle starts one.

    A copy of a process (fork) has none of its threads, and would wait for those of a pool for ever.
    """
    highspy.Highs.resetGlobalScheduler(True)  # noqa: FBT003 - HiGHS takes it so
    _pool["threads"] = 0


def new_highs(*, threads: int = 1, **options: Any) -> highspy.Highs:  # noqa: ANN401
    """Return a silent handle.

    Parameters
    ----------
    threads : int
        Processor cores.
    **options
        Options of HiGHS by name.
    """
    if _pool["threads"] not in (0, threads):
        highspy.Highs.resetGlobalScheduler(True)  # noqa: FBT003 - HiGHS takes it so
    _pool["threads"] = threads
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in {"output_flag": False, "threads": threads, **options}.items():
        highs.setOptionValue(name, value)
    return highs


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
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        highs.clearSolver()
        highs.run()
    status = highs.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        name = highs.modelStatusToString(status)
        raise SolverError(f"{what}: {name}; an optimal value was expected")


def highs_version() -> str:
    """Return the version of HiGHS."""
    return str(new_highs().version())
