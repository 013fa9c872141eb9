"""The program as a textbook has it, in PuLP: what a planner would write first.

Straight from the tables, and with nothing that the package knows: binaries that say whether a
connection opens in a year, whole blocks that run in a year, big-M links between the two, one row
a pair of sites that stand too close. It shares no code with `siteopt.portfolio`, so that it is a
check of it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np
import pulp
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from benchmarks.cases import Case, Tables

__all__ = ["Plain", "build_plain"]

_SLACK = 1e-9  # 2.0 blocks computed as 1.9999999996 are two blocks


@dataclass(frozen=True)
class Plain:
    """The model, and the variables that say which sites are chosen."""

    model: pulp.LpProblem
    site_open: dict[str, pulp.LpVariable]


@dataclass(frozen=True)
class _Link:
    """A connection of a site: a row of the joined tables, in blocks."""

    site_id: str
    station_id: str
    province: str
    basin: str
    least: int
    most: int
    facility_mw: float
    water_m3_day: float
    fixed: float
    block: float
    capital_fixed: float
    capital_block: float
    opens: list[pulp.LpVariable]
    """Whether it opens in a year, one a year."""
    runs: list[pulp.LpVariable]
    """Blocks that run in a year, one a year."""


def build_plain(tables: Tables, case: Case, years: dict[int, float]) -> Plain:
    """Write the model of a case.

    Parameters
    ----------
    tables : Tables
        From `make_tables`.
    case : Case
        Whether sites grow.
    years : dict
        National IT load in MW by year.
    """
    model = pulp.LpProblem("plain", pulp.LpMinimize)
    links = _links(model, tables, list(years))
    scenario = tables.scenario
    discount = [(1 + tables.discount_pct / 100) ** -number for number in range(len(years))]
    model += pulp.lpSum(
        discount[t] * (link.fixed * link.opens[t] + link.block * _added(link, t))
        for link in links
        for t in range(len(years))
    )
    for link in links:
        _link_rows(model, link, grows=case.grows)
    site_open = _open_sites(model, links)
    for t, (year, target_mw) in enumerate(years.items()):
        blocks = round(target_mw / scenario.build.block_mw)
        model += pulp.lpSum(link.runs[t] for link in links) >= blocks
        _province_rows(model, tables, links, t, blocks)
        _station_rows(model, tables.headroom, links, t, year)
        _basin_rows(model, tables, links, t)
    _count_rows(model, links, site_open, scenario.provinces.count_min)
    if scenario.objective.budget_bn_krw is not None:
        capital = pulp.lpSum(
            link.capital_fixed * pulp.lpSum(link.opens) + link.capital_block * link.runs[-1]
            for link in links
        )
        model += capital <= scenario.objective.budget_bn_krw
    for one, other in _too_close(tables.sites, scenario.spacing_km):
        model += site_open[one] + site_open[other] <= 1
    return Plain(model, site_open)


def _added(link: _Link, t: int) -> pulp.LpAffineExpression:
    """Return the blocks that begin to run in a year."""
    return link.runs[t] - link.runs[t - 1] if t else pulp.lpSum([link.runs[0]])


def _links(model: pulp.LpProblem, tables: Tables, years: list[int]) -> list[_Link]:
    scenario, block = tables.scenario, tables.scenario.build.block_mw
    joined = tables.options.merge(tables.sites, on="site_id", validate="many_to_one").merge(
        tables.described, left_on="site_id", right_index=True, validate="many_to_one"
    )
    links = []
    for number, row in enumerate(joined.to_dict("records")):
        facility_mw = row["pue"] * block
        land_mw = min(row["it_max_mw"], scenario.build.it_max_mw)
        most = floor(min(land_mw / block, row["facility_max_mw"] / facility_mw) + _SLACK)
        above = floor(row["facility_min_mw"] / facility_mw + _SLACK) + 1
        least = max(round(scenario.build.it_min_mw / block), above)
        opens, runs = [], []
        for year in years:
            late = row["lead_time_years"] > year - scenario.target.works_begin
            can = 0 if late or least > most else 1
            opens.append(model.add_variable(f"open_{number}_{year}", 0, can, pulp.LpInteger))
            runs.append(model.add_variable(f"run_{number}_{year}", 0, None, pulp.LpInteger))
        links.append(
            _Link(
                site_id=str(row["site_id"]),
                station_id=str(row["station_id"]),
                province=str(row["province_code"]),
                basin=str(row["basin_id"]),
                least=least,
                most=max(most, 0),
                facility_mw=facility_mw,
                water_m3_day=row["water_m3_day_per_mw"] * block,
                fixed=row["fixed_bn_krw"],
                block=row["per_mw_bn_krw"] * block,
                capital_fixed=row["capital_fixed_bn_krw"],
                capital_block=row["capital_per_mw_bn_krw"] * block,
                opens=opens,
                runs=runs,
            )
        )
    return links


def _link_rows(model: pulp.LpProblem, link: _Link, *, grows: bool) -> None:
    """Tie the blocks that run to the connection being open, by a big M."""
    for t, runs in enumerate(link.runs):
        is_open = pulp.lpSum(link.opens[: t + 1])
        model += runs <= link.most * is_open
        model += runs >= link.least * is_open
        if t:
            model += runs >= link.runs[t - 1]
            if not grows:
                model += runs - link.runs[t - 1] <= link.most * link.opens[t]


def _open_sites(model: pulp.LpProblem, links: list[_Link]) -> dict[str, pulp.LpVariable]:
    """Return a binary a site: whether one of its connections ever opens, and at most one."""
    found: dict[str, pulp.LpVariable] = {}
    for site_id, of_site in _grouped(links, [link.site_id for link in links]).items():
        found[site_id] = model.add_variable(f"site_{site_id}", 0, 1, pulp.LpInteger)
        opens = pulp.lpSum(variable for link in of_site for variable in link.opens)
        model += opens == found[site_id]
    return found


def _province_rows(
    model: pulp.LpProblem, tables: Tables, links: list[_Link], t: int, target: int
) -> None:
    provinces = tables.scenario.provinces
    for code, inside in _grouped(links, [link.province for link in links]).items():
        share = provinces.shares.get(code)
        most_pct = _number(share.max_pct if share else provinces.share_max_pct)
        least_pct = _number(share.min_pct if share else 0.0)
        blocks = pulp.lpSum(link.runs[t] for link in inside)
        model += blocks <= floor(most_pct / 100 * target + _SLACK)
        if least_pct:
            model += blocks >= ceil(least_pct / 100 * target - _SLACK)


def _count_rows(
    model: pulp.LpProblem,
    links: list[_Link],
    site_open: dict[str, pulp.LpVariable],
    count_min: int,
) -> None:
    has_site = []
    for code, inside in _grouped(links, [link.province for link in links]).items():
        has_site.append(model.add_variable(f"province_{code}", 0, 1, pulp.LpInteger))
        names = sorted({link.site_id for link in inside})
        model += has_site[-1] <= pulp.lpSum(site_open[name] for name in names)
    model += pulp.lpSum(has_site) >= count_min


def _station_rows(
    model: pulp.LpProblem, headroom: pd.DataFrame, links: list[_Link], t: int, year: int
) -> None:
    known = headroom[headroom["year"] <= year].sort_values("year")
    room = known.groupby("station_id")["headroom_mw"].last()
    for station_id, there in _grouped(links, [link.station_id for link in links]).items():
        load = pulp.lpSum(link.facility_mw * link.runs[t] for link in there)
        model += load <= float(room[station_id])


def _basin_rows(model: pulp.LpProblem, tables: Tables, links: list[_Link], t: int) -> None:
    share = _number(tables.scenario.water.basin_share_pct) / 100
    supply = tables.basins.set_index("basin_id")["supply_m3_day"]
    for basin, inside in _grouped(links, [link.basin for link in links]).items():
        water = pulp.lpSum(link.water_m3_day * link.runs[t] for link in inside)
        model += water <= share * float(supply[basin])


def _number(limit: object) -> float:
    """Return a limit of a made case, which is the same in every year."""
    if not isinstance(limit, float | int):
        raise TypeError(f"a limit by year ({limit}) is not in the plain model")
    return float(limit)


def _grouped(links: list[_Link], keys: Iterable[str]) -> dict[str, list[_Link]]:
    groups: dict[str, list[_Link]] = {}
    for link, key in zip(links, keys, strict=True):
        groups.setdefault(key, []).append(link)
    return groups


def _too_close(sites: pd.DataFrame, spacing_km: float) -> list[tuple[str, str]]:
    """Return the pairs of sites nearer than the spacing."""
    tree = cKDTree(np.column_stack([sites["x_m"], sites["y_m"]]))
    pairs = tree.query_pairs(spacing_km * 1000 - 1e-3, output_type="ndarray")
    names = sites["site_id"].to_numpy(dtype=object)
    return [(str(names[i]), str(names[j])) for i, j in pairs[np.lexsort(pairs.T[::-1])]]
