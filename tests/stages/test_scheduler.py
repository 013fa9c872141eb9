import dataclasses

import numpy as np
import pandas as pd
import pytest

from siteopt.stages.scheduler import Memory
from siteopt.stages.serialization import encode, encode_parts
from siteopt.stages.stage import Stage
from siteopt.stages.store import content_hash
from siteopt.stages.version import versions

FIRST, HALVED, LAST = (Stage(name, "", None, "") for name in ("first", "halved", "last"))
"""Keys of the toy stages."""
VERSIONS = versions()


def objects(store):
    return sorted(store.folder.glob("objects/*/*"))


def test_nothing_changed_nothing_runs(scheduled, stages_run):
    assert scheduled().result(LAST) == {"answer": 14.0}
    assert stages_run == ["last", "halved", "first"]
    again = scheduled()
    assert again.result(LAST) == {"answer": 14.0}
    assert stages_run == []
    assert {o.why for o in again.outcomes.values()} == {"nothing that it reads changed"}


def test_a_layer_reruns_only_the_stage_that_reads_it(scheduled, stages_run):
    scheduled().result(LAST)
    changed = scheduled((4.0, 11.0))
    assert changed.result(LAST) == {"answer": 15.0}
    assert stages_run == ["last"]
    assert changed.outcomes["last"].why == "layer b changed"


def test_an_output_that_comes_out_the_same_stops_the_chain(scheduled, stages_run):
    scheduled().result(LAST)
    changed = scheduled((4.4, 10.0))  # 4 and 4.4 times 2 have the same whole half
    assert changed.result(LAST) == {"answer": 14.0}
    assert stages_run == ["first", "halved"]
    assert changed.outcomes["halved"].why == "result of first changed"
    assert not changed.outcomes["last"].ran


def test_a_parameter_that_no_stage_reads_is_no_cause(scheduled, stages_run):
    scheduled().result(LAST)
    scheduled(keys={"other": 9.0}).result(LAST)
    assert stages_run == []
    changed = scheduled(keys={"price": 3.0})
    changed.result(LAST)
    assert stages_run == ["first", "halved", "last"]
    assert changed.outcomes["first"].why == "parameter price changed: 2.0 -> 3.0"


def test_what_a_stage_did_not_come_to_read_is_no_cause(scheduled, stages_run):
    scheduled(it_mw=500.0).result(LAST)
    scheduled((4.0, 99.0), it_mw=500.0).result(LAST)
    assert stages_run == []
    changed = scheduled((4.0, 99.0), it_mw=1500.0)
    assert changed.result(LAST) == {"answer": 103.0}
    assert stages_run == ["last"]
    assert changed.outcomes["last"].why == "scenario target.it_mw changed: 500.0 -> 1500.0"
    scheduled((4.0, 98.0), it_mw=1500.0).result(LAST)
    assert stages_run == ["last"]


def test_going_back_takes_the_earlier_result(scheduled, stages_run):
    scheduled().result(LAST)
    scheduled((8.0, 10.0)).result(LAST)
    scheduled().result(LAST)
    assert stages_run == []


def test_fresh_runs_everything_and_is_taken_after(scheduled, stages_run):
    scheduled().result(LAST)
    fresh = scheduled(fresh=True)
    fresh.result(LAST)
    assert stages_run == ["last", "halved", "first"]
    scheduled().result(LAST)
    assert stages_run == []


def test_a_change_of_code_is_a_cause_and_named(scheduled, stages_run, monkeypatch):
    scheduled().result(LAST)
    monkeypatch.setattr("siteopt.stages.scheduler.versions", lambda: VERSIONS | {"siteopt": "2"})
    monkeypatch.setattr("siteopt.stages.keys.versions", lambda: VERSIONS | {"siteopt": "2"})
    changed = scheduled()
    changed.result(LAST)
    assert len(stages_run) == 3
    assert changed.outcomes["last"].why.startswith("version siteopt changed")


def test_a_new_library_is_a_cause_and_named(scheduled, monkeypatch):
    scheduled().result(LAST)
    monkeypatch.setattr("siteopt.stages.keys.versions", lambda: VERSIONS | {"numpy": "9"})
    changed = scheduled()
    changed.result(LAST)
    assert changed.outcomes["last"].why == f"version numpy changed: {VERSIONS['numpy']} -> 9"


