"""Places of grid nodes by the layers of a data folder: codes, and names in Korean and English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from siteopt.layers.gazetteer import gazetteer_of
from siteopt.sources._grid_names import nearest_polygon, place_names
from siteopt.sources._romanise import romanise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.layers.gazetteer import Gazetteer
    from siteopt.layers.protocols import LayersLike

__all__ = ["districts_of", "places_by_layers"]

_SUFFIXES: Final = ("읍", "면", "동", "가", "리")


def districts_of(points: NDArray[np.object_], layers: LayersLike) -> pd.DataFrame:
    """Return the district that holds, or lies nearest to, each point.

    Parameters
    ----------
    points : ndarray of Point
        EPSG:5179.
    layers : LayersLike
        With ``districts``.

    Returns
    -------
    DataFrame
        Columns of the layer, a row a point.
    """
    districts = layers.vector("districts").sort_values("district_code").reset_index(drop=True)
    at = districts.iloc[nearest_polygon(points, districts)].reset_index(drop=True)
    return pd.DataFrame(at.drop(columns="geometry"))


def places_by_layers(points: NDArray[np.object_], layers: LayersLike) -> pd.DataFrame:
    """Return codes and names of the place of each point.

    Parameters
    ----------
    points : ndarray of Point
        EPSG:5179.
    layers : LayersLike
        With ``districts`` and ``provinces``, and for names of towns ``gazetteer`` and
        ``eupmyeondong``.

    Returns
    -------
    DataFrame
        ``province_code, district_code, place_ko, place_en``, one row a point.
    """
    at = districts_of(points, layers)
    provinces = layers.vector("provinces").set_index("province_code")
    provinces.index = provinces.index.astype(str)
    gazetteer = gazetteer_of(layers)
    towns = [""] * len(points) if gazetteer is None else _towns(points, gazetteer)
    korean = pd.Series(towns, dtype=str)
    english = korean.map(_in_english)
    out = place_names(at, korean, english, provinces)
    return out.assign(
        place_ko=out["place_ko"].str.strip(), place_en=out["place_en"].str.removeprefix(", ")
    )


def _towns(points: NDArray[np.object_], gazetteer: Gazetteer) -> list[str]:
    """Return the eup, myeon or dong of each point; where its cell has none, the nearest one."""
    xy = shapely.get_coordinates(points)
    frame = gazetteer.lattice
    rows, cols = np.nonzero(gazetteer.cells)
    x, y = frame.centres_m(rows, cols)
    tree = None
    names = []
    for east, north in xy.tolist():
        area = gazetteer.area_at(east, north)
        if area is None:
            tree = cKDTree(np.column_stack([x, y])) if tree is None else tree
            at = int(tree.query((east, north))[1])
            area = int(gazetteer.cells[rows[at], cols[at]]) - 1
        names.append(gazetteer.areas[area].name)
    return names


def _in_english(town: str) -> str:
    """Return the name of a town in Latin letters, its kind after a hyphen."""
    if len(town) > 1 and town.endswith(_SUFFIXES):
        return f"{romanise(town[:-1])}-{romanise(town[-1]).lower()}"
    return romanise(town)
