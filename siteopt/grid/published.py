"""Published headroom: KEPCO's figures for load by district and for generation by station.

KEPCO's headroom for load is known as the largest single station of a district, for one year. It
caps every station of the district at 154 kV, from which 22.9 kV is fed too. Nothing is published
of 345 kV, of Jeju and of a few districts: there the model's estimate stays and is called one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.grid.stations import connectable
from siteopt.layers.district_codes import DistrictCodes, How
from siteopt.layers.headroom_areas import area_ids

if TYPE_CHECKING:
    from siteopt.layers.protocols import LayersLike

__all__ = [
    "CAPPED_KV", "PUBLISHED", "UNCERTAIN_ZERO", "with_published_caps", "with_published_injection",
]  # fmt: skip

CAPPED_KV: Final = 154.0
"""Level of a station of which KEPCO's figures speak."""

PUBLISHED: Final = "published-cap"
"""Confidence of a row whose figure is the largest station of its district."""

UNCERTAIN_ZERO: Final = "published-zero"
"""Confidence of a zero: probably none, but KEPCO's service sometimes answered empty."""


def with_published_caps(rows: pd.DataFrame, layers: LayersLike) -> pd.DataFrame:
    """Return headroom of stations with KEPCO's figure in place of the estimate, where there is one.

    The estimate has no rank correlation with what KEPCO publishes, so that the smaller of the two
    would be no better known: the published figure rules.

    Parameters
    ----------
    rows : DataFrame
        One row a station and level: ``station_id, voltage_kv, headroom_mw, year, method,
        confidence``.
    layers : Layers
        ``stations`` (``district_code``), ``supply_headroom``, ``district_codes``.

    Returns
    -------
    DataFrame
        The same rows, and one at 154 kV for every substation with that level of which there is no
        estimate but a published figure, with ``estimate_mw`` (the model's figure), ``published_mw`` (NaN where
        none is published for the level) and ``area_id``, the districts whose one largest station
        the figure is (empty for none). A published figure is ``headroom_mw`` with its year.

    Raises
    ------
    LayerError
        If a district code of the published table is not known.
    """
    table = layers.table("supply_headroom")
    codes = DistrictCodes(layers.table("district_codes"))
    if "area_id" not in table:  # a table of the user's: every district for itself
        table = table.assign(area_id=area_ids(table["district_code"].astype(str)))
    how: dict[str, How] = {"supply_headroom_mw": "max", "year": "max", "area_id": "first"}
    known = codes.gather(table, how, file="supply_headroom")
    known = known.set_index("district_code")
    stations = layers.vector("stations")
    district = stations.set_index("station_id")["district_code"].astype(str)
    rows = pd.concat([rows, _without_estimate(rows, stations)], ignore_index=True)
    at = rows["station_id"].map(district)
    capped = np.isclose(rows["voltage_kv"].astype(float), CAPPED_KV)
    figure = at.map(known["supply_headroom_mw"]).astype(float).where(capped)
    out = rows.assign(estimate_mw=rows["headroom_mw"].astype(float), published_mw=figure)
    is_published = figure.notna()
    out["headroom_mw"] = figure.where(is_published, out["estimate_mw"])
    out["year"] = at.map(known["year"]).where(is_published, out["year"]).fillna(0).astype(int)
    out["method"] = out["method"].mask(is_published, "KEPCO: largest station of the district")
    area = at.map(known["area_id"]).fillna("").astype(str)
    out["area_id"] = area.where(is_published & (figure > 0), "")
    published_as = np.where(figure == 0, UNCERTAIN_ZERO, PUBLISHED)
    out["confidence"] = np.where(is_published, published_as, out["confidence"].astype(object))
    return out[is_published | out["estimate_mw"].notna()].reset_index(drop=True)


def _without_estimate(rows: pd.DataFrame, stations: pd.DataFrame) -> pd.DataFrame:
    """Return an empty row at 154 kV for every substation with that level and no row of its own."""
    has_level = (stations["circuits_154"] > 0) | np.isclose(stations["voltage_max_kv"], CAPPED_KV)
    able = connectable(stations[has_level])["station_id"].astype(str)
    known = rows.loc[np.isclose(rows["voltage_kv"].astype(float), CAPPED_KV), "station_id"]
    missing = able[~able.isin(known.astype(str))].tolist()
    empty = pd.DataFrame({"station_id": missing, "voltage_kv": CAPPED_KV, "method": ""})
    filled = empty.reindex(columns=rows.columns)
    filled["injection_confidence"] = "unknown"
    return filled.astype({name: rows[name].dtype for name in ("headroom_mw", "injection_mw")})


def with_published_injection(
    rows: pd.DataFrame, layers: LayersLike, year: int | None = None
) -> pd.DataFrame:
    """Return rows with what is published of new generation in place of the estimate.

    A station of KEPCO's list of saturated and low ones has the figure read there, else the upper
    end of its bracket. In a province whose stations are all grid-managed nothing new feeds in
    before the year that licences name, unless the list was lifted.

    Parameters
    ----------
    rows : DataFrame
        ``station_id, voltage_kv, injection_mw, injection_confidence``; only rows at 154 kV change.
    layers : Layers
        ``generation_headroom``, ``grid_managed``, ``stations`` (``province_code``).
    year : int, optional
        Year of the figures; None for those that hold once the grid-managed regions are open.

    Returns
    -------
    DataFrame
        The same rows; ``injection_confidence`` is ``published`` or ``published-bracket`` where a
        figure is.
    """
    at_level = np.isclose(rows["voltage_kv"].astype(float), CAPPED_KV)
    listed = layers.table("generation_headroom").dropna(subset=["station_id"])
    listed = listed.sort_values("free_mw_max").drop_duplicates("station_id").set_index("station_id")
    figure = listed["free_mw_read"].astype(float)
    basis = np.where(figure.notna(), "published", "published-bracket")
    figure = figure.fillna(listed["free_mw_max"].astype(float))
    value = rows["station_id"].map(figure)
    confidence = rows["station_id"].map(pd.Series(basis, index=listed.index, dtype=object))
    if year is not None:
        closed = _closed_provinces(layers, year)
        province = layers.vector("stations").set_index("station_id")["province_code"].astype(str)
        waits = rows["station_id"].map(province).isin(closed)
        value, confidence = value.mask(waits, 0.0), confidence.mask(waits, "published")
    known = value.notna() & at_level
    return rows.assign(
        injection_mw=value.where(known, rows["injection_mw"]),
        injection_confidence=confidence.where(known, rows["injection_confidence"]),
    )


def _closed_provinces(layers: LayersLike, year: int) -> set[str]:
    """Return the provinces in which new generation does not feed in yet."""
    regions = layers.table("grid_managed")
    lifted = pd.to_numeric(regions["released"].str[:4], errors="coerce") <= year
    closed = regions["whole"].astype(bool) & (regions["generation_from_year"] > year) & ~lifted
    return set(regions.loc[closed, "province_code"].astype(str))
