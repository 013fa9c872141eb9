"""Fine rasters become cells: exact on planes and boards, alike for any tiling, bounded on servers."""

from __future__ import annotations

import re

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from siteopt.errors import FetchError
from siteopt.lattice import Lattice
from siteopt.sources.fetching import rasters
from siteopt.sources.fetching.rasters import ClassShare, Mean, MeanSlope, aggregate
from tests.sources.fetching.server import send, serving

X, Y = 1_000_000.0, 1_800_000.0
LATTICE = Lattice(X, Y, 250.0, 12, 16)


def written(path, values, *, west=X - 500.0, north=Y + 500.0, side=25.0, crs=5179, **more):
    profile = {
        "driver": "GTiff", "height": values.shape[0], "width": values.shape[1], "count": 1,
        "dtype": values.dtype.name, "crs": crs, "transform": from_origin(west, north, side, side),
    }  # fmt: skip
    with rasterio.open(path, "w", **(profile | more)) as out:
        out.write(values, 1)
    return str(path)


def plane(rows=200, cols=240, side=25.0):
    """Height that rises 0.1 m a metre to the east and 0.2 to the north."""
    east, north = np.meshgrid(np.arange(cols) * side, -np.arange(rows) * side)
    return (0.1 * east + 0.2 * north + 500.0).astype(np.float32)


def test_the_slope_of_a_plane_is_its_own(tmp_path):
    tile = written(tmp_path / "a.tif", plane(), nodata=np.nan)
    found = aggregate([tile], LATTICE, 25.0, MeanSlope())
    assert found == pytest.approx(np.degrees(np.arctan(np.hypot(0.1, 0.2))), rel=1e-4)


def test_the_mean_of_a_plane_is_its_height_at_the_centre(tmp_path):
    tile = written(tmp_path / "a.tif", plane(), nodata=np.nan)
    found = aggregate([tile], LATTICE, 25.0, Mean())
    x, y = np.meshgrid(np.arange(16) * 250.0 + 125.0, -np.arange(12) * 250.0 - 125.0)
    # the first centre of the raster is 500 - 12.5 m west and north of the lattice
    assert found == pytest.approx(0.1 * (x + 487.5) + 0.2 * (y - 487.5) + 500.0, rel=1e-4)


def test_shares_of_classes_are_counted(tmp_path):
    board = (np.indices((600, 600)).sum(axis=0) % 2 * 10 + 10).astype(np.uint8)  # 10 and 20
    board[:, :300] = 30
    tile = written(tmp_path / "a.tif", board, side=10.0, west=X, north=Y)
    lattice = Lattice(X, Y, 250.0, 24, 24)
    assert aggregate([tile], lattice, 10.0, ClassShare((30,)))[:, :12] == pytest.approx(1.0)
    right = aggregate([tile], lattice, 10.0, ClassShare((20, 99)))[:, 12:]
    assert right == pytest.approx(0.5, abs=0.001)


def test_what_no_tile_knows_is_not_known(tmp_path):
    values = plane()
    values[:, 100:] = -9_999.0
    tile = written(tmp_path / "a.tif", values, nodata=-9_999.0)
    found = aggregate([tile], LATTICE, 25.0, Mean())
    assert np.isfinite(found[:, :7]).all()
    assert np.isnan(found[:, 9:]).all()
    without = written(tmp_path / "b.tif", np.ones((40, 40), dtype=np.uint8), west=X, north=Y)
    share = aggregate([without], LATTICE, 25.0, ClassShare((1,)))
    assert share[:4, :4] == pytest.approx(1.0)
    assert np.isnan(share[5:, 5:]).all()


@pytest.mark.parametrize("block", [1, 5, 1_000])
def test_blocks_leave_no_seam(tmp_path, monkeypatch, block):
    rough = np.random.default_rng(1).normal(size=(200, 240)).astype(np.float32) * 30
    tile = written(tmp_path / "a.tif", rough, nodata=np.nan)
    whole = aggregate([tile], LATTICE, 25.0, MeanSlope())
    monkeypatch.setattr(rasters, "_BLOCK_CELLS", block)
    assert np.array_equal(aggregate([tile], LATTICE, 25.0, MeanSlope()), whole)


