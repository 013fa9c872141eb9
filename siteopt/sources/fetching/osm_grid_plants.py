"""Power plants of OpenStreetMap in the form of the layer ``power_plants``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from siteopt.lattice import DEGREES_EPSG
from siteopt.sources._romanise import romanise
from siteopt.sources.fetching.grid_ids import nearest_pairs
from siteopt.sources.fetching.grid_places import places_by_layers
from siteopt.sources.fetching.osm_grid_tags import output_mw, plain_name
from siteopt.sources.land import slug

if TYPE_CHECKING:
    import geopandas as gpd

    from siteopt.layers.protocols import LayersLike
    from siteopt.sources.fetching.osm_grid_recipe import OsmGridRecipe

__all__ = ["plants_of_features"]

_COLUMNS: Final = (
    "plant_id", "name_ko", "name_en", "place_ko", "fuel", "mw", "lon", "lat", "status", "confidence",
)  # fmt: skip
_DECIMALS: Final = 5
_CONFIDENCE: Final = "OpenStreetMap: MW and place as mapped (compiled-medium)"
_PUMPED: Final = "water-pumped-storage"


def plants_of_features(
    features: gpd.GeoDataFrame, recipe: OsmGridRecipe, layers: LayersLike
) -> tuple[pd.DataFrame, list[str]]:
    """Return plants, and units that stand in none, of the recipe's least output and more.

    Parameters
    ----------
    features : GeoDataFrame
        EPSG:5179 areas and points of the recipe's ``generation``.
    recipe : OsmGridRecipe
        Fuels, least output, and how near a plant is the same one.
    layers : LayersLike
        Of the data folder: districts and names of places, and the plants that keep their ids.

    Returns
    -------
    plants : DataFrame
        Columns of the layer ``power_plants``, in order of ``plant_id``.
    notes : list of str
        What was left out.
    """
    is_plant = features["power"] == "plant"
    areas = features[is_plant & (features.geometry.area > 0)].geometry.to_numpy()
    middle = features.geometry.centroid
    inside = np.zeros(len(features), dtype=bool)
    if len(areas):
        hits = shapely.STRtree(areas).query(middle.to_numpy(), predicate="intersects")
        inside[hits[0]] = True
    single = ~is_plant & ~inside  # a unit of a mapped plant is counted by the plant
    by_tag = ("output_electricity", "source")
    output, source = (
        features[f"plant_{tag}"].where(is_plant, features[f"generator_{tag}"]) for tag in by_tag
    )
    mw = output.map(output_mw).astype(float)
    taken = (is_plant | single) & (mw >= recipe.plants.least_mw) & source.notna()
    notes = []
    unknown = int((is_plant & (mw.isna() | source.isna())).sum())
    if unknown:
        notes.append(f"{unknown:,} plants without a mapped output or source are left out")
    chosen = features[taken].reset_index(drop=True)
    points = middle[taken].reset_index(drop=True)
    if chosen.empty:
        return pd.DataFrame(columns=list(_COLUMNS)), notes
    places = places_by_layers(points.to_numpy(), layers)
    degrees = points.to_crs(DEGREES_EPSG)
    name = (chosen["name_ko"].fillna(chosen["name"])).map(lambda text: plain_name(text, recipe.names.prefixes))  # fmt: skip
    name = name.where(name != "", places["place_ko"])
    english = chosen["name_en"].map(lambda text: plain_name(text, ()))
    english = english.where(english != "", name.map(romanise))
    fuel = source[taken].reset_index(drop=True).str.split(";").str[0].str.strip()
    fuel = fuel.map(lambda tag: recipe.plants.fuels.get(tag, tag))
    fuel = fuel.mask(chosen["plant_method"] == _PUMPED, "psh")
    table = pd.DataFrame(
        {"name_ko": name, "name_en": english, "place_ko": places["place_ko"], "fuel": fuel,
         "mw": mw[taken].to_numpy(), "lon": degrees.x.round(_DECIMALS),
         "lat": degrees.y.round(_DECIMALS), "status": None, "confidence": _CONFIDENCE}
    )  # fmt: skip
    table.insert(0, "plant_id", _ids(table, points, layers, recipe.plants.same_plant_m))
    return table[list(_COLUMNS)].sort_values("plant_id", ignore_index=True), notes


def _ids(
    table: pd.DataFrame, points: gpd.GeoSeries, layers: LayersLike, reach_m: float
) -> list[str]:
    """Return the id of the plant of the same fuel that is near, else one of the English name."""
    known = layers.vector("power_plants").sort_values("plant_id", ignore_index=True)
    found: dict[int, str] = {}
    for fuel in sorted(set(table["fuel"])):
        rows = np.flatnonzero(table["fuel"] == fuel)
        among = np.flatnonzero(known["fuel"] == fuel)
        xy = (shapely.get_coordinates(points.to_numpy()[rows]), shapely.get_coordinates(known.geometry.to_numpy()[among]))  # fmt: skip
        for i, j in nearest_pairs(*xy, reach_m):
            found[int(rows[i])] = str(known["plant_id"].iloc[among[j]])
    used = set(known["plant_id"].astype(str))
    out = []
    for row, name in enumerate(table["name_en"]):
        base = slug(name) or "plant"
        number, candidate = 1, base
        if row not in found:
            while candidate in used:
                number += 1
                candidate = f"{base}-{number}"
            used.add(candidate)
        out.append(found.get(row, candidate))
    return out
