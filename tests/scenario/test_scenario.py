import re
import tomllib

import pytest

from siteopt._data import data_folder
from siteopt.errors import LayerFileError, ScenarioError
from siteopt.scenario import Scenario, load_scenario, scenario_schema

NATIONAL = data_folder() / "scenarios" / "national-2035.toml"


def write(folder, text):
    file = folder / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return file


def changed(old, new):
    text = NATIONAL.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    return text.replace(old, new, 1)


def test_the_ready_scenario_is_what_the_plan_asks_for():
    scenario = load_scenario("national-2035")
    assert scenario.target.it_mw == 3000
    assert scenario.target.year == 2035
    build = scenario.build
    assert (build.it_min_mw, build.it_max_mw, build.block_mw) == (40, 1000, 20)
    assert build.land_ha_per_mw == 0.12
    assert scenario.provinces.count_min == 3
    assert scenario.provinces.share_max_pct == 40
    assert scenario.spacing_km == 20
    assert scenario.solver.gap == 1e-6


def test_every_exclusion_of_the_issue_is_in_it():
    exclusions = load_scenario("national-2035").screening.exclusions
    assert {exclusion.id for exclusion in exclusions if not exclusion.optional} == {
        "sea", "capital_region", "slope", "parks", "dmz", "civilian_control", "lakes",
        "residential", "rivers", "runways",
        "station_distance",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("it_mw = 3000", "it_mw = 3000\nit_gw = 3", "target.it_gw: unknown key"),
        ("it_mw = 3000", "", "target.it_mw: missing"),
        (
            "it_mw = 3000",
            "it_mw = -1",
            "target.it_mw: Input should be greater than 0, but it is -1",
        ),
        ("it_mw = 3000", "it_mw = nan", "target.it_mw: .*finite"),
        ("it_mw = 3000", "it_mw = 3010", "must be a whole number of blocks"),
        ("it_mw = 3000", 'it_mw = "much"', "target.it_mw: .*valid number.*'much'"),
        ("it_min_mw = 40", "it_min_mw = 1020", "build: it_min_mw .1020. must not exceed it_max_mw"),
        ("it_min_mw = 40", "it_min_mw = 30", "build: it_min_mw .30. must be a whole number"),
        ("share_max_pct = 40", "share_max_pct = 140", "provinces.share_max_pct: .*100"),
        ("count_min = 3", "count_min = 30", "provinces.count_min: .*17"),
        ('id = "slope"', 'id = "sea"', "exclusion ids must be unique, but sea appears twice"),
        ('kind = "above"', 'kind = "over"', "screening.exclusions.no. 3: .*over"),
        ('name = "highs"', 'name = "gurobi"', "solver.name: .*'highs' or 'cbc'"),
        ("facility_max_mw = 400 ", "facility_max_mw = 4000 ", "rising order of facility_max_mw"),
        ("{ voltage_kv = 345", "{ voltage_kv = 154", "voltage_kv 154 appears twice; one class"),
        ("[target]", "[weights]\nwater = 0\n[target]", "weights: all are 0; at least one"),
        ("[target]", "[weights]\nwatr = 1\n[target]", "weights.watr: no such criterion; known are"),
        ("distance_m = 10000", "distance_m = 2e6", "distance_m: .*1000000"),
        ('name = "national-2035"', 'name = "../etc"', "name: .*pattern"),
        (
            "[screening]",
            '[[grid.snapshots]]\nid = "a"\nhour = 3\n[screening]',
            "grid.snapshots.no. 1: snapshot a: hour is given without day_id",
        ),
        (
            "[screening]",
            '[[grid.snapshots]]\nid = "a"\nday_id = "d237"\nhour = 3\n[screening]',
            "grid.snapshots.no. 1: snapshot a: title is missing",
        ),
        (
            "[screening]",
            '[[grid.snapshots]]\nid = "a"\n[[grid.snapshots]]\nid = "a"\n[screening]',
            "grid: snapshot ids must be unique, but a appears twice",
        ),
    ],
)
def test_a_wrong_scenario_is_one_line_with_its_field(tmp_path, old, new, message):
    file = write(tmp_path, changed(old, new))
    with pytest.raises(ScenarioError, match=message) as caught:
        load_scenario(file)
    assert "\n" not in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_missing_file_names_the_ready_scenarios():
    with pytest.raises(LayerFileError, match=r"no such scenario; give .* one of .*national-2035"):
        load_scenario("national-3035")


