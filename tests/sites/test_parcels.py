from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from siteopt.errors import InfeasibleError, LayerError, LayerFileError
from siteopt.lattice import Lattice
from siteopt.layers.rasters import Raster
from siteopt.scenario import Build, Candidates, Near
from siteopt.screening import Eligibility
from siteopt.sites.parcels import judge_parcels, parcel_sites, read_parcels
from siteopt.sites.tiles import SITE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

X, Y = 1_000_000.0, 1_900_000.0
LATTICE = Lattice(X, Y, 250.0, 40, 40)


class Question:
    """The parts of a scenario that parcels read."""

    def __init__(
        self, parcels: Path | None = None, *, screened: bool = True, it_min_mw: float = 40.0
    ) -> None:
        self.candidates = Candidates(parcels=parcels, parcels_screened=screened)
        self.build = Build(it_min_mw=it_min_mw)


class World:
    """One district; even slope; elevation that rises to the east."""

    ids: Sequence[str] = ("districts", "elevation", "slope")

    def vector(self, layer_id: str) -> gpd.GeoDataFrame:
        assert layer_id == "districts"
        return gpd.GeoDataFrame(
            {
                "district_code": ["46870"], "province_code": ["46"],
                "name_ko": ["영광군"], "name_en": ["Yeonggwang-gun"],
            },
            geometry=[shapely.box(*LATTICE.bounds_m)], crs=5179,
        )  # fmt: skip

    def raster(self, layer_id: str) -> Raster:
        east = np.broadcast_to(np.arange(40, dtype=np.float32), LATTICE.shape)
        values = east if layer_id == "elevation" else np.full_like(east, 3.0)
        return Raster(values, LATTICE, float("nan"), layer_id)


def rule(name: str) -> Near:
    return Near.model_validate(
        {"id": name, "title": {"ko": name, "en": name}, "kind": "near", "layer": name}
    )


@pytest.fixture
def eligibility() -> Eligibility:
    """The western half is a park, the northern half steep: the south-east is eligible."""
    reasons = np.zeros(LATTICE.shape, dtype=np.uint32)
    reasons[:, :20] |= 1
    reasons[:20, :] |= 2
    land = np.ones(LATTICE.shape, dtype=bool)
    return Eligibility(LATTICE, reasons, land, (rule("parks"), rule("slope")), (0, 0))


def square(east_m: float, south_m: float, side_m: float) -> Any:
    return shapely.box(X + east_m, Y - south_m - side_m, X + east_m + side_m, Y - south_m)


def parcels(**columns: Any) -> gpd.GeoDataFrame:
    data = {
        "site_id": ["b-2", "a-1", "영광_3"],
        "name": ["둘째", None, "셋째"],
        "geometry": [
            square(6_000, 6_000, 1_000),
            square(4_000, 4_000, 900),
            square(4_500, 7_000, 2_000),
        ],
    }
    return gpd.GeoDataFrame(data | columns, crs=5179)


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write_to(frame: gpd.GeoDataFrame, name: str, **options: Any) -> Path:
        path = tmp_path / name
        frame.to_file(path, engine="pyogrio", **options)
        return path

    return write_to


