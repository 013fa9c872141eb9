"""Assembly of the problem: tables of the earlier stages to the arrays of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siteopt.errors import LayerError
from siteopt.portfolio._build_columns import floats, index_of, need, texts
from siteopt.portfolio._build_limits import limit_arrays
from siteopt.portfolio.constraints.block_bounds import tighten
from siteopt.portfolio.problem.problem import NO_LIMIT, Problem, whole
from siteopt.scenario.site_rules import no_connection, require_candidates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt._arrays import Floats, Ints, Texts
    from siteopt.scenario import Scenario


__all__ = ["build_problem"]

# Slack on a count of blocks: 2.0 blocks computed as 1.9999999996 are two blocks.
_COUNT_SLACK = 1e-9


def build_problem(  # noqa: PLR0913, PLR0917 - the tables that meet here
    sites: pd.DataFrame,
    described: pd.DataFrame,
    options: pd.DataFrame,
    headroom: pd.DataFrame,
    basins: pd.DataFrame,
    scenario: Scenario,
    buses: Sequence[str] = (),
    discount_pct: float = 0.0,
) -> Problem:
    """Turn the tables of the earlier stages into the arrays of the program.

    Parameters
    ----------
    sites : DataFrame
        ``site_id``, ``x_m``, ``y_m`` (EPSG:5179), ``province_code``, ``it_max_mw``; with
        campuses also ``it_min_mw``.
    described : DataFrame
        Indexed by ``site_id``: ``pue``, ``water_m3_day_per_mw``, ``basin_id`` and, where the
        objective needs it, ``suitability`` in 0..1.
    options : DataFrame
        ``option_id``, ``site_id``, ``station_id``, ``station_kv``, ``facility_min_mw``
        (exclusive), ``facility_max_mw``, ``fixed_bn_krw``, ``per_mw_bn_krw``,
        ``capital_fixed_bn_krw``, ``capital_per_mw_bn_krw`` (per MW of IT load); where there are
        works also ``relief_mw``, where lines take time ``lead_time_years``,
        with ``buses`` also ``bus_id``, empty for none, with campuses also ``level_station_id``,
        the station whose level an option draws on.
    headroom : DataFrame
        ``station_id``, ``voltage_kv``, ``headroom_mw`` and, where it has years, ``year``: a row
        holds from its year on until the next one.
    basins : DataFrame
        ``basin_id``, ``supply_m3_day``.
    scenario : Scenario
        What is decided.
    buses : sequence of str
        Buses of the grid case, where flow limits are on; none is known of them yet.
    discount_pct : float
        Yearly rate at which costs of later years are discounted to the first year of the plan.

    Returns
    -------
    Problem
        With options sorted by site, id and year.

    Raises
    ------
    LayerError
        If a needed column is missing, or a needed value is not a number.
    ScenarioError
        If the scenario names a site that is no candidate.
    """
    need(sites, "sites", "site_id", "x_m", "y_m", "province_code", "it_max_mw")
    need(described, "described", "pue", "water_m3_day_per_mw", "basin_id")
    need(options, "options", "option_id", "site_id", "station_id", "station_kv")
    need(options, "options", "facility_min_mw", "facility_max_mw")
    need(options, "options", "fixed_bn_krw", "per_mw_bn_krw")
    need(options, "options", "capital_fixed_bn_krw", "capital_per_mw_bn_krw")
    site_table = pd.DataFrame(sites).sort_values("site_id").reset_index(drop=True)
    facts = described.loc[site_table["site_id"]].reset_index(drop=True)
    option_table = options.sort_values(["site_id", "option_id"]).reset_index(drop=True)

    years = np.array(scenario.target.years, dtype=np.int64)
    option_table = _in_every_year(option_table, years)
    limits = limit_arrays(site_table, facts, headroom, basins, scenario)
    arrays = _option_arrays(site_table, facts, option_table, limits, scenario)
    discount = (1.0 + discount_pct / 100.0) ** -(years - years[0]).astype(np.float64)
    for name in ("fixed_bn_krw", "block_bn_krw", "worth_fixed", "worth_block"):
        arrays[name] = arrays[name] * discount[arrays["option_year"]]
    early = _early_worth(discount, scenario)[arrays["option_year"]]
    arrays["worth_block"] = arrays["worth_block"] - early
    rules = _site_rules(site_table, option_table, arrays, years, scenario)
    target = limits["target_blocks"]
    exact = scenario.objective.kind == "suitability"
    by_year = scenario.objective.budget_by_year_bn_krw
    problem = Problem(
        years=years,
        grows=scenario.build.grows and len(years) > 1,
        block_mw=scenario.build.block_mw,
        target_most_blocks=int(target[-1]) if exact else NO_LIMIT,
        ahead_blocks=_useful_ahead(target, arrays, scenario),
        spacing_m=scenario.spacing_km * 1000.0,
        budget_bn_krw=scenario.objective.budget_bn_krw or np.inf,
        year_budget_bn_krw=np.array([by_year.get(int(year), np.inf) for year in years]),
        province_count_min=scenario.provinces.count_min,
        objective=scenario.objective.kind,
        site_id=texts(site_table["site_id"]),
        site_x_m=floats(site_table, "x_m"),
        site_y_m=floats(site_table, "y_m"),
        site_gate=np.full(len(site_table), "", dtype="<U16"),
        bus_id=np.array(buses, dtype=np.str_),
        option_bus=_buses_of_options(option_table, buses),
        flow_name=(),
        flow_price=np.empty((0, len(buses))),
        flow_most_mw=np.empty(0),
        flow_year=np.empty(0, dtype=np.int64),
        early_block_bn_krw=early,
        **limits,
        **arrays,
        **rules,
    )
    return tighten(problem)


def _early_worth(discount: Floats, scenario: Scenario) -> Floats:
    """Return the worth (Y,) of a block that begins in each year, in bn KRW of the first year.

    The sum, over the years before the last in which it runs, of the worth of a year, each
    discounted as costs of that year are; 0 in the last year.
    """
    each = scenario.target.early_worth_bn_krw_per_mw_year * scenario.build.block_mw
    if scenario.objective.kind != "cost" or each == 0.0:
        return np.zeros(len(discount))
    of_year = np.append(each * discount[:-1], 0.0)
    return np.cumsum(of_year[::-1])[::-1]


def _in_every_year(options: pd.DataFrame, years: Ints) -> pd.DataFrame:
    """Return the table with a row for each year of an option: ``year_index``, 0 for the first."""
    repeated = options.loc[options.index.repeat(len(years))].reset_index(drop=True)
    return repeated.assign(year_index=np.tile(np.arange(len(years)), len(options)))


def _useful_ahead(target: Ints, arrays: dict[str, Any], scenario: Scenario) -> Ints:
    """Return the most useful blocks (Y,) at one site in each year; `NO_LIMIT` for no limit.

    Blocks above the target of their year can wait, where sites grow, a later year has no budget
    of its own that they could break, and waiting costs nothing.
    """
    years = len(target)
    waits = arrays["worth_block"].reshape(-1, years)
    can_wait = (
        scenario.build.grows
        and years > 1
        and not scenario.objective.budget_by_year_bn_krw
        and bool(np.all(np.diff(waits, axis=1) <= 0))
    )
    return target if can_wait else np.full(years, NO_LIMIT, dtype=np.int64)


def _site_rules(
    sites: pd.DataFrame,
    options: pd.DataFrame,
    arrays: dict[str, Any],
    years: Ints,
    scenario: Scenario,
) -> dict[str, Any]:
    """Return which sites must and cannot be chosen; options of begun sites are set accordingly.

    A begun site opens in its year with its blocks. Those are paid for, so that they count against
    no budget; what they cost is the same in every plan but for the connection.
    """
    rules, ids = scenario.sites, texts(sites["site_id"])
    for name in ("option_opens", "option_late", "blocks_min", "capital_fixed_bn_krw"):
        arrays[name] = np.array(arrays[name])  # columns of a table may not be written to
    begun = {site.site_id: site for site in rules.begun}
    require_candidates(rules, ids.tolist())
    for name, site in begun.items():
        own = np.flatnonzero(arrays["option_site"] == np.searchsorted(ids, name))
        blocks = round(site.it_mw / scenario.build.block_mw)
        opens = max(int(np.searchsorted(years, site.year)), 0)
        fed = np.ones(len(own), dtype=np.bool_)
        if site.station_id is not None:
            fed = texts(options["station_id"].iloc[own]) == site.station_id
            if not fed.any():
                raise no_connection(site)
        # Later years may add to it, but only its own year opens it.
        arrays["option_opens"][own] = arrays["option_year"][own] == opens
        arrays["option_late"][own] = ~fed | (arrays["option_year"][own] < opens)
        arrays["blocks_min"][own] = np.maximum(
            blocks, _class_blocks(options, arrays["facility_mw"])[own]
        )
        arrays["capital_fixed_bn_krw"][own] = -blocks * arrays["capital_block_bn_krw"][own]
    return {
        "site_must": np.isin(ids, [*rules.must, *begun]),
        "site_excluded": np.isin(ids, rules.must_not),
    }


def _buses_of_options(options: pd.DataFrame, buses: Sequence[str]) -> Ints:
    """Return the index of the bus that serves each option, -1 where none does."""
    if not len(buses):
        return np.full(len(options), -1, dtype=np.int64)
    need(options, "options", "bus_id")
    named = options["bus_id"].fillna("").astype(str)
    place = pd.Index(list(buses)).get_indexer(pd.Index(named)).astype(np.int64)
    stray = (place < 0) & (named != "").to_numpy()
    if stray.any():
        raise LayerError(
            f"table options: bus {named.iloc[int(stray.argmax())]} is not in the grid case"
        )
    return place


def _option_arrays(
    sites: pd.DataFrame,
    facts: pd.DataFrame,
    options: pd.DataFrame,
    limits: dict[str, Any],
    scenario: Scenario,
) -> dict[str, Any]:
    """Return the arrays over options, with the tightest bounds on blocks there are."""
    block = scenario.build.block_mw
    at = index_of(texts(options["site_id"]), texts(sites["site_id"]))
    if (at < 0).any():
        stray = options["site_id"].iloc[int(np.argmax(at < 0))]
        raise LayerError(f"table options: site {stray} is not in the table of sites")
    level = _match_levels(options, limits)
    facility = floats(facts, "pue")[at] * block
    water = floats(facts, "water_m3_day_per_mw")[at] * block
    least, land_mw = _site_bounds(sites, scenario)
    fewest = np.maximum(least[at], _class_blocks(options, facility))
    land_mw = land_mw[at]
    land = whole(np.minimum(land_mw / block, floats(options, "facility_max_mw") / facility))

    fixed, each = floats(options, "fixed_bn_krw"), floats(options, "per_mw_bn_krw") * block
    capital_fixed = floats(options, "capital_fixed_bn_krw").copy()
    capital_block = floats(options, "capital_per_mw_bn_krw") * block
    suitable = _suitability(facts, scenario)[at]
    if scenario.objective.kind == "cost":
        price = scenario.objective.suitability_price_bn_krw_per_mw
        worth_fixed, worth_block = fixed, each + price * (1 - suitable) * block
    else:
        worth_fixed, worth_block = np.zeros(len(options)), -suitable * block
    return {
        "option_id": texts(options["option_id"]),
        "option_site": at,
        "option_level": level,
        "blocks_min": fewest,
        "blocks_max": land,
        "blocks_land": land,
        "option_gate": np.full(len(options), "", dtype="<U16"),
        "fixed_bn_krw": fixed,
        "block_bn_krw": each,
        "capital_fixed_bn_krw": capital_fixed,
        "capital_block_bn_krw": capital_block,
        "facility_mw": facility,
        "option_year": options["year_index"].to_numpy(dtype=np.int64),
        "option_opens": np.ones(len(options), dtype=np.bool_),
        "option_late": _late(options, scenario),
        "option_pays": _or_nothing(options, "relief_mw") > 0,
        "option_relief_mw": _or_nothing(options, "relief_mw"),
        "water_m3_day": water,
        "worth_fixed": worth_fixed,
        "worth_block": worth_block,
    }


def _site_bounds(sites: pd.DataFrame, scenario: Scenario) -> tuple[Ints, Floats]:
    """Return the fewest blocks and the most MW of each site.

    Where there are campuses, sites have their bounds in their table (``it_min_mw``).
    """
    most, build = floats(sites, "it_max_mw"), scenario.build
    if "it_min_mw" in sites:
        least = floats(sites, "it_min_mw")
    else:
        least = np.full(len(sites), build.it_min_mw)
        most = np.minimum(most, build.it_max_mw)
    return np.round(least / build.block_mw).astype(np.int64), most


def _class_blocks(options: pd.DataFrame, facility_mw: Floats) -> Ints:
    """Return the fewest blocks with which each option is above the voltage class below its own."""
    blocks = floats(options, "facility_min_mw") / facility_mw
    return (np.floor(blocks + _COUNT_SLACK) + 1).astype(np.int64)


def _late(options: pd.DataFrame, scenario: Scenario) -> NDArray[np.bool_]:
    """Return whether an option takes longer than there is from the works' begin to its year."""
    there_is = scenario.target.years[0] + options["year_index"] - scenario.target.works_begin
    return np.asarray(_or_nothing(options, "lead_time_years") > there_is + _COUNT_SLACK)


def _or_nothing(options: pd.DataFrame, column: str) -> Floats:
    return floats(options, column) if column in options else np.zeros(len(options))


def _match_levels(options: pd.DataFrame, limits: dict[str, Any]) -> Ints:
    """Return the station level of each option; -1 where no headroom is known (closed)."""
    stations: Texts = limits["station_id"]
    known = pd.MultiIndex.from_arrays([stations[limits["level_station"]], limits["level_kv"]])
    own = "level_station_id" if "level_station_id" in options else "station_id"
    keys = pd.MultiIndex.from_arrays([texts(options[own]), floats(options, "station_kv")])
    return known.get_indexer(keys).astype(np.int64)


def _suitability(facts: pd.DataFrame, scenario: Scenario) -> Floats:
    wanted = (
        scenario.objective.kind == "suitability"
        or scenario.objective.suitability_price_bn_krw_per_mw > 0
    )
    if not wanted:
        return np.ones(len(facts))
    need(facts, "described", "suitability")
    return floats(facts, "suitability")
