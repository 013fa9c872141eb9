"""What would overturn a plan, against the program solved on either side of a threshold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.portfolio.search.variable_fixing import solve_by_fixing
from siteopt.robustness.draw_model import Assumptions
from siteopt.robustness.overturn import _crossing, _lead, overturning
from siteopt.robustness.plan_pool import distinct_plans
from siteopt.robustness.uncertain_inputs import read_rules, uncertain_parameters
from siteopt.runs import pipeline


def test_a_lead_that_changes_its_sign_crosses_on_the_line_between_two_points():
    assert _crossing(np.array([2.0, 1.0, -3.0])) == pytest.approx(0.5 + 0.25 * 0.5)
    assert _crossing(np.array([2.0, 1.0, 0.5])) is None
    assert _crossing(np.array([-1.0, 1.0, 1.0])) == pytest.approx(0.25)
    assert _crossing(np.array([1.0, np.inf, -np.inf])) is None


def test_the_lead_is_that_of_the_best_plan_with_over_the_best_without():
    costs = np.array([[10.0, 12.0, 11.0], [10.0, np.inf, 9.0]])
    with_it = np.array([True, True, False])
    assert _lead(costs, with_it, ~with_it).tolist() == [1.0, -1.0]
    nothing = _lead(np.full((1, 3), np.inf), with_it, ~with_it)
    assert np.isnan(nothing).all()


@pytest.fixture(scope="module")
def thresholds(drawn):
    stages = drawn.study._result
    values, optimum = stages(pipeline.VALUES), stages(pipeline.PORTFOLIO)
    known = [replace(optimum.plan, blocks=one).steps(values.problem) for one in values.plans.each()]
    inputs, _ = uncertain_parameters(
        drawn.model.layers,
        ["customer_substation_cost", "lot_price_47", "raw_land_price_low", "pue_liquid"],
        read_rules(),
    )
    pool = distinct_plans(drawn.model.problem, [drawn.steps, *known, drawn.steps])
    assert len(pool) <= len(known) + 1  # each once
    return inputs, overturning(drawn.model, inputs, pool, drawn.model.problem.site_id.tolist())


@pytest.mark.national
def test_thresholds_lie_between_the_value_and_its_end(thresholds):
    inputs, found = thresholds
    ranges = {one.name: next(iter(one.ranges.values())) for one in inputs}
    for row in found.sites.itertuples():
        own = ranges[row.input]
        end = own.low if row.side == "low" else own.high
        assert min(own.value, end) - 1e-9 <= row.threshold <= max(own.value, end) + 1e-9
        share = abs(row.threshold - own.value) / abs(end - own.value)
        assert 100 * share == pytest.approx(row.range_share_pct)
    nearest = found.sites[found.sites["nearest"]]
    assert nearest["site_id"].is_unique
    assert not found.pairs.duplicated(["site_id", "other_site_id"]).any()


@pytest.mark.national
def test_what_is_verified_holds_when_the_program_is_solved_there(drawn, thresholds):
    inputs, found = thresholds
    names = {one.name: one for one in inputs}
    drops = found.sites[(found.sites["change"] == "drops") & found.sites["verified"].eq(True)]  # noqa: FBT003
    for row in drops.head(2).itertuples():
        share = min(row.range_share_pct / 100 + 0.02, 1.0)
        at = {
            key: each.value + share * ((each.low if row.side == "low" else each.high) - each.value)
            for key, each in names[row.input].ranges.items()
        }
        problem = drawn.model.problem_of(Assumptions(at))
        plan = solve_by_fixing(problem, drawn.study.scenario.solver, drawn.model.grid).plan
        assert row.site_id not in problem.site_id[plan.chosen(problem)]
