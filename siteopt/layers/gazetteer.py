"""Gazetteer of a run: names of eup, myeon, dong and ri, and the area of each cell."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.layers.catalogue import Catalogue
    from siteopt.layers.protocols import LayersLike

__all__ = ["AREAS", "NAMES", "Area", "Gazetteer", "Village", "embedded_gazetteer", "gazetteer_of"]

NAMES: Final = "gazetteer"
"""Layer of the names."""
AREAS: Final = "eupmyeondong"
"""Layer of the area of each cell."""
_AREA_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class Area:
    """An eup, myeon or dong: legal code, district, name, and a point inside it in degrees."""

    code: str
    district_code: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Village:
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
    cells : ndarray of uint16
        Place of the area in ``areas`` plus one, by cell; 0 is none.
    lattice : Lattice
        Frame of the cells.
    """

    areas: tuple[Area, ...]
    villages: tuple[Village, ...]
    cells: NDArray[np.uint16]
    lattice: Lattice

    def area_at(self, x_m: float, y_m: float) -> int | None:
        """Return the place of the area that a point's cell is in (EPSG:5179 metres)."""
        frame = self.lattice
        col = int((x_m - frame.x_min_m) // frame.cell_m)
        row = int((frame.y_max_m - y_m) // frame.cell_m)
        if not (0 <= row < frame.n_rows and 0 <= col < frame.n_cols):
            return None
        return int(self.cells[row, col]) - 1 if self.cells[row, col] else None


def gazetteer_of(layers: LayersLike) -> Gazetteer | None:
    """Return the gazetteer of a run; None where it has not both layers.

    Parameters
    ----------
    layers : LayersLike
        Layers of the run.
    """
    if not (NAMES in layers.ids and AREAS in layers.ids):
        return None
    raster = layers.raster(AREAS)
    table = layers.vector(NAMES)
    columns = ["code", "district_code", "name_ko", "lon", "lat"]
    rows = table[columns].astype(object).where(table[columns].notna(), "").to_dict("records")
    cells = np.where(raster.known, raster.values, 0).astype(np.uint16)
    return _assembled(rows, cells, raster.lattice)


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
    """
    import rasterio  # noqa: PLC0415 - an answer without a map needs none of it

    from siteopt.lattice import Lattice  # noqa: PLC0415
    from siteopt.layers.catalogue import file_hash  # noqa: PLC0415
    from siteopt.layers.check import check_hash  # noqa: PLC0415

    used = {str(one["id"]): one["sha256"] for one in inputs}
    for layer in (NAMES, AREAS):
        if layer not in catalogue or used.get(layer) != catalogue[layer].sha256:
            return None
        check_hash(catalogue, layer, file_hash(catalogue.path(layer)))
    text = catalogue.path(NAMES).read_text(encoding="utf-8")
    with rasterio.open(catalogue.path(AREAS)) as raster:
        left, top = raster.transform * (0, 0)
        lattice = Lattice(left, top, raster.res[0], n_rows=raster.height, n_cols=raster.width)
        return _assembled(csv.DictReader(io.StringIO(text)), raster.read(1), lattice)


def _assembled(
    rows: Iterable[Mapping[str, Any]], cells: NDArray[np.uint16], lattice: Lattice
) -> Gazetteer:
    ordered = sorted(rows, key=lambda row: str(row["code"]))
    areas = tuple(
        Area(
            row["code"],
            str(row["district_code"]),
            row["name_ko"],
            float(row["lon"]),
            float(row["lat"]),
        )
        for row in ordered
        if len(row["code"]) == _AREA_DIGITS
    )
    place = {area.code: number for number, area in enumerate(areas)}
    below = [row for row in ordered if len(row["code"]) > _AREA_DIGITS]
    for row in below:
        if row["code"][:_AREA_DIGITS] not in place:
            raise LayerError(
                f"{NAMES}: {row['code']} is of no area; a row of the code {row['code'][:_AREA_DIGITS]} is needed"
            )
    if int(cells.max(initial=0)) > len(areas):
        raise LayerError(
            f"{AREAS}: a cell has area {int(cells.max())}, and the layer {NAMES} has {len(areas)}; "
            "both must come from the same list"
        )
    villages = tuple(
        Village(
            row["code"], place[row["code"][:_AREA_DIGITS]], row["name_ko"], float(row["lon"]),
            float(row["lat"]),
        )
        for row in below
    )  # fmt: skip
    return Gazetteer(areas, villages, cells, lattice)
