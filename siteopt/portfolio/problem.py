"""The question of the portfolio as plain arrays: what the program knows and nothing else.

`build_problem` turns the tables of the earlier stages into a `Problem`. Everything in it is
counted in whole blocks of IT load, because a plan has whole blocks only; money is in bn KRW.
Bounds on the blocks of an option are as tight as the single limits allow, and what a limit
closes keeps the reason (its gate).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.scenario import Scenario

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Texts = NDArray[np.str_]
    Bools = NDArray[np.bool_]

__all__ = ["GATES", "Problem", "build_problem"]

# Slack on a count of blocks: 2.0 blocks computed as 1.9999999996 are two blocks.
_COUNT_SLACK = 1e-9

GATES = ("", "connection", "size", "headroom", "province", "basin", "budget", "target")
"""Why an option or site cannot be built at all; the first that closes it ('' is open)."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Sites, connection options and named limits of one target year.

    Arrays over sites have length S, over options O, over station levels G, over stations T,
    over provinces P, over basins B. Index arrays hold -1 for "none".
    """

    block_mw: float
    """IT load of one block in MW."""
    target_blocks: int
    """National target in blocks."""
    target_exact: bool
    """Whether the target must be met exactly (it must when suitability is maximised)."""
    spacing_m: float
    """Smallest distance between two chosen sites in metres."""
    budget_bn_krw: float
    """Largest capital cost in bn KRW; inf for none."""
    province_count_min: int
    """At least so many provinces have a site."""
    objective: Literal["cost", "suitability"]
    """What is best."""

    site_id: Texts
    """(S,) sorted."""
    site_x_m: Floats
    """(S,) EPSG:5179."""
    site_y_m: Floats
    """(S,) EPSG:5179."""
    site_province: Ints
    """(S,) index into provinces."""
    site_basin: Ints
    """(S,) index into basins, -1 for none."""
    site_gate: Texts
    """(S,) one of `GATES`: why no option of the site can be built, '' where one can."""

    option_id: Texts
    """(O,) sorted by site, then id."""
    option_site: Ints
    """(O,) index into sites."""
    option_level: Ints
    """(O,) index into station levels."""
    blocks_min: Ints
    """(O,) fewest blocks where built."""
    blocks_max: Ints
    """(O,) most blocks that every single limit allows; below ``blocks_min`` = closed."""
    blocks_land: Ints
    """(O,) most blocks that the land and the voltage class allow, whatever the limits."""
    option_gate: Texts
    """(O,) one of `GATES`."""
    fixed_bn_krw: Floats
    """(O,) cost of opening."""
    block_bn_krw: Floats
    """(O,) cost of a block."""
    capital_fixed_bn_krw: Floats
    """(O,) capital part of the cost of opening."""
    capital_block_bn_krw: Floats
    """(O,) capital part of the cost of a block."""
    facility_mw: Floats
    """(O,) contract power of a block in MW."""
    water_m3_day: Floats
    """(O,) water of a block in m3 a day."""
    worth_fixed: Floats
    """(O,) what the objective counts for opening: bn KRW, or minus suitable MW."""
    worth_block: Floats
    """(O,) what the objective counts for a block: bn KRW, or minus suitable MW."""

    level_station: Ints
    """(G,) index into stations."""
    level_kv: Floats
    """(G,) voltage of the station level."""
    level_headroom_mw: Floats
    """(G,) contract power that the level can still take."""
    station_id: Texts
    """(T,) sorted."""
    station_headroom_mw: Floats
    """(T,) contract power that all levels together can take (the largest of its levels)."""

    province_code: Texts
    """(P,) sorted."""
    province_min_blocks: Ints
    """(P,) fewest blocks."""
    province_max_blocks: Ints
    """(P,) most blocks."""
    basin_id: Texts
    """(B,) sorted."""
    basin_m3_day: Floats
    """(B,) water that data centres may take."""

    @property
    def sites(self) -> int:
        """Number of sites."""
        return len(self.site_id)

    @property
    def options(self) -> int:
        """Number of options, closed ones included."""
        return len(self.option_id)

    @property
    def unit(self) -> str:
        """Unit of the objective, as a suffix of columns."""
        return "bn_krw" if self.objective == "cost" else "suitable_mw"

    def take(self, options: Ints, *, relaxed: bool = False) -> Self:
        """Return the problem with only these options and the sites they belong to.

        Limits keep their places, so that a station has the same index in both. With
        ``relaxed`` the bounds on blocks are those of land and voltage class alone.
        """
        options = np.sort(np.asarray(options, dtype=np.int64))
        kept, option_site = np.unique(self.option_site[options], return_inverse=True)
        changed: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name.startswith("site_"):
                changed[field.name] = value[kept]
            elif field.name in _OPTION_FIELDS:
                changed[field.name] = value[options]
            else:
                changed[field.name] = value
        changed["option_site"] = option_site.astype(np.int64)
        if relaxed:
            changed["blocks_max"] = changed["blocks_land"]
        return type(self)(**changed)

    def open_options(self) -> Ints:
        """Return the options that every single limit allows."""
        return np.flatnonzero(self.blocks_max >= self.blocks_min)

    def worth(self, blocks: Ints) -> float:
        """Return the objective of a plan given as blocks per option."""
        built = np.flatnonzero(blocks > 0)
        return float((self.worth_fixed[built] + self.worth_block[built] * blocks[built]).sum())


_OPTION_FIELDS = frozenset(
    {
        "option_id",
        "option_site",
        "option_level",
        "option_gate",
        "blocks_min",
        "blocks_max",
        "blocks_land",
        "fixed_bn_krw",
        "block_bn_krw",
        "capital_fixed_bn_krw",
        "capital_block_bn_krw",
        "facility_mw",
        "water_m3_day",
        "worth_fixed",
        "worth_block",
    }
)


def build_problem(
    sites: pd.DataFrame,
    described: pd.DataFrame,
    options: pd.DataFrame,
    headroom: pd.DataFrame,
    basins: pd.DataFrame,
    scenario: Scenario,
) -> Problem:
    """Turn the tables of the earlier stages into the arrays of the program.

    Parameters
    ----------
    sites : DataFrame
        ``site_id``, ``x_m``, ``y_m`` (EPSG:5179), ``province_code``, ``it_max_mw``.
    described : DataFrame
        Indexed by ``site_id``: ``pue``, ``water_m3_day_per_mw``, ``basin_id`` and, where the
        objective asks for it, ``suitability`` in 0..1.
    options : DataFrame
        ``option_id``, ``site_id``, ``station_id``, ``station_kv``, ``facility_min_mw``
        (exclusive), ``facility_max_mw``, ``fixed_bn_krw``, ``per_mw_bn_krw``,
        ``capital_fixed_bn_krw``, ``capital_per_mw_bn_krw`` (per MW of IT load).
    headroom : DataFrame
        ``station_id``, ``voltage_kv``, ``headroom_mw`` and, where it has years, ``year``.
    basins : DataFrame
        ``basin_id``, ``supply_m3_day``.
    scenario : Scenario
        What is decided.

    Returns
    -------
    Problem
        With options sorted by site and id.

    Raises
    ------
    LayerError
        If a needed column is missing, or a needed value is not a number.
    """
    _need(sites, "sites", "site_id", "x_m", "y_m", "province_code", "it_max_mw")
    _need(described, "described", "pue", "water_m3_day_per_mw", "basin_id")
    _need(options, "options", "option_id", "site_id", "station_id", "station_kv")
    _need(options, "options", "facility_min_mw", "facility_max_mw")
    _need(options, "options", "fixed_bn_krw", "per_mw_bn_krw")
    _need(options, "options", "capital_fixed_bn_krw", "capital_per_mw_bn_krw")
    site_table = pd.DataFrame(sites).sort_values("site_id").reset_index(drop=True)
    facts = described.loc[site_table["site_id"]].reset_index(drop=True)
    option_table = options.sort_values(["site_id", "option_id"]).reset_index(drop=True)

    limits = _limits(site_table, facts, headroom, basins, scenario)
    arrays = _option_arrays(site_table, facts, option_table, limits, scenario)
    gates = _gates(len(site_table), arrays)
    return Problem(
        block_mw=scenario.build.block_mw,
        target_blocks=round(scenario.target.it_mw / scenario.build.block_mw),
        target_exact=scenario.objective.kind == "suitability",
        spacing_m=scenario.spacing_km * 1000.0,
        budget_bn_krw=scenario.objective.budget_bn_krw or np.inf,
        province_count_min=scenario.provinces.count_min,
        objective=scenario.objective.kind,
        site_id=_texts(site_table["site_id"]),
        site_x_m=_floats(site_table, "x_m"),
        site_y_m=_floats(site_table, "y_m"),
        site_gate=gates,
        **limits,
        **arrays,
    )


def _need(table: pd.DataFrame, name: str, *columns: str) -> None:
    for column in columns:
        if column not in table.columns:
            raise LayerError(f"table {name}: column {column} is missing; the program needs it")


def _texts(values: pd.Series[Any]) -> Texts:
    return np.asarray(values.astype(str).to_numpy(dtype=object), dtype=np.str_)


def _floats(table: pd.DataFrame, column: str) -> Floats:
    values = np.asarray(table[column].to_numpy(), dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(values))
    if wrong.size:
        raise LayerError(
            f"table column {column}, row {wrong[0] + 1}: {values[wrong[0]]} is not a number; "
            "give a finite one"
        )
    return values


def _index(values: Texts, within: Texts) -> Ints:
    """Return the place of each value in a sorted array, -1 where it is not there."""
    if not within.size:
        return np.full(values.shape, -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(within, values), len(within) - 1)
    return np.where(within[place] == values, place, -1).astype(np.int64)


def _limits(
    sites: pd.DataFrame,
    facts: pd.DataFrame,
    headroom: pd.DataFrame,
    basins: pd.DataFrame,
    scenario: Scenario,
) -> dict[str, Any]:
    """Return the arrays of stations, provinces and basins, and where the sites stand in them."""
    target, block = scenario.target.it_mw, scenario.build.block_mw
    codes = _texts(sites["province_code"])
    named = np.array(sorted(scenario.provinces.shares), dtype=np.str_)
    provinces = np.unique(np.concatenate([codes, named]).astype(np.str_))
    low, high = [], []
    for code in provinces:
        share = scenario.provinces.shares.get(str(code))
        low_pct = 0.0 if share is None else share.min_pct
        high_pct = scenario.provinces.share_max_pct if share is None else share.max_pct
        low.append(np.ceil(low_pct / 100 * target / block - _COUNT_SLACK))
        high.append(np.floor(high_pct / 100 * target / block + _COUNT_SLACK))

    levels = _levels(headroom, scenario.target.year)
    stations, level_station = np.unique(_texts(levels["station_id"]), return_inverse=True)
    level_headroom = _floats(levels, "headroom_mw")
    total = np.zeros(len(stations))
    np.maximum.at(total, level_station, level_headroom)

    share_pct = scenario.water.basin_share_pct
    basin_table = basins.drop_duplicates("basin_id").sort_values("basin_id")
    basin_id = _texts(basin_table["basin_id"])
    return {
        "site_province": _index(codes, provinces),
        "site_basin": _index(_texts(facts["basin_id"]), basin_id),
        "level_station": level_station.astype(np.int64),
        "level_kv": _floats(levels, "voltage_kv"),
        "level_headroom_mw": level_headroom,
        "station_id": stations,
        "station_headroom_mw": total,
        "province_code": provinces,
        "province_min_blocks": np.array(low, dtype=np.int64),
        "province_max_blocks": np.array(high, dtype=np.int64),
        "basin_id": basin_id,
        "basin_m3_day": _floats(basin_table, "supply_m3_day") * share_pct / 100,
    }


def _levels(headroom: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return one row a station and voltage: the last year not after the target year."""
    _need(headroom, "headroom", "station_id", "voltage_kv", "headroom_mw")
    table = headroom
    if "year" in table.columns:
        known = table.loc[table["year"] <= year]
        table = known.sort_values("year").drop_duplicates(["station_id", "voltage_kv"], keep="last")
    return table.sort_values(["station_id", "voltage_kv"]).reset_index(drop=True)


