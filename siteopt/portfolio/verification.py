"""Independent verification of a plan against the raw tables, with no code of the program.

Nothing here uses `Problem`, the families or a solver: every limit of every year is read from the
scenario and the tables again, in MW, km and bn KRW.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from siteopt.errors import SolverError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from siteopt.scenario import Scenario

__all__ = ["verify", "violations"]

_SLACK = 1e-6  # relative; sums of floats, not leniency
_ALL_PCT = 100.0
_DESCRIBED = ("pue", "water_m3_day_per_mw", "basin_id", "basin_shares")
_FIGURES = ("blocks", "facility_mw", "water_m3_day", "cost_bn_krw", "capital_bn_krw")


def verify(  # noqa: PLR0913, PLR0917 - the raw tables, one by one
    sites: pd.DataFrame,
    described: pd.DataFrame,
    options: pd.DataFrame,
    headroom: pd.DataFrame,
    basins: pd.DataFrame,
    scenario: Scenario,
    plan: pd.DataFrame,
    steps: pd.DataFrame,
    discount_pct: float = 0.0,
) -> None:
    """Check a plan against the raw tables.

    Parameters
    ----------
    sites, described, options, headroom, basins : DataFrame
        The tables that `build_problem` took.
    scenario : Scenario
        Scenario of the plan.
    plan : DataFrame
        From `Plan.table`.
    steps : DataFrame
        From `Plan.steps`.
    discount_pct : float
        Yearly rate at which costs of later years are discounted to the first year of the plan.

    Raises
    ------
    SolverError
        If the plan breaks a limit or misstates a figure; the message names all of them.
    """
    found = violations(
        sites, described, options, headroom, basins, scenario, plan, steps, discount_pct
    )
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
    steps: pd.DataFrame,
    discount_pct: float = 0.0,
) -> list[str]:
    """Return one sentence for every limit that a plan breaks; see `verify`."""
    stray = sorted({*plan["option_id"], *steps["option_id"]} - set(options["option_id"]))
    if stray:
        return [f"option {stray[0]} is not in the table of options"]
    joined = (
        steps[["site_id", "option_id", "year", "opens", "it_mw", *_FIGURES]]
        .rename(columns={name: f"given_{name}" for name in (*_FIGURES, "opens")})
        .merge(options, on="option_id", suffixes=("", "_option"))
        .merge(_bounded(sites, scenario), on="site_id")
        .merge(
            described.rename_axis("site_id")[[name for name in _DESCRIBED if name in described]],
            on="site_id",
        )
        .sort_values(["site_id", "year"], ignore_index=True)
    )
    if len(joined) != len(steps):
        return ["a site of the plan is not in the tables of sites"]
    built = _with_figures(joined, scenario, discount_pct)
    return [
        *_of_steps(built, scenario),
        *_of_sites(built, scenario),
        *_of_rules(built, scenario),
        *_of_targets(built, scenario),
        *_of_provinces(built, scenario),
        *_of_groups(built, scenario),
        *_of_stations(built, headroom, scenario),
        *_of_water(built, basins, scenario),
        *_of_diversity(built, scenario),
        *_of_distance(built, scenario),
        *_of_figures(built, plan),
        *_of_budgets(built, scenario),
        *_of_early_power(steps, scenario, discount_pct),
    ]


def _bounded(sites: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return the sites with the bounds of a build there: campuses have their own."""
    build, campus = scenario.build, scenario.candidates.campus
    places = sites[["site_id", "x_m", "y_m", "province_code", "it_max_mw"]]
    if campus is None:
        return places.assign(build_min_mw=build.it_min_mw, build_max_mw=build.it_max_mw)
    own = sites["kind"] == "campus"
    return places.assign(
        build_min_mw=np.where(own, campus.it_min_mw, build.it_min_mw),
        build_max_mw=np.where(own, campus.it_max_mw, build.it_max_mw),
    )


