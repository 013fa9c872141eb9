"""Line graph of the transmission map: ways split at junctions and merged elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely.ops import substring

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.sources._line_ends import Meeting

__all__ = ["Line", "contract", "pieces"]

_STUB_M: Final = 500.0
"""A dead-end branch shorter than this is noise of the map."""

_SIDE_BY_SIDE: Final = 1.1
"""Lines between the same nodes whose lengths differ by less run side by side: one line."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line between two nodes.

    Attributes
    ----------
    name : tuple of str and int
        Way and number of its first piece; of a line of several ways the smallest.
    a, b : int
        Nodes.
    kv : int
        Voltage.
    circuits : int
        0 where the map does not say.
    length_m : float
        On the ground, in the plane of EPSG:5179.
    underground_m : float
        Part of it that is cable.
    xy : ndarray, shape (n, 2)
        From ``a`` to ``b``.
    """

    name: tuple[str, int]
    a: int
    b: int
    kv: int
    circuits: int
    length_m: float
    underground_m: float
    xy: NDArray[np.float64]

    def turned(self) -> Line:
        """Return the line from ``b`` to ``a``."""
        return replace(self, a=self.b, b=self.a, xy=self.xy[::-1])

    def other(self, node: int) -> int:
        """Return the end that is not ``node``."""
        return self.b if self.a == node else self.a


def pieces(ways: gpd.GeoDataFrame, meeting: Meeting) -> list[Line]:
    """Return the ways as lines between nodes, cut where something joins them.

    Parameters
    ----------
    ways : GeoDataFrame
        EPSG:5179 lines: ``way_id``, ``kv``, ``circuits`` (0: not known), ``underground``.
    meeting : Meeting
        Of the same ways.
    """
    cuts: dict[int, list[tuple[float, int]]] = {}
    for way, at_m, node in meeting.cuts.itertuples(index=False):
        cuts.setdefault(int(way), []).append((float(at_m), int(node)))
    lines = []
    for row, (way_id, kv, circuits, underground, shape) in enumerate(
        ways[["way_id", "kv", "circuits", "underground", "geometry"]].itertuples(index=False)
    ):
        start, end = meeting.ends[row].tolist()
        inside = sorted(cuts.get(row, []))
        stops = [(0.0, start), *inside, (float(shape.length), end)]
        for number, ((from_m, a), (to_m, b)) in enumerate(pairwise(stops)):
            if a == b:
                continue
            part = substring(shape, from_m, to_m)
            xy = shapely.get_coordinates(part)
            if len(xy) == 1:
                xy = np.repeat(xy, 2, axis=0)
            xy = xy.copy()
            xy[0], xy[-1] = meeting.nodes_m[a], meeting.nodes_m[b]
            length = to_m - from_m
            lines.append(
                Line((str(way_id), number), a, b, int(kv), int(circuits), length,
                     length if underground else 0.0, xy)
            )  # fmt: skip
    return lines


def _together(lines: Iterable[Line]) -> list[Line]:
    """Return lines with those side by side between the same nodes as one; circuits add up."""
    out: list[Line] = []
    groups: dict[tuple[int, int, int], list[Line]] = {}
    for line in sorted(lines, key=lambda one: (one.length_m, one.name)):
        groups.setdefault((min(line.a, line.b), max(line.a, line.b), line.kv), []).append(line)
    for group in groups.values():
        bunch = [group[0]]
        for line in group[1:]:
            if line.length_m <= bunch[0].length_m * _SIDE_BY_SIDE + _STUB_M:
                bunch.append(line)
            else:
                out.append(_bundle(bunch))
                bunch = [line]
        out.append(_bundle(bunch))
    return out


def _bundle(bunch: list[Line]) -> Line:
    lead = min(bunch, key=lambda one: one.name)
    if len(bunch) == 1:
        return lead
    return replace(lead, circuits=sum(max(one.circuits, 1) for one in bunch))


def _chained(first: Line, second: Line, node: int) -> Line:
    """Return two lines that meet at a node as one."""
    one = first if first.b == node else first.turned()
    two = second if second.a == node else second.turned()
    known = [line.circuits for line in (one, two) if line.circuits > 0]
    return Line(
        min(one.name, two.name), one.a, two.b, one.kv, min(known, default=0),
        one.length_m + two.length_m, one.underground_m + two.underground_m,
        np.concatenate([one.xy, two.xy[1:]]),
    )  # fmt: skip


def contract(lines: Iterable[Line], n_stations: int) -> list[Line]:
    """Return lines with all nodes gone that are no station and where nothing branches.

    Loops go, lines side by side become one (circuits add up), two lines that meet alone become one
    (circuits: the fewer of the two that are known), and dead-end branches below 500 m go, until
    nothing changes. The answer does not depend on the order of the lines.

    Parameters
    ----------
    lines : iterable of Line
        From :func:`pieces`.
    n_stations : int
        Nodes below this number stay in any case.
    """
    now = _together(line for line in lines if line.a != line.b)
    while True:
        at: dict[int, list[Line]] = {}
        for line in now:
            at.setdefault(line.a, []).append(line)
            at.setdefault(line.b, []).append(line)
        gone: set[tuple[str, int]] = set()
        more: list[Line] = []
        for node in sorted(node for node in at if node >= n_stations):
            there = at[node]
            if any(line.name in gone for line in there):
                continue
            if len(there) == 1 and there[0].length_m < _STUB_M:
                if len(at[there[0].other(node)]) > 1:
                    gone.add(there[0].name)
            elif len(there) == 2:  # noqa: PLR2004 - a line that goes on
                gone.update(line.name for line in there)
                more.append(_chained(there[0], there[1], node))
        if not gone:
            return sorted(now, key=lambda one: one.name)
        kept = [line for line in now if line.name not in gone]
        now = _together(line for line in [*kept, *more] if line.a != line.b)
