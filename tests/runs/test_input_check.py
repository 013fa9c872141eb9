"""What `scenario check` finds: all that a run would stop at, in the words of the run."""

import json

import numpy as np
import pytest
import rasterio

import siteopt
from siteopt.cli import main
from siteopt.errors import LayerError, ScenarioError, SiteoptError
from siteopt.layers import open_layers
from siteopt.runs import dry_run, pipeline
from siteopt.runs.evaluation import check
from siteopt.scenario import load_scenario
from siteopt.scenario.changes import changed_scenario
from siteopt.screening import exclusions as screening_exclusions
from siteopt.stages.scheduler import Memory, Scheduler

PARCELS = "site_id,lon,lat,area_ha\nA1,126.46,34.71,200\nA2,126.61,36.96,200\n"
HEADROOM = "station_id,voltage_kv,headroom_mw,year\n"
HAZARDS = (
    "district_code,flood_rank_pct,landslide_rank_pct,wildfire_rank_pct,coast_flag,seismic_zone,"
    "confidence\n99999,1,1,1,none,I,user\n"
)
SQUARE = [[126.4, 34.6], [126.6, 34.6], [126.6, 34.8], [126.4, 34.8], [126.4, 34.6]]


@pytest.fixture(scope="module")
def ready():
    return load_scenario("national-2035")


@pytest.fixture(scope="module")
def memory():
    """What layer files hold, read once for all tests here."""
    return Memory()


@pytest.fixture(scope="module")
def embedded(ready):
    return open_layers(ready)


@pytest.fixture
def parcels(tmp_path):
    file = tmp_path / "p.csv"
    file.write_text(PARCELS)
    return file


def first_half(scenario, memory, embedded=None):
    """Go through the first half of a run; return what it leaves open."""
    layers = open_layers(scenario) if embedded is None or scenario.layers else embedded
    scheduler = Scheduler(pipeline.STAGES, scenario, layers, memory=memory)
    for stage in pipeline.CHECKS:
        scheduler.result(stage)
    return scheduler.result(pipeline.CANDIDATES)


def vector(path, **properties):
    shape = {"type": "Polygon", "coordinates": [SQUARE]}
    feature = {"type": "Feature", "properties": properties, "geometry": shape}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def with_exclusion(scenario, **rule):
    rules = [item.model_dump() for item in scenario.screening.exclusions]
    rule = {"id": "mine", "title": {"ko": "내 층", "en": "mine"}, "layer": "mine"} | rule
    return changed_scenario(scenario, {"screening.exclusions": [*rules, rule]})


