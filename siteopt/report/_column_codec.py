"""Column compression: delta and zigzag coding of table columns into printable text.

A list of whole numbers becomes one string, five bits a sign, the last sign of a number marked
(the signs of Google's polyline encoding). ``format.js`` reads it back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["compact", "signs", "zigzag"]

_BITS: Final = 5
_MASK: Final = 31
_MORE: Final = 32
_ASCII: Final = 63
_SIGNIFICANT: Final = 4
"""Digits of a column's typical figure that people read; the tables of a run have them all."""
_DECIMALS_MAX: Final = 9


def signs(numbers: NDArray[np.int64]) -> str:
    """Return whole numbers from 0 as one string.

    Parameters
    ----------
    numbers : ndarray of int64
        Whole numbers.
    """
    if not numbers.size:
        return ""
    length = max(1, -(-int(numbers.max()).bit_length() // _BITS))
    digits = np.empty((numbers.size, length), dtype=np.uint8)
    used = np.empty((numbers.size, length), dtype=np.bool_)
    for place in range(length):
        rest = numbers >> (_BITS * place)
        used[:, place] = (rest > 0) | (place == 0)
        digits[:, place] = (rest & _MASK) + _ASCII + np.where(rest > _MASK, _MORE, 0)
    return digits[used].tobytes().decode("ascii")


def zigzag(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return whole numbers of either sign as numbers from 0: 0, -1, 1, -2 as 0, 1, 2, 3.

    Parameters
    ----------
    numbers : ndarray of int64
        Whole numbers.
    """
    return np.where(numbers < 0, ~(numbers << 1), numbers << 1)


def compact(column: pd.Series[Any], decimals: int | None = None) -> dict[str, Any]:
    """Return a column of a table in few signs.

    Parameters
    ----------
    column : Series
        Figures, texts or truth values; what is not known stays not known.
    decimals : int, optional
        Decimals to keep (negative: tens, hundreds); four digits of the median by default.

    Returns
    -------
    dict
        Figures: ``least`` and ``decimals`` with ``signs`` of the steps above the least, plus
        one. Texts and truth values: ``words`` with ``signs`` of their places, plus one. Sign
        zero is "not known".
    """
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return _words(column)
    figures = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(figures)
    steps = np.zeros(len(figures), dtype=np.int64)
    if not known.any():
        return {"least": 0, "decimals": 0, "signs": signs(steps)}
    if decimals is None:
        decimals = _decimals(figures[known])
    whole = np.rint(figures[known] * 10.0**decimals).astype(np.int64)
    least = int(whole.min())
    steps[known] = whole - least + 1
    return {"least": least, "decimals": decimals, "signs": signs(steps)}


def _decimals(figures: NDArray[np.float64]) -> int:
    sizes = np.abs(figures[figures != 0])
    if not sizes.size:
        return 0
    size = int(np.floor(np.log10(np.median(sizes))))
    decimals = min(_SIGNIFICANT - 1 - size, _DECIMALS_MAX)
    whole = bool((np.abs(figures - np.rint(figures)) < 10.0**-_DECIMALS_MAX).all())
    return min(decimals, 0) if whole else max(decimals, 0)


def _words(column: pd.Series[Any]) -> dict[str, Any]:
    place, words = pd.factorize(column, sort=True)
    plain = [bool(word) if isinstance(word, bool | np.bool_) else str(word) for word in words]
    return {"words": plain, "signs": signs(place.astype(np.int64) + 1)}
