"""`sites.parquet`: GeoParquet 1.1 with a box a row, titles and licences, read back by Arrow."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from geopandas.testing import assert_geoseries_equal

from siteopt._file_names import SITES, SITES_PARQUET
from tests.report.gis.small_gis import full, write


@pytest.fixture(scope="module")
def made(make_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("parquet") / "run"
    return folder, write(full(make_run()), folder)


def test_the_file_says_what_geoparquet_asks_for(made):
    folder, _ = made
    schema = pq.read_schema(folder / SITES_PARQUET)
    told = json.loads(schema.metadata[b"geo"])
    assert told["version"] == "1.1.0"
    assert told["primary_column"] == "geometry"
    column = told["columns"]["geometry"]
    assert column["encoding"] == "WKB"
    assert column["geometry_types"] == ["Point"]
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 5179}
    assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    assert set(schema.field("bbox").type.names) == {"xmin", "ymin", "xmax", "ymax"}


def test_every_field_has_its_titles_and_the_file_its_attribution(made):
    schema = pq.read_schema(made[0] / SITES_PARQUET)
    for field in schema:
        assert field.metadata[b"title_ko"], field.name
        assert field.metadata[b"title_en"], field.name
    assert "순위" in schema.field("rank").metadata[b"title_ko"].decode()
    assert schema.field("land_price_krw_m2").metadata[b"confidence"] == b"see land_price_confidence"
    assert "OpenStreetMap" in json.loads(schema.metadata[b"siteopt"])["attribution"]


def test_values_and_types_are_those_of_the_ranking(made):
    folder, ranking = made
    read = gpd.read_parquet(folder / SITES_PARQUET)
    assert read.crs.to_epsg() == 5179
    pd.testing.assert_frame_equal(
        pd.DataFrame(read.drop(columns="geometry")), ranking, check_dtype=False, check_exact=True
    )
    assert (read["rank"].dtype, read["chosen"].dtype) == (ranking["rank"].dtype, bool)
    stored = gpd.read_file(folder / SITES, layer="sites")
    assert_geoseries_equal(read.geometry, stored.geometry, check_crs=False)


def test_a_box_finds_the_rows_without_their_geometry(made):
    folder, _ = made
    whole = gpd.read_parquet(folder / SITES_PARQUET)
    west, south, east, north = whole.total_bounds
    box = (west, south, (west + east) / 2, (south + north) / 2)
    part = gpd.read_parquet(folder / SITES_PARQUET, bbox=box)
    inside = shapely.intersects(whole.geometry.to_numpy(), shapely.box(*box))
    assert part["site_id"].tolist() == whole.loc[inside, "site_id"].tolist()
    assert 0 < len(part) < len(whole)
