"""Stations and lines of OpenStreetMap in the form of the layers ``stations`` and ``lines``.

Features become rows a station level and ways a voltage; the network is then made of them by the
functions that make the embedded layers (:func:`siteopt.sources.grid_network.connect`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from siteopt.errors import FetchError
from siteopt.lattice import CRS_EPSG, DEGREES_EPSG
from siteopt.sources._grid_names import name_stations
from siteopt.sources._station_kinds import kinds, large_plant_places, wind_farm_places
from siteopt.sources._substations import merge_rows
from siteopt.sources.fetching.grid_ids import base_name, kept_ids
from siteopt.sources.fetching.grid_places import places_by_layers
from siteopt.sources.fetching.osm_grid_tags import conductors, plain_name, tagged_kv
from siteopt.sources.grid_network import connect, known_circuits, with_ids

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike
    from siteopt.sources.fetching.osm_grid_recipe import KindRule, OsmGridRecipe

__all__ = ["OsmNetwork", "network_of_features", "substation_rows", "ways_of_features"]

_DECIMALS: Final = 5
"""Of degrees, as in the layer: what ids are made of is what is stored."""
_CABLES: Final = frozenset({"underground", "underwater", "indoor"})
_CONVERTER_M: Final = 1_000.0
_TOUCH_M: Final = 1.0


@dataclass(frozen=True, slots=True)
class OsmNetwork:
    """The network, and what of the map is not in it.

    Attributes
    ----------
    stations : GeoDataFrame
        EPSG:5179; columns of the layer ``stations``, and ``level_154`` .. ``level_765``.
    lines : GeoDataFrame
        EPSG:5179; columns of the layer ``lines``.
    notes : list of str
        What was left out, a sentence each.
    """

    stations: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame
    notes: list[str] = field(default_factory=list)


def ways_of_features(
    features: gpd.GeoDataFrame, recipe: OsmGridRecipe
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return ways of transmission, one for each of its voltages.

    Parameters
    ----------
    features : GeoDataFrame
        EPSG:5179 lines of the recipe's ``ways``.
    recipe : OsmGridRecipe
        Voltages that are transmission.

    Returns
    -------
    ways : GeoDataFrame
        EPSG:5179: ``way_id`` (``123-1``: the first voltage of way 123), ``kv``, ``circuits`` (0:
        not known), ``underground``, ``dc``.
    notes : list of str
        What was left out.
    """
    ac = {int(tag): kv for tag, kv in recipe.voltages.ac.items()}
    rows: list[tuple[str, int, int, bool, bool, shapely.Geometry]] = []
    left_out: Counter[str] = Counter()
    parts: Counter[str] = Counter()
    for way in features.explode(index_parts=False).itertuples(index=False):
        tagged = tagged_kv(way.voltage)
        if not tagged:
            left_out["no voltage"] += 1
            continue
        number = str(way.osm_id).rpartition("/")[2]
        parts[number] += 1
        if parts[number] > 1:  # of a relation whose ways do not touch
            number += f"p{parts[number]}"
        counts = conductors(
            way.cables, way.circuits, len(tagged),
            conductors_as_circuits=recipe.lines.conductors_as_circuits,
        )  # fmt: skip
        direct = str(way.frequency or "").strip() == "0"
        cable = way.power == "cable" or way.location in _CABLES
        for place, (value, count) in enumerate(zip(tagged, counts, strict=True), start=1):
            kv = round(value)
            is_dc = kv in recipe.voltages.dc and (direct or way.frequency is None)
            if not is_dc and (direct or kv not in ac):
                left_out[f"{value:g} kV"] += 1
                continue
            circuits = int(known_circuits(pd.Series([count])).iloc[0])
            rows.append(
                (f"{number}-{place}", kv if is_dc else ac[kv], circuits, cable, is_dc, way.geometry)
            )
    names = ["way_id", "kv", "circuits", "underground", "dc"]
    ways = gpd.GeoDataFrame(
        pd.DataFrame([row[:-1] for row in rows], columns=names).astype(
            {"kv": int, "circuits": int, "underground": bool, "dc": bool}
        ),
        geometry=[row[-1] for row in rows], crs=CRS_EPSG,
    )  # fmt: skip
    ways = ways.sort_values("way_id", kind="stable").drop_duplicates("way_id", ignore_index=True)
    return ways, _left_out("ways", left_out)


def _left_out(what: str, counted: Counter[str]) -> list[str]:
    if not counted:
        return []
    most = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    parts = ", ".join(f"{reason} ({count:,})" for reason, count in most[:5])
    return [f"{counted.total():,} {what} are no transmission and left out: {parts}"]


