"""Swing weighting: points for the swing of each criterion from its worst to its best.

Von Winterfeldt, D. and Edwards, W. (1986), Decision Analysis and Behavioral Research. The swing
that matters most has 100 points, the others as many as they matter beside it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["swing_weights"]

_MOST: Final = 100.0


def swing_weights(points: Mapping[str, float]) -> dict[str, float]:
    """Derive weights by swing weighting: points over their sum.

    Parameters
    ----------
    points : mapping of str to float
        Points of each criterion, 0 to 100; that of the swing that matters most is 100.

    Returns
    -------
    dict of str to float
        Weights by criterion, summing to 1.

    Raises
    ------
    ScenarioError
        If there are none, one is outside 0 to 100, or the most is not 100.

    Examples
    --------
    >>> from siteopt.multicriteria import swing_weights
    >>> swing_weights({"grid": 100, "water": 60, "land": 40})
    {'grid': 0.5, 'water': 0.3, 'land': 0.2}
    """
    for name, value in points.items():
        if not (math.isfinite(value) and 0.0 <= value <= _MOST):
            raise ScenarioError(f"{name} has {value:g} points; 0 to 100 are possible")
    most = max(points.values(), default=0.0)
    if most != _MOST:
        raise ScenarioError(
            f"the most points are {most:g}; the swing that matters most has 100, the others fewer"
        )
    total = sum(points.values())
    return {name: value / total for name, value in points.items()}
