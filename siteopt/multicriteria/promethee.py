"""PROMETHEE II: net outranking flows of alternatives.

Brans, J. P. and Vincke, P. (1985), "A preference ranking organisation method", Management Science
31. The linear preference function has the usual one (both thresholds 0) and the U-shape (both
equal) as its ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Flows", "promethee"]

_Floats: TypeAlias = "NDArray[np.float64]"


class Flows(NamedTuple):
    """Outranking flows of alternatives.

    Attributes
    ----------
    positive : ndarray of float64
        How far an alternative outranks the others, 0..1.
    negative : ndarray of float64
        How far the others outrank it, 0..1.
    net : ndarray of float64
        Their difference, -1..1; all sum to 0.
    """

    positive: NDArray[np.float64]
    negative: NDArray[np.float64]
    net: NDArray[np.float64]


def promethee(
    values: NDArray[np.float64],
    weights: Sequence[float] | NDArray[np.float64],
    *,
    indifference: Sequence[float] | None = None,
    preference: Sequence[float] | None = None,
    better: Sequence[str] | None = None,
) -> Flows:
    """Outranking flows by PROMETHEE II with linear preference functions.

    A difference d counts 0 up to the threshold of indifference q, 1 from that of preference p on,
    and (d - q) / (p - q) between. The sums over all pairs are taken from sorted values and their
    running sums, n log n steps a criterion, so that no table of pairs is needed.

    Parameters
    ----------
    values : ndarray of float64
        Shape (alternatives, criteria).
    weights : sequence of float
        Weights of the criteria; their sum counts as 1.
    indifference, preference : sequence of float, optional
        Thresholds q and p of each criterion in its own unit; 0 by default, so that any difference
        counts fully.
    better : sequence of {'high', 'low'}, optional
        Which end of each criterion is better; ``high`` by default.

    Returns
    -------
    Flows
        Positive, negative and net flows.

    Raises
    ------
    ScenarioError
        If there are fewer than two alternatives, a threshold of indifference is below 0 or above
        that of preference, or all weights are 0.

    Examples
    --------
    >>> import numpy as np
    >>> from siteopt.multicriteria import promethee
    >>> values = np.array([[4.0, 3.0, 2.0], [3.0, 2.0, 4.0], [5.0, 1.0, 3.0]])
    >>> promethee(values, [0.5, 0.3, 0.2]).net.round(2).tolist()
    [0.1, -0.3, 0.2]
    """
    table = np.asarray(values, dtype=np.float64)
    n, m = table.shape
    given = np.asarray(weights, dtype=np.float64)
    if n < 2:  # noqa: PLR2004 - a pair
        raise ScenarioError(f"{n} alternatives; outranking needs at least 2")
    if len(given) != m or (given < 0).any() or not given.sum() > 0:
        raise ScenarioError("weights: one for each criterion is needed, none below 0, not all 0")
    low = np.zeros(m) if indifference is None else np.asarray(indifference, dtype=np.float64)
    high = np.zeros(m) if preference is None else np.asarray(preference, dtype=np.float64)
    for number, (q, p) in enumerate(zip(low, high, strict=True), start=1):
        if not 0.0 <= q <= p:
            raise ScenarioError(
                f"thresholds of criterion {number} are {q:g} (indifference) and {p:g} "
                "(preference); 0 <= indifference <= preference is needed"
            )
    signs = np.array([1.0 if end == "high" else -1.0 for end in better or ["high"] * m])
    shares = given / given.sum()
    positive, negative = np.zeros(n), np.zeros(n)
    for number in range(m):
        column = table[:, number] * signs[number]
        positive += shares[number] * _preferred(column, low[number], high[number])
        negative += shares[number] * _preferred(-column, low[number], high[number])
    positive /= n - 1
    negative /= n - 1
    return Flows(positive, negative, positive - negative)


def _preferred(column: _Floats, indifference: float, preference: float) -> _Floats:
    """Return the sum over all others of how far each alternative is preferred to them."""
    ordered = np.sort(column)
    weak = np.searchsorted(ordered, column - indifference, side="left")
    if preference == indifference:
        return weak.astype(np.float64)
    full = np.searchsorted(ordered, column - preference, side="right")
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    between = (weak - full) * (column - indifference) - (sums[weak] - sums[full])
    total: _Floats = full + between / (preference - indifference)
    return total