def substation_rows(
    features: gpd.GeoDataFrame, ways: gpd.GeoDataFrame, recipe: OsmGridRecipe
) -> tuple[pd.DataFrame, list[str]]:
    """Return rows of stations, one an element and voltage.

    Parameters
    ----------
    features : GeoDataFrame
        EPSG:5179 areas and points of the recipe's ``substations``.
    ways : GeoDataFrame
        From :func:`ways_of_features`; a station without a voltage has those that end there.
    recipe : OsmGridRecipe
        Voltages, kinds by tag, and what is no part of a name.

    Returns
    -------
    rows : DataFrame
        ``name_ko, kv, lon, lat, tag_kind, tag_rule``, see
        :func:`siteopt.sources._substations.merge_rows`.
    notes : list of str
        What was left out.
    """
    ac = {int(tag): kv for tag, kv in recipe.voltages.ac.items()}
    dc = set(recipe.voltages.dc)
    middle = features.geometry.centroid
    degrees = middle.to_crs(DEGREES_EPSG)
    ends = _ends_near(middle, ways, recipe.identity.line_end_m)
    rows: list[tuple[str, int, float, float, str, str]] = []
    left_out: Counter[str] = Counter()
    for place, one in enumerate(features.itertuples(index=False)):
        tagged = [round(value) for value in tagged_kv(one.voltage)]
        levels = sorted({ac.get(kv, kv) for kv in tagged if kv in ac or kv in dc})
        if not tagged:
            levels = ends[place]
        if not levels:
            reason = f"at most {max(tagged)} kV" if tagged else "no voltage, and no line ends there"
            left_out[reason] += 1
            continue
        name = plain_name(one.name_ko or one.name, recipe.names.prefixes)
        kind, rule = _kind_by_tag(one._asdict(), recipe.kind)
        lon, lat = (round(float(part), _DECIMALS) for part in (degrees.x.iloc[place], degrees.y.iloc[place]))  # fmt: skip
        rows += [(name, kv, lon, lat, kind, rule) for kv in levels]
    names = ["name_ko", "kv", "lon", "lat", "tag_kind", "tag_rule"]
    table = pd.DataFrame(rows, columns=names).astype({"kv": int, "lon": float, "lat": float})
    return table, _left_out("substations", left_out)


def _ends_near(points: gpd.GeoSeries, ways: gpd.GeoDataFrame, reach_m: float) -> list[list[int]]:
    """Return the voltages of alternating current that end near each point."""
    ac = ways[~ways["dc"]]
    shapes = ac.geometry.to_numpy()
    ends = np.concatenate([shapely.get_point(shapes, 0), shapely.get_point(shapes, -1)])
    kv = np.tile(ac["kv"].to_numpy(), 2)
    found: list[list[int]] = [[] for _ in range(len(points))]
    hits = shapely.STRtree(ends).query(points.to_numpy(), predicate="dwithin", distance=reach_m)
    for point, end in hits.T.tolist():
        found[point].append(int(kv[end]))
    return [sorted(set(levels)) for levels in found]


def _kind_by_tag(tags: dict[str, str | None], rules: list[KindRule]) -> tuple[str, str]:
    """Return kind and rule by the first rule that holds; empty for none."""
    operator = (tags.get("operator") or "").casefold()
    for rule in rules:
        if (tags.get(rule.key.replace(":", "_")) or "") in rule.among and (
            not rule.operators or any(one.casefold() in operator for one in rule.operators)
        ):
            return rule.kind, rule.rule
    return "", ""


def _off_stations(way: shapely.LineString, points: NDArray[np.object_]) -> shapely.Geometry:
    """Return a way that stops a metre before a station: ways beyond it are another line."""
    ends = [shapely.get_point(way, end) for end in (0, -1)]
    start, stop = (
        bool(shapely.dwithin(points, end, _CONVERTER_M).any()) * _TOUCH_M for end in ends
    )
    return substring(way, start, max(way.length - stop, start))


