"""Which scheduler is in use, and what is said where it cannot be."""

from __future__ import annotations

import os
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from siteopt.distribution import ADDRESS, ClusterExecutor, cluster, executor, on_scheduler
from siteopt.distribution import connection as module
from siteopt.distribution.identity import differences, identity
from siteopt.errors import ClusterError


@pytest.fixture(autouse=True)
def no_address(monkeypatch):
    monkeypatch.delenv(ADDRESS, raising=False)


def test_without_a_scheduler_there_are_threads():
    with cluster() as pool, executor(3) as local:
        assert pool is None
        assert isinstance(local, ThreadPoolExecutor)
        assert list(local.map(abs, [-1, -2])) == [1, 2]
    with on_scheduler(None), cluster() as pool:
        assert pool is None


def test_an_address_without_dask_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setenv(ADDRESS, "tcp://127.0.0.1:1")
    with pytest.raises(ClusterError, match=r"DASK_SCHEDULER_ADDRESS is tcp.*siteopt\[cluster\]"):
        cluster().__enter__()
    with pytest.raises(ClusterError, match=r"--scheduler is tcp.*siteopt\[cluster\]"):
        on_scheduler("tcp://127.0.0.1:1").__enter__()


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "http://127.0.0.1:8786", "tcp:/x", ""])
def test_an_address_has_a_form(address):
    with pytest.raises(ClusterError, match=r"^--scheduler: .*write tcp://HOST:PORT"):
        on_scheduler(address).__enter__()


@pytest.mark.parametrize("listens", [False, True], ids=["nobody", "something else"])
def test_nobody_who_answers_is_said_soon(monkeypatch, listens):
    pytest.importorskip("distributed")
    monkeypatch.setattr(module, "_CONNECT_S", 1.0)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        if listens:
            other.listen()
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        begin = time.monotonic()
        with pytest.raises(ClusterError, match=f"no scheduler answers at {address} within 1 s"):
            on_scheduler(address).__enter__()
    assert time.monotonic() - begin < 10.0


def test_a_scheduler_without_workers_is_said(monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(module, "_WORKERS_S", 0.2)
    with (
        distributed.LocalCluster(
            n_workers=0, host="127.0.0.1", dashboard_address=":0", processes=True
        ) as empty,
        pytest.raises(
            ClusterError, match=r"has no worker after 0\.2 s; start some with `dask worker"
        ),
    ):
        on_scheduler(empty.scheduler_address).__enter__()


def other_identity():
    return {**identity(), "numpy": f"1.0.{os.getpid()}"}


def test_workers_with_another_installation_are_refused(local_cluster, monkeypatch):
    monkeypatch.setattr(module, "identity", other_identity)
    with pytest.raises(
        ClusterError,
        match=r"^tcp://.*: worker tcp://.* has another installation \(numpy 1\.0\..*, here",
    ) as raised:
        on_scheduler(local_cluster.scheduler_address).__enter__()
    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("on_cluster")
def test_a_worker_that_came_later_is_refused_by_its_task():
    with cluster() as pool:
        pool._expected = "another"
        try:
            with pytest.raises(ClusterError, match="a worker that joined later has another"):
                pool.submit(os.getpid).result()
        finally:
            pool._expected = module.ClusterExecutor(pool._client)._expected


def test_the_environment_or_an_open_client_names_it_too(local_cluster, monkeypatch):
    distributed = pytest.importorskip("distributed")
    with distributed.Client(local_cluster.scheduler_address), cluster() as pool:
        assert isinstance(pool, ClusterExecutor)
        assert pool.submit(os.getpid).result() != os.getpid()
    with cluster() as pool:
        assert pool is None  # no client is open any more
    monkeypatch.setenv(ADDRESS, local_cluster.scheduler_address)
    with cluster() as pool:
        assert pool.address == local_cluster.scheduler_address


@pytest.mark.usefixtures("on_cluster")
def test_a_copy_of_the_process_does_not_use_the_client_of_the_other(monkeypatch):
    monkeypatch.setattr(module.os, "getpid", lambda: -1)
    with cluster() as pool:
        assert pool is None


def test_the_command_line_says_it_in_one_line(capsys, monkeypatch, tmp_path):
    from siteopt.cli import main  # noqa: PLC0415

    asked = ["siteopt", "run", "national-2035", "--out", str(tmp_path / "x")]
    monkeypatch.setattr(sys, "argv", [*asked, "--scheduler", "10.0.0.1:8786"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith("siteopt: --scheduler: 10.0.0.1:8786 is no address of a scheduler")
    assert told.count("\n") == 1


def test_what_differs_is_named():
    assert differences({"numpy": "2", "python": "3"}, {"numpy": "2", "python": "3"}) == []
    assert differences({"siteopt": "a" * 64}, {}) == ["siteopt is missing, here " + "a" * 12]
    assert {"siteopt", "numpy", "python", "machine", "embedded layers"} <= identity().keys()
