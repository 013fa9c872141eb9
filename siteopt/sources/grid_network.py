"""Stations and transmission lines from the OpenStreetMap network of Korea (PyPSA-Earth build).

Voltages are cleaned (354 and 380 kV are mistagged 345, 145 is 154; 180 and 250 kV are the Jeju
HVDC links), circuits are conductors / 3, buses of one station become one station with a level
per voltage, and line ends lie on their stations, so that connectivity survives generalising.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG
from siteopt.sources._built import NOTICE_OSM, Built, write_csv, write_geojson
from siteopt.sources._grid_names import name_stations, places_of, read_admin

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "clean_voltage_kv", "components", "station_id", "true_circuits"]

_TAG_KV: Final = {
    145: 154, 154: 154, 345: 345, 354: 345, 380: 345, 765: 765, 180: 180, 250: 250,
}  # fmt: skip
"""Tagged voltage -> voltage there is in Korea; 180 and 250 are direct current."""

_DC_KV: Final = (180, 250)
_AC_KV: Final = (154, 345, 765)
_TOLERANCE_M: Final = 100.0
_ABROAD_M: Final = 10_000.0
"""A station farther than this from any district of South Korea is foreign."""

_SOURCE: Final = (
    "OpenStreetMap through PyPSA-Earth: RogerKwak/PyPSA-KR data/base_network, commit 5c20b27"
)
_LICENCE: Final = "ODbL 1.0 (OpenStreetMap data); repository MIT"


def clean_voltage_kv(tag_v: pd.Series) -> pd.Series:
    """Return voltages in kV with tag errors mended.

    Parameters
    ----------
    tag_v : Series
        Tagged voltage in volts.

    Raises
    ------
    LayerError
        If a voltage is none that is known in Korea.
    """
    tags = (tag_v / 1000).round().astype(int)
    strange = sorted(set(tags) - set(_TAG_KV))
    if strange:
        raise LayerError(
            f"OpenStreetMap network: voltage {strange[0]} kV is not known; "
            f"one of {', '.join(map(str, _TAG_KV))} is"
        )
    return tags.map(_TAG_KV)


def true_circuits(conductors: pd.Series) -> pd.Series:
    """Return circuits of a line: whole conductors / 3, and 1 where the tag is unknown."""
    return (conductors // 3).clip(lower=1).astype(int)


def station_id(lon: pd.Series, lat: pd.Series) -> pd.Series:
    """Return ids from the place: ``E12903N3524`` lies in that hundredth of a degree.

    The id stays when other stations come or go. Two stations in one hundredth (about 1 km) are
    one to a planner; the build refuses them.
    """
    east = (lon * 100).round().astype(int).astype(str)
    north = (lat * 100).round().astype(int).astype(str)
    return "E" + east + "N" + north


def components(ids: pd.Index, start: pd.Series, end: pd.Series) -> pd.Series:
    """Return the number of the connected component of each id, the largest being 1.

    Ties in size go to the component with the smaller first id.
    """
    row, col = ids.get_indexer(pd.Index(start)), ids.get_indexer(pd.Index(end))
    graph = coo_array((np.ones(len(row)), (row, col)), shape=(len(ids), len(ids)))
    _, label = connected_components(graph, directed=False)
    groups = pd.DataFrame({"id": ids.astype(str), "label": label}).groupby("label")["id"]
    size = pd.DataFrame({"count": groups.size(), "first": groups.min()})
    order = size.sort_values(["count", "first"], ascending=[False, True]).index
    rank = pd.Series(np.arange(1, len(order) + 1), index=order)
    return pd.Series(rank.reindex(pd.Index(label)).to_numpy(), index=ids)


def _read(sources: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return buses (station_id from the place, kv) and lines between different stations."""
    folder = sources / "grid"
    buses = pd.read_csv(folder / "pypsa_kr_buses.csv", index_col=0).sort_values("bus_id")
    buses = buses[buses["country"] == "KR"]
    first = buses.groupby("station_id")[["lon", "lat"]].transform("first")
    buses = pd.DataFrame(
        {
            "bus_id": buses["bus_id"],
            "station_id": station_id(first["lon"], first["lat"]),
            "lon": first["lon"],
            "lat": first["lat"],
            "kv": clean_voltage_kv(buses["voltage"]),
            "source_station": buses["station_id"],
        }
    ).set_index("bus_id")
    if buses.groupby("station_id")["source_station"].nunique().max() > 1:
        raise LayerError("pypsa_kr_buses.csv: two stations within 0.01 degree; merge them first")
    raw = pd.read_csv(folder / "pypsa_kr_lines.csv", index_col=0)
    raw = raw[raw["bus0"].isin(buses.index) & raw["bus1"].isin(buses.index)]
    lines = pd.DataFrame(
        {
            "line_id": "W" + raw["line_id"].str.replace("_", "-"),
            "voltage_kv": clean_voltage_kv(raw["voltage"]),
            "circuits": true_circuits(raw["circuits"]),
            "underground": raw["underground"].astype(bool),
            "dc": raw["dc"].astype(bool),
            "length_km": raw["length"] / 1000,
            "station_from": raw["bus0"].map(buses["station_id"]),
            "station_to": raw["bus1"].map(buses["station_id"]),
            "wkt": raw["geometry"],
        }
    )
    return buses, lines[lines["station_from"] != lines["station_to"]]


