"""Balance between groups of provinces, against the listing of all plans and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import InfeasibleError, SolverError
from siteopt.portfolio import rank, solve
from siteopt.portfolio.constraints import province_groups
from siteopt.portfolio.infeasibility.diagnose import diagnose
from siteopt.portfolio.verification import verify
from siteopt.scenario import Ranking as Settings
from siteopt.scenario import Scenario
from tests.portfolio.figures import check_figures
from tests.portfolio.instances import Link, Place, examples, make_case, optimum
from tests.portfolio.limits import message, names_of
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import random_case

# Sites of 40 MW in three provinces at 10 + 2 a MW, 20 + 2 and 50 + 3: 80 MW cost 190 in the first
# two; a third of the target or more in the last costs more.
PLACES = [
    Place(land_mw=40.0, province="46"),
    Place(land_mw=40.0, province="52", links=(Link(fixed=20.0),)),
    Place(land_mw=40.0, province="47", links=(Link(fixed=50.0, per_mw=3.0),)),
]
HONAM = ["29", "46", "52"]


def case_with(**group):
    groups = {"south": {"provinces": HONAM} | group}
    return make_case(PLACES, target_mw=80, provinces={"groups": groups})


@pytest.mark.parametrize(
    ("group", "cost"),
    [
        ({}, 190),
        ({"max_pct": 75}, 260),
        ({"max_pct": 74}, 260),
        ({"max_pct": 50}, 260),
        ({"max_mw": 79}, 260),
        ({"max_mw": 40}, 260),
        ({"max_mw": 39}, np.inf),
        ({"min_pct": 100}, 190),
        ({"min_mw": 80}, 190),
        ({"min_mw": 20, "max_pct": 25}, np.inf),
    ],
)
def test_a_group_has_its_share_of_the_target_at_the_least_cost(group, cost, forget):
    case = case_with(**group)
    plans = all_plans(case)
    inside = np.isin(case.sites["province_code"], HONAM)
    load = plans.it_mw[inside].sum(axis=0)
    low = max(group.get("min_mw", 0), group.get("min_pct", 0) / 100 * 80)
    high = min(group.get("max_mw", np.inf), group.get("max_pct", 100) / 100 * 80 if group.get("max_pct", 100) < 100 else np.inf)  # fmt: skip
    assert optimum(case) == plans.best(among=(load >= low) & (load <= high))
    if cost != 260:
        assert optimum(case) == cost
    before = optimum(case)
    forget(province_groups)
    assert optimum(case) < before or before == 190


def grouped(seed, groups):
    case = random_case(seed, ("provinces",), sites_max=4, links_max=1)
    raw = case.scenario.model_dump()
    raw["provinces"]["groups"] = groups
    scenario = Scenario.model_validate(raw)
    return type(case)(**{**vars(case), "scenario": scenario})


def met(case, plans):
    """Return which plans meet the groups, from the raw tables alone."""
    good = np.ones(len(plans.worth), dtype=bool)
    target = case.scenario.target.it_mw
    for group in case.scenario.provinces.groups.values():
        load = plans.it_mw[np.isin(case.sites["province_code"], group.provinces)].sum(axis=0)
        good &= load >= group.min_pct / 100 * target - 1e-9
        good &= load >= group.min_mw - 1e-9
        if group.max_pct < 100:
            good &= load <= group.max_pct / 100 * target + 1e-9
        if group.max_mw is not None:
            good &= load <= group.max_mw + 1e-9
    return good


def test_plans_and_ranks_are_those_of_the_listing():
    seen = []

    @examples(60, fewest=25)
    @given(
        seed=st.integers(0, 2**32 - 1),
        low=st.sampled_from([0, 25, 50]),
        high=st.sampled_from([50, 75, 100]),
        most_mw=st.sampled_from([None, 40, 80]),
    )
    def holds(seed, low, high, most_mw):
        codes = sorted(set(random_case(seed, ("provinces",), sites_max=4, links_max=1).sites["province_code"]))  # fmt: skip
        groups = {
            "one": {"provinces": codes[:2], "min_pct": low, "max_pct": high},
            "two": {"provinces": codes[-2:], "max_mw": most_mw},
        }
        try:
            case = grouped(seed, groups)
        except ValueError:
            return  # the provinces' own bounds leave the group nothing
        plans = all_plans(case)
        good = met(case, plans)
        best = plans.best(among=good)
        problem = case.problem()
        try:
            plan = solve(problem, case.scenario.solver)
        except InfeasibleError:
            assert best == np.inf
            seen.append("none")
            return
        assert plan.objective == pytest.approx(best, abs=1e-6)
        verify(**case.tables, plan=plan.table(problem), steps=plan.steps(problem))
        ranking = rank(problem, plan, Settings(), case.scenario.solver)
        check_figures(case, ranking, among=lambda listed: met(case, listed))
        seen.append("ranked")
        seen.append("binds" if best > plans.best() else "free")

    holds()
    assert {"ranked", "binds", "free"} <= set(seen)


def test_rows_are_whole_blocks_and_there_only_where_they_can_bind():
    rows = province_groups.rows(case_with(min_pct=30, max_pct=70).part())
    assert names_of(rows) == ("group south",)
    assert (rows.lower[0], rows.upper[0]) == (2, 2)  # of four blocks 30 % is two, 70 % is two
    free = case_with(max_mw=80)
    assert not len(province_groups.rows(free.part()))
    assert not len(province_groups.rows(make_case(PLACES, target_mw=80).part()))


def test_what_a_plan_uses_of_a_group_is_reported():
    case = case_with(max_pct=50)
    problem = case.problem()
    blocks = np.zeros(problem.options, dtype=np.int64)
    blocks[problem.site_province[problem.option_site] == 0] = 2
    told = province_groups.report(problem, blocks)
    assert told[["subject", "used", "at_most"]].values.tolist() == [["south", 50.0, 50.0]]
    assert told["binds"].tolist() == [True]


def test_a_group_in_conflict_is_named_with_the_least_change():
    # 120 MW need all three sites, of which the group has two: 67 % of the target, not 50 %.
    groups = {"south": {"provinces": HONAM, "max_pct": 50}}
    case = make_case(PLACES, target_mw=120, provinces={"groups": groups})
    found = diagnose(case.problem(), case.scenario.solver)
    assert set(found.conflict) == {"target", "group maximum"}
    assert [limit.subject for limit in found.limits if limit.family == "groups"] == ["south"]
    change = found.changes["group maximum"]
    assert (change.least, change.enough) == (pytest.approx(100 / 6), pytest.approx(100 / 6))
    assert "south" in message(case, found)
    # 48 has no site: its group cannot have 20 MW.
    groups = {"empty": {"provinces": ["48"], "min_mw": 20}}
    case = make_case(PLACES, target_mw=80, provinces={"groups": groups})
    found = diagnose(case.problem(), case.scenario.solver)
    assert found.conflict == ("group minimum",)


def test_a_plan_that_breaks_a_group_is_refused_by_the_raw_tables():
    free = make_case(PLACES, target_mw=80)
    problem = free.problem()
    plan = solve(problem, free.scenario.solver)
    for group in ({"max_pct": 50}, {"max_mw": 60}):
        with pytest.raises(SolverError, match="group south has 80 MW, outside"):
            verify(**case_with(**group).tables, plan=plan.table(problem), steps=plan.steps(problem))
    groups = {"east": {"provinces": ["47"], "min_mw": 20}}
    case = make_case(PLACES, target_mw=80, provinces={"groups": groups})
    with pytest.raises(SolverError, match="group east has 0 MW, outside 20-inf MW"):
        verify(**case.tables, plan=plan.table(problem), steps=plan.steps(problem))


def test_groups_hold_in_every_year():
    groups = {"south": {"provinces": HONAM, "max_pct": {2033: 50, 2035: 100}}}
    case = make_case(PLACES, target_mw=80, early_mw={2034: 80}, provinces={"groups": groups})
    problem = case.problem()
    assert problem.group_max_blocks.tolist()[0][0] == 2
    plan = solve(problem, case.scenario.solver)
    verify(**case.tables, plan=plan.table(problem), steps=plan.steps(problem))
    assert plan.objective == pytest.approx(260)
