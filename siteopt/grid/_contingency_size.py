"""Memory and time of N-1 contingency analysis on a large case, checked before the work begins."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from siteopt.grid.system import System

__all__ = ["MANY_BRANCHES", "contingency_size", "free_bytes"]

_TABLES: Final = 8
"""Numbers a pair of branches at the peak: outage factors, flows after outages, limits, and what
comparing them takes."""

MANY_BRANCHES: Final = 1000
"""Number of branches in service from which the cost of outages is reported beforehand."""

_GB: Final = 1e9


def contingency_size(system: System) -> str:
    """Return a sentence on what single outages take, '' where that is little.

    Parameters
    ----------
    system : System
        The case.

    Raises
    ------
    LayerError
        If they need more memory than is free.
    """
    count = system.branches
    need = 8.0 * _TABLES * count**2
    free = free_bytes()
    if need > free:
        raise LayerError(
            f"grid case: single outages of {count:,} branches need about {need / _GB:,.1f} GB of "
            f"memory, and {free / _GB:,.1f} GB are free; ask with security none, or give a "
            "smaller case"
        )
    if count < MANY_BRANCHES:
        return ""
    return (
        f"single outages of {count:,} branches are {count**2 / 1e6:,.1f} million limits, looked at "
        f"several times for each bus: about {need / _GB:,.1f} GB of memory, and seconds a bus"
    )


def free_bytes() -> float:
    """Return the memory that is free, infinity where unknown."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        meminfo = dict(line.split(":", 1) for line in lines)
        return float(meminfo["MemAvailable"].split()[0]) * 1024.0
    except (OSError, KeyError, ValueError):
        pass
    try:
        return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return float("inf")
