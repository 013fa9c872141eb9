"""Rank-order weights: closed forms of weights where only the order of criteria is known.

Stillwell, Seaver and Edwards (1981) for rank sum and rank reciprocal; Barron and Barrett (1996),
"Decision quality using ranked attribute weights", Management Science 42, for the centroid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RankRule", "rank_order_weights"]

RankRule: TypeAlias = Literal["centroid", "sum", "reciprocal"]
"""Rank-order centroid, rank sum or rank reciprocal."""


def rank_order_weights(
    order: Sequence[str | Sequence[str]], rule: RankRule = "centroid"
) -> dict[str, float]:
    """Derive weights from a rank order: rank-order centroid, rank sum or rank reciprocal.

    With n criteria the one at place k has (1/n) (1/k + ... + 1/n) by the centroid of that order,
    2 (n + 1 - k) / (n (n + 1)) by the sum, and 1/k over the sum of all of these by the reciprocal.
    Criteria that share a place have the mean of the places that they take.

    Parameters
    ----------
    order : sequence of str or of sequences of str
        Criteria, the most important first; those of one place as a list.
    rule : {'centroid', 'sum', 'reciprocal'}
        Which closed form.

    Returns
    -------
    dict of str to float
        Weights by criterion, summing to 1.

    Raises
    ------
    ScenarioError
        If the order is empty or names a criterion twice.

    Examples
    --------
    >>> from siteopt.multicriteria import rank_order_weights
    >>> rank_order_weights(["grid", ["water", "land"]], "sum")
    {'grid': 0.5, 'water': 0.25, 'land': 0.25}
    """
    places = [[place] if isinstance(place, str) else list(place) for place in order]
    names = [name for place in places for name in place]
    if not names:
        raise ScenarioError("the order is empty; name the criteria, the most important first")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ScenarioError(f"{twice} stands twice in the order; each criterion has one place")
    by_place = _of_places(len(names), rule)
    weights: dict[str, float] = {}
    for place in places:
        taken = by_place[len(weights) : len(weights) + len(place)]
        weights |= {name: sum(taken) / len(place) for name in place}
    return weights


def _of_places(n: int, rule: RankRule) -> list[float]:
    """Return the weight of each place among n."""
    if rule == "centroid":
        return [sum(1.0 / i for i in range(k, n + 1)) / n for k in range(1, n + 1)]
    if rule == "sum":
        return [2.0 * (n + 1 - k) / (n * (n + 1)) for k in range(1, n + 1)]
    total = sum(1.0 / k for k in range(1, n + 1))
    return [1.0 / k / total for k in range(1, n + 1)]
