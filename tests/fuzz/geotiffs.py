"""A raster layer as GeoTIFF, read plainly with struct."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from rasterio.io import MemoryFile

from tests.fuzz.kinds import Files, Kind, Mutation, UnknownError, UnsoundError
from tests.fuzz.noise import BYTES

if TYPE_CHECKING:
    import random
    from pathlib import Path

__all__ = ["KINDS", "tiff"]

_WIDTH = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
_FORM = {1: "B", 2: "s", 3: "H", 4: "I", 11: "f", 12: "d", 16: "Q"}


def tiff(values: np.ndarray, **how: Any) -> bytes:
    """Return a GeoTIFF in EPSG:5179 with cells of 250 m."""
    place = rasterio.transform.Affine(250.0, 0.0, 1e6, 0.0, -250.0, 1.8e6)
    scale = how.pop("scale", None)
    with MemoryFile() as memory:
        options = {
            "crs": "EPSG:5179",
            "transform": place,
            "count": 1,
            "height": values.shape[0],
            "width": values.shape[1],
            "dtype": values.dtype,
        }
        with memory.open(driver="GTiff", **{**options, **how}) as target:
            target.write(values, 1)
            if scale is not None:
                target.scales = (scale,)
        return bytes(memory.read())


def _values(dtype: str) -> np.ndarray:
    cells = (np.arange(80).reshape(8, 10) % 60).astype(dtype)
    cells[0, 0] = 255 if dtype == "uint8" else -9999
    return cells


@cache
def _seeds() -> list[Files]:
    return [
        {"s.tif": tiff(_values("float32"), nodata=-9999.0)},
        {"s.tif": tiff(_values("uint8"), nodata=255, scale=0.5)},
    ]


def _tags(data: bytes) -> tuple[str, dict[int, tuple[int, int, int, int]]]:
    """Return the order of bytes, and by tag: place of the entry, type, count, place of the value."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        raise (
            UnknownError("no classic TIFF")
            if data[:2] in {b"II", b"MM"}
            else UnsoundError("no TIFF")
        )
    try:
        at = struct.unpack_from(f"{order}I", data, 4)[0]
        count = struct.unpack_from(f"{order}H", data, at)[0]
        found = {}
        for n in range(count):
            place = at + 2 + 12 * n
            tag, kind, items = struct.unpack_from(f"{order}HHI", data, place)
            inside = _WIDTH.get(kind, 1) * items <= 4
            found[tag] = (
                place,
                kind,
                items,
                place + 8 if inside else struct.unpack_from(f"{order}I", data, place + 8)[0],
            )
    except struct.error as error:
        raise UnsoundError("its tags lie outside the file") from error
    return order, found


def _tag(data: bytes, order: str, entry: tuple[int, int, int, int]) -> Any:
    _, kind, count, at = entry
    if kind not in _FORM or count > 100_000:
        raise UnknownError("a tag of another type")
    try:
        if kind == 2:
            return data[at : at + count].split(b"\0")[0].decode("ascii", "replace")
        return struct.unpack_from(f"{order}{count}{_FORM[kind]}", data, at)
    except struct.error as error:
        raise UnsoundError("a tag lies outside the file") from error


def _tag_change(rng: random.Random, files: Files) -> Mutation | None:
    """Change type, count or value of a tag, or take it away."""
    data = bytearray(files.get("s.tif", b""))
    try:
        order, tags = _tags(bytes(data))
    except (UnknownError, UnsoundError):
        return None
    if not tags:
        return None
    tag = rng.choice(sorted(tags))
    place, kind, count, at = tags[tag]
    how = rng.choice(("tag", "type", "count", "value", "value", "number", "number"))
    try:
        match how:
            case "tag":
                struct.pack_into(f"{order}H", data, place, rng.choice((65000, 258, 322, 0)))
            case "type":
                struct.pack_into(
                    f"{order}H", data, place + 2, rng.choice((0, 1, 2, 3, 4, 5, 12, 99))
                )
            case "count":
                struct.pack_into(
                    f"{order}I", data, place + 4, rng.choice((0, 1, 2, 3, 1000, 2**31, 2**32 - 1))
                )
            case "value":
                struct.pack_into(
                    f"{order}I",
                    data,
                    place + 8,
                    rng.choice(
                        (
                            0,
                            1,
                            2,
                            3,
                            7,
                            8,
                            10,
                            16,
                            32,
                            64,
                            65535,
                            30000,
                            100000,
                            2**31,
                            2**32 - 1,
                            len(data),
                        )
                    ),
                )
            case "number":
                form = _FORM.get(kind, "B").replace("s", "B")
                where = at + struct.calcsize(form) * rng.randrange(max(1, min(count, 16)))
                value: Any = rng.choice((0, 1, 2, 5179, 4326, 5186, 32767, 4978, 255))
                if form in "df":
                    value = rng.choice(
                        (
                            float("nan"),
                            float("inf"),
                            0.0,
                            -250.0,
                            250.0,
                            1e-9,
                            1e9,
                            1e300 if form == "d" else 1e30,
                            126.0,
                            1_000_000.0,
                        )
                    )
                struct.pack_into(
                    f"{order}{form}", data, where, min(value, 255) if form == "B" else value
                )
    except struct.error:
        return None
    return Mutation({"s.tif": bytes(data)}, f"tag {tag}: {how}")


