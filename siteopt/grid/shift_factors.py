"""PTDF and LODF of a network: a dense matrix where it is small, else rows on demand.

Power transfer and line outage distribution factors: Wood and Wollenberg, Power Generation,
Redispatch, and Control.

Of a network of 193 buses the factors are half a MB and kept as a matrix. Of one of 2,383 buses they
are 55 MB, and a program needs a few hundred of the 2,896 rows: there a row is one solve with the
kept factors of the bus matrix, and so are the flows of an injection.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.grid.flow import Angles, bridges, lodf, outage_factors, ptdf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt._arrays import Floats
    from siteopt.grid.flow import Network


__all__ = ["ShiftFactors"]

_MOST_CELLS: Final = 1_000_000
"""Branches times buses up to which the matrix is kept: 8 MB."""

_BLOCK: Final = 256
"""Branches whose outages are solved at a time."""


class ShiftFactors:
    """The shift factors of a network.

    Parameters
    ----------
    net : Network
        Branches in service.
    most_cells : int
        Branches times buses up to which the matrix is made and kept.

    Raises
    ------
    LayerError
        If reactances cancel.
    """

    def __init__(self, net: Network, most_cells: int = _MOST_CELLS) -> None:
        self.net = net
        cells = len(net.branch_id) * len(net.bus_id)
        self._kept = ptdf(net) if cells <= most_cells else None
        self._angles = Angles(net, tree_order=True) if self._kept is None else None

    @property
    def matrix(self) -> Floats:
        """The (L, N) factors; made anew at each call where they are not kept."""
        return ptdf(self.net) if self._kept is None else self._kept

    def row(self, branch: int) -> Floats:
        """Return the PTDF row (N,) of a branch.

        Parameters
        ----------
        branch : int
            Row of the branch.
        """
        if self._angles is not None:
            return self._angles.row(branch)
        return np.asarray(self.matrix[branch])

    def flows(self, put_in_mw: Floats) -> Floats:
        """Return the branch flows (L,) in MW, without phase shifts.

        Parameters
        ----------
        put_in_mw : ndarray of float64
            Net injection by bus in MW, shape (N,).
        """
        if self._angles is not None:
            return self._angles.flows(put_in_mw)
        return np.asarray(self.matrix @ put_in_mw)

    @cached_property
    def splits(self) -> NDArray[np.bool_]:
        """(L,) whether the outage of a branch splits its piece of the network."""
        return bridges(self.net)

    @cached_property
    def outages(self) -> Floats:
        """(L, L) outage factors, 0 in the column of an outage that splits its piece."""
        net = self.net
        if self._angles is None:
            out = lodf(net, self.matrix)
        else:
            ends, count = net.incidence(), len(net.branch_id)
            along = np.empty((count, count))
            for first in range(0, count, _BLOCK):
                block = slice(first, first + _BLOCK)
                along[:, block] = self._angles.flows(ends[block].toarray().T)
            out = outage_factors(net, along)
        out[:, self.splits] = 0.0
        return out
