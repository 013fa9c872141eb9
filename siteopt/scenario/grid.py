"""Scenario section of the grid: snapshots, security, version of the impact assessment."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from siteopt.scenario._base import Model, Name, Text

__all__ = ["Grid", "SnapshotChoice"]


class SnapshotChoice(Model):
    """An hour in which the grid is tested: one of the ``snapshots`` layer, or one of a typical day.

    With ``id`` alone it is that of the layer. With ``day_id``, ``hour`` and ``title`` it is an
    hour of the embedded profiles.
    """

    id: Name
    """Id of a snapshot of the layer, or a new one."""
    title: Text | None = None
    """What people read; only and always with ``day_id``."""
    day_id: str | None = None
    """Typical day (``typical_days`` layer) that the hour belongs to."""
    hour: Annotated[int, Field(ge=1, le=24)] | None = None
    """Hour of that day, 1 to 24; hour 1 ends at one o'clock."""
    solar_and_wind: bool | None = None
    """Whether solar and wind count, free to curtail (default with ``day_id``: yes)."""

    @model_validator(mode="after")
    def _whole_or_by_id(self) -> Self:
        wanted = {"title": self.title, "hour": self.hour}
        if self.day_id is None:
            given = [
                name
                for name, value in {**wanted, "solar_and_wind": self.solar_and_wind}.items()
                if value is not None
            ]
            if given:
                raise ValueError(
                    f"snapshot {self.id}: {given[0]} is given without day_id; give day_id, hour "
                    "and title for an hour of a typical day, or id alone for one of the layer"
                )
            return self
        missing = [name for name, value in wanted.items() if value is None]
        if missing:
            raise ValueError(
                f"snapshot {self.id}: {missing[0]} is missing; an hour of a typical day needs "
                "day_id, hour and title"
            )
        return self


class Grid(Model):
    """How the grid is tested."""

    flow_limits: bool = True
    """Whether the branches of the grid case limit what all sites together can draw."""
    security: Literal["none", "n-1"] = "none"
    """Whether those limits must also hold after any single outage of a branch."""
    snapshots: list[SnapshotChoice] = []
    """Hours in which the grid is tested, in order; all of the ``snapshots`` layer where empty."""
    impact_version: str = "draft-2024"
    """Version of the scoring table (``grid_impact_scoring`` layer) of the impact assessment."""

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [choice.id for choice in self.snapshots]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"snapshot ids must be unique, but {twice[0]} appears twice")
        return self
