"""A stranger's files: 150 changed ones, 500 by ``make test-all``, 10,000 by ``make fuzz``."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify and fork are of Linux")


def fuzz(*words, program=("-m", "tests.fuzz")):
    return subprocess.run(  # noqa: S603 - this Python with modules of these tests
        [sys.executable, *program, *words], capture_output=True, text=True,
        check=False, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.parametrize("cases", [150, pytest.param(500, marks=pytest.mark.slow)])
def test_no_changed_file_gives_a_traceback_or_is_read_wrongly(cases):
    done = fuzz("--cases", str(cases))
    assert done.returncode == 0, done.stdout + done.stderr


READERS = """
import os, signal, sys, warnings
from siteopt.errors import LayerError
from tests.fuzz.kinds import Kind, Mutation, UnsoundError
from tests.fuzz.worker import run_cases

def bad(files):
    raise UnsoundError("it is bad")

def kind(read, plain=lambda files: files["a.txt"].decode(), same=False):
    change = lambda rng, files: Mutation({"a.txt": b"two"}, "changed", same)
    return Kind("k", lambda: [{"a.txt": b"one"}], (change,), read, plain)

def refuse(told):
    def read(folder):
        raise LayerError(told)
    return read

def warn(folder):
    warnings.warn("oh")
    return "two"

def open_bait(folder):
    (folder.parent / "bait" / "secret.csv").read_text()
    return "two"

cases = {
    "right": kind(lambda folder: (folder / "a.txt").read_text()),
    "refused": kind(refuse("a.txt: no")),
    "stale": kind(lambda folder: "one"),
    "bad": kind(lambda folder: "two", bad),
    "refused same": kind(refuse("a.txt: no"), same=True),
    "raises": kind(lambda folder: 1 / 0),
    "warns": kind(warn),
    "prints": kind(lambda folder: os.write(2, b"oh") and "two"),
    "opens": kind(open_bait),
    "dies": kind(lambda folder: os.kill(os.getpid(), signal.SIGSEGV)),
    "hoards": kind(lambda folder: bytes(3_000_000_000) and "two"),
    "no file": kind(refuse("no")),
}
for name, one in cases.items():
    for _, _, outcome, why, _ in run_cases({"k": one}, [("k", 1)]):
        print(name, "-", outcome)
"""


def test_what_is_wrong_is_seen():
    done = fuzz(program=("-c", READERS))
    told = dict(line.split(" - ") for line in done.stdout.splitlines())
    assert told == {
        "right": "accepted", "refused": "refused", "stale": "wrong", "bad": "wrong",
        "refused same": "wrong", "raises": "traceback", "warns": "traceback", "prints": "traceback",
        "opens": "wrong", "dies": "traceback", "hoards": "traceback", "no file": "unclear",
    }, done.stderr  # fmt: skip


def test_a_case_is_the_same_again():
    again = [fuzz("--kind", "parcels-csv", "--seed", "7").stdout.splitlines()[0] for _ in range(2)]
    assert again[0] == again[1]
