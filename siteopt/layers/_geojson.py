"""GeoJSON sanitising: other kinds of JSON refused, no reference outside the file."""

from __future__ import annotations

import gc
import json
from typing import TYPE_CHECKING, Any, Final

from siteopt.errors import LayerError
from siteopt.layers._crs import WGS84, crs_of_name
from siteopt.layers._features import Prepared

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pyproj import CRS

__all__ = ["prepare", "text_of"]

_GEOMETRIES: Final = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
    "GeometryCollection",
)  # fmt: skip
_DEPTH: Final = {
    "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3,
}  # fmt: skip
"""How deep the positions of a geometry stand in lists; those of no point are one."""

_SAVE: Final = "save it as GeoJSON, from QGIS for example"
_STARTS: Final = (
    (b"SQLite format 3\0", "a SQLite database; a GeoPackage ends in .gpkg"),
    (b"PK\x03\x04", "a zip archive; unpack it and name the file inside"),
    (b"\x1f\x8b", "packed with gzip; unpack it first"),
    (b"\xff\xfe", "UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text; save it as UTF-8"),
)
"""What a file that begins with these bytes is, and what to do about it."""

_LONGEST_EXACT: Final = 2**53
"""From here on whole numbers that were ever a float need not be what was written."""


def text_of(content: bytes, file: str) -> str:
    """Return the text of a JSON file: UTF-8, or CP949 as older Korean tools write it.

    Raises
    ------
    LayerError
        If it is something else, which the message names.
    """
    for start, what in _STARTS:
        if content.startswith(start):
            raise LayerError(f"{file}: not a GeoJSON but {what}")
    for encoding in ("utf-8-sig", "cp949"):
        try:
            text = content.decode(encoding).strip(" \t\r\n\0\x1e")
            break
        except UnicodeDecodeError:
            continue
    else:
        raise LayerError(
            f"{file}: cannot be read as geojson (neither UTF-8 nor CP949 text); a GeoJSON is UTF-8"
        )
    if text.startswith("<"):
        raise LayerError(f"{file}: cannot be read as geojson: it is {_xml(text)}; {_SAVE}")
    if not text.startswith("{"):
        found = f"begins with {text[:12]!r}" if text else "is empty"
        raise LayerError(
            f"{file}: cannot be read as geojson (it {found}, a GeoJSON with a brace); is the file "
            "whole, and its suffix right?"
        )
    return text


def _xml(text: str) -> str:
    head = text[:2000].lower()
    known = {
        "ogrvrtdatasource": "an OGR VRT, which only names other files", "<ogrwfs": "a WFS address",
        "<kml": "KML", "<gml": "GML", "gml:": "GML", "<html": "a web page",
        "<!doctype html": "a web page", "<gpx": "GPX",
    }  # fmt: skip
    return next((what for sign, what in known.items() if sign in head), "XML")


