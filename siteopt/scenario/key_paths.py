"""Keys of a scenario by their dotted path: those there can be, the nearest one, and their values.

A path goes through tables by key (``target.it_mw``), through lists by the number of an entry,
from 0 (``connection.classes.0.facility_max_mw``), or by its id where its entries have one
(``screening.exclusions.slope.threshold``).
"""

from __future__ import annotations

import difflib
import re
from functools import cache
from typing import Any, Final

from siteopt.errors import ScenarioError
from siteopt.scenario.scenario import scenario_schema

__all__ = ["DELETE", "Delete", "key_patterns", "set_at"]


class Delete:
    """A value that takes a key or an entry of a list away; a key with a default gets it back."""

    def __repr__(self) -> str:
        return "siteopt.DELETE"


DELETE: Final = Delete()
"""The value for ``Study.change`` that takes a key or an entry away."""

_Schema = dict[str, Any]
_IDS: Final = ("id", "name", "site_id", "technology")
"""Fields by which an entry of a list is named, in order."""
_ANY: Final = "*"
_ENTRY: Final = "#"


def set_at(raw: dict[str, Any], key: str, value: Any) -> None:  # noqa: ANN401 - checked by the models
    """Set, add or take away what a path names, in the plain values of a scenario.

    Parameters
    ----------
    raw : dict
        Plain values of a whole scenario; changed in place.
    key : str
        Dotted path.
    value : object
        The new value, or `DELETE`.

    Raises
    ------
    ScenarioError
        If there can be no such key, or no such entry is there; the message names the nearest.
    """
    at: Any = raw
    parts = key.split(".")
    kinds = [_schema()]
    for place, part in enumerate(parts):
        below = _below(kinds, part)
        if not below:
            raise ScenarioError(_unknown(key, parts[:place], part, kinds))
        part_at = _index(at, part, parts[:place], value if place + 1 == len(parts) else None)
        if place + 1 < len(parts):
            at = _entered(at, part_at, below, parts[place + 1], raw)
        else:
            _put(at, part_at, value, key)
        kinds = below


def _index(at: Any, part: str, done: list[str], value: Any) -> str | int:  # noqa: ANN401
    """Return the key in a table, or the number of the entry in a list, new ones at its end."""
    if not isinstance(at, list):
        return part
    if part.isascii() and part.isdigit():
        if int(part) > len(at):
            raise ScenarioError(
                f"{'.'.join([*done, part])}: {'.'.join(done)} has {len(at)} entries, counted from "
                f"0; {len(at)} would add one"
            )
        return int(part)
    named = [_name_of(entry) for entry in at]
    if part in named:
        return named.index(part)
    if isinstance(value, dict) and all(isinstance(entry, dict) for entry in at):
        value.setdefault(next((name for name in _IDS if at and name in at[0]), "id"), part)
        return len(at)
    there = ", ".join(name for name in named if name) or "none"
    near = difflib.get_close_matches(part, [name for name in named if name], n=1)
    hint = f"; did you mean {'.'.join([*done, near[0]])}?" if near else ""
    raise ScenarioError(
        f"{'.'.join([*done, part])}: {'.'.join(done)} has no entry {part}{hint} (there are: {there})"
    )


def _name_of(entry: Any) -> str:  # noqa: ANN401 - a scalar or a table
    if not isinstance(entry, dict):
        return str(entry)
    return next((str(entry[name]) for name in _IDS if name in entry), "")


def _entered(at: Any, key: str | int, kinds: list[_Schema], after: str, raw: dict[str, Any]) -> Any:  # noqa: ANN401
    """Return what a key holds, made where it holds no table or list yet."""
    missing = len(at) <= key if isinstance(key, int) else key not in at
    held = None if missing else at[key]
    if isinstance(held, dict | list):
        return held
    is_list = all("items" in kind for kind in kinds if _enters(kind, after))
    made: Any = [] if is_list else {}
    if isinstance(held, int | float) and not isinstance(held, bool) and not is_list:
        # a limit that was one number keeps it from the first year of the plan on
        target = raw["target"]
        made = {min([*target["it_mw_by_year"], target["year"]]): held}
    if missing and isinstance(key, int):
        at.append(made)
    else:
        at[key] = made
    return made


