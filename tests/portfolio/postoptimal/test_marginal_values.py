"""What one more unit of a limit is worth, against every plan of the moved question."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from siteopt.errors import InfeasibleError
from siteopt.portfolio import solve
from siteopt.portfolio.postoptimal import marginal_values as module
from siteopt.portfolio.postoptimal.marginal_values import marginal_values
from siteopt.report.limit_names import keys_of, limit_name
from siteopt.scenario import Scenario
from tests.portfolio.grids import Limit
from tests.portfolio.instances import Flow, Link, Place, examples, make_case, wide_case
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import cases
from tests.portfolio.random_years import year_cases

FEW = examples(12)  # each solves a dozen programs

FORTY = Place(land_mw=40.0)  # 50 MW of contract power, 200 m3 of water, 90 bn KRW of capital
DEAR = Place(land_mw=40.0, links=(Link("N2", per_mw=3.0),))


def priced(case, **asked):
    problem = case.problem()
    plan = solve(problem, case.scenario.solver)
    return marginal_values(problem, plan, case.scenario.solver, **asked)


def worth(case):
    """Return what each move is worth, by limit and step, where there is a plan; all exact."""
    table = priced(case)
    assert (table["proof"] != "bounded").all()
    table = table[table["proof"] == "exact"]
    names = [limit_name(key) for key in keys_of(table)]
    pairs = zip(names, table["moved_by"].round(6), strict=True)
    return dict(zip(pairs, table["worth_bn_krw"].round(6) + 0.0, strict=True))


def test_one_more_block_of_the_target_costs_what_the_dearer_site_asks():
    # A site of 40 MW: 10 + 20 x 2 each block. 60 MW need a second one.
    found = worth(make_case([FORTY, FORTY], target_mw=40))
    assert found == {("target", 20.0): -50.0, ("target", -20.0): 40.0}


def test_headroom_for_one_more_block_saves_the_dearer_site():
    # 40 MW: 25 MW of headroom hold one block at 10 + 40, the other is at 10 + 60.
    found = worth(make_case([FORTY, DEAR], headroom={("N1", 154.0): 30.0}))
    assert found["N1 154 kV", 25.0] == pytest.approx(120.0 - 90.0)


def test_water_for_one_more_block():
    case = make_case([FORTY, replace(DEAR, basin="B2")], basins={"B1": 150.0})
    assert worth(case)["basin B1", 100.0] == pytest.approx(30.0)


def test_a_kilometre_less_of_spacing():
    near = Place(3.0, 4.0, land_mw=20.0)
    far = replace(DEAR, x_km=30.0)
    case = make_case([replace(FORTY, land_mw=20.0), near, far], spacing_km=5.5)
    # 5 km apart: both cheap ones are 2 x 50; one of them and the dear one 50 + 70.
    assert worth(case)["spacing", -1.0] == pytest.approx(20.0)


def test_a_hundred_billion_of_budget():
    # The dear connection has less capital: 20 + 40 x 0.5.
    saving = Link("N2", fixed=20.0, per_mw=6.0, capital_per_mw=0.5)
    case = make_case([FORTY, replace(DEAR, links=(saving,))], objective={"budget_bn_krw": 50.0})
    found = worth(case)
    assert found["budget", 100.0] == pytest.approx(260.0 - 90.0)
    assert found["target", -20.0] == pytest.approx(260.0 - 50.0)


def test_a_plan_that_no_longer_exists_is_said():
    table = priced(make_case([FORTY], target_mw=40)).set_index("moved_by")
    assert table.at[20.0, "proof"] == "no plan"
    assert np.isnan(table.at[20.0, "worth_bn_krw"])
    assert table.at[20.0, "worth_high_bn_krw"] == -np.inf


def test_a_flow_limit_that_moves_has_a_worth_up_to_a_bound():
    # Half a MW of the limit a MW: 12.5 is one block at N1; 13 is still one.
    case = make_case([FORTY, DEAR], buses={"N1": "1", "N2": "2"}, flows=[Flow({"1": 0.5}, 12.5)])
    table = priced(case).set_index("family")
    assert table.at["flows", "moved_by"] == 1.0
    assert table.at["flows", "worth_bn_krw"] == 0.0


def moved_case(case, row):  # noqa: C901, PLR0911 - one for each family
    """Return the question with one limit moved in the raw tables; None where that is not one."""
    asked = case.scenario.model_dump(mode="json", exclude_none=True)
    step = float(row["moved_by"])
    if row["family"] == "stations":
        level = (case.headroom["station_id"] == row["subject"]) & (
            case.headroom["voltage_kv"] == row["voltage_kv"]
        )
        if (case.headroom["station_id"] == row["subject"]).sum() > 1:
            return None  # more at a level is more at its station too: no table says that
        room = case.headroom["headroom_mw"] + np.where(level, step, 0.0)
        return replace(case, headroom=case.headroom.assign(headroom_mw=room))
    if row["family"] == "basins":
        more = np.where(case.basins["basin_id"] == row["subject"], step, 0.0)
        return replace(
            case, basins=case.basins.assign(supply_m3_day=case.basins["supply_m3_day"] + more)
        )
    if row["family"] == "flows":
        flows = list(case.flows)
        place = int(row["subject"]) - 1
        flows[place] = replace(flows[place], most_mw=flows[place].most_mw + step)
        return replace(case, flows=tuple(flows))
    if row["family"] == "target":
        if asked["provinces"]["share_max_pct"] < 100 or asked["provinces"]["shares"]:
            return None  # a share is held in blocks, not in percent of another target
        asked["target"]["it_mw"] += step
        if asked["target"]["it_mw"] <= 0:
            return None
    elif row["family"] == "budget":
        asked["objective"]["budget_bn_krw"] += step
        if asked["objective"]["budget_bn_krw"] <= 0:
            return None
    elif row["family"] == "spacing":
        asked["spacing_km"] += step
    elif row["family"] == "provinces" and not row["subject"]:
        asked["provinces"]["count_min"] = int(asked["provinces"]["count_min"] + step)
    else:
        return None
    return replace(case, scenario=Scenario.model_validate(asked))


LIMITS = ("stations", "flows", "provinces", "basins", "budget", "spacing")
WITHOUT_SHARES = tuple(name for name in LIMITS if name != "provinces")


@given(st.one_of(cases(LIMITS), cases(WITHOUT_SHARES)))
@FEW
def test_every_worth_is_the_difference_of_two_listings(case):
    best = all_plans(case).best()
    assume(np.isfinite(best))
    for row in priced(case).to_dict("records"):
        moved = moved_case(case, row)
        if moved is None or row["proof"] == "bounded":
            continue
        told = -np.inf if row["proof"] == "no plan" else row["worth_bn_krw"]
        assert told == pytest.approx(best - all_plans(moved).best(), abs=2e-4)


@given(year_cases(("stations", "provinces", "basins", "diversity", "budget", "spacing")))
@FEW
def test_over_years_looser_limits_never_cost_and_tighter_ones_never_save(case):
    try:
        table = priced(case)
    except InfeasibleError:
        assume(False)  # noqa: FBT003 - as hypothesis has it
    looser = (table["moved_by"] > 0) == ~(
        table["family"].isin(["spacing", "target"])
        | (table["side"] == "least")
        | ((table["family"] == "provinces") & (table["subject"] == ""))
    )
    assert (table.loc[looser, "worth_high_bn_krw"] >= -1e-6).all()
    assert (table.loc[~looser, "worth_low_bn_krw"].fillna(0.0) <= 1e-6).all()
    assert table["first_year"].isin(case.scenario.target.years).all()


def test_without_time_there_are_bounds():
    exact, hurried = priced(wide_case(3)), priced(wide_case(3), seconds=0.0)
    assert keys_of(exact) == keys_of(hurried)
    assert (hurried["worth_low_bn_krw"] <= exact["worth_low_bn_krw"] + 1e-3).all()
    assert (hurried["worth_high_bn_krw"] >= exact["worth_high_bn_krw"] - 1e-3).all()


class Grid:
    """A grid that serves no plan but those it is told of."""

    bus_id = ("1",)
    energy = None

    def __init__(self, most_mw):
        self.most_mw = most_mw

    def broken(self, loads):
        limit = Limit("g", np.array([1.0]), self.most_mw)
        return [limit for load in loads if load[0] > self.most_mw + 1e-6]


def test_a_better_plan_that_the_grid_does_not_serve_does_not_count():
    case = make_case([FORTY, DEAR], headroom={("N1", 154.0): 30.0}, buses={"N1": "1"})
    free = priced(case).set_index("family").loc["stations", "worth_bn_krw"]
    held = priced(case, grid=Grid(30.0)).set_index("family").loc["stations", "worth_bn_krw"]
    assert (free, held) == (pytest.approx(30.0), 0.0)


def test_a_limit_that_keeps_turning_up_leaves_bounds(monkeypatch):
    monkeypatch.setattr(module, "_ROUNDS", 0)
    table = priced(make_case([FORTY, DEAR], headroom={("N1", 154.0): 30.0}))
    assert (table["proof"] == "bounded").all()
