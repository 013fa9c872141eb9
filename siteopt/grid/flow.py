"""DC power flow of a grid case: flows, shift factors, outage factors, bridges.

The usual linear model: flow on a branch is ``base_mva / (x ratio)`` times the angle difference
of its ends less the phase shift; losses and reactive power are left out. Shunt conductance is
part of what a bus draws. Angles are solved by one sparse LU of the bus matrix without the slack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse.linalg import SuperLU

    from siteopt.grid.case import GridCase

__all__ = ["Network", "branch_flows", "bridges", "lodf", "network", "ptdf"]

_REFERENCE: Final = 3
"""Type of a reference bus in MATPOWER."""


@dataclass(frozen=True, slots=True)
class Network:
    """Branches in service as arrays, L of them between N buses.

    Attributes
    ----------
    bus_id : ndarray, shape (N,)
        In the order of ``case.buses``.
    branch_id : ndarray, shape (L,)
        In the order of ``case.branches``.
    from_row, to_row : ndarray of int, shape (L,)
        Rows of the ends in ``bus_id``; flow counts from the first to the second.
    stiffness_mw_rad : ndarray, shape (L,)
        MW per radian of angle difference: ``base_mva / (x_pu * ratio)``, ratio 0 counting as 1.
    shift_mw : ndarray, shape (L,)
        MW that the phase shifter alone drives: minus stiffness times the shift in radians.
    rate_mw : ndarray, shape (L,)
        Rating; infinite where the case says 0 (MATPOWER: no limit).
    slack : int
        Row of the bus that balances: the first of type 3, else the first bus.
    """

    bus_id: NDArray[np.object_]
    branch_id: NDArray[np.object_]
    from_row: NDArray[np.int64]
    to_row: NDArray[np.int64]
    stiffness_mw_rad: NDArray[np.float64]
    shift_mw: NDArray[np.float64]
    rate_mw: NDArray[np.float64]
    slack: int = 0

    def incidence(self) -> csr_array:
        """Return the (L, N) matrix with 1 at the first end of a branch and -1 at the second."""
        rows = np.arange(len(self.from_row))
        ones = np.ones(len(rows))
        return csr_array(
            (
                np.concatenate([ones, -ones]),
                (np.concatenate([rows, rows]), np.concatenate([self.from_row, self.to_row])),
            ),
            shape=(len(rows), len(self.bus_id)),
        )


def network(case: GridCase) -> Network:
    """Return the branches in service of a case.

    Raises
    ------
    LayerError
        If a branch names a bus that the case lacks, or one in service has no reactance.
    """
    live = case.branches[case.branches["status"] == 1].reset_index(drop=True)
    bad = ~(live["x_pu"].abs() > 0)
    if bad.any():
        raise LayerError(
            f"case_branches: x_pu of {live.loc[bad, 'branch_id'].iloc[0]} is 0 or empty; "
            "a branch in service needs one"
        )
    tap = live["ratio"].where(live["ratio"] != 0, 1.0)
    stiffness = (case.base_mva / (live["x_pu"] * tap)).to_numpy(dtype=np.float64)
    rate = live["rate_a_mva"].to_numpy(dtype=np.float64)
    return Network(
        bus_id=case.buses["bus_id"].to_numpy(dtype=object),
        branch_id=live["branch_id"].to_numpy(dtype=object),
        from_row=case.rows_of(live["from_bus"], "case_branches"),
        to_row=case.rows_of(live["to_bus"], "case_branches"),
        stiffness_mw_rad=stiffness,
        shift_mw=-stiffness * np.deg2rad(live["angle_deg"].to_numpy(dtype=np.float64)),
        rate_mw=np.where(rate == 0, np.inf, rate),
        slack=_slack(case),
    )


def _slack(case: GridCase) -> int:
    if "type" not in case.buses:
        return 0
    found = np.flatnonzero(case.buses["type"].to_numpy() == _REFERENCE)
    return int(found[0]) if len(found) else 0


def _others(net: Network, slack: int) -> NDArray[np.int64]:
    return np.delete(np.arange(len(net.bus_id)), slack)


def _factor(net: Network, slack: int) -> SuperLU:
    """Return the LU of the bus matrix (MW a radian) without the slack row."""
    incidence = net.incidence()
    if connected_components(incidence.T @ incidence, directed=False)[0] > 1:
        raise LayerError(
            "grid case: the network is in pieces; branches in service must join all buses"
        )
    matrix = csc_array(incidence.T @ incidence.multiply(net.stiffness_mw_rad[:, None]))
    keep = _others(net, slack)
    try:
        return splu(csc_array(matrix[keep][:, keep]))
    except RuntimeError as error:
        raise LayerError(
            "grid case: the angles have no single solution; check the negative x_pu of case_branches"
        ) from error


def ptdf(net: Network, slack: int | None = None) -> NDArray[np.float64]:
    """Return the shift factors of a network in one piece.

    Parameters
    ----------
    net : Network
        Branches in service.
    slack : int, optional
        Row of the bus that takes out what is put in; ``net.slack`` by default.

    Returns
    -------
    ndarray, shape (L, N)
        MW on a branch per MW put in at a bus and taken out at the slack.

    Raises
    ------
    LayerError
        If the network is in pieces.
    """
    at = net.slack if slack is None else slack
    count, n = len(net.branch_id), len(net.bus_id)
    out = np.zeros((count, n))
    if n == 1:
        return out
    keep = _others(net, at)
    weighted = net.incidence().multiply(net.stiffness_mw_rad[:, None]).tocsr()[:, keep]
    out[:, keep] = _factor(net, at).solve(weighted.T.toarray()).T  # the matrix is symmetric
    return out


def lodf(net: Network, factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the outage of each branch puts on each other one.

    Parameters
    ----------
    net : Network
        Branches in service.
    factors : ndarray, shape (L, N)
        From :func:`ptdf`, with any slack.

    Returns
    -------
    ndarray, shape (L, L)
        Column k: MW on a branch per MW that flowed on branch k; -1 on the diagonal; NaN where
        the outage splits the network.
    """
    along = factors[:, net.from_row] - factors[:, net.to_row]
    own = np.diagonal(along).copy()
    split = bridges(net)
    left = np.where(split, np.nan, 1.0 - own)
    out = np.asarray(along / left[None, :], dtype=np.float64)
    np.fill_diagonal(out, np.where(split, np.nan, -1.0))
    return out


