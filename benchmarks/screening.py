"""Screening of large grids: seconds, processor time and peak memory of made and embedded layers.

``python -m benchmarks screening`` prints the table. Every case runs in a process of its own, so that
the peak memory is its own. Where `atlite` is installed, its raster path and its vector path do the
same work on a part of the made country, and the cells of both answers are compared.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cv2
import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.transform import from_origin

from benchmarks._peak import peak_mb
from siteopt.lattice import CRS_EPSG, Lattice
from siteopt.layers.raster_file import RasterFile
from siteopt.layers.store import open_layers
from siteopt.scenario import Screening, load_scenario
from siteopt.screening.exclusions import prepare_rules
from siteopt.screening.features import Features
from siteopt.screening.judging import RuleSet
from siteopt.screening.reason_file import write_reasons
from siteopt.screening.rules import Band, DistanceRules, RasterRules, Threshold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

__all__ = ["CASES", "Case", "lines", "measure"]

SEED: Final = 20_351_130
WEST_M, NORTH_M, WIDTH_M, HEIGHT_M = 900_000.0, 2_000_100.0, 450_000.0, 500_000.0
"""Frame of the made country; at 30 m it has 250 million cells."""
PART_M: Final = 150_000.0
"""Side of the part on which atlite is compared."""
RASTER_M: Final = 30.0
CORES: Final = 2


@dataclass(frozen=True, slots=True)
class Case:
    """A piece of work.

    Attributes
    ----------
    name : str
        ``national`` (embedded layers of the ready scenario), ``made`` (12 made exclusions), a key
        of :data:`OPERATORS`, ``rasters`` or ``vectors`` (the work that atlite does too).
    cell_m : float
        Side of a cell.
    memory_mb : float
        Memory of windows.
    """

    name: str
    cell_m: float
    memory_mb: float = 512.0


OPERATORS: Final[dict[str, list[tuple[str, dict[str, Any]]]]] = {
    "range": [
        ("within_range", {"layer": "slope", "low": 15.0, "high": 20.0}),
        ("outside_range", {"layer": "slope", "low": 1.0, "high": 40.0, "buffer_m": 200.0}),
    ],
    "classes": [
        ("in_classes", {"layer": "cover", "classes": [50, 80], "buffer_m": 100.0}),
        ("not_in_classes", {"layer": "cover", "classes": [10, 30, 40]}),
    ],
    "band": [
        ("distance_band", {"layer": "areas", "from_m": 500.0, "to_m": 1000.0}),
        ("distance_band", {"layer": "areas", "from_m": 1500.0, "to_m": 2000.0}),
    ],
    "width": [("near", {"layer": "parks"}), ("near", {"layer": "rivers", "buffer_m": 300.0}),
              ("min_width", {"width_m": 1000.0})],
    "area": [("near", {"layer": "parks"}), ("near", {"layer": "rivers", "buffer_m": 300.0}),
             ("above", {"layer": "slope", "threshold": 25.0}), ("min_area", {"area_ha": 50.0})],
}  # fmt: skip
"""Exclusions beside the sea by which one kind is timed; the last two need land that others leave."""

CASES: Final = (
    Case("national", 250.0), Case("national", 100.0), Case("national", 30.0),
    Case("made", 250.0), Case("made", 100.0), Case("made", 30.0),
    *(Case(name, cell_m) for cell_m in (100.0, 30.0) for name in OPERATORS),
)  # fmt: skip
LARGE: Final = Case("made", 10.0)
COMPARED: Final = (Case("rasters", 30.0), Case("vectors", 30.0))


class MadeLayers:
    """Made layers: 5,000 polygons, lines, points, and rasters of 30 m and 100 m in files.

    Parameters
    ----------
    folder : Path
        Where the rasters are, or are written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = {
            "country": _country, "areas": _areas, "parks": _parks, "rivers": _rivers,
            "roads": _roads, "stations": _stations, "schools": _schools,
        }  # fmt: skip

    @property
    def ids(self) -> list[str]:
        """Names of all layers."""
        return sorted([*self._made, "slope", "cover", "population"])

    def vector(self, layer_id: str) -> gpd.GeoDataFrame:
        """Return features in EPSG:5179."""
        return gpd.GeoDataFrame(geometry=self._made[layer_id](), crs=CRS_EPSG)

    def raster(self, layer_id: str) -> RasterFile:
        """Return a raster whose parts are read from its file."""
        return RasterFile(self._folder / f"{layer_id}.tif", layer_id)

    def write_rasters(self) -> None:
        """Write slope in degrees and land cover by class at 30 m, and people per km2 at 100 m."""
        random = np.random.default_rng(SEED)
        slope = random.gamma(2.0, 7.0, (1000, 900)).clip(0, 60)
        cover = random.choice([10, 30, 40, 50, 80], (3000, 2700), p=[0.4, 0.1, 0.4, 0.05, 0.05])
        people = random.lognormal(4.0, 2.0, (500, 450)).clip(0, 20_000)
        self._write("slope", slope.astype(np.uint8), RASTER_M, cv2.INTER_LINEAR)
        self._write("cover", cover.astype(np.uint8), RASTER_M, cv2.INTER_NEAREST)
        self._write("population", people.astype(np.float32), 100.0, cv2.INTER_LINEAR)

    def _write(self, name: str, coarse: NDArray[Any], cell_m: float, how: int) -> None:
        shape = (int(WIDTH_M / cell_m), int(HEIGHT_M / cell_m))
        values = cv2.resize(coarse, shape, interpolation=how)
        with rasterio.open(
            self._folder / f"{name}.tif", "w", driver="GTiff", width=shape[0], height=shape[1],
            count=1, dtype=values.dtype.name, crs=f"EPSG:{CRS_EPSG}", tiled=True,
            transform=from_origin(WEST_M, NORTH_M, cell_m, cell_m), compress="DEFLATE", zlevel=1,
        ) as file:  # fmt: skip
            file.write(values, 1)


