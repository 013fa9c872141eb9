"""Plain GeoTIFF decoder: single cells, or the whole band, without GDAL.

To load GDAL takes longer than to answer on one cell. Plain is what siteopt itself writes: a little
endian TIFF 6.0 with one band of whole numbers in tiles, not compressed or by DEFLATE (Adobe,
TIFF Technical Note 2), with horizontal differencing or without, north up in square cells of
EPSG:5179 (GeoTIFF 1.1). Any other file is left to :mod:`siteopt.layers._geotiff`.
"""

from __future__ import annotations

import re
import struct
import sys
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.lattice import Lattice

__all__ = ["PlainTiff", "plain_tiff"]

_HEAD: Final = b"II*\0"
_FORMATS: Final = {1: "B", 2: "s", 3: "H", 4: "I", 12: "d"}
"""Formats of struct by type of a tag: byte, text, 16 and 32 bits, double."""

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _BANDS, _PREDICTOR = 256, 257, 258, 259, 277, 317
_TILE_WIDTH, _TILE_HEIGHT, _OFFSETS, _LENGTHS, _KIND = 322, 323, 324, 325, 339
_CELL_SIZE, _TIE_POINT, _GEO_KEYS, _METADATA, _NODATA = 33550, 33922, 34735, 42112, 42113
_READ: Final = frozenset({
    _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _BANDS, _PREDICTOR, _TILE_WIDTH, _TILE_HEIGHT, _OFFSETS,
    _LENGTHS, _KIND, _CELL_SIZE, _TIE_POINT, _GEO_KEYS, _METADATA, _NODATA,
})  # fmt: skip
_UNUSED: Final = frozenset({262, 284, 34736, 34737})
"""Tags that change no cell of one band: colour, order of bands, figures and names of the CRS."""

_DEFLATE: Final = (8, 32946)
_UNSIGNED, _SIGNED = 1, 2
_CELL_FORMATS: Final = {
    (8, _UNSIGNED): "B", (16, _UNSIGNED): "H", (32, _UNSIGNED): "I",
    (8, _SIGNED): "b", (16, _SIGNED): "h", (32, _SIGNED): "i",
}  # fmt: skip
"""Format of struct by bits and kind of a cell."""

_RASTER_TYPE, _PROJECTED_CRS = 1025, 3072
_KOREAN_KEYS: Final = {_RASTER_TYPE: 1, _PROJECTED_CRS: 5179}
"""GeoTIFF keys of cells that are areas, in EPSG:5179."""

_SCALE: Final = re.compile(r'<Item name="(SCALE|OFFSET)"[^>]*>([^<]*)</Item>')


