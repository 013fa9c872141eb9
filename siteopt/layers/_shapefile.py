"""Shapefiles: component files, text encoding, and columns too wide for a number."""

from __future__ import annotations

import codecs
import struct
from typing import TYPE_CHECKING, Final

from siteopt.errors import LayerError
from siteopt.layers._crs import crs_of_wkt
from siteopt.layers._features import Prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pyproj import CRS

__all__ = ["encodings_of", "parts_of", "prepare"]

_NEEDED: Final = (".shx", ".dbf")
_SIDE: Final = (".prj", ".cpg")
_MAGIC: Final = struct.pack(">i", 9994)
_HEAD: Final = 100
"""Bytes of the head of a .shp and a .shx; ESRI Shapefile Technical Description (1998), p. 3."""

_DBF_HEAD: Final = 32
_FIELD: Final = 32
_FIELDS_END: Final = 0x0D
_NUMBERS: Final = (b"N", b"F")

_KOREAN: Final = (
    "949", "51949", "ms949", "ms_949", "ansi 949", "ansi_949", "cp51949", "windows-949", "x-windows-949",
    "windows949", "ks_c_5601", "ks_x_1001", "ksc_5601", "ksx1001", "ks_x_1001:1992", "wansung",
)  # fmt: skip
_NAMES: Final = dict.fromkeys(_KOREAN, "cp949") | {"65001": "utf-8", "utf8mb4": "utf-8"}
_BYTES_OF_MANY: Final = ("utf_16", "utf_32", "utf_7", "idna", "punycode", "escape", "undefined")
"""Codecs that no dBASE table is written in."""

_LANGUAGE_DRIVERS: Final = {
    0x4E: ("cp949", "utf-8"), 0x79: ("cp949", "utf-8"), 0x13: ("cp932",), 0x4D: ("cp936",),
    0x4F: ("cp950",), 0x7B: ("cp932",), 0x7A: ("cp936",), 0x78: ("cp950",),
}  # fmt: skip
"""Encodings by the language driver (byte 29) of a dBASE table; others say nothing of Korean text."""

_LONGEST_SIGN: Final = 4
"""Bytes of the longest sign of UTF-8."""

_GUESSES: Final = ("utf-8", "cp949")


def parts_of(path: Path) -> tuple[Path, ...]:
    """Return the files beside a Shapefile that are read with it."""
    return tuple(part for suffix in (*_NEEDED, *_SIDE) if (part := _part(path, suffix)) is not None)


def _part(path: Path, suffix: str) -> Path | None:
    for name in (suffix, suffix.upper()):
        part = path.with_suffix(name)
        if part.is_file():
            return part
    return None


def prepare(
    path: Path, content_of: Callable[[Path], bytes], folder: Path, text_columns: Sequence[str]
) -> Prepared:
    """Write a Shapefile under a name of ours, without its side files, for GDAL.

    Raises
    ------
    LayerError
        If a part is missing or no such part, or its encoding or CRS is not known.
    """
    found = {suffix: _part(path, suffix) for suffix in (*_NEEDED, *_SIDE)}
    for suffix in _NEEDED:
        if found[suffix] is None:
            raise LayerError(
                f"{path.name}: {path.with_suffix(suffix).name} is missing beside it; a Shapefile "
                "is .shp, .shx, .dbf and .prj together"
            )
    parts = {".shp": path} | {suffix: part for suffix, part in found.items() if part is not None}
    contents = {suffix: content_of(part) for suffix, part in parts.items()}
    rows = _rows(contents, parts)
    encodings = encodings_of(contents.get(".cpg"), contents[".dbf"], parts.get(".cpg", path).name)
    table, digits = _with_text(contents[".dbf"], text_columns, encodings)
    encoding, table = _decoded(table, encodings, parts[".dbf"].name)
    for suffix, content in (
        (".shp", contents[".shp"]),
        (".shx", contents[".shx"]),
        (".dbf", table),
    ):
        (folder / f"layer{suffix}").write_bytes(content)
    return Prepared(folder / "layer.shp", _crs(contents, parts), rows, (encoding,), digits=digits)


def _rows(contents: dict[str, bytes], parts: dict[str, Path]) -> int:
    """Return how many features the parts agree on, deleted ones left out."""
    for suffix in (".shp", ".shx"):
        content, name = contents[suffix], parts[suffix].name
        if not content.startswith(_MAGIC):
            begins = content[:12].decode("ascii", "replace")
            raise LayerError(
                f"{name}: not a Shapefile (it begins with {begins!r}); is its suffix right?"
            )
        declared = 2 * struct.unpack_from(">i", content, 24)[0] if len(content) >= _HEAD else _HEAD
        if len(content) < declared:
            raise LayerError(
                f"{name}: {len(content)} of {declared} bytes are there; copy the file again, whole"
            )
    shapes = (2 * struct.unpack_from(">i", contents[".shx"], 24)[0] - _HEAD) // 8
    table, name = contents[".dbf"], parts[".dbf"].name
    if len(table) < _DBF_HEAD:
        raise LayerError(
            f"{name}: not a dBASE table, {len(table)} bytes; copy the file again, whole"
        )
    count, head, length = struct.unpack_from("<IHH", table, 4)
    if count != shapes:
        raise LayerError(
            f"{parts['.shp'].name}: {shapes} shapes, but {count} rows in {name}; the two belong to "
            "different files"
        )
    if head < _DBF_HEAD or length < 1 or len(table) < head + count * length:
        raise LayerError(
            f"{name}: {len(table)} of {head + count * length} bytes are there, or it is no dBASE "
            "table; copy the file again, whole"
        )
    widths = 1 + sum(width for _, width, _ in _fields(table))
    if widths != length:
        raise LayerError(
            f"{name}: its columns take {widths} bytes a row, but a row has {length}; its head is "
            "damaged, write the file anew"
        )
    _check_kinds(contents, parts[".shp"].name)
    deleted = sum(table[head + row * length] == ord("*") for row in range(count))
    return int(count - deleted)


