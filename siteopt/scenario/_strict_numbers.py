"""Strict numbers of a scenario: no conversion from text or from true and false."""

from __future__ import annotations

from typing import Any

__all__ = ["read_otherwise"]


def read_otherwise(written: Any, read: Any, place: str = "") -> str | None:  # noqa: ANN401 - what TOML holds
    """Return the first value that became one of another kind, in a line; None where none did.

    The models turn ``"300"`` and ``true`` into numbers and 1 into ``true``, each of which is
    a slip of the hand in a file that is written by hand.

    Parameters
    ----------
    written : object
        As TOML holds it.
    read : object
        As the models have it, in plain values.
    place : str
        Key of the value, for the message.
    """
    if isinstance(written, dict) and isinstance(read, dict):
        pairs = [(item, read.get(key), f"{place}.{key}") for key, item in written.items()]
    elif isinstance(written, list) and isinstance(read, list):
        ends = zip(written, read, strict=False)
        pairs = [(*pair, f"{place}.no. {number}") for number, pair in enumerate(ends, start=1)]
    elif (wanted := _kind(read)) not in {None, _kind(written)} and _kind(written) is not None:
        return f"{place.removeprefix('.')}: {wanted} is needed, but it is {written!r}"
    else:
        return None
    return next((message for pair in pairs if (message := read_otherwise(*pair))), None)


def _kind(value: object) -> str | None:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return "a text" if isinstance(value, str) else None
