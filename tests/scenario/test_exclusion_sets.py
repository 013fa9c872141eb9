"""Ready sets of exclusions, and the key ``replaces``."""

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from siteopt._data import data_folder
from siteopt.errors import ScenarioError
from siteopt.scenario import DELETE, Screening, load_scenario, ready_scenarios
from siteopt.scenario.changes import changed_scenario
from siteopt.scenario.exclusion_sets import exclusion_set_names, read_exclusion_set
from siteopt.scenario.scenario import scenario_schema
from siteopt.sources.fetching.file_recipes import read_file_recipe
from siteopt.sources.fetching.recipes import RECIPES, read_osm_recipe

SETS = exclusion_set_names()


def rule(name, **more):
    return {"id": name, "title": {"ko": name, "en": name}, "kind": "near", "layer": name} | more


def screening(*rules, **more):
    return Screening.model_validate({"exclusions": list(rules), **more})


@pytest.mark.parametrize("name", ready_scenarios())
def test_every_ready_scenario_waits_for_finer_layers(name):
    exclusions = load_scenario(name).screening.exclusions
    ready = [one["id"] for one in read_exclusion_set("finer_layers")]
    assert [one.id for one in exclusions if one.optional] == ready
    assert [one.id for one in exclusions][-len(ready) :] == ready


@pytest.mark.parametrize("name", SETS)
def test_a_set_waits_for_layers_that_recipes_bring(name):
    exclusions = screening(rule("sea"), exclusion_sets=[name]).exclusions[1:]
    osm = {layer.id: layer for layer in read_osm_recipe().layer}
    for one in exclusions:
        assert one.optional
        how, recipe = one.obtain.split(" ")
        if how == "take":
            layer = read_file_recipe(recipe)
            assert (layer.id, layer.kind) == (one.layer, "area")
            columns = set(layer.columns)
            for column, wanted in one.where.items():
                codes = set(layer.columns[column].codes.values())
                assert not codes or {wanted} <= codes
        elif recipe == "openstreetmap":
            columns = set(osm[one.layer].columns)
            assert one.buffer_m > 0 or "area" in osm[one.layer].geometry
        else:
            file = RECIPES / f"{recipe}.toml"
            layers = {
                layer["id"]: layer for layer in tomllib.loads(file.read_text("utf-8"))["layer"]
            }
            assert one.layer in layers
            assert layers[one.layer]["unit"] != "share" or 0 < one.threshold < 1
            continue
        assert set(one.where) <= columns


def test_what_a_set_replaces_is_in_the_ready_scenarios():
    there = {one.id for one in load_scenario("national-2035").screening.exclusions}
    for name in SETS:
        for one in read_exclusion_set(name):
            replaced = one.get("replaces", [])
            assert {replaced} if isinstance(replaced, str) else set(replaced) <= there


def test_a_set_leaves_out_what_a_scenario_does_not_have_and_what_it_has_itself():
    own = rule("osm_water", layer="my_lakes", optional=False)
    found = screening(rule("parks"), own, exclusion_sets=["finer_layers"])
    by_id = {one.id: one for one in found.exclusions}
    assert by_id["osm_water"].layer == "my_lakes"
    assert by_id["osm_national_parks"].replaced_ids == ("parks",)
    assert by_id["osm_rivers"].replaced_ids == ()  # there is no rule for rivers
    assert [one.id for one in found.exclusions[:2]] == ["parks", "osm_water"]
    again = Screening.model_validate(found.model_dump())
    assert again == found


def test_changes_reach_the_exclusions_of_a_set_and_the_sets():
    ready = load_scenario("national-2035")
    wider = changed_scenario(ready, {"screening.exclusions.osm_schools.buffer_m": 300.0})
    assert next(o for o in wider.screening.exclusions if o.id == "osm_schools").buffer_m == 300.0
    fewer = changed_scenario(ready, {"screening.exclusions.osm_schools": DELETE})
    assert "osm_schools" not in [one.id for one in fewer.screening.exclusions]
    assert changed_scenario(fewer, {"screening.exclusion_sets": ["finer_layers"]}).screening == (
        ready.screening.model_copy(
            update={
                "exclusions": [
                    *fewer.screening.exclusions,
                    *(one for one in ready.screening.exclusions if one.id == "osm_schools"),
                ]
            }
        )
    )
    other = changed_scenario(
        ready, {"screening.exclusions.osm_water.replaces": ["lakes", "rivers"]}
    )
    by_id = {one.id: one for one in other.screening.exclusions}
    assert by_id["osm_water"].replaced_ids == ("lakes", "rivers")
    with pytest.raises(ScenarioError, match=r"osm_water replaces lake, .*did you mean lakes"):
        changed_scenario(ready, {"screening.exclusions.osm_water.replaces": "lake"})


@pytest.mark.parametrize(
    ("rules", "fault"),
    [
        ([rule("a", optional=True, replaces="a")], "exclusion a replaces itself"),
        ([rule("parks"), rule("a", optional=True, replaces="park")],
         r"exclusion a replaces park, which is no exclusion here; did you mean parks\? \(there are: parks, a\)"),
        ([rule("parks"), rule("a", replaces="parks")], "replaces parks but is not optional"),
        ([rule("a", optional=True, replaces="b"), rule("b", optional=True, replaces=["c"]),
          rule("c", optional=True, replaces="a")], "in a cycle: a -> b -> c -> a"),
        ([rule("a", optional=True, replaces="b"), rule("b", optional=True, replaces="c"),
          rule("c", optional=True, replaces="b")], "in a cycle: b -> c -> b"),
        ([rule("a"), rule("b", optional=True, replaces=[3])], "replaces"),
        ([rule("a", obtain="wget http://x")], "obtain"),
    ],
)  # fmt: skip
def test_replacements_that_cannot_be_are_refused(rules, fault):
    with pytest.raises(ValidationError, match=fault):
        screening(*rules)


@pytest.mark.parametrize(
    ("sets", "fault"),
    [
        ('["finer"]', "exclusion_sets names 'finer'; there are finer_layers"),
        ('"finer_layers"', "exclusion_sets is a list of names of ready sets"),
        ("[1]", "exclusion_sets is a list of names of ready sets"),
    ],
)
def test_sets_that_are_not_there_are_refused_in_one_line(tmp_path, sets, fault):
    text = (data_folder() / "scenarios" / "national-2035.toml").read_text(encoding="utf-8")
    (tmp_path / "a.toml").write_text(text.replace('["finer_layers"]', sets), encoding="utf-8")
    with pytest.raises(ScenarioError, match=f"a.toml: screening: {fault}") as error:
        load_scenario(tmp_path / "a.toml")
    assert "\n" not in str(error.value)


def test_the_schema_names_the_sets():
    sets = scenario_schema()["$defs"]["Screening"]["properties"]["exclusion_sets"]
    assert sets["items"]["enum"] == SETS
    assert Path(data_folder() / "exclusions" / f"{SETS[0]}.toml").is_file()