def _fields(table: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield type, width and place of the description of each column of a dBASE table."""
    place = _DBF_HEAD
    while place + _FIELD <= len(table) and table[place] != _FIELDS_END:
        kind, width = table[place + 11 : place + 12], table[place + 16]
        # the decimals of a number are the high byte of a text's length
        yield kind, width + (256 * table[place + 17] if kind == b"C" else 0), place
        place += _FIELD


def _check_kinds(contents: dict[str, bytes], file: str) -> None:
    """Raise LayerError at the first shape of another kind than in the head: it is read wrongly."""
    main, index = contents[".shp"], contents[".shx"]
    if len(main) < _HEAD:
        return
    (wanted,) = struct.unpack_from("<i", main, 32)
    for row, at in enumerate(range(_HEAD, len(index) - 7, 8), start=1):
        start = 2 * struct.unpack_from(">I", index, at)[0] + 8
        kind = main[start : start + 4]
        if kind and kind not in {struct.pack("<i", wanted), bytes(4)}:
            raise LayerError(
                f"{file}: feature {row}: a shape of kind {int.from_bytes(kind, 'little')} in a file "
                f"of kind {wanted}; it is damaged, write the file anew"
            )


def _decoded(table: bytes, encodings: Sequence[str], file: str) -> tuple[str, bytes]:
    """Return the first encoding that all texts of a table are in: GDAL drops a text that is not.

    A text that fills its column may end in the middle of a sign, as many tools cut it; what is
    left of such a sign is blank in the table that is returned.
    """
    count, head, length = struct.unpack_from("<IHH", table, 4)
    columns, place = [], 1
    for kind, width, _ in _fields(table):
        columns += [(place, width)] if kind == b"C" else []
        place += width
    cells = [
        (first + at, width)
        for first in range(head, head + count * length, length)
        if table[first] != ord("*")
        for at, width in columns
    ]
    for encoding in encodings:
        try:
            return encoding, _without_cut_signs(table, cells, encoding)
        except UnicodeDecodeError:
            continue
    raise LayerError(
        f"{file}: text is not in {' or '.join(encodings)}; write the right encoding into a .cpg "
        "file beside it (UTF-8 or CP949)"
    )


def _without_cut_signs(table: bytes, cells: Sequence[tuple[int, int]], encoding: str) -> bytes:
    """Return a table whose texts end with a whole sign; UnicodeDecodeError where one is in none."""
    out = bytearray(table)
    for start, width in cells:
        text = table[start : start + width].rstrip(b" \0")
        try:
            text.decode(encoding)
        except UnicodeDecodeError as error:
            if len(text) < width or error.end < width or error.start < width - _LONGEST_SIGN + 1:
                raise
            out[start + error.start : start + width] = b" " * (width - error.start)
    return bytes(out)


def _crs(contents: dict[str, bytes], parts: dict[str, Path]) -> CRS | None:
    if ".prj" not in contents:
        return None
    text = contents[".prj"].decode("utf-8", "replace")
    return crs_of_wkt(text, parts[".prj"].name) if text.strip(" \t\r\n\0") else None


def encodings_of(cpg: bytes | None, table: bytes, file: str) -> tuple[str, ...]:
    """Return the encodings to try: of the .cpg, else of the table's language driver, else a guess.

    EUC-KR means CP949, its superset: so every Korean tool writes it.

    Raises
    ------
    LayerError
        If the .cpg names an encoding that no table is written in.
    """
    if cpg is None or not cpg.strip(b" \t\r\n\0"):
        return _LANGUAGE_DRIVERS.get(table[29], _GUESSES)
    encoding = cpg.decode("ascii", "replace").strip(" \t\r\n\0\ufeff").lower()
    try:
        codec = codecs.lookup(_NAMES.get(encoding, encoding))
        "".encode(codec.name)  # codecs that make no text, such as hex, raise LookupError here
    except (LookupError, ValueError) as error:
        raise LayerError(
            f"{file}: encoding {encoding[:40]!r} is not known; UTF-8 or CP949"
        ) from error
    name = codec.name.replace("-", "_")
    if any(sign in name for sign in _BYTES_OF_MANY):
        raise LayerError(
            f"{file}: encoding {encoding[:40]!r} is none of a dBASE table; UTF-8 or CP949"
        )
    return ("cp949",) if name == "euc_kr" else (codec.name,)


def _with_text(
    table: bytes, columns: Sequence[str], encodings: Sequence[str]
) -> tuple[bytes, tuple[str, ...]]:
    """Return a dBASE table whose numeric columns of some names are text, and those names.

    A number of up to 20 digits is text there already, and would be read as a float.
    """
    out, changed = bytearray(table), []
    place = _DBF_HEAD
    while place + _FIELD <= len(table) and table[place] != _FIELDS_END:
        raw = table[place : place + 11].split(b"\0", 1)[0]
        name = raw.decode(encodings[0], "replace").strip()
        if name in columns and table[place + 11 : place + 12] in _NUMBERS:
            out[place + 11 : place + 12] = b"C"
            out[place + 17] = 0  # the decimals of a number are the high byte of a text's length
            changed.append(name)
        place += _FIELD
    return bytes(out), tuple(changed)
