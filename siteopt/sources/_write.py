"""Deterministic writers for layer files: fixed precision, sorted rows, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import rasterio
import shapely

from siteopt._files import write_whole
from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.lattice import Lattice

__all__ = ["write_bytes", "write_csv", "write_geojson", "write_raster"]

_DECIMALS: Final = 5
"""Digits after the point where a builder names none: 1 m in degrees of lon and lat."""


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; its folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)


def _plain(value: object, decimals: int) -> bool | int | float | str | None:
    """Return a cell as JSON knows it: floats rounded, whole floats as int, missing as None."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        if not math.isfinite(value):
            return None
        rounded = round(float(value), decimals)
        return int(rounded) if rounded == int(rounded) else rounded
    return str(value)


def _number(value: float) -> str:
    """Return a number without exponent, so that a change of it reads well in a diff."""
    text = repr(value)
    if "e" in text:
        return np.format_float_positional(value, trim="-")
    return text


def _sorted(frame: pd.DataFrame, key: str | Sequence[str], path: Path) -> pd.DataFrame:
    """Return rows in the order of ``key``, which must tell every row apart."""
    keys = [key] if isinstance(key, str) else list(key)
    twice = frame.duplicated(keys)
    if twice.any():
        row = frame.loc[twice, keys].iloc[0].to_dict()
        raise LayerError(f"{path.name}: {row} appears twice; rows must be told apart by {keys}")
    return frame.sort_values(keys, kind="stable").reset_index(drop=True)


def write_csv(
    frame: pd.DataFrame,
    path: Path,
    key: str | Sequence[str],
    decimals: Mapping[str, int] | None = None,
) -> None:
    """Write a table as UTF-8 CSV: sorted by ``key``, fixed precision, newline (LF) line ends.

    Parameters
    ----------
    frame : DataFrame
        Columns are written in their order; the index is not.
    path : Path
        File to make or replace.
    key : str or sequence of str
        Columns that tell rows apart and order them.
    decimals : mapping of str to int, optional
        Digits after the point by column; 5 where not given.

    Raises
    ------
    LayerError
        If two rows have the same key.
    """
    digits = dict(decimals or {})
    ordered = _sorted(frame, key, path)
    columns = []
    for name in ordered.columns:
        cells = [_plain(item, digits.get(str(name), _DECIMALS)) for item in ordered[name]]
        columns.append([_csv_cell(item) for item in cells])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(ordered.columns)
    writer.writerows(zip(*columns, strict=True))
    write_bytes(path, text.getvalue().encode("utf-8"))


def _csv_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _number(value) if isinstance(value, int | float) else str(value)


def _rounded(
    shapes: NDArray[np.object_], decimals: int, path: Path, names: Sequence[object]
) -> NDArray[np.object_]:
    """Return geometries on the decimal grid; vertices shared before stay shared after."""
    out = shapely.transform(shapes, lambda xy: np.round(xy, decimals))
    for i in np.flatnonzero(~shapely.is_valid(out)):
        out[i] = shapely.set_precision(shapely.make_valid(shapes[i]), 10.0**-decimals)
    bad = np.flatnonzero(shapely.is_empty(out) | ~shapely.is_valid(out))
    if len(bad):
        raise LayerError(
            f"{path.name}: {names[bad[0]]} is empty or invalid after rounding to {decimals} "
            "decimals; generalise it less or leave it out"
        )
    tidy = shapely.remove_repeated_points(out)
    return np.asarray(shapely.orient_polygons(tidy, exterior_cw=False))


def write_geojson(
    frame: gpd.GeoDataFrame,
    path: Path,
    key: str,
    decimals: Mapping[str, int] | None = None,
    coordinate_decimals: int = 5,
) -> None:
    """Write features as GeoJSON (RFC 7946): EPSG:4326, one feature a line, sorted by ``key``.

    Parameters
    ----------
    frame : GeoDataFrame
        Any CRS; reprojected to EPSG:4326.
    path : Path
        File to make or replace.
    key : str
        Column that tells features apart and orders them.
    decimals : mapping of str to int, optional
        Digits after the point of properties by column; 5 where not given.
    coordinate_decimals : int
        Digits of longitude and latitude; 5 is about 1 m.

    Raises
    ------
    LayerError
        If two features have the same key, or one is empty or invalid after rounding.
    """
    digits = dict(decimals or {})
    ordered = _sorted(frame.to_crs(4326), key, path)
    names = list(ordered[key])
    shapes = _rounded(np.asarray(ordered.geometry.array), coordinate_decimals, path, names)
    fields = [name for name in ordered.columns if name != ordered.geometry.name]
    lines = []
    for i, shape in enumerate(shapes):
        properties = {
            name: _plain(ordered[name].iloc[i], digits.get(name, _DECIMALS)) for name in fields
        }
        geometry = json.loads(shapely.to_geojson(shape))
        feature = {"type": "Feature", "properties": properties, "geometry": geometry}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    body = ",\n".join(lines)
    write_bytes(path, f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n'.encode())


def write_raster(  # noqa: PLR0913 - what a raster file holds
    values: NDArray[Any],
    lattice: Lattice,
    path: Path,
    *,
    nodata: float | None = None,
    scale: float = 1.0,
    unit: str = "",
) -> None:
    """Write a one-band cloud-optimised GeoTIFF in EPSG:5179 (DEFLATE, no overviews).

    Parameters
    ----------
    values : ndarray, shape ``lattice.shape``
        Stored as they are, in their dtype; round floats before, they compress better.
    lattice : Lattice
        Frame of the raster.
    path : Path
        File to make or replace.
    nodata : float, optional
        Stored value that means "not known"; NaN for float rasters.
    scale : float
        Physical value = stored value x scale; readers apply it.
    unit : str
        Unit of the physical value, kept in the file.
    """
    if values.shape != lattice.shape:
        raise LayerError(f"{path.name}: array {values.shape} does not fit lattice {lattice.shape}")
    profile = {
        "driver": "COG", "dtype": values.dtype.name, "count": 1, "nodata": nodata,
        "height": lattice.n_rows, "width": lattice.n_cols, "transform": lattice.transform,
        "crs": f"EPSG:{CRS_EPSG}", "compress": "DEFLATE", "level": 9, "predictor": "YES",
        "blocksize": 512, "overviews": "NONE", "num_threads": 1,
    }  # fmt: skip
    with rasterio.io.MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.write(values, 1)
            target.scales = (scale,)
            target.units = (unit,)
        content = bytes(memory.read())
    write_bytes(path, content)