def branch_flows(net: Network, injection_mw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the flow of every branch, phase shifters included.

    Parameters
    ----------
    net : Network
        Branches in service.
    injection_mw : ndarray, shape (N,) or (N, S)
        Generation less demand, shunts and DC lines of each bus, MW; the slack takes what is
        left over, so its own value does not matter. Several states as columns.

    Returns
    -------
    ndarray, shape (L,) or (L, S)
        MW from the first end to the second.

    Raises
    ------
    LayerError
        If the network is in pieces.
    """
    keep = _others(net, net.slack)
    incidence = net.incidence()
    shift = net.shift_mw if injection_mw.ndim == 1 else net.shift_mw[:, None]
    stiffness = net.stiffness_mw_rad if injection_mw.ndim == 1 else net.stiffness_mw_rad[:, None]
    need = injection_mw - incidence.T @ (shift + np.zeros((1,) * injection_mw.ndim))
    angles = np.zeros_like(need, dtype=np.float64)
    if len(keep):
        angles[keep] = _factor(net, net.slack).solve(np.ascontiguousarray(need[keep]))
    return np.asarray(stiffness * (incidence @ angles) + shift, dtype=np.float64)


def bridges(net: Network) -> NDArray[np.bool_]:
    """Return for each branch whether its outage splits the network; parallel ones never do.

    By depth-first search on the graph (Tarjan 1974), so no threshold on shift factors.
    """
    n, count = len(net.bus_id), len(net.branch_id)
    beside: list[list[tuple[int, int]]] = [[] for _ in range(n)]
    for branch, (a, b) in enumerate(zip(net.from_row, net.to_row, strict=True)):
        beside[a].append((int(b), branch))
        beside[b].append((int(a), branch))
    order = np.full(n, -1)
    low = np.full(n, -1)
    out = np.zeros(count, dtype=np.bool_)
    seen = 0
    for root in range(n):
        if order[root] >= 0:
            continue
        order[root] = low[root] = seen
        seen += 1
        stack = [(root, -1, iter(beside[root]))]
        while stack:
            bus, came_by, rest = stack[-1]
            for other, branch in rest:
                if branch == came_by:
                    continue
                if order[other] >= 0:
                    low[bus] = min(low[bus], order[other])
                    continue
                order[other] = low[other] = seen
                seen += 1
                stack.append((other, branch, iter(beside[other])))
                break
            else:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    low[above] = min(low[above], low[bus])
                    out[came_by] = low[bus] > order[above]
    return out
