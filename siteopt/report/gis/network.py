"""Layers of the grid and of clean energy: stations, lines, zones of contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siteopt.lattice import CRS_EPSG
from siteopt.layers.station_kinds import NO_STATIONS
from siteopt.report._names import station_names
from siteopt.report.gis import styles
from siteopt.report.gis.layer import GisLayer
from siteopt.report.texts import text

if TYPE_CHECKING:
    from siteopt.layers.protocols import LayersLike
    from siteopt.report.run_tables import GisInputs, RunTables

__all__ = ["clean_layers", "network_layers"]

_UNKNOWN: Final = "unknown"
_STATION_COLUMNS: Final = (
    "station_id", "name_ko", "name_en", "name_confidence", "kind", "kind_confidence",
    "voltage_max_kv", "province_code", "district_code",
)  # fmt: skip
_LEVELS_KV: Final = (154, 345, 765)
_LINE_COLUMNS: Final = (
    "line_id", "voltage_kv", "circuits", "underground", "dc", "length_km", "station_from",
    "station_to",
)  # fmt: skip


def network_layers(tables: RunTables, inputs: GisInputs) -> list[GisLayer]:
    """Return stations and lines, as far as the run has them.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    inputs : GisInputs
        Headroom in force of the stations.
    """
    layers, found = tables.layers, []
    if "stations" in layers.ids:
        stations = _stations(tables, inputs.headroom)
        names = ("stations", "new_stations", "headroom", "supply_headroom")
        found.append(
            GisLayer(
                "stations",
                "grid",
                stations,
                styles.station_style(),
                names,
                figures={"n": f"{len(stations):,}"},
            )
        )
    if "lines" in layers.ids:
        lines = layers.vector("lines")
        lines = lines[[*(name for name in _LINE_COLUMNS if name in lines), "geometry"]]
        if "dc" not in lines:
            lines = lines.assign(dc=lines["voltage_kv"] < 0)
        for name in ("dc", "underground"):
            if name in lines:
                lines[name] = lines[name].astype(bool)
        lines = lines.sort_values("line_id", kind="stable", ignore_index=True)
        found.append(GisLayer("power_lines", "grid", lines, styles.power_line_style(), ("lines",)))
    return found


def _stations(tables: RunTables, headroom: pd.DataFrame | None) -> gpd.GeoDataFrame:
    """Return stations that serve or make power, and those that may be built, with their headroom."""
    layers = tables.layers
    parts = [layers.vector("stations")]
    if "new_stations" in layers.ids and tables.scenario.connection.new_345_stations:
        parts.append(layers.vector("new_stations").assign(kind="new"))
    frames = [_known(part) for part in parts]
    stations = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=CRS_EPSG)
    if "kind" in stations:
        stations = stations[~stations["kind"].isin(NO_STATIONS)]
    stations = stations.sort_values("station_id", kind="stable", ignore_index=True)
    names = station_names(stations)
    for place, language in enumerate(("ko", "en")):
        stations[f"name_{language}"] = [names[one][place] or None for one in stations["station_id"]]
    if headroom is not None and len(headroom):
        stations = stations.merge(_headroom(headroom), on="station_id", how="left")
    for name in ("kind", "headroom_confidence"):
        known = stations[name] if name in stations else pd.Series(None, index=stations.index)
        stations[name] = known.astype(object).where(known.notna(), _UNKNOWN)
    stations["used_mw"] = stations["station_id"].map(_used(tables)).astype(float)
    last = stations.pop("geometry")
    return gpd.GeoDataFrame(stations, geometry=last, crs=CRS_EPSG)


def _known(part: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = [*(name for name in _STATION_COLUMNS if name in part), "geometry"]
    known: gpd.GeoDataFrame = part[columns].astype({"station_id": str})
    return known.assign(voltage_max_kv=known["voltage_max_kv"].astype("int64"))


def _headroom(headroom: pd.DataFrame) -> pd.DataFrame:
    """Return one row a station: the headroom of its lowest level, and of each level by itself."""
    rows = headroom.assign(station_id=headroom["station_id"].astype(str))
    rows = rows.sort_values(["station_id", "voltage_kv"], kind="stable")
    first = rows.drop_duplicates("station_id").set_index("station_id")
    columns = {
        "headroom_mw": "headroom_mw",
        "confidence": "headroom_confidence",
        "year": "headroom_year",
    }
    found = first[[name for name in columns if name in first]].rename(columns=columns)
    if "headroom_year" in found:
        found["headroom_year"] = found["headroom_year"].astype("Int64")
    for kv in _LEVELS_KV:
        level = rows[rows["voltage_kv"] == kv].drop_duplicates("station_id").set_index("station_id")
        if not len(level):
            continue
        for name in ("headroom_mw", "confidence", "estimate_mw", "published_mw"):
            if name in level:
                head, _, end = name.rpartition("_")
                called = (
                    f"headroom_{kv}_confidence" if name == "confidence" else f"{head}_{kv}_{end}"
                )
                found[called] = level[name].reindex(found.index)
    return found.reset_index()


def _used(tables: RunTables) -> dict[str, float]:
    """Return the MW that the plan draws from each station, at the level where it draws most."""
    limits = tables.plan.limits
    if "scope" not in limits:
        return {}
    rows = limits[(limits["family"] == "stations") & (limits["scope"] == "station")]
    rows = rows[rows["used"] > 0]
    most = rows.groupby(rows["subject"].astype(str))["used"].max()
    return {str(station): float(mw) for station, mw in most.items()}


def clean_layers(tables: RunTables, inputs: GisInputs) -> list[GisLayer]:
    """Return the zones of clean energy with what is contracted there; none where none is matched.

    A zone is a set of buses of the grid case; its area is the land nearest to one of them.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    inputs : GisInputs
        Zone of each bus.
    """
    known = {"case_buses", "provinces"} <= set(tables.layers.ids)
    if tables.energy is None or inputs.clean_zones is None or not known:
        return []
    zones = _zones(tables.layers, inputs.clean_zones)
    for name in ("contracted_mw", "gwh", "krw_kwh"):
        zones[name] = 0.0
    sources = tables.energy.sources
    for technology in sorted(sources["technology"].unique()):
        of_kind = sources[sources["technology"] == technology].groupby("zone")["mw"].sum()
        zones[f"contracted_{technology}_mw"] = zones["zone"].map(of_kind).fillna(0.0)
    sums = (
        sources.assign(bill=sources["krw_kwh"] * sources["gwh"])
        .groupby("zone")[["mw", "gwh", "bill"]]
        .sum()
    )
    zones["contracted_mw"] = zones["zone"].map(sums["mw"]).fillna(0.0)
    zones["gwh"] = zones["zone"].map(sums["gwh"]).fillna(0.0)
    zones["krw_kwh"] = zones["zone"].map(sums["bill"] / sums["gwh"])
    for language in ("ko", "en"):
        zones[f"label_{language}"] = [
            text("gis.label_zone", language).format(zone=zone + 1, mw=f"{mw:,.0f}")
            for zone, mw in zip(zones["zone"], zones["contracted_mw"], strict=True)
        ]
    last = zones.pop("geometry")
    zones = gpd.GeoDataFrame(zones, geometry=last, crs=CRS_EPSG)
    style = styles.clean_zone_style(max(float(zones["contracted_mw"].max()), 1.0))
    sources_of = ("case_buses", "clean_stock", "provinces")
    return [
        GisLayer(
            "clean_zones", "energy", zones, style, sources_of, figures={"n": f"{len(zones):,}"}
        )
    ]


def _zones(layers: LayersLike, zones: dict[str, int]) -> gpd.GeoDataFrame:
    """Return the land nearest to the buses of each zone: one row a zone, ``zone`` and ``buses``."""
    buses = layers.vector("case_buses").astype({"bus_id": str})
    buses["zone"] = buses["bus_id"].map(zones)
    buses = buses[buses["zone"].notna()].sort_values("bus_id", kind="stable")
    points = shapely.get_coordinates(buses.geometry.to_numpy())
    places, first = np.unique(points, axis=0, return_index=True)
    land = shapely.union_all(layers.vector("provinces").geometry.to_numpy())
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(places), extend_to=land, ordered=True)
    )
    zone = buses["zone"].to_numpy("int64")[first]
    numbers = np.unique(zone)
    shapely.prepare(land)
    shapes = [
        _areas(shapely.intersection(shapely.union_all(cells[zone == number]), land))
        for number in numbers
    ]
    count = buses.groupby("zone")["bus_id"].size()
    columns = {"zone": numbers, "buses": count.reindex(numbers).to_numpy("int64")}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS_EPSG)


def _areas(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]  # noqa: PLR2004 - areas
    return shapely.MultiPolygon(parts)
