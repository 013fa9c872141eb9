import json
import re
import shutil

import geopandas as gpd
import pytest

import siteopt
from siteopt.cli import main
from siteopt.scenario import load_scenario

pytestmark = pytest.mark.national

FILES = {
    "map.html", "ranking.csv", "ranking.csvt", "sites.gpkg", "eligibility.tif", "portfolio.json",
    "run.json", "complexes.csv", "complexes.csvt", "eligibility.qml", "ranking.xlsx", "sites.parquet",
}  # fmt: skip
PROGRAM = {
    "options.csv", "options.csvt", "limits.csv", "limits.csvt", "flow_limits.csv",
    "flow_limits.csvt", "program.json",
}  # fmt: skip


REPORT = {"report.pdf", "report_exclusions.png", "report_map.png", "report_sites.png"}


@pytest.fixture(scope="module")
def scenario_file(small_run):
    return small_run.scenario_file


@pytest.fixture(scope="module")
def finished(small_run):
    return small_run.run


def command(monkeypatch, *words):
    monkeypatch.setattr("sys.argv", ["siteopt", *map(str, words)])
    with pytest.raises(SystemExit) as stopped:
        main()
    return stopped.value.code


def test_a_run_writes_its_files_and_nothing_else(finished):
    assert {file.name for file in finished.folder.iterdir()} == FILES | PROGRAM | REPORT
    assert finished.is_optimal
    assert finished.map_path.stat().st_size < 5_000_000


def test_the_plan_keeps_the_limits_of_the_scenario(finished, scenario_file):
    scenario = load_scenario(scenario_file)
    chosen = finished.ranking[finished.ranking["chosen"]]
    assert chosen["it_mw"].sum() == scenario.target.it_mw
    share = chosen.groupby("province_code")["it_mw"].sum() / scenario.target.it_mw
    assert len(share) >= scenario.provinces.count_min
    assert share.max() <= scenario.provinces.share_max_pct / 100 + 1e-9
    assert not set(chosen["province_code"]) & {"11", "28", "41"}


def test_the_files_tell_where_the_connections_run(finished):
    for site in finished.portfolio["sites"]:
        first = [stretch for stretch in site["connection"] if stretch["feed"] == 1]
        second = [stretch for stretch in site["connection"] if stretch["feed"] == 2]
        assert sum(one["length_km"] for one in second) == pytest.approx(
            site["second_route_km"], abs=0.01
        )
        assert (site["second_station_id"] != "") == bool(second)
        km = sum(stretch["length_km"] for stretch in first)
        assert km == pytest.approx(site["route_km"], abs=0.01)
        assert site["route_km"] == pytest.approx(site["route_oh_km"] + site["route_ug_km"])
        assert site["cost_connection_bn_krw"] == pytest.approx(
            site["route_bn_krw"] + site["second_feed_bn_krw"]
        )
    lines = gpd.read_file(finished.folder / "sites.gpkg", layer="connections")
    km = lines[lines["feed"] == 1].groupby("site_id")["length_km"].sum()
    ranked = finished.ranking.dropna(subset="route_km").set_index("site_id")["route_km"]
    assert sorted(km.index) == sorted(ranked.index)
    assert km[ranked.index].to_numpy() == pytest.approx(ranked.to_numpy(), rel=1e-6)


def test_the_record_names_every_input_with_hash_and_licence(finished):
    inputs = finished.record["inputs"]
    assert {"stations", "provinces", "slope", "parameters", "headroom"} <= {i["id"] for i in inputs}
    for item in inputs:
        assert re.fullmatch(r"[0-9a-f]{64}", item["sha256"]), item["id"]
        assert item["licence"], item["id"]
    assert set(finished.record["timings_s"]) >= {"layers", "screening", "portfolio"}
    assert "highspy" in finished.record["versions"]


def test_a_brief_run_says_the_same_in_fewer_files(
    small_run, scenario_file, tmp_path, monkeypatch, capsys
):
    out = tmp_path / "out"
    cache = shutil.copytree(small_run.cache, tmp_path / "cache")  # without figures, as it was
    words = ["run", scenario_file, "--out", out, "--cache", cache, "--quiet", "--brief"]
    assert command(monkeypatch, *words, "--why") == 0
    said = capsys.readouterr().out
    assert {line.split()[0] for line in said.splitlines() if " ran " in line} == {"figures"}
    assert f"figures: {out}" in said
    brief, whole = siteopt.open_run(out), small_run.run
    gis = {"eligibility.qml", "sites.gpkg", "sites.parquet"}
    assert {file.name for file in out.iterdir()} == FILES - {"map.html", "ranking.xlsx", *gis}
    assert (out / "eligibility.tif").read_bytes() == (whole.folder / "eligibility.tif").read_bytes()
    levels = [name for name in whole.ranking if name.startswith("within_")]
    assert levels
    assert brief.ranking.equals(whole.ranking.drop(columns=levels))
    assert brief.portfolio == {
        key: value
        for key, value in whole.portfolio.items()
        if key not in {"alternatives", "levels", "tradeoffs"}
    }
    assert siteopt.compare_runs(whole, brief).is_same
    assert command(monkeypatch, *words, "--why") == 0
    assert " ran " not in capsys.readouterr().out
    assert command(monkeypatch, *words[:-1]) == 0
    assert {file.name for file in out.iterdir()} == FILES | PROGRAM | REPORT
    assert command(monkeypatch, *words) == 0
    assert not (out / "map.html").exists()


