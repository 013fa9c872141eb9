"""A made instance of national size, with the shape of the real one, for tests and benches.

Sites on a 2.5 km lattice in clusters of eligible land, six connection options each, costs a
MW that vary smoothly over the country by a few percent.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from siteopt.scenario import Scenario

LATTICE_M = 2500.0


def scenario(**changes: Any) -> Scenario:
    raw: dict[str, Any] = {
        "name": "made",
        "title": {"ko": "모형", "en": "made"},
        "target": {"it_mw": 3000, "year": 2035},
        "spacing_km": 20,
        "provinces": {"count_min": 3, "share_max_pct": 40},
        "connection": {"classes": [{"voltage_kv": 154, "station_kv": 154, "facility_max_mw": 400}]},
        "screening": {
            "exclusions": [
                {
                    "id": "sea",
                    "title": {"ko": "바다", "en": "sea"},
                    "kind": "outside",
                    "layer": "provinces",
                }
            ]
        },
    }
    return Scenario.model_validate(raw | changes)


def _smooth(rng: np.random.Generator, x: np.ndarray, y: np.ndarray, waves: int) -> np.ndarray:
    field = np.zeros(len(x))
    for _ in range(waves):
        kx, ky = rng.normal(0, 1 / 60_000, 2)
        field += np.sin(2 * np.pi * (kx * x + ky * y) + rng.uniform(0, 2 * np.pi))
    return field / np.sqrt(waves / 2)


def tables(count: int, seed: int = 0, stations: int = 300) -> dict[str, pd.DataFrame]:
    """Return the tables that ``build_problem`` takes, by argument name."""
    rng = np.random.default_rng(seed)
    columns, rows = np.meshgrid(np.arange(120), np.arange(160))
    x = columns.ravel() * LATTICE_M + 900_000
    y = rows.ravel() * LATTICE_M + 1_500_000
    land = _smooth(rng, x, y, 12) + 0.4 * rng.normal(size=len(x))
    picked = np.sort(np.argsort(-land, kind="stable")[:count])
    x, y = x[picked] + rng.uniform(-900, 900, count), y[picked] + rng.uniform(-900, 900, count)
    ids = np.array([f"S{place:05d}" for place in picked])
    east, north = (x - 900_000) // 75_000, (y - 1_500_000) // 100_000
    sites = pd.DataFrame(
        {
            "site_id": ids,
            "x_m": x,
            "y_m": y,
            "province_code": [
                f"{int(40 + 4 * n + e):02d}" for e, n in zip(east, north, strict=True)
            ],
            "it_max_mw": np.floor(np.minimum(rng.lognormal(5.6, 0.9, count), 1000) / 20) * 20,
        }
    )
    sites["it_max_mw"] = sites["it_max_mw"].clip(lower=40)
    described = pd.DataFrame(
        {
            "pue": 1.3 + 0.02 * _smooth(rng, x, y, 8),
            "water_m3_day_per_mw": 30.0,
            "basin_id": [f"B{int(e)}" for e in (x - 900_000) // 60_000],
            "suitability": np.clip(0.5 + 0.2 * _smooth(rng, x, y, 8), 0, 1),
        },
        index=pd.Index(ids, name="site_id"),
    )
    spots = rng.choice(count, stations, replace=count < stations)
    sx, sy = x[spots] + rng.normal(0, 4000, stations), y[spots] + rng.normal(0, 4000, stations)
    high = rng.random(stations) < 0.4
    headroom = pd.DataFrame(
        [
            {"station_id": f"N{k:04d}", "voltage_kv": kv, "headroom_mw": room}
            for k in range(stations)
            for kv, room in (
                (154.0, float(rng.uniform(50, 700))),
                (345.0, float(rng.uniform(200, 1500)) if high[k] else -1.0),
            )
            if room > 0
        ]
    )
    base = 22.5 * (1 + 0.025 * _smooth(rng, x, y, 10)) * (1 + 0.003 * rng.normal(size=count))
    options = []
    far = np.hypot(x[:, None] - sx, y[:, None] - sy) / 1000
    for kv, low, top, usable in ((154.0, 40, 400, ~np.zeros_like(high)), (345.0, 400, 2000, high)):
        order = np.argsort(np.where(usable, far, np.inf), axis=1, kind="stable")[:, :3]
        for site in range(count):
            for k in order[site]:
                km = float(far[site, k])
                if km > 40:
                    continue
                fixed = 5 + km * (1.2 if kv < 200 else 3.4) + (10 if kv < 200 else 40)
                options.append(
                    (
                        f"{ids[site]}@N{k:04d}-{kv:g}",
                        ids[site],
                        f"N{k:04d}",
                        kv,
                        low,
                        top,
                        fixed,
                        float(base[site]),
                        fixed,
                        12.0,
                    )
                )
    names = [
        "option_id",
        "site_id",
        "station_id",
        "station_kv",
        "facility_min_mw",
        "facility_max_mw",
        "fixed_bn_krw",
        "per_mw_bn_krw",
        "capital_fixed_bn_krw",
        "capital_per_mw_bn_krw",
    ]
    basins = pd.DataFrame({"basin_id": sorted(set(described["basin_id"]))})
    basins["supply_m3_day"] = rng.uniform(1e6, 8e6, len(basins))
    return {
        "sites": sites,
        "described": described,
        "options": pd.DataFrame(options, columns=names),
        "headroom": headroom,
        "basins": basins,
    }
