"""A cluster of two worker processes on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from siteopt.distribution import on_scheduler


@pytest.fixture(scope="session")
def local_cluster():
    """Scheduler in this process, two workers of one thread in processes of their own."""
    distributed = pytest.importorskip("distributed")
    root = str(Path(__file__).parents[2])  # where workers find the functions of tests
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [root, *sys.path])
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1",
            dashboard_address=":0", silence_logs="CRITICAL",
        ) as cluster:  # fmt: skip
            yield cluster


@pytest.fixture
def on_cluster(local_cluster, monkeypatch):
    """What a test does goes to the cluster."""
    monkeypatch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)
    with on_scheduler(local_cluster.scheduler_address):
        yield local_cluster


@pytest.fixture
def worker_ids(local_cluster):
    """A function that returns the process ids of the workers."""
    from distributed import Client  # noqa: PLC0415 - an extra

    def ids():
        with Client(local_cluster.scheduler_address, set_as_default=False) as client:
            return sorted(client.run(os.getpid).values())

    return ids
