"""Ids of the areas whose stations share one published headroom.

An area is named after a district: ``A`` and the code of its first district.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["area_ids", "district_of_area"]

_HEAD: Final = "A"


def area_ids(districts: pd.Series[str]) -> pd.Series[str]:
    """Return the ids of areas by the codes of their first districts.

    Parameters
    ----------
    districts : Series of str
        Codes of districts.
    """
    return _HEAD + districts


def district_of_area(area_id: str) -> str:
    """Return the code of the district that an area is named after.

    Parameters
    ----------
    area_id : str
        Id of the area.

    Examples
    --------
    >>> district_of_area("A46130")
    '46130'
    """
    return area_id.removeprefix(_HEAD)