def _with_figures(steps: pd.DataFrame, scenario: Scenario, discount_pct: float) -> pd.DataFrame:
    """Return the steps with what each adds, worked out from the tables alone."""
    first = ~steps["site_id"].duplicated()
    load, target = steps["it_mw"], scenario.target
    begun = {site.site_id: site.it_mw for site in scenario.sites.begun}
    paid = steps["site_id"].map(begun).fillna(0.0).where(first, 0.0)
    fixed = steps["capital_fixed_bn_krw"].where(first & (paid == 0), 0.0)
    factor = (1 + discount_pct / 100) ** -(steps["year"] - min(_years(scenario))).astype(float)
    cost = steps["fixed_bn_krw"].where(first, 0.0) + steps["per_mw_bn_krw"] * load
    relief = steps["relief_mw"] if "relief_mw" in steps else 0.0 * load
    last = {year: f" in {year}" if target.it_mw_by_year else "" for year in _years(scenario)}
    return steps.assign(
        first=first,
        when=steps["year"].map(last).fillna(""),
        blocks=load / scenario.build.block_mw,
        facility_mw=load * steps["pue"],
        water_m3_day=load * steps["water_m3_day_per_mw"],
        cost_bn_krw=cost * factor,
        capital_bn_krw=fixed + steps["capital_per_mw_bn_krw"] * (load - paid),
        relief_mw=relief.where(first, 0.0),
    )


def _years(scenario: Scenario) -> list[int]:
    target = scenario.target
    return list(range(min([*target.it_mw_by_year, target.year]), target.year + 1))


def _held(value: float | Mapping[int, float], year: int, before: float) -> float:
    """Return what a limit is in a year, where it may be a table of numbers by year."""
    if not isinstance(value, Mapping):
        return float(value)
    since = [named for named in sorted(value) if named <= year]
    return float(value[since[-1]]) if since else before


def _targets(scenario: Scenario) -> dict[int, float]:
    """Return the target of every year in MW."""
    target = scenario.target
    early = {year: _held(target.it_mw_by_year, year, 0.0) for year in _years(scenario)}
    return early | {target.year: target.it_mw}


def _when(scenario: Scenario, year: int) -> str:
    return f" in {year}" if len(_years(scenario)) > 1 else ""


def _above(value: float, limit: float) -> bool:
    return value > limit + _SLACK * max(1.0, abs(limit))