@pytest.mark.parametrize("name", ["p.geojson", "p.gpkg", "p.shp", "cp949.shp", "cp949_cpg.shp"])
def test_every_file_kind_gives_the_same_sites(
    write: Any, name: str, eligibility: Eligibility
) -> None:
    frame = parcels()
    if name.endswith(".geojson"):
        path = write(frame.to_crs(4326), name, COORDINATE_PRECISION="9")
    elif name.startswith("cp949"):
        path = write(frame, name, encoding="CP949")
        if "cpg" not in name:
            path.with_suffix(".cpg").unlink(missing_ok=True)
    else:
        path = write(frame, name)
    sites = judge_parcels(read_parcels(path), eligibility, World(), Question())
    assert sites["site_id"].tolist() == ["a-1", "b-2", "영광_3"]
    assert sites["name_ko"].tolist() == ["영광군 a-1", "둘째", "셋째"]
    assert sites["name_en"].tolist() == ["Yeonggwang-gun a-1", "둘째", "셋째"]
    assert sites["excluded_by"].tolist() == ["parks;slope;too_small", "", ""]
    np.testing.assert_allclose(sites["area_ha"], [81.0, 100.0, 400.0], rtol=1e-6)
    # The third lies across the park: 6 of its 8 columns of cells are eligible.
    np.testing.assert_allclose(sites["eligible_ha"], [0.0, 100.0, 300.0], rtol=1e-6)
    assert sites["it_max_mw"].tolist()[2] == 1_000.0
    np.testing.assert_allclose(sites["elevation_m"], [17.5, 25.5, 21.5], atol=0.51)
    assert list(sites.columns) == [*SITE_COLUMNS[:-1], "area_ha", "excluded_by", "geometry"]
    assert sites.crs.to_epsg() == 5179


def test_points_of_a_csv_need_and_use_area_ha(tmp_path: Path, eligibility: Eligibility) -> None:
    at = gpd.GeoSeries([shapely.Point(X + 7_100, Y - 7_100)] * 2, crs=5179).to_crs(4326)
    table = pd.DataFrame(
        {
            "site_id": [7, 12], "name_ko": ["하나", ""], "lon": at.x, "lat": at.y,
            "area_ha": [30.0, 4.0],
        }
    )  # fmt: skip
    path = tmp_path / "own.csv"
    table.to_csv(path, index=False, encoding="cp949")
    sites = judge_parcels(read_parcels(path), eligibility, World(), Question())
    assert sites["site_id"].tolist() == ["12", "7"]
    assert sites["name_ko"].tolist() == ["영광군 12", "하나"]
    assert sites["it_max_mw"].tolist() == [0.0, 240.0]
    assert sites["excluded_by"].tolist() == ["too_small", ""]
    assert sites["elevation_m"].tolist() == [28.0, 28.0]
    table.drop(columns="area_ha").to_csv(path, index=False)
    with pytest.raises(LayerError, match=r"own\.csv: column area_ha is missing; a point has no"):
        read_parcels(path)
    for bad, shown in ((0.0, r"0\.0"), (-3.0, r"-3\.0"), (None, "empty"), ("big", "'big'")):
        table["area_ha"] = pd.Series([30.0, bad], dtype=object)
        table.to_csv(path, index=False)
        message = rf"own\.csv: row 3: area_ha is ('?){shown.strip(chr(39))}\1; a number of hectares"
        with pytest.raises(LayerError, match=message):
            read_parcels(path)


def test_parcels_are_screened_or_kept_and_marked(write: Any, eligibility: Eligibility) -> None:
    path = write(parcels(), "p.gpkg")
    screened = parcel_sites(eligibility, World(), Question(path))
    assert screened["site_id"].tolist() == ["b-2", "영광_3"]
    kept = parcel_sites(eligibility, World(), Question(path, screened=False))
    assert kept["site_id"].tolist() == ["a-1", "b-2", "영광_3"]
    assert kept["excluded_by"].tolist() == ["parks;slope", "", ""]
    assert kept["it_max_mw"].tolist() == [660.0, 820.0, 1_000.0]  # of the whole 81 ha
    with pytest.raises(
        InfeasibleError,
        match=r"no parcel can be a site, of 1 \(left out by parks 1, slope 1, too_small 1\)",
    ):
        parcel_sites(eligibility, World(), Question(write(parcels()[1:2], "q.gpkg")))


def test_a_parcel_beyond_the_frame_or_at_sea_is_marked(eligibility: Eligibility) -> None:
    land = eligibility.land.copy()
    land[30:, 30:] = False
    sea = Eligibility(LATTICE, eligibility.reasons, land, eligibility.exclusions, (0, 0))
    away = parcels(geometry=[square(-9_000, 0, 500), square(8_000, 8_000, 500), square(0, 0, 100)])
    away[["name_ko", "name_en", "complex_id"]] = ""
    away["area_ha"] = away.area / 1e4
    sites = judge_parcels(away, sea, World(), Question())
    assert sites["excluded_by"].tolist() == [
        "outside_frame;too_small", "outside_frame;too_small", "parks;slope;too_small",
    ]  # fmt: skip
    assert sites["eligible_ha"].tolist() == [0.0, 0.0, 0.0]


