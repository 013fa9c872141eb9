"""Shares of campuses by class and period, counted one by one."""

import numpy as np
import pytest

from siteopt.backtesting.backtest import compare_list
from siteopt.backtesting.shares import TOPS_PCT, count_shares, groups_of

from .conftest import ROWS


@pytest.fixture
def found(listed, country):
    return compare_list(listed(ROWS), country, since="2019-07")


def test_groups_are_all_classes_and_periods(found):
    groups = groups_of(found.counted, "2019-07")
    assert list(groups) == [
        "all", "class colo", "class edge", "class hyper", "since 2019-07", "before 2019-07",
    ]  # fmt: skip
    assert set(found.counted.loc[groups["since 2019-07"], "name"]) == {
        "Beta", "Delta", "Far east", "Epsilon",
    }  # fmt: skip
    assert set(found.counted.loc[groups["before 2019-07"], "name"]) == {"Alpha 1"}


def test_every_share_is_counted_again(found):
    shares = found.shares.set_index(["group", "measure", "top_pct"])
    for group, mask in groups_of(found.counted, "2019-07").items():
        own = found.counted[mask]
        row = found.shares.query("group == @group and measure == 'eligible'").iloc[0]
        assert (row["hits"], row["campuses"]) == (own["eligible"].sum(), len(own))
        for measure in ("suitability", "cost"):
            for top in TOPS_PCT:
                row = shares.loc[(group, measure, top)]
                hits = [
                    one >= 100 - top
                    for one, name in zip(
                        own[f"{measure}_percentile"], own["candidate"], strict=True
                    )
                    if name
                ]
                assert (row["hits"], row["campuses"]) == (sum(hits), len(hits))


def test_chance_is_the_land_at_or_above(found, land):
    """By hand: the land in order of suitability, from the best down."""
    sites = land.sites.sort_values("suitability")
    ha = sites["judged_ha"].to_numpy()
    ranks = 100 * (np.cumsum(ha) - ha / 2) / ha.sum()
    for top in TOPS_PCT:
        wanted = 100 * ha[ranks >= 100 - top].sum() / ha.sum()
        told = found.shares.query("measure == 'suitability' and top_pct == @top")["chance_pct"]
        assert told.to_numpy() == pytest.approx(np.full(len(told), wanted))


def test_chance_of_eligibility_is_of_land_outside_the_capital_region(found):
    told = found.shares.query("measure == 'eligible'")["chance_pct"]
    assert told.to_numpy() == pytest.approx(np.full(len(told), 100 * 30 / 32))


def test_without_campuses_nothing_is_claimed(found, land):
    shares = count_shares(found.counted.iloc[:0], land, None)
    assert set(shares["against_chance"]) == {"no sites"}
    assert shares["share_pct"].isna().all()
