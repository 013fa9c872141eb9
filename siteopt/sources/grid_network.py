"""Stations and transmission lines: the named substations of OpenStreetMap on its mapped lines.

Stations are real ones (:mod:`siteopt.sources._substations`), joined to the ways of the map where
these end or pass (:mod:`siteopt.sources._line_ends`); where lines branch or end without a station
there are nodes that keep the network together and are no station
(:mod:`siteopt.sources._station_kinds`). Voltages are cleaned (354 and 380 kV are mistagged 345, 145
is 154; 180 and 250 kV are the Jeju HVDC links), circuits are conductors / 3.
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
from siteopt.sources._line_ends import meet
from siteopt.sources._line_graph import contract, pieces
from siteopt.sources._station_kinds import kinds, read_large_plants, read_wind_farms
from siteopt.sources._substations import AC_KV, read_substations

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.sources._line_ends import Meeting
    from siteopt.sources._line_graph import Line

__all__ = [
    "build",
    "clean_voltage_kv",
    "components",
    "connect",
    "known_circuits",
    "read_network",
    "station_id",
    "with_ids",
    "write_network",
]

_TAG_KV: Final = {
    145: 154, 154: 154, 345: 345, 354: 345, 380: 345, 765: 765, 180: 180, 250: 250,
}  # fmt: skip
"""Tagged voltage -> voltage there is in Korea; 180 and 250 are direct current."""

_TOLERANCE_M: Final = 100.0
_ABROAD_M: Final = 10_000.0
"""A node farther than this from any district of South Korea is foreign."""
_CONVERTER_M: Final = 1_000.0
"""A direct-current line ends at the station within this distance."""

_SOURCE: Final = (
    "OpenStreetMap: substations 2026-07 by way of Trademonk26/gomoku-game Map/outputs/web/"
    "dataset.json, commit 02c7b81; lines about 2024 by way of RogerKwak/PyPSA-KR data/osm/clean, "
    "commit 5c20b27; wind farms of the Korea Energy Agency (data.go.kr 15085304, 2025-12)"
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


def known_circuits(conductors: pd.Series) -> pd.Series:
    """Return circuits of a way: whole conductors / 3, and 0 where the tag does not tell."""
    return (conductors // 3).astype(int)


def station_id(lon: pd.Series, lat: pd.Series) -> pd.Series:
    """Return ids from the place: ``E129026N35237`` lies in that thousandth of a degree.

    A thousandth is about 100 m. The id stays when other stations come or go; only of several in
    one thousandth the second bears a ``b``, the third a ``c``, in the order given.
    """
    east = (lon * 1000).round().astype(int).astype(str)
    north = (lat * 1000).round().astype(int).astype(str)
    name = pd.Series("E" + east + "N" + north)
    number = name.groupby(name).cumcount()
    return name + number.map(lambda n: chr(ord("a") + n) if n else "")


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


def _read_ways(sources: Path) -> gpd.GeoDataFrame:
    """Return the ways of the map (EPSG:5179): ``way_id, kv, circuits, underground, dc``."""
    raw = gpd.read_file(sources / "grid" / "osm_clean_lines_kr.geojson").to_crs(CRS_EPSG)
    kv = clean_voltage_kv(raw["voltage"])
    table = {
        "way_id": raw["line_id"].astype(str), "kv": kv,
        "circuits": known_circuits(raw["circuits"]), "underground": raw["underground"].astype(bool),
        "dc": ~kv.isin(AC_KV),
    }  # fmt: skip
    ways = gpd.GeoDataFrame(table, geometry=raw.geometry.array, crs=CRS_EPSG)
    return ways.sort_values("way_id", ignore_index=True)


def _line_table(lines: list[Line]) -> gpd.GeoDataFrame:
    """Return lines as features whose ends are numbers of nodes."""
    return gpd.GeoDataFrame(
        {
            "line_id": [f"W{one.name[0]}-{one.name[1]}" for one in lines],
            "voltage_kv": [one.kv for one in lines],
            "circuits": [max(one.circuits, 1) for one in lines],
            "underground": [2 * one.underground_m > one.length_m for one in lines],
            "dc": False,
            "length_km": [one.length_m / 1000 for one in lines],
            "start": [one.a for one in lines],
            "end": [one.b for one in lines],
        },
        geometry=[shapely.LineString(one.xy) for one in lines],
        crs=CRS_EPSG,
    )


def _dc_table(ways: gpd.GeoDataFrame, substations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the direct-current ways between the stations that they end at."""
    rows = []
    for _, way in ways.iterrows():
        xy = shapely.get_coordinates(way.geometry).copy()
        ends = []
        for place in (0, -1):
            away = substations.distance(shapely.Point(xy[place]))
            if away.min() > _CONVERTER_M:
                raise LayerError(
                    f"osm_clean_lines_kr.geojson: way {way['way_id']} of {way['kv']} kV ends at no "
                    "station within 1 km; a direct-current line needs two converter stations"
                )
            ends.append(int(away.to_numpy().argmin()))
            at = substations.geometry.iloc[ends[-1]]
            xy[place] = at.x, at.y
        line = shapely.LineString(xy)
        rows.append(
            {"line_id": f"W{way['way_id']}-0", "voltage_kv": way["kv"],
             "circuits": max(way["circuits"], 1), "underground": way["underground"], "dc": True,
             "length_km": way.geometry.length / 1000, "start": ends[0], "end": ends[1],
             "geometry": line}
        )  # fmt: skip
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS_EPSG)


