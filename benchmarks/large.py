"""Hosting capacity at every bus of large cases, and a plain program over angles beside it.

``python -m benchmarks.large CASE`` does one and prints its figures as JSON; :func:`figures` runs
each in a fresh process, so that the peak memory is its own. A case is one that pandapower ships, by
its name, or a MATPOWER file.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks._peak import peak_mb
from benchmarks.angles import STATUS, AngleProgram
from benchmarks.published import Tables, published, read_relieved
from siteopt.grid.hosting import hosting_capacity, operate
from siteopt.grid.hosting_study import own_snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CASES = ("case118", "case300", "case1354pegase", "case2869pegase")
CORES = 2
BESIDE = 12
"""Buses at which the plain program is solved too."""


def measure(name: str) -> dict[str, Any]:
    """Time every bus of a case, and the plain program at a dozen."""
    tables = _tables(Path(name)) if name.endswith(".m") else published(name)
    with tempfile.TemporaryDirectory() as folder:
        tables, case = read_relieved(tables, Path(folder, "case.m"))
    before = _processor_s()
    begin = time.perf_counter()
    operation = operate(case, own_snapshot(case))
    found = hosting_capacity(case, operation, processes=CORES)["hosting_mw"].to_numpy()
    seconds, cpu, load = time.perf_counter() - begin, _processor_s() - before, os.getloadavg()[0]
    live = tables.branch[:, STATUS] == 1
    plain = AngleProgram(*tables)
    some = np.unique(np.linspace(0, len(found) - 1, BESIDE).astype(int))
    before = _processor_s()
    expected = np.array([plain.most(int(tables.bus[row, 0])) for row in some])
    return {
        "buses": len(found),
        "branches": int(live.sum()),
        "seconds": seconds,
        "cpu": cpu,
        "load": load,
        "peak_mb": peak_mb(),
        "plain_cpu": (_processor_s() - before) / len(some),
        "apart_mw": float(np.abs(found[some] - expected).max()),
    }


def _processor_s() -> float:
    """Return the processor time of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(item.ru_utime + item.ru_stime for item in used)


def _tables(path: Path) -> Tables:
    """Return the tables of a MATPOWER file of plain numbers, read without the package."""
    text = re.sub(r"%[^\n]*", "", path.read_text(encoding="utf-8"))

    def table(name: str) -> Floats:
        found = re.search(rf"mpc\.{name}\s*=\s*\[(.*?)\]", text, re.DOTALL)
        rows = re.split(r"[;\n]", found[1]) if found else []
        return np.array([row.replace(",", " ").split() for row in rows if row.strip()], dtype=float)

    base = re.search(r"mpc\.baseMVA\s*=\s*([\d.]+)", text)
    return Tables(float(base[1]) if base else 100.0, table("bus"), table("gen"), table("branch"))


def figures(cases: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    """Return the figures of each case."""
    found = []
    for name in cases:
        command = [sys.executable, "-m", "benchmarks.large", name]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - our own
        found.append((name, json.loads(done.stdout.splitlines()[-1])))
    return found


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
