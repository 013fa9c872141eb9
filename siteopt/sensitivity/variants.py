"""Variants: parameters and scenario values at the ends of their ranges."""

from __future__ import annotations

import fnmatch
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from siteopt._data import data_folder
from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from siteopt.layers import Layers
    from siteopt.scenario import Scenario

__all__ = ["CHOICES", "Variant", "find_variants", "without_range"]

CHOICES: Final = "sensitivity.csv"
"""File of the data folder with the values of a scenario that are varied, and their ranges."""

_COLUMNS: Final = ("key", "low", "high", "unit", "note")
_WORDS: Final = {"true": True, "false": False}
_LARGEST: Final = 1e12
_NUMBER: Final = re.compile(r"[+-]?(\d{1,300}\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Variant:
    """One value set otherwise.

    Attributes
    ----------
    kind : str
        ``parameter`` or ``scenario``.
    key : str
        Of a parameter table, or a dotted key of the scenario.
    side : str
        ``low`` or ``high``.
    value, base : object
        What it is set to, and what it is in the scenario.
    unit, source, confidence : str
        Of the row that it comes from.
    """

    kind: str
    key: str
    side: str
    value: Any
    base: Any
    unit: str
    source: str
    confidence: str


def find_variants(
    scenario: Scenario,
    layers: Layers,
    read: Iterable[str],
    only: Sequence[str] = (),
    choices: Path | None = None,
) -> list[Variant]:
    """Return what is varied: both ends of every parameter read, and of the scenario's choices.

    An end that is the value in force is no variant.

    Parameters
    ----------
    scenario : Scenario
        What is decided.
    layers : Layers
        As opened for it.
    read : iterable of str
        Keys of the parameters that its plan rests on.
    only : sequence of str
        Keys, or patterns such as ``line*``; all by default.
    choices : Path, optional
        CSV with ``key``, ``low``, ``high``, ``unit``, ``note``: values of the scenario to vary;
        ``sensitivity.csv`` of the data folder by default.

    Raises
    ------
    LayerFileError, ScenarioError
        If the file is not there, lacks a column, or names a key that scenarios do not have; if
        nothing has the name of ``only``.
    """
    found = [
        *_of_parameters(layers, read),
        *_of_scenario(scenario, choices or data_folder() / CHOICES),
    ]
    for pattern in only:
        if not any(fnmatch.fnmatchcase(variant.key, pattern) for variant in found):
            raise ScenarioError(
                f"--only {pattern}: nothing that is varied is called so; parameters are varied that "
                "the plan rests on and whose row has low or high"
            )
    if only:
        found = [
            variant
            for variant in found
            if any(fnmatch.fnmatchcase(variant.key, pattern) for pattern in only)
        ]
    return found


def without_range(layers: Layers, read: Iterable[str]) -> list[str]:
    """Return the parameters read whose rows have neither low nor high, in order of key.

    Parameters
    ----------
    layers : Layers
        Layers of the scenario.
    read : iterable of str
        Parameters read by the run.
    """
    rows = (layers.parameters.row(key) for key in sorted(set(read)))
    return [row.key for row in rows if row.low is None and row.high is None]


def _of_parameters(layers: Layers, read: Iterable[str]) -> list[Variant]:
    found = []
    for key in sorted(set(read)):
        row = layers.parameters.row(key)
        for side, value in (("low", row.low), ("high", row.high)):
            if value is not None and value != row.value:
                found.append(
                    Variant(
                        "parameter",
                        key,
                        side,
                        value,
                        row.value,
                        row.unit,
                        row.source,
                        row.confidence,
                    )
                )
    return found


def _of_scenario(scenario: Scenario, file: Path) -> list[Variant]:
    found = []
    seen: set[str] = set()
    for number, row in enumerate(_choices(file), start=2):
        place, key = f"{file.name}, row {number}", row["key"]
        base = _held(scenario, key, place)
        if key in seen:
            raise ScenarioError(f"{place}: {key} appears twice; one row a key")
        seen.add(key)
        for side in ("low", "high"):
            value = _value(row[side], f"{place}, {side}", base)
            if value is None or value == base:
                continue
            found.append(
                Variant("scenario", key, side, value, base, row["unit"], row["note"], "assumption")
            )
    return found


def _choices(file: Path) -> list[dict[str, str]]:
    from siteopt.layers._text import named_rows  # noqa: PLC0415 - loads the layers

    return [row for _, row in named_rows(file, _COLUMNS, "a list of what is varied")]


def _held(scenario: Scenario, key: str, place: str) -> Any:  # noqa: ANN401 - any value of a scenario
    held: Any = scenario
    for name in key.split("."):
        if name not in getattr(type(held), "model_fields", {}):
            raise ScenarioError(
                f"{place}: {key} is no key of a scenario; see `siteopt scenario schema`"
            )
        held = getattr(held, name)
    return held


def _value(cell: str, place: str, base: object) -> float | bool | str | None:
    """Return what a cell sets, of the kind of what is there; None where it is empty."""
    text = cell.strip()
    if not text:
        return None
    if isinstance(base, bool):
        if text not in _WORDS:
            raise ScenarioError(f"{place}: {text} is neither true nor false")
        return _WORDS[text]
    if text in _WORDS and base is None:
        return _WORDS[text]
    if isinstance(base, str):
        return text
    if not _NUMBER.fullmatch(text) or not math.isfinite(number := float(text)):
        raise ScenarioError(f"{place}: {text} is not a finite number")
    if abs(number) > _LARGEST:
        raise ScenarioError(f"{place}: {text} is larger than any figure of a scenario")
    return int(number) if number.is_integer() and "." not in text else number