def _option_arrays(
    sites: pd.DataFrame,
    facts: pd.DataFrame,
    options: pd.DataFrame,
    limits: dict[str, Any],
    scenario: Scenario,
) -> dict[str, Any]:
    """Return the arrays over options, with the tightest bounds on blocks there are."""
    block = scenario.build.block_mw
    at = _index(_texts(options["site_id"]), _texts(sites["site_id"]))
    if (at < 0).any():
        stray = options["site_id"].iloc[int(np.argmax(at < 0))]
        raise LayerError(f"table options: site {stray} is not in the table of sites")
    level = _match_levels(options, limits)
    facility = _floats(facts, "pue")[at] * block
    water = _floats(facts, "water_m3_day_per_mw")[at] * block
    fewest = np.maximum(
        round(scenario.build.it_min_mw / block),
        np.floor(_floats(options, "facility_min_mw") / facility + _COUNT_SLACK) + 1,
    ).astype(np.int64)
    land_mw = np.minimum(_floats(sites, "it_max_mw")[at], scenario.build.it_max_mw)
    land = _whole(np.minimum(land_mw / block, _floats(options, "facility_max_mw") / facility))

    fixed, each = _floats(options, "fixed_bn_krw"), _floats(options, "per_mw_bn_krw") * block
    capital_fixed = _floats(options, "capital_fixed_bn_krw")
    capital_block = _floats(options, "capital_per_mw_bn_krw") * block
    suitable = _suitability(facts, scenario)[at]
    if scenario.objective.kind == "cost":
        price = scenario.objective.suitability_price_bn_krw_per_mw
        worth_fixed, worth_block = fixed, each + price * (1 - suitable) * block
    else:
        worth_fixed, worth_block = np.zeros(len(options)), -suitable * block
    most, gate = _tighten(
        at, level, fewest, land, facility, water, limits, scenario, (capital_fixed, capital_block)
    )
    return {
        "option_id": _texts(options["option_id"]),
        "option_site": at,
        "option_level": level,
        "blocks_min": fewest,
        "blocks_max": most,
        "blocks_land": land,
        "option_gate": gate,
        "fixed_bn_krw": fixed,
        "block_bn_krw": each,
        "capital_fixed_bn_krw": capital_fixed,
        "capital_block_bn_krw": capital_block,
        "facility_mw": facility,
        "water_m3_day": water,
        "worth_fixed": worth_fixed,
        "worth_block": worth_block,
    }


