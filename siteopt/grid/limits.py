"""Branch limits of one snapshot, with all branches in service (N-0) and after single outages (N-1).

The flow on branch l after the outage of branch k is ``flow_l + lodf_lk flow_k``. Its limit is the
larger of the rating and what that outage already causes today. An outage that splits its piece of
the network is left out: what it cuts off has no other supply in the model. So are outages of
DC lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from siteopt.limit_key import branch_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Floats
    from siteopt.grid.system import System


__all__ = [
    "BROKEN_MW", "NO_OUTAGE", "TODAY_SLACK_MW", "BranchLimit", "BranchLimits", "Place", "Security",
]  # fmt: skip

Security = Literal["none", "n-1"]
"""Whether limits hold with all branches in service only, or after any single outage too."""

NO_OUTAGE: Final = -1

BROKEN_MW: Final = 1e-3
"""A limit that is exceeded by more is broken."""

TODAY_SLACK_MW: Final = 1e-2
"""What today's flows may be off by: a limit set to just that leaves no room for rounding."""

_SAME_FACTOR: Final = 1e-7
"""Factors that differ by less belong to one limit."""

_NO_FACTOR: Final = 1e-8
"""Factors below are float dust: 100 GW move less than 1 kW."""


_NO_PRICE: Final = 1e-7
"""MW of an answer per MW of a limit below which the limit does not bind."""


class Place(NamedTuple):
    """Where a limit holds: rows of the branch and of the outage (`NO_OUTAGE`: none)."""

    branch: int
    outage: int


@dataclass(frozen=True)
class BranchLimit:
    """A branch limit that binds, for people."""

    branch_id: str
    outage_id: str
    """The branch that is out, '' with all in service."""
    price: float
    """What one more MW of it would give, in MW of the maximised load."""

    def __str__(self) -> str:
        """Return the branch, and the outage where there is one."""
        return branch_text(self.branch_id, self.outage_id)


