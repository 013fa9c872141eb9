"""Lookup of a place by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siteopt._shown import shown
from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from siteopt.report.places.index import Place, PlaceIndex

__all__ = ["one_place"]

_LISTED: Final = 8
"""Places of a name that an error lists."""


def one_place(name: str, index: PlaceIndex, otherwise: str) -> Place:
    """Return the one place that a name means.

    Parameters
    ----------
    name : str
        As somebody wrote it.
    index : PlaceIndex
        Of the run.
    otherwise : str
        What else would be right, for the error where no place has the name.

    Raises
    ------
    ScenarioError
        If no place has the name, or more than one has it, or begins with it or contains it.
    """
    found, whole = index.find(name)
    if len(found) == 1:
        return found[0]
    said = shown(name)
    if not found:
        raise ScenarioError(f"{said}: no site of this run and no place of that name; {otherwise}")
    listed = ", ".join(
        f"{shown(one.label)} ({one.kind} {shown(one.key)})" for one in found[:_LISTED]
    )
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    what = "places have this name" if whole else "places have this in their name"
    raise ScenarioError(
        f"{said}: {len(found)} {what}: {listed}{more}; give the units above it too, such as "
        f"{shown(found[0].label)}"
    )