def _cells(rng: random.Random, files: Files) -> Mutation | None:
    """Write sound and odd rasters anew: other cells, order, CRS, types, compression."""
    wild = rng.choice((-9999.0, -32768.0, 3.4e38, np.inf, np.nan, 91.0, -1.0, 89.0))
    cells = _values("float32")
    cells[0, 0] = 1.0
    cells[2:4, 3:6] = wild
    how = rng.choice(
        (
            "untagged",
            "tagged",
            "southup",
            "crs",
            "type",
            "bands",
            "large cells",
            "tiny cells",
            "far",
            "turned",
            "huge",
            "no crs",
        )
    )
    place = rasterio.transform.Affine(250.0, 0.0, 1e6, 0.0, -250.0, 1.8e6)
    good, same_place = _values("float32"), {"nodata": -9999.0}
    match how:
        case "untagged":
            made = tiff(cells)
        case "tagged":
            made = tiff(cells, nodata=wild)
        case "southup":
            place = rasterio.transform.Affine(250.0, 0.0, 1e6, 0.0, 250.0, 1.8e6 - 2000)
            return Mutation(
                {"s.tif": tiff(good[::-1].copy(), transform=place, **same_place)},
                "rows from south to north",
                same=files == _seeds()[0],
            )
        case "crs":
            made = tiff(
                good,
                crs=rng.choice(("EPSG:5186", "EPSG:4326", "EPSG:3857", "EPSG:4978")),
                **same_place,
            )
        case "type":
            made = tiff(
                good.astype(rng.choice(("float64", "int16", "int32", "complex64"))), **same_place
            )
        case "bands":
            made = tiff(good, count=2, **same_place)
        case "large cells":
            made = tiff(
                good, transform=place @ place.scale(rng.choice((40, 4000, 1e6))), **same_place
            )
        case "tiny cells":
            made = tiff(
                good, transform=place @ place.scale(rng.choice((0.004, 1e-6))), **same_place
            )
        case "far":
            made = tiff(
                good, transform=place.translation(rng.choice((1e7, -5e6)), 0) @ place, **same_place
            )
        case "turned":
            made = tiff(
                good, transform=place @ place.rotation(rng.choice((1.0, 45.0, 90.0))), **same_place
            )
        case "huge":
            with MemoryFile() as memory:
                side = rng.choice((20_000, 40_000))
                with memory.open(
                    driver="GTiff",
                    crs="EPSG:5179",
                    transform=place,
                    count=1,
                    height=side,
                    width=side,
                    dtype="float32",
                    sparse_ok=True,
                    tiled=True,
                    compress="deflate",
                ):
                    pass
                made = bytes(memory.read())
        case "no crs":
            made = tiff(good, crs=None, **same_place)
    return Mutation({"s.tif": made}, f"{how} {wild:g}")


def _same(rng: random.Random, files: Files) -> Mutation | None:
    """Write the first seed otherwise, with the same content."""
    if files != _seeds()[0]:
        return None
    how = rng.choice(
        (
            {"compress": "deflate"},
            {"compress": "lzw", "predictor": 2},
            {"tiled": True, "blockxsize": 16, "blockysize": 16},
            {"BIGTIFF": "YES"},
            {"ENDIANNESS": "BIG"},
            {"interleave": "band"},
        )
    )
    return Mutation(
        {"s.tif": tiff(_values("float32"), nodata=-9999.0, **how)}, f"same, {how}", same=True
    )


