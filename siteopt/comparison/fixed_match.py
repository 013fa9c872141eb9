"""Clean energy of fixed plans: what matching their loads over the year, or by the hour, takes.

The supply, its delivery through the grid and the scores are those of the energy program
(:func:`siteopt.energy.clean_plan.clean_plan`); the plan and its loads stay as they are. So plans
of scenarios that match nothing can be compared at the same clean share and the same stock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from siteopt.energy.clean_plan import clean_plan
from siteopt.energy.clean_supply import clean_supply
from siteopt.energy.year_margin import with_year_margin
from siteopt.errors import LayerError
from siteopt.grid.case import case_of_layers
from siteopt.layers import open_layers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siteopt._arrays import Floats
    from siteopt.runs.results import Run
    from siteopt.scenario import Energy, Scenario

__all__ = ["match_plan"]

_MATCHINGS: Final[tuple[Literal["annual", "hourly"], ...]] = ("annual", "hourly")


def match_plan(run: Run, scenario: Scenario, energy: Energy) -> dict[str, float]:
    """Return the clean shares and the price of energy of a finished plan in its last year.

    Parameters
    ----------
    run : Run
        The finished run.
    scenario : Scenario
        The scenario of the run.
    energy : Energy
        Clean share and supply that hold for every plan; its ``matching`` is not used.

    Returns
    -------
    dict
        For contracts that serve the clean share over the year, and for such that serve it by the
        hour: ``<matching>_year_pct`` and ``<matching>_hourly_pct``, the clean share over the year
        and by the hour, replayed over all its hours, ``<matching>_krw_kwh``, what a kWh costs,
        carbon included, and ``<matching>_redispatch_krw_kwh``, what of it is for redispatch.

    Raises
    ------
    LayerError
        If the bus of a site is not in the grid case.
    """
    out: dict[str, float] = {}
    for matching in _MATCHINGS:
        wanted = energy.model_copy(update={"matching": matching})
        asked = scenario.model_copy(update={"energy": wanted})
        layers = open_layers(asked)
        load_mw = _loads(
            run.portfolio["sites"], case_of_layers(layers).buses["bus_id"].astype(str).tolist()
        )
        data = clean_supply(layers, asked, scenario.target.year)
        if wanted.supply.year_margin:
            data = with_year_margin(data, asked, layers)
        found = clean_plan(data, load_mw, asked, layers)
        out |= {
            f"{matching}_year_pct": 100.0 * found.year_scores.annual_share,
            f"{matching}_hourly_pct": 100.0 * found.year_scores.hourly_share,
            f"{matching}_krw_kwh": found.krw_kwh,
            f"{matching}_redispatch_krw_kwh": found.part_krw_kwh.get("redispatch", 0.0),
        }
    return out


def _loads(sites: Sequence[Mapping[str, object]], buses: Sequence[str]) -> Floats:
    """Return the contract power (N,) of the sites of a plan at each bus; Jeju has none."""
    place = {bus: at for at, bus in enumerate(buses)}
    load = np.zeros(len(buses))
    for site in sites:
        bus = site.get("bus_id")
        if bus in {None, ""}:
            continue
        if str(bus) not in place:
            raise LayerError(f"site {site['site_id']}: bus {bus} is not in the grid case")
        load[place[str(bus)]] += float(str(site["facility_mw"]))
    return load
