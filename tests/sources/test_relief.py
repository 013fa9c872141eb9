"""Elevation and slope: closed forms, what smoothing may and may not do, the embedded rasters."""

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rasterio.transform import from_origin

from siteopt.errors import LayerError, LayerFileError
from siteopt.lattice import Lattice
from siteopt.sources import relief
from siteopt.sources._dem import (
    DEM_FILE,
    LAND_FILE,
    Dem,
    on_lattice,
    read_dem,
    slope_deg,
    smooth_steps,
)
from siteopt.sources._frame import NATIONAL
from siteopt.sources._slope import read_correction
from tests.examples import examples

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
STEP = 7.874
CELL = 0.0017


def _dem(height_of, n: int = 120) -> tuple[Dem, np.ndarray, np.ndarray]:
    """Heights of a function of metres east and south of the corner, at 36 N."""
    dem = Dem(np.zeros((n, n), np.float32), from_origin(127.0, 36.0, CELL, CELL))
    width, height = dem.cell_m()
    x = np.arange(n)[None, :] * width[:, None]
    y = np.broadcast_to(np.arange(n)[:, None] * height, (n, n))
    return Dem(height_of(x, y).astype(np.float32), dem.transform), x, y


@pytest.mark.parametrize("rise", [0.01, 0.15, 0.6])
def test_a_plane_has_its_slope_everywhere(rise: float) -> None:
    dem, _, _ = _dem(lambda _x, y: 500 + rise * y)
    assert slope_deg(dem) == pytest.approx(np.degrees(np.arctan(rise)), rel=2e-3)


def test_a_cone_has_its_slope_away_from_the_top() -> None:
    dem, x, y = _dem(lambda x, y: 3000 - 0.3 * np.hypot(x - 9000, y - 11000))
    away = np.hypot(x - 9000, y - 11000) > 3000
    away[[0, -1], :] = away[:, [0, -1]] = False
    assert slope_deg(dem)[away] == pytest.approx(np.degrees(np.arctan(0.3)), rel=0.02)


@examples(30)
@given(hnp.arrays(np.int64, (14, 17), elements=st.integers(0, 12)))
def test_no_height_moves_more_than_half_a_step_and_none_below_the_sea(steps: np.ndarray) -> None:
    heights = (steps * STEP).astype(np.float32)
    fixed = steps == 0
    smooth = smooth_steps(heights, STEP, fixed=fixed)
    assert np.abs(smooth - heights).max() <= STEP / 2 + 1e-3
    assert smooth.min() >= 0
    assert (smooth[fixed] == 0).all()


def test_terraces_of_a_plain_become_a_ramp() -> None:
    rise = 0.005
    true, _, _ = _dem(lambda x, _y: 20 + rise * x)
    rounded = (np.round(true.height_m / STEP) * STEP).astype(np.float32)
    raw = slope_deg(Dem(rounded, true.transform))
    smooth = slope_deg(Dem(smooth_steps(rounded, STEP), true.transform))
    assert np.percentile(raw, 95) > 4 * np.degrees(np.arctan(rise))
    assert np.percentile(smooth, 95) < 2 * np.degrees(np.arctan(rise))


def test_steep_land_is_not_touched() -> None:
    dem, _, _ = _dem(lambda x, _y: np.round(0.3 * x / STEP) * STEP)
    inside = np.s_[10:-10, 10:-10]
    assert np.array_equal(smooth_steps(dem.height_m, STEP)[inside], dem.height_m[inside])


def test_the_check_tells_terraces_from_ridges() -> None:
    land, _, _ = _dem(lambda x, y: np.where(x < 9000, 30 + 0.004 * x + 0.003 * y,
                                            66 + 0.003 * y + 500 * (1 - np.cos((x - 9000) / 500))))  # fmt: skip
    found = relief.check_smoothing(land)
    assert found.flat_p95_smoothed_deg < 0.6 * found.flat_p95_raw_deg
    assert found.steep_ratio == pytest.approx(1, abs=0.03)


