"""Answers on the places that a scenario names, and the files of a run that hold them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt._csv import write_csv
from siteopt._file_names import PLACES, PLACES_JSON
from siteopt.errors import ScenarioError
from siteopt.layers.named_places import read_named_places
from siteopt.report.places.answer import answer_place, answer_point
from siteopt.report.places.coordinates import in_degrees
from siteopt.report.places.lookup import one_place
from siteopt.report.places.sources import places_of_tables
from siteopt.report.texts import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from siteopt.layers.named_places import NamedPlace
    from siteopt.report.places.answer import PlaceAnswer
    from siteopt.report.places.tables import PlaceTables
    from siteopt.report.run_tables import RunTables

__all__ = ["answers_of_list", "place_answers", "place_records", "write_places"]

_FIGURES: Final = (
    "eligible", "failed", "area_km2", "eligible_km2", "eligible_pct", "candidates", "chosen",
    "site_id", "site_km", "site_state", "site_class", "rival_id", "gap_bn_krw_per_mw",
    "more_cost_bn_krw", "more_cost_suitable_mw", "more_cost_kind", "complex_id", "complex_km",
    "province_code", "district_code", "area_name_ko",
)  # fmt: skip
"""Figures of an answer, in the order of ``places.csv``."""
_NUMBERS: Final = (
    "area_km2", "eligible_km2", "eligible_pct", "site_km", "gap_bn_krw_per_mw", "more_cost_bn_krw",
    "more_cost_suitable_mw", "complex_km",
)  # fmt: skip
_DECIMALS: Final = 6


def place_answers(tables: RunTables, ranking: pd.DataFrame) -> list[PlaceAnswer]:
    """Return the answers on the places that the scenario names, in its order; none without a list.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    ranking : DataFrame
        Its `ranking_table`.

    Raises
    ------
    LayerError, LayerFileError
        If the list cannot be read.
    ScenarioError
        If a name is that of no place or of several; the message names file and row.
    """
    path = tables.scenario.report.places
    if path is None:
        return []
    return answers_of_list(path, places_of_tables(tables, ranking))


def answers_of_list(path: Path, tables: PlaceTables) -> list[PlaceAnswer]:
    """Return the answers on the places of a list; errors as `place_answers`.

    Parameters
    ----------
    path : Path
        The list, see :func:`siteopt.layers.named_places.read_named_places`.
    tables : PlaceTables
        Of the run.
    """
    return [_answer(one, path, tables) for one in read_named_places(path)]


def _answer(one: NamedPlace, path: Path, tables: PlaceTables) -> PlaceAnswer:
    if one.degrees is not None or one.metres is not None:
        lon, lat = one.degrees or in_degrees(*(one.metres or (0.0, 0.0)))
        found = answer_point(lon, lat, tables, name=(one.name, one.name))
        if found.figures["eligible"] is None and not found.figures["failed"]:
            raise ScenarioError(
                f"{path.name}: row {one.row}: {lon:g}, {lat:g} lies outside the screened country; give "
                "lon, lat in degrees such as 126.45, 34.77, or x, y in EPSG:5179 such as 1050000, 1800000"
            )
        return replace(found, note=one.note)
    try:
        place = one_place(
            one.name, tables.index,
            "give a name such as 청송군 진보면, an id of a candidate, or lon and lat",
        )  # fmt: skip
    except ScenarioError as error:
        raise ScenarioError(f"{path.name}: row {one.row}: {error}") from error
    return replace(
        answer_place(place, tables), note=one.note, name=_shown_name(place.label, place.name)
    )


def _shown_name(label: str, name: tuple[str, str]) -> tuple[str, str]:
    return label, label if name[0] == name[1] else name[1]


def place_records(answers: Sequence[PlaceAnswer]) -> list[dict[str, Any]]:
    """Return the answers as JSON has them: figures, and all that is said in both languages.

    Parameters
    ----------
    answers : sequence of PlaceAnswer
        Of :func:`place_answers`.
    """
    return [
        {
            "name_ko": one.name[0], "name_en": one.name[1], "kind": one.kind, "key": one.key,
            "lon": round(one.lon, _DECIMALS), "lat": round(one.lat, _DECIMALS), "note": one.note,
            **{name: _plain(one.figures.get(name)) for name in _FIGURES},
            **{f"verdict_{language}": one.verdict(language) for language in LANGUAGES},
            **{
                f"answer_{language}": [
                    {"head": head, "lines": lines} for head, lines in one.said(language)
                ]
                for language in LANGUAGES
            },
        }
        for one in answers
    ]  # fmt: skip


def _plain(value: Any) -> Any:  # noqa: ANN401 - a figure of any kind
    if isinstance(value, tuple):
        return list(value)
    return round(value, _DECIMALS) if isinstance(value, float) else value


def write_places(answers: Sequence[PlaceAnswer], folder: Path) -> None:
    """Write ``places.csv`` (with its types) and ``places.json``; nothing without answers.

    Parameters
    ----------
    answers : sequence of PlaceAnswer
        Of :func:`place_answers`.
    folder : Path
        Folder of the files.
    """
    if not answers:
        return
    rows = place_records(answers)
    table = pd.DataFrame(
        [
            {name: value for name, value in row.items() if not name.startswith("answer_")}
            | {"failed": ";".join(row["failed"] or [])}
            for row in rows
        ]
    )
    for name in _NUMBERS:
        table[name] = table[name].astype(float)
    for name in ("candidates", "chosen"):
        table[name] = table[name].astype("Int64")
    write_csv(table, folder / PLACES)
    dumped = json.dumps(rows, ensure_ascii=False, allow_nan=False, indent=1)
    (folder / PLACES_JSON).write_text(dumped + "\n", encoding="utf-8", newline="\n")
