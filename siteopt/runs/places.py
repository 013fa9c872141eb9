"""Explanation of a place of a finished run, by name or by coordinates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from siteopt._file_names import ELIGIBILITY, RANKING
from siteopt.errors import LayerFileError, ScenarioError
from siteopt.report.places.answer import answer_place, answer_point
from siteopt.report.places.coordinates import (
    in_metres,
    looks_like_coordinates,
    read_coordinates,
)
from siteopt.report.places.lookup import one_place
from siteopt.report.places.sources import places_of_files
from siteopt.runs.tables import reasons_of

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.layers.cells import CodedCells
    from siteopt.report.facts import Fact
    from siteopt.report.places.tables import PlaceTables
    from siteopt.report.texts import Language
    from siteopt.report.verdict import Verdicts

__all__ = ["RunLike", "explain_coordinates", "explain_name", "is_point", "places_of_run"]


class RunLike(Protocol):
    """A finished run, as far as answers on places read it."""

    @property
    def folder(self) -> Path:
        """Folder of the run."""
        ...

    @property
    def complex_rows(self) -> list[dict[str, Any]]:
        """Rows of ``complexes.csv``."""
        ...

    @property
    def verdicts(self) -> Verdicts:
        """The verdict on every site."""
        ...

    @property
    def places(self) -> PlaceTables:
        """What places are judged by."""
        ...

    def content(self, name: str) -> bytes:
        """Return what a file of the run holds."""
        ...


def is_point(place: str) -> bool:
    """Return whether a place is given by coordinates."""
    return looks_like_coordinates(place)


def places_of_run(run: RunLike) -> PlaceTables:
    """Return what the places of a finished run are judged by.

    Parameters
    ----------
    run : Run
        The run; ``eligibility.tif`` is read where it is needed.

    Raises
    ------
    LayerFileError
        If a file of the run is not there or not its own.
    """

    def cells() -> CodedCells:
        return reasons_of(run.content(ELIGIBILITY), run.folder / ELIGIBILITY)

    return places_of_files(run.verdicts, cells, run.complex_rows)


def explain_coordinates(run: RunLike, place: str, language: Language) -> str:
    """Return the answer on a point, and on an eligible one the explanation of its candidate.

    Parameters
    ----------
    run : Run
        A finished run.
    place : str
        Coordinates, see :func:`siteopt.report.places.coordinates.read_coordinates`.
    language : {'en', 'ko'}
        English or Korean.

    Raises
    ------
    ScenarioError
        If they are no coordinates or lie outside the screened country.
    """
    lon, lat = read_coordinates(place)
    run.content(
        ELIGIBILITY
    )  # where the raster is gone, that is what is told, before tables are read
    tables = run.places
    x_m, y_m = in_metres(lon, lat)
    code = tables.code_at(x_m, y_m)
    if code is None:
        raise ScenarioError(f"{place}: outside the screened country; give LON,LAT in Korea")
    if code >> len(tables.rules) > 1:  # one more bit is for a place that is not on land
        raise LayerFileError(
            f"{run.folder / ELIGIBILITY}: names reasons that run.json does not; run again"
        )
    if not code and not tables.sites:
        raise LayerFileError(f"{run.folder / RANKING}: no site has a place; run again")
    found = answer_point(lon, lat, tables, own=_own_figures(code, x_m, y_m, tables))
    return _told(place, found.lines(language))


def _told(place: str, lines: list[str]) -> str:
    head, *rest = lines
    return "\n".join([f"{place}: {head}", *(f"  {line}" for line in rest)])


def _own_figures(code: int, x_m: float, y_m: float, tables: PlaceTables) -> dict[str, Fact]:
    """Return the cell's own figure by exclusion that applies to it, where its layer is at hand."""
    against = [rule.id for bit, rule in enumerate(tables.rules) if code >> bit & 1]
    if not against:
        return {}
    from siteopt.lattice import Lattice  # noqa: PLC0415
    from siteopt.report._place_values import place_values  # noqa: PLC0415 - reads layers

    frame = tables.lattice
    col, row = (x_m - frame.x_min_m) // frame.cell_m, (frame.y_max_m - y_m) // frame.cell_m
    corner = (frame.x_min_m + col * frame.cell_m, frame.y_max_m - row * frame.cell_m)
    cell = Lattice(*corner, frame.cell_m, n_rows=1, n_cols=1)
    record: dict[str, Any] = tables.verdicts.record
    return place_values(record, against, cell)


def explain_name(run: RunLike, name: str, language: Language) -> str:
    """Return the answer on the place of a name.

    Parameters
    ----------
    run : Run
        A finished run.
    name : str
        See :meth:`siteopt.report.places.index.PlaceIndex.find`.
    language : {'en', 'ko'}
        English or Korean.

    Raises
    ------
    ScenarioError
        If no place has that name, or several have; these are listed.
    """
    tables = run.places
    place = one_place(
        name, tables.index,
        f"give an id from {run.folder / RANKING}, a name such as 청송군 진보면, or LON,LAT such as "
        "126.45,34.77",
    )  # fmt: skip
    if place.key in run.verdicts.rows and place.kind in {"site", "complex"}:
        from siteopt.report.explanation import explain_site  # noqa: PLC0415

        return explain_site(place.key, run.verdicts, language)
    answer = answer_place(place, tables)
    return _told(place.label, answer.lines(language))
