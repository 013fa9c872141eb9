"""Parcels and a layer of exclusions, as GeoJSON and as CSV."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import TYPE_CHECKING, Any

import shapely

from tests.fuzz.kinds import Files, Kind, Mutation, UnknownError, UnsoundError
from tests.fuzz.noise import BYTES, HOSTILE_NUMBERS, HOSTILE_TEXTS, TEXT
from tests.fuzz.plainly import id_text, number, placed, text_of, words
from tests.fuzz.tables import TABLES, plain_table

if TYPE_CHECKING:
    import random
    from pathlib import Path

__all__ = ["JSON", "KINDS", "parcel", "read_parcels_in"]

_LARGEST_HA = 1_000_000
"""A tenth of the country."""


def square(lon: float, lat: float, side: float = 0.01, z: float | None = None) -> list[list[float]]:
    """Return the corners of a ring."""
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    return [
        [round(lon + side * x, 6), round(lat + side * y, 6), *([] if z is None else [z])]
        for x, y in corners
    ]


def _feature(properties: dict[str, Any], geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@cache
def _geojson_seeds() -> list[Files]:
    polygons = [
        _feature({"site_id": "0012", "name": "해남", "n": 1}, {"type": "Polygon", "coordinates": [square(126.5, 34.7)]}),
        _feature({"site_id": "b-2", "name": 'Gumi, "A"', "n": None}, {"type": "MultiPolygon", "coordinates": [[square(128.3, 36.1)], [square(128.35, 36.1, 0.02, 3.0)]]}),
        _feature({"site_id": "c.3", "name": None, "n": 3}, {"type": "Polygon", "coordinates": [square(127.5, 35.5, 0.05), square(127.51, 35.51, 0.01)]}),
    ]  # fmt: skip
    points = [
        _feature({"site_id": 12, "area_ha": 50.5}, {"type": "Point", "coordinates": [127.1, 36.1]}),
        _feature({"site_id": 4682025021100010001, "area_ha": 70}, {"type": "Point", "coordinates": [127.3, 36.2, 12.5]}),
    ]  # fmt: skip
    whole = [{"type": "FeatureCollection", "features": part} for part in (polygons, points)]
    whole[1]["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    return [{"p.geojson": json.dumps(one, ensure_ascii=False).encode()} for one in whole]


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all values in a tree."""
    found = [at] if at else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()  # fmt: skip
    return found + [place for key, item in items for place in _places(item, (*at, key))]


def json_tree(rng: random.Random, files: Files) -> Mutation | None:
    """Change a value of a JSON file: gone, of another type, doubled, nested, hostile."""
    name = rng.choice([one for one in sorted(files) if one.endswith("json")] or [""])
    try:
        tree = json.loads(files[name])
        places = _places(tree)
    except (ValueError, KeyError, RecursionError):
        return None
    if not places:
        return None
    *path, key = rng.choice(places)
    holder = tree
    for part in path:
        holder = holder[part]
    how = rng.choice(
        ("drop", "retype", "number", "text", "nest", "double", "other", "rename", "deep")
    )
    dumped = None
    match how:
        case "drop":
            del holder[key]
        case "retype":
            holder[key] = rng.choice((None, True, False, 0, -1, 1.5, "", "x", [], {}, [[]], {"a": 1}, str(holder[key]), [holder[key]]))  # fmt: skip
        case "number":
            holder[key] = "@NUMBER@"
            said = rng.choice(
                (*HOSTILE_NUMBERS, "NaN", "-Infinity", "1e999", "123456789012345678901234567890")
            )
            dumped = json.dumps(tree, ensure_ascii=False).replace('"@NUMBER@"', said or "0")
        case "text":
            holder[key] = rng.choice(("", "a", str(holder[key]))) + rng.choice(HOSTILE_TEXTS)
        case "nest":
            holder[key] = {"type": holder[key]}
        case "double":
            if isinstance(holder, list):
                holder.insert(key, copy.deepcopy(holder[key]))
            else:
                text = json.dumps(tree, ensure_ascii=False)
                dumped = text.replace(
                    f"{json.dumps(key)}: ", f"{json.dumps(key)}: 5, {json.dumps(key)}: ", 1
                )
        case "other":
            *there, last = rng.choice(places)
            source = tree
            for part in there:
                source = source[part]
            holder[key] = copy.deepcopy(source[last])
        case "rename":
            if isinstance(holder, dict):
                holder[
                    rng.choice(
                        ("Type", "x", "", "__class__", "geometry", "id", "fid", "constructor")
                    )
                ] = holder.pop(key)
        case "deep":
            holder[key] = "@DEEP@"
            deep = rng.choice((20, 500, 5000, 100_000))
            shape = rng.choice((("[", "]"), ('{"a":', "}")))
            dumped = json.dumps(tree, ensure_ascii=False).replace(
                '"@DEEP@"', shape[0] * deep + "1" + shape[1] * deep
            )
    dumped = json.dumps(tree, ensure_ascii=rng.random() < 0.5) if dumped is None else dumped
    return Mutation(
        {**files, name: dumped.encode("utf-8", "surrogatepass")},
        f"{name}: {how} {'.'.join(map(str, [*path, key]))}",
    )