def test_a_file_that_is_not_toml_says_where(tmp_path):
    with pytest.raises(ScenarioError, match=r"not valid TOML: .*line 1"):
        load_scenario(write(tmp_path, "name = = 3"))


def test_a_file_in_another_encoding_says_so(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_bytes('name = "전남"'.encode("cp949"))
    with pytest.raises(LayerFileError, match="is no UTF-8 text; save it as UTF-8"):
        load_scenario(file)


def test_paths_are_read_from_the_folder_of_the_file(tmp_path):
    text = changed("tile_m = 4000", 'tile_m = 4000\nparcels = "own/parcels.geojson"')
    scenario = load_scenario(write(tmp_path, text + '\n[layers]\nstations = "own/stations.csv"\n'))
    assert scenario.candidates.parcels == (tmp_path / "own/parcels.geojson").resolve()
    assert scenario.layers["stations"] == (tmp_path / "own/stations.csv").resolve()


def test_the_schema_describes_every_key_of_the_ready_scenario():
    schema = scenario_schema()
    assert set(tomllib.loads(NATIONAL.read_text(encoding="utf-8"))) <= set(schema["properties"])
    assert schema["additionalProperties"] is False


def test_every_number_with_a_dimension_carries_its_unit_in_its_name():
    dimensionless = {
        "seed", "year", "gap", "threads", "count_min", "options_per_class", "exact_others",
            "spare_stations", "banks_max", "works_begin", "plans", "points", "typical_days", "zones",
        "threshold", "low", "high", "connectivity", "weights", "parameters", "spacing_km", "parts_max",
    }  # fmt: skip
    unit = re.compile(
        r"_(mw|m|km|ha|kv|pct|s|mb|ha_per_mw|bn_krw|bn_krw_per_mw|bn_krw_per_mw_year|krw_kwh)$"
    )
    schema = scenario_schema()
    for model in [schema, *schema["$defs"].values()]:
        for name, field in model.get("properties", {}).items():
            if field.get("type") in {"number", "integer"} and name not in dimensionless:
                assert unit.search(name), name


def test_contracts_have_no_radius_and_the_tariff_no_zones_by_default():
    energy = load_scenario("national-2035").energy
    assert energy.contract_reach_km is None
    assert energy.zones == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("contract_reach_km = 0", r"energy\.contract_reach_km: .*greater than 0"),
        ('zones_overlap = "first"', r"energy\.zones_overlap"),
        ('zones = [{ name = "a", area = ["461"], delta_krw_kwh = 1 }]', r"energy\.zones"),
        ('zones = [{ name = "a", area = [], delta_krw_kwh = 1 }]', r"energy\.zones"),
        (
            'zones = [{ name = "a", area = ["46"] }]',
            r"energy\.zones\.no\. 1\.delta_krw_kwh: missing",
        ),
        (
            (
                'zones = [{ name = "a", area = ["46"], delta_krw_kwh = 1 }, '
                '{ name = "a", area = ["47"], delta_krw_kwh = 1 }]'
            ),
            "names of zones must be unique, but a appears twice",
        ),
    ],
)
def test_wrong_energy_keys_are_named(tmp_path, line, message):
    path = write(tmp_path, changed("[energy]\n", f"[energy]\n{line}\n"))
    with pytest.raises(ScenarioError, match=message) as caught:
        load_scenario(path)
    assert "\n" not in str(caught.value)


def test_a_file_of_a_zone_becomes_a_layer_and_an_id_stays_one(tmp_path):
    zones = (
        'zones = [{ name = "a", area = "own.geojson", delta_krw_kwh = 1 }, '
        '{ name = "b", area = "parks", delta_krw_kwh = 1 }, '
        '{ name = "c", area = "sub/own.gpkg", delta_krw_kwh = 1 }]'
    )
    path = write(tmp_path, changed("[energy]\n", f"[energy]\n{zones}\n"))
    scenario = load_scenario(path)
    assert [zone.area for zone in scenario.energy.zones] == ["zone_a", "parks", "zone_c"]
    assert scenario.layers == {
        "zone_a": tmp_path.resolve() / "own.geojson", "zone_c": tmp_path.resolve() / "sub/own.gpkg",
    }  # fmt: skip


