import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from siteopt.criteria import _places
from siteopt.errors import LayerError
from siteopt.lattice import Lattice
from siteopt.layers import Raster
from tests.examples import examples

COORDINATES = st.floats(-20_000, 20_000, allow_nan=False, width=32)


class _Raster:
    def __init__(self, values: np.ndarray, cell_m: float = 250.0) -> None:
        rows, cols = values.shape
        self.values = values
        self.lattice = Lattice(0.0, rows * cell_m, cell_m, rows, cols)
        self.nodata: float | None = None


@examples(40)
@given(
    xy=arrays(np.float64, (7, 2), elements=COORDINATES),
    points=arrays(np.float64, (5, 2), elements=COORDINATES),
)
def test_nearest_is_the_least_of_all_distances(xy: np.ndarray, points: np.ndarray) -> None:
    km, row = _places.nearest(xy, points)
    metres = np.linalg.norm(xy[:, None] - points[None], axis=2)
    assert km == pytest.approx(metres.min(axis=1) / 1000, abs=1e-9)
    assert metres[np.arange(7), row] / 1000 == pytest.approx(km, abs=1e-9)


def test_nearest_of_a_tie_is_the_first_row_and_of_nothing_is_unknown() -> None:
    xy = np.zeros((1, 2))
    for points in ([[3.0, 4.0], [-3.0, 4.0]], [[-3.0, 4.0], [3.0, 4.0]]):
        assert _places.nearest(xy, np.array(points))[1].tolist() == [0]
    km, row = _places.nearest(xy, np.zeros((0, 2)))
    assert np.isnan(km[0])
    assert row[0] == -1


@examples(40)
@given(
    values=arrays(np.float64, (9, 12), elements=st.floats(0, 1000)),
    radius=st.sampled_from([0.0, 250.0, 500.0, 700.0, 1000.0, 5000.0]),
    place=st.tuples(st.floats(-600, 3600), st.floats(-600, 2800)),
)
def test_sum_within_raster_is_the_sum_over_the_disc(
    values: np.ndarray, radius: float, place: tuple[float, float]
) -> None:
    raster = _Raster(values)
    xy = np.array([place])
    row, col = raster.lattice.cells_of(xy[:, 0], xy[:, 1])
    rows, cols = np.indices(values.shape)
    metres = 250.0 * np.hypot(rows - row, cols - col)
    expected = values[metres <= radius + 1e-6].sum()
    found = _places.sum_within_raster(xy, values, raster, radius)
    assert found[0] == pytest.approx(expected, abs=1e-6)


def test_idw_is_exact_at_points_and_stays_in_range() -> None:
    rng = np.random.default_rng(1)
    points, values = rng.uniform(0, 1e5, (30, 2)), rng.uniform(10, 20, 30)
    assert _places.idw(points, points, values) == pytest.approx(values, abs=1e-4)
    between = _places.idw(rng.uniform(0, 1e5, (200, 2)), points, values)
    assert between.min() >= values.min()
    assert between.max() <= values.max()


def test_within_in_chunks_equals_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_places, "_CHUNK", 3)
    rng = np.random.default_rng(2)
    xy, points = rng.uniform(0, 1e5, (10, 2)), rng.uniform(0, 1e5, (6, 2))
    parts = _places.within(xy, points, 40.0)
    assert [part.stop - part.start for part, _ in parts] == [3, 3, 3, 1]
    metres = np.linalg.norm(xy[:, None] - points[None], axis=2)
    assert (np.concatenate([mask for _, mask in parts]) == (metres <= 40_000)).all()


def test_repeated_ids_are_named() -> None:
    with pytest.raises(LayerError, match="site_id A appears twice"):
        _places.site_frame(gpd.GeoDataFrame({"site_id": ["A", "B", "A"]}))
    with pytest.raises(LayerError, match="no column site_id"):
        _places.site_frame(gpd.GeoDataFrame({"id": ["A"]}))


def test_tapered_mean_weighs_by_capacity_and_distance_and_is_smooth_at_the_edge() -> None:
    points = np.array([[0.0, 0.0], [50_000.0, 0.0]])
    values, weights = np.array([10.0, 20.0]), np.array([1.0, 3.0])
    xy = np.array([[0.0, 0.0], [-50_000.0, 0.0], [-49_990.0, 0.0], [0.0, 2e5]])
    found = _places.tapered_mean(xy, points, values, weights, 100.0)
    assert found[0] == pytest.approx((10 * 1 + 20 * 3 * 0.75) / (1 + 3 * 0.75))
    assert found[1] == pytest.approx(10)  # the second point is just out of reach
    assert found[2] == pytest.approx(10, abs=0.01)  # and just within it counts for nearly nothing
    assert np.isnan(found[3])


@pytest.mark.parametrize("radius_m", [0.0, 130.0, 600.0, 2_000.0])
def test_mean_within_raster_is_that_of_the_known_cells_of_a_disc(radius_m: float) -> None:
    lattice = Lattice(0.0, 10_000.0, 250.0, 40, 40)
    values = np.random.default_rng(4).normal(size=lattice.shape)
    values[10:14, 5:20] = np.nan
    raster = Raster(values, lattice, None, "made up")
    xy = np.random.default_rng(5).uniform(-500.0, 10_500.0, (60, 2))
    found = _places.mean_within_raster(xy, raster, np.full(60, radius_m))
    rows, cols = np.indices(lattice.shape)
    for (x, y), mean in zip(xy, found, strict=True):
        row, col = lattice.cells_of(np.array([x]), np.array([y]))
        inside = np.hypot(rows - row, cols - col) * 250.0 <= radius_m + 1e-9
        known = values[inside & np.isfinite(values)]
        assert mean == pytest.approx(known.mean() if len(known) else np.nan, nan_ok=True)
