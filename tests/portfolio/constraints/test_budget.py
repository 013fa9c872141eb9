"""The budget."""

import numpy as np

from siteopt.portfolio.constraints import budget
from tests.portfolio.instances import Link, Place, make_case, optimum

# Cheap to run and dear to build, or the other way round: 90 in all with 150 of capital, or 120
# with 60.
LINKS = (
    Link(fixed=10.0, per_mw=2.0, capital_fixed=70.0, capital_per_mw=2.0),
    Link("N2", fixed=40.0, per_mw=2.0, capital_fixed=20.0, capital_per_mw=1.0),
)
PLACES = [Place(land_mw=40.0, links=LINKS)] * 2


def test_the_capital_of_the_whole_plan_stays_within_the_budget(forget):
    case = make_case(PLACES, target_mw=80, objective={"budget_bn_krw": 299.0})
    assert optimum(case) == 90 + 120
    forget(budget)
    assert optimum(case) == 90 + 90


def test_the_budget_may_be_spent_to_the_last_won():
    assert optimum(make_case(PLACES, target_mw=80, objective={"budget_bn_krw": 300.0})) == 180
    assert optimum(make_case(PLACES, target_mw=80, objective={"budget_bn_krw": 120.0})) == 240
    assert optimum(make_case(PLACES, target_mw=80, objective={"budget_bn_krw": 119.0})) == np.inf


def test_without_a_budget_there_is_no_row():
    assert not len(budget.rows(make_case(PLACES).part()))


def test_the_report_has_the_capital_and_not_the_cost():
    case = make_case(PLACES, target_mw=80, objective={"budget_bn_krw": 300.0})
    row = budget.report(case.problem(), np.array([2, 0, 0, 1])).iloc[0]
    assert (row["used"], row["at_most"], row["unit"]) == (150 + 40, 300, "bn_krw")
    assert (row["slack"], row["binds"]) == (110, False)
