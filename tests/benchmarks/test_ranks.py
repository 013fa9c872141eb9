"""Figures of the ranking are those of solving anew."""

import pytest

from benchmarks import ranks
from benchmarks.cases import CASES
from benchmarks.ranks import WAYS, Ask, differences, rank_ours


@pytest.fixture(scope="module")
def ours():
    return rank_ours(CASES["hard-100-1y"], 60.0, 6)


def test_the_rate_counts_exact_figures(ours):
    assert ours["status"] == "complete"
    assert ours["sites_per_s"] == pytest.approx(ours["exact"] / ours["rank_s"])
    assert ours["chosen"] <= ours["exact"] <= 100


def test_the_sample_has_chosen_sites_and_others(ours):
    inside = [item["inside"] for item in ours["sample"]]
    assert inside.count(True) == inside.count(False) == 3
    assert all(item["cost"] >= ours["objective"] - 1e-6 for item in ours["sample"])


@pytest.mark.parametrize("way", WAYS)
def test_solving_anew_gives_the_same_figures(ours, way):
    asks = [Ask(item["site_id"], item["inside"]) for item in ours["sample"]]
    found = WAYS[way](CASES["hard-100-1y"], asks, 60.0)
    record = {"case": "hard-100-1y", "ours": ours, way: found}
    assert differences(record) == []
    for item, answer in zip(ours["sample"], found["answers"], strict=True):
        assert answer["objective"] == pytest.approx(item["cost"], rel=1e-6)


def test_a_ranking_that_failed_is_told():
    found = differences({"case": "made", "ours": {"status": "failed"}})
    assert found == ["made: the ranking ended by an error"]


@pytest.mark.parametrize(
    ("answer", "faults"),
    [
        ({"objective": 100.0, "bound": 100.0}, 0),
        ({"objective": 105.0, "bound": 95.0}, 0),  # stopped before it was done
        ({"objective": None, "bound": None}, 0),
        ({"objective": 99.0, "bound": 98.0}, 1),
        ({"objective": 103.0, "bound": 101.0}, 1),
    ],
)
def test_a_figure_that_a_peer_contradicts_is_told(answer, faults):
    item = {"site_id": "S1", "inside": True, "cost": 100.0}
    record = {"case": "made", "ours": {"sample": [item]}, "naive": {"answers": [answer]}}
    found = differences(record)
    assert len(found) == faults
    assert all("S1" in fault and ranks.TITLES["naive"] in fault for fault in found)
