"""Parcels as Shapefile, read plainly with struct."""

from __future__ import annotations

import struct
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pyproj
import shapely

from tests.fuzz.kinds import Files, Kind, Mutation, UnknownError, UnsoundError
from tests.fuzz.noise import BYTES, HOSTILE_NUMBERS, HOSTILE_TEXTS
from tests.fuzz.parcels import as_parcels, read_parcels_in
from tests.fuzz.plainly import placed

if TYPE_CHECKING:
    import random

__all__ = ["KINDS", "PROJECTED", "parcel_frame"]

PROJECTED = "EPSG:5179"


def parcel_frame(ids: list[Any], names: list[str], crs: str) -> gpd.GeoDataFrame:
    east, north = (950_000.0, 1_850_000.0)
    shapes = [
        shapely.box(east + 5000 * n, north, east + 5000 * n + 900, north + 700)
        for n in range(len(ids))
    ]
    frame = gpd.GeoDataFrame({"site_id": ids, "name": names, "area_ha": [10.5 + n for n in range(len(ids))]}, geometry=shapes, crs=PROJECTED)  # fmt: skip
    return frame.to_crs(crs)


@cache
def _shp_seeds() -> list[Files]:
    out = []
    for ids, names, crs, encoding in (
        (["0012", "b-2", "c.3"], ["해남", "구미", "Gumi"], PROJECTED, "UTF-8"),
        ([11, 4682, 7], ["뷁마을", "똠방", "a"], "EPSG:4326", "CP949"),
    ):
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "p.shp"
            parcel_frame(ids, names, crs).to_file(path, encoding=encoding)
            path.with_suffix(".cpg").write_text("EUC-KR" if encoding == "CP949" else encoding)
            out.append({part.name: part.read_bytes() for part in sorted(Path(name).iterdir())})
    return out


def _shp_fields(rng: random.Random, files: Files) -> Mutation | None:
    """Change a field of a header or of a record."""
    name = rng.choice([one for one in ("p.shp", "p.shx", "p.dbf") if one in files] or [""])
    data = bytearray(files.get(name, b""))
    if len(data) < 120:
        return None
    told, form, at = rng.choice(_SHP_FIELDS[name[-3:]])
    value: Any = rng.choice((0, 1, 2, 3, 4, 5, 11, 15, 31, 255, -1, 2**31 - 1, 1000, 10**6))
    if form in "<d >d":
        value = rng.choice((float("nan"), float("inf"), 1e308, 0.0, -1.0, 1e-320))
    elif form[-1] in "HB":
        value = abs(value) % (65536 if form[-1] == "H" else 256)
    if at + struct.calcsize(form) > len(data):
        return None
    struct.pack_into(form, data, at, value)
    return Mutation({**files, name: bytes(data)}, f"{name}: {told} is {value}")


_SHP_FIELDS = {
    "shp": [("code", ">i", 0), ("length", ">i", 24), ("version", "<i", 28), ("type", "<i", 32), ("record number", ">i", 100),
            ("record length", ">i", 104), ("record type", "<i", 108), ("box", "<d", 112), ("parts", "<i", 144), ("points", "<i", 148),
            ("first part", "<i", 152), ("x", "<d", 156), ("y", "<d", 164), ("last x", "<d", 220)],
    "shx": [("code", ">i", 0), ("length", ">i", 24), ("type", "<i", 32), ("offset", ">i", 100), ("content", ">i", 104)],
    "dbf": [("version", "B", 0), ("records", "<i", 4), ("head", "<H", 8), ("record", "<H", 10), ("language", "B", 29),
            ("field type", "B", 43), ("field length", "B", 48), ("decimals", "B", 49), ("second length", "B", 80)],
}  # fmt: skip


def _shp_prj(rng: random.Random, files: Files) -> Mutation | None:
    text = rng.choice(
        (
            "", "EPSG:5179", "EPSG:4326", 'LOCAL_CS["a",UNIT["metre",1]]', "+proj=longlat", "PROJCS[", 'GEOGCS["x"]',
            pyproj.CRS(5186).to_wkt("WKT1_ESRI"), pyproj.CRS(5174).to_wkt("WKT1_ESRI"), pyproj.CRS(4162).to_wkt("WKT1_ESRI"),
            pyproj.CRS(4978).to_wkt(), pyproj.CRS(5703).to_wkt(), "http://127.0.0.1:@PORT@/crs", "@BAIT@/secret.csv",
            '{"type":"link"}', "GEOGCS" + "[" * 5000,
        )
    )  # fmt: skip
    return Mutation({**files, "p.prj": text.encode()}, f"p.prj: {text:.40}")


