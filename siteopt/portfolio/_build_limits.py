"""The limits of a scenario as arrays over years: targets, stations, provinces, basins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from siteopt.portfolio._build_columns import floats, index_of, need, texts
from siteopt.portfolio.problem.problem import NO_LIMIT
from siteopt.scenario.limits import in_year

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from siteopt._arrays import Floats, Ints, Texts
    from siteopt.scenario import Scenario


__all__ = ["limit_arrays"]

# Slack on a count of blocks: 2.0 blocks computed as 1.9999999996 are two blocks.
_COUNT_SLACK = 1e-9


def limit_arrays(
    sites: pd.DataFrame,
    facts: pd.DataFrame,
    headroom: pd.DataFrame,
    basins: pd.DataFrame,
    scenario: Scenario,
) -> dict[str, Any]:
    """Return the arrays of stations, provinces and basins, and where the sites stand in them."""
    years, block = scenario.target.years, scenario.build.block_mw
    target_mw = [scenario.target.it_mw_in(year) for year in years]
    codes = texts(sites["province_code"])
    named = np.array(sorted(scenario.provinces.shares), dtype=np.str_)
    provinces = np.unique(np.concatenate([codes, named]).astype(np.str_))
    low, high = _province_blocks(provinces, scenario)

    levels, level_headroom = _levels(headroom, years)
    stations, level_station = np.unique(texts(levels["station_id"]), return_inverse=True)
    total = np.zeros((len(stations), len(years)))
    np.maximum.at(total, level_station, level_headroom)

    level_area, area_id, area_headroom = _areas(levels, headroom)
    share_pct = [in_year(scenario.water.basin_share_pct, year, 0.0) for year in years]
    basin_table = basins.drop_duplicates("basin_id").sort_values("basin_id")
    basin_id = texts(basin_table["basin_id"])
    diversity = scenario.diversity
    return {
        "target_blocks": np.array([round(it_mw / block) for it_mw in target_mw], dtype=np.int64),
        "station_share_blocks": _share_blocks(diversity.station_max_pct, scenario),
        "basin_share_blocks": _share_blocks(diversity.basin_max_pct, scenario),
        "site_province": index_of(codes, provinces),
        "site_basin": index_of(texts(facts["basin_id"]), basin_id),
        **_more_basins(facts, basin_id),
        "level_station": level_station.astype(np.int64),
        "level_kv": floats(levels, "voltage_kv"),
        "level_headroom_mw": level_headroom,
        "level_area": level_area,
        "area_id": area_id,
        "area_headroom_mw": area_headroom,
        "station_id": stations,
        "station_headroom_mw": total,
        "province_code": provinces,
        "province_min_blocks": low,
        "province_max_blocks": high,
        **_groups(provinces, scenario),
        "basin_id": basin_id,
        "basin_m3_day": floats(basin_table, "supply_m3_day")[:, None] * share_pct / 100,
    }


def _more_basins(facts: pd.DataFrame, basin_id: Texts) -> dict[str, Any]:
    """Return the further basins of campuses, and what each gives of their water.

    ``basin_shares`` of a campus is ``A=0.6;B=0.4``, the basin of its centre included; that gives
    what is left, so that the shares are whole.
    """
    if "basin_shares" not in facts:
        none = np.empty((len(facts), 0))
        return {"site_more_basins": none.astype(np.int64), "site_more_share": none}
    named = facts["basin_shares"].tolist()
    own = texts(facts["basin_id"])
    pairs = [
        [
            pair.rsplit("=", 1)
            for pair in str(text).split(";")
            if text and not pair.startswith(f"{home}=")
        ]
        for text, home in zip(named, own, strict=True)
    ]
    wide = max(map(len, pairs), default=0)
    basins = np.full((len(facts), wide), -1, dtype=np.int64)
    shares = np.zeros((len(facts), wide))
    for row, some in enumerate(pairs):
        names = np.array([name for name, _ in some], dtype=np.str_)
        basins[row, : len(some)] = index_of(names, basin_id)
        shares[row, : len(some)] = [float(share) for _, share in some]
    return {"site_more_basins": basins, "site_more_share": shares}


def _province_blocks(provinces: Texts, scenario: Scenario) -> tuple[Ints, Ints]:
    """Return the fewest and the most blocks (P, Y) of every province."""
    years, block = scenario.target.years, scenario.build.block_mw
    low, high = (np.zeros((len(provinces), len(years)), dtype=np.int64) for _ in range(2))
    lost = _share_blocks(scenario.diversity.province_max_pct, scenario)
    for place, code in enumerate(provinces):
        for at, year in enumerate(years):
            low_pct, high_pct = scenario.provinces.bounds_pct(str(code), year)
            blocks = scenario.target.it_mw_in(year) / block
            low[place, at] = np.ceil(low_pct / 100 * blocks - _COUNT_SLACK)
            # All of an early target is no limit on what is built ahead of it.
            blocks = blocks if high_pct < 100 else scenario.target.it_mw / block  # noqa: PLR2004
            high[place, at] = np.floor(high_pct / 100 * blocks + _COUNT_SLACK)
    return low, np.minimum(high, lost)


def _groups(provinces: Texts, scenario: Scenario) -> dict[str, Any]:
    """Return the groups of provinces: their members, and fewest and most blocks (G, Y)."""
    groups, years, block = scenario.provinces.groups, scenario.target.years, scenario.build.block_mw
    names = sorted(groups)
    low, high = (np.zeros((len(names), len(years)), dtype=np.int64) for _ in range(2))
    for place, group in enumerate(groups[name] for name in names):
        own_most = (
            NO_LIMIT if group.max_mw is None else np.floor(group.max_mw / block + _COUNT_SLACK)
        )
        high[place] = np.minimum(_share_blocks(group.max_pct, scenario), own_most)
        for at, year in enumerate(years):
            blocks = scenario.target.it_mw_in(year) / block
            low[place, at] = np.ceil(
                in_year(group.min_pct, year, 0.0) / 100 * blocks - _COUNT_SLACK
            )
        low[place, -1] = max(low[place, -1], np.ceil(group.min_mw / block - _COUNT_SLACK))
    members = [np.isin(provinces, groups[name].provinces) for name in names]
    return {
        "group_id": np.array(names, dtype=np.str_),
        "group_provinces": np.array(members, dtype=np.bool_).reshape(len(names), len(provinces)),
        "group_min_blocks": low,
        "group_max_blocks": high,
    }


def _share_blocks(max_pct: float | dict[int, float], scenario: Scenario) -> Ints:
    """Return a share of the target in blocks (Y,), `NO_LIMIT` where it is no limit."""
    years, block = scenario.target.years, scenario.build.block_mw
    found = []
    for year in years:
        pct = in_year(max_pct, year, 100.0)
        blocks = pct / 100 * scenario.target.it_mw_in(year) / block
        found.append(NO_LIMIT if pct >= 100 else int(np.floor(blocks + _COUNT_SLACK)))  # noqa: PLR2004 - all of it
    return np.array(found, dtype=np.int64)


def _areas(levels: pd.DataFrame, headroom: pd.DataFrame) -> tuple[Ints, Texts, Floats]:
    """Return the area of each level (-1 for none), the areas, and the headroom of each.

    That of an area is the published figure that its rows share.
    """
    if "area_id" not in headroom:
        empty = np.empty(0)
        return np.full(len(levels), -1, dtype=np.int64), empty.astype(np.str_), empty
    key = ["station_id", "voltage_kv"]
    rows = headroom.drop_duplicates(key, keep="last")
    at = levels.merge(rows[[*key, "area_id"]], on=key, how="left", validate="one_to_one")
    shared = headroom[headroom["area_id"].fillna("") != ""]
    figures = shared.groupby("area_id")["published_mw"].max().sort_index()
    names = texts(figures.index.to_series())
    area = index_of(texts(at["area_id"].fillna("")), names)
    return area, names, figures.to_numpy(dtype=np.float64)


def _levels(headroom: pd.DataFrame, years: Sequence[int]) -> tuple[pd.DataFrame, Floats]:
    """Return one row a station and voltage, and its headroom (G, Y): 0 before its first row."""
    need(headroom, "headroom", "station_id", "voltage_kv", "headroom_mw")
    key = ["station_id", "voltage_kv"]
    table = headroom.assign(headroom_mw=floats(headroom, "headroom_mw"))
    if "year" not in table.columns:
        table = table.assign(year=years[0])
    table = table[table["year"] <= years[-1]].sort_values([*key, "year"])
    levels = table[key].drop_duplicates().reset_index(drop=True)
    columns = []
    for year in years:
        known = table[table["year"] <= year].drop_duplicates(key, keep="last")
        at = levels.merge(known, on=key, how="left", validate="one_to_one")
        columns.append(at["headroom_mw"].fillna(0.0).to_numpy(dtype=np.float64))
    return levels, np.stack(columns, axis=1)