def _read(folder: Path) -> Any:
    from siteopt.layers.catalogue import Catalogue  # noqa: PLC0415
    from siteopt.layers.store import Layers  # noqa: PLC0415

    raster = Layers(Catalogue(folder, {}), {"slope": folder / "s.tif"}).raster("slope")
    lattice = raster.lattice
    return [[lattice.x_min_m, lattice.y_max_m, lattice.cell_m], raster.as_float().tolist()]


def _plain(files: Files) -> Any:
    data = files.get("s.tif", b"")
    order, tags = _tags(data)
    say = {
        tag: _tag(data, order, entry)
        for tag, entry in tags.items()
        if tag
        in {
            256,
            257,
            258,
            259,
            262,
            266,
            273,
            277,
            278,
            279,
            317,
            322,
            339,
            33550,
            33922,
            34264,
            34735,
            42112,
            42113,
        }
    }
    if not {256, 257, 258, 273, 279, 33550, 33922, 34735} <= say.keys() or say.keys() & {
        322,
        34264,
    }:
        raise UnknownError("other tags")
    if (
        say.get(259, (1,))[0] != 1
        or say.get(277, (1,))[0] != 1
        or say.get(317, (1,))[0] != 1
        or say.get(266, (1,))[0] != 1
    ):
        raise UnknownError("other storage")
    cols, rows, bits, form = (say[256][0], say[257][0], say[258][0], say.get(339, (1,))[0])
    dtype = {(32, 3): "f4", (8, 1): "u1", (64, 3): "f8", (16, 2): "i2", (16, 1): "u2"}.get(
        (bits, form)
    )
    if dtype is None or rows * cols > 10_000:
        raise UnknownError("other cells")
    raw = b"".join(data[at : at + size] for at, size in zip(say[273], say[279], strict=False))
    needed = rows * cols * bits // 8
    if len(raw) < needed or len(say[273]) != -(-rows // say.get(278, (rows,))[0]):
        raise UnknownError("strips")
    cells = np.frombuffer(raw[:needed], np.dtype(dtype).newbyteorder(order)).reshape(rows, cols)
    return _judged(cells, say)


def _judged(cells: np.ndarray, say: dict[int, Any]) -> Any:
    keys = say[34735]
    geo = {keys[at]: keys[at + 3] for at in range(4, len(keys) - 3, 4)}
    if geo.get(3072) != 5179 or geo.get(1024) != 1 or geo.get(1025, 1) != 1 or keys[0] != 1:
        raise UnknownError("another CRS")
    scale, tie = say[33550], say[33922]
    if len(scale) < 2 or len(tie) < 6 or tie[:2] != (0.0, 0.0) or not (scale[0] == scale[1] > 0):
        raise UnknownError("another place")
    if not np.isfinite([*scale[:2], *tie[3:5]]).all() or not (
        7e5 < tie[3] < 1.4e6 and 1.3e6 < tie[4] < 2.2e6
    ):
        raise UnsoundError("it lies outside Korea")
    if scale[0] > 1e5 or scale[0] < 0.5:
        raise UnsoundError(f"cells of {scale[0]:g} m")
    values = cells.astype("f8")
    if 42113 in say:
        try:
            nodata = float(say[42113])
        except (TypeError, ValueError) as error:
            raise UnknownError("nodata") from error
        as_stored = np.float32(nodata) if cells.dtype.kind == "f" else nodata
        values[(values == nodata) | (values == as_stored)] = np.nan
    if 42112 in say:
        try:
            items = ET.fromstring(str(say[42112])).iter("Item")  # noqa: S314 - written here
            scales = [float(item.text or "") for item in items if item.get("role") == "scale"]
            values = values * scales[0]
        except (ET.ParseError, ValueError, IndexError) as error:
            raise UnknownError("metadata") from error
    known = values[~np.isnan(values)]
    if known.size == 0 or known.min() < 0 or known.max() > 90:
        raise UnsoundError("a slope lies out of range")
    return [[tie[3], tie[4], scale[0]], values.tolist()]


KINDS = (
    Kind("raster", _seeds, (*BYTES, *BYTES, _tag_change, _tag_change, _tag_change, _tag_change, _cells, _cells, _same), _read, _plain),
)  # fmt: skip
