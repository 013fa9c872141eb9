"""The few kinds of error siteopt raises on purpose.

Each kind is also the builtin a caller would expect, so ``except ValueError`` works without
importing siteopt. Every message is one line: what is wrong, where (file, row or field), and
what would be right. The command line turns a :class:`SiteoptError` into that one line and its
exit code; any other exception is a defect of siteopt and keeps its traceback.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "InfeasibleError",
    "LayerError",
    "LayerFileError",
    "ScenarioError",
    "SiteoptError",
    "SolverError",
]


class SiteoptError(Exception):
    """Base of all errors that siteopt raises on purpose."""

    exit_code: ClassVar[int] = 2


class ScenarioError(SiteoptError, ValueError):
    """A scenario that cannot be right: an unknown key, a wrong unit, a contradiction."""


class LayerError(SiteoptError, ValueError):
    """A layer whose content cannot be right: CRS, geometry, columns, ranges, hash."""


class LayerFileError(SiteoptError, FileNotFoundError):
    """A layer or scenario file that is not there or cannot be opened."""


class SolverError(SiteoptError, RuntimeError):
    """A solver that is missing, failed, or gave an answer the raw tables contradict."""


class InfeasibleError(SiteoptError, ValueError):
    """A scenario that no plan can meet; the message names the limits in conflict.

    Attributes
    ----------
    details : str
        A line for each limit in conflict, with how much it must give; for the command line.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details
