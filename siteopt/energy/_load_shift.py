"""Load shifting within the day: part of the load falls in some hours and rises in others.

Demand response of 24/7 carbon-free procurement (Riepin, Brown and Zavala 2025, Spatio-temporal
load shifting for truly clean computing). The load of each bus shifts by columns of its own,
bounded by a share of that load. So the loads stay on the right side, the cost stays a convex
function of them, and the flow of a branch is exact; one shift for all buses in proportion to
their loads would be a product of both. Columns are generated for a bus when it first has load;
for other buses the best price of the shift follows from the duals alone. On a copper plate all
buses are one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.energy.supply import DAY_H

if TYPE_CHECKING:
    from collections.abc import Sequence

    import highspy

    from siteopt._arrays import Floats, Ints
    from siteopt.energy._formulation import Formulation
    from siteopt.energy.flow_limits import FlowLimits
    from siteopt.energy.supply import Supply

__all__ = ["LoadShift"]


class LoadShift:
    """Shift columns by bus, in the handle of an energy program.

    Parameters
    ----------
    supply : Supply
        Data of the program.
    form : Formulation
        The program without flow limits.
    highs : Highs
        Handle that holds it.
    """

    def __init__(self, supply: Supply, form: Formulation, highs: highspy.Highs) -> None:
        self._supply, self._form, self._highs = supply, form, highs
        self._columns: dict[int, Ints] = {}
        """Columns of the hours of each bus that has had load."""

    def set_load(
        self, load_mw: Floats, limits: FlowLimits | None, flow_rows: Sequence[int]
    ) -> None:
        """Bound the shift by a share of the loads; add columns for buses new to load.

        Parameters
        ----------
        load_mw : ndarray, shape (N,)
            Steady load by bus.
        limits : FlowLimits or None
            Flow limits in the program.
        flow_rows : sequence of int
            Row of each.
        """
        supply = self._supply
        if supply.flexible_share <= 0:
            return
        by_place = load_mw if supply.network is not None else np.array([load_mw.sum()])
        for bus in np.flatnonzero(by_place > 0).tolist():
            if bus not in self._columns:
                self._columns[bus] = self._add(bus, limits, flow_rows)
        for bus, columns in self._columns.items():
            most = np.full(supply.hours, supply.flexible_share * max(by_place[bus], 0.0))
            self._highs.changeColsBounds(len(columns), columns.astype(np.int32), -most, most)

    def _add(self, bus: int, limits: FlowLimits | None, flow_rows: Sequence[int]) -> Ints:
        """Add the columns of a bus, and the rows that keep the energy of its days."""
        supply, highs, hours = self._supply, self._highs, self._supply.hours
        entries = [[(int(row), -1.0)] for row in self._form.shift]
        if not supply.flexible_between:
            first = int(highs.getNumRow())
            for _ in range(hours // DAY_H):
                highs.addRow(0.0, 0.0, 0, np.empty(0, dtype=np.int32), np.empty(0))
            for hour in range(hours):
                entries[hour].append((first + hour // DAY_H, 1.0))
        if limits is not None:
            for place, row in zip(limits.places, flow_rows, strict=True):
                entries[place.hour].append((row, -float(limits.factor(place)[bus])))
        counts = [len(of_hour) for of_hour in entries]
        start = np.concatenate([[0], np.cumsum(counts)[:-1]])
        rows = np.array([row for of_hour in entries for row, _ in of_hour])
        values = np.array([value for of_hour in entries for _, value in of_hour])
        begin, none = int(highs.getNumCol()), np.zeros(hours)
        highs.addCols(
            hours, none, none, none, len(rows), start.astype(np.int32), rows.astype(np.int32), values
        )  # fmt: skip
        return np.arange(begin, begin + hours)

    def entries(self, hour: int, factor: Floats) -> tuple[Ints, Floats]:
        """Return columns and coefficients of the shift in a flow limit of an hour.

        Parameters
        ----------
        hour : int
            Hour.
        factor : ndarray, shape (N,)
            Shift factors of the limit.
        """
        columns = np.array([of_bus[hour] for of_bus in self._columns.values()], dtype=np.int64)
        return columns, -factor[np.array(list(self._columns), dtype=np.int64)]

    def by_bus_mw(self, values: Floats, load_mw: Floats) -> Floats:
        """Return the shift of a solution by hour and bus (H, N)."""
        supply = self._supply
        out = np.zeros((supply.hours, len(load_mw)))
        for bus, columns in self._columns.items():
            out[:, bus] = values[columns]
        total = float(load_mw.sum())
        if supply.network is None and total > 0:
            out = out[:, :1] * (load_mw / total)
        return out

    def prices(self, row_dual: Floats, of_flows: Floats) -> Floats:
        """Return what room for shifting takes off the yearly cost per MW of load (N,), 0 or less.

        Parameters
        ----------
        row_dual : ndarray, shape (rows,)
            Duals of the program.
        of_flows : ndarray, shape (H, N)
            Price of the flow limits by hour and bus.
        """
        reduced = (row_dual[self._form.shift][:, None] + of_flows).reshape(
            -1, DAY_H, len(of_flows.T)
        )
        if not self._supply.flexible_between:
            # The dual of a day's energy, the best one where the bus has no load and so no row.
            reduced = reduced - np.median(reduced, axis=1, keepdims=True)
        return -self._supply.flexible_share * np.asarray(np.abs(reduced).sum(axis=(0, 1)))
