"""The best plan over several years, against the listing of all plans."""

import numpy as np
import pytest
from hypothesis import given

from siteopt.errors import InfeasibleError
from siteopt.portfolio import solve
from tests.portfolio.instances import ONLY_FIND, Link, Place, examples, make_case, with_solver
from tests.portfolio.listing import all_plans
from tests.portfolio.random_years import LIMITS, random_years, year_cases
from tests.portfolio.search.test_search import OF_SCENARIOS, best_found, binds


def agrees_with_the_listing(limits, profile, *, grows, family=None):
    """Hold the program against the listing on many cases, those without a plan included.

    With a family only where it binds: only there its rows can be missed.
    """

    @profile
    @given(case=year_cases(limits, grows=grows))
    def holds(case):
        plans = all_plans(case)
        if family is None or binds(plans, family):
            assert best_found(case) == pytest.approx(plans.best(), abs=1e-6)

    holds()


@pytest.mark.parametrize("grows", [True, False], ids=["growing", "fixed"])
@pytest.mark.parametrize("limits", [(), *[(limit,) for limit in LIMITS], LIMITS], ids="+".join)
def test_the_plan_of_the_years_is_the_best_of_all_plans_there_are(limits, grows):
    agrees_with_the_listing(limits, examples(8), grows=grows)


def test_the_cases_above_have_plans_and_limits_that_bind():
    # Else the tests above would prove nothing.
    for limit in LIMITS:
        plans = [all_plans(random_years(seed, (limit,))) for seed in range(25)]
        assert sum(np.isfinite(plan.best()) for plan in plans) >= 10
        if limit not in ("time", "upgrades"):  # these close options, or are bound by stations
            bound = sum(plan.best() > plan.best(ignoring=(limit,)) + 1e-6 for plan in plans)
            assert bound >= 4


@pytest.mark.parametrize(
    "grows",
    [
        pytest.param(True, id="growing"),
        pytest.param(False, id="fixed", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("module", OF_SCENARIOS, ids=lambda module: module.NAME)
def test_without_the_rows_of_a_family_the_listing_of_the_years_disagrees(module, grows, forget):
    limits = () if module.NAME == "target" else (module.NAME,)
    forget(module)
    with pytest.raises(AssertionError):
        agrees_with_the_listing(limits, ONLY_FIND, grows=grows, family=module.NAME)


def test_a_year_has_no_more_time_for_a_line_than_there_is_until_it(monkeypatch):
    def never(options, scenario):
        del scenario
        return np.zeros(len(options), dtype=np.bool_)

    monkeypatch.setattr("siteopt.portfolio.build._late", never)
    with pytest.raises(AssertionError):
        agrees_with_the_listing(("time",), ONLY_FIND, grows=True)


def test_highs_and_cbc_find_the_same_optimum_over_the_years():
    limits, found = ("stations", "budget", "rules", "spacing"), 0
    for seed in range(8):
        case = random_years(seed, limits, small=True)
        by_highs, by_cbc = (best_found(with_solver(case, name=name)) for name in ("highs", "cbc"))
        assert by_cbc == pytest.approx(by_highs, abs=1e-6)
        found += np.isfinite(by_highs)
    assert found >= 4


# 10 to open, 2 a MW: one site of three blocks in the years 2034 and 2035.
ONE = {"target_mw": 60.0, "early_mw": {2034: 20.0}}


@pytest.mark.parametrize(
    ("grows", "cost"),
    # One block at first, two a year later at half the cost; or all of it at once.
    [(True, 10 + 40 + 80 / 2), (False, 10 + 120)],
)
def test_costs_of_later_years_are_discounted_and_growing_waits_for_them(grows, cost):
    build = {"it_min_mw": 20, "it_max_mw": 60, "block_mw": 20, "grows": grows}
    case = make_case([Place(land_mw=60.0)], **ONE, build=build, discount_pct=100.0)
    plan = solve(case.problem(), case.scenario.solver)
    assert plan.objective == pytest.approx(cost)
    steps = plan.steps(case.problem())
    assert steps["year"].tolist() == ([2034, 2035] if grows else [2034])
    assert steps["opens"].tolist() == [True, False][: len(steps)]
    assert steps["it_mw"].tolist() == ([20, 40] if grows else [60])
    assert steps["cost_bn_krw"].sum() == pytest.approx(cost)


def test_a_rate_of_five_percent_counts_the_years_from_the_first_one():
    case = make_case(
        [Place(land_mw=60.0)], target_mw=60.0, early_mw={2032: 20.0, 2034: 40.0}, discount_pct=5.0
    )
    expected = 10 + 40 + 40 / 1.05**2 + 40 / 1.05**3
    assert best_found(case) == pytest.approx(expected)
    assert all_plans(case).best() == pytest.approx(expected)


def test_a_line_that_is_not_ready_opens_its_site_later():
    # The cheap site is ready in 2035, nine years after the works begin.
    places = [Place(links=(Link(fixed=1.0, years=9.0),)), Place(links=(Link(fixed=50.0),))]
    case = make_case(places, target_mw=40.0, early_mw={2034: 20.0})
    plan = solve(case.problem(), case.scenario.solver)
    table = plan.table(case.problem()).set_index("site_id")
    assert table["open_year"].to_dict() == {"S1": 2034}  # one opening is dearer than two
    more = make_case(places, target_mw=120.0, early_mw={2034: 20.0})
    plan = solve(more.problem(), more.scenario.solver)
    table = plan.table(more.problem()).set_index("site_id")
    assert table["open_year"].to_dict() == {"S0": 2035, "S1": 2034}


def test_a_site_that_must_be_chosen_and_cannot_be_leaves_no_plan():
    # The other site alone would meet the target.
    places = [Place(), Place(links=(Link("N2"),))]
    case = make_case(places, headroom={("N2", 154.0): 0.0}, sites={"must": ["S1"]})
    with pytest.raises(InfeasibleError, match="no plan meets all limits"):
        solve(case.problem(), case.scenario.solver)


def test_a_begun_site_opens_above_the_class_below_its_own():
    links = (Link(above_mw=50.0, fixed=1.0),)  # more than 50 MW of contract power, so 60 of IT
    begun = {"site_id": "S0", "it_mw": 20.0, "year": 2034}
    case = make_case([Place(land_mw=60.0, links=links)], **ONE, sites={"begun": [begun]})
    assert best_found(case) == pytest.approx(1 + 120)
    assert all_plans(case).best() == pytest.approx(1 + 120)


def test_what_has_begun_counts_against_no_budget():
    begun = {"site_id": "S0", "it_mw": 40.0, "year": 2030}
    case = make_case(
        [Place(land_mw=60.0)],
        **ONE,
        sites={"begun": [begun]},
        objective={"budget_bn_krw": 40.0, "budget_by_year_bn_krw": {2034: 0.0}},
    )
    plan = solve(case.problem(), case.scenario.solver)
    assert plan.steps(case.problem())["capital_bn_krw"].tolist() == [0, 40]
    assert best_found(case) == pytest.approx(10 + 120)
