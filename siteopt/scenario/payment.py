"""Scenario section of payment: who pays for which works of the connection."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from siteopt.scenario._base import Model

__all__ = ["PAYERS", "Payer", "Payment", "Shares"]

Payer = Literal["operator", "kepco", "state"]
"""Who runs the data centre, the grid operator, or the state."""

PAYERS: tuple[Payer, ...] = ("operator", "kepco", "state")
"""All payers, in the order of tables."""

_WHOLE_PCT = 100.0
_TOLERANCE = 1e-6


def _whole(shares: dict[Payer, float]) -> dict[Payer, float]:
    total = sum(shares.values())
    if abs(total - _WHOLE_PCT) > _TOLERANCE:
        raise ValueError(f"the shares of the payers must sum to 100 %, but they sum to {total:g}")
    return shares


Shares = Annotated[
    Annotated[Payer, Tag("[payer]")]
    | Annotated[
        dict[Payer, Annotated[float, Field(ge=0, le=100)]], AfterValidator(_whole), Tag("[shares]")
    ],
    Discriminator(lambda value: "[shares]" if isinstance(value, dict) else "[payer]"),
]
"""One payer, or several with their shares in percent, such as ``{ operator = 50, state = 50 }``."""


class Payment(Model):
    """Who pays for the grid works of a plan; the plan itself has the least cost to all together."""

    substation: Shares = "operator"
    """The customer's substation with its transformers, and the bays of its lines."""
    line: Shares = "operator"
    """The line of the first feed."""
    second_feed: Shares = "operator"
    """The line of the second feed."""
    campus_grid: Shares = "operator"
    """Cables between the parts of a campus."""
    campus_station: Shares = "operator"
    """The 345 or 765 kV substation on a campus."""
    banks: Shares = "kepco"
    """Further 345/154 kV banks at a station that stands."""
    station154: Shares = "kepco"
    """A new 154 kV station with its in-feed."""
    station345: Shares = "kepco"
    """A new 345 kV station at a line that stands."""

    def shares_pct(self, kind: str) -> dict[Payer, float]:
        """Return what part of a kind of works each payer bears, in percent.

        Parameters
        ----------
        kind : str
            A field of this section.
        """
        given: Payer | dict[Payer, float] = getattr(self, kind)
        return {given: _WHOLE_PCT} if isinstance(given, str) else dict(given)
