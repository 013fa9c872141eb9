"""Free memory of this machine, and amounts of memory in words."""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["GIB", "MIB", "free_bytes", "gigabytes"]

GIB: Final = 1 << 30

MIB: Final = 1 << 20

_MEMINFO: Final = Path("/proc/meminfo")
_GROUP: Final = Path("/sys/fs/cgroup")


def free_bytes() -> int | None:
    """Return the bytes that a new array can have without swapping; None where it is not known.

    What Linux counts as available, and no more than is left to the container and by ``ulimit -v``.
    """
    known = [
        left for left in (_available(), _left_in_group(), _left_in_limit()) if left is not None
    ]
    return max(min(known), 0) if known else None


def gigabytes(count: float) -> str:
    """Return bytes as people say them.

    Examples
    --------
    >>> gigabytes(6 * 2**30), gigabytes(2**20)
    ('6.0 GB', '0.001 GB')
    """
    size = count / GIB
    return f"{size:,.1f} GB" if size >= 0.1 else f"{size:.1g} GB"  # noqa: PLR2004 - one decimal


def _available() -> int | None:
    """Return what the kernel calls available, else the free pages."""
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
        return next(
            int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")
        )
    except (OSError, ValueError, StopIteration):
        return _free_pages()


def _free_pages() -> int | None:
    import os  # noqa: PLC0415 - elsewhere than on Linux only

    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _left_in_group() -> int | None:
    """Return what the limit of the control group leaves; None where it has none."""
    try:
        most = int((_GROUP / "memory.max").read_text(encoding="ascii"))
        used = int((_GROUP / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):  # there is no such file, or it says "max"
        return None
    return most - used


def _left_in_limit() -> int | None:
    """Return what the limit on the address space of this process leaves; None where it has none."""
    try:
        import resource  # noqa: PLC0415 - not on every system

        most = resource.getrlimit(resource.RLIMIT_AS)[0]
        if most == resource.RLIM_INFINITY:
            return None
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        return most - pages * resource.getpagesize()
    except (ImportError, OSError, ValueError):
        return None
