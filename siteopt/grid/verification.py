"""A dispatch, checked against the tables of the case by code that shares nothing with its program.

Flows come from the angles of a bus matrix that is built here from the case, outages from taking
the branch out of that matrix: no shift factors, no outage factors, no rows of a program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.grid.case import GridCase
    from siteopt.grid.dispatch import Dispatch

    Floats = NDArray[np.float64]

__all__ = ["dispatch_faults"]

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
        looked at, each allowed what it causes today.
    overloads : dict, optional
        MW above the rating that a branch is allowed, by branch id.
    """
    put_in = _put_in(case, drawn_mw, dispatch)
    faults = [*_of_sources(case, available_mw, dispatch)]
    if abs(put_in.sum()) > _SLACK_MW:
        faults.append(f"sources and demand differ by {put_in.sum():,.3f} MW")
    live = case.branches[case.branches["status"] == 1].reset_index(drop=True)
    allowed = overloads or {}
    rate = live["rate_a_mva"].to_numpy(dtype=np.float64).copy()
    rate += live["branch_id"].astype(str).map(allowed).fillna(0.0).to_numpy(dtype=np.float64)
    flow = _flows(case, live, put_in)
    names = live["branch_id"].astype(str).to_numpy()
    faults.extend(
        f"branch {names[branch]} carries {flow[branch]:,.1f} of {rate[branch]:,.1f} MW"
        for branch in np.flatnonzero(np.abs(flow) > rate + _SLACK_MW)
    )
    if today is not None:
        before = _put_in(case, today[0], today[1])
        faults.extend(_of_outages(case, live, put_in, before))
    return faults


def _put_in(case: GridCase, drawn_mw: Floats, dispatch: Dispatch) -> Floats:
    """Return what each bus puts into the AC network, in MW."""
    place = {bus: row for row, bus in enumerate(case.buses["bus_id"])}
    net = dispatch.renewable_mw - drawn_mw - case.buses["g_shunt_mw"].to_numpy(dtype=np.float64)
    for bus, power in zip(case.generators["bus_id"], dispatch.unit_mw, strict=True):
        net[place[bus]] += power
    links = case.dc_lines[case.dc_lines["status"] == 1]
    for start, end, power in zip(links["from_bus"], links["to_bus"], dispatch.link_mw, strict=True):
        net[place[start]] -= power
        net[place[end]] += power
    return np.asarray(net, dtype=np.float64)


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


def _flows(case: GridCase, live: pd.DataFrame, put_in: Floats) -> Floats:
    """Return the flow of every branch in service, from the angles of the buses."""
    place = {bus: row for row, bus in enumerate(case.buses["bus_id"])}
    start = np.array([place[bus] for bus in live["from_bus"]])
    end = np.array([place[bus] for bus in live["to_bus"]])
    ratio = live["ratio"].to_numpy(dtype=np.float64)
    stiff = case.base_mva / (
        live["x_pu"].to_numpy(dtype=np.float64) * np.where(ratio == 0, 1.0, ratio)
    )
    shift = np.deg2rad(live["angle_deg"].to_numpy(dtype=np.float64))
    n = len(case.buses)
    matrix = sparse.coo_array(
        (
            np.concatenate([stiff, stiff, -stiff, -stiff]),
            (np.concatenate([start, end, start, end]), np.concatenate([start, end, end, start])),
        ),
        shape=(n, n),
    ).tocsc()
    right = put_in.copy()
    np.add.at(right, start, stiff * shift)
    np.add.at(right, end, -stiff * shift)
    angle = np.zeros(n)
    angle[1:] = np.atleast_1d(spsolve(matrix[1:, 1:], right[1:]))
    return np.asarray(stiff * (angle[start] - angle[end] - shift), dtype=np.float64)


def _of_outages(
    case: GridCase, live: pd.DataFrame, put_in: Floats, before: Floats
) -> Iterator[str]:
    """Look at every outage that leaves the network whole, the branch really taken out."""
    rate = live["rate_a_mva"].to_numpy(dtype=np.float64)
    names = live["branch_id"].astype(str).to_numpy()
    for outage in range(len(live)):
        rest = live.drop(index=outage)
        if not _is_whole(case, rest):
            continue
        kept = np.delete(np.arange(len(live)), outage)
        limit = np.maximum(rate[kept], np.abs(_flows(case, rest, before)))
        flow = np.abs(_flows(case, rest, put_in))
        for place in np.flatnonzero(flow > limit + _SLACK_MW):
            yield (
                f"branch {names[kept[place]]} carries {flow[place]:,.1f} of {limit[place]:,.1f} MW "
                f"when {names[outage]} is out"
            )


def _is_whole(case: GridCase, live: pd.DataFrame) -> bool:
    place = {bus: row for row, bus in enumerate(case.buses["bus_id"])}
    ends = ([place[bus] for bus in live["from_bus"]], [place[bus] for bus in live["to_bus"]])
    n = len(case.buses)
    graph = sparse.coo_array((np.ones(len(live)), ends), shape=(n, n))
    return int(connected_components(graph, directed=False)[0]) == 1
