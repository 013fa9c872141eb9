"""Readers of layer files: GeoJSON, GeoPackage, Shapefile (CP949 too), CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from siteopt.errors import LayerError
from siteopt.layers._geotiff import RASTER_SUFFIXES
from siteopt.layers._rows import seen
from siteopt.layers._text import code_columns, header_of, read_text
from siteopt.layers.opening import VECTOR_SUFFIXES, open_features, reading
from siteopt.layers.schemas import SCHEMAS, text_columns

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.layers.catalogue import LayerKind

__all__ = ["kind_of_file", "read_table", "read_vector"]


def kind_of_file(path: Path) -> LayerKind:
    """Return what a user's own file holds, by its suffix and, for CSV, by its columns.

    Raises
    ------
    LayerError
        If the suffix is none that siteopt reads.
    """
    suffix = path.suffix.lower()
    if suffix in RASTER_SUFFIXES:
        return "raster"
    if suffix in VECTOR_SUFFIXES:
        return "vector"
    if suffix == ".csv":
        header = header_of(read_text(path), path)
        return "vector" if {"lon", "lat"} <= set(header) else "table"
    raise LayerError(
        f"{path.name}: suffix {suffix or '(none)'} is not known; use .geojson, .gpkg, .shp, .csv "
        "or .tif"
    )


def read_table(path: Path, layer_id: str) -> pd.DataFrame:
    """Read a CSV table; columns that the schema of ``layer_id`` calls text stay text.

    Raises
    ------
    LayerFileError
        If the file cannot be opened.
    LayerError
        If it is no CSV table, has no rows, two columns share a name, or a row has more or fewer
        cells than there are columns.
    """
    from io import StringIO  # noqa: PLC0415

    if path.suffix.lower() != ".csv":
        raise LayerError(
            f"{path.name}: suffix {path.suffix or '(none)'} is no table; {layer_id} is a .csv file"
        )
    with reading(path, "csv"):
        text = read_text(path)
        header = header_of(text, path)
        as_text = {*text_columns(layer_id), *code_columns(text, header, SCHEMAS.get(layer_id))}
        try:
            frame = pd.read_csv(
                StringIO(text), names=header, header=0, keep_default_na=False,
                dtype={name: "str" for name in header if name in as_text},
                na_values=["", "nan", "NaN"], skipinitialspace=True, index_col=False,
            )  # fmt: skip
        except (pd.errors.ParserError, ValueError) as error:
            reason = str(error).strip().splitlines()[-1]
            raise LayerError(
                f"{path.name}: not a CSV table ({reason}); commas between cells"
            ) from error
    if frame.empty:
        raise LayerError(f"{path.name}: no rows below the column names; at least one is needed")
    return frame


def read_vector(path: Path, layer_id: str) -> gpd.GeoDataFrame:
    """Read features in the CRS of their file; a CSV with lon and lat becomes points.

    The content is not checked here; see :func:`siteopt.layers.check.checked_vector`.

    Raises
    ------
    LayerFileError
        If the file cannot be opened.
    LayerError
        If the file is not what its suffix means, holds several layers, or as
        :func:`siteopt.layers.opening.open_features`.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        schema = SCHEMAS.get(layer_id)
        unplaced = schema is not None and schema.unplaced
        return _points(read_table(path, layer_id), path, unplaced=unplaced)
    if suffix not in VECTOR_SUFFIXES:
        raise LayerError(
            f"{path.name}: suffix {suffix or '(none)'} is no vector file; use .geojson, .gpkg, "
            ".shp or .csv"
        )
    frame = open_features(path, text_columns(layer_id))
    if frame.empty:
        raise LayerError(f"{path.name}: no features; at least one is needed")
    return frame


def _points(table: pd.DataFrame, path: Path, *, unplaced: bool) -> gpd.GeoDataFrame:
    for name in ("lon", "lat"):
        if name not in table:
            raise LayerError(
                f"{path.name}: column {name} is missing; a CSV layer needs lon and lat "
                "(EPSG:4326 degrees)"
            )
    if unplaced:
        table = table[table["lon"].notna() | table["lat"].notna()]
    for name in ("lon", "lat"):
        numbers = pd.to_numeric(table[name], errors="coerce").astype(np.float64)
        bad = numbers.index[~np.isfinite(numbers.to_numpy())]
        if len(bad):
            cell = table.loc[bad[0], name]
            given = "empty" if pd.isna(cell) else seen(str(cell))
            raise LayerError(
                f"{path.name}: row {bad[0] + 2}: {name} is {given}; a number in degrees "
                "(EPSG:4326) is needed"
            )
        table = table.assign(**{name: numbers})
    return gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326"
    )
