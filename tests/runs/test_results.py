import json

import numpy as np
import pandas as pd
import pytest
import rasterio

from siteopt import open_run
from siteopt.errors import LayerFileError, ScenarioError
from siteopt.runs.results import Run


def run_with(rows, folder):
    table = pd.DataFrame(
        rows,
        columns=[
            "site_id", "name_ko", "name_en", "chosen", "rank", "value_bn_krw", "regret_bn_krw",
            "lower_bn_krw", "reason", "it_mw", "bn_krw_per_mw",
        ],
    )  # fmt: skip
    table.to_csv(folder / "ranking.csv", index=False, encoding="utf-8-sig")
    sites = [
        {"site_id": row[0], "name_en": row[2], "rank": row[4], "bn_krw_per_mw": row[10]}
        for row in rows
        if row[3]
    ]
    return Run(folder=folder, record={}, portfolio={"sites": sites})


ROWS = [
    ["S1", "가", "A", True, 1, 12.5, None, 12.5, None, 100, 36.0],
    ["S2", "나", "B", False, 2, None, 0.75, 0.75, None, 100, 36.5],
    ["S3", "다", "C", False, 3, None, None, 4.25, None, 100, 37.0],
    ["S4", "라", "D", False, None, None, None, None, "headroom", None, None],
]


@pytest.mark.parametrize(
    ("site", "said"),
    [
        ("S1", "chosen with 100 MW of IT load; without it the best plan costs KRW 12.5 bn more"),
        ("S2", "not chosen: with it forced in the best plan costs KRW 750 m more"),
        ("S3", "not chosen: with it forced in the best plan costs at least KRW 4.3 bn more"),
        (
            "S4",
            "cannot be built: The headroom (model estimate) of the stations within reach is below",
        ),
    ],
)
def test_every_site_has_a_reason(tmp_path, site, said):
    answer = run_with(ROWS, tmp_path).explain(site)
    assert said in answer
    assert answer.startswith(site)


def test_a_text_column_that_is_empty_for_thousands_of_sites_is_read_as_one(tmp_path):
    # Read by parts it would have mixed types, of which pandas warns, and warnings are errors here.
    numbers = ",".join(f"n{column}" for column in range(60))
    empty = f"S1,{'1.5,' * 60}\n"
    full = f"S2,{'1.5,' * 60}exact\n"
    text = f"site_id,{numbers},told\n" + empty * 20_000 + full
    (tmp_path / "ranking.csv").write_text(text, encoding="utf-8-sig")
    told = Run(folder=tmp_path, record={}, portfolio={}).ranking["told"]
    assert told.dropna().tolist() == ["exact"]


def grid(**changes):
    return {
        "model": "a model", "security": "none",
        "further_by_province": [
            {"province_en": "Gwangju", "further_mw": 175.9, "snapshot_id": "peak",
             "branches_en": ["A–B 345 kV L1", "B–C 154 kV L2", "C–D 154 kV L3", "D–E 154 kV L4"]},
            {"province_en": "Jeju", "further_mw": None, "snapshot_id": None, "branches_en": []},
        ],
        "flow_limits": [
            {"snapshot_id": "peak", "branches_en": ["A–B 345 kV L1"], "slack_mw": 20.0,
             "further_branches": 2,
             "mw_per_mw": {"7": 0.9, "8": 0.1}},
            {"snapshot_id": "noon", "branches_en": ["B–C 154 kV L2"], "slack_mw": 21.0,
             "further_branches": 0, "mw_per_mw": {"7": 0.9, "8": 0.1}},
        ],
    } | changes  # fmt: skip


def test_the_summary_names_the_tightest_province_and_its_branches(tmp_path):
    run = run_with([], tmp_path)
    plan = {"objective_bn_krw": 1.0, "gap": 0.0, "sites": []}
    record = {"status": "optimal", "sites": 1, "timings_s": {}}

    def lines(said):
        return Run(tmp_path, record, plan | {"grid": said}).summary().splitlines()

    assert lines(grid())[1] == (
        "grid (a model, security none): least room in Gwangju, 176 MW more in snapshot peak, "
        "stopped by A–B 345 kV L1, B–C 154 kV L2, C–D 154 kV L3 and 1 more"
    )
    assert len(lines(None)) == len(lines(grid(further_by_province=[]))) == 2
    assert run.portfolio == {"sites": []}


