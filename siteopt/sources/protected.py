"""Protected land that has no open border: national parks as discs and bands, the DMZ line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG
from siteopt.sources._built import Built, write_geojson
from siteopt.sources.land import slug

if TYPE_CHECKING:
    from pathlib import Path


__all__ = [
    "DISCS_LEFT_OUT", "build", "check_band", "dmz", "park_bands", "park_discs",
]  # fmt: skip

DISCS_LEFT_OUT: Final = {
    "경주": "several parts",
    "한려해상": "coastal, several parts",
    "태안해안": "coastal",
    "다도해해상": "coastal, several parts",
    "변산반도": "coastal",
    "금정산": "area not known",
}
"""Parks that a disc around a peak would misplace, and why; all but the last have a band."""

_QUADRANT_SEGMENTS: Final = 12
"""Segments in a quarter of a disc's outline: within 0.3 % of its area."""

_TRAILS: Final = "land/national_park_trails_knps.geojson"
_BORDER: Final = "land/byeonsan_national_park_knps.geojson"
_DMZ: Final = "land/ngii_dmz_line.geojson"
_BAND_KEY: Final = "park_band_width"
_SIMPLIFY_M: Final = 50.0
_HALVINGS: Final = 24


def _parks_table(facts: Path) -> pd.DataFrame:
    table = pd.read_csv(facts / "national_parks.csv", encoding="utf-8")
    unknown = set(DISCS_LEFT_OUT) - set(table["name_ko"])
    if unknown:
        raise LayerError(f"national_parks.csv: {min(unknown)} is not there, but left out")
    return table


def park_discs(facts: Path) -> gpd.GeoDataFrame:
    """Return mountain parks as discs of their area around the main peak, EPSG:5179."""
    table = _parks_table(facts)
    table = table[~table["name_ko"].isin(DISCS_LEFT_OUT)].reset_index(drop=True)
    peaks = gpd.points_from_xy(table["lon_main_peak"], table["lat_main_peak"], crs=4326)
    # the polygon has the area of the disc: n segments enclose less than the circle
    n = 4 * _QUADRANT_SEGMENTS
    shrink = n / (2 * np.pi) * np.sin(2 * np.pi / n)
    radius = np.sqrt(table["area_km2"].to_numpy(dtype=np.float64) * 1e6 / (np.pi * shrink))
    discs = shapely.buffer(np.asarray(peaks.to_crs(CRS_EPSG)), radius, quad_segs=_QUADRANT_SEGMENTS)
    return gpd.GeoDataFrame(
        {
            "park_id": [slug(name) for name in table["name_en"]],
            "name_ko": table["name_ko"] + "국립공원", "name_en": table["name_en"] + " National Park",
            "designated_year": table["designated"], "area_km2": table["area_km2"],
            "shape": "disc", "width_m": np.nan, "approximate": True,
            "confidence": "compiled-low (disc; area compiled-high)",
        },
        geometry=discs, crs=CRS_EPSG,
    )  # fmt: skip


def park_bands(
    sources: Path, facts: Path, width_m: float, land: shapely.Geometry
) -> gpd.GeoDataFrame:
    """Return bands on land around the trails of the parks, EPSG:5179.

    A band is as wide as asked for, or less where it would else cover more than the park's area:
    where trails are dense the band is the park, as far as area goes.

    Parameters
    ----------
    sources, facts : Path
        Folders of the source copies and of the fact tables.
    width_m : float
        Half width of a band, to either side of a trail.
    land : geometry
        Land, EPSG:5179.

    Raises
    ------
    LayerError
        If trails name a park that the facts do not know.
    """
    trails = gpd.read_file(sources / _TRAILS).to_crs(CRS_EPSG)
    table = _parks_table(facts).set_index("name_ko")
    unknown = sorted(set(trails["park_ko"]) - set(table.index))
    if unknown:
        raise LayerError(f"{_TRAILS}: park {unknown[0]} is not in national_parks.csv")
    rows, shapes = [], []
    for name, part in sorted(trails.groupby("park_ko"), key=lambda item: str(item[0])):
        fact = table.loc[name]
        paths = shapely.union_all(part.geometry.to_numpy())
        x_min, y_min, x_max, y_max = shapely.bounds(paths)
        frame = (x_min - width_m, y_min - width_m, x_max + width_m, y_max + width_m)
        near = shapely.make_valid(shapely.clip_by_rect(land, *frame))
        width, band = _capped_band(paths, near, width_m, float(fact["area_km2"]))
        rows.append(
            {
                "park_id": f"{slug(fact['name_en'])}-trails", "name_ko": f"{name}국립공원",
                "name_en": f"{fact['name_en']} National Park",
                "designated_year": fact["designated"], "area_km2": fact["area_km2"],
                "shape": "trail band", "width_m": round(width), "approximate": True,
                "confidence": "derived (band around trails; no border)",
            }
        )  # fmt: skip
        shapes.append(band)
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS_EPSG)


