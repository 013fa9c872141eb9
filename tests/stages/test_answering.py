import numpy as np
import pandas as pd
import pytest

from siteopt.stages.answering import Held
from siteopt.stages.values import content_hash, encode


def objects(store):
    return sorted(store.folder.glob("objects/*/*"))


def test_nothing_changed_nothing_runs(answers, stages_run):
    assert answers().result("last") == {"answer": 14.0}
    assert stages_run == ["last", "halved", "first"]
    again = answers()
    assert again.result("last") == {"answer": 14.0}
    assert stages_run == []
    assert {o.why for o in again.outcomes.values()} == {"nothing that it reads changed"}


def test_a_layer_reruns_only_the_stage_that_reads_it(answers, stages_run):
    answers().result("last")
    changed = answers((4.0, 11.0))
    assert changed.result("last") == {"answer": 15.0}
    assert stages_run == ["last"]
    assert changed.outcomes["last"].why == "layer b changed"


def test_an_output_that_comes_out_the_same_stops_the_chain(answers, stages_run):
    answers().result("last")
    changed = answers((4.4, 10.0))  # 4 and 4.4 times 2 have the same whole half
    assert changed.result("last") == {"answer": 14.0}
    assert stages_run == ["first", "halved"]
    assert changed.outcomes["halved"].why == "result of first changed"
    assert not changed.outcomes["last"].ran


def test_a_parameter_that_no_stage_reads_is_no_cause(answers, stages_run):
    answers().result("last")
    answers(keys={"other": 9.0}).result("last")
    assert stages_run == []
    changed = answers(keys={"price": 3.0})
    changed.result("last")
    assert stages_run == ["first", "halved", "last"]
    assert changed.outcomes["first"].why == "parameter price changed: 2.0 -> 3.0"


def test_what_a_stage_did_not_come_to_read_is_no_cause(answers, stages_run):
    answers(it_mw=500.0).result("last")
    answers((4.0, 99.0), it_mw=500.0).result("last")
    assert stages_run == []
    changed = answers((4.0, 99.0), it_mw=1500.0)
    assert changed.result("last") == {"answer": 103.0}
    assert stages_run == ["last"]
    assert changed.outcomes["last"].why == "scenario target.it_mw changed: 500.0 -> 1500.0"
    answers((4.0, 98.0), it_mw=1500.0).result("last")
    assert stages_run == ["last"]


def test_going_back_takes_the_earlier_result(answers, stages_run):
    answers().result("last")
    answers((8.0, 10.0)).result("last")
    answers().result("last")
    assert stages_run == []


def test_fresh_runs_everything_and_is_taken_after(answers, stages_run):
    answers().result("last")
    fresh = answers(fresh=True)
    fresh.result("last")
    assert stages_run == ["last", "halved", "first"]
    answers().result("last")
    assert stages_run == []


def test_a_change_of_code_is_a_cause_and_named(answers, stages_run, monkeypatch):
    answers().result("last")
    monkeypatch.setattr("siteopt.stages.answering.code_of", lambda *_: {"siteopt.errors": "2"})
    changed = answers()
    changed.result("last")
    assert len(stages_run) == 3
    assert changed.outcomes["last"].why.startswith("code changed: ")


def test_a_new_library_is_a_cause_and_named(answers, monkeypatch):
    answers().result("last")
    monkeypatch.setattr("siteopt.stages.answering.libraries_of", lambda _: {"numpy": "9"})
    changed = answers()
    changed.result("last")
    assert "libraries changed: " in changed.outcomes["last"].why
    assert "numpy" in changed.outcomes["last"].why


@pytest.mark.parametrize("how", ["flip", "cut", "swap", "gone", "empty"])
def test_a_damaged_result_is_noticed_and_made_again(answers, store, stages_run, how):
    wanted = answers().result("halved")
    names = [content_hash(encode(answers().result(s))) for s in ("first", "halved")]
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
    found = answers()
    result = found.result("halved")
    assert result["half"] == wanted["half"]
    np.testing.assert_array_equal(result["array"], wanted["array"])
    assert stages_run == ["halved"]
    assert {path.name: path.read_bytes() for path in objects(store)} == before


