"""Report of a raster file for people: alignment, extent, values, way of reading."""

from __future__ import annotations

from pathlib import Path

from siteopt._memory import gigabytes
from siteopt.layers._geotiff import RASTER_SUFFIXES
from siteopt.layers.alignment import alignment_of
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.check import checked_raster
from siteopt.layers.raster_file import RasterFile
from siteopt.layers.raster_reading import open_raster
from siteopt.layers.virtual_files import is_virtual, virtual_file

__all__ = ["embedded_alignment", "is_raster_name", "raster_lines"]


def is_raster_name(name: str) -> bool:
    """Return whether a name is that of a raster file and no folder."""
    is_raster = Path(name).suffix.lower() in RASTER_SUFFIXES
    return is_virtual(name) or (is_raster and not Path(name).is_dir())


def raster_lines(name: str, layer_id: str) -> list[str]:
    """Return what a raster holds and how a run aligns it, after a check of all of its cells.

    Parameters
    ----------
    name : str
        File, local or virtual.
    layer_id : str
        Layer that it is read as.

    Raises
    ------
    LayerError, LayerFileError
        With the reason for which a run would refuse it.
    """
    path = virtual_file(name) if is_virtual(name) else Path(name)
    told: list[str] = []
    raster = checked_raster(open_raster(path, layer_id, told.append), layer_id, path)
    with RasterFile(path, layer_id) as file:
        form, sentence = file.form, f"{path.name}: {alignment_of(file).sentence}"
        marks = [] if file.stored.tag is None else [f"nodata {file.stored.tag:g}"]
        marks += ["NaN"] if file.stored.values.dtype.kind == "f" else []
        marks += ["a mask"] if form.masked else []
        size, kind = file.bytes_whole, file.stored.values.dtype
    low, high = raster.value_range() or (float("nan"), float("nan"))
    way = "part by part, from its file" if isinstance(raster, RasterFile) else "whole"
    x_min, y_min, x_max, y_max = raster.lattice.bounds_m
    scaled = "" if (form.scale, form.offset) == (1.0, 0.0) else (
        f", after scale {form.scale:g} and offset {form.offset:g}"
    )  # fmt: skip
    lines = [
        sentence,
        f"  extent: x {x_min:.0f} to {x_max:.0f}, y {y_min:.0f} to {y_max:.0f} (EPSG:5179)",
        f"  values: {low:g} to {high:g} ({kind}{scaled}); not known: {', '.join(marks) or 'no cell'}",
        f"  is read {way} ({gigabytes(size)})",
    ]
    return lines + [f"  note: {line}" for line in told if line != sentence]


def embedded_alignment(layer_id: str) -> str:
    """Return how an embedded raster is aligned.

    Parameters
    ----------
    layer_id : str
        Id of a raster of the catalogue.
    """
    with RasterFile(read_catalogue().path(layer_id), layer_id) as file:
        return alignment_of(file).sentence
