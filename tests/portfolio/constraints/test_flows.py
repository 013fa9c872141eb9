"""Flow limits that are known: what loads at buses can be together."""

import numpy as np

from siteopt.portfolio.constraints import flows
from tests.portfolio.instances import Flow, Link, Place, make_case, optimum
from tests.portfolio.limits import named, names_of

# 40 MW of IT load draw 50 MW and cost 90; at N2 they cost 40 more.
AROUND = Link("N2", fixed=50.0)
TWO = [Place(land_mw=40.0, links=(Link("N1"), AROUND))] * 2
BUSES = {"N1": "1", "N2": "2"}


def limited(*limits, places=TWO):
    return make_case(places, target_mw=80, buses=BUSES, flows=limits)


def test_loads_at_their_prices_stay_below_a_limit(forget):
    case = limited(Flow({"1": 0.5, "2": 0.25}, 40.0))
    assert optimum(case) == 90 + 130  # 0.5 x 50 + 0.25 x 50 = 37.5, but 0.5 x 100 = 50
    forget(flows)
    assert optimum(case) == 90 + 90


def test_a_limit_is_used_up_to_the_last_megawatt():
    assert optimum(limited(Flow({"1": 0.5}, 50.0))) == 90 + 90
    assert optimum(limited(Flow({"1": 0.5}, 49.9))) == 90 + 130


def test_a_load_elsewhere_can_relieve_a_limit():
    case = limited(Flow({"1": 1.0, "2": -1.0}, 0.0))
    assert optimum(case) == 90 + 130
    assert optimum(limited(Flow({"1": 1.0, "2": -1.0}, 100.0))) == 90 + 90


def test_a_station_on_no_bus_takes_nothing_of_a_limit():
    places = [Place(land_mw=40.0, links=(Link("N9"),)), *TWO[:1]]
    case = limited(Flow({"1": 1.0, "2": 1.0}, 50.0), places=places)
    assert case.problem().option_bus.tolist() == [-1, 0, 1]
    assert optimum(case) == 90 + 90


def test_a_limit_that_all_options_together_cannot_exceed_has_no_row():
    # Two sites with two connections each of 50 MW.
    assert names_of(flows.rows(limited(Flow({"1": 1.0, "2": -1.0}, 100.0)).part())) == ()
    assert names_of(flows.rows(limited(Flow({"1": 1.0, "2": -1.0}, 99.0)).part())) == (
        "flow 1 f0: all units",
    )


def test_the_report_has_what_a_plan_takes_of_every_limit():
    problem = limited(Flow({"1": 0.5, "2": 0.25}, 37.5), Flow({"2": 1.0}, 90.0)).problem()
    blocks = np.where(np.isin(problem.option_id, ["S0-0", "S1-1"]), 2, 0)
    report = flows.report(problem, blocks)
    assert named(report)["limit"].tolist() == ["flow 1 f0: all units", "flow 2 f1: all units"]
    assert report["used"].tolist() == [37.5, 50]
    assert report["at_most"].tolist() == [37.5, 90]
    assert report["binds"].tolist() == [True, False]


def test_bus_loads_are_sums_of_contract_power_and_no_bus_counts_for_none():
    places = [Place(links=(Link("N9"),)), Place(), Place(links=(AROUND,)), Place(pue=1.5)]
    problem = limited(places=places).problem()
    assert problem.bus_loads(np.array([1, 2, 1, 1])).tolist() == [2 * 25 + 30, 25]