def _shp_cpg(rng: random.Random, files: Files) -> Mutation | None:
    text = rng.choice(("UTF-8", "cp949", "EUC-KR", "949", "ISO-8859-1", "klingon", "", "utf-16", "rot13", "hex", "zip", "idna", "a" * 5000, "\0", "utf-8\n"))  # fmt: skip
    return Mutation({**files, "p.cpg": text.encode()}, f"p.cpg: {text:.20}")


def _dbf_cell(rng: random.Random, files: Files) -> Mutation | None:
    """Put a hostile value into a cell of the table."""
    try:
        head = _dbf_head(files["p.dbf"])
    except (KeyError, UnsoundError):
        return None
    data = bytearray(files["p.dbf"])
    row = rng.randrange(3)
    start = head.first + row * head.width
    name, (_, at, width, _) = rng.choice(list(head.fields.items()))
    text = rng.choice((*HOSTILE_NUMBERS, *HOSTILE_TEXTS, "*" * 40)).encode("utf-8", "replace")[
        :width
    ]
    data[start + at : start + at + width] = (
        text.rjust(width) if rng.random() < 0.5 else text.ljust(width)
    )
    return Mutation({**files, "p.dbf": bytes(data)}, f"p.dbf: row {row + 1} {name} is {text!r:.30}")


def _dbf_deleted(rng: random.Random, files: Files) -> Mutation | None:
    try:
        head = _dbf_head(files["p.dbf"])
    except (KeyError, UnsoundError):
        return None
    data = bytearray(files["p.dbf"])
    data[head.first + rng.randrange(3) * head.width] = ord("*")
    return Mutation({**files, "p.dbf": bytes(data)}, "p.dbf: a row is deleted")


def _shp_more(rng: random.Random, files: Files) -> Mutation | None:
    """Add files beside that nobody needs, or write names of files in capitals."""
    if rng.random() < 0.5:
        return Mutation({**files, "p.shp.xml": b"<metadata/>", "p.sbn": rng.randbytes(50), "p.qpj": b"x"}, "more files", same=True)  # fmt: skip
    upper = {(n if n == "p.shp" else n.upper().replace("P.", "p.")): c for n, c in files.items()}
    return Mutation(upper, "names in capitals", same=True)


class _Head:
    def __init__(self, count: int, first: int, width: int, fields: dict[str, tuple[str, int, int, int]]) -> None:  # fmt: skip
        self.count, self.first, self.width, self.fields = count, first, width, fields


def _dbf_head(data: bytes) -> _Head:
    try:
        count, first, width = struct.unpack_from("<iHH", data, 4)
        fields, at, place = {}, 1, 32
        while data[place] != 0x0D:
            name = data[place : place + 11].split(b"\0")[0].decode("ascii", "replace")
            kind, length, decimals = chr(data[place + 11]), data[place + 16], data[place + 17]
            fields[name] = (kind, at, length, decimals)
            at += length
            place += 32
    except (struct.error, IndexError) as error:
        raise UnsoundError("its dbf has no header") from error
    if at != width or first < place + 1 or count < 0 or first + count * width > len(data):
        raise UnsoundError("its dbf is not as its header says")
    return _Head(count, first, width, fields)


def _dbf_rows(files: Files) -> list[dict[str, Any] | None]:
    data = files.get("p.dbf", files.get("p.DBF"))
    if data is None:
        raise UnsoundError("its dbf is gone")
    head = _dbf_head(data)
    said = files.get("p.cpg", files.get("p.CPG"))
    encoding = "utf-8" if said is None else said.decode("ascii", "replace").strip().lower()
    encoding = {"euc-kr": "cp949", "949": "cp949", "": "utf-8"}.get(encoding, encoding)
    if encoding not in {"utf-8", "cp949"}:
        raise UnknownError(f"encoding {encoding:.30}")
    rows: list[dict[str, Any] | None] = []
    for n in range(head.count):
        raw = data[head.first + n * head.width :][: head.width]
        if raw[:1] == b"*":
            rows.append(None)
            continue
        if raw[:1] != b" ":
            raise UnknownError("a mark that is none")
        row: dict[str, Any] = {}
        for name, (kind, at, length, decimals) in head.fields.items():
            cell = raw[at : at + length]
            if kind in "NF":
                row[name] = _dbf_number(cell, decimals)
            elif kind == "C":
                row[name] = _dbf_text(cell, encoding, exact=bool(said and said.strip()))
            else:
                raise UnknownError(f"a field of type {kind!r}")
        rows.append(row)
    return rows


