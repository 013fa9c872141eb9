"""Types of industrial complexes in Korean law, as named in layers, parameters and tables."""

from __future__ import annotations

from typing import Final

__all__ = ["COMPLEX_TYPES", "COMPLEX_TYPE_NAMES", "complex_type"]

COMPLEX_TYPES: Final[dict[str, tuple[str, str]]] = {
    "national": ("국가", "national"),
    "general": ("일반", "general"),
    "urban_hightech": ("도시첨단", "urban high-tech"),
    "rural": ("농공", "rural"),
}
"""Type: what it is called in Korean and in English (Industrial Sites and Development Act, art. 2)."""

_TYPES: Final = {
    name: key
    for key, (ko, en) in COMPLEX_TYPES.items()
    for name in (key, ko, f"{ko}산업단지", f"{ko}단지", en)
}

COMPLEX_TYPE_NAMES: Final = tuple(_TYPES)
"""All that a table may call a type."""


def complex_type(said: str) -> str | None:
    """Return the type that a table means by its own or a Korean or English name; None for none.

    Examples
    --------
    >>> complex_type("국가"), complex_type("국가산업단지"), complex_type("rural"), complex_type("x")
    ('national', 'national', 'rural', None)
    """
    return _TYPES.get(said)
