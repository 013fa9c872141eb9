"""Connection to a Dask scheduler: named on the command line, by the environment, or a client.

Workers and scheduler need the same siteopt, libraries and embedded layers; others are refused.
"""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from siteopt.distribution.cluster_executor import ClusterExecutor, in_task
from siteopt.distribution.identity import differences, identity
from siteopt.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

__all__ = ["ADDRESS", "cluster", "executor", "on_scheduler"]

ADDRESS: Final = "DASK_SCHEDULER_ADDRESS"
"""Variable of the environment that names a scheduler, a setting of Dask's own."""

_PROTOCOLS: Final = ("tcp://", "tls://")
_CONNECT_S: Final = 10.0
"""How long a scheduler may take to answer."""

_WORKERS_S: Final = 30.0
"""How long the first worker may take to register."""

_in_use: list[tuple[int, ClusterExecutor]] = []
"""Process and executor of each scheduler of :func:`on_scheduler`, the last one in force."""


@contextmanager
def on_scheduler(address: str | None) -> Iterator[None]:
    """Context in which tasks go to a scheduler.

    Parameters
    ----------
    address : str or None
        ``tcp://host:port`` or ``tls://host:port`` (certificates by Dask's own settings); None for
        none, and all is as without the context.

    Raises
    ------
    ClusterError
        If Dask is not installed, nobody answers at the address, no worker comes, or a worker has
        another siteopt, other libraries or other embedded layers.
    """
    if address is None:
        yield
        return
    with _connected(address, "--scheduler") as pool:
        entry = (os.getpid(), pool)
        _in_use.append(entry)
        try:
            yield
        finally:
            _in_use.remove(entry)


@contextmanager
def cluster() -> Iterator[ClusterExecutor | None]:
    """Executor of the scheduler in use; None without one, and within a task of a cluster.

    Raises
    ------
    ClusterError
        As :func:`on_scheduler`.
    """
    own = [pool for process, pool in _in_use if process == os.getpid()]
    address = os.environ.get(ADDRESS)
    if in_task():
        yield None
    elif own:
        yield own[-1]
    elif address:
        with _connected(address, ADDRESS) as pool:
            yield pool
    else:
        client = _open_client()
        if client is None:
            yield None
        else:
            _check_workers(client)
            yield ClusterExecutor(client)


@contextmanager
def executor(threads: int) -> Iterator[Executor]:
    """Executor of the scheduler in use, or of threads of this process without one.

    Parameters
    ----------
    threads : int
        Threads without a scheduler.
    """
    with cluster() as pool:
        if pool is not None:
            yield pool
            return
        with ThreadPoolExecutor(max(threads, 1)) as local:
            yield local


def _open_client() -> Client | None:
    """Return the client that the program has opened, None without one."""
    if "distributed" not in sys.modules:
        return None
    from distributed import default_client  # noqa: PLC0415 - an extra

    try:
        client: Client = default_client()
    except ValueError:  # it is loaded, and no client is open
        return None
    return client


@contextmanager
def _connected(address: str, named_by: str) -> Iterator[ClusterExecutor]:
    """Connect to a scheduler whose workers are as this process."""
    if not address.startswith(_PROTOCOLS):
        raise ClusterError(
            f"{named_by}: {address} is no address of a scheduler; write tcp://HOST:PORT or "
            "tls://HOST:PORT"
        )
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ClusterError(
            f"{named_by} is {address}, and Dask is not installed; install siteopt[cluster], or "
            "leave it out"
        ) from error
    try:
        with ThreadPoolExecutor(1) as other:  # a notebook's thread has a loop of its own
            other.submit(asyncio.run, _greet(address)).result()
        client = Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise ClusterError(
            f"{named_by}: no scheduler answers at {address} within {_CONNECT_S:g} s; is `dask "
            "scheduler` running there, and is the port open?"
        ) from error
    with client:
        _check_workers(client)
        pool = ClusterExecutor(client)
        try:
            yield pool
        finally:
            pool.shutdown()


async def _greet(address: str) -> None:
    """Shake hands with a scheduler; OSError where that takes too long.

    A client would wait without end for a port at which something else listens.
    """
    from distributed.comm import connect  # noqa: PLC0415 - an extra
    from distributed.security import Security  # noqa: PLC0415 - an extra

    settings = Security().get_connection_args("client")
    comm = await asyncio.wait_for(connect(address, timeout=_CONNECT_S, **settings), _CONNECT_S)
    await comm.close()


def _check_workers(client: Client) -> None:
    """Raise ClusterError without workers, or where scheduler or a worker differs from here."""
    address = str(client.scheduler.address)
    try:
        client.wait_for_workers(1, timeout=_WORKERS_S)
    except TimeoutError as error:
        raise ClusterError(
            f"{address}: has no worker after {_WORKERS_S:g} s; start some with `dask worker "
            f"{address} --nthreads 1`"
        ) from error
    found = {f"worker {name}": one for name, one in client.run(identity, on_error="return").items()}
    try:
        found["scheduler"] = client.run_on_scheduler(identity)
    except Exception as error:  # noqa: BLE001 - whatever importing siteopt there raised
        found["scheduler"] = error
    for name, one in sorted(found.items()):
        if isinstance(one, BaseException):
            raise ClusterError(
                f"{address}: {name} has no siteopt that can be loaded ({type(one).__name__}: {one}); "
                "install the same one there"
            )
        apart = differences(identity(), one)
        if apart:
            raise ClusterError(
                f"{address}: {name} has another installation ({'; '.join(apart[:4])}); the answer "
                "could be another one, so install the same there"
            )
