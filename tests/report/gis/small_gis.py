"""The small run with all that GIS files can show: land, complexes, headroom, zones, draws."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import MultiPolygon, box

from siteopt.report import ranking_table
from siteopt.report._connections import connection_lines
from siteopt.report.gis import GisInputs, write_gis
from tests.report.small_energy import with_clean_energy
from tests.report.small_robustness import with_draws

LAYERS = [
    "sites", "connections", "site_areas", "complexes", "stations", "power_lines", "clean_zones",
    "excluded", "provinces", "districts",
]  # fmt: skip


def inputs(tables, hostile=""):
    """Return outlines of all sites but a complex, two complexes, headroom, zones of the buses."""
    tiles = tables.sites[tables.sites["kind"] != "complex"]
    half = 50.0 * np.sqrt(tiles["eligible_ha"].to_numpy())
    shapes = [
        MultiPolygon([box(p.x - r, p.y - r, p.x + r, p.y + r)])
        for p, r in zip(tiles.geometry, half, strict=True)
    ]
    outlines = gpd.GeoDataFrame(
        {"site_id": tiles["site_id"].to_numpy(), "outline": "piece"}, geometry=shapes, crs=5179
    )
    complexes = tables.sites.iloc[[3, 7]].assign(
        complex_id=["S0003", "C9"], name_ko=["산단 " + hostile, "작은 산단"],
        excluded_by=["", "too_small;slope"],
    )  # fmt: skip
    headroom = pd.DataFrame(
        {
            "station_id": ["A", "A", "B"], "voltage_kv": [154.0, 345.0, 154.0],
            "headroom_mw": [220.0, 900.5, 0.0], "year": [2029, 2025, 2029],
            "confidence": ["published-cap", "model", "published-zero"],
            "estimate_mw": [310.0, 900.5, 40.0], "published_mw": [220.0, np.nan, 0.0],
        }
    )  # fmt: skip
    return GisInputs(outlines, complexes, headroom, {"1": 1, "2": 2, "3": 3})


def full(tables, hostile=""):
    """Return a run with everything that the GIS files can show."""
    known = with_draws(with_clean_energy(tables))
    return replace(known, gis=inputs(tables, hostile))


def write(tables, folder):
    """Write the GIS files of a run and return its ranking."""
    ranking = ranking_table(tables)
    folder.mkdir(exist_ok=True)
    write_gis(tables, ranking, connection_lines(tables, ranking), folder)
    return ranking
