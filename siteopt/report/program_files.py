"""The mixed-integer program of a run as files, complete enough to rebuild and re-solve it.

``options.csv`` has every connection option, closed ones too; ``limits.csv`` every limit that a plan
has to keep; ``flow_limits.csv`` what a MW of load at each bus takes of each flow limit;
``program.json`` the few numbers that hold for all. They are taken from the arrays that the solver
had, so that nobody has to guess a rounding; docs/how-to/second-opinion.md lists every column.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from siteopt._csv import significant, write_csv
from siteopt._file_names import ENERGY_CUTS, FLOW_LIMITS, LIMITS, OPTIONS, PROGRAM
from siteopt.portfolio.constraints import flows
from siteopt.report.limit_names import limit_name

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from siteopt.portfolio.problem.problem import Problem
    from siteopt.report.run_tables import RunTables
    from siteopt.scenario import Scenario

__all__ = [
    "energy_cut_table",
    "limit_table",
    "option_table",
    "price_table",
    "program_record",
    "write_program",
]

_DIGITS: Final = 10
"""Significant digits of a figure: a solver's own tolerance is coarser."""

_TOLD_DIGITS: Final = 7
"""The same of what explains a figure of the program and does not enter it."""

_MANY_BLOCKS: Final = 1_000_000
"""`siteopt.portfolio.problem.problem.NO_LIMIT`: no limit."""

_CLOSED_BY: Final = {
    "": "",
    "excluded": "the site must not be chosen",
    "time": "line or works take longer than there is time",
    "size": "land or voltage class is too small for the least build",
    "headroom": "the station has too little headroom for the least build",
    "province": "the most of the province is less than the least build",
    "group": "the most of a group of provinces is less than the least build",
    "basin": "the basin has too little water for the least build",
    "diversity": "the share of one station or basin is less than the least build",
    "budget": "the least build needs more capital than the budget",
}
"""Texts of the reasons of `siteopt.portfolio.constraints.block_bounds.closing_reasons`."""

_LEFT_OUT: Final = (
    "geometry", "distance_km", "headroom_area_id", "station_headroom_confidence",
    "energy_price_krw_kwh", "tco2_year_per_mw",
)  # fmt: skip
"""Columns of options that are in other files, and of which no limit or cost is made."""

_COMPONENTS: Final = ("fixed_", "per_mw_")
_WHOLE: Final = frozenset(
    {
        "fixed_bn_krw", "per_mw_bn_krw", "capital_fixed_bn_krw", "capital_per_mw_bn_krw",
        "facility_min_mw", "facility_max_mw", "lead_time_years",
    }
)  # fmt: skip
"""Columns of options with all digits: bounds and sums can be computed again from them."""

_OF_SITE: Final = ("x_m", "y_m", "province_code", "it_max_mw")
_OF_DESCRIBED: Final = ("basin_id", "basin_shares", "pue", "water_m3_day_per_mw")


def write_program(tables: RunTables, folder: Path) -> None:
    """Write the program of a run into a folder; nothing where the run does not know it.

    Parameters
    ----------
    tables : RunTables
        The finished run, with ``problem``.
    folder : Path
        Takes ``options.csv``, ``limits.csv`` and ``flow_limits.csv`` (and their types, ``.csvt``)
        and ``program.json``; where clean energy is matched ``energy_cuts.csv`` too.
    """
    problem = tables.problem
    if problem is None:
        return
    write_csv(option_table(tables, problem), folder / OPTIONS, digits=_DIGITS)
    write_csv(limit_table(problem), folder / LIMITS, digits=_DIGITS)
    write_csv(price_table(problem), folder / FLOW_LIMITS, digits=_DIGITS)
    if len(problem.energy_constant_bn_krw):
        write_csv(energy_cut_table(problem), folder / ENERGY_CUTS, digits=_DIGITS)
    record = program_record(tables, problem)
    dumped = json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1)
    (folder / PROGRAM).write_text(dumped + "\n", encoding="utf-8", newline="\n")


def _campus_bounds(scenario: Scenario) -> dict[str, Any]:
    """Return the smallest and the largest IT load of campuses; empty where there are none."""
    campus = scenario.candidates.campus
    if campus is None:
        return {}
    return {"campus_it_min_mw": campus.it_min_mw, "campus_it_max_mw": campus.it_max_mw}


