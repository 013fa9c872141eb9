"""Logging: what siteopt does, step by step, on standard error.

Modules log to loggers of their own name below ``siteopt``, as the logging how-to of Python asks
of a library: nothing is shown unless the program that uses siteopt, or ``-v`` on the command line,
asks for it.
"""

from __future__ import annotations

import logging
import sys
from typing import Final

from siteopt._shown import shown

__all__ = ["is_verbose", "log_to_stderr"]

_ROOT: Final = logging.getLogger("siteopt")
_LEVELS: Final = (logging.WARNING, logging.INFO, logging.DEBUG)

_ROOT.addHandler(logging.NullHandler())


class _OneLine(logging.Formatter):
    """Seconds since the start, the module, the message; signs that a terminal obeys are shown."""

    def __init__(self) -> None:
        super().__init__("{seconds:8.2f} s  {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        record.seconds = record.relativeCreated / 1000.0
        return shown(super().format(record))


def log_to_stderr(verbosity: int) -> None:
    """Show what is logged: nothing (0), the steps (1), or every detail (2 and more)."""
    level = _LEVELS[min(max(verbosity, 0), len(_LEVELS) - 1)]
    for handler in list(_ROOT.handlers):
        if isinstance(handler, logging.StreamHandler):
            _ROOT.removeHandler(handler)
    _ROOT.setLevel(level)
    if verbosity > 0:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_OneLine())
        _ROOT.addHandler(handler)


def is_verbose() -> bool:
    """Return whether steps are logged, so that no progress bar should write over them."""
    return _ROOT.isEnabledFor(logging.INFO)
