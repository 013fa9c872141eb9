from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio

from siteopt._csv import write_csv
from siteopt.errors import LayerFileError
from siteopt.report import files as report_files
from siteopt.report import ranking_table
from siteopt.runs.results import open_run
from tests.report.written import write_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from siteopt.report import RunTables

FILES = {
    "eligibility.tif", "map.html", "portfolio.json", "ranking.csv", "ranking.csvt", "run.json",
    "eligibility.qml", "sites.gpkg", "sites.parquet",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(run_tables: RunTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("runs") / "small"
    write_run(run_tables, made, {"layers": 0.5})
    return made


def parcels(tables: RunTables, ids: dict[str, str]) -> RunTables:
    """Return the run with sites that have ids of the user's own."""
    renamed = {
        name: getattr(tables, name).replace({"site_id": ids})
        for name in ("sites", "options", "ranking")
    }
    indexed = {name: getattr(tables, name).rename(index=ids) for name in ("described", "scores")}
    plan = replace(tables.plan, chosen=tables.plan.chosen.replace({"site_id": ids}))  # type: ignore[type-var]
    return replace(tables, plan=plan, **renamed, **indexed)


def test_the_same_run_gives_the_same_bytes(
    folder: Path, make_run: Callable[..., RunTables], tmp_path: Path
) -> None:
    write_run(make_run(), tmp_path / "again", {"layers": 0.5})
    assert {file.name for file in folder.iterdir()} == FILES
    for file in folder.iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes(), file.name


def test_timings_change_run_json_only(folder: Path, run_tables: RunTables, tmp_path: Path) -> None:
    write_run(run_tables, tmp_path / "later", {"layers": 7.25})
    changed = [
        f.name
        for f in folder.iterdir()
        if f.read_bytes() != (tmp_path / "later" / f.name).read_bytes()
    ]
    assert changed == ["run.json"]
    assert json.loads((tmp_path / "later" / "run.json").read_text())["timings_s"] == {
        "layers": 7.25
    }


def test_eligibility_is_a_cog_that_names_its_bits(folder: Path, run_tables: RunTables) -> None:
    with rasterio.open(folder / "eligibility.tif") as raster:
        assert raster.crs.to_epsg() == 5179
        assert raster.dtypes == ("uint8",)
        assert raster.transform == run_tables.eligibility.lattice.transform
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        tags = raster.tags()
        assert [tags[f"BIT_{bit:02d}"] for bit in range(3)] == ["sea", "slope", "rivers"]
        assert tags["BIT_00_KO"] == "바다"
        assert np.array_equal(raster.read(1), run_tables.eligibility.reasons)


def test_ranking_opens_in_excel_and_pandas(folder: Path, run_tables: RunTables) -> None:
    raw = (folder / "ranking.csv").read_bytes()
    assert raw.startswith("\ufeffrank,tied,site_id,name_ko".encode())
    assert b"inf" not in raw.lower()
    table = pd.read_csv(folder / "ranking.csv", dtype={"province_code": str, "district_code": str})
    wanted = ranking_table(run_tables)
    assert table["name_ko"].tolist() == wanted["name_ko"].tolist()
    assert np.allclose(table["cost_bn_krw"], wanted["cost_bn_krw"], rtol=1e-8, equal_nan=True)


def test_what_is_not_known_is_empty_and_proof_says_why(folder: Path) -> None:
    lines = (folder / "ranking.csv").read_text(encoding="utf-8-sig").lower().splitlines()
    words = {word for line in lines[1:] for word in line.split(",")}
    assert not words & {"inf", "-inf", "nan", "none", "<na>", "null"}
    table = pd.read_csv(folder / "ranking.csv")
    missing = table["value_bn_krw"].isna() & table["regret_bn_krw"].isna()
    assert missing.any()
    assert set(table.loc[missing, "proof"]) == {"bounded", "impossible"}
    stored = gpd.read_file(folder / "sites.gpkg", layer="sites")
    for name in ("lower_bn_krw", "upper_bn_krw", "regret_bn_krw"):
        assert not np.isinf(stored[name]).any()
        assert stored[name].isna().tolist() == table[name].isna().tolist()
    for name in ("portfolio.json", "run.json"):
        assert not re.search(r"[:\[ ]-?(NaN|Infinity)", (folder / name).read_text("utf-8"))


def test_ids_with_zeros_in_front_stay_text(run_tables: RunTables, tmp_path: Path) -> None:
    own = parcels(run_tables, {"S0003": "0012", "S0001": "0007"})
    write_run(own, tmp_path / "run", {})
    read = [
        gpd.read_file(tmp_path / "run" / "sites.gpkg", layer="sites"),
        gpd.read_file(tmp_path / "run" / "ranking.csv"),
        open_run(tmp_path / "run").ranking,
    ]
    for table in read:
        assert table["site_id"].tolist()[:3] == ["0012", "S0000", "0007"]
        assert table["rank"].tolist()[:3] == [1, 2, 3]
    place = read[1].geometry.iloc[0]  # by the types beside the table a point
    assert (place.x, place.y) == (read[1]["lon"].iloc[0], read[1]["lat"].iloc[0])
    placed = read[0].to_crs(4326)
    assert np.allclose(placed.geometry.x, placed["lon"], atol=1e-6)
    assert np.allclose(placed.geometry.y, placed["lat"], atol=1e-6)


def test_excel_takes_no_text_for_a_formula(tmp_path: Path) -> None:
    names = ["=1+1", "@SUM(A1)", "+cmd|x", "-12", "- 3", "가=나", None]
    write_csv(pd.DataFrame({"name": names, "x": 1.0}), tmp_path / "own.csv")
    read = pd.read_csv(tmp_path / "own.csv", dtype=str)["name"]
    assert read.tolist()[:6] == ["'=1+1", "'@SUM(A1)", "'+cmd|x", "-12", "'- 3", "가=나"]
    assert pd.isna(read[6])


def test_geopackage_has_all_sites_in_5179(folder: Path, run_tables: RunTables) -> None:
    sites = gpd.read_file(folder / "sites.gpkg", layer="sites")
    assert sites.crs.to_epsg() == 5179
    assert sites["site_id"].tolist() == ranking_table(run_tables)["site_id"].tolist()


def test_geopackage_knows_no_from_not_known(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "sites.gpkg")) as stored:
        rows = dict(stored.execute("SELECT site_id, impact_applies FROM sites"))
        works = dict(stored.execute("SELECT site_id, works FROM sites"))
    assert (rows["S0000"], rows["S0022"], rows["S0020"]) == (1, 0, None)
    assert (works["S0000"] or "", works["S0009"], works["S0020"]) == ("", "banks1", None)


def test_geopackage_has_the_connection_of_every_site(folder: Path, run_tables: RunTables) -> None:
    lines = gpd.read_file(folder / "sites.gpkg", layer="connections")
    table = ranking_table(run_tables).dropna(subset="option_id")
    assert lines.crs.to_epsg() == 5179
    assert lines["site_id"].tolist() == np.repeat(table["site_id"], 2).tolist()
    assert lines["kind"].tolist() == ["overhead", "underground"] * len(table)
    km = lines.groupby("site_id")["length_km"].sum()
    assert np.allclose(km[table["site_id"]], table["route_km"])
    assert set(lines.loc[lines["chosen"].astype(bool), "site_id"]) == {"S0000", "S0003"}


def test_portfolio_has_the_stretches_of_the_chosen_connections(
    folder: Path, run_tables: RunTables
) -> None:
    plan = json.loads((folder / "portfolio.json").read_text(encoding="utf-8"))
    for site in plan["sites"]:
        overhead, cable = site["connection"]
        assert [overhead["kind"], cable["kind"]] == ["overhead", "underground"]
        assert overhead["length_km"] + cable["length_km"] == site["route_km"]
        assert site["route_oh_km"] + site["route_ug_km"] == site["route_km"]
        assert site["lead_time_years"] == 5
        assert overhead["lon_lat"][0] == pytest.approx([site["lon"], site["lat"]], abs=1e-5)
        assert overhead["lon_lat"][-1] == cable["lon_lat"][0]
    assert len(plan["sites"]) == len(run_tables.plan.chosen)


def test_run_json_tells_inputs_and_proof(folder: Path, run_tables: RunTables) -> None:
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["inputs"][0]["licence"] == "ODbL 1.0"
    assert record["inputs"][0]["sha256"] == "0" * 64
    assert record["status"] == "optimal"
    assert record["bound_bn_krw"] == run_tables.plan.bound
    assert record["versions"]["folium"]
    assert [item["reason"] for item in record["screening"]] == ["sea", "slope", "rivers"]


def test_files_of_the_user_are_named_without_their_folder(
    run_tables: RunTables, tmp_path: Path
) -> None:
    own = run_tables.scenario.model_copy(update={"layers": {"parks": tmp_path / "own.gpkg"}})
    write_run(replace(run_tables, scenario=own), tmp_path / "out", {})
    text = (tmp_path / "out" / "run.json").read_text(encoding="utf-8")
    assert '"own.gpkg"' in text
    assert str(tmp_path) not in text


def test_every_file_that_was_read_is_recorded(run_tables: RunTables, tmp_path: Path) -> None:
    for suffix in (".shp", ".shx", ".dbf", ".prj"):
        (tmp_path / f"own{suffix}").write_text(suffix)
    asked = run_tables.scenario.candidates.model_copy(update={"parcels": tmp_path / "own.shp"})
    own = run_tables.scenario.model_copy(update={"candidates": asked})
    record = report_files.run_record(replace(run_tables, scenario=own))
    assert [item["file"] for item in record["parcels"]] == [
        "own.shp", "own.shx", "own.dbf", "own.prj"
    ]  # fmt: skip
    assert record["parcels"][2]["sha256"] == hashlib.sha256(b".dbf").hexdigest()
    assert "parcels" not in report_files.run_record(run_tables)


def test_a_failure_leaves_the_earlier_run_and_nothing_else(
    folder: Path, run_tables: RunTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {file.name: file.read_bytes() for file in folder.iterdir()}

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(report_files, "_write_eligibility", fail)
    with pytest.raises(OSError, match="disk full"):
        write_run(run_tables, folder, {})
    with pytest.raises(OSError, match="disk full"):
        write_run(run_tables, folder.parent / "new", {})
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert [item.name for item in folder.parent.iterdir()] == ["small"]


def test_a_file_in_place_of_the_folder_is_named(run_tables: RunTables, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(LayerFileError, match=r"out: is a file; give a folder"):
        write_run(run_tables, tmp_path / "out", {})
    assert (tmp_path / "out").read_text() == "mine"


def test_a_file_that_cannot_be_replaced_is_one_line(run_tables: RunTables, tmp_path: Path) -> None:
    (tmp_path / "out" / "map.html" / "mine").mkdir(parents=True)
    with pytest.raises(LayerFileError, match=r"out: cannot be written to \(.*map.html\); give"):
        write_run(run_tables, tmp_path / "out", {})
    assert not (tmp_path / "out" / "run.json").exists()
    assert [item.name for item in tmp_path.iterdir()] == ["out"]


def test_every_reason_says_what_it_shares_with_each_other(
    folder: Path, run_tables: RunTables
) -> None:
    told = {
        row["reason"]: row for row in json.loads((folder / "run.json").read_text())["screening"]
    }
    reasons, land = run_tables.eligibility.reasons, run_tables.eligibility.land
    cell_km2 = run_tables.eligibility.lattice.cell_m**2 / 1e6
    for bit, one in enumerate(run_tables.eligibility.exclusions):
        assert set(told[one.id]["overlap_km2"]) == set(told) - {one.id}
        for place, other in enumerate(run_tables.eligibility.exclusions):
            if other is not one:
                both = (reasons >> bit & 1) & (reasons >> place & 1) & land
                shared = told[one.id]["overlap_km2"][other.id]
                assert shared == pytest.approx(both.sum() * cell_km2, abs=1e-4)
