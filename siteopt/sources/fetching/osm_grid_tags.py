"""Tags of the power grid of OpenStreetMap, read: voltages, conductors, outputs, names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["conductors", "output_mw", "plain_name", "tagged_kv", "whole_numbers"]

_LIST: Final = re.compile(r"[;,/|]")
_VOLTAGE: Final = re.compile(r"(\d{1,8}(?:\.\d{1,8})?)\s*(kv|v)?", re.IGNORECASE)
_OUTPUT: Final = re.compile(r"(\d[\d,]{0,14}(?:\.\d{1,8})?)\s*(gw|mw|kw|w)p?", re.IGNORECASE)
_MW_OF: Final = {"gw": 1e3, "mw": 1.0, "kw": 1e-3, "w": 1e-6}
_LEAST_VOLTS: Final = 1_000.0
_PHASES: Final = 3
_DIGITS: Final = 3
_LONGEST: Final = 100


def tagged_kv(text: str | None) -> list[float]:
    """Return the voltages of a tag in kV, in its order; what is no voltage is left out.

    The tag holds volts; a number below 1,000 without a unit is read as kV.

    Examples
    --------
    >>> tagged_kv("345000;154000;22900"), tagged_kv("154 kV"), tagged_kv("154"), tagged_kv("high")
    ([345.0, 154.0, 22.9], [154.0], [154.0], [])
    """
    found = []
    for part in _LIST.split(text or ""):
        match = _VOLTAGE.fullmatch(part.strip())
        if match is None:
            continue
        value, unit = float(match[1]), (match[2] or "").lower()
        in_kv = unit == "kv" or (not unit and value < _LEAST_VOLTS)
        found.append(value if in_kv else value / 1_000)
    return found


def whole_numbers(text: str | None) -> list[int]:
    """Return the whole numbers of a tag; none where a part of it is no number.

    Examples
    --------
    >>> whole_numbers("6;3"), whole_numbers("2"), whole_numbers("many")
    ([6, 3], [2], [])
    """
    parts = [part.strip() for part in _LIST.split(text or "")]
    whole = all(part.isdecimal() and len(part) <= _DIGITS for part in parts)
    return [int(part) for part in parts] if whole else []


def conductors(
    cables: str | None, circuits: str | None, voltages: int, *, conductors_as_circuits: bool
) -> list[int]:
    """Return the conductors of a way at each of its voltages, 0 where the tags do not say.

    Parameters
    ----------
    cables, circuits : str or None
        Tags of the way. ``cables`` counts conductors and rules; ``circuits`` counts circuits, or
        conductors as below. A list has a number for each voltage; a single number is shared out
        evenly, and not known where that leaves no whole circuits.
    voltages : int
        Voltages of the way.
    conductors_as_circuits : bool
        Whether ``circuits`` counts conductors where it is a multiple of 3.

    Examples
    --------
    >>> conductors("6", None, 1, conductors_as_circuits=True)
    [6]
    >>> conductors("12", "2", 2, conductors_as_circuits=True)
    [6, 6]
    >>> conductors(None, "6", 1, conductors_as_circuits=True)
    [6]
    >>> conductors(None, "2", 1, conductors_as_circuits=True)
    [6]
    >>> conductors(None, None, 2, conductors_as_circuits=True)
    [0, 0]
    """
    given = whole_numbers(cables)
    if not given:
        given = [
            number if conductors_as_circuits and number % _PHASES == 0 else number * _PHASES
            for number in whole_numbers(circuits)
        ]
    if len(given) == voltages:
        return given
    if len(given) == 1 and given[0] % (_PHASES * voltages) == 0:
        return [given[0] // voltages] * voltages
    return [0] * voltages


def output_mw(text: str | None) -> float | None:
    """Return the output of a plant in MW; None where the tag holds no number with a unit of power.

    Examples
    --------
    >>> output_mw("1,400 MW"), output_mw("2.5 GW"), output_mw("99 MWp"), output_mw("yes")
    (1400.0, 2500.0, 99.0, None)
    """
    match = _OUTPUT.fullmatch((text or "").strip())
    return None if match is None else float(match[1].replace(",", "")) * _MW_OF[match[2].lower()]


def plain_name(text: str | None, prefixes: Sequence[str]) -> str:
    """Return a name without signs that are not to be seen and without some beginnings.

    Examples
    --------
    >>> plain_name("154kV 한빛변전소", [r"[0-9]+ *kV *"])
    '한빛변전소'
    """
    name = "".join(sign if sign.isprintable() else " " for sign in text or "")
    name = " ".join(name.split())
    for prefix in prefixes:
        name = re.sub(f"^(?:{prefix})", "", name)
    return name.strip()[:_LONGEST]