def test_a_scenario_cannot_be_changed_in_place():
    scenario = load_scenario("national-2035")
    assert isinstance(scenario, Scenario)
    with pytest.raises(ValueError, match="frozen"):
        scenario.spacing_km = 5


def with_shares(text, **shares):
    """Return the provinces table with shares of single provinces."""
    lines = "\n".join(f'"{code[1:]}" = {{ {share} }}' for code, share in shares.items())
    return text.replace("[candidates]", f"[provinces.shares]\n{lines}\n\n[candidates]")


def test_a_minimum_of_one_province_does_not_lift_its_common_maximum(tmp_path):
    text = with_shares(changed("", ""), p47="min_pct = 5", p46="max_pct = 60", p48="min_pct = 5")
    shares = load_scenario(write(tmp_path, text)).provinces.shares
    assert (shares["47"].min_pct, shares["47"].max_pct) == (5, 40)
    assert (shares["46"].min_pct, shares["46"].max_pct) == (0, 60)


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"p47": "min_pct = 60"}, r"shares.47: min_pct \(60\) must not exceed max_pct \(40\)"),
        (
            {"p46": "min_pct = 40", "p47": "min_pct = 40", "p48": "min_pct = 40"},
            "provinces: min_pct of the shares together are 120, but at most 100",
        ),
        ({"pGG": "min_pct = 5"}, "provinces.shares.GG.*pattern"),
        ({"p47": 'min_pct = "x"'}, "provinces.shares.47.min_pct: .*valid number"),
    ],
)
def test_shares_that_cannot_be_met_together_are_an_error(tmp_path, shares, message):
    with pytest.raises(ScenarioError, match=message):
        load_scenario(write(tmp_path, with_shares(changed("", ""), **shares)))


def test_a_byte_order_mark_of_windows_is_no_fault(tmp_path):
    file = write(tmp_path, changed("", ""))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert load_scenario(file).name == "national-2035"


def test_a_folder_or_no_utf_8_in_place_of_a_scenario(tmp_path):
    (tmp_path / "a.toml").mkdir()
    with pytest.raises(LayerFileError, match=r"a.toml: cannot be read \(Is a directory\)"):
        load_scenario(tmp_path / "a.toml")
    (tmp_path / "b.toml").write_bytes("name = '한'".encode("cp949"))
    with pytest.raises(LayerFileError, match=r"b.toml: is no UTF-8 text; save it as UTF-8"):
        load_scenario(tmp_path / "b.toml")
    (tmp_path / "c.toml").write_text("")
    with pytest.raises(ScenarioError, match=r"c.toml: name: missing"):
        load_scenario(tmp_path / "c.toml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("it_mw = 3000", 'it_mw = "3000"', "target.it_mw: a number is needed, but it is '3000'"),
        ("count_min = 3", "count_min = true", "provinces.count_min: a number is needed"),
        ("flow_limits = true", "flow_limits = 1", "grid.flow_limits: true or false is needed"),
        ("facility_max_mw = 40 ", "facility_max_mw = true ",
         "connection.classes.no. 1.facility_max_mw: a number is needed, but it is True"),
        ('en = "3,000 MW', 'en = "\\u202e3,000 MW', "title.en: holds U+202E"),
        ("seed = 20350101", f"seed = {'9' * 100}", "seed: a number of more than 64 bits"),
        ("spacing_km = 20", f"spacing_km = {'[' * 9000}{']' * 9000}", "nested too deeply"),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_not_taken_for_what_is_meant(tmp_path, old, new, message):
    text = (data_folder() / "scenarios" / "national-2035.toml").read_text("utf-8")
    assert old in text
    file = tmp_path / "s.toml"
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert "s.toml: " in str(caught.value)
    assert message in str(caught.value)
