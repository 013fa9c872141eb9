"""The pool of plans: judged in all variants, with the robust ones as far as they are proven."""

from types import SimpleNamespace

import pytest

from siteopt.portfolio.robust.variant_program import VariantProgram
from siteopt.scenario_sets import plan_pool
from siteopt.scenario_sets.plan_pool import LEAST_EXPECTED_COST, MINIMAX_REGRET, judge_plans
from tests.portfolio.instances import Link, Place, make_case
from tests.portfolio.robust.variants import EXACT, programs_of


def places(*fixed):
    return [
        Place(x_km=9.0 * number, land_mw=40.0, links=(Link(station=f"N{number}", fixed=cost),))
        for number, cost in enumerate(fixed)
    ]


@pytest.fixture
def judged(monkeypatch):
    """Return a function that judges the plans of some programs."""

    def of(programs):
        by_name = {one.name: one for one in programs}
        monkeypatch.setattr(plan_pool, "_program", lambda one, _: by_name[one.variant.id])
        scenario = SimpleNamespace(solver=EXACT)
        variants = [
            SimpleNamespace(variant=SimpleNamespace(id=name), scenario=scenario) for name in by_name
        ]
        return judge_plans(variants, None)

    return of


def test_a_plan_between_two_futures_is_found_though_no_variant_has_it(judged):
    """Each variant has a cheap site of its own; the third is never best and never far off."""
    cases = [make_case(places(0.0, 100.0, 30.0)), make_case(places(100.0, 0.0, 30.0))]
    pool = judged(programs_of(cases))
    table = {one.name: one for one in pool.plans}
    assert table["v0"].regrets_bn_krw == pytest.approx({"v0": 0.0, "v1": 100.0})
    assert table["v0"].worst == "v1"
    for name in (LEAST_EXPECTED_COST, MINIMAX_REGRET):
        assert set(table[name].steps["site_id"]) == {"S2"}
        assert table[name].max_regret_bn_krw == pytest.approx(30.0)
        assert table[name].stations == {"S2": "N2"}
        assert pool.proofs[name]["status"] == "optimal"
        assert pool.proofs[name]["variants"] == ["v0", "v1"]
    assert pool.left_out == {}


def test_the_best_of_the_pool_is_taken_where_a_variant_cannot_be_stated(judged):
    large = {"it_min_mw": 40, "it_max_mw": 80, "block_mw": 40}
    cases = [
        make_case(places(0.0, 100.0, 30.0)),
        make_case(places(100.0, 0.0, 30.0)),
        make_case(places(90.0, 80.0, 30.0), build=large),
    ]
    pool = judged(programs_of(cases))
    assert pool.left_out == {"v2": "its blocks differ in size"}
    assert {proof["status"] for proof in pool.proofs.values()} == {"pool"}
    best = next(one for one in pool.plans if one.name == MINIMAX_REGRET)
    assert best.max_regret_bn_krw == min(one.max_regret_bn_krw for one in pool.plans)
    assert best.max_regret_bn_krw == pytest.approx(30.0)


def test_no_common_plan_is_said(judged):
    only = [{"must_not": ["S1", "S2"]}, {"must_not": ["S0", "S2"]}]
    pool = judged(programs_of([make_case(places(1.0, 2.0, 3.0), sites=rules) for rules in only]))
    assert {proof["status"] for proof in pool.proofs.values()} == {"none"}
    assert pool.proofs[MINIMAX_REGRET]["note"] == "no plan meets the limits of all variants"
    assert [one.name for one in pool.plans] == ["v0", "v1"]
    assert set(pool.plans[0].broken) == {"v1"}
    assert pool.plans[0].max_regret_bn_krw == float("inf")


def test_a_plan_that_was_stopped_is_not_the_measure_of_regret(judged):
    """The second variant's own plan is dear; the first's plan is better there too."""
    case = make_case(places(0.0, 100.0, 30.0))
    one, two = programs_of([case, case])
    dear = programs_of([make_case(places(0.0, 100.0, 30.0), sites={"must_not": ["S0"]})])[0]
    stopped = VariantProgram(
        two.name, two.problem, None, dear.steps, dear.least_bn_krw, two.probability
    )
    pool = judged([one, stopped])
    table = {plan.name: plan for plan in pool.plans}
    assert table["v1"].regrets_bn_krw["v1"] == pytest.approx(30.0)
    assert table["v0"].max_regret_bn_krw == pytest.approx(0.0)


def test_one_variant_alone_has_no_robust_plans(judged):
    pool = judged(programs_of([make_case(places(0.0, 100.0, 30.0))]))
    assert [one.name for one in pool.plans] == ["v0"]
    assert pool.proofs == {}
