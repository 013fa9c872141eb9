"""Weight space: weights drawn uniformly from the simplex, or from a part of it.

Scrambled Sobol points (Owen 1998; `scipy.stats.qmc`) mapped to the simplex by the spacings of
ordered uniforms, which keep volume. Order and intervals after Tervonen and Lahdelma (2007),
"Implementing stochastic multicriteria acceptability analysis", European Journal of Operational
Research 178.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = ["draw_weights"]

_Floats: TypeAlias = "NDArray[np.float64]"

_BLOCK: Final = 2**13
_TRIES_MAX: Final = 2**21
"""Points looked at before the part of the simplex counts as too thin."""
_SLACK: Final = 1e-12


class _Space(NamedTuple):
    """Where weights may be: between bounds, and in weakly falling order of places."""

    low: _Floats
    high: _Floats
    places: list[list[int]]


def draw_weights(  # noqa: PLR0913 - each by its name
    n_criteria: int,
    draws: int,
    *,
    seed: int = 0,
    low: Sequence[float] | None = None,
    high: Sequence[float] | None = None,
    order: Sequence[Sequence[int]] | None = None,
) -> NDArray[np.float64]:
    """Draw weights uniformly from the simplex, within intervals and an order where stated.

    Parameters
    ----------
    n_criteria : int
        Number of criteria.
    draws : int
        Number of draws.
    seed : int
        Seed of the scrambling; the same seed gives the same weights.
    low, high : sequence of float, optional
        Least and largest weight of each criterion; 0 and 1 by default.
    order : sequence of sequences of int, optional
        Places from the most to the least important, each with its criteria by number; between the
        criteria of a place no order is stated, nor for criteria that no place names.

    Returns
    -------
    ndarray of float64
        Shape (draws, n_criteria); every row sums to 1.

    Raises
    ------
    ScenarioError
        If no weights are within the intervals, only one set is (no spread), or so few that they
        are not found.

    Examples
    --------
    >>> from siteopt.multicriteria import draw_weights
    >>> drawn = draw_weights(3, 8, order=[[0], [1, 2]])
    >>> drawn.shape, bool((drawn[:, 0] >= drawn[:, 1:].max(axis=1)).all())
    ((8, 3), True)
    """
    space = _Space(
        np.zeros(n_criteria) if low is None else np.asarray(low, dtype=np.float64),
        np.ones(n_criteria) if high is None else np.asarray(high, dtype=np.float64),
        [list(place) for place in order or []],
    )
    _check(space, draws)
    free = np.flatnonzero(space.high - space.low > _SLACK)
    out = np.repeat(space.low[None, :], draws, axis=0)
    if n_criteria == 1:
        return np.ones((draws, 1))
    out[:, free] = _drawn(space, free, draws, seed)
    return out


def _check(space: _Space, draws: int) -> None:
    if draws < 1:
        raise ScenarioError(f"{draws} draws; at least 1 is needed")
    for number, (least, most) in enumerate(zip(space.low, space.high, strict=True), start=1):
        if not 0.0 <= least <= most <= 1.0:
            raise ScenarioError(
                f"interval of criterion {number} is {least:g} to {most:g}; 0 <= low <= high <= 1 "
                "is needed"
            )
    least, most = float(space.low.sum()), float(space.high.sum())
    if least > 1.0 + _SLACK or most < 1.0 - _SLACK:
        raise ScenarioError(
            f"intervals add up to {least:g} at their low and {most:g} at their high ends; weights "
            "sum to 1, so that must be between"
        )
    if len(space.low) > 1 and (
        least > 1.0 - _SLACK or most < 1.0 + _SLACK or (space.high - space.low).max() <= _SLACK
    ):
        raise ScenarioError(
            "intervals leave one set of weights only, so that there is no spread to draw from; "
            "widen them"
        )


def _drawn(space: _Space, free: NDArray[np.int64], draws: int, seed: int) -> _Floats:
    """Return draws of the free weights, by acceptance and rejection from the smallest body."""
    from scipy.stats.qmc import Sobol  # noqa: PLC0415 - loads scipy's statistics

    engine = Sobol(len(free) - 1, scramble=True, seed=seed)
    body = _smallest_body(space, free)
    size = 1 << max(0, math.ceil(math.log2(draws)))
    found: list[_Floats] = []
    count = tries = 0
    while count < draws:
        block = size if not tries else max(size, _BLOCK)
        drawn = body(engine.random(block))
        drawn = drawn[_is_inside(drawn, space, free)]
        found.append(drawn)
        count, tries = count + len(drawn), tries + block
        if count < draws and tries >= _TRIES_MAX:
            raise ScenarioError(
                f"intervals and order leave so few weights that {tries} points hit {count} of the "
                f"{draws} draws; widen the intervals, or ask for fewer draws"
            )
    return np.concatenate(found)[:draws]


def _smallest_body(space: _Space, free: NDArray[np.int64]) -> Callable[[_Floats], _Floats]:
    """Return the map from the cube to the smallest of the simple bodies that hold the space.

    Volumes are those of the projection that leaves one free weight out.
    """
    n = len(free)
    low, high = space.low[free], space.high[free]
    rest = 1.0 - np.delete(space.low, free).sum()
    room, lack = rest - low.sum(), high.sum() - rest
    widest = int(np.argmax(high - low))
    others = np.delete(np.arange(n), widest)
    sides = (high - low)[others]

    def box(points: _Floats) -> _Floats:
        out = np.empty((len(points), n))
        out[:, others] = low[others] + sides * points
        out[:, widest] = rest - out[:, others].sum(axis=1)
        return out

    log_factorial = math.lgamma(n)
    bodies: list[tuple[float, Callable[[_Floats], _Floats]]] = [
        ((n - 1) * math.log(room) - log_factorial, lambda points: low + room * _simplex(points)),
        ((n - 1) * math.log(lack) - log_factorial, lambda points: high - lack * _simplex(points)),
        (float(np.log(sides).sum()), box),
    ]
    if space.places and n == len(space.low):
        orders = math.lgamma(1 + sum(map(len, space.places)))
        orders -= sum(math.lgamma(1 + len(place)) for place in space.places)
        bodies.append(
            (-log_factorial - orders, lambda points: _in_order(_simplex(points), space.places))
        )
    return min(bodies, key=lambda body: body[0])[1]


def _is_inside(drawn: _Floats, space: _Space, free: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which draws keep the bounds and the order."""
    bounded = (drawn >= space.low[free] - _SLACK) & (drawn <= space.high[free] + _SLACK)
    kept = [bounded.all(axis=1)]
    whole = np.repeat(space.low[None, :], len(drawn), axis=0)
    whole[:, free] = drawn
    for upper, under in itertools.pairwise(space.places):
        least, most = whole[:, upper].min(axis=1), whole[:, under].max(axis=1)
        kept.append(least >= most - _SLACK)
    return np.asarray(np.stack(kept).all(axis=0), dtype=np.bool_)


def _simplex(points: _Floats) -> _Floats:
    """Return points of the cube as points of the simplex: the gaps between sorted coordinates."""
    ends = np.sort(points, axis=1)
    return np.diff(ends, axis=1, prepend=0.0, append=1.0)


def _in_order(weights: _Floats, places: list[list[int]]) -> _Floats:
    """Return weights handed on among the ordered criteria, so that every place has its due.

    All orders of the criteria have the same volume, so a draw stays uniform on those that keep
    the stated one: the largest weights go to the first place, and within a place the criteria
    keep the order among themselves that they were drawn in.
    """
    named = [number for place in places for number in place]
    out = weights.copy()
    sorted_down = -np.sort(-weights[:, named], axis=1)
    begin = 0
    for place in places:
        own = sorted_down[:, begin : begin + len(place)]
        ranks = np.argsort(np.argsort(-weights[:, place], axis=1), axis=1)
        out[:, place] = np.take_along_axis(own, ranks, axis=1)
        begin += len(place)
    return out