def option_table(tables: RunTables, problem: Problem) -> pd.DataFrame:
    """Return every connection option of a run, one row each, in order of site and id.

    It has all columns of the options that the run costed, those of their site that the
    program needs, and what the program made of them: when the option may open, bounds in
    blocks, what a block takes, what objective and budgets count.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    problem : Problem
        Its program.
    """
    first = slice(None, None, problem.horizon)  # the options of a connection stand by year
    site = problem.option_site[first]
    program = pd.DataFrame(
        {
            "option_id": problem.option_id[first],
            "closed_by": pd.Series(_last(problem, problem.option_gate), dtype=str).map(
                lambda gate: _CLOSED_BY.get(gate, gate)
            ),
            "gate": _last(problem, problem.option_gate),
            **_opening_years(problem),
            "blocks_min": problem.blocks_min[first],
            "blocks_max": problem.blocks_land[first],
            "blocks_bound": _last(problem, problem.blocks_max),
            "area_id": _areas(problem)[first],
            "relief_mw": problem.option_relief_mw[first],
            "facility_mw_per_block": problem.facility_mw[first],
            "water_m3_day_per_block": problem.water_m3_day[first],
            "objective_fixed": problem.worth_fixed[first],
            "objective_per_block": problem.worth_block[first],
            "budget_fixed_bn_krw": problem.capital_fixed_bn_krw[first],
            "budget_per_block_bn_krw": problem.capital_block_bn_krw[first],
            "site_rule": np.where(
                problem.site_must[site],
                "must",
                np.where(problem.site_excluded[site], "must not", ""),
            ),
        }
    )
    if len(problem.bus_id):
        names = np.append(problem.bus_id, "").astype(object)
        program["bus_id"] = names[problem.option_bus[first]]
    # What the solver had overrides the table of options.
    ruled = [name for name in program.columns if name != "option_id"]
    known = _told(tables.options.drop(columns=[*_LEFT_OUT, *ruled], errors="ignore"))
    of_site = tables.sites[["site_id", *(name for name in _OF_SITE if name in tables.sites)]]
    described = [name for name in _OF_DESCRIBED if name in tables.described]
    joined = (
        pd.DataFrame(known)
        .merge(pd.DataFrame(of_site), on="site_id", how="left", validate="many_to_one")
        .merge(tables.described[described], left_on="site_id", right_index=True, how="left")
    )
    if "suitability" in tables.scores and _counts_suitability(tables):
        joined = joined.merge(
            tables.scores[["suitability"]], left_on="site_id", right_index=True, how="left"
        )
    table = program.merge(joined, on="option_id", how="left", validate="one_to_one")
    front = ["option_id", "site_id", "station_id", "station_kv", "voltage_kv", "bus_id"]
    front = [name for name in front if name in table.columns]
    return table[[*front, *(name for name in table.columns if name not in front)]]


def _told(options: pd.DataFrame) -> pd.DataFrame:
    """Return options without components that cost nothing anywhere and without prices of energy."""
    kept = {}
    for name in map(str, options.columns):
        column = options[name]
        if name.startswith("price_"):
            continue
        is_figure = pd.api.types.is_float_dtype(column) and name not in _WHOLE
        if is_figure and name.startswith(_COMPONENTS) and not column.any():
            continue
        if is_figure:
            column = pd.Series(
                significant(column.to_numpy(dtype=np.float64), _TOLD_DIGITS), index=column.index
            )
        kept[name] = column
    return pd.DataFrame(kept)


def limit_table(problem: Problem) -> pd.DataFrame:
    """Return every limit of a program, one row each.

    Columns ``limit`` (its kind), ``of`` (station, province, group of provinces, basin, flow limit; empty: each or all),
    ``voltage_kv`` (of a station level), ``year`` (empty: all years together), ``at_least``,
    ``at_most`` (empty: none) and ``unit``.

    Parameters
    ----------
    problem : Problem
        Of a run.
    """
    rows = [
        *_target_rows(problem),
        *_station_rows(problem),
        *_place_rows(problem),
        *_share_rows(problem),
        *_budget_rows(problem),
        {"limit": "provinces with a site", "at_least": problem.province_count_min,
         "unit": "provinces"},
        {"limit": "spacing", "at_least": problem.spacing_m / 1000, "unit": "km"},
        *_flow_rows(problem),
        *_energy_rows(problem),
    ]  # fmt: skip
    columns = ["limit", "of", "voltage_kv", "year", "at_least", "at_most", "unit"]
    table = pd.DataFrame(rows, columns=columns)
    for name in ("voltage_kv", "at_least", "at_most"):
        table[name] = table[name].astype(np.float64)
    return table.assign(year=table["year"].astype("Int64"), of=table["of"].fillna(""))


