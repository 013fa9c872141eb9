"""What a worker keeps of stages comes as files, and a worker with other layers is refused."""

from __future__ import annotations

import pytest

from siteopt.errors import ClusterError
from siteopt.runs import worker_cache
from siteopt.scenario import load_scenario


def test_results_of_a_worker_come_as_files(tmp_path, monkeypatch):
    monkeypatch.setattr(worker_cache, "worker_cache", lambda: tmp_path / "there")

    def work():
        folder = tmp_path / "there" / "objects" / "ab"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "abc").write_bytes(b"x")
        (folder / "cut.part").write_bytes(b"y")
        return 3

    assert worker_cache.with_new_results(work) == (3, {"objects/ab/abc": b"x"})
    found, files = worker_cache.with_new_results(work)
    assert (found, files) == (3, {})  # it was there before
    worker_cache.take_results({"objects/ab/abc": b"x"}, tmp_path / "here")
    assert (tmp_path / "here" / "objects" / "ab" / "abc").read_bytes() == b"x"


class Pool:
    """A cluster of one worker with a fingerprint of its own."""

    def __init__(self, found):
        self.found = found

    def on_every_worker(self, _function, *_args):
        return [self.found]


def test_a_worker_with_other_layer_files_is_refused():
    scenario = load_scenario("national-2035")
    with pytest.raises(ClusterError, match="national-2035: a worker has not the same layer files"):
        worker_cache.check_inputs(Pool("another"), [scenario])
    worker_cache.check_inputs(Pool(worker_cache.fingerprint(scenario)), [scenario])
