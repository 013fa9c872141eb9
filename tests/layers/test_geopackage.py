"""Of a GeoPackage the one table of features is read; what else it holds is not run."""

import shutil
import sqlite3
from contextlib import closing

import geopandas as gpd
import pytest
import shapely

from siteopt.errors import LayerError
from siteopt.layers.opening import files_of, open_features
from siteopt.layers.readers import read_vector
from siteopt.stages.keys import file_token


@pytest.fixture
def package(tmp_path):
    """Return a GeoPackage of three squares with ids, in EPSG:5186."""
    path = tmp_path / "p.gpkg"
    shapes = [shapely.box(127 + n / 10, 36, 127.02 + n / 10, 36.02) for n in range(3)]
    frame = gpd.GeoDataFrame(
        {"site_id": ["a", "b", "c"], "mw": [1, 2, None], "flag": [True, False, True]},
        geometry=shapes, crs=4326,
    )  # fmt: skip
    frame.to_crs(5186).to_file(path, layer="parcels")
    return path


def changed(path, *statements):
    with closing(sqlite3.connect(path)) as database:
        for trigger in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f'DROP TRIGGER "{trigger[0]}"')
        for statement in statements:
            database.execute(statement)
        database.commit()
    return path


def refused(path, layer_id="mine"):
    with pytest.raises(LayerError) as caught:
        read_vector(path, layer_id)
    assert "\n" not in str(caught.value)
    return str(caught.value)


STYLE = (
    "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, f_table_name TEXT, styleQML TEXT)",
    "INSERT INTO layer_styles VALUES (1, 'parcels', '<qgis/>')",
    "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('layer_styles', 'attributes', 's')",
    "CREATE TABLE qgis_projects (name TEXT PRIMARY KEY, metadata BLOB, content BLOB)",
)


@pytest.mark.parametrize(
    "statements",
    [
        (), STYLE,
        ("UPDATE gpkg_ogr_contents SET feature_count = 1",),
        ("UPDATE gpkg_contents SET min_x = 0, min_y = 0, max_x = 1, max_y = 1",),
        ("CREATE TRIGGER t AFTER INSERT ON parcels BEGIN SELECT load_extension('/x'); END",),
        ("CREATE VIEW other AS SELECT * FROM parcels",),
        ("CREATE VIRTUAL TABLE words USING fts5(a)",),
        ("INSERT INTO gpkg_extensions VALUES ('parcels', 'geom', 'strange', 'x', 'read-write')",),
        ("DELETE FROM gpkg_contents",),
    ],
)  # fmt: skip
def test_what_stands_beside_the_layer_changes_nothing(package, statements):
    before = open_features(package)
    read = open_features(changed(package, *statements))
    assert read["site_id"].tolist() == ["a", "b", "c"]
    assert read.crs.to_epsg() == 5186
    assert read.geom_equals_exact(before, 0).all()
    assert [read[name].dtype for name in ("mw", "flag")] == [float, bool]


VIRTUAL = (
    "PRAGMA writable_schema = ON",
    "INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING VirtualOGR(''/etc/passwd'')')",
    "PRAGMA writable_schema = OFF",
)


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (("CREATE VIEW v AS SELECT * FROM parcels",
          "UPDATE gpkg_geometry_columns SET table_name = 'v'"), "its layer v is a view, which is not run"),
        ((*VIRTUAL, "UPDATE gpkg_geometry_columns SET table_name = 'v'"), "its layer v is a virtual table"),
        (("ALTER TABLE gpkg_geometry_columns RENAME TO g",
          "CREATE VIEW gpkg_geometry_columns AS SELECT * FROM g"), "gpkg_geometry_columns is a view"),
        (("DELETE FROM gpkg_geometry_columns",), "no layer with geometry"),
        (("DROP TABLE gpkg_geometry_columns",), "no layer with geometry"),
        (("UPDATE gpkg_geometry_columns SET column_name = 'nope'",), "has no column nope"),
        (("UPDATE gpkg_geometry_columns SET srs_id = 'x'",), "cannot be read as gpkg"),
        (("PRAGMA application_id = 0",), "a SQLite database, but no GeoPackage"),
        (("UPDATE parcels SET site_id = CAST(x'ff41' AS TEXT) WHERE site_id = 'b'",), "not UTF-8"),
        (("UPDATE gpkg_spatial_ref_sys SET organization = 'me', definition = '/etc/passwd' WHERE srs_id = 5186",),
         "no CRS in WKT"),
    ],
)  # fmt: skip
def test_programs_and_faults_are_one_line(package, statements, message):
    assert message in refused(changed(package, *statements))


