"""Cost curve of clean energy for readers: its answer with ranges, and its points for the page.

Cost by clean share as in Riepin and Brown 2022 (System-level impacts of 24/7 carbon-free
electricity procurement in Europe). A range is that of `siteopt.energy.cost_range`: parameters at
their low and high ends, one group at a time and all together, further out than what is likely.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

from siteopt.energy.cost_curve import LAST_PCT, answer
from siteopt.energy.stock import TECHNOLOGIES
from siteopt.report._json_values import records

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.energy.cost_curve import CostCurve, CurveAnswer, Spread
    from siteopt.report._protocols import CostCurveLike

__all__ = ["answer_of", "curve_payload", "curve_record"]

_DECIMALS: Final = 2
_GIGA: Final = 1000.0
_DUST_PCT: Final = 1e-6
_LIMIT: Final = re.compile(r"(?P<name>.+) (?P<mw>[\d,]+) MW")
"""One of ``used_up`` of the curve: a limit and its MW."""
_BUILT: Final = ("built", "built where managed")


def answer_of(curve: CostCurveLike) -> CurveAnswer:
    """Return what a curve says about the scenario's share and about the last step.

    Parameters
    ----------
    curve : CostCurveLike
        Of the run.
    """
    return answer(cast("CostCurve", curve))


def curve_record(curve: CostCurveLike) -> dict[str, Any]:
    """Return the part ``curve`` of ``energy.json``.

    Parameters
    ----------
    curve : CostCurveLike
        Of the run.

    Returns
    -------
    dict
        ``year``, ``load_mw``, ``target_pct``; ``table``, ``range`` and ``stock``, the rows of
        `siteopt.energy.cost_curve.CostCurve`; ``answer`` by the hour, figures as ``value``,
        ``low`` and ``high``.
    """
    found = answer_of(curve)
    return {
        "year": curve.year,
        "load_mw": curve.load_mw,
        "target_pct": curve.target_pct,
        "answer": {
            "reachable_hourly_pct": _ends(found.reachable_pct),
            "used_up": [one for one in found.used_up.split("; ") if one],
            "price_krw_kwh": _ends(found.krw_kwh),
            "price_where_none_is_asked_krw_kwh": found.free_krw_kwh,
            "last_step": _last_step(found),
            "scarce": [str(row["technology"]) for row in records(found.stock) if row["scarce"]],
        },
        "table": records(curve.table),
        "range": records(curve.range),
        "stock": records(curve.stock),
    }


def _ends(spread: Spread) -> dict[str, float]:
    return {name: float(value) for name, value in spread._asdict().items()}


def _last_step(found: CurveAnswer) -> dict[str, Any] | None:
    """Return what the last step costs; None where no more can be met than where it begins."""
    if found.last_krw_kwh is None or found.last_clean_krw_kwh is None:
        return None
    return {
        "from_pct": found.last_from_pct,
        "to_pct": found.last_to_pct,
        "added_krw_kwh": _ends(found.last_krw_kwh),
        "further_clean_krw_kwh": _ends(found.last_clean_krw_kwh),
    }


def curve_payload(curve: CostCurveLike) -> dict[str, Any]:
    """Return what the page shows of a curve: a few figures a point.

    Parameters
    ----------
    curve : CostCurveLike
        Of the run.

    Returns
    -------
    dict
        ``target`` percent; ``reachable``, ``krw``, ``last``, ``last_clean`` as value, low and
        high; ``last_to`` percent; ``used_up`` where no more can be reached; ``hourly`` and
        ``annual`` points; ``bars`` with the range of the cost at the scenario's share, 90 and
        100 %; ``scarce`` technologies with MW needed, running, usable.
    """
    found = answer_of(curve)
    return {
        "target": round(found.target_pct, _DECIMALS),
        "reachable": _rounded(found.reachable_pct),
        "krw": _rounded(found.krw_kwh),
        "last_from": found.last_from_pct,
        "last_to": round(found.last_to_pct, _DECIMALS),
        "last": _rounded(found.last_krw_kwh),
        "last_clean": _rounded(found.last_clean_krw_kwh),
        "used_up": [_limit(one) for one in found.used_up.split("; ") if one],
        "hourly": _points(curve, "hourly"),
        "annual": _points(curve, "annual"),
        "bars": _bars(curve),
        "scarce": [
            {
                "technology": str(row["technology"]),
                **{name: round(row[f"{name}_mw"], 1) for name in ("needed", "runs", "usable")},
            }
            for row in records(found.stock)
            if row["scarce"]
        ],
    }


def _rounded(spread: Spread | None) -> list[float] | None:
    return None if spread is None else [round(float(value), _DECIMALS) for value in spread]


def _limit(told: str) -> dict[str, Any]:
    """Return a stock or limit that is used up: its technology and kind with MW, or its name."""
    match = _LIMIT.fullmatch(told)
    technology, _, kind = (match["name"] if match else told).partition(" ")
    if match is None or technology not in TECHNOLOGIES:
        return {"kind": told, "technology": None, "mw": None}
    mw = float(match["mw"].replace(",", ""))
    if kind in _BUILT:
        kind = "managed" if kind != "built" else kind
    return {"kind": kind, "technology": technology, "mw": mw}


def _points(curve: CostCurveLike, matching: str) -> list[dict[str, Any]]:
    """Return the points of a matching: shares in percent, KRW/kWh, GW, GWh, thousand tCO2."""
    table = curve.table[curve.table["matching"] == matching]
    return [_point(row, matching) for row in records(table)]


def _point(row: dict[str, Any], matching: str) -> dict[str, Any]:
    contracts = sum(row[f"{name}_krw_kwh"] for name in (*TECHNOLOGIES, "adders"))
    figures = {
        "target": row["target_pct"],
        "reached": row["reached_pct"],
        "program": row[f"{matching}_pct"],
        "replay": row[f"year_{matching}_pct"],
        "krw": row["krw_kwh"],
        "contracts": contracts,
        "grid": row["grid_krw_kwh"] + row["carbon_krw_kwh"],
        "storage": row["storage_krw_kwh"],
        "other": row["excess_krw_kwh"] + row["redispatch_krw_kwh"],
        **{name: row[f"{name}_mw"] / _GIGA for name in TECHNOLOGIES},
        "storage_gwh": row["storage_mwh"] / _GIGA,
        "kt": row["year_co2_t"] / _GIGA,
    }
    return {name: round(float(value), _DECIMALS) + 0.0 for name, value in figures.items()}


def _bars(curve: CostCurveLike) -> list[dict[str, float]]:
    """Return the range of the cost by the hour at a few shares, of what reaches as much there."""
    wanted, bars = {curve.target_pct, *LAST_PCT}, []
    for row in records(curve.table[curve.table["matching"] == "hourly"]):
        if row["target_pct"] not in wanted:
            continue
        pct, reached, krw = row["target_pct"], row["reached_pct"], row["krw_kwh"]
        costs = [krw, *_as_far(curve.range, pct, reached)]
        bar = {"target": pct, "at": reached, "krw": krw, "low": min(costs), "high": max(costs)}
        bars.append({name: round(value, _DECIMALS) for name, value in bar.items()})
    return bars


def _as_far(table: pd.DataFrame, pct: float, reached: float) -> list[float]:
    """Return the costs in the range at a share, where as much is reached: less costs less."""
    rows = table[(table["target_pct"] == pct) & (table["reached_pct"] >= reached - _DUST_PCT)]
    return [float(value) for value in rows["krw_kwh"]]