def _stations(buses: pd.DataFrame, lines: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return one point a station (EPSG:5179): levels, circuits per level, component."""
    levels = buses[buses["kv"].isin(_AC_KV)]
    table = levels.groupby("station_id").agg(
        lon=("lon", "first"), lat=("lat", "first"), voltage_max_kv=("kv", "max")
    )
    ends = pd.concat(
        [
            lines[["station_from", "voltage_kv", "circuits"]].set_axis(
                ["station_id", "kv", "circuits"], axis=1
            ),
            lines[["station_to", "voltage_kv", "circuits"]].set_axis(
                ["station_id", "kv", "circuits"], axis=1
            ),
        ]
    )
    total = ends.groupby(["station_id", "kv"])["circuits"].sum()
    for kv in _AC_KV:
        has = table.index.isin(levels.loc[levels["kv"] == kv, "station_id"])
        count = total.reindex([(name, kv) for name in table.index]).fillna(0).to_numpy()
        table[f"level_{kv}"] = has
        table[f"circuits_{kv}"] = count.astype(int)
    ac = lines[~lines["dc"]]
    table["component"] = components(table.index, ac["station_from"], ac["station_to"])
    points = gpd.GeoSeries.from_xy(table["lon"], table["lat"], crs=4326).to_crs(CRS_EPSG)
    return gpd.GeoDataFrame(table.reset_index(), geometry=points.array, crs=CRS_EPSG)


def _at_home(stations: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.Series:
    """Return which stations stand in South Korea (or close to its shore)."""
    tree = shapely.STRtree(np.asarray(districts.geometry.array))
    near = tree.query(np.asarray(stations.geometry.array), predicate="dwithin", distance=_ABROAD_M)[
        0
    ]
    return pd.Series(np.isin(np.arange(len(stations)), near), index=stations.index)


def _geometry(lines: pd.DataFrame, stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return lines generalised to 100 m (EPSG:5179) whose ends are their stations."""
    where = stations.set_index("station_id").geometry
    shapes = gpd.GeoSeries.from_wkt(lines["wkt"], crs=4326).to_crs(CRS_EPSG)
    snapped = []
    for shape, start, end in zip(shapes, lines["station_from"], lines["station_to"], strict=True):
        xy = shapely.get_coordinates(shape).copy()
        xy[0], xy[-1] = (where[start].x, where[start].y), (where[end].x, where[end].y)
        snapped.append(shapely.LineString(xy))
    simple = shapely.simplify(np.array(snapped, dtype=object), _TOLERANCE_M)
    return gpd.GeoDataFrame(lines.drop(columns="wkt"), geometry=simple, crs=CRS_EPSG)


def read_network(
    sources: Path, facts: Path, out: Path
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return stations and lines in EPSG:5179; stations keep ``level_154`` .. ``level_765``.

    Parameters
    ----------
    sources, facts : Path
        Folders of source data and fact tables.
    out : Path
        Folder that holds ``districts.geojson`` already.
    """
    buses, lines = _read(sources)
    stations = _stations(buses, lines)
    home = _at_home(stations, read_admin(out / "districts.geojson"))
    abroad = set(stations.loc[~home, "station_id"])
    stations = stations[home].sort_values("station_id").reset_index(drop=True)
    lines = lines[~lines["station_from"].isin(abroad) & ~lines["station_to"].isin(abroad)]
    places = places_of(np.asarray(stations.geometry.array), sources, facts, out)
    names = name_stations(stations, places, facts)
    stations = stations.assign(
        province_code=places["province_code"], district_code=places["district_code"], **names
    )
    return stations, _geometry(lines.sort_values("line_id"), stations)


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``stations.csv`` and ``lines.geojson``.

    Parameters
    ----------
    sources, facts : Path
        Folders of source data and fact tables.
    out : Path
        Folder to write into; it holds ``districts.geojson`` already.

    Returns
    -------
    list of Built

    Raises
    ------
    LayerError
        If the source holds a voltage or a pair of stations that cannot be right.
    """
    stations, lines = read_network(sources, facts, out)
    columns = [
        "station_id", "name_ko", "name_en", "name_confidence", "lon", "lat", "voltage_max_kv",
        "circuits_154", "circuits_345", "circuits_765", "province_code", "district_code",
        "component",
    ]  # fmt: skip
    write_csv(pd.DataFrame(stations[columns]), out / "stations.csv", "station_id")
    write_geojson(lines, out / "lines.geojson", "line_id", {"length_km": 2})
    return [_STATIONS, _LINES]


_STATIONS: Final = Built(
    id="stations", file="stations.csv", kind="vector",
    title_ko="변전소", title_en="Substations",
    source=_SOURCE, licence=_LICENCE, vintage="OpenStreetMap about 2024", crs="EPSG:4326",
    unit="kV, circuits", confidence="per row",
    good_for="Where stations of 154, 345 and 765 kV stand and how many mapped circuits reach them; "
    "distances of several hundred metres and more.",
    not_good_for="Bank sizes, bays or free capacity. Stations closer than about 4 km are merged into "
    "one, some are taps or junctions, underground 154 kV is partly missing, and the name is that of "
    "the place unless name_confidence says otherwise. Component 1 is the mainland grid; other "
    "numbers are Jeju and pieces whose links are not mapped.",
    notice=NOTICE_OSM,
)  # fmt: skip

_LINES: Final = Built(
    id="lines", file="lines.geojson", kind="vector",
    title_ko="송전선로", title_en="Transmission lines",
    source=_SOURCE, licence=_LICENCE, vintage="OpenStreetMap about 2024", crs="EPSG:4326",
    unit="kV, circuits, km", confidence="compiled-medium",
    good_for="The network between stations and its corridors at 1:250,000; length_km is that of the "
    "line before generalising (about 100 m).",
    not_good_for="Ratings, tower positions, distances below 200 m. Circuits are conductors / 3; 1 also "
    "stands for unknown. voltage_kv 180 and 250 with dc = true are the HVDC links to Jeju.",
    notice=NOTICE_OSM,
)  # fmt: skip
