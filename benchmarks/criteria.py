"""Criteria of many sites beside plain ways, and a whole run of many parcels.

Nearest stations and lines beside ``geopandas.sjoin_nearest``; means of slope and elevation over
parcels beside exactextract's own reading of a GeoDataFrame and beside a loop over the cells whose
centres a parcel holds; ``siteopt run`` of made parcels in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from rasterio.features import geometry_mask

from benchmarks._parcels import made_parcels
from siteopt.lattice import CRS_EPSG
from siteopt.layers import open_layers
from siteopt.layers.zonal_statistics import zonal_means
from siteopt.proximity import nearest_features, nearest_points
from siteopt.scenario import load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from siteopt.layers.protocols import RasterLike

__all__ = ["Compared", "Timed", "figures", "lines", "parcel_run", "run_lines"]

SCENARIO = "national-2035"
STATIONS, LINES = 1_000, 5_000
NEAREST = 5
"""Stations of a site: as many as the national scenario seeks routes to."""
_EXTENT_M = np.array([[750_000.0, 1_450_000.0], [1_250_000.0, 2_050_000.0]])
"""About South Korea, EPSG:5179."""
_CHILD = """
import sys
from pathlib import Path
import siteopt
folder = Path(sys.argv[2])
changes = {"candidates.parcels": str(folder / "parcels.gpkg"), "candidates.complexes": False}
scenario = siteopt.load_scenario(sys.argv[1], changes=changes)
brief = bool(int(sys.argv[3]))
siteopt.run(scenario, folder / "out", cache=folder / "cache", brief=brief, fresh=True)
"""
_CORNERS = 9
_STEP_M = 3_000.0


class Timed(NamedTuple):
    """Wall and processor seconds."""

    seconds: float
    cpu: float


class Compared(NamedTuple):
    """A piece of work beside a plain way to do it.

    Attributes
    ----------
    work, plain : str
        What is done, and how the other side does it.
    ours, theirs : Timed
        What each takes; theirs of ``sample`` features alone.
    features, sample : int
        Sites or polygons, and how many of them the plain way does.
    apart : float
        Largest difference of the two answers over the sample, in the unit of the work.
    """

    work: str
    plain: str
    ours: Timed
    theirs: Timed
    features: int
    sample: int
    apart: float


def _timed(work: Callable[[], Any]) -> tuple[Any, Timed]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, Timed(time.perf_counter() - wall, time.process_time() - cpu)


def figures(sites: int, sample: int, seed: int = 20_351_130) -> Iterator[Compared]:
    """Yield what each criterion takes, and the plain way beside it.

    Parameters
    ----------
    sites : int
        Sites, and polygons.
    sample : int
        Polygons of the loop over cells.
    seed : int, optional
        Of all that is made.
    """
    random = np.random.default_rng(seed)
    xy = random.uniform(*_EXTENT_M, (sites, 2))
    points = random.uniform(*_EXTENT_M, (STATIONS, 2))
    turns = random.uniform(-0.6, 0.6, (LINES, _CORNERS)).cumsum(axis=1)
    turns += random.uniform(0, 2 * np.pi, (LINES, 1))
    steps = _STEP_M * np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    paths = shapely.linestrings(random.uniform(*_EXTENT_M, (LINES, 1, 2)) + steps.cumsum(axis=1))
    yield _stations(xy, points)
    yield _lines(xy, paths)
    scenario = load_scenario(SCENARIO)
    layers = open_layers(scenario)
    rasters = [layers.raster(name) for name in ("slope", "elevation")]
    yield from _zones(made_parcels(scenario, layers, sites, seed), rasters, sample)


def _joined(xy: NDArray[np.float64], shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the distance to the nearest shape as a user of geopandas has it, in metres."""
    sites = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs=CRS_EPSG)
    features = gpd.GeoDataFrame(geometry=shapes, crs=CRS_EPSG)
    joined = sites.sjoin_nearest(features, distance_col="metres")
    return np.asarray(joined["metres"][~joined.index.duplicated()].to_numpy())


def _stations(xy: NDArray[np.float64], points: NDArray[np.float64]) -> Compared:
    found, ours = _timed(lambda: nearest_points(xy, points, NEAREST))
    metres, theirs = _timed(lambda: _joined(xy, shapely.points(points)))
    apart = float(np.abs(found.metres.reshape(len(xy), -1)[:, 0] - metres).max())
    work = f"nearest {NEAREST} of {len(points):,} stations, m"
    return Compared(work, "sjoin_nearest, one", ours, theirs, len(xy), len(xy), apart)


def _lines(xy: NDArray[np.float64], paths: NDArray[np.object_]) -> Compared:
    (found, _), ours = _timed(lambda: nearest_features(xy, paths))
    metres, theirs = _timed(lambda: _joined(xy, paths))
    apart = float(np.abs(found - metres).max())
    work = f"nearest of {len(paths):,} lines, m"
    return Compared(work, "sjoin_nearest", ours, theirs, len(xy), len(xy), apart)


