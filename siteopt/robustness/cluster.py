"""Work shared out over the workers of a Dask scheduler, where there is one.

There is one where the program has opened a `distributed.Client`, or the environment names its
address (``DASK_SCHEDULER_ADDRESS``, a setting of Dask's own). Workers need the same siteopt.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from siteopt.errors import LayerFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from distributed import Client

__all__ = ["on_cluster"]

_T = TypeVar("_T")

ADDRESS: Final = "DASK_SCHEDULER_ADDRESS"
"""Variable of the environment that names a scheduler."""

_SHARES_A_CORE: Final = 4
"""Shares of work for each core, so that a slow worker does not keep all others waiting."""


def on_cluster(function: Callable[[Sequence[int]], list[_T]], count: int) -> list[_T] | None:
    """Return the results of a function for all numbers below a count; None without a scheduler.

    Parameters
    ----------
    function : callable
        Some numbers -> a result for each; it goes to the workers once, with all that it holds.
    count : int
        How many numbers there are.

    Raises
    ------
    LayerFileError
        If the environment names a scheduler and Dask is not installed.
    """
    with _client() as client:
        if client is None:
            return None
        cores = max(sum(client.ncores().values()), 1)
        shares = max(min(cores * _SHARES_A_CORE, count), 1)
        held = client.scatter(function, broadcast=True, hash=False)
        numbers = [list(range(first, count, shares)) for first in range(shares)]
        tasks = [client.submit(_call, held, own, pure=False) for own in numbers]
        return [one for part in client.gather(tasks) for one in part]


def _call(function: Callable[[Sequence[int]], list[_T]], own: Sequence[int]) -> list[_T]:
    return function(own)


@contextmanager
def _client() -> Iterator[Client | None]:
    """Give the client that is open, or one of the scheduler that the environment names."""
    address = os.environ.get(ADDRESS)
    if address is None and "distributed" not in sys.modules:
        yield None
        return
    try:
        from distributed import Client, default_client  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise LayerFileError(
            f"{ADDRESS} is {address}, and Dask is not installed; install siteopt[cluster], or unset "
            "the variable"
        ) from error
    if address is None:
        try:
            yield default_client()
        except ValueError:  # it is loaded, and no client is open
            yield None
        return
    with Client(address) as client:
        yield client
