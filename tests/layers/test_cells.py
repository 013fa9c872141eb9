"""Whole numbers by cell: one cell is that of the whole, in memory and of an open file."""

import numpy as np
import rasterio
from rasterio.transform import from_origin

from siteopt.lattice import Lattice
from siteopt.layers.cells import ArrayCells, FileCells


def test_one_cell_is_that_of_the_whole(tmp_path):
    values = np.arange(12, dtype=np.uint16).reshape(3, 4)
    lattice = Lattice(1e6, 1.8e6, 250, n_rows=3, n_cols=4)
    held = ArrayCells(values, lattice)
    assert [held.at(2, 3), held.at(0, 1)] == [11, 1]
    with rasterio.open(
        tmp_path / "a.tif", "w", driver="GTiff", height=3, width=4, count=1, dtype="uint16",
        crs="EPSG:5179", transform=from_origin(1e6, 1.8e6, 250, 250),
    ) as target:  # fmt: skip
        target.write(values, 1)
    read = FileCells(lambda: rasterio.open(tmp_path / "a.tif"))
    assert [read.at(2, 3), read.at(0, 1)] == [11, 1]
    assert read.lattice == lattice
    np.testing.assert_array_equal(read.values, values)
    assert [read.at(2, 3), read.at(0, 1)] == [11, 1]  # of the cells that are read already
