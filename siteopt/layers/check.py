"""Checks of layer files, each fault in one line: file, row or feature, field, what is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siteopt.errors import LayerError, SiteoptError
from siteopt.lattice import CRS_EPSG
from siteopt.layers._columns import typed
from siteopt.layers._place import check_crs, check_geometry, check_place
from siteopt.layers._rows import row_namer
from siteopt.layers.schemas import KOREA, SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from siteopt.layers.catalogue import Catalogue
    from siteopt.layers.store import Layers

__all__ = [
    "Finding",
    "check_geometry",
    "check_hash",
    "check_place",
    "checked_table",
    "checked_vector",
    "find_faults",
    "require_sound",
    "row_namer",
]


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


def find_faults(layers: Layers, progress: Callable[[str], None] | None = None) -> list[Finding]:
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
    findings = find_faults(layers)
    if findings:
        others = ", ".join(finding.layer for finding in findings[1:])
        more = f" (and faults in {others})" if others else ""
        raise LayerError(findings[0].message + more)


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
    return typed(table, schema, path)


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
    check_crs(frame, path.name)
    check_geometry(frame, path.name, name, None if schema is None else schema.geometry)
    check_place(frame, path.name, name, KOREA if schema is None else schema.bounds)
    if schema is not None:
        frame = typed(frame, schema, path)
    return frame.to_crs(CRS_EPSG)
