"""Robustness of the small national run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from siteopt.robustness.analysis import assess_robustness
from siteopt.scenario.uncertainty import Uncertainty

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.national


def with_draws(drawn, **settings):
    asked = drawn.model.scenario.model_copy(update={"uncertainty": Uncertainty(**settings)})
    return replace(drawn.model, scenario=asked)


@pytest.fixture(scope="module")
def found(drawn):
    return assess_robustness(with_draws(drawn, draws=8), drawn.steps, drawn.cost_bn_krw)


def test_without_draws_there_is_none(drawn):
    assert assess_robustness(drawn.model, drawn.steps, drawn.cost_bn_krw) is None


def test_shares_are_of_the_draws_with_a_plan(found):
    assert found.asked == found.solved == 8
    assert 0 < found.planned <= 8
    places = found.places
    assert (places["share_pct"] * found.planned / 100 == places["draws"]).all()
    assert (places["low_pct"] <= places["share_pct"]).all()
    assert (places["share_pct"] <= places["high_pct"]).all()
    # A larger place has at least the share of the smaller ones in it.
    by_level = places.groupby("level")["share_pct"].max()
    assert by_level["site"] <= by_level["station"] + 1e-9
    assert by_level["district"] <= by_level["province"] + 1e-9


def test_acceptabilities_sum_to_one_and_every_candidate_has_a_class(drawn, found):
    bands = found.ranks.filter(like="rank_").drop(columns="mean_rank", errors="ignore")
    assert bands.sum(axis=1).to_numpy() == pytest.approx(100)
    pairs = found.pairs.to_numpy()
    assert pairs + pairs.T == pytest.approx(np.full(pairs.shape, 100.0))
    assert sorted(found.classes.index) == sorted(drawn.model.sites["site_id"].astype(str))
    chosen = set(drawn.steps["site_id"])
    assert set(found.classes.loc[sorted(chosen), "class"]) <= {"robust", "competitive"}


def test_with_closed_ranges_the_classes_are_the_plan(drawn, tmp_path: Path):
    rules = tmp_path / "rules.csv"
    rules.write_text(
        "kind,key,low,high,note,confidence\nheld,*,,,a test,assumption\n", encoding="utf-8"
    )
    model = with_draws(drawn, draws=4)
    found = assess_robustness(model, drawn.steps, drawn.cost_bn_krw, rules=rules)
    chosen = set(drawn.steps["site_id"])
    assert set(found.classes.index[found.classes["class"] == "robust"]) == chosen
    assert not (found.classes["class"] == "competitive").any()
    assert found.overturn.empty
    assert found.risk.set_index("figure").loc["committed", "p95"] == pytest.approx(0, abs=0.1)
