"""Work shared out over a Dask scheduler of this process."""

from __future__ import annotations

import sys

import pytest

from siteopt.errors import LayerFileError
from siteopt.robustness.cluster import ADDRESS, on_cluster


def squares(numbers):
    return [(number, number**2) for number in numbers]


def test_without_a_scheduler_there_is_nothing(monkeypatch):
    monkeypatch.delenv(ADDRESS, raising=False)
    monkeypatch.delitem(sys.modules, "distributed", raising=False)
    assert on_cluster(squares, 3) is None


def test_an_address_without_dask_says_what_to_install(monkeypatch):
    monkeypatch.setenv(ADDRESS, "tcp://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(LayerFileError, match=r"DASK_SCHEDULER_ADDRESS is tcp.*siteopt\[cluster\]"):
        on_cluster(squares, 3)


def test_the_workers_of_an_open_client_do_all_of_it(monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.delenv(ADDRESS, raising=False)
    with distributed.Client(
        processes=False, n_workers=2, threads_per_worker=1, dashboard_address=None
    ):
        found = on_cluster(squares, 11)
    assert sorted(found) == [(number, number**2) for number in range(11)]
    assert on_cluster(squares, 3) is None  # no client is open any more
