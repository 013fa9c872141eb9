"""Zonal statistics of polygons on rasters, weighted by the exact share of each cell (exactextract).

A polygon that is small beside the cells holds few of their centres or none; what it covers of each
is exact at any size. Baston, D. (2025): exactextract, https://isciences.github.io/exactextract.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import shapely
from exactextract import exact_extract
from exactextract.feature import Feature, FeatureSource
from exactextract.operation import Operation
from exactextract.raster import RasterSource
from exactextract.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.layers.rasters import Raster

__all__ = ["Cells", "zonal_means"]

_CELLS_AT_ONCE: Final = 4_000_000
"""Cells of rasters in memory at a time, 8 bytes each."""

_NUMBER: Final = "number"
"""Field with the place of a polygon in the list."""


class Cells(Protocol):
    """Cells on a lattice that are read by rows and columns, from memory or a file."""

    @property
    def lattice(self) -> Lattice:
        """Where the cells lie, EPSG:5179."""
        ...

    def part(self, rows: slice, cols: slice, /) -> Raster:
        """Return some rows and columns; neither is empty."""
        ...


def zonal_means(shapes: NDArray[np.object_], rasters: Sequence[Cells]) -> list[NDArray[np.float64]]:
    """Means of rasters over polygons, each cell weighted by the share of it that is covered.

    Rasters are read once, block by block, with the polygons that meet each block
    (raster-sequential); those on one lattice share the shares of their cells. Shares are of single
    precision, so a mean is right to some 1e-7 of the range of its cells, and exact where they are
    all equal.

    Parameters
    ----------
    shapes : ndarray of geometries, shape (n,)
        Polygons and MultiPolygons, EPSG:5179.
    rasters : sequence of Cells
        On any lattices, such as those of :class:`siteopt.layers.Raster`; read in windows.

    Returns
    -------
    list of ndarray of float64, shape (n,)
        By raster; NaN where a polygon covers no part of a known cell.
    """
    wkb = shapely.to_wkb(shapely.force_2d(shapes)).tolist()
    means = [np.full(len(wkb), np.nan) for _ in rasters]
    by_lattice: dict[Lattice, list[int]] = {}
    for place, raster in enumerate(rasters):
        by_lattice.setdefault(raster.lattice, []).append(place)
    for places in by_lattice.values() if wkb else ():
        columns = {str(place): means[place] for place in places}
        sources = [_Cells(rasters[int(name)], name) for name in columns]
        exact_extract(
            sources,
            _Polygons(wkb),
            [Operation("mean", *one) for one in zip(columns, sources, strict=True)],
            include_cols=[_NUMBER],
            strategy="raster-sequential",
            max_cells_in_memory=_CELLS_AT_ONCE,
            output=_Columns(columns),
        )
    return means


class _Cells(RasterSource):  # type: ignore[misc] # exactextract has no types
    """A raster as exactextract reads it: windows of float64, NaN where not known."""

    def __init__(self, raster: Cells, name: str) -> None:
        super().__init__()
        self._raster = raster
        self.set_name(name)  # two rasters without a name would be the same to exactextract

    def res(self) -> tuple[float, float]:
        cell_m = self._raster.lattice.cell_m
        return cell_m, cell_m

    def extent(self) -> tuple[float, float, float, float]:
        return self._raster.lattice.bounds_m

    def nodata_value(self) -> float:
        return float("nan")

    def srs_wkt(self) -> None:
        """Return no CRS: polygons and rasters are in that of the package."""

    def read_window(self, left: int, top: int, cols: int, rows: int) -> NDArray[np.float64]:
        if not rows * cols:  # asked for before all else, to see the type
            return np.empty((rows, cols))
        part = self._raster.part(slice(top, top + rows), slice(left, left + cols))
        cells = part.values.astype(np.float64)
        cells[~part.known] = np.nan
        return cells


class _Polygon(Feature):  # type: ignore[misc] # likewise
    """A polygon with its number, or the means that it is given."""

    def __init__(self, number: int, wkb: bytes) -> None:
        super().__init__()
        self.fields_of: dict[str, float] = {_NUMBER: number}
        self._wkb = wkb

    def set(self, name: str, value: float) -> None:
        self.fields_of[name] = value

    def get(self, name: str) -> float:
        return self.fields_of[name]

    def fields(self) -> list[str]:
        return list(self.fields_of)

    def geometry(self) -> bytes:
        return self._wkb

    def set_geometry(self, wkb: bytes) -> None:
        self._wkb = wkb

    def set_geometry_format(self) -> str:
        return "wkb"


class _Polygons(FeatureSource):  # type: ignore[misc] # likewise
    """Polygons as exactextract reads them: as WKB, not by way of GeoJSON (4 times as fast)."""

    def __init__(self, wkb: list[bytes]) -> None:
        super().__init__()
        self._wkb = wkb

    def count(self) -> int:
        return len(self._wkb)

    def __iter__(self) -> Iterator[_Polygon]:
        for number, wkb in enumerate(self._wkb):
            yield _Polygon(number, wkb)

    def srs_wkt(self) -> None:
        """Return no CRS, as of the rasters."""


class _Columns(Writer):  # type: ignore[misc] # likewise
    """Columns that the means of polygons are written to, in whatever order they come."""

    def __init__(self, columns: dict[str, NDArray[np.float64]]) -> None:
        super().__init__()
        self._columns = columns

    def add_operation(self, operation: Any) -> None:  # noqa: ANN401 - exactextract has no types
        """Take any operation: its column is there."""

    def add_column(self, name: str) -> None:
        """Take any column."""

    def write(self, feature: Any) -> None:  # noqa: ANN401 - likewise
        polygon = _Polygon(-1, b"")
        feature.copy_to(polygon)
        number = int(polygon.fields_of[_NUMBER])
        for name, column in self._columns.items():
            column[number] = polygon.fields_of.get(name, np.nan)

    def features(self) -> None:
        """Return nothing: the columns are the caller's."""
