"""Probabilities, ranks and value at risk of draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.robustness.acceptability import (
    convergence,
    exact_interval,
    inclusion,
    pairwise_winning,
    rank_acceptability,
    shortlist,
    value_at_risk,
)
from tests.robustness.made_up import PLACES, SITES, made_up

standings = st.lists(
    st.lists(st.sampled_from([-1.0, 0.0, 0.5, 2.0, np.inf]), min_size=4, max_size=4),
    min_size=1, max_size=12,
)  # fmt: skip


def test_a_place_is_in_the_plan_where_any_of_its_sites_is() -> None:
    found = inclusion(made_up([["A"], ["B"], ["A", "C"], ["C"]]), PLACES)
    share = found.set_index(["level", "place"])["share_pct"]
    assert share["site", "A"] == 50
    assert share["station", "s1"] == 75
    assert share["district", "d1"] == 75
    assert share["province", "p1"] == 100
    assert ("site", "D") not in share.index
    size = found.set_index(["level", "place"])["it_mw"]
    assert size["province", "p1"] == 50  # 40, 40, 80 and 40


def test_draws_without_a_plan_do_not_count() -> None:
    found = inclusion(made_up([["A"], [], ["A"]]), PLACES)
    assert found.set_index(["level", "place"])["share_pct"]["site", "A"] == 100


def test_the_interval_is_that_of_clopper_and_pearson() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for hits, count, low, high in (
        (81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684),
        (1, 29, 0.0009, 0.1776),
    ):  # fmt: skip
        assert exact_interval(hits, count) == pytest.approx((low, high), abs=5e-5)
    assert exact_interval(0, 0) == (0.0, 1.0)


@given(standings)
def test_acceptabilities_of_a_site_sum_to_one_and_so_do_those_of_the_first_rank(
    standing: list[list[float]],
) -> None:
    draws = made_up([["A"]] * len(standing), standing)
    found = rank_acceptability(draws)
    shares = found.filter(like="rank_").drop(columns="mean_rank", errors="ignore")
    assert shares.sum(axis=1).to_numpy() == pytest.approx(100)
    assert found["rank_1_pct"].sum() == pytest.approx(100)
    assert found["mean_rank"].sum() == pytest.approx(10)  # 1 + 2 + 3 + 4


@given(standings)
def test_two_sites_win_against_each_other_in_all_draws_together(
    standing: list[list[float]],
) -> None:
    wins = pairwise_winning(made_up([["A"]] * len(standing), standing), SITES).to_numpy()
    assert wins + wins.T == pytest.approx(np.full((4, 4), 100.0))


@given(standings)
def test_a_site_that_stands_before_another_in_every_draw_is_never_below_it(
    standing: list[list[float]],
) -> None:
    dominating = [[min(row[1], 5.0) - 1.0, min(row[1], 5.0), *row[2:]] for row in standing]
    draws = made_up([["A"]] * len(standing), dominating)
    assert pairwise_winning(draws, SITES).loc["A", "B"] == 100
    found = rank_acceptability(draws)
    assert found["mean_rank"]["A"] < found["mean_rank"]["B"]


def test_the_shortlist_has_all_sites_in_plans_and_the_best_others() -> None:
    standing = [[0.0, 1.0, 3.0, 2.0], [0.0, 1.0, 3.0, 2.0]]
    draws = made_up([["C"], ["C"]], standing)
    assert shortlist(draws, 1) == ["A", "C"]
    assert shortlist(draws, 4) == ["A", "B", "D", "C"]


def test_value_at_risk_is_a_quantile_and_its_conditional_one_a_mean_of_the_tail() -> None:
    costs = np.arange(1.0, 101.0)
    found = value_at_risk(made_up([["A"]] * 100, costs=costs.tolist()), 7.0).set_index("figure")
    best = found.loc["best_plan"]
    assert best["p95"] == pytest.approx(95.05)
    assert best["cvar95"] == pytest.approx(98.0)  # of 96, 97, 98, 99, 100
    assert best["in_run"] == 7
    assert found.loc["committed", "mean"] == pytest.approx(2.0)
    assert found.loc["committed", "sd"] == pytest.approx(0.0)


def test_convergence_ends_at_all_draws() -> None:
    found = convergence(made_up([["A"], ["A"], ["B"], ["C"]] * 4), PLACES)
    assert found["draws"].tolist() == [4, 8, 16]
    assert found["largest_change_pct"].tolist()[-1] == 0
