"""What flexible load saves: cost of matched clean energy by the share of the load that can move.

Riepin, Brown and Zavala 2025 (Spatio-temporal load shifting for truly clean computing) found
1.29 EUR/MWh less for each percent of flexible load, in Europe. Here the load is the reference load
of the ready scenario ``national-2035-hourly``, spread evenly outside the capital region.

``python -m benchmarks flexible`` prints the figures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from siteopt.energy.clean_supply import clean_supply
from siteopt.energy.oracle import program_of, reference_load_mw
from siteopt.layers import open_layers
from siteopt.scenario import load_scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

TARGETS = (0.80, 0.95)
SHARES = (0.0, 0.01, 0.05, 0.1, 0.2)
_MW_YEAR_KWH = 8_760_000.0
_DUST = 1e-7


@dataclass(frozen=True)
class Figure:
    """Cost at a clean share of the typical days, and a share of flexible load."""

    target: float
    flexible: float
    between: bool
    krw_kwh: float


def figures(targets: Sequence[float] = TARGETS, shares: Sequence[float] = SHARES) -> list[Figure]:
    """Return the cost of each target by the flexible share: within a day, then between sites."""
    scenario = load_scenario("national-2035-hourly")
    layers = open_layers(scenario)
    data = clean_supply(layers, scenario, scenario.target.year)
    load_mw = reference_load_mw(scenario, layers)
    found = []
    for target in targets:
        for share, between in [*((share, False) for share in shares), (shares[-1], True)]:
            supply = replace(
                data.supply, target=target, flexible_share=share, flexible_between=between
            )
            cost = program_of(replace(data, supply=supply), scenario).cut(load_mw).krw_year
            krw_kwh = cost / float(load_mw.sum()) / _MW_YEAR_KWH
            found.append(Figure(target, share, between, krw_kwh))
    return found


def lines(found: Sequence[Figure]) -> list[str]:
    """Return the figures as lines of text."""
    told = []
    for one in found:
        first = next(each for each in found if each.target == one.target)
        line = f"{100 * one.target:.0f} % by the hour, {100 * one.flexible:4.1f} % of load flexible"
        line += " (between sites too)" if one.between else ""
        line += f": {one.krw_kwh:.2f} KRW/kWh"
        if one.flexible > 0:
            less = (first.krw_kwh - one.krw_kwh) / (100 * one.flexible)
            line += f", {less:.2f} less for each %"
        told.append(line)
    return told


def faults(found: Sequence[Figure]) -> list[str]:
    """Return what is wrong: more flexibility that costs more."""
    wrong = []
    for target in sorted({one.target for one in found}):
        costs = np.array([one.krw_kwh for one in found if one.target == target])
        if (np.diff(costs) > _DUST * costs[0]).any():
            wrong.append(f"more flexible load costs more at {100 * target:.0f} %")
    return wrong