def judged(eligibility: Eligibility, *shapes: Any, world: World | None = None) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {
            "site_id": [f"p{number}" for number in range(len(shapes))],
            "name_ko": "", "name_en": "", "complex_id": "",
        },
        geometry=list(shapes), crs=5179,
    )  # fmt: skip
    frame["area_ha"] = [shape.area / 1e4 or 50.0 for shape in shapes]
    return judge_parcels(frame, eligibility, world or World(), Question())


def test_the_eligible_hectares_are_those_of_the_polygon_on_eligible_cells(
    eligibility: Eligibility,
) -> None:
    # 5,000 m to the east the park ends; whole cells would count all or nothing of the first two
    shapes = [
        square(4_900, 6_000, 200),  # 100 m of its 200 m
        square(4_960, 6_010, 50),  # 10 m of its 50 m
        shapely.Polygon([(X + 4_000, Y - 9_000), (X + 6_000, Y - 9_000), (X + 4_000, Y - 7_000)]),
        square(9_500, 7_000, 1_000),  # half of it is outside the frame
        square(6_010, 6_010, 333.3),
    ]
    sites = judged(eligibility, *shapes)
    eligible = [2.0, 0.05, 50.0, 50.0, shapes[4].area / 1e4]
    np.testing.assert_allclose(sites["eligible_ha"], eligible, rtol=1e-6)
    assert sites["eligible_ha"][4] == sites["area_ha"][4]  # all of it, not almost


def test_means_over_a_parcel_are_those_of_the_plane_at_its_centroid(
    eligibility: Eligibility,
) -> None:
    # elevation rises by 1 a column: over whole cells, and over parts of two cells
    whole = shapely.Polygon(
        [(X + 5_000, Y - 6_000), (X + 6_500, Y - 6_000), (X + 6_500, Y - 6_750), (X + 5_500, Y - 6_750),
         (X + 5_500, Y - 9_000), (X + 5_000, Y - 9_000)]
    )  # fmt: skip
    parts = square(6_200, 6_010, 100)  # half of it in column 24, half in column 25
    sites = judged(eligibility, whole, parts, shapely.Point(X + 6_200, Y - 6_010))
    expected = [(whole.centroid.x - X) / 250 - 0.5, 24.5, 24.0]
    np.testing.assert_allclose(sites["elevation_m"], expected, rtol=1e-6)
    assert sites["slope_mean_deg"].tolist() == [3.0, 3.0, 3.0]
    assert sites["eligible_ha"].tolist()[2] == 50.0  # a point: its cell is all of it


def test_land_cover_of_a_parcel_is_read_on_its_own_cells(eligibility: Eligibility) -> None:
    fine = Lattice(X, Y, 10.0, 1_000, 1_000)

    class Covered(World):
        ids = (*World.ids, "cover_trees")

        def raster(self, layer_id: str) -> Raster:
            if layer_id != "cover_trees":
                return super().raster(layer_id)
            trees = np.zeros(fine.shape, dtype=np.float32)
            trees[:, 605:] = 0.5
            return Raster(trees, fine, float("nan"), layer_id)

    sites = judged(eligibility, square(6_000, 6_005, 100), world=Covered())
    np.testing.assert_allclose(sites["cover_trees_pct"], [25.0], rtol=1e-6)


