import os
import time

import pytest

from siteopt.errors import LayerFileError
from siteopt.stages.store import Store
from siteopt.stages.values import content_hash


def put(store, content):
    store.put(content_hash(content), content)
    return content_hash(content)


def test_a_value_comes_back_by_its_hash(store):
    name = put(store, b"some value")
    assert store.has(name)
    assert store.get(name) == b"some value"
    assert store.get("0" * 64) is None


@pytest.mark.parametrize("place", range(0, 40, 3))
def test_any_flipped_byte_is_noticed(store, place):
    name = put(store, bytes(range(200)) * 3)
    path = next(store.folder.glob(f"objects/*/{name}"))
    content = bytearray(path.read_bytes())
    content[place * (len(content) - 1) // 40] ^= 16
    path.write_bytes(content)
    assert store.get(name) is None
    assert not path.exists()


def test_a_record_under_another_name_is_noticed(store):
    store.remember("stage", "one", {"x": 1})
    store.remember("stage", "two", {"x": 2})
    folder = store.folder / "traces" / "stage"
    (folder / "one.json").write_bytes((folder / "two.json").read_bytes())
    assert store.record("stage", "one") is None
    assert store.record("stage", "two") == {"x": 2}


def test_records_come_used_last_first(store):
    for place, name in enumerate("abc"):
        store.remember("stage", name, {"name": name})
        os.utime(store.folder / "traces" / "stage" / f"{name}.json", (place, place))
    store.used("stage", "a")
    assert [record["name"] for record in store.records("stage")] == ["a", "c", "b"]


def test_what_was_not_used_for_longest_goes_first(store):
    names = [put(store, os.urandom(400_000)) for _ in range(4)]
    for place, name in enumerate(names):
        os.utime(next(store.folder.glob(f"objects/*/{name}")), (place + 1, place + 1))
    assert store.get(names[0]) is not None  # reading is using
    store.prune(limit_mb=1.0)
    assert [store.has(name) for name in names] == [True, False, False, True]


def test_parts_that_killed_runs_left_go_with_time(store):
    name = put(store, b"x")
    part = next(store.folder.glob(f"objects/*/{name}")).with_name(".x.1-0.part")
    part.write_bytes(b"half")
    store.prune()
    assert part.exists()
    long_ago = time.time() - 7200
    os.utime(part, (long_ago, long_ago))
    store.prune()
    assert not part.exists()


def test_a_full_disk_keeps_nothing_and_stops_nothing(store, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("siteopt.stages.store.write_whole", full)
    assert not store.has(put(store, b"x"))
    store.remember("stage", "a", {})
    assert store.records("stage") == []


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(LayerFileError, match=r"file: cannot keep results .*; give another folder"):
        Store(tmp_path / "file")


def test_the_folder_says_what_it_is(store):
    assert not store.folder.exists()
    put(store, b"x")
    assert (store.folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172")
    assert (store.folder / ".gitignore").read_text() == "*\n"
