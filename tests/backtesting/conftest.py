"""A made-up country of two provinces and a capital region, and lists of made-up sites."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from siteopt.backtesting.candidate_land import CandidateLand
from siteopt.backtesting.placement import with_judged_land
from siteopt.backtesting.site_list import read_site_list
from siteopt.criteria import CRITERION_NAMES
from siteopt.lattice import Lattice
from siteopt.sites.tile_ids import tile_id

WEST, SOUTH = 1_000_000.0, 1_800_000.0
"""South-west corner of the made-up country, EPSG:5179 metres: 40 km wide, 16 km high."""

TILE_M = 4000.0
CELL_M = 500.0
TO_DEGREES = Transformer.from_crs(5179, 4326, always_xy=True)


def degrees(east_km, north_km):
    """Return lon and lat of a place, km from the south-west corner."""
    return TO_DEGREES.transform(WEST + 1000 * east_km, SOUTH + 1000 * north_km)


def written(folder, rows, name="sites.csv"):
    """Write made-up sites: (name, km east, km north, class, date)."""
    lines = ["name,lon,lat,class,date"]
    for called, east, north, kind, date in rows:
        lon, lat = degrees(east, north)
        lines.append(f"{called},{lon!r},{lat!r},{kind},{date}")
    file = folder / name
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def box(west_km, east_km):
    return shapely.box(WEST + 1000 * west_km, SOUTH, WEST + 1000 * east_km, SOUTH + 16_000)


def made_up_land():
    """Return a country whose western fifth is the capital region and whose south edge is a park.

    Tiles of 4 km: 10 by 4; those of the two western columns and of the easternmost one are no
    candidates.
    """
    lattice = Lattice(WEST, SOUTH + 16_000, CELL_M, n_rows=32, n_cols=80)
    codes = np.zeros(lattice.shape, dtype=np.uint32)
    codes[:, :16] |= 1
    codes[-2:, :] |= 2
    rng = np.random.default_rng(5)
    rows = []
    for column in range(2, 9):
        for row in range(4):
            x, y = WEST + TILE_M * (column + 0.5), SOUTH + TILE_M * (row + 0.5)
            scores = rng.uniform(size=len(CRITERION_NAMES)).round(2)
            rows.append(
                {
                    "site_id": tile_id(int((x - TILE_M / 2) / 500), int((y - TILE_M / 2) / 500)),
                    "x_m": x,
                    "y_m": y,
                    "name_en": f"Tile {column} {row}",
                    "province_code": "51" if column < 6 else "52",
                    **{
                        f"score_{name}": one
                        for name, one in zip(CRITERION_NAMES, scores, strict=True)
                    },
                    "suitability": scores.mean(),
                    "bn_krw_per_mw": np.nan if (column, row) == (8, 3) else rng.uniform(20, 30),
                }
            )
    sites = pd.DataFrame(rows).sort_values("site_id", kind="stable").reset_index(drop=True)
    provinces = gpd.GeoDataFrame(
        {"province_code": ["11", "51", "52"], "name_en": ["Capital", "Middle", "East"],
         "capital_region": [True, False, False]},
        geometry=[box(0, 8), box(8, 24), box(24, 40)], crs=5179,
    )  # fmt: skip
    districts = gpd.GeoDataFrame(
        {"district_code": ["11010", "51010", "52010"], "province_code": ["11", "51", "52"],
         "name_en": ["Capital-gu", "Middle-gun", "East-gun"]},
        geometry=list(provinces.geometry), crs=5179,
    )  # fmt: skip
    return CandidateLand(
        scenario="made-up", lattice=lattice, codes=codes, reasons=("capital", "park"),
        titles={"capital": "Capital region", "park": "National park"}, sites=sites,
        weights=dict.fromkeys(CRITERION_NAMES, 1 / len(CRITERION_NAMES)), tile_m=TILE_M,
        chosen=(str(sites["site_id"].iloc[0]), str(sites["site_id"].iloc[-1])),
        provinces=provinces, districts=districts,
    )  # fmt: skip


@pytest.fixture(scope="session")
def country():
    return made_up_land()


@pytest.fixture(scope="session")
def land(country):
    return with_judged_land(country, 5.0)


@pytest.fixture(scope="session")
def equal_land(country):
    """Every candidate stands for the same hectares."""
    return replace(country, sites=country.sites.assign(judged_ha=1.0))


@pytest.fixture
def listed(tmp_path):
    """Return a function that reads made-up sites."""

    def read(rows):
        return read_site_list(written(tmp_path, rows))

    return read


ROWS = [
    ("Alpha 1", 9.0, 5.0, "hyper", "2015"),
    ("Alpha 2", 10.5, 5.0, "hyper", "2018-05"),
    ("Beta", 21.0, 9.0, "colo", "2019-07-01"),
    ("Gamma", 26.0, 13.0, "colo", ""),
    ("Delta", 30.0, 0.4, "hyper", "2021"),
    ("Far east", 38.5, 8.1, "edge", "2022"),
    ("In town", 3.0, 8.0, "colo", "2010"),
    ("Epsilon", 34.2, 14.3, "edge", "2020-02-29"),
]
"""Eight rows, seven campuses, one of them in the capital region."""
