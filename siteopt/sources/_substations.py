"""Substations of OpenStreetMap: levels, name and kind of each station.

The source has one row an element; a station that was drawn at two voltages, or whose yards were
drawn apart, appears more than once. Rows of one name within a kilometre are one station, and so
are rows without a name that lie within 500 m of one another or of a named one. The station stands
where its strongest row stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["AC_KV", "SUBSTATION_FILE", "kind_of_name", "merge_rows", "read_substations"]

SUBSTATION_FILE: Final = "osm_substations_named_847_2026-07.csv"

AC_KV: Final = (154, 345, 765)
_DC_KV: Final = (150, 180, 250, 500)
_TAG_KV: Final = {154: 154, 345: 345, 380: 345, 765: 765, **{kv: kv for kv in _DC_KV}}
"""Tagged voltage -> voltage there is in Korea (380 is mistagged 345); the rest are HVDC."""

_SAME_NAME_M: Final = 1_000.0
_SAME_YARD_M: Final = 500.0
"""Unnamed rows so near to another row are yards of the same station."""

_STRIPPED: Final = "변전소"

_NAME_KINDS: Final = (
    ("switching", "converter station (name: 변환소)", ("변환소",)),
    ("switching", "switching station (name: 개폐소)", ("개폐소",)),
    ("plant", "power plant (name)",
     ("화력", "양수", "원자력", "원전", "발전", "그린파워", "에너지센터", "열병합", "풍력")),
    ("plant", "customer: railway (name)", ("철도", "전철", "전기사업소", "수원 SS")),
    ("plant", "customer: factory (name)", ("포스코", "시멘트", "제철", "제강", "공장")),
)  # fmt: skip
"""Kind, rule, and the words in a name that decide for it; the first hit counts."""


_BY_TAG: Final = ("tag_kind", "tag_rule")


def _is_special(named: str, tagged: str) -> bool:
    """Return whether a tag tells apart what by its name is an ordinary substation."""
    return named == "substation" and tagged != "substation"


def kind_of_name(name: str) -> tuple[str, str]:
    """Return kind and rule of a station by its name; a name of none of these is a substation.

    Examples
    --------
    >>> kind_of_name("여수산단개폐소")
    ('switching', 'switching station (name: 개폐소)')
    >>> kind_of_name("신태백")
    ('substation', 'named substation')
    """
    for kind, rule, words in _NAME_KINDS:
        if any(word in name for word in words):
            return kind, rule
    return ("substation", "named substation") if name else ("unknown", "no name")


def _groups(xy: NDArray[np.float64], names: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the number of the station of each row."""
    n = len(xy)
    tree = cKDTree(xy)
    wide = np.array(sorted(tree.query_pairs(_SAME_NAME_M)), dtype=np.int64).reshape(-1, 2)
    first, second = names[wide[:, 0]], names[wide[:, 1]]
    same = (first == second) & (first != "")
    near = np.hypot(*(xy[wide[:, 0]] - xy[wide[:, 1]]).T) <= _SAME_YARD_M
    free = near & (first == "") & (second == "")
    pairs = [wide[same | free]]
    # An unnamed yard goes to the nearest named row alone, so that it joins no two names.
    named = np.flatnonzero(names != "")
    bare = np.flatnonzero(names == "")
    if len(named) and len(bare):
        away, at = (np.asarray(part) for part in cKDTree(xy[named]).query(xy[bare]))
        hit = away <= _SAME_YARD_M
        pairs.append(np.column_stack([bare[hit], named[at[hit]]]))
        taken = set(bare[hit].tolist())
        pairs[0] = np.array(
            [
                pair for pair in pairs[0].tolist()
                if names[pair[0]] != "" or not taken.intersection(pair)
            ],
            dtype=np.int64,
        ).reshape(-1, 2)  # fmt: skip
    every = np.concatenate(pairs)
    graph = coo_array((np.ones(len(every)), (every[:, 0], every[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def merge_rows(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return one row a station.

    Parameters
    ----------
    rows : DataFrame
        ``name_ko`` (empty: none), ``kv``, ``lon``, ``lat`` in degrees, one row an element (and
        voltage). ``tag_kind`` and ``tag_rule``, where given, are the kind by other tags (empty:
        none); it counts where the name decides nothing, or only for a substation.

    Returns
    -------
    GeoDataFrame
        EPSG:5179, sorted by place: ``name_ko`` without 변전소, ``kind``, ``kind_rule``, ``lon``,
        ``lat``, ``tag_kv`` (highest tagged voltage, direct current where there is no other),
        ``level_154`` .. ``level_765`` (tagged), ``rows``.

    Raises
    ------
    LayerError
        If a voltage is not known, with the row of the file.
    """
    kv = rows["kv"].round().astype(int)
    strange = np.flatnonzero(~kv.isin(list(_TAG_KV)))
    if strange.size:
        raise LayerError(
            f"{SUBSTATION_FILE}: row {strange[0] + 2}: kv {kv.iloc[strange[0]]} is not known; "
            f"one of {', '.join(map(str, _TAG_KV))} is"
        )
    name = rows["name_ko"].fillna("").str.strip().str.removesuffix(_STRIPPED).str.strip()
    table = pd.DataFrame(
        {"name": name, "kv": kv.map(_TAG_KV), "lon": rows["lon"], "lat": rows["lat"]}
    )
    for column in _BY_TAG:
        table[column] = rows.get(column, "")
    # The strongest row leads a station: alternating before direct current, named before unnamed.
    table = table.assign(dc=table["kv"].isin(_DC_KV), bare=table["name"] == "")
    table = table.sort_values(
        ["dc", "kv", "bare", "lon", "lat"], ascending=[True, False, True, True, True],
        ignore_index=True,
    )  # fmt: skip
    at = gpd.GeoSeries.from_xy(table["lon"], table["lat"], crs=4326).to_crs(CRS_EPSG)
    xy = shapely.get_coordinates(at.to_numpy())
    table["group"] = _groups(xy, table["name"].to_numpy(dtype=object))
    found = []
    for _, part in table.groupby("group", sort=False):
        named = part[part["name"] != ""]
        lead = (named if len(named) else part).iloc[0]
        kind, rule = kind_of_name(str(lead["name"]))
        tagged = part[part["tag_kind"] != ""]
        if len(tagged) and (kind == "unknown" or _is_special(kind, tagged["tag_kind"].iloc[0])):
            kind, rule = tagged[list(_BY_TAG)].iloc[0]
        levels = {f"level_{level}": bool((part["kv"] == level).any()) for level in AC_KV}
        found.append(
            {"name_ko": lead["name"], "kind": kind, "kind_rule": rule, "lon": lead["lon"],
             "lat": lead["lat"], "tag_kv": int(part["kv"].iloc[0]), **levels, "rows": len(part)}
        )  # fmt: skip
    out = pd.DataFrame(found).sort_values(["lon", "lat"], ignore_index=True)
    points = gpd.GeoSeries.from_xy(out["lon"], out["lat"], crs=4326).to_crs(CRS_EPSG)
    return gpd.GeoDataFrame(out, geometry=points.array, crs=CRS_EPSG)


def read_substations(sources: Path) -> gpd.GeoDataFrame:
    """Return the stations of the source copy, see :func:`merge_rows`."""
    return merge_rows(pd.read_csv(sources / "grid" / SUBSTATION_FILE, encoding="utf-8"))