@dataclass(frozen=True, slots=True)
class _Tiling:
    """Size of the tiles of a band in cells, and where each lies in the file, in bytes."""

    width: int
    height: int
    across: int
    offsets: tuple[int, ...]
    lengths: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class PlainTiff:
    """One band of whole numbers, decoded where it is asked for.

    Attributes
    ----------
    content : bytes
        The file.
    name : str
        What the file is called in messages.
    n_rows, n_cols : int
        Shape of the band.
    x_min_m, y_max_m : float
        North-west corner, EPSG:5179 metres.
    cell_m : float
        Side of a cell in metres.
    cell_format : str
        Format of `struct` of a cell.
    nodata : float or None
        Number of cells that are not known.
    scale, offset : float
        Value of a cell: its number times ``scale`` plus ``offset``.
    """

    content: bytes
    name: str
    n_rows: int
    n_cols: int
    x_min_m: float
    y_max_m: float
    cell_m: float
    cell_format: str
    nodata: float | None
    scale: float
    offset: float
    _tiling: _Tiling
    _compressed: bool
    _differenced: bool

    @cached_property
    def lattice(self) -> Lattice:
        """Frame of the cells, EPSG:5179."""
        from siteopt.lattice import Lattice  # noqa: PLC0415 - one cell needs no arrays

        return Lattice(
            self.x_min_m, self.y_max_m, self.cell_m, n_rows=self.n_rows, n_cols=self.n_cols
        )

    def at(self, row: int, col: int) -> int:
        """Return the number of a cell.

        Parameters
        ----------
        row, col : int
            Counted from the north-west corner; inside the band.

        Raises
        ------
        LayerError
            If the tile of the cell is damaged.
        """
        if "values" in self.__dict__:  # all of them are decoded already
            return int(self.values[row, col])
        tiling = self._tiling
        tile = self._tile(row // tiling.height * tiling.across + col // tiling.width)
        item = struct.calcsize(self.cell_format)
        begin = row % tiling.height * tiling.width * item
        count = col % tiling.width + 1
        line = struct.unpack_from(f"<{count}{self.cell_format}", tile, begin)
        if not self._differenced:
            return int(line[-1])
        return _wrapped(sum(line), self.cell_format)

    @cached_property
    def values(self) -> NDArray[Any]:
        """Numbers of all cells, shape ``(n_rows, n_cols)``; errors as :meth:`at`."""
        import numpy as np  # noqa: PLC0415 - one cell needs no arrays

        tiling, kind = self._tiling, np.dtype(self.cell_format)
        found = np.empty((self.n_rows, self.n_cols), kind)
        for number in range(len(tiling.offsets)):
            tile = np.frombuffer(self._tile(number), kind).reshape(tiling.height, tiling.width)
            if self._differenced:
                tile = np.add.accumulate(tile, axis=1, dtype=kind)
            row, col = (
                number // tiling.across * tiling.height,
                number % tiling.across * tiling.width,
            )
            part = found[row : row + tiling.height, col : col + tiling.width]
            part[:] = tile[: part.shape[0], : part.shape[1]]
        return found

    def _tile(self, number: int) -> bytes:
        """Return the bytes of a tile, not compressed."""
        tiling = self._tiling
        begin, length = tiling.offsets[number], tiling.lengths[number]
        wanted = tiling.width * tiling.height * struct.calcsize(self.cell_format)
        found = self.content[begin : begin + length]
        if self._compressed:
            try:
                found = zlib.decompressobj().decompress(found, wanted)
            except zlib.error as error:
                raise self._damaged(number, str(error)) from error
        if len(found) != wanted:
            raise self._damaged(number, f"{len(found)} bytes of {wanted}")
        return found

    def _damaged(self, number: int, why: str) -> LayerError:
        return LayerError(
            f"{self.name}: cannot be read as a GeoTIFF (tile {number}: {why}); is the file whole?"
        )


def _wrapped(total: int, cell_format: str) -> int:
    """Return a sum of differences as a number of so many bits: it overflows on purpose."""
    bits = 8 * struct.calcsize(cell_format)
    rest = total % (1 << bits)
    return rest - (1 << bits) if cell_format.islower() and rest >> (bits - 1) else rest


def plain_tiff(content: bytes, name: str) -> PlainTiff | None:
    """Return a plain GeoTIFF, none of its cells decoded yet; None where it is not plain.

    Parameters
    ----------
    content : bytes
        The file.
    name : str
        What the file is called in messages.
    """
    if sys.byteorder != "little":  # pragma: no cover - GDAL reads it there
        return None
    try:
        tags = _tags(content)
        if tags is None or not _is_plain(tags):
            return None
        return _opened(content, name, tags)
    except (struct.error, KeyError, IndexError, ValueError):
        return None


def _tags(content: bytes) -> dict[int, tuple[Any, ...]] | None:
    """Return the values of the tags of the first directory; None where one could change cells."""
    if content[:4] != _HEAD:
        return None
    (at,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, at)
    found: dict[int, tuple[Any, ...]] = {}
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, length, _ = struct.unpack_from("<HHII", content, entry)
        if tag in _UNUSED:
            continue
        if tag not in _READ:
            return None
        form = f"<{length}{_FORMATS[kind]}"
        size, place = struct.calcsize(form), entry + 8
        if size > 4:  # noqa: PLR2004 - longer values stand elsewhere
            (place,) = struct.unpack_from("<I", content, place)
        found[tag] = struct.unpack_from(form, content, place)
    return found


def _is_plain(tags: dict[int, tuple[Any, ...]]) -> bool:
    """Return whether the tags are those of one band of whole numbers in tiles, placed north up."""
    keys = tags[_GEO_KEYS]
    named = dict(zip(keys[4::4], keys[7::4], strict=True))  # each: key, place, count, value
    wide, high, *_ = tags[_CELL_SIZE]
    return (
        tags.get(_BANDS, (1,)) == (1,)
        and tags[_COMPRESSION][0] in {1, *_DEFLATE}
        and tags.get(_PREDICTOR, (1,))[0] in {1, 2}
        and wide == high > 0
        and len(tags[_TIE_POINT]) == 6  # noqa: PLR2004 - one point
        and {key: named.get(key) for key in _KOREAN_KEYS} == _KOREAN_KEYS
    )


def _opened(content: bytes, name: str, tags: dict[int, tuple[Any, ...]]) -> PlainTiff | None:
    """Return the band of a file by its tags; None where a tile is left out."""
    (n_cols,), (n_rows,) = tags[_WIDTH], tags[_HEIGHT]
    (width,), (height,) = tags[_TILE_WIDTH], tags[_TILE_HEIGHT]
    across, down = -(-n_cols // width), -(-n_rows // height)
    tiling = _Tiling(width, height, across, tags[_OFFSETS], tags[_LENGTHS])
    if not (len(tiling.offsets) == len(tiling.lengths) == across * down and all(tiling.lengths)):
        return None
    col, row, _, x_m, y_m, _ = tags[_TIE_POINT]
    cell_m = tags[_CELL_SIZE][0]
    meta = (tags.get(_METADATA) or (b"",))[0].rstrip(b"\0").decode()
    scaling = {name: float(value) for name, value in _SCALE.findall(meta)}
    nodata = (tags.get(_NODATA) or (b"",))[0].rstrip(b"\0").decode()
    return PlainTiff(
        content, name, n_rows, n_cols, x_m - col * cell_m, y_m + row * cell_m, cell_m,
        _CELL_FORMATS[tags[_BITS][0], tags.get(_KIND, (_UNSIGNED,))[0]],
        float(nodata) if nodata else None, scaling.get("SCALE", 1.0), scaling.get("OFFSET", 0.0),
        tiling, tags[_COMPRESSION][0] != 1, tags.get(_PREDICTOR, (1,))[0] == 2,  # noqa: PLR2004
    )  # fmt: skip
