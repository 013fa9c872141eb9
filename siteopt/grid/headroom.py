"""Headroom in force of stations: the user's, else published caps on the model's estimate.

Four sources, each ruling over the one before: the model's estimate (``headroom`` layer), what
KEPCO publishes by district (``supply_headroom``, see :mod:`siteopt.grid.published`) and by station
(``station_headroom``, where a data folder has it), and the user's own table, row by row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt.errors import LayerError
from siteopt.grid.published import with_published_caps, with_published_injection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt.layers.protocols import LayersLike

__all__ = ["headroom_by_year", "overlay_headroom", "station_headroom"]

_KEY: Final = ["station_id", "voltage_kv"]
_OPTIONAL: Final = ["injection_mw", "bus_id", "bus_rule", "estimate_mw", "published_mw", "area_id"]
_COLUMNS: Final = [
    *_KEY, "headroom_mw", "injection_mw", "year", "method", "confidence", "injection_confidence",
    "bus_id", "bus_rule", "estimate_mw", "published_mw", "area_id",
]  # fmt: skip
_MODEL: Final = "model"
_USER: Final = "user"
_UNKNOWN: Final = "unknown"
_BY_STATION: Final = "station_headroom"
_BY_STATION_CONFIDENCE: Final = "published"


def station_headroom(layers: LayersLike, year: int | None = None) -> pd.DataFrame:
    """Return the headroom of every station and voltage level, for load and for generation.

    Load: what KEPCO publishes for the station's district where it does, else the model's
    estimate; each row of a table of the user's (``headroom`` under ``[layers]`` of the scenario)
    replaces the row of the same station and voltage. ``injection_mw`` of a row is replaced where
    the user's table gives it, and stays what it is where it does not.

    Parameters
    ----------
    layers : Layers
        Layers of the run.
    year : int, optional
        Rows of the user's of later years do not count yet; all count by default.

    Returns
    -------
    DataFrame
        ``station_id, voltage_kv, headroom_mw, injection_mw, year, method, confidence,
        injection_confidence, bus_id, bus_rule, estimate_mw, published_mw, area_id``, one row a
        station and voltage, in this order. ``headroom_mw`` is what further load can draw, ``injection_mw``
        what new generation can feed in (NaN: not known). ``confidence`` is ``published-cap``,
        ``published-zero``, ``published`` (of the station itself), ``model`` or ``user``, that of injection ``model``, ``user`` or, where
        no figure is known, ``unknown``; ``bus_id`` is the case bus that serves the station
        (missing on Jeju and where a row is the user's alone). ``estimate_mw`` and
        ``published_mw`` are what the figure in force can be compared with; ``area_id`` are the
        districts whose one largest station a published figure is.

    Raises
    ------
    LayerError
        If a row of the user's names a station that the ``stations`` layer does not hold.
    """
    table = layers.table("headroom")
    below = _estimate(layers.embedded("headroom"))
    there = set(layers.vector("stations")["station_id"].astype(str))
    below = below[below["station_id"].astype(str).isin(there)]  # stations may be the user's own
    below = with_published_caps(below, layers)
    below = with_published_injection(below, layers, year)
    if _BY_STATION in layers.ids:
        by_station = layers.table(_BY_STATION)
        _must_be_stations(by_station, there, _BY_STATION)
        below = overlay_headroom(
            below, by_station, year, method="KEPCO: station", confidence=_BY_STATION_CONFIDENCE
        )
    if not layers.replaced("headroom"):
        return below[_COLUMNS].sort_values(_KEY, ignore_index=True)
    _must_be_stations(table, there, "headroom")
    return overlay_headroom(below, table, year)


def _must_be_stations(table: pd.DataFrame, there: set[str], layer_id: str) -> None:
    """Raise LayerError with the first row whose station the ``stations`` layer does not hold."""
    unknown = ~table["station_id"].astype(str).isin(there)
    if unknown.any():
        row = int(unknown.to_numpy().argmax())
        raise LayerError(
            f"{layer_id}: row {row + 2}: station_id {table['station_id'].iloc[row]} is not in the "
            "stations layer; use its ids (see `siteopt layers list`)"
        )


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
    figures = table.drop(columns="year")
    before = figures.groupby(_KEY, sort=False).shift()
    there = [name for name in figures.columns if name not in _KEY]
    same = (figures[there] == before[there]) | (figures[there].isna() & before[there].isna())
    first = ~table.duplicated(_KEY)
    return table[first | ~same.all(axis=1)].reset_index(drop=True)[_COLUMNS]


def _estimate(table: pd.DataFrame) -> pd.DataFrame:
    """Return the embedded rows with every column there is; what it lacks is not known."""
    out = table.reindex(columns=list(dict.fromkeys([*table.columns, *_OPTIONAL])))
    out["injection_mw"] = pd.to_numeric(out["injection_mw"], errors="coerce").astype(float)
    known = out["injection_mw"].notna()
    out["area_id"] = out["area_id"].astype(object).fillna("")
    if "injection_confidence" not in out:
        out["injection_confidence"] = known.map({True: _MODEL, False: _UNKNOWN})
    return out


def overlay_headroom(
    embedded: pd.DataFrame,
    own: pd.DataFrame,
    year: int | None = None,
    *,
    method: str = "user's table",
    confidence: str = _USER,
) -> pd.DataFrame:
    """Return embedded rows with the user's in their place; of several years the last that counts.

    Parameters
    ----------
    embedded, own : DataFrame
        ``station_id, voltage_kv, headroom_mw, year``; embedded also ``method, confidence``. Both
        may hold ``injection_mw``, embedded also ``bus_id, bus_rule, estimate_mw, published_mw, area_id``.
    year : int, optional
        Rows of ``own`` of later years are left out.
    method, confidence : str, optional
        Of the rows of ``own``.

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
    given = above.assign(method=method, confidence=confidence)
    out.loc[above.index, ["headroom_mw", "year", "method", "confidence"]] = given[
        ["headroom_mw", "year", "method", "confidence"]
    ]
    out["area_id"] = out["area_id"].fillna("")
    out.loc[above.index, "area_id"] = ""  # a figure of the station's own is shared with nobody
    if "injection_mw" in above:
        feeds = above["injection_mw"].dropna()
        out.loc[feeds.index, "injection_mw"] = feeds
        out.loc[feeds.index, "injection_confidence"] = confidence
    out["injection_confidence"] = out["injection_confidence"].fillna(_UNKNOWN)
    out["year"] = out["year"].astype(int)
    return out.reset_index()[_COLUMNS].sort_values(_KEY, ignore_index=True)
