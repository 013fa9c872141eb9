"""GeoPackage (OGC 12-128r19) of a run: layers, styles, titles, metadata and a project of QGIS.

The tables of geometry are written by GDAL; what GDAL has no word for is added through SQLite:
`layer_styles` and `qgis_projects`, which QGIS reads, and the extensions *schema* (titles of
columns) and *metadata* of the standard. The same run gives the same bytes.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

import pyogrio

from siteopt._geopackage_date import FIXED_DATE, fixed_date
from siteopt.report.gis.fields import column_confidence, column_views
from siteopt.report.gis.metadata import METADATA_URI, layer_metadata
from siteopt.report.gis.project import project_content
from siteopt.report.gis.qml import qml
from siteopt.report.gis.sld import sld
from siteopt.report.texts import LANGUAGES, text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from siteopt.layers.provenance import Provenance
    from siteopt.report.gis.frame import ProjectFrame
    from siteopt.report.gis.layer import GisLayer

__all__ = ["write_geopackage"]

_GEOPACKAGE: Final = "1.3"
"""The newest version that QGIS 3.22 opens without a warning."""
_EXTENSIONS: Final = (
    ("gpkg_data_columns", "gpkg_schema", "http://www.geopackage.org/spec121/#extension_schema"),
    ("gpkg_data_column_constraints", "gpkg_schema", "http://www.geopackage.org/spec121/#extension_schema"),
    ("gpkg_metadata", "gpkg_metadata", "http://www.geopackage.org/spec121/#extension_metadata"),
    ("gpkg_metadata_reference", "gpkg_metadata", "http://www.geopackage.org/spec121/#extension_metadata"),
)  # fmt: skip
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
  mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC,
  min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml',
  metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE qgis_projects (name TEXT PRIMARY KEY, metadata BLOB, content BLOB);
"""


def write_geopackage(
    layers: Sequence[GisLayer], frame: ProjectFrame, used: Sequence[Provenance], path: Path
) -> None:
    """Write layers with their styles, titles, metadata and projects into a new GeoPackage.

    Parameters
    ----------
    layers : sequence of GisLayer
        Those of :func:`siteopt.report.gis.gis_layers`, the one on top first.
    frame : ProjectFrame
        What the projects show beside the layers.
    used : sequence of Provenance
        All layers that the run read.
    path : Path
        The file.
    """
    path.unlink(missing_ok=True)
    with fixed_date():
        for place, layer in enumerate(layers):
            pyogrio.write_dataframe(
                layer.frame, path, layer=layer.name, driver="GPKG", append=place > 0,
                geometry_type=_geometry_type(layer), promote_to_multi=False,
                dataset_options=None if place else {"VERSION": _GEOPACKAGE},
                layer_options={
                    "IDENTIFIER": layer.title("ko"),
                    "DESCRIPTION": f"{layer.description('ko')} / {layer.description('en')}",
                },
            )  # fmt: skip
    with closing(sqlite3.connect(path)) as stored:
        stored.executescript(_TABLES)
        stored.executemany(
            "INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, 'read-write')", _EXTENSIONS
        )
        for layer in layers:
            _add_titles(stored, layer)
            _add_style(stored, layer)
        _add_metadata(stored, layers, used)
        _add_projects(stored, layers, frame)
        # as QGIS does itself: GDAL then lists no table that is not registered
        stored.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
            "last_change) VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            (FIXED_DATE,),
        )
        stored.commit()
        stored.execute("VACUUM")


def _geometry_type(layer: GisLayer) -> str:
    """Return the type of a layer, also where it has no row: all rows of ours are of one."""
    known = {"site_areas", "excluded", "districts", "provinces", "clean_zones"}
    if layer.name in known:
        return "MultiPolygon"
    return "LineString" if layer.name in {"connections", "power_lines"} else "Point"


def _add_titles(stored: sqlite3.Connection, layer: GisLayer) -> None:
    """Add titles of columns, and the codes of those that have words for them (*enum*)."""
    ko, en = (column_views(layer.frame, language) for language in LANGUAGES)
    for name, column in ko.items():
        confidence = column_confidence(name)
        about = f"{en[name].title}; confidence: {confidence}" if confidence else en[name].title
        codes = f"{layer.name}_{name}".lower() if column.words else None
        stored.execute(
            "INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, ?)",
            (layer.name, name, column.title, column.title, about, codes),
        )
        stored.executemany(
            "INSERT INTO gpkg_data_column_constraints VALUES (?, 'enum', ?, NULL, NULL, NULL, NULL, ?)",
            [
                (codes, code, f"{word} / {en[name].words[code]}")
                for code, word in column.words.items()
            ],
        )


def _add_style(stored: sqlite3.Connection, layer: GisLayer) -> None:
    """Add the Korean style, which is the default, and the English one."""
    for place, language in enumerate(LANGUAGES):
        columns = column_views(layer.frame, language)
        stored.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
            "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, "
            "update_time) VALUES ('', '', ?, 'geom', ?, ?, ?, ?, ?, '', ?)",
            (
                layer.name, text("gis.language", language), qml(layer.style, columns, language),
                sld(layer.name, layer.title(language), layer.style, language), place == 0,
                layer.title(language), FIXED_DATE,
            ),
        )  # fmt: skip


def _add_metadata(
    stored: sqlite3.Connection, layers: Sequence[GisLayer], used: Sequence[Provenance]
) -> None:
    for number, layer in enumerate(layers, start=1):
        stored.execute(
            "INSERT INTO gpkg_metadata VALUES (?, 'dataset', ?, 'text/xml', ?)",
            (number, METADATA_URI, layer_metadata(layer, used)),
        )
        stored.execute(
            "INSERT INTO gpkg_metadata_reference VALUES ('table', ?, NULL, NULL, ?, ?, NULL)",
            (layer.name, FIXED_DATE, number),
        )


def _add_projects(
    stored: sqlite3.Connection, layers: Sequence[GisLayer], frame: ProjectFrame
) -> None:
    for language in LANGUAGES:
        content = project_content(layers, frame, language)
        told = f'{{"last_modified_time": "{FIXED_DATE[:19]}", "last_modified_user": "siteopt"}}'
        stored.execute(
            "INSERT INTO qgis_projects VALUES (?, ?, ?)",
            (text("gis.project", language), told, content.hex()),
        )
