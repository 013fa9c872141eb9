"""TIFF header: directories checked to be inside the file.

The reader of TIFF prints past GDAL, and past any message of ours, where a directory points beyond
the end of its file.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from siteopt.errors import LayerError, LayerFileError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["must_be_tiff"]

_BYTES_OF_TYPE: Final = {
    1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8,
    17: 8, 18: 8,
}  # fmt: skip
"""Size of a value by type (TIFF 6.0, BigTIFF); a value of another type is not read."""

_MOST_DIRECTORIES: Final = 64
"""Most directories that are read: an image, its mask, and the smaller pictures of both."""

_GDAL_METADATA: Final = 42112
"""Tag with scale, offset and names as XML in UTF-8; what is none is printed past any message."""


@dataclass(frozen=True, slots=True)
class _Form:
    """How numbers are written: struct formats of an offset, a count of entries and an entry."""

    first: int
    offset: struct.Struct
    count: struct.Struct
    entry: struct.Struct


def _form(order: str, *, is_big: bool) -> _Form:
    first, offset, count, entry = (8, "Q", "Q", "HHQQ") if is_big else (4, "I", "H", "HHII")
    return _Form(first, *(struct.Struct(order + kind) for kind in (offset, count, entry)))


_FORMS: Final = {
    b"II*\0": _form("<", is_big=False),
    b"MM\0*": _form(">", is_big=False),
    b"II+\0": _form("<", is_big=True),
    b"MM\0+": _form(">", is_big=True),
}
"""By first bytes: a TIFF in either order of bytes, then a BigTIFF."""


def must_be_tiff(path: Path) -> None:
    """Raise an error if a file does not begin as a TIFF whose directories it holds.

    Raises
    ------
    LayerFileError
        If the file cannot be opened.
    LayerError
        If it is no TIFF, or a directory or a value of one is beyond its end.
    """
    try:
        with path.open("rb") as file:
            form = _FORMS.get(file.read(4))
            whole = form is not None and _is_whole(file, form, path.stat().st_size)
    except OSError as error:
        raise LayerFileError(
            f"{path}: cannot be opened ({error.strerror}); the layer file must be readable"
        ) from error
    if form is None:
        raise LayerError(
            f"{path.name}: cannot be read as a GeoTIFF (its first bytes are not those of a TIFF); "
            "is the file whole, and its suffix right?"
        )
    if not whole:
        raise LayerError(
            f"{path.name}: cannot be read as a GeoTIFF (a directory points beyond the end of the "
            "file); is the file whole?"
        )


def _is_whole(file: BinaryIO, form: _Form, size: int) -> bool:
    """Return whether directories and their values lie in a file."""
    file.seek(form.first)
    try:
        (at,) = form.offset.unpack(file.read(form.offset.size))
        for _ in range(_MOST_DIRECTORIES):
            if at + form.count.size > size:
                return False
            file.seek(at)
            (count,) = form.count.unpack(file.read(form.count.size))
            if count * form.entry.size > size:
                return False
            entries = file.read(count * form.entry.size)
            values = form.entry.iter_unpack(entries)
            (at,) = form.offset.unpack(file.read(form.offset.size))
            for value in values:
                if not (_lies_in(form, value, size) and _is_text(file, form, value)):
                    return False
            if at == 0:
                break
    except struct.error:  # the file ends in the middle
        return False
    return True


def _lies_in(form: _Form, entry: tuple[int, int, int, int], size: int) -> bool:
    _, kind, count, at = entry
    length = count * _BYTES_OF_TYPE.get(kind, 0)
    return length <= form.offset.size or at + length <= size


def _is_text(file: BinaryIO, form: _Form, entry: tuple[int, int, int, int]) -> bool:
    """Return whether the metadata of GDAL are text; other tags are numbers."""
    tag, _, count, at = entry
    if tag != _GDAL_METADATA or count <= form.offset.size:
        return True
    file.seek(at)
    try:
        file.read(count).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