def json_same(rng: random.Random, files: Files) -> Mutation | None:
    """Write a JSON file otherwise, with the same content."""
    name = rng.choice([one for one in sorted(files) if one.endswith("json")] or [""])
    try:
        tree = json.loads(files[name])
    except (ValueError, KeyError, RecursionError):
        return None
    how = rng.choice(("indent", "ascii", "compact", "order", "blanks", "mark", "more"))
    text = json.dumps(tree, ensure_ascii=False)
    match how:
        case "indent":
            text = json.dumps(tree, ensure_ascii=False, indent=2).replace(
                "\n", rng.choice(("\n", "\r\n"))
            )
        case "ascii":
            text = json.dumps(tree)
        case "compact":
            text = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
        case "order":
            text = json.dumps(_turned(tree), ensure_ascii=False)
        case "blanks":
            text = f"\n\t {text} \n\n"
        case "mark":
            text = "\ufeff" + text
        case "more":
            if not isinstance(tree, dict):
                return None
            text = json.dumps({**tree, "generator": {"a": [1, None]}}, ensure_ascii=False)
    return Mutation(
        {**files, name: text.encode("utf-8", "surrogatepass")}, f"{name}: same, {how}", same=True
    )


def _turned(value: Any) -> Any:
    """Return a tree whose objects have their keys in the opposite order."""
    if isinstance(value, dict):
        return {key: _turned(item) for key, item in reversed(value.items())}
    return [_turned(item) for item in value] if isinstance(value, list) else value


JSON = (json_tree, json_tree, json_tree)