def _whole_dc_lines(
    ways: gpd.GeoDataFrame, substations: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return direct-current ways joined to lines between two stations, and a note on the others."""
    parts: list[tuple[str, int, int, bool, bool, shapely.Geometry]] = []
    lost = 0
    points = substations.geometry.to_numpy()
    for kv, group in ways.groupby("kv"):
        apart = [_off_stations(shape, points) for shape in group.geometry]
        middles = shapely.line_interpolate_point(group.geometry.to_numpy(), 0.5, normalized=True)
        merged = shapely.line_merge(shapely.multilinestrings(np.array(apart, dtype=object)))
        for line in shapely.get_parts(merged):
            of = group[shapely.dwithin(middles, line, _TOUCH_M)]
            ends = [shapely.distance(points, shapely.get_point(line, end)) for end in (0, -1)]
            far = any(away.min() > _CONVERTER_M for away in ends)
            if far or of.empty or ends[0].argmin() == ends[1].argmin():
                lost += 1
                continue
            length = of.geometry.length
            cable = float(length[of["underground"]].sum()) * 2 > float(length.sum())
            known = of.loc[of["circuits"] > 0, "circuits"]
            circuits = int(known.min()) if len(known) else 0
            parts.append((str(of["way_id"].min()), int(str(kv)), circuits, cable, True, line))
    names = ["way_id", "kv", "circuits", "underground", "dc"]
    table = pd.DataFrame([part[:-1] for part in parts], columns=names).astype(
        {"kv": int, "circuits": int, "underground": bool, "dc": bool}
    )
    whole = gpd.GeoDataFrame(table, geometry=[part[-1] for part in parts], crs=CRS_EPSG)
    notes = [f"{lost} direct-current lines end at no station and are left out"] if lost else []
    return whole, notes


def network_of_features(
    substations: gpd.GeoDataFrame,
    ways: gpd.GeoDataFrame,
    recipe: OsmGridRecipe,
    layers: LayersLike,
    known: gpd.GeoDataFrame,
) -> OsmNetwork:
    """Return the network of the features of OpenStreetMap.

    Parameters
    ----------
    substations, ways : GeoDataFrame
        EPSG:5179 features of the recipe's ``substations`` and ``ways``.
    recipe : OsmGridRecipe
        How tags are read.
    layers : LayersLike
        Of the data folder: districts, names of places, wind farms and large plants.
    known : GeoDataFrame
        EPSG:5179 points of stations whose ids are kept.

    Raises
    ------
    FetchError
        If there is no station or no line of transmission.
    """
    lines, line_notes = ways_of_features(ways, recipe)
    rows, station_notes = substation_rows(substations, lines, recipe)
    if rows.empty or lines[~lines["dc"]].empty:
        what = "substation" if rows.empty else "line"
        raise FetchError(
            f"stations, lines: no {what} of 154, 345 or 765 kV was found; is the extract of Korea, "
            "with its keys power and voltage?"
        )
    merged = merge_rows(rows)
    direct, dc_notes = _whole_dc_lines(lines[lines["dc"]], merged)
    every = pd.concat([lines[~lines["dc"]], direct], ignore_index=True)
    nodes, found = connect(merged, every, layers.vector("districts"))
    if nodes.empty:
        raise FetchError("stations, lines: nothing of the extract lies in South Korea")
    ids = kept_ids(nodes, known, recipe.identity.same_place_m, recipe.identity.same_name_m)
    nodes, found = with_ids(nodes, found, ids)
    farms, plants = wind_farm_places(layers.vector("wind_farms")), large_plant_places(layers.vector("power_plants"), "fuel")  # fmt: skip
    nodes = nodes.assign(**kinds(nodes, farms, plants))
    places = places_by_layers(nodes.geometry.to_numpy(), layers)
    names = _with_known_names(nodes, name_stations(nodes, places, None), known)
    codes = places[["province_code", "district_code"]]
    stations = nodes.assign(**codes, **names)
    stations["lon"], stations["lat"] = stations["lon"].round(_DECIMALS), stations["lat"].round(_DECIMALS)  # fmt: skip
    return OsmNetwork(stations, found, [*station_notes, *line_notes, *dc_notes])


def _with_known_names(
    nodes: gpd.GeoDataFrame, names: pd.DataFrame, known: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return names in which known stations keep theirs, unless the map has another now.

    A new node named by its place takes the first number that no other of the place bears.
    """
    columns = ["name_ko", "name_en", "name_confidence"]
    if not set(columns) <= set(known.columns):
        return names
    before = known.set_index("station_id")[columns].reindex(nodes["station_id"])
    before = before.set_axis(names.index)
    own = nodes["name_ko"].fillna("").astype(str).set_axis(names.index)
    kept = before["name_ko"].notna() & ((own == "") | (own == base_name(before["name_ko"])))
    out = names.where(~kept, before)
    used = set(out.loc[kept, "name_ko"])
    for row in out.index[~kept & (out["name_confidence"] == "place")]:
        base = [out.loc[row, name].rstrip("0123456789 ") for name in columns[:2]]
        number, ending = 1, ""
        while base[0] + ending in used:
            number += 1
            ending = f" {number}"
        out.loc[row, columns[:2]] = [name + ending for name in base]
        used.add(base[0] + ending)
    return out
