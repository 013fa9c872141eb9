"""The few kinds of error siteopt raises on purpose.

Each kind is also the builtin a caller would expect, so ``except ValueError`` works without
importing siteopt. Every message is one line: what is wrong, where (file, row or field), and
what would be right. The command line turns a :class:`SiteoptError` into that one line and its
exit code; any other exception is a defect of siteopt and keeps its traceback.
"""

from __future__ import annotations

import re
from typing import ClassVar, Final

__all__ = [
    "ClusterError",
    "FetchError",
    "InfeasibleError",
    "LayerError",
    "LayerFileError",
    "ScenarioError",
    "SiteoptError",
    "SolverError",
    "one_line",
    "why_not_read",
]

_LONGEST: Final = 2000
_LONG_WORD: Final = re.compile(r"(\S{160})\S{80,}(\S{40})")
_UNSEEN: Final = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)


def one_line(message: str) -> str:
    r"""Return a message as one line of bounded length without control signs.

    What stands in it may come from a file of a stranger: line ends, escape codes and signs that
    turn the direction of writing are written out, and a word of thousands of letters is shortened.

    Examples
    --------
    >>> one_line("a.csv: name is \x1b[31mred")
    'a.csv: name is \\x1b[31mred'
    """
    seen = _UNSEEN.sub(lambda sign: ascii(sign[0])[1:-1], message)
    short = _LONG_WORD.sub(r"\1…\2", seen)
    return short if len(short) <= _LONGEST else f"{short[: _LONGEST - 300]} … {short[-200:]}"


def why_not_read(error: Exception) -> str:
    """Return in words why a file could not be opened, read or written."""
    return str(getattr(error, "strerror", None) or str(error) or type(error).__name__)


class SiteoptError(Exception):
    """Base of all errors that siteopt raises on purpose; its message is one line."""

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str = "") -> None:
        super().__init__(one_line(str(message)))


class ScenarioError(SiteoptError, ValueError):
    """A scenario that cannot be right: an unknown key, a wrong unit, a contradiction."""


class LayerError(SiteoptError, ValueError):
    """A layer whose content cannot be right: CRS, geometry, columns, ranges, hash."""


class LayerFileError(SiteoptError, FileNotFoundError):
    """A layer or scenario file that is not there or cannot be opened."""


class FetchError(SiteoptError, ConnectionError):
    """A layer that did not come from its source, or came as something else."""


class ClusterError(SiteoptError, ConnectionError):
    """A cluster that does not answer, was lost, or whose workers have another siteopt."""


class SolverError(SiteoptError, RuntimeError):
    """A solver that is missing, failed, or gave an answer the raw tables contradict."""


class InfeasibleError(SiteoptError, ValueError):
    """A scenario that no plan can meet; the message names the limits in conflict.

    Attributes
    ----------
    details : str
        A line for each limit in conflict, with how much it must give; for the command line.
    sentence_ko : str
        The conflict as a Korean sentence, where it is known.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, details: str = "", sentence_ko: str = "") -> None:
        super().__init__(message)
        self.details, self.sentence_ko = details, sentence_ko
