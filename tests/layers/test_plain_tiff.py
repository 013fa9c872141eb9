"""Plain GeoTIFFs decoded without GDAL: GDAL's own reading is the answer they must give."""

import itertools

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from siteopt.errors import LayerError
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.plain_tiff import plain_tiff

PLACE = from_origin(1_000_250, 1_800_500, 250, 250)


def written(path, values, **profile):
    profile = {"crs": "EPSG:5179", "transform": PLACE, "tiled": True, "blockxsize": 32,
               "blockysize": 16} | profile  # fmt: skip
    scale = profile.pop("scale", None)
    count = profile.pop("count", 1)
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=count,
        dtype=values.dtype, **profile,
    ) as target:  # fmt: skip
        for band in range(1, count + 1):
            target.write(values, band)
        if scale is not None:
            target.scales = [scale]
    return path.read_bytes()


def cells(dtype, shape=(45, 70)):
    rng, ends = np.random.default_rng(5), np.iinfo(dtype)
    found = rng.integers(ends.min, ends.max, shape, dtype=dtype, endpoint=True)
    found[:3, :3] = [ends.min, ends.max, 7]
    return found


@pytest.mark.parametrize(
    ("dtype", "compress", "predictor"),
    [
        *itertools.product(["uint8", "uint16", "uint32", "int16", "int32"], ["deflate"], [1, 2]),
        ("uint16", "none", 1),
    ],
)
def test_every_cell_is_the_one_that_gdal_reads(tmp_path, dtype, compress, predictor):
    values = cells(dtype)
    more = {"predictor": predictor} if compress == "deflate" else {}
    content = written(tmp_path / "a.tif", values, compress=compress, nodata=7, scale=0.16, **more)
    found = plain_tiff(content, "a.tif")
    places = list(itertools.product((0, 1, 15, 16, 44), (0, 1, 2, 31, 32, 69)))
    one_by_one = [found.at(row, col) for row, col in places]
    assert one_by_one == [values[place] for place in places]
    np.testing.assert_array_equal(found.values, values)
    assert found.values.dtype == values.dtype
    assert [found.at(row, col) for row, col in places] == one_by_one  # of the decoded band now
    with rasterio.open(tmp_path / "a.tif") as source:
        assert (found.nodata, found.scale, found.offset) == (7, source.scales[0], 0)
        assert (found.x_min_m, found.y_max_m) == source.transform * (0, 0)
        assert (found.lattice.cell_m, found.lattice.shape) == (source.res[0], source.shape)


@pytest.mark.parametrize(
    "profile",
    [
        {"compress": "lzw"},
        {"tiled": False},
        {"count": 2},
        {"crs": "EPSG:5186"},
        {"transform": from_origin(1e6, 1.8e6, 250, 200)},
        {"transform": PLACE @ PLACE.rotation(10)},
        {"BIGTIFF": "YES"},
        {"ENDIANNESS": "BIG"},
        {"SPARSE_OK": True, "empty": True},
        {"dtype": "float32"},
    ],
)
def test_a_file_that_is_not_plain_is_left_to_gdal(tmp_path, profile):
    values = cells("uint16").astype(profile.pop("dtype", "uint16"))
    if profile.pop("empty", False):
        values[:] = 0
    assert plain_tiff(written(tmp_path / "a.tif", values, **profile), "a.tif") is None


def test_what_is_no_tiff_or_ends_too_early_is_none(tmp_path):
    content = written(tmp_path / "a.tif", cells("uint16"), compress="deflate")
    heads = [content[:length] for length in range(0, 400, 7)]
    assert {plain_tiff(head, "a.tif") for head in (b"\x89PNG", *heads)} == {None}


def test_a_damaged_tile_names_the_file(tmp_path):
    content = bytearray(written(tmp_path / "a.tif", cells("uint16"), compress="deflate"))
    found = plain_tiff(bytes(content), "a.tif")
    begin = found._tiling.offsets[0]
    content[begin : begin + 8] = b"\xff" * 8
    damaged = plain_tiff(bytes(content), "a.tif")
    with pytest.raises(LayerError, match=r"a\.tif: cannot be read as a GeoTIFF \(tile 0: .*whole"):
        damaged.at(0, 0)
    with pytest.raises(LayerError, match="tile 0"):
        damaged.values  # noqa: B018 - decodes
    assert damaged.at(44, 69) == found.at(44, 69)


@pytest.mark.national
def test_every_embedded_raster_is_plain():
    catalogue = read_catalogue()
    rasters = [entry.id for entry in catalogue if entry.kind == "raster"]
    assert len(rasters) >= 8
    for layer_id in rasters:
        found = plain_tiff(catalogue.content(layer_id), layer_id)
        with rasterio.open(catalogue.path(layer_id)) as source:
            np.testing.assert_array_equal(found.values, source.read(1), layer_id)
            assert found.nodata == source.nodata
