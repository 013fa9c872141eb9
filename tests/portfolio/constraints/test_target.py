"""The national target."""

import numpy as np

from siteopt.portfolio.constraints import target
from tests.portfolio.instances import Link, Place, make_case, optimum

# Sites of 60 MW or none, in two provinces.
LARGE = [Place(province=code, links=(Link(above_mw=50.0, top_mw=75.0),)) for code in ("46", "47")]


def test_all_blocks_together_reach_the_target(forget):
    case = make_case(LARGE, target_mw=60)
    assert optimum(case) == 10 + 2 * 60
    forget(target)
    assert optimum(case) == 0


def test_least_cost_may_overshoot_the_target_where_whole_sites_leave_no_other_way():
    assert optimum(make_case(LARGE, target_mw=80)) == 2 * (10 + 2 * 60)


def test_suitability_must_meet_the_target_exactly():
    wanted = {"kind": "suitability"}
    assert optimum(make_case(LARGE, target_mw=120, objective=wanted)) == -0.5 * 120
    assert optimum(make_case(LARGE, target_mw=100, objective=wanted)) == np.inf


def test_the_report_has_the_load_against_the_target():
    problem = make_case(LARGE, target_mw=100).problem()
    row = target.report(problem, np.array([3, 3])).iloc[0]
    assert (row["used"], row["at_least"], row["at_most"], row["unit"]) == (
        120,
        100,
        np.inf,
        "mw_it",
    )
    assert (row["slack"], row["binds"]) == (20, False)


def test_the_report_says_when_the_target_binds():
    problem = make_case(LARGE, target_mw=60, objective={"kind": "suitability"}).problem()
    row = target.report(problem, np.array([3, 0])).iloc[0]
    assert (row["used"], row["at_least"], row["at_most"]) == (60, 60, 60)
    assert (row["slack"], row["binds"]) == (0, True)
