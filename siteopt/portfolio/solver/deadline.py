"""Wall time that is left for a piece of solving."""

from __future__ import annotations

import time

__all__ = ["Deadline"]


class Deadline:
    """Wall time that is left."""

    def __init__(self, seconds: float) -> None:
        self.begun, self.whole = time.perf_counter(), seconds
        self._end = self.begun + seconds

    @property
    def left(self) -> float:
        """Seconds left, never below zero."""
        return max(self._end - time.perf_counter(), 0.0)

    @property
    def used(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.begun