def made_screening(cell_m: float, name: str = "made") -> Screening:
    """Return exclusions of the made country: all 12, or those of one of :data:`OPERATORS`.

    Parameters
    ----------
    cell_m : float
        Side of a cell.
    name : str
        Of the case.
    """
    sea = ("outside", {"layer": "country"})
    rules = [sea, *OPERATORS[name]] if name in OPERATORS else _twelve()
    exclusions = [
        {"id": f"r{place}", "title": {"ko": kind, "en": kind}, "kind": kind, **more}
        for place, (kind, more) in enumerate(rules)
    ]
    return Screening.model_validate({"cell_m": cell_m, "exclusions": exclusions})


def _twelve() -> list[tuple[str, dict[str, Any]]]:
    rules: list[tuple[str, str, dict[str, float]]] = [
        ("outside", "country", {}),
        ("near", "areas", {"buffer_m": 500.0}),
        ("near", "areas", {"buffer_m": 2000.0}),
        ("near", "parks", {}),
        ("near", "rivers", {"buffer_m": 300.0}),
        ("near", "roads", {"buffer_m": 100.0}),
        ("near", "schools", {"buffer_m": 1000.0}),
        ("far", "stations", {"distance_m": 20_000.0}),
        ("above", "slope", {"threshold": 25.0}),
        ("above", "slope", {"threshold": 40.0, "buffer_m": 200.0}),
        ("above", "cover", {"threshold": 45.0}),
        ("above", "population", {"threshold": 2000.0, "buffer_m": 500.0}),
    ]
    return [(kind, {"layer": layer, **more}) for kind, layer, more in rules]


def _country() -> list[Any]:
    return [shapely.box(WEST_M, NORTH_M - HEIGHT_M, WEST_M + WIDTH_M, NORTH_M)]


def _places(seed: int, count: int) -> NDArray[np.float64]:
    unit = np.random.default_rng([SEED, seed]).random((count, 2))
    places: NDArray[np.float64] = unit * [WIDTH_M, HEIGHT_M] + [WEST_M, NORTH_M - HEIGHT_M]
    return places


def _blobs(seed: int, count: int, radius_m: float) -> list[Any]:
    """Return ragged polygons of 60 vertices."""
    random = np.random.default_rng([SEED, seed, 1])
    turn = np.linspace(0.0, 2 * np.pi, 60, endpoint=False)
    radius = random.gamma(2.0, radius_m / 2.0, (count, 1)) * random.uniform(0.7, 1.3, (count, 60))
    xy = _places(seed, count)[:, None] + radius[..., None] * np.stack(
        [np.cos(turn), np.sin(turn)], axis=1
    )
    return list(shapely.polygons(xy))


