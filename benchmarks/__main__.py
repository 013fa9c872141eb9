"""``make bench``: seconds and memory of a national run and of hosting capacity, fresh processes."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import hosting

RUNS = 3


def run_once(scenario: str, folder: Path) -> dict[str, float]:
    """Run a scenario in a fresh process; return seconds by stage, wall seconds and peak MB."""
    begin = time.perf_counter()
    words = ["run", scenario, "--out", str(folder), "--quiet", "--fresh"]
    command = [sys.executable, "-m", "siteopt", *words]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - begin
    if status:
        raise SystemExit(f"siteopt run {scenario} ended with status {status}")
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return {**record["timings_s"], "wall": wall_s, "peak_mb": usage.ru_maxrss / 1024.0}


def national(scenario: str = "national-2035") -> list[tuple[str, float]]:
    """Return the median of every figure of a national run."""
    with tempfile.TemporaryDirectory() as name:
        runs = [run_once(scenario, Path(name)) for _ in range(RUNS)]
    return [(key, statistics.median(run[key] for run in runs)) for key in runs[0]]


def main() -> None:
    """Print the figures as a table."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    figures = dict(national())
    for name, value in figures.items():
        print(f"{name:12} {value:10.2f} {'MB' if name == 'peak_mb' else 's'}")
    print_hosting()


def print_hosting() -> None:
    """Print hosting capacity with single outages: every bus, and a dozen in two ways."""
    some = f"{len(hosting.SOME)} buses, {hosting.SNAPSHOT}"
    titles = {
        "every_bus": f"193 buses x 4 snapshots, {hosting.CORES} threads",
        "kept": f"{some}, one kept program",
        "from_scratch": f"{some}, each from scratch",
    }
    print(f"hosting capacity, n-1 (the first must stay under {hosting.LIMIT_S:g} s)")
    for way, found in hosting.figures():
        print(
            f"{titles[way]:44} {found['seconds']:8.2f} s {found['cpu']:8.2f} s of processor "
            f"{found['peak_mb']:6.0f} MB {found['sum_mw']:12.1f} MW in all"
        )


if __name__ == "__main__":
    main()
