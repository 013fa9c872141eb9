"""Executor whose tasks are done by the workers of a Dask cluster."""

from __future__ import annotations

import threading
import time
import uuid
from collections import OrderedDict
from concurrent.futures import CancelledError, Executor, Future
from functools import partial
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar, cast

from siteopt.distribution.identity import fingerprint
from siteopt.errors import ClusterError, SiteoptError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Client

__all__ = ["ClusterExecutor", "in_task"]

_T = TypeVar("_T")
_P = ParamSpec("_P")

_SHARED_MOST: Final = 8
"""Shared values that workers keep; the one that was used longest ago goes."""

_LOOK_S: Final = 2.0
"""How often it is looked whether a cluster that gives no result has workers."""

_ALONE_S: Final = 60.0
"""How long a cluster may be without workers: a nanny starts one anew in a few seconds."""


_LARGE: Final = {"distributed.admin.large-graph-warning-threshold": "1 TB"}
"""Dask warns of large values in tasks; here one goes once, in a task of its own."""


class _Task(threading.local):
    """Whether the thread that asks does a task of a cluster."""

    running = False


_task = _Task()


def in_task() -> bool:
    """Return whether this thread does a task of a cluster, which must not wait for others."""
    return _task.running


class _Packed:
    """A pickled value, opened where it is used.

    Dask takes tuples and lists apart to look for results in them; and a worker that cannot open
    what it is sent (a function of a script that it does not have) loses its connection.
    """

    def __init__(self, value: Any) -> None:  # noqa: ANN401 - whatever a task needs
        from distributed.protocol import pickle  # noqa: PLC0415 - an extra

        self._content: bytes = pickle.dumps(value)

    def opened(self) -> Any:  # noqa: ANN401 - whatever a task needs
        """Return the value; ClusterError where its module is not there."""
        from distributed.protocol import pickle  # noqa: PLC0415 - an extra

        try:
            return pickle.loads(self._content)
        except ImportError as error:
            raise ClusterError(
                f"a worker cannot load a task ({error}); give functions of an installed module"
            ) from error


class ClusterExecutor(Executor):
    """Executor of a Dask cluster: :class:`concurrent.futures.Executor` over a client.

    A task that a lost worker had begun is done again by another one. What a
    :func:`functools.partial` holds by place goes to a worker once, not with every task; the
    scheduler keeps it, so that it is not lost with workers. Give it large values only.

    Parameters
    ----------
    client : distributed.Client
        Connected; stays open.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._expected = fingerprint()
        self._shared: OrderedDict[int, tuple[Any, Any]] = OrderedDict()

    @property
    def cores(self) -> int:
        """Tasks that the workers do at the same time, at least 1."""
        return max(sum(int(cores) for cores in self._client.ncores().values()), 1)

    @property
    def cores_of_worker(self) -> int:
        """Tasks that one worker process does at the same time, at most."""
        return max([1, *(int(cores) for cores in self._client.ncores().values())])

    @property
    def address(self) -> str:
        """Address of the scheduler."""
        return str(self._client.scheduler.address)

    def on_every_worker(self, function: Callable[..., _T], *args: Any) -> list[_T]:  # noqa: ANN401 - of the function
        """Return the results of a function, called once in each worker process there is now.

        Parameters
        ----------
        function : callable
            Of a module.
        *args
            Its arguments.
        """
        return [*self._client.run(function, *args).values()]

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Send one task to the cluster.

        Parameters
        ----------
        fn : callable
            A function of a module, or a partial of one.
        *args, **kwargs
            Sent with the task.

        Returns
        -------
        Future
            Its ``result`` raises ClusterError where the cluster is lost.
        """
        function: Callable[..., _T] = fn
        shared: tuple[Any, ...] = ()
        words: dict[str, Any] = dict(kwargs)
        if isinstance(fn, partial):
            function, shared, words = fn.func, fn.args, fn.keywords | kwargs
        name = getattr(function, "__name__", "task").strip("_")
        asked = self._client.submit(
            _carry_out, self._expected, _Packed((function, args, words)),
            *(self._share(value) for value in shared),
            key=f"{name}-{uuid.uuid4()}", pure=False,
        )  # fmt: skip
        future: _ClusterFuture[_T] = _ClusterFuture(self._client, asked)
        asked.add_done_callback(future.take)
        return future

    def _share(self, value: Any) -> Any:  # noqa: ANN401 - whatever tasks share
        """Return a future of Dask that stands for a value."""
        key = id(value)
        if key not in self._shared:
            from dask import config  # noqa: PLC0415 - an extra

            with config.set(_LARGE):
                held = self._client.submit(
                    _unpacked, _Packed(value), key=f"shared-{uuid.uuid4()}", pure=False
                )
            self._shared[key] = (value, held)  # the value too: ids are of living objects
        self._shared.move_to_end(key)
        while len(self._shared) > _SHARED_MOST:
            self._shared.popitem(last=False)
        return self._shared[key][1]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as the base class
        """Let workers drop what was shared; the client stays open."""
        _ = wait, cancel_futures
        self._shared.clear()