BOW_TIE = shapely.Polygon([(X, Y - 900), (X + 900, Y), (X + 900, Y - 900), (X, Y)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"site_id": ["x", "x", "y"]}, r"p\.gpkg: feature 2: site_id x appears twice \(first in feature 1\); ids must be unique"),
        ({"site_id": ["x", None, "y"]}, r"feature 2: site_id is empty; letters, digits"),
        ({"site_id": ["x", "a@b", "y"]}, r"feature 2: site_id is 'a@b'; letters, digits"),
        ({"geometry": [square(0, 0, 9), None, square(0, 0, 9)]}, r"feature 2.*geometry is empty"),
        ({"geometry": [square(0, 0, 9), shapely.Polygon(), square(0, 0, 9)]}, r"feature 2.*geometry is empty"),
        ({"geometry": [square(0, 0, 9), square(0, 0, 9), BOW_TIE]}, r"feature 3.*Self-intersection"),
        ({"geometry": [square(0, 0, 9), BOW_TIE.exterior, square(0, 0, 9)]}, r"feature 2: geometry is a LineString; a parcel is a polygon"),
        ({"geometry": [shapely.Point(X, Y), square(0, 0, 9), square(0, 0, 9)]}, r"p\.gpkg: column area_ha is missing"),
    ],
)  # fmt: skip
def test_wrong_content_is_named(write: Any, change: Any, message: str) -> None:
    with pytest.raises(LayerError, match=message):
        read_parcels(write(parcels(**change), "p.gpkg"))


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_missing_or_wrong_crs_is_named(write: Any) -> None:
    frame = parcels()
    with pytest.raises(LayerError, match=r"none\.shp: no CRS; give the file its CRS"):
        read_parcels(
            write(
                gpd.GeoDataFrame(
                    frame.drop(columns="geometry"), geometry=frame.geometry.to_numpy()
                ),
                "none.shp",
            )
        )
    degrees_called_metres = frame.to_crs(4326).set_crs(5179, allow_override=True)
    with pytest.raises(LayerError, match=r"degrees, but the CRS is EPSG:5179; set it to EPSG:4326"):
        read_parcels(write(degrees_called_metres, "wrong.gpkg"))
    utm_called_5179 = frame.to_crs(32652).set_crs(5179, allow_override=True)
    with pytest.raises(LayerError, match=r"outside lon .*is the CRS \(EPSG:5179\) right\?"):
        read_parcels(write(utm_called_5179, "utm.gpkg"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("site_id,lon,lat,area_ha\na,35.2,126.5,9\n", r"own\.csv: row 2.*look swapped"),
        ("site_id,lon,lat,area_ha\na,126.5,35.2,9\nb,,35.2,9\n", r"own\.csv: row 3: lon is empty; a number in degrees"),
        ("site_id,lon,area_ha\na,126.5,9\n", r"own\.csv: column lat is missing"),
        ("id,lon,lat,area_ha\na,126.5,35.2,9\n", r"own\.csv: column site_id is missing; .*\(the file has id, lon, lat, area_ha\)"),
        ("site_id,lon,lat,area_ha\na,116.5,35.2,9\n", r"own\.csv: row 2.*outside lon"),
        ("site_id,lon,lat,area_ha\na,126.5,35.2,9\na,126.6,35.2,9\n", r"row 3: site_id a appears twice \(first in row 2\)"),
        ("", r"own\.csv: empty"),
    ],
)  # fmt: skip
def test_wrong_tables_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LayerError, match=message):
        read_parcels(path)


def test_a_file_that_is_not_there_or_no_layer_is_named(
    tmp_path: Path, eligibility: Eligibility
) -> None:
    with pytest.raises(LayerFileError, match=r"gone\.gpkg"):
        read_parcels(tmp_path / "gone.gpkg")
    (tmp_path / "own.txt").write_text("x", encoding="utf-8")
    with pytest.raises(LayerError, match=r"own\.txt: suffix \.txt is no vector file"):
        read_parcels(tmp_path / "own.txt")
    with pytest.raises(LayerError, match=r"candidates\.parcels: not set"):
        parcel_sites(eligibility, World(), Question())


