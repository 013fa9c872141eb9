"""Fetch of layers into a data folder: from a server, or from an extract of it on this machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siteopt.errors import FetchError
from siteopt.lattice import CRS_EPSG, DEGREES_EPSG
from siteopt.layers import open_layers
from siteopt.layers.catalogue import Entry, file_hash, read_catalogue
from siteopt.layers.check import checked_table, checked_vector
from siteopt.layers.district_codes import DistrictCodes
from siteopt.layers.schemas import SCHEMAS
from siteopt.sources._frame import NATIONAL
from siteopt.sources.fetching.bounds import Bounds
from siteopt.sources.fetching.crs_by_place import DistrictShapes
from siteopt.sources.fetching.data_folder import prepare_folder, put_layer, put_raster
from siteopt.sources.fetching.file_recipes import Ground, read_by_recipe, read_file_recipe
from siteopt.sources.fetching.openstreetmap import (
    features_from_extract,
    features_from_overpass,
    tiles_of,
)
from siteopt.sources.fetching.osm_grid_layers import (
    GRID_LAYERS,
    grid_features_wanted,
    put_grid_layers,
)
from siteopt.sources.fetching.osm_grid_recipe import read_osm_grid_recipe
from siteopt.sources.fetching.overpass_relay import OverpassRelay
from siteopt.sources.fetching.raster_layers import layer_values, raster_files
from siteopt.sources.fetching.raster_recipes import read_raster_recipe
from siteopt.sources.fetching.recipe_builders import BUILDERS
from siteopt.sources.fetching.recipes import must_be_accepted, must_be_known, read_osm_recipe
from siteopt.sources.fetching.roads import road_layers, road_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from siteopt.lattice import Lattice
    from siteopt.layers.catalogue import LayerKind
    from siteopt.layers.store import Layers
    from siteopt.sources.fetching.file_recipes import FileRecipe
    from siteopt.sources.fetching.raster_recipes import RasterLayer, RasterRecipe
    from siteopt.sources.fetching.recipes import OsmLayer, SourceTerms
    from siteopt.sources.fetching.road_recipes import RoadLayer

__all__ = ["fetch_openstreetmap", "fetch_rasters", "take_file"]

_TILE_M: Final = 40_000.0
"""Side of a tile; OSMnx cuts what is larger than 50 km by 50 km itself."""
_STEP: Final = 1.0
"""To which the values of a raster made from a file are rounded, in its unit."""
_ANSWERS: Final = ".answers"
"""Folder below the data folder with answers that came, until all of a fetch have."""


def fetch_openstreetmap(  # noqa: PLR0913 - each by its name
    folder: Path,
    ids: Sequence[str] | None = None,
    *,
    extract: Path | None = None,
    server: str | None = None,
    recipe: Path | None = None,
    offline: bool = False,
    accept: bool = False,
    accept_licence: bool = False,
    warn: Callable[[str], None] | None = None,
    bounds: Bounds | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Entry]:
    """Fetch layers of OpenStreetMap into a data folder.

    Parameters
    ----------
    folder : Path
        A data folder; made with the embedded layers where it is missing.
    ids : sequence of str, optional
        Layers of the recipe, ``roads`` for the road graph; all of these by default. Also
        ``stations``, ``lines`` (the two together) and ``power_plants``, which take the place of
        embedded ones.
    extract : Path, optional
        A local extract, ``.osm.pbf`` or ``.osm``; no network is used then.
    server : str, optional
        Address of an Overpass API in place of the recipe's.
    recipe : Path, optional
        A recipe of the user's own.
    offline : bool
        Whether the network is forbidden.
    accept : bool
        Whether a layer may take the place of a much larger one.
    accept_licence : bool
        Whether terms that forbid passing on or commercial use are accepted.
    warn : callable, optional
        Called with the terms of the source before anything is asked; `tell` by default.
    bounds : Bounds, optional
        Of each request.
    tell : callable, optional
        Called with each line to be said.

    Returns
    -------
    list of Entry
        What the catalogue now says of the layers.

    Raises
    ------
    FetchError
        If a layer does not come, or the network is forbidden and would be needed; the layers that
        were there stay, and the next call goes on where this one ended.
    LayerError, LayerFileError
        If the recipe, the folder or a layer is not as it must be.
    """
    read, rules = read_osm_recipe(recipe), read_osm_grid_recipe()
    of_network, others = _parted(ids)
    grid = grid_features_wanted(of_network, rules)
    layers, roads = read.chosen(others), read.chosen_roads(others)
    if extract is None and offline:
        raise FetchError(
            "layers fetch: the network is forbidden (--offline); name an extract with --from"
        )
    _state_terms(read.source, warn or tell, accepted=accept_licence)
    prepare_folder(folder)
    sources = road_sources(roads) if roads else ()
    asked = [*layers, *sources, *grid]
    address = server or read.source.address
    if extract is not None:
        address = f"{extract.name} (sha256 {file_hash(extract)})"
    found = _features(asked, extract, folder, server or read.source.address, bounds)
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    by_id = {layer.id: layer for layer in layers}
    entries: list[Entry] = []

    def put(layer: OsmLayer | RoadLayer, frame: gpd.GeoDataFrame) -> None:
        entry = _entry(layer, read.source, "vector", address, moment)
        entries.extend(_put_features(folder, entry, frame, accept=accept, tell=tell))

    of_roads: list[gpd.GeoDataFrame] = []
    of_grid: dict[str, gpd.GeoDataFrame] = {}
    # each part is put when its last features are there: answers of the server are kept until then
    for layer_id, frame in found:
        if layer_id in by_id:
            put(by_id[layer_id], frame)
        elif roads is not None and len(of_roads) < len(sources):
            of_roads.append(frame)
            if len(of_roads) == len(sources):
                made = road_layers(of_roads[0], of_roads[1], roads)
                for layer in roads.layer:
                    put(layer, made[layer.id])
        else:
            of_grid[layer_id] = frame
            if len(of_grid) == len(grid):
                entries += put_grid_layers(
                    folder, of_grid, rules, address=address, moment=moment, accept=accept, tell=tell
                )  # fmt: skip
    return entries


def _put_features(
    folder: Path,
    entry: Entry,
    frame: gpd.GeoDataFrame,
    *,
    accept: bool,
    tell: Callable[[str], None],
) -> list[Entry]:
    """Put a layer of features into the folder where there are any, and say so."""
    if frame.empty:
        tell(f"{entry.id}: nothing of the kind; the folder stays without it")
        return []
    put = put_layer(folder, entry, frame, accept=accept)
    tell(f"{entry.id}: {len(frame):,} features")
    return [put]


def _parted(ids: Sequence[str] | None) -> tuple[list[str], list[str] | None]:
    """Return the layers of the power grid among some ids, and the others; None for all."""
    if not ids:
        return [], None
    grid = [name for name in ids if name in GRID_LAYERS]
    return grid, [name for name in ids if name not in GRID_LAYERS]


def _features(
    layers: Sequence[OsmLayer],
    extract: Path | None,
    folder: Path,
    server: str,
    bounds: Bounds | None,
) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Yield the features of layers, of an extract or from a server."""
    if extract is None:
        yield from _asked(layers, folder, server, bounds or Bounds())
    else:
        found = features_from_extract(layers, extract)
        for layer_id in list(found):  # what was put need not be kept
            yield layer_id, found.pop(layer_id)


