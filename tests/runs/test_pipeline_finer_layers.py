"""A run on a data folder with finer layers: they judge, the approximate ones do not, all files say so."""

import io
import json

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pypdf
import pytest
import rasterio
from shapely.geometry import box

import siteopt
from siteopt._data import data_folder
from siteopt.errors import LayerError, ScenarioError
from siteopt.lattice import Lattice
from siteopt.layers import open_layers
from siteopt.layers.catalogue import Entry
from siteopt.runs.evaluation import check
from siteopt.scenario import load_scenario
from siteopt.scenario.changes import changed_scenario
from siteopt.screening import check_screening, screen
from siteopt.sources.fetching.data_folder import prepare_folder, put_layer, put_raster
from tests.report.written import payload_of

PARK = box(1_060_000, 1_850_000, 1_080_000, 1_870_000)
RESERVE = box(1_000_000, 1_700_000, 1_010_000, 1_710_000)
FOREST = box(1_000_000, 1_860_000, 1_030_000, 1_900_000)
LATTICE = Lattice(740_000.0, 2_070_000.0, 1_000.0, 640, 600)
QUICK = {
    "screening.cell_m": 1000.0, "candidates.tile_m": 20_000.0, "candidates.complexes": False,
    "connection.route_cell_m": 1000.0, "connection.spare_stations": 0, "target.it_mw": 400.0,
    "ranking.exact_others": 0, "uncertainty.preset": "none", "grid.flow_limits": False,
}  # fmt: skip


def entry(layer_id, kind):
    return Entry(
        id=layer_id, title_ko=f"자료 {layer_id}", title_en=f"Layer {layer_id}", file="", kind=kind,
        crs="EPSG:5179", unit="share" if kind == "raster" else "", source="made up", licence="none",
        vintage="2026-01", confidence="compiled-low", good_for="tests", not_good_for="all else",
        notice="", sha256="",
    )  # fmt: skip


def put_shapes(folder, layer_id, shapes, crs=5179, **columns):
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)
    put_layer(folder, entry(layer_id, "vector"), frame)


