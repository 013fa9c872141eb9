"""Margin of the typical days above the clean share that the whole year keeps.

Typical days leave lulls out, so that a plan which meets a share on them misses it over the year
(Kotzur and others 2018, Impact of different time series aggregation methods on optimal energy
system design). The share asked of them is raised until the replay of a reference load over all
hours of the year keeps the share that was wanted (a fixed point, by the secant rule).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.energy.oracle import program_of, reference_load_mw
from siteopt.energy.replay import ReplayedPlan, replay_year
from siteopt.energy.whole_year import whole_year

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Floats
    from siteopt.energy.clean_supply import CleanSupplyData
    from siteopt.energy.program import EnergyProgram
    from siteopt.energy.whole_year import WholeYear
    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = ["with_year_margin"]

_ROUNDS: Final = 8
_STEP: Final = 1e-3
"""Shares are asked for in steps of a tenth of a percent."""
_MOST: Final = 0.999
_LEAST_SLOPE: Final = 0.1
"""Of the share kept by the share asked; a flatter secant is one of rounding."""
_DUST: Final = 1e-6
_SHORT: Final = 1e-6
"""Share of the load's energy; what is short by less is rounding."""


def with_year_margin(data: CleanSupplyData, scenario: Scenario, layers: Layers) -> CleanSupplyData:
    """Return a supply whose typical days are asked for what the whole year needs.

    Where the stock cannot give so much, they are asked for the most that was met.

    Parameters
    ----------
    data : CleanSupplyData
        Supply whose typical days are asked for the share of the scenario.
    scenario : Scenario
        Share, matching, and size of the load.
    layers : Layers
        Profiles of the year, parameters.
    """
    wanted = data.supply.target
    year, load_mw = whole_year(data, layers, scenario), reference_load_mw(scenario, layers)
    program, asked = program_of(data, scenario), wanted
    low, high = [(wanted - _MOST, -np.inf)], (_MOST, np.inf)
    for _ in range(_ROUNDS):
        kept = _kept_share(program, asked, load_mw, year, scenario)
        if kept is None:  # out of reach
            high = (asked, np.inf)
        elif kept >= wanted:
            high = (asked, kept)
        else:
            low.append((asked, kept))
        following = _following(low, high, wanted)
        if not low[-1][0] < following < high[0]:
            break
        asked = following
    found = high[0] if np.isfinite(high[1]) else max(low[-1][0], wanted)
    return replace(data, supply=replace(data.supply, target=found))


def _following(
    low: Sequence[tuple[float, float]], high: tuple[float, float], wanted: float
) -> float:
    """Return the share to ask for next, a whole number of steps, by the secant of two known points.

    ``low`` are points (asked, kept) below what is wanted, rising; ``high`` is the least that keeps
    it, or (what is out of reach, inf).
    """
    (before, kept_before), (last, kept_last) = low[-2:] if len(low) > 1 else (low[0], low[0])
    if np.isfinite(high[1]) and np.isfinite(kept_last):
        slope = (high[1] - kept_last) / (high[0] - last)
    elif np.isfinite(kept_before) and last > before:
        slope = (kept_last - kept_before) / (last - before)
    else:
        slope = 1.0
    if not np.isfinite(kept_last):  # nothing lower was asked for
        return last
    guess = last + (wanted - kept_last) / max(slope, _LEAST_SLOPE)
    if high[1] == np.inf and high[0] < _MOST:
        guess = min(guess, (last + high[0]) / 2)
    return round(float(np.ceil(guess / _STEP - _DUST) * _STEP), 6)


def _kept_share(
    program: EnergyProgram,
    asked: float,
    load_mw: Floats,
    year: WholeYear,
    scenario: Scenario,
) -> float | None:
    """Return the share that a plan for a share on typical days keeps over the year.

    None where the stock cannot give that share on the typical days.
    """
    program.set_supply(replace(program.supply, target=asked))
    found = program.cut(load_mw)
    total = float(load_mw.sum())
    if found.shortfall_mwh > _SHORT * total * len(year.grid_clean):
        return None
    plan = ReplayedPlan(
        found.source_mw, found.storage_mw, found.storage_mwh,
        program.supply.storage_efficiency, total,
    )  # fmt: skip
    scores = replay_year(plan, year.source_yield, year.grid_clean, 0.0).scores
    hourly = scenario.energy.matching == "hourly"
    return scores.hourly_share if hourly else scores.annual_share