def _dbf_number(cell: bytes, decimals: int) -> Any:
    said = cell.split(b"\0")[0].strip().decode("ascii", "replace")
    if not said or set(said) == {"*"}:
        return None
    if said.lstrip("+-").isdigit() and decimals == 0:
        return int(said)
    return said


def _dbf_text(cell: bytes, encoding: str, *, exact: bool) -> str:
    width = len(cell)
    cell = cell.rstrip(b" \0")
    if b"\0" in cell:
        raise UnknownError("a zero byte in a text")
    try:
        return cell.decode(encoding).strip(" ")
    except UnicodeDecodeError as error:
        if error.end == width and error.start > width - 4:
            return cell[: error.start].decode(encoding).strip(" ")  # cut to the width of the column
        if exact:
            raise UnsoundError("a text does not decode") from error
        raise UnknownError("encoding") from error


def _shp_shapes(files: Files) -> list[shapely.Geometry | None]:
    main, index = files.get("p.shp", b""), files.get("p.shx", files.get("p.SHX", b""))
    if (
        len(main) < 100
        or len(index) < 100
        or main[:4] != b"\0\0\x27\x0a"
        or index[:4] != b"\0\0\x27\x0a"
    ):
        raise UnsoundError("it has no header")
    if struct.unpack_from("<i", main, 32)[0] != 5:
        raise UnsoundError("it has no polygons")
    shapes: list[shapely.Geometry | None] = []
    said = 2 * struct.unpack_from(">i", index, 24)[0]
    for at in range(100, min(said, len(index)) - 7, 8):
        offset, words = struct.unpack_from(">ii", index, at)
        start = offset * 2
        try:
            length = words  # as the index says, which is what finds a record
            kind = struct.unpack_from("<i", main, start + 8)[0]
            if kind not in {0, 5} or start < 100:
                raise UnsoundError("index and records do not agree")
            parts, points = (0, 0) if kind == 0 else struct.unpack_from("<ii", main, start + 44)
            if kind == 0:
                shapes.append(None)
                continue
            if not (0 < parts <= points < 10_000) or length * 2 != 44 + 4 * parts + 16 * points:
                raise UnsoundError("a record has other parts than it says")
            first = struct.unpack_from(f"<{parts}i", main, start + 52)
            flat = struct.unpack_from(f"<{2 * points}d", main, start + 52 + 4 * parts)
        except (struct.error, OverflowError, MemoryError) as error:
            raise UnsoundError("a record lies outside the file") from error
        if parts != 1 or first[0] != 0:
            raise UnknownError("parts")
        try:
            shapes.append(shapely.Polygon(list(zip(flat[::2], flat[1::2], strict=True))))
        except (ValueError, shapely.errors.GEOSException) as error:
            raise UnsoundError("a ring is none") from error
    return shapes


def _prj(files: Files) -> str:
    text = files.get("p.prj", files.get("p.PRJ", b"")).decode("utf-8", "replace")
    try:
        crs = pyproj.CRS.from_user_input(text)
    except (pyproj.exceptions.CRSError, RecursionError) as error:
        raise UnsoundError("it has no CRS") from error
    code = crs.to_epsg(min_confidence=60)
    if code not in {5179, 4326, 5186}:
        raise UnknownError(f"CRS {crs.name:.40}")
    return f"EPSG:{code}"


def _plain_shp(files: Files) -> list[dict[str, Any]]:
    crs, shapes, rows = _prj(files), _shp_shapes(files), _dbf_rows(files)
    if len(shapes) != len(rows) or not shapes:
        raise UnsoundError(f"{len(shapes)} shapes and {len(rows)} rows")
    kept = [(row, placed(shape, crs)) for row, shape in zip(rows, shapes, strict=True) if row is not None]  # fmt: skip
    if not kept:
        raise UnsoundError("no row is left")
    return as_parcels(kept)


KINDS = (
    Kind(
        "parcels-shp", _shp_seeds,
        (*BYTES, _shp_fields, _shp_fields, _shp_prj, _shp_cpg, _dbf_cell, _dbf_cell, _dbf_deleted, _shp_more),
        read_parcels_in("p.shp"), _plain_shp,
    ),
)  # fmt: skip
