"""Replacement of approximate exclusions by finer ones whose layers are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siteopt.scenario import ShapeExclusion

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from siteopt.scenario import Exclusion, LayerExclusion

__all__ = ["Replacement", "RuleUse", "in_force", "rule_use"]


@dataclass(frozen=True, slots=True)
class Replacement:
    """An approximate exclusion, and the finer ones that judge in its place.

    Attributes
    ----------
    approximate : Exclusion
        The exclusion that is not used.
    finer : tuple of Exclusion
        Those that are, in the order of the scenario.
    """

    approximate: Exclusion
    finer: tuple[Exclusion, ...]


@dataclass(frozen=True, slots=True)
class RuleUse:
    """Use of the exclusions of a scenario in a run.

    Attributes
    ----------
    replaced : tuple of Replacement
        Approximate exclusions that finer ones stand in for.
    approximate : tuple of LayerExclusion
        Optional exclusions without a layer whose matter another exclusion judges instead.
    unknown : tuple of LayerExclusion
        Optional exclusions without a layer whose matter is not judged.
    """

    replaced: tuple[Replacement, ...]
    approximate: tuple[LayerExclusion, ...]
    unknown: tuple[LayerExclusion, ...]


def in_force(exclusions: Sequence[Exclusion], available: Collection[str]) -> tuple[Exclusion, ...]:
    """Return the exclusions that judge: the available ones that no available one replaces.

    All available exclusions that replace the same one judge. Replacement is transitive: if *a*
    replaces *b* and *b* replaces *c*, then *a* replaces *c*, be *b* available or not. So a chain
    is an order of precedence.

    Parameters
    ----------
    exclusions : sequence of Exclusion
        Of a scenario, checked: no cycles.
    available : collection of str
        Ids of those whose layer is there.
    """
    replaced = _replaced_by(exclusions)
    return tuple(
        one
        for one in exclusions
        if one.id in available and not any(other in available for other in replaced[one.id])
    )


def rule_use(exclusions: Sequence[Exclusion], applied: Collection[str]) -> RuleUse:
    """Return the replaced and the unknown exclusions of a finished screening.

    Parameters
    ----------
    exclusions : sequence of Exclusion
        Of a scenario, checked.
    applied : collection of str
        Ids of those that judged, of :func:`in_force`.
    """
    replaced_by = _replaced_by(exclusions)
    replaced, approximate, unknown = [], [], []
    for one in exclusions:
        if one.id in applied:
            continue
        finer = tuple(
            other for other in exclusions if other.id in replaced_by[one.id] and other.id in applied
        )
        if finer:
            replaced.append(Replacement(one, finer))
        elif isinstance(one, ShapeExclusion):
            continue  # needs no layer, so that it judges unless it is replaced
        elif _judged_otherwise(one.id, replaced_by, applied):
            approximate.append(one)
        else:
            unknown.append(one)
    return RuleUse(tuple(replaced), tuple(approximate), tuple(unknown))


def _judged_otherwise(
    name: str, replaced_by: dict[str, set[str]], applied: Collection[str]
) -> bool:
    """Return whether one that an exclusion replaces, or another in its place, judges."""
    return any(
        other in applied or any(beside in applied for beside in finer)
        for other, finer in replaced_by.items()
        if name in finer
    )


def _replaced_by(exclusions: Sequence[Exclusion]) -> dict[str, set[str]]:
    """Return for each exclusion all that replace it, directly or through others."""
    found: dict[str, set[str]] = {one.id: set() for one in exclusions}
    replaces = {one.id: one.replaced_ids for one in exclusions}

    def spread(source: str, name: str) -> None:
        for other in replaces[name]:
            found[other].add(source)
            spread(source, other)

    for name in replaces:
        spread(name, name)
    return found
