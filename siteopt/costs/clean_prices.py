"""Price of matched clean energy by place, as the energy program gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from siteopt._arrays import Floats

__all__ = ["CleanPrices"]


@dataclass(frozen=True, eq=False)
class CleanPrices:
    """Price of a kWh of matched energy at N buses, at a reference load.

    Attributes
    ----------
    bus_id : tuple of str
        Buses of the grid case.
    krw_kwh : ndarray, shape (N,)
        Price at each bus, carbon included: what the reference load pays on the mean, and what a
        place is dearer or cheaper.
    marginal_krw_kwh : ndarray, shape (N,)
        What a further kWh of steady load costs there (locational marginal price).
    part_krw_kwh : dict of str to float
        What the mean is the sum of, by part of the price; without carbon.
    carbon_krw_kwh : float
        Carbon of the grid's share, as far as the tariff does not hold it.
    grid_share : float
        Share of the energy that the grid delivers, 0 to 1.
    """

    bus_id: tuple[str, ...]
    krw_kwh: Floats
    marginal_krw_kwh: Floats
    part_krw_kwh: dict[str, float]
    carbon_krw_kwh: float
    grid_share: float

    def at(self, bus_id: pd.Series[str]) -> Floats:
        """Return the price at some buses; the highest of all where none is known.

        The grid case has no bus for what is off the mainland (Jeju), where nothing is proven of
        clean energy: no place there is taken for a cheap one.
        """
        known = pd.Series(self.krw_kwh, index=list(self.bus_id))
        named = bus_id.fillna("").astype(str)
        found = named.map(known).fillna(float(self.krw_kwh.max()))
        return np.asarray(found.to_numpy(dtype=np.float64))
