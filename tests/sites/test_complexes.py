"""Complexes as candidate sites: what bounds their land, which gates they meet, bad tables."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import InfeasibleError, LayerError, ScenarioError
from siteopt.lattice import Lattice
from siteopt.layers import open_layers
from siteopt.layers.rasters import Raster
from siteopt.report.complexes import complex_files
from siteopt.scenario import Build, Candidates, Near, Screening, load_scenario
from siteopt.screening import Eligibility
from siteopt.sites.complexes import (
    complex_sites,
    judge_complexes,
    read_complexes,
    tiles_and_complexes,
)
from siteopt.sites.tiles import SITE_COLUMNS
from tests.examples import examples

if TYPE_CHECKING:
    from pathlib import Path

X, Y = 1_000_000.0, 1_900_000.0
LATTICE = Lattice(X, Y, 250.0, 40, 40)
PARAMETERS = {
    "complex_area_national": 2.0, "complex_area_general": 0.4,
    "complex_area_urban_hightech": 0.1, "complex_area_rural": 0.05,
}  # fmt: skip


class Question:
    """The parts of a scenario that complexes read."""

    def __init__(self, build: dict[str, float] | None = None, **candidates: Any) -> None:
        self.candidates = Candidates(**candidates)
        self.screening = Screening.model_construct()
        self.build = Build(**(build or {}))


class Values:
    def value(self, key: str) -> float:
        return PARAMETERS[key]


def complexes(**columns: Any) -> gpd.GeoDataFrame:
    """Return four complexes of which area, hull, type or nothing is known."""
    table = {
        "complex_id": ["C4", "C1", "C2", "C3"], "name_ko": ["넷", "하나", "둘밸리", "셋"],
        "name_en": ["", "One", "", ""], "type": ["", "국가", "general", "rural"],
        "area_km2": [np.nan, 3.0, np.nan, np.nan], "area_min_km2": [np.nan, 1.0, 0.6, np.nan],
        "area_confidence": ["", "compiled-medium", "", ""],
        "geometry": [shapely.Point(X + 7_000, Y - 7_000 - 500 * at) for at in range(4)],
    } | columns  # fmt: skip
    return gpd.GeoDataFrame(table, crs=5179)


class World:
    """One district and its complexes."""

    ids = ("industrial_complexes",)

    def __init__(
        self, table: gpd.GeoDataFrame | None = None, sale: tuple[float, float] = (500.0, 500.0)
    ) -> None:
        self.complexes = complexes() if table is None else table
        self.sale = sale
        self.parameters = Values()

    def replaced(self, layer_id: str) -> bool:
        assert layer_id == "industrial_complexes"
        return False

    def vector(self, layer_id: str) -> gpd.GeoDataFrame:
        if layer_id == "industrial_complexes":
            return self.complexes.copy()
        names = {"name_ko": ["영광군"], "name_en": ["Yeonggwang-gun"]}
        return gpd.GeoDataFrame(
            {"district_code": ["46870"], "province_code": ["46"], **names},
            geometry=[shapely.box(*LATTICE.bounds_m)],
            crs=5179,
        )

    def table(self, layer_id: str) -> pd.DataFrame:
        assert layer_id == "industrial_land"
        unsold, coming = self.sale
        return pd.DataFrame(
            {"district_code": ["46870"], "unsold_ha": [unsold], "under_development_ha": [coming]}
        )

    def raster(self, layer_id: str) -> Raster:
        return Raster(np.full(LATTICE.shape, 7, np.float32), LATTICE, float("nan"), layer_id)


def rule(name: str) -> Near:
    return Near.model_validate(
        {"id": name, "title": {"ko": name, "en": name}, "kind": "near", "layer": name}
    )


def eligibility(*names: str, everywhere: int = 0) -> Eligibility:
    """Return land with the reasons of the bits of ``everywhere`` in every cell."""
    reasons = np.full(LATTICE.shape, everywhere, dtype=np.uint32)
    rules = tuple(rule(name) for name in names or ("slope", "parks"))
    return Eligibility(LATTICE, reasons, np.ones(LATTICE.shape, bool), rules, (0,) * len(rules))


def judged(world: Any = None, question: Any = None, found: Any = None) -> pd.DataFrame:
    table = judge_complexes(found or eligibility(), world or World(), question or Question())
    return table.set_index("site_id")


def test_land_is_a_share_of_what_is_known_of_the_size() -> None:
    table = judged()
    assert table.index.tolist() == ["C1", "C2", "C3", "C4"]
    # 30 % of 3 km2 known, of 0.6 km2 of hull, of 0.05 km2 assumed; a type not known is general
    assert table["eligible_ha"].tolist() == pytest.approx([90.0, 18.0, 1.5, 12.0])
    assert table["area_rule"].tolist() == ["area", "hull", "assumed", "assumed"]
    assert table["area_confidence"].tolist() == [
        "compiled-medium", "lower-bound", "assumption", "assumption",
    ]  # fmt: skip
    assert table["it_max_mw"].tolist() == [740.0, 140.0, 0.0, 100.0]
    assert table["excluded_by"].tolist() == ["", "", "too_small", ""]


def test_what_is_for_sale_in_the_district_bounds_every_complex_of_it() -> None:
    table = judged(World(sale=(6.0, 9.0)))
    assert table["eligible_ha"].tolist() == pytest.approx([15.0, 15.0, 1.5, 12.0])
    assert table["area_rule"].tolist() == ["for_sale", "for_sale", "assumed", "assumed"]
    assert table["area_confidence"].tolist()[:2] == ["upper-bound"] * 2
    unsold = judged(World(sale=(0.0, 9.0)), Question(complex_land=["unsold"]))
    assert unsold["excluded_by"].tolist() == ["not_for_sale"] * 4
    open_to_all = judged(World(sale=(0.0, 0.0)), Question(complex_land=[]))
    assert open_to_all["eligible_ha"].tolist() == pytest.approx([90.0, 18.0, 1.5, 12.0])
    unlisted = judged(World(sale=(np.nan, np.nan)))  # not listed is not 0
    assert unlisted["eligible_ha"].tolist() == pytest.approx([90.0, 18.0, 1.5, 12.0])


@examples(40)
@given(
    share=st.floats(1, 100), unsold=st.floats(0, 300), coming=st.floats(0, 300),
    area=st.one_of(st.just(np.nan), st.floats(0.01, 20)),
    hull=st.one_of(st.just(np.nan), st.floats(0.001, 20)),
)  # fmt: skip
def test_no_complex_has_more_than_its_share_nor_than_is_for_sale(
    share: float, unsold: float, coming: float, area: float, hull: float
) -> None:
    world = World(complexes(area_km2=area, area_min_km2=hull), (unsold, coming))
    table = judged(world, Question(complex_share_pct=share))
    size = area if np.isfinite(area) else hull
    if np.isfinite(size):
        expected = min(size * share, unsold + coming)
        assert table["eligible_ha"].to_numpy() == pytest.approx(expected)
    assert (table["eligible_ha"] <= unsold + coming + 1e-9).all()
    assert (table["it_max_mw"] * 0.12 <= table["eligible_ha"] + 1e-6).all()


def test_unknown_areas_are_left_out_where_nothing_is_to_be_assumed() -> None:
    table = judged(question=Question(complex_area_assumed=False))
    assert table["eligible_ha"].tolist() == pytest.approx([90.0, 18.0, 0.0, 0.0])
    assert table["excluded_by"].tolist() == ["", "", "too_small", "too_small"]


def test_serviced_land_passes_the_slope_gate_and_no_other() -> None:
    assert judged(found=eligibility(everywhere=1))["excluded_by"].iloc[0] == ""
    assert judged(found=eligibility(everywhere=3))["excluded_by"].iloc[0] == "parks"
    none = Question(complex_exempt=[])
    assert (
        judged(question=none, found=eligibility(everywhere=3))["excluded_by"].iloc[0]
        == "slope;parks"
    )
    away = complexes(geometry=[shapely.Point(X - 9_000, Y)] * 4)
    assert judged(World(away))["excluded_by"].iloc[0] == "outside_frame"


def test_a_complex_on_reclaimed_land_meets_the_gates_of_the_shore() -> None:
    rows, cols = LATTICE.cells_of(np.array([X + 7_000.0]), np.array([Y - 7_000.0]))
    sea = np.ones(LATTICE.shape, bool)
    sea[:, : cols[0] - 4] = False  # land ends 1 km west of the complexes
    capital = np.zeros(LATTICE.shape, np.uint32)
    capital[: rows[0] + 3, : cols[0] - 4] = 2  # and the northern half of it is excluded
    found = Eligibility(
        LATTICE, np.where(sea, 1, capital).astype(np.uint32), ~sea, (rule("sea"), rule("capital")),
        (0, 0),
    )  # fmt: skip
    assert judged(found=found)["excluded_by"].iloc[0] == "sea;capital"
    table = judged(question=Question(complex_exempt=["sea"]), found=found)
    # 0, 0.5, 1 and 1.5 km south of the first; C4 stands first
    assert table["excluded_by"].to_dict() == {
        "C4": "capital",
        "C1": "capital",
        "C2": "",
        "C3": "too_small",
    }
    assert judged(question=Question(complex_exempt=["sea", "capital"]), found=found)[
        "excluded_by"
    ].tolist()[:2] == ["", ""]


def test_the_table_of_sites_has_level_land_names_and_stable_ids() -> None:
    sites = complex_sites(eligibility(), World(), Question())
    assert list(sites.columns) == list(SITE_COLUMNS)
    assert sites["site_id"].tolist() == sites["complex_id"].tolist() == ["C1", "C2", "C4"]
    assert set(sites["kind"]) == {"complex"}
    assert set(sites["slope_mean_deg"]) == {0.0}
    assert sites["name_ko"].tolist() == ["영광군 하나 국가산단", "영광군 둘밸리", "영광군 넷 산단"]
    assert sites["name_en"].tolist()[:2] == [
        "Yeonggwang-gun, One", "Yeonggwang-gun, general industrial complex C2",
    ]  # fmt: skip
    assert sites["district_code"].tolist() == ["46870"] * 3
    assert sites.crs.to_epsg() == 5179
    one = sites.iloc[0]
    assert (one.geometry.x, one.geometry.y) == (one["x_m"], one["y_m"]) == (X + 7_000, Y - 7_500)


def test_types_that_are_not_asked_for_and_single_plants_are_no_candidates() -> None:
    national = judged(question=Question(complex_types=["national"]))
    assert national.index.tolist() == ["C1"]  # of unknown type: none of them
    plant = judged(World(complexes(single_use=[None, "steel works", None, None])))
    assert plant["excluded_by"].tolist() == ["single_use", "", "too_small", ""]


def test_tiles_and_complexes_stand_together_in_order_of_id() -> None:
    sites = tiles_and_complexes(eligibility(), World(), Question(tile_m=5_000))
    assert sites["site_id"].is_monotonic_increasing
    assert sites["kind"].value_counts().to_dict() == {"tile": 4, "complex": 3}
    assert (sites.loc[sites["kind"] == "tile", "complex_id"] == "").all()
    alone = tiles_and_complexes(eligibility(), World(), Question(tile_m=5_000, complexes=False))
    tiles = sites[sites["kind"] == "tile"].reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.DataFrame(tiles), pd.DataFrame(alone))


def test_complexes_remain_where_no_tile_is_left_and_nothing_is_an_error() -> None:
    steep = eligibility(everywhere=1)
    assert tiles_and_complexes(steep, World(), Question())["kind"].tolist() == ["complex"] * 3
    with pytest.raises(InfeasibleError, match="no candidate site"):
        tiles_and_complexes(eligibility(everywhere=3), World(), Question())
    with pytest.raises(InfeasibleError, match="no candidate site"):
        tiles_and_complexes(steep, World(), Question(complexes=False))


def test_a_complex_with_the_id_of_a_tile_is_named() -> None:
    taken = tiles_and_complexes(eligibility(), World(), Question())["site_id"].iloc[-1]
    world = World(complexes(complex_id=["C4", taken, "C2", "C3"]))
    with pytest.raises(LayerError, match=f"complex_id {taken} is also the id of a tile"):
        tiles_and_complexes(eligibility(), world, Question())


def test_the_file_of_complexes_has_every_one_and_what_is_against_it() -> None:
    files = complex_files(judge_complexes(eligibility(everywhere=2), World(), Question()))
    assert sorted(files) == ["complexes.csv", "complexes.csvt"]
    table = pd.read_csv(BytesIO(files["complexes.csv"]), encoding="utf-8-sig", dtype=str)
    assert table["complex_id"].tolist() == ["C1", "C2", "C3", "C4"]
    assert table["excluded_by"].tolist() == ["parks", "parks", "parks;too_small", "parks"]
    assert files == complex_files(judge_complexes(eligibility(everywhere=2), World(), Question()))


def own(tmp_path: Path, text: str, lots: str | None = None) -> Any:
    """Return the layers of a scenario with the user's complexes and lots."""
    files = {"industrial_complexes": tmp_path / "mine.csv"}
    files["industrial_complexes"].write_text(text, encoding="utf-8")
    if lots is not None:
        files["industrial_lots"] = tmp_path / "lots.csv"
        files["industrial_lots"].write_text(lots, encoding="utf-8")
    return open_layers(load_scenario("national-2035").model_copy(update={"layers": files}))


