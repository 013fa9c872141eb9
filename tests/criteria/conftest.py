"""A small world in memory: two provinces side by side, a few stations, one river."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box

from siteopt.lattice import Lattice
from siteopt.scenario import Scenario

X0, Y0 = 1_000_000.0, 1_800_000.0

PARAMETERS = {
    "pue_base": 1.25, "pue_chiller_gain": 0.2, "pue_dry_gain": 0.05, "wue_evap": 1.0,
    "wue_closed": 0.05, "pue_liquid": 1.15, "liquid_heat_share": 80, "load_factor": 0.85,
    "clean_radius_km": 50, "price_year": 2024, "price_index_2024": 110, "price_index_2025": 121,
    "cf_solar_fleet": 13.7, "cf_wind_fleet": 23, "cf_wind_jeju": 25,
    "runoff_mm_year": 760, "dependable_share": 20, "storage_yield": 80, "basin_reach_km": 30,
    "route_factor": 1.4, "latency_oneway": 4.9, "latency_equipment": 0.5, "town_density": 1000,
    "latency_hub_lon": 126.978, "latency_hub_lat": 37.5665, "raw_land_price_low": 50_000,
    "raw_land_price_high": 400_000, "raw_land_density": 1500, "raw_land_density_floor": 20,
    "lot_price_46": 200_000, "lot_price_factor_general": 1, "lot_price_factor_rural": 0.7,
    "official_price_share": 50, "farmland_charge_rate": 30, "farmland_charge_max": 50_000,
    "forest_charge": 8_000, "forest_charge_price_rate": 1, "access_road_max_km": 2,
    "water_main_max_km": 10, "seismic_zone_I": 0.11,
    "seismic_zone_II": 0.07, "quake_magnitude_min": 4, "quake_radius_km": 50,
    "town_travel_time": 30, "road_speed": 52, "road_detour": 1.3, "local_road_speed": 39,
    "gate_max_km": 3,
}  # fmt: skip


@dataclass
class FakeParameters:
    values: dict[str, float]

    def value(self, key: str) -> float:
        return float(self.values[key])


@dataclass
class FakeRaster:
    values: Any
    lattice: Lattice
    nodata: float | None = None

    def sample(self, x_m: Any, y_m: Any) -> Any:
        rows, cols = self.lattice.cells_of(np.asarray(x_m), np.asarray(y_m))
        inside = self.lattice.contains(rows, cols)
        out = np.full(len(rows), np.nan)
        out[inside] = self.values[rows[inside], cols[inside]]
        return out


@dataclass
class FakeLayers:
    vectors: dict[str, gpd.GeoDataFrame]
    tables: dict[str, pd.DataFrame]
    rasters: dict[str, FakeRaster]
    parameters: FakeParameters = field(default_factory=lambda: FakeParameters(dict(PARAMETERS)))

    @property
    def ids(self) -> list[str]:
        return sorted({*self.vectors, *self.tables, *self.rasters})

    def vector(self, layer_id: str) -> gpd.GeoDataFrame:
        return self.vectors[layer_id].copy()

    def table(self, layer_id: str) -> pd.DataFrame:
        return self.tables[layer_id].copy()

    def embedded(self, layer_id: str) -> pd.DataFrame:
        return self.tables[layer_id].copy()

    def replaced(self, layer_id: str) -> bool:
        return layer_id not in self.tables

    def raster(self, layer_id: str) -> FakeRaster:
        return self.rasters[layer_id]


def frame(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:5179")


def at(x_km: float, y_km: float) -> Point:
    return Point(X0 + 1000 * x_km, Y0 + 1000 * y_km)


def make_sites(places_km: list[tuple[float, float]], **columns: Any) -> gpd.GeoDataFrame:
    geometry = [at(*place) for place in places_km]
    ids = [f"S{i:04d}" for i in range(len(geometry))]
    base = {
        "site_id": ids, "x_m": [p.x for p in geometry], "y_m": [p.y for p in geometry],
        "province_code": "46", "district_code": "46110", "it_max_mw": 100.0, "eligible_ha": 12.0,
    }  # fmt: skip
    return gpd.GeoDataFrame({**base, **columns}, geometry=geometry, crs="EPSG:5179")


def _area(x0: float, y0: float, x1: float, y1: float) -> Any:
    return box(X0 + 1000 * x0, Y0 + 1000 * y0, X0 + 1000 * x1, Y0 + 1000 * y1)


def _vectors() -> dict[str, gpd.GeoDataFrame]:
    here = {"district_code": "46110", "province_code": "46"}
    station = here | {
        "circuits_154": 2,
        "circuits_345": 0,
        "circuits_765": 0,
        "voltage_max_kv": 154,
    }
    big = here | {"circuits_154": 0, "circuits_345": 4, "circuits_765": 2, "voltage_max_kv": 765}
    bus = {"province_code": "46", "solar_mw": 100.0, "wind_mw": 0.0}
    return {
        "provinces": frame([
            {"province_code": "46", "self_sufficiency_pct": 203.2, "solar_mw": 6345.5,
             "wind_mw": 555.2, "geometry": _area(-50, -50, 50, 50)},
            {"province_code": "50", "self_sufficiency_pct": np.nan, "solar_mw": 665.6,
             "wind_mw": 422.0, "geometry": _area(50, -50, 150, 50)},
        ]),
        "districts": frame([
            {"district_code": "46110", "province_code": "46", "name_ko": "목포시",
             "name_en": "Mokpo", "geometry": _area(-50, -50, 50, 50)},
            {"district_code": "51720", "province_code": "51", "name_ko": "홍천군",
             "name_en": "Hongcheon", "geometry": _area(50, -50, 150, 50)},
        ]),
        "stations": frame([
            {"station_id": "B", **station, "geometry": at(3, 4)},
            {"station_id": "A", **station, "geometry": at(-3, 4)},
            {"station_id": "C", **big, "geometry": at(0, 12)},
        ]),
        "case_buses": frame([
            {"bus_id": "1", **bus, "solar_cf": 0.16, "wind_cf": 0.20, "geometry": at(0, 0)},
            {"bus_id": "2", **bus, "solar_cf": 0.20, "wind_cf": 0.30, "geometry": at(0, 60)}
            | {"wind_mw": 300.0, "solar_mw": 300.0},
        ]),
        "basins": frame([
            {"basin_id": "N", "name_ko": "낙동강", "name_en": "Nakdong", "area_km2": 23_384.0,
             "storage_mcm": 5000.0, "geometry": _area(-10, -10, 0, 10)},
        ]),
        "cable_landings": frame([
            {"landing_id": "L1", "international": True, "geometry": at(100, 0)},
            {"landing_id": "L0", "international": False, "geometry": at(1, 0)},
        ]),
        "industrial_complexes": frame([
            {"complex_id": "K", "name_ko": "산단", "area_km2": np.pi, "land_price_krw_m2": 550_000.0,
             "price_year": 2025.0, "confidence": "compiled-medium", "geometry": at(10, 0)},
            {"complex_id": "M", "name_ko": "무가", "area_km2": np.nan, "land_price_krw_m2": np.nan,
             "price_year": np.nan, "type": "농공", "confidence": "compiled-low", "geometry": at(-30, 0)},
        ]),
        "runways": frame([
            {"runway_id": "RK-1", "geometry": LineString([at(0, 30), at(3, 30)])},
        ]),
        "earthquakes": frame([
            {"magnitude": 5.8, "geometry": at(0, 49.9)},
            {"magnitude": 4.0, "geometry": at(0, -1)},
            {"magnitude": 3.9, "geometry": at(0, 1)},
            {"magnitude": 6.5, "geometry": at(0, 50.1)},
        ]),
        "expressways": frame([
            {"route_ko": "남북선", "geometry": LineString([at(12, -20), at(12, 20)])},
        ]),
        "wind_farms": frame([
            {"farm_id": "F1", "mw": 30.0, "geometry": at(0, 49.9)},
            {"farm_id": "F2", "mw": 7.0, "geometry": at(0, 50.1)},
        ]),
        "rivers": frame([
            {"river_id": "R", "geometry": LineString([at(-20, -5), at(20, -5)])},
        ]),
    }  # fmt: skip


def _tables() -> dict[str, pd.DataFrame]:
    return {
        "district_codes": pd.DataFrame(
            {"code": ["46110"], "district_code": ["46110"], "relation": ["same"]}
        ),
        "dc_verdicts": pd.DataFrame(
            {"province_code": ["46"], "possible_share_pct": [87.6]}
        ),
        "supply_headroom": pd.DataFrame(
            {"district_code": ["46110"], "supply_headroom_mw": [np.nan], "year": [2029],
             "area_id": ["A46110"]}
        ),
        "generation_headroom": pd.DataFrame(
            {"station_id": pd.Series(dtype=object), "free_mw_min": pd.Series(dtype=float),
             "free_mw_max": pd.Series(dtype=float), "free_mw_read": pd.Series(dtype=float)}
        ),
        "grid_managed": pd.DataFrame(
            {"province_code": ["52"], "released": ["2026-10"], "whole": [True],
             "generation_from_year": [2032]}
        ),
        "district_hazards": pd.DataFrame(
            {
                "district_code": ["46110", "50110", "51720"],
                "flood_rank_pct": [50.0, np.nan, 0.0], "landslide_rank_pct": [0.0, 10.0, 100.0],
                "wildfire_rank_pct": [20.0, 0.0, 100.0], "seismic_zone": ["I", "II", "II"],
            }
        ),
        "waterworks": pd.DataFrame(
            {
                "district_code": ["46110", "50110"], "linked": [True, False],
                "spare_m3_day": [5000.0, np.nan], "spare_own_m3_day": [400.0, np.nan],
            }
        ),
        "water_plants": pd.DataFrame(
            {
                "plant_id": ["덕정", "부안", "사천"], "name_ko": ["덕정", "부안", "사천"],
                "district_code": ["46110", "46110", "48820"],
                "spare_m3_day": [100.0, 12_794.0, 9e5],
            }
        ),
        "power_by_province": pd.DataFrame(
            {"province_code": ["46", "50"], "solar_yield_pct": [14.1, 11.7]}
        ),
    }  # fmt: skip


@pytest.fixture
def layers() -> FakeLayers:
    lattice = Lattice.covering((X0 - 20_000, Y0 - 20_000, X0 + 20_000, Y0 + 20_000), 250)
    x, y = lattice.centres_m(*np.indices(lattice.shape))
    electors = np.where(np.hypot(x - X0 - 8000, y - Y0) < 1000, 2000.0, 10.0)
    ramp = 4000.0 + 2000.0 * (x - x.min()) / (x.max() - x.min())
    return FakeLayers(
        vectors=_vectors(),
        tables={
            "headroom": pd.DataFrame(
                {
                    "station_id": ["A", "B"],
                    "voltage_kv": [154, 154],
                    "headroom_mw": [120.0, 80.0],
                    "year": [2025, 2025],
                    "method": ["circuits", "circuits"],
                    "confidence": ["model", "user"],
                }
            ),
            "industrial_land": pd.DataFrame(
                {
                    "district_code": ["46110", "46120"],
                    "unsold_ha": [12.5, np.nan],
                    "under_development_ha": [30.0, np.nan],
                }
            ),
            "land_category": pd.DataFrame(
                {
                    "district_code": ["46110", "46120"],
                    "farm_share": [0.3, 0.1],
                    "forest_share": [0.5, 0.7],
                }
            ),
            **_tables(),
        },
        rasters={
            "electors": FakeRaster(electors, lattice),
            "free_cooling": FakeRaster(ramp, lattice),
            "wet_bulb_hours": FakeRaster(ramp - 500.0, lattice),
            "wet_bulb": FakeRaster(np.full(lattice.shape, 23.5), lattice),
            "temperature": FakeRaster(np.full(lattice.shape, 12.5), lattice),
            "slope": FakeRaster(np.full(lattice.shape, 3.0), lattice),
            "elevation": FakeRaster(np.full(lattice.shape, 80.0), lattice),
        },
    )


@pytest.fixture
def scenario() -> Scenario:
    text = {"ko": "시험", "en": "test"}
    return Scenario.model_validate(
        {
            "name": "small",
            "title": text,
            "target": {"it_mw": 100, "year": 2035},
            "screening": {
                "exclusions": [
                    {"id": "sea", "title": text, "kind": "outside", "layer": "provinces"}
                ]
            },
            "connection": {
                "classes": [
                    {"voltage_kv": 22.9, "station_kv": 154, "facility_max_mw": 40},
                    {"voltage_kv": 154, "station_kv": 154, "facility_max_mw": 400},
                    {"voltage_kv": 345, "station_kv": 345, "facility_max_mw": 2000},
                ]
            },
        }
    )


@pytest.fixture
def sites_at() -> Any:
    return make_sites
