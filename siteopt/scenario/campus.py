"""Scenario section of campuses: several adjoining tiles or complexes as one site."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from siteopt.scenario._base import Model

__all__ = ["VOLTAGES_KV", "Campus", "CampusClass"]


VOLTAGES_KV: Final = (345.0, 765.0)
"""Voltages at which a campus may be fed."""


class CampusClass(Model):
    """A voltage at which a campus may be fed, through a substation of its own."""

    voltage_kv: Annotated[float, Field(gt=0)]
    """Nominal voltage of both feeds and of the substation on the campus (345 or 765)."""
    facility_max_mw: Annotated[float, Field(gt=0)]
    """Largest contract power (facility load, not IT load) at this voltage."""


class Campus(Model):
    """Campuses of gigawatts as candidate sites, beside the tiles and complexes or instead."""

    it_min_mw: Annotated[float, Field(gt=0)] = 1000.0
    """Smallest IT load of a campus in MW, with which it opens."""
    it_max_mw: Annotated[float, Field(gt=0)] = 3000.0
    """Largest IT load of a campus in MW."""
    reach_km: Annotated[float, Field(gt=0, le=20)] = 6.0
    """Parts of a campus lie within this distance of its centre."""
    parts_max: Annotated[int, Field(ge=1, le=50)] = 9
    """Most tiles and complexes that a campus is made of."""
    only: bool = False
    """Whether campuses are the only candidates (true), or beside tiles and complexes."""
    feed_km: Annotated[float, Field(gt=0)] = 40.0
    """Stations farther away (great circle) feed no campus."""
    classes: Annotated[list[CampusClass], Field(min_length=1)] = [
        CampusClass(voltage_kv=345.0, facility_max_mw=4000.0),
        CampusClass(voltage_kv=765.0, facility_max_mw=8000.0),
    ]
    """Voltages that are options, in rising order."""

    @model_validator(mode="after")
    def _bounds_are_ordered(self) -> Self:
        if self.it_min_mw > self.it_max_mw:
            raise ValueError(
                f"it_min_mw ({self.it_min_mw:g}) must not exceed it_max_mw ({self.it_max_mw:g})"
            )
        voltages = [item.voltage_kv for item in self.classes]
        strange = sorted(set(voltages) - set(VOLTAGES_KV))
        if strange:
            raise ValueError(
                f"classes: voltage_kv {strange[0]:g}; the voltages of campuses are 345 or 765"
            )
        if voltages != sorted(set(voltages)):
            raise ValueError("classes must stand in rising order of voltage_kv, each once")
        return self
