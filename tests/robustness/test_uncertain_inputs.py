"""Ranges, shapes and rules of uncertainty."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers.parameters import Parameter
from siteopt.robustness.uncertain_inputs import (
    Range,
    ranges_table,
    read_rules,
    uncertain_parameters,
)

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "kind,key,low,high,note,confidence\n"


class _Parameters:
    """Parameters by key."""

    def __init__(self, *rows: Parameter) -> None:
        self._rows = {row.key: row for row in rows}

    def row(self, key: str) -> Parameter:
        return self._rows[key]


class _Layers:
    def __init__(self, *rows: Parameter) -> None:
        self.parameters = _Parameters(*rows)


def parameter(key: str, value: float, low: float | None, high: float | None) -> Parameter:
    return Parameter(
        key=key, value=value, low=low, high=high, unit="km", kind="cost", source="a test",
        confidence="assumption", overridden=False, price_year=None, price_year_basis="",
    )  # fmt: skip


@given(
    st.floats(-1e6, 1e6), st.floats(0, 1e6), st.floats(0, 1e6),
    st.sampled_from(["triangle", "halves"]),
)  # fmt: skip
def test_quantiles_rise_and_stay_between_the_ends(
    value: float, below: float, above: float, shape: str
) -> None:
    one = Range(value - below, value, value + above, shape)
    found = one.quantile(np.linspace(0, 1, 21))
    assert (np.diff(found) >= 0).all()
    assert found.min() >= one.low
    assert found.max() <= one.high


def test_halves_have_the_best_value_as_their_median() -> None:
    assert Range(2.0, 3.0, 9.0, "halves").quantile(np.array([0.25, 0.5, 0.75])).tolist() == [
        2.5, 3.0, 6.0,
    ]  # fmt: skip


def test_a_triangle_has_the_closed_form_of_its_distribution() -> None:
    # F(mode) = (mode - low) / (high - low); below it F = (x - low)^2 / ((high - low)(mode - low))
    one = Range(0.0, 1.0, 4.0, "triangle")
    assert one.quantile(np.array([0.25]))[0] == pytest.approx(1.0)
    assert one.quantile(np.array([0.0625]))[0] == pytest.approx(0.5)


def test_a_closed_range_has_one_value_and_years_are_whole() -> None:
    assert Range(3.0, 3.0, 3.0, "triangle").quantile(np.array([0.1, 0.9])).tolist() == [3.0, 3.0]
    years = Range(4.0, 5.0, 7.0, "halves", whole=True).quantile(np.linspace(0, 1, 50))
    assert set(years) == {4.0, 5.0, 6.0, 7.0}


def test_parameters_that_move_together_are_one_input_and_held_ones_say_why() -> None:
    layers = _Layers(
        parameter("lot_price_47", 3.0, 2.0, 5.0),
        parameter("lot_price_52", 4.0, 3.0, 5.0),
        parameter("fiber_cost", 2.0, 1.0, None),
        parameter("fixed", 2.0, None, None),
        parameter("single", 2.0, 2.0, 2.0),
        parameter("price_year", 2024.0, 2020.0, 2026.0),
        replace(parameter("water_price", 2.0, 1.0, 3.0), overridden=True),
    )
    keys = [*layers.parameters._rows]
    inputs, held = uncertain_parameters(layers, keys, read_rules())  # type: ignore[arg-type]
    assert [one.name for one in inputs] == ["fiber_cost", "lot_price_[0-9]*"]
    assert sorted(inputs[1].ranges) == ["lot_price_47", "lot_price_52"]
    assert inputs[0].ranges["fiber_cost"] == Range(1.0, 2.0, 2.0, "halves")
    assert held == {
        "fixed": "its row has neither low nor high",
        "price_year": "a choice of the money in which all is told",
        "single": "its range is a single value",
        "water_price": "set by the scenario",
    }
    table = ranges_table(inputs)
    assert table["key"].tolist() == ["fiber_cost", "lot_price_47", "lot_price_52"]


def test_low_above_the_value_is_named() -> None:
    layers = _Layers(parameter("fiber_cost", 2.0, 3.0, 4.0))
    with pytest.raises(LayerError, match=r"fiber_cost is 2 with low 3 and high 4; .*low <= value"):
        uncertain_parameters(layers, ["fiber_cost"], read_rules())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("mood,x,1,2,,\n", r"row 2: kind is 'mood'; it is one of shape"),
        ("shape,published,,,bell,\n", r"row 2: note is 'bell'; a shape is triangle or halves"),
        ("headroom,model,2,3,,\n", r"row 2: low is 2 and high 3; a factor lies about 1"),
        ("headroom,model,0.5,much,,\n", r"row 2: low is '0.5' and high 'much'; both are numbers"),
    ],
)
def test_rules_that_cannot_be_right_are_named(tmp_path: Path, rows: str, said: str) -> None:
    file = tmp_path / "rules.csv"
    file.write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(LayerError, match=said):
        read_rules(file)


def test_rules_without_a_column_or_a_file_are_named(tmp_path: Path) -> None:
    file = tmp_path / "rules.csv"
    file.write_text("kind,key\n", encoding="utf-8")
    with pytest.raises(LayerFileError, match="column low is missing; a table of uncertainty has"):
        read_rules(file)
    with pytest.raises(LayerFileError, match=r"none\.csv"):
        read_rules(tmp_path / "none.csv")


def test_the_first_pattern_that_fits_counts() -> None:
    rules = read_rules()
    assert rules.shape("published") == "triangle"
    assert rules.shape("assumption") == "halves"
    assert rules.factor("headroom", "published-cap") == Range(0.5, 1.0, 1.5, "halves")
    assert rules.factor("headroom", "a user's own").is_closed
