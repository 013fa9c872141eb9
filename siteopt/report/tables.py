"""Ranking table and site costs: the tables that a reader gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt._units import KRW_PER_BN
from siteopt.costs.price_parts import PRICE_PARTS
from siteopt.report._names import station_names
from siteopt.report._years import present_weights, running_mw, several_years
from siteopt.report.rank_ranges import proven_ranks, rank_intervals
from siteopt.report.robustness_files import classes_of

if TYPE_CHECKING:
    from siteopt.layers.protocols import LayersLike
    from siteopt.report.run_tables import RunTables
    from siteopt.scenario import Build, Scenario

__all__ = [
    "FRONT",
    "components",
    "largest_sizes",
    "ranking_table",
    "site_costs",
    "standalone_costs",
    "value_unit",
]

_FIXED: Final = "fixed_"
_PER_MW: Final = "per_mw_"
_MONEY: Final = "_bn_krw"
_IMPACT: Final = "impact_"
_POINT_DECIMALS: Final = 2
_COUNT_SLACK: Final = 1e-9
"""2.0 blocks computed as 1.9999999996 are two blocks."""


def components(options: pd.DataFrame) -> list[str]:
    """Return the cost components of a table of options, in the order of its columns.

    A component has ``fixed_<component>_bn_krw``, ``per_mw_<component>_bn_krw`` or both.

    Parameters
    ----------
    options : DataFrame
        Costed connection options.
    """
    found: list[str] = []
    for column in map(str, options.columns):
        for head in (_FIXED, _PER_MW):
            name = column.removeprefix(head).removesuffix(_MONEY)
            whole = head + name + _MONEY == column
            if whole and name and name not in found:
                found.append(name)
    return found


def site_costs(tables: RunTables) -> pd.DataFrame:
    """Return what each site costs, by component.

    A chosen site at its size and connection in the plan; any other site through the connection
    that is cheapest per MW, at the largest size that its land, the voltage class and the
    headroom of the station allow. In a plan over several years a chosen site costs the present
    value of its steps, any other as if all of it opened in the first year; so that both can be
    compared, costs per MW are per MW discounted likewise (``discounted_it_mw``), which comes to
    prices of the year of opening.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.

    Returns
    -------
    DataFrame
        Indexed by ``site_id``, sites without a possible connection left out: ``option_id``,
        ``in_plan``, ``it_mw``, ``facility_mw``, ``cost_<component>_bn_krw``, ``cost_bn_krw``
        and ``bn_krw_per_mw`` (discounted, per MW of IT load), ``discounted_it_mw`` where several
        years are planned, ``krw_per_mwh_it`` (levelised, per
        MWh of IT energy) where the run knows the energy.
    """
    names = components(tables.options)
    options = _narrow(
        tables.options,
        [
            "option_id",
            "site_id",
            *(f"{head}{name}{_MONEY}" for name in names for head in (_FIXED, _PER_MW)),
        ],
    ).merge(_sizes(tables), on="option_id", how="inner")
    for name in names:
        fixed = options.get(f"{_FIXED}{name}{_MONEY}", 0.0)
        per_mw = options.get(f"{_PER_MW}{name}{_MONEY}", 0.0)
        options[f"cost_{name}{_MONEY}"] = (
            fixed * options["opening"] + per_mw * options["discounted_it_mw"]
        )
    parts = [f"cost_{name}{_MONEY}" for name in names]
    options[f"cost{_MONEY}"] = options[parts].sum(axis=1)
    options["bn_krw_per_mw"] = options[f"cost{_MONEY}"] / options["discounted_it_mw"]
    # sorted are the rows alone that can be a site's first: millions of texts take long
    order = {"site_id": True, "in_plan": False, "bn_krw_per_mw": True, "option_id": True}
    options = options[options["in_plan"] | ~options["site_id"].isin(_planned(options))]
    least = options.groupby("site_id")["bn_krw_per_mw"].transform("min")
    options = options[(options["bn_krw_per_mw"] == least) | least.isna()]
    options = options.sort_values(list(order), ascending=list(order.values()))
    best: pd.DataFrame = options.drop_duplicates("site_id").set_index("site_id")
    sizes = ["it_mw", "facility_mw"]
    if several_years(tables.scenario):
        sizes.append("discounted_it_mw")
    kept = ["option_id", "in_plan", *sizes, *parts, f"cost{_MONEY}"]
    kept.append("bn_krw_per_mw")
    if tables.pv_mwh_per_mw is not None:
        best["krw_per_mwh_it"] = best["bn_krw_per_mw"] * KRW_PER_BN / tables.pv_mwh_per_mw
        kept.append("krw_per_mwh_it")
    return best[kept]


def _narrow(options: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return those of some columns that there are: a table of millions of rows is slow to carry."""
    return options[[name for name in columns if name in options.columns]]