# The names that a scenario can hold


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sites.must": ["NOPE"]}, "sites.must: NOPE is no candidate site; take an id from"),
        ({"sites.must_not": ["A9"]}, "sites.must_not: A9 is no candidate site"),
        ({"sites.begun": [{"site_id": "X", "it_mw": 100, "year": 2030}]}, "sites.begun: X is no"),
        ({"sites.must": ["S0001-0001"]}, "sites.must: S0001-0001 is no candidate site"),
        ({"sites.must": ["제천군"]}, "sites.must: 제천군 is no candidate site; take an id from"),
        ({"sites.must_not": ["34.77,126.45"]}, "sites.must_not: 34.77,126.45 is not in Korea; the"),
        ({"provinces.groups": {"own": {"provinces": ["99"]}}}, "provinces.groups.own: 99 is no"),
        ({"sites.must": ["S01872-3120"]}, "sites.must: S01872-3120 is no candidate site"),
        ({"provinces.shares": {"99": {"min_pct": 5}}}, "provinces.shares.99: no such province"),
        ({"parameters": {"no_such": 1}}, "parameters.no_such: no such parameter"),
        ({"grid.impact_version": "x"}, "grid.impact_version: no version x in grid_impact_scoring"),
        ({"grid.snapshots": [{"id": "noon"}]}, "grid.snapshots.0.id: no snapshot noon"),
        (
            {"grid.snapshots": [{
                "id": "mine", "day_id": "d999", "hour": 3, "title": {"ko": "가", "en": "a"},
            }]},
            "grid.snapshots.0.day_id: no typical day d999",
        ),
        (
            {"energy.zones": [{"name": "z", "area": ["98"], "delta_krw_kwh": -5}]},
            "energy.zones of z: 98 is no province and no district",
        ),
        (
            {"energy.zones": [{"name": "z", "area": "nolayer", "delta_krw_kwh": -5}]},
            "energy.zones of z: nolayer: no such layer",
        ),
    ],
)  # fmt: skip
def test_a_name_that_is_not_there_stops_the_first_half(ready, memory, embedded, changes, message):
    with pytest.raises(SiteoptError) as caught:
        first_half(changed_scenario(ready, changes), memory, _set(embedded, changes))
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def _set(layers, changes):
    return layers.with_parameters(changes.get("parameters", {}))


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"kind": "near", "layer": "parks", "where": {"sido": "46"}}, "layer parks has no column sido"),
        ({"kind": "far", "layer": "parks", "where": {"park_id": "x"}, "distance_m": 5}, "no feature"),
        ({"kind": "outside", "layer": "rivers"}, "layer rivers has no polygons"),
        ({"kind": "near", "layer": "nolayer"}, "nolayer: no such layer"),
        ({"kind": "near", "layer": "slope"}, "slope: a raster layer, but a vector layer is wanted"),
        ({"kind": "above", "layer": "parks", "threshold": 1}, "parks: a vector layer, but a raster"),
    ],
)  # fmt: skip
def test_an_exclusion_that_cannot_be_judged_stops_the_first_half(
    ready, memory, embedded, rule, message
):
    with pytest.raises(SiteoptError) as caught:
        first_half(with_exclusion(ready, **rule), memory, embedded)
    assert str(caught.value).startswith("screening.exclusions: mine: ")
    assert message in str(caught.value)


def test_tiles_are_known_by_the_run_alone_and_said_so(ready, memory, embedded):
    scenario = changed_scenario(ready, {"sites.must": ["S1872-3120"]})
    assert first_half(scenario, memory, embedded) == ["S1872-3120"]
    site = embedded.vector("industrial_complexes")["complex_id"].iloc[0]
    scenario = changed_scenario(ready, {"sites.must_not": [site]})
    assert first_half(scenario, memory, embedded) == []


def test_a_named_site_has_to_be_one_of_the_parcels(ready, memory, embedded, parcels):
    scenario = changed_scenario(ready, {"candidates.parcels": parcels, "sites.must": ["A2"]})
    assert first_half(scenario, memory, embedded) == []
    scenario = changed_scenario(scenario, {"sites.must": ["A2", "S1872-3120"]})
    with pytest.raises(ScenarioError, match=r"sites.must: S1872-3120 is no candidate site"):
        first_half(scenario, memory, embedded)


def test_a_parcel_of_an_unknown_complex_stops_the_first_half(ready, memory, embedded, parcels):
    parcels.write_text(
        PARCELS.replace("area_ha\n", "area_ha,complex_id\n").replace("200\n", "200,x\n")
    )
    scenario = changed_scenario(ready, {"candidates.parcels": parcels})
    with pytest.raises(LayerError, match="parcels: complex_id x is no complex"):
        first_half(scenario, memory, embedded)


def test_a_begun_site_hangs_on_a_station_that_is_there(ready, memory, embedded, parcels):
    site = {"site_id": "A1", "it_mw": 100, "year": 2030, "station_id": "NOPE"}
    scenario = changed_scenario(ready, {"candidates.parcels": parcels, "sites.begun": [site]})
    with pytest.raises(ScenarioError, match=r"sites.begun: A1 has no connection to station NOPE"):
        first_half(scenario, memory, embedded)


# Tables of the user's


@pytest.mark.parametrize(
    ("layer", "text", "message"),
    [
        ("headroom", HEADROOM + "NOPE1,154,100,2030\n", "headroom: row 2: station_id NOPE1 is not"),
        ("district_hazards", HAZARDS, "district_hazards: row 2: district_code '99999'"),
    ],
)
def test_a_table_that_names_what_there_is_not_stops_the_first_half(
    ready, memory, tmp_path, layer, text, message
):
    file = tmp_path / f"{layer}.csv"
    file.write_text(text)
    with pytest.raises(LayerError) as caught:
        first_half(changed_scenario(ready, {"layers": {layer: file}}), memory)
    assert message in str(caught.value)


