"""Headroom of stations in force: the embedded model estimate, overlaid by the user's own rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import pandas as pd

from siteopt.errors import LayerError

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["overlay_headroom", "station_headroom"]

_KEY: Final = ["station_id", "voltage_kv"]
_COLUMNS: Final = [*_KEY, "headroom_mw", "year", "method", "confidence"]


class LayersLike(Protocol):
    """The layers of a run, as far as headroom asks for them."""

    def table(self, layer_id: str) -> pd.DataFrame:
        """Return a table: the user's where there is one."""
        ...

    def embedded(self, layer_id: str) -> pd.DataFrame:
        """Return the embedded table in any case."""
        ...

    def replaced(self, layer_id: str) -> bool:
        """Return whether the user's file stands in for an embedded layer."""
        ...

    def vector(self, layer_id: str) -> gpd.GeoDataFrame:
        """Return features in EPSG:5179."""
        ...


def station_headroom(layers: LayersLike, year: int | None = None) -> pd.DataFrame:
    """Return the headroom of every station and voltage level.

    Without a table of the user's this is the embedded model estimate. With one (``headroom``
    under ``[layers]`` of the scenario) each of its rows replaces the embedded row of the same
    station and voltage; all other rows stay.

    Parameters
    ----------
    layers : Layers
        Layers of the run.
    year : int, optional
        Rows of later years do not count yet; all count by default.

    Returns
    -------
    DataFrame
        ``station_id, voltage_kv, headroom_mw, year, method, confidence``, one row a station and
        voltage, in this order; ``confidence`` is ``model`` or ``user``.

    Raises
    ------
    LayerError
        If a row of the user's names a station that the ``stations`` layer does not hold.
    """
    table = layers.table("headroom")
    if not layers.replaced("headroom"):
        return table[_COLUMNS].sort_values(_KEY, ignore_index=True)
    stations = set(layers.vector("stations")["station_id"].astype(str))
    unknown = ~table["station_id"].astype(str).isin(stations)
    if unknown.any():
        row = int(unknown.to_numpy().argmax())
        raise LayerError(
            f"headroom: row {row + 2}: station_id {table['station_id'].iloc[row]} is not in the "
            "stations layer; use its ids (see `siteopt layers list`)"
        )
    return overlay_headroom(layers.embedded("headroom"), table, year)


def overlay_headroom(
    embedded: pd.DataFrame, own: pd.DataFrame, year: int | None = None
) -> pd.DataFrame:
    """Return embedded rows with the user's in their place; of several years the last that counts.

    Parameters
    ----------
    embedded, own : DataFrame
        ``station_id, voltage_kv, headroom_mw, year``; embedded also ``method, confidence``.
    year : int, optional
        Rows of ``own`` of later years are left out.

    Returns
    -------
    DataFrame
        Columns and order as :func:`station_headroom`.
    """
    counted = own if year is None else own[own["year"] <= year]
    latest = counted.sort_values("year", kind="stable").drop_duplicates(_KEY, keep="last")
    latest = latest.assign(method="user's table", confidence="user")
    both = pd.concat([embedded[_COLUMNS], latest[_COLUMNS]], ignore_index=True)
    both["voltage_kv"] = both["voltage_kv"].astype(float)
    return both.drop_duplicates(_KEY, keep="last").sort_values(_KEY, ignore_index=True)
