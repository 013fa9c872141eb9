"""Flow limits of an energy program: all branches in service (N-0), and single outages (N-1).

Delayed row generation of post-contingency flows with line outage distribution factors (Wood and
Wollenberg, Power Generation, Operation, and Control): with branch k out, branch l bears
``flow_l + lodf_lk flow_k``. As in :mod:`siteopt.grid.limits` the limit after an outage is the
larger of the rating and what that outage already causes today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from siteopt.grid.limits import NO_OUTAGE, TODAY_SLACK_MW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Floats, Ints
    from siteopt.energy.supply import PtdfNetwork

__all__ = ["BROKEN_MW", "FlowLimits", "FlowPlace"]

BROKEN_MW: Final = 1e-3
"""A flow limit that is exceeded by more is broken."""

_SCREEN_MW: Final = 0.1
"""What the screen of outages leaves to rounding: its factors have seven digits."""

_OUTAGES_AN_HOUR: Final = 3
"""Limits of an hour that are found at once where there are outages: most others hold when the
worst do."""


class FlowPlace(NamedTuple):
    """Where a flow limit holds: hour, branch, and the branch that is out (`NO_OUTAGE`: none)."""

    hour: int
    branch: int
    outage: int


class FlowLimits:
    """The flow limits in a program, and those that a solution breaks beside them.

    Parameters
    ----------
    network : PtdfNetwork
        Branches, their limits, and their outages.

    Attributes
    ----------
    places : list of FlowPlace
        Limits in the program, in the order of their rows.
    """

    def __init__(self, network: PtdfNetwork) -> None:
        self._network = network
        self._limit_mw = network.limit_mw.copy()
        self._raised_mw: dict[FlowPlace, float] = {}
        """How far limits after outages are raised."""
        self._sizes = np.abs(
            np.zeros(0) if network.lodf is None else network.lodf, dtype=np.float32
        )
        """Outage factors without their sign, in short for a screen."""
        self._factors: dict[tuple[int, int], Floats] = {}
        self.places: list[FlowPlace] = []

    def add(self, place: FlowPlace) -> None:
        """Count a limit among those in the program."""
        self.places.append(place)

    def keep(self, kept: Sequence[int]) -> None:
        """Count no limits among those in the program but some, by their place in `places`."""
        self.places = [self.places[row] for row in kept]

    @property
    def raised_mw(self) -> Floats:
        """Limits of all hours and branches in service (H, L), as they are after `lift`."""
        return self._limit_mw

    def lift(self, place: FlowPlace, above_mw: float) -> None:
        """Raise a limit by what the country exceeds it without load."""
        more = above_mw + BROKEN_MW
        if place.outage == NO_OUTAGE:
            self._limit_mw[place.hour, place.branch] += more
        else:
            self._raised_mw[place] = self._raised_mw.get(place, 0.0) + more

    def factor(self, place: FlowPlace) -> Floats:
        """Return the shift factors (N,) of a limit, those of the outage included."""
        key = (place.branch, place.outage)
        if key not in self._factors:
            network = self._network
            row = network.ptdf[place.branch]
            if network.lodf is not None and place.outage != NO_OUTAGE:
                row = row + network.lodf[key] * network.ptdf[place.outage]
            self._factors[key] = row
        return self._factors[key]

    def factors(self) -> Floats:
        """Return the shift factors (R, N) of the limits in the program."""
        rows = [self.factor(place) for place in self.places]
        return np.array(rows).reshape(len(rows), self._network.ptdf.shape[1])

    def hours(self) -> Ints:
        """Return the hour of each limit in the program (R,)."""
        return np.array([place.hour for place in self.places], dtype=np.int64)

    def sides(self, places: Sequence[FlowPlace], load_mw: Floats) -> tuple[Floats, Floats]:
        """Return both sides of some limits over what the program decides.

        Parameters
        ----------
        places : sequence of FlowPlace
            Limits.
        load_mw : ndarray, shape (N,)
            Steady load by bus.
        """
        fixed, limit = np.empty(len(places)), np.empty(len(places))
        for row, place in enumerate(places):
            fixed[row] = self._base_mw(place) - self.factor(place) @ load_mw
            limit[row] = self.limit_mw(place)
        return -limit - fixed, limit - fixed

    def _base_mw(self, place: FlowPlace) -> float:
        """Return the flow with all that is fixed, after the outage."""
        base = self._network.base_mw[place.hour]
        if self._network.lodf is None or place.outage == NO_OUTAGE:
            return float(base[place.branch])
        share = self._network.lodf[place.branch, place.outage]
        return float(base[place.branch] + share * base[place.outage])

    def limit_mw(self, place: FlowPlace) -> float:
        """Return the most MW either way: the rating, or what is exceeded without load."""
        network = self._network
        if network.lodf is None or place.outage == NO_OUTAGE:
            return float(self._limit_mw[place.hour, place.branch])
        rate = float(network.limit_mw[place.hour, place.branch])
        if network.today_mw is not None:
            today = network.today_mw[place.hour]
            share = network.lodf[place.branch, place.outage]
            after = abs(float(today[place.branch] + share * today[place.outage]))
            rate = after + TODAY_SLACK_MW if after > rate else rate
        return rate + self._raised_mw.get(place, 0.0)

    def broken(self, flow_mw: Floats, most: int) -> list[FlowPlace]:
        """Return limits outside the program that are exceeded, the most exceeded first.

        Of the outages of an hour that overload a branch it is the worst one.

        Parameters
        ----------
        flow_mw : ndarray, shape (H, L)
            Flows with all branches in service.
        most : int
            How many limits at most.
        """
        over = np.abs(flow_mw) - self._limit_mw
        outage = np.full(over.shape, NO_OUTAGE)
        known: list[list[FlowPlace]] = [[] for _ in over]
        for place in self.places:  # elastic: what exceeds them is paid for
            known[place.hour].append(place)
            if place.outage == NO_OUTAGE:
                over[place.hour, place.branch] = 0.0
        if self._network.lodf is not None:
            for hour, flow in enumerate(flow_mw):
                worst, exceeded = self._worst_outages(hour, flow, known[hour])
                outage[hour] = np.where(exceeded > over[hour], worst, NO_OUTAGE)
                over[hour] = np.maximum(exceeded, over[hour])
        hours, branches = np.nonzero(over > BROKEN_MW)
        order = np.argsort(-over[hours, branches], kind="stable")
        if self._network.lodf is not None:
            order = order[_rank_within(hours[order]) < _OUTAGES_AN_HOUR]
        order = order[:most]
        found = zip(hours[order], branches[order], outage[hours, branches][order], strict=True)
        return [FlowPlace(int(hour), int(branch), int(out)) for hour, branch, out in found]

    def _worst_outages(
        self, hour: int, flow_mw: Floats, known: Sequence[FlowPlace]
    ) -> tuple[Ints, Floats]:
        """Return the outage that overloads each branch most in an hour, and by how much (L,).

        Hour by hour, and for those branches alone whose own flow and the largest share of another
        one's exceed the rating together: the flows after all outages of six days would be 20
        million for 385 branches.
        """
        network, rate = self._network, self._network.limit_mw[hour]
        worst, most = np.full(len(flow_mw), NO_OUTAGE), np.full(len(flow_mw), -np.inf)
        if network.lodf is None:
            return worst, most
        share = (self._sizes * np.abs(flow_mw).astype(np.float32)).max(axis=1)
        rows = np.flatnonzero(np.abs(flow_mw) + share > rate - _SCREEN_MW)
        if not len(rows):
            return worst, most
        after = self._after_mw(flow_mw, rows) - rate[rows, None]
        if network.today_mw is not None:
            more = self._after_mw(network.today_mw[hour], rows) - rate[rows, None]
            after -= np.where(more > 0.0, more + TODAY_SLACK_MW, 0.0)
        place = np.full(len(flow_mw), -1)
        place[rows] = np.arange(len(rows))
        for (at, branch, outage), raised in self._raised_mw.items():
            if at == hour and place[branch] >= 0:
                after[place[branch], outage] -= raised
        for _, branch, outage in known:
            if outage != NO_OUTAGE and place[branch] >= 0:
                after[place[branch], outage] = -np.inf
        worst[rows] = after.argmax(axis=1)
        most[rows] = after.max(axis=1)
        return worst, most

    def _after_mw(self, flow_mw: Floats, rows: Ints) -> Floats:
        """Return the size of flows of some branches after each outage (R, L); -inf where none is."""
        lodf = self._network.lodf
        if lodf is None:
            return np.full((len(rows), len(flow_mw)), -np.inf)
        after = np.abs(flow_mw[rows, None] + lodf[rows] * flow_mw)
        after[:, ~self._network.considered] = -np.inf
        after[np.arange(len(rows)), rows] = -np.inf
        return after


def _rank_within(group: Ints) -> Ints:
    """Return how many of the same group come before each member.

    Examples
    --------
    >>> _rank_within(np.array([5, 7, 5, 5, 7])).tolist()
    [0, 0, 1, 2, 1]
    """
    order = np.argsort(group, kind="stable")
    first = np.searchsorted(group[order], group[order])
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - first
    return rank
