"""The final plan, checked against the raw tables by code that shares nothing with the program.

Nothing here uses `Problem`, the families or a solver: every limit is read from the scenario and
the tables again, in MW, km and bn KRW.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.errors import SolverError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from siteopt.scenario import Scenario

__all__ = ["verify", "violations"]

_SLACK = 1e-6  # relative; sums of floats, not leniency


def verify(  # noqa: PLR0913, PLR0917 - the raw tables, one by one
    sites: pd.DataFrame,
    described: pd.DataFrame,
    options: pd.DataFrame,
    headroom: pd.DataFrame,
    basins: pd.DataFrame,
    scenario: Scenario,
    plan: pd.DataFrame,
) -> None:
    """Check a plan against the raw tables.

    Parameters
    ----------
    sites, described, options, headroom, basins : DataFrame
        The tables that `build_problem` took.
    scenario : Scenario
        What was asked.
    plan : DataFrame
        From `Plan.table`.

    Raises
    ------
    SolverError
        If the plan breaks a limit or misstates a figure; the message names all of them.
    """
    found = violations(sites, described, options, headroom, basins, scenario, plan)
    if found:
        raise SolverError(f"the plan contradicts the tables: {'; '.join(found)}")


def violations(  # noqa: PLR0913, PLR0917 - the raw tables, one by one
    sites: pd.DataFrame,
    described: pd.DataFrame,
    options: pd.DataFrame,
    headroom: pd.DataFrame,
    basins: pd.DataFrame,
    scenario: Scenario,
    plan: pd.DataFrame,
) -> list[str]:
    """Return one sentence for every limit that a plan breaks; see `verify`."""
    stray = sorted(set(plan["option_id"]) - set(options["option_id"]))
    if stray:
        return [f"option {stray[0]} is not in the table of options"]
    joined = (
        plan[["site_id", "option_id", "it_mw", "cost_bn_krw", "capital_bn_krw"]]
        .merge(options, on="option_id", suffixes=("", "_option"))
        .merge(sites[["site_id", "x_m", "y_m", "province_code", "it_max_mw"]], on="site_id")
        .merge(
            described[["pue", "water_m3_day_per_mw", "basin_id"]],
            left_on="site_id",
            right_index=True,
        )
    )
    if len(joined) != len(plan):
        return ["a site of the plan is not in the tables of sites"]
    joined["facility_mw"] = joined["it_mw"] * joined["pue"]
    return [
        *_of_sites(joined, scenario),
        *_of_target_and_provinces(joined, scenario),
        *_of_stations(joined, headroom, scenario.target.year),
        *_of_water(joined, basins, scenario),
        *_of_distance(joined, scenario),
        *_of_money(joined, scenario),
    ]


def _above(value: float, limit: float) -> bool:
    return value > limit + _SLACK * max(1.0, abs(limit))


def _of_sites(plan: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    build = scenario.build
    years = scenario.target.year - scenario.target.works_begin
    for site in plan.loc[plan["site_id"].duplicated(), "site_id"]:
        yield f"site {site} has more than one connection"
    for row in plan.to_dict("records"):
        load, facility = float(row["it_mw"]), float(row["facility_mw"])
        if row["site_id"] != row["site_id_option"]:
            yield f"option {row['option_id']} is not one of site {row['site_id']}"
        if abs(load / build.block_mw - round(load / build.block_mw)) > _SLACK:
            yield f"site {row['site_id']}: {load:g} MW is not whole blocks of {build.block_mw:g} MW"
        if _above(build.it_min_mw, load) or _above(load, build.it_max_mw):
            yield f"site {row['site_id']}: {load:g} MW is outside the bounds of a build"
        if _above(load, float(row["it_max_mw"])):
            yield f"site {row['site_id']}: {load:g} MW needs more land than there is"
        if _above(float(row.get("lead_time_years", 0.0)), years):
            yield f"site {row['site_id']}: its connection takes longer than {years} years"
        low, high = float(row["facility_min_mw"]), float(row["facility_max_mw"])
        if _above(facility, high) or facility <= low:
            yield f"site {row['site_id']}: {facility:g} MW is outside the class {low:g}-{high:g} MW"


def _of_target_and_provinces(plan: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    target, total = scenario.target.it_mw, float(plan["it_mw"].sum())
    if _above(target, total):
        yield f"the plan has {total:g} MW, the target is {target:g} MW"
    if scenario.objective.kind == "suitability" and _above(total, target):
        yield f"the plan has {total:g} MW, more than the target of {target:g} MW"
    by_province = plan.groupby("province_code")["it_mw"].sum()
    if len(by_province) < scenario.provinces.count_min:
        yield f"{len(by_province)} provinces have a site, not {scenario.provinces.count_min}"
    named = scenario.provinces.shares
    for code in sorted({*by_province.index.astype(str), *named}):
        share = 100 * float(by_province.get(code, 0.0)) / target
        low = named[code].min_pct if code in named else 0.0
        high = named[code].max_pct if code in named else scenario.provinces.share_max_pct
        if _above(share, high) or _above(low, share):
            yield f"province {code} has {share:g} % of the target, outside {low:g}-{high:g} %"


def _of_stations(plan: pd.DataFrame, headroom: pd.DataFrame, year: int) -> Iterator[str]:
    known = headroom
    if "year" in headroom.columns:
        known = headroom[headroom["year"] <= year].sort_values("year")
    room = known.groupby(["station_id", "voltage_kv"])["headroom_mw"].last()
    relief = plan["relief_mw"] if "relief_mw" in plan else 0.0 * plan["it_mw"]
    at_level = plan.assign(relief_mw=relief, pays=relief > 0).groupby(["station_id", "station_kv"])
    sums = at_level[["facility_mw", "relief_mw", "pays"]].sum()
    for (station, level_kv), row in zip(sums.index.to_list(), sums.to_dict("records"), strict=True):
        kv, load = float(level_kv), float(row["facility_mw"])
        limit = float(room.get((station, kv), 0.0)) + float(row["relief_mw"])
        if row["pays"] > 1:
            yield f"station {station} at {kv:g} kV: {row['pays']:g} sites pay for new banks, not one"
        if _above(load, limit):
            yield f"station {station} at {kv:g} kV takes {load:g} MW, its headroom is {limit:g} MW"
    levels = room.groupby(level="station_id")
    several = levels.max()[levels.size() > 1]  # new banks draw from another level of the station
    for station, load in plan.groupby("station_id")["facility_mw"].sum().items():
        limit = float(several.get(station, np.inf))
        if _above(float(load), limit):
            yield f"station {station} takes {load:g} MW, its headroom is {limit:g} MW in all"


def _of_water(plan: pd.DataFrame, basins: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    supply = basins.drop_duplicates("basin_id").set_index("basin_id")["supply_m3_day"]
    need = (plan["it_mw"] * plan["water_m3_day_per_mw"]).groupby(plan["basin_id"]).sum()
    for basin, water in need.items():
        limit = float(supply.get(basin, 0.0)) * scenario.water.basin_share_pct / 100
        if _above(float(water), limit):
            yield f"basin {basin} gives {water:g} m3 a day, {limit:g} are open to sites"


def _of_distance(plan: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    x, y = plan["x_m"].to_numpy(dtype=np.float64), plan["y_m"].to_numpy(dtype=np.float64)
    names = plan["site_id"].to_numpy()
    for i in range(len(plan)):
        for j in range(i):
            km = float(np.hypot(x[i] - x[j], y[i] - y[j])) / 1000
            if _above(scenario.spacing_km, km):
                yield (
                    f"sites {names[j]} and {names[i]} stand {km:.3f} km apart, "
                    f"not {scenario.spacing_km:g} km"
                )


def _of_money(plan: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    cost = plan["fixed_bn_krw"] + plan["per_mw_bn_krw"] * plan["it_mw"]
    capital = plan["capital_fixed_bn_krw"] + plan["capital_per_mw_bn_krw"] * plan["it_mw"]
    for name, computed in (("cost_bn_krw", cost), ("capital_bn_krw", capital)):
        wrong = np.flatnonzero(
            (computed - plan[name]).abs() > _SLACK * np.maximum(1.0, computed.abs())
        )
        if wrong.size:
            row = int(wrong[0])
            yield (
                f"site {plan['site_id'].iloc[row]}: {name} is {plan[name].iloc[row]:g}, "
                f"the tables give {computed.iloc[row]:g}"
            )
    budget = scenario.objective.budget_bn_krw
    if budget is not None and _above(float(capital.sum()), budget):
        yield f"the plan needs {capital.sum():g} bn KRW of capital, the budget is {budget:g}"
