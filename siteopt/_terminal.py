"""Terminal output: every print of the command line, with control characters escaped.

Signs that a terminal obeys are shown by their codes, and square brackets are no markup of rich.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from siteopt._shown import shown, shown_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

__all__ = ["print_json", "print_rows", "print_table", "say", "warn_in_one_line"]


def say(text: object, *, lines: bool = False, err: bool = False, nl: bool = True) -> None:
    """Print a text.

    Parameters
    ----------
    text : object
        What is printed.
    lines : bool
        Whether it may be several lines.
    err : bool
        Whether it goes to standard error.
    nl : bool
        Whether the line ends after it.
    """
    told = shown(text, lines=lines)
    stream = sys.stderr if err else sys.stdout
    # A terminal that does not know a sign gets its code, too, and no traceback.
    encoding = getattr(stream, "encoding", None) or "utf-8"
    _write(told.encode(encoding, "backslashreplace").decode(encoding), stream, nl=nl)


def _write(told: str, stream: TextIO | None, *, nl: bool) -> None:
    """Write a text to a stream at once; a program without a console has none."""
    if stream is not None:
        stream.write(f"{told}\n" if nl else told)
        stream.flush()


def warn_in_one_line(
    message: Warning | str, category: type[Warning], *_: object, **__: object
) -> None:
    """Print a warning of a library in one line, as a hook of `warnings`; it may quote a file."""
    say(f"siteopt: {category.__name__}: {message}", err=True)


def print_json(dumped: str) -> None:
    r"""Print JSON that says the same and has no sign that a terminal obeys: ``\u009b`` for it."""
    _write(shown_json(dumped), sys.stdout, nl=True)


def print_table(table: pd.DataFrame, title: str) -> None:
    """Print a table as :func:`print_rows` does."""
    print_rows(list(table.columns), table.itertuples(index=False), title)


def print_rows(columns: Sequence[object], rows: Iterable[Sequence[object]], title: str) -> None:
    """Print rows to the width of the terminal; the first column, what others ask by, whole.

    Parameters
    ----------
    columns : sequence
        Names of the columns.
    rows : iterable of sequence
        Values in the order of the columns; None is left empty.
    title : str
        What stands above the table.
    """
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - help answers without the heavy imports
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    # Text, and no str: rich would take brackets in it for markup, and :names: for pictures.
    rich_table = Table(title=Text(shown(title)), box=SIMPLE_HEAD, show_edge=False)
    for place, column in enumerate(columns):
        rich_table.add_column(Text(shown(column)), overflow="fold", no_wrap=place == 0)
    for row in rows:
        rich_table.add_row(*(Text("" if value is None else shown(value)) for value in row))
    Console().print(rich_table)