def _walks(seed: int, count: int, steps: int, step_m: float) -> list[Any]:
    """Return winding lines."""
    random = np.random.default_rng([SEED, seed, 2])
    turn = random.uniform(0, 2 * np.pi, (count, 1)) + random.normal(0, 0.3, (count, steps)).cumsum(
        1
    )
    move = step_m * np.stack([np.cos(turn), np.sin(turn)], axis=2)
    return list(shapely.linestrings(_places(seed, count)[:, None] + move.cumsum(1)))


def _areas() -> list[Any]:
    return _blobs(1, 5000, 400.0)


def _parks() -> list[Any]:
    return _blobs(2, 200, 5000.0)


def _rivers() -> list[Any]:
    return _walks(3, 1000, 200, 100.0)


def _roads() -> list[Any]:
    return _walks(4, 2000, 100, 150.0)


def _stations() -> list[Any]:
    return [shapely.Point(*place) for place in _places(5, 800)]


def _schools() -> list[Any]:
    return [shapely.Point(*place) for place in _places(6, 5000)]


def measure(case: Case, folder: Path) -> dict[str, Any]:
    """Return what a case takes, in this process.

    Parameters
    ----------
    case : Case
        The work.
    folder : Path
        Where the made rasters are; the answer is written there.
    """
    if case.name in {"rasters", "vectors"}:
        return _compare(case, folder)
    if case.name == "national":
        scenario = load_scenario("national-2035")
        screening = scenario.screening.model_copy(update={"cell_m": case.cell_m})
        layers: Any = open_layers(scenario)
    else:
        layers, screening = MadeLayers(folder), made_screening(case.cell_m, case.name)
    with _timed() as found:
        rules = prepare_rules(layers, screening)
        written = write_reasons(rules, folder / "out.tif", case.memory_mb, CORES)
    return {
        "million_cells": rules.lattice.n_rows * rules.lattice.n_cols / 1e6,
        "layers": len(rules.exclusions), "eligible_km2": written.counts.eligible_km2,
        "file_mb": written.path.stat().st_size / 1e6, **found,
    }  # fmt: skip


class _timed:  # noqa: N801 - used as a function
    """Wall and processor seconds and peak memory of a block."""

    def __enter__(self) -> dict[str, float]:
        self.found: dict[str, float] = {}
        self._begin, self._cpu = time.perf_counter(), time.process_time()
        return self.found

    def __exit__(self, *_: object) -> None:
        self.found["seconds"] = time.perf_counter() - self._begin
        self.found["cpu"] = time.process_time() - self._cpu
        self.found["peak_mb"] = peak_mb()


