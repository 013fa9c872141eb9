"""HiGHS handles, all made here.

HiGHS keeps one pool of threads for the whole process, of the size that was asked for first. A
handle that asks for another size returns from ``run`` at once, with the status "Not Set" and
nothing solved; so the pool is started anew wherever the size changes.
"""

from __future__ import annotations

from typing import Any

import highspy

__all__ = ["highs_version", "new_highs"]

_pool = {"threads": 0}
"""Size of the pool of this process, 0 before its first use."""


def new_highs(*, threads: int = 1, **options: Any) -> highspy.Highs:  # noqa: ANN401
    """Return a silent handle.

    Parameters
    ----------
    threads : int
        Processor cores.
    **options
        Options of HiGHS by name.
    """
    if _pool["threads"] not in (0, threads):
        highspy.Highs.resetGlobalScheduler(True)  # noqa: FBT003 - HiGHS takes it so
    _pool["threads"] = threads
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in {"output_flag": False, "threads": threads, **options}.items():
        highs.setOptionValue(name, value)
    return highs


def highs_version() -> str:
    """Return the version of HiGHS."""
    return str(new_highs().version())
