"""Results of stages that a worker of a cluster keeps and hands over: the machines share no disk."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from siteopt._files import write_whole
from siteopt.errors import ClusterError, SiteoptError
from siteopt.runs.known_run import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from siteopt.distribution import ClusterExecutor
    from siteopt.scenario import Scenario

__all__ = ["check_inputs", "take_results", "with_new_results", "worker_cache"]

_T = TypeVar("_T")


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Return the folder of this process, which goes with it."""
    return tempfile.TemporaryDirectory(prefix="siteopt-worker-")


def worker_cache() -> Path:
    """Return the folder in which this worker process keeps results of stages."""
    return Path(_folder().name) / "cache"


def with_new_results(work: Callable[[], _T]) -> tuple[_T, dict[str, bytes]]:
    """Do a piece of work on a worker; return what came of it and the files that it kept.

    Parameters
    ----------
    work : callable
        Keeps its results in :func:`worker_cache`.
    """
    before = set(_files(worker_cache()))
    found = work()
    fresh = sorted(set(_files(worker_cache())) - before)
    return found, {name: (worker_cache() / name).read_bytes() for name in fresh}


def take_results(files: Mapping[str, bytes], cache_folder: Path) -> None:
    """Put results of a worker into the folder of results here.

    Parameters
    ----------
    files : mapping
        Of :func:`with_new_results`.
    cache_folder : Path
        As of :func:`siteopt.run`.
    """
    for name, content in files.items():
        path = cache_folder / name
        for place in (cache_folder, path.parent.parent, path.parent):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, content, private=True)


def check_inputs(pool: ClusterExecutor, scenarios: Sequence[Scenario]) -> None:
    """Raise ClusterError where a worker reads other files for a scenario than this machine.

    Parameters
    ----------
    pool : ClusterExecutor
        The cluster.
    scenarios : sequence of Scenario
        Whose data folder and files are compared, by content.
    """
    for scenario in scenarios:
        if set(pool.on_every_worker(_fingerprint, scenario)) != {fingerprint(scenario)}:
            raise ClusterError(
                f"{scenario.name}: a worker has not the same layer files under the same paths; put "
                "the data folder and the user's own files there, or on a disk that all share"
            )


def _fingerprint(scenario: Scenario) -> str:
    try:
        return fingerprint(scenario)
    except SiteoptError:
        return ""


def _files(folder: Path) -> list[str]:
    """Return what is kept, without what is being written."""
    return [
        path.relative_to(folder).as_posix()
        for part in ("objects", "traces")
        for path in folder.glob(f"{part}/*/*")
        if not path.name.endswith(".part")
    ]
