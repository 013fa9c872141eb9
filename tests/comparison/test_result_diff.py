"""Two answers side by side: only what the proofs settle is called a change."""

import copy

import pandas as pd
import pytest

from siteopt import compare_runs


def test_the_same_answer_is_said_to_be_no_change(first, tmp_path, changed, run_at):
    record, _ = changed
    same = compare_runs(first, run_at(tmp_path / "again", record | {"timings_s": {"layers": 9.0}}))
    assert same.is_same
    assert same.text() == "small (first) -> small (again): no change in the answer\n" + "\n".join(
        f"  {run}: flow 1 peak: L001: 90.0 (binds)" for run in ("before", "after")
    )
    assert "**No change in the answer**" in same.markdown()


def test_inputs_are_named_by_key_and_hash(first, tmp_path, changed, run_at):
    record, plan = changed
    record["scenario"]["name"] = "free"
    record["scenario"]["title"]["en"] = "free"
    record["scenario"]["grid"]["flow_limits"] = False
    record["scenario"]["grid"]["snapshots"].append({"id": "night"})
    record["inputs"][1]["sha256"] = "c" * 64
    record["versions"]["highspy"] = "1.15"
    found = compare_runs(first, run_at(tmp_path / "b", record, plan)).inputs
    assert found.to_dict("list") == {
        "kind": ["scenario", "scenario", "layer", "version"],
        "input": ["grid.flow_limits", "grid.snapshots.night.id", "slope", "highspy"],
        "before": ["True", "not there", "b" * 12, "not there"],
        "after": ["False", "night", "c" * 12, "1.15"],
    }


def test_a_difference_within_the_proofs_is_no_change(first, tmp_path, changed, run_at):
    record, plan = changed
    plan["objective_bn_krw"] = 100.05  # its bound of 99.9 lies below the other plan's 100
    found = compare_runs(first, run_at(tmp_path / "b", record, plan))
    assert found.figures["sure"].tolist() == [False]
    assert found.is_same
    assert "(not told apart by the proofs)" in found.text()


@pytest.mark.parametrize(("objective", "bound"), [(101.0, 100.5), (99.0, 98.0)])
def test_costs_that_the_proofs_tell_apart_are_a_change(
    first, tmp_path, changed, run_at, objective, bound
):
    record, plan = changed
    plan |= {"objective_bn_krw": objective, "bound_bn_krw": bound}
    found = compare_runs(first, run_at(tmp_path / "b", record, plan))
    assert found.figures["sure"].tolist() == [True]
    assert not found.is_same


def test_sites_that_enter_leave_or_change_are_told_apart(first, tmp_path, changed, run_at):
    record, plan = changed
    sites = plan["sites"]
    sites[0]["it_mw"] = 120.0
    sites[1]["site_id"] = "C"
    other = compare_runs(first, run_at(tmp_path / "b", record, plan)).sites
    assert list(zip(other["site_id"], other["change"], strict=True)) == [
        ("C", "entered"), ("B", "left"), ("A", "resized"),
    ]  # fmt: skip
    assert other["it_mw_before"].tolist() == [0.0, 60.0, 100.0]
    assert other["it_mw_after"].tolist() == [60.0, 0.0, 120.0]


def test_another_connection_of_the_same_size_is_a_change(first, tmp_path, changed, run_at):
    record, plan = changed
    plan["sites"][1]["option_id"] = "B@2-345"
    plan |= {"objective_bn_krw": 101.0, "bound_bn_krw": 100.5}
    found = compare_runs(first, run_at(tmp_path / "b", record, plan))
    assert found.sites["change"].tolist() == ["reconnected"]
    assert found.sites["sure"].tolist() == [True]
    assert "now B@2-345" in found.text()


def test_a_size_that_changes_at_the_same_cost_is_not_told_apart(first, tmp_path, changed, run_at):
    record, plan = changed
    plan["sites"][0]["it_mw"] = 120.0
    found = compare_runs(first, run_at(tmp_path / "b", record, plan))
    assert found.sites["sure"].tolist() == [False]
    assert found.is_same
    assert "(not told apart)" in found.markdown()


