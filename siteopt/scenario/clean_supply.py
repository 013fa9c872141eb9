"""Scenario section of clean supply: what may be contracted, and how it is matched to the load."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from siteopt.scenario._base import Model
from siteopt.scenario.energy_supply import Potential
from siteopt.scenario.limits import Percent

__all__ = ["CleanSupply"]


class CleanSupply(Model):
    """Clean supply of all sites together, as far as `Energy.matching` asks for it."""

    storage: bool = True
    """Whether contracts may come with batteries."""
    grid_counts: Literal["carbon_free", "renewable", "nothing"] = "carbon_free"
    """What of the grid's own generation counts in the hours in which a site draws on it: nuclear,
    sun and wind; sun and wind; or nothing but contracts."""
    excess_max_pct: Annotated[float, Field(ge=0, le=1000)] = 25.0
    """Most energy under contract that is sold on, in percent of the load's energy."""
    build: Literal["current", "ambitious"] = "current"
    """How much is built a year: what auctions brought lately, or what they offer and aim at."""
    existing_share_pct: Percent = 10.0
    """Share of the plants that run today which can be contracted."""
    licensed_share_pct: Percent = 30.0
    """Share of the licensed projects without an award that run by the year of the plan."""
    flexible_share_pct: Percent = 0.0
    """Share of the load that can move within its day. The replay of the year keeps the load steady,
    so that what it says of a flexible load is a lower bound."""
    flexible_between_sites: bool = False
    """Whether that share can also move from site to site."""
    typical_days: Annotated[int, Field(ge=1, le=17)] = 6
    """Days of the year that the program sees; the plan is replayed over all of them."""
    year_margin: bool = True
    """Whether the typical days are asked for more, until a replay of a reference load over all hours
    of the year keeps the clean share; else the share is that of the typical days."""
    zones: Annotated[int, Field(ge=1, le=193)] = 30
    """Groups of buses by what they do to the branches, in which supply is counted together."""
    curve: bool = True
    """Whether a run tells what each clean share costs, beside its own."""
    curve_pct: Annotated[list[Percent], Field(min_length=1, max_length=101)] = [
        0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100,
    ]  # fmt: skip
    """Clean shares of that curve in percent."""
    potentials: list[Potential] = []
    """Land for new solar and onshore wind, one block a technology; no new plants of one that has
    none."""

    @model_validator(mode="after")
    def _one_block_a_technology(self) -> Self:
        names = [one.technology for one in self.potentials]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"potentials: technology {twice[0]} appears twice; one block each")
        return self
