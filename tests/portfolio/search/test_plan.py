"""A plan as figures and tables."""

from dataclasses import replace

import numpy as np
import pytest

from siteopt.portfolio import Plan
from tests.portfolio.instances import Link, Place, make_case
from tests.portfolio.limits import named

PLAN = Plan(
    blocks=np.array([0, 2, 1]),
    status="optimal",
    objective=200.0,
    bound=199.0,
    solver="none",
    seconds=0.0,
)
CASE = make_case(
    [
        Place(pue=1.5, links=(Link(), Link("N2", capital_fixed=4.0, capital_per_mw=1.0))),
        Place(10.0, water=6.0),
    ],
    target_mw=60,
    spacing_km=5,
    objective={"budget_bn_krw": 500.0},
)


def test_the_table_has_a_row_a_chosen_site_with_its_figures():
    table = PLAN.table(CASE.problem())
    assert table.to_dict("records") == [
        {
            "site_id": "S0",
            "option_id": "S0-1",
            "open_year": 2035,
            "blocks": 2,
            "it_mw": 40,
            "facility_mw": 60,
            "water_m3_day": 200,
            "cost_bn_krw": 10 + 2 * 40,
            "capital_bn_krw": 4 + 40,
        },
        {
            "site_id": "S1",
            "option_id": "S1-0",
            "open_year": 2035,
            "blocks": 1,
            "it_mw": 20,
            "facility_mw": 25,
            "water_m3_day": 120,
            "cost_bn_krw": 10 + 2 * 20,
            "capital_bn_krw": 10 + 2 * 20,
        },
    ]


def test_the_chosen_sites_are_those_with_blocks():
    assert PLAN.chosen(CASE.problem()).tolist() == [0, 1]
    assert replace(PLAN, blocks=np.array([0, 0, 1])).chosen(CASE.problem()).tolist() == [1]


@pytest.mark.parametrize(
    ("objective", "bound", "gap"),
    [
        (200.0, 199.0, 0.005),
        (200.0, 200.0, 0.0),
        (200.0, 200.1, 0.0),
        (-50.0, -51.0, 0.02),
        (200.0, -np.inf, np.inf),
    ],
)
def test_the_gap_is_relative_to_the_objective(objective, bound, gap):
    assert replace(PLAN, objective=objective, bound=bound).gap == pytest.approx(gap)


def test_every_family_reports_its_limits():
    limits = PLAN.limits(CASE.problem())
    assert list(limits["family"].unique()) == [
        "target", "stations", "provinces", "basins", "budget", "spacing",
    ]  # fmt: skip
    used = named(limits)["used"]
    assert used["target"] == 60
    assert used["N2 154 kV"] == 60
    assert used["basin B1"] == 320
    assert used["budget"] == 94
    assert used["S0"] == used["S1"] == 10
