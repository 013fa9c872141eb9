"""A small clean supply with its sources named, at the prices of the embedded parameters."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from siteopt.energy.clean_supply import CleanSupplyData, with_parameters
from siteopt.energy.stock import CleanSources
from siteopt.layers import Layers, open_layers
from siteopt.scenario import Scenario, load_scenario
from tests.energy.supplies import DAY, NOON, STEADY, two_buses


@cache
def small_run() -> tuple[Scenario, Layers]:
    """Return the scenario matched by the hour, and its layers."""
    scenario = load_scenario("national-2035-hourly")
    return scenario, open_layers(scenario)


def small_data(**changed: Any) -> CleanSupplyData:
    """Return sun by day that runs at bus 0, and new steady wind on land and at sea at bus 1."""
    scenario, layers = small_run()
    hourly = np.column_stack([0.6 * NOON, 0.3 * STEADY, 0.4 * STEADY])
    most = np.array([200.0, 300.0, 2000.0])
    supply = two_buses(
        source_name=np.array(["sun", "wind", "sea"]),
        source_zone=np.array([0, 1, 1]),
        source_share=np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]),
        source_runs=np.array([True, False, False]),
        source_yield=hourly,
        source_krw_mwh=np.ones(3),
        source_most_mw=most,
        grid_clean=np.full(DAY, 0.3),
        groups={"onshore_wind built": (np.array([1]), 250.0)},
    )
    table = pd.DataFrame(
        {
            "source": ["sun", "wind", "sea"],
            "technology": ["solar", "onshore_wind", "offshore_wind"],
            "status": ["operating", "potential", "awarded"],
            "zone": [0, 1, 1],
            "managed": [False, False, False],
            "most_mw": most,
            "krw_kwh": np.ones(3),
            "yield_pct": 100.0 * hourly.mean(axis=0),
        }
    )
    stock = pd.DataFrame(
        {
            "technology": ["solar", "onshore_wind", "offshore_wind"],
            "status": ["operating", "potential", "awarded"],
            "mw": [2000.0, 300.0, 2000.0],
        }
    )
    data = CleanSupplyData(
        year=2035,
        supply=supply,
        sources=CleanSources(table, supply.source_share, hourly, supply.groups),
        bus_id=("1", "2"),
        zone=np.array([0, 1]),
        stock=stock,
        running_mw=np.zeros((len(supply.weight_h), 2)),
    )
    priced = with_parameters(data, layers.parameters, layers.parameters, scenario)
    return replace(data, supply=replace(priced, **changed))
