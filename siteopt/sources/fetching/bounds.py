"""Bounds of a fetch: how long, how large, how often, and how far an archive may expand."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Bounds"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of one download.

    Attributes
    ----------
    connect_s : float
        Longest wait for a connection.
    silence_s : float
        Longest wait for the next bytes of an answer.
    total_s : float
        Longest time of one download, all attempts and pauses within it.
    bytes_max : int
        Largest answer.
    attempts : int
        Attempts before a server is given up.
    pause_s : float
        Pause before the second attempt; each further one is twice as long.
    pause_max_s : float
        Longest pause, also where the server asks for more (``Retry-After``).
    """

    connect_s: float = 20.0
    silence_s: float = 60.0
    total_s: float = 1_800.0
    bytes_max: int = 4_000_000_000
    attempts: int = 5
    pause_s: float = 2.0
    pause_max_s: float = 120.0

    def pause_before(self, attempt: int, asked_s: float | None) -> float:
        """Return the pause before an attempt: exponential back-off, or what the server asks for.

        Parameters
        ----------
        attempt : int
            The attempt that follows, 2 or more.
        asked_s : float, optional
            Seconds that the server asked for.

        Examples
        --------
        >>> [Bounds().pause_before(attempt, None) for attempt in (2, 3, 4)]
        [2.0, 4.0, 8.0]
        >>> Bounds().pause_before(2, 3_600.0)
        120.0
        """
        own = self.pause_s * 2.0 ** (attempt - 2)
        return min(self.pause_max_s, own if asked_s is None else max(own, asked_s))
