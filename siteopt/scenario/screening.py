"""Scenario section of screening: exclusion rules for cells."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from siteopt.scenario._base import NO_ANSWER, Model, Name, Text
from siteopt.scenario.exclusion_sets import SETS_KEY, exclusion_set_names, with_exclusion_sets

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "MEMORY_MB", "Above", "Below", "Exclusion", "Far", "Near", "Outside", "Screening",
    "check_rules",
]  # fmt: skip

MEMORY_MB: Final = 512.0
"""Memory in MB that parts of a grid judged or searched at a time may take, if nothing is set."""

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
    replaces: Name | list[Name] = []
    """Ids of approximate exclusions that this one, where its layer is there, judges in place of;
    needs ``optional = true``."""
    obtain: Annotated[str, Field(pattern=r"^(fetch|take) [a-z][a-z0-9_]*$")] | None = None
    """How ``siteopt layers`` brings the layer: ``fetch`` or ``take`` and the name of a recipe."""

    @property
    def replaced_ids(self) -> tuple[str, ...]:
        """Ids of the exclusions that this one names in ``replaces``."""
        return (self.replaces,) if isinstance(self.replaces, str) else tuple(self.replaces)


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


def check_rules(exclusions: Sequence[_Exclusion]) -> None:
    """Raise ValueError unless ids are unique and replacements name other rules without a cycle.

    Parameters
    ----------
    exclusions : sequence of exclusions
        Of one section of a scenario.
    """
    ids = [exclusion.id for exclusion in exclusions]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ValueError(f"exclusion ids must be unique, but {', '.join(twice)} appears twice")
    for exclusion in exclusions:
        _check_replacement(exclusion, ids)
    _check_no_cycle({exclusion.id: exclusion.replaced_ids for exclusion in exclusions})


def _check_replacement(exclusion: _Exclusion, ids: Sequence[str]) -> None:
    """Raise ValueError if an exclusion replaces itself, an unknown one, or is not optional."""
    for name in exclusion.replaced_ids:
        if name == exclusion.id:
            raise ValueError(
                f"exclusion {name} replaces itself; replaces names an approximate exclusion that "
                "serves where the layer of this one is not there"
            )
        if name not in ids:
            close = difflib.get_close_matches(name, ids, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ValueError(
                f"exclusion {exclusion.id} replaces {name}, which is no exclusion here{hint} "
                f"(there are: {', '.join(ids)})"
            )
    if exclusion.replaced_ids and not exclusion.optional:
        raise ValueError(
            f"exclusion {exclusion.id} replaces {', '.join(exclusion.replaced_ids)} but is not "
            "optional, so that these would never apply; set optional = true, or take them out"
        )


def _check_no_cycle(replaced: dict[str, tuple[str, ...]]) -> None:
    """Raise ValueError if exclusions replace one another in a cycle (depth-first search)."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            cycle = " -> ".join([*path[path.index(name) :], name])
            raise ValueError(f"exclusions replace one another in a cycle: {cycle}")
        if name in done:
            return
        for other in replaced[name]:
            visit(other, (*path, name))
        done.add(name)

    for name in replaced:
        visit(name, ())


def _schema_with_sets(schema: dict[str, Any]) -> None:
    """Add to the JSON schema the key that stands in files alone."""
    schema["properties"][SETS_KEY] = {
        "type": "array", "items": {"enum": exclusion_set_names()}, "default": [],
        "description": "Ready exclusions that follow those of the scenario; an exclusion of the "
        "scenario with the id of a ready one is in its place.",
    }  # fmt: skip


class Screening(Model):
    """Where a data centre may stand."""

    model_config = ConfigDict(json_schema_extra=_schema_with_sets)

    cell_m: Annotated[float, Field(ge=10, le=2000)] = 250.0
    """Side of a screening cell in metres."""
    memory_mb: Annotated[float, Field(ge=16, le=1_000_000), NO_ANSWER] = MEMORY_MB
    """Memory in MB that the parts of the grid judged or searched at the same time may take, beside
    layers and answer. It moves no cell and no site."""
    exclusions: Annotated[list[Exclusion], Field(min_length=1, max_length=200)]
    """Reasons that exclude a cell; every excluded cell keeps all of its reasons. Of those whose
    layer is there at most 31 can be told apart."""

    @model_validator(mode="before")
    @classmethod
    def _sets_are_exclusions(cls, given: Any) -> Any:  # noqa: ANN401 - not checked yet
        return with_exclusion_sets(given) if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _rules_are_sound(self) -> Self:
        check_rules(self.exclusions)
        return self
