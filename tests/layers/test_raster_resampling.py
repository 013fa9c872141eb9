"""Nearest resampling: exact to some centimetres, and the same whichever part is asked for."""

import numpy as np
import pytest
import rasterio.crs
from pyproj import CRS, Transformer
from pyproj.transformer import AreaOfInterest, TransformerGroup
from rasterio.transform import Affine

from siteopt.lattice import Lattice
from siteopt.layers._raster_frame import Frame
from siteopt.layers._raster_resampling import NearestCells
from siteopt.layers.fields import KOREA

METRE = Affine(1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
"""Columns and rows are then metres (degrees) of the file's CRS."""


def nearest(
    lattice: Lattice, crs: str, affine: Affine = METRE, shape: tuple[int, int] = (10, 10)
) -> NearestCells:
    return NearestCells(
        Frame(
            0,
            0,
            *shape,
            affine,
            rasterio.crs.CRS.from_user_input(crs),
            (1.0, 1.0),
            lattice,
            as_it_is=False,
        )
    )


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:5186", "EPSG:32652", "EPSG:3857", "EPSG:5174"])
def test_places_are_exact_to_five_centimetres_all_over_korea(crs: str) -> None:
    ways = TransformerGroup(5179, crs, always_xy=True, area_of_interest=AreaOfInterest(*KOREA))
    exact = ways.transformers[0]
    back = Transformer.from_crs(crs, crs, always_xy=True)
    geod = CRS.from_user_input(crs).get_geod()
    assert geod is not None
    for x_min, y_max in (
        (750_000.0, 2_100_000.0),
        (1_200_000.0, 1_500_000.0),
        (1_390_000.0, 1.9e6),
    ):
        lattice = Lattice(x_min, y_max, 7.0, 600, 600)
        rows, cols = np.indices(lattice.shape)
        x, y = exact.transform(*lattice.centres_m(rows, cols))
        row, col = nearest(lattice, crs).places(slice(0, 600), slice(0, 600))
        found_x, found_y = back.transform(col, -row)
        if CRS.from_user_input(crs).is_geographic:
            _, _, away = geod.inv(x, y, found_x, found_y)
        else:
            away = np.hypot(found_x - x, found_y - y)
        assert np.max(away) < 0.05


@pytest.mark.parametrize("cell_m", [3.0, 30.0, 999.0, 1500.0])
def test_a_cell_finds_the_same_place_whichever_part_is_asked_for(cell_m: float) -> None:
    lattice = Lattice(900_000.0, 2_000_000.0, cell_m, 700, 500)
    found = nearest(lattice, "EPSG:4326", Affine(1e-3, 0, 124, 0, -1e-3, 39), (9000, 9000))
    whole = found.places(slice(0, 700), slice(0, 500))
    random = np.random.default_rng(int(cell_m))
    for _ in range(20):
        top, left = int(random.integers(0, 700)), int(random.integers(0, 500))
        rows = slice(top, int(random.integers(top, 700)) + 1)
        cols = slice(left, int(random.integers(left, 500)) + 1)
        for part, all_places in zip(found.places(rows, cols), whole, strict=True):
            np.testing.assert_array_equal(part, all_places[rows, cols])


def test_centres_beyond_the_file_have_no_cell() -> None:
    lattice = Lattice(0.0, 400.0, 100.0, 4, 4)
    found = nearest(lattice, "EPSG:5179", Affine(100, 0, 100, 0, -100, 300), (2, 2))
    row, col, held = found.below(slice(0, 4), slice(0, 4))
    assert held.sum() == 4
    np.testing.assert_array_equal(np.argwhere(held), [[1, 1], [1, 2], [2, 1], [2, 2]])
    np.testing.assert_array_equal(row[held], [0, 0, 1, 1])
    np.testing.assert_array_equal(col[held], [0, 1, 0, 1])
