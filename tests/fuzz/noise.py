"""Changes that know nothing of a format, and files of another format under a known name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.fuzz.kinds import Files, Mutation

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

__all__ = ["BYTES", "HOSTILE_NUMBERS", "HOSTILE_TEXTS", "TEXT", "foreign"]

HOSTILE_NUMBERS = (
    "nan", "NaN", "inf", "-inf", "Infinity", "1e400", "-1e400", "1e308", "-1", "-0.0", "0", "",
    "99999999999999999999", "9" * 5000, "0x10", "1_000", "1,000", "１２", "1.5.2", "1e", "--1",
    "+5", " 7 ", "1e-320", "null", "true", "1d3", "3000000", "1e30", "5 MW", "½", "9007199254740993",
)  # fmt: skip
HOSTILE_TEXTS = (
    "\x00", "\x1b[31mred\x1b[0m", "\u202egnp.exe", "\u200e", "\ufeff", "\r", "\x07", "\x7f", "\x85",
    "\u2028", "=1+1", "@SUM(A1)", "[bold]x[/bold]", "<script>alert(1)</script>", "../../x",
    "/etc/passwd", "한" * 3000, "a" * 70000, "e\u0301", "\ud7b0", "%s%n", "{0}", "'", '"', "\\", ",",
)  # fmt: skip


def _target(rng: random.Random, files: Files) -> str:
    return rng.choice(sorted(files))


def _bytes(rng: random.Random, files: Files) -> Mutation | None:
    """Change bytes of a file without regard to what they are."""
    name = _target(rng, files)
    data = bytearray(files[name])
    if not data:
        return None
    at = rng.randrange(len(data))
    far = min(len(data), at + rng.choice((1, 2, 4, 8, 64, 512)))
    how = rng.choice(
        ("flip", "set", "cut", "insert", "double", "swap", "truncate", "zero", "ones", "noise",
         "empty", "append", "twice", "head")
    )  # fmt: skip
    match how:
        case "flip":
            data[at] ^= 1 << rng.randrange(8)
        case "set":
            data[at] = rng.choice((0, 1, 127, 128, 255, 10, 13, 34, 44, 59, 92))
        case "cut":
            del data[at:far]
        case "insert":
            data[at:at] = rng.randbytes(far - at)
        case "double":
            data[at:at] = data[at:far]
        case "swap":
            data[at:far] = data[at:far][::-1]
        case "truncate":
            del data[at:]
        case "zero":
            data[at:far] = bytes(far - at)
        case "ones":
            data[at:far] = b"\xff" * (far - at)
        case "noise":
            data[at:far] = rng.randbytes(far - at)
        case "empty":
            data.clear()
        case "append":
            data += rng.choice((b"\0", b"\n", b"}", b",", rng.randbytes(40)))
        case "twice":
            data += bytes(data)
        case "head":
            data[0 : rng.choice((1, 2, 4, 16))] = rng.randbytes(4)
    return Mutation({**files, name: bytes(data)}, f"{name}: {how} at {at} to {far}")


def _gone(rng: random.Random, files: Files) -> Mutation | None:
    if len(files) == 1:
        return None
    name = _target(rng, files)
    return Mutation({n: c for n, c in files.items() if n != name}, f"{name}: taken away")


def _in_text(change: Callable[[random.Random, str], str], told: str) -> Callable[[random.Random, Files], Mutation | None]:  # fmt: skip
    def apply(rng: random.Random, files: Files) -> Mutation | None:
        name = _target(rng, files)
        try:
            before = files[name].decode("utf-8")
        except UnicodeDecodeError:
            return None
        after = change(rng, before)
        if after == before:
            return None
        content = after.encode("utf-8", "surrogatepass")
        return Mutation({**files, name: content}, f"{name}: {told}")

    return apply


def _hostile_number(rng: random.Random, text: str) -> str:
    found = list(re.finditer(r"-?\d+(?:\.\d+)?", text))
    if not found:
        return text
    one = rng.choice(found)
    return text[: one.start()] + rng.choice(HOSTILE_NUMBERS) + text[one.end() :]


def _hostile_text(rng: random.Random, text: str) -> str:
    found = list(re.finditer(r"[^\W\d]+", text)) or [re.search("", text)]
    at = rng.choice(found)
    return text[: at.end()] + rng.choice(HOSTILE_TEXTS) + text[at.end() :]


def _word(rng: random.Random, text: str) -> str:
    """Put one word of the text in the place of another."""
    found = list(re.finditer(r"[\w.-]+", text))
    if len(found) < 2:
        return text
    one, other = rng.sample(found, 2)
    return text[: one.start()] + other[0] + text[one.end() :]


def _lines(rng: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    if len(lines) < 2:
        return text
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.choice(("drop", "double", "swap", "join", "break")):
        case "drop":
            del lines[at]
        case "double":
            lines.insert(other, lines[at])
        case "swap":
            lines[at], lines[other] = lines[other], lines[at]
        case "join":
            lines[at] = lines[at].rstrip("\r\n")
        case "break":
            cut = rng.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:cut] + "\n" + lines[at][cut:]
    return "".join(lines)


def _sign(rng: random.Random, text: str) -> str:
    """Take away, double or exchange a sign of punctuation."""
    found = [at for at, sign in enumerate(text) if sign in "[]{}()\"',:;=|"]
    if not found:
        return text
    at = rng.choice(found)
    return text[:at] + rng.choice(("", text[at] * 2, *"[]{}\"',:;=")) + text[at + 1 :]


def _encoding(rng: random.Random, files: Files) -> Mutation | None:
    name = _target(rng, files)
    try:
        text = files[name].decode("utf-8")
        encoding = rng.choice(("utf-16", "utf-16-le", "utf-32", "cp949", "euc-jp", "utf-7"))
        return Mutation({**files, name: text.encode(encoding)}, f"{name}: in {encoding}")
    except UnicodeError:
        return None


FOREIGN: dict[str, bytes] = {
    "OGR VRT": (
        b'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>@BAIT@/secret.csv'
        b"</SrcDataSource><GeometryType>wkbPoint</GeometryType><LayerSRS>EPSG:4326</LayerSRS>"
        b'<GeometryField encoding="PointFromColumns" x="lon" y="lat"/></OGRVRTLayer>'
        b"</OGRVRTDataSource>"
    ),
    "GDAL VRT": (
        b'<VRTDataset rasterXSize="4" rasterYSize="4"><SRS>EPSG:5179</SRS><GeoTransform>1000000,250'
        b',0,1800000,0,-250</GeoTransform><VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
        b'<SourceFilename relativeToVRT="0">@BAIT@/secret.tif</SourceFilename></SimpleSource>'
        b"</VRTRasterBand></VRTDataset>"
    ),
    "WMS": (
        b'<GDAL_WMS><Service name="WMS"><Version>1.1.1</Version><ServerUrl>http://127.0.0.1:@PORT@/'
        b"</ServerUrl><SRS>EPSG:4326</SRS><ImageFormat>image/png</ImageFormat><Layers>a</Layers>"
        b"</Service><DataWindow><UpperLeftX>126</UpperLeftX><UpperLeftY>37</UpperLeftY><LowerRightX>"
        b"127</LowerRightX><LowerRightY>36</LowerRightY><SizeX>100</SizeX><SizeY>100</SizeY>"
        b"</DataWindow><BandsCount>1</BandsCount></GDAL_WMS>"
    ),
    "WFS": b"<OGRWFSDataSource><URL>http://127.0.0.1:@PORT@/wfs</URL></OGRWFSDataSource>",
    "linked CRS": (
        b'{"type":"FeatureCollection","crs":{"type":"link","properties":{"href":'
        b'"http://127.0.0.1:@PORT@/crs","type":"proj4"}},"features":[{"type":"Feature","properties":'
        b'{"site_id":"a","area_ha":50},"geometry":{"type":"Point","coordinates":[127.1,36.1]}}]}'
    ),
    "TopoJSON": (
        b'{"type":"Topology","objects":{"p":{"type":"GeometryCollection","geometries":[{"type":'
        b'"Polygon","properties":{"site_id":"a"},"arcs":[[0]]}]}},"arcs":[[[127.1,36.1],[127.2,36.1],'
        b"[127.2,36.2],[127.1,36.1]]]}"
    ),
    "ESRI JSON": (
        b'{"geometryType":"esriGeometryPoint","spatialReference":{"wkid":4326},"fields":[{"name":'
        b'"site_id","type":"esriFieldTypeString"}],"features":[{"attributes":{"site_id":"a",'
        b'"area_ha":50},"geometry":{"x":127.1,"y":36.1}}]}'
    ),
    "GeoJSONSeq": (
        b'{"type":"Feature","properties":{"site_id":"a","area_ha":50},"geometry":{"type":"Point",'
        b'"coordinates":[127.1,36.1]}}\n{"type":"Feature","properties":{"site_id":"b","area_ha":50},'
        b'"geometry":{"type":"Point","coordinates":[127.2,36.1]}}\n'
    ),
    "KML": (
        b'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>'
        b"a</name><Point><coordinates>127.1,36.1</coordinates></Point></Placemark></Document></kml>"
    ),
    "GML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file://@BAIT@/secret.csv">]><a>&x;</a>',
    "name of a file": b"@BAIT@/secret.geojson",
    "address": b"http://127.0.0.1:@PORT@/a.geojson",
    "zip": b"PK\x03\x04" + bytes(60),
    "ASCII grid": b"ncols 2\nnrows 2\nxllcorner 1000000\nyllcorner 1800000\ncellsize 250\n1 2\n3 4\n",
    "zeros": bytes(5000),
}


def foreign(rng: random.Random, files: Files) -> Mutation | None:
    """Put a file of another format in the place of one, with names of files it would open."""
    name, other = _target(rng, files), rng.choice(sorted(FOREIGN))
    return Mutation({**files, name: FOREIGN[other]}, f"{name}: is {other}")


BYTES = (_bytes, _bytes, _gone, foreign)
TEXT = (
    _in_text(_hostile_number, "a number"), _in_text(_hostile_text, "a text"),
    _in_text(_word, "a word for another"), _in_text(_lines, "lines"), _in_text(_sign, "a sign"),
    _encoding,
)  # fmt: skip
