"""A table of headroom in the form of KEPCO's page (한전ON, 전력공급 여유용량).

The page gives a station by its Korean name and a column a year, or a row a station and year. Such
a table is turned into rows of the ``headroom`` layer by the names of the ``stations`` layer.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from siteopt._plain_data import hidden_sign
from siteopt.errors import LayerError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Converted", "from_kepco_form", "is_kepco_form"]

_STATION: Final = ("변전소", "변전소명")
_VOLTAGE: Final = ("전압", "voltage_kv")
_YEAR: Final = ("연도", "년도", "year")
_ROOM: Final = ("여유용량", "공급여유용량", "전력공급여유용량", "headroom_mw")
_YEAR_COLUMN: Final = re.compile(r"(20[0-9]{2})년?(?:도)?(?:여유용량)?")
_NOTHING: Final = ("", "-", "–", "nan", "none", "해당없음")

_LOW_KV: Final = 154.0
"""Level from which 22.9 kV is fed."""

_FED_KV: Final = 22.9
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Converted:
    """Rows of the ``headroom`` layer, and what was left out.

    Attributes
    ----------
    rows : DataFrame
        ``station_id, voltage_kv, headroom_mw, year``.
    unknown : tuple of str
        Names of stations that the ``stations`` layer does not hold.
    shared : tuple of str
        Names that several stations bear, where such rows are left out.
    """

    rows: pd.DataFrame
    unknown: tuple[str, ...]
    shared: tuple[str, ...] = ()


def _plain(name: object) -> str:
    """Return a column name without blanks and units: ``여유용량 (MW)`` is ``여유용량``."""
    return re.sub(r"\s|\((?:MW|kV|㎿|㎸)\)", "", str(name), flags=re.IGNORECASE)


def _station_key(name: object) -> str:
    """Return what a station is called, without 변전소 and S/S."""
    return re.sub(r"\s|변전소$|S/S$", "", str(name).strip(), flags=re.IGNORECASE)


def _column(frame: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    for column in frame.columns:
        if _plain(column) in names:
            return str(column)
    return None


def is_kepco_form(frame: pd.DataFrame) -> bool:
    """Return whether a table has KEPCO's column of station names and no ids of ours."""
    return "station_id" not in frame.columns and _column(frame, _STATION) is not None


def from_kepco_form(
    frame: pd.DataFrame, stations: pd.DataFrame, path: Path, *, leave_shared: bool = False
) -> Converted:
    """Turn a table in KEPCO's form into rows of the ``headroom`` layer.

    Parameters
    ----------
    frame : DataFrame
        A column of station names (``변전소`` or ``변전소명``); columns of years (``2029``,
        ``2029년``) or a column ``연도`` and one ``여유용량``; ``전압`` where there are several
        (154 where it is not given; 22.9 kV is fed from the 154 kV level and counts where the
        level has no row of its own). Cells are MW; empty ones and ``-`` are left out.
    stations : DataFrame
        ``station_id, name_ko`` of stations that can be connected to.
    path : Path
        File, for messages.
    leave_shared : bool
        Whether rows are left out whose name several stations bear, in place of an error.

    Raises
    ------
    LayerError
        If there is no column of years or of headroom, a cell is no number of at least 0, a name
        is that of several stations, or no name is known.
    """
    long = _long(frame, path)
    shared: tuple[str, ...] = ()
    if leave_shared:
        keys = stations["name_ko"].map(_station_key)
        of_several = long["name"].map(_station_key).isin(keys[keys.duplicated()])
        shared = tuple(sorted(set(long.loc[of_several, "name"])))
        long = long[~of_several].reset_index(drop=True)
    ids = _ids(long, stations, path)
    unknown = tuple(sorted(set(long.loc[ids.isna(), "name"])))
    if unknown and ids.isna().all():
        known = sorted({_station_key(name) for name in stations["name_ko"].astype(str)})
        near = difflib.get_close_matches(_station_key(unknown[0]), known, n=_SHOWN)
        hint = f"; near names: {', '.join(near)}" if near else ""
        raise LayerError(
            f"{path.name}: none of its stations ({', '.join(unknown[:_SHOWN])} ...) is in the "
            f"stations layer by its Korean name{hint}"
        )
    rows = long.assign(station_id=ids).dropna(subset=["station_id"])
    rows["fed"] = np.isclose(rows["voltage_kv"], _FED_KV)
    rows["voltage_kv"] = rows["voltage_kv"].where(~rows["fed"], _LOW_KV)
    key = ["station_id", "voltage_kv", "year"]
    rows = rows.sort_values([*key, "fed"], kind="stable").drop_duplicates(key)
    return Converted(
        rows[[*key[:2], "headroom_mw", "year"]].reset_index(drop=True), unknown, shared
    )


