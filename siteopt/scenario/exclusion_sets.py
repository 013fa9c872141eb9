"""Ready sets of exclusions that scenarios share: ``data/exclusions/*.toml``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from siteopt._data import data_folder
from siteopt._plain_data import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SETS_KEY", "exclusion_set_names", "read_exclusion_set", "with_exclusion_sets"]

SETS_KEY: Final = "exclusion_sets"
"""Key of ``[screening]`` that names sets; it stands in files and changes, not in the models."""


def exclusion_set_names() -> list[str]:
    """Return the names of the ready sets, sorted."""
    return sorted(path.stem for path in (data_folder() / "exclusions").glob("*.toml"))


@cache
def read_exclusion_set(name: str) -> tuple[Mapping[str, Any], ...]:
    """Return the exclusions of a ready set as plain values, in the order of its file.

    Parameters
    ----------
    name : str
        One of :func:`exclusion_set_names`.

    Raises
    ------
    ValueError
        If there is no such set.
    """
    names = exclusion_set_names()
    if name not in names:
        raise ValueError(f"{SETS_KEY} names {name!r}; there are {', '.join(names) or 'none'}")
    return tuple(read_toml(data_folder() / "exclusions" / f"{name}.toml")["exclusions"])


def with_exclusion_sets(screening: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section ``[screening]`` with the exclusions of its sets in place of their names.

    They follow those of the section. An exclusion of the section with the id of a ready one stays
    as it is and the ready one is left out; of ``replaces`` those ids are kept that the section
    has, so that a set serves scenarios with fewer approximate exclusions too.

    Parameters
    ----------
    screening : mapping
        As TOML holds it, not checked yet.

    Raises
    ------
    ValueError
        If the names are no list of texts, or there is no such set.
    """
    rest = {key: value for key, value in screening.items() if key != SETS_KEY}
    names, own = screening.get(SETS_KEY, []), rest.get("exclusions", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{SETS_KEY} is a list of names of ready sets")
    if not names or not isinstance(own, list):
        return rest
    taken = {_id_of(rule) for rule in own}
    added: dict[str, dict[str, Any]] = {}
    for name in names:
        for rule in read_exclusion_set(name):
            if rule["id"] not in taken:
                added.setdefault(rule["id"], dict(rule))
    there = taken | set(added)
    for rule in added.values():
        if "replaces" in rule:
            rule["replaces"] = [one for one in _listed(rule["replaces"]) if one in there]
    return rest | {"exclusions": [*own, *added.values()]}


def _id_of(rule: Any) -> str:  # noqa: ANN401 - a table, or an exclusion
    return str(rule.get("id", "") if isinstance(rule, dict) else getattr(rule, "id", ""))


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names
