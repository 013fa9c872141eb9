"""Draws of the small national run: equal by seed and cores, closed ranges, early ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siteopt.robustness.draw_model import Assumptions
from siteopt.robustness.draws import draw_inputs, solve_draws
from siteopt.robustness.uncertain_inputs import read_rules

pytestmark = pytest.mark.national

COUNT = 4


@pytest.fixture(scope="module")
def inputs(drawn):
    read = drawn.model.parameters_read()
    return draw_inputs(drawn.model, read_rules(), read, COUNT, "sobol")


@pytest.fixture(scope="module")
def draws(drawn, inputs):
    return solve_draws(drawn.model, inputs.assumptions, drawn.steps)


def test_draws_hang_on_the_seed_alone(drawn, inputs):
    read = drawn.model.parameters_read()
    again = draw_inputs(drawn.model, read_rules(), read, COUNT, "sobol")
    pd.testing.assert_frame_equal(inputs.table, again.table)
    assert inputs.assumptions == again.assumptions
    other = replace(drawn.model, scenario=drawn.model.scenario.model_copy(update={"seed": 1}))
    assert (
        draw_inputs(other, read_rules(), read, COUNT, "sobol")
        .table.iloc[0]
        .ne(inputs.table.iloc[0])
        .any()
    )


def test_every_value_lies_in_its_range_and_every_parameter_is_drawn_or_held(drawn, inputs):
    ranges = {key: each for one in inputs.inputs for key, each in one.ranges.items()}
    for one in inputs.assumptions:
        for key, value in one.parameters.items():
            assert ranges[key].low <= value <= ranges[key].high
        assert all(0 <= factor <= 2 for factor in one.headroom.values())
    assert set(ranges) | set(inputs.held) >= set(drawn.model.parameters_read())
    for key in ("complex_area_national", "route_hill_slope", "town_density", "latency_oneway"):
        assert key in inputs.held  # what every draw shares is told as well
    assert not set(ranges) & set(inputs.held)


def test_one_core_and_two_give_the_same(drawn, inputs, draws):
    two = solve_draws(drawn.model, inputs.assumptions, drawn.steps, processes=2)
    pd.testing.assert_frame_equal(draws.table, two.table)
    pd.testing.assert_frame_equal(draws.chosen, two.chosen)
    pd.testing.assert_frame_equal(draws.standing, two.standing)


def test_plans_are_proven_and_committing_never_costs_less(drawn, draws):
    planned = draws.table[draws.table["status"] == "optimal"]
    assert len(planned)
    gap = drawn.study.scenario.uncertainty.gap
    slack = 2 * gap * planned["cost_bn_krw"].abs()
    assert (planned["cost_bn_krw"] - planned["bound_bn_krw"] <= slack).all()
    known = planned.dropna(subset="committed_bn_krw")
    assert (known["committed_bn_krw"] >= known["cost_bn_krw"] - slack.loc[known.index]).all()


def test_chosen_sites_stand_before_all_others(draws):
    for draw, own in draws.chosen.groupby("draw"):
        standing = draws.standing.loc[draw]
        chosen = standing[own["site_id"].astype(str).tolist()]
        assert (chosen <= 0).all()


def test_with_all_ranges_closed_every_draw_is_the_plan_of_the_run(drawn):
    found = solve_draws(drawn.model, [Assumptions()] * 2, drawn.steps)
    cost = found.table["cost_bn_krw"].to_numpy(dtype=float)
    assert cost == pytest.approx(drawn.cost_bn_krw, rel=2.1e-6)
    assert found.table["fits"].tolist() == [True, True]
    assert found.table["committed_bn_krw"].to_numpy(dtype=float) == pytest.approx(
        drawn.cost_bn_krw, rel=2.1e-6
    )
    sizes = found.chosen[found.chosen["draw"] == 0].set_index("site_id")["it_mw"].sort_index()
    known = drawn.steps.groupby("site_id")["it_mw"].sum().sort_index()
    assert sizes.index.tolist() == known.index.tolist()
    np.testing.assert_allclose(sizes, known)


def test_an_early_end_gives_what_there_is(drawn, inputs):
    found = solve_draws(drawn.model, inputs.assumptions, drawn.steps, seconds=0.0)
    assert found.asked == COUNT
    assert found.table["draw"].tolist() == [0]


def test_a_draw_without_a_plan_is_a_row(drawn):
    nothing = Assumptions({"runoff_mm_year": 0.0, "storage_yield": 0.0})  # no water anywhere
    found = solve_draws(drawn.model, [nothing], drawn.steps)
    assert found.table["status"].tolist() == ["infeasible"]
    assert found.chosen.empty
    assert np.isinf(found.standing.to_numpy()).all()
