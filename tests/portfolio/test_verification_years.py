"""The last check of a plan over several years: a right one passes, each wrong one is caught."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from siteopt.portfolio.verification import violations
from tests.portfolio.instances import Banks, Link, Place, examples, make_case
from tests.portfolio.listing import all_plans
from tests.portfolio.random_years import LIMITS, year_cases

# 20 MW draw 25 MW, take 100 m3 a day and cost 10 + 40 bn KRW, all of it capital.
PLACES = [
    Place(0.0, 0.0, land_mw=60.0, links=(Link("N1"), Link("N2", years=8.5))),
    Place(3.0, 4.0, land_mw=60.0),
    Place(40.0, 0.0, province="47", basin="B2", links=(Link("N2", top_mw=75.0),)),
    Place(80.0, 0.0, province="47", basin="B2", links=(Link("N2", above_mw=25.0),)),
]
YEARS = {2033: 40.0, 2034: 60.0}
RULE = {"site_id": "S0", "it_mw": 20.0, "year": 2033}

# Site S0 opens with 40 MW in 2033 and grows in 2034; S2 opens in 2035: 40, 60 and 100 MW.
GOOD = {("S0-0", 2033): 40.0, ("S0-0", 2034): 20.0, ("S2-0", 2035): 40.0}


def asked(places=PLACES, **changes):
    return make_case(places, target_mw=100.0, early_mw=YEARS, **changes)


CASE = asked()


def steps_of(loads, case=CASE):
    """Return steps with the right figures, whatever limits they break."""
    options = case.options.set_index("option_id")
    begun = {site.site_id: site.it_mw for site in case.scenario.sites.begun}
    found, opened = [], set()
    for (name, year), load in sorted(loads.items(), key=lambda item: item[0][1]):
        option, waits = options.loc[name], year - case.scenario.target.years[0]
        site, opens = option["site_id"], option["site_id"] not in opened
        opened.add(site)
        paid = begun.get(site, 0.0) if opens else 0.0
        cost = option["per_mw_bn_krw"] * load + option["fixed_bn_krw"] * opens
        fixed = option["capital_fixed_bn_krw"] * (opens and not paid)
        found.append(
            {
                "site_id": site,
                "option_id": name,
                "year": year,
                "opens": opens,
                "blocks": load / 20,
                "it_mw": load,
                "facility_mw": load * case.described.loc[site, "pue"],
                "water_m3_day": load * case.described.loc[site, "water_m3_day_per_mw"],
                "cost_bn_krw": cost / (1 + case.discount_pct / 100) ** waits,
                "capital_bn_krw": fixed + option["capital_per_mw_bn_krw"] * (load - paid),
            }
        )
    return pd.DataFrame(found)


def plan_of(steps):
    """Return the plan that steps lead to."""
    names = ("blocks", "it_mw", "facility_mw", "water_m3_day", "cost_bn_krw", "capital_bn_krw")
    sums = {name: (name, "sum") for name in names}
    grouped = steps.groupby("site_id").agg(
        option_id=("option_id", "first"), open_year=("year", "min"), **sums
    )
    return grouped.reset_index()


def broken(case, steps, plan=None):
    return violations(**case.tables, plan=plan_of(steps) if plan is None else plan, steps=steps)


@pytest.mark.parametrize(
    "case",
    [
        CASE,
        asked(discount_pct=5.0),
        asked(headroom={("N1", 154.0): {2033: 50.0, 2034: 75.0}, ("N2", 154.0): {2035: 50.0}}),
        asked(basins={"B1": 600.0, "B2": 400.0}, water={"basin_share_pct": {2033: 34, 2034: 50}}),
        asked(
            provinces={"shares": {"47": {"min_pct": {2035: 40}, "max_pct": {2033: 0, 2035: 40}}}}
        ),
        asked(provinces={"count_min": 2, "share_max_pct": {2035: 60}}),
        asked(diversity={f"{kind}_max_pct": {2035: 60} for kind in ("station", "basin")}),
        asked(
            objective={
                "budget_bn_krw": 220.0,
                "budget_by_year_bn_krw": {2033: 90.0, 2034: 40.0, 2035: 90.0},
            }
        ),
        asked(sites={"must": ["S2"], "must_not": ["S1", "S3"]}),
        asked(sites={"begun": [RULE | {"station_id": "N1"}]}),
        asked(sites={"begun": [RULE | {"year": 2029, "it_mw": 40.0}]}),
        asked(spacing_km=40.0),
    ],
)
def test_a_plan_may_use_every_limit_of_every_year_to_the_last(case):
    assert broken(case, steps_of(GOOD, case)) == []


LATE = {("S0-0", 2033): 40.0, ("S0-0", 2035): 20.0, ("S2-0", 2035): 40.0}


@pytest.mark.parametrize(
    ("case", "loads", "sentence"),
    [
        (CASE, LATE, "the plan has 40 MW in 2034, the target is 60 MW"),
        (
            CASE,
            {("S0-0", 2034): 60.0, ("S2-0", 2035): 40.0},
            "the plan has 0 MW in 2033, the target is 40 MW",
        ),
        (CASE, GOOD | {("S1-0", 2036): 20.0}, "site S1: 2036 is not a year of the plan"),
        (CASE, GOOD | {("S1-0", 2034): 30.0}, "site S1: 30 MW is not whole blocks of 20 MW"),
        (
            CASE,
            GOOD | {("S0-0", 2035): 20.0},
            "site S0: 80 MW needs more land than there is",
        ),
        (
            asked([replace(place, land_mw=120.0) for place in PLACES]),
            GOOD | {("S0-0", 2035): 40.0},
            "site S0: 100 MW is outside the bounds of a build",
        ),
        (
            asked(build={"it_min_mw": 40, "it_max_mw": 60, "block_mw": 20}),
            {("S0-0", 2033): 60.0, ("S3-0", 2034): 40.0, ("S2-0", 2035): 20.0},
            "site S2: 20 MW is outside the bounds of a build",
        ),
        (
            asked(build={"it_min_mw": 20, "it_max_mw": 60, "block_mw": 20, "grows": False}),
            GOOD,
            "site S0 grows in 2034, but build.grows is false",
        ),
        # A class begins above the top of the one below, and is left at its own.
        (
            CASE,
            GOOD | {("S3-0", 2034): 20.0, ("S3-0", 2035): 20.0},
            "site S3: 25 MW is outside the class 25-400 MW",
        ),
        (
            CASE,
            {("S0-0", 2033): 60.0, ("S2-0", 2034): 40.0, ("S2-0", 2035): 40.0},
            "site S2: 100 MW is outside the class 0-75 MW",
        ),
        (
            CASE,
            {("S0-1", 2034): 60.0, ("S1-0", 2033): 40.0},
            "site S0: its connection takes longer than 8 years",
        ),
        (asked(sites={"must": ["S1"]}), GOOD, "site S1 must be chosen and is not"),
        (asked(sites={"must_not": ["S2"]}), GOOD, "site S2 must not be chosen and is"),
        (
            asked(sites={"begun": [RULE | {"site_id": "S3"}]}),
            GOOD,
            "site S3 must be chosen and is not",
        ),
        (
            asked(sites={"begun": [RULE | {"year": 2034}]}),
            GOOD,
            (
                "site S0 is under construction: it opens in 2034 with at least 20 MW, "
                "not in 2033 with 40 MW"
            ),
        ),
        (
            asked(sites={"begun": [RULE | {"it_mw": 60.0}]}),
            GOOD,
            (
                "site S0 is under construction: it opens in 2033 with at least 60 MW, "
                "not in 2033 with 40 MW"
            ),
        ),
        (
            asked(sites={"begun": [RULE | {"station_id": "N2"}]}),
            GOOD,
            "site S0 is fed by N1, not N2",
        ),
        (asked(provinces={"count_min": 3}), GOOD, "2 provinces have a site, not 3"),
        (
            asked(provinces={"shares": {"46": {"max_pct": {2034: 90, 2035: 100}}}}),
            GOOD,
            "province 46 has 100 % of the target in 2034, outside 0-90 %",
        ),
        (
            asked(provinces={"shares": {"47": {"min_pct": {2034: 5, 2035: 0}}}}),
            GOOD,
            "province 47 has 0 % of the target in 2034, outside 5-100 %",
        ),
        (
            asked(provinces={"share_max_pct": {2035: 50}}),
            GOOD,
            "province 46 has 60 % of the target in 2035, outside 0-50 %",
        ),
        (
            asked(headroom={("N1", 154.0): {2033: 50.0, 2034: 74.0, 2035: 99.0}}),
            GOOD,
            "station N1 at 154 kV takes 75 MW in 2034, its headroom is 74 MW",
        ),
        (
            asked(headroom={("N1", 154.0): {2034: 99.0}}),
            GOOD,
            "station N1 at 154 kV takes 50 MW in 2033, its headroom is 0 MW",
        ),
        (
            asked(headroom={("N1", 154.0): {2033: 99.0, 2035: 74.0}}),
            GOOD,
            "station N1 at 154 kV takes 75 MW in 2035, its headroom is 74 MW",
        ),
        (
            asked(water={"basin_share_pct": {2033: 1, 2034: 100}}, basins={"B1": 19_000.0}),
            GOOD,
            "basin B1 gives 200 m3 a day in 2033, 190 are open to sites",
        ),
        (
            asked(water={"basin_share_pct": {2034: 100}}),
            GOOD,
            "basin B1 gives 200 m3 a day in 2033, 0 are open to sites",
        ),
        *[
            (
                asked(diversity={f"{kind}_max_pct": {2034: 99, 2035: 100}}),
                GOOD,
                f"the loss of {kind} {name} takes 100 % of the target in 2034, more than 99 %",
            )
            for kind, name in (("station", "N1"), ("province", "46"), ("basin", "B1"))
        ],
        (
            asked(objective={"budget_bn_krw": 219.0}),
            GOOD,
            "the plan needs 220 bn KRW of capital, the budget is 219",
        ),
        (
            asked(objective={"budget_by_year_bn_krw": {2034: 39.0}}),
            GOOD,
            "the plan needs 40 bn KRW of capital in 2034, the budget is 39",
        ),
        (
            asked(spacing_km=41.0),
            GOOD,
            "sites S0 and S2 stand 40.000 km apart, not 41 km",
        ),
    ],
)
def test_each_limit_that_is_broken_in_a_year_is_named(case, loads, sentence):
    assert broken(case, steps_of(loads, case)) == [sentence]


def test_banks_help_from_the_year_on_in_which_they_come_and_are_paid_for_once():
    banks = {("N1", 154.0): Banks((25.0, 50.0))}
    case = asked(banks=banks, headroom={("N1", 154.0): 50.0})
    early = {("S0-0+1", 2033): 40.0, ("S0-0+1", 2034): 20.0, ("S2-0", 2035): 40.0}
    assert broken(case, steps_of(early, case)) == []
    late = {("S0-0", 2033): 40.0, ("S1-0+1", 2035): 20.0, ("S0-0", 2034): 20.0}
    found = broken(case, steps_of(late | {("S2-0", 2035): 20.0}, case))
    assert "station N1 at 154 kV takes 75 MW in 2034, its headroom is 50 MW" in found
    twice = early | {("S1-0+1", 2035): 20.0}
    found = broken(case, steps_of(twice, case))
    assert found == ["station N1 at 154 kV: 2 sites pay for works, not one"]


def test_a_site_opens_once_and_through_one_connection():
    steps = steps_of(GOOD)
    assert broken(CASE, steps.assign(opens=True)) == ["site S0 opens in 2034 and has opened before"]
    assert broken(CASE, steps.assign(opens=[False, False, True])) == [
        "site S0 grows in 2033 and has not opened before"
    ]
    two = steps_of({("S0-0", 2033): 40.0, ("S0-1", 2035): 20.0, ("S1-0", 2034): 40.0})
    assert "site S0 has more than one connection" in broken(CASE, two)
    same = pd.concat([steps, steps.tail(1).assign(opens=False)], ignore_index=True)
    assert "site S2 has two steps in one year" in broken(CASE, same)


def test_costs_that_are_not_discounted_are_named():
    case = asked(discount_pct=100.0)
    found = broken(case, steps_of(GOOD))
    assert found[0] == "step of site S0 in 2034: cost_bn_krw is 40, the tables give 20"
    assert "site S2: cost_bn_krw is 90, the tables give 22.5" in found
    assert all("cost_bn_krw" in text for text in found)


@pytest.mark.parametrize(
    "figure", ["blocks", "facility_mw", "water_m3_day", "cost_bn_krw", "capital_bn_krw"]
)
def test_a_misstated_figure_of_a_step_or_of_the_plan_is_named(figure):
    steps = steps_of(GOOD).astype({figure: float})
    plan, wrong = plan_of(steps), steps.copy()
    wrong.loc[1, figure] += 1.0
    (found,) = broken(CASE, wrong, plan)
    assert found.startswith(f"step of site S0 in 2034: {figure} is ")
    wrong_plan = plan.astype({figure: float})
    wrong_plan.loc[1, figure] += 1.0
    (found,) = broken(CASE, steps, wrong_plan)
    assert found.startswith(f"site S2: {figure} is ")


def test_a_plan_and_steps_that_do_not_belong_together_are_named():
    steps = steps_of(GOOD)
    plan = plan_of(steps)
    assert broken(CASE, steps, plan.head(1)) == [
        "the sites of the plan and of its steps are not the same ones"
    ]
    assert broken(CASE, steps, plan.assign(open_year=2033)) == [
        "site S2: open_year is 2033, the tables give 2035"
    ]
    assert broken(CASE, steps, plan.assign(option_id=["S0-1", "S2-0"])) == [
        "site S0: the plan and its steps name different connections"
    ]


@pytest.mark.parametrize("grows", [True, False], ids=["growing", "fixed"])
def test_a_plan_of_the_years_passes_just_where_the_listing_says_so(grows):
    @examples(8)
    @given(case=year_cases(LIMITS, grows=grows, small=True))
    def holds(case):
        plans = all_plans(case)
        of_the_grid = ("flows",)  # these the grid itself checks
        good = np.logical_and.reduce(
            [met for name, met in plans.meets.items() if name not in of_the_grid]
        )
        some = np.random.default_rng(0).permutation(len(good))[:6]
        years = case.scenario.target.years
        for plan in (*np.flatnonzero(good)[:4], *some):
            loads = {
                (name, years[t]): load
                for t, row in enumerate(plans.step_mw[:, :, plan])
                for name, load in zip(plans.option[:, plan], row, strict=True)
                if load
            }
            if loads:
                assert (broken(case, steps_of(loads, case)) == []) == good[plan]

    holds()
