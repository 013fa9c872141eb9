"""KEPCO's tables: how names find stations, what the embedded tables hold."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from siteopt._data import data_folder
from siteopt.errors import LayerError
from siteopt.sources.kepco_tables import dc_verdicts, match_names, planned_substations

REFERENCE = data_folder() / "reference"


def stations(*rows):
    table = pd.DataFrame(rows, columns=["station_id", "name_ko", "kind", "lon"])
    at = gpd.GeoSeries.from_xy(table["lon"], [36.0] * len(table), crs=4326).to_crs(5179)
    return gpd.GeoDataFrame(table, geometry=at)


def matched(names, places):
    table = pd.DataFrame(names, columns=["name_ko", "lon"])
    table["lat"] = np.where(table["lon"].isna(), np.nan, 36.0)
    found = match_names(table, places)
    return [(None if pd.isna(one) else one, rule) for one, rule in found.itertuples(index=False)]


def test_names_are_found_by_name_and_place():
    places = stations(
        ("A", "영동", "substation", 127.0), ("B", "옥천 (옥천읍)", "substation", 127.5),
        ("C", "옥천 (이원면)", "substation", 127.6), ("D", "하동", "plant", 128.0),
    )  # fmt: skip
    assert matched(
        [("영동", 127.01), ("영동SA", None), ("영동", 127.03), ("옥천", 127.6), ("옥천", None),
         ("하동", None), ("백령", None)],
        places,
    ) == [
        ("A", "name and place"), ("A", "name"), (None, "far from the station of this name"),
        ("C", "name and place"), (None, "several stations of this name"),
        (None, "no station of this name"), (None, "no station of this name"),
    ]  # fmt: skip


def verdicts(tmp_path, *rows):
    head = "province_ko,supply_possible_mw,supply_impossible_mw,possible_share_pct,as_of,source,confidence"
    text = "\n".join([head, *rows]) + "\n"
    (tmp_path / "grid_impact_dc_by_province_2026-03.csv").write_text(text, encoding="utf-8")
    return dc_verdicts(tmp_path)


def test_verdicts_bear_our_codes_and_their_source(tmp_path):
    table = verdicts(
        tmp_path, "강원,90,10,90.0,2026,KEPCO,published", "전북,50,50,50.0,2026,same,published"
    )
    assert table["province_code"].tolist() == ["51", "52"]
    assert table["source"].tolist() == ["KEPCO", "KEPCO"]


def test_a_share_that_is_not_that_of_the_sums_is_named(tmp_path):
    with pytest.raises(LayerError, match=r"row 2: possible_share_pct is 80.0; .* it is 90.0"):
        verdicts(tmp_path, "강원,90,10,80.0,2026,KEPCO,published")


def test_an_unknown_province_is_named(tmp_path):
    with pytest.raises(LayerError, match="province_ko 함경 is not known"):
        verdicts(tmp_path, "함경,90,10,90.0,2026,KEPCO,published")


def test_planned_stations_take_the_source_they_point_to(tmp_path):
    (tmp_path / "grid_facts_3.csv").write_text(
        "key,value,unit,region,as_of,source,confidence\n"
        "planned_substation_projects,231,projects,,2026,plans.json,compiled-medium\n"
        'planned_345kv_substation,신해남,name,,2026,"same, in part",compiled-medium\n'
        "planned_765kv_substation,신평창,name,,2026,same,compiled-medium\n",
        encoding="utf-8",
    )
    table = planned_substations(tmp_path)
    assert table[["name_ko", "name_en", "voltage_kv"]].to_numpy().tolist() == [
        ["신해남", "Sinhaenam", 345], ["신평창", "Sinpyeongchang", 765],
    ]  # fmt: skip
    assert table["source"].tolist() == ["plans.json, in part", "plans.json"]


def test_embedded_generation_headroom_finds_nine_names_in_ten():
    table = pd.read_csv(REFERENCE / "generation_headroom.csv")
    assert len(table) == 152
    assert table["station_id"].notna().sum() >= 136
    assert table["station_id"].dropna().is_unique
    known = set(pd.read_csv(REFERENCE / "stations.csv")["station_id"])
    assert set(table["station_id"].dropna()) <= known
    read = table.dropna(subset="free_mw_read")
    assert (read["free_mw_read"] <= read["free_mw_max"]).all()


def test_embedded_verdicts_sum_to_the_published_totals():
    table = pd.read_csv(REFERENCE / "dc_verdicts.csv", dtype={"province_code": str})
    sums = table[["supply_possible_mw", "supply_impossible_mw"]].sum()
    assert sums.tolist() == pytest.approx([32_949.85, 21_314.199])
    capital = table[table["province_code"].isin(["11", "28", "41"])]
    assert capital["supply_possible_mw"].sum() == pytest.approx(15_541.65)
    assert capital["supply_impossible_mw"].sum() == pytest.approx(18_050.149)
