"""Scenario section of screening: exclusion rules for cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from siteopt.scenario._base import Model, Name, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Above", "Below", "Exclusion", "Far", "Near", "Outside", "Screening", "check_unique_ids",
]  # fmt: skip

_FAR_M: Final = 1_000_000.0
"""No two places of South Korea are farther apart."""


class _Exclusion(Model):
    id: Name
    """Stable id of the reason; its bit in ``eligibility.tif`` is its place in the list."""
    title: Text
    """What people read."""
    optional: bool = False
    """Whether the rule waits for its layer: where the data folder has none, land is not judged by
    it, and the run says that it is not known."""


class Near(_Exclusion):
    """Excludes cells whose centre is within a distance of a feature (0: on or inside it)."""

    kind: Literal["near"]
    layer: str
    """Vector layer (catalogue id or a key of ``[layers]``)."""
    where: dict[str, str | bool | float | list[str] | list[float]] = {}
    """Only features whose columns equal these values (a list: one of them)."""
    buffer_m: Annotated[float, Field(ge=0, le=_FAR_M)] = 0.0
    """Euclidean distance from the feature in metres."""


class Far(_Exclusion):
    """Excludes cells whose centre is farther than a distance from every feature."""

    kind: Literal["far"]
    layer: str
    """Vector layer (catalogue id or a key of ``[layers]``)."""
    where: dict[str, str | bool | float | list[str] | list[float]] = {}
    """Only features whose columns equal these values (a list: one of them)."""
    distance_m: Annotated[float, Field(gt=0, le=_FAR_M)]
    """Euclidean distance in metres."""


class Outside(_Exclusion):
    """Excludes cells whose centre is in no polygon of a layer, and a strip inside its edge."""

    kind: Literal["outside"]
    layer: str
    """Polygon layer (catalogue id or a key of ``[layers]``)."""
    where: dict[str, str | bool | float | list[str] | list[float]] = {}
    """Only features whose columns equal these values (a list: one of them)."""
    buffer_m: Annotated[float, Field(ge=0, le=_FAR_M)] = 0.0
    """Width in metres of the strip inside the polygons that is excluded too."""


class Above(_Exclusion):
    """Excludes cells where a raster is above a threshold."""

    kind: Literal["above"]
    layer: str
    """Raster layer (catalogue id or a key of ``[layers]``)."""
    threshold: float
    """In the unit of the layer (see ``siteopt layers list``)."""
    buffer_m: Annotated[float, Field(ge=0, le=_FAR_M)] = 0.0
    """Euclidean distance from the centres of such cells in metres."""


class Below(_Exclusion):
    """Excludes cells where a raster is below a threshold."""

    kind: Literal["below"]
    layer: str
    """Raster layer (catalogue id or a key of ``[layers]``)."""
    threshold: float
    """In the unit of the layer (see ``siteopt layers list``)."""
    buffer_m: Annotated[float, Field(ge=0, le=_FAR_M)] = 0.0
    """Euclidean distance from the centres of such cells in metres."""


Exclusion = Annotated[Near | Far | Outside | Above | Below, Field(discriminator="kind")]


def check_unique_ids(exclusions: Sequence[_Exclusion]) -> None:
    """Raise ValueError if two exclusions of a list have the same id.

    Parameters
    ----------
    exclusions : sequence of exclusions
        Of one section of a scenario.
    """
    ids = [exclusion.id for exclusion in exclusions]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ValueError(f"exclusion ids must be unique, but {', '.join(twice)} appears twice")


class Screening(Model):
    """Where a data centre may stand."""

    cell_m: Annotated[float, Field(ge=10, le=2000)] = 250.0
    """Side of a screening cell in metres."""
    exclusions: Annotated[list[Exclusion], Field(min_length=1, max_length=31)]
    """Reasons that exclude a cell; every excluded cell keeps all of its reasons."""

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        check_unique_ids(self.exclusions)
        return self
