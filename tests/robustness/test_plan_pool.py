"""Plans costed as matrices, against the objective of each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siteopt.portfolio.robust.fixed_plan import blocks_of_steps
from siteopt.robustness.draw_model import Assumptions
from siteopt.robustness.plan_pool import CostedPlans, distinct_plans
from siteopt.runs import pipeline

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def pool(drawn):
    values = drawn.study._result(pipeline.VALUES)
    plan = drawn.study._result(pipeline.PORTFOLIO).plan
    known = [replace(plan, blocks=one).steps(values.problem) for one in values.plans.each()]
    return distinct_plans(drawn.model.problem, [drawn.steps, *known, drawn.steps])


def test_a_plan_is_there_once_and_strange_options_are_left_out(drawn, pool):
    again = distinct_plans(drawn.model.problem, [*pool, *pool])
    assert len(again) == len(pool)
    strange = drawn.steps.assign(option_id="of another run")
    assert distinct_plans(drawn.model.problem, [strange]) == []


def test_costs_are_the_objectives_under_any_prices(drawn, pool):
    problem = drawn.model.problem_of(Assumptions())
    plans = CostedPlans.of(problem, pool)
    assert len(plans)
    dearer = drawn.model.problem_of(Assumptions({"customer_substation_cost": 0.3}))
    for prices in (problem, dearer):
        costs = plans.cost(prices)
        worth = [prices.worth(row.astype(np.int64)) for row in plans.blocks.toarray()]
        np.testing.assert_allclose(costs, worth, rtol=1e-12)
    first = plans.blocks.toarray()[0].astype(np.int64)
    np.testing.assert_array_equal(first, blocks_of_steps(problem, drawn.steps))
    chosen = {site for site, own in zip(plans.sites, plans.has[0], strict=True) if own}
    assert chosen == set(drawn.steps["site_id"])


def test_plans_that_break_a_limit_are_left_out(drawn, pool):
    none = dict.fromkeys(drawn.model.areas["place"], 0.0)
    closed = drawn.model.problem_of(Assumptions(headroom=none))
    assert len(CostedPlans.of(closed, pool)) < len(CostedPlans.of(drawn.model.problem, pool))
