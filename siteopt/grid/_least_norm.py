"""Least-norm point of the optimal face: a tie-break that no order of rows can change.

A linear or convex quadratic program may have many optimal points, and which of them a solver stops
at hangs on the order of its rows. By complementary slackness with any optimal prices, a point is
optimal if and only if it is feasible, columns and rows with a price stay at the bound they are at,
and quadratic columns keep their value. Among these points the one with the least sum of weighted
squares is unique.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import clarabel
import numpy as np
from scipy import sparse

from siteopt.errors import SolverError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from siteopt._arrays import Floats

    Flags = NDArray[np.bool_]

__all__ = ["Program", "least_norm_point", "least_squares", "new_settings", "null_space"]

_TIGHT: Final = 1e-10
"""Tolerance of the solver: three more digits than its results are given with."""

_ROUNDS: Final = 100


@dataclass(frozen=True, eq=False)
class Program:
    """The points between bounds and rows, K columns.

    Attributes
    ----------
    low, high : ndarray, shape (K,)
        Bounds of the columns.
    equal : ndarray, shape (E, K)
        Rows with one value.
    right : ndarray, shape (E,)
        Their values.
    rows : ndarray, shape (R, K)
        Rows with two sides.
    row_low, row_high : ndarray, shape (R,)
        Their sides.
    """

    low: Floats
    high: Floats
    equal: Floats
    right: Floats
    rows: Floats
    row_low: Floats
    row_high: Floats

    def around(self, point: Floats, free: Flags, tied: Flags) -> Program:
        """Return the program restricted to the columns that may move.

        Rows that are ``tied`` keep their value at the point. Where the point is a trifle beyond a
        bound, the bound is what it has, so that the point itself is in the program.

        Parameters
        ----------
        point : ndarray of float64
            Optimal point, shape (K,).
        free : Flags
            Columns (K,) that may move.
        tied : Flags
            Rows (R,) that stay at the side they are at.
        """
        rest = point.copy()
        rest[free] = 0.0
        value, moved = self.rows @ point, self.rows @ rest
        equal = np.vstack([self.equal, self.rows[tied]])[:, free]
        right = np.concatenate([self.equal @ point - self.equal @ rest, (value - moved)[tied]])
        return Program(
            np.minimum(self.low, point)[free],
            np.maximum(self.high, point)[free],
            equal,
            right,
            self.rows[~tied][:, free],
            (np.minimum(self.row_low, value) - moved)[~tied],
            (np.maximum(self.row_high, value) - moved)[~tied],
        )


def new_settings(*, tight: bool) -> clarabel.DefaultSettings:
    """Return settings of the interior-point solver: quiet, one thread."""
    settings = clarabel.DefaultSettings()
    settings.verbose, settings.max_threads = False, 1
    if tight:
        settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = _TIGHT
    return settings


def null_space(rows: Floats, least: float) -> Floats:
    """Return directions (K, ways) along which no row moves by more than ``least``.

    Unlike scipy's, which measures against the largest row: all of them may be dust.

    Parameters
    ----------
    rows : ndarray of float64
        Matrix of rows, shape (R, K).
    least : float
        Singular values up to this one count as zero.
    """
    _, size, directions = np.linalg.svd(rows)
    ways: Floats = directions[int((size > least).sum()) :].T
    return ways


def least_squares(program: Program, weight: Floats) -> Floats:
    """Return the point with the least sum of ``weight`` times square.

    Parameters
    ----------
    program : Program
        Bounds and rows.
    weight : ndarray of float64
        Weights of the squares, shape (K,).

    Raises
    ------
    SolverError
        If none is found.
    """
    size = np.maximum(np.maximum(np.abs(program.low), np.abs(program.high)), 1e-9)
    size = np.where(np.isfinite(size), size, 1.0)  # columns count as shares of what they can be
    curve = weight * size**2
    curve /= max(float(curve.max(initial=0.0)), 1e-30)
    one = np.eye(len(size))
    sides, ends = [program.equal * size], [program.right]
    for rows, right in (
        (program.rows * size, program.row_high), (-program.rows * size, -program.row_low),
        (one, program.high / size), (-one, -program.low / size),
    ):  # fmt: skip
        kept = np.isfinite(right)
        sides.append(rows[kept])
        ends.append(right[kept])
    cones = [
        clarabel.ZeroConeT(len(program.right)),
        clarabel.NonnegativeConeT(sum(len(right) for right in ends[1:])),
    ]
    for tight in (True, False):
        found = clarabel.DefaultSolver(
            sparse.csc_matrix(sparse.diags_array(2.0 * curve)),
            np.zeros(len(size)),
            sparse.csc_matrix(np.vstack(sides)),
            np.concatenate(ends),
            cones,
            new_settings(tight=tight),
        ).solve()
        if found.status in {clarabel.SolverStatus.Solved, clarabel.SolverStatus.AlmostSolved}:
            out: Floats = np.clip(np.array(found.x) * size, program.low, program.high)
            return out
    raise SolverError(f"evenly spread answer: {found.status}; an optimal one was expected")


def least_norm_point(
    build: Callable[[], tuple[Program, Flags]],
    point: Floats,
    free: Flags,
    weight: Floats,
    more_rows: Callable[[Floats], bool],
) -> Floats:
    """Return the evenly spread one of all points that are as good as one that is given.

    Parameters
    ----------
    build : callable
        Returns the program and which of its rows have a price.
    point : ndarray, shape (K,)
        An optimal point.
    free : ndarray, shape (K,)
        Which columns may move: no price and no curve.
    weight : ndarray, shape (K,)
        Weight of the squares, above 0.
    more_rows : callable
        Given a point, lets ``build`` know of rows that it breaks; False where there are none.

    Raises
    ------
    SolverError
        If no end is found.
    """
    for _ in range(_ROUNDS):
        program, tied = build()
        out = point.copy()
        out[free] = least_squares(program.around(point, free, tied), weight[free])
        if not more_rows(out):
            return out
    raise SolverError(
        "evenly spread answer: limits are still broken after many rounds; report this"
    )