class _ClusterFuture(Future[_T]):
    """Future of a task, which does not wait for a cluster without workers."""

    def __init__(self, client: Client, asked: Any) -> None:  # noqa: ANN401 - a future of Dask
        super().__init__()
        self._client, self._asked = client, asked

    def take(self, asked: Any) -> None:  # noqa: ANN401 - a future of Dask
        """Take the result of Dask's future as soon as it is there."""
        if self.cancelled():
            return
        if asked.status == "cancelled":
            super().cancel()
            self.set_running_or_notify_cancel()
            return
        error = asked.exception()
        value = asked.result() if error is None else None
        if not self.set_running_or_notify_cancel():
            return
        if error is not None:
            self.set_exception(error)
        else:
            self.set_result(cast("_T", value))

    def cancel(self) -> bool:
        """Cancel the task on the cluster too."""
        done = super().cancel()
        if done:
            self._asked.cancel()
        return done

    def result(self, timeout: float | None = None) -> _T:
        """Wait for the result.

        Parameters
        ----------
        timeout : float, optional
            Seconds.

        Raises
        ------
        ClusterError
            If the scheduler is lost, no worker is left, or the task ends every worker it is on.
        SiteoptError
            Whatever the task raises.
        """
        end = None if timeout is None else time.monotonic() + timeout
        alone_since: float | None = None
        while True:
            left = _LOOK_S if end is None else min(_LOOK_S, max(end - time.monotonic(), 0.0))
            try:
                return super().result(left)
            except TimeoutError:
                if self.done() or (end is not None and time.monotonic() >= end):
                    raise
                alone_since = self._alone(alone_since)
            except CancelledError as error:
                raise ClusterError(
                    f"{_address(self._client)}: the scheduler was lost; start it again and repeat "
                    "the command, stages that were done are kept"
                ) from error
            except SiteoptError:
                raise
            except Exception as error:
                raise _in_words(error, _address(self._client)) from error

    def _alone(self, since: float | None) -> float | None:
        """Return since when there is no worker; raise ClusterError where that is too long."""
        if self._client.ncores():
            return None
        now = time.monotonic()
        if since is not None and now - since > _ALONE_S:
            address = _address(self._client)
            raise ClusterError(
                f"{address}: no worker is left; start some with `dask worker {address}` and repeat "
                "the command"
            )
        return now if since is None else since


def _address(client: Client) -> str:
    return str(getattr(client.scheduler, "address", "scheduler"))


def _in_words(error: Exception, address: str) -> Exception:
    """Return an error of Dask's as one of ours; others are as they were on the worker."""
    if type(error).__name__ == "KilledWorker":
        last = getattr(getattr(error, "last_worker", None), "address", "a worker")
        return ClusterError(
            f"{address}: a task ended every worker that it was given to, the last one {last}; is "
            "there memory enough on each (`dask worker --memory-limit`)?"
        )
    return error


def _unpacked(packed: _Packed) -> Any:  # noqa: ANN401 - whatever tasks share
    return packed.opened()


def _carry_out(expected: str, packed: _Packed, *shared: Any) -> Any:  # noqa: ANN401 - any task
    """Do a task on a worker; one that came late may have another siteopt."""
    if fingerprint() != expected:
        raise ClusterError(
            "a worker that joined later has another siteopt, other libraries or other embedded "
            "layers; start it from the same installation"
        )
    function, args, words = packed.opened()
    before, _task.running = _task.running, True
    try:
        return function(*shared, *args, **words)
    finally:
        _task.running = before
