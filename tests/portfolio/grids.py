"""Grids of few lines: they tell of a load only whether they serve it, and what it breaks."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from siteopt.errors import SolverError

SERVED = 1e-6


class Limit(NamedTuple):
    """A limit on loads."""

    snapshot: str
    price: np.ndarray
    most_mw: float
    branches: tuple = ()
    more: int = 0


@dataclass
class RowGrid:
    """Loads that meet hidden rows can be served; of those broken, the one broken most is told."""

    bus_id: tuple
    flows: tuple
    asked: list = field(default_factory=list)
    """Loads that were asked for."""
    energy: object = None

    def broken(self, loads):
        found = []
        for load in loads:
            self.asked.append(load)
            limits = [self._limit(number) for number in range(len(self.flows))]
            worst = max(limits, key=lambda limit: limit.price @ load - limit.most_mw, default=None)
            if worst is not None and worst.price @ load > worst.most_mw + SERVED:
                found.append(worst)
        return found

    def _limit(self, number):
        flow = self.flows[number]
        price = np.array([flow.price.get(bus, 0.0) for bus in self.bus_id])
        return Limit(f"row {number}", price, flow.most_mw)

    def serves(self, plans):
        """Return which of the listed plans can be served."""
        met = np.ones(len(plans.worth), dtype=np.bool_)
        for flow in self.flows:
            taken = sum(price * plans.load_mw[bus] for bus, price in flow.price.items())
            met &= taken <= flow.most_mw + SERVED
        return met

    def verify(self, load_mw):
        if self.broken([load_mw]):
            raise SolverError("the plan contradicts the grid case: a row")

    def account(self, load_mw):
        return pd.DataFrame({"snapshot_id": ["peak"], "load_mw": [float(load_mw.sum())]})

    def further(self, load_mw, provinces):
        del load_mw
        return pd.DataFrame({"province_code": list(provinces), "further_mw": 0.0})


@dataclass
class RoundGrid(RowGrid):
    """Loads inside an ellipsoid can be served; what is told of others is a plane that touches it.

    No number of planes is all of it.
    """

    weight: tuple = ()
    most_mw: float = 0.0

    def broken(self, loads):
        found = []
        for load in loads:
            self.asked.append(load)
            weighted = np.array(self.weight) * load
            size = float(np.hypot.reduce(weighted))
            if size > self.most_mw + SERVED:
                found.append(Limit("round", np.array(self.weight) * weighted / size, self.most_mw))
        return found

    def size(self, plans):
        """Return how large the loads of the listed plans are."""
        parts = [
            each * plans.load_mw[bus] for each, bus in zip(self.weight, self.bus_id, strict=True)
        ]
        return np.hypot.reduce(np.array(parts))

    def serves(self, plans):
        return self.size(plans) <= self.most_mw + SERVED
