"""GeoPackage sanitising: the one feature layer, copied into a fresh database.

A GeoPackage is a database: views, triggers and virtual tables in it are programs that run when it
is read. SQLite reads the rows of the one table here, with none of them; GDAL gets a copy of that
table alone, so styles, stale counts and extensions play no part either.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final, NamedTuple

from siteopt.errors import LayerError
from siteopt.layers._crs import crs_of_code, crs_of_wkt
from siteopt.layers._features import Prepared

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pyproj import CRS

__all__ = ["journals_of", "prepare"]

_MAGIC: Final = b"SQLite format 3\0"
_APPLICATION_IDS: Final = (b"GPKG", b"GP10", b"GP11")
_HEAD: Final = 100
_HOT_JOURNAL: Final = bytes.fromhex("d9d505f920a163d7")
_LONGEST_EXACT: Final = 2**53
_NO_GEOMETRY: Final = "no layer with geometry; a vector layer needs one"


class _Column(NamedTuple):
    name: str
    type: str
    is_key: bool


class _Table(NamedTuple):
    name: str
    geometry: str
    kind: str
    srs_id: int


def journals_of(path: Path) -> tuple[Path, ...]:
    """Return the journal of a GeoPackage whose last changes stand there still."""
    wal = path.with_name(path.name + "-wal")
    return (wal,) if wal.is_file() and wal.stat().st_size > 0 else ()


def prepare(path: Path, folder: Path, text_columns: Sequence[str]) -> Prepared:
    """Copy the one layer of a GeoPackage into a database of its own, for GDAL.

    Raises
    ------
    LayerError
        If it is no GeoPackage, holds no layer with geometry or several, the layer is a view or a
        virtual table, or its CRS is not known.
    """
    _must_be_geopackage(path)
    source = path
    if journals_of(path):
        source = folder / "source.gpkg"
        shutil.copyfile(path, source)
        shutil.copyfile(journals_of(path)[0], folder / "source.gpkg-wal")
    settled = "" if journals_of(path) else "&immutable=1"
    address = f"{source.absolute().as_uri()}?mode=ro{settled}"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as database:
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA cell_size_check = ON")
        table = _the_table(database, path)
        crs = _crs(database, table.srs_id, path)
        rows = _copy(database, table, folder / "layer.gpkg", text_columns, path)
    return Prepared(folder / "layer.gpkg", crs, rows)


def _must_be_geopackage(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.startswith(_MAGIC):
        begins = f"it begins with {head[:16].decode('ascii', 'replace')!r}" if head else "empty"
        raise LayerError(
            f"{path.name}: cannot be read as gpkg (not a GeoPackage, {begins}); is the file whole, "
            "and its suffix right?"
        )
    if head[68:72] not in _APPLICATION_IDS:
        raise LayerError(
            f"{path.name}: a SQLite database, but no GeoPackage (its application id says so); save "
            "it as GeoPackage, from QGIS for example"
        )
    journal = path.with_name(path.name + "-journal")
    if journal.is_file():
        with journal.open("rb") as file:
            if file.read(8) == _HOT_JOURNAL:
                raise LayerError(
                    f"{path.name}: a change of it was broken off ({journal.name} is beside it); "
                    "open and close it in QGIS once"
                )


def _the_table(database: sqlite3.Connection, path: Path) -> _Table:
    """Return the one table of features; others, and tables without geometry, are passed over."""
    kinds = {
        str(name).lower(): (str(name), str(kind), str(sql))
        for name, kind, sql in database.execute(
            "SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view')"
        )
    }
    if "gpkg_geometry_columns" not in kinds:
        raise LayerError(f"{path.name}: {_NO_GEOMETRY}")
    for own in ("gpkg_geometry_columns", "gpkg_spatial_ref_sys"):
        _must_be_table(kinds.get(own, (own, "table", "CREATE TABLE")), own, path)
    listed = database.execute(
        "SELECT table_name, column_name, geometry_type_name, srs_id FROM gpkg_geometry_columns"
    ).fetchall()
    found = [row for row in listed if str(row[0]).lower() in kinds]
    if not found:
        raise LayerError(f"{path.name}: {_NO_GEOMETRY}")
    if len(found) > 1:
        names = ", ".join(sorted(str(row[0]) for row in found))
        raise LayerError(
            f"{path.name}: holds {len(found)} layers ({names}); a layer file holds one"
        )
    entry = kinds[str(found[0][0]).lower()]
    _must_be_table(entry, f"its layer {entry[0]}", path)
    return _Table(entry[0], str(found[0][1]), str(found[0][2]), int(str(found[0][3])))


def _must_be_table(entry: tuple[str, str, str], what: str, path: Path) -> None:
    """Raise LayerError at a view or virtual table, which is a program more than a table."""
    _, kind, sql = entry
    if kind != "table" or sql.split()[:2] != ["CREATE", "TABLE"]:
        found = "view" if kind == "view" else "virtual table"
        raise LayerError(
            f"{path.name}: {what} is a {found}, which is not run; save it as a layer of its own"
        )


def _crs(database: sqlite3.Connection, srs_id: int, path: Path) -> CRS | None:
    """Return the CRS of a layer; None where the file has it as undefined."""
    if srs_id in {-1, 0}:
        return None
    names = [str(row[1]) for row in database.execute("PRAGMA table_info(gpkg_spatial_ref_sys)")]
    cursor = database.execute("SELECT * FROM gpkg_spatial_ref_sys WHERE srs_id = ?", (srs_id,))
    found = cursor.fetchone()
    if found is None:
        return None
    row = dict(zip(names, found, strict=True))
    if str(row.get("srs_name")).lower().startswith("undefined"):
        return None
    if str(row.get("organization")).upper() == "EPSG":
        return crs_of_code(int(str(row["organization_coordsys_id"])), path.name)
    for name in ("definition_12_063", "definition"):
        text = str(row.get(name) or "")
        if text.lower() not in {"", "undefined"}:
            return crs_of_wkt(text, path.name)
    return None


def _copy(
    database: sqlite3.Connection,
    table: _Table,
    target: Path,
    text_columns: Sequence[str],
    path: Path,
) -> int:
    """Copy a table into a new GeoPackage; return how many rows it has."""
    columns = [
        _Column(str(name), str(kind).upper(), bool(key))
        for _, name, kind, _, _, key, hidden in database.execute(
            f"PRAGMA table_xinfo({_quoted(table.name)})"
        )
        if hidden != 1
    ]
    geometry = next((c for c in columns if c.name.lower() == table.geometry.lower()), None)
    if geometry is None:
        raise LayerError(f"{path.name}: its layer has no column {table.geometry}; save it anew")
    _must_be_exact(database, table, [c.name for c in columns if c.name in text_columns], path)
    database.execute("ATTACH DATABASE ? AS made", (str(target),))
    database.executescript(_FORM)
    database.execute(
        f"CREATE TABLE made.layer ({', '.join(_declared(c, text_columns) for c in columns)})"
    )
    database.execute(
        "INSERT INTO made.gpkg_geometry_columns VALUES ('layer', ?, ?, -1, 0, 0)",
        (geometry.name, table.kind),
    )
    names = ", ".join(_quoted(c.name) for c in columns)
    values = ", ".join(_taken(c, text_columns) for c in columns)
    database.execute(
        f"INSERT INTO made.layer ({names}) SELECT {values} FROM main.{_quoted(table.name)}"  # noqa: S608 - quoted
    )
    rows = database.execute("SELECT count(*) FROM made.layer").fetchone()[0]
    database.execute("DETACH DATABASE made")
    return int(rows)


_FORM: Final = """
PRAGMA made.application_id = 1196444487;
PRAGMA made.user_version = 10300;
PRAGMA made.journal_mode = OFF;
PRAGMA made.synchronous = OFF;
CREATE TABLE made.gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL, description TEXT);
INSERT INTO made.gpkg_spatial_ref_sys VALUES ('undefined', -1, 'NONE', -1, 'undefined', '');
CREATE TABLE made.gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,
  identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL
  DEFAULT '1970-01-01T00:00:00.000Z', min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER);