def _planned(options: pd.DataFrame) -> pd.Series[str]:
    """Return the sites of options that are in the plan."""
    planned: pd.Series[str] = options.loc[options["in_plan"], "site_id"]
    return planned


def largest_sizes(
    options: pd.DataFrame, sites: pd.DataFrame, described: pd.DataFrame, build: Build
) -> pd.DataFrame:
    """Return the largest build of each connection option, of whole blocks.

    Parameters
    ----------
    options : DataFrame
        Costed connection options.
    sites : DataFrame
        Candidates: ``site_id``, ``it_max_mw``.
    described : DataFrame
        Criteria by ``site_id``; ``pue`` is used.
    build : Build
        Block and smallest build of the scenario.

    Returns
    -------
    DataFrame
        The options with ``it_max_mw``, ``pue``; ``it_mw``, what land, voltage class and headroom
        allow; ``fits``, whether that is a build.
    """
    options = options.merge(sites[["site_id", "it_max_mw"]], on="site_id", how="left").merge(
        described[["pue"]], left_on="site_id", right_index=True, how="left"
    )
    facility = options["facility_max_mw"]
    if "headroom_mw" in options:
        facility = facility.clip(upper=options["headroom_mw"] + options.get("relief_mw", 0.0))
    it_mw = (facility / options["pue"]).clip(upper=options["it_max_mw"])
    options["it_mw"] = np.floor(it_mw / build.block_mw + _COUNT_SLACK) * build.block_mw
    options["fits"] = (options["it_mw"] >= build.it_min_mw) & (
        options["it_mw"] * options["pue"] > options["facility_min_mw"]
    )
    return options


def standalone_costs(
    options: pd.DataFrame, sites: pd.DataFrame, described: pd.DataFrame, build: Build
) -> pd.Series[float]:
    """Return what a MW of IT load costs at each site by itself, without any plan, in bn KRW.

    Of the connections that can serve a build the cheapest per MW is taken, at the largest size
    that land, voltage class and headroom allow, as :func:`site_costs` does for sites that are not
    chosen.

    Parameters
    ----------
    options, sites, described, build
        As of :func:`largest_sizes`.

    Returns
    -------
    Series
        Discounted bn KRW per MW by ``site_id``; a site without a possible connection is left out.
    """
    sized = largest_sizes(options, sites, described, build)
    sized = sized[sized["fits"]]
    per_mw = sized[f"fixed{_MONEY}"] / sized["it_mw"] + sized[f"per_mw{_MONEY}"]
    return per_mw.groupby(sized["site_id"]).min().rename("bn_krw_per_mw")


def _sizes(tables: RunTables) -> pd.DataFrame:
    """Return the size at which each option is costed; options without any are left out."""
    chosen = tables.plan.chosen.set_index("option_id")
    needed = [
        "option_id", "site_id", "facility_min_mw", "facility_max_mw", "headroom_mw", "relief_mw",
    ]  # fmt: skip
    options = largest_sizes(
        _narrow(tables.options, needed), tables.sites, tables.described, tables.scenario.build
    )
    it_mw = options["it_mw"]
    planned = options["option_id"].map(chosen["it_mw"])
    options["in_plan"] = planned.notna()
    options["it_mw"] = planned.fillna(it_mw)
    options["facility_mw"] = options["it_mw"] * options["pue"]
    weights = present_weights(tables)
    options["opening"] = options["option_id"].map(weights["opening"]).fillna(1.0)
    discounted = options["option_id"].map(weights["discounted_it_mw"])
    options["discounted_it_mw"] = discounted.fillna(options["it_mw"])
    columns = ["option_id", "in_plan", "it_mw", "facility_mw", "opening", "discounted_it_mw"]
    sized: pd.DataFrame = options.loc[options["fits"] | options["in_plan"], columns]
    return sized