@pytest.mark.parametrize(
    ("site", "bus", "said"),
    [
        # A block of 20 MW is 24 MW of contract power, the smallest build of 40 MW 48 MW.
        (
            "S1",
            "7",
            "The flow limit of A–B 345 kV L1 and 2 more (peak, model estimate) leaves no room for a",
        ),
        ("S1", "8", None),
        (
            "S2",
            "7",
            "Beside the chosen sites the flow limit of A–B 345 kV L1 and 2 more (peak, model",
        ),
        ("S2", "9", None),
    ],
)
def test_a_flow_limit_that_stops_a_site_is_told(tmp_path, site, bus, said):
    run = run_with(ROWS, tmp_path)
    table = pd.read_csv(tmp_path / "ranking.csv").assign(bus_id=bus, facility_mw=120)
    table.to_csv(tmp_path / "ranking.csv", index=False)
    run.portfolio.update(grid=grid(), block_it_mw=20, it_min_mw=40)
    told = run.explain(site)
    assert told.lower().count("flow limit") == (said is not None)
    assert said is None or said in told


def test_a_connection_is_told_with_its_banks_and_the_assessment(tmp_path):
    run_with(ROWS, tmp_path)
    more = {
        "station_id": "A", "voltage_kv": 154, "route_km": 3.0, "route_oh_km": 2.0, "route_ug_km": 1.0,
        "route_bn_krw": 15.0, "lead_time_years": 5, "works": "banks2", "relief_mw": 950.0,
        "impact_applies": True, "impact_points": 30.0, "impact_points_possible": 50.0,
        "impact_total_min": 15.0, "impact_total_max": 60.0, "impact_pass_score": 70.0,
    }  # fmt: skip
    table = pd.read_csv(tmp_path / "ranking.csv").assign(**more)
    table.to_csv(tmp_path / "ranking.csv", index=False)
    said = Run(tmp_path, {}, {"sites": []}).explain("S1")
    assert (
        "5 years\ngrid works needed first: 2 further 345/154 kV bank(s) (950 MW of headroom more)"
        in said
    )
    assert "Computed items: 30.0 of at most 50 points" in said
    assert "on this estimate below the pass score" in said


def test_an_unknown_site_says_where_the_ids_are(tmp_path):
    with pytest.raises(ScenarioError, match=r"S9: no site of this run .*ranking\.csv"):
        run_with(ROWS, tmp_path).explain("S9")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("126.45,north", "not LON,LAT in degrees"),
        ("nan,34.77", "not LON,LAT in degrees"),
        ("inf,34.77", "not LON,LAT in degrees"),
        ("126.45,-inf", "not LON,LAT in degrees"),
        ("1e400,34.77", "not LON,LAT in degrees"),
        ("126.45", "no site of this run"),
        ("126.45,34.77,0", "not LON,LAT in degrees"),
        ("950000,19", "not LON,LAT in degrees, .*; these look like metres"),
        ("2900000,950000", "these look like metres"),
        ("1450000,1500000", "outside the screened country"),  # metres of EPSG:5179
        ("126.45,3477", "these look like metres"),
        ("1e300,34", "these look like metres"),
        ("100,127.5", "latitude 127.5 is beyond the pole"),
        ("-53,-37", "outside the screened country"),
        ("37,0", "outside the screened country"),
        ("0,90", "outside the screened country"),
        ("180,-90", "outside the screened country"),
    ],
)
def test_a_wrong_place_says_what_would_be_right(tmp_path, place, message):
    with rasterio.open(
        tmp_path / "eligibility.tif", "w", driver="GTiff", width=40, height=40, count=1,
        dtype="uint32", crs="EPSG:5179",
        transform=rasterio.transform.from_origin(900_000, 2_000_000, 10_000, 10_000),
    ) as file:  # fmt: skip
        file.write(np.ones((1, 40, 40), np.uint32))
    with pytest.raises(ScenarioError, match=message) as caught:
        run_with(ROWS, tmp_path).explain(place)
    assert "\n" not in str(caught.value)


def test_the_land_of_a_run_is_a_geotiff_and_nothing_else(tmp_path):
    (tmp_path / "eligibility.tif").write_text("<VRTDataset rasterXSize='1' rasterYSize='1'/>")
    with pytest.raises(LayerFileError, match=r"eligibility.tif: cannot be read as a GeoTIFF"):
        run_with(ROWS, tmp_path).explain("126.45,34.77")


def test_a_folder_without_a_run_says_how_to_make_one(tmp_path):
    with pytest.raises(LayerFileError, match=r"run\.json is missing.*siteopt run SCENARIO --out"):
        open_run(tmp_path)


def test_a_damaged_run_is_not_opened(tmp_path):
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    (tmp_path / "portfolio.json").write_text(json.dumps({}), encoding="utf-8")
    with pytest.raises(LayerFileError, match=r"run\.json: not valid JSON"):
        open_run(tmp_path)
    (tmp_path / "run.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(LayerFileError, match=r"run\.json: not the record of a run"):
        open_run(tmp_path)
    (tmp_path / "run.json").write_text("{}", encoding="utf-8")
    with pytest.raises(LayerFileError, match=r"not whole \(ranking\.csv is missing\); run again"):
        open_run(tmp_path)