def _asked(
    layers: Sequence[OsmLayer], folder: Path, address: str, bounds: Bounds
) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Yield the layers as they come; answers are kept until the last one is there."""
    relay = OverpassRelay(address, folder / _ANSWERS, bounds)
    tiles = tiles_of(_land(folder), _TILE_M)
    for layer in layers:
        yield layer.id, features_from_overpass(layer, tiles, relay)
    relay.forget()


def fetch_rasters(  # noqa: PLR0913 - each by its name
    folder: Path,
    source: str,
    ids: Sequence[str] | None = None,
    *,
    tiles: Path | None = None,
    recipe: Path | None = None,
    offline: bool = False,
    accept: bool = False,
    accept_licence: bool = False,
    warn: Callable[[str], None] | None = None,
    bounds: Bounds | None = None,
    lattice: Lattice = NATIONAL,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Entry]:
    """Fetch layers of a raster source into a data folder, by windowed reads of its files.

    Parameters
    ----------
    folder : Path
        A data folder; made with the embedded layers where it is missing.
    source : str
        Name of a packaged recipe.
    ids : sequence of str, optional
        Layers of the recipe; all by default.
    tiles : Path, optional
        GeoTIFFs here: a folder of them, one file, or a ZIP archive; no network is used then.
    recipe : Path, optional
        A recipe of the user's own.
    offline, accept, accept_licence, warn, bounds, tell
        As of :func:`fetch_openstreetmap`.
    lattice : Lattice, optional
        Cells of the layers; the national ones of 250 m by default.

    Returns
    -------
    list of Entry
        What the catalogue now says of the layers.

    Raises
    ------
    FetchError
        If a tile cannot be read, or the network is forbidden and would be needed.
    LayerError, LayerFileError
        If recipe, folder or a layer are not as they must be.
    """
    how = read_raster_recipe(source, recipe)
    known = {layer.id: layer for layer in how.layer}
    must_be_known(list(ids or ()), list(known))
    if tiles is None and offline:
        raise FetchError(
            "layers fetch: the network is forbidden (--offline); name files of the source with --from"
        )
    _state_terms(how.source, warn or tell, accepted=accept_licence)
    prepare_folder(folder)
    land = _land(folder)
    in_degrees = gpd.GeoSeries([land], crs=CRS_EPSG).to_crs(DEGREES_EPSG).iloc[0]
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    entries = []
    with raster_files(how, tiles, in_degrees, folder / _ANSWERS, bounds or Bounds()) as files:
        for layer in known.values():
            if ids and layer.id not in ids:
                continue
            names = files.of(layer)
            values, notes = layer_values(how, layer, names, lattice, land)
            entry = _entry(layer, how.source, "raster", _raster_address(how, tiles, names), moment)
            entries.append(
                put_raster(folder, entry, values, lattice, step=layer.step, accept=accept)
            )
            for line in [*notes, f"{layer.id}: {int(np.isfinite(values).sum()):,} cells"]:
                tell(line)
        files.forget()
    return entries


def _raster_address(how: RasterRecipe, given: Path | None, names: Sequence[str]) -> str:
    """Return where the files of a layer come from, as the catalogue records it."""
    if given is None:
        return how.source.address
    if len(names) == 1 and given.is_file() and given.suffix.lower() != ".zip":
        return f"{how.source.address} ({given.name}, sha256 {file_hash(given)})"
    return f"{how.source.address} ({len(names)} files of {given.name})"


def take_file(  # noqa: PLR0913 - each by its name
    folder: Path,
    recipe: str,
    path: Path,
    *,
    crs: int | None = None,
    accept: bool = False,
    accept_licence: bool = False,
    warn: Callable[[str], None] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Entry:
    """Take a file that was downloaded by hand into a data folder.

    Parameters
    ----------
    folder : Path
        A data folder; made with the embedded layers where it is missing.
    recipe : str
        Name of a packaged recipe, or path of one of the user's own.
    path : Path
        The file.
    crs : int, optional
        EPSG code of a Shapefile that names none, or a wrong one.
    accept : bool
        Whether it may take the place of a much larger layer.
    accept_licence, warn, tell
        As of :func:`fetch_openstreetmap`.

    Returns
    -------
    Entry
        What the catalogue now says of the layer.

    Raises
    ------
    LayerError, LayerFileError
        If recipe, file or folder are not as they must be; nothing is changed then.
    """
    how = read_file_recipe(recipe)
    _state_terms(how.source, warn or tell, accepted=accept_licence)
    if how.confidence != "published":
        (warn or tell)(f"the recipe is {how.confidence}: look at what came before it is relied on")
    prepare_folder(folder)
    layers = open_layers(folder=folder)
    content = read_by_recipe(path, how, _ground(layers, warn or tell), crs)
    before = read_catalogue(folder).entries.get(how.id)
    updated = None
    if how.builder:
        built = BUILDERS[how.builder](content, layers, path.name)
        content = built.content
        updated = before if built.updates else None
        for note in built.notes:
            tell(note)
    moment = datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    address = f"{how.source.address} ({path.name}, sha256 {file_hash(path)})"
    if isinstance(content, np.ndarray):
        entry = _entry(how, how.source, "raster", address, moment)
        put = put_raster(folder, entry, content, NATIONAL, step=_STEP, accept=accept)
        tell(f"{how.id}: {int(np.isfinite(content).sum()):,} cells")
        return put
    kind: LayerKind = "vector" if isinstance(content, gpd.GeoDataFrame) else "table"
    entry = _entry(how, how.source, kind, address, moment)
    if updated is not None:
        entry = _joined(updated, entry)
    content = _as_of_schema(content, how.id, path)
    put = put_layer(folder, entry, content, accept=accept)
    tell(f"{how.id}: {len(content):,} rows")
    return put


def _confidence(layer: OsmLayer | RoadLayer | FileRecipe | RasterLayer, terms: SourceTerms) -> str:
    """Return how far the data can be trusted, as read by a recipe that may have been a guess."""
    of_recipe = getattr(layer, "confidence", "published")
    if of_recipe == "published":
        return terms.confidence
    return f"{of_recipe} reading of {terms.confidence} data"


def _ground(layers: Layers, warn: Callable[[str], None]) -> Ground:
    """Return the land of the provinces and the districts, where features must fall."""
    districts = layers.vector("districts")
    by_code = pd.Series(districts.geometry.to_numpy(), index=districts["district_code"].astype(str))
    codes = DistrictCodes(layers.table("district_codes"))
    land = shapely.union_all(layers.vector("provinces").geometry.to_numpy())
    return Ground(land, DistrictShapes(codes, by_code), warn)


def _as_of_schema(
    content: gpd.GeoDataFrame | pd.DataFrame, layer_id: str, path: Path
) -> gpd.GeoDataFrame | pd.DataFrame:
    """Return a layer of the run with the types that the run reads, in order of its key."""
    schema = SCHEMAS.get(layer_id)
    if schema is None:
        return content
    key = [name for name in schema.key if name in content]  # the check names one that is missing
    content = content.sort_values(key, ignore_index=True) if key else content
    if isinstance(content, gpd.GeoDataFrame):
        return checked_vector(content, layer_id, path)
    return checked_table(content, layer_id, path)


def _joined(before: Entry, entry: Entry) -> Entry:
    """Return the entry of a layer some cells of which were replaced, with both its origins."""
    return replace(
        before, file="", crs=entry.crs, source=f"{before.source}; {entry.source}",
        licence=f"{before.licence}; {entry.licence}", vintage=f"{before.vintage}; {entry.vintage}",
        notice="; ".join(dict.fromkeys(one for one in (before.notice, entry.notice) if one)),
        address=entry.address, fetched=entry.fetched, redistribution=entry.redistribution,
        commercial=entry.commercial,
    )  # fmt: skip


def _state_terms(terms: SourceTerms, warn: Callable[[str], None], *, accepted: bool) -> None:
    """Say the terms of a source before anything of it is taken; see `must_be_accepted`."""
    must_be_accepted(terms, accepted=accepted)
    if terms.warning:
        warn(terms.warning)


def _land(folder: Path) -> shapely.Geometry:
    provinces = open_layers(folder=folder).vector("provinces")
    return shapely.union_all(provinces.geometry.to_numpy())


def _entry(
    layer: OsmLayer | RoadLayer | FileRecipe | RasterLayer,
    terms: SourceTerms,
    kind: LayerKind,
    address: str,
    moment: str,
) -> Entry:
    return Entry(
        id=layer.id, title_ko=layer.title_ko, title_en=layer.title_en, file="", kind=kind,
        crs="" if kind == "table" else "EPSG:5179", unit=getattr(layer, "unit", ""), source=terms.source,
        licence=terms.licence, vintage=moment[:10], confidence=_confidence(layer, terms),
        good_for=layer.good_for, not_good_for=layer.not_good_for, notice=terms.notice, sha256="",
        address=address, fetched=moment, redistribution=terms.redistribution,
        commercial=terms.commercial,
    )  # fmt: skip
