"""Parcels as Shapefile and GeoPackage: both are read plainly with struct and sqlite3."""

from __future__ import annotations

import sqlite3
import struct
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pyogrio
import pyproj
import shapely

from tests.fuzz.kinds import Files, Kind, Mutation, UnknownError, UnsoundError
from tests.fuzz.noise import BYTES, HOSTILE_NUMBERS, HOSTILE_TEXTS
from tests.fuzz.parcels import as_parcels, read_parcels_in
from tests.fuzz.plainly import placed

if TYPE_CHECKING:
    import random

__all__ = ["KINDS"]

_PROJECTED = "EPSG:5179"


def _frame(ids: list[Any], names: list[str], crs: str) -> gpd.GeoDataFrame:
    east, north = (950_000.0, 1_850_000.0)
    shapes = [shapely.box(east + 5000 * n, north, east + 5000 * n + 900, north + 700) for n in range(len(ids))]
    frame = gpd.GeoDataFrame({"site_id": ids, "name": names, "area_ha": [10.5 + n for n in range(len(ids))]}, geometry=shapes, crs=_PROJECTED)  # fmt: skip
    return frame.to_crs(crs)


@cache
def _shp_seeds() -> list[Files]:
    out = []
    for ids, names, crs, encoding in (
        (["0012", "b-2", "c.3"], ["해남", "구미", "Gumi"], _PROJECTED, "UTF-8"),
        ([11, 4682, 7], ["뷁마을", "똠방", "a"], "EPSG:4326", "CP949"),
    ):
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "p.shp"
            _frame(ids, names, crs).to_file(path, encoding=encoding)
            path.with_suffix(".cpg").write_text("EUC-KR" if encoding == "CP949" else encoding)
            out.append({part.name: part.read_bytes() for part in sorted(Path(name).iterdir())})
    return out


@cache
def _gpkg_seeds() -> list[Files]:
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2030-01-01T00:00:00.000Z"})
    out = []
    for ids, crs in ((["0012", "b-2", "c.3"], _PROJECTED), ([11, 4682, 7], "EPSG:4326")):
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "p.gpkg"
            _frame(ids, ["해남", "구미, A", "Gumi"], crs).to_file(path, layer="parcels")
            out.append({"p.gpkg": path.read_bytes()})
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    return out


# --- Shapefile -------------------------------------------------------------------------------


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
            "", "EPSG:5179", "EPSG:4326", 'LOCAL_CS["a",UNIT["metre",1]]', "+proj=longlat", "PROJCS[", "GEOGCS[\"x\"]",
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
    text = rng.choice((*HOSTILE_NUMBERS, *HOSTILE_TEXTS, "*" * 40)).encode("utf-8", "replace")[:width]
    data[start + at : start + at + width] = text.rjust(width) if rng.random() < 0.5 else text.ljust(width)
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
                row[name] = _dbf_text(cell, encoding, exact=said is not None)
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
    cell = cell.rstrip(b" \0")
    if b"\0" in cell:
        raise UnknownError("a zero byte in a text")
    try:
        return cell.decode(encoding).strip(" ")
    except UnicodeDecodeError as error:
        if exact:
            raise UnsoundError("a text does not decode") from error
        raise UnknownError("encoding") from error


def _shp_shapes(files: Files) -> list[shapely.Geometry | None]:
    main, index = files.get("p.shp", b""), files.get("p.shx", files.get("p.SHX", b""))
    if len(main) < 100 or len(index) < 100 or main[:4] != b"\0\0\x27\x0a" or index[:4] != b"\0\0\x27\x0a":
        raise UnsoundError("it has no header")
    if struct.unpack_from("<i", main, 32)[0] != 5 or (len(index) - 100) % 8:
        raise UnsoundError("it has no polygons")
    shapes: list[shapely.Geometry | None] = []
    for at in range(100, len(index), 8):
        offset, words = struct.unpack_from(">ii", index, at)
        start = offset * 2
        try:
            number, length = struct.unpack_from(">ii", main, start)
            kind = struct.unpack_from("<i", main, start + 8)[0]
            if length != words or number != len(shapes) + 1 or kind not in {0, 5} or start < 100:
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
        crs = pyproj.CRS.from_wkt(text)
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


