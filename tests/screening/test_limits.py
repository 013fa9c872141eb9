"""Limits with two ends, held against screening with other ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.screening.exclusions import cell_figure, prepare_rules, screen
from siteopt.screening.limits import Limit, RangeLimit, limit_of
from siteopt.screening.margin_counts import RELAXED_PCT
from siteopt.screening.margins import MeasuredRules
from siteopt.screening.windows import whole_window
from tests.examples import examples
from tests.screening.made_country import country, rule, screening

if TYPE_CHECKING:
    from siteopt.scenario import Screening

SEA = rule("outside", "sea", layer="provinces")
LAYER = {"distance_band": "parks", "within_range": "slope", "outside_range": "slope"}
ENDS = {
    "distance_band": {"from_m": 300.0, "to_m": 1_100.0},
    "within_range": {"low": 8.0, "high": 17.0},
    "outside_range": {"low": 6.0, "high": 14.0},
}
INWARDS = {"distance_band": 1, "within_range": 1, "outside_range": -1}


def one_rule(kind: str, share: float = 0.0) -> Screening:
    """Return a screening by one rule whose two ends are relaxed by a share of themselves."""
    figures = dict(ENDS[kind])
    low, high = figures
    figures[low] += INWARDS[kind] * share * figures[low]
    figures[high] -= INWARDS[kind] * share * figures[high]
    return screening(SEA, rule(kind, "one", layer=LAYER[kind], **figures))


@pytest.mark.parametrize("kind", ENDS)
@pytest.mark.parametrize("seed", [1, 2])
def test_relaxed_ends_let_in_what_screening_with_them_finds(
    memory_layers: Any, kind: str, seed: int
) -> None:
    layers = country(memory_layers(), seed, 6_000.0)
    rules = MeasuredRules.of(prepare_rules(layers, one_rule(kind)))
    found = rules.judge(whole_window(rules.lattice))
    before = screen(layers, one_rule(kind))
    table: Any = found.margins.table(before.exclusions, before.counts).set_index("reason")
    assert table.loc["one", "measured_km2"] > 0
    assert np.isnan(table.loc["one", "limit"])
    won = []
    for pct in RELAXED_PCT:
        # 8 to 17 relaxed by half are 12 to 8.5: no value is left to take
        crossed = kind == "within_range" and pct == 50
        after = screen(layers, screening(SEA) if crossed else one_rule(kind, pct / 100.0))
        measured = after.eligible_km2 - before.eligible_km2
        if crossed:  # those without a value stay excluded
            measured -= before.report()["unknown_km2"].sum()
        won.append(measured)
        assert table.loc["one", f"won_{pct}_pct_km2"] == pytest.approx(measured)
    assert won == sorted(won)
    assert won[-1] > 0


@pytest.mark.parametrize("kind", ENDS)
def test_margins_are_those_of_the_figure_of_a_cell(memory_layers: Any, kind: str) -> None:
    layers = country(memory_layers(), 4, 4_000.0)
    rules = MeasuredRules.of(prepare_rules(layers, one_rule(kind)))
    found = rules.judge(whole_window(rules.lattice))
    assert found.nearly is not None
    low, high = ENDS[kind].values()
    cells = np.argwhere((found.reasons == 2) & found.land)
    assert len(cells) > 50
    for row, col in cells[:: max(len(cells) // 60, 1)].tolist():
        part = rules.lattice.part(slice(row, row + 1), slice(col, col + 1))
        figure = cell_figure(rules.exclusions[1], layers, part)
        assert figure is not None
        inside = min(figure - low, high - figure)
        wanted = inside if INWARDS[kind] > 0 else -inside
        margin = float(found.nearly[row, col])
        assert margin == pytest.approx(wanted, rel=1e-5, abs=1e-4, nan_ok=True)


quarters = st.integers(-400, 400).map(lambda n: n / 4)


@examples(100)
@given(
    quarters, st.integers(0, 400).map(lambda n: n / 4), st.lists(quarters),
    st.sampled_from([0.1, 0.25, 0.5]),
)  # fmt: skip
def test_a_range_outside_is_two_limits(
    low: float, width: float, figures: list[float], share: float
) -> None:
    high, values = low + width, np.array(figures)
    values = values[(values < low) | (values > high)]
    both = RangeLimit(low, high, "m", inside=False, low_held_out=False)
    below = Limit(low, "m", rises=False, held_out=False)
    above = Limit(high, "m", rises=True, held_out=False)
    under = values < low
    for limit, some in ((below, under), (above, ~under)):
        np.testing.assert_array_equal(both.margin(values[some]), limit.margin(values[some]))
        np.testing.assert_array_equal(both.violation(values[some]), limit.violation(values[some]))
    relaxed = (values >= low - share * abs(low)) & (values <= high + share * abs(high))
    np.testing.assert_array_equal(both.lets_in(values, share), relaxed)


def test_within_a_range_the_end_that_is_missed_by_less_counts() -> None:
    limit = RangeLimit(10.0, 40.0, "m", inside=True, low_held_out=True)
    figures = np.array([10.0, 12.0, 25.0, 39.0, np.nan])
    np.testing.assert_array_equal(limit.margin(figures), [0.0, 2.0, 15.0, 1.0, np.nan])
    np.testing.assert_allclose(limit.violation(figures), [0.0, 0.2, 15 / 40, 1 / 40, np.inf])
    assert limit.lets_in(figures, 0.1).tolist() == [True, False, False, True, False]
    assert limit.lets_in(figures, 0.2).tolist() == [True, False, False, True, False]
    open_low = limit._replace(low_held_out=False)
    assert open_low.lets_in(figures, 0.2).tolist() == [True, True, False, True, False]
    assert limit.text == "10.0 40.0"


def test_kinds_without_a_number_have_no_limit() -> None:
    shape = screening(
        SEA, rule("min_width", "wide", width_m=900), rule("min_area", "large", area_ha=90),
        rule("in_classes", "cover", layer="cover", classes=[1]),
        rule("not_in_classes", "around", layer="cover", classes=[1], buffer_m=200),
        rule("outside_range", "slope", layer="slope", low=1, high=2, buffer_m=300),
    )  # fmt: skip
    limits = [limit_of(one) for one in shape.exclusions]
    assert limits[:4] == [None] * 4
    assert [one.value for one in limits[4:] if one is not None] == [200.0, 300.0]
