"""Embedded layers read without pandas and geopandas: the same as the store of layers reads."""

import shutil

import numpy as np
import pytest
import shapely

from siteopt.errors import LayerError
from siteopt.layers import open_layers, read_catalogue
from siteopt.layers.light_readers import (
    embedded_cells,
    embedded_properties,
    embedded_shapes,
    embedded_value,
)

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def layers():
    return open_layers()


@pytest.fixture(scope="module")
def catalogue():
    return read_catalogue()


@pytest.mark.parametrize("layer_id", ["slope", "electors", "elevation", "temperature"])
def test_a_value_is_that_of_the_cell_that_holds_the_point(layers, catalogue, layer_id):
    raster, rng = layers.raster(layer_id), np.random.default_rng(11)
    west, south, east, north = raster.lattice.bounds_m
    x_m, y_m = rng.uniform(west - 9e3, east + 9e3, 40), rng.uniform(south - 9e3, north + 9e3, 40)
    x_m[:2], y_m[:2] = (west, west + 250), (north, north - 250)  # on corners of cells
    values = [embedded_value(catalogue, layer_id, *place) for place in zip(x_m, y_m, strict=True)]
    np.testing.assert_array_equal(values, raster.sample(x_m, y_m))


@pytest.mark.parametrize(
    ("layer_id", "where"),
    [
        ("lakes", {}),
        ("rivers", {}),
        ("dmz", {}),
        ("provinces", {"capital_region": True}),
        ("stations", {"kind": ["substation", "unknown"]}),
        ("stations", {"kind": "tap"}),
    ],
)
def test_shapes_are_those_of_the_checked_layer(layers, catalogue, layer_id, where):
    frame = layers.vector(layer_id)
    for column, wanted in where.items():
        frame = frame[frame[column].isin(wanted if isinstance(wanted, list) else [wanted])]
    shapes = embedded_shapes(catalogue, layer_id, where)
    assert len(shapes) == len(frame) > 0
    assert shapely.equals_exact(shapes, np.asarray(frame.geometry.array), 0.0).all()


def test_no_feature_is_an_error(catalogue):
    with pytest.raises(LayerError, match=r"stations: no feature has .*rocket"):
        embedded_shapes(catalogue, "stations", {"kind": "rocket"})


@pytest.mark.parametrize("layer_id", ["provinces", "districts", "stations"])
def test_columns_are_those_of_the_checked_layer(layers, catalogue, layer_id):
    frame, rows = layers.vector(layer_id), embedded_properties(catalogue, layer_id)
    for name in ("name_ko", "name_en"):
        assert [row[name] for row in rows] == frame[name].fillna("").tolist()


def test_cells_are_those_of_the_raster(layers, catalogue):
    raster, found = layers.raster("eupmyeondong"), embedded_cells(catalogue, "eupmyeondong")
    assert found.lattice == raster.lattice
    np.testing.assert_array_equal(found.values, np.where(raster.known, raster.values, 0))


def test_a_file_that_is_not_that_of_the_catalogue_is_refused(catalogue, tmp_path):
    shutil.copy(catalogue.folder / "catalogue.toml", tmp_path)
    (tmp_path / "reference").mkdir()
    changed = catalogue.path("dmz").read_bytes().replace(b"127.", b"126.", 1)
    (tmp_path / "reference" / "dmz.geojson").write_bytes(changed)
    with pytest.raises(LayerError, match=r"dmz\.geojson: not the file of the catalogue"):
        embedded_shapes(read_catalogue(tmp_path), "dmz", {})
