"""The last check of a plan: a right one passes, each kind of wrong one is caught."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from siteopt.errors import SolverError
from siteopt.portfolio import verify
from siteopt.portfolio.verification import violations
from tests.portfolio.instances import Link, Place, examples, make_case, scenario
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import LIMITS, cases

# 20 MW draw 25 MW, take 100 m3 a day and cost 10 + 40 bn KRW, all of it capital.
CASE = make_case(
    [
        Place(0.0, 0.0, land_mw=60.0, links=(Link("N1"), Link("N2"), Link("N1", 345.0))),
        Place(3.0, 4.0, land_mw=60.0),
        Place(40.0, 0.0, province="47", basin="B2", links=(Link("N2", top_mw=75.0),)),
        Place(80.0, 0.0, province="47", basin="B2", links=(Link("N2", above_mw=50.0),)),
    ],
    target_mw=100,
)
GOOD = {"S0-0": 60, "S2-0": 40}


def plan_of(loads, case=CASE):
    """Return the table of a plan with the right figures, whatever limits it breaks."""
    options = case.options.set_index("option_id").loc[list(loads)].reset_index()
    it_mw = np.array(list(loads.values()), dtype=np.float64)
    begun = {site.site_id: site.it_mw for site in case.scenario.sites.begun}
    paid = options["site_id"].map(begun).fillna(0.0)  # of what has begun nothing counts
    facts = case.described.loc[options["site_id"]].reset_index(drop=True)
    return pd.DataFrame(
        {
            "site_id": options["site_id"],
            "option_id": options["option_id"],
            "open_year": case.scenario.target.year,
            "blocks": it_mw / case.scenario.build.block_mw,
            "it_mw": it_mw,
            "facility_mw": it_mw * facts["pue"],
            "water_m3_day": it_mw * facts["water_m3_day_per_mw"],
            "cost_bn_krw": options["fixed_bn_krw"] + options["per_mw_bn_krw"] * it_mw,
            "capital_bn_krw": options["capital_fixed_bn_krw"].where(paid == 0, 0.0)
            + options["capital_per_mw_bn_krw"] * (it_mw - paid),
        }
    )


def steps_of(plan):
    """Return the steps of a plan of one year."""
    return plan.rename(columns={"open_year": "year"}).assign(opens=True)


def broken(case, plan, steps=None):
    return violations(**case.tables, plan=plan, steps=steps_of(plan) if steps is None else steps)


def asked(**changes):
    return replace(CASE, scenario=scenario(target={"it_mw": 100, "year": 2035}, **changes))


def roomy(**rooms):
    """Return the case with other headroom at N1 154, N1 345 and N2 154."""
    named = {"n1": ("N1", 154.0), "n1_high": ("N1", 345.0), "n2": ("N2", 154.0)}
    rows = [
        {"station_id": station, "voltage_kv": kv, "headroom_mw": rooms.get(name, 0.0)}
        for name, (station, kv) in named.items()
    ]
    return replace(CASE, headroom=pd.DataFrame(rows))


def supplied(**supplies):
    rows = [{"basin_id": name, "supply_m3_day": supply} for name, supply in supplies.items()]
    return replace(CASE, basins=pd.DataFrame(rows))


def test_a_right_plan_passes():
    assert broken(CASE, plan_of(GOOD)) == []
    verify(**CASE.tables, plan=plan_of(GOOD), steps=steps_of(plan_of(GOOD)))


@pytest.mark.parametrize(
    "case",
    [
        roomy(n1=75.0, n2=50.0),
        supplied(B1=300.0, B2=200.0),
        asked(objective={"budget_bn_krw": 220.0}),
        asked(spacing_km=40),
        asked(provinces={"count_min": 2, "share_max_pct": 60}),
        asked(provinces={"shares": {"46": {"min_pct": 60, "max_pct": 60}}}),
        asked(objective={"kind": "suitability"}),
    ],
    ids=["stations", "basins", "budget", "spacing", "provinces", "named shares", "exact target"],
)
def test_a_plan_may_use_every_limit_to_the_last(case):
    assert broken(case, plan_of(GOOD)) == []


@pytest.mark.parametrize(
    ("case", "loads", "sentence"),
    [
        (CASE, {"S0-0": 60}, "the plan has 60 MW, the target is 100 MW"),
        (
            asked(objective={"kind": "suitability"}),
            GOOD | {"S1-0": 20},
            "the plan has 120 MW, more than the target of 100 MW",
        ),
        (CASE, GOOD | {"S1-0": 30}, "site S1: 30 MW is not whole blocks of 20 MW"),
        (
            asked(build={"it_min_mw": 60, "it_max_mw": 60, "block_mw": 20}),
            {"S0-0": 60, "S2-0": 40},
            "site S2: 40 MW is outside the bounds of a build",
        ),
        (
            replace(CASE, sites=CASE.sites.assign(it_max_mw=50.0)),
            GOOD,
            "site S0: 60 MW needs more land than there is",
        ),
        (CASE, {"S0-0": 40, "S2-0": 80}, "site S2: 100 MW is outside the class 0-75 MW"),
        # A class begins above the top of the one below.
        (CASE, {"S0-0": 60, "S3-0": 40}, "site S3: 50 MW is outside the class 50-400 MW"),
        (
            asked(provinces={"count_min": 3}),
            GOOD,
            "2 provinces have a site, not 3",
        ),
        (
            asked(provinces={"share_max_pct": 50}),
            GOOD,
            "province 46 has 60 % of the target, outside 0-50 %",
        ),
        (
            asked(provinces={"shares": {"47": {"min_pct": 45}}}),
            GOOD,
            "province 47 has 40 % of the target, outside 45-100 %",
        ),
        (
            asked(provinces={"shares": {"48": {"min_pct": 5}}}),
            GOOD,
            "province 48 has 0 % of the target, outside 5-100 %",
        ),
        (
            roomy(n1=75.0, n1_high=75.0, n2=49.0),
            GOOD,
            "station N2 at 154 kV takes 50 MW, its headroom is 49 MW",
        ),
        (
            roomy(n1=74.0, n1_high=200.0, n2=50.0),
            GOOD,
            "station N1 at 154 kV takes 75 MW, its headroom is 74 MW",
        ),
        (
            roomy(n1=75.0, n1_high=75.0, n2=50.0),
            {"S0-2": 60, "S1-0": 40},
            "station N1 takes 125 MW, its headroom is 75 MW in all",
        ),
        (
            supplied(B1=300.0, B2=199.0),
            GOOD,
            "basin B2 gives 200 m3 a day, 199 are open to sites",
        ),
        (supplied(B1=300.0), GOOD, "basin B2 gives 200 m3 a day, 0 are open to sites"),
        (
            asked(spacing_km=5.5),
            {"S0-0": 60, "S1-0": 40},
            "sites S0 and S1 stand 5.000 km apart, not 5.5 km",
        ),
        (
            asked(objective={"budget_bn_krw": 219.0}),
            GOOD,
            "the plan needs 220 bn KRW of capital, the budget is 219",
        ),
    ],
)
def test_each_broken_limit_is_named(case, loads, sentence):
    found = broken(case, plan_of(loads, case))
    assert sentence in found
    # Nothing else is said; of a station that is short its level and its whole are.
    assert all(text == sentence or "in all" in text for text in found)


def test_only_the_open_share_of_the_water_counts():
    case = replace(asked(water={"basin_share_pct": 50}), basins=supplied(B1=599.0, B2=400.0).basins)
    assert broken(case, plan_of(GOOD)) == ["basin B1 gives 300 m3 a day, 299.5 are open to sites"]


def test_headroom_of_a_later_year_does_not_count():
    known = CASE.headroom.assign(year=2030)
    later = known.assign(year=2036, headroom_mw=1.0)
    sooner = known.assign(year=2034, headroom_mw=70.0)
    assert broken(replace(CASE, headroom=pd.concat([later, known])), plan_of(GOOD)) == []
    found = broken(replace(CASE, headroom=pd.concat([sooner, known])), plan_of(GOOD))
    assert "station N1 at 154 kV takes 75 MW, its headroom is 70 MW" in found


def test_a_site_has_one_connection_only():
    found = broken(CASE, plan_of({"S0-0": 20, "S0-1": 40, "S2-0": 40}))
    assert "site S0 has more than one connection" in found


@pytest.mark.parametrize("figure", ["cost_bn_krw", "capital_bn_krw"])
def test_a_misstated_figure_is_named(figure):
    plan, wrong = plan_of(GOOD), plan_of(GOOD)
    wrong.loc[1, figure] -= 0.01
    (found,) = broken(CASE, wrong, steps_of(plan))
    assert found == f"site S2: {figure} is 89.99, the tables give 90"
    (found,) = broken(CASE, plan, steps_of(wrong))
    assert found == f"step of site S2: {figure} is 89.99, the tables give 90"


def test_an_option_of_another_site_is_named():
    plan = plan_of(GOOD).assign(site_id=["S1", "S2"])
    assert "option S0-0 is not one of site S1" in broken(CASE, plan)


def test_an_option_or_site_that_is_not_in_the_tables_is_named():
    plan = plan_of(GOOD)
    assert broken(CASE, plan.assign(option_id=["S0-0", "S9-0"])) == [
        "option S9-0 is not in the table of options"
    ]
    assert broken(CASE, plan.assign(site_id=["S0", "S9"])) == [
        "a site of the plan is not in the tables of sites"
    ]


def test_the_error_names_every_fault():
    case = asked(spacing_km=50, objective={"budget_bn_krw": 1.0})
    with pytest.raises(
        SolverError,
        match=r"the plan contradicts the tables: sites S0 and S2 stand .*; the plan needs 220",
    ):
        verify(**case.tables, plan=plan_of(GOOD), steps=steps_of(plan_of(GOOD)))


@examples(8)
@given(case=cases(LIMITS))
def test_a_plan_passes_just_where_the_listing_says_that_it_meets_all_limits(case):
    plans = all_plans(case)
    of_the_grid = ("flows",)  # these the grid itself checks
    good = np.logical_and.reduce(
        [met for name, met in plans.meets.items() if name not in of_the_grid]
    )
    some = np.random.default_rng(0).permutation(len(good))[:6]
    for plan in (*np.flatnonzero(good)[:4], *some):
        built = plans.option[:, plan] != ""
        if built.any():
            loads = dict(zip(plans.option[built, plan], plans.it_mw[built, plan], strict=True))
            assert (broken(case, plan_of(loads, case)) == []) == good[plan]
