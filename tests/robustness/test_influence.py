"""First-order indices of draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siteopt.robustness.influence import influence
from siteopt.robustness.sampling import unit_draws
from tests.robustness.made_up import made_up


def test_the_index_of_a_sum_is_its_share_of_the_variance() -> None:
    # Y = 3 a + b, a and b uniform: shares of the variance 9/10 and 1/10; c has none.
    unit = unit_draws(512, 3, 5)
    inputs = pd.DataFrame(unit, columns=["a", "b", "c"], index=pd.RangeIndex(512, name="draw"))
    draws = made_up([["A"]] * 512, costs=(3 * unit[:, 0] + unit[:, 1]).tolist())
    found = influence(draws, inputs, {"A"}, 1)
    assert set(found["figure"]) == {"cost"}  # the choice does not vary
    shares = found.set_index("input")["first_order"]
    assert shares["a"] == pytest.approx(0.9, abs=0.03)
    assert shares["b"] == pytest.approx(0.1, abs=0.04)
    assert shares["c"] == pytest.approx(0.0, abs=0.04)
    assert found["input"].tolist()[:2] == ["a", "b"]
    assert found.set_index("input")["stands_out"].to_dict() == {"a": True, "b": True, "c": False}
    assert (found.set_index("input")["correlation"][["a", "b"]] > 0).all()


def test_the_input_that_decides_the_choice_is_first() -> None:
    unit = unit_draws(256, 2, 5)
    inputs = pd.DataFrame(unit, columns=["a", "b"], index=pd.RangeIndex(256, name="draw"))
    plans = [["A"] if value > 0.5 else ["B"] for value in unit[:, 1]]
    found = influence(made_up(plans), inputs, {"A"}, 1)
    choice = found[found["figure"] == "choice"].set_index("input")
    assert choice["first_order"].idxmax() == "b"
    assert choice["first_order"]["b"] > 0.7
    assert choice["correlation"]["b"] > 0


def test_the_same_seed_gives_the_same_intervals_and_few_draws_none() -> None:
    unit = unit_draws(64, 2, 5)
    inputs = pd.DataFrame(unit, columns=["a", "b"], index=pd.RangeIndex(64, name="draw"))
    draws = made_up([["A"]] * 64, costs=unit.sum(axis=1).tolist())
    one, two = (influence(draws, inputs, {"A"}, 3) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    few = made_up([["A"]] * 16, costs=np.arange(16.0).tolist())
    assert influence(few, inputs.head(16), {"A"}, 3).empty
