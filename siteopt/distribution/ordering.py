"""Results of many tasks in their order, with few of them in memory."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor, Future

__all__ = ["in_order"]

_T = TypeVar("_T")


def in_order(
    pool: Executor, function: Callable[..., _T], tasks: Iterable[Any], ahead: int
) -> Iterator[_T]:
    """Bounded map: results in the order of the tasks, few tasks begun ahead of the one waited for.

    ``Executor.map`` submits all tasks at once, and keeps the results that nobody has taken yet.

    Parameters
    ----------
    pool : Executor
        Where tasks are done.
    function : callable
        Called with one task.
    tasks : iterable
        Taken as they are submitted.
    ahead : int
        Tasks that may be under way or done beside the one that is waited for.
    """
    waiting: deque[Future[_T]] = deque()
    try:
        for task in tasks:
            waiting.append(pool.submit(function, task))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
