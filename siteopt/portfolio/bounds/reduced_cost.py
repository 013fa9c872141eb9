"""Lagrangian bound and reduced costs of a dual vector, for reduced-cost fixing.

With the rows priced into the objective every site is decided alone (Geoffrion 1974), so any duals
of the right sign prove a bound on every plan, and one on the plans with each option.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from siteopt._arrays import Bools, Floats, Ints
    from siteopt.portfolio.bounds.pricing import Pricing
    from siteopt.portfolio.constraints import Cut, OptionCut
    from siteopt.portfolio.problem.problem import Problem


__all__ = [
    "FEASIBILITY_TOLERANCE",
    "Bound",
    "Priced",
    "duals_of",
    "lagrangian_bound",
    "without_cost",
]

FEASIBILITY_TOLERANCE = 1e-6
"""A required limit that a relaxation misses by more is out of reach."""

_ROUNDING = 1e-9  # relative; what is taken off a bound for float arithmetic


@dataclass(frozen=True, eq=False)
class Bound:
    """Lagrangian bound of one dual vector."""

    value: float
    """Every plan costs at least this."""
    site_least: Floats
    """(S,) least reduced cost of the builds of a site; may be negative."""
    option_cost: Floats
    """(O,) least reduced cost of the builds that an option opens."""
    reduced_cost: Floats
    """(O,) a plan that has blocks of option o costs at least ``value + reduced_cost[o]``."""
    opening: Floats
    """(O,) a plan in which option o opens its site costs at least ``value + opening[o]``."""
    cuts: tuple[Cut | OptionCut, ...] = ()
    """The cuts on sites and options that the bound rests on."""

    def fixing(self, cutoff: float) -> Ints:
        """Return the options that reduced-cost fixing leaves to plans below a cutoff, rising."""
        return np.flatnonzero(self.value + self.reduced_cost < cutoff)


@dataclass(frozen=True, eq=False)
class Priced:
    """A program with its rows priced into the objective."""

    constant: float
    """What the duals pay for the right sides."""
    fixed: Floats
    """(O,) cost of opening through each option."""
    each: Floats
    """(O,) cost of a block of it."""
    extras: Floats
    """(X,) cost of a unit of each variable of the families' own."""
    extras_lower: Floats
    """(X,) least of each."""
    extras_upper: Floats
    """(X,) most of each."""


def duals_of(dual: Floats, lower: Floats, upper: Floats) -> tuple[Floats, float]:
    """Return duals without those of sides that a row has not, and what they pay for the others."""
    pi = dual.copy()
    pi[(pi > 0) & ~np.isfinite(lower)] = 0.0
    pi[(pi < 0) & ~np.isfinite(upper)] = 0.0
    used = np.flatnonzero(pi)
    return pi, float(pi[used] @ np.where(pi > 0, lower, upper)[used])


def lagrangian_bound(  # noqa: PLR0913 - a priced program, and which of its plans are meant
    problem: Problem,
    pricing: Pricing,
    priced: Priced,
    *,
    closed: Bools,
    forced: int = -1,
    cuts: tuple[Cut | OptionCut, ...] = (),
) -> Bound:
    """Return the bound of a priced program (equation bound of docs/method.md), whatever the precision of its duals.

    Parameters
    ----------
    problem : Problem
        Whose plans are bounded.
    pricing : Pricing
        The cheapest builds of its options.
    priced : Priced
        What builds cost.
    closed : ndarray
        (S,) sites that plans may not choose.
    forced : int
        Site that plans have to choose, -1 for none.
    cuts : tuple of Cut or OptionCut
        The cuts that are priced in.
    """
    prices, at = pricing.price(priced.fixed, priced.each), problem.option_site
    cost, use = (np.where(closed[at], np.inf, part) for part in (prices.opening, prices.use))
    least = np.full(problem.sites, np.inf)
    np.minimum.at(least, at, cost)
    total, floor = priced.constant, np.minimum(least, 0.0)
    if forced >= 0:  # built in any case: what it costs counts, not only what it gains
        total += max(float(least[forced]), 0.0)
    total += float(floor.sum())
    own = priced.extras
    side = np.where(own > 0, priced.extras_lower, priced.extras_upper)
    total += float(np.where(own != 0, own * side, 0.0).sum())
    if forced >= 0:
        floor[forced] = least[forced]
    at_site = np.where(np.isfinite(floor), floor, 0.0)[at]
    return Bound(
        total - _ROUNDING * abs(total) if np.isfinite(total) else total,
        least,
        cost,
        np.maximum(use - at_site, 0.0),
        np.maximum(cost - at_site, 0.0),
        cuts,
    )


def without_cost(problem: Problem) -> Problem:
    """Return the phase-one problem: nothing to pay, so that only what is missing has a cost.

    A bound above `FEASIBILITY_TOLERANCE` on it proves that no plan meets all limits.
    """
    nothing = np.zeros(problem.options)
    return replace(problem.without_energy(), worth_fixed=nothing, worth_block=nothing)
