"""Weight space: weights drawn uniformly from the simplex, or from a part of it.

Scrambled Sobol points (Owen 1998; `scipy.stats.qmc`) mapped to the simplex by the spacings of
ordered uniforms, which keep volume. Order and intervals after Tervonen and Lahdelma (2007),
"Implementing stochastic multicriteria acceptability analysis", European Journal of Operational
Research 178.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.stats.qmc import Sobol

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
    if n_criteria == 1:
        return np.ones((draws, 1))
    return _drawn(space, draws, seed)


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


def _drawn(space: _Space, draws: int, seed: int) -> _Floats:
    """Return draws by acceptance and rejection from the smallest simple body around the space."""
    from scipy.stats.qmc import Sobol  # noqa: PLC0415 - loads scipy's statistics

    engine = Sobol(len(space.low) - 1, scramble=True, seed=seed)
    is_whole = not space.low.any() and bool((space.high >= 1.0).all())
    size = 1 << max(0, math.ceil(math.log2(draws)))
    found: list[_Floats] = []
    count = tries = 0
    while count < draws:
        block = size if is_whole else max(size, _BLOCK)
        drawn = _proposed(engine, block, space)
        if not is_whole:
            inside = (drawn >= space.low - _SLACK) & (drawn <= space.high + _SLACK)
            drawn = drawn[inside.all(axis=1)]
        found.append(drawn)
        count, tries = count + len(drawn), tries + block
        if count < draws and tries >= _TRIES_MAX:
            raise ScenarioError(
                f"intervals and order leave so few weights that {tries} points hit {count} of the "
                f"{draws} draws; widen the intervals, or ask for fewer draws"
            )
    return np.concatenate(found)[:draws]


def _proposed(engine: Sobol, size: int, space: _Space) -> _Floats:
    """Return points uniform on a body that holds the space: a simplex, a flipped one, or a box."""
    points = engine.random(size)
    n = len(space.low)
    width = space.high - space.low
    if space.places:
        return _in_order(_simplex(points), space.places)
    room, lack = 1.0 - space.low.sum(), space.high.sum() - 1.0
    widest = int(np.argmax(width))
    others = np.delete(np.arange(n), widest)
    sides = width[others]
    log_box = float(np.log(sides[sides > 0]).sum()) if (sides > 0).all() else -math.inf
    log_simplex = (n - 1) * math.log(min(room, lack)) - math.lgamma(n)
    if log_box < log_simplex:
        out = np.empty((size, n))
        out[:, others] = space.low[others] + sides * points
        out[:, widest] = 1.0 - out[:, others].sum(axis=1)
        return out
    if room <= lack:
        return np.asarray(space.low + room * _simplex(points))
    return np.asarray(space.high - lack * _simplex(points))


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
