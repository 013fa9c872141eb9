"""Ablation factors: the inputs that differ between two sides, each as a switch."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from siteopt.comparison.revisions import RevisionInputs, code_hash
from siteopt.comparison.rows import LayerChange, compare_layer
from siteopt.comparison.scenario_diff import UNSAID
from siteopt.layers.catalogue import file_hash, read_catalogue
from siteopt.layers.schemas import PARAMETER_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Switch", "Switches", "find_switches", "mixed_scenario"]

_KEYS_APART: Final = 6
"""Most changed values of a parameter table that are switched one by one, else the table is."""
_PARCELS: Final = ("candidates", "parcels")


@dataclass(frozen=True, order=True)
class Switch:
    """One input that differs.

    Attributes
    ----------
    kind : {'code', 'layer', 'parameter', 'scenario'}
        What it is.
    name : str
        Layer id, key of a parameter, dotted key of the scenario, or ``siteopt`` for the code.
    path : tuple of str
        Where it is: the keys of the scenario, or the table of a parameter.
    """

    kind: Literal["code", "layer", "parameter", "scenario"]
    name: str
    path: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What people read."""
        return "code" if self.kind == "code" else f"{self.kind} {self.name}"


@dataclass(frozen=True, eq=False)
class Switches:
    """The inputs that differ between two sides.

    Attributes
    ----------
    before, after : RevisionInputs
        The two sides.
    switches : tuple of Switch
        RevisionInputs that an answer can depend on, in order.
    layers : tuple of LayerChange
        Layers whose file differs, also where the answer cannot depend on it.
    """

    before: RevisionInputs
    after: RevisionInputs
    switches: tuple[Switch, ...]
    layers: tuple[LayerChange, ...]


def find_switches(before: RevisionInputs, after: RevisionInputs) -> Switches:
    """Compare the inputs of two sides.

    Parameters
    ----------
    before : RevisionInputs
        The earlier side.
    after : RevisionInputs
        The later side.

    Raises
    ------
    LayerError, LayerFileError
        If a catalogue or a layer that differs cannot be read.
    """
    found: list[Switch] = []
    if before.code != after.code and code_hash(before.code) != code_hash(after.code):
        found.append(Switch("code", "siteopt"))
    changes = list(_layer_changes(before, after))
    for change in changes:
        found += _of_layer(change)
    for path in _differences(_by_id(before.scenario), _by_id(after.scenario)):
        if path[0] in UNSAID or "title" in path or _same_file(path, before, after):
            continue
        is_layer = path[0] == "layers" or path == _PARCELS
        found.append(Switch("layer" if is_layer else "scenario", ".".join(path), path))
    return Switches(before, after, tuple(sorted(found)), tuple(changes))


def mixed_scenario(found: Switches, taken: Iterable[Switch]) -> dict[str, Any]:
    """Return the scenario of the first side with some keys of the second.

    Parameters
    ----------
    found : Switches
        The two sides and their switches.
    taken : iterable of Switch
        Switches set to the later side.
    """
    scenario, other = _by_id(found.before.scenario), _by_id(found.after.scenario)
    for switch in taken:
        if switch.path and switch.kind in {"scenario", "layer"}:
            _take(scenario, other, switch.path)
    plain = _plain(scenario)
    if not isinstance(plain, dict):  # pragma: no cover - a scenario is a table
        raise TypeError("a scenario is a table")
    return plain


def _layer_changes(before: RevisionInputs, after: RevisionInputs) -> Iterator[LayerChange]:
    old, new = read_catalogue(before.data), read_catalogue(after.data)
    for layer_id in sorted({*old.entries, *new.entries}):
        files = [one.path(layer_id) if layer_id in one else None for one in (old, new)]
        if files[0] and files[1] and file_hash(files[0]) == file_hash(files[1]):
            continue
        yield compare_layer(layer_id, *files)


def _of_layer(change: LayerChange) -> list[Switch]:
    """Return a layer as one switch, a parameter table with few changed values as one for each."""
    if not change.matters:
        return []
    rows = change.rows[change.rows["column"] == "value"]
    whole = len(rows) != len(
        change.rows[~change.rows["column"].isin(("source", "confidence", "price_year_basis"))]
    )
    if change.layer not in PARAMETER_TABLES or whole or len(rows) > _KEYS_APART or rows.empty:
        return [Switch("layer", change.layer)]
    return [Switch("parameter", str(key), (change.layer,)) for key in rows["row"]]


def _same_file(path: tuple[str, ...], before: RevisionInputs, after: RevisionInputs) -> bool:
    """Return whether a key names files on both sides that have the same content."""
    if path[0] != "layers" and path != _PARCELS:
        return False
    files = [_at(side.scenario, path) for side in (before, after)]
    there = [Path(str(file)) for file in files if file is not None and Path(str(file)).is_file()]
    return len(there) == len(files) and file_hash(there[0]) == file_hash(there[1])


class _ById(dict[str, Any]):
    """A list of tables that have an ``id``, by it."""


def _by_id(value: Any) -> Any:  # noqa: ANN401 - any part of a scenario
    if isinstance(value, dict):
        return {key: _by_id(item) for key, item in value.items()}
    if isinstance(value, list) and value and all(isinstance(i, dict) and "id" in i for i in value):
        return _ById({str(item["id"]): _by_id(item) for item in value})
    return copy.deepcopy(value)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any part of a scenario
    if isinstance(value, _ById):
        return [_plain(item) for item in value.values()]
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def _differences(
    before: dict[str, Any], after: dict[str, Any], head: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Return the paths of what differs; an item of a list that only one side has is one path."""
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        path = (*head, key)
        whole = isinstance(before, _ById) and (old is None or new is None)
        tables = [item for item in (old, new) if isinstance(item, dict)]
        if tables and not whole and all(isinstance(i, dict) or i is None for i in (old, new)):
            like = type(tables[0])
            yield from _differences(like(old or {}), like(new or {}), path)
        elif old != new:
            yield path


def _at(tree: dict[str, Any], path: tuple[str, ...]) -> Any:  # noqa: ANN401 - any part of a scenario
    found: Any = tree
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _take(scenario: dict[str, Any], other: dict[str, Any], path: tuple[str, ...]) -> None:
    """Set the value at a path as it is in the other scenario."""
    place, there = scenario, other  # _ById keeps its kind where it is made anew
    for key in path[:-1]:
        there = there.get(key, {})
        place = place.setdefault(key, type(there)())
    if path[-1] in there:
        place[path[-1]] = copy.deepcopy(there[path[-1]])
    else:
        place.pop(path[-1], None)