def _parsed(text: str, file: str, parse_float: Any = None) -> dict[str, Any]:  # noqa: ANN401 - json's
    # The collector would walk all the lists of coordinates again and again while they are made.
    collects = gc.isenabled()
    gc.disable()
    try:
        found = json.loads(text, parse_float=parse_float)
    except RecursionError:
        raise LayerError(f"{file}: brackets are nested too deep for a GeoJSON; {_SAVE}") from None
    except ValueError as error:
        lines = text.splitlines()
        if len(lines) > 1 and _is_object(lines[0]) and _is_object(lines[1]):
            raise LayerError(
                f"{file}: a JSON text a line (GeoJSONSeq), not one GeoJSON; {_SAVE}"
            ) from error
        reason = str(error).splitlines()[0]
        raise LayerError(
            f"{file}: cannot be read as geojson ({reason}); is the file whole?"
        ) from error
    finally:
        if collects:
            gc.enable()
    if not isinstance(found, dict):  # begins with a brace, so it is
        raise LayerError(f"{file}: no GeoJSON object; {_SAVE}")
    return found


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _features(found: dict[str, Any], file: str) -> list[dict[str, Any]]:
    """Return the features of a GeoJSON object, every one of which must be a feature."""
    kind = found.get("type")
    if kind == "Feature" or kind in _GEOMETRIES:
        return [found if kind == "Feature" else {"type": "Feature", "geometry": found}]
    features = found.get("features")
    if kind != "FeatureCollection" or not isinstance(features, list):
        raise LayerError(f"{file}: not a GeoJSON but {_other_json(found)}; {_SAVE}")
    for place, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise LayerError(
                f"{file}: feature {place}: no GeoJSON Feature; each has type, geometry, properties"
            )
        if "geometry" not in feature:  # GDAL would take it under another spelling
            raise LayerError(f"{file}: feature {place}: has no geometry; draw it or remove it")
        geometry = feature["geometry"]
        if geometry is not None and (
            not isinstance(geometry, dict) or geometry.get("type") not in _GEOMETRIES
        ):
            raise LayerError(
                f"{file}: feature {place}: its geometry is none of {', '.join(_GEOMETRIES)}"
            )
        if not isinstance(feature.get("properties"), dict | None):
            raise LayerError(f"{file}: feature {place}: properties are no object in braces")
        if geometry is not None and not _has_positions(geometry):
            raise LayerError(
                f"{file}: feature {place}: a position is no pair of numbers, longitude and latitude"
            )
    _check_mixed(features, file)
    return features


def _check_mixed(features: list[dict[str, Any]], file: str) -> None:
    """Raise LayerError at a property that is a number here and true or false there: GDAL makes 1 of it."""
    kinds: dict[str, bool] = {}
    for place, feature in enumerate(features, start=1):
        for name, value in (feature.get("properties") or {}).items():
            if isinstance(value, int | float):
                flag = isinstance(value, bool)
                if kinds.setdefault(name, flag) is not flag:
                    raise LayerError(
                        f"{file}: feature {place}: {name} is {str(value).lower() if flag else 'a number'}"
                        f", elsewhere {'a number' if flag else 'true or false'}; one kind is needed"
                    )


def _has_positions(geometry: dict[str, Any]) -> bool:
    """Return whether all positions of a geometry are such: GDAL leaves out a ring with another."""
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        parts = geometry.get("geometries")
        return isinstance(parts, list) and all(
            isinstance(part, dict) and _has_positions(part) for part in parts
        )
    lists = [geometry.get("coordinates")]
    for _ in range(_DEPTH.get(str(kind), 0)):
        if not all(isinstance(part, list) for part in lists):
            return False
        lists = [item for part in lists for item in part]  # type: ignore[union-attr]
    return all(
        isinstance(one, list) and len(one) > 1 and _PLAIN.issuperset(map(type, one))
        for one in lists
    )


def _other_json(found: dict[str, Any]) -> str:
    kind = found.get("type")
    if kind == "Topology":
        return "TopoJSON"
    if kind == "gdal_streamed_alg":
        return "a GDALG pipeline, which only names other files"
    if "geometryType" in found or "spatialReference" in found or "esri" in str(found.get("fields")):
        return "ESRI JSON"
    if kind == "FeatureCollection":
        return "a FeatureCollection without its list of features"
    return "some other JSON" if kind is None else f"JSON of type {str(kind)[:40]!r}"


