"""Criteria beside a list: closed forms, scipy's own test, seeds, and the criterion to blame."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from siteopt.backtesting.by_criterion import blamed, compare_criteria, goodness
from siteopt.backtesting.percentiles import weighted_median
from siteopt.criteria import CRITERION_NAMES


def by_name(table):
    return table.set_index("criterion")


def test_with_equal_land_auc_is_that_of_mann_and_whitney(equal_land):
    ids = equal_land.sites["site_id"].tolist()[3:12]
    found, better = by_name(compare_criteria(ids, equal_land, 0)), goodness(equal_land)
    for name in (*CRITERION_NAMES, "suitability", "cost"):
        own = better.loc[ids, name].to_numpy()
        test = mannwhitneyu(own, better[name].to_numpy(), alternative="two-sided")
        assert found.loc[name, "auc"] == pytest.approx(test.statistic / (len(own) * len(better)))
        assert found.loc[name, "rank_biserial"] == pytest.approx(2 * found.loc[name, "auc"] - 1)
        assert found.loc[name, "p_value"] == pytest.approx(test.pvalue)


def test_all_land_has_no_direction(land, monkeypatch):
    """Drawn in proportion to the land, the list is as good as the land: an AUC of one half."""
    monkeypatch.setattr("siteopt.backtesting.by_criterion._DRAWS", 99)
    cells = (land.weight_ha / 25.0).round().astype(int)
    often = cells // np.gcd.reduce(cells)
    ids = np.repeat(land.sites["site_id"].to_numpy(dtype=object), often).tolist()
    found = compare_criteria(ids, land, 0)
    assert found["auc"].to_numpy() == pytest.approx(np.full(len(found), 0.5))
    assert set(found["direction"]) == {"not told apart"}


def test_the_best_of_all_land_has_the_closed_form(equal_land):
    n = len(equal_land.sites)
    best = goodness(equal_land)["suitability"].sort_values(kind="stable").index[-6:].tolist()
    row = by_name(compare_criteria(best, equal_land, 0)).loc["suitability"]
    assert row["auc"] == pytest.approx(1 - 6 / (2 * n))
    assert row["direction"] == "as scored"
    worst = goodness(equal_land)["suitability"].sort_values(kind="stable").index[:6].tolist()
    row = by_name(compare_criteria(worst, equal_land, 0)).loc["suitability"]
    assert row["auc"] == pytest.approx(6 / (2 * n))
    assert row["direction"] == "against"


def test_intervals_hold_the_figure_and_hang_on_the_seed_alone(land):
    ids = land.sites["site_id"].tolist()[:7]
    one, two = (compare_criteria(ids, land, 3) for _ in range(2))
    assert one.equals(two)
    assert compare_criteria(ids[::-1], land, 3).equals(one)
    assert (one["auc_low"] <= one["auc"]).all()
    assert (one["auc"] <= one["auc_high"]).all()
    assert not one.equals(compare_criteria(ids, land, 4))


def test_the_bootstrap_is_as_wide_as_the_spread_of_a_mean(land):
    ids = land.sites["site_id"].tolist()
    row = by_name(compare_criteria(ids, land, 0)).loc["grid"]
    width = row["auc_high"] - row["auc_low"]
    assert width == pytest.approx(2 * 1.96 * np.sqrt(1 / 12 / len(ids)), rel=0.2)


def test_a_long_list_is_drawn_in_blocks_with_the_same_answer(land, monkeypatch):
    ids = land.sites["site_id"].tolist()[:9]
    whole = compare_criteria(ids, land, 1)
    monkeypatch.setattr("siteopt.backtesting.by_criterion._BLOCK", 9 * 700)
    assert compare_criteria(ids, land, 1).equals(whole)


def test_few_campuses_have_no_interval(land):
    found = compare_criteria(land.sites["site_id"].tolist()[:4], land, 0)
    assert found["auc_low"].isna().all()
    assert set(found["direction"]) == {"too few"}
    same = compare_criteria([land.sites["site_id"].iloc[0]] * 9, land, 0)
    assert set(same["direction"]) == {"too few"}


def test_nobody_to_compare(land):
    found = compare_criteria([], land, 0)
    assert found["auc"].isna().all()
    assert found["p_value"].isna().all()


def test_a_criterion_that_is_the_same_everywhere_has_no_spread(land):
    flat = replace(land, sites=land.sites.assign(score_water=0.5))
    row = by_name(compare_criteria(flat.sites["site_id"].tolist()[:6], flat, 0)).loc["water"]
    assert row["auc"] == pytest.approx(0.5)
    assert row["direction"] == "no spread"


def test_dear_land_is_worse_and_land_without_connection_the_worst(land):
    better = goodness(land)
    lost = land.sites.set_index("site_id")["bn_krw_per_mw"].isna()
    assert lost.sum() == 1
    assert (better.loc[lost[lost].index, "cost"] == -np.inf).all()
    known = land.sites[land.sites["bn_krw_per_mw"].notna()]
    dearest = known.loc[known["bn_krw_per_mw"].idxmax(), "site_id"]
    assert better["cost"][better["cost"] > -np.inf].idxmin() == dearest


def test_the_criterion_to_blame_costs_most_against_the_median(land):
    ids = land.sites["site_id"].tolist()
    found = blamed(ids, land)
    scores = land.sites.set_index("site_id")
    for name, row in zip(ids, found.to_dict("records"), strict=True):
        lost = {
            one: land.weights[one]
            * (weighted_median(scores[f"score_{one}"].to_numpy(), land.weight_ha)
               - scores.loc[name, f"score_{one}"])
            for one in CRITERION_NAMES
        }  # fmt: skip
        worst = max(lost, key=lost.get)
        assert row["blamed"] == (worst if lost[worst] > 0 else "")
        if row["blamed"]:
            assert row["blamed_points"] == pytest.approx(lost[worst])


def test_weights_decide_who_is_to_blame(land):
    only = replace(land, weights=dict.fromkeys(CRITERION_NAMES, 0.0) | {"water": 1.0})
    assert set(blamed(only.sites["site_id"].tolist(), only)["blamed"]) == {"water", ""}
    assert blamed(["", "nowhere"], only)["blamed"].tolist() == ["", ""]


def test_lists_that_chance_alone_made_are_seldom_told_a_direction(land):
    rng, chance = np.random.default_rng(11), land.weight_ha / land.weight_ha.sum()
    ids = land.sites["site_id"].to_numpy(dtype=object)
    told = [
        direction
        for _ in range(12)
        for direction in compare_criteria(rng.choice(ids, 12, p=chance).tolist(), land, 0)[
            "direction"
        ]
    ]
    assert sum(one != "not told apart" for one in told) / len(told) <= 0.08
