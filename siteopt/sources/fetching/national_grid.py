"""Cells of the national grid by their codes, as in population grids: ``다사5351``, ``다사53a51b``.

Two letters name a square of 100 km of EPSG:5179, the first counted eastwards from x = 700 km, the
second northwards from y = 1,300 km (the scheme of the national position number, 국가지점번호); digits
follow, half of them of x and half of y; a letter a or b after them halves the cell.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["cells_of"]

_LETTERS: Final = "가나다라마바사아"
_SQUARE_M: Final = 100_000
_WEST_M: Final = 700_000
_SOUTH_M: Final = 1_300_000
_CODE: Final = re.compile(rf"([{_LETTERS}])([{_LETTERS}])(?:([0-9]{{2}}|[0-9]{{4}}|[0-9]{{6}}|[0-9]{{8}})|"
                          r"([0-9]{1,4})([ab])([0-9]{1,4})([ab]))?")  # fmt: skip


def cells_of(codes: Iterable[str], file: str) -> np.ndarray:
    """Return the squares of grid codes.

    Parameters
    ----------
    codes : iterable of str
        Of cells of 100 km, 10 km, 1 km, 500 m (``다사53a51b``), 100 m and 10 m.
    file : str
        Where they are from, for messages.

    Returns
    -------
    ndarray of Polygon, shape (n,)
        EPSG:5179.

    Raises
    ------
    LayerError
        With the row of the first code that is none.

    Examples
    --------
    >>> cells_of(["다사5351"], "grid.csv")[0].bounds
    (953000.0, 1951000.0, 954000.0, 1952000.0)
    """
    boxes = np.array([_bounds_m(code, row, file) for row, code in enumerate(codes, start=1)])
    return np.asarray(shapely.box(*boxes.reshape(-1, 4).T))


def _bounds_m(code: str, row: int, file: str) -> tuple[float, float, float, float]:
    found = _CODE.fullmatch(code.strip())
    if found is None or (found[4] and len(found[4]) != len(found[6])):
        raise LayerError(
            f"{file}: row {row}: {code[:20]!r} is no code of the national grid, such as 다사5351 "
            "(1 km), 다사53a51b (500 m) or 다사535512 (100 m)"
        )
    digits = found[3] or ""
    half = len(digits) // 2
    east, north, side = digits[:half], digits[half:], _SQUARE_M / 10**half
    halves = (0.0, 0.0)
    if found[4]:
        east, north = found[4], found[6]
        side = _SQUARE_M / 10 ** len(east) / 2
        halves = (side * (found[5] == "b"), side * (found[7] == "b"))
        step = 2 * side
    else:
        step = side
    x = _WEST_M + _SQUARE_M * _LETTERS.index(found[1]) + step * int(east or 0) + halves[0]
    y = _SOUTH_M + _SQUARE_M * _LETTERS.index(found[2]) + step * int(north or 0) + halves[1]
    return x, y, x + side, y + side