def _zones(parcels: gpd.GeoDataFrame, rasters: list[RasterLike], sample: int) -> Iterator[Compared]:
    shapes = parcels.geometry.to_numpy()
    work, count = "means of slope (°) and elevation (m)", len(shapes)
    found, ours = _timed(lambda: zonal_means(shapes, rasters))
    given, theirs = _timed(lambda: _by_exactextract(parcels, rasters))
    apart = max(
        float(np.nanmax(np.abs(one - other))) for one, other in zip(found, given, strict=True)
    )
    yield Compared(work, "exactextract as it is", ours, theirs, count, count, apart)
    some = shapes[:sample]
    given, theirs = _timed(lambda: [_by_centres(some, raster) for raster in rasters])
    apart = max(
        float(np.nanmax(np.abs(one[:sample] - other)))
        for one, other in zip(found, given, strict=True)
    )
    yield Compared(work, "loop, centres of cells", ours, theirs, count, len(some), apart)


def _by_exactextract(
    parcels: gpd.GeoDataFrame, rasters: list[RasterLike]
) -> list[NDArray[np.float64]]:
    sources = [
        NumPyRasterSource(one.as_float(), *one.lattice.bounds_m, nodata=np.nan, name=one.name)
        for one in rasters
    ]
    found = exact_extract(sources, parcels, ["mean"], output="pandas")
    return [found[f"{one.name}_mean"].to_numpy(dtype=np.float64) for one in rasters]


def _by_centres(shapes: NDArray[np.object_], raster: RasterLike) -> NDArray[np.float64]:
    """Return means over the cells whose centres polygons hold, polygon by polygon; NaN for none."""
    lattice, values = raster.lattice, raster.as_float()
    found = np.full(len(shapes), np.nan)
    for place, shape in enumerate(shapes):
        x_min, y_min, x_max, y_max = shape.bounds
        (top, low), (left, right) = lattice.cells_of(
            np.array([x_min, x_max]), np.array([y_max, y_min])
        )
        part = lattice.part(slice(top, low + 1), slice(left, right + 1))
        held = geometry_mask([shape], part.shape, part.transform, invert=True)
        own = values[top : low + 1, left : right + 1][held]
        if np.isfinite(own).any():
            found[place] = np.nanmean(own)
    return found


def lines(found: Compared) -> Iterator[str]:
    """Yield the lines of a comparison.

    Parameters
    ----------
    found : Compared
        What was measured.
    """
    yield (
        f"{found.work:36} {found.features:8,} {found.ours.seconds:8.2f} s "
        f"{found.ours.cpu:8.2f} s of processor"
    )
    scale = found.features / found.sample
    yield (
        f"  {found.plain:34} {found.sample:8,} {found.theirs.seconds:8.2f} s "
        f"{found.theirs.cpu:8.2f} s of processor "
        f"({scale * found.theirs.cpu / found.ours.cpu:.1f} times), {found.apart:.1e} apart at most"
    )


def parcel_run(count: int, *, brief: bool) -> dict[str, Any]:
    """Return what a run of made parcels takes in a fresh process, without its cache.

    Parameters
    ----------
    count : int
        Parcels.
    brief : bool
        Whether plan and ranking are enough.

    Returns
    -------
    dict
        ``parcels``, ``sites``, ``wall`` and ``cpu`` seconds, ``peak_mb``, and ``timings_s``, wall
        seconds by phase.
    """
    scenario = load_scenario(SCENARIO)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = made_parcels(scenario, open_layers(scenario), count)
        made.to_file(folder / "parcels.gpkg", driver="GPKG")
        words = [sys.executable, "-c", _CHILD, SCENARIO, name, str(int(brief))]
        begin = time.perf_counter()
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - begin
        if status:
            raise SystemExit(f"a run of {count} parcels ended with status {status}")
        record = json.loads((folder / "out" / "run.json").read_text(encoding="utf-8"))
    return {
        "parcels": count, "sites": record["sites"], "brief": brief, "wall": wall_s,
        "cpu": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024.0,
        "timings_s": record["timings_s"],
    }  # fmt: skip


def run_lines(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a run of parcels.

    Parameters
    ----------
    found : dict
        Of :func:`parcel_run`.
    """
    kind = "brief" if found["brief"] else "whole"
    yield (
        f"{found['parcels']:,} parcels ({found['sites']:,} sites), {kind} run: {found['wall']:.1f} s, {found['cpu']:.1f} s of "
        f"processor, {found['peak_mb']:,.0f} MB at most"
    )
    yield ", ".join(f"{name} {value:.1f} s" for name, value in found["timings_s"].items())
