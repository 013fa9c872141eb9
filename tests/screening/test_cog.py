"""Files of a screening are Cloud Optimized GeoTIFFs: the layout is read byte by byte."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio

from siteopt.lattice import Lattice
from siteopt.screening.cog import check_blocks, to_cog, write_window, written_tiles
from siteopt.screening.windows import windows_of

if TYPE_CHECKING:
    from pathlib import Path

FRAME = Lattice(1_000_000.0, 1_900_000.0, 30.0, 700, 900)
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 12: 8, 16: 8}
WIDTH, TILE_OFFSETS = 256, 324


def directories(content: bytes) -> list[tuple[int, dict[int, list[int]]]]:
    """Offset and whole-number tags of every directory of a little-endian classic TIFF."""
    assert content[:4] == b"II*\0"
    found = []
    (offset,) = struct.unpack_from("<I", content, 4)
    while offset:
        (count,) = struct.unpack_from("<H", content, offset)
        tags = {}
        for place in range(count):
            at = offset + 2 + 12 * place
            tag, kind, n = struct.unpack_from("<HHI", content, at)
            if kind in {3, 4}:
                size = _SIZES[kind] * n
                begin = at + 8 if size <= 4 else struct.unpack_from("<I", content, at + 8)[0]
                tags[tag] = list(
                    struct.unpack_from(f"<{n}{'H' if kind == 3 else 'I'}", content, begin)
                )
        found.append((offset, tags))
        (offset,) = struct.unpack_from("<I", content, offset + 2 + 12 * count)
    return found


def written(folder: Path, cells: np.ndarray, side: int = 512, threads: int = 1) -> Path:
    tiles, path = folder / "tiles.tif", folder / f"{side}-{threads}.tif"
    with written_tiles(tiles, FRAME, cells.dtype, {"KEY": "값"}) as file:
        for window in reversed(windows_of(FRAME, side)):
            write_window(file, window, cells[window.slices])
    to_cog(tiles, path, "nearest", threads)
    return path


@pytest.fixture(scope="module")
def cells() -> np.ndarray:
    return np.random.default_rng(2).integers(0, 3000, FRAME.shape).astype(np.uint16)


def test_the_layout_is_that_of_a_cog(tmp_path: Path, cells: np.ndarray) -> None:
    path = written(tmp_path, cells)
    content = path.read_bytes()
    assert b"LAYOUT=IFDS_BEFORE_DATA" in content[:100]
    levels = directories(content)
    offsets = [offset for offset, _ in levels]
    # Directories stand first, from the largest to the smallest; tiles after, the smallest first.
    assert [tags[WIDTH][0] for _, tags in levels] == [900, 450, 225]
    assert offsets == sorted(offsets)
    first_tiles = [min(tags[TILE_OFFSETS]) for _, tags in levels]
    assert first_tiles == sorted(first_tiles, reverse=True)
    assert max(offsets) < min(first_tiles)
    with rasterio.open(path) as file:
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.overviews(1) == [2, 4]
        assert file.tags()["KEY"] == "값"
        np.testing.assert_array_equal(file.read(1), cells)
    with rasterio.open(path, overview_level=0) as file:
        assert set(np.unique(file.read(1))) <= set(np.unique(cells))


def test_the_bytes_do_not_depend_on_windows_or_threads(tmp_path: Path, cells: np.ndarray) -> None:
    contents = {
        written(tmp_path, cells, side, threads).read_bytes()
        for side, threads in ((256, 1), (512, 1), (300, 3))
    }
    assert len(contents) == 1


def test_a_file_that_was_cut_off_is_noticed(tmp_path: Path, cells: np.ndarray) -> None:
    path = written(tmp_path, cells)
    check_blocks(path)
    content = path.read_bytes()
    for length in (len(content) - 5, len(content) // 2):
        path.write_bytes(content[:length])
        with pytest.raises(OSError, match=r"the tile in row \d+, column \d+ is not there"):
            check_blocks(path)
    (begin,) = (min(tags[TILE_OFFSETS]) for _, tags in directories(content)[1:2])
    path.write_bytes(content[:begin])
    with pytest.raises(OSError, match="is not there"):
        check_blocks(path)


def test_a_copy_without_a_source_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"nothing\.tif"):
        to_cog(tmp_path / "nothing.tif", tmp_path / "land.tif", "nearest", 1)
