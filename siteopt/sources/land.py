"""Runways, industrial complexes, cable landings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siteopt.errors import LayerError
from siteopt.sources._built import Built, write_csv, write_geojson

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "cable_landings", "industrial_complexes", "runways", "slug"]

_FOOT_M: Final = 0.3048

_COMPLEX_EN: Final = {
    "울산미포 국가산단": "Ulsan-Mipo",
    "새만금 국가산단": "Saemangeum",
    "대불 국가산단": "Daebul",
    "여수 국가산단": "Yeosu",
    "광양 국가산단": "Gwangyang",
    "온산 국가산단": "Onsan",
    "창원 국가산단": "Changwon",
    "대구 국가산단(구지)": "Daegu (Guji)",
    "오송생명과학": "Osong Bio",
    "북평 국가산단": "Bukpyeong",
    "석문 국가산단": "Seongmun",
    "대산(서산) 석유화학": "Daesan Petrochemical",
}

_PROVINCE: Final = {
    "서울": "11", "부산": "26", "대구": "27", "인천": "28", "광주": "29", "대전": "30", "울산": "31",
    "세종": "36", "경기": "41", "충북": "43", "충남": "44", "전남": "46", "경북": "47", "경남": "48",
    "제주": "50", "강원": "51", "전북": "52",
}  # fmt: skip


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


def industrial_complexes(facts: Path) -> pd.DataFrame:
    """Return industrial complexes as points with area and land price where known."""
    raw = pd.read_csv(facts / "industrial_complexes.csv", encoding="utf-8")
    missing = sorted(set(raw["name"]) - set(_COMPLEX_EN))
    if missing:
        raise LayerError(f"industrial_complexes.csv: {missing[0]} has no English name; add it")
    english = raw["name"].map(_COMPLEX_EN)
    return pd.DataFrame(
        {
            "complex_id": [slug(name) for name in english], "name_ko": raw["name"],
            "name_en": english + " industrial complex", "province_code": raw["province"].map(_PROVINCE),
            "lon": raw["lon"], "lat": raw["lat"], "area_km2": raw["area_km2"],
            "land_price_krw_m2": raw["land_price_krw_m2"], "price_year": raw["price_year"],
            "source": raw["source"], "confidence": raw["confidence"],
        }
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
    """Write ``runways.geojson``, ``industrial_complexes.csv`` and ``cable_landings.csv``.

    Parameters
    ----------
    sources, facts : Path
        Folders of the source copies and of the fact tables.
    out : Path
        Folder of the layer files.
    """
    write_geojson(runways(sources), out / "runways.geojson", "runway_id")
    write_csv(industrial_complexes(facts), out / "industrial_complexes.csv", "complex_id")
    write_csv(cable_landings(facts), out / "cable_landings.csv", "landing_id")
    return [_runways_entry(), _complexes_entry(), _landings_entry()]


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


def _complexes_entry() -> Built:
    return Built(
        id="industrial_complexes", file="industrial_complexes.csv", kind="vector",
        title_ko="주요 산업단지", title_en="Large industrial complexes",
        source="compiled for siteopt: general knowledge, one land price and one area from press",
        licence="facts, no known restriction", vintage="2025", crs="EPSG:4326",
        unit="area_km2 km2, land_price_krw_m2 KRW/m2", confidence="per row",
        good_for="Whether a large complex outside the capital region is near by.",
        not_good_for="A list of industrial land: 12 of over a thousand complexes, points +-2 km, "
        "one land price in all.",
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
