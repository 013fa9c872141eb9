"""Build all embedded layers and their catalogue from the source copies and fact tables."""

from __future__ import annotations

import shutil
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from siteopt._data import data_folder
from siteopt.errors import LayerError, LayerFileError
from siteopt.layers.catalogue import Catalogue, Entry, file_hash, render_catalogue
from siteopt.layers.check import require_sound
from siteopt.layers.schemas import PARAMETER_TABLES
from siteopt.layers.store import Layers
from siteopt.sources._write import write_bytes
from siteopt.sources.parameters import assumptions_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siteopt.sources._built import Built

__all__ = ["BUILDERS", "build_layers"]

BUILDERS: Final = (
    "admin",
    "district_codes",
    "gazetteer",
    "complexes",
    "land_use",
    "relief",
    "terrain_check",
    "people",
    "land",
    "protected",
    "hazards",
    "district_hazards",
    "expressways",
    "power_plants",
    "renewables",
    "clean_stock",
    "parameters",
    "market",
    "water",
    "reservoirs",
    "water_supply",
    "climate",
    "wet_bulb",
    "supply_headroom",
    "grid_managed",
    "grid_network",
    "station_coverage",
    "kepco_tables",
    "grid_case",
    "typical_days",
    "year_profiles",
    "snapshots",
    "hosting",
    "headroom",
    "new_stations",
    "grid_impact",
)
"""Modules of this package in the order they run; a later one may read files of an earlier."""

_BY_HAND: Final = tuple(f"{name}.csv" for name in PARAMETER_TABLES if name != "parameters")
"""Files of ``reference/`` that are kept by hand, not built; builders find them in ``out``."""


def build_layers(
    sources: Path, facts: Path, out: Path, progress: Callable[[str], None] | None = None
) -> list[Entry]:
    """Build every embedded layer, check it, and write ``reference/`` and ``catalogue.toml``.

    All is built and checked in a temporary folder beside ``out`` first; files that a fault would
    leave half done never reach it. The same sources give the same bytes.

    Parameters
    ----------
    sources, facts : Path
        Folders of the source copies and of the fact tables.
    out : Path
        Data folder: ``reference/`` and ``catalogue.toml`` in it are made or replaced.
    progress : callable, optional
        Called with the name of each builder before it runs.

    Returns
    -------
    list of Entry
        The catalogue, in order of id.

    Raises
    ------
    LayerFileError
        If a source folder or file is not there.
    LayerError
        If a source does not hold what it should, or a layer fails its own check.
    """
    for name, folder in (("sources", sources), ("facts", facts)):
        if not folder.is_dir():
            raise LayerFileError(f"--{name}: {folder} is not a folder; give the folder of {name}")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LayerFileError(
            f"--out: {out} cannot be made ({error.strerror}); give a folder for the layers"
        ) from error
    with tempfile.TemporaryDirectory(prefix=".building-", dir=out) as temporary:
        home = Path(temporary)
        reference = home / "reference"
        reference.mkdir()
        for name in _BY_HAND:
            own = out / "reference" / name
            kept = own if own.is_file() else data_folder() / "reference" / name
            shutil.copyfile(kept, reference / name)
        built = [*assumptions_entries(), *_run_builders(sources, facts, reference, progress)]
        entries = _entries(built, home)
        require_sound(Layers(Catalogue(home, {entry.id: entry for entry in entries})))
        _publish(entries, home, out)
    return entries


def _run_builders(
    sources: Path, facts: Path, reference: Path, progress: Callable[[str], None] | None
) -> list[Built]:
    built: list[Built] = []
    for name in BUILDERS:
        if progress is not None:
            progress(name)
        try:
            builder = import_module(f"siteopt.sources.{name}")
            built += builder.build(sources, facts, reference)
        except ModuleNotFoundError as error:
            raise LayerError(
                f"the builder {name!r} needs the package {error.name}; install siteopt[layers]"
            ) from error
        except FileNotFoundError as error:
            if isinstance(error, LayerFileError):
                raise
            raise LayerFileError(
                f"{error.filename or error}: not there; the builder {name!r} needs it"
            ) from error
    return built


def _entries(built: Sequence[Built], home: Path) -> list[Entry]:
    """Return the catalogue of the built files, which must be exactly those in the folder."""
    twice = sorted({item.id for item in built if sum(item.id == one.id for one in built) > 1})
    if twice:
        raise LayerError(f"{twice[0]}: two builders make a layer of this id; ids must be unique")
    listed = {item.file for item in built}
    found = {path.name for path in (home / "reference").iterdir()}
    if listed != found:
        raise LayerError(
            f"reference: {min(listed ^ found)} is in the folder or in the catalogue, but not both"
        )
    entries = [
        Entry(
            id=item.id, title_ko=item.title_ko, title_en=item.title_en,
            file=f"reference/{item.file}", kind=item.kind, crs=item.crs, unit=item.unit,
            source=item.source, licence=item.licence, vintage=item.vintage,
            confidence=item.confidence, good_for=item.good_for, not_good_for=item.not_good_for,
            notice=item.notice, sha256=file_hash(home / "reference" / item.file),
        )
        for item in built
    ]  # fmt: skip
    return sorted(entries, key=lambda entry: entry.id)


def _publish(entries: Sequence[Entry], home: Path, out: Path) -> None:
    """Move the files into place, the catalogue last, and drop files that are no layer now."""
    target = out / "reference"
    target.mkdir(exist_ok=True)
    for entry in entries:
        (home / entry.file).replace(out / entry.file)
    write_bytes(out / "catalogue.toml", render_catalogue(entries).encode("utf-8"))
    kept = {Path(entry.file).name for entry in entries} | set(_BY_HAND)
    for path in sorted(target.iterdir()):
        if path.name not in kept:
            path.unlink()
