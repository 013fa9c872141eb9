"""``siteopt sensitivity``: the table computed with progress, written, and fitted to the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from siteopt.sensitivity.page import check_file, write_page, write_table
from siteopt.sensitivity.table import sensitivity_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["tabulate"]


def tabulate(  # noqa: PLR0913 - one for each option of the command
    scenario: str,
    *,
    out: Path | None,
    page: Path | None,
    only: Sequence[str],
    choices: Path | None,
    processes: int,
    cache: Path | None,
    tell: Callable[[str], None] | None,
) -> pd.DataFrame:
    """Make the table, write the requested files, and return what to print.

    Parameters
    ----------
    scenario : str
        A scenario file, or the name of a ready one.
    out, page : Path, optional
        CSV and Markdown file.
    only, choices, processes, cache
        As of `siteopt.sensitivity_table`.
    tell : callable, optional
        Called with a line for every plan that was solved.

    Raises
    ------
    LayerFileError
        If a file cannot be written; nothing is solved then.
    """
    for file in (out, page):
        if file is not None:
            check_file(file)

    def report(number: int, count: int, row: dict[str, Any]) -> None:
        if tell is not None:
            tell(f"{number}/{count} {_said(row)}")

    found = sensitivity_table(
        scenario, only=only, choices=choices, cache=cache, processes=processes, tell=report
    )
    if out is not None:
        write_table(found, out)
    if page is not None:
        write_page(found, page)
    return _short(found.table)


def _said(row: dict[str, Any]) -> str:
    """Return a row as a line."""
    head = f"{row['key']} {row['base']} -> {row['value']} {row['unit']}:"
    if "jaccard" not in row:
        return f"{head} {row['status']} ({row['seconds']:.0f} s)"
    return (
        f"{head} {row['status']}, {row['change_bn_krw']:+,.1f}, {row['kept']} of "
        f"{row['base_sites']} sites kept ({row['seconds']:.0f} s)"
    )


def _short(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that fit a screen, as texts."""

    def shown(name: str, form: str) -> pd.Series[str]:
        return table[name].map(lambda value: "" if pd.isna(value) else format(value, form))

    return pd.DataFrame(
        {
            "key": table["key"],
            "base": table["base"].map(str),
            "value": table["value"].map(str),
            "status": table["status"],
            "change_bn_krw": shown("change_bn_krw", "+,.1f"),
            "keeping_bn_krw": shown("keeping_bn_krw", ",.1f"),
            "kept": shown("kept", ".0f") + "/" + table["base_sites"].map(str),
            "jaccard": shown("jaccard", ".2f"),
        }
    )
