"""Progress bar of a run by its stages, on standard error."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from siteopt._logging import is_verbose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from siteopt.stages.stage import Stage

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(
    stages: Sequence[Stage[Any]], *, shown: bool
) -> Iterator[Callable[[Stage[Any]], None]]:
    """Give what is to be called with each stage that begins.

    Parameters
    ----------
    stages : sequence of Stage
        Stages of the run, in order.
    shown : bool
        Whether to show a bar.
    """
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
