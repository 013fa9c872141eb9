"""Stochastic multicriteria acceptability analysis (SMAA-2): in which share of weights a rank holds.

Lahdelma, R. and Salminen, P. (2001), "SMAA-2: Stochastic multicriteria acceptability analysis for
group decision making", Operations Research 49. Values are additive, as suitability is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Acceptability", "acceptability_analysis", "pairwise_winning"]

_Floats: TypeAlias = "NDArray[np.float64]"

_CHUNK: Final = 2**21
"""Most scores at a time (16 MB)."""


@dataclass(frozen=True, eq=False)
class Acceptability:
    """Rank acceptabilities of alternatives, and the weights that speak for each.

    Attributes
    ----------
    rank_acceptability : ndarray of float64
        Shape (alternatives, ranks): share of draws in which the alternative has rank 1, 2, ...
    rank_mean, rank_low, rank_high : ndarray of float64
        Mean, best and worst rank of each alternative over the draws.
    central_weights : ndarray of float64
        Shape (alternatives, criteria): mean of the weights with which the alternative is first,
        NaN where it never is.
    confidence_factor : ndarray of float64
        Share of the draws of values in which the alternative is first with its central weights;
        1 where values are known, NaN where it never is first.
    draws : int
        Number of draws.
    """

    rank_acceptability: NDArray[np.float64]
    rank_mean: NDArray[np.float64]
    rank_low: NDArray[np.float64]
    rank_high: NDArray[np.float64]
    central_weights: NDArray[np.float64]
    confidence_factor: NDArray[np.float64]
    draws: int

    def within(self, rank: int) -> NDArray[np.float64]:
        """Return the share of draws in which each alternative is among the first ones.

        Parameters
        ----------
        rank : int
            How many are first; at most as many as there are columns of ``rank_acceptability``.
        """
        shares: _Floats = self.rank_acceptability[:, :rank].sum(axis=1)
        return shares

    def standard_error(self) -> NDArray[np.float64]:
        """Return the standard error of each acceptability as if draws were independent.

        Sobol points are spread more evenly than that, so it is rather too large.
        """
        share = self.rank_acceptability
        error: _Floats = np.sqrt(share * (1.0 - share) / self.draws)
        return error


@dataclass(frozen=True, eq=False)
class _Values:
    """Values of alternatives between two bounds, in an order that dominance never goes against."""

    low: _Floats
    high: _Floats
    seed: int

    @property
    def width(self) -> _Floats:
        """Upper less lower end."""
        return self.high - self.low

    def chunks(self, weights: _Floats) -> Iterator[tuple[slice, _Floats]]:
        """Yield draws, and the scores of all alternatives in them, a part at a time.

        Products are added criterion by criterion: rounding is monotone, so that a value which is
        nowhere smaller never comes to a smaller score. A matrix product does not promise that.
        """
        n = len(self.low)
        width = self.width
        unknown = width > 0
        step = max(1, _CHUNK // max(n, int(unknown.sum())))
        generator = np.random.default_rng([self.seed, 1])
        for begin in range(0, len(weights), step):
            part = weights[begin : begin + step]
            drawn = generator.random((len(part), int(unknown.sum()))) if unknown.any() else None
            scores, term = np.zeros((len(part), n)), np.empty((len(part), n))
            taken = 0
            for number, column in enumerate(part.T):
                values: _Floats = self.low[:, number]
                at = unknown[:, number]
                if drawn is not None and at.any():
                    count = int(at.sum())
                    values = np.repeat(values[None, :], len(part), axis=0)
                    further = drawn[:, taken : taken + count] * width[at, number]
                    # a sum may be rounded beyond the upper end, and so beyond one that dominates
                    values[:, at] = np.minimum(values[:, at] + further, self.high[at, number])
                    taken += count
                np.multiply(column[:, None], values, out=term)
                scores += term
            yield slice(begin, begin + len(part)), scores


def acceptability_analysis(
    values: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    values_high: NDArray[np.float64] | None = None,
    ranks: int | None = None,
    seed: int = 0,
) -> Acceptability:
    """Rank acceptability, central weights and confidence factors (SMAA-2).

    Where two scores are equal, an alternative that is nowhere worse has the better rank, and else
    the one that is better in the first criterion in which they differ, or stands first.

    Parameters
    ----------
    values : ndarray of float64
        Shape (alternatives, criteria), more is better.
    weights : ndarray of float64
        Shape (draws, criteria), such as of `draw_weights`.
    values_high : ndarray of float64, optional
        Upper ends of values that are not known; each is drawn evenly between both ends, on its own.
    ranks : int, optional
        First ranks to count, all by default.
    seed : int
        Seed of the values that are not known.

    Returns
    -------
    Acceptability
        Acceptabilities of all counted ranks; each alternative's sum to 1 where all are counted, as
        do those of each rank.

    Raises
    ------
    ScenarioError
        If there is no alternative or no draw, or a value is not finite or above its upper end.

    Examples
    --------
    >>> import numpy as np
    >>> from siteopt.multicriteria import acceptability_analysis, draw_weights
    >>> values = np.array([[1.0, 0.0], [0.0, 1.0], [0.4, 0.4]])
    >>> found = acceptability_analysis(values, draw_weights(2, 1024))
    >>> found.rank_acceptability[:, 0].tolist()
    [0.5, 0.5, 0.0]
    """
    low = np.asarray(values, dtype=np.float64)
    high = low if values_high is None else np.asarray(values_high, dtype=np.float64)
    _check(low, high, weights)
    n = len(low)
    counted = n if ranks is None else min(ranks, n)
    # Lexicographic order is a linear extension of dominance, so a stable sort breaks ties by it.
    keys = np.concatenate([low, high], axis=1)
    first = np.lexsort(-keys.T[::-1])
    drawn = _Values(low[first], high[first], seed)
    counts = np.zeros((n, counted))
    total, best, worst = np.zeros(n), np.full(n, np.inf), np.zeros(n)
    central = np.zeros((n, weights.shape[1]))
    for part, scores in drawn.chunks(weights):
        order = _best_first(scores)
        for rank in range(counted):
            counts[:, rank] += np.bincount(order[:, rank], minlength=n)
        np.add.at(central, order[:, 0], weights[part])
        np.put_along_axis(scores, order, np.arange(1.0, n + 1.0)[None, :], axis=1)
        total += scores.sum(axis=0)
        best, worst = np.minimum(best, scores.min(axis=0)), np.maximum(worst, scores.max(axis=0))
    wins = counts[:, 0] if counted else np.zeros(n)
    with np.errstate(invalid="ignore"):
        central /= wins[:, None]
    confidence = np.where(wins > 0, 1.0, np.nan)
    if (high > low).any():
        for place in np.flatnonzero(wins > 0):
            confidence[place] = _confidence(drawn, central[place], int(place), len(weights))
    back = np.empty(n, dtype=np.int64)
    back[first] = np.arange(n)
    return Acceptability(
        rank_acceptability=(counts / len(weights))[back],
        rank_mean=(total / len(weights))[back],
        rank_low=best[back],
        rank_high=worst[back],
        central_weights=central[back],
        confidence_factor=confidence[back],
        draws=len(weights),
    )


def pairwise_winning(
    values: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    values_high: NDArray[np.float64] | None = None,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Count pairwise winning indices: the share of draws in which one scores more than another.

    Take few alternatives: the answer has a row and a column for each.

    Parameters
    ----------
    values : ndarray of float64
        Shape (alternatives, criteria), more is better.
    weights : ndarray of float64
        Shape (draws, criteria).
    values_high : ndarray of float64, optional
        Upper ends of values that are not known, as of `acceptability_analysis`.
    seed : int
        Seed of the values that are not known.

    Returns
    -------
    ndarray of float64
        Shape (alternatives, alternatives): row over column; both shares and ties sum to 1.

    Raises
    ------
    ScenarioError
        As of `acceptability_analysis`.

    Examples
    --------
    >>> import numpy as np
    >>> from siteopt.multicriteria import draw_weights, pairwise_winning
    >>> pairwise_winning(np.array([[1.0, 0.0], [0.25, 0.25]]), draw_weights(2, 1024)).tolist()
    [[0.0, 0.75], [0.25, 0.0]]
    """
    low = np.asarray(values, dtype=np.float64)
    high = low if values_high is None else np.asarray(values_high, dtype=np.float64)
    _check(low, high, weights)
    won = np.zeros((len(low), len(low)))
    for _, scores in _Values(low, high, seed).chunks(weights):
        for number, own in enumerate(scores.T):
            won[number] += (own[:, None] > scores).sum(axis=0)
    return won / len(weights)