# --- GeoPackage ------------------------------------------------------------------------------

_SQL = (
    "UPDATE gpkg_ogr_contents SET feature_count = {n}", "DELETE FROM gpkg_ogr_contents", "DROP TABLE gpkg_ogr_contents",
    "UPDATE gpkg_contents SET min_x = 'x'", "UPDATE gpkg_contents SET srs_id = {n}", "UPDATE gpkg_contents SET data_type = 'attributes'",
    "UPDATE gpkg_contents SET table_name = 'other'", "DELETE FROM gpkg_contents", "DROP TABLE gpkg_contents",
    "UPDATE gpkg_geometry_columns SET srs_id = {n}", "UPDATE gpkg_geometry_columns SET geometry_type_name = 'POINT'",
    "UPDATE gpkg_geometry_columns SET column_name = 'none'", "DELETE FROM gpkg_geometry_columns", "DROP TABLE gpkg_spatial_ref_sys",
    "UPDATE gpkg_spatial_ref_sys SET organization_coordsys_id = {n}", "UPDATE gpkg_spatial_ref_sys SET definition = 'undefined'",
    "UPDATE gpkg_spatial_ref_sys SET definition = 'LOCAL_CS[\"a\",UNIT[\"metre\",1]]', organization='NONE'",
    "UPDATE parcels SET site_id = NULL WHERE fid = {f}", "UPDATE parcels SET site_id = {v} WHERE fid = {f}",
    "UPDATE parcels SET name = {v} WHERE fid = {f}", "UPDATE parcels SET area_ha = {v} WHERE fid = {f}",
    "UPDATE parcels SET geom = NULL WHERE fid = {f}", "UPDATE parcels SET geom = x'00' WHERE fid = {f}",
    "UPDATE parcels SET geom = zeroblob(60) WHERE fid = {f}", "UPDATE parcels SET geom = 'POINT(1 1)' WHERE fid = {f}",
    "DELETE FROM parcels WHERE fid = {f}", "DELETE FROM parcels", "UPDATE parcels SET fid = {n} + 100 WHERE fid = {f}",
    "ALTER TABLE parcels RENAME COLUMN site_id TO SITE_ID", "ALTER TABLE parcels DROP COLUMN site_id", "ALTER TABLE parcels ADD COLUMN geometry TEXT",
    "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, styleQML TEXT)", "PRAGMA application_id = {n}", "PRAGMA user_version = {n}",
    "DROP TABLE rtree_parcels_geom", "CREATE VIEW other AS SELECT * FROM parcels",
    "INSERT INTO gpkg_contents SELECT 'other','features','other',description,last_change,min_x,min_y,max_x,max_y,srs_id FROM gpkg_contents",
)  # fmt: skip


def _connect(content: bytes) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
        database.create_function(name, 1, lambda _: 0)
    if not content:
        raise sqlite3.DatabaseError("it is empty")
    database.deserialize(content)
    return database


def _gpkg_sql(rng: random.Random, files: Files) -> Mutation | None:
    """Change tables with a statement of SQL."""
    value = rng.choice(("'abc'", "12.5", "x'00ff'", "9e999", "-1", "''", "4682025021100010001", "'0012'", "char(27)||'[31m'", "char(8238)", "'=1+1'", "3000000", "1.0"))  # fmt: skip
    statement = rng.choice(_SQL).format(n=rng.choice((0, 1, -1, 2, 99999, 4326, 5179, 4162)), f=rng.randrange(1, 4), v=value)  # fmt: skip
    try:
        database = _connect(files["p.gpkg"])
        triggers = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type='trigger'")]
        for name in triggers:
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute(statement)
        database.commit()
        content = database.serialize()
    except (sqlite3.Error, KeyError, OverflowError):
        return None
    return Mutation({"p.gpkg": content}, statement, same=statement.startswith(("UPDATE gpkg_ogr_contents", "DELETE FROM gpkg_ogr", "CREATE TABLE layer_styles")))  # fmt: skip


