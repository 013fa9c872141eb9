"""What would have to change for a site to be chosen."""

import numpy as np
import pandas as pd
import pytest

from siteopt.portfolio import rank, solve
from siteopt.portfolio.postoptimal.break_even import changes, first_years
from tests.portfolio.grids import Limit
from tests.portfolio.instances import Link, Place, make_case
from tests.portfolio.listing import all_plans

FORTY = Place(land_mw=40.0)
CHEAP = Place(land_mw=40.0, links=(Link("N2", fixed=20.0),))


def changed(case, **asked):
    problem, solver = case.problem(), case.scenario.solver
    plan = solve(problem, solver)
    ranking = rank(problem, plan, case.scenario.ranking, solver)
    return changes(problem, plan, ranking, solver, **asked).set_index("site_id")


def cramped(room_mw=30.0):
    """Return a case whose cheap site S1 finds headroom for one block only."""
    return make_case(
        [Place(land_mw=40.0, links=(Link("N1", per_mw=2.5),)), CHEAP],
        headroom={("N2", 154.0): room_mw},
    )


def test_the_least_headroom_that_makes_a_site_as_good_as_the_best_plan():
    # Best: S0 alone at 10 + 40 x 2.5 = 110. S1 alone would be 100, and needs 50 MW, not
    # 30; a block at each is 120.
    case = cramped()
    row = changed(case).loc["S1"]
    assert row["headroom_proof"] == "exact"
    assert row["headroom_more_mw"] == pytest.approx(20.0)
    moved = cramped(50.0)
    assert all_plans(moved).best(with_site=1) <= all_plans(case).best()
    assert all_plans(cramped(49.9)).best(with_site=1) > all_plans(case).best()


def test_no_headroom_helps_a_dear_site():
    case = make_case([FORTY, Place(land_mw=40.0, links=(Link("N2", per_mw=9.0),))])
    row = changed(case).loc["S1"]
    assert row["headroom_proof"] == "not enough"
    assert np.isnan(row["headroom_more_mw"])


def test_size_cost_and_the_site_that_leaves():
    # S1 in place of S0: 10 + 40 x 2.5.
    case = make_case([FORTY, Place(land_mw=40.0, links=(Link("N2", per_mw=2.5),))])
    row = changed(case).loc["S1"]
    assert (row["with_it_mw"], row["with_cost_bn_krw"]) == (40.0, pytest.approx(110.0))
    assert row["replaces"] == "S0"


def test_without_time_nothing_is_claimed():
    row = changed(cramped(), seconds=0.0).loc["S1"]
    assert row["headroom_proof"] == "not computed"
    assert row["headroom_more_low_mw"] == 0.0


class Deaf:
    """A grid that serves nothing."""

    bus_id = ("1",)
    energy = None

    def broken(self, loads):
        limit = Limit("g", np.ones(1), 0.0)
        return [limit for load in loads if load[0] > 0]


def test_headroom_with_which_the_grid_does_not_serve_the_plan_is_no_answer():
    case = make_case(
        [Place(land_mw=40.0, links=(Link("N1", per_mw=2.5),)), CHEAP],
        headroom={("N2", 154.0): 30.0},
        buses={"N1": "1", "N2": "1"},
    )
    row = changed(case, grid=Deaf()).loc["S1"]
    assert row["headroom_proof"] == "bounded"
    assert np.isnan(row["headroom_more_mw"])


def test_the_first_year_is_that_of_the_fastest_connection():
    options = pd.DataFrame({"site_id": ["A", "A", "B"], "lead_time_years": [9.0, 5.0, 4.5]})
    assert first_years(options, 2026).to_dict() == {"A": 2031, "B": 2031}
