"""Lists of real sites for the back-test, as CSV."""

from __future__ import annotations

import calendar
import re
from typing import TYPE_CHECKING, Any

from tests.fuzz.kinds import Files, Kind, UnsoundError
from tests.fuzz.noise import BYTES, TEXT
from tests.fuzz.plainly import number, text_of, words
from tests.fuzz.tables import TABLES, plain_table

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["KINDS"]

_NEEDED = ("name", "lon", "lat", "class")
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


def _seeds() -> list[Files]:
    text = (
        "name,lon,lat,class,date\n"
        '"Made up, hall 1",127.1,36.1,hyper,2019-07-01\n'
        "가상 센터,128.25,35.5,colo,2019-07\n"
        "0012,126.5,34.75,hyper,2019\n"
        "Made up D,127.9,37.25,edge,\n"
    )
    short = "lat,class,mw,lon,name\n36.4,x,50,127.3,A\n36.5,y,,127.4,B\n"
    return [{"sites.csv": one.encode()} for one in (text, short)]


def _read(folder: Path) -> list[Any]:
    from siteopt.backtesting.site_list import read_site_list  # noqa: PLC0415

    table = read_site_list(folder / "sites.csv").table
    return table[["name", "lon", "lat", "class", "date"]].to_numpy(dtype=object).tolist()


def _word(cell: str) -> str:
    said = words(cell.strip(), empty=False) if cell.strip() not in {"nan", "NaN"} else cell.strip()
    if len(said) > 100:
        raise UnsoundError("a word is too long")
    return said


def _date(cell: str) -> str:
    when = cell.strip()
    if not when:
        return ""
    if not _DATE.fullmatch(when):
        raise UnsoundError(f"{when!r:.40} is no date")
    year, month, day = [*map(int, when.split("-")), 1, 1][:3]
    if year == 0 or not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        raise UnsoundError(f"{when!r:.40} is no day")
    return when


def _plain(files: Files) -> list[Any]:
    if "sites.csv" in files:
        words(text_of(files["sites.csv"]) or "-")  # no sign that is not to be seen, anywhere
    rows = plain_table(files, "sites.csv")
    if any(name not in rows[0] for name in _NEEDED):
        raise UnsoundError("a column is missing")
    found, ways = [], dict[str, str]()
    for row in rows:
        if not any(cell.strip() for cell in row.values()):
            continue
        kind = _word(row["class"])
        key = "".join(filter(str.isalnum, kind.casefold()))
        if not key or ways.setdefault(key, kind) != kind:
            raise UnsoundError(f"class {kind!r:.40}")
        lon, lat = number(row["lon"], low=124, high=132), number(row["lat"], low=32.9, high=39)
        found.append([_word(row["name"]), lon, lat, kind, _date(row.get("date", ""))])
    if not found:
        raise UnsoundError("it has no rows")
    return found


KINDS = (Kind("site-list", _seeds, (*BYTES, *TEXT, *TABLES), _read, _plain),)
