"""The best plan, against the listing of all plans."""

import numpy as np
import pulp
import pytest
from hypothesis import given

from siteopt.errors import InfeasibleError, SolverError
from siteopt.portfolio import constraints, solve
from siteopt.portfolio.bounds.reduced_cost import Bound
from siteopt.portfolio.search.restricted_mips import by_reduced_cost
from siteopt.portfolio.verification import violations
from tests.portfolio.instances import (
    ONLY_FIND,
    Link,
    Place,
    examples,
    hard_case,
    make_case,
    optimum,
    wide_case,
    with_solver,
)
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import LIMITS, cases, random_case

# Side limits are no part of a scenario; `test_family_caps` shows that they hold.
OF_SCENARIOS = [
    getattr(constraints, name)
    for name in (
        "target", "stations", "works", "flows", "provinces", "basins", "diversity", "budget",
        "fixed_sites", "spacing",
    )
]  # fmt: skip


def best_found(case):
    """Return the objective of the plan found, which must be proven and meet the raw tables."""
    problem = case.problem()
    try:
        plan = solve(problem, case.scenario.solver)
    except InfeasibleError:
        return np.inf
    assert plan.status == "optimal"
    assert plan.bound <= plan.objective
    assert plan.objective == pytest.approx(problem.worth(plan.blocks), abs=1e-9)
    tables = {"plan": plan.table(problem), "steps": plan.steps(problem)}
    broken = violations(**case.tables, **tables)  # apart: a failure would print all tables
    assert broken == []
    return plan.objective


def binds(plans, family):
    """Return whether plans would be better without a family; true where a listing cannot say."""
    free = plans.best(ignoring=(family,))
    return family in {"target", "upgrades"} or plans.best() > free + 1e-6


def agrees_with_the_listing(limits, objective, profile, family=None):
    """Hold the program against the listing on many cases, those without a plan included.

    With a family only where it binds: only there its rows can be missed.
    """

    @profile
    @given(case=cases(limits, objective=objective))
    def holds(case):
        plans = all_plans(case)
        if family is None or binds(plans, family):
            assert best_found(case) == pytest.approx(plans.best(), abs=1e-6)

    holds()


@pytest.mark.parametrize(
    ("limits", "objective"),
    [
        ((), "cost"),
        *[((limit,), "cost") for limit in LIMITS],
        (LIMITS, "cost"),
        ((), "suitability"),
        (LIMITS, "suitability"),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value) or "target",
)
def test_the_plan_is_the_best_of_all_plans_there_are(limits, objective):
    agrees_with_the_listing(limits, objective, examples(9))


@pytest.mark.parametrize("module", OF_SCENARIOS, ids=lambda module: module.NAME)
def test_without_the_rows_of_a_family_the_listing_disagrees(module, forget):
    # Shows that the test above has teeth: it fails for every family that would be forgotten.
    limits = () if module.NAME == "target" else (module.NAME,)
    forget(module)
    with pytest.raises(AssertionError):
        agrees_with_the_listing(limits, "cost", ONLY_FIND, module.NAME)


def test_without_the_gate_of_lead_times_the_listing_disagrees(monkeypatch):
    def never(options, scenario):
        del scenario
        return np.zeros(len(options), dtype=np.bool_)

    monkeypatch.setattr("siteopt.portfolio.build._late", never)
    with pytest.raises(AssertionError):
        agrees_with_the_listing(("time",), "cost", ONLY_FIND)


def test_where_costs_say_nothing_the_first_options_are_of_as_many_sites_as_there_are():
    # A small program made of all the options of a few sites would find poor plans.
    part = wide_case(44).part()
    even = np.zeros(part.options)
    order = by_reduced_cost(part, Bound(0.0, np.zeros(part.sites), even, even, even))
    first = order[: part.sites]
    assert sorted(part.option_site[first]) == list(range(part.sites))
    for option in first:
        of_site = part.option_site == part.option_site[option]
        assert part.blocks_max[option] == part.blocks_max[of_site].max()
    dear = np.where(np.arange(part.options) == order[0], 1.0, 0.0)
    assert by_reduced_cost(part, Bound(0.0, np.zeros(part.sites), even, dear, dear))[-1] == order[0]


def test_no_plan_is_an_error_that_says_so():
    case = make_case([Place(land_mw=20)], target_mw=40)
    with pytest.raises(InfeasibleError, match="no plan meets all limits"):
        solve(case.problem(), case.scenario.solver)


def test_no_open_option_at_all_is_no_plan():
    case = make_case([Place()], headroom={("N1", 154.0): 0.0})
    with pytest.raises(InfeasibleError, match="no plan meets all limits"):
        solve(case.problem(), case.scenario.solver)


