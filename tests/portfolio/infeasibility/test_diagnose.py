"""Why there is no plan: which limits conflict, and what exactly each would have to give."""

import functools
from dataclasses import replace

import numpy as np
import pytest

from siteopt.portfolio import constraints, diagnose, solve
from siteopt.portfolio.constraints.block_bounds import tighten
from siteopt.portfolio.constraints.family import LeastChange
from siteopt.report.diagnosis import _gives
from tests.portfolio.instances import Banks, Flow, Link, Place, make_case, wide_case
from tests.portfolio.limits import changes_of, message
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import random_case

FORTY = Place(land_mw=40.0)  # 50 MW of contract power, 200 m3 of water, 90 bn KRW of capital


def diagnosed(case):
    return diagnose(case.problem(), case.scenario.solver)


@functools.cache
def diagnosis_of(name):
    """Return the diagnosis of one of the cases below, which several tests read."""
    return diagnosed(CASES[name][0])


def message_of_case(name):
    """Return the diagnosis of one of the cases in one line."""
    return message(CASES[name][0], diagnosis_of(name))


def gives(diagnosis):
    """Return what each limit in conflict would have to give alone, where that is exact."""
    table = changes_of(diagnosis)
    np.testing.assert_allclose(table["gives_least"], table["gives_enough"], rtol=1e-6)
    return dict(zip(table["limit"], table["gives_enough"].round(6), strict=True))


