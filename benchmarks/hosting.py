"""Hosting capacity of the embedded case with single outages, and the plain way beside it.

``python -m benchmarks.hosting WAY`` does one of them and prints its seconds and answers as JSON;
:func:`figures` runs each in a fresh process, so that the peak memory is its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from siteopt.grid.case import case_of_layers
from siteopt.grid.hosting import hosting_capacity, operate
from siteopt.grid.snapshots import snapshots_of_layers
from siteopt.grid.system import build_system
from siteopt.layers.store import open_layers

CORES = 2
SOME = range(0, 193, 16)
"""A dozen buses, for the comparison."""
SNAPSHOT = "spring_noon"
"""The snapshot that needs most rows."""
LIMIT_S = 60.0
"""What 193 buses in 4 snapshots must stay under."""


def every_bus() -> dict[str, float]:
    """Time 193 buses in 4 snapshots with single outages, from the layers to the tables."""
    begin = time.perf_counter()
    layers = open_layers()
    case, snapshots = case_of_layers(layers), snapshots_of_layers(layers)
    system = build_system(case)

    def total(name: str) -> float:
        table = hosting_capacity(case, operate(case, snapshots[name], "n-1", system))
        return float(table["hosting_mw"].sum())

    with ThreadPoolExecutor(CORES) as pool:
        sums = list(pool.map(total, snapshots))
    seconds = time.perf_counter() - begin
    return {"seconds": seconds, "cpu": time.process_time(), "sum_mw": sum(sums)}


def _of_some(*, keep: bool) -> dict[str, float]:
    """Time a dozen buses, with one kept program or each with a new one that knows no limit."""
    layers = open_layers()
    case, snapshots = case_of_layers(layers), snapshots_of_layers(layers)
    system = build_system(case)
    begin, cpu = time.perf_counter(), time.process_time()
    operation, total = None, 0.0
    for bus in SOME:
        if operation is None or not keep:
            operation = operate(case, snapshots[SNAPSHOT], "n-1", system)
        total += operation.most_withdrawal(bus)[0]
    return {
        "seconds": time.perf_counter() - begin,
        "cpu": time.process_time() - cpu,
        "sum_mw": total,
    }


def kept() -> dict[str, float]:
    """Time a dozen buses, one after the other in a kept program."""
    return _of_some(keep=True)


def from_scratch() -> dict[str, float]:
    """Time the same buses, each from scratch."""
    return _of_some(keep=False)


WAYS = {way.__name__: way for way in (every_bus, kept, from_scratch)}


def figures() -> list[tuple[str, dict[str, float]]]:
    """Return seconds, processor seconds, peak MB and the sum of the answers of each way."""
    found = []
    for way in WAYS:
        command = [sys.executable, "-m", "benchmarks.hosting", way]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 - our own command
        told = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{' '.join(command)} ended with status {status}")
        found.append((way, {**json.loads(told), "peak_mb": usage.ru_maxrss / 1024.0}))
    return found


if __name__ == "__main__":
    print(json.dumps(WAYS[sys.argv[1]]()))