def _best_first(scores: _Floats) -> NDArray[np.int64]:
    """Return the order of each row, largest score first, equal ones in the order they stand in.

    A stable sort takes half as long again, so only rows with equal scores get one.
    """
    falling = -scores
    order: NDArray[np.int64] = np.argsort(falling, axis=1)
    ordered = np.take_along_axis(falling, order, axis=1)
    tied = np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1))
    if len(tied):
        order[tied] = np.argsort(falling[tied], axis=1, kind="stable")
    return order


def _check(low: _Floats, high: _Floats, weights: _Floats) -> None:
    if not low.size or not weights.size:
        raise ScenarioError("no alternative, or no draw of weights; at least one each is needed")
    if low.shape != high.shape or low.shape[1] != weights.shape[1]:
        raise ScenarioError(
            f"values have shape {low.shape}, their upper ends {high.shape} and weights "
            f"{weights.shape}; one column a criterion is needed in each"
        )
    wrong = ~np.isfinite(low) | ~np.isfinite(high) | (low > high)
    if wrong.any():
        row, column = (int(index) for index in np.argwhere(wrong)[0])
        raise ScenarioError(
            f"value of alternative {row + 1} in criterion {column + 1} is {low[row, column]:g} to "
            f"{high[row, column]:g}; finite numbers are needed, low not above high"
        )


def _confidence(drawn: _Values, central: _Floats, place: int, draws: int) -> float:
    """Return the share of draws of values in which an alternative is first with given weights."""
    width = drawn.width
    lowest = drawn.low @ central
    highest = lowest + width @ central
    rivals = np.flatnonzero(highest >= lowest.max())  # no other can ever be first
    if place not in rivals:
        return 0.0
    rows, columns = np.nonzero(width[rivals])
    spread = np.zeros((len(rows), len(rivals)))
    spread[np.arange(len(rows)), rows] = width[rivals[rows], columns] * central[columns]
    generator = np.random.default_rng([drawn.seed, 2, place])
    scores = lowest[rivals] + generator.random((draws, len(rows))) @ spread
    own = scores[:, np.searchsorted(rivals, place)]
    return float((own >= scores.max(axis=1)).mean())
