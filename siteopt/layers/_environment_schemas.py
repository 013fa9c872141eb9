"""Schemas of environmental layers: climate, hazards, water supply, roads, solar and wind."""

from __future__ import annotations

from typing import Final

from siteopt.layers.fields import KOREA, Field, LayerSchema, number, text

__all__ = ["ENVIRONMENT_SCHEMAS", "STOCK_STATUSES", "STOCK_TECHNOLOGIES"]

STOCK_TECHNOLOGIES: Final = ("solar", "onshore_wind", "offshore_wind")
"""Technologies of the clean stock."""

STOCK_STATUSES: Final = ("operating", "building", "selected", "licensed")
"""How far a plant of the clean stock is, the surest first."""

_ID: Final = text(pattern=r"\S+")
_NAME: Final = text()
_DISTRICT: Final = text(pattern="[0-9]{5}")
_PLACE: Final = {"lon": number(None), "lat": number(None)}
_RANK_PCT: Final = number(0, 100, nullable=True)
_M3_DAY: Final = number(nullable=True)

ENVIRONMENT_SCHEMAS: Final[dict[str, LayerSchema]] = {
    "climate_normals": LayerSchema(
        ("station_id",),
        {
            "station_id": _ID, "name_ko": _NAME, **_PLACE, "place_radius_km": number(0, 50),
            "elevation_m": number(-10, 2000), "t_mean_c": number(-10, 30),
            "rh_pct": number(0, 100), "wet_bulb_aug_c": number(0, 35),
            "wet_bulb_hours": number(0, 8784), "confidence": _NAME,
        },
        "point",
    ),
    "free_cooling_measured": LayerSchema(
        ("district_code",),
        {
            "district_code": _DISTRICT, "wet_bulb_share_pct": number(0, 100),
            "hot_summer_share_pct": number(0, 100), "confidence": _NAME,
        },
    ),
    "district_hazards": LayerSchema(
        ("district_code",),
        {
            "district_code": _DISTRICT, "flood_rank_pct": _RANK_PCT,
            "landslide_rank_pct": _RANK_PCT, "wildfire_rank_pct": _RANK_PCT,
            "coast_flag": Field("text", nullable=True, one_of=("red", "yellow", "none")),
            "seismic_zone": Field("text", one_of=("I", "II")), "confidence": _NAME,
        },
    ),
    "waterworks": LayerSchema(
        ("district_code",),
        {
            "district_code": _DISTRICT, "linked": Field("flag"),
            "spare_m3_day": _M3_DAY, "spare_own_m3_day": _M3_DAY, "confidence": _NAME,
        },
    ),
    "water_plants": LayerSchema(
        ("plant_id", "district_code"),
        {
            "plant_id": _ID, "name_ko": _NAME, "district_code": _DISTRICT,
            "spare_m3_day": number(), "suppliers": number(1), "confidence": _NAME,
        },
    ),
    "expressways": LayerSchema(
        ("route_ko",), {"route_ko": _NAME, "length_km": number(0.1)}, "line"
    ),
    "road_nodes": LayerSchema(("node_id",), {"node_id": _ID}, "point"),
    "road_edges": LayerSchema(
        ("edge_id",),
        {
            "edge_id": _ID, "from_node": _ID, "to_node": _ID, "highway": _NAME,
            "one_way": Field("flag"), "gate": Field("flag"), "length_m": number(),
            "travel_s": number(0, 100_000),
        },
        "line",
    ),
    "interchanges": LayerSchema(
        ("interchange_id",),
        {
            "interchange_id": _ID, "kind": Field("text", one_of=("entry", "junction")),
            "node_id": text(nullable=True), "name_ko": text(nullable=True),
        },
        "point",
    ),
    "wind_farms": LayerSchema(
        ("farm_id",),
        {
            "farm_id": _ID, "name_ko": _NAME, "mw": number(0.01), "turbines": number(1),
            **_PLACE, "placed_by": Field("text", one_of=("ri", "emd", "sigungu")),
            "confidence": _NAME,
        },
        "point",
    ),
    "clean_stock": LayerSchema(
        ("stock_id",),
        {
            "stock_id": _ID, "technology": Field("text", one_of=STOCK_TECHNOLOGIES),
            "status": Field("text", one_of=STOCK_STATUSES), "mw": number(0.01),
            "province_code": text(pattern="[0-9]{2}"),
            "district_code": text(nullable=True, pattern="[0-9]{5}"), "name_ko": _NAME,
            "lon": number(*KOREA[::2], nullable=True), "lat": number(*KOREA[1::2], nullable=True),
            "as_of": _NAME, "source": _NAME, "confidence": _NAME,
        },
    ),
    "power_by_province": LayerSchema(
        ("province_code",),
        {
            "province_code": text(pattern="[0-9]{2}"), "demand_gwh": number(),
            "solar_end_mw": number(0.1), "solar_mean_mw": number(0.1), "solar_gwh": number(0.1),
            "solar_yield_end_pct": number(1, 40), "solar_yield_pct": number(1, 40),
            "confidence": _NAME,
        },
    ),
}  # fmt: skip
"""By layer id."""
