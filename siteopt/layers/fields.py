"""Schema classes of a layer: columns, key, geometry and extent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import pandera.pandas as pa

__all__ = ["KOREA", "Field", "LayerSchema", "number", "text", "whole"]

FieldKind = Literal["text", "number", "whole", "flag"]
GeometryKind = Literal["point", "line", "polygon"]

KOREA: Final = (124.0, 32.9, 132.0, 39.0)
"""``(west, south, east, north)`` in degrees: everything of South Korea with a margin."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    Attributes
    ----------
    kind : {'text', 'number', 'whole', 'flag'}
        Text (all codes), float, integer, true/false.
    low, high : float, optional
        Inclusive bounds of numbers.
    nullable : bool
        Whether a cell may be empty.
    pattern : str, optional
        Regular expression that the whole text must match.
    one_of : tuple of str
        Allowed texts; any where empty.
    required : bool
        Whether the column must be there.
    plausible : (float, str), optional
        Largest number, of either sign, that can be, and the likely mistake where one is larger.
    """

    kind: FieldKind
    low: float | None = None
    high: float | None = None
    nullable: bool = False
    pattern: str | None = None
    one_of: tuple[str, ...] = ()
    required: bool = True
    plausible: tuple[float, str] | None = None

    def column(self) -> pa.Column:
        """Return the pandera column."""
        import pandera.pandas as pa  # noqa: PLC0415 - 0.3 s, and only checks need it

        checks = []
        if self.low is not None:
            checks.append(pa.Check.ge(self.low))
        if self.high is not None:
            checks.append(pa.Check.le(self.high))
        if self.pattern is not None:
            checks.append(pa.Check.str_matches(f"^(?:{self.pattern})$"))
        if self.one_of:
            checks.append(pa.Check.isin(self.one_of))
        dtype = {"text": "str", "number": "float64", "whole": "int64", "flag": "bool"}[self.kind]
        return pa.Column(
            dtype, checks=checks, nullable=self.nullable, required=self.required, coerce=True
        )


@dataclass(frozen=True)
class LayerSchema:
    """What one layer must hold.

    Attributes
    ----------
    key : tuple of str
        Columns that identify rows.
    fields : dict of str to Field
        Known columns; others are allowed and kept.
    geometry : {'point', 'line', 'polygon'}, optional
        None for a table.
    bounds : tuple of float
        ``(west, south, east, north)`` in degrees that all coordinates lie in.
    rest : Field, optional
        What every column not named in ``fields`` must hold.
    unplaced : bool
        Whether rows of a CSV layer may leave lon and lat empty; such rows are kept in the file
        and left out of the features.
    """

    key: tuple[str, ...]
    fields: dict[str, Field]
    geometry: GeometryKind | None = None
    bounds: tuple[float, float, float, float] = KOREA
    rest: Field | None = None
    unplaced: bool = False

    @cached_property
    def text_columns(self) -> tuple[str, ...]:
        """Columns that hold text, codes with leading zeros among them."""
        return tuple(name for name, item in self.fields.items() if item.kind == "text")

    @cached_property
    def pandera(self) -> pa.DataFrameSchema:
        """The pandera schema of the named columns; ``rest`` is checked in one go elsewhere."""
        import pandera.pandas as pa  # noqa: PLC0415 - 0.3 s, and only checks need it

        known = {name: item.column() for name, item in self.fields.items()}
        return pa.DataFrameSchema(known, strict=False)


def text(*, nullable: bool = False, pattern: str | None = None, required: bool = True) -> Field:
    """Return a column of text."""
    return Field("text", nullable=nullable, pattern=pattern, required=required)


def number(
    low: float | None = 0.0, high: float | None = None, *, nullable: bool = False,
    required: bool = True,
) -> Field:  # fmt: skip
    """Return a column of numbers, at least 0 unless given otherwise."""
    return Field("number", low, high, nullable=nullable, required=required)


def whole(low: float | None = 0, high: float | None = None) -> Field:
    """Return a column of whole numbers."""
    return Field("whole", low, high)
