"""Readers of the tables and the raster in the folder of a run."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from siteopt._plain_data import hidden_sign
from siteopt.errors import LayerError, LayerFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd
    import rasterio

    from siteopt.layers.cells import CodedCells

__all__ = [
    "COMPLEX_COLUMNS", "FLAG_COLUMNS", "KNOWN_TOGETHER", "LARGEST", "NUMBER_COLUMNS",
    "RANKING_COLUMNS", "TEXT_COLUMNS", "are_stations", "complexes_of", "fault", "open_reasons",
    "ranking_of", "reasons_of",
]  # fmt: skip

RANKING_COLUMNS: Final = ("site_id",)
COMPLEX_COLUMNS: Final = (
    "complex_id", "name_ko", "name_en", "eligible_ha", "area_rule", "excluded_by",
)  # fmt: skip
"""Columns that a table must have."""

TEXT_COLUMNS: Final = re.compile(
    r".*_(id|code|name_ko|name_en|confidence|rule|state|area|voltage|version|proof)|name_ko|name_en"
    r"|proof|reason|kind|works|replaces|stations|excluded_by|plant_name_ko|within_.*"
)
"""Columns of text; codes keep their leading zeros."""

NUMBER_COLUMNS: Final = re.compile(
    r".*_(mw|kv|km|bn_krw|years|deg|ha|krw_kwh|mwh_it|per_mw|m|points|total_min|total_max|score|pct)"
    r"|rank|tied|lon|lat|first_year|pue|suitability|value_.*|regret_.*|lower_.*|upper_.*|score_.*"
    r"|impact_points_possible"
)
FLAG_COLUMNS: Final = ("chosen", "rank_proven", "lead_time_tight", "impact_applies")
_STATION: Final = re.compile(r"\S+ \d+(\.\d+)? -?\d+(\.\d+)?( \S+( -?\d+(\.\d+)?( \S+)?)?)?")
LARGEST: Final = 1e15
"""No figure of a run is larger, in whatever unit."""

KNOWN_TOGETHER: Final = {
    "route_km": ("voltage_kv", "route_oh_km", "route_ug_km", "route_bn_krw", "lead_time_years"),
    "second_station_id": ("second_route_km", "second_feed_bn_krw"),
    "works": ("works_bn_krw", "relief_mw"),
    "value_bn_krw": ("it_mw",),
    "it_mw": ("facility_mw",),
    "with_cost_bn_krw": ("with_it_mw",),
    "complex_id": ("eligible_ha",),
}
"""Columns that are known where another is."""

_CELLS_MAX: Final = 400_000_000
"""The country in cells of 20 m, a fourth of the smallest that a scenario may have, and more."""


def ranking_of(content: bytes, path: Path) -> pd.DataFrame:
    """Return ``ranking.csv`` of a run, columns typed.

    Parameters
    ----------
    content : bytes
        Bytes of the file.
    path : Path
        Its path, for error messages.

    Raises
    ------
    LayerFileError
        If it cannot be read, is no table, lacks the ids of the sites, or a cell is no number where
        one is needed.
    """
    table = _read(content, path, RANKING_COLUMNS)
    for name in [column for column in table if column in FLAG_COLUMNS]:
        known = table[name].dropna()
        odd = known[~known.isin([True, False])]
        if len(odd):
            raise fault(path, odd.index[0], name, odd.iloc[0], "true or false")
        table[name] = table[name].astype(bool) if len(known) == len(table) else table[name]
    if "stations" in table:
        stations = table["stations"].dropna().astype(str)
        odd = stations[~stations.map(are_stations).astype(bool)]
        if len(odd):
            raise fault(path, odd.index[0], "stations", odd.iloc[0], "id, kV and MW of each")
    return table


def complexes_of(content: bytes, path: Path) -> pd.DataFrame:
    """Return ``complexes.csv`` of a run; errors as :func:`read_ranking`.

    Parameters
    ----------
    content : bytes
        Bytes of the file.
    path : Path
        Its path, for error messages.
    """
    return _read(content, path, COMPLEX_COLUMNS)


def are_stations(stations: str) -> bool:
    """Return whether a text names stations within reach, each with voltage and headroom."""
    return all(_STATION.fullmatch(part) for part in stations.split("; "))


def fault(path: Path, row: Any, column: str, cell: object, right: str) -> LayerFileError:  # noqa: ANN401
    """Return the error of a cell that is not as a run writes it.

    Parameters
    ----------
    path : Path
        The table.
    row : int
        Place of the row, from 0.
    column : str
        Its column.
    cell : object
        What it holds.
    right : str
        What would be right, as the subject of a sentence.
    """
    from siteopt.layers._rows import shown  # noqa: PLC0415 - loads the layers

    return LayerFileError(
        f"{path}: row {row + 2}: {column} is {shown(cell)}; {right} is needed; run again"
    )


def _read(content: bytes, path: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    from siteopt._csv import read_csv  # noqa: PLC0415 - opening a run needs no tables
    from siteopt.layers._text import header_of  # noqa: PLC0415

    try:
        text = content.decode("utf-8-sig")
        header = header_of(text, path)
        texts = {name: "string" for name in header if TEXT_COLUMNS.fullmatch(name)}
        table = read_csv(content, texts)
    except (LayerError, ValueError) as error:
        raise LayerFileError(f"{path}: not the table of a run ({error}); run again") from error
    sign = hidden_sign(text)
    if sign is not None:
        raise LayerFileError(f"{path}: holds {sign}, a sign that is not to be seen; run again")
    _must_have(table, needed, path)
    for name in [one for one in header if NUMBER_COLUMNS.fullmatch(one) and one not in texts]:
        _must_be_numbers(table[name], path)
    for name, others in KNOWN_TOGETHER.items():
        for other in others:
            _must_stand_together(table, name, other, path)
    return table


def _must_have(table: pd.DataFrame, needed: tuple[str, ...], path: Path) -> None:
    for name in needed:
        if name not in table:
            raise LayerFileError(f"{path}: column {name} is missing; run again")
        if name.endswith("_id") and table[name].isna().any():
            raise LayerFileError(f"{path}: a row has no {name}; run again")


def _must_stand_together(table: pd.DataFrame, name: str, other: str, path: Path) -> None:
    if name not in table or other not in table:
        return
    missing = table[table[name].notna() & (table[name] != "") & table[other].isna()]
    if len(missing):
        raise fault(path, missing.index[0], other, None, f"a figure, as of {name},")


def _must_be_numbers(cells: pd.Series[Any], path: Path) -> None:
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    numbers = pd.to_numeric(cells, errors="coerce").astype(float)
    odd = cells[(numbers.isna() & cells.notna()) | (np.abs(numbers) > LARGEST)]
    if pd.api.types.is_bool_dtype(cells):
        odd = cells
    if len(odd):
        raise fault(path, odd.index[0], str(cells.name), odd.iloc[0], "a number")


@contextmanager
def open_reasons(content: bytes, path: Path) -> Iterator[rasterio.DatasetReader]:
    """Open ``eligibility.tif`` of a run: a GeoTIFF with one band of whole numbers, north up.

    Parameters
    ----------
    content : bytes
        Bytes of the file.
    path : Path
        Its path, for error messages.

    Raises
    ------
    LayerFileError
        If it is anything else, or damaged where it is read.
    """
    import numpy as np  # noqa: PLC0415 - opening a run needs no tables

    from siteopt.layers._geotiff import geotiff_of  # noqa: PLC0415

    if not content:
        raise LayerFileError(f"{path}: is empty; run again")
    try:
        with geotiff_of(content, path) as raster:
            frame, cells = raster.transform, raster.height * raster.width
            plain = raster.count == 1 and np.issubdtype(raster.dtypes[0], np.unsignedinteger)
            square = frame.b == frame.d == 0 and frame.a > 0 and frame.a == -frame.e
            if not (plain and square and cells <= _CELLS_MAX):
                raise LayerFileError(f"{path}: not the raster of a run; run again")
            yield raster
    except LayerError as error:
        raise LayerFileError(f"{error}; run again") from error


def reasons_of(content: bytes, path: Path) -> CodedCells:
    """Return the reasons of the cells of a run; arguments and errors as :func:`open_reasons`."""
    from siteopt.layers.cells import FileCells  # noqa: PLC0415 - opening a run needs no raster

    return FileCells(lambda: open_reasons(content, path))
