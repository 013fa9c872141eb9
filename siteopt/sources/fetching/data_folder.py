"""Data folder of fetched layers: the embedded ones, and those that came from their sources."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pyogrio

from siteopt._data import data_folder
from siteopt._files import write_whole
from siteopt._geopackage_date import fixed_date
from siteopt._temporary import temporary_folder
from siteopt.errors import LayerError, LayerFileError, why_not_read
from siteopt.layers.catalogue import Entry, file_hash, read_catalogue, render_catalogue
from siteopt.layers.check import checked_table, checked_vector
from siteopt.layers.raster_reading import read_raster
from siteopt.layers.readers import read_table, read_vector
from siteopt.sources._write import write_raster
from siteopt.sources.fetching.layer_changes import change_between, row_doubt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.layers.catalogue import Catalogue

__all__ = ["drop_layers", "prepare_folder", "put_files", "put_layer", "put_raster"]

_CATALOGUE: Final = "catalogue.toml"
_NOT_KNOWN: Final = -32_768
"""Stored value of a raster's cell that is not known."""


def prepare_folder(folder: Path) -> None:
    """Make a data folder with the embedded layers, where there is none yet.

    Raises
    ------
    LayerFileError
        If there is something else in the folder.
    """
    if (folder / _CATALOGUE).is_file():
        return
    if folder.is_dir() and any(folder.iterdir()):
        raise LayerFileError(
            f"{folder}: is not empty and holds no {_CATALOGUE}; name a new folder, or one that "
            "`siteopt layers fetch` made"
        )
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # of a call that was stopped
    try:
        shutil.copytree(data_folder(), part)
        if folder.is_dir():
            folder.rmdir()
        part.rename(folder)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise LayerFileError(
            f"{folder}: {why_not_read(error)}; a data folder needs a place that is yours to write"
        ) from error


def put_layer(
    folder: Path,
    entry: Entry,
    content: gpd.GeoDataFrame | pd.DataFrame,
    *,
    accept: bool = False,
) -> Entry:
    """Put a layer into a data folder, whole or not at all.

    Parameters
    ----------
    folder : Path
        A data folder.
    entry : Entry
        Of the catalogue; ``file`` and ``sha256`` are filled in.
    content : GeoDataFrame or DataFrame
        Features in EPSG:5179, or the rows of a table.
    accept : bool
        Whether a layer may also take the place of a much larger one.

    Returns
    -------
    Entry
        As it is in the catalogue now.

    Raises
    ------
    LayerError
        If the layer that is there has lost most of what it had, or is of another kind; it stays
        as it was.
    """
    catalogue = read_catalogue(folder)
    before = catalogue.entries.get(entry.id)
    if before is not None:
        _must_be_of_kind(before, entry)
        if not accept:
            _must_be_believed(folder / before.file, entry, content)
    name = f"reference/{entry.id}.{'gpkg' if entry.kind == 'vector' else 'csv'}"
    return _put(folder, catalogue, entry, name, _bytes(entry, content))


def _put(folder: Path, catalogue: Catalogue, entry: Entry, name: str, content: bytes) -> Entry:
    """Write file and catalogue; the file of another name that the layer had is removed."""
    before = catalogue.entries.get(entry.id)
    write_whole(folder / name, content)
    put = replace(entry, file=name, sha256=file_hash(folder / name), bytes=len(content))
    entries = {**catalogue.entries, entry.id: put}
    write_whole(folder / _CATALOGUE, render_catalogue(entries.values()).encode())
    if before is not None and before.file != name:
        (folder / before.file).unlink(missing_ok=True)
    return put


