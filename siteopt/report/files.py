"""The files of a run: all of them whole, or none."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyogrio
import rasterio
from rasterio.io import MemoryFile
from rasterio.shutil import copy as copy_raster

from siteopt.errors import LayerFileError
from siteopt.lattice import CRS_EPSG
from siteopt.report._connections import connection_lines, connection_records
from siteopt.report._csv import write_csv
from siteopt.report._portfolio import portfolio
from siteopt.report._values import records
from siteopt.report._years import several_years, steps_table
from siteopt.report.map import write_map
from siteopt.report.tables import ranking_table, value_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

    from siteopt.report._likes import EligibilityLike
    from siteopt.report.tables import RunTables

__all__ = ["check_folder", "write_run"]

_PACKAGES: Final = (
    "siteopt", "folium", "geopandas", "highspy", "numpy", "pandas", "pulp", "pyogrio", "pyproj",
    "rasterio", "scikit-image", "shapely", "xstatic-leaflet",
)  # fmt: skip
"""Packages whose version can change an answer or a file."""

_EPOCH: Final = "2000-01-01T00:00:00.000Z"
"""What a GeoPackage says of its last change: the same inputs give the same bytes."""


def check_folder(folder: Path) -> None:
    """Raise LayerFileError if the files of a run cannot be written to a folder; write nothing.

    Asked before the work starts, so that nobody waits for an answer that has no place.
    """
    if folder.exists() and not folder.is_dir():
        raise LayerFileError(f"{folder}: is a file; give a folder for the files of the run")
    there = next(item for item in (folder, *folder.absolute().parents) if item.exists())
    if not there.is_dir():
        raise LayerFileError(f"{folder}: {there} is a file; give another folder")
    for place in {there, folder.absolute().parent} if there == folder else {there}:
        if not os.access(place, os.W_OK | os.X_OK):
            raise LayerFileError(
                f"{folder}: cannot be written to ({place} is not yours to write); give another "
                "folder"
            )


def write_run(tables: RunTables, folder: Path, timings_s: Mapping[str, float]) -> None:
    """Write the files of a run into a folder, all whole or none.

    ``map.html``, ``ranking.csv`` (and its types, ``ranking.csvt``), ``sites.gpkg``,
    ``eligibility.tif``, ``portfolio.json`` and ``run.json``. The same inputs give the same bytes, the timings in ``run.json`` aside.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    folder : Path
        Made where it is missing; files of an earlier run there are replaced.
    timings_s : mapping of str to float
        Seconds of each stage, for ``run.json``.

    Raises
    ------
    LayerFileError
        If the folder cannot be written to.
    """
    ranking = ranking_table(tables)
    with _beside(folder) as name:
        part = Path(name)
        lines = connection_lines(tables, ranking)
        write_map(tables, part / "map.html", ranking)
        write_csv(ranking, part / "ranking.csv")
        _write_sites(tables, ranking, lines, part / "sites.gpkg")
        _write_eligibility(tables.eligibility, part / "eligibility.tif")
        _write_json(
            portfolio(tables, ranking, connection_records(lines[lines["chosen"]])),
            part / "portfolio.json",
        )
        _write_json(_record(tables, timings_s), part / "run.json")
        _move(part, folder)


def _move(part: Path, folder: Path) -> None:
    """Move whole files to their folder, ``run.json`` last."""
    try:
        folder.mkdir(exist_ok=True)
        for file in sorted(part.iterdir(), key=lambda item: (item.name == "run.json", item.name)):
            file.replace(folder / file.name)
    except OSError as error:
        raise LayerFileError(
            f"{folder}: cannot be written to ({error.strerror}: {error.filename2 or folder}); "
            "give another folder"
        ) from error


def _beside(folder: Path) -> tempfile.TemporaryDirectory[str]:
    """Return a folder on the same disk for files that are not whole yet."""
    check_folder(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-")
    except OSError as error:
        raise LayerFileError(
            f"{folder}: cannot be written to ({error.strerror}); give another folder"
        ) from error


def _write_json(content: dict[str, Any], path: Path) -> None:
    dumped = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    path.write_text(dumped + "\n", encoding="utf-8", newline="\n")


def _write_eligibility(eligibility: EligibilityLike, path: Path) -> None:
    """Write the reasons as a COG in EPSG:5179 whose tags name the bits."""
    count = len(eligibility.exclusions)
    dtype = np.min_scalar_type((1 << count) - 1)
    tags = {
        "BIT_COUNT": str(count),
        "ELIGIBLE": "0 on land",
        "CELL": f"{eligibility.lattice.cell_m:g} m",
    }
    for bit, exclusion in enumerate(eligibility.exclusions):
        tags[f"BIT_{bit:02d}"] = exclusion.id
        tags[f"BIT_{bit:02d}_KO"] = exclusion.title.ko
        tags[f"BIT_{bit:02d}_EN"] = exclusion.title.en
    profile = {
        "driver": "GTiff", "height": eligibility.lattice.n_rows, "width": eligibility.lattice.n_cols,
        "count": 1, "dtype": dtype, "crs": f"EPSG:{CRS_EPSG}",
        "transform": eligibility.lattice.transform,
    }  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(eligibility.reasons.astype(dtype), 1)
            raster.set_band_description(1, "reasons (bit mask)")
            raster.update_tags(**tags)
        options = {"compress": "DEFLATE", "level": 9, "overviews": "NONE", "blocksize": 512}
        with memory.open() as raster:
            copy_raster(raster, path, driver="COG", **options)


def _write_sites(
    tables: RunTables, ranking: pd.DataFrame, lines: gpd.GeoDataFrame, path: Path
) -> None:
    """Write a GeoPackage in EPSG:5179: all sites with their columns, and their connections.

    With several years also ``steps``: the place of a chosen site once for each year in which
    blocks begin to run there.
    """
    placed = tables.sites[["site_id", "geometry"]].merge(ranking, on="site_id", how="inner")
    placed = placed.sort_values(["rank", "site_id"], na_position="last").reset_index(drop=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _EPOCH})
    try:
        pyogrio.write_dataframe(placed, path, layer="sites", driver="GPKG")
        pyogrio.write_dataframe(lines, path, layer="connections", driver="GPKG", append=True)
        if several_years(tables.scenario):
            steps = tables.sites[["site_id", "geometry"]].merge(steps_table(tables), on="site_id")
            steps = steps.sort_values(["year", "site_id"], ignore_index=True)
            pyogrio.write_dataframe(steps, path, layer="steps", driver="GPKG", append=True)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _record(tables: RunTables, timings_s: Mapping[str, float]) -> dict[str, Any]:
    """Return what ``run.json`` says: inputs, versions, how far the answer is proven, seconds."""
    plan, scenario, unit = tables.plan, tables.scenario, value_unit(tables.ranking)
    asked = scenario.model_dump(mode="json")
    asked["layers"] = {name: Path(file).name for name, file in scenario.layers.items()}
    if scenario.candidates.parcels is not None:
        asked["candidates"]["parcels"] = scenario.candidates.parcels.name
    return {
        "scenario": asked,
        "seed": scenario.seed,
        "status": plan.status,
        "solver": plan.solver,
        f"objective_{unit}": plan.objective,
        f"bound_{unit}": plan.bound,
        "gap": plan.gap,
        "sites": len(tables.sites),
        "chosen": len(tables.plan.chosen),
        "screening": _screening(tables.eligibility),
        "land_km2": tables.eligibility.land_km2,
        "eligible_km2": tables.eligibility.eligible_km2,
        "inputs": [_input(item) for item in tables.layers.used],
        "versions": {"python": platform.python_version(), **_versions()},
        "timings_s": {name: round(seconds, 3) for name, seconds in timings_s.items()},
    }


def _screening(eligibility: EligibilityLike) -> list[dict[str, Any]]:
    """Return what each reason takes, what it alone takes, and what it shares with each other."""
    both = eligibility.overlap()
    return [
        row
        | {
            "overlap_km2": {
                other: round(float(both.loc[row["reason"], other]), 4)
                for other in both.columns
                if other != row["reason"]
            }
        }
        for row in records(eligibility.report())
    ]


def _input(item: object) -> dict[str, Any]:
    fields = (
        "id", "file", "sha256", "title_ko", "title_en", "source", "licence", "vintage",
        "confidence", "notice", "replaced",
    )  # fmt: skip
    return {field: getattr(item, field) for field in fields}


def _versions() -> dict[str, str]:
    found = {"gdal": rasterio.__gdal_version__}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return dict(sorted(found.items()))
