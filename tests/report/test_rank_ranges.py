"""Which ranks may still change, and between which ranks a site stands."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.report.rank_ranges import proven_ranks, rank_intervals
from siteopt.report.summary import rank_words
from tests.examples import examples


@pytest.mark.parametrize(
    ("lower", "proven"),
    [
        (11.0, ["A", "B", "C", "D"]),
        (7.0, ["A", "B", "C"]),  # E could stand before D
        (4.0, ["A", "B"]),
    ],
)
def test_an_exact_figure_behind_a_mere_bound_has_no_proven_rank(lower, proven):
    table = pd.DataFrame(
        [("A", True, "exact", 9.0, None, 9.0, 9.0), ("B", True, "exact", 8.0, None, 8.0, 8.0),
         ("C", False, "exact", None, 5.0, 5.0, 5.0), ("D", False, "exact", None, 10.0, 10.0, 10.0),
         ("E", False, "bounded", None, None, lower, None)],
        columns=["site_id", "chosen", "proof", "value_bn_krw", "regret_bn_krw", "lower_bn_krw",
                 "upper_bn_krw"],
    ).astype({"value_bn_krw": float, "regret_bn_krw": float, "upper_bn_krw": float})  # fmt: skip
    assert table.loc[proven_ranks(table), "site_id"].tolist() == proven
    # A chosen site of which only a bound is known may be worth more than B, or any other.
    for upper, fewer in ((8.5, ["A"]), (None, [])):
        open_one = table.assign(chosen=table["site_id"].isin(["A", "B", "E"]))
        open_one.loc[4, "upper_bn_krw"] = upper
        found = open_one.loc[proven_ranks(open_one), "site_id"].tolist()
        assert found == [*fewer, "C", "D"]


FAR = 1000.0
SITES = st.lists(
    st.tuples(st.booleans(), st.integers(0, 6), st.sampled_from([0, 0, 1, 3, None])),
    min_size=1, max_size=6,
)  # fmt: skip


def table_of(sites):
    """Return a ranking as `siteopt.portfolio` orders it: chosen ones first, others by bound."""
    rows = [
        {
            "chosen": chosen, "proof": "exact" if wide == 0 else "bounded",
            "value_bn_krw": float(low) if chosen and wide == 0 else np.nan,
            "regret_bn_krw": float(low) if not chosen and wide == 0 else np.nan,
            "lower_bn_krw": float(low), "upper_bn_krw": np.nan if wide is None else float(low + wide),
        }
        for chosen, low, wide in sites
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    key = np.where(table["chosen"], -table["lower_bn_krw"], table["lower_bn_krw"])
    table = table.iloc[
        np.lexsort((table["proof"] == "bounded", key, ~table["chosen"]))
    ].reset_index(drop=True)
    rank = pd.Series(np.arange(1, len(table) + 1))
    exact = table["proof"] == "exact"
    for _, tied in table[exact].groupby(["chosen", "lower_bn_krw"]):
        rank[tied.index] = tied.index.min() + 1
    table["rank"] = rank.astype("Int64")
    return table


def true_ranks(table):
    """Yield the ranks under every choice of the figures' ends; tied figures share the best."""
    ends = zip(table["lower_bn_krw"], table["upper_bn_krw"].fillna(FAR), strict=True)
    chosen = table["chosen"].to_numpy()
    for figures in product(*(sorted(set(pair)) for pair in ends)):
        worth = np.array(figures)
        ahead = np.where(chosen, worth[:, None] > worth, worth[:, None] < worth)
        ahead &= chosen[:, None] == chosen
        yield 1 + ahead.sum(axis=0) + np.where(chosen, 0, chosen.sum())


@examples(150)
@given(sites=SITES)
def test_no_figures_within_the_bounds_give_a_rank_beyond_the_interval(sites):
    table = table_of(sites)
    found = rank_intervals(table)
    ranks = np.array(list(true_ranks(table)))
    low, high = (found[name].to_numpy(dtype=int) for name in ("rank_low", "rank_high"))
    loose = (table["proof"] == "bounded").to_numpy()
    assert (low <= ranks.min(axis=0)).all()
    assert (high >= ranks.max(axis=0)).all()
    assert (
        low[loose] == np.minimum(ranks.min(axis=0), table["rank"])[loose]
    ).all()  # and none is wider
    assert (high[loose] == np.maximum(ranks.max(axis=0), table["rank"])[loose]).all()
    sure = proven_ranks(table).to_numpy()
    assert (low[sure] == table["rank"][sure]).all()
    assert (high[sure] == table["rank"][sure]).all()


def test_sites_that_share_a_bound_share_the_interval_and_impossible_ones_have_none():
    table = table_of(
        [(True, 9, 0), (False, 1, 0), (False, 5, None), (False, 5, None), (False, 5, 1)]
    )
    gone = table.iloc[[-1]].assign(
        proof="impossible", rank=pd.NA, lower_bn_krw=np.nan, upper_bn_krw=np.nan
    )
    found = rank_intervals(pd.concat([table, gone], ignore_index=True))
    assert found["rank_low"].tolist() == [1, 2, 3, 3, 3, pd.NA]
    assert found["rank_high"].tolist() == [1, 2, 5, 5, 5, pd.NA]


def test_a_chosen_site_that_no_plan_can_do_without_is_first():
    table = table_of([(True, 9, 0), (True, 3, None), (True, 20, 0)])
    table.loc[0, ["proof", "value_bn_krw", "lower_bn_krw", "upper_bn_krw"]] = ["indispensable", np.nan, np.nan, np.nan]  # fmt: skip
    found = rank_intervals(table)
    assert found["rank_low"].tolist() == [1, 2, 1]
    assert found["rank_high"].tolist() == [1, 3, 3]


def test_a_rank_in_words_is_a_range_where_it_is_not_settled():
    assert rank_words({"rank": 4}) == "4"
    assert rank_words({"rank": 4, "rank_low": 4, "rank_high": 4}) == "4"
    assert rank_words({"rank": 4, "rank_low": 2, "rank_high": 9}) == "2–9"