# Three blocks a site or none, four wanted: the relaxation has a plan, the program has none.
WHOLE_BLOCKS_CONFLICT = make_case(
    [Place(links=(Link(above_mw=50.0, top_mw=75.0),))] * 2,
    target_mw=80,
    objective={"kind": "suitability"},
)


@pytest.mark.parametrize("name", ["highs", "cbc"])
def test_whole_blocks_alone_can_leave_no_plan(name):
    case = with_solver(WHOLE_BLOCKS_CONFLICT, name=name)
    with pytest.raises(InfeasibleError, match="no plan meets all limits"):
        solve(case.problem(), case.scenario.solver)


def test_shares_that_no_whole_block_meets_leave_no_plan():
    # 30 to 40 % of 40 MW lies between no block and one: a minimum of one, a maximum of none.
    shares = {"shares": {"46": {"min_pct": 30, "max_pct": 40}}}
    case = make_case([Place(), Place(province="47")], target_mw=40, provinces=shares)
    with pytest.raises(InfeasibleError, match="no plan meets all limits"):
        solve(case.problem(), case.scenario.solver)


# With the others besides, few cases have a plan.
MOST = tuple(limit for limit in LIMITS if limit not in ("diversity", "rules"))


@pytest.mark.parametrize("objective", ["cost", "suitability"])
def test_highs_and_cbc_find_the_same_optimum(objective):
    values = []
    for seed in range(9):
        case = random_case(seed, MOST, objective=objective)
        values.append([best_found(with_solver(case, name=name)) for name in ("highs", "cbc")])
    by_highs, by_cbc = np.transpose(values)
    assert np.isfinite(by_highs).sum() >= 4  # plans, not only errors, were compared
    assert by_cbc == pytest.approx(by_highs, abs=1e-6)


@pytest.mark.parametrize("name", ["highs", "cbc"])
def test_where_nothing_is_worth_anything_any_plan_is_the_best(name):
    places = [Place(suitability=0.0), Place(suitability=0.0, land_mw=20.0)]
    case = make_case(places, target_mw=100, objective={"kind": "suitability"})
    assert best_found(with_solver(case, name=name)) == 0


@pytest.mark.parametrize(("name", "title"), [("highs", "HiGHS"), ("cbc", "CBC")])
def test_the_scenario_chooses_the_solver(name, title):
    case = with_solver(make_case([Place()]), name=name)
    assert solve(case.problem(), case.scenario.solver).solver.startswith(title)


# Found for `hard_case` in a minute; no proven bound may lie above the cost of a plan.
HARD_CASE_COSTS_AT_MOST = 3463.742


@pytest.mark.parametrize(("name", "seconds"), [("highs", 0.4), ("cbc", 0.8)])
def test_a_plan_after_the_time_limit_is_feasible_and_comes_with_its_true_gap(name, seconds):
    # PuLP calls such a plan "Optimal".
    case = with_solver(hard_case(), name=name, time_limit_s=seconds, gap=0.0)
    problem = case.problem()
    plan = solve(problem, case.scenario.solver)
    assert plan.status == "feasible"
    tables = {"plan": plan.table(problem), "steps": plan.steps(problem)}
    assert violations(**case.tables, **tables) == []
    assert 0 < plan.bound <= HARD_CASE_COSTS_AT_MOST
    assert plan.gap == pytest.approx((plan.objective - plan.bound) / plan.objective)
    assert plan.gap > 1e-4


def test_a_plan_is_looked_for_even_when_time_is_up():
    # A hundredth of a second is not enough for the relaxation, and a late plan better than none.
    case = with_solver(hard_case(), time_limit_s=0.01, gap=0.0)
    problem = case.problem()
    plan = solve(problem, case.scenario.solver)
    assert plan.status == "feasible"
    assert plan.bound <= HARD_CASE_COSTS_AT_MOST <= plan.objective
    tables = {"plan": plan.table(problem), "steps": plan.steps(problem)}
    assert violations(**case.tables, **tables) == []


def test_a_wide_gap_may_stop_early_and_is_proven():
    case = wide_case(44)
    best = optimum(with_solver(case, gap=0.0))
    plan = solve(case.problem(), with_solver(case, gap=0.1).scenario.solver)
    assert plan.status == "optimal"
    assert plan.bound <= best + 1e-6
    assert plan.objective >= best - 1e-6
    assert 0 < plan.gap <= 0.1


def test_no_time_for_any_plan_is_an_error_that_names_the_key(monkeypatch):
    def out_of_time(program, solver):
        del solver
        program.assignStatus(pulp.LpStatusNotSolved, pulp.LpSolutionNoSolutionFound)

    monkeypatch.setattr(pulp.LpProblem, "solve", out_of_time)
    case = with_solver(make_case([Place()]), name="cbc", time_limit_s=7.0)
    with pytest.raises(SolverError, match=r"no plan found in 7 s; raise solver\.time_limit_s"):
        solve(case.problem(), case.scenario.solver)
