"""Rows of a constraint family over the variables of the program, and auxiliary variables of its own.

The variables of the program are, for every option, y (opens its site: 0 or 1) and n (whole blocks
that begin to run in its year), for every site w (chosen: 0 or 1), and the families' own further
ones x. A row is

    lower <= Y y + N n + W w + X x <= upper.

What runs in a year is what began in it or before (`running`), so limits on it are rows of a year.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from siteopt.limit_key import KEY_COLUMNS, LimitKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from siteopt._arrays import Floats, Ints, Matrix
    from siteopt.portfolio.problem.problem import Problem


__all__ = [
    "Extra", "Rows", "incidence", "join", "key_columns", "keys_of", "loosen", "matrix", "mean", "most_running",
    "rows", "running", "share_of_target", "split", "take", "tightest_later", "usage",
]  # fmt: skip


@dataclass(frozen=True)
class Extra:
    """A variable of a family's own."""

    name: str
    lower: float
    upper: float
    integer: bool
    cost: float = 0.0


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one family, or of several joined."""

    keys: tuple[LimitKey, ...]
    """One a row: the limit that it is."""
    lower: Floats
    upper: Floats
    y: Matrix
    n: Matrix
    w: Matrix
    x: Matrix
    extras: tuple[Extra, ...] = ()

    def __len__(self) -> int:
        return len(self.keys)

    def activity(self, blocks: Ints, problem: Problem) -> Floats:
        """Return the left side of every row for a plan, the families' own variables at 0."""
        built = problem.opened(blocks).astype(np.float64)
        chosen = np.zeros(problem.sites)
        chosen[problem.option_site[blocks > 0]] = 1.0
        left: Floats = self.y @ built + self.n @ blocks.astype(np.float64) + self.w @ chosen
        return left


def incidence(index: Ints, count: int, values: ArrayLike = 1.0) -> Matrix:
    """Return a (count, len(index)) matrix with values[j] at (index[j], j), none where -1."""
    kept = np.flatnonzero(index >= 0)
    data = np.broadcast_to(np.asarray(values, dtype=np.float64), index.shape)[kept]
    return sparse.csr_array((data, (index[kept], kept)), shape=(count, len(index)))


def running(problem: Problem, index: Ints, count: int, values: ArrayLike = 1.0) -> Matrix:
    """Return what runs of each option in each year: (count x years, O), row limit x years + year.

    Option o counts with values[o] in limit index[o] (none where -1) in its year and all later ones.
    """
    years = problem.horizon
    if years == 1:
        return incidence(index, count, values)
    known = np.flatnonzero(index >= 0)
    data = np.broadcast_to(np.asarray(values, dtype=np.float64), index.shape)[known]
    since = problem.option_year[known]
    times = years - since
    place = np.repeat(np.arange(len(known)), times)
    later = np.arange(len(place)) - np.repeat(np.cumsum(times) - times, times)
    row = index[known][place] * years + since[place] + later
    return sparse.csr_array((data[place], (row, known[place])), shape=(count * years, len(index)))