CREATE TABLE made.gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL,
  m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name));
INSERT INTO made.gpkg_contents (table_name, data_type, srs_id) VALUES ('layer', 'features', -1);
"""
"""An empty GeoPackage (OGC 12-128r18; its application id is "GPKG"), as the database ``made``."""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _is_made_text(column: _Column, text_columns: Sequence[str]) -> bool:
    return column.name in text_columns and not column.is_key and "TEXT" not in column.type


def _declared(column: _Column, text_columns: Sequence[str]) -> str:
    if column.is_key:
        return f"{_quoted(column.name)} INTEGER PRIMARY KEY NOT NULL"
    kind = "TEXT" if _is_made_text(column, text_columns) else column.type
    # A type is one of the list of the standard, with a length; any other is text.
    plain = "".join(sign for sign in kind if sign.isalnum() or sign in "()_ ")
    return f"{_quoted(column.name)} {plain or 'TEXT'}"


def _taken(column: _Column, text_columns: Sequence[str]) -> str:
    """Return what is selected of a column; whole numbers of a text column are their digits."""
    name = _quoted(column.name)
    if not _is_made_text(column, text_columns):
        return name
    return (
        f"CASE WHEN typeof({name}) = 'real' AND {name} = CAST({name} AS INTEGER) "
        f"THEN CAST(CAST({name} AS INTEGER) AS TEXT) ELSE CAST({name} AS TEXT) END"
    )


def _must_be_exact(
    database: sqlite3.Connection, table: _Table, columns: list[str], path: Path
) -> None:
    """Raise LayerError if a text column holds a float too large to be a whole number for sure."""
    for column in columns:
        name = _quoted(column)
        found = database.execute(
            f"SELECT {name} FROM main.{_quoted(table.name)} "  # noqa: S608 - quoted
            f"WHERE typeof({name}) = 'real' AND abs({name}) >= {_LONGEST_EXACT} LIMIT 1"
        ).fetchone()
        if found is not None:
            raise LayerError(
                f"{path.name}: {column} is the number {found[0]!r}, which need not be exact; make "
                "the column text"
            )