def _ends(lines: pd.DataFrame) -> pd.DataFrame:
    """Return one row a line end: ``node, kv, circuits, underground``."""
    names = ["node", "kv", "circuits", "underground"]
    return pd.concat(
        [
            lines[[end, "voltage_kv", "circuits", "underground"]].set_axis(names, axis=1)
            for end in ("start", "end")
        ],
        ignore_index=True,
    )


def _nodes(
    substations: gpd.GeoDataFrame, meeting: Meeting, lines: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return one point a station or junction of lines: levels, circuits and what ends there."""
    ends = _ends(lines[~lines["dc"]])
    every = np.union1d(np.arange(len(substations)), ends["node"].unique()).astype(np.int64)
    points = gpd.GeoSeries.from_xy(*meeting.nodes_m[every].T, crs=CRS_EPSG)
    own = substations.reindex(every)
    table = pd.DataFrame(
        {"node": every, "real": every < len(substations), "name_ko": own["name_ko"].fillna(""),
         "kind": own["kind"].fillna("unknown"), "kind_rule": own["kind_rule"].fillna(""),
         "tag_kv": own["tag_kv"].fillna(0).astype(int)}
    ).reset_index(drop=True)  # fmt: skip
    degrees = points.to_crs(4326)
    # stations keep the degrees of their source, whose digits make their ids
    table["lon"] = own["lon"].reset_index(drop=True).fillna(degrees.x)
    table["lat"] = own["lat"].reset_index(drop=True).fillna(degrees.y)
    total = ends.groupby(["node", "kv"])["circuits"].sum()
    for kv in AC_KV:
        count = total.reindex([(node, kv) for node in every]).fillna(0).to_numpy(dtype=np.int64)
        tagged = own[f"level_{kv}"].fillna(value=False).to_numpy(dtype=np.bool_)
        table[f"circuits_{kv}"] = count
        table[f"level_{kv}"] = tagged | (count > 0)
    highest = pd.concat([kv * table[f"level_{kv}"] for kv in AC_KV], axis=1).max(axis=1)
    table["voltage_max_kv"] = highest.where(highest > 0, table["tag_kv"])
    table["n_lines"] = ends.groupby("node").size().reindex(every).fillna(0).to_numpy(dtype=int)
    table["n_circuits"] = table[[f"circuits_{kv}" for kv in AC_KV]].sum(axis=1)
    both = ends.groupby(["node", "kv"])["underground"].nunique().groupby("node").max()
    table["cable_head"] = (both.reindex(every).fillna(0) > 1).to_numpy()
    # of several levels the surest join is told
    order = {"line end": 0, "passing line": 1, "near dead end": 2}
    joined = meeting.joined[meeting.joined["node"].isin(ends["node"])]
    best = joined.assign(rank=joined["rule"].map(order)).sort_values(["node", "rank"])
    rule = best.drop_duplicates("node").set_index("node")["rule"].reindex(every)
    table["line_join"] = rule.fillna("none").to_numpy()
    table.loc[~table["real"], "line_join"] = "line end"
    return gpd.GeoDataFrame(table, geometry=points.array, crs=CRS_EPSG)


def _at_home(nodes: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.Series:
    """Return which nodes stand in South Korea (or close to its shore)."""
    tree = shapely.STRtree(np.asarray(districts.geometry.array))
    near = tree.query(np.asarray(nodes.geometry.array), predicate="dwithin", distance=_ABROAD_M)
    return pd.Series(np.isin(np.arange(len(nodes)), near[0]), index=nodes.index)


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
    districts = read_admin(out / "districts.geojson")
    nodes, lines = connect(read_substations(sources), _read_ways(sources), districts)
    nodes, lines = with_ids(nodes, lines, station_id(nodes["lon"], nodes["lat"]))
    nodes = nodes.assign(**kinds(nodes, read_wind_farms(sources), read_large_plants(facts)))
    places = places_of(np.asarray(nodes.geometry.array), sources, facts, out)
    nodes = nodes.assign(
        province_code=places["province_code"], district_code=places["district_code"],
        **name_stations(nodes, places, facts),
    )  # fmt: skip
    return nodes, lines


def connect(
    substations: gpd.GeoDataFrame, ways: gpd.GeoDataFrame, districts: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return nodes and lines of the network that substations and ways make.

    Parameters
    ----------
    substations : GeoDataFrame
        EPSG:5179 points from :func:`siteopt.sources._substations.merge_rows`.
    ways : GeoDataFrame
        EPSG:5179 lines: ``way_id, kv, circuits`` (0: not known), ``underground, dc``.
    districts : GeoDataFrame
        EPSG:5179 polygons; what lies farther than 10 km from all of them is abroad and left out.

    Returns
    -------
    nodes : GeoDataFrame
        Stations first, then junctions, by place; ``node`` is the number that lines name.
    lines : GeoDataFrame
        ``line_id, voltage_kv, circuits, underground, dc, length_km, start, end``.

    Raises
    ------
    LayerError
        If a direct-current way ends at no station.
    """
    ac = ways[~ways["dc"]].reset_index(drop=True)
    meeting = meet(ac, substations)
    lines = _line_table(contract(pieces(ac, meeting), len(substations)))
    if ways["dc"].any():
        links = _dc_table(ways[ways["dc"]], substations)
        lines = pd.concat([lines, links], ignore_index=True)
    nodes = _nodes(substations, meeting, lines)
    home = _at_home(nodes, districts)
    abroad = set(nodes.loc[~home, "node"])
    lines = lines[~lines["start"].isin(abroad) & ~lines["end"].isin(abroad)]
    nodes = nodes[home].sort_values(
        ["real", "lon", "lat"], ascending=[False, True, True], ignore_index=True
    )
    return nodes, lines


def with_ids(
    nodes: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, ids: pd.Series
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return nodes with ``station_id, component`` and lines with the ids of their ends, in order.

    Parameters
    ----------
    nodes, lines : GeoDataFrame
        From :func:`connect`.
    ids : Series
        Id of each node.
    """
    nodes = nodes.assign(station_id=ids.to_numpy())
    known = nodes.set_index("node")["station_id"]
    lines = lines.assign(
        station_from=lines["start"].map(known), station_to=lines["end"].map(known)
    ).drop(columns=["start", "end"])
    lines.geometry = shapely.simplify(lines.geometry.to_numpy(), _TOLERANCE_M)
    ac_lines = lines[~lines["dc"]]
    found = components(
        pd.Index(nodes["station_id"]), ac_lines["station_from"], ac_lines["station_to"]
    )
    nodes["component"] = found.to_numpy()
    return (
        nodes.sort_values("station_id", ignore_index=True),
        lines.sort_values("line_id", ignore_index=True),
    )


STATION_COLUMNS: Final = (
    "station_id", "name_ko", "name_en", "name_confidence", "kind", "kind_rule",
    "kind_confidence", "lon", "lat", "voltage_max_kv", "circuits_154", "circuits_345",
    "circuits_765", "line_join", "province_code", "district_code", "component",
)  # fmt: skip
"""Columns of the layer ``stations``, in its order."""


def write_network(stations: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, out: Path) -> None:
    """Write ``stations.csv`` and ``lines.geojson``.

    Parameters
    ----------
    stations, lines : GeoDataFrame
        With all columns of the two layers.
    out : Path
        Folder to write into.
    """
    table = pd.DataFrame(stations[list(STATION_COLUMNS)])
    write_csv(table, out / "stations.csv", "station_id")
    write_geojson(lines, out / "lines.geojson", "line_id", {"length_km": 2})


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
        If the source holds a voltage that cannot be right.
    """
    write_network(*read_network(sources, facts, out), out)
    return [_STATIONS, _LINES]


_STATIONS: Final = Built(
    id="stations", file="stations.csv", kind="vector",
    title_ko="변전소", title_en="Substations",
    source=_SOURCE, licence=_LICENCE, vintage="substations 2026-07, lines about 2024",
    crs="EPSG:4326", unit="kV, circuits", confidence="per row",
    good_for="Where substations of 154, 345 and 765 kV stand, by their names, and how many mapped "
    "circuits reach them. kind tells substations from switching and converter stations, plants and "
    "customers, taps, line ends and what is not known; kind_rule says what decided.",
    not_good_for="Bank sizes, bays or free capacity. Taps and line ends are no stations: they keep the "
    "network together. Cables of 154 kV in cities are mostly not mapped: line_join none means that no "
    "mapped line reaches the station, not that it has none. About 60 of KEPCO's stations are missing. "
    "Component 1 is the mainland grid; other numbers are Jeju and pieces whose links are not mapped.",
    notice=NOTICE_OSM,
)  # fmt: skip

_LINES: Final = Built(
    id="lines", file="lines.geojson", kind="vector",
    title_ko="송전선로", title_en="Transmission lines",
    source=_SOURCE, licence=_LICENCE, vintage="OpenStreetMap about 2024", crs="EPSG:4326",
    unit="kV, circuits, km", confidence="compiled-medium",
    good_for="The network between stations and its corridors at 1:250,000; length_km is that of the "
    "line before generalising (about 100 m). Circuit-km of 765 kV are those that KEPCO counts, of 345 kV "
    "nine tenths, of 154 kV seven tenths.",
    not_good_for="Ratings, tower positions, distances below 200 m. Circuits are conductors / 3; 1 also "
    "stands for unknown. voltage_kv 180 and 250 with dc = true are the HVDC links to Jeju.",
    notice=NOTICE_OSM,
)  # fmt: skip