@pytest.mark.parametrize("how", ["flip", "cut", "swap", "gone", "empty"])
def test_a_damaged_result_is_noticed_and_made_again(scheduled, store, stages_run, how):
    wanted = scheduled().result(HALVED)
    names = [content_hash(encode(scheduled().result(s))) for s in (FIRST, HALVED)]
    before = {path.name: path.read_bytes() for path in objects(store)}
    path = next(path for path in objects(store) if path.name == names[1])
    other = next(path for path in objects(store) if path.name == names[0])
    content = bytearray(path.read_bytes())
    if how == "flip":
        content[len(content) // 2] ^= 1
    path.write_bytes(
        {"cut": content[:-7], "swap": other.read_bytes(), "empty": b""}.get(how, content)
    )
    if how == "gone":
        path.unlink()
    found = scheduled()
    result = found.result(HALVED)
    assert result["half"] == wanted["half"]
    np.testing.assert_array_equal(result["array"], wanted["array"])
    assert stages_run == ["halved"]
    assert {path.name: path.read_bytes() for path in objects(store)} == before


def test_results_of_two_answers_are_never_mixed(scheduled, store, monkeypatch):
    """A stage that is made again with another result has its followers made again too."""
    scheduled().result(LAST)
    name = content_hash(encode(scheduled().result(HALVED)))
    next(path for path in objects(store) if path.name == name).write_bytes(b"damaged")
    found = scheduled((4.0, 11.0))  # `last` has to run, and asks for the damaged value
    monkeypatch.setattr("siteopt.stages.scheduler.encode_parts", lambda value: encode_parts(
        {**value, "half": 50.0} if "half" in value else value))  # fmt: skip
    assert found.result(LAST) == {"answer": 61.0}


def test_a_damaged_trace_is_forgotten(scheduled, store, stages_run):
    scheduled().result(LAST)
    for path in store.folder.glob("traces/last/*.json"):
        path.write_text(path.read_text().replace('"reads"', '"Reads"'))
    scheduled().result(LAST)
    assert stages_run == ["last"]


def test_what_a_caller_does_with_a_result_stays_with_the_caller(scheduled):
    found = scheduled()
    table = found.result(FIRST)
    table["number"] = -1.0
    assert found.result(FIRST)["number"].tolist() == [8.0]
    with pytest.raises(ValueError, match="read-only"):
        found.result(HALVED)["array"][0, 0] = 5.0


def test_memory_alone_is_enough(scheduled, stages_run):
    memory = Memory()
    scheduled(kept=None, memory=memory).result(LAST)
    scheduled(kept=None, memory=memory).result(LAST)
    assert stages_run == []
    changed = scheduled((4.0, 11.0), kept=None, memory=memory)
    assert changed.result(LAST) == {"answer": 15.0}
    assert stages_run == ["last"]


def test_each_layer_is_read_once_for_its_content(scheduled):
    scheduled().result(LAST)
    found = scheduled((4.0, 12.0))
    assert found.keys.check_layers() == ["b"]
    assert found.keys.layers.reads == ["b"]


def test_the_same_values_in_another_file_are_no_change(scheduled, stages_run, monkeypatch):
    scheduled().result(LAST)
    found = scheduled()
    monkeypatch.setattr(type(found.keys.layers), "sha256", lambda *_: "another file")
    found.result(LAST)
    assert stages_run == []
    assert sorted(set(found.keys.layers.reads)) == ["a", "b"]


def test_a_stage_that_fails_keeps_nothing_and_fails_again(scheduled):
    def broken(_):
        raise ValueError("no")

    found = scheduled()
    found.stages["halved"] = dataclasses.replace(found.stages["halved"], function=broken)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            found.result(LAST)
    assert set(found.outcomes) == set()
    assert scheduled().result(LAST) == {"answer": 14.0}


def test_seconds_are_a_stages_own(scheduled):
    found = scheduled()
    found.result(LAST)
    assert sum(o.seconds for o in found.outcomes.values()) < 60
    assert all(o.seconds >= 0 for o in found.outcomes.values())
    assert isinstance(found.result(FIRST), pd.DataFrame)


HOSTILE = (
    {"reads": {"result: last": "0" * 64}},
    {"reads": {"result: first": "0" * 64, "result: last": "0" * 64}},
    {"reads": {"result: no such stage": "x"}},
    {"reads": {"layer: ../../x": "x"}},
    {"reads": {"no such kind: x": "(not there)"}},
    {"reads": {"scenario: __class__.__init__.__globals__": "x"}},
    {"reads": [["x", "y"]]},
    {"reads": {"": 2}},
    {"reads": {"a": "b"}},
    {"reads": None},
    {"reads": {"version: siteopt": "x"}},
    {"reads": {"version: os": "x"}},
    {"result": "../../../etc/passwd"},
    {"result": None},
    {"result": ["x"]},
)


@pytest.mark.parametrize("change", HOSTILE, ids=str)
def test_a_trace_that_a_stranger_wrote_is_no_cause_to_fail(scheduled, store, change):
    """Its hash is right, as anyone can compute it; what it says is looked at all the same."""
    scheduled().result(LAST)
    (trace,) = store.records("last")
    for name in ("last", "halved", "first"):
        store.remember(name, "a" * 64, trace | change)
    assert scheduled().result(LAST) == {"answer": 14.0}
    assert scheduled((4.0, 11.0)).result(LAST) == {"answer": 15.0}


def test_a_value_that_cannot_be_taken_away_is_asked_for_once(scheduled, store, stages_run):
    scheduled().result(LAST)
    for path in objects(store):
        path.unlink()
        path.mkdir()
    assert scheduled().result(LAST) == {"answer": 14.0}
    assert sorted(stages_run) == ["first", "halved", "last"]
