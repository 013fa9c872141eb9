"""Cuts of a convex energy cost, against the listing of all plans with that cost added."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints import energy
from siteopt.portfolio.constraints.family import Perturbation
from siteopt.portfolio.constraints.variants import with_cost_cap, with_objective
from siteopt.portfolio.postoptimal.marginal_values import _marginal_value
from siteopt.portfolio.ranking.rank_on_grid import rank_on_grid
from siteopt.portfolio.search.energy_cuts import missing_cuts, with_cuts
from siteopt.portfolio.search.lazy_flow_limits import solve_on_grid
from siteopt.portfolio.solver.deadline import Deadline
from siteopt.scenario import Ranking as Settings
from tests.portfolio.figures import TOLERANCE
from tests.portfolio.grids import RowGrid
from tests.portfolio.instances import examples
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import random_case

SEEDS = st.integers(0, 2**32 - 1)
LIMITS = ("flows", "spacing")


@dataclass
class Quadratic:
    """Energy cost that rises with the square of what several buses draw together."""

    weights: np.ndarray
    """(R, N) what each of some sums takes of a bus."""
    slope: np.ndarray
    """(N,) may be below 0: the options' price is too high there."""
    scale: float
    asked: list = field(default_factory=list)

    def value(self, load_mw):
        return self.slope @ load_mw + self.scale * ((self.weights @ load_mw) ** 2).sum(axis=0)

    def cut(self, load_mw):
        self.asked.append(load_mw)
        (load,) = load_mw
        price = self.slope + 2 * self.scale * self.weights.T @ (self.weights @ load)
        return float(self.value(load)), price[None, :]


def curved(seed):
    """Return a case, a grid of no limits with a convex energy cost, and all plans at what they cost."""
    case = replace(random_case(seed, LIMITS), flows=())
    plans, rng = all_plans(case), np.random.default_rng(seed)
    count = len(case.buses)
    cost = Quadratic(
        rng.uniform(0, 1, (2, count)), rng.normal(0, 0.3, count), 10 ** rng.uniform(-4, -2)
    )
    load = np.array([plans.load_mw[bus] for bus in case.buses])
    plans = replace(plans, worth=plans.worth + cost.value(load))
    return case, RowGrid(tuple(case.buses), (), energy=cost), plans


@examples(40)
@given(seed=SEEDS)
def test_the_plan_is_the_best_with_its_energy(seed):
    case, grid, plans = curved(seed)
    problem, plan = solve_on_grid(case.problem(), case.scenario.solver, grid)
    if plan is None:
        assert np.isinf(plans.best())
        return
    assert plan.status == "optimal"
    slack = case.scenario.solver.gap * abs(plan.objective)
    assert plan.objective == pytest.approx(plans.best(), abs=1e-6 + slack)
    assert plan.bound <= plan.objective
    load = problem.bus_loads(plan.blocks)
    # The known cuts are exact at the plan's own loads, and below the cost of any other.
    assert problem.energy_bn_krw(plan.blocks) == pytest.approx(grid.energy.value(load), abs=1e-6)


@examples(25)
@given(seed=SEEDS, wanted=st.sampled_from([0, 1, 50]))
def test_values_and_regrets_are_those_of_plans_with_their_energy(seed, wanted):
    case, grid, plans = curved(seed)
    solver = case.scenario.solver
    problem, plan = solve_on_grid(case.problem(), solver, grid)
    if plan is None:
        return
    _, ranking = rank_on_grid(problem, plan, Settings(exact_others=wanted), solver, grid)
    places = {name: place for place, name in enumerate(case.sites["site_id"])}
    least = plans.best()
    for row in ranking.table.itertuples():
        how = {"without_site" if row.chosen else "with_site": places[row.site_id]}
        true = plans.best(**how) - least
        assert row.lower_bn_krw <= true + TOLERANCE
        assert true <= row.upper_bn_krw + TOLERANCE
        if row.proof == "exact":
            figure = row.value_bn_krw if row.chosen else row.regret_bn_krw
            assert figure == pytest.approx(true, abs=TOLERANCE)


@examples(25)
@given(seed=SEEDS, share=st.floats(0.0, 0.2))
def test_a_ceiling_on_cost_counts_energy(seed, share):
    case, grid, plans = curved(seed)
    problem, plan = solve_on_grid(case.problem(), case.scenario.solver, grid)
    if plan is None:
        return
    ceiling = plan.objective + share * abs(plan.objective) + 1e-6
    fewest = with_objective(
        with_cost_cap(problem, ceiling), problem.worth_fixed * 0 + 1, problem.worth_block * 0
    )
    assert not len(fewest.energy_constant_bn_krw)
    answered, found = solve_on_grid(fewest, case.scenario.solver, grid)
    assert found is not None
    assert not len(answered.energy_constant_bn_krw)  # sites are counted, not money
    # Known cuts are below the cost, so that nothing under the ceiling is lost.
    under = plans.good & (plans.worth <= ceiling)
    sites = (plans.option != "").sum(axis=0)
    assert found.objective <= sites[under].min() + 1e-9
    assert problem.worth(found.blocks) <= ceiling + 1e-6


@examples(20)
@given(seed=SEEDS, blocks=st.sampled_from([-1, 1]))
def test_a_marginal_value_is_that_of_plans_with_their_energy(seed, blocks):
    case, grid, _ = curved(seed)
    solver = case.scenario.solver
    problem, plan = solve_on_grid(case.problem(), solver, grid)
    if plan is None or problem.target_blocks[-1] < 2:
        return
    moved = replace(problem, target_blocks=problem.target_blocks + blocks)
    move = Perturbation(
        LimitKey("target"), int(problem.years[-1]), 1.0, "blocks",
        loosens=blocks < 0, problem=moved, certain=True,
    )  # fmt: skip
    found = _marginal_value(move, plan, solver, grid, Deadline(60.0))
    _, other = solve_on_grid(moved, solver, grid)
    if other is None:
        assert found.proof == "no plan"
        return
    gain = plan.objective - other.objective
    assert found.low <= gain + TOLERANCE
    assert gain <= found.high + TOLERANCE
    assert found.proof == "exact"


def test_a_cut_is_known_where_it_was_made():
    case, grid, _ = curved(3)
    problem = case.problem()
    blocks = np.where(np.arange(problem.options) == 0, problem.blocks_min, 0)
    (cut,) = missing_cuts(problem, grid, [blocks], 0.0)
    assert np.isinf(cut.missing_bn_krw)
    known = with_cuts(problem, [cut])
    assert known.worth(blocks) == pytest.approx(
        problem.worth(blocks) + grid.energy.value(problem.bus_loads(blocks))
    )
    assert missing_cuts(known, grid, [blocks], 1e-9) == []
    assert known.without_energy().worth(blocks) == problem.worth(blocks)


def test_without_energy_there_are_no_cuts():
    case, grid, _ = curved(3)
    problem = case.problem()
    nothing = np.zeros(problem.options, dtype=np.int64)
    assert missing_cuts(problem, None, [nothing], 0.0) == []
    assert missing_cuts(problem, replace(grid, energy=None), [nothing], 0.0) == []
    assert energy.rows(problem).extras == ()
    assert energy.weights(problem).shape == (0, problem.options)
    assert len(energy.cost_rows(problem, 1.0)) == 1
    assert with_cost_cap(problem, 1.0).cap_name.tolist() == ["cost"]
