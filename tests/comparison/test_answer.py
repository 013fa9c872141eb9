"""Two runs side by side: only what the proofs settle is called a change."""

import copy
import json

import pandas as pd
import pytest

from siteopt import compare_runs, open_run
from siteopt.cli import compare_command

RECORD = {
    "scenario": {
        "name": "small", "title": {"ko": "작은", "en": "small"},
        "grid": {"flow_limits": True, "snapshots": [{"id": "peak"}]}, "spacing_km": 20.0,
    },
    "status": "optimal",
    "sites": 3,
    "eligible_km2": 100.0,
    "inputs": [{"id": "stations", "sha256": "a" * 64}, {"id": "slope", "sha256": "b" * 64}],
    "versions": {"siteopt": "0.1.0"},
    "timings_s": {"layers": 1.0},
}  # fmt: skip
PLAN = {
    "objective_bn_krw": 100.0,
    "bound_bn_krw": 99.9,
    "sites": [
        {"site_id": "A", "name_ko": "가", "name_en": "Ga", "it_mw": 100.0, "option_id": "A@1-154"},
        {"site_id": "B", "name_ko": "나", "name_en": "Na", "it_mw": 60.0, "option_id": "B@1-154"},
    ],
    "limits": [
        {"family": "flows", "limit": "flow 1 peak: L001", "used": 90.0, "at_most": 90.0, "binds": True},
        {"family": "target", "limit": "target", "used": 160.0, "at_most": None, "binds": True},
    ],
}  # fmt: skip
RANKING = [("A", 1, "exact"), ("B", 2, "exact"), ("C", 3, "exact"), ("D", 4, "bounded")]


def run_at(folder, record=RECORD, plan=PLAN, ranking=RANKING):
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (folder / "portfolio.json").write_text(json.dumps(plan), encoding="utf-8")
    table = pd.DataFrame(ranking, columns=["site_id", "rank", "proof"])
    table.to_csv(folder / "ranking.csv", index=False)
    for name in ("map.html", "sites.gpkg", "eligibility.tif"):
        (folder / name).touch()  # a run is opened only where it is whole
    return open_run(folder)


@pytest.fixture
def first(tmp_path):
    return run_at(tmp_path / "first")


@pytest.fixture
def changed():
    return copy.deepcopy(RECORD), copy.deepcopy(PLAN)


def test_the_same_answer_is_said_to_be_no_change(first, tmp_path):
    record = copy.deepcopy(RECORD) | {"timings_s": {"layers": 9.0}}
    same = compare_runs(first, run_at(tmp_path / "again", record))
    assert same.is_same
    assert same.text() == "small (first) -> small (again): no change in the answer\n" + "\n".join(
        f"  {run}: flow 1 peak: L001: 90.0 (binds)" for run in ("before", "after")
    )
    assert "no change in the answer" in same.markdown()


def test_inputs_are_named_by_key_and_hash(first, tmp_path, changed):
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


def test_a_difference_within_the_proofs_is_no_change(first, tmp_path, changed):
    record, plan = changed
    plan["objective_bn_krw"] = 100.05  # its bound of 99.9 lies below the other plan's 100
    found = compare_runs(first, run_at(tmp_path / "b", record, plan))
    assert found.figures["sure"].tolist() == [False]
    assert found.is_same
    assert "(not told apart by the proofs)" in found.text()


@pytest.mark.parametrize(("objective", "bound"), [(101.0, 100.5), (99.0, 98.0)])
def test_costs_that_the_proofs_tell_apart_are_a_change(first, tmp_path, changed, objective, bound):
    record, plan = changed
    plan |= {"objective_bn_krw": objective, "bound_bn_krw": bound}
    found = compare_runs(first, run_at(tmp_path / "b", record, plan))
    assert found.figures["sure"].tolist() == [True]
    assert not found.is_same


def test_sites_that_enter_leave_or_change_are_told_apart(first, tmp_path, changed):
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


def test_another_connection_of_the_same_size_is_a_change(first, tmp_path, changed):
    record, plan = changed
    plan["sites"][1]["option_id"] = "B@2-345"
    found = compare_runs(first, run_at(tmp_path / "b", record, plan))
    assert found.sites["change"].tolist() == ["reconnected"]
    assert "now B@2-345" in found.text()


def test_only_ranks_that_are_exact_in_both_move(first, tmp_path, changed):
    record, plan = changed
    moved = [("A", 2, "exact"), ("B", 1, "exact"), ("C", 4, "bounded"), ("D", 3, "exact")]
    found = compare_runs(first, run_at(tmp_path / "b", record, plan, moved)).ranks
    assert found.to_dict("list") == {
        "site_id": ["B", "A"], "rank_before": [2, 1], "rank_after": [1, 2],
    }  # fmt: skip


def test_the_command_prints_json_and_markdown(first, tmp_path, changed, capsys):
    record, plan = changed
    plan["sites"][0]["it_mw"] = 120.0
    run_at(tmp_path / "b", record, plan)
    compare_command(first.folder, tmp_path / "b", "json")
    told = json.loads(capsys.readouterr().out)
    assert told["same_answer"] is False
    assert told["sites"][0]["change"] == "resized"
    compare_command(first.folder, tmp_path / "b", "markdown")
    assert "| A | 가 | Ga | resized | 100.0 | 120.0 |" in capsys.readouterr().out