def test_two_layers_are_named(package):
    open_features(package).to_file(package, layer="other")
    assert "holds 2 layers (other, parcels)" in refused(package)


@pytest.mark.parametrize("cut", [0, 10, 60, 5_000])
def test_a_part_of_a_geopackage_is_one_line(package, cut):
    package.write_bytes(package.read_bytes()[:cut])
    assert refused(package).startswith("p.gpkg: ")


def test_changes_that_stand_in_the_journal_are_read_and_nothing_is_left(package, tmp_path):
    changed(package)
    open_in_qgis = sqlite3.connect(package)
    open_in_qgis.execute("PRAGMA journal_mode = WAL")
    open_in_qgis.execute("PRAGMA wal_autocheckpoint = 0")
    before = file_token(package)
    open_in_qgis.execute("UPDATE parcels SET site_id = 'new' WHERE site_id = 'b'")
    open_in_qgis.commit()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for part in ("p.gpkg", "p.gpkg-wal"):
        shutil.copy(tmp_path / part, elsewhere / part)
    open_in_qgis.close()
    path = elsewhere / "p.gpkg"
    assert open_features(path)["site_id"].tolist() == ["a", "new", "c"]
    assert sorted(file.name for file in elsewhere.iterdir()) == ["p.gpkg", "p.gpkg-wal"]
    assert [part.name for part in files_of(path)] == ["p.gpkg", "p.gpkg-wal"]
    assert file_token(path) != before


def test_a_package_in_wal_mode_is_read_as_it_lies(package):
    changed(package, "PRAGMA journal_mode = WAL")
    content = package.read_bytes()
    assert content[18:20] == b"\2\2"
    assert len(open_features(package)) == 3
    assert [file.name for file in package.parent.iterdir()] == ["p.gpkg"]
    assert package.read_bytes() == content


def test_a_change_that_was_broken_off_is_named(package):
    package.with_name("p.gpkg-journal").write_bytes(bytes.fromhex("d9d505f920a163d7") + b"\0" * 600)
    assert "p.gpkg-journal is beside it" in refused(package)
    package.with_name("p.gpkg-journal").write_bytes(b"\0" * 600)
    assert len(open_features(package)) == 3


def test_ids_in_columns_of_numbers_are_their_digits(package):
    changed(
        package, "ALTER TABLE parcels ADD COLUMN name INTEGER",
        "UPDATE parcels SET name = 4682025021100010001 WHERE site_id != 'b'",
        "ALTER TABLE parcels ADD COLUMN complex_id REAL", "UPDATE parcels SET complex_id = 12",
    )  # fmt: skip
    read = read_vector(package, "parcels")
    assert read["name"].tolist()[0] == "4682025021100010001"
    assert read["name"].isna().tolist() == [False, True, False]
    assert read["complex_id"].tolist() == ["12"] * 3
    changed(package, "UPDATE parcels SET complex_id = 4682025021100010001")
    assert "complex_id is the number 4.68" in refused(package, "parcels")


def test_an_undefined_crs_is_none(package):
    changed(package, "UPDATE gpkg_geometry_columns SET srs_id = -1")
    assert open_features(package).crs is None