@pytest.mark.national
@pytest.mark.parametrize(
    "fault",
    ["layer", *(pytest.param(name, marks=pytest.mark.slow) for name in ("site", "exclusion"))],
)
def test_the_run_says_what_the_check_says(ready, parcels, tmp_path, fault):
    file = tmp_path / "h.csv"
    file.write_text(HEADROOM + "NOPE1,154,100,2030\n")
    mine = vector(tmp_path / "m.geojson", code="46")
    plain = changed_scenario(ready, {"candidates.parcels": parcels})
    rule = {"kind": "near", "where": {"sido": "46"}}
    scenario = {
        "layer": changed_scenario(plain, {"layers": {"headroom": file}}),
        "site": changed_scenario(plain, {"sites.must": ["NOPE"]}),
        "exclusion": with_exclusion(changed_scenario(plain, {"layers": {"mine": mine}}), **rule),
    }[fault]
    said = []
    for act in (check, lambda s: siteopt.run(s, tmp_path / "out", cache=tmp_path / "kept")):
        with pytest.raises(SiteoptError) as caught:
            act(scenario)
        said.append((str(caught.value), caught.value.exit_code))
    assert said[0] == said[1]
    assert said[0][1] == 2
    assert not (tmp_path / "out").exists()


# What the second half would stop at, whatever the sites are


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"horizon_years": 0}, "parameters: horizon_years is 0; it must be positive"),
        ({"score_pue_best": 99}, "parameters: score_pue_worst is "),
        (
            {"score_expressway_km_most_best": 99},  # scored where there is no road graph
            "parameters: score_expressway_km_most_worst is ",
        ),
        ({"line154_oh_cost": 0}, "parameters: line154_oh_cost is 0; what a line costs"),
        ({"route_detour_factor": 0.5}, "parameters: route_detour_factor is 0.5"),
        (
            {"gia_system_margin_worst": 1, "gia_system_margin_best": 1},
            "parameters: gia_system_margin_worst and gia_system_margin_best are both 1",
        ),
    ],
)
def test_a_parameter_that_cannot_be_is_found_in_the_rehearsal(ready, embedded, parameters, message):
    scenario = changed_scenario(ready, {"parameters": parameters})
    with pytest.raises(LayerError) as caught:
        dry_run.rehearse(_set(embedded, {"parameters": parameters}), scenario)
    assert str(caught.value).startswith(message)


def test_a_voltage_without_prices_is_found_in_the_rehearsal(ready, embedded):
    odd = {"voltage_kv": 66, "station_kv": 154, "facility_max_mw": 100}
    scenario = changed_scenario(ready, {"connection.classes": [odd]})
    with pytest.raises(LayerError, match="no key line66_oh_cost"):
        dry_run.rehearse(embedded, scenario)
    nowhere = odd | {"station_kv": 66}  # no station has the level: no site asks for the price
    dry_run.rehearse(embedded, changed_scenario(ready, {"connection.classes": [nowhere]}))


def test_zones_are_priced_in_the_rehearsal(ready, embedded):
    zone = {"name": "z", "area": ["46"], "delta_krw_kwh": -500}
    with pytest.raises(ScenarioError, match=r"energy.zones: a zone takes 500 KRW/kWh off a tariff"):
        dry_run.rehearse(embedded, changed_scenario(ready, {"energy.zones": [zone]}))
    zone |= {"delta_krw_kwh": -5, "price_year": 1990}
    with pytest.raises(LayerError, match="price_index_1990"):
        dry_run.rehearse(embedded, changed_scenario(ready, {"energy.zones": [zone]}))
    zone |= {"price_year": 2024}
    dry_run.rehearse(embedded, changed_scenario(ready, {"energy.zones": [zone]}))


@pytest.mark.parametrize(
    "name", ["national-2035", "national-2031-2035", "national-2035-regional-tariff"]
)
def test_the_ready_scenarios_pass_all_of_it(name, embedded, memory):
    scenario = load_scenario(name)
    layers = embedded.with_parameters(scenario.parameters)
    if not scenario.layers:
        assert first_half(scenario, memory, layers) == []
    dry_run.rehearse(layers, scenario)


