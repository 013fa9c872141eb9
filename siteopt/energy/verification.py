"""Independent verification of a plan of clean energy, from the layers and with no row of its program.

Flows come from the angles of all buses, a bus matrix built from the grid case; stock, balances,
storage over the year and the match are worked out again from what the plan says of itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.energy.supply import DAY_H
from siteopt.energy.typical_days import typical_days
from siteopt.errors import SolverError
from siteopt.grid.case import case_of_layers
from siteopt.grid.verification import angle_flows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siteopt._arrays import Floats
    from siteopt.energy.clean_supply import CleanSupplyData
    from siteopt.energy.program import EnergyCost
    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = ["check_energy", "energy_faults"]

_SLACK_MW: Final = 0.1
_SLACK: Final = 1e-6
"""Relative."""
_TOLD: Final = 3


def check_energy(  # noqa: PLR0913, PLR0917 - a plan and all that it is checked against
    data: CleanSupplyData,
    found: EnergyCost,
    load_mw: Floats,
    limit_mw: Floats | None,
    scenario: Scenario,
    layers: Layers,
) -> None:
    """Raise an error if a plan contradicts the layers.

    Parameters
    ----------
    data : CleanSupplyData
        Supply of the year.
    found : EnergyCost
        The plan.
    load_mw : ndarray, shape (N,)
        Mean load at each bus.
    limit_mw : ndarray, shape (H, L), optional
        Flow limits, raised where the country exceeds them without any load.
    scenario : Scenario
        How energy is matched, on how many days.
    layers : Layers
        The grid case and its profiles.

    Raises
    ------
    SolverError
        If a balance, a flow, the stock, storage or the match is not as it should be.
    """
    faults = energy_faults(data, found, load_mw, limit_mw, scenario, layers)
    if faults:
        more = f"; {len(faults) - _TOLD} more" if len(faults) > _TOLD else ""
        raise SolverError(
            f"the plan of clean energy contradicts the layers: {'; '.join(faults[:_TOLD])}{more}"
        )


def energy_faults(  # noqa: PLR0913, PLR0917 - a plan and all that it is checked against
    data: CleanSupplyData,
    found: EnergyCost,
    load_mw: Floats,
    limit_mw: Floats | None,
    scenario: Scenario,
    layers: Layers,
) -> list[str]:
    """Return one sentence for everything that a plan breaks; see `check_energy`."""
    return [
        *_of_stock(data, found),
        *_of_hours(data, found, float(load_mw.sum())),
        *_of_storage(data, found),
        *_of_match(data, found, float(load_mw.sum()), scenario),
        *_of_grid(data, found, limit_mw, scenario, layers),
    ]


def _of_stock(data: CleanSupplyData, found: EnergyCost) -> Iterator[str]:
    """Look at single sources, and at what is built together."""
    most = data.sources.table["most_mw"].to_numpy(dtype=np.float64)
    for row in np.flatnonzero(found.source_mw > most * (1 + _SLACK) + _SLACK_MW):
        name = data.sources.table["source"].iloc[row]
        yield f"{name} gives {found.source_mw[row]:,.1f} of {most[row]:,.1f} MW"
    for name, (members, limit) in data.sources.groups.items():
        taken = float(found.source_mw[members].sum())
        if taken > limit * (1 + _SLACK) + _SLACK_MW:
            yield f"{name} takes {taken:,.1f} of {limit:,.1f} MW"


def _of_hours(data: CleanSupplyData, found: EnergyCost, total_mw: float) -> Iterator[str]:
    """Look at what becomes of contracts in each hour."""
    output = data.sources.hourly @ found.source_mw - found.curtailed_mw
    given = output + found.discharge_mw - found.charge_mw
    load = total_mw + found.shift_mw.sum(axis=1)
    for name, left in (
        ("contracts and storage", given - found.used_mw - found.excess_mw),
        ("the load", load - found.used_mw - found.import_mw),
    ):
        if np.abs(left).max() > _SLACK_MW:
            hour = int(np.abs(left).argmax())
            yield f"{name} miss {left[hour]:,.3f} MW in hour {hour + 1}"
    for name in ("used_mw", "excess_mw", "import_mw", "charge_mw", "discharge_mw", "curtailed_mw"):
        if getattr(found, name).min() < -_SLACK_MW:
            yield f"{name} is {getattr(found, name).min():,.3f}"


def _of_storage(data: CleanSupplyData, found: EnergyCost) -> Iterator[str]:
    """Follow the level of all storage together over the days of the year, twice around it."""
    one_way = float(np.sqrt(data.supply.storage_efficiency))
    step = found.charge_mw * one_way - found.discharge_mw / one_way
    order = data.supply.day_order
    days = np.arange(len(step) // DAY_H) if order is None else order
    level = np.cumsum(step.reshape(-1, DAY_H)[days].ravel())
    energy, reach = float(found.storage_mwh.sum()), float(np.ptp(np.append(level, 0.0)))
    slack = _SLACK_MW * len(days)
    if abs(level[-1]) > slack:
        yield f"storage ends the year {level[-1]:,.1f} MWh off its begin"
    if reach > energy + slack:
        yield f"storage of {energy:,.1f} MWh moves over {reach:,.1f} MWh"
    power = float(found.storage_mw.sum())
    for name in ("charge_mw", "discharge_mw"):
        if getattr(found, name).max() > power + _SLACK_MW:
            yield f"storage of {power:,.1f} MW has a {name} of {getattr(found, name).max():,.1f}"


def _of_match(
    data: CleanSupplyData, found: EnergyCost, total_mw: float, scenario: Scenario
) -> Iterator[str]:
    """Look at the clean share and at the excess."""
    weight, clean = data.supply.weight_h, data.supply.grid_clean
    energy = total_mw * float(weight.sum())
    if energy == 0.0:
        return
    share = float(weight @ (found.used_mw + clean * found.import_mw)) / energy
    if scenario.energy.matching == "annual":
        unlike = 1.0 - float(weight @ clean / weight.sum())
        share += unlike * float(weight @ found.excess_mw) / energy
    wanted = data.supply.target - found.shortfall_mwh / energy
    if share < wanted - _SLACK:
        yield f"the clean share is {100 * share:.4f} %, not {100 * wanted:.4f} %"
    excess = float(weight @ found.excess_mw) / energy
    most = scenario.energy.supply.excess_max_pct / 100.0
    if excess > most + _SLACK:
        yield f"excess is {100 * excess:.3f} % of the load, not {100 * most:g} %"


def _of_grid(
    data: CleanSupplyData,
    found: EnergyCost,
    limit_mw: Floats | None,
    scenario: Scenario,
    layers: Layers,
) -> Iterator[str]:
    """Look at the balance of the country and the flow on every branch, hour by hour."""
    case, supply = case_of_layers(layers), data.supply
    days = typical_days(layers, list(data.bus_id), scenario.energy.supply.typical_days)
    drawn = days.demand_mw + case.buses["g_shunt_mw"].to_numpy(dtype=np.float64)
    put_in = found.put_in_mw + data.running_mw - drawn
    left = put_in.sum(axis=1)
    if np.abs(left).max() > _SLACK_MW:
        hour = int(np.abs(left).argmax())
        yield f"the country misses {left[hour]:,.3f} MW in hour {hour + 1}"
    if limit_mw is None:
        return
    flow = np.abs(angle_flows(case, put_in.T).T)
    names = case.branches.loc[case.branches["status"] == 1, "branch_id"].astype(str).to_numpy()
    above = float(supply.weight_h @ np.maximum(flow - limit_mw, 0.0).sum(axis=1))
    if above > found.overload_mwh + _SLACK_MW * float(supply.weight_h.sum()):
        worst, branch = np.unravel_index(int((flow - limit_mw).argmax()), flow.shape)
        yield (
            f"branch {names[branch]} carries {flow[worst, branch]:,.1f} of "
            f"{limit_mw[worst, branch]:,.1f} MW in hour {int(worst) + 1}"
        )