def price_table(problem: Problem) -> pd.DataFrame:
    """Return what a MW of load at each bus takes of each flow limit, in MW; others take nothing.

    Parameters
    ----------
    problem : Problem
        Of a run.
    """
    limit, bus = np.nonzero(problem.flow_price)
    return pd.DataFrame(
        {
            "limit": np.array(_flow_names(problem), dtype=object)[limit],
            "bus_id": problem.bus_id.astype(object)[bus],
            "price": problem.flow_price[limit, bus],
        }
    )


def energy_cut_table(problem: Problem) -> pd.DataFrame:
    """Return what a MW of load at each bus in each year adds to each known cut of the energy cost.

    What energy costs beside its price in the options is at least the cut's constant (``energy
    cost`` in ``limits.csv``) and these prices times contract power; the largest cut is taken.

    Parameters
    ----------
    problem : Problem
        Of a run.
    """
    price = problem.energy_price_bn_krw_per_mw
    cut, year, bus = np.nonzero(price)
    return pd.DataFrame(
        {
            "cut": (cut + 1).astype(str),
            "year": problem.years[year],
            "bus_id": problem.bus_id.astype(object)[bus],
            "bn_krw_per_mw": price[cut, year, bus],
        }
    )


def program_record(tables: RunTables, problem: Problem) -> dict[str, Any]:
    """Return what holds for the whole program, as in ``program.json``.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    problem : Problem
        Its program.
    """
    years = [int(year) for year in problem.years]
    factor = (1.0 + tables.discount_pct / 100.0) ** -(problem.years - problem.years[0]).astype(
        np.float64
    )
    scenario = tables.scenario
    return {
        "scenario": scenario.name,
        "objective": {
            "kind": problem.objective,
            "sense": "least",
            "unit": "bn KRW" if problem.objective == "cost" else "minus suitable MW",
        },
        "gap": scenario.solver.gap,
        "block_it_mw": problem.block_mw,
        "it_min_mw": scenario.build.it_min_mw,
        "it_max_mw": scenario.build.it_max_mw,
        **_campus_bounds(scenario),
        "works_begin": scenario.target.works_begin,
        "grows": bool(problem.grows),
        "years": [
            {"year": year, "discount": float(value)}
            for year, value in zip(years, factor, strict=True)
        ],
    }


def _counts_suitability(tables: RunTables) -> bool:
    aim = tables.scenario.objective
    return aim.kind == "suitability" or aim.suitability_price_bn_krw_per_mw > 0


def _areas(problem: Problem) -> NDArray[np.object_]:
    """Return the area (O,) whose published headroom the level of each option shares; '' for none."""
    names = np.append(problem.area_id.astype(object), "")
    level = np.append(problem.level_area, -1)[problem.option_level]
    return np.asarray(names[level], dtype=np.object_)


def _last(problem: Problem, values: NDArray[Any]) -> NDArray[Any]:
    """Return what options say of their last year, one a connection."""
    return values[problem.horizon - 1 :: problem.horizon]


def _opening_years(problem: Problem) -> dict[str, pd.Series[int]]:
    """Return the first and last year in which each connection may open its site; empty for none.

    What a connection lacks time for in a year, it has time for in a later one.
    """
    may = (problem.option_opens & ~problem.option_late).reshape(-1, problem.horizon)
    any_year = np.asarray(may.any(axis=1), dtype=np.bool_)
    first = problem.years[may.argmax(axis=1)]
    last = problem.years[problem.horizon - 1 - may[:, ::-1].argmax(axis=1)]
    return {
        name: pd.Series(year, dtype="Int64").where(pd.Series(any_year))
        for name, year in (("open_first", first), ("open_last", last))
    }


def _target_rows(problem: Problem) -> list[dict[str, Any]]:
    exact = problem.target_most_blocks < _MANY_BLOCKS
    most = problem.target_most_blocks if exact else np.nan
    return [
        {"limit": "target", "year": int(year), "at_least": float(blocks), "at_most": most,
         "unit": "blocks"}
        for year, blocks in zip(problem.years, problem.target_blocks, strict=True)
    ]  # fmt: skip