def _compare(case: Case, folder: Path) -> dict[str, Any]:
    """Time the same exclusions here and in atlite, each on one core, and count unequal cells."""
    from atlite.gis import ExclusionContainer, shape_availability  # noqa: PLC0415 - where installed

    frame = Lattice(WEST_M, NORTH_M, case.cell_m, *[int(PART_M / case.cell_m)] * 2)
    box = shapely.box(*frame.bounds_m)
    layers, container = MadeLayers(folder), ExclusionContainer(crs=CRS_EPSG, res=case.cell_m)
    rules: list[Any] = []
    if case.name == "rasters":
        for bit, (layer, limit, buffer_m) in enumerate(
            [("slope", 25, 0.0), ("slope", 40, 200.0), ("cover", 45, 0.0), ("cover", 79, 500.0)]
        ):
            path = folder / f"part-{layer}.tif"
            part = layers.raster(layer).part(slice(0, frame.n_rows), slice(0, frame.n_cols))
            with rasterio.open(
                path, "w", driver="GTiff", width=frame.n_cols, height=frame.n_rows, count=1,
                dtype="uint8", crs=f"EPSG:{CRS_EPSG}", transform=frame.transform, tiled=True,
                compress="DEFLATE", zlevel=1,
            ) as file:  # fmt: skip
                file.write(part.values, 1)
            container.add_raster(
                path, codes=_Above(limit), buffer=buffer_m, buffer_geometry="circular"
            )
            rules.append((path, layer, Threshold(bit, True, float(limit), buffer_m)))  # noqa: FBT003 - a field
    else:
        for bit, (layer, buffer_m) in enumerate(
            [("areas", 500.0), ("areas", 2000.0), ("rivers", 300.0), ("roads", 100.0), ("schools", 1000.0)]
        ):  # fmt: skip
            vector = layers.vector(layer)
            # a GeoSeries would be taken as buffered already
            container.add_geometry(vector, buffer=buffer_m)
            rules.append((bit, vector.geometry.to_numpy(), buffer_m))
    with _timed() as ours:
        if case.name == "rasters":
            rules = [
                RasterRules(
                    RasterFile(folder / f"part-{layer}.tif", layer),
                    tuple(one for _, name, one in rules if name == layer),
                )
                for layer in ("slope", "cover")
            ]
        else:
            joined = DistanceRules(
                Features.of(rules[0][1]), (Band(0, None, 500.0), Band(1, None, 2000.0))
            )
            rules = [joined] + [
                DistanceRules(Features.of(shapes), (Band(bit, None, buffer_m),))
                for bit, shapes, buffer_m in rules[2:]
            ]
        judged = RuleSet(
            frame,
            tuple(made_screening(30.0).exclusions[:5]),
            Features.of([box]),
            None,
            tuple(rules),
        )
        free = np.zeros(frame.shape, dtype=np.bool_)
        for window in judged.judge_all(case.memory_mb, workers=1):
            free[window.window.slices] = window.reasons == 0
    with _timed() as theirs:
        cells, _ = shape_availability(gpd.GeoSeries([box], crs=CRS_EPSG), container)
    # atlite adds a row in the north and a column in the east
    unequal = int(np.count_nonzero(cells[1:, :-1].astype(bool) != free))
    return {
        "million_cells": frame.n_rows * frame.n_cols / 1e6, "layers": container_size(container),
        "unequal_cells": unequal, "atlite_cpu": theirs["cpu"], "atlite_seconds": theirs["seconds"],
        "atlite_peak_mb": theirs["peak_mb"], **ours,
    }  # fmt: skip


def container_size(container: Any) -> int:  # noqa: ANN401 - of atlite
    """Return the number of exclusions of atlite's container."""
    return len(container.rasters) + len(container.geometries)


class _Above:
    """Condition on the values of a raster, as atlite takes it."""

    def __init__(self, limit: float) -> None:
        self._limit = limit

    def __call__(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        return np.asarray((values > self._limit) & (values != 255))  # noqa: PLR2004 - atlite's nodata


def figures(large: bool, tell: Callable[[str], None]) -> Iterator[tuple[Case, dict[str, Any]]]:  # noqa: FBT001 - one of two sets
    """Yield what each case takes, in processes of their own.

    Parameters
    ----------
    large : bool
        Whether 10 m is among them; takes minutes.
    tell : callable
        Called with what is left out.
    """
    cases = [*CASES, *([LARGE] if large else [])]
    if importlib.util.find_spec("atlite") is None:
        tell("atlite is not installed: nothing is compared")
    else:
        cases += COMPARED
    with tempfile.TemporaryDirectory() as folder:
        MadeLayers(Path(folder)).write_rasters()
        for case in cases:
            text = subprocess.run(  # noqa: S603 - this program itself
                [sys.executable, "-m", "benchmarks.screening", json.dumps([case.name, case.cell_m, case.memory_mb]), folder],
                check=True, stdout=subprocess.PIPE, encoding="utf-8", env=os.environ | {"OMP_NUM_THREADS": "1"},
            ).stdout  # fmt: skip
            yield case, json.loads(text)


def lines(case: Case, found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a case.

    Parameters
    ----------
    case : Case
        The work.
    found : dict
        What it took.
    """
    yield (
        f"{case.name:9} {case.cell_m:4g} m {found['million_cells']:8,.1f} M cells {found['layers']:3} layers "
        f"{found['seconds']:7.2f} s {found['cpu']:7.2f} s of processor {found['peak_mb']:6,.0f} MB"
    )
    if "atlite_cpu" in found:
        yield (
            f"{'':9} atlite {found['atlite_seconds']:7.2f} s {found['atlite_cpu']:7.2f} s of processor "
            f"({found['atlite_cpu'] / found['cpu']:.1f} times), {found['atlite_peak_mb']:,.0f} MB; "
            f"{found['unequal_cells']:,} cells unequal"
        )


if __name__ == "__main__":
    print(json.dumps(measure(Case(*json.loads(sys.argv[1])), Path(sys.argv[2]))))
