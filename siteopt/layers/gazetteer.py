"""Gazetteer of a run: names of eup, myeon, dong and ri, and the area of each cell."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from siteopt.errors import LayerError
from siteopt.layers.cells import ArrayCells
from siteopt.layers.light_readers import embedded_cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.layers.catalogue import Catalogue
    from siteopt.layers.cells import CodedCells
    from siteopt.layers.protocols import LayersLike

__all__ = ["AREAS", "NAMES", "Area", "Gazetteer", "Village", "embedded_gazetteer", "gazetteer_of"]

NAMES: Final = "gazetteer"
"""Layer of the names."""
AREAS: Final = "eupmyeondong"
"""Layer of the area of each cell."""
_AREA_DIGITS: Final = 8
_COLUMNS: Final = ("code", "district_code", "name_ko", "lon", "lat")


class Area(NamedTuple):
    """An eup, myeon or dong: legal code, district, name, and a point inside it in degrees."""

    code: str
    district_code: str
    name: str
    lon: float
    lat: float


class Village(NamedTuple):
    """A ri: its area's place in `Gazetteer.areas`, its name, and a point inside it in degrees."""

    code: str
    area: int
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Names by code, and which area each cell is in.

    Attributes
    ----------
    areas : tuple of Area
        In order of code.
    villages : tuple of Village
        In order of code.
    area_cells : CodedCells
        Place of the area in ``areas`` plus one, by cell; 0 is none.
    """

    areas: tuple[Area, ...]
    villages: tuple[Village, ...]
    area_cells: CodedCells

    @property
    def cells(self) -> NDArray[np.uint16]:
        """Place of the area of every cell in ``areas`` plus one; 0 is none.

        Raises
        ------
        LayerError
            If a cell is of an area that is not in the list.
        """
        cells: NDArray[np.uint16] = self.area_cells.values
        _must_be_listed(int(cells.max(initial=0)), self.areas)
        return cells

    @property
    def lattice(self) -> Lattice:
        """Frame of the cells."""
        return self.area_cells.lattice

    def area_at(self, x_m: float, y_m: float) -> int | None:
        """Return the place of the area that a point's cell is in (EPSG:5179 metres).

        Raises
        ------
        LayerError
            If the cell is of an area that is not in the list.
        """
        frame = self.lattice
        col = int((x_m - frame.x_min_m) // frame.cell_m)
        row = int((frame.y_max_m - y_m) // frame.cell_m)
        if not (0 <= row < frame.n_rows and 0 <= col < frame.n_cols):
            return None
        number = self.area_cells.at(row, col)
        _must_be_listed(number, self.areas)
        return number - 1 if number else None


def _must_be_listed(number: int, areas: Sequence[Area]) -> None:
    """Raise LayerError if a cell is of an area that is not in the list."""
    if number > len(areas):
        raise LayerError(
            f"{AREAS}: a cell has area {number}, and the layer {NAMES} has {len(areas)}; "
            "both must come from the same list"
        )


def gazetteer_of(layers: LayersLike) -> Gazetteer | None:
    """Return the gazetteer of a run; None where it has not both layers.

    Parameters
    ----------
    layers : LayersLike
        Layers of the run.

    Raises
    ------
    LayerError
        If a ri is of no area, or a cell of an area that is not in the list.
    """
    if not (NAMES in layers.ids and AREAS in layers.ids):
        return None
    import numpy as np  # noqa: PLC0415 - the embedded one is read without arrays

    raster = layers.raster(AREAS)
    table = layers.vector(NAMES)[list(_COLUMNS)]
    rows = table.astype(object).where(table.notna(), "").itertuples(index=False, name=None)
    cells = np.where(raster.known, raster.values, 0).astype(np.uint16)
    found = _assembled(rows, ArrayCells(cells, raster.lattice))
    _must_be_listed(int(cells.max(initial=0)), found.areas)
    return found


def embedded_gazetteer(
    catalogue: Catalogue, inputs: Iterable[Mapping[str, Any]]
) -> Gazetteer | None:
    """Return the embedded gazetteer where a run used it as it is now, without reading other layers.

    Parameters
    ----------
    catalogue : Catalogue
        Of the embedded layers.
    inputs : iterable of mapping
        Layers of the run, as ``run.json`` lists them.

    Raises
    ------
    LayerError, LayerFileError
        If a file cannot be read, or is not that of the catalogue.
    """
    used = {str(one["id"]): one["sha256"] for one in inputs}
    for layer in (NAMES, AREAS):
        if layer not in catalogue or used.get(layer) != catalogue[layer].sha256:
            return None
    rows = csv.reader(io.StringIO(catalogue.content(NAMES).decode("utf-8"), newline=""))
    header = next(rows)
    wanted = itemgetter(*map(header.index, _COLUMNS))
    return _assembled(map(wanted, rows), embedded_cells(catalogue, AREAS))


def _assembled(rows: Iterable[tuple[Any, Any, Any, Any, Any]], area_cells: CodedCells) -> Gazetteer:
    """Return the gazetteer of rows of code, district, name, longitude and latitude."""
    ordered = sorted(rows, key=itemgetter(0))
    areas = tuple(
        Area(code, str(district), name, float(lon), float(lat))
        for code, district, name, lon, lat in ordered
        if len(code) == _AREA_DIGITS
    )
    place = {area.code: number for number, area in enumerate(areas)}
    below = [row for row in ordered if len(row[0]) > _AREA_DIGITS]
    for code, *_ in below:
        if code[:_AREA_DIGITS] not in place:
            raise LayerError(
                f"{NAMES}: {code} is of no area; a row of the code {code[:_AREA_DIGITS]} is needed"
            )
    villages = tuple(
        Village(code, place[code[:_AREA_DIGITS]], name, float(lon), float(lat))
        for code, _, name, lon, lat in below
    )
    return Gazetteer(areas, villages, area_cells)
