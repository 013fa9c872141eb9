"""Coordinates as people write them: degrees, degrees and minutes, metres of EPSG:5179."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import Transformer

__all__ = [
    "all_in_metres",
    "in_degrees",
    "in_metres",
    "looks_like_coordinates",
    "minutes_text",
    "read_coordinates",
]

_LON: Final = (124.0, 132.0)
_LAT: Final = (32.0, 39.5)
"""Degrees that hold South Korea: they tell longitude from latitude."""
_X_M: Final = (700_000.0, 1_500_000.0)
_Y_M: Final = (1_300_000.0, 2_200_000.0)
"""Metres of EPSG:5179 that hold South Korea, likewise."""
_NUMBER: Final = r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_PAIR: Final = re.compile(rf"\(?\s*({_NUMBER})\s*[,;\s]\s*({_NUMBER})\s*\)?")
_ANGLE: Final = re.compile(
    rf"({_NUMBER})\s*[°도º]\s*(?:({_NUMBER})\s*['’′분]\s*)?(?:({_NUMBER})\s*(?:[\"”″초]|''|’’)\s*)?"
)
_LABEL: Final = re.compile(r"EPSG\s*:?\s*5179\s*[:;]?|[xy]\s*=", re.IGNORECASE)
_EXAMPLE: Final = "126.45,34.77"
_SIXTY: Final = 60.0


def looks_like_coordinates(text: str) -> bool:
    """Return whether a text is meant as coordinates: two numbers or angles, or a comma and no name.

    Examples
    --------
    >>> [looks_like_coordinates(one) for one in ("126.45,34.77", "36°31′N 129°3′E", "청송군, 진보면")]
    [True, True, False]
    """
    if len(_ANGLE.findall(text)) == 2 or _PAIR.fullmatch(_bare(text)):  # noqa: PLR2004 - lon, lat
        return True
    return "," in text and not any("\uac00" <= sign <= "\ud7a3" for sign in text)


def _bare(text: str) -> str:
    return _LABEL.sub("", text).strip()


def read_coordinates(text: str) -> tuple[float, float]:
    """Return longitude and latitude in degrees of what somebody typed or pasted.

    Degrees in decimals or with minutes and seconds, in either order (the ranges of Korea tell them
    apart), or metres of EPSG:5179.

    Parameters
    ----------
    text : str
        Such as ``126.45,34.77``, ``36°31′48″N 129°3′E`` or ``1050000,1800000``.

    Raises
    ------
    ScenarioError
        If it is neither, or lies outside Korea in every reading that there is.
    """
    angles = _ANGLE.findall(text)
    if len(angles) == 2:  # noqa: PLR2004 - longitude and latitude
        first, second = (_degrees(*angle) for angle in angles)
        return _ordered(first, second, text)
    found = _PAIR.fullmatch(_bare(text))
    if found is None:
        raise ScenarioError(f"{text}: not LON,LAT in degrees, such as {_EXAMPLE}")
    first, second = float(found[1]), float(found[2])
    if max(abs(first), abs(second)) > 180:  # noqa: PLR2004 - no degree is more
        return _of_metres(first, second, text)
    return _ordered(first, second, text)


def _degrees(whole: str, minutes: str, seconds: str) -> float:
    return float(whole) + float(minutes or 0) / _SIXTY + float(seconds or 0) / _SIXTY**2


def _within(value: float, low_high: tuple[float, float]) -> bool:
    return low_high[0] <= value <= low_high[1]


def _ordered(first: float, second: float, text: str) -> tuple[float, float]:
    if not (math.isfinite(first) and math.isfinite(second)):
        raise ScenarioError(f"{text}: not LON,LAT in degrees, such as {_EXAMPLE}")
    if _within(first, _LAT) and _within(second, _LON):
        return second, first
    if abs(second) > 90:  # noqa: PLR2004 - no latitude is more
        raise ScenarioError(
            f"{text}: latitude {second:g} is beyond the pole; give LON,LAT such as {_EXAMPLE}"
        )
    return first, second


def _of_metres(first: float, second: float, text: str) -> tuple[float, float]:
    as_given = _within(first, _X_M) and _within(second, _Y_M)
    x_m, y_m = (first, second) if as_given else (second, first)
    if not (_within(x_m, _X_M) and _within(y_m, _Y_M)):
        raise ScenarioError(
            f"{text}: not LON,LAT in degrees, such as {_EXAMPLE}; these look like metres, but not of "
            "EPSG:5179 in Korea, such as 1050000,1800000"
        )
    return in_degrees(x_m, y_m)


@cache
def _way(*, to_metres: bool) -> Transformer:
    """Return the transformation from degrees to metres of EPSG:5179, or back."""
    from pyproj import Transformer  # noqa: PLC0415 - names need none of it

    from siteopt.lattice import CRS_EPSG, DEGREES_EPSG  # noqa: PLC0415

    ends = (DEGREES_EPSG, CRS_EPSG) if to_metres else (CRS_EPSG, DEGREES_EPSG)
    return Transformer.from_crs(*ends, always_xy=True)


def in_metres(lon: float, lat: float) -> tuple[float, float]:
    """Return EPSG:5179 metres of a place in degrees; not finite at the other end of the world."""
    x_m, y_m = _way(to_metres=True).transform(lon, lat)
    return float(x_m), float(y_m)


def all_in_metres(lon: Sequence[float], lat: Sequence[float]) -> list[tuple[float, float]]:
    """Return EPSG:5179 metres of places in degrees, one pair a place."""
    if not lon:
        return []
    x_m, y_m = _way(to_metres=True).transform(list(lon), list(lat))
    return [(float(x), float(y)) for x, y in zip(x_m, y_m, strict=True)]


def in_degrees(x_m: float, y_m: float) -> tuple[float, float]:
    """Return longitude and latitude of a place in EPSG:5179 metres."""
    lon, lat = _way(to_metres=False).transform(x_m, y_m)
    return float(lon), float(lat)


def minutes_text(degrees: float) -> str:
    """Return an angle with minutes and whole seconds.

    Examples
    --------
    >>> minutes_text(129.05), minutes_text(36.99999)
    ('129°3′0″', '37°0′0″')
    """
    seconds = math.floor(degrees * _SIXTY**2 + 0.5)
    minutes, seconds = divmod(seconds, 60)
    whole, minutes = divmod(minutes, 60)
    return f"{whole}°{minutes}′{seconds}″"
