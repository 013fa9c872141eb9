"""Parameters: facts and assumptions of one value each (costs, factors, thresholds), with sources."""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt.errors import LayerError, ScenarioError
from siteopt.layers.price_years import PRICE_YEAR, in_year, is_foreign, is_price

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Parameter", "Parameters"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value of the world.

    Attributes
    ----------
    key : str
        Name, as scenarios write it under ``[parameters]``.
    value : float
        In ``unit``.
    low, high : float or None
        Plausible range, where known.
    unit : str
        Unit of value, low and high.
    kind : str
        ``cost``, ``calc``, ``HARD``, ``assumption`` and so on.
    source : str
        Where it comes from.
    confidence : str
        How far it can be trusted; ``scenario`` where a scenario sets it otherwise.
    overridden : bool
        Whether the scenario sets it.
    price_year : int or None
        Of prices: the year whose money they are in, which is the parameter ``price_year`` (dollars
        stay in the money of their own year).
    price_year_basis : str
        ``stated`` where the source gives the year, ``assumed`` where it does not.
    """

    key: str
    value: float
    low: float | None
    high: float | None
    unit: str
    kind: str
    source: str
    confidence: str
    overridden: bool = False
    price_year: int | None = None
    price_year_basis: str = ""


class Parameters:
    """The ``parameters`` and assumption tables, with the values a scenario sets otherwise.

    All prices in won, their ranges too, are brought to the money of one year: the parameter
    ``price_year``. What a scenario sets is in that money.

    Parameters
    ----------
    tables : iterable of DataFrame
        Columns key, value, low, high, unit, kind, source, confidence and, where there are prices,
        price_year and price_year_basis.
    overrides : mapping of str to float, optional
        ``scenario.parameters``.

    Raises
    ------
    LayerError
        If a key appears twice in the tables, or a price has no year or one without an index.
    ScenarioError
        If an override names an unknown key, is not finite, or is negative where the known range
        is not.

    Examples
    --------
    >>> from siteopt.layers import open_layers
    >>> parameters = open_layers().parameters
    >>> parameters.value("discount_social"), parameters.row("discount_social").source
    (4.5, 'KDI preliminary feasibility')
    """

    def __init__(
        self, tables: Iterable[pd.DataFrame], overrides: Mapping[str, float] | None = None
    ) -> None:
        self._rows: dict[str, Parameter] = {}
        for table in tables:
            for raw in table.to_dict("records"):
                row = _parameter({str(name): cell for name, cell in raw.items()})
                if row.key in self._rows:
                    raise LayerError(
                        f"parameters: key {row.key} appears twice in parameters.csv and the "
                        "assumption tables; keys must be unique"
                    )
                self._rows[row.key] = row
        self._to_one_year(overrides or {})
        for key, value in sorted((overrides or {}).items()):
            self._rows[key] = self._overridden(key, value)

    def _to_one_year(self, overrides: Mapping[str, float]) -> None:
        """Bring all prices to the money of ``price_year``."""
        prices = [row for row in self._rows.values() if is_price(row.unit)]
        for row in prices:
            if row.price_year is None:
                raise LayerError(
                    f"parameters: {row.key} is in {row.unit} and has no price_year; every price "
                    "has the year of its money"
                )
        if not prices:
            return
        values = {key: row.value for key, row in self._rows.items()} | dict(overrides)
        if PRICE_YEAR not in values:
            raise LayerError(
                f"parameters: no key {PRICE_YEAR} in parameters.csv; it is the year whose money all "
                "prices are brought to"
            )
        index = {
            int(found[1]): value
            for key, value in values.items()
            if (found := _INDEX.fullmatch(key)) is not None
        }
        to_year = values[PRICE_YEAR]
        if to_year not in index:
            raise ScenarioError(
                f"parameters.{PRICE_YEAR}: {to_year:g} has no price_index in parameters.csv; "
                + (f"a year from {min(index)} to {max(index)}" if index else "it has none at all")
            )
        for row in prices:
            if not is_foreign(row.unit):
                self._rows[row.key] = _in_money_of(row, int(to_year), index)

    def _overridden(self, key: str, value: float) -> Parameter:
        if key not in self._rows:
            near = difflib.get_close_matches(key, self._rows, n=3)
            hint = (
                f"did you mean {' or '.join(near)}?"
                if near
                else "its name is a key of parameters.csv or of an assumptions table"
            )
            raise ScenarioError(f"parameters.{key}: no such parameter; {hint}")
        row = self._rows[key]
        smallest = row.value if row.low is None else min(row.low, row.value)
        if not math.isfinite(value) or (value < 0 <= smallest):
            raise ScenarioError(
                f"parameters.{key}: {value} {row.unit} cannot be; a finite value of at least 0"
            )
        return Parameter(
            key=key, value=float(value), low=row.low, high=row.high, unit=row.unit, kind=row.kind,
            source=f"scenario (instead of {row.value:g}: {row.source})", confidence="scenario",
            overridden=True, price_year=row.price_year, price_year_basis=row.price_year_basis,
        )  # fmt: skip

    def row(self, key: str) -> Parameter:
        """Return a parameter with its unit, source and confidence; LayerError if unknown."""
        try:
            return self._rows[key]
        except KeyError as error:
            near = difflib.get_close_matches(key, self._rows, n=3)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise LayerError(
                f"parameters: no key {key} in parameters.csv or the assumption tables{hint}"
            ) from error

    def value(self, key: str) -> float:
        """Return the value of a parameter in its own unit; LayerError if unknown."""
        return self.row(key).value

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._rows))

    def __len__(self) -> int:
        return len(self._rows)

    def frame(self) -> pd.DataFrame:
        """Return all parameters as a table in order of key."""
        fields = list(Parameter.__dataclass_fields__)
        return pd.DataFrame(
            [[getattr(self._rows[key], name) for name in fields] for key in self], columns=fields
        )


_INDEX: Final = re.compile(r"price_index_([0-9]{4})")


def _in_money_of(row: Parameter, to_year: int, index: Mapping[int, float]) -> Parameter:
    """Return a price with its range in the money of another year; its source names the year."""
    year = row.price_year
    if year is None or year == to_year:
        return row

    def brought(value: float | None) -> float | None:
        return None if value is None else in_year(value, year, to_year, index)

    return replace(
        row, value=in_year(row.value, year, to_year, index), low=brought(row.low),
        high=brought(row.high), price_year=to_year,
        source=f"{row.source} [{row.value:g} in prices of {year}]",
    )  # fmt: skip


def _parameter(raw: Mapping[str, Any]) -> Parameter:
    cells = {name: None if pd.isna(cell) else cell for name, cell in raw.items()}

    def number(name: str) -> float | None:
        cell = cells.get(name)
        return None if cell is None else float(cell)

    year = number("price_year")

    def text(name: str) -> str:
        return str(cells.get(name) or "")

    value = number("value")
    if value is None:
        raise LayerError(f"parameters: {text('key')} has no value; every key has a number")
    low, high = number("low"), number("high")
    if low is not None and high is not None and low > high:
        raise LayerError(
            f"parameters: {text('key')} in parameters.csv or an assumption table: low {low:g} is above "
            f"high {high:g}; they are the ends of a range"
        )
    return Parameter(
        key=text("key"), value=value, low=low, high=high, unit=text("unit"),
        kind=text("kind"), source=text("source"), confidence=text("confidence"),
        price_year=None if year is None else int(year), price_year_basis=text("price_year_basis"),
    )  # fmt: skip