CASES = {
    "land": (
        make_case([FORTY], target_mw=80),
        {"target": 40},
    ),
    "headroom": (
        make_case([FORTY] * 2, target_mw=80, headroom={("N1", 154.0): 75.0}),
        {"target": 20, "headroom": 25},
    ),
    "headroom that closes": (
        make_case([FORTY] * 2, target_mw=80, headroom={("N1", 154.0): 10.0}),
        {"target": 80, "headroom": 90},
    ),
    "spacing": (
        make_case([FORTY, Place(3.0, 4.0, land_mw=40.0)], target_mw=80, spacing_km=6),
        {"target": 40, "spacing": 1},
    ),
    "most of a province": (
        make_case(
            [FORTY] * 2 + [Place(province="47", land_mw=20.0)],
            target_mw=80,
            provinces={"share_max_pct": 50},
        ),
        {"target": 20, "province maximum": 25},
    ),
    "least of a province": (
        make_case(
            [FORTY] * 2 + [Place(province="47", land_mw=20.0)],
            target_mw=80,
            provinces={"shares": {"47": {"min_pct": 50}}},
        ),
        {"province minimum": 25},
    ),
    "a province without sites": (
        make_case([FORTY] * 2, target_mw=80, provinces={"shares": {"48": {"min_pct": 25}}}),
        {"province minimum": 25},
    ),
    "shares between two blocks": (
        # 30 to 40 % of 40 MW: a block at least, none at most.
        make_case(
            [FORTY, Place(province="47")],
            provinces={"shares": {"46": {"min_pct": 30, "max_pct": 40}}},
        ),
        {"province maximum": 50, "province minimum": 50},
    ),
    "count": (
        make_case([FORTY] * 2, target_mw=80, provinces={"count_min": 2}),
        {"province count": 1},
    ),
    "budget": (
        make_case([FORTY] * 2, target_mw=80, objective={"budget_bn_krw": 150.0}),
        {"target": 20, "budget": 30},
    ),
    "basin": (
        make_case([FORTY] * 2, target_mw=80, basins={"B1": 330.0}),
        {"target": 20, "basins": 70},
    ),
    "headroom and share": (
        make_case(
            [FORTY] * 2 + [Place(province="47", links=(Link("N2"),))],
            target_mw=80,
            headroom={("N2", 154.0): 35.0},
            provinces={"shares": {"47": {"min_pct": 50}}},
        ),
        {"headroom": 15, "province minimum": 25},
    ),
    "headroom and count": (
        make_case(
            [FORTY, Place(province="47", links=(Link("N2"),))],
            headroom={("N2", 154.0): 10.0},
            provinces={"count_min": 2},
        ),
        {"headroom": 15, "province count": 1},
    ),
    "water and budget": (
        # Enough water for one cheap site, enough money for one dear one beside it.
        make_case(
            [FORTY, FORTY, Place(basin="B2", land_mw=40.0, links=(Link(fixed=110.0),))],
            target_mw=80,
            basins={"B1": 200.0},
            objective={"budget_bn_krw": 200.0},
        ),
        {"target": 40, "budget": 80, "basins": 200},
    ),
    "flow limits": (
        # Half of each MW: 37.5 of the 50 that two sites take.
        make_case([FORTY] * 2, target_mw=80, buses={"N1": "1"}, flows=[Flow({"1": 0.5}, 37.5)]),
        {"target": 20, "flows": 12.5},
    ),
    "flow limits and headroom": (
        # One site at N1, whose bus takes no more; the other has its own station.
        make_case(
            [FORTY, replace(FORTY, links=(Link("N1"), Link("N2")))],
            target_mw=80,
            headroom={("N2", 154.0): 35.0},
            buses={"N1": "1"},
            flows=[Flow({"1": 1.0}, 50.0)],
        ),
        {"target": 20, "headroom": 15, "flows": 50},
    ),
    "new banks are used before the headroom gives": (
        # 50 + 12.5 of 100 MW.
        make_case(
            [FORTY] * 2,
            target_mw=80,
            headroom={("N1", 154.0): 50.0},
            banks={("N1", 154.0): Banks((6.25, 12.5))},
        ),
        {"target": 40, "headroom": 37.5},
    ),
    "whole blocks": (
        # Three blocks a site or none, exactly four wanted, and no province has more than four.
        make_case(
            [Place(links=(Link(above_mw=50.0, top_mw=75.0),))] * 2,
            target_mw=80,
            objective={"kind": "suitability"},
        ),
        {"target": 20},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_conflict_is_named_with_what_each_limit_would_have_to_give(name):
    case, expected = CASES[name]
    assert all_plans(case).best() == np.inf
    diagnosis = diagnosis_of(name)
    assert gives(diagnosis) == pytest.approx(expected)
    assert diagnosis.conflict == tuple(expected)
    assert diagnosis.minimal
    for limit in expected:
        assert limit in message(case, diagnosis).split("it would do if ")[1]


def test_the_figures_have_units_and_say_where():
    table = changes_of(diagnosis_of("headroom")).set_index("limit")
    assert table.at["target", "unit"] == "MW IT"
    assert table.at["target", "now"] == 80
    assert table.at["headroom", "unit"] == "MW"
    assert table.at["headroom", "where"] == [("N1 154 kV", 25)]
    basins = changes_of(diagnosis_of("basin")).set_index("limit")
    assert basins.at["basins", "where"] == [("basin B1", 70)]
    assert basins.at["basins", "unit"] == "m3 a day"
    budget = changes_of(diagnosis_of("budget")).set_index("limit")
    assert (budget.at["budget", "now"], budget.at["budget", "unit"]) == (150, "bn KRW")


def test_the_message_names_the_keys_to_change():
    assert message_of_case("spacing") == (
        "no plan meets all limits; in conflict: target.it_mw (80 MW), spacing_km (6 km); "
        "it would do if target gave 40 MW IT (down to 40); or spacing gave 1 km (down to 5)"
    )
    assert message_of_case("basin") == (
        "no plan meets all limits; in conflict: target.it_mw (80 MW), the water of the basins; "
        "it would do if target gave 20 MW IT (down to 60); "
        "or basins grew by 70 m3 a day (basin B1 +70)"
    )


def test_land_alone_is_said_to_hold_no_more():
    assert "the land and voltage classes of the sites hold no more" in message_of_case("land")


def test_a_target_out_of_reach_names_what_is_in_reach_and_what_is_proven_not_to_be():
    # A hundred times what the sites hold is not a harder question than a little too much.
    case = wide_case(44, 60, 300.0)
    problem = case.problem()
    far = tighten(replace(problem, target_blocks=100 * problem.target_blocks))
    table = changes_of(diagnose(far, case.scenario.solver)).set_index("limit")
    target = table.loc["target"]
    left = target["now"] - target["gives_enough"]
    reached = replace(far, target_blocks=np.array([round(left / problem.block_mw)]))
    assert solve(tighten(reached), case.scenario.solver).status == "optimal"
    assert target["gives_least"] <= target["gives_enough"]


def gives_words(kind, **change):
    (known,) = (one for one in constraints.kinds() if one.name == kind)
    return _gives(known, LeastChange(**change))


def test_a_limit_that_is_not_settled_in_time_does_not_say_that_it_cannot_help():
    sentence = gives_words("basins", now=np.nan, least=0.0, enough=np.inf)
    assert "not settled in time" in sentence
    assert "no change" not in sentence


def test_the_sentence_of_an_interval_names_a_plan_and_a_proof():
    assert gives_words("target", now=300.0, least=20.0, enough=60.0) == (
        "target gave 20 to 60 MW IT (there is a plan with 240, none above 280)"
    )


def test_a_limit_that_cannot_settle_it_alone_says_so():
    # Province 47 has no land for its share, and with more land there were no money for it.
    case = make_case(
        [FORTY, Place(province="47", land_mw=40.0)],
        target_mw=80,
        provinces={"shares": {"47": {"min_pct": 75}}},
        objective={"budget_bn_krw": 100.0},
    )
    diagnosis = diagnosed(case)
    assert diagnosis.conflict == ("province minimum",)
    assert changes_of(diagnosis)["gives_enough"].tolist() == [np.inf]
    assert "no change of it alone is enough" in message(case, diagnosis)


def test_more_at_a_level_is_more_at_its_station_and_counted_once():
    # Each of the levels lacks 25 MW, and so does the station by what it has in all.
    links = {"154": Link("N1", 154.0), "345": Link("N1", 345.0)}
    case = make_case(
        [Place(land_mw=40.0, links=(link,)) for link in links.values()],
        target_mw=80,
        headroom={("N1", 154.0): 25.0, ("N1", 345.0): 100.0},
    )
    diagnosis = diagnosed(case)
    assert gives(diagnosis) == pytest.approx({"target": 20, "headroom": 25})
    assert changes_of(diagnosis)["where"].tolist() == [[], [("N1 154 kV", 25)]]


def test_a_question_that_has_a_plan_has_no_conflict():
    case = make_case([Place()])
    diagnosis = diagnosed(case)
    assert diagnosis.conflict == ()
    assert diagnosis.changes == {}
    assert message(case, diagnosis) == "a plan meets all limits"


FAMILY = {"target": "target", "headroom": "stations", "basins": "basins", "budget": "budget"}
FAMILY |= {"flows": "flows"}
FAMILY |= {"spacing": "spacing", "province count": "provinces", "province maximum": "provinces"}
FAMILY |= {"province minimum": "provinces"}


@pytest.mark.parametrize(
    "seed", [3, 61, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (5, 23, 57, 62, 72))]
)
def test_conflicts_of_random_cases_are_conflicts_and_minimal_by_the_listing(seed):
    limits = ("stations", "upgrades", "flows", "basins", "budget", "spacing")
    case = random_case(seed, limits, sites_max=4)
    plans = all_plans(case)
    assert plans.best() == np.inf
    within = {FAMILY[kind] for kind in diagnosed(case).conflict}
    always = {"upgrades"}  # who pays for banks is no limit that could give
    others = [name for name in plans.meets if name not in within | always]
    assert plans.best(ignoring=others) == np.inf
    for family in within:
        assert np.isfinite(plans.best(ignoring=[*others, family]))