def _put(at: Any, key: str | int, value: Any, path: str) -> None:  # noqa: ANN401
    if isinstance(value, Delete):
        there = key < len(at) if isinstance(key, int) else key in at
        if not there:
            raise ScenarioError(f"{path}: is not there, so it cannot be taken away")
        del at[key]
    elif isinstance(key, int) and key == len(at):
        at.append(value)
    else:
        at[_same_key(at, key)] = value


def _same_key(at: Any, key: str | int) -> Any:  # noqa: ANN401
    """Return the key of a table as it has it: years are numbers there, and words in a path."""
    if isinstance(at, dict) and key not in at:
        return next((own for own in at if str(own) == key), key)
    return key


@cache
def key_patterns() -> tuple[str, ...]:
    """Return every path that ends at a value; ``*`` is a key of one's own, ``#`` an entry."""
    found: dict[str, None] = {}

    def walk(kinds: list[_Schema], path: tuple[str, ...]) -> None:
        for kind in kinds:
            inner = _parts(kind)
            if not inner:
                found[".".join(path)] = None
            for part, below in inner:
                walk(below, (*path, part))

    walk([_schema()], ())
    return tuple(found)


@cache
def _schema() -> _Schema:
    return scenario_schema()


def _resolved(kind: _Schema) -> list[_Schema]:
    """Return the alternatives of a part of the schema, references followed."""
    if "$ref" in kind:
        return _resolved(_schema()["$defs"][kind["$ref"].rsplit("/", maxsplit=1)[-1]])
    for word in ("anyOf", "oneOf", "allOf"):
        if word in kind:
            return [one for inner in kind[word] for one in _resolved(inner)]
    return [kind]


def _parts(kind: _Schema) -> list[tuple[str, list[_Schema]]]:
    """Return what stands below a part of the schema, by key."""
    found = [(name, _resolved(inner)) for name, inner in kind.get("properties", {}).items()]
    free = [*kind.get("patternProperties", {}).values()]
    if isinstance(kind.get("additionalProperties"), dict):
        free.append(kind["additionalProperties"])
    found += [(_ANY, _resolved(inner)) for inner in free]
    if isinstance(kind.get("items"), dict):
        found.append((_ENTRY, _resolved(kind["items"])))
    return found


def _enters(kind: _Schema, part: str) -> bool:
    return any(name in {part, _ANY, _ENTRY} for name, _ in _parts(kind))


def _below(kinds: list[_Schema], part: str) -> list[_Schema]:
    """Return what may stand at a key below some parts of the schema; none where it is unknown."""
    below: list[_Schema] = []
    for kind in kinds:
        named = dict(_parts(kind))
        taken = named.get(part, [*named.get(_ANY, []), *named.get(_ENTRY, [])])
        below += [one for one in taken if one not in below]
    return below


def _unknown(key: str, done: list[str], part: str, kinds: list[_Schema]) -> str:
    head = ".".join(done)
    beside = [name for kind in kinds for name, _ in _parts(kind)]
    if done and not beside:
        what = f"{head} is no group of keys"
    else:
        what = f"unknown key; {head or 'a scenario'} has no {part}"
    return f"{key}: {what}; did you mean {_nearest(key, done, part, beside)}?"


def _nearest(key: str, done: list[str], part: str, beside: list[str]) -> str:
    """Return the valid path that is nearest: a key beside, else the one with the same words."""
    if not beside and done:
        return ".".join(done)
    close = difflib.get_close_matches(part, beside, n=1, cutoff=0.75)
    if close:
        head = [*done, close[0]]
        rest = key.split(".")[len(head) :]
        return ".".join([*head, *rest] if _is_path([*head, *rest]) else head)
    asked = _words(key)

    def likeness(path: str) -> tuple[float, float]:
        words = _words(path)
        shared = sum(
            bool(difflib.get_close_matches(word, words, n=1, cutoff=0.8)) for word in asked
        )
        last = path.replace(f".{_ANY}", "").replace(f".{_ENTRY}", "")
        return shared / len(asked | words), difflib.SequenceMatcher(None, key, last).ratio()

    best = max(key_patterns(), key=likeness)
    return best.replace(_ENTRY, "0").replace(_ANY, "KEY")


def _is_path(parts: list[str]) -> bool:
    kinds = [_schema()]
    for part in parts:
        kinds = _below(kinds, part)
    return bool(kinds)


def _words(path: str) -> set[str]:
    return set(re.findall(r"[^._*#]+", path))
