"""Power system as arrays: branches with their factors, units and DC lines, by bus row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from siteopt.grid.flow import Network, network, pieces
from siteopt.grid.shift_factors import ShiftFactors

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from scipy.sparse import csc_array

    from siteopt._arrays import Floats, Ints
    from siteopt.grid.case import GridCase


__all__ = ["System", "build_system"]


@dataclass(frozen=True, eq=False)
class System:
    """A grid case as arrays: N buses, L branches in service, U units, D DC lines."""

    net: Network
    """Buses and branches in service."""
    factors: ShiftFactors
    """What branches carry of what buses put in, and of each other's flow after an outage."""
    unit_bus: Ints
    """(U,) row of the bus."""
    unit_most_mw: Floats
    """(U,) 0 for a unit that can only draw (a load that follows prices)."""
    unit_krw_mwh: Floats
    """(U,) cost of the first MWh."""
    unit_krw_mw2h: Floats
    """(U,) quadratic part of the cost."""
    link_from: Ints
    """(D,) row of the bus."""
    link_to: Ints
    """(D,) row of the bus."""
    link_least_mw: Floats
    """(D,) negative where the line can run backwards."""
    link_most_mw: Floats
    """(D,)"""
    shunt_mw: Floats
    """(N,) drawn by shunt conductance."""

    @property
    def ptdf(self) -> Floats:
        """(L, N) shift factors; for a large network `factors` gives single rows."""
        return self.factors.matrix

    @property
    def lodf(self) -> Floats:
        """(L, L) outage factors, 0 in the column of an outage that splits its piece."""
        return self.factors.outages

    @property
    def splits(self) -> NDArray[np.bool_]:
        """(L,) whether the outage of a branch splits its piece of the network."""
        return self.factors.splits

    @cached_property
    def piece(self) -> Ints:
        """(N,) the piece of the network that each bus is in, from 0.

        Branches in service join a piece; only DC lines bring power from one to another.
        """
        return pieces(self.net)

    @cached_property
    def pieces(self) -> int:
        """Number of pieces."""
        return int(self.piece.max(initial=-1)) + 1

    def by_piece(self, of_buses: Floats | csc_array[np.float64]) -> Floats:
        """Return the sums over the buses of each island, shape (P,) or (P, K).

        Parameters
        ----------
        of_buses : Floats | csc_array[np.float64]
            Values by bus, shape (N,) or (N, K).
        """
        return np.array(
            [of_buses[self.piece == number].sum(axis=0) for number in range(self.pieces)]
        )

    @property
    def buses(self) -> int:
        """Number of buses."""
        return len(self.net.bus_id)

    @property
    def branches(self) -> int:
        """Number of branches in service."""
        return len(self.net.branch_id)


def build_system(case: GridCase) -> System:
    """Return a case as arrays, with its PTDF and LODF.

    All units of the case count, whatever their status in the solved state it was published with.

    Parameters
    ----------
    case : GridCase
        Grid case.

    Raises
    ------
    LayerError
        If a row names a bus that the case lacks, or reactances cancel.
    """
    net = network(case)
    links = case.dc_lines[case.dc_lines["status"] == 1]
    units = case.generators
    return System(
        net=net,
        factors=ShiftFactors(net),
        unit_bus=case.rows_of(units["bus_id"], "case_generators"),
        unit_most_mw=np.maximum(_floats(units, "p_max_mw"), 0.0),
        unit_krw_mwh=_floats(units, "cost_krw_mwh"),
        unit_krw_mw2h=_floats(units, "cost_krw_mw2h"),
        link_from=case.rows_of(links["from_bus"], "case_dc_lines"),
        link_to=case.rows_of(links["to_bus"], "case_dc_lines"),
        link_least_mw=_floats(links, "p_min_mw"),
        link_most_mw=_floats(links, "p_max_mw"),
        shunt_mw=_floats(case.buses, "g_shunt_mw"),
    )


def _floats(table: pd.DataFrame, column: str) -> Floats:
    return np.asarray(table[column].to_numpy(), dtype=np.float64)
