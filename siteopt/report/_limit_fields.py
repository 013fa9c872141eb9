"""Key of a limit as fields: what it is a limit of, its voltage level."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["limit_fields"]

_KV: Final = " kV"
_DIVERSITY: Final = ("station", "basin")
"""Kinds of subject of which a plan may hold no more than a share."""


def limit_fields(family: str, name: str) -> dict[str, Any]:
    """Return what a limit is a limit of, for a page that has a name for it in each language.

    Parameters
    ----------
    family : str
        Family of constraints.
    name : str
        Its name as ``limits.csv`` has it, without a year.

    Returns
    -------
    dict
        ``kind`` of the subject (``station``, ``area``, ``province``, ``basin``, ``site``; None
        where the limit has no subject), ``subject`` (its id) and ``voltage_kv`` (None: all levels).

    Examples
    --------
    >>> limit_fields("stations", "A 154 kV")
    {'kind': 'station', 'subject': 'A', 'voltage_kv': 154.0}
    >>> limit_fields("diversity", "share of basin han")
    {'kind': 'basin', 'subject': 'han', 'voltage_kv': None}
    """
    kind, subject, voltage_kv = _parts(family, name)
    return {"kind": kind, "subject": subject, "voltage_kv": voltage_kv}


def _parts(family: str, name: str) -> tuple[str | None, str | None, float | None]:  # noqa: PLR0911 - one a family
    head, _, rest = name.partition(" ")
    match family:
        case "stations":
            if rest.startswith("area"):
                return "area", head, None
            return "station", head, _voltage(rest)
        case "upgrades":
            station, _, level = rest.partition(" ")
            return "station", station, _voltage(level)
        case "provinces":
            return ("province", rest, None) if head == "share" else (None, None, None)
        case "diversity":
            kind, _, subject = rest.removeprefix("of ").partition(" ")
            return (kind, subject, None) if kind in _DIVERSITY else (None, None, None)
        case "basins":
            return "basin", rest, None
        case "rules":
            return "site", rest, None
        case "spacing":
            return "site", head, None
        case _:
            return None, None, None


def _voltage(level: str) -> float | None:
    return float(level.removesuffix(_KV)) if level.endswith(_KV) else None
