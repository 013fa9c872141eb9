"""Progress bar of a count, on standard error."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["count_bar"]

_EVERY_S: Final = 10.0
"""Seconds from line to line where standard error is no terminal."""


@contextmanager
def count_bar(what: str, total: int, *, shown: bool = True) -> Iterator[Callable[[int], None]]:
    """Give what is to be called with how many are done.

    A bar that goes when all are done; where standard error is no terminal, a line now and then.

    Parameters
    ----------
    what : str
        What is counted, in the plural.
    total : int
        How many there are.
    shown : bool
        Whether to say anything.
    """
    if not shown:
        yield lambda _: None
    elif sys.stderr.isatty():
        from rich.console import Console  # noqa: PLC0415 - only where a bar is wanted
        from rich.progress import Progress  # noqa: PLC0415

        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(what, total=total)
            yield lambda done: progress.update(task, completed=done)
    else:
        from siteopt._terminal import say  # noqa: PLC0415 - only where a line is wanted

        begin = time.monotonic()
        said = begin

        def tell(done: int) -> None:
            nonlocal said
            now = time.monotonic()
            if now - said >= _EVERY_S:
                said = now
                line = f"{done:,} of {total:,} {what} after {now - begin:,.0f} s"
                say(line, err=True)

        yield tell
