"""DC power flow: branch flows, PTDF, LODF and bridges of a grid case.

DC power flow: Stott, Jardim and Alsac (2009); PTDF and LODF: Wood and Wollenberg, Power
Generation, Redispatch, and Control; bridges: Tarjan (1974).

The usual linear model: flow on a branch is ``base_mva / (x ratio)`` times the angle difference
of its ends less the phase shift; losses and reactive power are left out. Shunt conductance is
part of what a bus draws. Buses that branches join are a piece of the network; pieces may exchange
by DC lines alone, so each has a reference bus, and a balance, of its own. Angles are solved by one
sparse LU of the bus matrix without the references.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.grid.case import GridCase

__all__ = [
    "Angles",
    "Network",
    "branch_flows",
    "bridges",
    "lodf",
    "network",
    "outage_factors",
    "pieces",
    "ptdf",
]

_REFERENCE: Final = 3
"""Type of a reference bus in MATPOWER."""

_SYMMETRIC: Final[dict[str, Any]] = {
    "permc_spec": "MMD_AT_PLUS_A",
    "diag_pivot_thresh": 0.01,
    "options": {"SymmetricMode": True},
}
"""How SuperLU takes a matrix that is nearly definite (negative reactances are few)."""


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
        Rating in MW; infinite where it is 0 in the case (MATPOWER: no limit).
    slack : int
        Row of the bus that balances: the first of type 3, else the first bus.
    more_slacks : tuple of int
        Rows of the other buses of type 3: the first of a piece without `slack` balances it, else
        its first bus.
    """

    bus_id: NDArray[np.object_]
    branch_id: NDArray[np.object_]
    from_row: NDArray[np.int64]
    to_row: NDArray[np.int64]
    stiffness_mw_rad: NDArray[np.float64]
    shift_mw: NDArray[np.float64]
    rate_mw: NDArray[np.float64]
    slack: int = 0
    more_slacks: tuple[int, ...] = ()

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

    Parameters
    ----------
    case : GridCase
        Grid case.

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
    slack, *more = _references(case)
    return Network(
        bus_id=case.buses["bus_id"].to_numpy(dtype=object),
        branch_id=live["branch_id"].to_numpy(dtype=object),
        from_row=case.rows_of(live["from_bus"], "case_branches"),
        to_row=case.rows_of(live["to_bus"], "case_branches"),
        stiffness_mw_rad=stiffness,
        shift_mw=-stiffness * np.deg2rad(live["angle_deg"].to_numpy(dtype=np.float64)),
        rate_mw=np.where(rate == 0, np.inf, rate),
        slack=slack,
        more_slacks=tuple(more),
    )


def _references(case: GridCase) -> list[int]:
    """Return the rows of the buses of type 3, the first bus where there is none."""
    if "type" not in case.buses:
        return [0]
    found = np.flatnonzero(case.buses["type"].to_numpy() == _REFERENCE)
    return [int(row) for row in found] or [0]


def pieces(net: Network) -> NDArray[np.int64]:
    """Return the island (N,) of each bus: numbers from 0, in the order of first buses.

    Parameters
    ----------
    net : Network
        Branches in service.
    """
    incidence = net.incidence()
    _, piece = connected_components(incidence.T @ incidence, directed=False)
    return np.asarray(piece, dtype=np.int64)


