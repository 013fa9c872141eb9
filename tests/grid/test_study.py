"""The hosting study: which case, which snapshot, and what is said beside the table."""

from __future__ import annotations

import pytest

from siteopt._data import data_folder
from siteopt.errors import LayerError, ScenarioError
from siteopt.grid import _effort, study
from siteopt.grid.study import study_hosting

COLUMNS = ["bus_id", "name_ko", "name_en", "hosting_mw", "binding_branch"]
OWN = {
    "case_buses": "bus_id,p_load_mw\n1,0\n2,LOAD\n",
    "case_branches": "branch_id,from_bus,to_bus,x_pu,rate_a_mva\na,1,2,0.1,30\nb,1,2,0.1,30\n",
    "case_generators": "generator_id,bus_id,p_max_mw\ng,1,80\n",
}
MATPOWER = """function mpc = pair
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [1 3 0 0 0 0 1 1 0 345 1 1.1 0.9; 2 1 20 0 0 0 1 1 0 345 1 1.1 0.9];
mpc.gen = [1 50 0 0 0 1 100 1 80 0];
mpc.branch = [1 2 0 0.1 0 30 0 0 0 0 1; 1 2 0 0.1 0 30 0 0 0 0 1];
"""


@pytest.fixture
def own(tmp_path):
    def inner(load=20):
        for name, text in OWN.items():
            (tmp_path / f"{name}.csv").write_text(text.replace("LOAD", str(load)))
        return tmp_path

    return inner


def test_a_case_of_ones_own_has_its_own_demand_and_no_other_snapshot(own):
    study = study_hosting(case=own())
    assert list(study.table) == COLUMNS
    assert study.table["hosting_mw"].tolist() == pytest.approx([60, 40])
    assert study.table["binding_branch"].tolist()[0] == ""
    assert study.notes == ("the demand is that of the case itself, without solar and wind",)
    with pytest.raises(
        ScenarioError, match="snapshot windy_night: unknown for this case; there are peak"
    ):
        study_hosting("windy_night", case=own())


def test_the_solved_hour_takes_no_unit_out_of_service_and_that_is_said(own):
    folder = own()
    units = "generator_id,bus_id,p_max_mw,status,in_service\ng,1,80,0,1\nh,2,90,1,0\n"
    (folder / "case_generators.csv").write_text(units)
    study = study_hosting(case=folder)
    assert study.table["hosting_mw"].tolist() == pytest.approx([60, 40])
    assert study.notes == (
        "1 of 2 units (90 MW) are out of service and do not count",
        (
            "1 units have status 0, which says that they did not run in the solved hour; they "
            "count (in_service 0 takes a unit out of service)"
        ),
        "the demand is that of the case itself, without solar and wind",
    )


def test_with_single_outages(own):
    study = study_hosting(security="n-1", case=own())
    assert study.table["hosting_mw"].tolist() == pytest.approx([60, 10])
    assert study.table["binding_branch"].iloc[1] == "a when b is out"


def test_a_matpower_file_says_the_same_as_tables(own, tmp_path):
    file = tmp_path / "pair.m"
    file.write_text(MATPOWER)
    table = study_hosting(case=file).table
    assert table["hosting_mw"].tolist() == pytest.approx([60, 40])
    assert table["bus_id"].tolist() == ["1", "2"]
    own()


def test_overloads_are_told(own):
    study = study_hosting(case=own(70))
    named = study.notes[1]
    assert named.startswith("overloaded without new load, and allowed that much: ")
    assert "a by 5.0 MW" in named
    assert "b by 5.0 MW" in named
    assert study.table["hosting_mw"].tolist() == pytest.approx([10, 0], abs=1e-2)


def test_of_many_overloads_the_largest_are_told(own, monkeypatch):
    monkeypatch.setattr(study, "_OVERLOADS", 1)
    assert study_hosting(case=own(70)).notes[1].endswith(" by 5.0 MW and 1 more")


def test_notes_are_told_before_the_buses_are_looked_at(own, monkeypatch):
    told = []

    def look(*_, **__):
        assert told
        raise LookupError

    monkeypatch.setattr(study, "hosting_capacity", look)
    with pytest.raises(LookupError):
        study_hosting(case=own(), tell=told.append)
    assert told == ["the demand is that of the case itself, without solar and wind"]


def test_outages_that_need_more_memory_than_is_free_are_refused_before_they_are_made(
    own, monkeypatch
):
    monkeypatch.setattr(_effort, "free_bytes", lambda: 200.0)
    message = r"single outages of 2 branches need about .* GB are free; ask with security none, or"
    with pytest.raises(LayerError, match=message):
        study_hosting(security="n-1", case=own())
    assert len(study_hosting(case=own()).table) == 2


def test_what_outages_of_a_large_case_take_is_told(own, monkeypatch):
    monkeypatch.setattr(_effort, "MANY_BRANCHES", 2)
    told = study_hosting(security="n-1", case=own()).notes
    assert any(
        note.startswith("single outages of 2 branches are 0.0 million limits") for note in told
    )


def test_free_memory_is_known_here():
    assert 1e7 < _effort.free_bytes() < 1e15


@pytest.mark.national
def test_a_case_with_the_embedded_buses_takes_their_snapshots():
    reference = data_folder() / "reference"
    study = study_hosting("windy_night", case=reference)
    assert study.snapshot.id == "windy_night"
    assert study.notes == ("the case has the buses of the embedded one and takes its snapshots",)
    same = study_hosting("windy_night")
    assert same.notes == ()
    assert study.table["hosting_mw"].to_numpy() == pytest.approx(
        same.table["hosting_mw"].to_numpy()
    )
    assert study.table["name_ko"].tolist() == same.table["name_ko"].tolist()
