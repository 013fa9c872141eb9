"""Headroom of stations in force: the embedded model estimate, overlaid by the user's own rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import pandas as pd

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

__all__ = ["headroom_by_year", "overlay_headroom", "station_headroom"]

_KEY: Final = ["station_id", "voltage_kv"]
_OPTIONAL: Final = ["injection_mw", "bus_id", "bus_rule"]
_COLUMNS: Final = [
    *_KEY, "headroom_mw", "injection_mw", "year", "method", "confidence", "injection_confidence",
    "bus_id", "bus_rule",
]  # fmt: skip
_MODEL: Final = "model"
_USER: Final = "user"
_UNKNOWN: Final = "unknown"


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
    """Return the headroom of every station and voltage level, for load and for generation.

    Without a table of the user's this is the embedded model estimate. With one (``headroom``
    under ``[layers]`` of the scenario) each of its rows replaces the embedded row of the same
    station and voltage; all other rows stay. ``injection_mw`` of a row is replaced where the
    user's table gives it, and stays the estimate where it does not.

    Parameters
    ----------
    layers : Layers
        Layers of the run.
    year : int, optional
        Rows of later years do not count yet; all count by default.

    Returns
    -------
    DataFrame
        ``station_id, voltage_kv, headroom_mw, injection_mw, year, method, confidence,
        injection_confidence, bus_id, bus_rule``, one row a station and voltage, in this order.
        ``headroom_mw`` is what further load can draw, ``injection_mw`` what new generation can
        feed in (NaN: not known). The confidences are ``model``, ``user`` or, where no
        figure is known, ``unknown``; ``bus_id`` is the
        case bus that serves the station (missing on Jeju and where a row is the user's alone).

    Raises
    ------
    LayerError
        If a row of the user's names a station that the ``stations`` layer does not hold.
    """
    table = layers.table("headroom")
    if not layers.replaced("headroom"):
        return _estimate(table)[_COLUMNS].sort_values(_KEY, ignore_index=True)
    stations = set(layers.vector("stations")["station_id"].astype(str))
    unknown = ~table["station_id"].astype(str).isin(stations)
    if unknown.any():
        row = int(unknown.to_numpy().argmax())
        raise LayerError(
            f"headroom: row {row + 2}: station_id {table['station_id'].iloc[row]} is not in the "
            "stations layer; use its ids (see `siteopt layers list`)"
        )
    return overlay_headroom(layers.embedded("headroom"), table, year)


def headroom_by_year(layers: LayersLike, years: Sequence[int]) -> pd.DataFrame:
    """Return the headroom of every station and voltage level in each of several years.

    Parameters
    ----------
    layers : Layers
        Layers of the run.
    years : sequence of int
        Years that are planned, rising.

    Returns
    -------
    DataFrame
        Columns of :func:`station_headroom`. ``year`` is that from which a row holds: the first
        one for what is there at the start, then the year of each change. Only rows that change
        something are there, sorted by station, voltage and year.

    Raises
    ------
    LayerError
        As :func:`station_headroom`.
    """
    tables = [station_headroom(layers, year).assign(year=year) for year in years]
    table = pd.concat(tables, ignore_index=True)
    table = table.sort_values([*_KEY, "year"], kind="stable", ignore_index=True)
    said = table.drop(columns="year")
    before = said.groupby(_KEY, sort=False).shift()
    there = [name for name in said.columns if name not in _KEY]
    same = (said[there] == before[there]) | (said[there].isna() & before[there].isna())
    first = ~table.duplicated(_KEY)
    return table[first | ~same.all(axis=1)].reset_index(drop=True)[_COLUMNS]


def _estimate(table: pd.DataFrame) -> pd.DataFrame:
    """Return the embedded rows with every column there is; what it lacks is not known."""
    out = table.reindex(columns=list(dict.fromkeys([*table.columns, *_OPTIONAL])))
    out["injection_mw"] = pd.to_numeric(out["injection_mw"], errors="coerce").astype(float)
    known = out["injection_mw"].notna()
    out["injection_confidence"] = known.map({True: _MODEL, False: _UNKNOWN})
    return out


def overlay_headroom(
    embedded: pd.DataFrame, own: pd.DataFrame, year: int | None = None
) -> pd.DataFrame:
    """Return embedded rows with the user's in their place; of several years the last that counts.

    Parameters
    ----------
    embedded, own : DataFrame
        ``station_id, voltage_kv, headroom_mw, year``; embedded also ``method, confidence``. Both
        may hold ``injection_mw``, embedded also ``bus_id, bus_rule``.
    year : int, optional
        Rows of ``own`` of later years are left out.

    Returns
    -------
    DataFrame
        Columns and order as :func:`station_headroom`.
    """
    below = _estimate(embedded).astype({"voltage_kv": float}).set_index(_KEY)
    counted = own if year is None else own[own["year"] <= year]
    latest = counted.sort_values("year", kind="stable").drop_duplicates(_KEY, keep="last")
    above = latest.astype({"voltage_kv": float}).set_index(_KEY)
    out = below.reindex(below.index.union(above.index))
    given = above.assign(method="user's table", confidence=_USER)
    out.loc[above.index, ["headroom_mw", "year", "method", "confidence"]] = given[
        ["headroom_mw", "year", "method", "confidence"]
    ]
    if "injection_mw" in above:
        feeds = above["injection_mw"].dropna()
        out.loc[feeds.index, "injection_mw"] = feeds
        out.loc[feeds.index, "injection_confidence"] = _USER
    out["injection_confidence"] = out["injection_confidence"].fillna(_UNKNOWN)
    out["year"] = out["year"].astype(int)
    return out.reset_index()[_COLUMNS].sort_values(_KEY, ignore_index=True)