HEAD = (
    "complex_id,name_ko,province_code,type,district_code,lon,lat,area_km2,land_price_krw_m2,"
    "price_year,confidence\n"
)
ROW = "a-1,가,46,일반,46870,126.5,35.3,2.5,180000,2025,published\n"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW.replace("126.5,35.3", ","), "mine.csv: row 3: lon is empty; a number in degrees"),
        (ROW.replace("일반", "특별"), "type is '특별'"),
        (ROW.replace("a-1", "b-1"), "mine.csv: row 3 (complex_id b-1): appears twice"),
        (ROW.replace("46870", "46879"), "mine.csv: complex_id a-1: district code '46879' is not known"),
        (ROW.replace("46870", "4687"), "district_code is '4687'; text that matches"),
        (ROW.replace("a-1", "a 1"), "complex_id is 'a 1'; text that matches"),
        (ROW.replace("126.5,35.3", "135.5,35.3"), "outside lon 124 to 132"),
    ],
)  # fmt: skip
def test_bad_rows_of_the_users_complexes_are_named_in_one_line(
    tmp_path: Path, row: str, message: str
) -> None:
    good = ROW.replace("a-1", "b-1")
    with pytest.raises(LayerError) as caught:
        read_complexes(own(tmp_path, HEAD + good + row))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_users_complexes_in_codes_of_2022_and_2026_and_without_type_or_district(
    tmp_path: Path,
) -> None:
    rows = [
        ROW.replace("a-1", f"a-{code}").replace("46870", code) for code in ("42110", "12840", "")
    ]
    table = read_complexes(own(tmp_path, HEAD + "".join(rows)))
    assert len(table) == 3
    assert set(table["type"]) == {"general"}
    bare = (HEAD + ROW).replace("type,district_code,", "").replace("일반,46870,", "")
    table = read_complexes(own(tmp_path, bare))
    assert table[["type", "area_confidence", "single_use"]].to_numpy().tolist() == [["", "", ""]]
    assert np.isnan(table["area_min_km2"].iloc[0])


