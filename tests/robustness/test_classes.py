"""Classes of sites and places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from siteopt.robustness.acceptability import inclusion
from siteopt.robustness.classes import CLASSES, class_of, classify, place_classes
from tests.robustness.made_up import PLACES, made_up


def test_the_rule() -> None:
    assert class_of(80.0, 80.0, in_plan=False, can=True) == "robust"
    assert class_of(79.9, 80.0, in_plan=True, can=True) == "competitive"
    assert class_of(0.0, 80.0, in_plan=True, can=True) == "competitive"
    assert class_of(0.1, 80.0, in_plan=False, can=True) == "competitive"
    assert class_of(0.0, 80.0, in_plan=False, can=True) == "dominated"
    assert class_of(0.0, 80.0, in_plan=False, can=False) == "not_possible"


@given(st.lists(st.floats(0, 100), min_size=2, max_size=2).map(sorted), st.booleans())
def test_more_draws_never_make_a_place_less_sure(shares: list[float], in_plan: bool) -> None:  # noqa: FBT001 - drawn
    low, high = (class_of(one, 80.0, in_plan=in_plan, can=True) for one in shares)
    assert CLASSES.index(high) <= CLASSES.index(low)


def test_with_all_draws_alike_the_classes_are_the_plan() -> None:
    never = float("inf")
    draws = made_up([["A", "C"]] * 8, [[0.0, 1.0, 0.0, never]] * 8)
    included = inclusion(draws, PLACES)
    found = classify(draws, included, {"A", "C"}, {"A", "B", "C"}, 80.0)
    assert found["class"].to_dict() == {
        "A": "robust", "B": "dominated", "C": "robust", "D": "not_possible",
    }  # fmt: skip
    assert found.loc["A", "in_plan_pct"] == 100
    assert found.loc["B", "in_plan_high_pct"] > 0  # eight draws do not prove a zero
    places = place_classes(included, PLACES.loc[["A@1", "C@1"]], 80.0)
    assert set(places["class"]) == {"robust"}
    assert places["in_run"].all()
