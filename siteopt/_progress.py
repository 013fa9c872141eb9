"""Bars that say how far a run, or a count, has come, on standard error."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from siteopt._logging import is_verbose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from siteopt.stages.stage import Stage

__all__ = ["count_bar", "progress_bar"]

_EVERY_S: Final = 10.0
"""Seconds from line to line where standard error is no terminal."""


@contextmanager
def progress_bar(
    stages: Sequence[Stage[Any]], *, shown: bool
) -> Iterator[Callable[[Stage[Any]], None]]:
    """Give what is to be called with each stage that begins."""
    if not shown or is_verbose():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - only where a bar is wanted
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        TextColumn("{task.description:24}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    places = {stage.name: place for place, stage in enumerate(stages)}
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("checking layers", total=len(stages))

        def show(stage: Stage[Any]) -> None:
            progress.update(task, description=stage.label, completed=places[stage.name])

        yield show
        progress.update(task, completed=len(stages))


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