def most_running(problem: Problem, index: Ints, count: int, values: ArrayLike = 1.0) -> Floats:
    """Return the most (count, Y) that the options of each limit can use, one option a site."""
    each = np.broadcast_to(np.asarray(values, dtype=np.float64), index.shape)
    found = np.zeros((count, problem.horizon))
    for year in range(problem.horizon):
        known = np.flatnonzero((index >= 0) & (problem.option_year <= year))
        peak = each[known] * np.maximum(problem.blocks_max[known], 0)
        pair = index[known] * problem.sites + problem.option_site[known]
        pairs, place = np.unique(pair, return_inverse=True)
        most = np.full(len(pairs), -np.inf)
        np.maximum.at(most, place, peak)
        np.add.at(found[:, year], pairs // max(problem.sites, 1), most)
    return found


def keys_of(
    problem: Problem, key_in: Callable[[int, int], LimitKey], places: Iterable[int]
) -> list[LimitKey]:
    """Return the keys of limits in the order of `running`.

    Parameters
    ----------
    problem : Problem
        Whose years are planned.
    key_in : callable
        (index of the limit, year) -> key; the year is 0 in a plan of one year.
    places : iterable of int
        Rows of `running`.
    """
    years = problem.horizon
    if years == 1:
        return [key_in(int(place), 0) for place in places]
    return [key_in(int(place) // years, int(problem.years[place % years])) for place in places]


def tightest_later(limit: Floats) -> NDArray[np.bool_]:
    """Return where (L, Y) a limit on what runs is tighter than those of all later years.

    What runs never falls, so a limit that is as low in a later year holds before it as well.
    """
    later = np.full(limit.shape, np.inf)
    later[:, :-1] = np.minimum.accumulate(limit[:, :0:-1], axis=1)[:, ::-1]
    return np.asarray((limit < later) | np.isinf(limit))


def matrix(values: ArrayLike) -> Matrix:
    """Return a dense table as a matrix of rows."""
    return sparse.csr_array(np.atleast_2d(np.asarray(values, dtype=np.float64)))


def rows(  # noqa: PLR0913 - the parts of a row
    problem: Problem,
    keys: Sequence[LimitKey],
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    y: Matrix | None = None,
    n: Matrix | None = None,
    w: Matrix | None = None,
    x: Matrix | None = None,
    extras: tuple[Extra, ...] = (),
) -> Rows:
    """Return `Rows`, with parts that are not given empty and bounds broadcast."""
    count = len(keys)

    def part(matrix: Matrix | None, columns: int) -> Matrix:
        if matrix is not None:
            return matrix
        return sparse.csr_array((count, columns), dtype=np.float64)

    return Rows(
        keys=tuple(keys),
        lower=np.broadcast_to(np.asarray(lower, dtype=np.float64), (count,)).copy(),
        upper=np.broadcast_to(np.asarray(upper, dtype=np.float64), (count,)).copy(),
        y=part(y, problem.options),
        n=part(n, problem.options),
        w=part(w, problem.sites),
        x=part(x, len(extras)),
        extras=extras,
    )


def join(parts: Sequence[Rows]) -> Rows:
    """Return the rows of several families in one, their own variables side by side."""
    extras = tuple(extra for part in parts for extra in part.extras)
    own = sparse.csr_array((sum(len(part) for part in parts), 0), dtype=np.float64)
    if extras:
        own = sparse.csr_array(sparse.block_diag([part.x for part in parts]))
    return Rows(
        keys=tuple(key for part in parts for key in part.keys),
        lower=np.concatenate([part.lower for part in parts]),
        upper=np.concatenate([part.upper for part in parts]),
        y=sparse.csr_array(sparse.vstack([part.y for part in parts])),
        n=sparse.csr_array(sparse.vstack([part.n for part in parts])),
        w=sparse.csr_array(sparse.vstack([part.w for part in parts])),
        x=own,
        extras=extras,
    )


def take(rows: Rows, kept: Ints) -> Rows:
    """Return some rows, with all variables of the family's own."""
    return replace(
        rows,
        keys=tuple(rows.keys[row] for row in kept),
        lower=rows.lower[kept],
        upper=rows.upper[kept],
        y=rows.y[kept],
        n=rows.n[kept],
        w=rows.w[kept],
        x=rows.x[kept],
    )


def split(rows: Rows) -> tuple[Rows, Rows]:
    """Return the upper sides and the lower sides of rows as rows of their own."""
    above = replace(rows, lower=np.full(len(rows), -np.inf))
    below = replace(
        rows,
        upper=np.full(len(rows), np.inf),
        keys=tuple(replace(key, side="least") for key in rows.keys),
    )
    return (
        take(above, np.flatnonzero(np.isfinite(above.upper))),
        take(below, np.flatnonzero(np.isfinite(below.lower))),
    )


def share_of_target(problem: Problem) -> float:
    """Return a block as a share of the national target: what a unit of slack costs."""
    return 1.0 / max(int(problem.target_blocks[-1]), 1)


def mean(values: Floats) -> float:
    """Return the mean of positive values, 1 where there are none."""
    return max(float(np.mean(values)) if len(values) else 1.0, 1e-9)


def loosen(rows: Rows, problem: Problem, cost: ArrayLike, also: Matrix | None = None) -> Rows:
    """Return rows with a slack variable each, so that a limit can give way at a cost a unit.

    Parameters
    ----------
    rows : Rows
        Each with one finite side.
    problem : Problem
        Whose plans the slack must be large enough for.
    cost : array_like
        Cost of one unit of slack, a number or one a row.
    also : csr_array, optional
        (rows, rows): row i also gives by ``also[i, j]`` times the slack of row j.
    """
    count = len(rows)
    most = np.maximum(problem.blocks_max, 0).astype(np.float64)
    reach = abs(rows.y).sum(axis=1) + abs(rows.n) @ most + abs(rows.w).sum(axis=1)
    sides = np.where(np.isfinite(rows.lower), np.abs(rows.lower), 0.0)
    sign = np.where(np.isfinite(rows.upper), -1.0, 1.0)
    price = np.broadcast_to(np.asarray(cost, dtype=np.float64), (count,))
    slack = sparse.csr_array(sparse.diags_array(sign))
    if also is not None:
        slack = sparse.csr_array(slack - also)
    extras = tuple(
        Extra("slack", 0.0, float(reach[row] + sides[row]), integer=False, cost=price[row])
        for row in range(count)
    )
    return Rows(
        keys=rows.keys,
        lower=rows.lower,
        upper=rows.upper,
        y=rows.y,
        n=rows.n,
        w=rows.w,
        x=sparse.csr_array(sparse.hstack([rows.x, slack])),
        extras=(*rows.extras, *extras),
    )


def usage(
    keys: Sequence[LimitKey],
    used: ArrayLike,
    unit: str,
    *,
    at_least: ArrayLike = -np.inf,
    at_most: ArrayLike = np.inf,
) -> pd.DataFrame:
    """Return what a family reports: one row a limit, with what is used of it.

    The fields of `LimitKey` as columns, ``used``, ``at_least``, ``at_most``, ``unit``, ``slack``
    (to the nearer bound) and ``binds``.
    """
    count = len(keys)
    used, at_least, at_most = (
        np.broadcast_to(np.asarray(value, dtype=np.float64), (count,))
        for value in (used, at_least, at_most)
    )
    with np.errstate(invalid="ignore"):  # no limit and nothing used of it
        slack = np.minimum(used - at_least, at_most - used)
    return key_columns(keys).assign(
        used=used,
        at_least=at_least,
        at_most=at_most,
        unit=pd.Series([unit] * count, dtype=str),
        slack=slack,
        binds=slack <= 1e-6 * np.maximum(1.0, np.abs(used)),
    )


def key_columns(keys: Sequence[LimitKey]) -> pd.DataFrame:
    """Return a table with a row a key and its fields as columns."""
    kinds = {"voltage_kv": np.float64, "year": np.int64, "more": np.int64, "branches": object}
    columns: dict[str, pd.Series[Any]] = {
        name: pd.Series([getattr(key, name) for key in keys], dtype=kinds.get(name, str))
        for name in KEY_COLUMNS
    }
    return pd.DataFrame(columns)
