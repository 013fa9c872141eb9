"""Scenario sections of electricity: sources and tariff zones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from siteopt.scenario._base import Model, Name, Text
from siteopt.scenario.clean_supply import CleanSupply
from siteopt.scenario.frames import file_of_frame, is_frame
from siteopt.scenario.limits import Percent

__all__ = ["Energy", "TariffZone", "names_file"]


class TariffZone(Model):
    """An area in which a kWh from the grid costs more or less than the tariff."""

    name: Name
    """Short name, used in tables."""
    title: Text | None = None
    """What people read; the name where there is none."""
    area: (
        Annotated[
            list[Annotated[str, Field(pattern=r"^[0-9]{2}([0-9]{3})?$")]], Field(min_length=1)
        ]
        | Annotated[str, Field(min_length=1)]
    )
    """Codes of provinces (two digits) and districts (five digits, of 2022 or 2026); or a polygon
    file; or the id of a polygon layer."""
    delta_krw_kwh: Annotated[float, Field(ge=-500, le=500)]
    """KRW per kWh on top of the tariff; below 0 for a discount."""
    price_year: Annotated[int, Field(ge=1990, le=2100)] | None = None
    """Year whose money the delta is in; that of the run (parameter ``price_year``) by default."""

    @field_validator("area", mode="before")
    @classmethod
    def _frame_is_a_file(cls, given: Any) -> Any:  # noqa: ANN401 - not checked yet
        return str(file_of_frame(given, "zone")) if is_frame(given) else given


class Energy(Model):
    """Where the electricity comes from."""

    matching: Literal["none", "annual", "hourly"] = "none"
    """How the clean share is proven. ``none``: a share of the energy at a mix of prices, wherever
    it comes from. ``annual`` and ``hourly``: the program chooses plants and storage of a finite
    stock (``supply``), which serve that share of the load counted over the year, or hour by hour."""
    clean_share_pct: Percent = 60.0
    """Share of the yearly energy under contracts for new solar and wind (PPA); with a matching the
    share that is to be clean, what counts of the grid included."""
    wind_share_pct: Percent = 40.0
    """Share of wind in those contracts; the rest is solar."""
    offshore_share_pct: Percent = 50.0
    """Share of offshore wind in the wind of those contracts; the rest is onshore."""
    contract_reach_km: Annotated[float, Field(gt=0, le=1000)] | None = None
    """Contracts with plants within this distance only, near ones counting more; none by default:
    with plants of the whole mainland at one price (on Jeju, which has its own grid, of Jeju)."""
    supply: CleanSupply = CleanSupply()
    """What may be contracted, with a matching."""
    zones: list[TariffZone] = []
    """Areas in which the tariff differs."""
    zones_overlap: Literal["error", "sum"] = "error"
    """What holds of a site in several zones: that is an error, or their deltas add up."""

    @model_validator(mode="after")
    def _zones_are_told_apart(self) -> Self:
        names = [zone.name for zone in self.zones]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"names of zones must be unique, but {twice[0]} appears twice")
        return self


def names_file(area: object) -> bool:
    """Return whether the area of a zone is a file; ids of layers have neither suffix nor folder.

    Examples
    --------
    >>> names_file("zones.geojson"), names_file("parks"), names_file(["46"])
    (True, False, False)
    """
    return isinstance(area, str) and bool(Path(area).suffix or Path(area).name != area)
