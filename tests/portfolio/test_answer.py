"""From tables to a verified, ranked answer, the same in every run."""

from dataclasses import replace

import pytest

from siteopt.errors import InfeasibleError, SolverError
from siteopt.portfolio import Plan, PlanInputs, solve
from tests.portfolio.answers import answered
from tests.portfolio.instances import Link, Place, make_case
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import LIMITS, PLANNED, random_case

WITHOUT_GRID = tuple(limit for limit in LIMITS if limit != "flows")


def answer(case, seed=None):
    """Return the answer, the tables in another order where a seed is given."""
    described = case.described.merge(
        case.basins, left_on="basin_id", right_on="basin_id", how="left"
    ).set_index(case.described.index)
    tables = {
        "sites": case.sites,
        "described": described.drop(columns="suitability"),
        "scores": described[["suitability"]],
        "options": case.options,
        "headroom": case.headroom,
    }
    if seed is not None:
        tables = {name: table.sample(frac=1, random_state=seed) for name, table in tables.items()}
    return answered(PlanInputs(**tables, scenario=case.scenario))


def written(found):
    """Return all of an answer that is promised to be the same in every run."""
    plan = found.plan
    return "\n".join(
        [
            f"{plan.status} {plan.objective!r} {plan.bound!r} {plan.gap!r} {plan.solver}",
            plan.chosen.to_csv(),
            plan.limits.to_csv(),
            found.ranking.to_csv(),
            str(found.complete),
        ]
    ).encode()


def test_the_answer_is_the_best_plan_with_every_site_ranked():
    case = random_case(PLANNED, WITHOUT_GRID)
    found = answer(case)
    assert found.plan.status == "optimal"
    assert found.plan.objective == pytest.approx(all_plans(case).best())
    assert found.plan.gap <= 1e-6
    assert found.complete
    assert sorted(found.ranking["site_id"]) == sorted(case.sites["site_id"])
    chosen = found.ranking.loc[found.ranking["chosen"], "site_id"]
    assert sorted(chosen) == sorted(found.plan.chosen["site_id"])
    assert set(found.plan.limits["family"]) == {"target", *WITHOUT_GRID} - {"time"}


def test_chosen_sites_come_with_their_connection():
    case = make_case([Place(links=(Link("N1", 154.0), Link("N2", 345.0, fixed=0.0)))])
    (row,) = answer(case).plan.chosen.to_dict("records")
    assert (row["option_id"], row["station_id"], row["voltage_kv"]) == ("S0-1", "N2", 345.0)
    assert (row["it_mw"], row["cost_bn_krw"]) == (40, 80)


# Ties of every kind: equal sites, equal connections, equal cliques.
EQUAL = make_case(
    [Place(float(3 * number), land_mw=40.0, links=(Link(), Link())) for number in range(5)],
    target_mw=80,
    spacing_km=4,
)


@pytest.mark.parametrize(
    "case", [random_case(PLANNED, WITHOUT_GRID), EQUAL], ids=["unequal", "equal"]
)
def test_the_answer_is_the_same_to_the_byte_in_every_run_and_order_of_the_tables(case):
    first = written(answer(case))
    assert written(answer(case)) == first
    assert written(answer(case, seed=1)) == first


def test_no_plan_is_an_error_that_tells_what_would_have_to_give():
    case = make_case([Place(land_mw=40.0)] * 2, target_mw=80, basins={"B1": 330.0})
    with pytest.raises(InfeasibleError, match=r"in conflict: target.*basins grew by 70 m3 a day"):
        answer(case)


def test_no_plan_leaves_without_being_checked(monkeypatch):
    right = Plan.steps

    def wrong(self, problem):
        return right(self, problem).assign(it_mw=20.0)

    monkeypatch.setattr(Plan, "steps", wrong)  # the table is made of them
    with pytest.raises(SolverError, match="the plan has 20 MW, the target is 40 MW"):
        answer(make_case([Place()]))


def test_an_answer_around_a_plan_that_is_not_proven_is_not_complete(monkeypatch):
    def stopped(problem, settings, served):
        plan = solve(problem, settings, served)
        return replace(plan, status="feasible", bound=plan.objective - 5)

    monkeypatch.setattr("siteopt.portfolio.search.lazy_flow_limits.solve", stopped)
    found = answer(random_case(PLANNED, WITHOUT_GRID))
    assert found.plan.status == "feasible"
    assert found.plan.gap == pytest.approx(5 / found.plan.objective)
    assert not found.complete
    assert not (found.ranking["proof"] == "exact").any()
