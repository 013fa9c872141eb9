"""Columns of a recipe: names in the source, units, codes, ranges, and what geometry gives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import Field, field_validator, model_validator

from siteopt.errors import LayerError
from siteopt.lattice import DEGREES_EPSG
from siteopt.layers._rows import seen
from siteopt.scenario._base import Model
from siteopt.sources.fetching.table_files import duplicated, matching

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ColumnRecipe", "columns_of"]

_NOTHING: Final = ("", "-", "–", "—", "nan", "none", "null", "n/a", "해당없음", "미상")
"""What offices write where nothing is known, in small letters."""
_GROUPS: Final = re.compile(r"(?<=\d)[,\s](?=\d{3}(\D|$))")
_KM: Final = 1e-3
_KM2: Final = 1e-6


class ColumnRecipe(Model):
    """Where one of our columns comes from: a column of the source, a fixed value, or geometry."""

    names: list[str] = Field(default_factory=list)
    """What the source has called it, newest first; blanks and case do not count."""
    value: str | float | None = None
    """What stands in every row, where the source has no such column."""
    geometry: Literal["area_km2", "length_km", "lon", "lat"] | None = None
    """What is measured of the shape in EPSG:5179, or where a point inside it lies."""
    number: bool = False
    factor: float = 1.0
    """From the source's unit to ours, for a number."""
    factors: dict[str, float] = Field(default_factory=dict)
    """The same of single names, where the source had the column in several units."""
    per_km2: bool = False
    """Whether the number is divided by the area of the shape."""
    codes: dict[str, str] = Field(default_factory=dict)
    """The source's codes and what they mean; a code that is not here is an error."""
    pattern: str = ""
    """Regular expression; the first group of what it finds is the value, a cell without is an error."""
    prefix: str = ""
    """What is put before the text."""
    nothing: list[str] = Field(default_factory=list)
    """What else means that nothing is known."""
    needed: bool = True
    """Whether the column must be there."""
    filled: bool = False
    """Whether every row must have a value."""
    unique: bool = False
    """Whether a value may stand in one row only."""
    low: float | None = None
    high: float | None = None
    """Range of the numbers, in our unit."""

    @field_validator("pattern")
    @classmethod
    def _is_a_pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"no regular expression ({error})") from error
        return pattern

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        given = [bool(self.names), self.value is not None, self.geometry is not None]
        if sum(given) != 1:
            raise ValueError("a column has names, or a value, or a geometry: one of the three")
        if set(self.factors) - set(self.names):
            raise ValueError(f"factors: {min(set(self.factors) - set(self.names))} is no name")
        return self


def columns_of(
    found: pd.DataFrame, columns: Mapping[str, ColumnRecipe], file: str, first_row: int = 0
) -> dict[str, pd.Series[Any]]:
    """Return our columns of what a file holds.

    Parameters
    ----------
    found : DataFrame or GeoDataFrame
        Rows of the file, shapes in EPSG:5179.
    columns : mapping of str to ColumnRecipe
        Ours.
    file : str
        Its name, for messages.
    first_row : int, optional
        What is added to a label of the index to give the row as people count it: 1 for features,
        0 where the index has the lines of a table.

    Returns
    -------
    dict of str to Series
        In order of the recipe; those that may be missing and are, are left out.

    Raises
    ------
    LayerError
        With file and row, if a column, a code, a number or a range is not as the recipe says.
    """
    made = {}
    where = _Place(found, file, first_row)
    for name, how in columns.items():
        values = _column(where, name, how)
        if values is not None:
            made[name] = values
    return made


@dataclass(frozen=True, slots=True)
class _Place:
    """Rows of a file, and how one is called in messages."""

    found: pd.DataFrame
    file: str
    first_row: int

    def row(self, label: object) -> str:
        return f"{self.file}: row {int(str(label)) + self.first_row}"


def _column(where: _Place, name: str, how: ColumnRecipe) -> pd.Series[Any] | None:
    found, file = where.found, where.file
    if how.value is not None:
        return pd.Series(how.value, index=found.index)
    if how.geometry is not None:
        return _measured(where, name, how)
    there = [str(one) for one in found.columns]
    if (twice := duplicated(how.names, there)) is not None:
        raise LayerError(f"{file}: column {twice} appears twice; give one of them another name")
    source = matching(how.names, there)
    if source is None:
        if not how.needed:
            return None
        raise LayerError(
            f"{file}: no column {' or '.join(how.names)} for {name}; there are {', '.join(there[:20])}"
        )
    values = _known(found[source], how)
    if how.filled and values.isna().any():
        row = where.row(values.index[int(values.isna().to_numpy().argmax())])
        raise LayerError(f"{row}: {source} is empty; every row needs a value")
    values = (_numbers if how.number else _texts)(where, values, source, how)
    if how.unique and (twice_at := values.dropna().duplicated()).any():
        label = twice_at.index[int(twice_at.to_numpy().argmax())]
        raise LayerError(
            f"{where.row(label)}: {source} {seen(str(values[label]))[:40]} appears "
            "twice; each row has its own"
        )
    return values


