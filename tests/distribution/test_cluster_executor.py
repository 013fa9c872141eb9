"""Tasks on two worker processes: order, errors, what is shared, and workers that die."""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from siteopt.distribution import cluster, executor, in_order
from siteopt.distribution.cluster_executor import in_task
from siteopt.errors import ClusterError, InfeasibleError, LayerError
from siteopt.lattice import Lattice
from siteopt.screening.features import Features
from siteopt.screening.judging import RuleSet
from siteopt.screening.windows import windows_of

if TYPE_CHECKING:
    from pathlib import Path


def squared(number):
    return os.getpid(), number**2


@pytest.mark.usefixtures("on_cluster")
def test_results_come_in_order_from_both_workers(worker_ids):
    with cluster() as pool:
        found = list(in_order(pool, squared, range(40), 8))
        assert [value for _, value in found] == [number**2 for number in range(40)]
        assert {process for process, _ in found} == set(worker_ids())
        assert pool.cores == 2
        assert pool.cores_of_worker == 1


def refuse(number):
    if number == 3:
        raise LayerError("slope.tif: row 3 is damaged")
    if number == 5:
        raise InfeasibleError("no plan", "by 3 MW", "계획 없음")
    return number


@pytest.mark.usefixtures("on_cluster")
def test_errors_of_tasks_are_those_of_the_task():
    with cluster() as pool:
        with pytest.raises(LayerError, match=r"^slope\.tif: row 3 is damaged$"):
            list(in_order(pool, refuse, range(5), 1))
        with pytest.raises(InfeasibleError, match="no plan") as raised:
            pool.submit(refuse, 5).result()
    assert (raised.value.details, raised.value.sentence_ko) == ("by 3 MW", "계획 없음")


def identity_of(shared, _number):
    return os.getpid(), id(shared), float(shared.sum())


@pytest.mark.usefixtures("on_cluster")
def test_what_a_partial_holds_goes_to_each_worker_once():
    large = np.arange(3_000_000, dtype=np.float64)
    with cluster() as pool:
        found = set(pool.map(partial(identity_of, large), range(30)))
        found |= set(pool.map(partial(identity_of, large), range(30)))
    assert {total for *_, total in found} == {large.sum()}
    assert len(found) == len({process for process, *_ in found}) == 2


def looked_into(window, words):
    return type(window).__name__, window.row, words


@pytest.mark.usefixtures("on_cluster")
def test_tasks_arrive_as_they_are():
    """Dask takes tuples and lists apart to look for results of other tasks."""
    (window,) = windows_of(Lattice(0.0, 1.0, 1.0, 1, 1), 256)
    with cluster() as pool:
        asked = pool.submit(looked_into, window, words=[("squared", [1, (2,)])])
        assert asked.result() == ("Window", 0, [("squared", [1, (2,)])])


def nested(_number):
    with cluster() as pool, executor(1) as other:
        return in_task(), pool is None, type(other).__name__


@pytest.mark.usefixtures("on_cluster")
def test_a_task_asks_no_cluster():
    with cluster() as pool:
        assert pool.submit(nested, 0).result() == (True, True, "ThreadPoolExecutor")
    assert not in_task()


def slow(number):
    time.sleep(0.01)
    return number


@pytest.mark.usefixtures("on_cluster")
def test_few_tasks_are_begun_ahead():
    taken = []

    def tasks():
        for number in range(100):
            taken.append(number)
            yield number

    with cluster() as pool:
        results = in_order(pool, slow, tasks(), 3)
        assert [next(results), next(results)] == [0, 1]
        assert len(taken) <= 6
        results.close()


class Deadly:
    """A rule that notes who judges which window, and ends its process at one of them, once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def halo(self, _cell_m):
        return 0

    def take(self, _lattice, window):
        with (self.folder / "log").open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()} {window.row} {window.col}\n")
        dead = self.folder / "dead"
        if (window.row, window.col) == (512, 512) and not dead.exists():
            dead.write_text(str(os.getpid()), encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)
        yield from ()


def made_rules(folder):
    """Return rules on 16 windows of 256 cells: discs of land, and the rule that kills."""
    lattice = Lattice(x_min_m=0.0, y_max_m=102_400.0, cell_m=100.0, n_rows=1024, n_cols=1024)
    places = np.random.default_rng(5).random((40, 2)) * 102_400.0
    land = Features.of(list(shapely.buffer(shapely.points(places), 9000.0)))
    return RuleSet(lattice, ("land",), land, 0, (Deadly(folder),))


def judged(rules):
    return [
        (one.window, one.reasons.tobytes(), one.land.tobytes(), one.unknown_cells.tolist())
        for one in rules.judge_all(side=256)
    ]


@pytest.mark.usefixtures("on_cluster")
def test_a_worker_that_dies_costs_only_its_tiles(tmp_path, worker_ids):
    rules = made_rules(tmp_path)
    (tmp_path / "dead").touch()  # the single run lives
    single = judged(rules)
    assert len(single) == 16
    (tmp_path / "log").unlink()
    (tmp_path / "dead").unlink()
    before = worker_ids()

    assert judged(rules) == single

    done = [line.split() for line in (tmp_path / "log").read_text().splitlines()]
    dead = (tmp_path / "dead").read_text()
    assert int(dead) in before
    by_window = {}
    for process, row, col in done:
        by_window.setdefault((row, col), []).append(process)
    assert len(by_window) == 16
    assert len(by_window["512", "512"]) == 2
    again = {window: own for window, own in by_window.items() if len(own) > 1}
    assert all(own[:-1] == [dead] * (len(own) - 1) for own in again.values())
    assert len(again) <= 5  # those under way or not taken yet


def deadly(_number):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.usefixtures("on_cluster")
def test_a_task_that_ends_every_worker_is_said_in_a_line():
    with cluster() as pool, pytest.raises(ClusterError, match="a task ended every worker"):
        pool.submit(deadly, 0).result()
