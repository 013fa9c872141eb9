"""Other plans close to the best cost, against the listing of all plans."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import InfeasibleError
from siteopt.portfolio import rank, solve
from siteopt.portfolio.postoptimal.alternatives import alternatives, ceiling
from siteopt.portfolio.postoptimal.presence import level_column, levels
from siteopt.scenario import Alternatives as Settings
from siteopt.scenario import Ranking
from tests.portfolio.instances import Link, Place, examples, make_case
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import LIMITS, cases, random_case
from tests.portfolio.random_years import year_cases

LEVELS = [5.0, 20.0, 50.0]


def solved(case):
    """Return the problem and its best plan, None where there is none."""
    problem = case.problem()
    try:
        return problem, solve(problem, case.scenario.solver)
    except InfeasibleError:
        return problem, None


def asked(**changes):
    usual = {
        "within_pct": LEVELS,
        "plans": 2,
        "time_limit_s": 60,
        "gap": 0.0,
        "distinct_by": "site",
    }
    return Settings(**usual | changes)


def check_alternatives(case):
    """Check that no plan of the listing differs more, and none that differs as much is cheaper.

    Return how many plans were looked at.
    """
    problem, plan = solved(case)
    if plan is None:
        return 0
    found = alternatives(problem, plan, asked(), case.scenario.solver)
    listing = all_plans(case)
    names = list(case.sites["site_id"])
    order = [names.index(name) for name in problem.site_id]
    has = (listing.it_mw[order] > 0) & listing.good
    counts = {}
    for one in found.found:
        before = counts.setdefault(one.within_pct, [chosen(problem, plan)])
        within = listing.good & (listing.worth <= ceiling(plan, one.within_pct) + 1e-6)
        shared = sum(before) @ has
        assert one.proven
        assert one.shared_all == shared[within].min()
        assert one.plan.objective <= ceiling(plan, one.within_pct) + 1e-6
        cheapest = listing.worth[within & (shared <= one.shared_all)].min()
        assert one.plan.objective == pytest.approx(cheapest, abs=1e-4)
        mine = chosen(problem, one.plan)
        assert one.shared_all == sum(before) @ mine
        assert one.shared == before[0] @ mine
        before.append(mine)
    for pct in LEVELS:
        if pct not in counts:  # every plan within the level has the sites of the best one
            within = listing.good & (listing.worth <= ceiling(plan, pct) - 1e-6)
            assert (has[:, within][chosen(problem, plan) > 0]).all()
    return len(found.found)


@pytest.mark.parametrize("by", ["place", "district", "station"])
def test_alternatives_have_fewest_sites_at_the_places_of_those_before(by):
    seen = []

    @examples(8, fewest=8)
    @given(case=cases(("stations",)), number=st.integers(1, 4))
    def holds(case, number):
        problem, plan = solved(case)
        if plan is None:
            return
        names = list(case.sites["site_id"])
        districts = {name: f"D{place % number}" for place, name in enumerate(names)}
        station = dict(zip(case.options["option_id"], case.options["station_id"], strict=True))
        listing = all_plans(case)

        def marks(options):
            """Return site, district and station of the sites of a plan."""
            built = ((site, option) for site, option in options if option)
            return [(site, districts[site], station[option]) for site, option in built]

        def of_plan(one):
            return marks(one.table(problem)[["site_id", "option_id"]].to_numpy().tolist())

        wanted = asked(distinct_by=by, within_pct=[20.0, 50.0])
        found = alternatives(problem, plan, wanted, case.scenario.solver, districts=districts)
        before = {}
        for one in found.found:
            known = before.setdefault(one.within_pct, [of_plan(plan)])
            mine, best = of_plan(one.plan), of_plan(plan)
            within = listing.good & (listing.worth <= ceiling(plan, one.within_pct) + 1e-6)
            others = [
                marks(zip(names, column, strict=True)) for column in listing.option[:, within].T
            ]
            assert one.proven
            assert one.shared_all == shared_by(by, mine, known)
            assert one.shared_all == min(shared_by(by, other, known) for other in others)
            assert one.shared == len({site for site, *_ in mine} & {site for site, *_ in best})
            assert one.shared_districts == shared_by("district", mine, [best])
            assert one.shared_stations == sum(m[2] in {b[2] for b in best} for m in mine)
            known.append(mine)
        seen.append(len(found.found))

    holds()
    assert max(seen) > 0


def shared_by(by, mine, before):
    """Return how many sites of a plan are where plans before have one, counted by hand."""

    def same(one, other):
        site, district, station = (a == b for a, b in zip(one, other, strict=True))
        alike = {"district": district, "station": station or site, "place": district or station}
        return alike[by]

    return sum(any(same(one, other) for other in old) for one in mine for old in before)


def test_a_site_a_kilometre_away_is_none_that_is_new_unless_sites_alone_count():
    # Two sites of one district at one station, a kilometre apart; another district is dearer.
    places = [
        Place(x_km=0.0, land_mw=40.0, links=(Link(station="N1", fixed=10.0, per_mw=1.0),)),
        Place(x_km=1.0, land_mw=40.0, links=(Link(station="N1", fixed=10.1, per_mw=1.0),)),
        Place(x_km=50.0, land_mw=40.0, links=(Link(station="N2", fixed=12.0, per_mw=1.0),)),
    ]
    case = make_case(places)
    problem, plan = solved(case)
    districts = {"S0": "A", "S1": "A", "S2": "B"}
    offered = {}
    for by in ("site", "station", "district", "place"):
        wanted = asked(distinct_by=by, within_pct=[50.0], plans=1)
        found = alternatives(problem, plan, wanted, case.scenario.solver, districts=districts)
        table, sites = found.table().iloc[0], found.sites().iloc[0]
        offered[by] = sites["site_id"]
        assert table["nearest_km"] == pytest.approx({"S1": 1.0, "S2": 50.0}[sites["site_id"]])
        assert table["nearest_km"] == sites["nearest_km"] == table["nearest_median_km"]
        near = sites["site_id"] == "S1"
        assert [table["shared"], table["shared_stations"], table["shared_districts"]] == [
            0,
            near,
            near,
        ]
        flags = sites[["in_best", "station_in_best", "district_in_best"]].tolist()
        assert flags == [False, near, near]
        assert table["distinct_by"] == by
    assert offered == {"site": "S1", "station": "S2", "district": "S2", "place": "S2"}


def chosen(problem, plan):
    has = np.zeros(problem.sites, dtype=np.int64)
    has[plan.chosen(problem)] = 1
    return has


@pytest.mark.parametrize(
    "limits", [(), ("stations", "spacing", "budget")], ids=["target", "some limits"]
)
def test_alternatives_differ_most_of_all_plans_within_the_level(limits):
    seen = []

    @examples(12)
    @given(case=cases(limits))
    def holds(case):
        seen.append(check_alternatives(case))

    holds()
    assert max(seen) > 0


@pytest.mark.parametrize("seed", [17, 30])
def test_alternatives_within_all_limits_differ_most(seed):
    # Few cases with all limits have a plan, and fewer a second one; these were looked for.
    assert check_alternatives(random_case(seed, LIMITS)) > 0


def test_alternatives_of_a_plan_over_years_differ_most():
    seen = []

    @examples(8, fewest=8)
    @given(case=year_cases(("stations", "budget"), small=True))
    def holds(case):
        seen.append(check_alternatives(case))

    holds()
    assert max(seen) > 0


def test_a_plan_met_before_is_not_offered_where_a_cheaper_one_shares_as_few():
    # The plan of a smaller level shares as few sites with all before it as the best plan does.
    assert check_alternatives(random_case(52718)) > 0


FOUR = [
    Place(land_mw=40.0, links=(Link(fixed=fixed, per_mw=1.0),))
    for fixed in (60.0, 60.5, 70.0, 90.0)
]


def test_each_plan_differs_from_all_before_it_and_a_level_ends_where_none_is_left():
    problem, plan = solved(make_case(FOUR))
    table = alternatives(problem, plan, asked(within_pct=[1, 20], plans=5), plan_solver()).table()
    assert table["within_pct"].tolist() == [1, 20, 20]
    assert table["cost_bn_krw"].tolist() == [100.5, 100.5, 110]
    assert table["extra_bn_krw"].tolist() == [0.5, 0.5, 10]
    assert (table["shared_all"] == 0).all()
    assert (table["proof"] == "proven").all()


def plan_solver():
    return make_case(FOUR).scenario.solver


def test_the_sites_of_each_alternative_say_whether_the_best_plan_has_them():
    problem, plan = solved(make_case(FOUR, target_mw=80.0))
    found = alternatives(problem, plan, asked(within_pct=[10], plans=1), plan_solver())
    sites = found.sites()
    assert dict(zip(sites["site_id"], sites["in_best"], strict=True)) == {"S0": True, "S2": False}
    assert (sites["it_mw"] == 40).all()


def test_without_time_nothing_is_claimed():
    problem, plan = solved(make_case(FOUR))
    none = alternatives(problem, plan, asked(time_limit_s=1e-9), plan_solver())
    assert not none.found
    known = np.array([0, 0, 2, 0])
    some = alternatives(problem, plan, asked(time_limit_s=1e-9), plan_solver(), known=[known])
    assert some.table()["proof"].tolist() == ["proven"] * 2  # none is shared: no plan shares less


def test_no_level_asks_for_nothing():
    problem, plan = solved(make_case(FOUR))
    assert alternatives(problem, plan, asked(within_pct=[]), plan_solver()).table().empty


def true_level(listing, place, highest):
    within = listing.good & (listing.worth <= highest)
    has = listing.it_mw[place] > 0
    if not has[within].any():
        return "none"
    return "must" if has[within].all() else "some"


@pytest.mark.parametrize("limits", [("spacing",), LIMITS], ids="+".join)
def test_levels_say_what_the_listing_says(limits):
    seen = set()

    @examples(8, fewest=8)
    @given(case=cases(limits))
    def holds(case):
        problem, plan = solved(case)
        if plan is None:
            return
        ranking = rank(problem, plan, Ranking(), case.scenario.solver)
        table = levels(problem, plan, ranking.table, ranking.plans, LEVELS)
        listing, names = all_plans(case), list(case.sites["site_id"])
        for pct in LEVELS:
            for name, said in zip(table["site_id"], table[level_column(pct)], strict=True):
                seen.add(said)
                highest = ceiling(plan, pct)
                if np.any(np.abs(listing.worth[listing.good] - highest) < 1e-4):
                    continue
                assert said in {true_level(listing, names.index(name), highest), "open"}

    holds()
    # With all limits at once hardly a site is in some plans only.
    assert ({"must", "none"} if limits == LIMITS else {"must", "some", "none"}) <= seen


def test_levels_of_plans_over_years_hold_without_exact_ranks():
    @examples(6)
    @given(case=year_cases(("stations", "spacing"), small=True))
    def holds(case):
        problem, plan = solved(case)
        if plan is None:
            return
        ranking = rank(problem, plan, Ranking(exact_others=0), case.scenario.solver)
        table = levels(problem, plan, ranking.table, [], LEVELS)
        listing, names = all_plans(case), list(case.sites["site_id"])
        for pct in LEVELS:
            for name, said in zip(table["site_id"], table[level_column(pct)], strict=True):
                highest = ceiling(plan, pct)
                if np.all(np.abs(listing.worth[listing.good] - highest) > 1e-4):
                    assert said in {true_level(listing, names.index(name), highest), "open"}

    holds()


def test_a_level_has_a_column_that_a_table_can_carry():
    assert level_column(2.0) == "within_2_pct"
    assert level_column(0.5) == "within_0_5_pct"
