"""Raster files part by part: the values of the whole, in little memory, whatever they look like."""

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.transform import Affine

from siteopt.errors import LayerError
from siteopt.lattice import Lattice
from siteopt.layers import raster_file, raster_reading
from siteopt.layers.raster_file import RasterFile
from siteopt.layers.raster_reading import open_raster, read_raster
from siteopt.layers.rasters import Raster

CUSTOM = (
    'PROJCS["own",GEOGCS["g",DATUM["Korean_Geodetic_Datum_2002",SPHEROID["GRS 1980",6378137,'
    '298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],'
    'PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",36],'
    'PARAMETER["central_meridian",128],PARAMETER["scale_factor",1],PARAMETER["false_easting",0],'
    'PARAMETER["false_northing",0],UNIT["metre",1]]'
)
TURNED = Affine.translation(1e6, 1.9e6) * Affine.rotation(25) * Affine.scale(400, -400)
GRIDS = {
    "as it is": ("EPSG:5179", Affine(400, 0, 1e6, 0, -400, 1.9e6)),
    "south up": ("EPSG:5179", Affine(400, 0, 1e6, 0, 400, 1.9e6)),
    "west ward": ("EPSG:5179", Affine(-400, 0, 1e6, 0, -400, 1.9e6)),
    "turned": ("EPSG:5179", TURNED),
    "sheared": ("EPSG:5179", Affine(400, 90, 1e6, -60, -400, 1.9e6)),
    "oblong": ("EPSG:5179", Affine(1200, 0, 1e6, 0, -400, 1.9e6)),
    "coarse": ("EPSG:5179", Affine(9000, 0, 9e5, 0, -6000, 1.9e6)),
    "degrees": ("EPSG:4326", Affine(0.004, 0, 126.9, 0, -0.004, 36.5)),
    "degrees, south up": ("EPSG:4326", Affine(0.004, 0, 126.9, 0, 0.004, 35.5)),
    "5186": ("EPSG:5186", Affine(400, 0, 2e5, 0, -400, 5e5)),
    "UTM 52N": ("EPSG:32652", Affine(400, 0, 3e5, 0, -400, 4e6)),
    "own WKT": (CUSTOM, Affine(400, 0, -3e4, 0, -400, 2e4)),
}
FORMS: dict[str, dict[str, Any]] = {
    "float": {"dtype": "float32"},
    "float, nodata": {"dtype": "float32", "nodata": -9999.0},
    "classes": {"dtype": "uint8"},
    "classes, nodata": {"dtype": "uint8", "nodata": 255},
    "scaled": {"dtype": "int16", "nodata": -1, "scale": 0.5, "offset": 3.0},
    "mask": {"dtype": "uint8", "mask": True},
    "alpha": {"dtype": "uint8", "count": 2, "ALPHA": "YES"},
    "palette": {"dtype": "uint8", "photometric": "PALETTE"},
    "sparse": {"dtype": "uint8", "sparse_ok": True, "nodata": 0},
    "strips": {"dtype": "uint8", "tiled": False},
}
SHAPE = (90, 110)


def numbers(dtype: str) -> NDArray[Any]:
    values = np.random.default_rng(7).integers(1, 90, SHAPE)
    values[:20, :30] = 0
    return values.astype(dtype)


def write(
    path: Path, crs: str, place: Affine, *, dtype: str = "uint8", scale: float | None = None,
    offset: float | None = None, mask: bool = False, **more: Any,
) -> NDArray[np.float64]:  # fmt: skip
    """Write random cells; return their values in the unit of the layer, NaN where not known."""
    stored = numbers(dtype)
    unknown = np.zeros(SHAPE, dtype=bool)
    if "nodata" in more:
        stored[40:50, 20:60] = more["nodata"]
        unknown |= stored == more["nodata"]
    if mask or more.get("count") == 2:
        unknown[5:30, 25:70] = True
    layout = {"tiled": True, "blockxsize": 32, "blockysize": 32} | more
    layout = {key: value for key, value in layout.items() if key != "count"}
    if not layout["tiled"]:
        layout = {"tiled": False}
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(
            path, "w", driver="GTiff", width=SHAPE[1], height=SHAPE[0], dtype=dtype, crs=crs,
            transform=place, count=more.get("count", 1), **layout,
        ) as file,
    ):  # fmt: skip
        file.write(stored, 1)
        if more.get("count") == 2:
            file.write(np.where(unknown, 0, 255).astype(dtype), 2)
        if mask:
            file.write_mask(~unknown)
        if scale is not None:
            file.scales, file.offsets = (scale,), (offset,)
    values = stored.astype(np.float64) * (scale or 1.0) + (offset or 0.0)
    values[unknown] = np.nan
    return values


