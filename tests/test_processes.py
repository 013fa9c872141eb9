"""Work side by side comes out as one after the other."""

import os
from pathlib import Path

import pytest

from siteopt._processes import Tally, side_by_side


def power(base, exponent):
    return base**exponent


def whose(_task):
    return os.getpid()


def faulty(task):
    if task == 1:
        raise ValueError("task 1 has a fault")
    return task


TASKS = [(2, 3), (5, 2), (7, 1), (1, 9)]


@pytest.mark.parametrize("processes", [1, 2, 3, 8])
def test_results_stand_in_the_order_of_the_tasks(processes):
    assert side_by_side(power, TASKS, processes) == [8, 25, 7, 1]


def test_nothing_to_do_is_nothing_done():
    assert side_by_side(power, [], 4) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be copied here")
def test_the_first_task_stays_here_and_the_others_do_not():
    here, *others = side_by_side(whose, [(1,), (2,), (3,)], 2)
    assert here == os.getpid()
    assert os.getpid() not in others


def test_a_fault_of_a_task_comes_through():
    with pytest.raises(ValueError, match="task 1 has a fault"):
        side_by_side(faulty, [(0,), (1,)], 2)


@pytest.mark.parametrize("processes", [1, 3])
def test_a_tally_counts_in_all_processes_and_a_closure_is_inherited(processes):
    tally, held = Tally(processes), Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115

    def count(times):
        for _ in range(times):
            tally.add()
        return held.name

    with held:
        told = side_by_side(count, [(3,), (4,), (5,)], processes)
    assert told == [os.devnull] * 3
    assert tally.done == 12


def test_meanwhile_is_called_while_the_others_work():
    tally = Tally(2)
    here = os.getpid()
    seen = []

    def work(_task):
        while os.getpid() != here and tally.done < 2:
            pass
        tally.add()

    def look():
        seen.append(tally.done)
        tally.add()

    side_by_side(work, [(1,), (2,)], 2, look)
    if hasattr(os, "fork"):
        assert seen[0] == 1
