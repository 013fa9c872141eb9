"""Names and areas of places in the encoding of the page; ``places.js`` reads them."""

from __future__ import annotations

import base64
import json
import zlib
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt.report.facts import plain_fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt.layers.gazetteer import Gazetteer
    from siteopt.report.places.answer import PlaceAnswer
    from siteopt.report.places.tables import PlaceTables

__all__ = ["area_runs", "places_payload"]

_SCALE: Final = 1000
"""Points have three decimals of a degree, about 100 m, as the gazetteer has."""
_RI: Final = "리"
"""End of nearly every name of a ri: only names without it are marked."""
_OTHERWISE: Final = "!"
_BYTE: Final = 128


def places_payload(tables: PlaceTables, named: Sequence[PlaceAnswer] = ()) -> dict[str, Any]:
    """Return what the page finds places by and answers on them from.

    Parameters
    ----------
    tables : PlaceTables
        Of the run.
    named : sequence of PlaceAnswer
        Places that the scenario names.

    Returns
    -------
    dict
        ``tile_m``; ``rules`` (ids of the exclusions); ``gazetteer`` (None without): ``names`` (areas,
        each with its ri), ``districts`` (code and number of areas, in order), ``points`` (steps of
        longitude, then latitude), ``cells``; ``complexes`` by column; ``named``. Texts and bytes are
        base64 of zlib streams.
    """
    return {
        "tile_m": tables.tile_m,
        "rules": [rule.id for rule in tables.rules],
        "gazetteer": None if tables.gazetteer is None else _gazetteer(tables.gazetteer),
        "complexes": _packed(json.dumps(_complexes(tables), ensure_ascii=False).encode()),
        "named": [_named(one, tables.gazetteer) for one in named],
    }


def _packed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, 9)).decode("ascii")


def _complexes(tables: PlaceTables) -> list[list[Any]]:
    rows = [
        [one.id, *one.name, one.district_code, round(one.lon, 5), round(one.lat, 5),
         ";".join(one.excluded_by)]
        for one in tables.complexes
    ]  # fmt: skip
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(7)]


def _named(one: PlaceAnswer, gazetteer: Gazetteer | None) -> list[Any]:
    """Return a named place; an eup, myeon or dong by its place in the gazetteer, as the page has it."""
    key: str | int = one.key
    if one.kind == "area" and gazetteer is not None:
        key = next(n for n, area in enumerate(gazetteer.areas) if area.code == one.key)
    return [list(one.name), one.kind, key, one.lon, one.lat, one.note, plain_fact(one.head)]


def _gazetteer(gazetteer: Gazetteer) -> dict[str, Any]:
    below: list[list[str]] = [[] for _ in gazetteer.areas]
    points: list[list[tuple[float, float]]] = [[(one.lon, one.lat)] for one in gazetteer.areas]
    for one in gazetteer.villages:
        below[one.area].append(_short(one.name))
        points[one.area].append((one.lon, one.lat))
    lines = [
        ",".join([area.name.replace(",", " "), *names])
        for area, names in zip(gazetteer.areas, below, strict=True)
    ]
    districts = [
        [code, len(list(group))]
        for code, group in groupby(area.district_code for area in gazetteer.areas)
    ]
    return {
        "names": _packed("\n".join(lines).encode()),
        "districts": districts,
        "points": [_packed(_steps(points, place)) for place in (0, 1)],
        "cells": _cells(gazetteer),
    }


def _short(name: str) -> str:
    name = name.replace(",", " ").replace("\n", " ")
    return name.removesuffix(_RI) if name.endswith(_RI) else name + _OTHERWISE


def _steps(points: list[list[tuple[float, float]]], place: int) -> bytes:
    """Return one coordinate of all points: an area from the one before, its ri from it on."""
    found = bytearray()
    last = 0
    for own in points:
        whole = [round(point[place] * _SCALE) for point in own]
        for step in (whole[0] - last, *np.diff(whole).tolist()):
            found += _signed(step)
        last = whole[0]
    return bytes(found)


def _signed(number: int) -> bytes:
    """Return a whole number of either sign in seven bits a byte, the lowest first."""
    rest = ~(number << 1) if number < 0 else number << 1
    found = bytearray()
    while rest >= _BYTE:
        found.append(rest % _BYTE + _BYTE)
        rest //= _BYTE
    found.append(rest)
    return bytes(found)


def _cells(gazetteer: Gazetteer) -> dict[str, Any]:
    cells, frame = gazetteer.cells, gazetteer.lattice
    rows, cols = np.nonzero(cells)
    top, left = (int(part.min()) if part.size else 0 for part in (rows, cols))
    bottom, right = (int(part.max()) + 1 if part.size else 1 for part in (rows, cols))
    window = cells[top:bottom, left:right].astype(np.int64)
    borders, order, fresh = area_runs(window)
    return {
        "borders": _packed(borders), "order": _packed(order), "fresh": _packed(fresh),
        "n_rows": window.shape[0], "n_cols": window.shape[1], "cell_m": frame.cell_m,
        "x_min_m": frame.x_min_m + left * frame.cell_m,
        "y_max_m": frame.y_max_m - top * frame.cell_m,
    }  # fmt: skip


def area_runs(cells: NDArray[np.int64]) -> tuple[bytes, bytes, bytes]:
    """Return areas by cell as runs of one area in each row, named by the runs above them.

    Parameters
    ----------
    cells : ndarray of int64, shape (n, m)
        A number for each cell.

    Returns
    -------
    borders : bytes
        A bit a cell, row by row, the highest first: whether a run begins there (never in the first
        column, where one always does).
    order : bytes
        A byte a run: which of the numbers above it it has, from 1, in the order in which they stand
        there, that of the run before it left out; 0 where it has none of these.
    fresh : bytes
        Those others in order, each as a step from the last one.
    """
    begins = np.zeros(cells.shape, dtype=np.bool_)
    begins[:, 1:] = cells[:, 1:] != cells[:, :-1]
    order, fresh = bytearray(), bytearray()
    above, starts_above, last = [0] * cells.shape[1], list[int](), 0
    for row in range(cells.shape[0]):
        starts, line = np.flatnonzero(begins[row]).tolist(), cells[row].tolist()
        before, place = None, 0
        for start, end in pairwise([0, *starts, len(line)]):
            while place < len(starts_above) and starts_above[place] <= start:
                place += 1
            known = _above(above, starts_above, place, start, end, before)
            number = line[start]
            seen = known.index(number) + 1 if number in known else 0
            order.append(seen if seen <= 255 else 0)  # noqa: PLR2004 - a byte
            if not order[-1]:
                fresh += _signed(number - last)
                last = number
            before = number
        above, starts_above = line, starts
    return np.packbits(begins).tobytes(), bytes(order), bytes(fresh)


def _above(  # noqa: PLR0913, PLR0917 - a run and the row above it
    above: list[int], starts: list[int], place: int, start: int, end: int, before: int | None
) -> list[int]:
    """Return the different numbers above a run, that of the run before it left out."""
    found = [] if above[start] == before else [above[start]]
    while place < len(starts) and starts[place] < end:
        number = above[starts[place]]
        if number != before and number not in found:
            found.append(number)
        place += 1
    return found
