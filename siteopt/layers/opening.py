"""Safe opening of feature files: by content, the only place where GDAL opens them.

GDAL chooses its reader by content, and many of its readers follow what the content names: other
files, addresses, programs. So a file is inspected here first; a GeoJSON, a GeoPackage or a
Shapefile is then read from a private folder that holds it alone, under a name of ours, by the
reader of that format. Whatever else it may be is named and refused.
"""

from __future__ import annotations

import sqlite3
import struct
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj
import shapely
from pyogrio import errors as gdal_errors

from siteopt.errors import LayerError, LayerFileError, SiteoptError
from siteopt.layers import _geojson, _geopackage, _shapefile
from siteopt.layers._features import as_digits, formed
from siteopt.layers._file_errors import first_words, must_be_file
from siteopt.layers.catalogue import file_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from siteopt.layers._features import Prepared

__all__ = [
    "VECTOR_SUFFIXES",
    "content_of",
    "files_of",
    "hashed",
    "open_features",
    "reading",
]

VECTOR_SUFFIXES: Final = (".geojson", ".json", ".gpkg", ".shp")
"""Formats that GDAL reads for us; `.json` is a GeoJSON too."""

_LARGEST_BYTES: Final = 2_000_000_000
"""A layer is held in memory several times over; no machine that siteopt is for takes more."""

_OF_LIBRARIES: Final[tuple[type[Exception], ...]] = (
    gdal_errors.DataSourceError, gdal_errors.DataLayerError, gdal_errors.FeatureError,
    gdal_errors.FieldError, gdal_errors.GeometryError, gdal_errors.CRSError,
    pyproj.exceptions.ProjError, shapely.errors.ShapelyError, sqlite3.Error,
    pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.OutOfBoundsDatetime,
    struct.error, ArithmeticError, ValueError, RecursionError,
)  # fmt: skip
"""What GDAL, PROJ, GEOS, SQLite, pandas and numpy raise at content that they cannot take."""

_OFFLINE: Final = {
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "OGR_SQLITE_LIST_VIRTUAL_OGR": "NO",
    "PROJ_NETWORK": "OFF",
}
"""Settings of GDAL while it reads: a second lock behind the checks of content."""


@contextmanager
def reading(path: Path, what: str) -> Iterator[None]:
    """Turn whatever a library raises at the content of a file into one line with its name.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        What it is read as, such as ``geojson``.
    """
    try:
        yield
    except SiteoptError:
        raise
    except MemoryError as error:
        raise LayerError(
            f"{path.name}: needs more memory than there is; give a part of it"
        ) from error
    except OSError as error:
        reason = error.strerror or first_words(error) or type(error).__name__
        raise LayerFileError(f"{path.name}: cannot be read as {what} ({reason})") from error
    except _OF_LIBRARIES as error:
        reason = first_words(error) or type(error).__name__
        raise LayerError(
            f"{path.name}: cannot be read as {what} ({reason}); is the file whole, and its "
            "suffix right?"
        ) from error


def content_of(path: Path) -> bytes:
    """Return the bytes of a layer's file.

    Raises
    ------
    LayerFileError
        If it cannot be opened.
    LayerError
        If it is too large to be read.
    """
    must_be_file(path)
    try:
        _must_fit(path)
        return path.read_bytes()
    except OSError as error:
        raise LayerFileError(
            f"{path}: {error.strerror}; the layer file must be readable"
        ) from error


def _must_fit(path: Path) -> None:
    size = path.stat().st_size
    if size > _LARGEST_BYTES:
        raise LayerError(
            f"{path.name}: {size / 1e9:.1f} GB; a layer file of at most "
            f"{_LARGEST_BYTES / 1e9:g} GB is read, give the part that is needed"
        )


def files_of(path: Path) -> tuple[Path, ...]:
    """Return all files that reading a layer file reads, itself first.

    Parameters
    ----------
    path : Path
        As named by the user.
    """
    suffix = path.suffix.lower()
    if suffix == ".shp":
        return (path, *_shapefile.parts_of(path))
    if suffix == ".gpkg":
        return (path, *_geopackage.journals_of(path))
    return (path,)


def hashed(path: Path) -> tuple[str, str]:
    """Return the name of a file and its SHA-256, as a run records it."""
    return path.name, file_hash(path)


def open_features(path: Path, text_columns: Sequence[str] = ()) -> gpd.GeoDataFrame:
    """Read the one layer of a GeoJSON, GeoPackage or Shapefile, without heights, in its own CRS.

    Parameters
    ----------
    path : Path
        File, of one of :data:`VECTOR_SUFFIXES`.
    text_columns : sequence of str
        Columns that are text however the file holds them.

    Raises
    ------
    LayerFileError
        If it or a part of it cannot be opened.
    LayerError
        If it is not what its suffix means, holds no layer or several, its CRS cannot be placed,
        or its content cannot be taken.
    """
    must_be_file(path)
    suffix = path.suffix.lower()
    with reading(path, suffix[1:]), _offline(), tempfile.TemporaryDirectory() as name:
        _must_fit(path)
        folder = Path(name)
        if suffix == ".gpkg":
            return _read(_geopackage.prepare(path, folder, text_columns), path)
        if suffix == ".shp":
            return _read(_shapefile.prepare(path, content_of, folder, text_columns), path)
        text = _geojson.text_of(content_of(path), path.name)
        return _read(_geojson.prepare(text, path.name, folder, text_columns), path)


def _read(prepared: Prepared, path: Path) -> gpd.GeoDataFrame:
    """Read what was made ready, and see that nothing of it was lost."""
    frame = formed(prepared, path)
    if len(frame) != prepared.rows:
        raise LayerError(
            f"{path.name}: {len(frame)} of its {prepared.rows} features can be read; write the "
            "file anew, from QGIS for example"
        )
    if not isinstance(frame, gpd.GeoDataFrame):
        raise LayerError(f"{path.name}: has no geometry; a vector layer needs one per feature")
    for name in prepared.digits:
        frame[name] = [
            as_digits(cell, f"{path.name}: feature {place}: {name}")
            for place, cell in enumerate(frame[name].tolist(), start=1)
        ]
    cells = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return gpd.GeoDataFrame(cells, geometry=frame.geometry.to_numpy(), crs=prepared.crs)


@contextmanager
def _offline() -> Iterator[None]:
    """Let GDAL reach no network and no file beside those it is given, and warn of nothing."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in _OFFLINE}
    pyogrio.set_gdal_config_options(_OFFLINE)
    try:
        with warnings.catch_warnings():
            # An open ring is closed, a NaN is kept: the checks of the layer judge what comes of it.
            for kind in (RuntimeWarning, UserWarning):
                warnings.simplefilter("ignore", kind)
            yield
    finally:
        pyogrio.set_gdal_config_options(before)
