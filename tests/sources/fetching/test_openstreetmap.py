"""OpenStreetMap by OSMnx through the relay, and from extracts: the same features."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import replace
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import osmnx
import pyproj
import pytest
import shapely
from shapely.geometry import box

from siteopt.errors import FetchError, LayerError, LayerFileError
from siteopt.sources.fetching.bounds import Bounds
from siteopt.sources.fetching.openstreetmap import (
    features_from_extract,
    features_from_overpass,
    tiles_of,
)
from siteopt.sources.fetching.overpass_relay import OverpassRelay
from siteopt.sources.fetching.recipes import OsmLayer, read_osm_recipe
from tests.sources.fetching.server import send, serving

QUICK = Bounds(connect_s=2.0, silence_s=2.0, total_s=20.0, bytes_max=1_000_000, attempts=1)
X, Y = 1_000_000.0, 1_800_000.0
AREA = box(X, Y, X + 20_000, Y + 10_000)
TO_DEGREES = pyproj.Transformer.from_crs(5179, 4326, always_xy=True)

WATER, RIVERS, SCHOOLS = (
    next(layer for layer in read_osm_recipe().layer if layer.id == f"osm_{name}")
    for name in ("water", "rivers", "schools")
)


class World:
    """Nodes, ways and relations of a small place, as Overpass and as an extract tell them."""

    def __init__(self):
        self.nodes, self.ways, self.relations = {}, {}, {}

    def node(self, dx, dy, **tags):
        lon, lat = TO_DEGREES.transform(X + dx, Y + dy)
        number = len(self.nodes) + 1
        self.nodes[number] = (lon, lat, tags)
        return number

    def way(self, points, *, closed=False, **tags):
        ids = [self.node(*point) for point in points]
        number = 100 + len(self.ways)
        self.ways[number] = ([*ids, ids[0]] if closed else ids, tags)
        return number

    def relation(self, members, **tags):
        number = 500 + len(self.relations)
        self.relations[number] = (members, {"type": "multipolygon", **tags})

    def overpass(self):
        parts = [{"type": "node", "id": n, "lon": lon, "lat": lat, "tags": tags} for n, (lon, lat, tags) in self.nodes.items()]  # fmt: skip
        parts += [{"type": "way", "id": n, "nodes": ids, "tags": tags} for n, (ids, tags) in self.ways.items()]  # fmt: skip
        parts += [
            {"type": "relation", "id": n, "tags": tags,
             "members": [{"type": "way", "ref": way, "role": role} for way, role in members]}
            for n, (members, tags) in self.relations.items()
        ]  # fmt: skip
        return {"version": 0.6, "generator": "Overpass API", "elements": parts}

    def xml(self):
        def tagged(tags):
            return "".join(f'<tag k="{escape(k)}" v="{escape(v)}"/>' for k, v in tags.items())

        lines = ['<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">']
        for n, (lon, lat, tags) in self.nodes.items():
            lines.append(f'<node id="{n}" lon="{lon:.7f}" lat="{lat:.7f}" version="1">{tagged(tags)}</node>')  # fmt: skip
        for n, (ids, tags) in self.ways.items():
            refs = "".join(f'<nd ref="{ref}"/>' for ref in ids)
            lines.append(f'<way id="{n}" version="1">{refs}{tagged(tags)}</way>')
        for n, (members, tags) in self.relations.items():
            refs = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)  # fmt: skip
            lines.append(f'<relation id="{n}" version="1">{refs}{tagged(tags)}</relation>')
        return "\n".join([*lines, "</osm>"])


@pytest.fixture
def world():
    made = World()
    square = [(1_000, 1_000), (3_000, 1_000), (3_000, 3_000), (1_000, 3_000)]
    made.way(square, closed=True, natural="water", name="한빛호", **{"name:en": "Hanbit Lake"})
    # a lake with an island, across the border of two tiles
    outer = made.way(
        [(8_000, 1_000), (12_000, 1_000), (12_000, 5_000), (8_000, 5_000)], closed=True
    )
    island = made.way([(9_000, 2_000), (9_500, 2_000), (9_500, 2_500), (9_000, 2_500)], closed=True)
    made.relation([(outer, "outer"), (island, "inner")], landuse="reservoir", name="큰못")
    made.way([(0, 0), (5_000, 5_000), (19_000, 9_000)], waterway="river", name="새내")
    made.node(15_000, 2_000, amenity="school", name="<b>초등학교</b>")
    made.way([(16_000, 2_000), (16_100, 2_000), (16_100, 2_100)], closed=True, amenity="school")
    made.way([(100, 100), (200, 200)], highway="residential")
    return made


def relay(server, tmp_path, bounds=QUICK):
    return OverpassRelay(server.url, tmp_path / "answers", bounds)


def overpass(world):
    body = json.dumps(world.overpass()).encode()
    return lambda handler, *_: send(handler, 200, body)


def test_tiles_cover_the_area_and_no_more():
    tiles = tiles_of(AREA, 10_000)
    assert len(tiles) == 6  # those that it only touches are asked as well
    assert shapely.covers(shapely.union_all(tiles), AREA)
    away = shapely.MultiPolygon([box(0, 0, 1, 1), box(95_000, 0, 95_001, 1)])
    assert len(tiles_of(away, 10_000)) == 4 - 2


def test_a_feature_across_tiles_comes_once_and_whole(world, tmp_path):
    tiles = [box(X, Y, X + 10_000, Y + 10_000), box(X + 10_000, Y, X + 20_000, Y + 10_000)]
    with serving(overpass(world)) as server:
        found = features_from_overpass(WATER, tiles, relay(server, tmp_path))
    assert found["osm_id"].tolist() == ["relation/500", "way/100"]
    assert found["name"].tolist() == ["큰못", "한빛호"]
    assert found["name_en"].tolist()[1] == "Hanbit Lake"
    assert found.crs.to_epsg() == 5179
    assert found.area.to_numpy() == pytest.approx([4_000**2 - 500**2, 2_000**2], rel=1e-3)
    assert len(server.asked) == 2


@pytest.mark.parametrize("layer", [WATER, RIVERS, SCHOOLS], ids=lambda one: one.id)
def test_an_extract_gives_the_same_features(world, tmp_path, layer):
    extract = tmp_path / "place.osm"
    extract.write_text(world.xml(), encoding="utf-8")
    here = features_from_extract([WATER, RIVERS, SCHOOLS], extract)[layer.id]
    with serving(overpass(world)) as server:
        there = features_from_overpass(layer, [AREA], relay(server, tmp_path))
    assert here.drop(columns="geometry").to_dict() == there.drop(columns="geometry").to_dict()
    assert len(here)
    pairs = zip(here.geometry, there.geometry, strict=True)
    assert all(one.hausdorff_distance(other) < 0.1 for one, other in pairs)


def test_a_lake_with_a_spike_is_its_area(tmp_path):
    made = World()
    spiked = [(0, 0), (2_000, 0), (2_000, 2_000), (1_000, 2_000), (1_000, 4_000), (1_000, 2_000), (0, 2_000)]  # fmt: skip
    made.way(spiked, closed=True, natural="water")
    extract = tmp_path / "place.osm"
    extract.write_text(made.xml(), encoding="utf-8")
    with serving(overpass(made)) as server:
        there = features_from_overpass(WATER, [AREA], relay(server, tmp_path))
    for found in (features_from_extract([WATER], extract)[WATER.id], there):
        assert found["osm_id"].tolist() == ["way/100"]
        assert found.geometry.geom_type.tolist() == ["Polygon"]
        assert found.area.to_numpy() == pytest.approx([2_000**2], rel=1e-3)


def test_a_stopped_fetch_goes_on_where_it_was(world, tmp_path):
    body = json.dumps(world.overpass()).encode()
    tiles = tiles_of(AREA.buffer(-1), 5_000)

    def dies_and_lives(handler, _asked, number):
        send(handler, 400 if number == 4 else 200, body)

    with serving(dies_and_lives) as server:
        with pytest.raises(FetchError, match="answered 400"):
            features_from_overpass(RIVERS, tiles, relay(server, tmp_path))
        again = relay(server, tmp_path)
        found = features_from_overpass(RIVERS, tiles, again)
    assert len(found) == 1
    assert again.asked == len(tiles) - 3


def test_a_tile_too_rich_for_the_server_is_cut_in_four(world, tmp_path):
    remark = {"elements": [], "remark": 'runtime error: Query timed out in "query" at line 3'}

    def answer(handler, asked, _number):
        query = parse_qs(asked.body.decode())["data"][0]
        numbers = [float(n) for n in re.search(r"poly:'([^']*)'", query)[1].split()]
        tall = max(numbers[::2]) - min(numbers[::2])
        whole = tall > 0.07  # degrees; a tile of 10 km has 0.09
        send(handler, 200, json.dumps(remark if whole else world.overpass()).encode())

    with serving(answer) as server:
        found = features_from_overpass(RIVERS, [box(X, Y, X + 10_000, Y + 10_000)], relay(server, tmp_path))  # fmt: skip
    assert found["name"].tolist() == ["새내"]
    assert len(server.asked) == 5


def test_a_server_that_can_finish_no_tile_is_said(tmp_path):
    remark = json.dumps({"elements": [], "remark": "runtime error: out of memory"}).encode()
    with (
        serving(lambda handler, *_: send(handler, 200, remark)) as server,
        pytest.raises(FetchError, match="could not finish"),
    ):
        features_from_overpass(RIVERS, [AREA], relay(server, tmp_path))
    assert len(server.asked) == 5  # a tile and its first quarter, four times over
    assert not list((tmp_path / "answers").iterdir())


BAD = {
    "page": (b"<html><title>Busy</title></html>", "an HTML page in place of json: Busy"),
    "cut": (b'{"elements": [{"type": "no', "no whole JSON"),
    "other": (b'{"results": []}', "has no elements"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_answers_are_said_and_not_kept(tmp_path, case):
    body, reason = BAD[case]
    with (
        serving(lambda handler, *_: send(handler, 200, body)) as server,
        pytest.raises(FetchError, match=re.escape(reason)),
    ):
        features_from_overpass(RIVERS, [AREA], relay(server, tmp_path))
    assert not list((tmp_path / "answers").iterdir())


def test_a_busy_server_is_not_asked_without_end(tmp_path):
    bounds = replace(QUICK, attempts=2, pause_s=0.01)
    with (
        serving(lambda handler, *_: send(handler, 429)) as server,
        pytest.raises(FetchError, match="429"),
    ):
        features_from_overpass(RIVERS, [AREA], relay(server, tmp_path, bounds))
    assert len(server.asked) == 2


def test_nothing_of_the_kind_is_an_empty_layer(tmp_path):
    with serving(lambda handler, *_: send(handler, 200, b'{"elements": []}')) as server:
        found = features_from_overpass(RIVERS, [AREA], relay(server, tmp_path))
    assert found.columns.tolist() == [
        "osm_id",
        "name",
        "name_ko",
        "name_en",
        "waterway",
        "geometry",
    ]
    assert found.empty
    assert found.crs.to_epsg() == 5179


def test_settings_and_name_resolution_are_as_before(tmp_path):
    names = osmnx.settings.__annotations__
    before = {name: getattr(osmnx.settings, name) for name in names}
    resolver = socket.getaddrinfo
    with serving(lambda handler, *_: send(handler, 404)) as server, pytest.raises(FetchError):
        features_from_overpass(RIVERS, [AREA], relay(server, tmp_path))
    assert {name: getattr(osmnx.settings, name) for name in names} == before
    assert socket.getaddrinfo is resolver


def test_no_extract(tmp_path):
    with pytest.raises(LayerFileError, match="no such file"):
        features_from_extract([WATER], tmp_path / "a.osm.pbf")
    (tmp_path / "a.osm.pbf").write_bytes(b"<html>")
    with pytest.raises(FetchError, match="HTML page"):
        features_from_extract([WATER], tmp_path / "a.osm.pbf")
    bomb = '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "b">]><osm>&a;</osm>'
    (tmp_path / "a.osm").write_text(bomb, encoding="utf-8")
    with pytest.raises(FetchError, match="DOCTYPE"):
        features_from_extract([WATER], tmp_path / "a.osm")


def test_recipe_names_its_layers():
    with pytest.raises(LayerError, match="osm_moon: no layer of the recipe; there are osm_water"):
        read_osm_recipe().chosen(["osm_moon"])
    assert all(isinstance(layer, OsmLayer) for layer in read_osm_recipe().chosen(None))


def test_a_recipe_of_ones_own_is_checked(tmp_path):
    own = tmp_path / "mine.toml"
    own.write_text("[source\n", encoding="utf-8")
    with pytest.raises(LayerError, match=r"mine\.toml: not valid TOML"):
        read_osm_recipe(own)
    own.write_text("[source]\nsource = 'me'\n", encoding="utf-8")
    with pytest.raises(
        LayerError, match=r"mine\.toml: source\.address: missing; it has no default"
    ):
        read_osm_recipe(own)
