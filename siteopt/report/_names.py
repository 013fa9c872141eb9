"""Display names by id: sites, stations, districts, basins, snapshots, branches."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from siteopt.layers.headroom_areas import district_of_area
from siteopt.report._plain_table import plain_table
from siteopt.report.texts import LANGUAGES, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from siteopt.report._plain_table import PlainTable
    from siteopt.report.texts import Language

__all__ = ["Names", "names_of_run", "place_names", "station_name", "station_names"]

_NUMBERED: Final = re.compile(r"(.*?)(?: ([0-9]+))?")
"""A place, and the number of the station there where it has several."""

Pair = tuple[str, str]
"""A name in Korean and in English."""


@dataclass(frozen=True)
class Names:
    """Names by kind of place and id; what has no name is called by its id."""

    known: dict[str, dict[str, Pair]] = field(default_factory=dict)
    grid: dict[str, Any] = field(default_factory=dict)

    def of(self, kind: str, place: str, language: Language) -> str:
        """Return what a place is called.

        Parameters
        ----------
        kind : str
            ``site``, ``station``, ``district``, ``province``, ``basin`` or ``snapshot``; ``area``
            for the districts that share a published headroom, by its id.
        place : str
            The id.
        language : {'ko', 'en'}
            Korean or English.
        """
        if kind == "area":
            named = self.of("district", district_of_area(place), language)
            return text("limits.area", language).format(district=named)
        both = self.known.get(kind, {}).get(place, (place, place))
        wanted, other = both if language == "ko" else both[::-1]
        return wanted or other or place

    def branches(self, kind: str, place: int, language: Language) -> tuple[list[str], int]:
        """Return the branches of a flow limit (``flow``) or of a province's (``further``)."""
        table = self.grid["flow_limits" if kind == "flow" else "further_by_province"]
        return table[place][f"branches_{language}"], int(table[place].get("further_branches", 0))


def names_of_run(ranking: pd.DataFrame | PlainTable, plan: dict[str, Any]) -> Names:
    """Return the names that the files of a run have.

    Parameters
    ----------
    ranking : DataFrame or PlainTable
        ``ranking.csv``.
    plan : dict
        ``portfolio.json``.
    """
    grid, table = plan.get("grid") or {}, plain_table(ranking)
    known: dict[str, dict[str, Pair]] = {
        kind: {key: (ko, en) for key, (ko, en) in plan.get("names", {}).get(f"{kind}s", {}).items()}
        for kind in ("province", "district")
    }
    known["site"] = _columns(table, "site_id", "name_ko", "name_en")
    known["basin"] = _columns(table, "basin_id", "basin_name_ko", "basin_name_en")
    known["snapshot"] = {
        str(row["snapshot_id"]): (row.get("title_ko", ""), row.get("title_en", ""))
        for row in grid.get("snapshots", [])
    }
    known["station"] = _stations(table)
    return Names(known, grid)


def _columns(table: PlainTable, key: str, ko: str, en: str) -> dict[str, Pair]:
    if not {key, ko} <= set(table.names):
        return {}
    english = table.column(en if en in table.names else ko)
    rows = zip(table.column(key), table.column(ko), english, strict=True)
    return {str(place): (one or "", two or "") for place, one, two in rows if place}


def _word(value: object) -> str:
    """Return a text, empty where a table has none (None, NaN)."""
    return value if isinstance(value, str) else ""


def _stations(ranking: PlainTable) -> dict[str, Pair]:
    """Return the stations that sites connect to, and those within reach of them."""
    reached = ranking.column("stations") if "stations" in ranking.names else ()
    found: dict[str, Pair] = {}
    for part in dict.fromkeys("; ".join(one for one in reached if one).split("; ")):
        korean, slash, english = part.rpartition(" ")[2].replace("_", " ").partition("/")
        if slash:
            found[part.partition(" ")[0]] = (korean, english)
    for head in ("second_station", "station"):
        found |= _columns(ranking, f"{head}_id", f"{head}_name_ko", f"{head}_name_en")
    return {station: both for station, both in found.items() if any(both)}


def station_names(stations: pd.DataFrame) -> dict[str, Pair]:
    """Return what stations are called.

    Most stations without a name of their own are called after a place near by, some with a
    number: 지천면 2 is then described as one near 지천면.

    Parameters
    ----------
    stations : DataFrame
        ``station_id``, ``name_ko``, ``name_en`` and, where it is known, ``name_confidence``.
    """
    sure = stations.get("name_confidence")
    near = [False] * len(stations) if sure is None else (sure == "place").tolist()
    rows = zip(
        stations["station_id"].astype(str), stations["name_ko"], stations["name_en"], near,
        strict=True,
    )  # fmt: skip
    return {station: station_name(ko, en, is_near=is_near) for station, ko, en, is_near in rows}


def station_name(ko: object, en: object, *, is_near: bool) -> Pair:
    """Return what a station is called, one without a name of its own by the place near by.

    Parameters
    ----------
    ko, en : str
        Names of the layer; anything else is not known.
    is_near : bool
        Whether they are those of the place.
    """
    return _called(ko, "ko", is_near), _called(en, "en", is_near)


def _called(name: object, language: Language, is_near: bool) -> str:  # noqa: FBT001 - of a row
    word = _word(name)
    if not word or not is_near:
        return word
    place, number = _NUMBERED.fullmatch(word.replace("\n", " ")).groups()  # type: ignore[union-attr]
    return text("station.near", language).format(name=place) + (f"({number})" if number else "")


def place_names(table: pd.DataFrame, key: str) -> dict[str, list[str]]:
    """Return names in both languages by id, as JSON has them.

    Parameters
    ----------
    table : DataFrame
        Any table.
    key : str
        Column of ids.
    """
    columns = [table[f"name_{language}"].fillna("").astype(str) for language in LANGUAGES]
    return _pairs(table[key].astype(str), *columns)


def _pairs(keys: Iterable[str], ko: Iterable[str], en: Iterable[str]) -> dict[str, list[str]]:
    return {key: [one, two] for key, one, two in zip(keys, ko, en, strict=True)}
