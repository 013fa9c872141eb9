"""Analytic hierarchy process (AHP): weights of pairwise comparisons, and their consistency.

Saaty, T. L. (1977), "A scaling method for priorities in hierarchical structures", Journal of
Mathematical Psychology 15. Missing comparisons are completed so that the principal eigenvalue is
least (Bozóki, Fülöp, Rónyai 2010, Mathematical and Computer Modelling 52).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["PairwiseComparison", "Revision", "ahp_weights"]

_RANDOM_INDEX: Final = (
    0.0, 0.0, 0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45, 1.49, 1.52, 1.54, 1.56, 1.58, 1.59,
)  # fmt: skip
"""Mean consistency index of random matrices of order 1 to 15 (Saaty 2005, Theory and Applications
of the Analytic Network Process, p. 31)."""

_SAME: Final = 1e-9
"""Relative difference below which two ratios are the same: 1/3 is not written out."""
_STILL: Final = 1e-6
"""Logarithm of a ratio below which a judgement agrees with the weights."""


class Revision(NamedTuple):
    """The judgement that agrees least with the weights, and what would be consistent.

    Attributes
    ----------
    first, second : str
        The criteria that were compared.
    given : float
        How many times as important as the second the first was called.
    consistent : float
        Ratio of their weights.
    ratio_then : float
        Consistency ratio if it were called that.
    """

    first: str
    second: str
    given: float
    consistent: float
    ratio_then: float


@dataclass(frozen=True)
class PairwiseComparison:
    """Weights of a pairwise comparison matrix, and how consistent it is.

    Attributes
    ----------
    weights : dict of str to float
        Principal eigenvector by criterion, summing to 1.
    lambda_max : float
        Principal eigenvalue; the number of criteria where all judgements agree.
    consistency_ratio : float
        Consistency index over that of random judgements; Saaty accepts up to 0.1.
    missing : int
        Pairs that were not compared.
    revisit : Revision or None
        The judgement to revisit first; None where all agree.
    """

    weights: dict[str, float]
    lambda_max: float
    consistency_ratio: float
    missing: int
    revisit: Revision | None


def ahp_weights(judgements: Iterable[tuple[str, str, float]]) -> PairwiseComparison:
    """Derive weights by the analytic hierarchy process (principal eigenvector), and consistency.

    Not every pair must be compared, but every criterion must hang together with every other. The
    random index then falls in a line from Saaty's value to 0, where the comparisons are as few as
    can be and cannot contradict each other (nearly so by simulation: Ágoston and Csató 2022,
    Omega 108).

    Parameters
    ----------
    judgements : iterable of (str, str, float)
        Two criteria, and how many times as important the first is.

    Returns
    -------
    PairwiseComparison
        Weights, consistency ratio and the judgement to revisit.

    Raises
    ------
    ScenarioError
        If there is no judgement, one is no positive number or compares a criterion with itself,
        two contradict each other, or the criteria fall into parts that nobody compared.

    Examples
    --------
    >>> from siteopt.multicriteria import ahp_weights
    >>> found = ahp_weights([("grid", "water", 2), ("water", "land", 2), ("grid", "land", 4)])
    >>> {name: round(weight, 3) for name, weight in found.weights.items()}
    {'grid': 0.571, 'water': 0.286, 'land': 0.143}
    >>> round(found.consistency_ratio, 9), found.revisit
    (0.0, None)
    """
    given = _checked(judgements)
    names = list(dict.fromkeys(name for pair in given for name in pair))
    if len(names) > len(_RANDOM_INDEX):
        raise ScenarioError(
            f"{len(names)} criteria are compared; the random index is known up to "
            f"{len(_RANDOM_INDEX)}"
        )
    _check_connected(names, given)
    matrix = _matrix(names, given)
    completed = _completed(matrix)
    lambda_max, vector = _principal(completed)
    weights = vector / vector.sum()
    return PairwiseComparison(
        weights=dict(zip(names, weights.tolist(), strict=True)),
        lambda_max=lambda_max,
        consistency_ratio=_consistency_ratio(matrix, lambda_max),
        missing=int(np.isnan(matrix).sum()) // 2,
        revisit=_revisit(names, given, weights),
    )


def _checked(judgements: Iterable[tuple[str, str, float]]) -> dict[tuple[str, str], float]:
    """Return the judgements by pair, each pair once."""
    given: dict[tuple[str, str], float] = {}
    for first, second, ratio in judgements:
        if first == second:
            raise ScenarioError(f"{first} is compared with itself; name two criteria")
        if not (math.isfinite(ratio) and ratio > 0):
            raise ScenarioError(
                f"{first} over {second} is {ratio:g}; a number above 0 is needed, below 1 where "
                f"{second} is more important"
            )
        known = given.get((first, second), 1.0 / given.get((second, first), math.nan))
        if not math.isnan(known) and abs(ratio / known - 1.0) > _SAME:
            raise ScenarioError(
                f"{first} over {second} is {ratio:g} and elsewhere {known:g}; give one of them"
            )
        if math.isnan(known):
            given[first, second] = float(ratio)
    if not given:
        raise ScenarioError("no judgement; compare at least one pair of criteria")
    return given


def _check_connected(names: list[str], given: dict[tuple[str, str], float]) -> None:
    """Raise ScenarioError where some criteria are never compared with the others."""
    reached = {names[0]}
    while True:
        more = {name for pair in given if reached & set(pair) for name in pair} - reached
        if not more:
            break
        reached |= more
    apart = [name for name in names if name not in reached]
    if apart:
        raise ScenarioError(
            f"{', '.join(apart)} and {', '.join(name for name in names if name in reached)} are "
            "never compared with each other; one more judgement must join them"
        )


def _matrix(names: list[str], given: dict[tuple[str, str], float]) -> NDArray[np.float64]:
    """Return the reciprocal matrix, NaN where nobody compared."""
    matrix = np.full((len(names), len(names)), np.nan)
    np.fill_diagonal(matrix, 1.0)
    for (first, second), ratio in given.items():
        at = names.index(first), names.index(second)
        matrix[at], matrix[at[::-1]] = ratio, 1.0 / ratio
    return matrix


def _principal(matrix: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Return the principal (Perron) eigenvalue and its positive eigenvector."""
    values, vectors = np.linalg.eig(matrix)
    first = int(np.argmax(values.real))
    return float(values[first].real), np.abs(vectors[:, first].real)