def test_the_users_lots_give_the_hull_and_a_lot_far_from_its_complex_is_named(
    tmp_path: Path,
) -> None:
    head = "complex_id,lon,lat\n"
    near = "".join(f"a-1,{126.5 + e},{35.3 + n}\n" for e, n in ((0, 0), (0.01, 0), (0, 0.01)))
    table = read_complexes(own(tmp_path, HEAD + ROW, head + near))
    assert table["area_min_km2"].iloc[0] == pytest.approx(0.5 * 0.909 * 1.11, rel=0.01)
    with pytest.raises(LayerError, match=r"lots\.csv: a lot of complex_id a-1 lies 18\.\d km from"):
        read_complexes(own(tmp_path, HEAD + ROW, head + near + "a-1,126.7,35.3\n"))
    with pytest.raises(LayerError, match=r"complex_id zz is no complex of mine\.csv"):
        read_complexes(own(tmp_path, HEAD + ROW, head + "zz,126.5,35.3\n"))


def test_a_border_gives_the_size_where_the_table_has_none(tmp_path: Path) -> None:
    unknown = ROW.replace("a-1", "b-1").replace(",2.5,", ",,")
    layers = own(tmp_path, HEAD + ROW + unknown)
    plain = read_complexes(layers).set_index("complex_id")
    assert np.isnan(plain.loc["b-1", "area_km2"])
    x, y = shapely.get_coordinates(plain.loc["b-1", "geometry"])[0]
    halves = [
        shapely.box(x - 1_000, y, x, y + 1_000),
        shapely.box(x - 500, y, x + 1_000, y + 1_000),
    ]
    away = shapely.box(x + 90_000, y, x + 91_000, y + 1_000)
    for names, shapes, fault in (
        (["b-1", "b-1", "zz"], [*halves, away], None),
        (["a-1", "a-1", "zz"], [*halves, away], None),
        (["b-1", "b-1", "b-1"], [away, away, away], "complex_id b-1 lies 90.0 km from its complex"),
    ):
        path = tmp_path / "complex_borders.gpkg"
        frame = gpd.GeoDataFrame({"complex_id": names}, geometry=shapes, crs=5179)
        frame.to_file(path, driver="GPKG")
        files = {"industrial_complexes": tmp_path / "mine.csv", "complex_borders": path}
        scenario = load_scenario("national-2035").model_copy(update={"layers": files})
        if fault is not None:
            with pytest.raises(LayerError, match=fault):
                read_complexes(open_layers(scenario))
            continue
        found = read_complexes(open_layers(scenario)).set_index("complex_id")
        assert found.loc["a-1", "area_km2"] == 2.5  # the table goes before
        if "b-1" in names:  # 2 km by 1 km, the overlap once
            assert found.loc["b-1", "area_km2"] == pytest.approx(2.0)
            assert found.loc["b-1", "area_confidence"] == "compiled-low"
        else:
            assert np.isnan(found.loc["b-1", "area_km2"])


