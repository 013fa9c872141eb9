"""Made places for the cases of the program: sites, costs, stations, connections, headroom.

Every function draws from the generator it is given, so their order is part of a case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.kinds import Kind

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = [
    "connections", "cost_per_mw", "headroom", "land_mw", "nearest", "places", "smooth", "stations",
]  # fmt: skip

_LATTICE_M = 2500.0
_COLUMNS, _ROWS = 120, 160
_WEST_M, _SOUTH_M = 900_000.0, 1_500_000.0


def smooth(rng: np.random.Generator, x: Floats, y: Floats, wave_km: float) -> Floats:
    """Return a field that varies over some kilometres, of mean 0 and variance 1."""
    waves = 12
    field = np.zeros(len(x))
    for _ in range(waves):
        turn, size = rng.uniform(0, 2 * np.pi), rng.uniform(0.6, 1.4)
        along = (np.cos(turn) * x + np.sin(turn) * y) / (1000.0 * wave_km * size)
        field += np.sin(2 * np.pi * along + rng.uniform(0, 2 * np.pi))
    return np.asarray(field / np.sqrt(waves / 2), dtype=np.float64)


def places(rng: np.random.Generator, count: int) -> tuple[Floats, Floats, NDArray[np.str_]]:
    """Return where the sites are: clusters of eligible land on a lattice, and their ids."""
    columns, rows = np.meshgrid(np.arange(_COLUMNS), np.arange(_ROWS))
    x = np.asarray(columns.ravel() * _LATTICE_M + _WEST_M, dtype=np.float64)
    y = np.asarray(rows.ravel() * _LATTICE_M + _SOUTH_M, dtype=np.float64)
    land = smooth(rng, x, y, 50.0) + 0.6 * rng.normal(size=len(x))
    picked = np.sort(np.argsort(-land, kind="stable")[:count])
    east = x[picked] + rng.uniform(-900, 900, count)
    north = y[picked] + rng.uniform(-900, 900, count)
    return np.round(east), np.round(north), np.array([f"S{place:05d}" for place in picked])


def land_mw(rng: np.random.Generator, count: int, kind: Kind) -> Floats:
    """Return the IT load that the land of every site carries; of all sizes, large ones rarer."""
    low, high = kind.land_mw
    if kind.small:
        return rng.uniform(low, high + 20.0, count)
    return np.clip(rng.lognormal(5.6, 1.1, count), low, high)


def cost_per_mw(rng: np.random.Generator, x: Floats, y: Floats, kind: Kind) -> Floats:
    """Return the cost of a MW of IT load at every site, land apart, all of its years together."""
    differs = 2.5 + smooth(rng, x, y, kind.wave_km) + kind.own_bn_krw * rng.normal(size=len(x))
    return np.asarray(kind.common_bn_krw + np.maximum(differs, 0.05), dtype=np.float64)


def nearest(rng: np.random.Generator, x: Floats, y: Floats, count: int) -> Ints:
    """Return the nearest of some sites taken as centres, by number."""
    centres = rng.choice(len(x), count, replace=False)
    far = np.hypot(x[:, None] - x[centres], y[:, None] - y[centres])
    return np.asarray(np.argmin(far, axis=1), dtype=np.int64)


def stations(rng: np.random.Generator, x: Floats, y: Floats, count: int) -> tuple[Floats, Floats]:
    """Return where the stations are: some kilometres off a site each."""
    spots = rng.choice(len(x), count, replace=False)
    return x[spots] + rng.normal(0, 4000, count), y[spots] + rng.normal(0, 4000, count)


def connections(
    rng: np.random.Generator,
    sites: pd.DataFrame,
    cost: Floats,
    kind: Kind,
    spots: tuple[Floats, Floats],
) -> pd.DataFrame:
    """Return the connections of every site to its three nearest stations."""
    east, north = spots
    count = len(sites)
    x, y = sites["x_m"].to_numpy(), sites["y_m"].to_numpy()
    far_km = np.hypot(x[:, None] - east, y[:, None] - north) / 1000.0
    near = np.argsort(far_km, axis=1, kind="stable")[:, :3]
    site = np.repeat(np.arange(count), 3)
    station = near.ravel()
    route_km = far_km[site, station] * rng.uniform(1.05, 1.4, 3 * count)
    fibre = rng.uniform(0.0, 1.7, count)[site]
    fixed = 12.0 + 1.12 * route_km + fibre
    land = 0.25 + 0.2 * rng.gamma(2.0, 0.5, count)[site]
    ids = sites["site_id"].to_numpy()
    return pd.DataFrame(
        {
            "option_id": [f"{ids[i]}@N{s:04d}-154" for i, s in zip(site, station, strict=True)],
            "site_id": ids[site],
            "station_id": [f"N{s:04d}" for s in station],
            "station_kv": 154.0,
            "voltage_kv": 154.0,
            "facility_min_mw": 40.0,
            "facility_max_mw": 400.0,
            "fixed_bn_krw": np.round(fixed, 4),
            "per_mw_bn_krw": np.round(cost[site] + land, 5),
            "capital_fixed_bn_krw": np.round(fixed, 4),
            "capital_per_mw_bn_krw": np.round(kind.common_capital_bn_krw + land, 5),
            "lead_time_years": np.where(route_km > 30.0, 6.0, 5.0),  # noqa: PLR2004 - a long line
            "banks": 0,
            "relief_mw": 0.0,
        }
    )


def headroom(rng: np.random.Generator, stations: int) -> pd.DataFrame:
    """Return the headroom of every station today, and of a third of them more from a later year."""
    today = np.round(rng.gamma(1.6, 160.0, stations), 1)
    year = rng.choice([2033, 2036, 2039], stations)
    later = np.flatnonzero(rng.random(stations) < 1 / 3)
    more = np.round(today + rng.uniform(50.0, 400.0, stations), 1)
    names = np.array([f"N{place:04d}" for place in range(stations)])
    return pd.DataFrame(
        {
            "station_id": np.concatenate([names, names[later]]),
            "voltage_kv": 154.0,
            "headroom_mw": np.concatenate([today, more[later]]),
            "year": np.concatenate([np.full(stations, 2025), year[later]]),
        }
    )