def _completed(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the matrix with missing entries such that the principal eigenvalue is least.

    The eigenvalue is convex in the logarithms of the entries, so any local minimum will do; the
    start is the logarithmic least-squares solution.
    """
    rows, columns = np.nonzero(np.triu(np.isnan(matrix)))
    if not len(rows):
        return matrix
    from scipy.optimize import minimize  # noqa: PLC0415 - reading a scenario needs it seldom

    known = ~np.isnan(matrix)
    logs = np.where(known, np.log(np.where(known, matrix, 1.0)), 0.0)
    laplacian = np.diag(known.sum(axis=1)) - known.astype(float)
    level = np.linalg.lstsq(laplacian, logs.sum(axis=1))[0]

    def filled(entries: NDArray[np.float64]) -> NDArray[np.float64]:
        out = matrix.copy()
        out[rows, columns], out[columns, rows] = np.exp(entries), np.exp(-entries)
        return out

    def eigenvalue(entries: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        tried = filled(entries)
        value, right = _principal(tried)
        left = _principal(tried.T)[1]
        slope = (
            left[rows] * tried[rows, columns] * right[columns]
            - left[columns] * tried[columns, rows] * right[rows]
        )
        return value, slope / (left @ right)

    start = level[rows] - level[columns]
    best = minimize(eigenvalue, start, jac=True, method="BFGS", options={"gtol": 1e-10})
    return filled(np.asarray(best.x))


def _consistency_ratio(matrix: NDArray[np.float64], lambda_max: float) -> float:
    """Return the consistency index over that of random judgements on the same pairs.

    Equation consistency-ratio of docs/method.md.
    """
    n = len(matrix)
    free = (n - 1) * (n - 2) // 2  # pairs beyond a spanning tree: those that can contradict
    compared = free - int(np.isnan(matrix).sum()) // 2
    if compared <= 0:
        return 0.0
    index = max(0.0, (lambda_max - n) / (n - 1))
    return index / (_RANDOM_INDEX[n - 1] * compared / free)


def _revisit(
    names: list[str], given: dict[tuple[str, str], float], weights: NDArray[np.float64]
) -> Revision | None:
    """Return the judgement farthest from the ratio of the weights (Saaty's perturbation)."""
    weight = dict(zip(names, weights.tolist(), strict=True))
    apart = {
        pair: abs(math.log(ratio * weight[pair[1]] / weight[pair[0]]))
        for pair, ratio in given.items()
    }
    pair = max(apart, key=lambda one: (round(apart[one], 9), one))
    if apart[pair] <= _STILL:
        return None
    consistent = weight[pair[0]] / weight[pair[1]]
    matrix = _matrix(names, given | {pair: consistent})
    then = _consistency_ratio(matrix, _principal(_completed(matrix))[0])
    return Revision(*pair, given[pair], consistent, then)