def ranking_table(tables: RunTables) -> pd.DataFrame:
    """Return one row a site: rank and value first, then place, connection, costs, criteria.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.

    Returns
    -------
    DataFrame
        Sorted by rank, then ``site_id``; sites that are not ranked stand last. Column names are
        stable; money is in bn KRW, discounted. ``value_bn_krw`` (chosen: the loss without it) and
        ``regret_bn_krw`` (others: the loss with it forced in) are never both there; where neither
        is, ``proof`` has the reason: bounded (see ``lower_bn_krw``), impossible or indispensable.
        ``rank_proven`` is whether no site with a mere bound could be before it,
        ``rank_low`` and ``rank_high`` are the ranks between which it is proven to be. A plan
        over several years has ``open_year`` and ``it_mw_<year>``, what runs in each, of the
        chosen sites. ``clean_krw_kwh`` is what a further kWh of steady clean load costs at the
        bus of the site beside the plan, where clean energy is matched.
    """
    sites = pd.DataFrame(tables.sites.drop(columns="geometry"))
    costs = site_costs(tables)
    table = sites.merge(_values(tables.ranking), on="site_id", how="left")
    if tables.further is not None and len(tables.further.levels):
        table = table.merge(tables.further.levels, on="site_id", how="left")
    table["chosen"] = table["site_id"].isin(tables.plan.chosen["site_id"])
    table["rank"] = table["rank"].astype("Int64")
    table["tied"] = table["tied"].astype("Int64")
    table["rank_proven"] = proven_ranks(table)
    table[["rank_low", "rank_high"]] = rank_intervals(table)
    table = table.merge(costs, left_on="site_id", right_index=True, how="left")
    connection = [
        "option_id", "station_id", "voltage_kv", "route_km", "route_oh_km", "route_ug_km",
        "route_bn_krw", "second_station_id", "second_route_km", "second_feed_bn_krw",
        "lead_time_years", "lead_time_high_years", "works", "works_bn_krw", "relief_mw",
        "headroom_mw", "station_headroom_confidence", "headroom_area_id", "facility_max_mw",
        "bus_id", "energy_price_krw_kwh", *(f"price_{name}_krw_kwh" for name in PRICE_PARTS),
    ]  # fmt: skip
    there = [name for name in connection if name in tables.options.columns]
    table = table.merge(tables.options[there], on="option_id", how="left")
    table = _with_clean_price(table, tables)
    table = _with_station_names(table, tables.layers)
    table = _with_tight_lead_times(table, tables.scenario)
    table = table.drop(columns="in_plan")  # the same as ``chosen``, with gaps
    if (classes := classes_of(tables.robustness)) is not None:
        table = table.merge(classes, left_on="site_id", right_index=True, how="left")
    impact = () if tables.impact is None else (tables.impact.table,)
    for extra in (tables.scores, *impact, tables.described):
        new = [name for name in extra.columns if name not in table.columns]
        table = table.merge(extra[new], left_on="site_id", right_index=True, how="left")
    table, yearly = _with_years(table, tables)
    front = [*_front(table), *yearly]
    table = table[[*front, *(name for name in table.columns if name not in front)]]
    table = _in_whole_steps(table)
    return table.sort_values(["rank", "site_id"], na_position="last").reset_index(drop=True)


def _with_clean_price(table: pd.DataFrame, tables: RunTables) -> pd.DataFrame:
    """Return the table with what a further kWh of clean energy costs at the bus of each site."""
    if tables.energy is None or "bus_id" not in table:
        return table
    buses = tables.energy.buses
    by_bus = buses.set_index(buses["bus_id"].astype(str))["krw_kwh"]
    return table.assign(clean_krw_kwh=table["bus_id"].astype(str).map(by_bus))


def _with_station_names(table: pd.DataFrame, layers: LayersLike) -> pd.DataFrame:
    """Return the table with what the station of each site is called in both languages."""
    if "station_id" not in table:
        return table
    names = {
        station: both
        for name in ("stations", "new_stations")
        if name in layers.ids
        for station, both in station_names(layers.vector(name)).items()
    }
    if not names:
        return table
    if "stations" in table:
        called = {station: f"{ko}/{en}".replace(" ", "_") for station, (ko, en) in names.items()}
        named = table["stations"].map(lambda stations: _named(stations, called), na_action="ignore")
        table = table.assign(stations=named)
    for head in ("station", "second_station"):
        if f"{head}_id" in table:
            both = table[f"{head}_id"].map(names)
            table = table.assign(**{f"{head}_name_ko": both.str[0], f"{head}_name_en": both.str[1]})
    return table


