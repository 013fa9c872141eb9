"""A small data folder with one layer of each kind, and files a user may bring."""

import hashlib

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from siteopt.lattice import Lattice
from siteopt.layers.catalogue import Entry, render_catalogue
from siteopt.sources._built import write_csv, write_geojson, write_raster

LATTICE = Lattice(1_000_000.0, 1_800_000.0, 250.0, 8, 8)


def complexes():
    return pd.DataFrame(
        {
            "complex_id": ["a", "b"], "name_ko": ["가", "나"], "province_code": ["46", "47"],
            "lon": [126.5, 128.5], "lat": [34.8, 36.1], "area_km2": [10.0, 2.0],
            "land_price_krw_m2": [None, 150000.0], "price_year": [None, 2025.0],
            "confidence": ["compiled-low", "published"],
        }
    )  # fmt: skip


def parks():
    return gpd.GeoDataFrame(
        {
            "park_id": ["x", "y"], "name_ko": ["엑스", "와이"], "area_km2": [3.1, 3.1],
            "approximate": [True, True], "confidence": ["compiled-low", "compiled-low"],
        },
        geometry=[shapely.Point(1e6, 1.8e6).buffer(1000), shapely.Point(1.1e6, 1.9e6).buffer(1000)],
        crs=5179,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """Return a data folder: parks (vector), complexes (points), headroom (table), slope."""
    home = tmp_path / "data"
    reference = home / "reference"
    headroom = pd.DataFrame(
        {"station_id": ["S1"], "voltage_kv": [154], "headroom_mw": [120.0], "year": [2025],
         "method": ["m"], "confidence": ["model"]}
    )  # fmt: skip
    values = np.arange(64, dtype=np.uint8).reshape(8, 8)
    values[0, 0] = 255
    write_geojson(parks(), reference / "parks.geojson", "park_id")
    write_csv(complexes(), reference / "industrial_complexes.csv", "complex_id")
    write_csv(headroom, reference / "headroom.csv", "station_id")
    write_raster(values, LATTICE, reference / "slope.tif", nodata=255, scale=0.5)
    entries = []
    for file, kind in (
        ("parks.geojson", "vector"), ("industrial_complexes.csv", "vector"),
        ("headroom.csv", "table"), ("slope.tif", "raster"),
    ):  # fmt: skip
        path = reference / file
        entries.append(
            Entry(
                id=path.stem, title_ko="제목", title_en="Title", file=f"reference/{file}", kind=kind,
                crs="EPSG:4326", unit="", source="s", licence="l", vintage="2025",
                confidence="published", good_for="g", not_good_for="n", notice="",
                sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            )
        )  # fmt: skip
    (home / "catalogue.toml").write_text(render_catalogue(entries), encoding="utf-8")
    return home