def test_an_exempt_rule_that_there_is_not_is_named(tmp_path: Path) -> None:
    text = open_scenario("national-2035").replace('["slope", "sea", ', '["slope", "swamp", ')
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match="complex_exempt names 'swamp', which is no exclusion"):
        load_scenario(path)


def open_scenario(name: str) -> str:
    from siteopt.layers import data_folder  # noqa: PLC0415 - only here

    return (data_folder() / "scenarios" / f"{name}.toml").read_text(encoding="utf-8")


@pytest.mark.national
def test_the_register_is_there_and_what_is_not_known_stays_unknown() -> None:
    layers = open_layers()
    table = read_complexes(layers)
    assert len(table) == 1337
    assert table["type"].value_counts().to_dict() == {
        "general": 746, "rural": 481, "national": 64, "urban_hightech": 46,
    }  # fmt: skip
    assert table["complex_id"].str.fullmatch("C[1-4][0-9A-Z]{5}").all()
    assert table["area_km2"].notna().sum() == 10
    assert 880 < table["area_min_km2"].notna().sum() < 920
    # Daebul, by compiled knowledge about 11 km2, of which the lots span 6.8
    daebul = table.set_index("complex_id").loc["C146020"]
    assert daebul["area_min_km2"] == pytest.approx(6.8, abs=0.1)
    assert daebul["area_min_km2"] < daebul["area_km2"] == 11.0
    # no hull is as large as the country's largest complex by a stray lot
    assert table["area_min_km2"].max() < 60
