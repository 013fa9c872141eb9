"""Hosting capacity as a plain program over angles, in scipy's hands: the other side of `large`.

Written from the tables of a MATPOWER case and nothing of the package: a column for every unit, one
for the new load, one for every angle; a balance of every bus and both sides of every rating. One
sparse program a bus, solved from scratch by `scipy.optimize.linprog`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BUS, LOAD, SHUNT = 0, 2, 4
UNIT_BUS, UNIT_STATUS, UNIT_MOST = 0, 7, 8
FROM, TO, X, RATE, TAP, SHIFT, STATUS = 0, 1, 3, 5, 8, 9, 10
REFERENCE = 3


class AngleProgram:
    """The further load that a bus of a case can draw.

    Parameters
    ----------
    base_mva : float
        Base of the reactances.
    bus, gen, branch : ndarray
        Tables of MATPOWER; a rating of 0 is no limit.
    """

    def __init__(self, base_mva: float, bus: Floats, gen: Floats, branch: Floats) -> None:
        row = {int(number): place for place, number in enumerate(bus[:, BUS])}
        self.rows, buses = row, len(bus)
        units = gen[(gen[:, UNIT_STATUS] > 0) & (gen[:, UNIT_MOST] > 0)]
        live = branch[branch[:, STATUS] == 1]
        start = np.array([row[int(number)] for number in live[:, FROM]], dtype=np.int64)
        end = np.array([row[int(number)] for number in live[:, TO]], dtype=np.int64)
        count = len(live)
        ends = sparse.coo_array(
            (
                np.repeat([1.0, -1.0], count),
                (np.tile(np.arange(count), 2), np.concatenate([start, end])),
            ),
            shape=(count, buses),
        ).tocsr()
        stiff = base_mva / (live[:, X] * np.where(live[:, TAP] == 0, 1.0, live[:, TAP]))
        flow = sparse.diags_array(stiff) @ ends
        pushed = -stiff * np.deg2rad(live[:, SHIFT])
        at = [row[int(number)] for number in units[:, UNIT_BUS]]
        put_in = sparse.coo_array(
            (np.ones(len(units)), (at, np.arange(len(units)))), shape=(buses, len(units))
        )
        self._load = len(units)
        new = sparse.csr_array((buses, 1))
        self._equal = sparse.hstack([put_in, new, -(ends.T @ flow)]).tocsr()
        self._right = bus[:, LOAD] + bus[:, SHUNT] + ends.T @ pushed
        rated = live[:, RATE] > 0
        none = sparse.csr_array((int(rated.sum()), len(units) + 1))
        one = sparse.hstack([none, flow[rated]])
        self._below = sparse.vstack([one, -one]).tocsr()
        rate = live[rated, RATE]
        self._most = np.concatenate([rate - pushed[rated], rate + pushed[rated]])
        _, first = np.unique(connected_components(ends.T @ ends)[1], return_index=True)
        angles = [(None, None)] * buses
        for place in first:
            angles[place] = (0.0, 0.0)
        self._ranges = [*((0.0, most) for most in units[:, UNIT_MOST]), (0.0, None), *angles]

    def most(self, number: int) -> float:
        """Return the largest further load of a bus, by its number, in MW."""
        cost = np.zeros(self._equal.shape[1])
        cost[self._load] = -1.0
        drawn = sparse.coo_array(
            ([-1.0], ([self.rows[number]], [self._load])), shape=self._equal.shape
        )
        found = linprog(
            cost,
            A_ub=self._below,
            b_ub=self._most,
            A_eq=self._equal + drawn,
            b_eq=self._right,
            bounds=self._ranges,
            method="highs",
        )
        if not found.success:
            raise ValueError(f"bus {number}: {found.message}")
        return -float(found.fun)
