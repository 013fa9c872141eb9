"""Clean stock: what counts as a plant, and that none counts twice."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers import open_layers
from siteopt.layers.catalogue import read_catalogue
from siteopt.sources import clean_stock

HEADER = "item,region,mw,status,as_of,source,confidence\n"
TOTAL = "licensed offshore wind,전남,1000,generation licence,2025-06-27,press,published\n"
OLD_TOTAL = "licensed offshore wind,전남,900,generation licence,2023,blog,compiled-medium\n"
PROJECTS = (
    "all licensed offshore wind,전국,3000,generation licence,2025-06-27,press,published\n"
    "new licences of a session (1 project),전남,90,generation licence,2025-06-27,same,published\n"
    "블루신의,전남 신안,100,generation licence,2025-06-27,paper,published\n"
    "target,전남 신안,8200,provincial target,2025-06,same,published\n"
    "영광,전남 영광,30,operating,2025-05,same,compiled-medium\n"
    "낙월,전남 영광,60,selected in auction; under construction 2025,2025-05,same,compiled-medium\n"
    "안마 1단계,전남 영광,10,selected in auction,2025-05,same,compiled-medium\n"
    "제주 탐라,제주,20,operating,2025-05,same,compiled-medium\n"
    "서남해 실증,전북 부안·고창,50,operating,2025-05,same,compiled-medium\n"
    "all offshore wind farms,전국,120,operating,2025-05,same,compiled-medium\n"
)


@pytest.fixture
def districts() -> gpd.GeoDataFrame:
    """Three districts of 10 km, side by side from west to east."""
    return gpd.GeoDataFrame(
        {
            "district_code": ["46910", "46870", "52790"], "province_code": ["46", "46", "52"],
            "name_ko": ["신안군", "영광군", "고창군"],
        },
        geometry=[
            shapely.box(x, 1_700_000, x + 10_000, 1_710_000) for x in (900_000, 910_000, 920_000)
        ],
        crs=5179,
    )  # fmt: skip


def _facts(folder: Path, rows: str) -> Path:
    (folder / "offshore_wind_facts.csv").write_text(HEADER + rows, encoding="utf-8")
    return folder


def test_named_projects_are_kept_and_the_rest_of_the_licences_is_one_row(
    tmp_path: Path, districts: gpd.GeoDataFrame
) -> None:
    facts = _facts(tmp_path, TOTAL + OLD_TOTAL + PROJECTS)
    out = clean_stock.offshore_wind(facts, districts).set_index("stock_id")
    assert out.index.tolist() == [
        "offshore-wind-beullusinui", "offshore-wind-yeonggwang", "offshore-wind-nagwol",
        "offshore-wind-anma-1dangye", "offshore-wind-jeju-tamna", "offshore-wind-seonamhae-siljeung",
        "offshore-wind-46-unnamed",
    ]  # fmt: skip
    assert out["status"].tolist() == [
        "licensed", "operating", "building", "selected", "operating", "operating", "licensed",
    ]  # fmt: skip
    rest = out.loc["offshore-wind-46-unnamed"]
    assert rest["mw"] == 1000 - (100 + 30 + 60 + 10)  # the latest total, and all that are named
    assert (rest["province_code"], rest["confidence"]) == ("46", "derived")
    assert "1,000 MW licensed (press) less 200.0 MW" in rest["source"]
    assert out.loc["offshore-wind-nagwol", "source"] == "paper"  # 'same' three rows on


def test_a_project_lies_in_its_district_and_nowhere_where_two_are_named(
    tmp_path: Path, districts: gpd.GeoDataFrame
) -> None:
    out = clean_stock.offshore_wind(_facts(tmp_path, TOTAL + PROJECTS), districts)
    known = out.set_index("name_ko")
    placed = out.dropna(subset=["lon"])
    assert placed["name_ko"].tolist() == ["블루신의", "영광", "낙월", "안마 1단계"]
    points = gpd.GeoSeries(gpd.points_from_xy(placed["lon"], placed["lat"]), crs=4326).to_crs(5179)
    home = dict(zip(districts["district_code"], districts.geometry, strict=True))
    assert all(
        home[code].contains(point)
        for code, point in zip(placed["district_code"], points, strict=True)
    )
    assert known.loc[["제주 탐라", "서남해 실증"], "district_code"].isna().all()
    assert known.loc[["제주 탐라", "서남해 실증"], "province_code"].tolist() == ["50", "52"]


def test_facts_that_cannot_be_right_are_named(tmp_path: Path, districts: gpd.GeoDataFrame) -> None:
    with pytest.raises(LayerFileError, match=r"facts must hold offshore_wind_facts\.csv"):
        clean_stock.offshore_wind(tmp_path, districts)
    small = "licensed offshore wind,전남,150,generation licence,2025-06-27,press,published\n"
    with pytest.raises(
        LayerError, match="전남: named projects have 200 MW, and all licences only 150"
    ):
        clean_stock.offshore_wind(_facts(tmp_path, small + PROJECTS), districts)
    for row, told in (
        ("새벽,전남 신안,5,dreamt of,2025,x,published\n", "새벽: status 'dreamt of' is not known"),
        ("새벽,전남 평양,5,operating,2025,x,published\n", "region 전남 평양 is not known"),
        ("새벽,평안 신안,5,operating,2025,x,published\n", "region 평안 신안 is not known"),
    ):
        with pytest.raises(LayerError, match=told):
            clean_stock.offshore_wind(_facts(tmp_path, row), districts)


def test_a_farm_belongs_to_the_district_it_lies_in_or_the_nearest(
    districts: gpd.GeoDataFrame,
) -> None:
    points = gpd.GeoSeries(
        gpd.points_from_xy([905_000, 919_000, 935_000, 910_000], [1_705_000] * 4), crs=5179
    ).to_crs(4326)
    farms = pd.DataFrame(
        {
            "farm_id": [f"KEA-00{i}" for i in range(1, 5)], "name_ko": "가", "mw": 3.0,
            "lon": points.x, "lat": points.y, "confidence": "published",
        }
    )  # fmt: skip
    out = clean_stock.onshore_wind(farms, districts)
    # the third lies at sea, the fourth on a border, within the rounding of degrees
    assert out["district_code"].tolist()[:3] == ["46910", "46870", "52790"]
    assert out["district_code"].iloc[3] in {"46870", "46910"}
    assert out["stock_id"].tolist()[0] == "onshore-wind-kea-001"
    assert len(out) == len(farms)


@pytest.mark.national
def test_the_embedded_stock_is_what_the_layers_it_comes_from_hold() -> None:
    layers = open_layers()
    stock, farms = layers.table("clean_stock"), layers.vector("wind_farms")
    mw = stock.groupby("technology")["mw"].sum()
    assert mw["solar"] == pytest.approx(layers.table("power_by_province")["solar_end_mw"].sum())
    assert mw["onshore_wind"] == pytest.approx(farms["mw"].sum())
    of_district = layers.vector("districts").set_index("district_code")["province_code"]
    known = stock.dropna(subset=["district_code"])
    assert (known["district_code"].map(of_district) == known["province_code"]).all()


@pytest.mark.national
def test_embedded_offshore_wind_is_every_named_megawatt_once() -> None:
    layers = open_layers()
    stock = layers.table("clean_stock")
    offshore = stock[stock["technology"] == "offshore_wind"]
    by_status = offshore.groupby("status")["mw"].sum()
    assert by_status["operating"] == pytest.approx(30 + 60 + 34.5)
    assert by_status["building"] == pytest.approx(96 + 364.8)
    assert by_status["selected"] == pytest.approx(2208.2)
    # Jeonnam holds what was licensed there, no more
    assert offshore.loc[offshore["province_code"] == "46", "mw"].sum() == pytest.approx(21_300)
    # the register of onshore farms holds none of those at sea
    farms = layers.vector("wind_farms")["name_ko"]
    assert not farms.str.contains("탐라|서남해|해상|한림|낙월|전남1").any()
    assert "영광육상" in set(farms)  # the part of that farm on land: 45.1 MW, beside 34.5 at sea


@pytest.mark.national
def test_the_note_of_the_layer_tells_what_has_no_row() -> None:
    layers = open_layers()
    note = read_catalogue(layers.path("clean_stock").parents[1])["clean_stock"].not_good_for
    assert "13,500 of 34,800 MW" in note
    assert "124.5 are named" in note
    assert "2,668 MW by name, 2,600 as published" in note
