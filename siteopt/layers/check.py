"""Checks of layer files, each fault in one line: file, row or feature, field, what is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import numpy as np
import pandas as pd
import shapely

from siteopt.errors import LayerError, SiteoptError
from siteopt.lattice import CRS_EPSG
from siteopt.layers.schemas import KOREA, SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    from siteopt.layers.catalogue import Catalogue
    from siteopt.layers.schemas import Field, LayerSchema
    from siteopt.layers.store import Layers

_Frame = TypeVar("_Frame", bound="pd.DataFrame")

__all__ = [
    "Finding",
    "check_hash",
    "check_layers",
    "check_place",
    "checked_table",
    "checked_vector",
    "require_sound",
]

_GEOMETRY_TYPES: Final = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
}
_DEGREES_MAX: Final = 360.0
"""No longitude is larger; no coordinate of Korea in metres is smaller."""
_ROW_OF_CSV: Final = 2
"""The first row below the header is line 2 of a CSV file."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one layer.

    Attributes
    ----------
    layer : str
        Layer id.
    file : str
        File that holds the fault.
    message : str
        One line: where, what is wrong, what would be right.
    """

    layer: str
    file: str
    message: str


def check_layers(layers: Layers, progress: Callable[[str], None] | None = None) -> list[Finding]:
    """Read and check every layer; what is read is kept in ``layers``.

    Parameters
    ----------
    layers : Layers
        As opened by :func:`siteopt.layers.store.open_layers`.
    progress : callable, optional
        Called with the id of each layer before it is read.

    Returns
    -------
    list of Finding
        The first fault of every layer that has one, in order of layer id; empty if all is well.
    """
    findings = []
    for layer_id in layers.ids:
        if progress is not None:
            progress(layer_id)
        try:
            getattr(layers, layers.kind(layer_id))(layer_id)
        except SiteoptError as error:
            findings.append(Finding(layer_id, str(layers.path(layer_id)), str(error)))
    if not findings:
        try:
            len(layers.parameters)
        except SiteoptError as error:
            findings.append(Finding("parameters", str(layers.path("parameters")), str(error)))
    return findings


def require_sound(layers: Layers) -> None:
    """Raise LayerError with the first fault of the layers, if there is one."""
    findings = check_layers(layers)
    if findings:
        more = f" (and {len(findings) - 1} more; see `siteopt layers check`)"
        raise LayerError(findings[0].message + (more if len(findings) > 1 else ""))


def check_hash(catalogue: Catalogue, layer_id: str, found: str) -> None:
    """Raise LayerError if an embedded file is not the one of the catalogue."""
    entry = catalogue[layer_id]
    if found != entry.sha256:
        raise LayerError(
            f"{entry.file}: sha256 is {found[:12]}…, but catalogue.toml says "
            f"{entry.sha256[:12]}…; run `siteopt layers hash` if the change is meant, "
            "`siteopt layers build` to make the file again"
        )


def checked_table(table: pd.DataFrame, layer_id: str, path: Path) -> pd.DataFrame:
    """Return a table with the types of its schema.

    Raises
    ------
    LayerError
        If a column is missing, a cell has the wrong type or lies out of range, or a key appears
        twice.
    """
    schema = SCHEMAS.get(layer_id)
    if schema is None:
        return table
    return _typed(table, schema, path)


def checked_vector(frame: gpd.GeoDataFrame, layer_id: str, path: Path) -> gpd.GeoDataFrame:
    """Return features in EPSG:5179 with the types of their schema.

    Raises
    ------
    LayerError
        If the CRS is missing or cannot be right, lon and lat look swapped, a geometry is
        missing, empty, not valid, of the wrong kind or out of bounds, or as
        :func:`checked_table`.
    """
    schema = SCHEMAS.get(layer_id)
    name = _namer(frame, schema, path)
    if frame.crs is None:
        raise LayerError(
            f"{path.name}: no CRS; give the file its CRS (a .prj beside a Shapefile), EPSG:5179 "
            "or EPSG:4326 for example"
        )
    _check_geometry(frame, schema, path, name)
    check_place(frame, path.name, name, KOREA if schema is None else schema.bounds)
    if schema is not None:
        frame = _typed(frame, schema, path)
    return frame.to_crs(CRS_EPSG)


def _namer(frame: pd.DataFrame, schema: LayerSchema | None, path: Path) -> Callable[[int], str]:
    """Return how a row is called in messages: its place in the file and its key."""
    csv = path.suffix.lower() == ".csv"
    keys = [key for key in (schema.key if schema else ()) if key in frame]

    def name(place: int) -> str:
        where = f"row {place + _ROW_OF_CSV}" if csv else f"feature {place + 1}"
        if not keys:
            return where
        return f"{where} ({', '.join(f'{key} {frame[key].iloc[place]}' for key in keys)})"

    return name


def _first(bad: ArrayLike) -> int | None:
    """Return the first place where ``bad`` is true."""
    places = np.flatnonzero(bad)
    return int(places[0]) if len(places) else None


def _check_geometry(
    frame: gpd.GeoDataFrame, schema: LayerSchema | None, path: Path, name: Callable[[int], str]
) -> None:
    shapes = np.asarray(frame.geometry.array, dtype=object)
    at = _first(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if at is not None:
        raise LayerError(f"{path.name}: {name(at)}: geometry is empty; draw it or remove the row")
    at = _first(~np.isfinite(shapely.bounds(shapes)).all(axis=1))
    if at is None:
        at = _not_finite(shapes)
    if at is not None:
        raise LayerError(
            f"{path.name}: {name(at)}: geometry has NaN or infinite coordinates; finite ones are "
            "needed"
        )
    if schema is not None and schema.geometry is not None:
        kinds = _GEOMETRY_TYPES[schema.geometry]
        found = frame.geometry.geom_type.to_numpy()
        at = _first(~np.isin(found, kinds))
        if at is not None:
            raise LayerError(
                f"{path.name}: {name(at)}: geometry is a {found[at]}; this layer needs "
                f"{' or '.join(kinds)}"
            )
    at = _first(~shapely.is_valid(shapes))
    if at is not None:
        reason = shapely.is_valid_reason(shapes[at])
        raise LayerError(
            f"{path.name}: {name(at)}: geometry is not valid ({reason}); mend it, in QGIS with "
            "'Fix geometries'"
        )


def _not_finite(shapes: NDArray[np.object_]) -> int | None:
    """Return the first geometry with a coordinate that is not finite (bounds skip NaN)."""
    xy, index = shapely.get_coordinates(shapes, return_index=True)
    bad = ~np.isfinite(xy).all(axis=1)
    return int(index[bad][0]) if bad.any() else None


def check_place(
    frame: gpd.GeoDataFrame,
    file: str,
    name: Callable[[int], str],
    bounds: tuple[float, float, float, float] = KOREA,
) -> None:
    """Raise LayerError if a feature lies outside ``bounds`` (degrees), with the likely cause.

    Parameters
    ----------
    frame : GeoDataFrame
        With a CRS, geometries finite.
    file : str
        File name for messages.
    name : callable
        From the place of a row to what it is called in messages.
    bounds : tuple of float
        ``(west, south, east, north)`` in degrees.
    """
    west, south, east, north = bounds
    raw = frame.geometry.bounds.to_numpy()
    if frame.crs.is_geographic:
        boxes = raw
        _check_degrees(raw, file, name, bounds)
    else:
        _check_metres(raw, file, name, str(frame.crs.to_string()))
        corners = shapely.box(*raw.T)
        boxes = type(frame.geometry)(corners, crs=frame.crs).to_crs(4326).bounds.to_numpy()
    inside = (
        (boxes[:, 0] >= west) & (boxes[:, 1] >= south)
        & (boxes[:, 2] <= east) & (boxes[:, 3] <= north)
    )  # fmt: skip
    at = _first(~inside)
    if at is not None:
        lon, lat = (boxes[at, 0] + boxes[at, 2]) / 2, (boxes[at, 1] + boxes[at, 3]) / 2
        cause = "" if frame.crs.is_geographic else f"; is the CRS ({frame.crs.to_string()}) right?"
        raise LayerError(
            f"{file}: {name(at)}: lies at lon {lon:.3f}, lat {lat:.3f}, outside lon {west:g} to "
            f"{east:g}, lat {south:g} to {north:g}{cause}"
        )


def _check_degrees(
    raw: NDArray[np.float64],
    file: str,
    name: Callable[[int], str],
    bounds: tuple[float, float, float, float],
) -> None:
    west, south, east, north = bounds
    x_min, y_min, x_max, y_max = raw.T
    at = _first((x_min >= south) & (x_max <= north) & (y_min >= west) & (y_max <= east))
    if at is not None:
        raise LayerError(
            f"{file}: {name(at)}: lon {x_min[at]:.3f} and lat {y_min[at]:.3f} look swapped; lon "
            f"is {west:g} to {east:g}, lat {south:g} to {north:g}"
        )
    beyond = (np.abs(raw) > [_DEGREES_MAX, 90, _DEGREES_MAX, 90]).any(axis=1)
    at = _first(beyond)
    if at is not None:
        raise LayerError(
            f"{file}: {name(at)}: coordinates ({x_min[at]:.1f}, {y_min[at]:.1f}) are metres, but "
            "the CRS says degrees; set the CRS they are in (EPSG:5179, 5186, ...)"
        )


def _check_metres(
    raw: NDArray[np.float64], file: str, name: Callable[[int], str], crs: str
) -> None:
    at = _first((np.abs(raw) <= _DEGREES_MAX).all(axis=1))
    if at is not None:
        raise LayerError(
            f"{file}: {name(at)}: coordinates ({raw[at, 0]:.3f}, {raw[at, 1]:.3f}) are degrees, "
            f"but the CRS is {crs}; set it to EPSG:4326"
        )


def _typed(frame: _Frame, schema: LayerSchema, path: Path) -> _Frame:
    """Return a frame with the types of its schema; the first fault is a LayerError."""
    import pandera.errors  # noqa: PLC0415 - 0.3 s, and only checks need it

    name = _namer(frame, schema, path)
    missing = [key for key, item in schema.fields.items() if item.required and key not in frame]
    if missing:
        raise LayerError(
            f"{path.name}: column {missing[0]} is missing; the layer needs "
            f"{', '.join(key for key, item in schema.fields.items() if item.required)}"
        )
    ready = frame.reset_index(drop=True)
    for key, item in schema.fields.items():
        if key in ready:
            ready[key] = _prepared(ready[key], item, key, path, name)
    columns = tuple(str(column) for column in ready.columns)
    try:
        out = schema.pandera(columns).validate(ready, lazy=True)
    except pandera.errors.SchemaErrors as error:
        raise LayerError(_describe(error.failure_cases, ready, schema, path, name)) from None
    at = _first(out.duplicated(list(schema.key)).to_numpy())
    if at is not None:
        raise LayerError(
            f"{path.name}: {name(at)}: appears twice; {' and '.join(schema.key)} must tell rows "
            "apart"
        )
    return cast("_Frame", out)


def _prepared(
    cells: pd.Series[Any], item: Field, key: str, path: Path, name: Callable[[int], str]
) -> pd.Series[Any]:
    """Return cells that pandera can turn into the type of the field; text stays text."""
    if item.kind == "text":
        return cells if isinstance(cells.dtype, pd.StringDtype) else _as_text(cells)
    empty = cells.isna().to_numpy(dtype=np.bool_)
    at = None if item.nullable else _first(empty)
    if at is not None:
        raise LayerError(f"{path.name}: {name(at)}: {key} is empty; {_right(item)}")
    if item.kind == "flag":
        return _as_flag(cells, key, path, name)
    numbers = pd.to_numeric(cells, errors="coerce").astype(np.float64)
    values = numbers.to_numpy()
    wrong = (~np.isfinite(values) & ~empty) | np.isinf(values)
    if item.kind == "whole":
        wrong |= ~empty & (values != np.round(values))
    at = _first(wrong)
    if at is not None:
        raise LayerError(f"{path.name}: {name(at)}: {key} is {cells.iloc[at]!r}; {_right(item)}")
    return numbers


def _as_text(cells: pd.Series[Any]) -> pd.Series[Any]:
    whole = pd.api.types.is_float_dtype(cells) and bool((cells.dropna() % 1 == 0).all())
    numbers = cells.astype("Int64") if whole else cells
    return numbers.astype("str").where(cells.notna(), None).astype("str")


_TRUE: Final = ("true", "1", "1.0", "yes")
_FALSE: Final = ("false", "0", "0.0", "no")


def _as_flag(
    cells: pd.Series[Any], key: str, path: Path, name: Callable[[int], str]
) -> pd.Series[Any]:
    if pd.api.types.is_bool_dtype(cells):
        return cells.astype(bool)
    words = cells.astype("str").str.strip().str.lower()
    at = _first(~words.isin([*_TRUE, *_FALSE]).to_numpy(dtype=np.bool_))
    if at is not None:
        raise LayerError(f"{path.name}: {name(at)}: {key} is {cells.iloc[at]!r}; true or false")
    return words.isin(_TRUE)


def _right(item: Field) -> str:
    """Return what a field wants, in words."""
    if item.one_of:
        return f"one of {', '.join(item.one_of)} is needed"
    if item.kind == "text":
        return f"text that matches {item.pattern} is needed" if item.pattern else "text is needed"
    if item.kind == "flag":
        return "true or false is needed"
    kind = "a whole number" if item.kind == "whole" else "a number"
    low = "" if item.low is None else f" of at least {item.low:g}"
    high = "" if item.high is None else f"{' and' if low else ' of'} at most {item.high:g}"
    return f"{kind}{low}{high} is needed"


def _describe(
    cases: pd.DataFrame, frame: pd.DataFrame, schema: LayerSchema, path: Path,
    name: Callable[[int], str],
) -> str:  # fmt: skip
    """Return the first failure of pandera in one line of ours."""
    placed = cases[cases["index"].notna()].copy()
    if placed.empty:
        first = cases.iloc[0]
        return f"{path.name}: {first['column']}: {first['check']} fails; see the layer's schema"
    placed["index"] = placed["index"].astype(int)
    first = placed.sort_values(["index", "column"], kind="stable").iloc[0]
    key, at = str(first["column"]), int(first["index"])
    item = schema.fields.get(key) or schema.rest
    cell = frame[key].iloc[at]
    found = (
        "empty" if pd.isna(cell) else repr(cell.item() if isinstance(cell, np.generic) else cell)
    )
    return f"{path.name}: {name(at)}: {key} is {found}; {_right(item) if item else first['check']}"
