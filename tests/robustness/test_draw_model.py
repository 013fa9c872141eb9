"""The model of a draw, against the run itself."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from siteopt.portfolio.search.variable_fixing import solve_by_fixing
from siteopt.robustness.draw_model import Assumptions

pytestmark = pytest.mark.national


def solved(drawn, assumptions):
    problem = drawn.model.problem_of(assumptions)
    return solve_by_fixing(problem, drawn.study.scenario.solver, drawn.model.grid).plan


def test_without_a_change_the_problem_is_that_of_the_run(drawn):
    known, found = drawn.model.problem, drawn.model.problem_of(Assumptions())
    for part in fields(known):
        one, two = getattr(known, part.name), getattr(found, part.name)
        if isinstance(one, np.ndarray) and one.dtype.kind == "f":
            np.testing.assert_allclose(two, one, rtol=1e-12, atol=1e-9, err_msg=part.name)
        elif isinstance(one, np.ndarray):
            np.testing.assert_array_equal(two, one, err_msg=part.name)
        else:
            assert one == two, part.name


def test_everything_made_again_with_the_same_values_is_the_same(drawn):
    """All that a draw makes again is made again, at the values in force."""
    value = drawn.model.layers.parameters.value
    every = {key: value(key) for key in drawn.model.parameters_read()}
    ones = dict.fromkeys(drawn.model.areas["place"], 1.0)
    districts = dict.fromkeys(drawn.model.districts, 1.0)
    found = drawn.model.problem_of(Assumptions(every, ones, districts))
    known = drawn.model.problem
    for name in ("fixed_bn_krw", "block_bn_krw", "blocks_max", "level_headroom_mw", "basin_m3_day"):
        np.testing.assert_allclose(
            getattr(found, name), getattr(known, name), rtol=1e-9, atol=1e-9, err_msg=name
        )


@pytest.mark.parametrize(
    "changed",
    [
        {"customer_substation_cost": 0.3},
        {"raw_land_price_low": 26_000.0, "raw_land_price_high": 200_000.0},
        {"pue_liquid": 1.06, "works_station154_cost": 100.0},
        {"works_station154_mw": 300.0, "line345_lead_time": 10.0},
    ],
    ids="+".join,
)
def test_a_draw_has_the_plan_of_a_run_with_these_parameters(drawn, changed):
    exact = drawn.study.change(parameters=changed).portfolio
    assert solved(drawn, Assumptions(changed)).objective == pytest.approx(
        exact.objective, rel=2.1e-6
    )


def test_routes_that_are_kept_cost_no_less_than_those_found_anew(drawn):
    changed = {"line154_oh_cost": 2.0, "route_mountain_factor": 1.09}
    exact = drawn.study.change(parameters=changed).portfolio
    held = solved(drawn, Assumptions(changed)).objective
    assert held >= exact.objective * (1 - 2e-6)
    assert held <= exact.objective * 1.001


def test_headroom_of_a_place_times_a_factor_is_its_headroom(drawn):
    place = drawn.model.areas["place"].iloc[0]
    found = drawn.model.inputs_of(Assumptions(headroom={place: 0.5})).headroom
    known = drawn.model.room
    own = (known["area_id"] == place) | (known["station_id"] == place)
    assert own.any()
    assert found.loc[own, "headroom_mw"].to_numpy() == pytest.approx(
        0.5 * known.loc[own, "headroom_mw"].to_numpy()
    )
    assert found.loc[~own, "headroom_mw"].equals(known.loc[~own, "headroom_mw"])


def test_a_dearer_district_costs_its_sites_alone(drawn):
    code = str(drawn.model.sites["district_code"].iloc[0])
    factor = {code: 2.0}
    found = drawn.model.inputs_of(Assumptions(land_price=factor)).options
    known = drawn.model.inputs_of(Assumptions()).options
    dearer = (found["per_mw_land_bn_krw"] > known["per_mw_land_bn_krw"]).to_numpy()
    own = drawn.model.sites.set_index("site_id")["district_code"].astype(str)
    assert (found["site_id"].map(own) == code).to_numpy()[dearer].all()
    assert dearer.any()


def test_a_restricted_model_has_the_same_costs(drawn):
    names = sorted(drawn.steps["option_id"])
    part = drawn.model.restricted(names)
    found = part.inputs_of(Assumptions({"fiber_cost": 100.0})).options
    whole = drawn.model.inputs_of(Assumptions({"fiber_cost": 100.0})).options
    both = whole.set_index("option_id").loc[found["option_id"], "fixed_bn_krw"]
    assert sorted(found["option_id"]) == names
    assert found["fixed_bn_krw"].to_numpy() == pytest.approx(both.to_numpy())
