"""A finished run: its files, its summary, and the explanation of a place."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siteopt._file_names import (
    COMPLEXES,
    ELIGIBILITY,
    MAP,
    PORTFOLIO,
    RANKING,
    RECORD,
    REPORT,
    SITES,
    WORKBOOK,
)
from siteopt._files import named_files, stray_file
from siteopt._ownership import plain_bytes
from siteopt.errors import InfeasibleError, LayerFileError
from siteopt.report.summary import run_summary
from siteopt.runs.record import portfolio_of, record_of
from siteopt.runs.run_views import RunViews, register_card
from siteopt.runs.tables import complexes_of, ranking_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from siteopt.report.places.tables import PlaceTables
    from siteopt.report.texts import Language
    from siteopt.report.verdict import Verdicts

__all__ = ["HELD_FILES", "Run", "open_run", "said_by_files", "written_run"]

HELD_FILES = (COMPLEXES, ELIGIBILITY, PORTFOLIO, RANKING)
"""Files that a run reads: one that was just written holds its own, whatever comes after."""
_READ = (ELIGIBILITY, MAP, PORTFOLIO, RANKING)
"""Files that must be those of ``run.json``; GIS programs write into a GeoPackage they open."""


@dataclass(frozen=True)
class Run(RunViews):
    """The files of a finished run.

    Attributes
    ----------
    folder : Path
        Folder of the run.
    record : dict
        ``run.json``: inputs with hashes and licences, versions, seed, timings, status.
    portfolio : dict
        ``portfolio.json``: the chosen sites, provinces and limits.
    held : mapping of str to bytes
        Files of a run that was just written, by name; the others are read from the folder.
    """

    folder: Path
    record: dict[str, Any]
    portfolio: dict[str, Any]
    held: Mapping[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    @property
    def map_path(self) -> Path:
        """The map, one HTML file that needs no network."""
        return self.folder / MAP

    @property
    def has_map(self) -> bool:
        """Whether the run made a map; a brief run has figures only."""
        return MAP in named_files(self.record) or self.map_path.is_file()

    def content(self, name: str) -> bytes:
        """Return what a file of the run holds, such as ``ranking.csv``.

        Parameters
        ----------
        name : str
            One that ``run.json`` names.

        Raises
        ------
        LayerFileError
            If it is not there, or not as the run wrote it: another run may have come after.
        """
        if name in self.held:
            return self.held[name]
        try:
            found = plain_bytes(self.folder / name)
        except OSError as error:
            raise _not_whole(self.folder, name) from error
        wanted = named_files(self.record).get(name)
        if wanted not in {None, sha256(found).hexdigest()}:
            raise _changed(self.folder, name)
        return found

    @property
    def is_optimal(self) -> bool:
        """Whether the plan is proven within the gap that the scenario sets."""
        return bool(self.record["status"] == "optimal")

    @cached_property
    def ranking(self) -> pd.DataFrame:
        """``ranking.csv``: one row a candidate site, best first; money in bn KRW."""
        return ranking_of(self.content(RANKING), self.folder / RANKING)

    def summary(self) -> str:
        """Return the answer in a few lines: status, cost, chosen sites, where map and files are."""
        where = f"map: {self.map_path}" if self.has_map else f"figures: {self.folder}"
        there = named_files(self.record)
        beside = [name for name in (REPORT, WORKBOOK, SITES) if self.has_map and name in there]
        if beside:
            where += f", beside it {', '.join(beside)}"
        return run_summary(self.record, self.portfolio, where)

    @cached_property
    def complexes(self) -> pd.DataFrame:
        """Every industrial complex, with what is against it; no row where they were not enabled."""
        import pandas as pd  # noqa: PLC0415 - opening a run needs no tables

        if COMPLEXES not in named_files(self.record):
            return pd.DataFrame({"complex_id": []})
        return complexes_of(self.content(COMPLEXES), self.folder / COMPLEXES)

    def explain(self, place: str, language: Language = "en") -> str:
        """Return why a place is in the answer, or why not.

        Parameters
        ----------
        place : str
            A site id of the run, the id of a complex that is none, the name of a place (a province,
            district, eup, myeon, dong or ri, with names of units above it or without, a complex, a
            station), or coordinates: ``LON,LAT`` in degrees (EPSG:4326), with minutes, or metres of
            EPSG:5179.
        language : {'en', 'ko'}
            English or Korean.

        Raises
        ------
        ScenarioError
            If it is none of these, a name that several places have, or outside the screened country.
        """
        with said_by_files(self.folder):
            return self._explained(place, language)

    def _explained(self, place: str, language: Language) -> str:
        from siteopt.report.explanation import (  # noqa: PLC0415 - opening a run needs no tables
            explain_left_out,
            explain_site,
        )
        from siteopt.runs.places import explain_coordinates, explain_name, is_point  # noqa: PLC0415

        if is_point(place):
            return explain_coordinates(self, place, language)
        if place in self.verdicts.rows:
            return explain_site(place, self.verdicts, language)
        left_out = next((row for row in self.complex_rows if row["complex_id"] == place), None)
        if left_out is not None:
            return explain_left_out(left_out, self.record, language)
        return explain_name(self, place, language)

    @cached_property
    def complex_rows(self) -> list[dict[str, Any]]:
        """Rows of ``complexes.csv`` as plain values; none where complexes were not enabled."""
        from siteopt.runs.plain_csv import plain_complexes  # noqa: PLC0415 - as the ranking

        if COMPLEXES not in named_files(self.record):
            return []
        table = plain_complexes(self.content(COMPLEXES), self.folder / COMPLEXES)
        return [table.row(number) for number in range(len(table))]

    @cached_property
    def places(self) -> PlaceTables:
        """What places are judged by: verdicts, cells and names."""
        from siteopt.runs.places import places_of_run  # noqa: PLC0415

        return places_of_run(self)

    @cached_property
    def verdicts(self) -> Verdicts:
        """The verdict on every site, with reasons; the map of the run has the same."""
        from siteopt.report.verdict import Verdicts  # noqa: PLC0415
        from siteopt.runs.plain_csv import plain_ranking  # noqa: PLC0415 - opening reads no table

        if RANKING not in named_files(self.record):  # nothing vouches for it: all of it is checked
            return Verdicts(self.ranking, self.portfolio, self.record)
        table = plain_ranking(self.content(RANKING), self.folder / RANKING)
        return Verdicts(table, self.portfolio, self.record)


register_card(Run)


@contextmanager
def said_by_files(*folders: Path) -> Iterator[None]:
    """Turn a column or word that the files of a run lack into an error of one line."""
    try:
        yield
    except KeyError as error:
        raise LayerFileError(
            f"{' or '.join(map(str, dict.fromkeys(folders)))}: {error.args[0]!s} is not there, or "
            "not known, in the files of the run; run again"
        ) from error


def open_run(folder: Path | str) -> Run:
    """Open a finished run.

    Parameters
    ----------
    folder : Path or str
        The folder that ``siteopt run --out`` wrote.

    Returns
    -------
    Run
        Tables are read at first access.

    Raises
    ------
    LayerFileError
        If a file of the run is not there or is not whole.
    InfeasibleError
        If the run found that no plan meets its scenario.

    Examples
    --------
    >>> import siteopt
    >>> run = siteopt.open_run("runs/national-2035")  # doctest: +SKIP
    >>> run.ranking.query("chosen")[["site_id", "it_mw", "value_bn_krw"]]  # doctest: +SKIP
    """
    path = Path(folder)
    record = record_of(_bytes_of(path, RECORD), path / RECORD)
    if record.get("status") == "infeasible":
        raise InfeasibleError(f"{path}: this run has no plan: {record.get('why', '')}")
    portfolio = portfolio_of(_bytes_of(path, PORTFOLIO), path / PORTFOLIO)
    for name in (RANKING, ELIGIBILITY):
        if not (path / name).is_file():
            raise _not_whole(path, name)
    hashes = named_files(record)
    stray = stray_file(path, {name: hashes[name] for name in _READ if name in hashes})
    if stray is not None:
        raise _changed(path, stray)
    return Run(folder=path, record=record, portfolio=portfolio)


def written_run(folder: Path, record: dict[str, Any], files: Mapping[str, bytes]) -> Run:
    """Return the run that wrote some files: its content is its own, whatever comes after.

    Parameters
    ----------
    folder : Path
        Where they were written.
    record : dict
        The content of ``run.json`` then.
    files : mapping of str to bytes
        What it wrote, by name.
    """
    held = {name: files[name] for name in HELD_FILES if name in files}
    return Run(folder, record, portfolio_of(held[PORTFOLIO], folder / PORTFOLIO), held)


def _bytes_of(path: Path, name: str) -> bytes:
    try:
        return plain_bytes(path / name)
    except FileNotFoundError as error:
        raise LayerFileError(
            f"{path}: no finished run ({name} is missing); write one with "
            f"`siteopt run SCENARIO --out {path}`"
        ) from error
    except OSError as error:
        raise LayerFileError(
            f"{path / name}: cannot be read ({error.strerror}); give the folder that a run wrote"
        ) from error


def _not_whole(path: Path, name: str) -> LayerFileError:
    return LayerFileError(f"{path}: the run is not whole ({name} is missing); run again")


def _changed(path: Path, name: str) -> LayerFileError:
    return LayerFileError(
        f"{path}: {name} is not as the run wrote it; run again, and keep changed copies elsewhere"
    )
