"""``siteopt hubs``: which scenarios run, with which worth, and the files of the table."""

import pandas as pd
import pytest

from siteopt.comparison import hubs
from siteopt.errors import ScenarioError
from tests.comparison.test_side_by_side import HUB, SITES


@pytest.fixture
def asked(monkeypatch):
    """Return the scenarios that were run; the runs are written by hand."""
    seen = []

    def run(scenario, folder, **options):
        seen.append((scenario, folder, options))
        return {"sites-2035": SITES, "hub-2035": HUB}.get(scenario.name, HUB)

    def match(run, scenario, energy):
        assert scenario in [one for one, _, _ in seen]
        assert energy.matching == "hourly"
        return {"hourly_krw_kwh": float(len(run.portfolio["sites"]))}

    monkeypatch.setattr(hubs, "run", run)
    monkeypatch.setattr(hubs, "match_plan", match)
    monkeypatch.setattr(hubs, "room_after_outage", lambda *_: {"largest_n1_mw": 9.0})
    return seen


def test_runs_side_by_side_with_their_files(asked, tmp_path):
    told = []
    names = ["sites-2035", "hub-2035"]
    table = hubs.compare_hubs(tmp_path / "out", names, match=False, tell=told.append)
    assert [scenario.name for scenario, _, _ in asked] == names
    assert [folder.name for _, folder, _ in asked] == names
    assert {options["cache"] for _, _, options in asked} == {tmp_path / "out" / ".siteopt-cache"}
    assert told == ["sites-2035: 1 of 2", "hub-2035: 2 of 2"]
    written = pd.read_csv(tmp_path / "out" / "side_by_side.csv")
    assert written["objective_bn_krw"].tolist() == table["objective_bn_krw"].tolist()
    assert "Full power" in (tmp_path / "out" / "side_by_side.md").read_text(encoding="utf-8")
    assert "전체 전력" in (tmp_path / "out" / "side_by_side.ko.md").read_text(encoding="utf-8")


def test_the_worth_of_earlier_power_can_be_set_for_all(asked, tmp_path):
    hubs.compare_hubs(
        tmp_path, ["sites-2035", "hub-2035"], match=False, early_worth_bn_krw_per_mw_year=1.5
    )
    assert {one.target.early_worth_bn_krw_per_mw_year for one, _, _ in asked} == {1.5}


@pytest.mark.usefixtures("asked")
def test_the_ready_three_are_matched_with_clean_energy(tmp_path, monkeypatch):
    monkeypatch.setattr(hubs, "side_by_side", lambda *given: pd.DataFrame([given[1]]))
    monkeypatch.setattr(hubs, "markdown", lambda *_: "")
    table = hubs.compare_hubs(tmp_path)
    assert list(table.columns) == list(hubs.HUB_SCENARIOS)
    assert table["hub-2035"].iloc[0] == {"hourly_krw_kwh": 1.0, "largest_n1_mw": 9.0}


@pytest.mark.usefixtures("asked")
def test_a_scenario_twice_is_refused(tmp_path):
    with pytest.raises(ScenarioError, match="hub-2035 is given twice"):
        hubs.compare_hubs(tmp_path, ["hub-2035", "hub-2035"], match=False)