# Weights


def test_weights_that_the_plan_does_not_ask_for_are_a_remark(ready):
    weighed = changed_scenario(ready, {"weights": {"water": 2}})
    assert ready.remarks == []
    (said,) = weighed.remarks
    assert said.startswith("weights: they move no site of the plan")
    for change in (
        {"objective.kind": "suitability"},
        {"objective.suitability_price_bn_krw_per_mw": 1},
        {"tradeoffs.measures": ["suitability"]},
    ):
        asking = changed_scenario(weighed, change)
        assert asking.asks_for_suitability
        assert asking.remarks == []


def test_the_command_prints_remarks_and_what_layers_say(tmp_path, monkeypatch, capsys):
    values = np.zeros((4, 4), np.uint8)
    values[0] = 255
    with rasterio.open(
        tmp_path / "r.tif", "w", driver="GTiff", width=4, height=4, count=1, dtype="uint8",
        crs="EPSG:5179", transform=rasterio.transform.from_origin(1e6, 1.8e6, 250, 250),
    ) as file:  # fmt: skip
        file.write(values, 1)
    text = siteopt.layers.catalogue.data_folder() / "scenarios" / "national-2035.toml"
    asked = '[layers]\nmine = "r.tif"\n\n[weights]\nwater = 2\n\n[sites]\nmust = ["S1872-3120"]\n'
    scenario = tmp_path / "s.toml"
    scenario.write_text(text.read_text(encoding="utf-8") + asked, encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["siteopt", "scenario", "check", str(scenario)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 0
    notes = [line for line in capsys.readouterr().out.splitlines() if line.startswith("note: ")]
    assert [line.split()[1] for line in notes] == ["r.tif:", "weights:", "sites:"]
    assert notes[2] == "note: sites: S1872-3120 is a tile; whether it holds a site the run tells"


# Memory


def test_cells_that_need_more_memory_than_there_is_are_refused(
    ready, memory, embedded, monkeypatch
):
    monkeypatch.setattr(screening_exclusions, "free_bytes", lambda: 1 << 30)
    fine = changed_scenario(ready, {"screening.cell_m": 100.0})
    first_half(fine, memory, embedded)
    with pytest.raises(ScenarioError) as caught:
        first_half(changed_scenario(ready, {"screening.cell_m": 40.0}), memory, embedded)
    told = str(caught.value)
    assert told.startswith("screening.cell_m: cells of 40 m are 244,")
    assert "need 0.7 GB of memory (3 bytes a cell) beside the 0.5 GB of screening.memory" in told
    assert told.endswith("but 1.0 GB are free; screening.cell_m = 50 fits")
    first_half(changed_scenario(ready, {"screening.cell_m": 50.0}), memory, embedded)
    with pytest.raises(ScenarioError, match=r"screening.cell_m = 50 fits"):
        siteopt.screening.screen(embedded, fine.screening.model_copy(update={"cell_m": 40.0}))
    less = {"screening.cell_m": 40.0, "screening.memory_mb": 256.0}
    first_half(changed_scenario(ready, less), memory, embedded)
    monkeypatch.setattr(screening_exclusions, "free_bytes", lambda: 1000)
    with pytest.raises(ScenarioError, match=r"are free; free some, or lower screening.memory_mb"):
        first_half(fine, Memory(), embedded)
    monkeypatch.setattr(screening_exclusions, "free_bytes", lambda: None)
    first_half(fine, memory, embedded)


def test_a_wide_strip_around_a_raster_counts(ready, memory, embedded, monkeypatch):
    monkeypatch.setattr(screening_exclusions, "free_bytes", lambda: 1 << 30)
    rule = {"kind": "above", "layer": "slope", "threshold": 5, "buffer_m": 1_000_000}
    with pytest.raises(
        ScenarioError, match=r"mine: buffer_m: 1,000,000 m on every side .* need 2.5 GB of memory"
    ):
        first_half(with_exclusion(ready, **rule), memory, embedded)
