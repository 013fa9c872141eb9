"""Limits of a finite stock that are used up where a clean share cannot be met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.errors import InfeasibleError

if TYPE_CHECKING:
    from siteopt.energy.clean_supply import CleanSupplyData
    from siteopt.energy.program import EnergyCost
    from siteopt.scenario import Scenario

__all__ = ["no_supply", "used_up"]

_FULL: Final = 1e-6
"""Relative; what is this near to a limit is at it."""


def used_up(data: CleanSupplyData, found: EnergyCost) -> list[tuple[str, float]]:
    """Return the joint limits and the stock by technology and status that are used up, with MW."""
    supply, out = data.supply, []
    for name, (members, most) in supply.groups.items():
        if found.source_mw[members].sum() >= most * (1 - _FULL):
            out.append((name, float(most)))
    kind = data.sources.table["technology"] + " " + data.sources.table["status"]
    for name in sorted(set(kind)):
        rows = (kind == name).to_numpy()
        most = float(supply.source_most_mw[rows].sum())
        if found.source_mw[rows].sum() >= most * (1 - _FULL):
            out.append((name, most))
    return out


def no_supply(
    data: CleanSupplyData, found: EnergyCost, energy_mwh: float, scenario: Scenario
) -> InfeasibleError:
    """Return the error of a clean share that the stock cannot meet: by how much, and why.

    Parameters
    ----------
    data : CleanSupplyData
        The stock.
    found : EnergyCost
        The best that can be done.
    energy_mwh : float
        Energy of the load a year.
    scenario : Scenario
        The clean share that is asked for.
    """
    wanted, asked = scenario.energy.clean_share_pct, 100.0 * data.supply.target
    margin = f" ({asked:.1f} % of the typical days)" if asked - wanted > _FULL else ""
    reached = asked - 100.0 * found.shortfall_mwh / energy_mwh
    limits = "; ".join(f"{name} {most:,.0f} MW" for name, most in used_up(data, found))
    return InfeasibleError(
        f"energy.clean_share_pct: {wanted:g} % {scenario.energy.matching}{margin} cannot be met in "
        f"{data.year}, at most {np.floor(reached * 10) / 10:g} %: {found.shortfall_mwh / 1e6:.2f} "
        f"TWh a year are short; used up: {limits or 'excess_max_pct'}; lower the share, or allow "
        "more stock, building or excess (energy.supply)"
    )