def _station_rows(problem: Problem) -> list[dict[str, Any]]:
    """Return the headroom of station levels, of whole stations that have several, of areas."""
    rows: list[dict[str, Any]] = []
    for place, (station, kv) in enumerate(
        zip(problem.level_station.tolist(), problem.level_kv.tolist(), strict=True)
    ):
        rows.extend(
            {"limit": "station level", "of": str(problem.station_id[station]), "voltage_kv": kv,
             "year": int(year), "at_most": float(most), "unit": "MW"}
            for year, most in zip(problem.years, problem.level_headroom_mw[place], strict=True)
        )  # fmt: skip
    levels = np.bincount(problem.level_station, minlength=len(problem.station_id))
    for station in np.flatnonzero(levels > 1).tolist():
        rows.extend(
            {"limit": "station", "of": str(problem.station_id[station]), "year": int(year),
             "at_most": float(most), "unit": "MW"}
            for year, most in zip(problem.years, problem.station_headroom_mw[station], strict=True)
        )  # fmt: skip
    rows.extend(
        {"limit": "area", "of": str(area), "year": int(year), "at_most": float(most), "unit": "MW"}
        for area, most in zip(problem.area_id, problem.area_headroom_mw, strict=True)
        for year in problem.years
    )
    return rows


def _place_rows(problem: Problem) -> list[dict[str, Any]]:
    """Return the bounds of provinces in blocks, and the water of basins."""
    provinces = [
        {"limit": "province", "of": str(code), "year": int(year), "at_least": float(low),
         "at_most": _some(high), "unit": "blocks"}
        for code, lows, highs in zip(
            problem.province_code, problem.province_min_blocks, problem.province_max_blocks,
            strict=True,
        )
        for year, low, high in zip(problem.years, lows, highs, strict=True)
    ]  # fmt: skip
    basins = [
        {"limit": "basin", "of": str(basin), "year": int(year), "at_most": float(most),
         "unit": "m3/day"}
        for basin, supply in zip(problem.basin_id, problem.basin_m3_day, strict=True)
        for year, most in zip(problem.years, supply, strict=True)
    ]  # fmt: skip
    return [*provinces, *_group_rows(problem), *basins]


def _group_rows(problem: Problem) -> list[dict[str, Any]]:
    """Return the bounds of groups of provinces in blocks; ``of`` is ``honam=29;46;52``."""
    return [
        {"limit": "province group", "of": f"{name}={';'.join(map(str, codes))}", "year": int(year),
         "at_least": float(low), "at_most": _some(high), "unit": "blocks"}
        for name, member, lows, highs in zip(
            problem.group_id, problem.group_provinces, problem.group_min_blocks,
            problem.group_max_blocks, strict=True,
        )
        for codes in [problem.province_code[member].tolist()]
        for year, low, high in zip(problem.years, lows, highs, strict=True)
    ]  # fmt: skip


def _share_rows(problem: Problem) -> list[dict[str, Any]]:
    return [
        {"limit": f"share of each {kind}", "year": int(year), "at_most": float(most),
         "unit": "blocks"}
        for kind, shares in (
            ("station", problem.station_share_blocks), ("basin", problem.basin_share_blocks),
        )
        for year, most in zip(problem.years, shares, strict=True)
        if most < _MANY_BLOCKS
    ]  # fmt: skip


def _budget_rows(problem: Problem) -> list[dict[str, Any]]:
    budgets = [(None, problem.budget_bn_krw)]
    budgets += zip(problem.years.tolist(), problem.year_budget_bn_krw.tolist(), strict=True)
    return [
        {"limit": "budget", "year": year, "at_most": float(most), "unit": "bn KRW"}
        for year, most in budgets
        if np.isfinite(most)
    ]


def _flow_rows(problem: Problem) -> list[dict[str, Any]]:
    return [
        {"limit": "flow", "of": name, "year": int(problem.years[year]),
         "at_most": float(most), "unit": "MW"}
        for name, most, year in zip(
            _flow_names(problem), problem.flow_most_mw, problem.flow_year, strict=True
        )
    ]  # fmt: skip


def _energy_rows(problem: Problem) -> list[dict[str, Any]]:
    """Return the constants of the cuts: without any load energy costs at least so much."""
    return [
        {"limit": "energy cost", "of": str(place + 1), "at_least": float(constant),
         "unit": "bn KRW"}
        for place, constant in enumerate(problem.energy_constant_bn_krw)
    ]  # fmt: skip


def _flow_names(problem: Problem) -> list[str]:
    places = range(len(problem.flow_name))
    return [limit_name(key) for key in flows.limit_keys(problem, places, dated=False)]


def _some(blocks: float) -> float:
    """Return blocks, or nothing where they are no limit."""
    return float(blocks) if blocks < _MANY_BLOCKS else np.nan
