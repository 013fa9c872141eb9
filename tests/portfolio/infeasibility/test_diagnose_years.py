"""Why there is no plan over several years: the words name the year."""

import numpy as np
import pytest

from siteopt.limit_key import LimitKey
from siteopt.portfolio import constraints, diagnose
from siteopt.portfolio.constraints._rows import key_columns
from siteopt.portfolio.infeasibility.diagnose import violations
from siteopt.report.limit_names import keys_of
from tests.portfolio.infeasibility.test_diagnose import FAMILY, gives
from tests.portfolio.instances import Flow, Link, Place, make_case
from tests.portfolio.limits import message
from tests.portfolio.listing import all_plans
from tests.portfolio.random_years import random_years

FORTY = Place(land_mw=40.0)  # 50 MW of contract power, 200 m3 of water, 90 bn KRW of capital
YEARS = {"target_mw": 80.0, "early_mw": {2034: 40.0}}


def diagnosed(case):
    return diagnose(case.problem(), case.scenario.solver)


CASES = {
    "headroom of the first year": (
        make_case([FORTY] * 2, **YEARS, headroom={("N1", 154.0): {2034: 30.0, 2035: 100.0}}),
        {"target": 20, "headroom": 20},
        ["target in 2034 -20", "N1 154 kV in 2034 +20"],
    ),
    "headroom that falls": (
        make_case([FORTY] * 2, **YEARS, headroom={("N1", 154.0): {2034: 100.0, 2035: 75.0}}),
        {"target": 20, "headroom": 25},
        ["target in 2035 -20", "N1 154 kV in 2035 +25"],
    ),
    "water": (
        make_case(
            [FORTY] * 2, **YEARS, basins={"B1": 400.0},
            water={"basin_share_pct": {2034: 40, 2035: 100}},
        ),
        {"target": 20, "basins": 40},
        ["target in 2034 -20", "basin B1 in 2034 +40"],
    ),
    "least share of a province": (
        make_case(
            [FORTY, Place(province="47", land_mw=40.0, links=(Link("N2", years=9.0),))],
            **YEARS,
            provinces={"shares": {"47": {"min_pct": {2034: 50}}}},
        ),
        {"province minimum": 50},
        ["share 47 in 2034 -50"],
    ),
    "share of a station": (
        make_case([FORTY] * 2, **YEARS, diversity={"station_max_pct": {2034: 50, 2035: 100}}),
        {"target": 20, "diversity": 50},
        ["target in 2034 -20", "share of station N1 in 2034 +50"],
    ),
    "budget of a year": (
        make_case(
            [FORTY] * 2, **YEARS, objective={"budget_by_year_bn_krw": {2034: 60.0}}
        ),
        {"target": 20, "budget": 30},
        ["target in 2034 -20", "budget in 2034 +30"],
    ),
    "flow limit of a year": (
        make_case(
            [FORTY] * 2, **YEARS, buses={"N1": "1"}, flows=[Flow({"1": 1.0}, 25.0, 2034)]
        ),
        {"target": 20, "flows": 25},
        ["target in 2034 -20", "flow 1 f0: all units in 2034 +25"],
    ),
    "lines that are not ready": (
        make_case([Place(land_mw=80.0, links=(Link(years=9.0),))], **YEARS),
        {"target": 40},
        ["target in 2034 -40"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_conflict_over_the_years_is_named_with_the_year(name):
    case, expected, words = CASES[name]
    assert all_plans(case).best() == np.inf
    diagnosis = diagnosed(case)
    assert gives(diagnosis) == pytest.approx(expected)
    assert diagnosis.conflict == tuple(expected)
    for text in words:
        assert text in message(case, diagnosis)
    assert "nan" not in message(case, diagnosis)


def test_the_targets_and_budgets_are_named_as_the_scenario_has_them():
    case = CASES["budget of a year"][0]
    assert message(case, diagnosed(case)) == (
        "no plan meets all limits; in conflict: the targets (40 MW in 2034 to 80 MW in 2035), "
        "the budgets (objective.budget_bn_krw, budget_by_year_bn_krw); "
        "it would do if target gave 20 MW IT (target in 2034 -20); "
        "or budget grew by 30 bn KRW (budget in 2034 +30)"
    )


def test_a_site_that_must_be_chosen_and_cannot_be_is_a_rule_in_conflict():
    case = make_case(
        [FORTY, Place(links=(Link("N2"),))], headroom={("N2", 154.0): 0.0}, sites={"must": ["S1"]}
    )
    diagnosis = diagnosed(case)
    assert set(diagnosis.conflict) == {"headroom", "rules"}
    assert "the sites that must or must not be chosen (sites)" in message(case, diagnosis)


def test_what_a_station_has_too_much_of_is_no_share_of_a_province():
    keys = [
        LimitKey("diversity", "station", "N1"), LimitKey("provinces", "province", "46"),
        LimitKey("provinces"),
    ]  # fmt: skip
    usage = key_columns(keys).assign(
        used=[80.0, 70.0, 1.0], at_least=[-np.inf, 0.0, 2.0], at_most=[50.0, 60.0, np.inf]
    )
    kinds = {kind.name: kind for kind in constraints.kinds()}

    def given(name):
        return keys_of(violations(usage, kinds[name]))

    assert given("province maximum") == keys[1:2]
    assert given("province minimum") == []
    assert given("diversity") == keys[:1]


KINDS = FAMILY | {"diversity": "diversity", "rules": "rules"}


@pytest.mark.parametrize(
    "grows",
    [
        pytest.param(True, id="growing"),
        pytest.param(False, id="fixed", marks=pytest.mark.slow),
    ],
)
def test_conflicts_over_the_years_are_conflicts_and_minimal_by_the_listing(grows):
    limits = ("stations", "flows", "basins", "diversity", "budget", "rules", "spacing")
    found = 0
    for seed in range(60):
        case = random_years(seed, limits, grows=grows, small=True)
        plans = all_plans(case)
        if np.isfinite(plans.best()):
            continue
        found += 1
        within = {KINDS[kind] for kind in diagnosed(case).conflict}
        others = [name for name in plans.meets if name not in within]
        assert plans.best(ignoring=others) == np.inf
        if "provinces" not in within:  # shares of provinces are in two places
            for family in within - {"rules"}:  # what has begun is no row
                assert np.isfinite(plans.best(ignoring=[*others, family]))
        if found == 6:
            return
    raise AssertionError(found)
