"""Aggregation of individual priorities (AIP): one set of weights of several people.

Forman, E. and Peniwati, K. (1998), "Aggregating individual judgments and priorities with the
analytic hierarchy process", European Journal of Operational Research 108.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, TypeAlias

from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Mean", "aggregate_weights"]

Mean: TypeAlias = Literal["arithmetic", "geometric"]
"""Weighted arithmetic or geometric mean."""


def aggregate_weights(
    individual: Sequence[Mapping[str, float]],
    voices: Sequence[float] | None = None,
    mean: Mean = "arithmetic",
) -> dict[str, float]:
    """Weighted mean of individual weights.

    The geometric mean keeps ratios: where all call one criterion twice as important as another, so
    does the mean. A criterion to which one of them gives no weight has none in it.

    Parameters
    ----------
    individual : sequence of mappings of str to float
        Weights of each person; a criterion that is not named has none.
    voices : sequence of float, optional
        How much each person counts; all the same by default.
    mean : {'arithmetic', 'geometric'}
        Which mean.

    Returns
    -------
    dict of str to float
        Weights by criterion, summing to 1.

    Raises
    ------
    ScenarioError
        If nobody counts, or no criterion has weight with all of them (geometric).

    Examples
    --------
    >>> from siteopt.multicriteria import aggregate_weights
    >>> aggregate_weights([{"grid": 0.75, "water": 0.25}, {"grid": 0.25, "water": 0.75}])
    {'grid': 0.5, 'water': 0.5}
    """
    counted = [1.0] * len(individual) if voices is None else list(voices)
    total = sum(counted)
    if not total > 0:
        raise ScenarioError("nobody has a voice; at least one must be above 0")
    names = list(dict.fromkeys(name for weights in individual for name in weights))
    shares = [voice / total for voice in counted]
    of_all = list(zip(shares, individual, strict=True))
    if mean == "arithmetic":
        means = {name: sum(share * one.get(name, 0.0) for share, one in of_all) for name in names}
    else:
        means = {
            name: math.prod(one.get(name, 0.0) ** share for share, one in of_all if share > 0)
            for name in names
        }
    whole = sum(means.values())
    if not whole > 0:
        raise ScenarioError(
            "no criterion has weight with everybody, so that the geometric mean has none; take the "
            'arithmetic one (compromise = "arithmetic")'
        )
    return {name: value / whole for name, value in means.items()}
