"""Layers that hang on stations or on the grid case, made anew for a data folder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.errors import LayerError
from siteopt.grid.case import case_of_layers
from siteopt.layers.schemas import PARAMETER_TABLES
from siteopt.sources._built import write_csv
from siteopt.sources._substations import AC_KV
from siteopt.sources.fetching.grid_places import places_by_layers
from siteopt.sources.headroom import grid_assumptions, headroom_table, write_headroom
from siteopt.sources.kepco_tables import match_names
from siteopt.sources.new_stations import new_station_table
from siteopt.sources.station_coverage import coverage

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from siteopt.layers.catalogue import Entry
    from siteopt.layers.store import Layers

__all__ = ["levels_of_layer", "station_dependents", "write_headroom_of"]

_NOT_THERE: Final = "no station of this name"
_OF_CASE: Final = ("case_buses", "case_branches", "case_generators", "case_dc_lines")
_HEADROOM_NEEDS: Final = (*_OF_CASE, "hosting", "snapshots", "snapshot_buses")
_HEADROOM_SOURCE: Final = (
    "Computed by siteopt from the stations and the grid case of this folder (method: "
    "siteopt.sources.headroom)"
)


def levels_of_layer(stations: gpd.GeoDataFrame, headroom: pd.DataFrame | None) -> gpd.GeoDataFrame:
    """Return stations with ``level_154`` .. ``level_765``, which the layer itself does not hold.

    A station has a level where circuits of it arrive, where it is its highest, or where the layer
    ``headroom`` has a row of it.

    Parameters
    ----------
    stations : GeoDataFrame
        Layer ``stations``.
    headroom : DataFrame, optional
        Layer ``headroom`` of the same stations.
    """
    out = stations.copy()
    for kv in AC_KV:
        has = (out[f"circuits_{kv}"] > 0) | np.isclose(out["voltage_max_kv"].astype(float), kv)
        if headroom is not None:
            rows = headroom[np.isclose(headroom["voltage_kv"].astype(float), kv)]
            has |= out["station_id"].isin(rows["station_id"])
        out[f"level_{kv}"] = has
    return out


def write_headroom_of(
    layers: Layers, stations: gpd.GeoDataFrame, lines: pd.DataFrame, path: Path
) -> None:
    """Write the layer ``headroom`` of stations on the grid case of a data folder.

    Parameters
    ----------
    layers : Layers
        The grid case, its snapshots and hosting, and the assumptions ``grid_*``.
    stations : GeoDataFrame
        EPSG:5179, with ``level_154`` .. ``level_765``.
    lines : DataFrame
        Layer ``lines``.
    path : Path
        File to write.

    Raises
    ------
    LayerError
        If a layer or assumption is missing, or the layers are of different cases.
    """
    tables = [layers.table(name) for name in PARAMETER_TABLES if name in layers.ids]
    values = pd.concat([table.set_index("key")["value"] for table in tables])
    case = case_of_layers(layers)
    hosting, snapshots, hours = (
        layers.table(name) for name in ("hosting", "snapshots", "snapshot_buses")
    )
    ids = set(case.buses["bus_id"].astype(str))
    for name, table in (("hosting", hosting), ("snapshot_buses", hours)):
        other = set(table["bus_id"].astype(str))
        if other != ids:
            raise LayerError(
                f"headroom: {name} is of another grid case than case_buses (bus "
                f"{min(other ^ ids)}); both must come from one case"
            )
    known = grid_assumptions(values)
    table = headroom_table(stations, lines, case, hosting, snapshots, hours, known)
    write_headroom(table, path)


def station_dependents(
    layers: Layers, stations: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, part: Path
) -> tuple[list[Entry], list[str]]:
    """Write the layers that hang on stations and lines, made of new ones.

    Parameters
    ----------
    layers : Layers
        Of the data folder; its own stations do not count.
    stations, lines : GeoDataFrame
        The new network, EPSG:5179; stations with ``level_154`` .. ``level_765``.
    part : Path
        Folder to write into; it holds ``stations.csv`` and ``lines.geojson`` already.

    Returns
    -------
    entries : list of Entry
        Of the catalogue, ``file`` being the name in ``part``.
    notes : list of str
        What could not be made.
    """
    entries, notes = [], []
    there = set(layers.ids)
    lacking = [name for name in _HEADROOM_NEEDS if name not in there]
    if lacking:
        notes.append(f"headroom is not made anew: the folder has no {', '.join(lacking)}")
    elif "headroom" in there:
        write_headroom_of(layers, stations, pd.DataFrame(lines), part / "headroom.csv")
        entries.append(replace(_entry(layers, "headroom"), source=_HEADROOM_SOURCE))
    if "new_stations" in there:
        known = {
            key: layers.parameters.value(key)
            for key in ("works_station345_spacing_km", "works_station345_clear_km")
        }
        table = new_station_table(
            pd.DataFrame(stations.drop(columns="geometry")), lines, known,
            lambda points: places_by_layers(points, layers),
        )  # fmt: skip
        if len(table):
            write_csv(table, part / "new_stations.csv", "station_id", {"lon": 5, "lat": 5})
            entries.append(_entry(layers, "new_stations"))
    if "generation_headroom" in there:
        table = _with_stations(layers.table("generation_headroom"), stations)
        write_csv(table, part / "generation_headroom.csv", "kepco_code")
        entries.append(_entry(layers, "generation_headroom"))
    if "station_coverage" in there:
        counted = layers.table("station_coverage")
        kepco = counted[counted["area"] == "KR"].set_index("voltage")["kepco"]
        table = coverage(stations, {}, kepco)
        write_csv(table, part / "station_coverage.csv", ["area", "voltage"])
        entries.append(_entry(layers, "station_coverage"))
    return entries, notes


def _entry(layers: Layers, layer_id: str) -> Entry:
    entry = layers.entry(layer_id)
    return replace(entry, file=f"{layer_id}.csv")


def _with_stations(table: pd.DataFrame, stations: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return KEPCO's rows with a station of the new network where theirs is there no more.

    Rows that were found to be far from the station of their name, or to be of several, stay so:
    the layer does not hold their places.
    """
    gone = table["station_id"].notna() & ~table["station_id"].isin(stations["station_id"])
    gone |= table["match_rule"] == _NOT_THERE
    if not gone.any():
        return table
    names = table.loc[gone, ["name_ko"]].assign(lon=np.nan, lat=np.nan)
    found = match_names(names, stations)
    out = table.copy()
    out.loc[gone, "station_id"] = found["station_id"]
    out.loc[gone, "match_rule"] = found["match_rule"]
    return out
