"""RevisionInputs as switches: what differs, and a scenario that has some of it."""

import shutil
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.comparison.reruns import _mixed_data
from siteopt.comparison.revisions import RevisionInputs, _with_absolute_paths, code_hash
from siteopt.comparison.switches import (
    Switch,
    Switches,
    _by_id,
    _differences,
    find_switches,
    mixed_scenario,
)
from siteopt.layers.catalogue import file_hash, read_catalogue

KEYS = st.text(string.ascii_lowercase, min_size=1, max_size=2).filter(
    lambda key: key not in {"id", "name", "title", "layers"}
)
VALUES = st.one_of(st.integers(0, 3), st.booleans(), st.lists(st.integers(0, 2), max_size=2))
ITEMS = st.dictionaries(KEYS, VALUES, max_size=2)


@st.composite
def scenarios(draw):
    """Tables in tables, and a list of tables with ids in a fixed order."""
    tree = draw(st.dictionaries(KEYS, st.one_of(VALUES, ITEMS), max_size=4))
    ids = sorted({"p"} | draw(st.sets(st.sampled_from("qrs"))))
    return tree | {"rules": [{"id": name} | draw(ITEMS) for name in ids]}


def found_for(before, after, folder=Path("data")):
    """Return the scenario's switches alone."""
    sides = [RevisionInputs(folder, folder, scenario) for scenario in (before, after)]
    paths = _differences(_by_id(before), _by_id(after))
    switches = tuple(Switch("scenario", ".".join(path), path) for path in paths)
    return Switches(sides[0], sides[1], switches, ())


def without_empty(tree):
    """A table without keys stands for one that is not there."""
    plain = {key: without_empty(v) if isinstance(v, dict) else v for key, v in tree.items()}
    plain["rules"] = sorted(tree["rules"], key=lambda item: item["id"]) if "rules" in tree else []
    return {key: value for key, value in plain.items() if value not in ({}, {"rules": []})}


@given(scenarios(), scenarios())
def test_all_switches_make_the_second_scenario_and_none_the_first(before, after):
    found = found_for(before, after)
    assert without_empty(mixed_scenario(found, found.switches)) == without_empty(after)
    assert mixed_scenario(found, ()) == before
    assert mixed_scenario(found_for(before, before), ()) == before
    assert not found_for(before, before).switches


@given(scenarios(), scenarios())
def test_a_switch_changes_its_own_key_alone(before, after):
    found = found_for(before, after)
    for switch in found.switches:
        left = found_for(mixed_scenario(found, [switch]), after)
        assert {one.name for one in left.switches} == {
            one.name for one in found.switches if one != switch
        }


def test_items_of_a_list_go_by_their_id():
    before = {
        "screening": {
            "exclusions": [{"id": "slope", "threshold": 5}, {"id": "parks", "buffer_m": 1}]
        }
    }
    after = {
        "screening": {
            "exclusions": [{"id": "slope", "threshold": 6}, {"id": "rivers", "buffer_m": 2}]
        }
    }
    names = {switch.name for switch in found_for(before, after).switches}
    assert names == {
        "screening.exclusions.slope.threshold", "screening.exclusions.parks",
        "screening.exclusions.rivers",
    }  # fmt: skip


def sides_of(repository, tmp_path, change):
    before = tmp_path / "before"
    shutil.copytree(repository.folder, before)
    change(repository)
    scenario = {"name": "tiny", "sites_max": 1}
    return [
        RevisionInputs(top / "siteopt", top / "data", dict(scenario))
        for top in (before, repository.folder)
    ]


def test_code_layers_and_parameters_are_found_by_content(repository, tmp_path):
    def change(there):
        there.write("siteopt/__main__.py", "print()")
        path = there.folder / "data" / "parameters.csv"
        there.write("data/parameters.csv", path.read_text("utf-8").replace("cost,5", "cost,6"))
        there.write("data/stations.csv", (there.folder / "data" / "stations.csv").read_text() + "S2,이,127.1,36.0\n")  # fmt: skip

    found = find_switches(*sides_of(repository, tmp_path, change))
    assert [(one.kind, one.name) for one in found.switches] == [
        ("code", "siteopt"), ("layer", "stations"), ("parameter", "cost"),
    ]  # fmt: skip
    assert [change.layer for change in found.layers] == ["parameters", "stations"]


@pytest.mark.parametrize("part", ["cli.py", "comparison/x.py", "report/assets/a.js"])
def test_code_that_takes_no_part_in_an_answer_is_no_input(repository, part):
    package = repository.folder / "siteopt"
    first = code_hash(package)
    repository.write(f"siteopt/{part}", "x = 1")
    assert code_hash(package) == first
    repository.write("siteopt/other.py", "x = 1")
    assert code_hash(package) != first


def test_notes_and_other_writing_are_no_switch(repository, tmp_path):
    def change(there):
        path = there.folder / "data" / "parameters.csv"
        there.write("data/parameters.csv", path.read_text("utf-8").replace(",x,high", ",another source,low"))  # fmt: skip

    found = find_switches(*sides_of(repository, tmp_path, change))
    assert not found.switches
    assert [(change.layer, change.matters) for change in found.layers] == [("parameters", False)]


def test_a_mixed_data_folder_has_the_hashes_of_its_files(repository, tmp_path):
    def change(there):
        text = (there.folder / "data" / "parameters.csv").read_text("utf-8")
        there.write("data/parameters.csv", text.replace("cost,5", "cost,6").replace("other,1", "other,2"))  # fmt: skip
        there.write("data/stations.csv", "station_id,name_ko,lon,lat\nS9,구,127.0,36.0\n")

    before, after = sides_of(repository, tmp_path, change)
    found = find_switches(before, after)
    taken = frozenset(one for one in found.switches if one.name in {"cost", "stations"})
    mixed = read_catalogue(_mixed_data(before.data, after.data, taken, tmp_path / "mixed"))
    for entry in mixed:
        assert entry.sha256 == file_hash(mixed.path(entry.id))
    assert mixed["stations"].sha256 == read_catalogue(after.data)["stations"].sha256
    values = mixed.path("parameters").read_text("utf-8")
    assert "cost,6," in values
    assert "other,1," in values


def test_own_files_that_are_the_same_are_no_switch(repository, tmp_path):
    sides = sides_of(repository, tmp_path, lambda _: None)
    for side, text in zip(sides, ("a", "a"), strict=True):
        own = side.data / "own.csv"
        own.write_text(text)
        side.scenario["layers"] = {"mine": str(own)}
    assert not find_switches(*sides).switches
    (sides[1].data / "own.csv").write_text("b")
    assert [(one.kind, one.name) for one in find_switches(*sides).switches] == [("layer", "layers.mine")]  # fmt: skip


def test_polygon_files_of_zones_are_found_from_the_folder_of_their_scenario(tmp_path):
    zones = [
        {"name": "a", "area": "own.geojson", "delta_krw_kwh": 1},
        {"name": "b", "area": ["46"], "delta_krw_kwh": 1},
        {"name": "c", "area": "parks", "delta_krw_kwh": 1},
    ]
    found = _with_absolute_paths({"energy": {"clean_share_pct": 60, "zones": zones}}, tmp_path)
    assert found["energy"]["clean_share_pct"] == 60
    areas = [zone["area"] for zone in found["energy"]["zones"]]
    assert areas == [str(tmp_path / "own.geojson"), ["46"], "parks"]
    assert zones[0]["area"] == "own.geojson"  # what was given stays
