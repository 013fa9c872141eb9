"""The joint program: rows of variants that a plan violates, matched energy, what is left out."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from siteopt.portfolio.robust.joint_program import JointProgram, left_out
from siteopt.portfolio.robust.robust_plan import least_expected_cost, minimax_regret
from siteopt.portfolio.robust.variant_program import VariantProgram
from siteopt.portfolio.search.lazy_flow_limits import solve_on_grid
from siteopt.portfolio.solver.deadline import Deadline
from siteopt.scenario import Solver
from tests.portfolio.grids import RowGrid
from tests.portfolio.instances import Flow, Link, Place, make_case
from tests.portfolio.listing import all_plans
from tests.portfolio.robust.variants import EXACT, listed, programs_of


def places(*fixed, stations=("N1", "N1", "N2")):
    """Three sites of at most 40 MW, the first two at one station."""
    return [
        Place(x_km=9.0 * number, land_mw=40.0, links=(Link(station=station, fixed=cost),))
        for number, (cost, station) in enumerate(zip(fixed, stations, strict=True))
    ]


def test_a_headroom_that_only_one_variant_lacks_holds_for_the_plan():
    """Two cheap sites share a station; in the second variant it feeds only one of them."""
    cheap = places(1.0, 2.0, 30.0)
    room, tight = (
        make_case(cheap, target_mw=80.0, headroom={("N1", 154.0): mw}) for mw in (200.0, 60.0)
    )
    programs = programs_of([room, tight])
    joint = JointProgram.of(programs)
    found = least_expected_cost(joint, EXACT)
    assert sorted(found.steps["site_id"]) == ["S0", "S2"]
    assert joint.rows  # a plan without the row was met on the way
    assert programs[1].cost_of(programs[0].steps).broken.family == "stations"
    assert found.value_bn_krw == pytest.approx(listed([room, tight])[:, 0].min() + 28.0)


def test_a_spacing_and_a_count_of_provinces_are_intersected():
    near = [replace(place, x_km=3.0 * n) for n, place in enumerate(places(1.0, 2.0, 30.0))]
    apart = make_case(near, target_mw=80.0, spacing_km=4.0)
    loose = make_case(near, target_mw=80.0)
    joint = JointProgram.of(programs_of([loose, apart]))
    assert joint.problem.spacing_m == pytest.approx(4000.0)
    assert sorted(least_expected_cost(joint, EXACT).steps["site_id"]) == ["S0", "S2"]


def test_flow_limits_of_a_variant_hold_at_its_own_loads():
    """Both variants have the limit; the second draws more for the same IT load."""
    sites = places(1.0, 2.0, 30.0)
    hot = [replace(place, pue=1.5) for place in sites]
    buses = {"N1": "1", "N2": "2"}
    grid = RowGrid(("1", "2"), (Flow({"1": 1.0}, 110.0),))
    found = []
    for number, drawn in enumerate((sites, hot)):
        case = make_case(drawn, target_mw=80.0, buses=buses)
        problem, plan = solve_on_grid(case.problem(), EXACT, grid)
        steps = plan.steps(problem)
        found.append(
            VariantProgram(f"v{number}", case.problem(), grid, steps, plan.objective, 0.5, problem)
        )
    assert sorted(found[0].steps["site_id"]) == ["S0", "S1"]
    assert found[1].cost_of(found[0].steps).broken.family == "flows"
    for known in (found, [replace(one, flow_limits=None) for one in found]):
        best = minimax_regret(JointProgram.of(known), EXACT)
        assert sorted(best.steps["site_id"]) == ["S0", "S2"]
        assert best.regrets_bn_krw == pytest.approx([28.0, 0.0], abs=1e-6)


@dataclass(frozen=True)
class Bent:
    """An energy cost of what the load at each bus is above 30 MW."""

    factor: tuple[float, ...]

    def cut(self, load_mw):
        weights = np.array(self.factor)
        above = np.maximum(load_mw - 30.0, 0.0)
        return float((weights * above).sum()), weights * (above > 0)


def matched(factors, probabilities):
    """One question whose energy costs more at one bus or the other."""
    case = make_case(
        places(1.0, 2.0, 4.0, stations=("N1", "N2", "N1")), target_mw=80.0,
        buses={"N1": "1", "N2": "2"},
    )  # fmt: skip
    found = []
    for number, (factor, weight) in enumerate(zip(factors, probabilities, strict=True)):
        grid = RowGrid(("1", "2"), (), energy=Bent(factor))
        problem, plan = solve_on_grid(case.problem(), Solver(gap=1e-6, threads=1), grid)
        found.append(
            VariantProgram(
                f"v{number}", case.problem(), grid, plan.steps(problem), plan.objective, weight
            )
        )
    return case, found


@pytest.mark.parametrize("probabilities", [(0.5, 0.5), (0.9, 0.1)])
def test_matched_energy_of_every_variant_counts(probabilities):
    """Plans listed by hand: the energy cost of each variant at the loads of each plan."""
    factors = [(0.4, 0.0), (0.0, 0.6)]
    case, programs = matched(factors, probabilities)
    costs = costs_with_energy(case, factors)
    least = costs.min(axis=0)
    assert least == pytest.approx([one.least_bn_krw for one in programs], rel=1e-6)
    joint = JointProgram.of(programs)
    exact = Solver(gap=1e-5, threads=1)
    expected = least_expected_cost(joint, exact)
    assert expected.value_bn_krw == pytest.approx((costs @ probabilities).min(), rel=1e-5)
    best = minimax_regret(joint, exact, [expected])
    assert best.value_bn_krw == pytest.approx((costs - least).max(axis=1).min(), abs=1e-2)
    assert best.is_optimal


def costs_with_energy(case, factors):
    """Cost of every plan in each variant: that of the tables, and the energy at its loads."""
    plans = all_plans(case)
    loads = np.array([plans.load_mw[bus] for bus in ("1", "2")])
    above = np.maximum(loads - 30.0, 0.0)
    energy = np.array([np.array(factor) @ above for factor in factors])
    return (plans.worth + energy).T[plans.good]


def test_variants_that_cannot_be_stated_beside_the_first_are_named():
    one = make_case(places(1.0, 2.0, 30.0), target_mw=80.0)
    years = make_case(places(1.0, 2.0, 30.0), target_mw=80.0, early_mw={2034: 40.0})
    suitable = make_case(places(1.0, 2.0, 30.0), target_mw=80.0, objective={"kind": "suitability"})
    blocks = make_case(
        places(1.0, 2.0, 30.0), target_mw=80.0,
        build={"it_min_mw": 40, "it_max_mw": 80, "block_mw": 40},
    )  # fmt: skip
    programs = programs_of([one, years, suitable, blocks])
    assert left_out(programs) == {
        "v1": "its years differ",
        "v2": "its objective is no cost",
        "v3": "its blocks differ in size",
    }
    assert left_out([]) == {}


def test_no_plan_for_all_variants_is_none():
    only_first, only_last = (
        make_case(places(1.0, 2.0, 3.0), sites={"must_not": gone})
        for gone in (["S1", "S2"], ["S0", "S1"])
    )
    joint = JointProgram.of(programs_of([only_first, only_last]))
    assert joint.solve(np.array([0.5, 0.5]), EXACT, Deadline(10.0)) is None
    assert least_expected_cost(joint, EXACT) is None
    assert minimax_regret(joint, EXACT) is None
