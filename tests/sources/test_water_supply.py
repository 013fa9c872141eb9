"""Waterworks by district and multi-regional plants: links, names, totals."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from siteopt.errors import LayerError
from siteopt.layers import open_layers
from siteopt.sources import water_supply

HEAD = "sgg_code_2026,spare_with_multiregional_m3_day,spare_own_plants_m3_day\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "water").mkdir()
    names = {
        "36110": "세종특별자치시", "41111": "수원시 장안구", "41113": "수원시 권선구",
        "48820": "고성군", "51820": "고성군", "46110": "목포시", "50110": "제주시",
    }  # fmt: skip
    gpd.GeoDataFrame(
        {"district_code": list(names), "name_ko": list(names.values())},
        geometry=[Point(127, 36)] * len(names), crs=4326,
    ).to_file(tmp_path / "districts.geojson", driver="GeoJSON")  # fmt: skip
    rows = [f"{code},{code},same" for code in names]
    (tmp_path / "district_codes.csv").write_text(
        "code,district_code,relation\n" + "\n".join(rows) + "\n"
    )
    return tmp_path


def _plants(folder: Path, rows: str) -> pd.DataFrame:
    (folder / water_supply._PLANTS).write_text(
        "plant_ko,spare_m3_day,connected_suppliers,supplies\n" + rows, encoding="utf-8"
    )
    return water_supply.water_plants(folder, folder)


def test_no_link_is_not_no_water(folder: Path) -> None:
    (folder / water_supply._WORKS).write_text(HEAD + "46110,0,0\n50110,0,0\n")
    out = water_supply.waterworks(folder, folder).set_index("district_code")
    assert out["linked"].to_dict() == {"46110": True, "50110": False}
    assert out.loc["46110", "spare_m3_day"] == 0
    assert out.loc["50110", ["spare_m3_day", "spare_own_m3_day"]].isna().all()


def test_suppliers_are_districts_cities_and_provinces(folder: Path) -> None:
    out = _plants(folder, "사천,36684,2,고성군;목포시\n수지,137500,1,수원시;세종\n")
    served = out.groupby("plant_id")["district_code"].apply(sorted).to_dict()
    assert served == {"사천": ["46110", "48820"], "수지": ["36110", "41111", "41113"]}
    assert (out.loc[out["plant_id"] == "수지", "spare_m3_day"] == 137_500).all()


@pytest.mark.parametrize("supplier", ["없는시", "고성군"])
def test_a_supplier_without_one_place_is_said(folder: Path, supplier: str) -> None:
    with pytest.raises(LayerError, match=rf"row 2: supplier '{supplier}' is the name of no"):
        _plants(folder, f"덕정,1,1,{supplier}\n")


def test_an_impossible_amount_is_said(folder: Path) -> None:
    (folder / water_supply._WORKS).write_text(HEAD + "46110,-5,0\n")
    with pytest.raises(LayerError, match="row 2: spare_with_multiregional_m3_day is -5"):
        water_supply.waterworks(folder, folder)


@pytest.mark.national
def test_embedded_plants_add_up_once() -> None:
    layers = open_layers()
    plants, works = layers.table("water_plants"), layers.table("waterworks")
    once = plants.drop_duplicates("plant_id")
    assert len(once) == 38
    assert once["spare_m3_day"].sum() == 1_240_762  # as the source says
    of_plant = plants.groupby("plant_id")["spare_m3_day"]
    assert (of_plant.max() == of_plant.min()).all()
    assert len(works) == 250
    assert sorted(works.loc[~works["linked"].astype(bool), "district_code"]) == [
        "47940", "50110", "50130",
    ]  # fmt: skip
    # own plants are part of all
    both = works.dropna(subset=["spare_m3_day"])
    assert (both["spare_own_m3_day"] <= both["spare_m3_day"] + 1e-6).mean() > 0.95
