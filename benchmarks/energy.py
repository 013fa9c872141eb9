"""Energy program on the embedded grid case: loads answered from the last basis and from scratch.

The supply is that of the ready scenario ``national-2035-hourly``, the loads are made up here.

``python -m benchmarks energy`` prints the figures.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from siteopt.energy.clean_supply import clean_supply
from siteopt.energy.program import EnergyProgram
from siteopt.grid.case import case_of_layers
from siteopt.layers import open_layers
from siteopt.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from siteopt.energy.supply import Supply
    from siteopt.grid.case import GridCase

    Floats = NDArray[np.float64]

SEED = 1
LOAD_MW = 3500.0
SITES = 9
LOADS = 6
SCENARIO = "national-2035-hourly"
CAPITAL = ("11", "23", "28", "31", "41")
"""Provinces of the capital region, which get no load."""
SAME = 1e-7
"""Relative; costs that differ by less are the same."""


def figures(days: int, *, network: bool = True, outages: bool = False) -> dict[str, Any]:
    """Return sizes, seconds and the largest difference of two ways to answer some loads.

    Parameters
    ----------
    days : int
        Typical days, the heaviest first.
    network : bool
        Whether the branches limit flows.
    outages : bool
        Whether they do so after single outages too.
    """
    begin = time.perf_counter()
    supply = make_supply(days, network=network, outages=outages)
    out: dict[str, Any] = {"supply_s": time.perf_counter() - begin}
    begin = time.perf_counter()
    program = EnergyProgram(supply)
    out["build_s"] = time.perf_counter() - begin
    case = case_of_layers(open_layers(load_scenario(SCENARIO)))
    found: list[tuple[float, Floats, Floats]] = []
    warm_s, cold_s, far = [], [], 0.0
    for load in loads(case):
        begin = time.perf_counter()
        answer = program.cut(load)
        warm_s.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        again = EnergyProgram(supply).cut(load)
        cold_s.append(time.perf_counter() - begin)
        far = max(far, abs(again.krw_year / answer.krw_year - 1.0))
        found.append((answer.krw_year, answer.price_krw_mw_year, load))
    out |= {
        "columns": program.size[1],
        "rows": program.size[0],
        "first_s": warm_s[0],
        "warm_s": float(np.median(warm_s[1:])),
        "cold_s": float(np.median(cold_s)),
        "difference": far,
        "cut_above": max(_above(found)),
    }
    return out


def lines(days: int, found: dict[str, Any], *, network: bool, outages: bool = False) -> list[str]:
    """Return figures as lines of text."""
    kind = "all branches in service" if network else "copper plate"
    kind = "single outages" if outages else kind
    return [
        f"{days} typical days, {kind}: {found['columns']} columns, {found['rows']} rows",
        f"  supply from the layers   {found['supply_s']:8.2f} s",
        f"  build, with no load      {found['build_s']:8.2f} s",
        f"  first load               {found['first_s']:8.2f} s",
        f"  next loads, median of {LOADS - 1}  {found['warm_s']:8.2f} s",
        f"  from scratch, median of {LOADS} {found['cold_s']:7.2f} s",
        (
            f"  largest difference of cost {found['difference']:.1e}, of a cut above a cost "
            f"{found['cut_above']:.1e} (relative)"
        ),
    ]


def faults(found: dict[str, Any]) -> list[str]:
    """Return what is wrong with figures: costs that differ, cuts above a cost."""
    wrong = {"difference": "two ways give costs that differ by", "cut_above": "a cut is above by"}
    return [f"{words} {found[key]:.1e}" for key, words in wrong.items() if found[key] > SAME]


def _above(found: list[tuple[float, Floats, Floats]]) -> Iterator[float]:
    """Yield how far each cut is above the cost of each other load, relative; negative: below."""
    for place, (cost, price, load) in enumerate(found):
        for other_cost, _, other in found[:place] + found[place + 1 :]:
            yield (cost + float(price @ (other - load)) - other_cost) / other_cost


def loads(case: GridCase) -> list[Floats]:
    """Return loads at some buses outside the capital region."""
    rng = np.random.default_rng(SEED)
    outside = np.flatnonzero(~case.buses["province_code"].astype(str).isin(CAPITAL).to_numpy())
    out = []
    for _ in range(LOADS):
        load = np.zeros(len(case.buses))
        load[rng.choice(outside, SITES, replace=False)] = rng.dirichlet(np.full(SITES, 3.0))
        out.append(LOAD_MW * load)
    return out


def make_supply(days: int, *, network: bool, outages: bool = False) -> Supply:
    """Return the clean supply of the ready scenario on some typical days.

    Parameters
    ----------
    days : int
        Typical days, 1 to 17.
    network : bool
        Whether the branches limit flows.
    outages : bool
        Whether they do so after single outages too.
    """
    raw = load_scenario(SCENARIO).model_dump()
    chosen = raw["energy"]["supply"] | {"typical_days": days}
    grid = raw["grid"] | {"security": "n-1" if outages else "none"}
    scenario = Scenario.model_validate(
        raw | {"energy": raw["energy"] | {"supply": chosen}, "grid": grid}
    )
    supply = clean_supply(open_layers(scenario), scenario, scenario.target.year).supply
    return supply if network else replace(supply, network=None)