def _known(values: pd.Series[Any], how: ColumnRecipe) -> pd.Series[Any]:
    """Return cells as text without blanks around, None where nothing is known."""
    nothing = {*_NOTHING, *(one.casefold() for one in how.nothing)}
    texts = [None if pd.isna(one) else _text(one) for one in values]
    return pd.Series(
        [None if one is None or one.casefold() in nothing else one for one in texts],
        index=values.index, dtype=object,
    )  # fmt: skip


def _text(cell: object) -> str:
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    return str(cell).strip()


def _found(where: _Place, values: pd.Series[Any], source: str, how: ColumnRecipe) -> pd.Series[Any]:
    """Return what the pattern finds in each cell."""
    if not how.pattern:
        return values
    pattern = re.compile(how.pattern)
    out = []
    for label, cell in values.items():
        match = None if cell is None else pattern.search(cell)
        if cell is not None and match is None:
            raise LayerError(
                f"{where.row(label)}: {source} is {seen(cell)[:40]!r}; {how.pattern} is not in it"
            )
        out.append(None if match is None else match[1] if pattern.groups else match[0])
    return pd.Series(out, index=values.index, dtype=object)


def _numbers(
    where: _Place, values: pd.Series[Any], source: str, how: ColumnRecipe
) -> pd.Series[Any]:
    values = _found(where, values, source, how)
    plain = _each(values, lambda one: _GROUPS.sub("", one))
    unit = next((f for name, f in how.factors.items() if matching([name], [source])), how.factor)
    numbers = pd.to_numeric(plain, errors="coerce").astype(float)
    bad = values[(numbers.isna() | np.isinf(numbers)) & values.notna()]
    if len(bad):
        raise LayerError(
            f"{where.row(bad.index[0])}: {source} is {seen(str(bad.iloc[0]))[:40]!r}; "
            "a number is needed"
        )
    numbers *= unit
    if how.per_km2:
        numbers /= _areas_km2(where, source)
    low = -np.inf if how.low is None else how.low
    high = np.inf if how.high is None else how.high
    out = numbers[(numbers < low) | (numbers > high)]
    if len(out):
        raise LayerError(
            f"{where.row(out.index[0])}: {source} gives {out.iloc[0]:g}; {low:g} to "
            f"{high:g} is right, is its unit another one?"
        )
    return numbers


def _texts(where: _Place, values: pd.Series[Any], source: str, how: ColumnRecipe) -> pd.Series[Any]:
    values = _found(where, values, source, how)
    if how.codes:
        unknown = sorted({str(one) for one in values.dropna()} - set(how.codes))
        if unknown:
            raise LayerError(
                f"{where.file}: {source} has the code {seen(unknown[0])[:40]!r}; known are "
                f"{', '.join(how.codes)}"
            )
        values = _each(values, how.codes.__getitem__)
    if how.prefix:
        values = _each(values, lambda one: f"{how.prefix}{one}")
    return values


def _each(values: pd.Series[Any], change: Callable[[str], str]) -> pd.Series[Any]:
    """Return what becomes of each text; what is not known stays None."""
    changed = [None if one is None else change(one) for one in values]
    return pd.Series(changed, index=values.index, dtype=object)


def _areas_km2(where: _Place, name: str) -> pd.Series[float]:
    found = where.found
    if not isinstance(found, gpd.GeoDataFrame):
        raise LayerError(f"{where.file}: {name}: a table has no shapes to be measured")
    return pd.Series(found.area * _KM2, index=found.index)


def _measured(where: _Place, name: str, how: ColumnRecipe) -> pd.Series[Any]:
    areas_km2 = _areas_km2(where, name)
    if how.geometry == "area_km2":
        return areas_km2
    shapes = where.found.geometry
    if how.geometry == "length_km":
        return pd.Series(shapes.length * _KM, index=shapes.index)
    inner = gpd.GeoSeries(
        shapely.point_on_surface(shapes.to_numpy()), index=shapes.index, crs=shapes.crs
    ).to_crs(DEGREES_EPSG)
    degrees = inner.x if how.geometry == "lon" else inner.y
    return pd.Series(degrees.round(6), index=shapes.index)
