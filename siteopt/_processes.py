"""Work side by side in processes, for code that holds the interpreter's lock."""

from __future__ import annotations

import multiprocessing
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["side_by_side"]

_T = TypeVar("_T")

_FORKS: Final = sys.platform == "linux"
"""Whether a process can be split in two: a new one would run a user's script once more."""


def side_by_side(
    function: Callable[..., _T], tasks: Sequence[tuple[Any, ...]], processes: int
) -> list[_T]:
    """Return the results of a function for some tuples of arguments, in their order.

    The first task is done here and the others in copies of this process; all of them here where
    there is one core or no way to copy. What comes out is the same either way.

    Parameters
    ----------
    function : callable
        Must not use what other threads of this process have locked, nor BLAS or solver threads.
    tasks : sequence of tuple
        Arguments.
    processes : int
        Cores to use.
    """
    if processes < 2 or len(tasks) < 2 or not _FORKS:  # noqa: PLR2004 - more than one
        return [function(*task) for task in tasks]
    context = multiprocessing.get_context("fork")
    workers = min(processes, len(tasks)) - 1
    with warnings.catch_warnings():
        # Python 3.12 warns of any thread; those here (a progress bar) hold nothing that is used.
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            others = [pool.submit(function, *task) for task in tasks[1:]]
            return [function(*tasks[0]), *(other.result() for other in others)]
