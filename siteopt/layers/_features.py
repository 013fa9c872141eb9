"""Features of GeoJSON, GeoPackage and Shapefile: what GDAL says and leaves unsaid, in our words."""

from __future__ import annotations

import codecs
import logging
import re
import warnings
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pyogrio
import pyproj
import shapely

from siteopt.errors import LayerError, LayerFileError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["first_words", "must_be_file", "read_features"]

_CODE_PAGES: Final = {"949": "cp949", "ms949": "cp949", "ansi 949": "cp949", "65001": "utf-8"}
_CRS_OF_GEOJSON: Final = re.compile(
    rb'"crs"\s*:\s*\{[^{}]*"properties"\s*:\s*\{\s*"name"\s*:\s*"([^"]*)"'
)
_JSON_SUFFIXES: Final = (".geojson", ".json")

# GDAL's own warnings would reach the user as log lines; what matters is raised by the checks.
logging.getLogger("pyogrio").setLevel(logging.ERROR)


def must_be_file(path: Path) -> None:
    """Raise LayerFileError where there is no file, or a folder."""
    if path.is_dir():
        raise LayerFileError(f"{path}: is a folder; a layer is a file")
    if not path.is_file():
        raise LayerFileError(f"{path}: no such file; the layer file must be readable")


def first_words(error: Exception) -> str:
    """Return what a library says is wrong, in one line and without its advice on its settings."""
    return re.split(r"[;\n]|\. |\.$", str(error), maxsplit=1)[0].strip()


def read_features(path: Path) -> gpd.GeoDataFrame:
    """Read the one layer of a GeoJSON, GeoPackage or Shapefile in its own CRS.

    Raises
    ------
    LayerError
        If the file holds several layers, a part of a Shapefile is missing, its text is neither
        UTF-8 nor CP949, the CRS that a GeoJSON names is not known, or a geometry cannot be formed.
    DataSourceError, DataLayerError
        Of pyogrio, if it is no such file.
    """
    suffix = path.suffix.lower()
    if suffix == ".gpkg":
        _one_layer(path)
    elif suffix == ".shp":
        _whole_shapefile(path)
    elif suffix in _JSON_SUFFIXES:
        _known_crs(path)
    for encoding in _encodings(path):
        try:
            return _formed(path, encoding)
        except UnicodeDecodeError:
            continue
    raise LayerError(f"{path.name}: names are neither UTF-8 nor CP949; write a .cpg file")


def _formed(path: Path, encoding: str | None) -> gpd.GeoDataFrame:
    """Return the features; the first whose geometry cannot be formed is a LayerError."""
    with warnings.catch_warnings():
        # An open ring is closed, a NaN is kept: the checks of the layer judge what comes of it.
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            return gpd.read_file(path, engine="pyogrio", encoding=encoding)
        except shapely.errors.GEOSException as error:
            read = gpd.read_file(path, engine="pyogrio", encoding=encoding, on_invalid="ignore")
            place = int(read.geometry.isna().to_numpy().argmax()) + 1
            reason = first_words(error).removeprefix("IllegalArgumentException: ")
            raise LayerError(
                f"{path.name}: feature {place}: geometry cannot be formed ({reason}); finite "
                "coordinates and closed rings are needed"
            ) from error


def _one_layer(path: Path) -> None:
    names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    if len(names) != 1:
        raise LayerError(
            f"{path.name}: holds {len(names)} layers ({', '.join(sorted(names))}); a layer file "
            "holds one"
        )


def _whole_shapefile(path: Path) -> None:
    """Raise LayerError if the index or the table beside a Shapefile is missing."""
    for part in (".shx", ".dbf"):
        if not any(path.with_suffix(name).is_file() for name in (part, part.upper())):
            raise LayerError(
                f"{path.name}: {path.with_suffix(part).name} is missing beside it; a Shapefile is "
                ".shp, .shx, .dbf and .prj together"
            )


def _known_crs(path: Path) -> None:
    """Raise LayerError if a GeoJSON names a CRS that is not known: GDAL takes it for degrees."""
    named = _CRS_OF_GEOJSON.search(path.read_bytes())
    if named is None:
        return
    name = named[1].decode("utf-8", "replace")
    try:
        pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError as error:
        raise LayerError(
            f"{path.name}: its CRS {name!r} is not known; name one such as EPSG:5186, or leave "
            "`crs` out for longitude and latitude"
        ) from error


def _encodings(path: Path) -> list[str | None]:
    """Return the encodings to try: of the .cpg file where there is one, else UTF-8, CP949."""
    if path.suffix.lower() != ".shp":
        return [None]
    for cpg in (path.with_suffix(".cpg"), path.with_suffix(".CPG")):
        if cpg.is_file():
            name = cpg.read_text(encoding="ascii", errors="replace").strip().lower()
            name = _CODE_PAGES.get(name, name)
            try:
                codecs.lookup(name)
            except LookupError as error:
                raise LayerError(
                    f"{cpg.name}: encoding {name!r} is not known; UTF-8 or CP949"
                ) from error
            return [name]
    return ["utf-8", "cp949"]
