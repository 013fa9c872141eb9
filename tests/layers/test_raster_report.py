"""Lines on a raster file: how it is aligned, what it holds, how it is read."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio.transform import Affine

from siteopt.errors import LayerError
from siteopt.layers import raster_reading
from siteopt.layers.raster_report import embedded_alignment, is_raster_name, raster_lines


def write(
    path: Path, crs: str | None = "EPSG:4326", place: Affine | None = None,
    values: NDArray[Any] | None = None, **more: Any,
) -> str:  # fmt: skip
    values = np.arange(1200, dtype=np.float32).reshape(30, 40) / 100 if values is None else values
    with rasterio.open(
        path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=1,
        dtype=values.dtype, crs=crs, transform=place or Affine(0.01, 0, 127, 0, -0.01, 36.5), **more,
    ) as file:  # fmt: skip
        file.write(values, 1)
    return str(path)


def test_a_foreign_raster_is_told_with_its_method(tmp_path: Path) -> None:
    lines = raster_lines(write(tmp_path / "s.tif", nodata=-1.0), "slope")
    assert "s.tif: 30 x 40 cells of 897.3 m by 1109 m in EPSG:4326 are resampled to" in lines[0]
    assert lines[0].endswith("each with the value of the cell that holds its centre (nearest)")
    assert lines[2] == "  values: 0 to 11.99 (float32); not known: nodata -1, NaN"
    assert lines[3] == "  is read whole (5e-06 GB)"


def test_a_raster_on_the_lattice_is_taken_one_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raster_reading, "_WHOLE_BYTES", 1000)
    place = Affine(500, 0, 1e6, 0, -500, 1.9e6)
    lines = raster_lines(write(tmp_path / "s.tif", "EPSG:5179", place), "slope")
    assert lines[0] == "s.tif: 30 x 40 cells of 500 m in EPSG:5179 are taken one for one"
    assert lines[1] == "  extent: x 1000000 to 1020000, y 1885000 to 1900000 (EPSG:5179)"
    assert "is read part by part, from its file" in lines[3]


def test_a_turned_raster_says_so_and_notes_follow(tmp_path: Path) -> None:
    values = np.full((30, 40), 7, np.uint8)
    values[0, 0] = 255
    turned = Affine.translation(1e6, 1.9e6) * Affine.rotation(20) * Affine.scale(500, -500)
    lines = raster_lines(write(tmp_path / "s.tif", "EPSG:5179", turned, values), "mine")
    assert "in EPSG:5179 (turned) are resampled" in lines[0]
    assert lines[4].startswith("  note: s.tif: 255 fills")


def test_what_a_run_would_refuse_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="no CRS"):
        raster_lines(write(tmp_path / "s.tif", crs=None), "slope")
    values = np.full((30, 40), 120, np.float32)
    with pytest.raises(LayerError, match="slope is 120"):
        raster_lines(write(tmp_path / "s.tif", values=values), "slope")


def test_names_of_rasters_are_told_from_folders(tmp_path: Path) -> None:
    (tmp_path / "folder.tif").mkdir()
    assert is_raster_name("slope.TIF")
    assert is_raster_name("/vsis3/bucket/a.tif")
    assert not is_raster_name(str(tmp_path / "folder.tif"))
    assert not is_raster_name("layers")


def test_an_embedded_raster_has_an_alignment() -> None:
    assert embedded_alignment("slope") == (
        "2,460 x 2,600 cells of 250 m in EPSG:5179 are taken one for one"
    )
