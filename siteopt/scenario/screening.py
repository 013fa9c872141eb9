"""Scenario section of screening: exclusion rules for cells."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import ConfigDict, Field, model_validator

from siteopt.scenario._base import NO_ANSWER, Model
from siteopt.scenario.exclusion_sets import SETS_KEY, exclusion_set_names, with_exclusion_sets
from siteopt.scenario.exclusions import Exclusion, ShapeExclusion, check_shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MEMORY_MB", "Screening", "check_rules"]

MEMORY_MB: Final = 512.0
"""Memory in MB that parts of a grid judged or searched at a time may take, if nothing is set."""


def check_rules(exclusions: Sequence[Exclusion]) -> None:
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


def _check_replacement(exclusion: Exclusion, ids: Sequence[str]) -> None:
    """Raise ValueError if an exclusion replaces itself, an unknown one, or is not optional."""
    if isinstance(exclusion, ShapeExclusion):
        return
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
        check_shapes(self.exclusions, self.cell_m)
        return self