def test_a_place_in_the_capital_region_says_why_not(finished):
    said = finished.explain("126.98,37.57")
    assert "excluded" in said
    assert "Capital region · rule: " in said
    assert "수도권 · 기준: " in finished.explain("126.98,37.57", "ko")


@pytest.mark.parametrize(
    ("old", "new", "limit"),
    [
        ("count_min = 3", "count_min = 17", "province"),  # more than have sites
        pytest.param("it_mw = 1000", "it_mw = 900000", "target", marks=pytest.mark.slow),
    ],
)
def test_a_limit_that_no_plan_can_meet_is_exit_code_3(
    small_run, scenario_file, tmp_path, monkeypatch, capsys, old, new, limit
):
    text = scenario_file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    text = text.replace(old, new).replace("time_limit_s = 120", "time_limit_s = 20")
    file = tmp_path / "too-much.toml"
    file.write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    words = ["run", file, "--out", out, "--cache", small_run.cache, "--quiet"]
    assert command(monkeypatch, *words) == 3
    said = capsys.readouterr().err
    assert said.startswith("siteopt: ")
    assert limit in said
    assert "Traceback" not in said
    assert f"{out / 'map.html'}: says so" in said
    assert {one.name for one in out.iterdir()} == {
        "map.html", "report.pdf", "report_exclusions.png", "run.json",
    }  # fmt: skip
    page = (out / "map.html").read_text(encoding="utf-8")
    assert siteopt.report.text("report.no_plan_answer", "ko") in page
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["status"] == "infeasible"
    assert record["why_ko"] in page
    assert len(record["inputs"]) == len(small_run.run.record["inputs"])
    with pytest.raises(siteopt.InfeasibleError, match="has no plan: .*" + limit):
        siteopt.open_run(out)
    assert command(monkeypatch, "explain", out, "126.98,37.57") == 3
    assert command(monkeypatch, *words, "--brief") == 3  # figures there are none


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"distance_max_km = 40": "distance_max_km = 0.01"}, "no_plan_answer"),
        (
            {"complexes = true": "complexes = false", "ha_per_mw = 0.12": "ha_per_mw = 40000"},
            "no_plan_sites",
        ),
    ],
    ids=["every candidate is impossible", "no candidate"],
)
def test_without_a_feasible_site_the_page_of_the_last_answer_is_replaced(
    small_run, scenario_file, tmp_path, monkeypatch, browser, changes, told
):
    text = scenario_file.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file, out = tmp_path / "none.toml", tmp_path / "out"
    file.write_text(text, encoding="utf-8")
    shutil.copytree(small_run.run.folder, out)
    words = ["run", file, "--out", out, "--cache", small_run.cache, "--quiet", "--no-report"]
    assert command(monkeypatch, *words) == 3
    assert {one.name for one in out.iterdir()} == {"map.html", "run.json"}
    page = browser.page()
    page.open((out / "map.html").as_uri())
    shown = page.run("document.body.innerText")
    assert siteopt.report.text(f"report.{told}", "ko") in shown
    assert siteopt.report.text("report.section_no_plan", "ko") in shown


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("it_mw = 1000", "it_mw = 1000\ngigawatts = 1", "target.gigawatts: unknown key"),
        pytest.param(
            'layer = "slope"', 'layer = "slopes"', "slopes: no such layer", marks=pytest.mark.slow
        ),
        ("capital_region = true", "capital = true", "capital"),
        pytest.param(
            "[target]",
            "[parameters]\nno_such_price = 3\n\n[target]",
            "no_such_price",
            marks=pytest.mark.slow,
        ),
        ("[target]", '[layers]\nstations = "none.csv"\n\n[target]', "none.csv is not there"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    scenario_file, tmp_path, monkeypatch, capsys, old, new, message
):
    file = tmp_path / "bad.toml"
    file.write_text(
        scenario_file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8"
    )
    out = tmp_path / "out"
    assert command(monkeypatch, "run", file, "--out", out, "--quiet") == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert not out.exists()


def test_the_command_line_prints_the_answer(
    small_run, scenario_file, tmp_path, monkeypatch, capsys
):
    out = tmp_path / "out"
    words = ["run", scenario_file, "--out", out, "--cache", small_run.cache, "--quiet"]
    assert command(monkeypatch, *words) == 0
    assert "optimal" in capsys.readouterr().out
    site = json.loads((out / "portfolio.json").read_text(encoding="utf-8"))["sites"][0]["site_id"]
    assert command(monkeypatch, "explain", out, site) == 0
    said = capsys.readouterr().out
    assert "chosen with" in said
    assert re.search(
        r"connection to .+ at \d+ kV: [\d.]+ km \([\d.]+ km overhead, [\d.]+ km under", said
    )
    assert command(monkeypatch, "layers", "check") == 0
    assert command(monkeypatch, "scenario", "schema") == 0
