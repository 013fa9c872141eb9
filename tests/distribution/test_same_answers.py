"""What worker processes of a cluster answer, byte by byte as a single run."""

from __future__ import annotations

import pandas as pd
import pytest

from siteopt.layers import open_layers
from siteopt.robustness.draws import draw_inputs, solve_draws
from siteopt.robustness.overturn import overturning
from siteopt.robustness.plan_pool import distinct_plans
from siteopt.robustness.uncertain_inputs import read_rules
from siteopt.scenario import load_scenario
from siteopt.screening.exclusions import screen
from tests.robustness.conftest import drawn  # noqa: F401 - a fixture


@pytest.fixture(scope="module")
def screening():
    asked = load_scenario("national-2035").screening
    return asked.model_copy(update={"cell_m": 1000.0})


@pytest.fixture(scope="module")
def screened(screening):
    return screen(open_layers(), screening)


def test_tiles(request, screening, screened):
    request.getfixturevalue("on_cluster")
    found = screen(open_layers(), screening)
    assert found.reasons.tobytes() == screened.reasons.tobytes()
    assert found.land.tobytes() == screened.land.tobytes()
    assert found.unknown_cells == screened.unknown_cells


@pytest.fixture(scope="module")
def plain_draws(drawn):  # noqa: F811 - the fixture
    inputs = draw_inputs(drawn.model, read_rules(), drawn.model.parameters_read(), 5, "sobol")
    return inputs, solve_draws(drawn.model, inputs.assumptions, drawn.steps)


def assert_equal_draws(one, other):
    for name in ("table", "chosen", "standing"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def test_draws(request, drawn, plain_draws):  # noqa: F811 - the fixture
    inputs, plain = plain_draws
    request.getfixturevalue("on_cluster")
    assert_equal_draws(solve_draws(drawn.model, inputs.assumptions, drawn.steps), plain)


def test_overturn_searches(request, drawn, plain_draws):  # noqa: F811 - the fixture
    inputs, plain = plain_draws
    year = int(drawn.steps["year"].iloc[0])
    pool = distinct_plans(
        drawn.model.problem,
        [drawn.steps, *(own.assign(year=year) for _, own in plain.chosen.groupby("draw"))],
    )
    asked = (drawn.model, inputs.inputs[:4], pool, drawn.model.problem.site_id.tolist()[:3])
    single = overturning(*asked)
    request.getfixturevalue("on_cluster")
    found = overturning(*asked)
    pd.testing.assert_frame_equal(found.sites, single.sites, check_exact=True)
    pd.testing.assert_frame_equal(found.pairs, single.pairs, check_exact=True)
