"""Parcels as GeoPackage, read plainly with sqlite3."""

from __future__ import annotations

import sqlite3
import struct
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyogrio
import shapely

from tests.fuzz.kinds import Files, Kind, Mutation, UnknownError, UnsoundError
from tests.fuzz.noise import BYTES
from tests.fuzz.parcels import as_parcels, read_parcels_in
from tests.fuzz.plainly import placed
from tests.fuzz.shapefiles import PROJECTED, parcel_frame

if TYPE_CHECKING:
    import random

__all__ = ["KINDS"]


@cache
def _gpkg_seeds() -> list[Files]:
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2030-01-01T00:00:00.000Z"})
    out = []
    for ids, crs in ((["0012", "b-2", "c.3"], PROJECTED), ([11, 4682, 7], "EPSG:4326")):
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "p.gpkg"
            parcel_frame(ids, ["해남", "구미, A", "Gumi"], crs).to_file(path, layer="parcels")
            out.append({"p.gpkg": path.read_bytes()})
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    return out


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
        triggers = [
            row[0]
            for row in database.execute("SELECT name FROM sqlite_master WHERE type='trigger'")
        ]
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
        for name in [
            row[0]
            for row in database.execute("SELECT name FROM sqlite_master WHERE type='trigger'")
        ]:
            database.execute(f'DROP TRIGGER "{name}"')
        fid = rng.randrange(1, 4)
        blob = bytearray(
            database.execute("SELECT geom FROM parcels WHERE fid=?", (fid,)).fetchone()[0]
        )
        at = rng.randrange(len(blob))
        blob[at : at + rng.choice((1, 4, 8))] = rng.choice(
            (b"\0", b"\xff" * 8, rng.randbytes(4), struct.pack("<d", float("nan")), b"")
        )
        database.execute("UPDATE parcels SET geom=? WHERE fid=?", (bytes(blob), fid))
        database.commit()
        content = database.serialize()
    except (sqlite3.Error, KeyError, TypeError, ValueError):
        return None
    return Mutation({"p.gpkg": content}, f"geometry of row {fid} at {at}")


def _plain_gpkg(files: Files) -> list[dict[str, Any]]:
    try:
        database = _connect(files["p.gpkg"])
        tables = database.execute(
            "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns"
        )
        known = tables.fetchall()
        if len(known) != 1:
            raise UnsoundError("it has other layers than one")
        table, column, srs = known[0]
        named = database.execute(
            "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE srs_id=?",
            (srs,),
        ).fetchone()
        database.row_factory = sqlite3.Row
        rows = [dict(row) for row in database.execute(f'SELECT * FROM "{table}"')]  # noqa: S608
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
        if isinstance(row.get("area_ha"), str | bytes) or isinstance(
            row.get("name"), bytes | int | float
        ):
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
    Kind(
        "parcels-gpkg", _gpkg_seeds, (*BYTES, _gpkg_sql, _gpkg_sql, _gpkg_sql, _gpkg_blob),
        read_parcels_in("p.gpkg"), _plain_gpkg,
    ),
)  # fmt: skip
