"""Schemas of all layers: columns, units by name, ranges, keys, geometry, extent.

Fields are described as data and turned into pandera schemas when a layer is checked. A layer of
the user's under a new name has no schema; only its geometry, CRS and place are checked.
"""

from __future__ import annotations

from typing import Final

from siteopt.layers._environment_schemas import ENVIRONMENT_SCHEMAS
from siteopt.layers._plausible import with_bounds
from siteopt.layers.complex_types import COMPLEX_TYPE_NAMES
from siteopt.layers.fields import KOREA, Field, LayerSchema
from siteopt.layers.fields import number as _number
from siteopt.layers.fields import text as _text
from siteopt.layers.fields import whole as _whole
from siteopt.layers.station_kinds import STATION_KINDS

__all__ = [
    "KOREA", "PARAMETER_TABLES", "RASTER_FIELDS", "SCHEMAS", "Field", "LayerSchema",
    "text_columns",
]  # fmt: skip

PARAMETER_TABLES: Final = (
    "parameters",
    "assumptions",
    "assumptions_climate",
    "assumptions_energy",
    "assumptions_grid",
    "assumptions_land",
    "assumptions_routes",
    "assumptions_terrain",
)
"""Layers that hold one value a row, facts first; their keys are unique over all of them."""

_NEAR_KOREA: Final = (122.0, 31.0, 133.0, 43.0)
"""Where earthquakes are felt from."""

LINE_JOINS: Final = ("line end", "passing line", "near dead end", "none")
"""How a station of the map is joined to mapped lines, the surest first."""

_ID: Final = _text(pattern=r"\S+")
_NAME: Final = _text()
_NAMES: Final = {"name_ko": _NAME, "name_en": _text(nullable=True, required=False)}
_PROVINCE: Final = _text(pattern="[0-9]{2}")
_DISTRICT: Final = _text(pattern="[0-9]{5}")
_FLAG: Final = Field("flag")
_CONFIDENCE: Final = _text()
_PLACE: Final = {"lon": _number(None), "lat": _number(None)}
_MW: Final = _number()
_SHARE: Final = _number(0, 1)