def _whole(blocks: Floats) -> Ints:
    """Return the whole blocks in a number of blocks, at most a million."""
    return np.floor(np.clip(blocks, -1, 1e6) + _COUNT_SLACK).astype(np.int64)


def _match_levels(options: pd.DataFrame, limits: dict[str, Any]) -> Ints:
    """Return the station level of each option; -1 where no headroom is known (closed)."""
    stations: Texts = limits["station_id"]
    table = {
        (str(stations[station]), float(kv)): place
        for place, (station, kv) in enumerate(
            zip(limits["level_station"], limits["level_kv"], strict=True)
        )
    }
    keys = zip(_texts(options["station_id"]), _floats(options, "station_kv"), strict=True)
    return np.array([table.get((str(a), float(b)), -1) for a, b in keys], dtype=np.int64)


def _suitability(facts: pd.DataFrame, scenario: Scenario) -> Floats:
    wanted = (
        scenario.objective.kind == "suitability"
        or scenario.objective.suitability_price_bn_krw_per_mw > 0
    )
    if not wanted:
        return np.ones(len(facts))
    _need(facts, "described", "suitability")
    return _floats(facts, "suitability")


def _tighten(  # noqa: PLR0913 - one line a limit
    at: Ints,
    level: Ints,
    fewest: Ints,
    land: Ints,
    facility: Floats,
    water: Floats,
    limits: dict[str, Any],
    scenario: Scenario,
    capital: tuple[Floats, Floats],
) -> tuple[Ints, Texts]:
    """Return the most blocks of each option, and the first limit that closes it."""
    target = round(scenario.target.it_mw / scenario.build.block_mw)
    basin = limits["site_basin"][at]
    room = np.where(level >= 0, np.append(limits["level_headroom_mw"], 0.0)[level], 0.0)
    supply = np.where(basin >= 0, np.append(limits["basin_m3_day"], 0.0)[basin], 0.0)
    budget = scenario.objective.budget_bn_krw or np.inf
    with np.errstate(divide="ignore", invalid="ignore"):
        by_water = np.where(water > 0, supply / water, np.inf)
        by_budget = np.where(capital[1] > 0, (budget - capital[0]) / capital[1], np.inf)
    bounds = {
        "size": land,
        "headroom": _whole(room / facility),
        "province": limits["province_max_blocks"][limits["site_province"][at]],
        "basin": _whole(by_water),
        "budget": _whole(by_budget),
        "target": np.full(len(at), target, dtype=np.int64),
    }
    most = np.full(len(at), np.iinfo(np.int64).max, dtype=np.int64)
    gate = np.full(len(at), "", dtype="<U16")
    for name, bound in bounds.items():
        gate[(gate == "") & (bound < fewest)] = name
        most = np.minimum(most, bound)
    return most, gate


def _gates(sites: int, arrays: dict[str, Any]) -> Texts:
    """Return the gate of each site: '' where an option is open, else that of the last to close."""
    order = np.array([GATES.index(str(gate)) for gate in arrays["option_gate"]], dtype=np.int64)
    order[order == 0] = len(GATES)
    furthest = np.full(sites, GATES.index("connection"), dtype=np.int64)
    np.maximum.at(furthest, arrays["option_site"], order)
    return np.array([*GATES, ""], dtype=np.str_)[furthest]
