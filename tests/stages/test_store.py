import json
import os
import stat
import time
import tracemalloc
import zlib

import pytest

from siteopt import _ownership
from siteopt.errors import LayerFileError
from siteopt.stages.store import Store, content_hash


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


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_nobody_else_can_read_or_write_what_is_kept(store):
    before = os.umask(0)
    try:
        put(store, b"x")
        store.remember("stage", "a", {})
    finally:
        os.umask(before)
    folders = [store.folder, *(path for path in store.folder.rglob("*") if path.is_dir())]
    assert len(folders) == 5
    assert {mode(path) for path in folders} == {0o700}
    kept = [*store.folder.glob("objects/*/*"), *store.folder.glob("traces/*/*")]
    assert {mode(path) for path in kept} == {0o600}


def filled(store):
    put(store, b"x")
    store.remember("stage", "a", {})
    store.remember("runs", "b", {})
    return store.folder


@pytest.mark.parametrize("bits", [0o770, 0o720, 0o707, 0o777, 0o1777])
@pytest.mark.parametrize("part", [".", "objects", "traces", "traces/runs", "traces/stage"])
def test_a_folder_that_others_can_write_is_refused_with_what_to_do(store, part, bits):
    folder = filled(store)
    (folder / part).chmod(bits)
    with pytest.raises(LayerFileError) as refused:
        Store(folder)
    said = str(refused.value)
    assert "others can write to" in said
    assert f"`chmod go-w {folder / part}`" in said
    assert "or give another folder with --cache or SITEOPT_CACHE" in said
    assert "\n" not in said
    (folder / part).chmod(0o700)
    Store(folder)


def test_a_folder_of_another_user_is_refused(store, monkeypatch):
    folder = filled(store)
    monkeypatch.setattr(_ownership, "_user", lambda: os.geteuid() + 1)
    monkeypatch.setattr(_ownership, "_ROOT", -1)
    with pytest.raises(LayerFileError, match=r"another user owns .*; or give another folder"):
        Store(folder)


def test_a_folder_in_one_that_is_open_to_all_is_refused(tmp_path):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(LayerFileError, match=r"put another folder in its place .*chmod o-w"):
        Store(tmp_path / "open" / "cache")
    (tmp_path / "open").chmod(0o1777)  # as /tmp is
    Store(tmp_path / "open" / "cache")


def test_a_folder_that_another_user_made_meanwhile_is_refused(store, monkeypatch):
    real = _ownership.refusal
    store.folder.mkdir()
    store.folder.rmdir()

    def overtaken(folder, **more):
        return f"another user owns {folder}" if folder == store.folder else real(folder, **more)

    monkeypatch.setattr("siteopt.stages.store.refusal", overtaken)
    with pytest.raises(LayerFileError, match="another user owns"):
        put(store, b"x")
    assert list(store.folder.iterdir()) == []


@pytest.mark.parametrize("part", ["objects", "traces", "traces/runs", "traces/stage", "objects/aa"])
def test_a_link_in_the_folder_leads_nowhere(tmp_path, part):
    victim = tmp_path / "victim"
    (victim / "sub").mkdir(parents=True)
    (victim / "sub" / "mine.json").write_text("mine")
    link = tmp_path / "cache" / part
    link.parent.mkdir(parents=True)
    link.symlink_to(victim)
    with pytest.raises(LayerFileError, match=rf"as .*{link.name} is a link; or give another"):
        Store(tmp_path / "cache")
    assert (victim / "sub" / "mine.json").read_text() == "mine"


@pytest.mark.parametrize(
    "name",
    ["../../victim", "/etc/passwd", "", "aa/../../victim", "A" * 64, "0" * 63, "0" * 65, None, 5,
     ["0" * 64], "0" * 64 + "\n"],
)  # fmt: skip
def test_what_is_no_hash_names_no_file(store, name):
    folder = filled(store)
    victim = folder.parent / "victim"
    victim.write_text("mine")
    assert not store.has(name)
    assert store.get(name) is None
    store.put(name, b"x")
    store.drop(str(name))
    assert victim.read_text() == "mine"
    assert sorted(path.name for path in folder.parent.iterdir()) == ["cache", "victim"]


@pytest.mark.parametrize("how", ["link", "pipe", "folder", "others write"])
def test_a_value_that_is_no_file_of_ours_is_not_read(store, how):
    name = put(store, b"some value")
    path = next(store.folder.glob(f"objects/*/{name}"))
    if how == "others write":
        path.chmod(0o666)
    else:
        path.rename(store.folder / "aside")
        makers = {
            "link": lambda: path.symlink_to(store.folder / "aside"),
            "pipe": lambda: os.mkfifo(path),
            "folder": path.mkdir,
        }
        makers[how]()
    assert store.get(name) is None
    assert not store.has(name)  # also where it cannot be taken away: nobody asks for ever
    if how != "folder":
        assert put(store, b"some value") == name
        assert store.get(name) == b"some value"


def test_a_small_file_cannot_unpack_to_more_than_a_value_may_have(store, monkeypatch):
    monkeypatch.setattr("siteopt.stages.store._VALUE_MAX", 1_000_000)
    packed, size = zlib.compressobj(9), 200_000_000
    bomb = b"".join(packed.compress(bytes(1_000_000)) for _ in range(size // 1_000_000))
    bomb += packed.flush()
    path = store.folder / "objects" / "00" / ("0" * 64)
    put(store, b"x")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bomb)
    tracemalloc.start()
    try:
        assert store.get("0" * 64) is None
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
    assert not path.exists()


def test_a_value_that_would_be_too_long_to_read_is_not_kept(store, monkeypatch):
    monkeypatch.setattr("siteopt.stages.store._VALUE_MAX", 10)
    assert not store.has(put(store, b"x" * 11))
    assert store.get(put(store, b"x" * 9)) == b"x" * 9


def test_something_behind_a_value_is_noticed(store):
    name = put(store, b"x")
    path = next(store.folder.glob(f"objects/*/{name}"))
    path.write_bytes(path.read_bytes() + b"more")
    assert store.get(name) is None


def test_files_of_others_in_the_folder_stay(store):
    """Whoever names a folder with other things in it loses none of them."""
    put(store, os.urandom(1000))
    mine = store.folder / "objects" / "ab" / "cdef0123"
    mine.parent.mkdir(exist_ok=True)
    mine.write_bytes(bytes(1000))
    os.utime(mine, (1, 1))
    store.prune(limit_mb=0.0)
    assert [path for path in store.folder.glob("objects/*/*") if path.is_file()] == [mine]


@pytest.mark.parametrize(
    "content",
    [b"[" * 100_000, b"x\n" + b"[" * 100_000, b"[]", b"x\n[]", b"x\n{}", b"\xff\n{}", b"5"],
)
def test_a_record_that_is_none_is_forgotten(store, content):
    store.remember("stage", "a", {"x": 1})
    path = store.folder / "traces" / "stage" / "a.json"
    path.write_bytes(content)
    assert store.record("stage", "a") is None
    assert not path.exists()


def test_a_record_of_another_kind_than_a_table_is_none(store):
    store.remember("stage", "a", ["x"])
    assert json.loads(
        (store.folder / "traces" / "stage" / "a.json").read_text().splitlines()[1]
    ) == ["x"]
    assert store.record("stage", "a") is None


def test_a_record_with_nan_is_none(store):
    store.remember("runs", "a", {"x": 5})
    path = next(store.folder.glob("traces/runs/a.json"))
    store.remember("runs", "a", {"x": float("nan")})
    assert "NaN" in path.read_text()
    assert store.record("runs", "a") is None
