"""A whole run in finer cells, timed: each in a process of its own, from a fresh cache."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from typing import NamedTuple

__all__ = ["FineRun", "time_run"]

_CHILD = """
import json, sys, time
from pathlib import Path
import rasterio
import siteopt
from benchmarks._peak import peak_mb
scenario, folder, cell_m, memory_mb, brief = sys.argv[1:]
changes = {"screening.cell_m": float(cell_m), "screening.memory_mb": float(memory_mb)}
if brief == "whole":
    changes["uncertainty.preset"] = "none"
loaded = siteopt.load_scenario(scenario, changes=changes)
run = siteopt.run(loaded, Path(folder) / "out", cache=Path(folder) / "cache", brief=brief == "brief")
record = json.loads((run.folder / "run.json").read_bytes())
with rasterio.open(run.folder / "eligibility.tif") as land:
    cells = land.width * land.height
page = run.folder / "map.html"
print(json.dumps({
    "cell_m": float(cell_m), "cells": cells, "sites": record["sites"],
    "cpu_s": time.process_time(), "peak_mb": peak_mb(), "timings_s": record["timings_s"],
    "page_mb": page.stat().st_size / 1e6 if page.exists() else 0.0,
}))
"""


class FineRun(NamedTuple):
    """What a run took.

    Attributes
    ----------
    cell_m : float
        Side of a cell in metres.
    cells, sites : int
        Cells of the grid; candidates.
    cpu_s, peak_mb : float
        Seconds of processor and peak memory of its process, imports included.
    timings_s : dict
        Wall seconds by phase, as in ``run.json``.
    page_mb : float
        Size of ``map.html``; 0 for a brief run.
    """

    cell_m: float
    cells: int
    sites: int
    cpu_s: float
    peak_mb: float
    timings_s: dict[str, float]
    page_mb: float

    def line(self) -> str:
        """Return the figures as a row of a Markdown table."""
        phases = ", ".join(f"{name} {seconds:.0f}" for name, seconds in self.timings_s.items())
        return (
            f"| {self.cell_m:g} | {self.cells / 1e6:,.1f} | {self.sites:,} | {self.cpu_s:.0f} | "
            f"{self.peak_mb / 1024.0:.1f} GB | {self.page_mb:.1f} MB | {phases} |"
        )


def time_run(scenario: str, cell_m: float, memory_mb: float, *, brief: bool) -> FineRun:
    """Return what a run in cells of a size takes.

    Parameters
    ----------
    scenario : str
        A ready scenario.
    cell_m : float
        Side of a cell in metres.
    memory_mb : float
        ``screening.memory_mb``.
    brief : bool
        Whether only figures are made; a whole run is made without draws of assumptions, which do
        not depend on cells.
    """
    with tempfile.TemporaryDirectory() as folder:
        words = [scenario, folder, str(cell_m), str(memory_mb), "brief" if brief else "whole"]
        told = subprocess.run(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-c", _CHILD, *words], check=True, capture_output=True, text=True
        ).stdout
    return FineRun(**json.loads(told.splitlines()[-1]))