def expected(
    lattice: Lattice, crs: str, place: Affine, values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the value of the file's cell below each centre, by PROJ alone, and where it is sure."""
    rows, cols = np.indices(lattice.shape)
    x, y = lattice.centres_m(rows, cols)
    to_file = Transformer.from_crs(5179, crs, always_xy=True)
    col, row = ~place * to_file.transform(x, y)
    inside = (row >= 0) & (row < values.shape[0]) & (col >= 0) & (col < values.shape[1])
    found = np.full(lattice.shape, np.nan)
    found[inside] = values[row[inside].astype(int), col[inside].astype(int)]
    edge = np.minimum(np.abs(row - np.round(row)), np.abs(col - np.round(col)))
    return found, edge > 1e-3


def as_float(raster: Raster) -> NDArray[np.float64]:
    values = raster.values.astype(np.float64)
    values[~raster.known] = np.nan
    return values


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("form", ["float", "classes, nodata"])
def test_a_cell_has_the_value_below_its_centre(tmp_path: Path, grid: str, form: str) -> None:
    crs, place = GRIDS[grid]
    values = write(tmp_path / "r.tif", crs, place, **FORMS[form])
    raster = read_raster(tmp_path / "r.tif", "mine")
    right, sure = expected(raster.lattice, crs, place, values)
    assert sure.mean() > 0.9
    assert np.isfinite(right).mean() > 0.3
    np.testing.assert_array_equal(as_float(raster)[sure], right[sure])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("grid", ["as it is", "south up", "degrees", "turned"])
def test_whatever_marks_cells_as_unknown_they_are_unknown(
    tmp_path: Path, grid: str, form: str
) -> None:
    crs, place = GRIDS[grid]
    values = write(tmp_path / "r.tif", crs, place, **FORMS[form])
    raster = read_raster(tmp_path / "r.tif", "mine")
    right, sure = expected(raster.lattice, crs, place, values)
    np.testing.assert_array_equal(as_float(raster)[sure], right[sure])


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("form", FORMS)
def test_parts_are_those_of_the_whole_to_the_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grid: str, form: str
) -> None:
    write(tmp_path / "r.tif", *GRIDS[grid], **FORMS[form])
    whole = read_raster(tmp_path / "r.tif", "mine")
    monkeypatch.setattr(raster_file, "_TILE", 16)
    random = np.random.default_rng(3)
    with RasterFile(tmp_path / "r.tif", "mine") as file:
        assert file.lattice == whole.lattice
        assert repr(file.nodata) == repr(whole.nodata)
        for _ in range(4):
            top, left = (int(random.integers(0, n)) for n in whole.lattice.shape)
            rows = slice(top, int(random.integers(top, whole.lattice.n_rows)) + 1)
            cols = slice(left, int(random.integers(left, whole.lattice.n_cols)) + 1)
            part = file.part(rows, cols)
            assert part.values.dtype == whole.values.dtype
            assert part.lattice == whole.lattice.part(rows, cols)
            np.testing.assert_array_equal(part.values, whole.values[rows, cols])
        np.testing.assert_array_equal(file.whole().values, whole.values)
        assert file.value_range() == whole.value_range()


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["as it is", "degrees", "turned"]))
def test_points_and_other_lattices_find_the_same_in_the_file(
    tmp_path_factory: Any, seed: int, grid: str
) -> None:
    path = tmp_path_factory.mktemp("r") / "r.tif"
    write(path, *GRIDS[grid], dtype="float32", nodata=-9999.0)
    whole = read_raster(path, "mine")
    x_min, y_min, x_max, y_max = whole.lattice.bounds_m
    random = np.random.default_rng(seed)
    x = random.uniform(x_min - 5000, x_max + 5000, (7, 9))
    y = random.uniform(y_min - 5000, y_max + 5000, (7, 9))
    x[0, 0], y[1, 1] = np.nan, np.inf
    cell_m = float(random.uniform(150, 3000))
    other = Lattice(x_min - 3000 + random.uniform(0, 900), y_max + 2000, cell_m, 17, 23)
    with RasterFile(path, "mine") as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(raster_file, "_TILE", 20)
        patch.setattr(raster_file, "_CELLS_AT_ONCE", 3000)
        np.testing.assert_array_equal(file.sample(x, y), whole.sample(x, y))
        for how in ("nearest", "average"):
            found, right = file.on(other, how), whole.on(other, how)
            np.testing.assert_allclose(found.values, right.values, rtol=1e-5)


