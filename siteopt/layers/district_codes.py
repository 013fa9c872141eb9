"""Concordance of district codes of several years.

Codes of si, gun and gu change when provinces are renamed (Gangwon 42 to 51, Jeonbuk 45 to 52),
merged (Jeonnam and Gwangju to 12 in 2026) and districts are split or moved. Tables keyed by an
official code are brought to the districts of the ``districts`` layer through the layer
``district_codes``, which :mod:`siteopt.sources.district_codes` builds.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final, Literal

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["DistrictCodes", "How"]

How = Literal["sum", "max", "min", "mean", "first"]
"""What becomes of the values of several units that are one district."""

_CODE_DIGITS: Final = 5


class DistrictCodes:
    """Which districts an official code of any known year means.

    Parameters
    ----------
    table : DataFrame
        The ``district_codes`` layer: ``code, district_code, relation``; a code that covers
        several districts (a city with gu) has a row for each.

    Examples
    --------
    >>> from siteopt.layers import open_layers
    >>> codes = DistrictCodes(open_layers().table("district_codes"))
    >>> codes.districts_of("42110"), codes.districts_of("12790"), codes.districts_of("41110")
    (('51110',), ('46820',), ('41111', '41113', '41115', '41117'))
    """

    def __init__(self, table: pd.DataFrame) -> None:
        pairs = table[["code", "district_code"]].astype(str).sort_values(["code", "district_code"])
        self._districts: dict[str, tuple[str, ...]] = {
            str(code): tuple(rows) for code, rows in pairs.groupby("code")["district_code"]
        }

    def __contains__(self, code: str) -> bool:
        return code in self._districts

    def districts_of(self, code: str) -> tuple[str, ...]:
        """Return the districts that a code means.

        Raises
        ------
        LayerError
            If the code is known in no year.
        """
        found = self._districts.get(code)
        if found is None:
            raise LayerError(f"district code {code!r} {self._advice(code)}")
        return found

    def expand(
        self, frame: pd.DataFrame, column: str = "district_code", *, file: str = "table"
    ) -> pd.DataFrame:
        """Return a table with one row a district, ``district_code`` being ours.

        A row of a city with gu is repeated for each of its gu; the rows of units that are one
        district today stay apart (see :meth:`gather`).

        Parameters
        ----------
        frame : DataFrame
            One row an official unit.
        column : str
            Column with its code, as text.
        file : str
            What to call the table in errors.

        Raises
        ------
        LayerError
            With file and row of the first unknown code.
        """
        codes = frame[column].astype(str).str.strip()
        for place, code in enumerate(codes):
            if code not in self._districts:
                raise LayerError(f"{file}: row {place + 2}: {column} {code!r} {self._advice(code)}")
        districts = codes.map(self._districts)
        return frame.assign(district_code=districts).explode("district_code", ignore_index=True)

    def gather(
        self,
        frame: pd.DataFrame,
        how: Mapping[str, How],
        column: str = "district_code",
        *,
        file: str = "table",
    ) -> pd.DataFrame:
        """Return one row a district, the values of its units aggregated.

        Parameters
        ----------
        frame : DataFrame
            One row an official unit.
        how : mapping
            For each value column: ``sum`` for areas and energies, ``max`` for headroom, ``mean``
            for shares, and so on. Unknown values are passed over; a district of which nothing is
            known stays unknown.
        column : str
            Column with the code, as text.
        file : str
            What to call the table in errors.

        Returns
        -------
        DataFrame
            ``district_code`` and the columns of ``how``, in order of the code.

        Raises
        ------
        LayerError
            As :meth:`expand`.
        """
        rows = self.expand(frame, column, file=file).groupby("district_code", sort=True)
        gathered: dict[str, Any] = {
            name: rows[name].sum(min_count=1) if kind == "sum" else getattr(rows[name], kind)()
            for name, kind in how.items()
        }
        return rows[[]].first().assign(**gathered).reset_index()

    def _advice(self, code: str) -> str:
        if len(code) != _CODE_DIGITS or not code.isdigit():
            return "is no code of five digits, such as 46820; keep codes as text"
        near = difflib.get_close_matches(code, self._districts, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        return f"is not known, of 2022, 2024 or 2026{hint}"
