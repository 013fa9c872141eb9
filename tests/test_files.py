import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from siteopt import _files
from siteopt._files import publish, read_record, stray_file, write_whole
from siteopt.errors import LayerFileError
from siteopt.runs.results import open_run

ROOT = Path(_files.__file__).parent.parent


def files(mark):
    portfolio = json.dumps({"mark": mark}).encode()
    return {"map.html": mark * 9, "ranking.csv": mark, "eligibility.tif": mark, "portfolio.json": portfolio}  # fmt: skip


def as_bytes(mark):
    return {n: c if isinstance(c, bytes) else c.encode() for n, c in files(mark).items()}


def left(folder):
    return sorted(item.name for item in folder.iterdir())


def test_files_appear_together_and_the_record_names_them(tmp_path):
    out = tmp_path / "out"
    publish(as_bytes("a"), {"status": "optimal"}, out)
    record = read_record(out)
    assert sorted(record["files"]) == [
        "eligibility.tif",
        "map.html",
        "portfolio.json",
        "ranking.csv",
    ]
    assert stray_file(out, record["files"]) is None
    assert open_run(out).is_optimal
    assert left(tmp_path) == ["out"]


def test_files_of_the_users_stay(tmp_path):
    publish(as_bytes("a"), {}, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    publish(as_bytes("b"), {}, tmp_path / "out")
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    assert (tmp_path / "out" / "ranking.csv").read_text() == "b"


def test_no_file_of_an_earlier_run_stays_that_the_next_one_does_not_write(tmp_path):
    out = tmp_path / "out"
    publish(as_bytes("a"), {}, out)
    (out / "notes.txt").write_text("mine")
    fewer = {name: content for name, content in as_bytes("b").items() if name != "map.html"}
    publish(fewer, {}, out)
    assert left(out) == sorted([*fewer, "notes.txt", "run.json"])


@pytest.mark.parametrize("name", ["map.html", "ranking.csv", "portfolio.json", "eligibility.tif"])
def test_a_file_of_another_run_is_noticed(tmp_path, name):
    publish(as_bytes("a"), {}, tmp_path / "out")
    other = '{"mark": "b"}' if name == "portfolio.json" else "b"
    (tmp_path / "out" / name).write_text(other)
    with pytest.raises(LayerFileError, match=f"out: {name} is not as the run wrote it; run again"):
        open_run(tmp_path / "out")


@pytest.mark.parametrize("place", range(7))
def test_a_stop_at_any_step_leaves_no_mixed_run(tmp_path, monkeypatch, place):
    """Whatever step of putting files in place is the last, the folder is one run or none."""
    out = tmp_path / "out"
    publish(as_bytes("a"), {"status": "optimal"}, out)
    before = (out / "run.json").read_bytes()
    steps = iter(range(100))
    real = Path.replace

    def replace(self, target):
        if next(steps) == place:
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    try:
        publish(as_bytes("b"), {"status": "feasible"}, out)
    except KeyboardInterrupt:
        with pytest.raises(LayerFileError, match="no finished run"):
            open_run(out)
    else:
        assert place >= 5  # four files and the record
        assert open_run(out).record["status"] == "feasible"
        assert (out / "run.json").read_bytes() != before
    monkeypatch.undo()
    publish(as_bytes("b"), {"status": "feasible"}, out)
    assert open_run(out).record["status"] == "feasible"


def program(body, *words):
    text = "import os, sys, time\nfrom pathlib import Path\nfrom siteopt import _files as f\n"
    return subprocess.Popen(  # noqa: S603 - this Python with a program written here
        [sys.executable, "-c", text + body, *map(str, words)], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_what_a_killed_run_left_beside_is_taken_away_and_what_a_live_one_has_is_not(tmp_path):
    out = tmp_path / "out"
    body = "with f._beside(Path(sys.argv[1])) as part:\n    print(part, flush=True)\n    sys.stdin.read()\n"
    live, dead = program(body, out), program(body, out)
    names = [Path(one.stdout.readline().strip()).name for one in (live, dead)]
    dead.kill()
    dead.communicate()
    publish(as_bytes("a"), {}, out)
    assert names[0] in left(tmp_path)
    assert names[1] not in left(tmp_path)
    live.kill()
    live.communicate()
    publish(as_bytes("a"), {}, out)
    assert left(tmp_path) == ["out"]


def test_a_run_waits_for_another_one_that_writes(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    body = (
        "with f._alone(Path(sys.argv[1])):\n    print('in', flush=True)\n    sys.stdin.readline()\n"
    )
    other = program(body, out)
    assert other.stdout.readline() == "in\n"
    begin = time.monotonic()
    with pytest.raises(LayerFileError, match="out: another run has been writing into it for 0 s"):
        with_patience(0.2, out)
    assert time.monotonic() - begin >= 0.2
    other.kill()
    other.communicate()
    with_patience(30.0, out)
    assert (out / "ranking.csv").read_text() == "a"


def with_patience(seconds, out):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_files, "_WAIT_S", seconds)
        publish(as_bytes("a"), {}, out)


def test_two_processes_that_write_into_one_folder_leave_one_of_the_two(tmp_path):
    out = tmp_path / "out"
    body = (
        "mark = sys.argv[2]\n"
        "names = ('map.html', 'ranking.csv', 'eligibility.tif')\n"
        "for turn in range(60):\n"
        "    files = {n: (mark * 5000 + str(turn)).encode() for n in names}\n"
        "    files['portfolio.json'] = b'{}'\n"
        "    f.publish(files, {'mark': mark, 'turn': turn}, Path(sys.argv[1]))\n"
    )
    writers = [program(body, out, mark) for mark in "ab"]
    whole = 0
    while any(writer.poll() is None for writer in writers):
        try:
            run = open_run(out)
        except LayerFileError:
            continue  # between the two: noticed
        whole += run.record["mark"] in "ab"
    assert [writer.communicate()[1] for writer in writers] == ["", ""]
    record = open_run(out).record
    assert record["turn"] == 59
    wanted = (record["mark"] * 5000 + "59").encode()
    assert (out / "map.html").read_bytes() == wanted
    assert left(tmp_path) == ["out"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    write_whole(tmp_path / "a", b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert left(tmp_path) == ["a"]


NAMES = ("map.html", "ranking.csv", "portfolio.json", "eligibility.tif", "run.json")


@pytest.mark.parametrize("name", NAMES)
def test_a_link_in_the_folder_is_replaced_and_not_written_through(tmp_path, name):
    out, victim = tmp_path / "out", tmp_path / "victim"
    out.mkdir()
    victim.write_text("mine")
    (out / name).symlink_to(victim)
    publish(as_bytes("a"), {"status": "optimal"}, out)
    assert victim.read_text() == "mine"
    assert not any((out / one).is_symlink() for one in NAMES)
    assert open_run(out).is_optimal


@pytest.mark.parametrize("name", NAMES)
def test_a_link_in_the_folder_is_not_read_through(tmp_path, name):
    out, aside = tmp_path / "out", tmp_path / "aside"
    publish(as_bytes("a"), {"status": "optimal"}, out)
    (out / name).rename(aside)
    (out / name).symlink_to(aside)
    with pytest.raises(LayerFileError, match=f"{name}"):
        open_run(out)


def test_a_link_that_another_file_is_written_beside_is_not_followed(tmp_path, monkeypatch):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    monkeypatch.setattr(_files, "_number", iter([7]))
    (tmp_path / f".a.{os.getpid()}-7.part").symlink_to(victim)
    write_whole(tmp_path / "a", b"new")
    assert victim.read_text() == "mine"
    assert (tmp_path / "a").read_bytes() == b"new"
    assert left(tmp_path) == ["a", "victim"]


@pytest.mark.parametrize(
    "named", [{"notes.txt": "0"}, {"../victim": "0"}, {"run.json/../notes.txt": "0"}, ["notes.txt"]]
)
def test_a_record_from_elsewhere_takes_no_file_away(tmp_path, named):
    """What an earlier run wrote goes; a record can call nothing else so."""
    out = tmp_path / "out"
    publish(as_bytes("a"), {}, out)
    for file in (out / "notes.txt", tmp_path / "victim"):
        file.write_text("mine")
    record = read_record(out) | {"files": named}
    (out / "run.json").write_text(json.dumps(record))
    publish(as_bytes("b"), {}, out)
    assert [file.read_text() for file in (out / "notes.txt", tmp_path / "victim")] == ["mine"] * 2


@pytest.mark.parametrize("bits", [0o777, 0o757, 0o722])
def test_a_folder_that_others_can_write_is_refused_with_what_to_do(tmp_path, monkeypatch, bits):
    monkeypatch.setattr("siteopt._ownership._is_own_group", lambda _: False)
    out = tmp_path / "out"
    out.mkdir()
    out.chmod(bits)
    with pytest.raises(
        LayerFileError, match=r"others can write to .*`chmod go-w .*or give another"
    ):
        publish(as_bytes("a"), {}, out)
    assert left(out) == []
    out.chmod(0o1777)  # each can only replace files of their own, as in /tmp
    publish(as_bytes("a"), {}, out)
    assert left(tmp_path) == ["out"]


def test_a_group_of_ones_own_is_nobody_else(tmp_path, monkeypatch):
    """Where each user has a group of the same name, folders are made so that it can write."""
    monkeypatch.setattr("siteopt._ownership._is_own_group", lambda _: True)
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(0o775)
    publish(as_bytes("a"), {}, tmp_path / "out")
    (tmp_path / "out").chmod(0o777)
    with pytest.raises(LayerFileError, match="others can write"):
        publish(as_bytes("a"), {}, tmp_path / "out")


def test_a_folder_of_another_user_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("siteopt._ownership._user", lambda: os.geteuid() + 1)
    monkeypatch.setattr("siteopt._ownership._ROOT", -1)
    (tmp_path / "out").mkdir()
    with pytest.raises(LayerFileError, match=r"another user owns .*; or give another folder"):
        publish(as_bytes("a"), {}, tmp_path / "out")


def test_a_folder_that_is_made_can_be_written_by_its_user_alone(tmp_path):
    before = os.umask(0)
    try:
        publish(as_bytes("a"), {}, tmp_path / "out")
    finally:
        os.umask(before)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755


def test_signs_of_patterns_in_a_name_are_signs(tmp_path):
    """What a killed run left beside ``[ab]`` is its own; that of ``a`` is not."""
    (tmp_path / ".a-part-x").mkdir()
    publish(as_bytes("a"), {}, tmp_path / "[ab]")
    assert left(tmp_path) == [".a-part-x", "[ab]"]


def test_a_pipe_in_place_of_the_record_keeps_nobody_waiting(tmp_path):
    (tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "out" / "run.json")
    with pytest.raises(LayerFileError, match="cannot be read"):
        open_run(tmp_path / "out")
    publish(as_bytes("a"), {}, tmp_path / "out")
    assert read_record(tmp_path / "out") is not None