def _of_steps(steps: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    """Check that every step is whole and in a year of the plan, and that the first one opens."""
    block, years = scenario.build.block_mw, _years(scenario)
    columns = ["site_id", "site_id_option", "option_id", "year", "it_mw", "first", "given_opens"]
    for row in steps[columns].to_dict("records"):
        name = f"site {row['site_id']}"
        load, year = float(row["it_mw"]), int(row["year"])
        if row["site_id"] != row["site_id_option"]:
            yield f"option {row['option_id']} is not one of {name}"
        if load <= 0 or abs(load / block - round(load / block)) > _SLACK:
            yield f"{name}: {load:g} MW is not whole blocks of {block:g} MW"
        if year not in years:
            yield f"{name}: {year} is not a year of the plan"
        if row["first"] and not row["given_opens"]:
            yield f"{name} grows in {year} and has not opened before"
        if row["given_opens"] and not row["first"]:
            yield f"{name} opens in {year} and has opened before"
    yield from _of_courses(steps, scenario)


def _of_courses(steps: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    """Check that the steps of a site are of one connection, in different years, where it grows."""
    years = _years(scenario)
    for site, part in steps.groupby("site_id"):
        if (part["option_id"] != part["option_id"].iloc[0]).any():
            yield f"site {site} has more than one connection"
        if part["year"].duplicated().any():
            yield f"site {site} has two steps in one year"
        if len(part) > 1 and not (scenario.build.grows and len(years) > 1):
            yield f"site {site} grows in {part['year'].iloc[1]}, but build.grows is false"


def _of_sites(steps: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    """Check the size of every site when it opens and in the end, and when it opens."""
    begun = {site.site_id for site in scenario.sites.begun}
    for site, part in steps.groupby("site_id"):
        opening, name = part.iloc[0], f"site {site}"
        small, load = float(opening["it_mw"]), float(part["it_mw"].sum())
        least, most = float(opening["build_min_mw"]), float(opening["build_max_mw"])
        if (site not in begun and _above(least, small)) or _above(load, most):
            wrong = load if _above(load, most) else small
            yield f"{name}: {wrong:g} MW is outside the bounds of a build"
        if _above(load, float(opening["it_max_mw"])):
            yield f"{name}: {load:g} MW needs more land than there is"
        years = int(opening["year"]) - scenario.target.works_begin
        if site not in begun and _above(float(opening.get("lead_time_years", 0.0)), years):
            yield f"{name}: its connection takes longer than {years} years"
        low, high = float(opening["facility_min_mw"]), float(opening["facility_max_mw"])
        first, last = float(opening["facility_mw"]), float(part["facility_mw"].sum())
        if _above(last, high) or first <= low:
            wrong = last if _above(last, high) else first
            yield f"{name}: {wrong:g} MW is outside the class {low:g}-{high:g} MW"


def _of_rules(steps: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    """Check the sites that must and must not be chosen, and those under construction."""
    rules, chosen = scenario.sites, set(steps["site_id"])
    for site in [*rules.must, *(site.site_id for site in rules.begun)]:
        if site not in chosen:
            yield f"site {site} must be chosen and is not"
    for site in rules.must_not:
        if site in chosen:
            yield f"site {site} must not be chosen and is"
    columns = ["site_id", "year", "it_mw", "station_id"]
    opening = {row["site_id"]: row for row in steps.loc[steps["first"], columns].to_dict("records")}
    for begun in rules.begun:
        if begun.site_id not in chosen:
            continue
        row, year = opening[begun.site_id], max(begun.year, min(_years(scenario)))
        if row["year"] != year or _above(begun.it_mw, float(row["it_mw"])):
            yield (
                f"site {begun.site_id} is under construction: it opens in {year} with at least "
                f"{begun.it_mw:g} MW, not in {row['year']} with {row['it_mw']:g} MW"
            )
        if begun.station_id is not None and row["station_id"] != begun.station_id:
            yield f"site {begun.site_id} is fed by {row['station_id']}, not {begun.station_id}"


def _of_targets(steps: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    total = 0.0
    for year, target in _targets(scenario).items():
        total = float(steps.loc[steps["year"] <= year, "it_mw"].sum())
        if _above(target, total):
            yield f"the plan has {total:g} MW{_when(scenario, year)}, the target is {target:g} MW"
    target = scenario.target.it_mw
    if scenario.objective.kind == "suitability" and _above(total, target):
        yield f"the plan has {total:g} MW, more than the target of {target:g} MW"


def _of_provinces(steps: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    settings, final = scenario.provinces, scenario.target.it_mw
    present = steps["province_code"].nunique()
    if present < settings.count_min:
        yield f"{present} provinces have a site, not {settings.count_min}"
    codes = sorted({*steps["province_code"].astype(str), *settings.shares})
    for year, target in _targets(scenario).items():
        running = steps[steps["year"] <= year].groupby("province_code")["it_mw"].sum()
        for code in codes:
            load, named = float(running.get(code, 0.0)), settings.shares.get(code)
            low = _held(named.min_pct, year, 0.0) if named else 0.0
            high = _held(named.max_pct if named else settings.share_max_pct, year, _ALL_PCT)
            # All of an early target is no limit on what is built ahead of it.
            most = high / 100 * (target if high < _ALL_PCT else final)
            if _above(load, most) or _above(low / 100 * target, load):
                yield (
                    f"province {code} has {100 * load / target:g} % of the target"
                    f"{_when(scenario, year)}, outside {low:g}-{high:g} %"
                )


def _of_groups(steps: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    """Check the groups of provinces, in MW as the scenario states them."""
    for name, group in scenario.provinces.groups.items():
        inside = steps[steps["province_code"].astype(str).isin(group.provinces)]
        for year, target in _targets(scenario).items():
            load = float(inside.loc[inside["year"] <= year, "it_mw"].sum())
            low = _held(group.min_pct, year, 0.0) / 100 * target
            if year == scenario.target.year:
                low = max(low, group.min_mw)
            share = _held(group.max_pct, year, _ALL_PCT)
            high = share / 100 * target if share < _ALL_PCT else float("inf")
            high = min(high, float("inf") if group.max_mw is None else group.max_mw)
            if _above(load, high) or _above(low, load):
                yield (
                    f"group {name} has {load:g} MW{_when(scenario, year)}, outside "
                    f"{low:g}-{high:g} MW"
                )


def _rooms(headroom: pd.DataFrame, year: int, last: int) -> pd.Series[float]:
    """Return the headroom of every station level in a year, 0 before the first known one."""
    key = ["station_id", "voltage_kv"]
    if "year" not in headroom.columns:
        return headroom.groupby(key)["headroom_mw"].last()
    levels = headroom[headroom["year"] <= last].groupby(key).size().index
    known = headroom[headroom["year"] <= year].sort_values("year")
    return known.groupby(key)["headroom_mw"].last().reindex(levels, fill_value=0.0)


def _of_stations(steps: pd.DataFrame, headroom: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    level = ["level_station_id", "station_kv"]
    own = "level_station_id" if "level_station_id" in steps else "station_id"
    steps = steps.assign(level_station_id=steps[own])  # a campus has a level of its own
    pays = steps[steps["relief_mw"] > 0].groupby(level).size()
    for at in pays.index[pays > 1]:
        yield f"station {at[0]} at {at[1]:g} kV: {pays[at]} sites pay for works, not one"
    used = headroom[headroom["station_id"].isin(steps["level_station_id"])]
    for year in _years(scenario):
        when = _when(scenario, year)
        room = _rooms(used, year, scenario.target.year)
        running = steps[steps["year"] <= year]
        sums = running.groupby(level)[["facility_mw", "relief_mw"]].sum()
        for (station, kv), load, relief in sums.itertuples():
            limit = float(room.get((station, kv), 0.0)) + float(relief)
            if _above(load, limit):
                yield (
                    f"station {station} at {kv:g} kV takes {load:g} MW{when}, "
                    f"its headroom is {limit:g} MW"
                )
        levels = room.groupby(level="station_id")
        several = levels.max()[levels.size() > 1]  # new banks draw from another of its levels
        for station, load in running.groupby("level_station_id")["facility_mw"].sum().items():
            limit = float(several.get(station, np.inf))
            if _above(float(load), limit):
                yield (
                    f"station {station} takes {load:g} MW{when}, its headroom is {limit:g} MW in all"
                )
        yield from _of_areas(running, used, when)


def _of_areas(running: pd.DataFrame, headroom: pd.DataFrame, when: str) -> Iterator[str]:
    """Return areas whose stations take more than their one published headroom and their works."""
    if "area_id" not in headroom.columns:
        return
    named = headroom[headroom["area_id"].fillna("") != ""]
    level = ["station_id", "voltage_kv"]
    rows = named.drop_duplicates(level)[[*level, "area_id", "published_mw"]]
    rows = rows.rename(columns={"station_id": "level_station_id", "voltage_kv": "station_kv"})
    sums = running.merge(rows, on=["level_station_id", "station_kv"]).groupby("area_id")
    for area, part in sums:
        load = float(part["facility_mw"].sum())
        limit = float(part["published_mw"].max()) + float(part["relief_mw"].sum())
        if _above(load, limit):
            yield f"area {area} takes {load:g} MW{when}, its published headroom is {limit:g} MW"


def _of_water(steps: pd.DataFrame, basins: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    supply = basins.drop_duplicates("basin_id").set_index("basin_id")["supply_m3_day"]
    for year in _years(scenario):
        need = _by_basin(steps[steps["year"] <= year])
        share = _held(scenario.water.basin_share_pct, year, 0.0)
        for basin, water in need.items():
            limit = float(supply.get(basin, 0.0)) * share / 100
            if _above(float(water), limit):
                yield (
                    f"basin {basin} gives {water:g} m3 a day{_when(scenario, year)}, "
                    f"{limit:g} are open to sites"
                )


def _by_basin(steps: pd.DataFrame) -> dict[str, float]:
    """Return the water that steps take of each basin; campuses take of several at fixed shares."""
    need: dict[str, float] = {}
    for row in steps.to_dict("records"):
        shares = {str(row["basin_id"]): 1.0}
        if named := str(row.get("basin_shares", "")):
            shares = {key: float(part) for key, part in (p.split("=") for p in named.split(";"))}
        for basin, share in shares.items():
            need[basin] = need.get(basin, 0.0) + float(row["water_m3_day"]) * share
    return dict(sorted(need.items()))


def _of_diversity(steps: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    settings = scenario.diversity
    limits = {
        ("station", "station_id"): settings.station_max_pct,
        ("province", "province_code"): settings.province_max_pct,
        ("basin", "basin_id"): settings.basin_max_pct,
    }
    for year, target in _targets(scenario).items():
        for (kind, column), share in limits.items():
            most = _held(share, year, _ALL_PCT)
            if most >= _ALL_PCT:
                continue
            running = steps[steps["year"] <= year].groupby(column)["it_mw"].sum()
            for name, load in running.items():
                if _above(float(load), most / 100 * target):
                    yield (
                        f"the loss of {kind} {name} takes {100 * load / target:g} % of the target"
                        f"{_when(scenario, year)}, more than {most:g} %"
                    )


def _of_distance(steps: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    plan = steps[steps["first"]]
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


def _of_figures(steps: pd.DataFrame, plan: pd.DataFrame) -> Iterator[str]:
    """Check the figures of the plan and its steps against the tables."""
    given_names = [f"given_{name}" for name in _FIGURES]
    stated = steps[["site_id", "when", *_FIGURES, *given_names]].to_dict("records")
    for name in _FIGURES:
        for row in stated:
            given, computed = float(row[f"given_{name}"]), float(row[name])
            if abs(computed - given) > _SLACK * max(1.0, abs(computed)):
                yield (
                    f"step of site {row['site_id']}{row['when']}: {name} is {given:g}, "
                    f"the tables give {computed:g}"
                )
    by_site = steps.groupby("site_id")
    sums = by_site[["it_mw", *_FIGURES]].sum().assign(open_year=by_site["year"].min())
    computed_of = sums.to_dict("index")
    given_sites = list(plan["site_id"])
    if sorted(given_sites) != sums.index.tolist():
        yield "the sites of the plan and of its steps are not the same ones"
        return
    options = steps.groupby("site_id")["option_id"].first()
    for row in plan[["site_id", "option_id", *sums.columns]].to_dict("records"):
        site = row["site_id"]
        if row["option_id"] != options[site]:
            yield f"site {site}: the plan and its steps name different connections"
        for name in sums.columns:
            given, computed = float(row[name]), float(computed_of[site][name])
            if abs(computed - given) > _SLACK * max(1.0, abs(computed)):
                yield f"site {site}: {name} is {given:g}, the tables give {computed:g}"


def _of_budgets(steps: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    spent, objective = steps.groupby("year")["capital_bn_krw"].sum(), scenario.objective
    budget, total = objective.budget_bn_krw, float(spent.sum())
    if budget is not None and _above(total, budget):
        yield f"the plan needs {total:g} bn KRW of capital, the budget is {budget:g}"
    for year, most in sorted(objective.budget_by_year_bn_krw.items()):
        needed = float(spent.get(year, 0.0))
        if _above(needed, most):
            yield f"the plan needs {needed:g} bn KRW of capital in {year}, the budget is {most:g}"


def _of_early_power(steps: pd.DataFrame, scenario: Scenario, discount_pct: float) -> Iterator[str]:
    """Check the worth of what runs before the last year, year by year."""
    target, years = scenario.target, _years(scenario)
    each = target.early_worth_bn_krw_per_mw_year
    if "early_worth_bn_krw" not in steps or scenario.objective.kind != "cost":
        return
    for row in steps[["site_id", "year", "it_mw", "early_worth_bn_krw"]].to_dict("records"):
        early = [year for year in years if int(row["year"]) <= year < target.year]
        factors = sum((1 + discount_pct / 100) ** -(year - years[0]) for year in early)
        computed, given = float(row["it_mw"]) * each * factors, float(row["early_worth_bn_krw"])
        if abs(computed - given) > _SLACK * max(1.0, abs(computed)):
            yield (
                f"step of site {row['site_id']}{_when(scenario, int(row['year']))}: "
                f"early_worth_bn_krw is {given:g}, the tables give {computed:g}"
            )