def _gpkg_blob(rng: random.Random, files: Files) -> Mutation | None:
    """Change bytes of a geometry."""
    try:
        database = _connect(files["p.gpkg"])
        for name in [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type='trigger'")]:
            database.execute(f'DROP TRIGGER "{name}"')
        fid = rng.randrange(1, 4)
        blob = bytearray(database.execute("SELECT geom FROM parcels WHERE fid=?", (fid,)).fetchone()[0])
        at = rng.randrange(len(blob))
        blob[at : at + rng.choice((1, 4, 8))] = rng.choice((b"\0", b"\xff" * 8, rng.randbytes(4), struct.pack("<d", float("nan")), b""))
        database.execute("UPDATE parcels SET geom=? WHERE fid=?", (bytes(blob), fid))
        database.commit()
        content = database.serialize()
    except (sqlite3.Error, KeyError, TypeError, ValueError):
        return None
    return Mutation({"p.gpkg": content}, f"geometry of row {fid} at {at}")


def _plain_gpkg(files: Files) -> list[dict[str, Any]]:
    try:
        database = _connect(files["p.gpkg"])
        tables = [row[0] for row in database.execute("SELECT table_name FROM gpkg_contents WHERE data_type='features'")]
        if len(tables) != 1:
            raise UnsoundError(f"{len(tables)} layers")
        column, srs = database.execute("SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name=?", (tables[0],)).fetchone()
        named = database.execute("SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE srs_id=?", (srs,)).fetchone()
        database.row_factory = sqlite3.Row
        rows = [dict(row) for row in database.execute(f'SELECT * FROM "{tables[0]}"')]  # noqa: S608
    except KeyError as error:
        raise UnsoundError("it is not there") from error
    except (sqlite3.Error, TypeError, UnicodeDecodeError, OverflowError, ValueError) as error:
        raise UnsoundError(f"its tables cannot be read ({error})") from error
    if named is None or str(named[0]).upper() != "EPSG" or named[1] not in {5179, 4326}:
        raise UnknownError(f"CRS {named}")
    if not rows or column not in rows[0]:
        raise UnsoundError("it has no rows")
    found = []
    for row in rows:
        blob = row.pop(column)
        if isinstance(row.get("area_ha"), str | bytes) or isinstance(row.get("name"), bytes | int | float):
            raise UnknownError("a value of another type")
        if isinstance(row.get("site_id"), bytes):
            raise UnsoundError("an id is no text")
        found.append((row, placed(_from_blob(blob), f"EPSG:{named[1]}")))
    return as_parcels(found)


def _from_blob(blob: Any) -> shapely.Geometry:
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < 9:
        raise UnsoundError("a geometry is none")
    envelope = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}.get(blob[3] >> 1 & 7)
    if envelope is None:
        raise UnsoundError("a geometry has no envelope that is known")
    if blob[3] & 0x30 or blob[2]:
        raise UnknownError("flags of a geometry")
    try:
        return shapely.from_wkb(blob[8 + envelope :])
    except shapely.errors.GEOSException as error:
        raise UnsoundError("a geometry cannot be formed") from error


KINDS = (
    Kind("parcels-shp", _shp_seeds, (*BYTES, _shp_fields, _shp_fields, _shp_prj, _shp_cpg, _dbf_cell, _dbf_cell, _dbf_deleted, _shp_more),
         read_parcels_in("p.shp"), _plain_shp),
    Kind("parcels-gpkg", _gpkg_seeds, (*BYTES, _gpkg_sql, _gpkg_sql, _gpkg_sql, _gpkg_blob), read_parcels_in("p.gpkg"), _plain_gpkg),
)  # fmt: skip