def test_a_parcel_of_a_complex_is_serviced_land_and_a_complex_that_there_is_not_is_named(
    write: Any, eligibility: Eligibility
) -> None:
    class WithComplexes(World):
        def vector(self, layer_id: str) -> gpd.GeoDataFrame:
            if layer_id == "industrial_complexes":
                return gpd.GeoDataFrame({"complex_id": ["C146020"]})
            return super().vector(layer_id)

    path = write(parcels(complex_id=["C146020", None, None]), "lots.gpkg")
    sites = judge_parcels(read_parcels(path), eligibility, WithComplexes(), Question())
    assert sites["complex_id"].tolist() == ["", "C146020", ""]
    assert set(sites["kind"]) == {"parcel"}
    assert set(sites["area_confidence"]) == {"user"}
    path = write(parcels(complex_id=["C9", None, None]), "wrong.gpkg")
    with pytest.raises(LayerError, match="complex_id C9 is no complex of the layer"):
        judge_parcels(read_parcels(path), eligibility, WithComplexes(), Question())


def csv_parcels(tmp_path: Path, *rows: str) -> gpd.GeoDataFrame:
    path = tmp_path / "own.csv"
    path.write_text("\n".join(["site_id,name,lon,lat,area_ha", *rows]), encoding="utf-8")
    return read_parcels(path)


@pytest.mark.parametrize(
    "site_id", ["0012", "4682025021100010001", "12.0", "1e5", "007", "12345678901234567890123"]
)
def test_an_id_is_the_text_that_stands_there(tmp_path: Path, site_id: str) -> None:
    read = csv_parcels(tmp_path, f"{site_id},가,126.5,35.2,9", "z,,126.6,35.2,9")
    assert read["site_id"].tolist() == [site_id, "z"]


@pytest.mark.parametrize(
    ("area", "message"),
    [
        ("3000000", r"area_ha is 3000000, larger than any parcel \(10,000 at most\); hectares, not m2\?"),
        ("1e308", r"area_ha is 1e\+308, larger than any parcel"), ("inf", "area_ha is inf"), ('"1,000"', "area_ha is '1,000'"),
        ("１２", "area_ha is '１２'"), ("0x10", "area_ha is '0x10'"), ("1_000", "area_ha is '1_000'"),
        ("True", "area_ha is"), ("-1", "area_ha is"),
    ],
)  # fmt: skip
def test_an_area_that_cannot_be_is_asked_about(tmp_path: Path, area: str, message: str) -> None:
    with pytest.raises(LayerError, match=rf"^own\.csv: row 2: {message}"):
        csv_parcels(tmp_path, f"a,가,126.5,35.2,{area}")


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (("００１２",), "row 2: site_id is '００１２'; U\\+FF10 is a full-width or foreign form"),
        (("a٣",), "U\\+0663 is a full-width or foreign"), (("Ａ1",), "U\\+FF21 is a full-width"),
        (("a\u200bb",), "site_id holds U\\+200B \\(zero width space\\)"),
        (("a\u202eb",), "site_id holds U\\+202E \\(right-to-left override\\)"),
        (("a\x1bb",), "site_id holds U\\+001B \\(a control sign\\)"),
        (('"a\tb"',), "site_id holds U\\+0009 \\(a tab\\)"),
        (("영광", unicodedata.normalize("NFD", "영광")), "row 3: site_id .* appears twice \\(first in row 2\\)"),
    ],
)  # fmt: skip
def test_ids_that_look_like_others_are_refused(
    tmp_path: Path, ids: tuple[str, ...], message: str
) -> None:
    with pytest.raises(LayerError, match=message):
        csv_parcels(tmp_path, *(f"{name},가,126.5,35.2,9" for name in ids))


def test_korean_ids_of_every_kind_are_ids(tmp_path: Path) -> None:
    names = ["ㄱ-1", "가.나_다", "해남-α", unicodedata.normalize("NFD", "당진")]
    read = csv_parcels(tmp_path, *(f"{name},가,126.5,35.2,9" for name in names))
    assert sorted(read["site_id"]) == sorted(names)
