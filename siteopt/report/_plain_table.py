"""Tables as columns of plain values: what is known of a site, whichever reader has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FrameTable", "PlainTable", "SiteRows", "plain_table"]


class PlainTable(Protocol):
    """A table whose values are text, numbers, true or false; None where one is not known."""

    @property
    def names(self) -> Sequence[str]:
        """Names of the columns."""
        ...

    def column(self, name: str) -> Sequence[Any]:
        """Return the values of a column in the order of the rows; KeyError where there is none."""
        ...

    def row(self, number: int) -> dict[str, Any]:
        """Return the values of a row by column."""
        ...


class FrameTable:
    """A DataFrame as a `PlainTable`; texts that are empty are not known."""

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table

    @cached_property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self._table.columns]

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        from siteopt.report._json_values import clean_column  # noqa: PLC0415 - loads pandas

        return {str(name): clean_column(self._table[name]) for name in self._table.columns}

    def column(self, name: str) -> list[Any]:
        """Return the values of a column; KeyError where there is none."""
        return self._columns[name]

    def row(self, number: int) -> dict[str, Any]:
        """Return the values of a row by column."""
        return {name: values[number] for name, values in self._columns.items()}


def plain_table(table: pd.DataFrame | PlainTable) -> PlainTable:
    """Return a table as plain values.

    Parameters
    ----------
    table : DataFrame or PlainTable
        Any table.
    """
    if hasattr(type(table), "iloc"):  # a DataFrame, told without loading pandas
        return FrameTable(cast("pd.DataFrame", table))
    return cast("PlainTable", table)


class SiteRows(Mapping[str, dict[str, Any]]):
    """Rows of a table by the id of their site, in its order; each is made when it is asked for.

    Parameters
    ----------
    table : PlainTable
        With a column ``site_id``.
    """

    def __init__(self, table: PlainTable) -> None:
        self._table = table
        self._numbers = {str(site): number for number, site in enumerate(table.column("site_id"))}
        self._made: dict[str, dict[str, Any]] = {}

    def __getitem__(self, site_id: str) -> dict[str, Any]:
        """Return the row of a site; KeyError where there is no such site."""
        if site_id not in self._made:
            self._made[site_id] = self._table.row(self._numbers[site_id])
        return self._made[site_id]

    def __contains__(self, site_id: object) -> bool:
        return site_id in self._numbers

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def column(self, name: str) -> list[Any]:
        """Return the values of a column, one a site; KeyError where there is no such column."""
        values = self._table.column(name)
        return [values[number] for number in self._numbers.values()]

    def values_of(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Yield the values of some columns by site, without making rows.

        Parameters
        ----------
        *names : str
            Columns; the values of one that the table lacks are None.
        """
        there = set(self._table.names)
        unknown = [None] * (1 + max(self._numbers.values(), default=-1))
        columns = [self._table.column(name) if name in there else unknown for name in names]
        for number in self._numbers.values():
            yield tuple(column[number] for column in columns)
