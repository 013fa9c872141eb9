"""OpenStreetMap features by tile through OSMnx, or from a local extract through GDAL.

Public Overpass servers refuse questions over a whole country, so the area is asked for tile by
tile, each tile once, and a tile that is too rich for the server is cut in four.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from siteopt._temporary import temporary_folder
from siteopt.errors import FetchError, LayerFileError
from siteopt.lattice import CRS_EPSG, DEGREES_EPSG
from siteopt.sources.fetching.answer_kinds import must_be_kind
from siteopt.sources.fetching.overpass_relay import IncompleteAnswerError, osmnx_through

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from siteopt.sources.fetching.overpass_relay import OverpassRelay
    from siteopt.sources.fetching.recipes import OsmLayer

__all__ = ["features_from_extract", "features_from_overpass", "tiles_of"]

_LOG: Final = logging.getLogger(__name__)
_NAMES: Final = ("name", "name:ko", "name:en")
_DEEPEST: Final = 4
"""A tile is cut in four this often: to a 256th of its area."""
_SHAPES: Final = {
    "area": frozenset({"Polygon", "MultiPolygon"}),
    "line": frozenset({"LineString", "MultiLineString"}),
    "point": frozenset({"Point"}),
    "area or point": frozenset({"Polygon", "MultiPolygon", "Point"}),
}
_EXTRACT_LAYERS: Final = {
    "points": _SHAPES["point"], "lines": frozenset({"LineString"}),
    "multilinestrings": frozenset({"MultiLineString"}), "multipolygons": _SHAPES["area"],
}  # fmt: skip
"""Layers of GDAL's OSM driver, in the order of a file, with the shapes they hold."""


