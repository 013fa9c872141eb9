"""Scenario sections of post-optimal analysis: alternatives, trade-offs, reasons."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from siteopt.scenario._base import Model

__all__ = ["Alternatives", "DistinctBy", "MeasureName", "Reasons", "Tradeoffs"]

DistinctBy = Literal["place", "district", "station", "site"]
"""What makes a site another one: district and station, one of them, or the site itself."""

MeasureName = Literal["carbon", "water", "reinforcement", "balance", "suitability"]
"""tCO2 a year, m3 of water a day, bn KRW of lines and banks, the largest share of a province in
percent of the target (all of them the less the better), mean suitability of a MW (the more)."""


class Alternatives(Model):
    """Other plans that cost little more and have other sites."""

    within_pct: Annotated[list[Annotated[float, Field(gt=0, le=50)]], Field(max_length=5)] = [
        1.0,
        2.0,
        5.0,
    ]
    """Cost ceilings of alternatives, in percent above the best cost; none where empty."""
    plans: Annotated[int, Field(ge=0, le=5)] = 2
    """Plans per cost ceiling, each as different as can be from the best one and those before."""
    time_limit_s: Annotated[float, Field(gt=0)] = 40.0
    """Wall time for all of them; what is not settled by then is marked so."""
    distinct_by: DistinctBy = "place"
    """What makes a site another one than those of the plans before: "place", that it is in
    another district (시군구) and at another station than all of them; "district" or "station"
    alone; "site", that it is none of them, even if it is the neighbour a kilometre away."""
    gap: Annotated[float, Field(ge=0, le=0.1)] = 1e-4
    """Relative gap at which a plan counts as the cheapest of those that differ as much."""

    @field_validator("within_pct")
    @classmethod
    def _each_once(cls, value: list[float]) -> list[float]:
        if len(set(value)) < len(value):
            raise ValueError("each level stands once")
        return sorted(value)


class Reasons(Model):
    """Further analysis of limits and of sites not chosen; each takes programs of its own."""

    prices_time_limit_s: Annotated[float, Field(ge=0)] = 0.0
    """Wall time for what one more unit of every limit that binds is worth; 0 for none."""
    headroom_time_limit_s: Annotated[float, Field(ge=0)] = 0.0
    """Wall time for how much more headroom the best other sites need to be chosen; 0 for none."""


class Tradeoffs(Model):
    """How much cost a better figure of another kind takes, point by point."""

    measures: list[MeasureName] = []
    """Measures to weigh against cost: tCO2 and water a year or day, reinforcement of the
    grid, balance between provinces, suitability. Each takes a dozen programs or more."""
    points: Annotated[int, Field(ge=0, le=20)] = 5
    """Number of points between the best cost and the best measure, evenly spaced."""
    time_limit_s: Annotated[float, Field(gt=0)] = 120.0
    """Wall time for each measure; what is not settled by then is marked so."""
    gap: Annotated[float, Field(ge=0, le=0.1)] = 1e-4
    """Relative gap at which a point counts as proven."""
