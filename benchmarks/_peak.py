"""Peak memory of this process alone."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["peak_mb"]


def peak_mb() -> float:
    """Return the most memory that this process has had, in MB.

    ``ru_maxrss`` of a new process begins at what its parent had; the kernel's ``VmHWM`` does not.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    return int(found.group(1)) / 1024.0 if found else float("nan")
