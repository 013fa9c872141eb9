"""The portfolio on a grid that only says what a load breaks, against the listing of all plans."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import InfeasibleError, SolverError
from siteopt.portfolio import PlanInputs, diagnose, rank, solve
from siteopt.portfolio.constraints import flows
from siteopt.portfolio.problem.problem import FlowName
from siteopt.portfolio.ranking.rank_on_grid import rank_on_grid
from siteopt.portfolio.search.grid_oracle import HeldLimit, with_limits
from siteopt.portfolio.search.lazy_flow_limits import limits_of_kernel, solve_on_grid
from siteopt.portfolio.solver.deadline import Deadline
from siteopt.scenario import Ranking as Settings
from tests.portfolio.answers import answered
from tests.portfolio.figures import check_figures, check_order
from tests.portfolio.grids import SERVED, Limit, RoundGrid, RowGrid
from tests.portfolio.instances import Flow, Link, Place, examples, make_case, wide_case, with_solver
from tests.portfolio.limits import changes_of, named
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import LIMITS, PLANNED, random_case

SEEDS = st.integers(0, 2**32 - 1)
SOME = ("flows", "spacing")


def on_rows(seed, limits=SOME, **how):
    """Return a case that knows no flow limits, and a grid that hides them."""
    case = random_case(seed, limits, **how)
    plans = all_plans(replace(case, flows=()))
    first, *rest = case.flows
    taken = sum(price * plans.load_mw[bus] for bus, price in first.price.items())
    flows = (replace(first, most_mw=_most(plans, taken, seed, first.most_mw)), *rest)
    return replace(case, flows=()), RowGrid(case.buses, flows)


def on_round(seed, limits=SOME, **how):
    """Return a case and a grid that serves the loads in an ellipsoid."""
    case = replace(random_case(seed, limits, **how), flows=())
    rng = np.random.default_rng(seed)
    grid = RoundGrid(case.buses, (), weight=tuple(rng.choice([0.5, 1.0, 2.0], len(case.buses))))
    plans = all_plans(case)
    grid.most_mw = _most(plans, grid.size(plans), seed, 100.0)
    return case, grid


def _most(plans, size, seed, otherwise):
    """Return a limit on the size of plans: three times in four the best one is just too large."""
    if not plans.good.any():
        return otherwise
    best = size[plans.good][np.argmin(plans.worth[plans.good])]
    smaller = size[plans.good & (size < best - 1e-3)]
    if seed % 4 == 0 or not len(smaller):
        return max(float(best), 0.0)
    return max(float(smaller.max()), 0.0)


def best_on(case, grid):
    """Return the objective of the best plan that the grid serves, checked on it."""
    problem, plan = solve_on_grid(case.problem(), case.scenario.solver, grid)
    if plan is None:
        return np.inf
    assert plan.status == "optimal"
    assert plan.bound <= plan.objective
    assert not grid.broken([problem.bus_loads(plan.blocks)])
    return plan.objective


@pytest.mark.parametrize("make", [on_rows, on_round])
@pytest.mark.parametrize("limits", [SOME, LIMITS], ids="+".join)
def test_the_plan_is_the_best_of_those_that_the_grid_serves(make, limits):
    @examples(15)
    @given(seed=SEEDS)
    def holds(seed):
        case, grid = make(seed, limits)
        plans = all_plans(case)
        assert best_on(case, grid) == pytest.approx(plans.best(among=grid.serves(plans)), abs=1e-6)

    holds()


def test_the_grids_of_the_cases_above_stop_the_best_plan_of_many():
    # Else the test above would prove nothing.
    stopped = 0
    for seed in range(20):
        for case, grid in (on_rows(seed), on_round(seed)):
            plans = all_plans(case)
            stopped += plans.best(among=grid.serves(plans)) > plans.best() + 1e-6
    assert stopped >= 12


def ranked(case, grid, **wanted):
    """Return the problem, the plan and the ranking on a grid, or None where there is no plan."""
    solver = case.scenario.solver
    problem, plan = solve_on_grid(case.problem(), solver, grid)
    if plan is None:
        return None
    problem, ranking = rank_on_grid(problem, plan, Settings(**wanted), solver, grid)
    return problem, plan, ranking


def check_served(problem, ranking, grid):
    """Every exact figure and every upper bound has a plan behind it that the grid serves."""
    table = ranking.table
    bounded = table["site_id"][np.isfinite(table[f"upper_{problem.unit}"]) & ~table["chosen"]]
    for site in bounded:
        blocks = ranking.plans[ranking.plan_of[site]]
        assert not grid.broken([problem.bus_loads(blocks)])
        assert blocks[problem.site_id[problem.option_site] == site].sum() > 0


@pytest.mark.parametrize("make", [on_rows, on_round])
@pytest.mark.parametrize("limits", [SOME, LIMITS], ids="+".join)
def test_values_and_regrets_are_those_of_plans_that_the_grid_serves(make, limits):
    @examples(8)
    @given(seed=SEEDS, wanted=st.sampled_from([0, 1, 50]))
    def holds(seed, wanted):
        case, grid = make(seed, limits)
        answer = ranked(case, grid, exact_others=wanted)
        if answer is None:
            return
        problem, _, ranking = answer
        assert ranking.complete
        check_figures(case, ranking, among=grid.serves)
        check_order(case, ranking, among=grid.serves)
        check_served(problem, ranking, grid)

    holds()


def test_without_time_no_figure_that_the_grid_does_not_serve_is_called_exact():
    seen = cut_short = 0
    for seed in range(12):
        case, grid = on_round(seed)
        answer = ranked(case, grid, time_limit_s=1e-9)
        if answer is None:
            continue
        problem, _, ranking = answer
        check_figures(case, ranking, among=grid.serves)
        check_order(case, ranking, among=grid.serves)
        check_served(problem, ranking, grid)
        seen, cut_short = seen + 1, cut_short + (not ranking.complete)
    assert seen >= 6, "hardly a case has a plan: little was shown"
    assert cut_short, "time was never up: the case that is meant did not occur"


# 40 MW of IT load draw 50 MW. At bus 1 they cost 90, 100, 110; at bus 2 200; 80 MW are wanted.
FOUR = [
    Place(land_mw=40.0, links=(Link(station, fixed=fixed),))
    for station, fixed in (("N1", 10.0), ("N1", 20.0), ("N1", 30.0), ("N2", 120.0))
]
BUSES = {"N1": "1", "N2": "2"}
HALF = (Flow({"1": 1.0}, 75.0),)
"""Bus 1 takes a site and a half: one more has to go to bus 2."""


def four(flows=HALF, **changes):
    case = make_case(FOUR, target_mw=80, buses=BUSES, **changes)
    return case, RowGrid(case.buses, flows)


def test_the_figures_of_a_grid_that_stops_the_cheapest_plan():
    # The target is met by 40 MW at each bus; S0 + S1 would cost 190.
    case, grid = four()
    _, plan, ranking = ranked(case, grid)
    assert plan.objective == 90 + 200
    table = ranking.table.set_index("site_id")
    assert table.at["S3", "proof"] == "indispensable"
    assert table.at["S0", "value_bn_krw"] == pytest.approx(10)
    assert table.at["S1", "regret_bn_krw"] == pytest.approx(true_regret(case, grid, 1))
    assert (table["proof"].drop("S3") == "exact").all()
    assert len(plan.measured["flow_rounds"]) >= 2
    assert plan.measured["flow_rounds"][-1]["limits"] == 1


def true_regret(case, grid, site):
    plans = all_plans(case)
    served = grid.serves(plans)
    return plans.best(among=served, with_site=site) - plans.best(among=served)


def test_figures_whose_plan_breaks_a_limit_become_lower_bounds_when_time_is_up():
    # The grid has so much time only that its limits are found after the ranking.
    case, grid = four(flows=())
    solver = case.scenario.solver
    problem, plan = solve_on_grid(case.problem(), solver, grid)
    assert plan.objective == 90 + 100
    # S0 and S1 can be served together, S2 with any of them cannot.
    late = RowGrid(grid.bus_id, ())
    blocks_of_s2 = problem.option_id == "S2-0"

    def broken(loads):
        late.asked.extend(loads)
        return [Limit("late", np.array([1.0, 0.0]), 100.0 - 1e-3)] if len(loads) > 1 else []

    late.broken = broken
    assert blocks_of_s2.sum() == 1
    with_late, ranking = rank_on_grid(problem, plan, Settings(time_limit_s=1e-9), solver, late)
    assert with_late.flow_name == (FlowName("late"),)
    table = ranking.table.set_index("site_id")
    assert not ranking.complete
    assert ranking.exact_others == 0
    at_bus_1 = [site for site, place in ranking.plan_of.items()
                if with_late.bus_loads(ranking.plans[place])[0] > 100 - 1e-3]  # fmt: skip
    assert at_bus_1
    assert (table.loc[at_bus_1, "proof"] == "bounded").all()
    assert (table.loc[at_bus_1, "upper_bn_krw"] == np.inf).all()
    assert table.loc[at_bus_1, ["value_bn_krw", "regret_bn_krw"]].isna().all().all()


def test_a_grid_that_stops_nothing_changes_nothing():
    case, grid = four(flows=(Flow({"1": 1.0}, 1e6),))
    _, plan, ranking = ranked(case, grid)
    _, free_plan, free_ranking = ranked(case, None)
    assert plan.blocks.tolist() == free_plan.blocks.tolist()
    assert ranking.table.to_csv() == free_ranking.table.to_csv()
    assert len(grid.asked) > 0


def test_without_a_grid_plan_and_ranking_are_those_of_the_program():
    case = random_case(PLANNED, LIMITS)
    problem, solver = case.problem(), case.scenario.solver
    same, plan = solve_on_grid(problem, solver, None)
    assert same is problem
    alone = solve(problem, solver)
    assert (plan.objective, plan.bound) == (alone.objective, alone.bound)
    assert plan.blocks.tolist() == alone.blocks.tolist()
    same, ranking = rank_on_grid(problem, plan, Settings(), solver, None)
    assert same is problem
    assert ranking.table.to_csv() == rank(problem, alone, Settings(), solver).table.to_csv()


def test_limits_are_added_at_the_end_and_rounding_takes_nothing():
    problem = four()[0].problem()
    once = with_limits(problem, [HeldLimit(FlowName("a"), np.array([1.0, 0.0]), 75.0, 0)])
    twice = with_limits(once, [HeldLimit(FlowName("a"), np.array([0.0, 1.0]), -1e-9, 0)])
    assert twice.flow_name == (FlowName("a"), FlowName("a"))
    assert [key.subject for key in flows.limit_keys(twice, range(2))] == ["1", "2"]
    assert twice.flow_most_mw.tolist() == [75, 0]
    assert twice.flow_price.tolist() == [[1, 0], [0, 1]]


def test_no_time_for_a_plan_on_the_grid_names_the_key():
    class Endless(RowGrid):
        def broken(self, loads):
            del loads
            return [Limit("dust", np.array([1.0, 0.0]), 1e6)]

    case, _ = four()
    solver = with_solver(case, time_limit_s=0.5).scenario.solver
    grid = Endless(case.buses, ())
    with pytest.raises(SolverError, match=r"no plan within the flow limits .* solver.time_limit_s"):
        solve_on_grid(case.problem(), solver, grid)


def test_a_large_case_is_solved_within_limits_that_are_found_on_the_way():
    case = wide_case(44)
    stations = sorted(set(case.options["station_id"]))
    serves = {name: str(number % 4) for number, name in enumerate(stations)}
    options = case.options.assign(bus_id=case.options["station_id"].map(serves))
    case = replace(case, options=options, buses=("0", "1", "2", "3"))
    free = best_on(case, RowGrid(case.buses, ()))
    rows = tuple(Flow({bus: 1.0}, 105.0) for bus in case.buses[:3])
    known = replace(case, flows=rows)
    bound = best_on(case, RowGrid(case.buses, rows))
    assert free < bound - 1e-6
    assert bound == pytest.approx(solve(known.problem(), known.scenario.solver).objective, rel=1e-6)


# No plan.


def answer(case, grid):
    described = case.described.merge(case.basins, on="basin_id", how="left")
    described = described.set_index(case.described.index)
    return answered(
        PlanInputs(
            sites=case.sites,
            described=described.drop(columns="suitability"),
            scores=described[["suitability"]],
            options=case.options,
            headroom=case.headroom,
            scenario=case.scenario,
            grid=grid,
        )
    )


def test_an_answer_on_a_grid_comes_with_its_account():
    case, grid = four()
    found = answer(case, grid)
    assert found.complete
    assert found.plan.objective == 90 + 200
    assert found.plan.grid_account["load_mw"].tolist() == [100]
    assert found.plan.grid_further["province_code"].tolist() == ["46"]
    table = found.plan.limits[found.plan.limits["family"] == "flows"]
    assert named(table)["limit"].tolist() == ["flow 1 row 0: all units"]
    assert table["used"].tolist() == [50]
    assert answer(case, None).plan.grid_account is None


def test_a_plan_that_the_grid_refuses_after_all_does_not_leave():
    case, grid = four(flows=())
    grid.verify = RowGrid(case.buses, HALF).verify
    with pytest.raises(SolverError, match="the plan contradicts the grid case"):
        answer(case, grid)


def test_no_plan_within_the_flow_limits_names_them():
    # Bus 1 takes 60 MW of IT load in all, bus 2 none; 80 MW are wanted.
    case, grid = four(flows=(Flow({"1": 1.0}, 75.0), Flow({"2": 1.0}, 20.0)))
    with pytest.raises(
        InfeasibleError,
        match=r"in conflict: target.it_mw \(80 MW\), the flow limits of the grid "
        r"\(grid.flow_limits\); it would do if target gave 20 MW IT \(down to 60\); "
        r"or flows grew by 5 MW \(flow 2 row 1: all units \+5\)",
    ):
        answer(case, grid)


class Talkative(RowGrid):
    """Tells of a load all rows that it breaks."""

    def broken(self, loads):
        limits = [self._limit(number) for number in range(len(self.flows))]
        return [
            limit
            for limit in limits
            if any(limit.price @ load > limit.most_mw + SERVED for load in loads)
        ]


@pytest.mark.parametrize("enough", [4, pytest.param(30, marks=pytest.mark.slow)])
def test_what_the_target_and_the_flow_limits_would_have_to_give_is_true(enough):
    checked = 0
    for seed in range(30):
        case, _ = on_rows(seed)
        tight = [replace(flow, most_mw=12.5) for flow in random_case(seed, SOME).flows]
        grid, plans = Talkative(case.buses, tuple(tight)), all_plans(case)
        if not np.isfinite(plans.best()) or np.isfinite(plans.best(among=grid.serves(plans))):
            continue
        found = diagnose(case.problem(), case.scenario.solver, grid)
        assert found.minimal
        table = changes_of(found).set_index("limit")
        over = sum(
            np.maximum(
                sum(price * plans.load_mw[bus] for bus, price in flow.price.items()) - flow.most_mw,
                0.0,
            )
            for flow in tight
        )
        least = over[plans.good].min()
        given = table.loc["flows"]
        assert given["gives_least"] - 1e-6 <= least <= given["gives_enough"] + 1e-6
        assert given["gives_least"] == pytest.approx(given["gives_enough"], abs=1e-4)
        if "target" in table.index:
            others = [met for name, met in plans.meets.items() if name != "target"]
            reach = plans.it_mw.sum(axis=0)[np.logical_and.reduce([grid.serves(plans), *others])]
            target = table.loc["target"]
            left = target["now"] - reach.max(initial=0.0)
            assert target["gives_least"] <= left <= target["gives_enough"]
        checked += 1
        if checked == enough:
            return
    assert checked >= 4


def test_limits_of_the_kernel_hold_for_all_plans_that_the_grid_serves():
    """And as these cases are smaller than the kernel, the best plan within them is served."""
    found = 0
    for seed in range(12):
        case, grid = on_round(seed)
        plans, problem = all_plans(case), case.problem()
        served = grid.serves(plans) & plans.good
        if not served.any():
            continue
        limits = limits_of_kernel(problem, case.scenario.solver, grid, Deadline(60.0))
        found += len(limits)
        for limit in limits:
            taken = sum(
                price * plans.load_mw[bus]
                for bus, price in zip(problem.bus_id, limit.price, strict=True)
            )
            assert (taken[served] <= limit.most_mw + 2 * SERVED).all()
        best = solve(with_limits(problem, limits), case.scenario.solver)
        assert not grid.broken([problem.bus_loads(best.blocks)])
    assert found >= 6