def _named(stations: str, called: dict[str, str]) -> str:
    """Return the stations within reach with their names behind: ``... 신제천/Sinjecheon``."""
    parts = stations.split("; ")
    return "; ".join(f"{part} {called.get(part.split(' ')[0], '')}".rstrip() for part in parts)


def _with_tight_lead_times(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return the table with ``lead_time_tight``: the longest lead time ends after the target year."""
    if "lead_time_high_years" not in table:
        return table
    there_is = scenario.target.year - scenario.target.works_begin
    longest = table["lead_time_high_years"].astype(float)
    tight = (longest > there_is).astype("boolean")
    return table.assign(lead_time_tight=tight.mask(longest.isna()))


def _with_years(table: pd.DataFrame, tables: RunTables) -> tuple[pd.DataFrame, list[str]]:
    """Return the table with what opens and runs in each year, and the names of the latter."""
    if not several_years(tables.scenario):
        return table, []
    chosen = tables.plan.chosen.set_index("site_id")
    table["open_year"] = table["site_id"].map(chosen["open_year"]).astype("Int64")
    running = running_mw(tables).add_prefix("it_mw_")
    joined = table.merge(running, left_on="site_id", right_index=True, how="left")
    return joined, [str(name) for name in running.columns]


def _in_whole_steps(table: pd.DataFrame) -> pd.DataFrame:
    """Return counts as whole numbers, yes and no as such, points and relief without false digits."""
    for name in map(str, table.columns):
        if name == "impact_applies":
            table[name] = table[name].astype("boolean")
        elif (name == "relief_mw" or name.startswith(_IMPACT)) and pd.api.types.is_float_dtype(
            table[name]
        ):
            table[name] = table[name].round(_POINT_DECIMALS)
    return table


def _values(ranking: pd.DataFrame) -> pd.DataFrame:
    """Return the ranking without infinities: ``proof`` has the reason of a missing figure.

    A chosen site has a value only, any other a regret only: they answer different questions.
    """
    unit = value_unit(ranking)
    chosen = ranking["chosen"].astype(bool)
    values = ranking.drop(columns="chosen").replace([np.inf, -np.inf], np.nan)
    values[f"value_{unit}"] = values[f"value_{unit}"].where(chosen)
    values[f"regret_{unit}"] = values[f"regret_{unit}"].where(~chosen)
    return values


def value_unit(ranking: pd.DataFrame) -> str:
    """Return the unit of the values of a ranking: ``bn_krw`` or ``suitable_mw``.

    Parameters
    ----------
    ranking : DataFrame
        The `ranking_table` of the run.
    """
    return "bn_krw" if "value_bn_krw" in ranking.columns else "suitable_mw"


FRONT: Final = (
    "rank", "tied", "site_id", "name_ko", "name_en", "chosen", "open_year", "it_mw", "facility_mw",
    "discounted_it_mw", "value_bn_krw", "regret_bn_krw", "lower_bn_krw", "upper_bn_krw", "value_suitable_mw",
    "regret_suitable_mw", "lower_suitable_mw", "upper_suitable_mw", "class", "in_plan_pct", "in_plan_low_pct", "in_plan_high_pct", "proof", "rank_proven", "rank_low", "rank_high", "reason",
    "kind", "complex_id", "province_code", "district_code", "lon", "lat", "it_max_mw", "eligible_ha",
    "area_rule", "area_confidence", "option_id", "station_id", "station_name_ko", "station_name_en",
    "voltage_kv", "route_km", "route_oh_km", "route_ug_km", "route_bn_krw", "second_station_id",
    "second_route_km", "second_feed_bn_krw", "lead_time_years", "lead_time_high_years", "lead_time_tight", "works",
    "works_bn_krw", "relief_mw", "headroom_mw", "station_headroom_confidence", "headroom_area_id", "facility_max_mw", "bus_id", "cost_bn_krw",
    "bn_krw_per_mw", "krw_per_mwh_it",
)  # fmt: skip


def _front(table: pd.DataFrame) -> list[str]:
    return [name for name in FRONT if name in table.columns]