def test_a_constant_stays_constant_on_the_lattice_and_unknown_outside() -> None:
    lattice = Lattice.covering((940_000, 1_750_000, 990_000, 1_790_000), 250)
    dem, _, _ = _dem(lambda x, _y: 0 * x + 321)
    mean = on_lattice(dem.height_m, dem.transform, lattice)
    assert np.nanmin(mean) == np.nanmax(mean) == 321
    area_km2 = np.isfinite(mean).sum() * 0.0625
    assert area_km2 == pytest.approx(
        (120 * CELL) ** 2 * 111.1 * 111.3 * np.cos(np.radians(35.9)), rel=0.03
    )


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sources of a small island with a plain and a mountain."""
    dem, _, _ = _dem(lambda x, y: np.maximum(0, 900 - 0.3 * np.hypot(x - 9000, y - 11000)) + 40)
    heights = np.round(dem.height_m / STEP) * STEP
    heights[:, :10] = 0
    for name in (DEM_FILE, LAND_FILE):
        (tmp_path / name).parent.mkdir(parents=True)
    with rasterio.open(
        tmp_path / DEM_FILE, "w", driver="GTiff", dtype="int16", count=1, width=120, height=120,
        crs="EPSG:4326", transform=dem.transform,
    ) as target:  # fmt: skip
        target.write(np.round(heights).astype(np.int16), 1)
    land = shapely.box(127 + 10 * CELL, 36 - 120 * CELL, 127 + 120 * CELL, 36)
    gpd.GeoDataFrame({"code": ["1"]}, geometry=[land], crs=4326).to_file(tmp_path / LAND_FILE)
    small = Lattice.covering((945_000, 1_750_000, 980_000, 1_785_000), 250, snap_m=2500)
    monkeypatch.setattr(relief, "NATIONAL", small)
    return tmp_path


def test_two_builds_give_equal_bytes_and_unknown_sea(world: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
        shutil.copy(REFERENCE / "assumptions_terrain.csv", folder)
    built = relief.build(world, world, first)
    relief.build(world, world, second)
    assert [item.id for item in built] == ["elevation", "slope"]
    for item in built:
        assert (first / item.file).read_bytes() == (second / item.file).read_bytes()
    with rasterio.open(first / "slope.tif") as source:
        slope = source.read(1, masked=True) * source.scales[0]
    true = float(read_correction(REFERENCE).at(np.degrees(np.arctan([0.3])))[0])
    assert float(slope.max()) == pytest.approx(true, abs=1.5)
    assert slope.mask.any()


def test_a_missing_or_wrong_source_is_said_in_one_line(world: Path) -> None:
    (world / LAND_FILE).unlink()
    with pytest.raises(LayerFileError, match=r"sigungu_kostat2018\.geojson: not there"):
        relief.build(world, world, world)
    with rasterio.open(world / DEM_FILE, "r+") as source:
        source.crs = "EPSG:5179"
    with pytest.raises(LayerError, match=r"CRS is EPSG:5179; must be EPSG:4326"):
        read_dem(world)
    (world / DEM_FILE).unlink()
    with pytest.raises(LayerFileError, match="not there; `--sources` must hold"):
        read_dem(world)


def _embedded(name: str) -> np.ma.MaskedArray:
    with rasterio.open(REFERENCE / f"{name}.tif") as source:
        assert source.crs.to_epsg() == 5179
        assert source.transform == NATIONAL.transform
        assert source.shape == NATIONAL.shape
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        return source.read(1, masked=True) * source.scales[0]


@pytest.mark.national
def test_embedded_elevation_and_slope_belong_together() -> None:
    height, slope = _embedded("elevation"), _embedded("slope")
    assert np.array_equal(height.mask, slope.mask)
    assert 1800 < height.max() < 1950
    assert height.min() >= 0
    assert slope.max() < 50
    values = height.filled(0).astype(float)
    drop = np.hypot(*np.gradient(values))
    assert slope[(drop < 1) & (values > 0)].mean() < 5
    assert slope[drop > 100].mean() > 15


@pytest.mark.national
@pytest.mark.parametrize(
    ("lon", "lat", "height_m", "within_m", "slope_deg_max"),
    [
        (128.71834, 37.67713, 772, 15, 22),  # Daegwallyeong weather station
        (126.85, 35.80, 5, 8, 2.5),  # Gimje plain; 1.5 degrees of it is noise of the 30 m model
        (126.53, 33.362, 1947, 120, 40),  # Hallasan: the source cuts peaks, the cell is a mean
    ],
)
def test_embedded_heights_at_known_places(
    lon: float, lat: float, height_m: float, within_m: float, slope_deg_max: float
) -> None:
    at = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326).to_crs(5179)
    row, col = NATIONAL.cells_of(at.x.to_numpy(), at.y.to_numpy())
    assert _embedded("elevation")[row[0], col[0]] == pytest.approx(height_m, abs=within_m)
    assert _embedded("slope")[row[0], col[0]] < slope_deg_max
