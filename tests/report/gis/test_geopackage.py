"""`sites.gpkg`: the rules of the standard, its values, titles, styles, metadata and projects."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from siteopt._csv import write_csv
from siteopt._file_names import SITES
from siteopt.report import ranking_table
from siteopt.report._connections import connection_lines
from siteopt.report.gis import GisInputs, gis_layers
from siteopt.report.gis.symbology import FillSymbol, LineSymbol, MarkSymbol
from tests.report.gis.small_gis import LAYERS, full, write

_COUNT = "SELECT count(*) FROM {}"
HOSTILE = "<script>alert('1')</script> [% @project %] ]]> \" ' =1+1 \u202e\u0645 & " + "가" * 300


@pytest.fixture(scope="module")
def folder(make_run, tmp_path_factory):
    made = tmp_path_factory.mktemp("gis") / "run"
    write(full(make_run()), made)
    return made


@pytest.fixture(scope="module")
def rows(folder):
    """Return a function that asks the GeoPackage."""
    with closing(sqlite3.connect(folder / SITES)) as stored:
        yield lambda query, *given: stored.execute(query, given).fetchall()


def parsed(document):
    return ET.fromstring(document)  # noqa: S314 - written here


def projects(path):
    with closing(sqlite3.connect(path)) as stored:
        found = stored.execute("SELECT name, content FROM qgis_projects").fetchall()
    opened = {}
    for name, content in found:
        with zipfile.ZipFile(io.BytesIO(bytes.fromhex(content))) as archive:
            (inside,) = archive.namelist()
            opened[name] = parsed(archive.read(inside))
    return opened


def test_all_layers_are_there_and_the_candidates_come_first(folder):
    assert pyogrio.list_layers(folder / SITES)[:, 0].tolist() == [*LAYERS, "layer_styles"]


def test_the_file_keeps_the_rules_of_the_standard(rows):
    assert rows("PRAGMA application_id") == [(0x47504B47,)]
    assert rows("PRAGMA user_version") == [(10300,)]
    assert rows("PRAGMA integrity_check") == [("ok",)]
    assert rows("PRAGMA foreign_key_check") == []
    tables = {name for (name,) in rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    contents = rows("SELECT table_name, identifier, last_change, srs_id FROM gpkg_contents")
    assert {name for name, *_ in contents} == {*LAYERS, "layer_styles"} <= tables
    assert len({identifier for _, identifier, *_ in contents}) == len(contents)
    assert {changed for _, _, changed, _ in contents} == {"2000-01-01T00:00:00.000Z"}
    geometries = rows("SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns")
    assert sorted(geometries) == sorted((name, "geom", 5179) for name in LAYERS)
    extensions = rows("SELECT table_name, extension_name FROM gpkg_extensions")
    assert {name for name, _ in extensions} <= tables
    assert {name for name, kind in extensions if kind == "gpkg_rtree_index"} == set(LAYERS)
    assert {kind for _, kind in extensions} == {"gpkg_rtree_index", "gpkg_schema", "gpkg_metadata"}
    for name in LAYERS:
        assert f"rtree_{name}_geom" in tables
        tables_of = (name, f"rtree_{name}_geom")
        count, indexed = (rows(_COUNT.format(table)) for table in tables_of)
        assert count == indexed > [(0,)]


def test_values_are_those_of_ranking_csv_cell_by_cell(folder, make_run, tmp_path):
    write_csv(ranking_table(full(make_run())), tmp_path / "ranking.csv")
    told = pd.read_csv(tmp_path / "ranking.csv", dtype=str, keep_default_na=False)
    stored = gpd.read_file(folder / SITES, layer="sites")
    assert list(stored.columns)[: len(told.columns)] == list(told.columns)
    compared = 0
    for name in told.columns:
        for cell, value in zip(told[name], stored[name].astype(object), strict=True):
            if cell == "":
                assert value is None or value == "" or pd.isna(value), name
            elif isinstance(value, (bool, np.bool_)) or cell in {"True", "False"}:
                assert bool(value) == (cell == "True"), name
            elif isinstance(value, str):
                assert value == cell, name
            else:
                assert float(value) == pytest.approx(float(cell), rel=1e-8), name
            compared += 1
    assert compared == told.size > 1000


def test_columns_have_the_types_of_what_they_hold(rows):
    def types(table):
        return {name: kind for _, name, kind, *_ in rows(f"PRAGMA table_info({table})")}

    sites, stations, districts = types("sites"), types("stations"), types("districts")
    assert (sites["rank"], sites["chosen"], sites["it_mw"]) == ("INTEGER", "BOOLEAN", "REAL")
    assert sites["impact_applies"] == sites["rank_proven"] == "BOOLEAN"
    assert sites["province_code"].startswith("TEXT")
    assert stations["headroom_year"] == stations["voltage_max_kv"] == "INTEGER"
    assert districts["candidates"] == districts["best_rank"] == "INTEGER"
    assert types("power_lines")["dc"] == types("complexes")["is_site"] == "BOOLEAN"


def test_every_column_has_a_korean_title_and_every_code_a_word(rows):
    titles = rows("SELECT table_name, column_name, name, title, description FROM gpkg_data_columns")
    for layer in LAYERS:
        columns = {name for _, name, *_ in rows(f"PRAGMA table_info({layer})")} - {"fid", "geom"}
        named = {column: title for table, column, _, title, _ in titles if table == layer}
        assert set(named) == columns
        assert {
            c for c, title in named.items() if not any("가" <= s <= "힣" for s in title)
        } == set()
        assert len(set(named.values())) == len(named), layer
    constraints = {
        name for (name,) in rows("SELECT constraint_name FROM gpkg_data_column_constraints")
    }
    used = rows("SELECT constraint_name FROM gpkg_data_columns WHERE constraint_name IS NOT NULL")
    assert {name for (name,) in used} == constraints
    words = dict(rows(
        "SELECT value, description FROM gpkg_data_column_constraints "
        "WHERE constraint_name = 'stations_headroom_confidence'"
    ))  # fmt: skip
    assert set(words) == {"published-cap", "published-zero"}
    assert words["published-cap"].startswith("한전 공표")


def test_every_layer_has_one_default_style_in_korean_and_one_in_english(rows):
    styles = rows(
        "SELECT f_table_name, styleName, useAsDefault, styleQML, styleSLD FROM layer_styles"
    )
    assert sorted((name, style, default) for name, style, default, *_ in styles) == sorted(
        row for name in LAYERS for row in ((name, "한국어", 1), (name, "English", 0))
    )
    for name, _, _, qml, sld in styles:
        root = parsed(qml)
        columns = {column for _, column, *_ in rows(f"PRAGMA table_info({name})")}
        assert {alias.get("field") for alias in root.iter("alias")} == columns - {"fid", "geom"}
        rules = parsed(sld).findall(".//{http://www.opengis.net/se}Rule")
        of_qml = root.findall("renderer-v2/rules/rule")
        labels = root.findall("labeling/rules/rule")
        assert len(rules) == len(of_qml) + len(labels)
        asked = {p.text for p in parsed(sld).iter("{http://www.opengis.net/ogc}PropertyName")}
        assert asked <= columns, name


def test_rules_ask_only_for_columns_of_their_layer(make_run):
    tables = full(make_run())
    ranking = ranking_table(tables)
    for layer in gis_layers(tables, ranking, connection_lines(tables, ranking)):
        columns = set(layer.frame.columns)
        rules = layer.style.rules
        asked = {one.field for rule in rules for one in rule.conditions}
        labels = layer.style.labels
        if labels:
            asked |= {*labels.fields, *(one.field for one in labels.conditions)}
        assert asked <= columns, layer.name
        kinds = {type(symbol) for rule in rules for symbol in rule.symbols}
        assert len(kinds) == 1, layer.name
        wanted = {"Point": MarkSymbol, "LineString": LineSymbol, "MultiPolygon": FillSymbol}
        assert {wanted[kind] for kind in layer.frame.geom_type} == kinds, layer.name


def drawn_by(layer, row):
    """Return the titles of the rules that draw a feature, by the conditions themselves."""
    compare = {
        "=": lambda a, b: a == b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
        "in": lambda a, b: a in b,
    }  # fmt: skip
    return [
        rule.title[1]
        for rule in layer.style.rules
        if all(
            not pd.isna(row[one.field]) and compare[one.operator](row[one.field], one.value)
            for one in rule.conditions
        )
    ]


def test_no_feature_is_left_undrawn(make_run):
    tables = full(make_run())
    ranking = ranking_table(tables)
    layers = gis_layers(tables, ranking, connection_lines(tables, ranking))
    for layer in layers:
        for _, row in layer.frame.iterrows():
            assert drawn_by(layer, row), (layer.name, row.iloc[0])
    sites = layers[0].frame.set_index("site_id", drop=False)
    assert drawn_by(layers[0], sites.loc["S0003"])[0] == "Chosen site"
    assert drawn_by(layers[0], sites.loc["S0020"]) == ["Cannot be built"]
    assert drawn_by(layers[0], sites.loc["S0001"])[0].startswith("Contested")


def test_stations_say_kind_headroom_and_how_sure_it_is(folder):
    stations = gpd.read_file(folder / SITES, layer="stations").set_index("station_id")
    assert stations.loc["A", "headroom_mw"] == 220.0
    assert stations.loc["A", "headroom_confidence"] == "published-cap"
    assert stations.loc["A", "headroom_345_mw"] == stations.loc["A", "estimate_345_mw"] == 900.5
    assert stations.loc["A", "headroom_345_confidence"] == "model"
    assert stations.loc["A", "used_mw"] == 375.0  # of the limit of the plan
    assert pd.isna(stations.loc["B", "used_mw"])


def test_excluded_land_says_what_was_measured(folder, make_run):
    tables = make_run()
    excluded = gpd.read_file(folder / SITES, layer="excluded").set_index("reason")
    measured = tables.eligibility.report().set_index("reason")
    assert excluded.index.tolist() == ["slope", "rivers"]  # the sea takes no land
    for name in ("area_km2", "only_km2", "land_pct"):
        assert np.allclose(excluded[name], measured.loc[excluded.index, name])
    assert np.allclose(excluded.area / 1e6, excluded["drawn_km2"])
    assert np.allclose(excluded["drawn_km2"], excluded["area_km2"])  # cells as large as the blocks
    assert excluded.loc["rivers", "rule_ko"]


def test_districts_count_their_candidates(folder):
    sites = gpd.read_file(folder / SITES, layer="sites")
    districts = gpd.read_file(folder / SITES, layer="districts").set_index("district_code")
    for code, group in sites.groupby("district_code"):
        row, ranked = districts.loc[code], group.dropna(subset="rank")
        assert row["candidates"] == len(group)
        assert row["best_site_id"] == ranked.sort_values(["rank", "site_id"])["site_id"].iloc[0]
        assert row["chosen_it_mw"] == group.loc[group["chosen"], "it_mw"].sum()
        assert row["least_bn_krw_per_mw"] == pytest.approx(group["bn_krw_per_mw"].min())
    assert set(districts["best_class"]) <= {"robust", "competitive", "dominated", "not_possible"}


def test_zones_of_clean_energy_share_the_land_among_them(folder, make_run):
    zones = gpd.read_file(folder / SITES, layer="clean_zones").set_index("zone")
    assert zones["contracted_mw"].to_dict() == {1: pytest.approx(211.7), 2: 150.0, 3: 600.0}
    assert zones.loc[3, "contracted_onshore_wind_mw"] == 600.0
    assert zones.loc[2, "contracted_solar_mw"] == 150.0
    assert zones.loc[3, "krw_kwh"] == pytest.approx(150.0)
    land = make_run().layers.vector("provinces").union_all()
    assert zones.area.sum() == pytest.approx(land.area)
    buses = make_run().layers.vector("case_buses").set_index("bus_id")
    for zone, bus in ((1, "1"), (2, "2"), (3, "3")):
        assert zones.loc[zone].geometry.distance(buses.loc[bus].geometry) < 1e-6


def test_metadata_name_source_and_licence_of_every_layer(rows):
    found = dict(rows(
        "SELECT r.table_name, m.metadata FROM gpkg_metadata_reference r "
        "JOIN gpkg_metadata m ON m.id = r.md_file_id WHERE r.reference_scope = 'table'"
    ))  # fmt: skip
    assert set(found) == set(LAYERS)
    for document in found.values():
        parsed(document)
    assert "ODbL 1.0" in found["stations"]
    assert "© OpenStreetMap contributors" in found["stations"]
    assert "변전소와 여유용량" in found["stations"]
    assert "© OpenStreetMap" not in found["provinces"]


def test_projects_name_every_layer_relative_to_the_file(folder):
    opened = projects(folder / SITES)
    assert set(opened) == {"입지 지도", "Site map"}
    for root in opened.values():
        sources = [one.text for one in root.findall("projectlayers/maplayer/datasource")]
        assert sources == [
            *(f"./sites.gpkg|layername={name}" for name in LAYERS),
            "./eligibility.tif",
        ]
        ids = [one.text for one in root.findall("projectlayers/maplayer/id")]
        tree = [one.get("id") for one in root.iter("layer-tree-layer") if one.get("source")]
        assert sorted(tree) == sorted(ids)
        assert min(map(len, ids)) > 10  # QGIS takes no shorter one
        assert root.findtext("properties/Paths/Absolute") == "false"
    korean = opened["입지 지도"]
    groups = [one.get("name") for one in korean.findall("layer-tree-group/layer-tree-group")]
    assert groups == ["최적안", "후보지", "전력계통", "재생에너지", "입지 제외", "행정구역"]
    said = " ".join(one.get("labelText", "") for one in korean.iter("LayoutItem"))
    assert "© OpenStreetMap contributors" in said
    assert "모형 추정 결과" in said


def test_the_same_run_gives_the_same_bytes(folder, make_run, tmp_path):
    write(full(make_run()), tmp_path / "again")
    for file in folder.iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes(), file.name


def test_names_of_strangers_stay_text(make_run, tmp_path):
    tables = full(make_run(HOSTILE), HOSTILE)
    write(tables, tmp_path / "run")
    stored = gpd.read_file(tmp_path / "run" / SITES, layer="sites").set_index("site_id")
    assert stored.loc["S0023", "name_ko"] == "필지 " + HOSTILE
    with closing(sqlite3.connect(tmp_path / "run" / SITES)) as asked:
        texts = asked.execute("SELECT styleQML, styleSLD FROM layer_styles").fetchall()
        texts += asked.execute("SELECT metadata, metadata FROM gpkg_metadata").fetchall()
    for pair in texts:
        for document in pair:
            parsed(document)
    roots = projects(tmp_path / "run" / SITES)
    legend = {rule.get("label") for rule in roots["입지 지도"].iter("rule")}
    assert "급경사지 " + HOSTILE in legend
    assert roots["입지 지도"].findtext("title") == "작은 시험 입지 " + HOSTILE


def test_a_run_of_one_site_that_is_not_chosen_has_its_file(make_run, tmp_path):
    whole = make_run()
    kept = whole.sites["site_id"] == "S0001"
    one = replace(
        whole,
        sites=whole.sites[kept].reset_index(drop=True),
        options=whole.options[whole.options["site_id"] == "S0001"].reset_index(drop=True),
        ranking=whole.ranking[whole.ranking["site_id"] == "S0001"].reset_index(drop=True),
        plan=replace(whole.plan, chosen=whole.plan.chosen.iloc[:0]),
    )
    one.routes.options, one.routes.sites = one.options, one.sites
    write(one, tmp_path / "run")
    assert len(gpd.read_file(tmp_path / "run" / SITES, layer="sites")) == 1
    assert gpd.read_file(tmp_path / "run" / SITES, layer="provinces")["share_pct"].eq(0).all()


def test_a_run_without_optional_layers_has_the_others(make_run, tmp_path):
    tables = make_run()
    bare = replace(tables.layers, vectors={}, tables={})
    write(replace(tables, layers=bare, gis=GisInputs()), tmp_path / "run")
    found = pyogrio.list_layers(tmp_path / "run" / SITES)[:, 0].tolist()
    assert found == ["sites", "connections", "excluded", "layer_styles"]


def test_a_plan_of_several_years_has_its_steps(years_tables, tmp_path):
    write(years_tables, tmp_path / "run")
    steps = gpd.read_file(tmp_path / "run" / SITES, layer="steps")
    assert steps[["site_id", "year", "opens"]].to_numpy().tolist() == [
        ["S0000", 2033, True], ["S0000", 2034, False], ["S0003", 2035, True]
    ]  # fmt: skip
    assert steps["label_ko"].tolist()[:2] == ["2033년 100 MW", "2034년 160 MW"]


def test_outlines_are_of_the_sites_and_carry_how_they_are_known(folder):
    areas = gpd.read_file(folder / SITES, layer="site_areas")
    sites = gpd.read_file(folder / SITES, layer="sites").set_index("site_id")
    assert "S0003" not in set(areas["site_id"])  # a complex: no border is known, none is made up
    assert len(areas) == len(sites) - 1
    assert np.allclose(areas.area / 1e4, areas["eligible_ha"])
    inside = shapely.contains(
        areas.geometry.to_numpy(), sites.loc[areas["site_id"]].geometry.to_numpy()
    )
    assert inside.all()
    assert set(areas["outline"]) == {"piece"}
