"""A finished run: its files, its summary, and the explanation of a place."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siteopt._file_names import COMPLEXES, ELIGIBILITY, MAP, PORTFOLIO, RANKING, RECORD
from siteopt._files import named_files, stray_file
from siteopt._ownership import plain_bytes
from siteopt.errors import LayerFileError, ScenarioError
from siteopt.report.summary import run_summary
from siteopt.runs.record import portfolio_of, record_of
from siteopt.runs.run_views import RunViews, register_card
from siteopt.runs.tables import complexes_of, open_reasons, ranking_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

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
        """Return the answer in a few lines: status, cost, chosen sites, where the map is."""
        where = f"map: {self.map_path}" if self.has_map else f"figures: {self.folder}"
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
            A site id of the run, the id of a complex that is none, or ``LON,LAT`` in degrees
            (EPSG:4326).
        language : {'en', 'ko'}
            English or Korean.

        Raises
        ------
        ScenarioError
            If it is neither, or is outside the screened country.
        """
        with said_by_files(self.folder):
            return self._explained(place, language)

    def _explained(self, place: str, language: Language) -> str:
        from siteopt.report.explanation import (  # noqa: PLC0415 - opening a run needs no tables
            explain_left_out,
            explain_site,
        )

        if "," in place:
            return self._explain_point(place, language)
        if not (self.ranking["site_id"] == place).any():
            complexes = self.complexes
            left_out = complexes.loc[complexes["complex_id"] == place]
            if len(left_out):
                return explain_left_out(left_out.iloc[0], self.record, language)
            raise ScenarioError(
                f"{place}: no site of this run; give an id from {self.folder / RANKING} or "
                "LON,LAT such as 126.45,34.77"
            )
        return explain_site(place, self.verdicts, language)

    @cached_property
    def verdicts(self) -> Verdicts:
        """The verdict on every site, with reasons; the map of the run has the same."""
        from siteopt.report.verdict import Verdicts  # noqa: PLC0415

        return Verdicts(self.ranking, self.portfolio, self.record)

    def _explain_point(self, place: str, language: Language) -> str:
        from pyproj import Transformer  # noqa: PLC0415 - opening a run needs no tables
        from rasterio.windows import Window  # noqa: PLC0415

        from siteopt.lattice import CRS_EPSG, Lattice  # noqa: PLC0415
        from siteopt.report._place_values import place_values  # noqa: PLC0415
        from siteopt.report.explanation import explain_cell, explain_site  # noqa: PLC0415

        lon, lat = _degrees(place)
        to_metres = Transformer.from_crs(4326, CRS_EPSG, always_xy=True)
        x_m, y_m = to_metres.transform(lon, lat)
        with open_reasons(self.content(ELIGIBILITY), self.folder / ELIGIBILITY) as raster:
            finite = math.isfinite(x_m) and math.isfinite(y_m)  # not at the other end of the world
            row, col = raster.index(x_m, y_m) if finite else (-1, -1)
            if not (0 <= row < raster.height and 0 <= col < raster.width):
                raise ScenarioError(f"{place}: outside the screened country; give LON,LAT in Korea")
            code = int(raster.read(1, window=Window(col, row, 1, 1))[0, 0])
            left, top = raster.transform * (col, row)
            cell = Lattice(left, top, raster.res[0], n_rows=1, n_cols=1)
        screening = list(enumerate(self.record["screening"]))
        if code >> len(screening) > 1:  # one more bit is for a place that is not on land
            raise LayerFileError(
                f"{self.folder / ELIGIBILITY}: names reasons that run.json does not; run again"
            )
        if code:
            against = [item["reason"] for bit, item in screening if code >> bit & 1]
            values = place_values(self.record, against, cell)
            return f"{place}: {explain_cell(code, self.record, language, values=values)}"
        sites = self.ranking
        offset_km = ((sites["x_m"] - x_m) ** 2 + (sites["y_m"] - y_m) ** 2) ** 0.5 / 1000.0
        if offset_km.notna().sum() == 0:
            raise LayerFileError(f"{self.folder / RANKING}: no site has a place; run again")
        site = str(sites.loc[offset_km.idxmin(), "site_id"])
        name = self.verdicts.names.of("site", site, language)
        reasons = explain_cell(code, self.record, language, (name, offset_km.min()))
        return f"{place}: {reasons}\n{explain_site(site, self.verdicts, language)}"


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


def _degrees(place: str) -> tuple[float, float]:
    """Return longitude and latitude; metres and swapped ones are an error of their own."""
    try:
        lon, lat = (float(part) for part in place.split(","))
    except ValueError as error:
        raise ScenarioError(f"{place}: not LON,LAT in degrees, such as 126.45,34.77") from error
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise ScenarioError(f"{place}: not LON,LAT in degrees, such as 126.45,34.77")
    if max(abs(lon), abs(lat)) > 180:  # noqa: PLR2004 - no degree is more
        raise ScenarioError(
            f"{place}: not LON,LAT in degrees, such as 126.45,34.77; these look like metres"
        )
    if abs(lat) > 90 and not (32 <= lon <= 39):  # noqa: PLR2004 - no latitude is more
        raise ScenarioError(
            f"{place}: latitude {lat:g} is beyond the pole; give LON,LAT such as 126.45,34.77"
        )
    if 32 <= lon <= 39 and 124 <= lat <= 132:  # noqa: PLR2004 - Korea with its axes swapped
        raise ScenarioError(f"{place}: longitude and latitude look swapped; give LON,LAT")
    return lon, lat


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

    Examples
    --------
    >>> import siteopt
    >>> run = siteopt.open_run("runs/national-2035")  # doctest: +SKIP
    >>> run.ranking.query("chosen")[["site_id", "it_mw", "value_bn_krw"]]  # doctest: +SKIP
    """
    path = Path(folder)
    record = record_of(_bytes_of(path, RECORD), path / RECORD)
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
