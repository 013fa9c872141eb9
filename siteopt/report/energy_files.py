"""Clean energy of a plan as files: ``energy.json`` and its tables by source, bus and hour.

Scores as of `siteopt.energy.matching` (Riepin and Brown 2022), in percent. A run that matches no
clean energy has none of these files.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt._csv import significant, write_csv
from siteopt._file_names import ENERGY, ENERGY_HOURS, ENERGY_PRICES, ENERGY_SOURCES
from siteopt.report._energy_curve import answer_of, curve_record
from siteopt.report._json_values import records

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from siteopt.report._protocols import CleanPlanLike, ScoresLike
    from siteopt.report.run_tables import RunTables

__all__ = [
    "bus_prices", "date_of_hour", "energy_figures", "energy_record", "hour_table", "source_table",
    "write_energy",
]  # fmt: skip

_DIGITS: Final = 7
"""Significant digits of a figure: those of the simplex method are not the same everywhere."""
_HOUR_DECIMALS: Final = 1
_DAY_H: Final = 24
_COMMON_YEAR: Final = date(2035, 1, 1)
"""Of a year of 365 days, whose months and days the 8,760 hours have."""


def date_of_hour(hour: int) -> str:
    """Return month and day of an hour of the year, as ``01-31``.

    Parameters
    ----------
    hour : int
        From 1 to 8,760.
    """
    return f"{_COMMON_YEAR + timedelta(days=(hour - 1) // _DAY_H):%m-%d}"


def write_energy(tables: RunTables, folder: Path) -> None:
    """Write the files of the clean energy of a plan; none where no match was asked for.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    folder : Path
        Takes ``energy.json``, ``energy_sources.csv``, ``energy_prices.csv`` and
        ``energy_hours.csv`` (and their types, ``.csvt``).
    """
    plan = tables.energy
    if plan is None:
        return
    told = json.dumps(
        energy_record(tables, plan), ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True
    )
    (folder / ENERGY).write_text(told + "\n", encoding="utf-8", newline="\n")
    write_csv(source_table(plan), folder / ENERGY_SOURCES, digits=_DIGITS)
    write_csv(bus_prices(tables, plan), folder / ENERGY_PRICES, digits=_DIGITS)
    write_csv(hour_table(plan), folder / ENERGY_HOURS)


def energy_record(tables: RunTables, plan: CleanPlanLike) -> dict[str, Any]:
    """Return ``energy.json``: all of the clean energy of a plan but its hours.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    plan : CleanPlanLike
        Its clean energy.
    """
    first = plan.worst_week_from_hour
    found: dict[str, Any] = {
        "year": plan.year,
        "matching": tables.scenario.energy.matching,
        "asked_clean_pct": float(tables.scenario.energy.clean_share_pct),
        "load_mw": plan.load_mw,
        "price_krw_kwh": plan.krw_kwh,
        "price_parts_krw_kwh": dict(plan.part_krw_kwh),
        "storage_mw": plan.storage_mw,
        "storage_mwh": plan.storage_mwh,
        "typical_days": _scores(plan.program),
        "year_replayed": _scores(plan.year_scores),
        "worst_week": {
            "from_hour": first,
            "from_month_day": date_of_hour(first),
            "clean_pct": 100.0 * plan.worst_week_share,
        },
        "used_up": [{"limit": name, "most_mw": most} for name, most in plan.used_up],
        "stock": records(plan.stock),
        "sources": records(source_table(plan)),
        "prices": records(bus_prices(tables, plan)),
        "curtailment": records(plan.curtailment),
    }
    if not plan.atlas.empty:
        found["atlas_by_zone"] = records(plan.atlas)
    if tables.energy_curve is not None:
        found["curve"] = curve_record(tables.energy_curve)
    short: dict[str, Any] = _short(found)
    return short


def energy_figures(tables: RunTables) -> dict[str, Any] | None:
    """Return the clean energy of ``portfolio.json``: its main figures; None where none is matched.

    Parameters
    ----------
    tables : RunTables
        The finished run.

    Returns
    -------
    dict
        ``year``, ``matching``, ``asked_clean_pct``, ``price_krw_kwh``, the clean shares of the
        typical days and of the replay, ``emission_tco2``; ``curve_price_krw_kwh`` by the hour at
        the share of the scenario as ``value``, ``low`` and ``high``, None without a curve.
    """
    plan, curve = tables.energy, tables.energy_curve
    if plan is None:
        return None
    program, year = _scores(plan.program), _scores(plan.year_scores)
    shares = ("hourly_clean_pct", "annual_clean_pct")
    found: dict[str, Any] = {
        "year": plan.year,
        "matching": tables.scenario.energy.matching,
        "asked_clean_pct": float(tables.scenario.energy.clean_share_pct),
        "price_krw_kwh": plan.krw_kwh,
        "typical_days": {name: program[name] for name in shares},
        "year_replayed": {name: year[name] for name in (*shares, "emission_tco2")},
        "curve_price_krw_kwh": None if curve is None else answer_of(curve).krw_kwh._asdict(),
    }
    short: dict[str, Any] = _short(found)
    return short


def source_table(plan: CleanPlanLike) -> pd.DataFrame:
    """Return one row a source that is contracted, the largest first.

    Parameters
    ----------
    plan : CleanPlanLike
        Clean energy of a plan.

    Returns
    -------
    DataFrame
        ``source``, ``technology``, ``status``, ``zone``, ``managed``, ``mw``, ``most_mw``,
        ``gwh`` a year, ``yield_pct``, ``krw_kwh``.
    """
    names = [
        "source", "technology", "status", "zone", "managed", "mw", "most_mw", "gwh", "yield_pct",
        "krw_kwh",
    ]  # fmt: skip
    return plan.sources[names]


def bus_prices(tables: RunTables, plan: CleanPlanLike) -> pd.DataFrame:
    """Return what a further kWh of steady clean load costs at each bus of the grid case.

    Parameters
    ----------
    tables : RunTables
        The finished run, for the names of the buses.
    plan : CleanPlanLike
        Its clean energy.

    Returns
    -------
    DataFrame
        ``bus_id``, ``name_ko``, ``name_en``, ``province_code``, ``lon``, ``lat``, ``krw_kwh``.
    """
    table = plan.buses.assign(bus_id=plan.buses["bus_id"].astype(str))
    names = tables.layers.vector("case_buses")[["bus_id", "name_ko", "name_en"]].astype(str)
    named = table.merge(names, on="bus_id", how="left")
    order = ["bus_id", "name_ko", "name_en", "province_code", "lon", "lat", "krw_kwh"]
    return named[order]


def hour_table(plan: CleanPlanLike) -> pd.DataFrame:
    """Return the replay of the year: one row an hour, MW and percent to one decimal.

    Parameters
    ----------
    plan : CleanPlanLike
        Clean energy of a plan.

    Returns
    -------
    DataFrame
        ``hour`` from 1 to 8,760, the columns of the plan in MW, and ``grid_clean_pct``.
    """
    flows = plan.hours.drop(columns="grid_clean")
    told = flows.assign(grid_clean_pct=100.0 * plan.hours["grid_clean"]).round(_HOUR_DECIMALS)
    told = told + 0.0  # no "-0.0"
    told.insert(0, "hour", np.arange(1, len(told) + 1))
    return told


def _scores(scores: ScoresLike) -> dict[str, float]:
    return {
        "hourly_clean_pct": 100.0 * scores.hourly_share,
        "annual_clean_pct": 100.0 * scores.annual_share,
        "load_mwh": scores.load_mwh,
        "used_mwh": scores.used_mwh,
        "excess_mwh": scores.excess_mwh,
        "import_mwh": scores.import_mwh,
        "emission_tco2": scores.co2_t,
    }


def _short(value: Any) -> Any:  # noqa: ANN401 - whatever JSON has
    """Return a value with its figures to so many significant digits."""
    if isinstance(value, dict):
        return {name: _short(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_short(one) for one in value]
    if isinstance(value, float):
        return float(significant(np.array([value]), _DIGITS)[0]) + 0.0
    return value