class BranchLimits:
    """The limits of a snapshot as rows over what buses put in beyond its own demand.

    Parameters
    ----------
    system : System
        The case.
    drawn_mw : ndarray, shape (N,)
        What buses draw, shunts included.
    """

    def __init__(self, system: System, drawn_mw: Floats) -> None:
        net = system.net
        self.system = system
        pushed = net.incidence().T @ net.shift_mw
        self.flow0_mw: Floats = system.factors.flows(-drawn_mw - pushed) + net.shift_mw
        self.limit_mw = net.rate_mw.copy()
        self.outage_limit_mw: Floats | None = None

    def secure(self, today_mw: Floats) -> None:
        """Add the limits after single outages (N-1).

        Parameters
        ----------
        today_mw : ndarray of float64
            Flows of the cheapest dispatch in MW, shape (L,).
        """
        after = np.abs(self.after_outages(today_mw))
        rate = self.system.net.rate_mw[:, None]
        self.outage_limit_mw = np.where(after > rate, after + TODAY_SLACK_MW, rate)

    def flows(self, put_in_mw: Floats) -> Floats:
        """Return the branch flows (L,) in MW with injections beyond the demand.

        Parameters
        ----------
        put_in_mw : ndarray of float64
            Injection by bus in MW, shape (N,).
        """
        flows: Floats = self.flow0_mw + self.system.factors.flows(put_in_mw)
        return flows

    def after_outages(self, flow_mw: Floats) -> Floats:
        """Return the post-contingency flows (L, L), 0 where an outage is not considered.

        Parameters
        ----------
        flow_mw : ndarray of float64
            Flows before the outage in MW, shape (L,).
        """
        after: Floats = flow_mw[:, None] + self.system.lodf * flow_mw[None, :]
        after[:, self.system.splits] = 0.0
        np.fill_diagonal(after, 0.0)
        return after

    def row(self, place: Place) -> tuple[Floats, float, float]:
        """Return the coefficients over the buses (N,) and both sides of a limit.

        Parameters
        ----------
        place : Place
            Branch, and the outage or none.
        """
        factors = self.system.factors
        row, flow0 = factors.row(place.branch), float(self.flow0_mw[place.branch])
        limit = float(self.limit_mw[place.branch])
        if place.outage != NO_OUTAGE:
            share = float(factors.outages[place.branch, place.outage])
            row = row + share * factors.row(place.outage)
            flow0 += share * float(self.flow0_mw[place.outage])
            if self.outage_limit_mw is not None:
                limit = float(self.outage_limit_mw[place.branch, place.outage])
        row = np.where(np.abs(row) < _NO_FACTOR, 0.0, row)
        return row, -limit - flow0, limit - flow0

    def broken(self, flow_mw: Floats, beyond_mw: float = BROKEN_MW) -> list[Place]:
        """Return the violated limits, of each branch the most violated one, largest first.

        A limit counts as broken where a flow is more than ``beyond_mw`` above it.

        Parameters
        ----------
        flow_mw : ndarray of float64
            Flows in MW, shape (L,).
        beyond_mw : float, optional
            Tolerance in MW.
        """
        over = np.abs(flow_mw) - self.limit_mw
        outage = np.full(len(over), NO_OUTAGE)
        if self.outage_limit_mw is not None:
            after = np.abs(self.after_outages(flow_mw)) - self.outage_limit_mw
            worst = after.argmax(axis=1)
            most = after[np.arange(len(over)), worst]
            outage = np.where(most > over, worst, outage)
            over = np.maximum(over, most)
        found = np.flatnonzero(over > beyond_mw)
        found = found[np.argsort(-over[found], kind="stable")]
        return [Place(int(branch), int(outage[branch])) for branch in found]

    def first_of_twins(self, place: Place) -> Place:
        """Return the same limit under the name that comes first in the case.

        Branches side by side that are alike in all bear the same flow, and where two branches
        share a cut of two, the limit of one with the other out is that of the other with the one
        out; a solver takes any of them.
        """
        place = self._first_alike(place)
        if place.outage == NO_OUTAGE or place.branch < place.outage:
            return place
        twin = Place(place.outage, place.branch)
        (row, low, high), (other, least, most) = self.row(place), self.row(twin)
        for sign, sides in ((1.0, (least, most)), (-1.0, (-most, -least))):
            same = np.allclose(row, sign * other, rtol=0.0, atol=_SAME_FACTOR)
            if same and np.allclose((low, high), sides, rtol=0.0, atol=2 * TODAY_SLACK_MW):
                return twin
        return place

    def _first_alike(self, place: Place) -> Place:
        """Return the place of the first branches that are alike in ends, reactance and rating."""
        alike = self._alike[place.branch]
        if place.outage == NO_OUTAGE:
            return Place(alike[0], NO_OUTAGE)
        if place.outage in alike:
            return Place(alike[0], alike[1])
        return Place(alike[0], self._alike[place.outage][0])

    @cached_property
    def _alike(self) -> list[list[int]]:
        """For each branch all that differ from it in nothing but their ids, in order."""
        net = self.system.net
        groups: dict[tuple[float, ...], list[int]] = {}
        keys = []
        for branch, (a, b) in enumerate(zip(net.from_row, net.to_row, strict=True)):
            # The shift turns with the ends; 0.0 - x has no minus zero.
            shift = float(net.shift_mw[branch]) if a <= b else 0.0 - float(net.shift_mw[branch])
            stiffness, rate = net.stiffness_mw_rad[branch], net.rate_mw[branch]
            keys.append((min(a, b), max(a, b), float(stiffness), shift + 0.0, float(rate)))
            groups.setdefault(keys[-1], []).append(branch)
        return [groups[key] for key in keys]

    def binding(self, places: Sequence[Place], duals: Floats) -> tuple[BranchLimit, ...]:
        """Return the limits with a nonzero dual in a linear program, largest first.

        Parameters
        ----------
        places : sequence of Place
            Limits of the rows.
        duals : ndarray of float64
            Duals of the rows.
        """
        prices: dict[Place, float] = {}
        for place, price in zip(places, np.abs(duals), strict=True):
            if price > _NO_PRICE:
                name = self.first_of_twins(place)
                prices[name] = prices.get(name, 0.0) + float(price)
        found = [self.told(place, price) for place, price in prices.items()]
        return tuple(
            sorted(found, key=lambda item: (-round(item.price, 6), item.branch_id, item.outage_id))
        )

    def told(self, place: Place, price: float) -> BranchLimit:
        """Return a limit for people."""
        names = self.system.net.branch_id
        outage = "" if place.outage == NO_OUTAGE else str(names[place.outage])
        return BranchLimit(str(names[place.branch]), outage, price)
