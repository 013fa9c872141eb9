"""Work side by side in processes, for code that holds the interpreter's lock."""

from __future__ import annotations

import multiprocessing
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor, wait
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Tally", "side_by_side"]

_T = TypeVar("_T")

_FORKS: Final = sys.platform == "linux"
"""Whether a process can be split in two: a new one would run a user's script once more."""


_inherited: dict[str, Callable[..., Any]] = {}
"""What a copy of this process has been made to do."""

_LOOK_S: Final = 0.2
"""How often the others' progress is looked at when the own part is done."""


def side_by_side(
    function: Callable[..., _T],
    tasks: Sequence[tuple[Any, ...]],
    processes: int,
    meanwhile: Callable[[], None] | None = None,
) -> list[_T]:
    """Return the results of a function for some tuples of arguments, in their order.

    The first task is done here and the others in copies of this process; all of them here where
    there is one core or no way to copy (as in a worker of a cluster). What comes out is the same either way.

    Parameters
    ----------
    function : callable
        Must not use what other threads of this process have locked, nor BLAS or solver threads.
        The copies have it with all that it holds; only arguments and results are pickled.
    tasks : sequence of tuple
        Arguments.
    processes : int
        Cores to use.
    meanwhile : callable, optional
        Called again and again while the others are waited for.
    """
    alone = not _FORKS or multiprocessing.current_process().daemon
    if processes < 2 or len(tasks) < 2 or alone:  # noqa: PLR2004 - more than one
        return [function(*task) for task in tasks]
    context = multiprocessing.get_context("fork")
    workers = min(processes, len(tasks)) - 1
    with warnings.catch_warnings():
        # Python 3.12 warns of any thread; those here (a progress bar) hold nothing that is used.
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        with ProcessPoolExecutor(
            workers, mp_context=context, initializer=_inherit, initargs=(function,)
        ) as pool:
            others = [pool.submit(_call, *task) for task in tasks[1:]]
            own = function(*tasks[0])
            while meanwhile is not None and wait(others, _LOOK_S).not_done:
                meanwhile()
            return [own, *(other.result() for other in others)]


def _inherit(function: Callable[..., Any]) -> None:
    _inherited["function"] = function


def _call(*task: Any) -> Any:  # noqa: ANN401 - as the function that was inherited
    return _inherited["function"](*task)


class Tally:
    """How much is done, counted in all processes.

    Parameters
    ----------
    processes : int
        Processes that count.
    """

    def __init__(self, processes: int) -> None:
        self._own = 0
        self._shared = (
            multiprocessing.get_context("fork").Value("q", 0) if _FORKS and processes > 1 else None
        )

    def add(self) -> None:
        """Count one more."""
        if self._shared is None:
            self._own += 1
            return
        with self._shared.get_lock():
            self._shared.value += 1

    @property
    def done(self) -> int:
        """How much is done."""
        return self._own if self._shared is None else int(self._shared.value)
