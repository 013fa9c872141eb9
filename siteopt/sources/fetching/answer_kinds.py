"""Kinds of answers by their signatures.

Signatures: TIFF 6.0 (section 2) and BigTIFF, ZIP (APPNOTE 4.3), OSM PBF ("OSMHeader" in the first
blob header).
"""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Final, Literal

from siteopt.errors import FetchError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["AnswerKind", "must_be_kind"]

AnswerKind = Literal["json", "tiff", "zip", "xml", "osm", "csv", "pbf", "any"]

_HEAD: Final = 4_096
_TIFF: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_ENTITIES: Final = (b"<!entity", b"<!doctype")


def must_be_kind(path: Path, kind: AnswerKind) -> None:
    """Raise where a file is not what was asked for.

    Parameters
    ----------
    path : Path
        The file.
    kind : {'json', 'tiff', 'zip', 'xml', 'osm', 'csv', 'pbf', 'any'}
        What it should be.

    Raises
    ------
    FetchError
        With what it is instead, as far as that can be told.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if kind != "any" and not head.strip():
        raise FetchError("the answer is empty")
    if kind != "any" and _is_html(head):
        raise FetchError(f"the answer is an HTML page in place of {kind}: {_title(head)}")
    check = _CHECKS.get(kind)
    if check is not None:
        check(path, head)


def _is_html(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _title(head: bytes) -> str:
    """Return what stands between the tags of a page's title, or its first words."""
    lower = head.lower()
    start, end = lower.find(b"<title>"), lower.find(b"</title>")
    text = head[start + 7 : end] if 0 <= start < end else head[:80]
    return " ".join(text.decode("utf-8", "replace").split())[:80]


def _must_be_json(path: Path, _head: bytes) -> None:
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise FetchError(f"the answer is no whole JSON ({error})") from error
    if not isinstance(content, dict | list):
        raise FetchError("the answer is JSON, but neither an object nor a list")


def _must_be_tiff(_path: Path, head: bytes) -> None:
    if not head.startswith(_TIFF):
        raise FetchError("the answer is no TIFF")


def _must_be_zip(path: Path, _head: bytes) -> None:
    if not zipfile.is_zipfile(path):
        raise FetchError("the answer is no whole ZIP archive")


def _must_be_plain_xml(_path: Path, head: bytes) -> None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"<"):
        raise FetchError("the answer is no XML")
    if any(sign in head.lower() for sign in _ENTITIES):
        raise FetchError(
            "the answer is XML with a DOCTYPE; entities of a stranger are not expanded"
        )


def _must_be_osm(path: Path, head: bytes) -> None:
    _must_be_plain_xml(path, head)
    if b"<osm" not in head:
        raise FetchError("the answer is XML, but not of OpenStreetMap")


def _must_be_pbf(_path: Path, head: bytes) -> None:
    if b"OSMHeader" not in head[:64]:
        raise FetchError("the answer is no OSM PBF extract")


_CHECKS: Final = {
    "json": _must_be_json, "tiff": _must_be_tiff, "zip": _must_be_zip, "xml": _must_be_plain_xml,
    "osm": _must_be_osm, "pbf": _must_be_pbf,
}  # fmt: skip