def test_threads_and_copies_read_the_same(tmp_path: Path) -> None:
    write(tmp_path / "r.tif", *GRIDS["degrees"])
    whole = read_raster(tmp_path / "r.tif", "mine")
    with RasterFile(tmp_path / "r.tif", "mine") as file, ThreadPoolExecutor(8) as pool:
        rows = [slice(row, row + 7) for row in range(0, whole.lattice.n_rows - 7, 3)]
        cols = slice(0, whole.lattice.n_cols)
        parts = list(pool.map(lambda one: file.part(one, cols), rows))
        for one, part in zip(rows, parts, strict=True):
            np.testing.assert_array_equal(part.values, whole.values[one])
        copy = pickle.loads(pickle.dumps(file))  # noqa: S301 - of our own
        np.testing.assert_array_equal(copy.part(rows[0], cols).values, whole.values[rows[0]])
        copy.close()


def test_a_forked_process_reads_through_an_opening_of_its_own(tmp_path: Path) -> None:
    write(tmp_path / "r.tif", *GRIDS["as it is"])
    with RasterFile(tmp_path / "r.tif", "mine") as file:
        openings = file._openings
        with openings.one() as here:
            pass
        openings._process = os.getpid() + 1  # as a child finds it
        with openings.one() as there:
            assert there is not here
        here.close()


def test_a_large_file_stays_where_it_is_and_a_small_one_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "r.tif", *GRIDS["degrees"])
    assert not isinstance(open_raster(tmp_path / "r.tif", "mine"), RasterFile)
    monkeypatch.setattr(raster_reading, "_WHOLE_BYTES", 1000)
    told: list[str] = []
    file = open_raster(tmp_path / "r.tif", "mine", told.append)
    assert isinstance(file, RasterFile)
    whole = read_raster(tmp_path / "r.tif", "mine", told.append)
    np.testing.assert_array_equal(file.values, whole.values)
    np.testing.assert_array_equal(file.as_float(), whole.as_float())
    assert told[0] == told[1]
    assert "resampled to cells of" in told[0]
    file.close()


@pytest.mark.parametrize("fill", [-9999.0, 1e30])
def test_a_fill_is_found_in_a_large_file_as_in_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fill: float
) -> None:
    crs, place = GRIDS["degrees"]
    values = numbers("float32")
    values[70:, 80:] = fill
    with rasterio.open(
        tmp_path / "r.tif", "w", driver="GTiff", width=SHAPE[1], height=SHAPE[0], dtype="float32",
        crs=crs, transform=place, count=1,
    ) as file:  # fmt: skip
        file.write(values, 1)
    said = []
    for most in (1 << 28, 1000):
        monkeypatch.setattr(raster_reading, "_WHOLE_BYTES", most)
        with pytest.raises(LayerError, match="write it into the file as nodata") as caught:
            open_raster(tmp_path / "r.tif", "mine")
        said.append(str(caught.value))
    assert said[0] == said[1]


def test_a_damaged_part_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "r.tif"
    write(path, *GRIDS["as it is"], compress="DEFLATE")
    whole = read_raster(path, "mine")
    with rasterio.open(path) as file:
        at = int(file.get_tag_item("BLOCK_OFFSET_1_1", "TIFF", bidx=1))
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xff" * 200)
    with RasterFile(path, "mine") as file:
        with pytest.raises(LayerError, match=r"r.tif: .*rows 32 to 64, columns 32 to 64\); is the"):
            file.part(slice(32, 64), slice(32, 64))
        some = file.part(slice(0, 32), slice(0, 32))
        np.testing.assert_array_equal(some.values, whole.values[:32, :32])


@pytest.mark.slow
def test_a_raster_larger_than_its_memory_is_read_in_parts(tmp_path: Path) -> None:
    """200 million cells in degrees: whole they take 200 MB and as much again to be judged."""
    pytest.importorskip("resource")
    path = tmp_path / "r.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=14_000, height=14_000, count=1, dtype="uint8",
        crs="EPSG:4326", transform=Affine(0.0003, 0, 125, 0, -0.0003, 38.5), tiled=True,
        compress="DEFLATE", blockxsize=512, blockysize=512,
    ) as file:  # fmt: skip
        for _, window in file.block_windows():
            file.write(np.full((window.height, window.width), 7, np.uint8), 1, window=window)
    program = (
        "import resource, sys\nfrom pathlib import Path\n"
        "from siteopt.layers.raster_reading import open_raster\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "raster = open_raster(Path(sys.argv[1]), 'mine')\n"
        "assert raster.value_range() == (7.0, 7.0)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(  # noqa: S603 - this Python with a program written here
        [sys.executable, "-c", program, str(path)],
        capture_output=True, text=True, check=True,
        env=os.environ | {"GDAL_CACHEMAX": "16"},
    )  # fmt: skip
    assert int(done.stdout) < 150_000  # kB