def tiles_of(area: shapely.Geometry, tile_m: float) -> list[shapely.Geometry]:
    """Return the square tiles of a grid that an area touches, EPSG:5179, row by row.

    Parameters
    ----------
    area : Geometry
        In EPSG:5179.
    tile_m : float
        Side of a tile in metres.
    """
    west, south, east, north = shapely.bounds(area)
    columns = range(int(west // tile_m), int(east // tile_m) + 1)
    rows = range(int(south // tile_m), int(north // tile_m) + 1)
    boxes = [
        shapely.box(x * tile_m, y * tile_m, (x + 1) * tile_m, (y + 1) * tile_m)
        for y in rows
        for x in columns
    ]
    return [tile for tile in boxes if shapely.intersects(tile, area)]


def features_from_overpass(
    layer: OsmLayer, tiles: Sequence[shapely.Geometry], relay: OverpassRelay
) -> gpd.GeoDataFrame:
    """Return the features of a layer in some tiles, asked by OSMnx.

    Parameters
    ----------
    layer : OsmLayer
        What is asked for.
    tiles : sequence of Polygon
        In EPSG:5179.
    relay : OverpassRelay
        Through which the server is asked.

    Returns
    -------
    GeoDataFrame
        EPSG:5179; columns ``osm_id`` (``way/123``), ``name``, ``name_ko``, ``name_en`` and those of
        the layer, in order of ``osm_id``, each feature once.

    Raises
    ------
    FetchError
        If a tile does not come; those that came are kept by the relay.
    """
    with osmnx_through(relay):
        parts = [part for tile in tiles for part in _of_tile(layer, tile, relay, 0)]
    return _cleaned(layer, parts)


def _of_tile(
    layer: OsmLayer, tile: shapely.Geometry, relay: OverpassRelay, depth: int
) -> Iterator[gpd.GeoDataFrame]:
    import osmnx  # noqa: PLC0415 - loads networkx and much else

    in_degrees = gpd.GeoSeries([tile], crs=CRS_EPSG).to_crs(DEGREES_EPSG).iloc[0]
    tags: dict[str, bool | str | list[str]] = {
        key: list(values) if values else True for key, values in layer.tags.items()
    }
    relay.failure = None
    try:
        found = osmnx.features.features_from_polygon(in_degrees, tags)
    except osmnx._errors.InsufficientResponseError as error:  # noqa: SLF001 - it has no public name
        if relay.failure is None:
            return  # nothing of the kind in this tile
        raise relay.failure from error
    except osmnx._errors.ResponseStatusCodeError as error:  # noqa: SLF001 - likewise
        failure = relay.failure or FetchError(f"{layer.id}: OSMnx was refused ({error})")
        if isinstance(failure, IncompleteAnswerError) and depth < _DEEPEST:
            _LOG.info("%s: %s; the tile is cut in four", layer.id, failure)
            for quarter in _quarters(tile):
                yield from _of_tile(layer, quarter, relay, depth + 1)
            return
        raise failure from error
    found = found.reset_index()
    found["osm_id"] = found["element"].astype(str) + "/" + found["id"].astype(str)
    yield found.to_crs(CRS_EPSG)


def _quarters(tile: shapely.Geometry) -> list[shapely.Geometry]:
    west, south, east, north = shapely.bounds(tile)
    x, y = (west + east) / 2, (south + north) / 2
    return [
        shapely.box(west, south, x, y), shapely.box(x, south, east, y),
        shapely.box(west, y, x, north), shapely.box(x, y, east, north),
    ]  # fmt: skip


def features_from_extract(layers: Sequence[OsmLayer], path: Path) -> dict[str, gpd.GeoDataFrame]:
    """Return the features of some layers in a local extract.

    The extract is gone through once for each kind of shape, for all layers together.

    Parameters
    ----------
    layers : sequence of OsmLayer
        What is taken.
    path : Path
        ``.osm.pbf`` or ``.osm``.

    Returns
    -------
    dict of str to GeoDataFrame
        By id of the layer, each as of :func:`features_from_overpass`.

    Raises
    ------
    LayerFileError
        If the extract is not there.
    FetchError
        If it is none, or cannot be read.
    """
    if not path.is_file():
        raise LayerFileError(f"{path}: no such file; give an extract, .osm.pbf or .osm")
    must_be_kind(path, "pbf" if path.suffix == ".pbf" else "osm")
    parts: dict[str, list[gpd.GeoDataFrame]] = {layer.id: [] for layer in layers}
    with _driver_that_keeps(layers):
        for name, shapes in _EXTRACT_LAYERS.items():
            wanted = [layer for layer in layers if shapes & _SHAPES[layer.geometry]]
            if wanted:
                frame = _read(path, name, " OR ".join(_where(layer) for layer in wanted))
                for layer in wanted:
                    own = [name for name in frame if name in _columns(layer)]
                    parts[layer.id].append(frame.loc[_has_tags(frame, layer), own])
                del frame  # before the next kind is read
    return {layer.id: _cleaned(layer, parts.pop(layer.id)) for layer in layers}


@contextmanager
def _driver_that_keeps(layers: Sequence[OsmLayer]) -> Iterator[None]:
    """Let GDAL's OSM driver make columns of the keys that are wanted, and areas of closed ways."""
    keys = sorted({*_NAMES, *(key for layer in layers for key in (*layer.tags, *layer.columns))})
    areas = sorted({key for layer in layers if "area" in layer.geometry for key in layer.tags})
    lines = [f"closed_ways_are_polygons={','.join(areas)}", "attribute_name_laundering=no"]
    for name in _EXTRACT_LAYERS:
        lines += [f"[{name}]", "osm_id=yes", f"attributes={','.join(keys)}", "other_tags=no"]
    with temporary_folder() as folder:
        settings = folder / "osmconf.ini"
        settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
        pyogrio.set_gdal_config_options({"OSM_CONFIG_FILE": str(settings)})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({"OSM_CONFIG_FILE": None})


def _read(path: Path, name: str, where: str) -> gpd.GeoDataFrame:
    try:
        frame = pyogrio.read_dataframe(path, layer=name, where=where, use_arrow=True)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise FetchError(f"{path.name}: cannot be read as an OSM extract ({error})") from error
    kind = {"points": "node", "lines": "way", "multilinestrings": "relation"}.get(name)
    if kind is not None:
        frame["osm_id"] = f"{kind}/" + frame["osm_id"].astype(str)
    else:  # an area is a closed way or a relation; the driver has a column for each
        way = frame.pop("osm_way_id")
        relation = "relation/" + frame["osm_id"].astype(str)
        frame["osm_id"] = relation.where(way.isna(), "way/" + way.astype(str))
    return frame.to_crs(CRS_EPSG)


def _columns(layer: OsmLayer) -> set[str]:
    """Return the columns of an extract that a layer keeps."""
    return {"osm_id", "geometry", *_NAMES, *layer.columns}


def _where(layer: OsmLayer) -> str:
    """Return the condition of a layer in OGR's SQL; keys and values are the recipe's own."""
    parts = []
    for key, values in layer.tags.items():
        column = '"' + key.replace('"', '""') + '"'
        quoted = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
        parts.append(f"{column} IN ({quoted})" if values else f"{column} IS NOT NULL")
    return f"({' OR '.join(parts)})"


def _has_tags(frame: gpd.GeoDataFrame, layer: OsmLayer) -> pd.Series[bool]:
    """Return which rows have a tag of the layer."""
    found = pd.Series(data=False, index=frame.index)
    for key, values in layer.tags.items():
        if key in frame:
            found |= frame[key].isin(values) if values else frame[key].notna()
    return found


def _cleaned(layer: OsmLayer, parts: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return features of the wanted shapes, valid, each once, in order of id."""
    keys = [*_NAMES, *layer.columns]
    columns = ["osm_id", *(key.replace(":", "_") for key in keys), "geometry"]
    there = [part for part in parts if len(part)]
    if not there:
        return gpd.GeoDataFrame({name: [] for name in columns}, geometry="geometry", crs=CRS_EPSG)
    joined = pd.concat(there, ignore_index=True)
    for key in keys:
        values = joined[key] if key in joined else pd.Series([None] * len(joined))
        joined[key.replace(":", "_")] = values.astype(object).where(values.notna(), None)
    frame = gpd.GeoDataFrame(joined[columns], geometry="geometry", crs=CRS_EPSG)
    frame["geometry"] = _valid(frame.geometry.to_numpy(), layer)
    frame = frame[frame.geometry.geom_type.isin(_SHAPES[layer.geometry]) & ~frame.is_empty]
    return frame.drop_duplicates("osm_id").sort_values("osm_id", ignore_index=True)


def _valid(shapes: NDArray[np.object_], layer: OsmLayer) -> NDArray[np.object_]:
    """Return shapes made valid, without the stray lines and points that come of it.

    An area with a spike becomes a collection of an area and a line: the area is what was mapped.
    """
    valid = shapely.make_valid(shapes)
    mixed = np.flatnonzero(shapely.get_type_id(valid) == shapely.GeometryType.GEOMETRYCOLLECTION)
    for place in mixed:
        parts = shapely.get_parts(shapely.get_parts(valid[place]))
        wanted = [part for part in parts if part.geom_type in _SHAPES[layer.geometry]]
        valid[place] = shapely.union_all(wanted) if wanted else shapely.GeometryCollection()
    return valid
