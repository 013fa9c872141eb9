"""Campuses: rows of a list that are one place, counted once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.backtesting.site_list import SiteList

__all__ = ["campus_numbers", "check_names", "numbered_by_row", "one_row_each"]

_ORDER: Final = ("first_day", "name", "lon", "lat", "class", "date")
"""The row that stands for a campus is the first in this order; rows without a date come last."""

_NO_DAY: Final = "9999-12-31"
_ROUNDING_M: Final = 1e-6


def campus_numbers(
    xy: NDArray[np.float64], candidates: NDArray[np.object_], campus_km: float
) -> NDArray[np.int64]:
    """Return the number of the campus of each row, from 0 in the order of the rows.

    Two rows are one campus where they are within ``campus_km`` or are judged by the same
    candidate site, and so are rows that others join (single linkage).

    Parameters
    ----------
    xy : ndarray of float64, shape (n, 2)
        EPSG:5179 metres.
    candidates : ndarray of str, shape (n,)
        Id of the candidate site that each row is judged by; empty where there is none.
    campus_km : float
        Distance in km.
    """
    near = cKDTree(xy).query_pairs(campus_km * 1000.0 + _ROUNDING_M, output_type="ndarray")
    first: dict[str, int] = {}
    same = [
        (first.setdefault(str(name), place), place) for place, name in enumerate(candidates) if name
    ]
    pairs = np.concatenate([near.reshape(-1, 2), np.array(same, dtype=near.dtype).reshape(-1, 2)])
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(xy), len(xy)))
    _, label = connected_components(graph, directed=False)
    _, begin, place = np.unique(label, return_index=True, return_inverse=True)
    number: NDArray[np.int64] = np.argsort(np.argsort(begin))[place].astype(np.int64)
    return number


def numbered_by_row(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with their campuses numbered from 1 in the order of what stands for them.

    A campus is represented by its row of the earliest date, then the first by name and place.
    Neither that nor the numbers hang on the order of the rows, nor on rows that are repeated.

    Parameters
    ----------
    rows : DataFrame
        With ``campus``, the columns of a list and ``first_day`` (ISO, empty where not known).
    """
    ordered = _ordered(rows)["campus"].drop_duplicates()
    numbers = pd.Series(np.arange(1, len(ordered) + 1), index=ordered.to_numpy())
    return rows.assign(campus=numbers.loc[rows["campus"]].to_numpy())


def one_row_each(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the row that stands for each campus, in order of their numbers.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`numbered_by_row`.

    Returns
    -------
    DataFrame
        The columns of ``rows``, and ``rows``, the row numbers of the file joined by ``;``.
    """
    kept = rows.loc[_ordered(rows).drop_duplicates("campus").index].reset_index(drop=True)
    numbers = rows.groupby("campus")["row"].agg(lambda own: ";".join(map(str, sorted(own))))
    kept["rows"] = kept["campus"].map(numbers)
    return kept


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    keyed = rows.assign(first_day=rows["first_day"].where(rows["first_day"] != "", _NO_DAY))
    return keyed.sort_values(list(_ORDER), kind="stable")


def check_names(sites: SiteList, campus: NDArray[np.int64]) -> list[str]:
    """Return a note for each campus of several classes; raise LayerError where a name is of two.

    Parameters
    ----------
    sites : SiteList
        The list.
    campus : ndarray of int, shape (n,)
        Number of the campus of each row.
    """
    table = sites.table
    first: dict[str, int] = {}
    for place, name in enumerate(table["name"].tolist()):
        known = first.setdefault(str(name), place)
        if campus[known] != campus[place]:
            raise LayerError(
                f"{sites.called(place)}: row {table['row'].iloc[known]} has the same name at "
                "another place; correct lon and lat, or give each site its own name"
            )
    notes = []
    for number in range(int(campus.max()) + 1):
        own = table[campus == number]
        if len(set(own["class"])) > 1:
            rows = ", ".join(map(str, own["row"]))
            notes.append(
                f"{sites.file}: rows {rows} are one campus of several classes "
                f"({', '.join(sorted(set(own['class'])))}); it is counted in the class of its "
                "earliest row"
            )
    return notes
