"""Data frames in place of files: kept as files of their own content, so that all else is the same.

A scenario names files. Where a GeoDataFrame or a DataFrame is given instead, it is written once,
to a GeoPackage or CSV file in a folder of this process whose name is the hash of its content.
From there on it is checked, projected, hashed, cached and reported as any file is, under the name
``NAME (in memory).gpkg``.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import Any, Final

from siteopt._geopackage_date import fixed_date
from siteopt.errors import LayerError

__all__ = ["IN_MEMORY", "file_of_frame", "is_frame", "places_of_frame"]

IN_MEMORY: Final = "(in memory)"
"""Part of the names of files that frames were kept as."""


def is_frame(value: object) -> bool:
    """Return whether a value is a DataFrame, geometry or none."""
    kind = type(value)
    return any(
        base.__name__ == "DataFrame" and base.__module__.split(".")[0] == "pandas"
        for base in kind.__mro__
    )


def file_of_frame(frame: Any, name: str) -> Path:  # noqa: ANN401 - a frame, loaded by who has one
    """Return a file that holds a frame: a GeoPackage of features, or a CSV table.

    Parameters
    ----------
    frame : GeoDataFrame or DataFrame
        Any CRS that is known; features of other ones are projected when they are read.
    name : str
        What it stands for, such as ``parcels``.

    Raises
    ------
    LayerError
        If features have no CRS, or the frame cannot be written: it has several geometries, or
        cells that are neither numbers, texts nor dates.
    """
    has_geometry = hasattr(type(frame), "active_geometry_name")  # one of geopandas
    content, suffix = (
        (_geopackage(frame, name), ".gpkg") if has_geometry else (_csv(frame, name), ".csv")
    )
    folder = _folder() / hashlib.sha256(content).hexdigest()
    file = folder / f"{name} {IN_MEMORY}{suffix}"
    if not file.is_file():
        folder.mkdir(exist_ok=True)
        file.write_bytes(content)
    return file


def places_of_frame(frame: Any) -> list[str]:  # noqa: ANN401
    """Return the sites that a frame names: its ``site_id``, else its points in EPSG:5179.

    Parameters
    ----------
    frame : GeoDataFrame or DataFrame
        With a column ``site_id``, or with geometry.

    Raises
    ------
    LayerError
        If it has neither, or geometry without a CRS.
    """
    if "site_id" in frame:
        return [str(one) for one in frame["site_id"]]
    if not hasattr(type(frame), "active_geometry_name") or frame.active_geometry_name is None:
        raise LayerError(f"sites {IN_MEMORY}: give a column site_id, or points")
    if frame.crs is None:
        raise LayerError(f"sites {IN_MEMORY}: no CRS; frame.set_crs(4326) for degrees")
    points = frame.geometry.to_crs(5179).representative_point()
    return [f"{point.x:.1f},{point.y:.1f}" for point in points]


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="siteopt-frames-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _geopackage(frame: Any, name: str) -> bytes:  # noqa: ANN401
    import pyogrio  # noqa: PLC0415 - a scenario alone needs no library

    if frame.active_geometry_name is None or frame.active_geometry_name not in frame:
        raise LayerError(
            f"{name} {IN_MEMORY}: no geometry is set; frame.set_geometry(COLUMN) sets it"
        )
    if frame.crs is None:
        raise LayerError(
            f"{name} {IN_MEMORY}: no CRS; frame.set_crs(4326) for degrees, or the EPSG code it has"
        )
    _must_have_plain_names(frame.columns, name)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="siteopt-") as folder,
            warnings.catch_warnings(),
            fixed_date(),
        ):
            warnings.simplefilter("error")
            file = Path(folder) / "frame.gpkg"
            plain = frame.reset_index(drop=True)
            pyogrio.write_dataframe(plain, file, layer="features", driver="GPKG")
            return file.read_bytes()
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise LayerError(
            f"{name} {IN_MEMORY}: cannot be kept as a GeoPackage ({reason}); give one geometry "
            "column, and columns of numbers, texts or dates"
        ) from error


def _csv(frame: Any, name: str) -> bytes:  # noqa: ANN401
    _must_have_plain_names(frame.columns, name)
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8")


def _must_have_plain_names(columns: Any, name: str) -> None:  # noqa: ANN401
    names = [str(one) for one in columns]
    twice = sorted({one for one in names if names.count(one) > 1})
    if twice:
        raise LayerError(f"{name} {IN_MEMORY}: column {twice[0]} stands twice; each once")
