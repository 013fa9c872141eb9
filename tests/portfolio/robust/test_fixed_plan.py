"""What a fixed plan costs in another problem, and the limit that it breaks there."""

import pandas as pd
import pytest

from siteopt.portfolio import solve
from siteopt.portfolio.robust.fixed_plan import fixed_plan_cost, total_cost
from tests.portfolio.grids import RowGrid
from tests.portfolio.instances import Flow, Link, Place, make_case
from tests.portfolio.robust.variants import EXACT


def case(**changes):
    """Two sites of 40 MW for a target of 60 MW."""
    links = changes.pop("links", ("N1", "N2"))
    sites = [
        Place(x_km=5.0 * number, province=province, land_mw=40.0, links=(Link(station=station),))
        for number, (station, province) in enumerate(zip(links, ("46", "47"), strict=True))
    ]
    return make_case(sites, **{"target_mw": 60.0, **changes})


def plan_steps():
    problem = case().problem()
    return solve(problem, EXACT).steps(problem)


def test_the_cost_is_that_of_the_other_tables():
    dearer = case()
    dearer.options["per_mw_bn_krw"] += 0.5
    own = fixed_plan_cost(case().problem(), None, plan_steps())
    other = fixed_plan_cost(dearer.problem(), None, plan_steps())
    assert own.is_feasible
    assert other.cost_bn_krw == pytest.approx(own.cost_bn_krw + 0.5 * 60.0)


@pytest.mark.parametrize(
    ("changes", "family"),
    [
        ({"links": ("N1", "N1"), "headroom": {("N1", 154.0): 60.0}}, "stations"),
        ({"headroom": {("N1", 154.0): 10.0}}, "headroom"),
        ({"target_mw": 80.0}, "target"),
        ({"spacing_km": 8.0}, "spacing"),
        ({"provinces": {"count_min": 3}}, "provinces"),
        ({"basins": {"B1": 100.0}}, "basin"),
    ],
)
def test_the_limit_that_it_breaks_is_named(changes, family):
    found = fixed_plan_cost(case(**changes).problem(), None, plan_steps())
    assert not found.is_feasible
    assert found.cost_bn_krw == float("inf")
    assert family in {found.broken.family, found.broken.family.rstrip("s")}


def test_a_connection_that_is_not_there_is_named():
    steps = plan_steps().assign(option_id="elsewhere")
    found = fixed_plan_cost(case().problem(), None, steps)
    assert (found.broken.family, found.broken.subject) == ("option", "elsewhere")
    half = plan_steps().assign(it_mw=30.0)
    assert fixed_plan_cost(case().problem(), None, half).broken.family == "size"
    assert fixed_plan_cost(case().problem(), None, pd.DataFrame()).broken.family == "target"


def test_a_flow_limit_of_the_grid_is_named():
    served = case(buses={"N1": "1", "N2": "2"})
    grid = RowGrid(("1", "2"), (Flow({"1": 1.0, "2": 1.0}, 70.0),))
    found = fixed_plan_cost(served.problem(), grid, plan_steps())
    assert found.broken.family == "flows"


def test_matched_energy_is_part_of_the_cost():
    class Flat:
        def cut(self, load_mw):
            return 0.25 * float(load_mw.sum()), 0.25 + 0.0 * load_mw

    served = case(buses={"N1": "1", "N2": "2"})
    grid = RowGrid(("1", "2"), (), energy=Flat())
    plain = fixed_plan_cost(served.problem(), None, plan_steps()).cost_bn_krw
    found = fixed_plan_cost(served.problem(), grid, plan_steps())
    assert found.cost_bn_krw == pytest.approx(plain + 0.25 * 75.0)
    problem = served.problem()
    blocks = solve(problem, EXACT).blocks
    assert total_cost(problem, grid, blocks) == pytest.approx(found.cost_bn_krw)
