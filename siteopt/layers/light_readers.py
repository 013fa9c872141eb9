"""Embedded layers without pandas and geopandas: rows, features and cells as their files have them.

Every file is the one that the catalogue names, which the tests of siteopt check against its
schema. :class:`siteopt.layers.store.Layers` reads the same and files of the user's, and checks all
of it; loading what it needs takes longer than to answer on one place.
"""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from siteopt.errors import LayerError
from siteopt.layers.cells import FileCells

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from siteopt.layers.catalogue import Catalogue
    from siteopt.layers.cells import CodedCells

__all__ = ["embedded_cells", "embedded_properties", "embedded_shapes", "embedded_value"]

_PROPERTIES: Final = re.compile(r'"properties":\s*')
"""Where the columns of a feature begin; in a text of JSON its quotation marks are escaped."""


def embedded_properties(catalogue: Catalogue, layer_id: str) -> list[dict[str, Any]]:
    """Return the columns of an embedded vector layer or table, one mapping a row.

    Parameters
    ----------
    catalogue : Catalogue
        Of the embedded layers.
    layer_id : str
        A GeoJSON, whose values have the types of JSON, or a CSV, whose values are text.

    Raises
    ------
    LayerError, LayerFileError
        If the file cannot be read, or is not that of the catalogue.
    """
    text = _text(catalogue, layer_id)
    if catalogue.path(layer_id).suffix == ".csv":
        return list(csv.DictReader(StringIO(text, newline="")))
    decode = json.JSONDecoder().raw_decode  # borders are most of a file, and are passed over
    return [decode(text, found.end())[0] for found in _PROPERTIES.finditer(text)]


def _text(catalogue: Catalogue, layer_id: str) -> str:
    return catalogue.content(layer_id).decode("utf-8-sig")


def embedded_shapes(
    catalogue: Catalogue, layer_id: str, where: Mapping[str, Any]
) -> NDArray[np.object_]:
    """Return the geometries of some features of an embedded vector layer, EPSG:5179.

    Parameters
    ----------
    catalogue : Catalogue
        Of the embedded layers.
    layer_id : str
        A GeoJSON, or a CSV with ``lon`` and ``lat``.
    where : mapping
        Value, or list of values, that columns have; all features where it is empty.

    Raises
    ------
    LayerError, LayerFileError
        If the file cannot be read, is not that of the catalogue, or no feature has the values.
    """
    import numpy as np  # noqa: PLC0415 - names of places need no shapes
    import shapely  # noqa: PLC0415
    from pyproj import Transformer  # noqa: PLC0415

    from siteopt.lattice import CRS_EPSG, DEGREES_EPSG  # noqa: PLC0415

    rows = embedded_properties(catalogue, layer_id)
    if catalogue.path(layer_id).suffix == ".csv":
        shapes = np.array([shapely.Point(float(one["lon"]), float(one["lat"])) for one in rows])
    else:
        shapes = shapely.get_parts(shapely.from_geojson(_text(catalogue, layer_id)))
    if len(shapes) != len(rows):
        raise LayerError(
            f"{layer_id}: {len(shapes)} geometries of {len(rows)} features; each has one"
        )
    chosen = shapes[[_has_values(one, where) for one in rows]]
    if not len(chosen):
        raise LayerError(f"{layer_id}: no feature has {dict(where)}; give values that some have")
    if catalogue[layer_id].crs == f"EPSG:{CRS_EPSG}":
        return chosen
    way = Transformer.from_crs(DEGREES_EPSG, CRS_EPSG, always_xy=True)
    placed: NDArray[np.object_] = shapely.transform(
        chosen, lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1]))
    )
    return placed


def _has_values(row: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """Return whether the columns of a feature have the values that are asked for."""
    return all(
        row[column] in (wanted if isinstance(wanted, list) else [wanted])
        for column, wanted in where.items()
    )


def embedded_cells(catalogue: Catalogue, layer_id: str) -> CodedCells:
    """Return the numbers of an embedded raster by cell, as its file has them.

    Parameters
    ----------
    catalogue : Catalogue
        Of the embedded layers.
    layer_id : str
        A raster of whole numbers in EPSG:5179.

    Raises
    ------
    LayerError, LayerFileError
        If the file cannot be read, or is not that of the catalogue.
    """
    from siteopt.layers._geotiff import geotiff_of  # noqa: PLC0415 - names need no raster

    content, path = catalogue.content(layer_id), catalogue.path(layer_id)
    return FileCells(lambda: geotiff_of(content, path))


def embedded_value(catalogue: Catalogue, layer_id: str, x_m: float, y_m: float) -> float:
    """Return the value of an embedded raster at a point; NaN where it is not known.

    Parameters
    ----------
    catalogue : Catalogue
        Of the embedded layers.
    layer_id : str
        A raster of EPSG:5179.
    x_m, y_m : float
        EPSG:5179 metres.

    Raises
    ------
    LayerError, LayerFileError
        If the file cannot be read, or is not that of the catalogue.
    """
    from siteopt.layers.raster_file import RasterFile  # noqa: PLC0415 - names need no raster

    catalogue.content(layer_id)  # is the one that the catalogue names
    with RasterFile(catalogue.path(layer_id), layer_id) as raster:
        return float(raster.sample([x_m], [y_m])[0])
