"""Agreement of plans: the sites, stations, districts and provinces that are in every plan.

What is in the plan of every variant is no-regret: it is right whichever variant comes. Neighbouring
sites swap for hundredths of a per cent, so plans that share no site may agree on stations, districts
or provinces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LEVELS", "agreement", "finest_agreement", "site_table"]

LEVELS: Final = ("site", "station", "district", "province")
"""From fine to coarse."""

_KEYS: Final = {
    "site": "site_id",
    "station": "station_id",
    "district": "district_code",
    "province": "province_code",
}


def site_table(
    loads: Mapping[str, Mapping[str, float]],
    places: pd.DataFrame,
    variants: Sequence[str],
    probabilities: Mapping[str, float],
) -> pd.DataFrame:
    """Return one row a site that any plan chooses, those of most variants first.

    Parameters
    ----------
    loads : mapping
        IT load in MW by plan and site; plans of variants, then the robust ones.
    places : DataFrame
        ``site_id`` and what else is told of a site.
    variants : sequence of str
        The plans of `loads` that count for agreement.
    probabilities : mapping of str to float
        Of the variants.

    Returns
    -------
    DataFrame
        Columns of ``places``, ``plans`` (variants whose plan has the site), ``probability`` (of
        these), ``no_regret`` and ``it_mw_<plan>``, 0 where the plan does not have it.
    """
    ids = sorted({site for load in loads.values() for site in load})
    table = places.set_index("site_id").reindex(ids).rename_axis("site_id").reset_index()
    for name, load in loads.items():
        table[f"it_mw_{name}"] = [float(load.get(site, 0.0)) for site in ids]
    chosen = pd.DataFrame({name: table[f"it_mw_{name}"] > 0 for name in variants})
    weights = pd.Series({name: probabilities[name] for name in variants})
    table.insert(len(places.columns), "plans", chosen.sum(axis=1).astype(int))
    table.insert(len(places.columns) + 1, "probability", (chosen * weights).sum(axis=1).round(9))
    table.insert(len(places.columns) + 2, "no_regret", chosen.all(axis=1))
    order = table.assign(less=-table["plans"]).sort_values(["less", "site_id"], kind="stable")
    return table.loc[order.index].reset_index(drop=True)


def agreement(
    loads: Mapping[str, Mapping[str, float]],
    stations: Mapping[str, Mapping[str, str]],
    places: pd.DataFrame,
    variants: Sequence[str],
) -> pd.DataFrame:
    """Return one row a place of every level: in how many plans it is, and with how much load.

    Parameters
    ----------
    loads : mapping
        IT load in MW by plan and site.
    stations : mapping
        Station that feeds a site, by plan and site: plans may connect one site differently.
    places : DataFrame
        ``site_id``, ``district_code``, ``province_code``.
    variants : sequence of str
        The plans of `loads` that count.

    Returns
    -------
    DataFrame
        ``level``, ``place`` (id or code), ``plans``, ``no_regret``, ``it_mw_least`` and
        ``it_mw_most`` (the least and the largest load of any plan there); by level from fine to
        coarse, the places of most plans first.
    """
    known = places.set_index("site_id")
    rows = pd.DataFrame(
        [
            {"plan": name, "site_id": site, "station_id": stations[name].get(site, ""), "mw": load}
            for name in variants
            for site, load in loads[name].items()
        ],
        columns=["plan", "site_id", "station_id", "mw"],
    ).join(known[["district_code", "province_code"]], on="site_id")
    found: list[dict[str, Any]] = []
    for level in LEVELS:
        table = rows[rows[_KEYS[level]].fillna("").astype(str) != ""].pivot_table(
            index=_KEYS[level], columns="plan", values="mw", aggfunc="sum", fill_value=0.0
        )
        table = table.reindex(columns=list(variants), fill_value=0.0)
        own = [_row(level, str(place), load) for place, load in table.iterrows()]
        found += sorted(own, key=lambda row: (-row["plans"], -row["it_mw_least"], row["place"]))
    names = ["level", "place", "plans", "no_regret", "it_mw_least", "it_mw_most"]
    return pd.DataFrame(found, columns=names)


def _row(level: str, place: str, load: pd.Series[float]) -> dict[str, Any]:
    return {
        "level": level,
        "place": place,
        "plans": int((load > 0).sum()),
        "no_regret": bool((load > 0).all()),
        "it_mw_least": float(load.min()),
        "it_mw_most": float(load.max()),
    }


def finest_agreement(table: pd.DataFrame) -> str:
    """Return the finest level at which some place is in every plan; '' where there is none.

    Parameters
    ----------
    table : DataFrame
        Of `agreement`.
    """
    agreed = set(table.loc[table["no_regret"].astype(bool), "level"])
    return next((level for level in LEVELS if level in agreed), "")
