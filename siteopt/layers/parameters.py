"""Facts and assumptions with one value each: costs, factors, thresholds, with their sources."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from siteopt.errors import LayerError, ScenarioError

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


class Parameters:
    """The ``parameters`` and assumption tables, with the values a scenario sets otherwise.

    Parameters
    ----------
    tables : iterable of DataFrame
        Columns key, value, low, high, unit, kind, source, confidence.
    overrides : mapping of str to float, optional
        ``scenario.parameters``.

    Raises
    ------
    LayerError
        If a key appears twice in the tables.
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
        for key, value in sorted((overrides or {}).items()):
            self._rows[key] = self._overridden(key, value)

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
            overridden=True,
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


def _parameter(raw: Mapping[str, Any]) -> Parameter:
    cells = {name: None if pd.isna(cell) else cell for name, cell in raw.items()}

    def number(name: str) -> float | None:
        cell = cells[name]
        return None if cell is None else float(cell)

    def text(name: str) -> str:
        return str(cells[name] or "")

    value = number("value")
    if value is None:
        raise LayerError(f"parameters: {text('key')} has no value; every key has a number")
    return Parameter(
        key=text("key"), value=value, low=number("low"), high=number("high"), unit=text("unit"),
        kind=text("kind"), source=text("source"), confidence=text("confidence"),
    )  # fmt: skip
