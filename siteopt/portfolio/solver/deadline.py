"""Deadline of a piece of solving, in wall time."""

from __future__ import annotations

import time

__all__ = ["Deadline"]


class Deadline:
    """Deadline: seconds from now, of which some are left."""

    def __init__(self, seconds: float) -> None:
        self.begun, self.whole = time.perf_counter(), seconds
        self._end = self.begun + seconds

    def __reduce__(self) -> tuple[type[Deadline], tuple[float]]:
        # The clock of another process is another one: there it begins with what is left.
        return Deadline, (self.left,)

    @property
    def left(self) -> float:
        """Seconds left, never below zero."""
        return max(self._end - time.perf_counter(), 0.0)

    @property
    def used(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.begun