@pytest.mark.parametrize(
    ("worth", "sure"),
    [
        ((5.0, 5.0), True),
        ((0.05, 5.0), False),  # forcing C into the first plan costs less than its proof leaves
        ((5.0, 0.05), False),  # the second plan is as good without C
        ((None, 5.0), True),  # C could not be built before
    ],
)
def test_a_site_that_changes_inside_a_tie_is_not_told_apart(tmp_path, changed, run_at, worth, sure):
    record, plan = changed
    tables = [
        pd.DataFrame(
            {"site_id": ["A", "B", "C"], "rank": [1, 2, 3], "proof": "bounded",
             "lower_bn_krw": [9.0, 9.0, least]}
        )
        for least in worth
    ]  # fmt: skip
    before = run_at(tmp_path / "a", ranking=tables[0])
    plan["sites"].append(copy.deepcopy(plan["sites"][0]) | {"site_id": "C"})
    plan |= {"objective_bn_krw": 101.0, "bound_bn_krw": 100.9}
    found = compare_runs(before, run_at(tmp_path / "b", record, plan, tables[1]))
    assert found.sites["change"].tolist() == ["entered"]
    assert found.sites["sure"].tolist() == [sure]


def test_only_ranks_that_are_exact_in_both_move(first, tmp_path, changed, run_at):
    record, plan = changed
    moved = [("A", 2, "exact"), ("B", 1, "exact"), ("C", 4, "bounded"), ("D", 3, "exact")]
    found = compare_runs(first, run_at(tmp_path / "b", record, plan, moved)).ranks
    assert found[["site_id", "rank_before", "rank_after"]].to_dict("list") == {
        "site_id": ["B", "A"], "rank_before": [2, 1], "rank_after": [1, 2],
    }  # fmt: skip


@pytest.mark.parametrize(("tied", "moved"), [(1, True), (2, True), (3, False)])
def test_a_shared_rank_stands_for_all_places_of_the_tie(tmp_path, run_at, tied, moved):
    tables = [
        pd.DataFrame({"site_id": ["A"], "rank": [rank], "tied": [shared], "proof": "exact"})
        for rank, shared in ((1, tied), (3, 1))
    ]
    runs = [run_at(tmp_path / str(at), ranking=table) for at, table in enumerate(tables)]
    assert (len(compare_runs(*runs).ranks) == 1) is moved


def test_years_are_compared_where_plans_have_them(tmp_path, changed, run_at):
    record, plan = changed
    for site in plan["sites"]:
        site["open_year"] = 2030
    before = run_at(tmp_path / "a", record, copy.deepcopy(plan))
    plan["sites"][0]["open_year"] = 2032
    plan |= {"objective_bn_krw": 103.0, "bound_bn_krw": 103.0}
    found = compare_runs(before, run_at(tmp_path / "b", record, plan))
    assert found.sites["change"].tolist() == ["rescheduled"]
    assert found.opening.to_dict("records") == [
        {"year": 2030, "sites_before": 2, "sites_after": 1, "it_mw_before": 160.0, "it_mw_after": 60.0},
        {"year": 2032, "sites_before": 0, "sites_after": 1, "it_mw_before": 0.0, "it_mw_after": 100.0},
    ]  # fmt: skip
    assert "2030 → 2032" in found.markdown()
    assert "opening in 2032: 0 -> 100 MW IT at 0 -> 1 sites" in found.text()


def test_markup_in_a_name_stays_text(tmp_path, first, changed, run_at):
    record, plan = changed
    plan["sites"][0] |= {"site_id": "X", "name_ko": "<img>", "name_en": "a|b @someone [x](y)"}
    told = compare_runs(first, run_at(tmp_path / "b", record, plan)).markdown()
    assert "&#60;img&#62; / a\\|b &#64;<!-- -->someone \\[x\\](y)" in told