def test_two_tiles_are_as_one(tmp_path):
    values = plane()
    one = written(tmp_path / "one.tif", values, nodata=np.nan)
    left = written(tmp_path / "l.tif", values[:, :130], nodata=np.nan)
    right = written(tmp_path / "r.tif", values[:, 120:], west=X - 500 + 120 * 25, nodata=np.nan)
    whole = aggregate([one], LATTICE, 25.0, Mean())
    assert aggregate([left, right], LATTICE, 25.0, Mean()) == pytest.approx(whole, rel=1e-4)


def test_degrees_are_brought_to_metres(tmp_path):
    lattice = Lattice(950_000.0, 1_810_000.0, 250.0, 20, 20)
    values = np.full((900, 900), 7.0, dtype=np.float32)
    tile = written(
        tmp_path / "a.tif", values, west=126.8, north=36.4, side=1 / 2_400, crs=4326, nodata=np.nan
    )
    assert aggregate([tile], lattice, 25.0, Mean()) == pytest.approx(7.0)


def ranges(content, asked_bytes):
    def answer(handler, asked, _number):
        given = re.fullmatch(r"bytes=(\d+)-(\d+)", asked.headers.get("Range", ""))
        if given is None:
            send(handler, 200, content)
            return
        first, last = int(given[1]), min(int(given[2]), len(content) - 1)
        asked_bytes.append(last + 1 - first)
        send(handler, 206, content[first : last + 1], Content_Range=f"bytes {first}-{last}/{len(content)}")  # fmt: skip

    return answer


def test_only_the_needed_blocks_are_asked_for(tmp_path):
    noise = np.random.default_rng(2).integers(0, 200, (4_000, 4_000), dtype=np.uint8)
    tile = written(
        tmp_path / "a.tif", noise, side=10.0, west=X - 500, north=Y + 500, tiled=True,
        blockxsize=256, blockysize=256, compress="deflate",
    )  # fmt: skip
    content = (tmp_path / "a.tif").read_bytes()
    lattice = Lattice(X, Y, 250.0, 4, 4)
    asked: list[int] = []
    with serving(ranges(content, asked)) as server:
        found = aggregate([f"{server.url}/a.tif"], lattice, 10.0, ClassShare((7,)))
    assert np.array_equal(found, aggregate([tile], lattice, 10.0, ClassShare((7,))))
    assert 0 < sum(asked) < 0.1 * len(content)


def test_a_tile_of_open_sea_is_not_there(tmp_path):
    tile = written(tmp_path / "a.tif", plane(), nodata=np.nan)
    with serving(lambda handler, *_: send(handler, 404)) as server:
        sea = f"{server.url}/sea.tif"
        found = aggregate([sea, tile], LATTICE, 25.0, Mean(), missing="sea")
        assert np.isfinite(found).all()
        with pytest.raises(FetchError, match=r"sea\.tif: cannot be read"):
            aggregate([sea, tile], LATTICE, 25.0, Mean())
        with pytest.raises(FetchError, match="no tile is there"):
            aggregate([sea], LATTICE, 25.0, Mean(), missing="sea")


def test_bad_tiles_are_said(tmp_path):
    (tmp_path / "page.tif").write_bytes(b"<html></html>")
    with pytest.raises(FetchError, match=r"page\.tif: cannot be read as a GeoTIFF"):
        aggregate([str(tmp_path / "page.tif")], LATTICE, 25.0, Mean())
    noise = np.random.default_rng(3).normal(size=(200, 240)).astype(np.float32)
    whole = written(tmp_path / "a.tif", noise, nodata=np.nan, compress="deflate")
    content = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "cut.tif").write_bytes(content[: len(content) // 2])
    with pytest.raises(FetchError, match=r"cut\.tif: (is broken|cannot be read)"):
        aggregate([str(tmp_path / "cut.tif")], LATTICE, 25.0, Mean())
    with pytest.raises(FetchError, match="cannot be cut into 30 m"):
        aggregate([whole], LATTICE, 30.0, Mean())
