"""Kind of each network node, with its rule and confidence.

A name decides first (:func:`siteopt.sources._substations.kind_of_name`). A node without a name is

- a ``plant`` where it has 345 kV or more and stands within 2.5 km of a large thermal, nuclear or
  pumped-storage plant (whose positions are good to 2 km), or where a single line of 154 kV and at
  most two circuits ends within 5 km of a wind farm of 20 MW or more: its private collector (smaller
  farms feed in at 22.9 kV);
- a ``tap`` where an overhead line and a cable of one voltage meet (a cable head), or where lines
  branch and no station is mapped;
- a ``line end`` where one line ends and no station is mapped;
- ``unknown`` else: the map has a substation of its voltage there and says no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from siteopt.lattice import CRS_EPSG

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = [
    "kinds", "large_plant_places", "read_large_plants", "read_wind_farms", "wind_farm_places",
]  # fmt: skip

_PLANT_M: Final = 2_500.0
_FARM_M: Final = 5_000.0
_STRONG_KV: Final = 345
_COLLECTOR_KV: Final = 154
_COLLECTOR_CIRCUITS: Final = 2
_COLLECTOR_MW: Final = 20.0
_FUELS: Final = ("coal", "lng", "nuclear", "psh")


def read_wind_farms(sources: Path) -> NDArray[np.float64]:
    """Return x and y (EPSG:5179) of the wind farms of 20 MW and more of the Korea Energy Agency."""
    table = pd.read_csv(sources / "power_plants" / "wind_farms_kea_2025-12.csv")
    return wind_farm_places(table)


def wind_farm_places(table: pd.DataFrame) -> NDArray[np.float64]:
    """Return x and y (EPSG:5179) of the farms of 20 MW and more of a table ``mw, lon, lat``."""
    return _xy(table[table["mw"] >= _COLLECTOR_MW])


def read_large_plants(facts: Path) -> NDArray[np.float64]:
    """Return x and y (EPSG:5179) of large thermal, nuclear and pumped-storage plants."""
    table = pd.read_csv(facts / "power_plants.csv")
    return large_plant_places(table, "type")


def large_plant_places(table: pd.DataFrame, fuel: str) -> NDArray[np.float64]:
    """Return x and y (EPSG:5179) of thermal, nuclear and pumped-storage plants of a table.

    Parameters
    ----------
    table : DataFrame
        ``lon``, ``lat`` in degrees, and the fuel.
    fuel : str
        Column of the fuel.
    """
    return _xy(table[table[fuel].str.lower().isin(_FUELS)])


def _xy(table: pd.DataFrame) -> NDArray[np.float64]:
    placed = table.dropna(subset=["lon", "lat"])
    at = gpd.GeoSeries.from_xy(placed["lon"], placed["lat"], crs=4326).to_crs(CRS_EPSG)
    return np.column_stack([at.x, at.y]).astype(np.float64)


def _near(xy: NDArray[np.float64], points: NDArray[np.float64], reach_m: float) -> pd.Series:
    """Return whether a point lies within reach of each place."""
    if len(points) == 0 or len(xy) == 0:
        return pd.Series(data=False, index=range(len(xy)))
    return pd.Series(cKDTree(points).query(xy)[0] <= reach_m)


def kinds(
    nodes: gpd.GeoDataFrame,
    farms_m: NDArray[np.float64],
    plants_m: NDArray[np.float64],
) -> pd.DataFrame:
    """Return ``kind, kind_rule, kind_confidence`` of the nodes of the network.

    Parameters
    ----------
    nodes : GeoDataFrame
        EPSG:5179 points: ``real`` (a station of the map, not a junction), ``kind`` and
        ``kind_rule`` by name, ``voltage_max_kv``, ``n_lines``, ``n_circuits`` (of all lines that
        end there), ``cable_head`` (overhead line and cable of one voltage meet), ``line_join``.
    farms_m, plants_m : ndarray, shape (n, 2)
        Wind farms and large plants.
    """
    table = nodes.reset_index(drop=True)
    xy = np.column_stack([table.geometry.x, table.geometry.y]).astype(np.float64)
    bare = ~table["real"] | (table["kind"] == "unknown")
    single = (table["n_lines"] == 1) & (table["n_circuits"] <= _COLLECTOR_CIRCUITS)
    at_plant = bare & (table["voltage_max_kv"] >= _STRONG_KV) & _near(xy, plants_m, _PLANT_M)
    single &= table["voltage_max_kv"] == _COLLECTOR_KV
    at_farm = bare & single & _near(xy, farms_m, _FARM_M)
    rules = [
        (at_plant, "plant", "beside a large power plant (within 2.5 km)", "compiled-medium"),
        (at_farm, "plant", "wind farm collector: a single dead end within 5 km of a wind farm",
         "compiled-low"),
        (bare & table["real"] & table["cable_head"], "tap",
         "cable head: overhead line and cable meet, no name", "compiled-medium"),
        (bare & table["real"], "unknown", "substation of the map without a name", "compiled-low"),
        (bare & (table["n_lines"] == 1), "line end", "a line ends and no station is mapped",
         "compiled-medium"),
        (bare, "tap", "lines meet and no station is mapped", "compiled-medium"),
    ]  # fmt: skip
    named_sure = (table["line_join"] == "line end") & (table["kind"] == "substation")
    where = [rule[0] for rule in rules]
    return pd.DataFrame(
        {
            "kind": np.select(where, [rule[1] for rule in rules], table["kind"]),
            "kind_rule": np.select(where, [rule[2] for rule in rules], table["kind_rule"]),
            "kind_confidence": np.select(
                where, [rule[3] for rule in rules],
                np.where(named_sure, "compiled-high", "compiled-medium"),
            ),
        }
    )  # fmt: skip
