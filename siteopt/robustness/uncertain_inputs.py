"""Uncertain inputs: which assumptions are drawn, from which range and shape.

A range is that of a parameter's own row (``low``, ``value``, ``high``); its shape follows the
confidence of the row. What has no row, headroom of districts and land prices of places, has a factor
(``uncertainty.csv`` of the data folder, every row of which is an assumption).
"""

from __future__ import annotations

import fnmatch
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy import stats

from siteopt._data import data_folder
from siteopt.errors import LayerError
from siteopt.layers._text import named_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from siteopt._arrays import Floats
    from siteopt.layers import Layers
    from siteopt.layers.parameters import Parameter

__all__ = [
    "LOCAL_KINDS", "Range", "UncertainInput", "UncertaintyRules", "read_rules", "uncertain_parameters",
]  # fmt: skip

UNCERTAINTY: Final = "uncertainty.csv"
"""File of the data folder with shapes, what moves together, what is held, and factors of places."""

LOCAL_KINDS: Final = ("headroom", "land_price", "weights")
"""What has a factor by place, or by criterion, and no row of a parameter table."""

_COLUMNS: Final = ("kind", "key", "low", "high", "note", "confidence")
_SHAPES: Final = ("triangle", "halves")
_KINDS: Final = ("shape", "together", "held", *LOCAL_KINDS)


