"""The textbook model and the package answer alike, by either solver."""

import pytest

from benchmarks.cases import CASES, yearly_target_mw
from benchmarks.peers import _cbc_bound, solve_case
from benchmarks.program import disagreements

ONE_YEAR = [name for name, case in CASES.items() if case.candidates == 100 and case.years == 1]
# The plain model of these takes HiGHS 3 to 10 s; one of several years is in `make test`.
LONG = {"base-100-3y-fixed", "whole-100-3y-fixed"}
YEARS = [
    pytest.param(name, marks=pytest.mark.slow) if name in LONG else name
    for name, case in CASES.items()
    if case.candidates == 100 and case.years > 1 and not case.seed
]

STOPPED = """
Version: 2.10.3
Continuous objective value is 10.5 - 0.01 seconds
Result - Stopped on time limit

Objective value:                12.50000000
Lower bound:                    11.250
Gap:                            0.11
Total time (CPU seconds):       3.00   (Wallclock seconds):       2.00
"""


@pytest.mark.parametrize("name", ONE_YEAR)
def test_the_plain_model_has_the_same_best_plan_as_the_package(name):
    records = [solve_case(peer, CASES[name], 60.0) for peer in ("highs", "ours")]
    assert [record["status"] for record in records] == ["optimal", "optimal"]
    assert disagreements(records) == []
    plain, ours = records
    # Gap of the case on both sides: no more can be said of two plans than that.
    assert plain["objective"] == pytest.approx(ours["objective"], rel=2 * CASES[name].gap)


@pytest.mark.parametrize("name", ["hard-100-1y", "whole-100-1y-s1"])
def test_cbc_agrees_and_tells_its_bound(name):
    records = [solve_case(peer, CASES[name], 60.0) for peer in ("cbc", "ours")]
    assert disagreements(records) == []
    cbc = records[0]
    assert cbc["status"] == "optimal"
    assert 0 <= cbc["objective"] - cbc["bound"] <= 1.01 * CASES[name].gap * cbc["objective"]


@pytest.mark.parametrize("name", YEARS)
def test_several_years_agree_too(name):
    # On a busy machine HiGHS has no plan of the plain model after 3 s, and nothing to agree with.
    records = [
        solve_case(peer, CASES[name], seconds) for peer, seconds in (("highs", 10.0), ("ours", 5.0))
    ]
    assert disagreements(records) == []
    assert all(record["objective"] is not None for record in records)


@pytest.mark.slow
def test_a_plan_that_grows_costs_no_more_than_one_that_does_not():
    grows = solve_case("highs", CASES["whole-100-3y"], 60.0)
    fixed = solve_case("highs", CASES["whole-100-3y-fixed"], 2.0)
    assert grows["objective"] < fixed["bound"]
    assert len(yearly_target_mw(CASES["whole-100-3y"])) == 3


@pytest.mark.parametrize("peer", ["highs", "ours"])
def test_seconds_of_the_parts_are_told(peer):
    record = solve_case(peer, CASES["hard-100-1y"], 60.0)
    assert record["build_s"] > 0
    assert record["handover_s"] > 0
    assert record["solve_s"] > 0
    if record["parts_s"]:
        parts = ("build_s", "handover_s", "solve_s")
        assert sum(record["parts_s"].values()) == pytest.approx(sum(record[p] for p in parts))


@pytest.mark.parametrize(
    ("told", "objective", "optimal", "bound"),
    [
        (STOPPED, 12.5, False, 11.25),
        ("Result - Optimal solution found\n", 12.5, True, 12.5 * 0.99),
        ("Continuous objective value is 10.5 - 0.01 seconds\n", None, False, 10.5),
        ("Presolve\n", None, False, None),
    ],
)
def test_the_bound_of_cbc_is_read_from_its_log(told, objective, optimal, bound):
    read = _cbc_bound(told, objective, 0.01, optimal=optimal)
    assert read == pytest.approx(bound)