def prepare(text: str, file: str, folder: Path, text_columns: Sequence[str]) -> Prepared:
    """Write a GeoJSON that names nothing outside itself, for GDAL.

    A CRS may be a link, which GDAL would follow, in a collection as in any geometry. Where the
    letters ``crs`` appear at all, the text is written anew without one; so it is where a number
    is in a column of text.

    Raises
    ------
    LayerError
        If it is no whole GeoJSON, its CRS is not known, or a number of a text column need not be
        exact.
    """
    # Only the form is checked, so coordinates need not become numbers; a builtin is quickest.
    found = _parsed(text, file, parse_float=len)
    features = _features(found, file)
    crs = _crs(found.get("crs"), file)
    if "crs" in text or "\\u" in text or _hold_numbers(features, text_columns):
        features = _features(_parsed(text, file, parse_float=_AsWritten), file)
        _write_digits(features, text_columns, file)
        text = json.dumps(
            {"type": "FeatureCollection", "features": [_plain(feature) for feature in features]},
            ensure_ascii=False,
        )
    path = folder / "layer.geojson"
    path.write_bytes(text.encode())
    # Texts that look like dates stay texts; the prefix names the one reader that may open it.
    options = {"DATE_AS_STRING": "YES"}
    return Prepared(f"GEOJSON:{path}", crs, len(features), options=options)


def _hold_numbers(features: list[dict[str, Any]], columns: Sequence[str]) -> bool:
    """Return whether one of some columns holds a number."""
    if not columns:
        return False
    cells = (feature.get("properties") for feature in features)
    return any(
        isinstance(row.get(name), int | float)
        for row in cells
        if isinstance(row, dict)
        for name in columns
    )


def _plain(feature: dict[str, Any]) -> dict[str, Any]:
    """Return a feature that has a geometry without CRS, properties, and nothing else but its id."""
    plain = {
        "type": "Feature", "properties": feature.get("properties"),
        "geometry": _plain_geometry(feature.get("geometry")),
    }  # fmt: skip
    return plain | ({"id": feature["id"]} if "id" in feature else {})


def _plain_geometry(geometry: Any) -> dict[str, Any] | None:  # noqa: ANN401 - of a stranger
    if not isinstance(geometry, dict):
        return None
    if geometry.get("type") == "GeometryCollection":
        parts = geometry.get("geometries")
        inner = [_plain_geometry(part) for part in parts] if isinstance(parts, list) else []
        return {"type": "GeometryCollection", "geometries": inner}
    return {"type": geometry.get("type"), "coordinates": geometry.get("coordinates")}


def _crs(member: object, file: str) -> CRS | None:
    """Return the CRS of the member ``crs``; longitude and latitude where there is none."""
    if member is None:
        return WGS84
    kind = member.get("type") if isinstance(member, dict) else None
    properties = member.get("properties") if isinstance(member, dict) else None
    inner = properties if isinstance(properties, dict) else {}
    if kind in ("name", None) and isinstance(inner.get("name"), str):
        return crs_of_name(inner["name"], file)
    if isinstance(kind, str) and kind.upper() == "EPSG" and isinstance(inner.get("code"), int):
        return crs_of_name(f"EPSG:{inner['code']}", file)
    how = "by a link, which is not followed" if kind == "link" else "in a way that is not known"
    raise LayerError(
        f"{file}: its CRS is given {how}; name one such as EPSG:5186, or leave `crs` out for "
        "longitude and latitude"
    )


class _AsWritten(float):
    """A number with a point or an exponent that remembers its digits."""

    def __init__(self, digits: str) -> None:
        self.digits = digits


_PLAIN: Final = frozenset({int, float, _AsWritten})
"""Kinds of numbers; true is none."""


def _write_digits(features: list[dict[str, Any]], columns: Sequence[str], file: str) -> None:
    """Turn the numbers of some columns into texts of the digits that stand there."""
    for place, feature in enumerate(features, start=1):
        properties = feature.get("properties")
        if not isinstance(properties, dict):
            continue
        for name in columns:
            value = properties.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                properties[name] = _digits(value, f"{file}: feature {place}: {name}")


def _digits(value: float, where: str) -> str:
    if isinstance(value, int):
        return str(value)
    digits = value.digits if isinstance(value, _AsWritten) else repr(value)
    if value.is_integer() and abs(value) < _LONGEST_EXACT:
        return str(int(value))
    if value.is_integer() or "e" in digits.lower() or value != value:  # noqa: PLR0124 - NaN
        raise LayerError(
            f"{where} is the number {digits}, which need not be exact; write it as text, in quotes"
        )
    return digits
