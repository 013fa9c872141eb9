import copy
import json
import os
import shutil

import pytest

from siteopt._file_names import RUN_FILES
from siteopt._files import publish, read_record
from siteopt.runs import results
from siteopt.runs.known_run import KnownRun, remember_run, take_run
from siteopt.stages.store import Store, content_hash

KNOWN = "a" * 64
FILES = {
    "ranking.csv": b"rank\n",
    "portfolio.json": b'{"mark": 1}',
    "eligibility.tif": b"II*",
    "map.html": b"<html>",
}


STAGES = ["map", "files"]


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cache")


@pytest.fixture
def remembered(store, tmp_path):
    """A store that knows a run, and what ``run.json`` says of it."""
    record = publish(FILES, {"status": "optimal", "timings_s": {"map": 2.0}}, tmp_path / "first")
    remember_run(store, KNOWN, KnownRun(record, FILES, STAGES))
    return record


def take(store, folder):
    known = take_run(store, KNOWN, folder, results.HELD_FILES)
    return None if known is None else results.written_run(folder, known.record, known.files)


def everything(folder):
    return {str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*") if path.is_file()}  # fmt: skip


@pytest.mark.usefixtures("remembered")
def test_a_known_run_is_put_back_and_left_where_it_is(store, tmp_path):
    run = take(store, tmp_path / "again")
    assert run.portfolio == {"mark": 1}
    assert {name: (run.folder / name).read_bytes() for name in FILES} == FILES
    before = {path: path.stat().st_mtime_ns for path in run.folder.iterdir()}
    again = take(store, tmp_path / "again")
    assert again.record == run.record
    assert {path: path.stat().st_mtime_ns for path in run.folder.iterdir()} == before


@pytest.mark.parametrize(
    "name",
    ["../../x", "../map.html", "/siteopt-planted", "sub/map.html", "run.json", "notes.txt",
     "map.html ", "MAP.HTML", "", ".", "..", "C:\\x", "map.html\x00"],
)  # fmt: skip
def test_only_files_that_runs_write_are_put_anywhere(remembered, store, tmp_path, name):
    home = tmp_path / "a" / "b"
    home.mkdir(parents=True)
    hashes = remembered["files"] | {name: content_hash(b"x")}
    hostile = KnownRun(remembered | {"files": hashes}, FILES | {name: b"x"}, STAGES)
    remember_run(store, KNOWN, hostile)
    before = everything(tmp_path)
    assert take(store, home / "out") is None
    assert everything(tmp_path) == before
    with pytest.raises(ValueError, match="no run writes a file of that name"):
        publish({**FILES, name: b"x"}, {}, home / "out")
    assert everything(tmp_path) == before


def test_every_file_of_a_run_stands_in_the_list(store, tmp_path):
    files = dict.fromkeys(RUN_FILES, b"x") | FILES
    record = publish(files, {}, tmp_path / "first")
    remember_run(store, KNOWN, KnownRun(record, files, STAGES))
    assert take(store, tmp_path / "again") is not None
    assert {path.name for path in (tmp_path / "again").iterdir()} == {*RUN_FILES, "run.json"}


@pytest.mark.parametrize(
    "change",
    [
        {"record": []},
        {"record": None},
        {"record": {}},
        {"record": {"files": []}},
        {"record": {"files": {}}},
        {"record": {"files": {"map.html": "../../../x"}}},
        {"stages": None},
        {"stages": "map"},
        {"stages": [5]},
        {"stages": ["\x1b[31mmap"]},
    ],
)
def test_a_record_of_another_form_is_no_run(remembered, store, tmp_path, change):
    victim = tmp_path / "x"
    victim.write_text("mine")
    store.remember("runs", KNOWN, {"record": remembered, "stages": STAGES} | change)
    assert take(store, tmp_path / "out") is None
    assert victim.read_text() == "mine"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("sha256", ["../../../x", "/etc/passwd", "0" * 64, 5, None, ["x"], {}])
def test_a_file_that_is_not_in_the_store_is_no_run(remembered, store, tmp_path, sha256):
    hashes = remembered["files"] | {"map.html": sha256}
    record = remembered | {"files": hashes}
    store.remember("runs", KNOWN, {"record": record, "stages": STAGES})
    assert take(store, tmp_path / "out") is None
    assert not (tmp_path / "out").exists()


def test_a_hash_of_a_file_outside_is_not_asked_for(remembered, store, tmp_path, monkeypatch):
    """Neither the folder nor the store can have any file but the run's own read."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    record = {**remembered, "files": {"../secret": content_hash(b"secret")}}
    store.remember("runs", KNOWN, {"record": copy.deepcopy(record), "stages": STAGES})
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(record))
    opened = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda path, *more, **kw: (opened.append(str(path)), real(path, *more, **kw))[1])  # fmt: skip
    take(store, folder)
    assert not [path for path in opened if path.endswith("secret")]
    assert secret.read_bytes() == b"secret"


@pytest.mark.usefixtures("remembered")
def test_a_run_that_is_there_already_is_what_it_was_when_it_was_looked_at(
    store, tmp_path, monkeypatch
):
    """Another run comes between the look and the answer: it is not taken for this one."""
    out = tmp_path / "first"
    real = read_record

    def overtaken(folder):
        found = real(folder)
        publish(FILES | {"portfolio.json": b'{"mark": 2}'}, {"status": "feasible"}, out)
        return found

    monkeypatch.setattr("siteopt.runs.known_run.read_record", overtaken)
    run = take(store, out)
    assert (run.record["status"], run.portfolio) == ("optimal", {"mark": 1})
    assert run.content("ranking.csv") == FILES["ranking.csv"]


@pytest.mark.usefixtures("remembered")
def test_what_a_run_wrote_stays_its_own_answer(store, tmp_path):
    run = take(store, tmp_path / "out")
    publish(FILES | {"ranking.csv": b"other\n"}, {"status": "feasible"}, tmp_path / "out")
    assert run.content("ranking.csv") == b"rank\n"
    assert run.record["status"] == "optimal"
    opened = results.open_run(tmp_path / "out")
    assert opened.content("ranking.csv") == b"other\n"


@pytest.mark.usefixtures("remembered")
def test_a_cache_that_was_copied_by_its_owner_is_as_good(store, tmp_path):
    shutil.copytree(store.folder, tmp_path / "copy")
    assert take(Store(tmp_path / "copy"), tmp_path / "out") is not None