def _long(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return ``row, name, voltage_kv, year, headroom_mw``, one row a figure."""
    station, voltage = _column(frame, _STATION), _column(frame, _VOLTAGE)
    year, room = _column(frame, _YEAR), _column(frame, _ROOM)
    base = pd.DataFrame(
        {"row": np.arange(len(frame)) + 2, "name": frame[station].fillna("").astype(str)}
    )
    for row, name in enumerate(base["name"], start=2):
        if sign := hidden_sign(name):
            raise LayerError(
                f"{path.name}: row {row}: the name of the station holds {sign}, a sign that is not to "
                "be seen; remove it"
            )
    base["voltage_kv"] = _LOW_KV if voltage is None else _numbers(frame[voltage], "전압", path)
    base["voltage_kv"] = base["voltage_kv"].fillna(_LOW_KV)
    if year is not None and room is not None:
        years = _numbers(frame[year], "연도", path)
        long = base.assign(year=years, headroom_mw=_numbers(frame[room], "여유용량", path))
        return _whole(long.dropna(subset=["year", "headroom_mw"]))
    columns = {
        column: int(found[1])
        for column in frame.columns
        if (found := _YEAR_COLUMN.fullmatch(_plain(column)))
    }
    if not columns:
        raise LayerError(
            f"{path.name}: a table by 변전소 needs a column a year (2029, 2030, ...), or 연도 and "
            "여유용량"
        )
    parts = [
        base.assign(year=number, headroom_mw=_numbers(frame[column], str(column), path))
        for column, number in columns.items()
    ]
    return _whole(pd.concat(parts, ignore_index=True).dropna(subset=["headroom_mw"]))


def _whole(long: pd.DataFrame) -> pd.DataFrame:
    return long.astype({"year": int}).reset_index(drop=True)


def _numbers(cells: pd.Series[Any], column: str, path: Path) -> pd.Series[float]:
    """Return cells as numbers: ``1,200``, ``154kV``; empty ones and dashes are not known."""
    texts = cells.astype("str").str.strip()
    nothing = texts.str.lower().isin(_NOTHING) | cells.isna()
    plain = texts.str.replace(r"[,\s]|kV$|㎸$|MW$|㎿$|년$", "", regex=True, flags=re.IGNORECASE)
    numbers = pd.to_numeric(plain.where(~nothing), errors="coerce")
    wrong = (numbers.isna() & ~nothing) | (numbers < 0) | np.isinf(numbers.fillna(0.0))
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise LayerError(
            f"{path.name}: row {row + 2}: {column} is {texts.iloc[row]!r}; a number of at least 0, "
            "or empty where it is not known"
        )
    return numbers.astype(float)


def _ids(long: pd.DataFrame, stations: pd.DataFrame, path: Path) -> pd.Series[Any]:
    """Return the station id of each row by name, missing where no station bears it."""
    known = pd.DataFrame(
        {
            "key": [_station_key(name) for name in stations["name_ko"]],
            "station_id": stations["station_id"].astype(str).to_numpy(),
        }
    ).sort_values("station_id")
    keys = long["name"].map(_station_key)
    twice = known[known["key"].duplicated(keep=False) & known["key"].isin(keys)]
    if len(twice):
        name = str(twice["key"].iloc[0])
        ids = ", ".join(twice.loc[twice["key"] == name, "station_id"])
        row = int(long.loc[keys == name, "row"].iloc[0])
        raise LayerError(
            f"{path.name}: row {row}: several stations are called {name} ({ids}); give such rows "
            "in a table with station_id instead of names"
        )
    return keys.map(known.drop_duplicates("key").set_index("key")["station_id"])
