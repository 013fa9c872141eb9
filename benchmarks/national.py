"""Seconds by stage and memory of ``siteopt run`` on a ready scenario, in fresh processes."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

__all__ = ["national"]

RUNS = 3


def _run_once(scenario: str, folder: Path) -> dict[str, float]:
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


def national(scenario: str = "national-2035") -> dict[str, float]:
    """Return the median of every figure of a national run, each from a fresh folder."""
    runs = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as name:
            runs.append(_run_once(scenario, Path(name)))
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}
