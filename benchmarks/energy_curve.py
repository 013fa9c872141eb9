"""Cost curve of clean energy on the embedded layers, with branches and on a copper plate.

The scenario's supply for a load that is spread evenly over the buses outside the capital region.
A copper plate has the same stock and no branches: what it is cheaper by is what the grid costs.

``python -m benchmarks energy --curve`` prints the table with seconds.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.energy import CAPITAL
from siteopt.energy.clean_supply import clean_supply
from siteopt.energy.curve_points import curve_points, nothing_short
from siteopt.energy.program import EnergyProgram, Matching
from siteopt.energy.stock import TECHNOLOGIES
from siteopt.grid.case import case_of_layers
from siteopt.layers import open_layers
from siteopt.scenario import load_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siteopt.energy.clean_supply import CleanSupplyData
    from siteopt.energy.curve_points import CurvePoint

SCENARIO = "national-2035-hourly"
LIMIT_S = 180.0
"""Seconds that the points of one matching may take."""
HOURS = 8760.0
WAYS: tuple[tuple[str, Matching, bool], ...] = (
    ("hourly, branches", "hourly", True),
    ("hourly, copper plate", "hourly", False),
    ("annual, branches", "annual", True),
)


class Curve(NamedTuple):
    """A way, its points with the seconds of each, all seconds, the load in MW, and the supply."""

    name: str
    points: list[tuple[CurvePoint, float]]
    seconds: float
    load_mw: float
    data: CleanSupplyData


def figures() -> Iterator[Curve]:
    """Yield the curves."""
    scenario = load_scenario(SCENARIO)
    layers = open_layers(scenario)
    data = clean_supply(layers, scenario, scenario.target.year)
    outside = ~case_of_layers(layers).buses["province_code"].astype(str).isin(CAPITAL).to_numpy()
    value = layers.parameters.value
    load_mw = scenario.target.it_mw * value("pue_liquid") * value("load_factor")
    load = load_mw * outside / np.count_nonzero(outside)
    for name, matching, branches in WAYS:
        supply = nothing_short(data.supply)
        supply = supply if branches else replace(supply, network=None)
        begin = time.perf_counter()
        points: list[tuple[CurvePoint, float]] = []
        program = EnergyProgram(supply, matching)
        for pct in scenario.energy.supply.curve_pct:
            since = time.perf_counter()
            (point,) = curve_points(program, load, [pct / 100.0])
            points.append((point, time.perf_counter() - since))
        yield Curve(name, points, time.perf_counter() - begin, load_mw, data)


def lines(curve: Curve) -> list[str]:
    """Return a curve as lines of text."""
    technology = curve.data.sources.table["technology"].to_numpy()
    head = " ".join(f"{kind:>13}" for kind in TECHNOLOGIES)
    out = [
        f"{curve.name}: {len(curve.points)} points in {curve.seconds:.1f} s, built and without load included",
        f"{'%':>5} {'met %':>6} {'KRW/kWh':>8} {head} {'storage MWh':>11} {'s':>6}  MW",
    ]
    for point, took in curve.points:
        price = point.krw_year / (curve.load_mw * HOURS) / 1000.0
        mw = " ".join(
            f"{point.found.source_mw[technology == kind].sum():13,.0f}" for kind in TECHNOLOGIES
        )
        out.append(
            f"{100 * point.target:5.0f} {100 * point.reached:6.1f} {price:8.2f} {mw} "
            f"{point.found.storage_mwh.sum():11,.0f} {took:6.2f}"
        )
    return out


def faults(curve: Curve) -> list[str]:
    """Return what is wrong with a curve: it falls, or it takes too long."""
    cost = np.array([point.krw_year for point, _ in curve.points])
    wrong = ["a higher share costs less"] if (np.diff(cost) < -1e-7 * cost[1:]).any() else []
    if curve.seconds > LIMIT_S:
        wrong.append(f"{curve.seconds:.0f} s; at most {LIMIT_S:g} are allowed")
    return wrong