def test_results_of_two_answers_are_never_mixed(answers, store, monkeypatch):
    """A stage that is made again with another result has its followers made again too."""
    answers().result("last")
    name = content_hash(encode(answers().result("halved")))
    next(path for path in objects(store) if path.name == name).write_bytes(b"damaged")
    found = answers((4.0, 11.0))  # `last` has to run, and asks for the damaged value
    monkeypatch.setattr("siteopt.stages.answering.encode", lambda value: encode(
        {**value, "half": 50.0} if "half" in value else value))  # fmt: skip
    assert found.result("last") == {"answer": 61.0}


def test_a_damaged_trace_is_forgotten(answers, store, stages_run):
    answers().result("last")
    for path in store.folder.glob("traces/last/*.json"):
        path.write_text(path.read_text().replace('"reads"', '"Reads"'))
    answers().result("last")
    assert stages_run == ["last"]


def test_what_a_caller_does_with_a_result_stays_with_the_caller(answers):
    found = answers()
    table = found.result("first")
    table["number"] = -1.0
    assert found.result("first")["number"].tolist() == [8.0]
    with pytest.raises(ValueError, match="read-only"):
        found.result("halved")["array"][0, 0] = 5.0


def test_memory_alone_is_enough(answers, stages_run):
    held = Held()
    answers(kept=None, held=held).result("last")
    answers(kept=None, held=held).result("last")
    assert stages_run == []
    changed = answers((4.0, 11.0), kept=None, held=held)
    assert changed.result("last") == {"answer": 15.0}
    assert stages_run == ["last"]


def test_each_layer_is_read_once_for_its_content(answers):
    answers().result("last")
    found = answers((4.0, 12.0))
    assert found.check_layers() == ["b"]
    assert found.inputs.layers.reads == ["b"]


def test_the_same_values_in_another_file_are_no_change(answers, stages_run, monkeypatch):
    answers().result("last")
    found = answers()
    monkeypatch.setattr(type(found.inputs.layers), "sha256", lambda *_: "another file")
    found.result("last")
    assert stages_run == []
    assert sorted(set(found.inputs.layers.reads)) == ["a", "b"]


def test_a_stage_that_fails_keeps_nothing_and_fails_again(answers):
    def broken(_):
        raise ValueError("no")

    found = answers()
    found._stages["halved"] = found._stages["halved"]._replace(function=broken)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            found.result("last")
    assert set(found.outcomes) == set()
    assert answers().result("last") == {"answer": 14.0}


def test_seconds_are_a_stages_own(answers):
    found = answers()
    found.result("last")
    assert sum(o.seconds for o in found.outcomes.values()) < 60
    assert all(o.seconds >= 0 for o in found.outcomes.values())
    assert isinstance(found.result("first"), pd.DataFrame)


HOSTILE = (
    {"reads": [["result: last", "0" * 64]]},
    {"reads": [["result: first", "0" * 64], ["result: last", "0" * 64]]},
    {"reads": [["result: no such stage", "x"]]},
    {"reads": [["code of: siteopt./etc/passwd", "x"]]},
    {"reads": [["code of: os", "x"]]},
    {"reads": [["code of: siteopt..", "x"]]},
    {"reads": [["layer: ../../x", "x"]]},
    {"reads": [["no such kind: x", "(not there)"]]},
    {"reads": [["scenario: __class__.__init__.__globals__", "x"]]},
    {"reads": [["x"]]},
    {"reads": [[1, 2]]},
    {"reads": {"a": "b"}},
    {"reads": None},
    {"code": None},
    {"code": {"siteopt.errors": ["1"]}},
    {"libraries": "numpy"},
    {"result": "../../../etc/passwd"},
    {"result": None},
    {"result": ["x"]},
)


@pytest.mark.parametrize("change", HOSTILE, ids=str)
def test_a_trace_that_a_stranger_wrote_is_no_cause_to_fail(answers, store, change):
    """Its hash is right, as anyone can compute it; what it says is looked at all the same."""
    answers().result("last")
    (trace,) = store.records("last")
    for name in ("last", "halved", "first"):
        store.remember(name, "a" * 64, trace | change)
    assert answers().result("last") == {"answer": 14.0}
    assert answers((4.0, 11.0)).result("last") == {"answer": 15.0}


def test_a_value_that_cannot_be_taken_away_is_asked_for_once(answers, store, stages_run):
    answers().result("last")
    for path in objects(store):
        path.unlink()
        path.mkdir()
    assert answers().result("last") == {"answer": 14.0}
    assert sorted(stages_run) == ["first", "halved", "last"]
