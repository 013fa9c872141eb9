"""Layers of a raster source: its files found or downloaded, aggregated to cells in their unit."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt._temporary import temporary_folder
from siteopt.errors import FetchError
from siteopt.screening.kernel import within
from siteopt.sources._frame import NATIONAL
from siteopt.sources.fetching.archives import extract
from siteopt.sources.fetching.counts import sum_counts
from siteopt.sources.fetching.download import Request, download
from siteopt.sources.fetching.rasters import aggregate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import shapely
    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.sources.fetching.bounds import Bounds
    from siteopt.sources.fetching.raster_recipes import RasterLayer, RasterRecipe

__all__ = ["RasterFiles", "layer_values", "raster_files"]

_TIFF: Final = frozenset({".tif", ".tiff"})
_ZIP: Final = ".zip"
_TOUCH: Final = 0.75
"""Sides of a cell between a centre and land within which the cell touches it: half a diagonal."""
_M2_PER_KM2: Final = 1e6


@dataclass(slots=True)
class RasterFiles:
    """Where the files of a raster source are, as GDAL opens them.

    Attributes
    ----------
    recipe : RasterRecipe
        Of the source.
    given : list of Path, optional
        Files that the user gave; none where the source is asked.
    area : Geometry
        What is needed, EPSG:4326.
    answers : Path
        Folder for whole files that are downloaded, until all of a fetch have come.
    bounds : Bounds
        Of each download.
    unpacked : Path
        Folder for what archives hold, removed at the end.
    """

    recipe: RasterRecipe
    given: list[Path] | None
    area: shapely.Geometry
    answers: Path
    bounds: Bounds
    unpacked: Path
    came: dict[str, list[Path]] = field(default_factory=dict)

    def of(self, layer: RasterLayer) -> list[str]:
        """Return the paths or addresses of a layer.

        Parameters
        ----------
        layer : RasterLayer
            Of the recipe.

        Raises
        ------
        FetchError
            If no file given is the layer's, or a download fails.
        """
        if self.given is not None:
            return [str(path) for path in layer.chosen_files(self.given)]
        addresses = self.recipe.addresses(layer, self.area)
        if self.recipe.access == "windows":
            return addresses
        found = [path for address in addresses for path in self._downloaded(address)]
        if self.recipe.access == "zip":
            found = layer.chosen_files(found)
        return [str(path) for path in found]

    def _downloaded(self, address: str) -> list[Path]:
        if address not in self.came:
            zipped = self.recipe.access == "zip"
            name = f"{self.recipe.id}-{hashlib.sha256(address.encode()).hexdigest()[:12]}"
            target = self.answers / f"{name}{_ZIP if zipped else '.tif'}"
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.is_file():  # whole or not at all: one that is there came before
                download(Request(address, "zip" if zipped else "tiff"), target, self.bounds)
            self.came[address] = _unpacked(target, self.unpacked)
        return self.came[address]

    def forget(self) -> None:
        """Remove the downloads."""
        for path in self.answers.glob(f"{self.recipe.id}-*"):
            path.unlink()
        if self.answers.is_dir() and not any(self.answers.iterdir()):
            self.answers.rmdir()


def _unpacked(path: Path, folder: Path) -> list[Path]:
    """Return the GeoTIFFs of an archive, or the file itself where it is none."""
    if path.suffix.lower() != _ZIP:
        return [path]
    place = folder / path.stem
    place.mkdir()
    return extract(path, place, _TIFF)


@contextmanager
def raster_files(
    recipe: RasterRecipe,
    given: Path | None,
    area: shapely.Geometry,
    answers: Path,
    bounds: Bounds,
) -> Iterator[RasterFiles]:
    """Open the files of a source for the length of a block.

    Parameters
    ----------
    recipe : RasterRecipe
        Of the source.
    given : Path, optional
        A GeoTIFF, a ZIP archive, or a folder of both; the source is asked without one.
    area : Geometry
        What is needed, EPSG:4326.
    answers : Path
        Folder for downloads; what came stays there until `RasterFiles.forget`.
    bounds : Bounds
        Of each download.

    Raises
    ------
    FetchError
        If what is given is not there, holds no GeoTIFF, or an archive is broken.
    """
    with temporary_folder() as unpacked:
        found = None if given is None else _given_files(given, unpacked)
        yield RasterFiles(recipe, found, area, answers, bounds, unpacked)


def _given_files(given: Path, unpacked: Path) -> list[Path]:
    if given.is_dir():
        paths = sorted(path for path in given.iterdir() if path.suffix.lower() in {*_TIFF, _ZIP})
    else:
        paths = [given]
    if not (given.is_dir() or given.is_file()):
        raise FetchError(f"{given}: not there; --from takes a GeoTIFF, a ZIP archive or a folder")
    found = [file for path in paths for file in _unpacked(path, unpacked)]
    if not found:
        raise FetchError(f"{given}: holds no GeoTIFF (.tif), in no archive (.zip) either")
    return found


def layer_values(
    recipe: RasterRecipe,
    layer: RasterLayer,
    names: Sequence[str],
    lattice: Lattice,
    land: shapely.Geometry,
) -> tuple[NDArray[np.float32], list[str]]:
    """Return the cells of a layer in its unit, NaN where not known, and notes to the user.

    Parameters
    ----------
    recipe : RasterRecipe
        Of the source.
    layer : RasterLayer
        One of its layers.
    names : sequence of str
        Its files, as of `RasterFiles.of`.
    lattice : Lattice
        The cells.
    land : Geometry
        Where values are wanted, EPSG:5179. Of a density every cell that touches it, of anything
        else every cell whose centre is in it.

    Raises
    ------
    FetchError
        If a file cannot be read, or the values are in no unit of the recipe.
    """
    parts = np.array([land], dtype=object)
    if layer.how == "density":
        touching = within(parts, lattice, _TOUCH * lattice.cell_m)
        return _density(recipe, layer, names, lattice, touching)
    values = aggregate(names, lattice, recipe.fine_m, layer.aggregation, missing=recipe.missing)
    values[~within(parts, lattice)] = np.nan
    own, unit = layer.in_own_unit(values, recipe.id)
    if unit is None or unit.factor == 1.0:
        return own, []
    return own, [f"{layer.id}: read as {unit.unit}, times {unit.factor:g} {layer.unit}"]


def _density(
    recipe: RasterRecipe,
    layer: RasterLayer,
    names: Sequence[str],
    lattice: Lattice,
    touching: NDArray[np.bool_],
) -> tuple[NDArray[np.float32], list[str]]:
    summed = sum_counts(names, lattice, recipe.fine_m)
    count = np.nan_to_num(summed.count) if layer.nodata_is_zero else summed.count.copy()
    away = float(np.nansum(count[~touching]))
    count[~touching] = np.nan
    total = float(np.nansum(count))
    if lattice == NATIONAL and layer.total and not layer.total[0] <= total <= layer.total[1]:
        raise FetchError(
            f"{recipe.id}: {layer.id} adds up to {total / 1e6:,.1f} million; from "
            f"{layer.total[0] / 1e6:g} to {layer.total[1] / 1e6:g} million are needed: give counts "
            "by pixel, not a density, of the whole country"
        )
    note = f"{layer.id}: {total:,.0f} in all; {away:,.0f} on cells that touch no land are left out"
    return (count / (lattice.cell_m**2 / _M2_PER_KM2)).astype(np.float32), [note]
