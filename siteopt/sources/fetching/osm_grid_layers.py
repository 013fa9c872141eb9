"""The grid layers of OpenStreetMap put into a data folder, with the layers that hang on them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from siteopt._temporary import temporary_folder
from siteopt.lattice import CRS_EPSG
from siteopt.layers import open_layers
from siteopt.layers.catalogue import Entry
from siteopt.sources._write import write_csv
from siteopt.sources.fetching.data_folder import put_files
from siteopt.sources.fetching.grid_dependents import station_dependents
from siteopt.sources.fetching.osm_grid import network_of_features
from siteopt.sources.fetching.osm_grid_plants import plants_of_features
from siteopt.sources.grid_network import write_network

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from siteopt.layers.store import Layers
    from siteopt.sources.fetching.osm_grid_recipe import OsmGridRecipe
    from siteopt.sources.fetching.recipes import OsmLayer

__all__ = ["GRID_LAYERS", "grid_features_wanted", "put_grid_layers"]

GRID_LAYERS: Final = ("stations", "lines", "power_plants")
"""Layers that are made of features of the power grid, not taken as they are mapped."""
_NETWORK: Final = ("stations", "lines")
_FILES: Final = {
    "stations": "stations.csv",
    "lines": "lines.geojson",
    "power_plants": "power_plants.csv",
}


def grid_features_wanted(ids: Sequence[str], recipe: OsmGridRecipe) -> list[OsmLayer]:
    """Return the features that some grid layers are made of.

    Parameters
    ----------
    ids : sequence of str
        Of :data:`GRID_LAYERS`.
    recipe : OsmGridRecipe
        Of the power grid.
    """
    network = [recipe.substations, recipe.ways] if set(ids) & set(_NETWORK) else []
    return [*network, *([recipe.generation] if "power_plants" in ids else [])]


def put_grid_layers(  # noqa: PLR0913 - each by its name
    folder: Path,
    features: Mapping[str, gpd.GeoDataFrame],
    recipe: OsmGridRecipe,
    *,
    address: str,
    moment: str,
    accept: bool,
    tell: Callable[[str], None],
) -> list[Entry]:
    """Make grid layers of features and put them into a data folder: all of them, or none.

    Parameters
    ----------
    folder : Path
        A data folder.
    features : mapping of str to GeoDataFrame
        By id of :func:`grid_features_wanted`, EPSG:5179.
    recipe : OsmGridRecipe
        Of the power grid.
    address, moment : str
        Where the features came from, and when (UTC, ISO 8601).
    accept : bool
        Whether a layer may also take the place of a much larger one.
    tell : callable
        Called with each line to be said.

    Returns
    -------
    list of Entry
        What the catalogue now says of the layers, those that hang on them included.

    Raises
    ------
    FetchError, LayerError
        If the features make no network, or a layer lost most of what it had; nothing is changed.
    """
    layers = open_layers(folder=folder)
    with temporary_folder() as part:
        entries: list[Entry] = []
        if recipe.ways.id in features:
            found = network_of_features(
                features[recipe.substations.id], features[recipe.ways.id], recipe, layers,
                _known_stations(layers),
            )  # fmt: skip
            write_network(found.stations, found.lines, part)
            entries += [_entry(name, recipe, address, moment) for name in _NETWORK]
            derived, notes = station_dependents(layers, found.stations, found.lines, part)
            entries += [
                replace(
                    entry, address=address, fetched=moment,
                    redistribution=recipe.source.redistribution, commercial=recipe.source.commercial,
                )
                for entry in derived
            ]  # fmt: skip
            for note in [*found.notes, *notes]:
                tell(note)
        if recipe.generation.id in features:
            plants, notes = plants_of_features(features[recipe.generation.id], recipe, layers)
            for note in notes:
                tell(note)
            if len(plants):
                write_csv(plants, part / _FILES["power_plants"], "plant_id")
                entries.append(_entry("power_plants", recipe, address, moment))
            else:
                tell("power_plants: nothing of the kind; the folder keeps what it has")
        put = put_files(folder, part, entries, accept=accept)
    now = open_layers(folder=folder)
    for entry in put:
        rows = now.vector(entry.id) if entry.kind == "vector" else now.table(entry.id)
        tell(f"{entry.id}: {len(rows):,} rows")
    return put


def _known_stations(layers: Layers) -> gpd.GeoDataFrame:
    """Return the stations whose ids are kept: those of the folder, then embedded ones beside them."""
    here, embedded = layers.vector("stations"), open_layers().vector("stations")
    more = embedded[~embedded["station_id"].isin(here["station_id"])]
    both = pd.concat([here, more], ignore_index=True)
    return gpd.GeoDataFrame(both, geometry="geometry", crs=CRS_EPSG)


def _entry(layer_id: str, recipe: OsmGridRecipe, address: str, moment: str) -> Entry:
    text = recipe.layer[layer_id]  # type: ignore[index]
    terms = recipe.source
    return Entry(
        id=layer_id, title_ko=text.title_ko, title_en=text.title_en, file=_FILES[layer_id],
        kind="vector", crs="EPSG:4326", unit=text.unit, source=terms.source, licence=terms.licence,
        vintage=moment[:10], confidence=text.confidence, good_for=text.good_for,
        not_good_for=text.not_good_for, notice=terms.notice, sha256="", address=address,
        fetched=moment, redistribution=terms.redistribution, commercial=terms.commercial,
    )  # fmt: skip
