"""Small supplies that the tests of the energy program share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from siteopt.energy.supply import Fleet, PtdfNetwork, Supply

DAY = 24
NOON = np.zeros(DAY)
NOON[6:18] = 1.0
STEADY = np.ones(DAY)


def two_buses(**changed: Any) -> Supply:
    """Two buses, one day, sun at bus 0 by day and steady wind at bus 1, a unit at each bus."""
    supply = Supply(
        weight_h=np.full(DAY, 365.0),
        demand_mw=np.full(DAY, 1000.0),
        available_mw=np.zeros((DAY, 2)),
        zone_share=np.eye(2),
        fleet=Fleet(
            bus=np.array([0, 1]),
            from_bus=np.array([-1, -1]),
            least_mw=np.zeros(2),
            most_mw=np.array([2000.0, 2000.0]),
            krw_mwh=np.array([50e3, 80e3]),
        ),
        source_name=np.array(["sun", "wind"]),
        source_zone=np.array([0, 1]),
        source_share=np.eye(2),
        source_runs=np.array([False, False]),
        source_yield=np.column_stack([NOON, STEADY]),
        source_krw_mwh=np.array([100e3, 150e3]),
        source_most_mw=np.array([np.inf, np.inf]),
        storage_share=np.eye(2),
        storage_krw_mw_year=0.0,
        storage_krw_mwh_year=0.0,
        storage_efficiency=1.0,
        grid_clean=np.zeros(DAY),
        grid_krw_mwh=120e3,
        adder_krw_mwh=10e3,
        excess_krw_mwh=0.0,
        excess_most=0.25,
        target=0.8,
        penalty_krw_mwh=1e7,
    )
    return replace(supply, **changed)


def no_storage(supply: Supply) -> Supply:
    """Return the supply with storage too dear to build."""
    return replace(supply, storage_krw_mw_year=1e12, storage_krw_mwh_year=1e12)


def with_line(supply: Supply, most_mw: float) -> Supply:
    """Return the supply with one line from bus 0 to bus 1; all demand is at bus 1."""
    demand = np.column_stack([np.zeros(DAY), supply.demand_mw])
    ptdf = np.array([[0.0, -1.0]])  # bus 0 balances
    network = PtdfNetwork(ptdf, -demand @ ptdf.T, np.full((DAY, 1), most_mw))
    market = np.full(DAY, 50e3)
    return replace(supply, network=network, market_krw_mwh=market)


def noisy(seed: int, line_mw: float = 950.0) -> Supply:
    """Return a two-bus supply of two days with random profiles, demand and grid shares."""
    rng = np.random.default_rng(seed)
    hours = 2 * DAY
    demand = rng.uniform(700.0, 1000.0, hours)
    two = two_buses(
        weight_h=np.repeat([200.0, 165.0], DAY),
        demand_mw=demand,
        available_mw=np.column_stack([rng.uniform(0, 100, hours), np.zeros(hours)]),
        source_yield=rng.uniform(0.0, 1.0, (hours, 2)) * np.array([0.6, 1.0]),
        source_most_mw=np.array([300.0, 300.0]),
        storage_krw_mw_year=16e6,
        storage_krw_mwh_year=28e6,
        storage_efficiency=0.85,
        grid_clean=rng.uniform(0.2, 0.6, hours),
        excess_krw_mwh=60e3,
    )
    ptdf = np.array([[0.0, -1.0]])
    put = np.column_stack([np.zeros(hours), -demand]) + two.available_mw
    network = PtdfNetwork(ptdf, put @ ptdf.T, np.full((hours, 1), line_mw))
    return replace(two, network=network, market_krw_mwh=np.full(hours, 50e3))


def ring(demand_mw: float, rate_mw: float) -> Supply:
    """Return three buses in a ring of like branches: a cheap unit at bus 0, demand at bus 2.

    Of what bus 0 sends to bus 2 two thirds take the branch between them; with that one out all of
    it takes the other two.
    """
    ends = np.array([[0, 1], [1, 2], [0, 2]])
    ptdf, lodf = factors(ends, np.ones(3), 3)
    demand = np.array([0.0, 0.0, demand_mw])
    return two_buses(
        demand_mw=np.full(DAY, demand_mw),
        zone_share=np.eye(3)[:2],
        source_share=np.eye(3)[:2],
        source_most_mw=np.zeros(2),
        storage_share=np.eye(3)[:1],
        storage_krw_mw_year=1e12,
        storage_krw_mwh_year=1e12,
        target=0.0,
        fleet=Fleet(
            bus=np.array([0, 2]),
            from_bus=np.array([-1, -1]),
            least_mw=np.zeros(2),
            most_mw=np.array([1000.0, 1000.0]),
            krw_mwh=np.array([50e3, 80e3]),
        ),
        network=PtdfNetwork(
            ptdf, np.tile(-ptdf @ demand, (DAY, 1)), np.full((DAY, 3), rate_mw), lodf
        ),
        market_krw_mwh=np.full(DAY, 50e3),
    )


MESH = np.array([[0, 1], [1, 2], [2, 3], [3, 0], [0, 2], [3, 4]])
"""Ends of branches: a ring of four buses with one across it, and a bus at the end of a spur."""


def meshed(seed: int, hours: int = DAY) -> tuple[Supply, np.ndarray[Any, Any]]:
    """Return a supply on `MESH` with random units, demand and rates, and stiffness of its branches.

    Every bus has a unit of its own that serves it, so flows can always be within their limits.
    Outages are considered, but for that of the spur.
    """
    rng = np.random.default_rng(seed)
    stiff = rng.uniform(40.0, 100.0, len(MESH))
    ptdf, lodf = factors(MESH, stiff, 5)
    demand = rng.uniform(50.0, 300.0, (hours, 5))
    available = np.column_stack([rng.uniform(0, 80, hours), rng.uniform(0, 80, hours)])
    put = available @ np.eye(5)[:2] - demand
    two = two_buses(
        weight_h=np.full(hours, 8760.0 / hours),
        demand_mw=demand.sum(axis=1),
        available_mw=available,
        zone_share=np.eye(5)[:2],
        source_share=np.eye(5)[[0, 3]],
        source_yield=rng.uniform(0.0, 1.0, (hours, 2)),
        source_most_mw=np.array([300.0, 300.0]),
        storage_share=np.eye(5)[:1],
        storage_krw_mw_year=16e6,
        storage_krw_mwh_year=28e6,
        storage_efficiency=0.85,
        target=0.5,
        fleet=Fleet(
            bus=np.arange(5),
            from_bus=np.full(5, -1),
            least_mw=np.zeros(5),
            most_mw=np.array([900.0, 700.0, 700.0, 700.0, 700.0]),
            krw_mwh=rng.permutation(np.array([30e3, 52e3, 75e3, 91e3, 110e3])),
        ),
        network=PtdfNetwork(
            ptdf, put @ ptdf.T, np.tile(rng.uniform(120.0, 320.0, len(MESH)), (hours, 1)), lodf
        ),
        market_krw_mwh=np.full(hours, 60e3),
    )
    return two, stiff


def factors(
    ends: np.ndarray[Any, Any], stiff: np.ndarray[Any, Any], buses: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return shift and outage factors, the latter each from a network without the branch."""

    def of(stiffness: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        incidence = np.eye(buses)[ends[:, 0]] - np.eye(buses)[ends[:, 1]]
        across = incidence * stiffness[:, None]
        inverse = np.zeros((buses, buses))
        inverse[1:, 1:] = np.linalg.inv((incidence.T @ across)[1:, 1:])
        return np.asarray(across @ inverse)

    ptdf, lodf = of(stiff), np.zeros((len(ends), len(ends)))
    for out, (one, other) in enumerate(ends):
        if abs(ptdf[out, one] - ptdf[out, other]) < 1.0 - 1e-9:
            without = of(np.where(np.arange(len(ends)) == out, 0.0, stiff)) - ptdf
            along = ptdf[out, one] - ptdf[out, other]
            lodf[:, out] = (without[:, one] - without[:, other]) / along
            lodf[out, out] = -1.0
    return ptdf, lodf
