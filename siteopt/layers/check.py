"""Layer checks, one line a fault: file, row or feature, field, expected value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from siteopt.errors import LayerError, SiteoptError
from siteopt.lattice import CRS_EPSG
from siteopt.layers._columns import right_of, typed
from siteopt.layers._crs import brought_to
from siteopt.layers._place import check_arrived, check_crs, check_geometry, check_place
from siteopt.layers._rows import first_true, row_namer
from siteopt.layers._signs import check_signs
from siteopt.layers.catalogue import check_hash
from siteopt.layers.price_years import is_price
from siteopt.layers.schemas import (
    KOREA,
    PARAMETER_TABLES,
    RASTER_FIELDS,
    SCHEMAS,
    text_columns,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from siteopt.layers.protocols import LayersLike, RasterLike

__all__ = [
    "Finding",
    "check_geometry",
    "check_hash",
    "check_place",
    "checked_raster",
    "checked_table",
    "checked_vector",
    "find_faults",
    "require_sound",
    "row_namer",
]

_Raster = TypeVar("_Raster", bound="RasterLike")


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


def find_faults(layers: LayersLike, progress: Callable[[str], None] | None = None) -> list[Finding]:
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


def require_sound(layers: LayersLike) -> None:
    """Raise LayerError with the first fault of the layers, if there is one."""
    findings = find_faults(layers)
    if findings:
        others = ", ".join(finding.layer for finding in findings[1:])
        more = f" (and faults in {others})" if others else ""
        raise LayerError(findings[0].message + more)


def checked_table(table: pd.DataFrame, layer_id: str, path: Path) -> pd.DataFrame:
    """Return a table with the types of its schema.

    Raises
    ------
    LayerError
        If a column is missing, a cell has the wrong type or is out of range, or a key appears
        twice.
    """
    schema = SCHEMAS.get(layer_id)
    if schema is None:
        check_signs(table, path.name, row_namer(table, None, path), ())
        return table
    found = typed(table, schema, path)
    if layer_id in PARAMETER_TABLES:
        _check_price_years(found, row_namer(found, schema, path), path)
    return found


def _check_price_years(table: pd.DataFrame, name: Callable[[int], str], path: Path) -> None:
    """Raise LayerError if a price has no year."""
    price = table["unit"].fillna("").map(is_price).to_numpy(dtype=bool)
    at = first_true(
        price & (table["price_year"].isna().to_numpy() if "price_year" in table else price)
    )
    if at is not None:
        raise LayerError(
            f"{path.name}: {name(at)}: price_year is empty; the value is in "
            f"{table['unit'].iloc[at]}, and every price has the year of its money"
        )


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
    name = row_namer(frame, schema, path)
    if schema is None:
        check_signs(frame, path.name, name, text_columns(layer_id))
    check_crs(frame, path.name)
    check_geometry(frame, path.name, name, None if schema is None else schema.geometry)
    bounds = KOREA if schema is None else schema.bounds
    check_place(frame, path.name, name, bounds)
    if schema is not None:
        frame = typed(frame, schema, path)
    placed = brought_to(frame, CRS_EPSG)
    check_arrived(frame, placed, path.name, name, bounds)
    return placed


def checked_raster(raster: _Raster, layer_id: str, path: Path) -> _Raster:
    """Return a raster whose known values can be those of its layer.

    Raises
    ------
    LayerError
        If no cell has a value, or one is out of the range of the layer; the message names the
        place of the first.
    """
    ends = raster.value_range()
    if ends is None:
        raise LayerError(
            f"{path.name}: no cell has a value (all are nodata or NaN); at least one is needed"
        )
    field = RASTER_FIELDS.get(layer_id)
    if field is None:
        return raster
    low = -np.inf if field.low is None else field.low
    high = np.inf if field.high is None else field.high
    if low <= ends[0] and ends[1] <= high:
        return raster
    for place in raster.parts():
        part = raster.part(*place)
        values = part.values  # noqa: PD011 - an array of ours, no pandas object
        wrong = np.flatnonzero(part.known & ~((values >= low) & (values <= high)))
        if len(wrong):
            row, col = np.unravel_index(wrong[:1], part.lattice.shape)
            x, y = part.lattice.centres_m(row, col)
            raise LayerError(
                f"{path.name}: cell at x {x[0]:.0f}, y {y[0]:.0f} (EPSG:5179): {layer_id} is "
                f"{values.flat[wrong[0]]:g}; {right_of(field)}; where it means 'not known', "
                "write it into the file as nodata"
            )
    return raster