def share_in(shape, share):
    x, y = LATTICE.centres_m(*np.indices(LATTICE.shape).reshape(2, -1))
    west, south, east, north = shape.bounds
    inside = (x > west) & (x < east) & (y > south) & (y < north)
    return np.where(inside, share, 0.3).reshape(LATTICE.shape).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data folder as `siteopt layers fetch` fills it."""
    made = tmp_path_factory.mktemp("finer") / "layers"
    prepare_folder(made)
    put_shapes(
        made, "osm_protected", [PARK, RESERVE], boundary=["national_park", "protected_area"],
        protect_class=[None, "4"], leisure=[None, "nature_reserve"],
    )  # fmt: skip
    put_raster(made, entry("cover_trees", "raster"), share_in(FOREST, 0.9), LATTICE, step=0.01)
    return made


@pytest.fixture(scope="module")
def quick():
    return changed_scenario(load_scenario("national-2035"), QUICK)


@pytest.fixture(scope="module")
def finer(folder, quick):
    return quick.model_copy(update={"data": folder})


@pytest.fixture(scope="module")
def run(finer, tmp_path_factory):
    home = tmp_path_factory.mktemp("run")
    return siteopt.run(finer, home / "out", cache=home / "cache")


def test_waiting_exclusions_change_no_cell(quick):
    rules = [one for one in quick.screening.exclusions if not one.optional]
    plain = quick.screening.model_copy(update={"exclusions": rules})
    layers = open_layers(quick)
    waiting, without = screen(layers, quick.screening), screen(layers, plain)
    assert waiting.reason_ids == without.reason_ids
    np.testing.assert_array_equal(waiting.reasons, without.reasons)
    np.testing.assert_array_equal(waiting.land, without.land)


def test_finer_layers_judge_and_approximate_ones_do_not(finer, quick):
    found = screen(open_layers(finer), finer.screening)
    assert "parks" not in found.reason_ids
    assert found.reason_ids[-3:] == ["osm_national_parks", "osm_protected", "cover_trees"]
    assert "osm_national_parks" in found.why(*PARK.centroid.coords[0])
    assert "osm_protected" in found.why(*RESERVE.centroid.coords[0])
    assert "cover_trees" in found.why(*FOREST.centroid.coords[0])
    report = found.report().set_index("reason")["area_km2"]
    assert report["osm_national_parks"] == PARK.area / 1e6
    assert report["osm_protected"] == RESERVE.area / 1e6
    assert report["cover_trees"] >= FOREST.area / 1e6
    rough = screen(open_layers(quick), quick.screening)
    parks = rough.report().set_index("reason").loc["parks"]
    assert parks["only_km2"] > 0
    assert found.eligible_km2 > rough.eligible_km2 - FOREST.area / 1e6 - 500.0


@pytest.mark.national
def test_record_and_cells_of_a_run(run):
    record = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    assert record["replaced_exclusions"] == [{"id": "parks", "by": ["osm_national_parks"]}]
    waiting = {one["id"]: one for one in record["waiting_exclusions"]}
    assert waiting["osm_water"]["judged"] == "approximately"
    assert waiting["greenbelt"] == {
        "id": "greenbelt", "layer": "greenbelt", "judged": "not",
        "obtain": "siteopt layers take greenbelt_vworld FILE --out layers",
    }  # fmt: skip
    assert "national_parks" not in {one["id"] for one in record["replaced_exclusions"]}
    assert {"osm_protected", "cover_trees"} <= {one["id"] for one in record["inputs"]}
    assert "parks: not used, osm_national_parks judges in its place" in " ".join(record["notes"])
    with rasterio.open(run.folder / "eligibility.tif") as file:
        tags, codes = file.tags(), file.read(1)
        bits = {tags[f"BIT_{bit:02d}"]: bit for bit in range(int(tags["BIT_COUNT"]))}
        assert "parks" not in bits
        at = file.index(*PARK.centroid.coords[0])
    assert codes[at] >> bits["osm_national_parks"] & 1


@pytest.mark.national
def test_sites_have_the_shares_whose_layer_is_there(run):
    ranking = run.ranking.set_index("site_id")
    assert ranking["cover_trees_pct"].between(30.0 - 1e-4, 80.0).all()
    assert ranking["cover_built_pct"].isna().all()
    assert not any(name.startswith("score_cover") for name in ranking.columns)


@pytest.mark.national
def test_page_report_workbook_and_explanation_name_the_replacement(run):
    sentence = "정밀 자료로 판단: 국립공원(OpenStreetMap 경계) 적용(‘국립공원(원형·탐방로 1.5 km 띠 근사)’ 대체)."
    page = payload_of((run.folder / "map.html").read_text(encoding="utf-8"))
    assert sentence in [pair[0] for pair in page["land_basis"]["sentences"]]
    pages = pypdf.PdfReader(io.BytesIO((run.folder / "report.pdf").read_bytes())).pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    assert "".join(sentence.split()) in text
    book = openpyxl.load_workbook(run.folder / "ranking.xlsx", read_only=True)
    cells = [str(cell) for row in book["입지 제외"].iter_rows(values_only=True) for cell in row]
    assert any(sentence in cell for cell in cells)
    assert any("(근사 기준 대체)" in cell for cell in cells)
    lon, lat = gpd.GeoSeries([PARK.centroid], crs=5179).to_crs(4326).iloc[0].coords[0]
    explained = run.explain(f"{lat},{lon}", language="ko")
    assert "국립공원(OpenStreetMap 경계)" in explained
    assert "(근사 기준 대체)" in explained


@pytest.mark.parametrize(
    ("layer", "shapes", "crs", "columns", "fault"),
    [
        ("greenbelt", [PARK.boundary], 5179, {}, "greenbelt: layer greenbelt has no polygons"),
        ("osm_protected", [PARK], 5179, {"boundary": ["national_park"]},
         "osm_protected: layer osm_protected has no column protect_class"),
        ("greenbelt", [box(0, 0, 10, 10)], 4326, {}, "greenbelt.gpkg: feature 1: lies at lon 5.000, .* outside"),
    ],
)  # fmt: skip
def test_layers_that_cannot_serve_are_named_before_a_run(
    quick, tmp_path, layer, shapes, crs, columns, fault
):
    path = tmp_path / f"{layer}.gpkg"
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(path, driver="GPKG")
    scenario = changed_scenario(quick, {f"layers.{layer}": path})
    with pytest.raises((LayerError, ScenarioError), match=fault):
        check_screening(open_layers(scenario), scenario.screening)


def test_a_layer_of_the_other_kind_is_named_before_a_run(quick, tmp_path):
    path = tmp_path / "cover_trees.gpkg"
    gpd.GeoDataFrame(geometry=[PARK], crs=5179).to_file(path, driver="GPKG")
    with pytest.raises(LayerError, match="cover_trees: a vector layer, but a raster layer"):
        check(changed_scenario(quick, {"layers.cover_trees": path}))
    table = tmp_path / "greenbelt.csv"
    pd.DataFrame({"name": ["x"]}).to_csv(table, index=False)
    scenario = changed_scenario(quick, {"layers.greenbelt": table})
    with pytest.raises(LayerError, match="greenbelt: a table layer, but a vector layer"):
        check_screening(open_layers(scenario), scenario.screening)


def test_the_embedded_folder_has_none_of_the_layers():
    there = set(open_layers(folder=data_folder()).ids)
    waiting = [one for one in load_scenario("national-2035").screening.exclusions if one.optional]
    assert not {one.layer for one in waiting} & there
