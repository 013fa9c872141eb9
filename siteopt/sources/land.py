"""Runways and cable landings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siteopt.sources._built import Built, write_csv, write_geojson

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "cable_landings", "runways", "slug"]

_FOOT_M: Final = 0.3048


def slug(name: str) -> str:
    """Return an id from an English name: 'Daegu (Guji)' becomes 'daegu-guji'."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def runways(sources: Path) -> gpd.GeoDataFrame:
    """Return runways with two thresholds as lines, EPSG:4326; helipads and closed ones not."""
    raw = pd.read_csv(
        sources / "land" / "ourairports_runways_kr.csv", encoding="utf-8",
        dtype={"le_ident": str, "he_ident": str},
    )  # fmt: skip
    ends = ["le_longitude_deg", "le_latitude_deg", "he_longitude_deg", "he_latitude_deg"]
    table = raw[raw[ends].notna().all(axis=1) & (raw["closed"] == 0)].reset_index(drop=True)
    xy = table[ends].to_numpy(dtype=np.float64).reshape(-1, 2, 2)
    return gpd.GeoDataFrame(
        {
            "runway_id": table["airport_ident"] + "-" + table["le_ident"] + "-" + table["he_ident"],
            "airport_ident": table["airport_ident"],
            "length_m": (table["length_ft"] * _FOOT_M).round(),
        },
        geometry=shapely.linestrings(xy), crs=4326,
    )  # fmt: skip


def cable_landings(facts: Path) -> pd.DataFrame:
    """Return landing places of submarine cables as points."""
    raw = pd.read_csv(facts / "cable_landings.csv", encoding="utf-8")
    # '부산 송정 Busan Songjeong': Korean up to the first Latin letter
    names = raw["name"].str.extract(r"^(?P<ko>[^A-Za-z]+?)\s+(?P<en>[A-Za-z].*)$")
    return pd.DataFrame(
        {
            "landing_id": [slug(name) for name in names["en"]], "name_ko": names["ko"],
            "name_en": names["en"], "operator": raw["operator"], "lon": raw["lon"],
            "lat": raw["lat"], "cables": raw["cables"],
            "international": ~raw["cables"].str.contains("domestic"), "source": raw["source"],
            "confidence": raw["confidence"],
        }
    )  # fmt: skip


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``runways.geojson`` and ``cable_landings.csv``.

    Parameters
    ----------
    sources, facts : Path
        Folders of the source copies and of the fact tables.
    out : Path
        Folder of the layer files.
    """
    write_geojson(runways(sources), out / "runways.geojson", "runway_id")
    write_csv(cable_landings(facts), out / "cable_landings.csv", "landing_id")
    return [_runways_entry(), _landings_entry()]


def _runways_entry() -> Built:
    return Built(
        id="runways", file="runways.geojson", kind="vector", title_ko="활주로", title_en="Runways",
        source="davidmegginson/ourairports-data runways.csv (commit 1fb3eea), rows RK*",
        licence="public domain", vintage="2026-08", crs="EPSG:4326", unit="length_m metres",
        confidence="published (community data)",
        good_for="Distance to runways, military strips among them.",
        not_good_for="Obstacle limitation surfaces or flight safety zones. 76 of 163 runways and "
        "helipads are missing, all but one for want of two threshold positions; positions have +-100 m.",
    )  # fmt: skip


def _landings_entry() -> Built:
    return Built(
        id="cable_landings", file="cable_landings.csv", kind="vector",
        title_ko="해저케이블 육양지", title_en="Submarine cable landings",
        source="compiled for siteopt: places from operators' press, coordinates general knowledge",
        licence="facts, no known restriction", vintage="2025", crs="EPSG:4326", unit="",
        confidence="per row",
        good_for="Round-trip time to the landings of international cables, to about 1 ms.",
        not_good_for="Cable routes, capacity, or a complete list of landings.",
    )  # fmt: skip