def _geojson_order(rng: random.Random, files: Files) -> Mutation | None:
    try:
        tree = json.loads(files["p.geojson"])
        rng.shuffle(tree["features"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return Mutation({"p.geojson": json.dumps(tree).encode()}, "order of features", same=True)


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(text_of(content.strip(b"\0")))
    except (ValueError, RecursionError) as error:
        raise UnsoundError(f"it is no JSON ({type(error).__name__})") from error


def _crs(tree: dict[str, Any]) -> str:
    given = tree.get("crs")
    if given is None:
        return "EPSG:4326"
    try:
        name = given["properties"]["name"] if given.get("type", "name") == "name" else None
    except (AttributeError, TypeError, KeyError):
        name = None
    if not isinstance(name, str):
        raise UnsoundError("its crs is no name")
    if name.endswith("CRS84") or name in {"EPSG:4326", "urn:ogc:def:crs:EPSG::4326"}:
        return "EPSG:4326"
    raise UnknownError(f"crs {name!r:.40}")


def _features(content: bytes) -> list[tuple[dict[str, Any], shapely.Geometry]]:
    tree = _parsed(content)
    if not isinstance(tree, dict) or tree.get("type") != "FeatureCollection":
        raise UnsoundError("it is no FeatureCollection")
    crs, items = _crs(tree), tree.get("features")
    if not isinstance(items, list) or not items:
        raise UnsoundError("it has no features")
    found = []
    for item in items:
        if not isinstance(item, dict) or item.get("type") != "Feature":
            raise UnsoundError("a feature is none")
        properties = item.get("properties")
        if not isinstance(properties, dict | None):
            raise UnsoundError("properties are none")
        try:
            shape = shapely.from_geojson(json.dumps(_plain_numbers(item.get("geometry"))))
        except (shapely.errors.GEOSException, TypeError, ValueError, RecursionError) as error:
            raise UnsoundError("a geometry is none") from error
        found.append((properties or {}, placed(shape, crs)))
    return found


def _plain_numbers(value: Any) -> Any:
    """Return a geometry whose positions are two numbers; UnsoundError for texts and the like."""
    if not isinstance(value, dict) or not isinstance(value.get("coordinates"), list):
        raise UnsoundError("a geometry is none")

    def flat(part: Any) -> Any:
        if isinstance(part, list) and part and all(isinstance(one, list) for one in part):
            return [flat(one) for one in part]
        if (
            not isinstance(part, list)
            or len(part) < 2
            or not all(type(one) in {int, float} for one in part[:2])
        ):
            raise UnsoundError("a position is no pair of numbers")
        return [number(one) for one in part[:2]]

    return {"type": value.get("type"), "coordinates": flat(value["coordinates"])}


def parcel(properties: dict[str, Any], shape: shapely.Geometry) -> dict[str, Any]:
    """Return a parcel as siteopt should have it, from its plain properties and shape in metres."""
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        area_ha = shape.area / 1e4
    elif shape.geom_type == "Point":
        area_ha = number(properties.get("area_ha"), low=5e-324)
    else:
        raise UnsoundError(f"a parcel is a {shape.geom_type}")
    if area_ha > _LARGEST_HA:
        raise UnsoundError(f"a parcel has {area_ha:g} ha")
    name = words(properties.get("name"))
    names = {
        one: words(properties[one]) if one in properties else name for one in ("name_ko", "name_en")
    }
    return {
        "site_id": id_text(properties.get("site_id")), **names,
        "complex_id": words(properties.get("complex_id")), "area_ha": area_ha, "shape": shape,
    }  # fmt: skip


def as_parcels(rows: list[tuple[dict[str, Any], shapely.Geometry]]) -> list[dict[str, Any]]:
    """Return parcels in order of their ids."""
    found = sorted((parcel(*row) for row in rows), key=lambda one: one["site_id"])
    if len({one["site_id"] for one in found}) < len(found):
        raise UnsoundError("an id appears twice")
    return found


def read_parcels_in(name: str) -> Any:
    """Return a function that has siteopt read the parcels of a file in a folder."""

    def read(folder: Path) -> list[dict[str, Any]]:
        from siteopt.sites.parcels import read_parcels  # noqa: PLC0415

        frame = read_parcels(folder / name)
        columns = ["site_id", "name_ko", "name_en", "complex_id", "area_ha", "geometry"]
        rows = frame[columns].to_dict("records")
        return [{**{k: v for k, v in row.items() if k != "geometry"}, "shape": shapely.force_2d(row["geometry"])} for row in rows]  # fmt: skip

    return read


def _plain_geojson(files: Files) -> list[dict[str, Any]]:
    return as_parcels(_features(files["p.geojson"]))


def _read_exclusion(folder: Path) -> list[Any]:
    from siteopt.layers.catalogue import Catalogue  # noqa: PLC0415
    from siteopt.layers.store import Layers  # noqa: PLC0415

    frame = Layers(Catalogue(folder, {}), {"mine": folder / "p.geojson"}).vector("mine")
    return [shapely.force_2d(shape) for shape in frame.geometry]


def _plain_exclusion(files: Files) -> list[Any]:
    return [shape for _, shape in _features(files["p.geojson"])]


def _parcel_csv_seeds() -> list[Files]:
    text = 'site_id,lon,lat,area_ha,name,remark\n0012,127.1,36.1,50,해남,\nb,128.25,35.5,12.5,"A, B",x\nc,126.5,34.75,300,,\n'
    codes = "site_id,name_ko,lat,lon,area_ha\n4682025021100010001,가,36.1,127.1,50\n4682025021100010002,나,36.2,127.2,60\n"
    return [{"p.csv": one.encode()} for one in (text, codes)]


def _plain_parcel_csv(files: Files) -> list[dict[str, Any]]:
    rows = plain_table(files, "p.csv")
    found = []
    for row in rows:
        if any(name not in row for name in ("lon", "lat", "site_id", "area_ha")):
            raise UnsoundError("a column is missing")
        point = shapely.Point(number(row["lon"]), number(row["lat"]))
        found.append((row, placed(point)))
    return as_parcels(found)


KINDS = (
    Kind("parcels-geojson", _geojson_seeds, (*BYTES, *TEXT, *JSON, json_same, _geojson_order), read_parcels_in("p.geojson"), _plain_geojson),
    Kind("exclusion", _geojson_seeds, (*BYTES, *TEXT, *JSON, json_same), _read_exclusion, _plain_exclusion),
    Kind("parcels-csv", _parcel_csv_seeds, (*BYTES, *TEXT, *TABLES), read_parcels_in("p.csv"), _plain_parcel_csv),
)  # fmt: skip