_SCHEMAS: Final[dict[str, LayerSchema]] = {
    "provinces": LayerSchema(
        ("province_code",),
        {
            "province_code": _PROVINCE, "kostat_code": _PROVINCE, "iso": _ID, **_NAMES,
            "capital_region": _FLAG, "area_km2": _number(1), "population_mln": _number(),
            "self_sufficiency_pct": _number(nullable=True), "solar_mw": _MW, "wind_mw": _MW,
            "hydro_mw": _MW, "bio_mw": _MW, "fuelcell_mw": _MW,
        },
        "polygon",
    ),
    "districts": LayerSchema(
        ("district_code",),
        {
            "district_code": _DISTRICT, "kostat_code": _text(nullable=True, pattern="[0-9]{5}"),
            **_NAMES, "province_code": _PROVINCE, "electors": _whole(),
        },
        "polygon",
    ),
    "district_codes": LayerSchema(
        ("code", "district_code"),
        {
            "code": _DISTRICT, "district_code": _DISTRICT,
            "relation": Field("text", one_of=("same", "renamed", "part", "city")),
        },
    ),
    "gazetteer": LayerSchema(
        ("code",),
        {
            "code": _text(pattern="[0-9]{8}([0-9]{2})?"),
            "district_code": _text(nullable=True, pattern="[0-9]{5}"), "name_ko": _NAME, **_PLACE,
        },
        "point",
    ),
    "parks": LayerSchema(
        ("park_id",),
        {
            "park_id": _ID, **_NAMES, "area_km2": _number(0.1, nullable=True),
            "shape": _text(nullable=True, required=False),
            "width_m": _number(nullable=True, required=False),
            "approximate": _FLAG, "confidence": _CONFIDENCE,
        },
        "polygon",
    ),
    "dmz": LayerSchema(("line_id",), {"line_id": _ID, **_NAMES}, "line"),
    "reservoirs": LayerSchema(
        ("reservoir_id",),
        {
            "reservoir_id": _ID, "name_ko": _NAME, "storage_mcm": _number(),
            "storage_flag": _text(nullable=True), **_PLACE, "position_km": _number(),
            "kind": Field("text", one_of=("dam", "krc")),
        },
        "point",
    ),
    "slope_check": LayerSchema(
        ("class_from_deg",),
        {
            "class_from_deg": _number(0, 90), "class_to_deg": _number(0, 90), "cells": _whole(1),
            "model_deg": _number(0, 90), "mean_30m_deg": _number(0, 90),
            "corrected_deg": _number(0, 90), "rmse_deg": _number(0, 90),
        },
    ),
    "earthworks_check": LayerSchema(
        ("check_id",),
        {
            "check_id": _ID, "side_m": _number(1), "class_from_deg": _number(0, 90),
            "class_to_deg": _number(0, 90), "squares": _whole(1), "cut_m3_m2": _number(),
            "plane_m3_m2": _number(), "plane_30m_m3_m2": _number(), "rmse_m3_m2": _number(),
        },
    ),
    "lakes": LayerSchema(
        ("lake_id",),
        {
            "lake_id": _ID, "name_ko": _NAME, "storage_mcm": _number(), "area_km2": _number(),
            "placed_by": Field("text", one_of=("surface", "disc")), "position_km": _number(),
            "approximate": _FLAG, "confidence": _CONFIDENCE,
        },
        "polygon",
    ),
    "runways": LayerSchema(
        ("runway_id",),
        {"runway_id": _ID, "airport_ident": _ID, "length_m": _number(10, 6000)},
        "line",
    ),
    "earthquakes": LayerSchema(
        ("event_id",),
        {
            "event_id": _ID, "date": _text(pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}"),
            "magnitude": _number(0, 10), "depth_km": _number(0, 700, nullable=True, required=False),
            **_PLACE, "place_ko": _text(nullable=True),
            "source": _NAME, "confidence": _CONFIDENCE,
        },
        "point", _NEAR_KOREA,
    ),
    "industrial_complexes": LayerSchema(
        ("complex_id",),
        {
            "complex_id": _text(pattern=r"[\w.-]{1,64}"), **_NAMES, "province_code": _PROVINCE,
            "type": Field("text", nullable=True, required=False, one_of=COMPLEX_TYPE_NAMES),
            "district_code": _text(nullable=True, pattern="[0-9]{5}", required=False), **_PLACE,
            "n_lots": Field("whole", 0, required=False),
            "area_min_km2": _number(0, nullable=True, required=False),
            # The largest complex has 57.6 km2, the reclaimed land of Saemangeum 409.
            "area_km2": _number(0.01, 500, nullable=True),
            "area_confidence": _text(nullable=True, required=False),
            "single_use": _text(nullable=True, required=False),
            "land_price_krw_m2": _number(1, nullable=True),
            "price_year": _number(1990, 2100, nullable=True), "confidence": _CONFIDENCE,
        },
        "point",
    ),
    "industrial_lots": LayerSchema(
        ("complex_id", "lon", "lat"), {"complex_id": _text(pattern=r"[\w.-]{1,64}"), **_PLACE},
        "point",
    ),
    "industrial_land": LayerSchema(
        ("district_code",),
        {
            "district_code": _DISTRICT, "unsold_ha": _number(nullable=True),
            "under_development_ha": _number(nullable=True),
            "announced_ha": _number(nullable=True, required=False),
            "shared_by": Field("whole", 1, required=False),
        },
    ),
    "land_category": LayerSchema(
        ("district_code",),
        {
            "district_code": _DISTRICT, "area_km2": _number(), "farm_share": _SHARE,
            "forest_share": _SHARE,
            "factory_share": _number(0, 1, nullable=True, required=False),
            "public_share": _number(0, 1, nullable=True, required=False),
        },
    ),
    "cable_landings": LayerSchema(
        ("landing_id",),
        {
            "landing_id": _ID, **_NAMES, "operator": _NAME, **_PLACE, "cables": _NAME,
            "international": _FLAG, "confidence": _CONFIDENCE,
        },
        "point",
    ),
    "power_plants": LayerSchema(
        ("plant_id",),
        {
            "plant_id": _ID, **_NAMES, "fuel": _ID, "mw": _MW, **_PLACE,
            "status": _text(nullable=True), "confidence": _CONFIDENCE,
        },
        "point",
    ),
    **{
        name: LayerSchema(
            ("key",),
            {
                "key": _ID, "value": _number(None), "low": _number(None, nullable=True),
                "high": _number(None, nullable=True), "unit": _text(nullable=True),
                "kind": _NAME, "source": _text(nullable=True), "confidence": _CONFIDENCE,
                "price_year": _number(1990, 2100, nullable=True, required=False),
                "price_year_basis": Field(
                    "text", nullable=True, one_of=("stated", "assumed"), required=False
                ),
            },
        )
        for name in PARAMETER_TABLES
    },
    "market_prices": LayerSchema(
        ("key", "year"),
        {
            "key": _ID, "value": _number(), "unit": _NAME, "region": _NAME, "as_of": _NAME,
            "year": _whole(1990, 2100), "source": _NAME, "confidence": _CONFIDENCE,
        },
    ),
    "tariff_design": LayerSchema(
        ("zone", "code"),
        {
            "zone": _ID, "name_ko": _NAME, "name_en": _NAME, "code": _text(pattern="[0-9]{2,5}"),
            "discount_max_krw_kwh": _number(), "price_year": _whole(2000, 2100), "status": _NAME,
            "source": _NAME, "confidence": _CONFIDENCE, "area_source": _NAME,
            "area_confidence": _CONFIDENCE,
        },
    ),
    "stations": LayerSchema(
        ("station_id",),
        {
            "station_id": _ID, **_NAMES, "name_confidence": _text(nullable=True, required=False),
            **_PLACE, "voltage_max_kv": _number(20, 1000), "circuits_154": _number(),
            "circuits_345": _number(), "circuits_765": _number(), "province_code": _PROVINCE,
            "district_code": _DISTRICT, "component": _whole(),
            "kind": Field("text", nullable=True, one_of=STATION_KINDS, required=False),
            "kind_rule": _text(nullable=True, required=False),
            "kind_confidence": _text(nullable=True, required=False),
            "line_join": Field("text", one_of=LINE_JOINS, nullable=True, required=False),
        },
        "point",
    ),
    "station_coverage": LayerSchema(
        ("area", "voltage"),
        {
            "area": _text(pattern="[0-9]{2}|KR"),
            "voltage": Field("text", one_of=("154", "345", "765", "all")),
            "substations": _whole(), "joined": _whole(), "not_substations": _whole(),
            "kepco": _number(nullable=True),
        },
    ),
    "generation_headroom": LayerSchema(
        ("kepco_code",),
        {
            "kepco_code": _ID, "name_ko": _NAME,
            "class": Field("text", one_of=("saturated", "low")),
            "free_mw_min": _MW, "free_mw_max": _MW, "free_mw_read": _number(nullable=True),
            "capacity_mw_read": _number(nullable=True), "station_id": _text(nullable=True),
            "match_rule": _NAME, "as_of": _NAME, "confidence": _CONFIDENCE,
        },
    ),
    "planned_substations": LayerSchema(
        ("voltage_kv", "name_ko"),
        {
            **_NAMES, "voltage_kv": _number(20, 1000), "as_of": _NAME, "source": _NAME,
            "confidence": _CONFIDENCE,
        },
    ),
    "dc_verdicts": LayerSchema(
        ("province_code",),
        {
            "province_code": _PROVINCE, "supply_possible_mw": _MW, "supply_impossible_mw": _MW,
            "possible_share_pct": _number(0, 100), "as_of": _NAME, "source": _NAME,
            "confidence": _CONFIDENCE,
        },
    ),
    "headroom": LayerSchema(
        ("station_id", "voltage_kv", "year"),
        {
            "station_id": _ID, "voltage_kv": _number(20, 1000), "headroom_mw": _MW,
            "injection_mw": _number(nullable=True, required=False),
            "year": _whole(2000, 2100), "method": _text(required=False),
            "confidence": _text(required=False), "bus_id": _text(nullable=True, required=False),
            "bus_rule": _text(nullable=True, required=False),
        },
    ),
    "station_headroom": LayerSchema(
        ("station_id", "voltage_kv", "year"),
        {
            "station_id": _ID, "voltage_kv": _number(20, 1000), "headroom_mw": _MW,
            "year": _whole(2000, 2100), "confidence": _CONFIDENCE,
        },
    ),
    "supply_headroom": LayerSchema(
        ("district_code",),
        {
            "district_code": _DISTRICT, "supply_headroom_mw": _number(0, 100_000, nullable=True),
            "year": _whole(2000, 2100), "confidence": _CONFIDENCE,
            "area_id": _text(nullable=True, required=False),
        },
    ),
    "grid_managed": LayerSchema(
        ("province_code",),
        {
            "province_code": _PROVINCE, "whole": _FLAG, "region_stations": _whole(1),
            "generation_from_year": _whole(2020, 2060), "released": _text(nullable=True),
            "as_of": _NAME, "source": _NAME, "confidence": _CONFIDENCE,
        },
    ),
    "new_stations": LayerSchema(
        ("station_id",),
        {
            "station_id": _ID, **_NAMES, **_PLACE, "voltage_max_kv": _number(20, 1000),
            "line_id": _text(nullable=True, required=False), "province_code": _PROVINCE,
            "district_code": _DISTRICT, "confidence": _CONFIDENCE,
        },
        "point",
    ),
    "hosting": LayerSchema(
        ("snapshot_id", "security", "bus_id"),
        {
            "snapshot_id": _ID, "security": Field("text", one_of=("none", "n-1")), "bus_id": _ID,
            "hosting_mw": _MW, "binding_branch": _text(nullable=True),
            "injection_mw": _MW, "injection_branch": _text(nullable=True),
            "curtailed_mw": _MW, "held_back_mw": _MW,
        },
    ),
    "lines": LayerSchema(
        ("line_id",),
        {
            "line_id": _ID, "voltage_kv": _number(20, 1000), "circuits": _number(1),
            "underground": _FLAG, "dc": Field("flag", required=False), "length_km": _number(),
            "station_from": _text(nullable=True), "station_to": _text(nullable=True),
        },
        "line",
    ),
    "case_buses": LayerSchema(
        ("bus_id",),
        {
            "bus_id": _ID, **_NAMES, **_PLACE, "base_kv": _number(20, 1000),
            "province_code": _PROVINCE, "solar_mw": _MW, "wind_mw": _MW, "hydro_mw": _MW,
            "solar_cf": _SHARE, "wind_cf": _SHARE, "demand_mean_mw": _MW, "demand_peak_mw": _MW,
            "type": Field("whole", 1, 3, required=False),
            "p_load_mw": _number(None, required=False),
            "g_shunt_mw": _number(None, required=False),
        },
        "point",
    ),
    "case_branches": LayerSchema(
        ("branch_id",),
        {
            "branch_id": _ID, "from_bus": _ID, "to_bus": _ID, "r_pu": _number(None),
            "x_pu": _number(None), "b_pu": _number(None), "rate_a_mva": _MW, "ratio": _number(),
            "angle_deg": _number(-360, 360), "status": _whole(0, 1), "flow_mw": _number(None),
        },
    ),
    "case_generators": LayerSchema(
        ("generator_id",),
        {
            "generator_id": _ID, "bus_id": _ID, "fuel": _ID, "p_min_mw": _number(None),
            "p_max_mw": _number(None), "status": _whole(0, 1), "output_mw": _number(None),
            "cost_krw_mw2h": _number(), "cost_krw_mwh": _number(), "cost_krw_h": _number(None),
            "in_service": Field("whole", 0, 1, required=False),
        },
    ),
    "case_dc_lines": LayerSchema(
        ("dc_line_id",),
        {
            "dc_line_id": _ID, "from_bus": _ID, "to_bus": _ID, "status": _whole(0, 1),
            "flow_mw": _number(None), "p_min_mw": _number(None), "p_max_mw": _number(None),
        },
    ),
    "typical_days": LayerSchema(
        ("day_id",),
        {
            "day_id": _ID, "day_of_year": _whole(1, 366), "weight_days": _number(0, 366),
            "kind": _NAME,
        },
    ),
    **{
        f"profiles_{name}": LayerSchema(
            ("day_id", "hour"), {"day_id": _ID, "hour": _whole(0, 24)}, rest=rest
        )
        for name, rest in (("demand", _MW), ("solar", _number(0, 1.1)), ("wind", _number(0, 1.1)))
    },
    "year_days": LayerSchema(
        ("day_of_year",), {"day_of_year": _whole(1, 366), "day_id": _ID}
    ),
    "profiles_year_demand": LayerSchema(
        ("hour_of_year",), {"hour_of_year": _whole(1, 8784), "demand_mw": _MW}
    ),
    **{
        f"profiles_year_{name}": LayerSchema(
            ("hour_of_year",), {"hour_of_year": _whole(1, 8784)}, rest=_whole(0, 1000)
        )
        for name in ("solar", "wind")
    },
    "grid_impact_scoring": LayerSchema(
        ("version", "item_id"),
        {
            "version": _text(pattern="[a-z0-9][a-z0-9._-]{0,39}"),
            "place": _whole(1), "item_id": _text(pattern="[a-z][a-z0-9_]{0,39}"),
            "block": Field("text", one_of=("technical", "non_technical", "policy")),
            "item_ko": _NAME, "item_en": _NAME,
            "points_max": _number(0, 100, nullable=True),
            "points_min": _number(-100, 0, nullable=True),
            "kind": Field("text", one_of=("points", "bonus", "malus", "bonus_malus", "pass_fail")),
            "computable": _FLAG, "source": _NAME, "confidence": _CONFIDENCE,
        },
    ),
    "snapshots": LayerSchema(
        ("snapshot_id",),
        {
            "snapshot_id": _text(pattern="[a-z][a-z0-9_-]{0,39}"), "title_ko": _NAME,
            "title_en": _NAME, "hour_of_year": _whole(1, 8784), "solar_and_wind": _FLAG,
            "note": _text(nullable=True, required=False),
        },
    ),
    "snapshot_buses": LayerSchema(
        ("snapshot_id", "bus_id"),
        {
            "snapshot_id": _ID, "bus_id": _ID, "demand_mw": _MW, "solar_cf": _SHARE,
            "wind_cf": _SHARE,
        },
    ),
    "rivers": LayerSchema(
        ("river_id",),
        {
            "river_id": _ID, "name_ko": _text(nullable=True),
            "name_en": _text(nullable=True, required=False), "upstream_km2": _number(),
            "basin_id": _ID,
        },
        "line",
    ),
    "basins": LayerSchema(
        ("basin_id",),
        {"basin_id": _ID, **_NAMES, "area_km2": _number(), "storage_mcm": _number(nullable=True)},
        "polygon",
    ),
    "dams": LayerSchema(
        ("dam_id",),
        {
            "dam_id": _ID, **_NAMES, "river_ko": _text(nullable=True), **_PLACE,
            "storage_mcm": _number(nullable=True), "basin_id": _text(nullable=True),
            "confidence": _CONFIDENCE,
        },
        "point", unplaced=True,
    ),
    "climate_stations": LayerSchema(
        ("station_id",),
        {
            "station_id": _ID, "name_ko": _NAME, **_PLACE,
            "elevation_m": _number(-10, 2000, nullable=True), "t_mean_c": _number(-10, 30),
            "confidence": _CONFIDENCE,
        },
        "point",
    ),
    **ENVIRONMENT_SCHEMAS,
}  # fmt: skip

SCHEMAS: Final = {layer_id: with_bounds(schema) for layer_id, schema in _SCHEMAS.items()}
"""By layer id."""

_TEXT_OF_PARCELS: Final = ("site_id", "name", "name_ko", "name_en", "complex_id")


def text_columns(layer_id: str) -> tuple[str, ...]:
    """Return the columns of a layer, or of ``parcels``, that are text however a file holds them."""
    if layer_id == "parcels":
        return _TEXT_OF_PARCELS
    schema = SCHEMAS.get(layer_id)
    return () if schema is None else schema.text_columns


RASTER_FIELDS: Final[dict[str, Field]] = {
    "electors": _number(0, 200_000),
    "elevation": _number(-100, 3000),
    "eupmyeondong": _number(1, 65_535),
    "free_cooling": _number(0, 8784),
    "slope": _number(0, 90),
    "temperature": _number(-20, 40),
    "wet_bulb": _number(0, 35),
    "wet_bulb_hours": _number(0, 8784),
}
"""What the values of a raster layer must be, in the unit of its catalogue entry."""
