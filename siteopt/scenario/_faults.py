"""Faults of validation in one line, with the place as a reader of the file would count it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteopt.scenario.frames import is_frame

if TYPE_CHECKING:
    from pydantic import ValidationError

__all__ = ["first_fault"]


def _counted(part: int | str) -> str:
    """Return a part of a key; the first of a list is number 1."""
    return f"no. {part + 1}" if isinstance(part, int) else part


def first_fault(error: ValidationError, keys: str = "see `siteopt scenario schema`") -> str:
    """Return the first fault of a file in one line.

    Parameters
    ----------
    error : ValidationError
        Of a pydantic model.
    keys : str
        Where to see the keys that there are.
    """
    fault = error.errors()[0]
    given_as = ("[number]", "[years]")  # a limit by year may be either
    parts = [_counted(part) for part in fault["loc"] if part not in given_as]
    place = ".".join(part for part in parts if part != "[key]") or "scenario"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    if fault["type"] == "extra_forbidden":
        return f"{place}: unknown key; {keys} for the keys there are{more}"
    if fault["type"] == "missing":
        return f"{place}: missing; it has no default and must be given{more}"
    message = str(fault["msg"]).removeprefix("Value error, ")
    large = isinstance(fault["input"], dict | list) or is_frame(fault["input"])
    given = "" if large else f", but it is {fault['input']!r}"
    return f"{place}: {message}{given}{more}"
