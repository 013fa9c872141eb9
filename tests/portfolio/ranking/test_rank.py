"""What a site is worth, against the listing of all plans with it and without it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import InfeasibleError
from siteopt.portfolio import rank, solve
from siteopt.portfolio.bounds import core_problem
from siteopt.portfolio.ranking.table import Scores, ranking_table
from siteopt.portfolio.solver.backends import Limits, solve_arrays
from siteopt.portfolio.solver.mip import program_arrays
from siteopt.scenario import Ranking as Settings
from tests.portfolio.figures import TOLERANCE, check_figures, check_order, true_figures
from tests.portfolio.instances import Link, Place, examples, make_case, wide_case, with_solver
from tests.portfolio.random_cases import LIMITS, PLANNED, cases, random_case


def ranked(case, **settings):
    """Return the plan and its ranking, or None where there is no plan."""
    problem = case.problem()
    try:
        plan = solve(problem, case.scenario.solver)
    except InfeasibleError:
        return None
    return plan, rank(problem, plan, Settings(**settings), case.scenario.solver)


@pytest.mark.parametrize("limits", [("spacing",), LIMITS], ids="+".join)
def test_values_and_regrets_are_differences_of_two_optima(limits):
    @examples(10)
    @given(case=cases(limits), wanted=st.sampled_from([0, 1, 2, 50]))
    def holds(case, wanted):
        answer = ranked(case, exact_others=wanted)
        if answer is None:
            return
        _, ranking = answer
        assert ranking.complete
        check_figures(case, ranking)
        check_order(case, ranking)
        possible = np.isfinite(true_figures(case, ranking.table)[~ranking.table["chosen"]]).sum()
        assert ranking.exact_others >= min(wanted, possible)

    holds()


def solved_again(part, site, *, inside):
    """Return the cost of the best plan with or without a site by a program of its own."""
    arrays = program_arrays(part)
    bound = arrays.lower if inside else arrays.upper
    bound[2 * part.options + list(part.site_id).index(site)] = float(inside)
    return solve_arrays(arrays, Limits()).objective


def test_a_ranking_with_cutting_planes_agrees_with_solving_again_from_scratch(monkeypatch):
    # Too large to list, and so small that it needs no cutting planes unless it is told to.
    monkeypatch.setattr(core_problem, "_ENOUGH", 0)
    case = wide_case(41)
    plan, ranking = ranked(case, exact_others=3)
    table, part = ranking.table, case.part()
    assert ranking.measured["core"]["cuts"] > 0
    assert plan.objective == pytest.approx(solve_arrays(program_arrays(part), Limits()).objective)
    assert ranking.exact_others >= 3
    last = table["regret_bn_krw"].max()
    for row in table.head(int(table["chosen"].sum()) + ranking.exact_others + 1).itertuples():
        figure = solved_again(part, row.site_id, inside=not row.chosen) - plan.objective
        if row.proof == "exact":
            expected = row.value_bn_krw if row.chosen else row.regret_bn_krw
            assert figure == pytest.approx(expected, abs=TOLERANCE)
        else:
            assert row.proof == "bounded"
            assert row.lower_bn_krw - TOLERANCE <= figure <= row.upper_bn_krw + TOLERANCE
            assert figure >= last - TOLERANCE


def test_suitability_is_ranked_in_its_own_unit():
    exact = 0
    for seed in range(4):
        case = random_case(seed, ("stations", "spacing"), objective="suitability")
        answer = ranked(case)
        if answer is not None:
            check_figures(case, answer[1], "suitable_mw")
            figures = answer[1].table[["value_suitable_mw", "regret_suitable_mw"]]
            exact += int(figures.notna().sum().sum())
    assert exact, "no case has an exact figure: nothing was shown"


# 40 MW cost 90, 100, 100, 130 and 40 MW more would do: the first is built.
FOUR = [Place(land_mw=40.0, links=(Link(fixed=cost - 80.0),)) for cost in (90, 100, 100, 130)]


def test_a_chosen_site_is_worth_what_the_next_best_costs_more_and_ties_share_a_rank():
    _, ranking = ranked(make_case(FOUR))
    table = ranking.table
    assert table["site_id"].tolist() == ["S0", "S1", "S2", "S3"]
    assert table["chosen"].tolist() == [True, False, False, False]
    assert table["value_bn_krw"].tolist() == pytest.approx([10, *[np.nan] * 3], nan_ok=True)
    assert table["regret_bn_krw"].tolist() == pytest.approx([np.nan, 10, 10, 40], nan_ok=True)
    assert table["rank"].tolist() == [1, 2, 2, 4]
    assert table["tied"].tolist() == [1, 2, 2, 1]
    assert (table["proof"] == "exact").all()


def test_sites_tied_with_the_last_one_asked_for_are_exact_too():
    # One of two equal sites alone would be a choice by name.
    _, ranking = ranked(make_case(FOUR), exact_others=1)
    assert ranking.exact_others == 2
    assert ranking.table["proof"].tolist()[:3] == ["exact"] * 3
    assert ranking.table["tied"].tolist()[:3] == [1, 2, 2]


def test_where_no_other_site_is_asked_for_none_is_looked_at():
    plan, ranking = ranked(make_case(FOUR), exact_others=0)
    assert ranking.complete
    assert ranking.measured["relaxations"] == (plan.blocks > 0).sum() == 1
    assert ranking.table["proof"].tolist() == ["exact", *["bounded"] * 3]


def test_sites_with_one_lower_bound_stand_in_the_order_of_the_relaxation():
    # As all sites do that are proven no better than the last one asked for.
    case = make_case(FOUR)
    problem = case.problem()
    plan = solve(problem, case.scenario.solver)
    scores = Scores.empty(problem.sites)
    scores.chosen[0] = scores.exact[0] = True
    scores.lower[:] = [100.0, 120.0, 120.0, 110.0]
    scores.estimate[:] = [100.0, 95.0, 92.0, 99.0]
    table = ranking_table(problem, plan, scores, np.arange(problem.sites))
    assert table["site_id"].tolist() == ["S0", "S3", "S2", "S1"]
    assert table["proof"].tolist()[1:] == ["bounded"] * 3


def test_a_site_that_no_plan_can_do_without_is_indispensable():
    case = make_case([*FOUR[:2], Place(province="47", land_mw=20.0)], provinces={"count_min": 2})
    _, ranking = ranked(case)
    table = ranking.table.set_index("site_id")
    assert table.at["S2", "proof"] == "indispensable"
    assert table.at["S2", "value_bn_krw"] == np.inf
    assert (ranking.table["proof"] == "indispensable").sum() == 1


def test_the_only_site_that_can_be_built_is_indispensable():
    _, ranking = ranked(make_case([Place(), Place(land_mw=10.0)]))
    assert ranking.table["proof"].tolist() == ["indispensable", "impossible"]
    assert ranking.complete


def test_a_site_worth_more_than_any_figure_is_the_first_of_the_chosen():
    case = make_case([*FOUR[:2], Place(province="47", land_mw=20.0)], provinces={"count_min": 2})
    _, ranking = ranked(case)
    assert ranking.table["site_id"][0] == "S2"
    assert ranking.table["rank"][0] == 1


@pytest.mark.parametrize(
    ("gate", "odd", "limits"),
    [
        ("size", Place(land_mw=10.0), {}),
        ("headroom", Place(links=(Link("N9"),)), {"headroom": {("N9", 154.0): 24.0}}),
        ("basin", Place(basin="B9"), {"basins": {"B9": 99.0}}),
        (
            "province",
            Place(province="48"),
            {"provinces": {"shares": {"48": {"max_pct": 10}}}},
        ),
        (
            "budget",
            Place(links=(Link(capital_fixed=500.0),)),
            {"objective": {"budget_bn_krw": 300.0}},
        ),
        ("connection", Place(links=()), {}),
    ],
)
def test_a_closed_site_is_impossible_and_says_which_limit_closes_it(gate, odd, limits):
    _, ranking = ranked(make_case([*FOUR, odd], **limits))
    last = ranking.table.iloc[-1]
    assert (last["site_id"], last["proof"], last["reason"]) == ("S4", "impossible", gate)
    assert last["lower_bn_krw"] == np.inf
    assert (ranking.table["proof"][:-1] == "exact").all()


def test_a_site_that_only_all_limits_together_close_is_impossible_by_limits():
    # Province 48 has room for the dear site alone, and 46 must have all 40 MW.
    places = [*FOUR, Place(province="48", land_mw=20.0)]
    provinces = {"shares": {"46": {"min_pct": 100}}}
    case = make_case(places, provinces=provinces, objective={"kind": "suitability"})
    _, ranking = ranked(case)
    last = ranking.table.iloc[-1]
    assert (last["site_id"], last["proof"], last["reason"]) == ("S4", "impossible", "limits")


def test_without_time_the_ranking_is_incomplete_and_claims_nothing_wrong():
    case = random_case(PLANNED, LIMITS)
    _, ranking = ranked(case, time_limit_s=1e-9)
    assert not ranking.complete
    assert (ranking.table["proof"] == "bounded").any()
    check_figures(case, ranking)
    check_order(case, ranking)


def test_values_around_a_plan_that_is_not_proven_are_bounded_only():
    case = random_case(PLANNED, LIMITS)
    problem, solver = case.problem(), case.scenario.solver
    best = solve(problem, solver)
    loose = type(best)(**vars(best) | {"status": "feasible", "bound": best.objective - 5})
    ranking = rank(problem, loose, Settings(), solver)
    assert not (ranking.table["proof"] == "exact").any()
    assert (ranking.table["upper_bn_krw"] >= ranking.table["lower_bn_krw"]).all()
    check_figures(case, ranking)


def test_more_cores_change_no_figure():
    case = random_case(2, ("stations", "spacing"), sites_max=6)
    one, two = (
        ranked(with_solver(case, threads=threads), exact_others=3)[1].table for threads in (1, 2)
    )
    assert one.to_csv() == two.to_csv()


def test_progress_counts_up_to_all_that_was_asked_for():
    case = make_case(FOUR)
    problem, solver = case.problem(), case.scenario.solver
    seen = []
    rank(
        problem,
        solve(problem, solver),
        Settings(exact_others=2),
        solver,
        progress=lambda done, wanted: seen.append((done, wanted)),
    )
    assert seen[-1] == (3, 3)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
