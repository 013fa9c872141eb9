"""Independent verification of a dispatch against the case, with no code of its program.

Flows come from the angles of a bus matrix that is built here from the case, outages from taking
the branch out of that matrix: no shift factors, no outage factors, no rows of a program. Pieces of
the network that only DC lines join are found here too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from siteopt._arrays import Floats
    from siteopt.grid.case import GridCase
    from siteopt.grid.dispatch import Dispatch


__all__ = ["angle_flows", "dispatch_faults"]

_SLACK_MW: Final = 0.1


def dispatch_faults(  # noqa: PLR0913 - the tables that meet here
    case: GridCase,
    drawn_mw: Floats,
    available_mw: Floats,
    dispatch: Dispatch,
    *,
    today: tuple[Floats, Dispatch] | None = None,
    overloads: dict[str, float] | None = None,
) -> list[str]:
    """Return one sentence for everything that a dispatch breaks.

    Parameters
    ----------
    case : GridCase
        Buses, branches, units, DC lines.
    drawn_mw, available_mw : ndarray, shape (N,)
        What each bus draws, new loads included, and what solar and wind can give.
    dispatch : Dispatch
        What is checked.
    today : tuple of ndarray and Dispatch, optional
        What buses draw without new loads, and the dispatch then: with it single outages are
        verified, each allowed what it causes today.
    overloads : dict, optional
        MW above the rating that a branch is allowed, by branch id.
    """
    put_in = _put_in(case, drawn_mw, dispatch)
    faults = [*_of_sources(case, available_mw, dispatch)]
    live = case.branches[case.branches["status"] == 1].reset_index(drop=True)
    allowed = overloads or {}
    rate = live["rate_a_mva"].to_numpy(dtype=np.float64).copy()
    rate += live["branch_id"].astype(str).map(allowed).fillna(0.0).to_numpy(dtype=np.float64)
    network = _Network(case, live)
    faults.extend(network.imbalances(put_in))
    flow = network.flows(put_in[:, None])[:, 0]
    names = live["branch_id"].astype(str).to_numpy()
    faults.extend(
        f"branch {names[branch]} carries {flow[branch]:,.1f} of {rate[branch]:,.1f} MW"
        for branch in np.flatnonzero(np.abs(flow) > rate + _SLACK_MW)
    )
    if today is not None:
        before = _put_in(case, today[0], today[1])
        faults.extend(_of_outages(network, live, put_in, before))
    return faults


def angle_flows(case: GridCase, put_in_mw: Floats) -> Floats:
    """Return the flows (L, K) of the branches in service, from angles, none of shift factors.

    Parameters
    ----------
    case : GridCase
        Buses and branches.
    put_in_mw : ndarray, shape (N, K)
        What each bus puts into the AC network, shunts taken off.
    """
    live = case.branches[case.branches["status"] == 1].reset_index(drop=True)
    return _Network(case, live).flows(put_in_mw)


def _put_in(case: GridCase, drawn_mw: Floats, dispatch: Dispatch) -> Floats:
    """Return what each bus puts into the AC network, in MW."""
    place = _places(case)
    net = dispatch.renewable_mw - drawn_mw - case.buses["g_shunt_mw"].to_numpy(dtype=np.float64)
    for bus, power in zip(case.generators["bus_id"], dispatch.unit_mw, strict=True):
        net[place[bus]] += power
    links = case.dc_lines[case.dc_lines["status"] == 1]
    for start, end, power in zip(links["from_bus"], links["to_bus"], dispatch.link_mw, strict=True):
        net[place[start]] -= power
        net[place[end]] += power
    return np.asarray(net, dtype=np.float64)


def _places(case: GridCase) -> dict[object, int]:
    """Return the row of each bus."""
    return {bus: row for row, bus in enumerate(case.buses["bus_id"])}


def _of_sources(case: GridCase, available_mw: Floats, dispatch: Dispatch) -> Iterator[str]:
    most = case.generators["p_max_mw"].to_numpy(dtype=np.float64)
    wrong = (dispatch.unit_mw < -_SLACK_MW) | (dispatch.unit_mw > most + _SLACK_MW)
    for unit in np.flatnonzero(wrong):
        yield f"unit {unit + 1} gives {dispatch.unit_mw[unit]:,.1f} of {most[unit]:,.1f} MW"
    wrong = (dispatch.renewable_mw < -_SLACK_MW) | (
        dispatch.renewable_mw > available_mw + _SLACK_MW
    )
    for bus in np.flatnonzero(wrong):
        yield f"solar and wind of bus {case.buses['bus_id'].iloc[bus]} are out of their range"
    links = case.dc_lines[case.dc_lines["status"] == 1]
    for name, low, high, power in zip(
        links["dc_line_id"], links["p_min_mw"], links["p_max_mw"], dispatch.link_mw, strict=True
    ):
        if not low - _SLACK_MW <= power <= high + _SLACK_MW:
            yield f"DC line {name} carries {power:,.1f} MW, outside {low:g} to {high:g}"


class _Network:
    """Branches in service as a matrix, from which one can be taken.

    Over the buses but the first of each piece that branches join: its angle is 0.
    """

    def __init__(self, case: GridCase, live: pd.DataFrame) -> None:
        place = _places(case)
        self._buses = n = len(case.buses)
        self._names = case.buses["bus_id"].to_numpy(dtype=object)
        self._start = np.array([place[bus] for bus in live["from_bus"]], dtype=np.int64)
        self._end = np.array([place[bus] for bus in live["to_bus"]], dtype=np.int64)
        ratio = live["ratio"].to_numpy(dtype=np.float64)
        reactance = live["x_pu"].to_numpy(dtype=np.float64) * np.where(ratio == 0, 1.0, ratio)
        self._stiff = case.base_mva / reactance
        self._shift = np.deg2rad(live["angle_deg"].to_numpy(dtype=np.float64))
        ends = np.stack([self._start, self._end, self._start, self._end])
        others = np.stack([self._start, self._end, self._end, self._start])
        self._values = np.stack([self._stiff, self._stiff, -self._stiff, -self._stiff])
        self._piece = self._pieces()
        self._open = np.ones(n, dtype=np.bool_)
        self._open[np.unique(self._piece, return_index=True)[1]] = False
        inside = self._open[ends] & self._open[others]
        new, size = np.cumsum(self._open) - 1, int(self._open.sum())
        rows, columns = new[ends[inside]], new[others[inside]]
        self._matrix = sparse.csc_array(
            sparse.coo_array((self._values[inside], (rows, columns)), shape=(size, size))
        )
        self._matrix.sum_duplicates()  # sorted by column, then row
        column_of = np.repeat(np.arange(size), np.diff(self._matrix.indptr))
        keys = column_of * n + self._matrix.indices
        self._slot = np.full(ends.shape, -1)
        self._slot[inside] = np.searchsorted(keys, columns * n + rows)

    def flows(self, put_in: Floats, out: int = -1) -> Floats:
        """Return the flows (L, K) of what buses put in (N, K), with a branch removed."""
        stiff = self._stiff.copy()
        matrix = self._matrix
        if out >= 0:
            stiff[out] = 0.0
            matrix = matrix.copy()
            slots = self._slot[:, out]
            matrix.data[slots[slots >= 0]] -= self._values[slots >= 0, out]
        pushed = stiff * self._shift
        right = (
            put_in
            + (
                np.bincount(self._start, pushed, self._buses)
                - np.bincount(self._end, pushed, self._buses)
            )[:, None]
        )
        angle = np.zeros_like(right)
        if self._open.any():
            inside = right[self._open]
            angle[self._open] = splu(matrix, permc_spec="MMD_AT_PLUS_A").solve(inside)
        across = angle[self._start] - angle[self._end] - self._shift[:, None]
        return np.asarray(stiff[:, None] * across, dtype=np.float64)

    def is_whole(self, out: int) -> bool:
        """Return whether the buses of each island stay connected without a branch."""
        return bool((self._pieces(out) == self._piece).all())

    def imbalances(self, put_in: Floats) -> Iterator[str]:
        """Look at what sources and DC lines give each piece and what it draws."""
        for piece in range(self._piece.max() + 1):
            members = self._piece == piece
            left = put_in[members].sum()
            if abs(left) > _SLACK_MW:
                where = "" if members.all() else f" in the piece of bus {self._names[members][0]}"
                yield f"sources and demand{where} differ by {left:,.3f} MW"

    def _pieces(self, out: int = -1) -> NDArray[np.int64]:
        """Return the piece of each bus, numbered from the first bus on, without a branch."""
        kept = np.arange(len(self._start)) != out
        ends = (self._start[kept], self._end[kept])
        graph = sparse.coo_array((np.ones(len(ends[0])), ends), shape=(self._buses, self._buses))
        return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _of_outages(
    network: _Network, live: pd.DataFrame, put_in: Floats, before: Floats
) -> Iterator[str]:
    """Verify every outage that leaves the network whole, the branch removed from it."""
    rate = live["rate_a_mva"].to_numpy(dtype=np.float64)
    names = live["branch_id"].astype(str).to_numpy()
    both = np.column_stack([put_in, before])
    for outage in range(len(live)):
        if not network.is_whole(outage):
            continue
        flow, today = np.abs(network.flows(both, outage)).T
        limit = np.maximum(rate, today)
        for place in np.flatnonzero(flow > limit + _SLACK_MW):
            yield (
                f"branch {names[place]} carries {flow[place]:,.1f} of {limit[place]:,.1f} MW "
                f"when {names[outage]} is out"
            )