class Angles:
    """The angles of a network: its bus matrix, factorised once.

    Parameters
    ----------
    net : Network
        Branches in service.
    slack : int, optional
        Row of the bus that balances its piece; ``net.slack`` by default.
    tree_order : bool
        Whether the matrix is ordered as a symmetric one: quicker where it is large.

    Raises
    ------
    LayerError
        If reactances cancel.
    """

    def __init__(self, net: Network, slack: int | None = None, *, tree_order: bool = False) -> None:
        incidence = net.incidence()
        self._across = csr_array(incidence.multiply(net.stiffness_mw_rad[:, None]))
        at = net.slack if slack is None else slack
        self._keep = np.delete(np.arange(len(net.bus_id)), _balancing(net, at))
        if not len(self._keep):
            return
        matrix = csc_array(incidence.T @ self._across)
        inside = csc_array(matrix[self._keep][:, self._keep])
        try:
            self._factor = splu(inside, **_SYMMETRIC) if tree_order else splu(inside)
        except RuntimeError as error:
            raise LayerError(
                "grid case: the angles have no single solution; check the negative x_pu of "
                "case_branches"
            ) from error

    def solve(self, injection_mw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the voltage angles (N,) or (N, S) in radians; 0 at references.

        Parameters
        ----------
        injection_mw : ndarray of float64
            Net injection by bus in MW, shape (N,) or (N, S).
        """
        angles = np.zeros_like(injection_mw, dtype=np.float64)
        if len(self._keep):
            angles[self._keep] = self._factor.solve(np.ascontiguousarray(injection_mw[self._keep]))
        return angles

    def flows(self, injection_mw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the branch flows (L,) or (L, S) in MW, without phase shifts.

        Parameters
        ----------
        injection_mw : ndarray of float64
            Net injection by bus in MW, shape (N,) or (N, S).
        """
        return np.asarray(self._across @ self.solve(injection_mw))

    def row(self, branch: int) -> NDArray[np.float64]:
        """Return the PTDF row (N,) of one branch; the bus matrix is symmetric.

        Parameters
        ----------
        branch : int
            Row of the branch.
        """
        return self.solve(self._across[[branch]].toarray()[0])


def _balancing(net: Network, slack: int) -> NDArray[np.int64]:
    """Return the row of the bus that balances, one for each piece."""
    piece = pieces(net)
    _, rows = np.unique(piece, return_index=True)
    for row in (*reversed(net.more_slacks), net.slack, slack):
        rows[piece[row]] = row
    return np.asarray(rows, dtype=np.int64)


def ptdf(net: Network, slack: int | None = None) -> NDArray[np.float64]:
    """Return the shift factors of a network.

    Parameters
    ----------
    net : Network
        Branches in service.
    slack : int, optional
        Row of the bus that takes out what is put in in its piece; ``net.slack`` by default.

    Returns
    -------
    ndarray, shape (L, N)
        MW on a branch per MW injected at a bus and withdrawn where its piece is balanced; 0 in
        other pieces.

    Raises
    ------
    LayerError
        If reactances cancel.
    """
    across = net.incidence().multiply(net.stiffness_mw_rad[:, None]).toarray()
    return np.ascontiguousarray(Angles(net, slack).solve(across.T).T)  # the matrix is symmetric


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
        the outage splits a piece of the network.
    """
    return outage_factors(net, factors[:, net.from_row] - factors[:, net.to_row])


def outage_factors(net: Network, along: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the LODF matrix, as :func:`lodf`, from the flows of a transfer along each branch.

    Parameters
    ----------
    net : Network
        Branches in service.
    along : ndarray of float64
        Flows (L, L) in MW of 1 MW from end to end of each branch.
    """
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
        Generation less demand, shunts and DC lines of each bus, MW; the bus that balances a
        piece takes what is left over there, so its own value does not matter. Several states as
        columns.

    Returns
    -------
    ndarray, shape (L,) or (L, S)
        MW from the first end to the second.

    Raises
    ------
    LayerError
        If reactances cancel.
    """
    incidence = net.incidence()
    shift = net.shift_mw if injection_mw.ndim == 1 else net.shift_mw[:, None]
    stiffness = net.stiffness_mw_rad if injection_mw.ndim == 1 else net.stiffness_mw_rad[:, None]
    need = injection_mw - incidence.T @ (shift + np.zeros((1,) * injection_mw.ndim))
    angles = Angles(net).solve(need)
    return np.asarray(stiffness * (incidence @ angles) + shift, dtype=np.float64)


def bridges(net: Network) -> NDArray[np.bool_]:
    """Return which branches are bridges: their outage splits an island (Tarjan 1974).

    Parallel branches are none.

    By depth-first search on the graph (Tarjan 1974), so no threshold on shift factors.

    Parameters
    ----------
    net : Network
        Branches in service.
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
