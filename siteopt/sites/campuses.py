"""Campuses: adjoining tiles and complexes grown into sites of gigawatts.

Greedy growth from seeds (region growing, Adams and Bischof 1994, on the graph of neighbouring
candidates): every tile and complex is a seed, and takes its nearest neighbours within reach,
equal distances by id, until the largest campus is full. A part gives all that it holds, the last
one only what is still wanted. Of several campuses of the same parts the one whose power lies
nearest to its centre is kept. The centre is the point of the seed, which is eligible land.

Two campuses, or a campus and a tile, that share land lie within twice the reach of each other:
the spacing of the scenario is at least that, so no land is in two chosen sites.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from siteopt.errors import InfeasibleError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.scenario import Campus, Scenario

__all__ = ["CAMPUS", "CAMPUS_COLUMNS", "PARTS", "find_campuses", "with_campuses"]

CAMPUS: Final = "campus"
"""``kind`` of a site that is a campus; its id is this, a hyphen and the id of its seed."""

PARTS: Final = ";"
"""Separator of the ids in ``campus_parts``."""

CAMPUS_COLUMNS: Final = (
    "campus_parts", "campus_part_sizes", "campus_lon_lat", "campus_mean_km", "it_min_mw",
)  # fmt: skip
"""Columns that sites have beside ``SITE_COLUMNS`` where there are campuses."""

_MM: Final = 3
_SLACK_MW: Final = 1e-6


def with_campuses(parts: gpd.GeoDataFrame, scenario: Scenario) -> gpd.GeoDataFrame:
    """Return the campuses, and beside them the tiles and complexes unless campuses are alone.

    Parameters
    ----------
    parts : GeoDataFrame
        Tiles and complexes (:func:`siteopt.sites.complexes.tiles_and_complexes`).
    scenario : Scenario
        ``candidates.campus`` and ``build``; without a campus section ``parts`` are returned.

    Returns
    -------
    GeoDataFrame
        As ``parts``, sorted by ``site_id``; with campuses also ``CAMPUS_COLUMNS``, of a tile or
        complex its own id, its own size, 0 km and ``build.it_min_mw``.

    Raises
    ------
    InfeasibleError
        If only campuses are wanted and there is none.
    """
    campus = scenario.candidates.campus
    if campus is None:
        return parts
    found = find_campuses(parts, campus, scenario.build.block_mw)
    if campus.only:
        if not len(found):
            raise InfeasibleError(
                f"no campus: nowhere do tiles and complexes within candidates.campus.reach_km "
                f"({campus.reach_km:g} km) hold {campus.it_min_mw:g} MW in at most "
                f"{campus.parts_max} parts; give more reach or a smaller candidates.campus.it_min_mw"
            )
        return found
    alone = parts.assign(
        campus_parts=parts["site_id"],
        campus_part_sizes=[f"{mw:g}" for mw in parts["it_max_mw"]],
        campus_lon_lat="",
        campus_mean_km=0.0,
        it_min_mw=scenario.build.it_min_mw,
    )
    both = pd.concat([alone, found], ignore_index=True)[list(found.columns)]
    sites = gpd.GeoDataFrame(both, geometry="geometry", crs=parts.crs)
    return sites.sort_values("site_id", kind="stable", ignore_index=True)


def find_campuses(parts: gpd.GeoDataFrame, campus: Campus, block_mw: float) -> gpd.GeoDataFrame:
    """Return the campuses that can be made of parts, sorted by id; no row where there is none.

    Parameters
    ----------
    parts : GeoDataFrame
        Tiles and complexes in EPSG:5179: ``SITE_COLUMNS``.
    campus : Campus
        Size, reach and number of parts.
    block_mw : float
        IT load of a block in MW.

    Returns
    -------
    GeoDataFrame
        ``SITE_COLUMNS`` and ``CAMPUS_COLUMNS``: ``campus_parts`` are the ids of the parts, the
        nearest to the centre first, joined by ``;``, ``campus_part_sizes`` what each gives at full
        size, ``campus_lon_lat`` their points in degrees (``lon lat``), ``campus_mean_km`` the mean
        distance of that power from the centre. ``eligible_ha``
        is the land of all parts; slope and elevation are means over their power.
    """
    xy = parts[["x_m", "y_m"]].to_numpy(dtype=np.float64)
    held = parts["it_max_mw"].to_numpy(dtype=np.float64)
    ids = parts["site_id"].to_numpy(dtype=np.str_)
    best: dict[tuple[int, ...], tuple[float, str, _Grown]] = {}
    near = cKDTree(xy).query_ball_point(xy, campus.reach_km * 1000.0) if len(xy) else []
    for seed, around in enumerate(near):
        grown = _grow(seed, np.array(around, dtype=np.int64), xy, held, ids, campus, block_mw)
        if grown is None:
            continue
        members, given_mw, km = grown
        mean_km = round(float(given_mw @ km / given_mw.sum()), 6)
        key = tuple(sorted(members.tolist()))
        rival = best.get(key)
        if rival is None or (mean_km, str(ids[seed])) < rival[:2]:
            best[key] = (mean_km, str(ids[seed]), grown)
    chosen = sorted(best.values(), key=lambda one: one[1])
    rows = [_row(parts, ids, mean_km, grown, campus) for mean_km, _, grown in chosen]
    columns = [*(name for name in parts.columns if name != "geometry"), *CAMPUS_COLUMNS, "geometry"]
    table = pd.DataFrame(rows, columns=columns)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=parts.crs)


_Grown = tuple["NDArray[np.int64]", "NDArray[np.float64]", "NDArray[np.float64]"]


def _grow(  # noqa: PLR0913, PLR0917 - the arrays of all parts
    seed: int,
    around: NDArray[np.int64],
    xy: NDArray[np.float64],
    held_mw: NDArray[np.float64],
    ids: NDArray[np.str_],
    campus: Campus,
    block_mw: float,
) -> _Grown | None:
    """Return parts of the campus about a seed, nearest first, the MW that each gives, and its km.

    None where they do not hold the smallest campus.
    """
    metres = np.hypot(*(xy[around] - xy[seed]).T)
    order = np.lexsort((ids[around], np.round(metres, _MM)))[: campus.parts_max]
    members, km = around[order], metres[order] / 1000.0
    before = np.concatenate([[0.0], np.cumsum(held_mw[members])[:-1]])
    given = np.clip(campus.it_max_mw - before, 0.0, held_mw[members])
    used = given > _SLACK_MW
    members, given, km = members[used], given[used], km[used]
    total = np.floor(given.sum() / block_mw + _SLACK_MW) * block_mw
    if total < campus.it_min_mw - _SLACK_MW:
        return None
    return members, given, km


def _row(
    parts: gpd.GeoDataFrame, ids: NDArray[np.str_], mean_km: float, grown: _Grown, campus: Campus
) -> dict[str, object]:
    """Return the site row of a campus; its seed is its first part."""
    members, given, _ = grown
    seed = parts.iloc[int(members[0])]
    name, own = f"{CAMPUS}-{seed['site_id']}", str(seed["site_id"])
    some = parts.iloc[members]
    return {
        **{column: seed[column] for column in parts.columns},
        "site_id": name,
        "name_ko": f"{str(seed['name_ko']).removesuffix(own).rstrip()} 캠퍼스 {own}",
        "name_en": f"{str(seed['name_en']).removesuffix(own).rstrip(' ,')} campus {own}",
        "eligible_ha": float(some["eligible_ha"].sum()),
        "it_max_mw": float(given.sum()),
        "slope_mean_deg": _mean(some["slope_mean_deg"], given),
        "elevation_m": _mean(some["elevation_m"], given),
        "kind": CAMPUS,
        "complex_id": "",
        "area_rule": CAMPUS,
        "area_confidence": "model" if (some["area_confidence"] == "model").all() else "assumption",
        "campus_parts": PARTS.join(ids[members].tolist()),
        "campus_part_sizes": PARTS.join(f"{mw:g}" for mw in given),
        "campus_lon_lat": PARTS.join(
            f"{lon:.6f} {lat:.6f}" for lon, lat in zip(some["lon"], some["lat"], strict=True)
        ),
        "campus_mean_km": mean_km,
        "it_min_mw": campus.it_min_mw,
    }


def _mean(values: pd.Series[float], given_mw: NDArray[np.float64]) -> float:
    """Return the mean of the known values weighted by power; NaN where none is known."""
    known = values.notna().to_numpy()
    if not known.any():
        return float("nan")
    weights = given_mw[known]
    return float(values.to_numpy(dtype=np.float64)[known] @ weights / weights.sum())
