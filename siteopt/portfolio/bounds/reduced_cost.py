"""What a relaxation proves of the plans of a problem."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from siteopt._arrays import Floats
    from siteopt.portfolio.cuts.lifting import Cut
    from siteopt.portfolio.cuts.mir import OptionCut
    from siteopt.portfolio.problem.problem import Problem


__all__ = ["SHORT", "Bound", "without_cost"]

SHORT = 1e-6
"""A required limit that the relaxation misses by more is out of reach."""


@dataclass(frozen=True, eq=False)
class Bound:
    """What one set of duals proves."""

    value: float
    """Every plan costs at least this."""
    site_least: Floats
    """(S,) least reduced cost of the builds of a site; may be negative."""
    option_cost: Floats
    """(O,) least reduced cost of the builds that an option opens."""
    beyond: Floats
    """(O,) a plan that has blocks of option o costs at least ``value + beyond[o]``."""
    opening: Floats
    """(O,) a plan in which option o opens its site costs at least ``value + opening[o]``."""
    cuts: tuple[Cut | OptionCut, ...] = ()
    """The cuts on sites and options that the bound rests on."""


def without_cost(problem: Problem) -> Problem:
    """Return the problem with nothing to pay, so that only what is missing has a cost.

    A bound above `SHORT` on it proves that no plan meets all limits.
    """
    nothing = np.zeros(problem.options)
    return replace(problem, worth_fixed=nothing, worth_block=nothing)