def put_files(
    folder: Path, part: Path, entries: Sequence[Entry], *, accept: bool = False
) -> list[Entry]:
    """Put layers that belong together into a data folder: all of them, or none.

    Parameters
    ----------
    folder : Path
        A data folder.
    part : Path
        Folder that holds the files.
    entries : sequence of Entry
        Of the catalogue; ``file`` is the name in ``part``, ``sha256`` is filled in.
    accept : bool
        Whether a layer may also take the place of a much larger one.

    Returns
    -------
    list of Entry
        As they are in the catalogue now.

    Raises
    ------
    LayerError
        If a layer is not as its schema says, is of another kind than before, or has lost most of
        what it had.
    """
    catalogue = read_catalogue(folder)
    for entry in entries:
        path = part / entry.file
        content: gpd.GeoDataFrame | pd.DataFrame
        if entry.kind == "vector":
            content = checked_vector(read_vector(path, entry.id), entry.id, path)
        else:
            content = checked_table(read_table(path, entry.id), entry.id, path)
        before = catalogue.entries.get(entry.id)
        if before is not None:
            _must_be_of_kind(before, entry)
            if not accept:
                _must_be_believed(folder / before.file, entry, content)
    put = []
    for entry in entries:
        name = f"reference/{entry.file}"
        write_whole(folder / name, (part / entry.file).read_bytes())
        put.append(replace(entry, file=name, sha256=file_hash(folder / name)))
    now = catalogue.entries | {entry.id: entry for entry in put}
    write_whole(folder / _CATALOGUE, render_catalogue(now.values()).encode())
    for entry in put:
        old = catalogue.entries.get(entry.id)
        if old is not None and old.file != entry.file:
            (folder / old.file).unlink(missing_ok=True)
    return put


def drop_layers(folder: Path, ids: Iterable[str]) -> None:
    """Take layers out of a data folder, catalogue first."""
    catalogue = read_catalogue(folder)
    gone = [catalogue[layer_id] for layer_id in ids]
    kept = [entry for entry in catalogue if entry not in gone]
    write_whole(folder / _CATALOGUE, render_catalogue(kept).encode())
    for entry in gone:
        (folder / entry.file).unlink(missing_ok=True)


def put_raster(  # noqa: PLR0913 - what a raster file holds
    folder: Path,
    entry: Entry,
    values: NDArray[np.float32],
    lattice: Lattice,
    *,
    step: float,
    accept: bool = False,
) -> Entry:
    """Put a raster into a data folder, whole or not at all; else as :func:`put_layer`.

    Parameters
    ----------
    folder : Path
        A data folder.
    entry : Entry
        Of the catalogue.
    values : ndarray of float32, shape ``lattice.shape``
        NaN where not known.
    lattice : Lattice
        Its cells.
    step : float
        To which values are rounded.
    accept : bool
        Whether a raster may also take the place of one that knows far more cells.
    """
    catalogue = read_catalogue(folder)
    before = catalogue.entries.get(entry.id)
    if before is not None:
        _must_be_of_kind(before, entry)
        known = int(read_raster(folder / before.file, entry.id).known.sum())
        doubt = row_doubt(known, int(np.isfinite(values).sum()), "cells that are known")
        if doubt and not accept:
            raise LayerError(_doubtful(entry, doubt))
    stored = np.where(np.isfinite(values), np.rint(values / step), _NOT_KNOWN)
    small = stored.min() >= _NOT_KNOWN and stored.max() < -_NOT_KNOWN
    with temporary_folder() as part:
        write_raster(
            stored.astype(np.int16 if small else np.int32), lattice, part / "layer.tif", nodata=_NOT_KNOWN, scale=step,
            unit=entry.unit,
        )  # fmt: skip
        content = (part / "layer.tif").read_bytes()
    return _put(folder, catalogue, entry, f"reference/{entry.id}.tif", content)


def _must_be_of_kind(before: Entry, entry: Entry) -> None:
    if before.kind != entry.kind:
        raise LayerError(
            f"{entry.id}: is a {before.kind} layer of the folder, and this is a {entry.kind}"
        )


def _must_be_believed(path: Path, entry: Entry, content: gpd.GeoDataFrame | pd.DataFrame) -> None:
    """Raise where a layer lost most of what it had."""
    if isinstance(content, gpd.GeoDataFrame):
        before = read_vector(path, entry.id).to_crs(content.crs)
        doubt = change_between(entry.id, before, content).doubt
    else:
        doubt = row_doubt(len(read_table(path, entry.id)), len(content))
    if doubt:
        raise LayerError(_doubtful(entry, doubt))


def _doubtful(entry: Entry, doubt: str) -> str:
    return f"{entry.id}: {doubt}; the old layer stays, `--accept-changes` takes the new one"


def _bytes(entry: Entry, content: gpd.GeoDataFrame | pd.DataFrame) -> bytes:
    with temporary_folder() as part:
        if not isinstance(content, gpd.GeoDataFrame):
            content.to_csv(part / "layer", index=False, lineterminator="\n")
            return (part / "layer").read_bytes()
        with fixed_date():
            pyogrio.write_dataframe(content, part / "layer.gpkg", layer=entry.id, driver="GPKG")
        return (part / "layer.gpkg").read_bytes()
