"""Identity of an installation: code, libraries, machine and embedded layers that make an answer."""

from __future__ import annotations

import hashlib
from functools import cache

from siteopt._data import data_folder
from siteopt.stages.version import versions

__all__ = ["differences", "fingerprint", "identity"]

_LONGEST = 12
"""Signs of a hash or version that are shown."""


@cache
def identity() -> dict[str, str]:
    """Return the versions of a process, and the hash of the catalogue of embedded layers.

    The catalogue holds the hash of every layer. Cached: a process has the code that it loaded.
    """
    catalogue = data_folder() / "catalogue.toml"
    content = catalogue.read_bytes() if catalogue.is_file() else b""
    return {**versions(), "embedded layers": hashlib.sha256(content).hexdigest()}


@cache
def fingerprint() -> str:
    """Return one hash of the identity of this process."""
    return hashlib.sha256(repr(sorted(identity().items())).encode()).hexdigest()


def differences(own: dict[str, str], other: dict[str, str]) -> list[str]:
    """Return in words what of another identity is not as here.

    Parameters
    ----------
    own, other : dict
        Of :func:`identity`.

    Examples
    --------
    >>> differences({"numpy": "2.4.6"}, {"numpy": "2.3.0"})
    ['numpy 2.3.0, here 2.4.6']
    """
    return [
        f"{name} {other.get(name, '')[:_LONGEST] or 'is missing'}, "
        f"here {own.get(name, '')[:_LONGEST] or 'none'}"
        for name in sorted(own.keys() | other.keys())
        if own.get(name, "") != other.get(name, "")
    ]
