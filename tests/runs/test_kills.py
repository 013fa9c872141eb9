"""A run that is killed at any moment leaves a folder from which the next one gives the same."""

import os
import random
import signal
import sys

import numpy as np
import pandas as pd
import pytest

from siteopt.runs import execution, pipeline
from siteopt.scenario import load_scenario
from siteopt.stages.stage import Stage

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be split here")


class NoLayers:
    """No layers at all: what is killed here is the keeping and writing of results."""

    ids: tuple[str, ...] = ()


def _numbers(_):
    return pd.DataFrame({"x": np.random.default_rng(7).random(20_000), "name": "가"})


def _sums(given):
    return given.result(NUMBERS)["x"].cumsum()


def _map(given):
    return f"<p>{given.result(SUMS).sum()}</p>" * 2000


def _files(given):
    sums = given.result(SUMS)
    tables = {"ranking.csv": sums.to_csv().encode(), "eligibility.tif": sums.to_numpy().tobytes()}
    return {"files": tables | {"portfolio.json": b"{}"}, "record": {"status": "optimal"}}


STAGES = NUMBERS, SUMS, _, _ = tuple(
    Stage(function.__name__[1:], "", function, "layers")
    for function in (_numbers, _sums, _map, _files)
)


@pytest.fixture
def quick(monkeypatch):
    """Let the pipeline have stages that take milliseconds."""
    monkeypatch.setattr(pipeline, "STAGES", STAGES)
    monkeypatch.setattr("siteopt.layers.store.open_layers", lambda *_: NoLayers())
    scenario = load_scenario("national-2035")
    return lambda folder: execution.run(scenario, folder / "out", cache=folder / "cache")


def content(folder):
    found = {path.name: path.read_bytes() for path in (folder / "out").iterdir()}
    lines = found["run.json"].splitlines()
    begin = lines.index(b' "timings_s": {')
    found["run.json"] = b"\n".join(lines[:begin] + lines[lines.index(b" },", begin) :])
    return found


def begun(work):
    """Begin some work in a copy of this process; return its id."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return child


def killed_after(seconds, work):
    """Do some work in a copy of this process until it had some processor seconds; was it killed?

    The system ends it then without a word. Seconds of the clock would come late on a busy machine.
    """

    def timed():
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, max(seconds, 1e-6))
        work()
        signal.setitimer(signal.ITIMER_PROF, 0)

    _, status = os.waitpid(begun(timed), 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def processor_s(work):
    """Return the processor seconds that some work takes in a copy of this process."""
    _, status, used = os.wait4(begun(work), 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("tries", [6, pytest.param(50, marks=pytest.mark.slow)])
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_kills_at_random_moments_change_no_byte(quick, tmp_path, tries):
    quick(tmp_path / "first")  # loads all libraries
    # Of a copy, too: threads that other tests left here would count, and a copy has none.
    whole_s = processor_s(lambda: quick(tmp_path / "clean"))
    wanted = content(tmp_path / "clean")
    again_s = processor_s(lambda: quick(tmp_path / "clean"))  # where all is known
    moments = random.Random(20350101)  # noqa: S311 - moments, no secrets
    kills, folder = 0, tmp_path / "0"
    for turn in range(tries):
        if turn % 3 == 0:  # some kills hit a folder that earlier ones left, some an empty one
            folder = tmp_path / str(turn)
        # What is left to do in a folder that is there lies between the two.
        work_s = whole_s if turn % 3 == 0 else moments.choice((whole_s, again_s))
        kills += killed_after(moments.uniform(0, 1.1 * work_s), lambda: quick(folder))  # noqa: B023
        if turn % 3 == 2:
            quick(folder)
            assert content(folder) == wanted
            assert sorted(path.name for path in folder.iterdir()) == ["cache", "out"]
    assert kills > tries // 4


def test_results_of_quick_stages_may_all_be_damaged(quick, tmp_path):
    quick(tmp_path)
    wanted = content(tmp_path)
    results = sorted((tmp_path / "cache").glob("objects/*/*"))
    assert len(results) >= len(STAGES)
    for place, path in enumerate(results):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if place % 2 else whole[:-1] + b"\0")
    for path in (tmp_path / "out").iterdir():
        path.unlink()
    quick(tmp_path)
    assert content(tmp_path) == wanted


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_two_quick_runs_at_once_in_one_folder_leave_one_whole_run(quick, tmp_path):
    quick(tmp_path / "first")  # loads all libraries
    wanted = content(tmp_path / "first")
    both = [begun(lambda: quick(tmp_path / "both")) for _ in range(2)]
    assert [os.waitpid(child, 0)[1] for child in both] == [0, 0]
    assert content(tmp_path / "both") == wanted
    assert sorted(path.name for path in (tmp_path / "both").iterdir()) == ["cache", "out"]
