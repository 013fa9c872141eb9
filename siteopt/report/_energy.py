"""Clean energy of a plan for the page: scores, price, stock, the worst week, a day of Honam."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt.costs.price_parts import PRICE_PARTS
from siteopt.energy.stock import TECHNOLOGIES
from siteopt.report._column_codec import compact
from siteopt.report._energy_curve import curve_payload
from siteopt.report._json_values import plain
from siteopt.report.energy_files import date_of_hour

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from siteopt.report._protocols import CleanPlanLike, ScoresLike
    from siteopt.report.run_tables import RunTables

__all__ = ["energy_payload"]

_WEEK_H: Final = 168
_PART_DECIMALS: Final = 2
_SHARE_DECIMALS: Final = 2
_ORDER: Final = (*PRICE_PARTS, "carbon")
_STATUSES: Final = ("operating", "awarded", "licensed", "potential")
_BUILT: Final = " built"
"""In the name of a joint limit on what is built (`siteopt.energy.stock`)."""
_MANAGED: Final = " where managed"
_JEJU: Final = "50"


def energy_payload(tables: RunTables) -> dict[str, Any] | None:
    """Return what the map shows of clean energy; None where no match was asked for.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.

    Returns
    -------
    dict
        ``program`` and ``replay`` (percent, GWh and tCO2 of typical days and of all hours),
        ``parts`` of the price, ``stock`` by technology and status, ``limits`` on building that
        are used up, storage, ``week`` (the worst, by the hour), ``day`` of Honam, ``price`` of
        a further kWh at the buses, in their order, and the cost ``curve``.
    """
    plan = tables.energy
    if plan is None:
        return None
    energy = tables.scenario.energy
    place = _place_in(_ORDER)
    parts = sorted(plan.part_krw_kwh.items(), key=lambda part: place(part[0]))
    return {
        "year": plan.year,
        "matching": energy.matching,
        "asked_pct": float(energy.clean_share_pct),
        "works_begin": tables.scenario.target.works_begin,
        "load_mw": round(plan.load_mw, 1),
        "krw_kwh": round(plan.krw_kwh, _PART_DECIMALS),
        "parts": [[name, round(value, _PART_DECIMALS)] for name, value in parts],
        "program": _scores(plan.program),
        "replay": _scores(plan.year_scores),
        "stock": _stock(tables, plan),
        "mainland": _JEJU not in set(plan.buses["province_code"].astype(str)),
        "limits": _build_limits(plan),
        "storage_mw": round(plan.storage_mw, 1),
        "storage_mwh": round(plan.storage_mwh, 1),
        "week": _week(plan),
        "day": _day_of_honam(plan),
        "price": _prices(tables, plan),
        "curve": None if tables.energy_curve is None else curve_payload(tables.energy_curve),
    }


def _place_in(order: tuple[str, ...]) -> Callable[[str], int]:
    """Return a function that gives the place of a word; others come last."""
    return lambda word: order.index(word) if word in order else len(order)


def _scores(scores: ScoresLike) -> dict[str, float]:
    return {
        "hourly_pct": round(100.0 * scores.hourly_share, _SHARE_DECIMALS),
        "annual_pct": round(100.0 * scores.annual_share, _SHARE_DECIMALS),
        "excess_pct": round(100.0 * scores.excess_mwh / scores.load_mwh, _SHARE_DECIMALS),
        "import_pct": round(100.0 * scores.import_mwh / scores.load_mwh, _SHARE_DECIMALS),
        "tco2": round(scores.co2_t),
    }


def _stock(tables: RunTables, plan: CleanPlanLike) -> list[dict[str, Any]]:
    """Return the stock by technology and status: all of it, what can be contracted, what is."""
    settings = tables.scenario.energy.supply
    usable = {"operating": settings.existing_share_pct, "licensed": settings.licensed_share_pct}
    gone = {name for name, _ in plan.used_up}
    dates = _dates(tables)
    table = plan.stock.assign(
        kind=plan.stock["technology"].map(_place_in(TECHNOLOGIES)),
        state=plan.stock["status"].map(_place_in(_STATUSES)),
    ).sort_values(["kind", "state"])
    found = []
    for technology, status, mw, contracted in zip(
        *(table[name] for name in ("technology", "status", "mw", "contracted_mw")), strict=True
    ):
        found.append(
            {
                "technology": str(technology),
                "status": str(status),
                "mw": round(float(mw), 1),
                "usable_mw": round(float(mw) * usable.get(str(status), 100.0) / 100.0, 1),
                "contracted_mw": round(float(contracted), 1),
                "used_up": f"{technology} {status}" in gone,
                "as_of": dates.get((str(technology), str(status))),
            }
        )
    return found


def _dates(tables: RunTables) -> dict[tuple[str, str], str]:
    """Return as of when the stock is known, the last date of each technology and status."""
    if "clean_stock" not in tables.layers.ids:
        return {}
    known = tables.layers.table("clean_stock").dropna(subset=["as_of"])
    last = known.astype({"as_of": str}).groupby(["technology", "status"])["as_of"].max()
    return {
        (str(kind), str(status)): str(day)
        for kind, status, day in last.reset_index().itertuples(index=False, name=None)
    }


def _build_limits(plan: CleanPlanLike) -> list[dict[str, Any]]:
    """Return the limits on what is built that are used up: technology, where, MW."""
    return [
        {
            "technology": name.split(" ")[0],
            "managed": name.endswith(_MANAGED),
            "mw": round(most, 1),
        }
        for name, most in plan.used_up
        if name.removesuffix(_MANAGED).endswith(_BUILT)
    ]


def _week(plan: CleanPlanLike) -> dict[str, Any]:
    """Return the least clean week: its days, its share, and what served the load by the hour."""
    first = plan.worst_week_from_hour
    hours = plan.hours.iloc[first - 1 : first - 1 + _WEEK_H]
    clean = hours["import_mw"] * hours["grid_clean"]
    return {
        "from": _month_day(first),
        "to": _month_day(first + len(hours) - 1),
        "from_hour": (first - 1) % 24,
        "pct": round(100.0 * plan.worst_week_share, _SHARE_DECIMALS),
        "used": _mw(hours["used_mw"].clip(lower=0.0)),
        "clean": _mw(clean),
        "other": _mw(hours["import_mw"] - clean),
    }


def _month_day(hour: int) -> list[int]:
    return [int(part) for part in date_of_hour(hour).split("-")]


def _mw(column: pd.Series[Any]) -> list[int]:
    return [int(value) for value in np.rint(column.to_numpy(dtype=np.float64))]


def _day_of_honam(plan: CleanPlanLike) -> dict[str, Any] | None:
    """Return the typical day on which most of Honam's sun and wind is curtailed without the sites."""
    honam = plan.curtailment[plan.curtailment["region"] == "honam"]
    if honam.empty:
        return None
    by_day = honam.groupby("day")["before_mw"].sum()
    day = by_day.index[int(np.argmax(by_day.to_numpy()))]
    hours = honam[honam["day"] == day].sort_values("hour")
    gwh = {
        name: round(float((honam["weight_days"] * honam[name]).sum()) / 1000.0, 1)
        for name in ("before_mw", "after_mw")
    }
    return {
        "days": plain(float(hours["weight_days"].iloc[0])),
        "available": _mw(hours["available_mw"]),
        "before": _mw(hours["before_mw"]),
        "after": _mw(hours["after_mw"]),
        "before_gwh": gwh["before_mw"],
        "after_gwh": gwh["after_mw"],
    }


def _prices(tables: RunTables, plan: CleanPlanLike) -> dict[str, Any] | None:
    """Return the price at the buses in the order of the grid case, as a column."""
    if "case_buses" not in tables.layers.ids:
        return None
    order = tables.layers.vector("case_buses")["bus_id"].astype(str)
    by_bus = plan.buses.set_index(plan.buses["bus_id"].astype(str))["krw_kwh"]
    return compact(by_bus.reindex(order).reset_index(drop=True), _PART_DECIMALS)
