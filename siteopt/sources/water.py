"""Rivers and major basins derived from the elevation, and the dams in them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from rasterio.features import rasterize

from siteopt.errors import LayerError, LayerFileError
from siteopt.lattice import CRS_EPSG
from siteopt.sources._basins import (
    Basin,
    basin_areas_km2,
    basin_polygons,
    basins_on_lattice,
    label_points,
)
from siteopt.sources._built import Built, write_csv, write_geojson
from siteopt.sources._dem import LAND_FILE, Dem, land_mask, read_dem
from siteopt.sources._flow import Flow, route
from siteopt.sources._frame import NATIONAL
from siteopt.sources._rivers import KnownRiver, distances_m, name_streams, river_lines
from siteopt.sources.relief import smooth_land

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Settings", "Water", "build", "derive", "lower_channels", "read_settings"]

_BORDER_M: Final = 1_000.0
"""Rivers are drawn this far beyond the land, so that border rivers stay whole."""

_SHORE_M: Final = 500.0
"""Basins reach this far beyond the land, so that a coast drawn otherwise lies in one."""

_SOURCE: Final = (
    "Derived from SRTM 1 arc-second (NASA/USGS 2000) as an 8 bit render, "
    "ThornboroughA/CityGardener 5f01b91, with pyflwdir; names: general knowledge"
)
_LICENCE: Final = "SRTM: US public domain; none stated for the render"


@dataclass(frozen=True, slots=True)
class Settings:
    """Content of ``water.toml``: what the derivation has to be told."""

    basins: tuple[Basin, ...]
    known: tuple[KnownRiver, ...]
    channels: tuple[Mapping[str, Any], ...]
    stream_km2: float
    name_reach_m: float
    name_tolerance: float


@dataclass(frozen=True, slots=True)
class Water:
    """Derived layers before they are written, EPSG:5179, and what the checks found."""

    rivers: gpd.GeoDataFrame
    basins: gpd.GeoDataFrame
    flow: Flow
    labels: NDArray[np.uint8]
    names_found: int
    names_asked: int


def read_settings() -> Settings:
    """Read ``water.toml`` beside this module."""
    raw = tomllib.loads(files("siteopt.sources").joinpath("water.toml").read_text("utf-8"))
    return Settings(
        basins=tuple(Basin.of(item) for item in raw["basins"]),
        known=tuple(KnownRiver(*item) for item in raw["names"]),
        channels=tuple(raw["channels"]),
        stream_km2=float(raw["stream_km2"]),
        name_reach_m=float(raw["name_reach_m"]),
        name_tolerance=float(raw["name_tolerance"]),
    )


def lower_channels(dem: Dem, channels: tuple[Mapping[str, Any], ...]) -> Dem:
    """Return the heights lowered along channels that the flat plain hides.

    Parameters
    ----------
    dem : Dem
        Heights; degrees.
    channels : tuple of mapping
        ``path`` (lon, lat pairs) and ``lower_m``.
    """
    heights = dem.height_m.copy()
    for channel in channels:
        line = {"type": "LineString", "coordinates": channel["path"]}
        on_it = rasterize(
            [line], out_shape=heights.shape, transform=dem.transform, all_touched=True,
            dtype=np.uint8,
        ).astype(np.bool_)  # fmt: skip
        heights[on_it] -= np.float32(channel["lower_m"])
    return Dem(heights, dem.transform)


def derive(sources: Path, settings: Settings) -> Water:
    """Derive rivers and basins from the elevation model."""
    raw = read_dem(sources)
    on_land = land_mask(sources, raw.height_m.shape, raw.transform, 4326)
    dem = lower_channels(smooth_land(raw, sources), settings.channels)
    flow = route(dem, sea=(raw.height_m == 0) & ~on_land)
    land = gpd.read_file(sources / LAND_FILE).to_crs(CRS_EPSG).geometry
    basins, labels = _basins(flow, settings, land)
    rivers, found = _rivers(flow, settings, land)
    return Water(rivers, basins, flow, labels, found, len(settings.known))


def _basins(
    flow: Flow, settings: Settings, land: gpd.GeoSeries
) -> tuple[gpd.GeoDataFrame, NDArray[np.uint8]]:
    shore = land.simplify(100.0).buffer(_SHORE_M + 100.0)
    wanted = rasterize(
        shore, out_shape=NATIONAL.shape, transform=NATIONAL.transform, dtype=np.uint8
    ).astype(np.bool_)
    labels = basins_on_lattice(flow, settings.basins, NATIONAL, wanted)
    frame = basin_polygons(labels, settings.basins, NATIONAL, tolerance_m=NATIONAL.cell_m)
    areas = basin_areas_km2(labels, land, NATIONAL, len(settings.basins))
    by_id = {b.id: area for b, area in zip(settings.basins, areas, strict=True)}
    frame["area_km2"] = frame["basin_id"].map(by_id)
    return frame, labels


def _rivers(flow: Flow, settings: Settings, land: gpd.GeoSeries) -> tuple[gpd.GeoDataFrame, int]:
    streams = flow.streams(settings.stream_km2)
    mouths, which = np.unique(flow.mouth[flow.mouth >= 0], return_inverse=True)
    of_mouth = label_points(*flow.lonlat(mouths), settings.basins)
    basin_of = np.zeros(len(flow.mouth), dtype=np.uint8)
    basin_of[flow.mouth >= 0] = of_mouth[which]
    mains: dict[int, KnownRiver] = {}
    for number, basin in enumerate(settings.basins, start=1):
        if basin.published_km2 is not None and (of_mouth == number).any():
            own = mouths[of_mouth == number]
            mouth = int(own[np.argmax(flow.upstream_km2[own])])
            mains[mouth] = KnownRiver(basin.name_ko, basin.name_en, 0.0, 0.0, basin.published_km2)
    names, found = name_streams(
        flow, streams, mains, settings.known,
        reach_m=settings.name_reach_m, tolerance=settings.name_tolerance,
    )  # fmt: skip
    within = land.simplify(100.0).buffer(_BORDER_M).union_all()
    basin_at = [settings.basins[number - 1] for number in basin_of[streams]]
    basins = dict(zip(streams.tolist(), basin_at, strict=True))
    return river_lines(flow, streams, names, basins, within), len(found)


def _dams(facts: Path, settings: Settings) -> pd.DataFrame:
    """Read the dams; the published river decides the basin."""
    path = facts / "dams.csv"
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; `--facts` must hold dams.csv")
    raw = pd.read_csv(path, dtype={"name_ko": str, "river": str})
    basin_of = {river: basin.id for basin in settings.basins for river in basin.rivers}
    unknown = raw.loc[~raw["river"].isin(list(basin_of)), ["name_ko", "river"]]
    if len(unknown):
        name, river = unknown.iloc[0]
        raise LayerError(
            f"{path}: dam {name}: river {river!r} belongs to no basin; add it to `rivers` of a "
            "basin in water.toml"
        )
    return pd.DataFrame(
        {
            "dam_id": ["dam-" + _slug(name) for name in raw["name_en"]],
            "name_ko": raw["name_ko"],
            "name_en": raw["name_en"].str.replace("(agri)", " (agricultural)", regex=False),
            "river_ko": raw["river"],
            "lon": raw["lon"],
            "lat": raw["lat"],
            "storage_mcm": raw["total_storage_mcm"],
            "basin_id": raw["river"].map(basin_of),
            "confidence": np.where(
                raw["lon"].isna(),
                "storage published; no coordinates",
                raw["confidence"],
            ),
        }
    )


def _slug(name: str) -> str:
    return name.partition("(")[0].strip().lower().replace(" ", "-")


def _dam_matches(dams: pd.DataFrame, water: Water, settings: Settings) -> tuple[int, int]:
    """Count the dams with a position, and those whose position lies in their river's basin."""
    placed = dams.dropna(subset=["lon", "lat"])
    points = gpd.GeoSeries(gpd.points_from_xy(placed["lon"], placed["lat"]), crs=4326)
    points = points.to_crs(CRS_EPSG)
    rows, cols = NATIONAL.cells_of(points.x.to_numpy(), points.y.to_numpy())
    ids = np.array(["", *(basin.id for basin in settings.basins)])
    there = ids[water.labels[rows, cols]]
    return len(placed), int((there == placed["basin_id"].to_numpy()).sum())


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``rivers.geojson``, ``basins.geojson`` and ``dams.csv``.

    Parameters
    ----------
    sources, facts, out : Path
        Source data, fact tables, folder to write to.
    """
    settings = read_settings()
    water = derive(sources, settings)
    dams = _dams(facts, settings)
    storage = dams.groupby("basin_id")["storage_mcm"].sum()
    water.basins["storage_mcm"] = water.basins["basin_id"].map(storage).fillna(0.0)
    write_geojson(water.rivers, out / "rivers.geojson", "river_id", {"upstream_km2": 0}, 5)
    write_geojson(
        water.basins, out / "basins.geojson", "basin_id", {"area_km2": 0, "storage_mcm": 1}, 4
    )
    write_csv(dams, out / "dams.csv", "dam_id", {"lon": 3, "lat": 3})
    known = gpd.read_file(sources / "water/ne_10m_rivers_kr.geojson").to_crs(CRS_EPSG)
    off = distances_m(known.geometry, water.rivers.geometry)
    return _catalogue(water, settings, off, _dam_matches(dams, water, settings))


def _deviations(water: Water, settings: Settings) -> str:
    """Say how far the derived areas are from the published ones."""
    area = water.basins.set_index("basin_id")["area_km2"]
    parts = [
        f"{b.name_en} {area[b.id]:,.0f} of {b.published_km2:,.0f} km2 "
        f"({100 * (area[b.id] / b.published_km2 - 1):+.1f} %)"
        for b in settings.basins
        if b.published_km2 is not None
    ]
    return "; ".join(parts)


def _catalogue(
    water: Water, settings: Settings, off_m: NDArray[np.float64], dams: tuple[int, int]
) -> list[Built]:
    return [
        Built(
            id="rivers", file="rivers.geojson", kind="vector",
            title_ko="하천", title_en="Rivers", source=_SOURCE, licence=_LICENCE, vintage="2000",
            crs="EPSG:4326", unit="upstream_km2: km2", confidence="derived",
            good_for=(
                f"Where rivers of {settings.stream_km2:.0f} km2 and more run, for strips of "
                "hundreds of metres. Checked against the three Natural Earth rivers: half of "
                f"their course lies within {np.median(off_m):,.0f} m, nine tenths within "
                f"{np.percentile(off_m, 90):,.0f} m. {water.names_found} of {water.names_asked} "
                "known tributaries and coastal rivers were found with their area."
            ),
            not_good_for=(
                "Flood maps, river width and lakes (lines only, no water surface), smaller "
                "streams, channels in flat reclaimed plains, works since 2000. upstream_km2 of "
                "the Imjin and Bukhan lacks what lies north of 38.75 N. Names are general "
                "knowledge; unnamed stretches carry their basin's name."
            ),
        ),
        Built(
            id="basins", file="basins.geojson", kind="vector",
            title_ko="대권역 유역", title_en="Major river basins and coasts", source=_SOURCE,
            licence=_LICENCE, vintage="2000", crs="EPSG:4326",
            unit="area_km2: km2; storage_mcm: million m3", confidence="derived",
            good_for=(
                "Which of five major rivers or four coasts a place drains to, and the dam storage "
                "there. Every piece of land lies in one; polygons reach 500 m into the sea, "
                "area_km2 counts South Korean land only."
            ),
            not_good_for=(
                "Legal basin borders, sub-basins, water that is moved between basins, land that "
                "was reclaimed after 2000. Areas against published ones (general knowledge): "
                f"{_deviations(water, settings)}. The published Han area may count other land in "
                "the north than is counted here."
            ),
        ),
        Built(
            id="dams", file="dams.csv", kind="vector",
            title_ko="댐", title_en="Dams",
            source="Storage: Flood Control Office dam table (HRFCO); positions: general knowledge",
            licence="facts, no licence needed", vintage="2024", crs="EPSG:4326",
            unit="storage_mcm: million m3 (total storage)", confidence="per row",
            good_for=(
                f"Storage by basin. {dams[1]} of {dams[0]} dams with a position lie in the basin "
                "of their river."
            ),
            not_good_for=(
                "Positions (good to 3 km; some have none), usable or contracted water, the "
                "storage of dams without a figure."
            ),
        ),
    ]  # fmt: skip
