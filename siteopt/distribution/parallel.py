"""Parallel map: tasks on a cluster where one is in use, else in copies of this process."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from siteopt._processes import side_by_side
from siteopt.distribution.connection import cluster
from siteopt.distribution.ordering import in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["TASKS_AHEAD", "parallel_map"]

_T = TypeVar("_T")

TASKS_AHEAD: Final = 2
"""Tasks of a cluster under way or waiting for each of its cores, so that none waits for us."""


def parallel_map(
    function: Callable[..., _T], shared: tuple[Any, ...], tasks: Sequence[Any], processes: int
) -> list[_T]:
    """Parallel map: the result of a function for every task, in their order.

    Parameters
    ----------
    function : callable
        Of a module; called with all that is shared and one task. Without a cluster it must keep to
        what `siteopt._processes.side_by_side` asks for.
    shared : tuple
        Large values that all tasks need; each goes to a worker once.
    tasks : sequence
        Small values.
    processes : int
        Copies of this process without a cluster.
    """
    with cluster() as pool:
        if pool is not None:
            ahead = TASKS_AHEAD * pool.cores
            return list(in_order(pool, partial(function, *shared), tasks, ahead))
    cores = max(min(processes, len(tasks)), 1)

    def walk(own: Sequence[Any]) -> list[_T]:
        return [function(*shared, task) for task in own]

    parts = side_by_side(walk, [(tasks[core::cores],) for core in range(cores)], cores)
    return [parts[place % cores][place // cores] for place in range(len(tasks))]
