"""PyPSA, an energy model of others, finds the same cost: three buses, a ring that binds."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from siteopt.energy.program import EnergyProgram, Matching
from siteopt.energy.supply import Fleet, PtdfNetwork
from tests.energy.supplies import DAY, two_buses

if TYPE_CHECKING:
    from siteopt.energy.supply import Supply

ENDS = np.array([[0, 1], [1, 2], [2, 0]])
REACTANCE, LIMIT_MW = np.array([0.1, 0.2, 0.15]), np.array([120.0, 90.0, 125.0])
DEMAND_SHARE = np.array([0.1, 0.3, 0.6])
EVERY_HOUR = [f"{hour:02d}" for hour in range(DAY)]


def ring() -> tuple[Supply, np.ndarray[Any, Any]]:
    """Return a supply of one day in a ring of three buses, and the demand by hour and bus."""
    rng = np.random.default_rng(4)
    incidence = np.zeros((3, 3))
    incidence[np.arange(3), ENDS[:, 0]], incidence[np.arange(3), ENDS[:, 1]] = 1.0, -1.0
    across = incidence / REACTANCE[:, None]
    ptdf = across @ np.linalg.pinv(incidence.T @ across)
    total = rng.uniform(150.0, 250.0, DAY)
    demand = total[:, None] * DEMAND_SHARE
    noon = np.clip(np.sin(np.pi * (np.arange(DAY) - 5.5) / 13.0), 0.0, None)
    supply = two_buses(
        demand_mw=total,
        zone_share=np.eye(3)[:2],
        source_share=np.eye(3)[:2],
        source_yield=np.column_stack([noon, rng.uniform(0.1, 0.7, DAY)]),
        source_most_mw=np.array([400.0, 300.0]),
        storage_share=np.eye(3)[2:],
        storage_krw_mw_year=16e6,
        storage_krw_mwh_year=9e6,
        storage_efficiency=0.8,
        grid_clean=rng.uniform(0.1, 0.4, DAY),
        excess_krw_mwh=40e3,
        excess_most=0.1,
        target=0.9,
        fleet=Fleet(
            bus=np.arange(3), from_bus=np.full(3, -1), least_mw=np.zeros(3),
            most_mw=np.array([400.0, 200.0, 300.0]), krw_mwh=np.array([50e3, 90e3, 70e3]),
        ),
        market_krw_mwh=rng.uniform(50e3, 90e3, DAY),
        network=PtdfNetwork(ptdf, -demand @ ptdf.T, np.tile(LIMIT_MW, (DAY, 1))),
    )  # fmt: skip
    return supply, demand


def grid_of(supply: Supply, drawn_mw: np.ndarray[Any, Any]) -> Any:
    """Return the buses, lines, units, new sources and storage as a network of PyPSA."""
    import pypsa  # noqa: PLC0415 - seconds, for this test alone

    grid = pypsa.Network(snapshots=EVERY_HOUR)
    weight = float(supply.weight_h[0])
    grid.snapshot_weightings = pd.DataFrame(
        {"objective": weight, "stores": 1.0, "generators": weight}, index=grid.snapshots
    )
    for bus in range(3):
        grid.add("Bus", f"bus {bus}", v_nom=1.0)
        grid.add("Load", f"load {bus}", bus=f"bus {bus}", p_set=drawn_mw[:, bus])
        grid.add("Generator", f"unit {bus}", bus=f"bus {bus}", p_nom=supply.fleet.most_mw[bus],
                 marginal_cost=supply.fleet.krw_mwh[bus])  # fmt: skip
    for line, (begin, end) in enumerate(ENDS):
        grid.add("Line", f"line {line}", bus0=f"bus {begin}", bus1=f"bus {end}",
                 x=REACTANCE[line], s_nom=LIMIT_MW[line])  # fmt: skip
    market = supply.market_krw_mwh
    year_krw_mw = supply.source_krw_mwh * (supply.weight_h @ supply.source_yield)
    for source, name in enumerate(supply.source_name):
        grid.add("Generator", name, bus=f"bus {source}", p_nom_extendable=True,
                 p_nom_max=supply.source_most_mw[source], marginal_cost=market,
                 p_max_pu=supply.source_yield[:, source], capital_cost=year_krw_mw[source])  # fmt: skip
    one_way = float(np.sqrt(supply.storage_efficiency))
    grid.add("Bus", "battery")
    grid.add("Store", "cells", bus="battery", e_nom_extendable=True, e_cyclic=True,
             capital_cost=supply.storage_krw_mwh_year)  # fmt: skip
    grid.add("Link", "charge", bus0="bus 2", bus1="battery", efficiency=one_way,
             p_nom_extendable=True, capital_cost=supply.storage_krw_mw_year,
             marginal_cost=-np.asarray(market))  # fmt: skip
    grid.add("Link", "discharge", bus0="battery", bus1="bus 2", efficiency=one_way,
             p_nom_extendable=True, marginal_cost=np.asarray(market) * one_way)  # fmt: skip
    return grid


def cost_by_pypsa(
    supply: Supply, demand_mw: np.ndarray[Any, Any], load_mw: np.ndarray[Any, Any],
    matching: Matching,
) -> float:  # fmt: skip
    """Return the cost by PyPSA, with the contracts as rows of its model (Riepin and Brown)."""
    import xarray as xr  # noqa: PLC0415 - comes with PyPSA

    grid, total = grid_of(supply, demand_mw + load_mw), load_mw.sum()
    model = grid.optimize.create_model()

    def hourly(values: Any) -> Any:
        return xr.DataArray(values, coords=[grid.snapshots], dims=["snapshot"])

    weight, clean = hourly(supply.weight_h), hourly(supply.grid_clean)
    used = model.add_variables(lower=0.0, upper=total, coords=[grid.snapshots], name="used")
    excess = model.add_variables(lower=0.0, coords=[grid.snapshots], name="excess")
    output, power = model["Generator-p"], model["Link-p"]
    one_way = float(np.sqrt(supply.storage_efficiency))
    names = supply.source_name.tolist()
    contracts = output.sel(name=names).sum("name") + one_way * power.sel(name="discharge")
    model.add_constraints(contracts - power.sel(name="charge") - used - excess == 0.0, name="match")
    rated = model["Link-p_nom"]
    model.add_constraints(
        one_way * rated.sel(name="discharge") - rated.sel(name="charge") == 0.0, name="converter"
    )
    year = float(supply.weight_h.sum())
    counted = (weight * (1.0 - clean) * used).sum()
    if matching == "annual":
        mean = float(supply.weight_h @ supply.grid_clean) / year
        counted = counted + (weight * (1.0 - mean) * excess).sum()
    needed = supply.target * year * total - float(supply.weight_h @ supply.grid_clean) * total
    model.add_constraints(counted >= needed, name="target")
    model.add_constraints(
        (weight * excess).sum() <= supply.excess_most * year * total, name="excess most"
    )
    model.objective = (
        model.objective.expression
        + (weight * (supply.adder_krw_mwh - supply.grid_krw_mwh) * used).sum()
        - (weight * supply.excess_krw_mwh * excess).sum()
    )
    status, _ = grid.optimize.solve_model(solver_name="highs", io_api="direct", output_flag=False)
    assert status == "ok"
    assert supply.market_krw_mwh is not None
    fixed = supply.grid_krw_mwh * year - float(supply.weight_h @ supply.market_krw_mwh)
    return float(model.objective.value + fixed * total)


@pytest.mark.parametrize("matching", ["hourly", "annual"])
def test_pypsa_finds_the_same_cost(matching: Matching) -> None:
    pytest.importorskip("pypsa")
    supply, demand = ring()
    load = np.array([5.0, 20.0, 60.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries about one another
        expected = cost_by_pypsa(supply, demand, load, matching)
    # Without load no line is full, and the cheapest unit serves all.
    expected -= supply.fleet.krw_mwh[0] * float(supply.weight_h @ demand.sum(axis=1))
    found = EnergyProgram(supply, matching).cut(load)
    assert found.krw_year == pytest.approx(expected, rel=1e-6)
    assert found.storage_mwh.sum() > 1.0
    assert found.parts_krw_year["redispatch"] != pytest.approx(0.0, abs=1e6)
    assert np.ptp(found.price_krw_mw_year) > 1e6  # the ring binds
    assert found.shortfall_mwh == pytest.approx(0.0, abs=1e-6)