def _capped_band(
    paths: shapely.Geometry, land: shapely.Geometry, width_m: float, area_km2: float
) -> tuple[float, shapely.Geometry]:
    """Return the half width and the band, no wider than asked and no larger than the park."""

    def band(width: float) -> shapely.Geometry:
        return shapely.intersection(shapely.buffer(paths, width, quad_segs=4), land)

    low, high = 0.0, width_m
    if shapely.area(band(width_m)) > area_km2 * 1e6:
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (
                (middle, high) if shapely.area(band(middle)) < area_km2 * 1e6 else (low, middle)
            )
    return high, shapely.simplify(band(high), _SIMPLIFY_M)


def check_band(
    shape: shapely.Geometry, border: shapely.Geometry, land: shapely.Geometry
) -> tuple[float, float]:
    """Return the share of a park's land that a shape takes, and the share of it that is false.

    Parameters
    ----------
    shape, border, land : geometry
        The stand-in, the official border, land; all in EPSG:5179.
    """
    park = shapely.intersection(border, land)
    taken = shapely.intersection(shape, land)
    right = shapely.intersection(taken, park).area
    return float(right / park.area), float(1.0 - right / taken.area)


def dmz(sources: Path) -> gpd.GeoDataFrame:
    """Return the line of the demilitarised zone, EPSG:4326.

    Raises
    ------
    LayerError
        If there is no line.
    """
    raw = gpd.read_file(sources / _DMZ).to_crs(4326)
    lines = raw[raw.geometry.geom_type.isin(["LineString", "MultiLineString"])]
    if not len(lines):
        raise LayerError(f"{_DMZ}: no line in it")
    return gpd.GeoDataFrame(
        {
            "line_id": [f"dmz-{place + 1}" for place in range(len(lines))],
            "name_ko": "군사분계선", "name_en": "Military demarcation line",
        },
        geometry=lines.geometry.to_numpy(), crs=4326,
    )  # fmt: skip


def _land(out: Path) -> shapely.Geometry:
    provinces = gpd.read_file(out / "provinces.geojson").to_crs(CRS_EPSG)
    return shapely.union_all(shapely.make_valid(provinces.geometry.to_numpy()))


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``parks.geojson`` and ``dmz.geojson``.

    It needs ``assumptions_terrain.csv`` and ``provinces.geojson`` in ``out``.

    Parameters
    ----------
    sources, facts, out : Path
        Folders of the source copies, of the fact tables and of the layer files.
    """
    table = pd.read_csv(out / "assumptions_terrain.csv", encoding="utf-8").set_index("key")
    width_m = float(table["value"].astype(float)[_BAND_KEY])
    land = _land(out)
    bands = park_bands(sources, facts, width_m, land)
    border = gpd.read_file(sources / _BORDER).to_crs(CRS_EPSG).geometry.iloc[0]
    own = bands.set_index("park_id").geometry.loc["byeonsanbando-trails"]
    caught, wrong = check_band(own, border, land)
    parks = pd.concat([park_discs(facts), bands], ignore_index=True)
    write_geojson(parks, out / "parks.geojson", "park_id")
    write_geojson(dmz(sources), out / "dmz.geojson", "line_id")
    return [_parks_entry(width_m, caught, wrong), _dmz_entry()]


def _parks_entry(width_m: float, caught: float, wrong: float) -> Built:
    missing = ", ".join(f"{name} ({why})" for name, why in DISCS_LEFT_OUT.items())
    return Built(
        id="parks", file="parks.geojson", kind="vector",
        title_ko="국립공원(원형·탐방로 띠 근사)",
        title_en="National parks (approximate discs and bands around trails)",
        source="trails of the Korea National Park Service (gunwoda/Nationalpark_bigleader "
        "국립공원시설_선형시설.shp d0140ac); area and main peak compiled for siteopt from general "
        "knowledge, not checked against a primary source",
        licence="none stated (KNPS open data); facts, no known restriction", vintage="2022 to 2025",
        crs="EPSG:4326", unit="area_km2 km2, width_m metres", confidence="compiled-low",
        good_for="Keeping a first national screening away from the cores of 23 parks: discs of "
        f"the park's area for mountain parks, and bands of {width_m:g} m (less where that would be "
        "larger than the park) around the trails of 22. Against the official border of Byeonsan, "
        f"which has no disc, the band takes {100 * caught:.0f} % of the park's land, and "
        f"{100 * wrong:.0f} % of the band lies outside.",
        not_good_for=f"Any decision near a park: no shape is a border. No disc: {missing}. Islands "
        "and shores without trails, provincial parks, wetlands and other protected areas are not "
        "in it; replace it with the official borders.",
    )  # fmt: skip


def _dmz_entry() -> Built:
    return Built(
        id="dmz", file="dmz.geojson", kind="vector", title_ko="군사분계선",
        title_en="Military demarcation line",
        source="NGII 1:1,200,000 map, about 2023 (stiles/korea-geography "
        "demilitarized_zone_korean.shp a66cdb2)",
        licence="Creative Commons text of the copy; NGII open public data", vintage="2023",
        crs="EPSG:4326", unit="", confidence="published",
        good_for="Distance to the line: the zone is 2 km to either side, and the civilian control "
        "line lies at most 10 km south of it.",
        not_good_for="The civilian control line itself and other military protection zones, which "
        "have no open border; the river and sea parts west of it.",
    )  # fmt: skip