@dataclass(frozen=True)
class Range:
    """A distribution between two ends about a best value.

    Attributes
    ----------
    low, value, high : float
        Ends and best value, ``low <= value <= high``.
    shape : str
        ``triangle``: triangular, the best value is the likeliest; ``halves``: uniform on either side
        of the best value, which is the median.
    whole : bool
        Whether only whole numbers are drawn (years).
    """

    low: float
    value: float
    high: float
    shape: str
    whole: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether there is only one value."""
        return self.low == self.high

    def quantile(self, unit: Floats) -> Floats:
        """Return the values at probabilities in 0..1 (the inverse of the distribution function).

        Parameters
        ----------
        unit : ndarray
            Probabilities, such as draws of the unit interval.
        """
        if self.is_closed:
            return np.full(np.shape(unit), self.value)
        if self.shape == "triangle":
            width = self.high - self.low
            found = stats.triang.ppf(
                unit, (self.value - self.low) / width, loc=self.low, scale=width
            )
        else:
            ends = [self.low, self.value, self.high]
            found = np.interp(unit, [0.0, 0.5, 1.0], ends)
        values: Floats = np.asarray(np.round(found) if self.whole else found, dtype=np.float64)
        return np.clip(values, self.low, self.high)


@dataclass(frozen=True)
class UncertainInput:
    """One dimension of the draws: a parameter, or several that move together.

    Attributes
    ----------
    name : str
        Key of the parameter; of several, what they have in common.
    ranges : dict of str to Range
        By key of the parameter.
    unit, confidence, source : str
        Of the (first) parameter's row.
    """

    name: str
    ranges: dict[str, Range]
    unit: str
    confidence: str
    source: str


@dataclass(frozen=True)
class UncertaintyRules:
    """Rows of ``uncertainty.csv`` by kind; of several patterns that fit the first counts."""

    shapes: tuple[tuple[str, str], ...]
    """Pattern of a confidence, and the shape of its ranges."""
    together: tuple[str, ...]
    """Patterns of keys that move together."""
    held: tuple[tuple[str, str], ...]
    """Patterns of keys that are not drawn, and why."""
    local: tuple[tuple[str, str, float, float], ...]
    """Kind, pattern, lowest and highest factor."""

    def shape(self, confidence: str) -> str:
        """Return the shape of ranges of a confidence; halves where no pattern fits.

        Parameters
        ----------
        confidence : str
            Of a parameter's row.
        """
        for pattern, shape in self.shapes:
            if fnmatch.fnmatchcase(confidence, pattern):
                return shape
        return "halves"

    def reason_held(self, key: str) -> str | None:
        """Return why a parameter is not drawn, None where it is.

        Parameters
        ----------
        key : str
            Of the parameter.
        """
        for pattern, why in self.held:
            if fnmatch.fnmatchcase(key, pattern):
                return why
        return None

    def factor(self, kind: str, confidence: str) -> Range:
        """Return the range of a factor of places; closed at 1 where no row is for it.

        Parameters
        ----------
        kind : str
            One of `LOCAL_KINDS`.
        confidence : str
            Of what is multiplied.
        """
        for named, pattern, low, high in self.local:
            if named == kind and fnmatch.fnmatchcase(confidence, pattern):
                return Range(low, 1.0, high, "halves")
        return Range(1.0, 1.0, 1.0, "halves")


def read_rules(file: Path | None = None) -> UncertaintyRules:
    """Return the rules by which ranges become distributions.

    Parameters
    ----------
    file : Path, optional
        CSV with ``kind,key,low,high,note,confidence``; that of the data folder by default.

    Raises
    ------
    LayerFileError
        If it cannot be read or lacks a column.
    LayerError
        If a row cannot be right: an unknown kind or shape, or factors that do not hold 1.
    """
    path = file or data_folder() / UNCERTAINTY
    rows = [
        (f"{path.name}, row {number}", row)
        for number, row in named_rows(path, _COLUMNS, "a table of uncertainty")
    ]
    for place, row in rows:
        if row["kind"] not in _KINDS:
            raise LayerError(f"{place}: kind is {row['kind']!r}; it is one of {', '.join(_KINDS)}")
        if row["kind"] == "shape" and row["note"] not in _SHAPES:
            raise LayerError(f"{place}: note is {row['note']!r}; a shape is {' or '.join(_SHAPES)}")
    return UncertaintyRules(
        shapes=tuple((row["key"], row["note"]) for _, row in rows if row["kind"] == "shape"),
        together=tuple(row["key"] for _, row in rows if row["kind"] == "together"),
        held=tuple((row["key"], row["note"]) for _, row in rows if row["kind"] == "held"),
        local=tuple(
            (row["kind"], row["key"], *_factors(row, place))
            for place, row in rows
            if row["kind"] in LOCAL_KINDS
        ),
    )


def _factors(row: dict[str, str], place: str) -> tuple[float, float]:
    """Return the lowest and the highest factor of a row."""
    try:
        low, high = float(row["low"]), float(row["high"])
    except ValueError as error:
        raise LayerError(
            f"{place}: low is {row['low']!r} and high {row['high']!r}; both are numbers"
        ) from error
    if not (math.isfinite(high) and 0.0 <= low <= 1.0 <= high):
        raise LayerError(
            f"{place}: low is {low:g} and high {high:g}; a factor lies about 1: "
            "0 <= low <= 1 <= high"
        )
    return low, high


def uncertain_parameters(
    layers: Layers, read: Iterable[str], rules: UncertaintyRules
) -> tuple[list[UncertainInput], dict[str, str]]:
    """Return the parameters that are drawn, and those that are held with the reason.

    Parameters
    ----------
    layers : Layers
        With the parameters of the scenario.
    read : iterable of str
        Keys that the program rests on.
    rules : UncertaintyRules
        Shapes, what moves together, what is held.

    Returns
    -------
    list of UncertainInput
        In order of name.
    dict of str to str
        Why each other key is held.

    Raises
    ------
    LayerError
        If a row's low lies above its value, or its high below it.
    """
    drawn: dict[str, list[Parameter]] = {}
    held: dict[str, str] = {}
    for key in sorted(set(read)):
        row = layers.parameters.row(key)
        why = "set by the scenario" if row.overridden else rules.reason_held(key)
        if why is None and row.low is None and row.high is None:
            why = "its row has neither low nor high"
        if why is not None:
            held[key] = why
            continue
        group = next((one for one in rules.together if fnmatch.fnmatchcase(key, one)), key)
        drawn.setdefault(group, []).append(row)
    found = [_input(name, rows, rules) for name, rows in sorted(drawn.items())]
    for one in found:
        if all(each.is_closed for each in one.ranges.values()):
            held |= dict.fromkeys(one.ranges, "its range is a single value")
    opened = [one for one in found if not all(each.is_closed for each in one.ranges.values())]
    return opened, dict(sorted(held.items()))


def _input(name: str, rows: Sequence[Parameter], rules: UncertaintyRules) -> UncertainInput:
    ranges = {row.key: _range(row, rules) for row in rows}
    first = rows[0]
    name = first.key if len(rows) == 1 else name
    return UncertainInput(name, ranges, first.unit, first.confidence, first.source)


def _range(row: Parameter, rules: UncertaintyRules) -> Range:
    low = row.value if row.low is None else row.low
    high = row.value if row.high is None else row.high
    if not low <= row.value <= high:
        raise LayerError(
            f"parameters: {row.key} is {row.value:g} with low {low:g} and high {high:g}; a range "
            "holds its value: low <= value <= high"
        )
    in_years = row.unit == "year" and all(float(end).is_integer() for end in (low, row.value, high))
    return Range(low, row.value, high, rules.shape(row.confidence), in_years)


def ranges_table(inputs: Sequence[UncertainInput]) -> pd.DataFrame:
    """Return one row a parameter that is drawn.

    Columns ``input``, ``key``, ``low``, ``value``, ``high``, ``unit``, ``shape``, ``confidence``,
    ``source``.

    Parameters
    ----------
    inputs : sequence of UncertainInput
        What is drawn.
    """
    rows = [
        (one.name, key, each.low, each.value, each.high, one.unit, each.shape, one.confidence,
         one.source)
        for one in inputs
        for key, each in one.ranges.items()
    ]  # fmt: skip
    columns = [
        "input", "key", "low", "value", "high", "unit", "shape", "confidence", "source",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
