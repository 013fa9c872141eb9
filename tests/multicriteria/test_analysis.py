"""Analysis of a made-up table of sites: silent stakeholders, cost, possible weights."""

import numpy as np
import pandas as pd
import pytest

from siteopt.multicriteria.analysis import ScoreRange, analyse, possible_weights
from siteopt.scenario.judgements import Judgements
from siteopt.scenario.weights import CRITERION_NAMES


def judgements(**keys):
    one = {"name": "a", "method": "direct", "weights": {"grid": 1.0}}
    other = {"name": "b", "method": "direct", "weights": {"water": 1.0}}
    return Judgements.model_validate({"stakeholder": [one, other], "best": 1} | keys)


def scores(n=6):
    drawn = np.random.default_rng(0).random((n, len(CRITERION_NAMES)))
    ids = pd.Index([f"S{i}" for i in range(n)], name="site_id")
    return pd.DataFrame(drawn, index=ids, columns=[f"score_{name}" for name in CRITERION_NAMES])


def test_one_without_a_voice_loses_and_is_told_so():
    told = judgements().stakeholders
    silent = judgements().model_copy(
        update={"stakeholders": [told[0], told[1].model_copy(update={"voice": 0.0})]}
    )
    table = scores() / 2
    table.loc["S0", "score_grid"] = table.loc["S1", "score_water"] = 1.0
    table.loc["S2", ["score_grid", "score_water"]] = 0.8
    losses = analyse(silent, table).losses.set_index("compromise")
    assert losses.loc["least_regret", "loss_a"] == 0.0
    assert losses.loc["least_regret", "loss_b"] > 0.0
    both = analyse(judgements(), table).losses.set_index("compromise")
    assert both.loc["least_regret", ["loss_a", "loss_b"]].tolist() == pytest.approx([0.2, 0.2])


def test_a_site_that_all_want_is_agreed_on():
    table = scores()
    table.loc["S3"] = 1.0
    found = analyse(judgements(), table)
    assert found.agreed == ["S3"]
    assert found.losses["largest_loss"].max() == 0.0
    assert found.sites.index[0] == "S3"
    assert found.sites.loc["S3", ["acceptability_1", "topsis", "rank_high"]].tolist() == [1, 1, 1]


def test_cost_stands_beside_unless_it_has_a_weight():
    table = scores()
    cost = pd.Series(np.linspace(40.0, 30.0, 5), index=table.index[:5])
    beside = analyse(judgements(), table, cost=cost).sites
    assert beside["promethee_net"].notna().all()
    assert np.isnan(beside.loc["S5", "bn_krw_per_mw"])
    weighed = analyse(judgements(cost_weight=0.99), table, cost=cost).sites
    assert np.isnan(weighed.loc["S5", "topsis"])
    ranked = weighed.dropna(subset=["promethee_net"]).sort_values("promethee_net")
    assert ranked.index.tolist() == ["S0", "S1", "S2", "S3", "S4"]


def test_possible_weights_are_what_the_judgements_state():
    stated = {"order": ["grid", ["water", "land"]], "intervals": {"hazard": [0.1, 0.2]}}
    drawn = possible_weights(judgements(smaa={"draws": 64} | stated))
    at = CRITERION_NAMES.index
    assert (drawn[:, at("grid")] >= drawn[:, [at("water"), at("land")]].max(axis=1)).all()
    assert ((drawn[:, at("hazard")] >= 0.1) & (drawn[:, at("hazard")] <= 0.2)).all()
    drawn = possible_weights(judgements(smaa={"between_stakeholders": True}))
    assert drawn[:, [at("grid"), at("water")]].sum(axis=1) == pytest.approx(np.ones(1000))


def test_unknown_scores_are_drawn_only_where_asked_for():
    table = scores()
    span = ScoreRange(table, table * 0.0 + 1.0)
    known = analyse(judgements(), table, score_range=span).sites
    assert set(known["confidence_factor"].dropna()) == {1.0}
    drawn = analyse(judgements(smaa={"draw_unknown": True}), table, score_range=span).sites
    assert drawn["confidence_factor"].min() < 1.0
