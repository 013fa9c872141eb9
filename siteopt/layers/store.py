"""Layer store of a run: embedded layers and the user's replacements, each read once."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Final

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers.catalogue import Entry, file_hash, layer_rows, read_catalogue
from siteopt.layers.check import (
    check_hash,
    checked_raster,
    checked_table,
    checked_vector,
    require_sound,
)
from siteopt.layers.kepco_form import from_kepco_form, is_kepco_form
from siteopt.layers.opening import files_of, hashed
from siteopt.layers.parameters import Parameters
from siteopt.layers.provenance import Provenance
from siteopt.layers.raster_reading import cells_hash, open_raster
from siteopt.layers.readers import kind_of_file, read_table, read_vector
from siteopt.layers.schemas import PARAMETER_TABLES
from siteopt.layers.station_kinds import serves_customers, with_kinds
from siteopt.layers.virtual_files import is_virtual

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from siteopt.layers.catalogue import Catalogue, LayerKind
    from siteopt.layers.protocols import RasterLike
    from siteopt.scenario import Scenario

__all__ = ["Layers", "check_layers", "list_layers", "open_layers"]

_LOG: Final = logging.getLogger(__name__)


class Layers:
    """All layers by id, read at first access, checked, and kept.

    Parameters
    ----------
    catalogue : Catalogue
        The embedded layers.
    own : mapping of str to Path, optional
        The user's files by id: a replacement, or a new layer.
    overrides : mapping of str to float, optional
        Values of the parameters that the scenario sets otherwise.

    Raises
    ------
    LayerFileError
        If a file of the user is not there.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        own: Mapping[str, Path] | None = None,
        overrides: Mapping[str, float] | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._own = dict(sorted((own or {}).items()))
        self._overrides = dict(overrides or {})
        self._vectors: dict[str, gpd.GeoDataFrame] = {}
        self._tables: dict[str, pd.DataFrame] = {}
        self._rasters: dict[str, RasterLike] = {}
        self._embedded: dict[str, pd.DataFrame] = {}
        self._hashes: dict[str, str] = {}
        self._notes: list[str] = []
        for layer_id, path in self._own.items():
            if is_virtual(path):
                continue  # GDAL says what is wrong when it is read
            if path.is_dir():
                raise LayerFileError(f"layers.{layer_id}: {path} is a folder; a layer is a file")
            if not path.is_file():
                raise LayerFileError(
                    f"layers.{layer_id}: {path} is not there; give a GeoJSON, GeoPackage, "
                    "Shapefile, CSV or GeoTIFF file"
                )

    def with_parameters(self, overrides: Mapping[str, float]) -> Layers:
        """Return the same layers, what is read of them shared, with other values of parameters."""
        other = Layers(self._catalogue, self._own, overrides)
        other._vectors, other._tables, other._rasters = self._vectors, self._tables, self._rasters
        other._embedded, other._hashes = self._embedded, self._hashes
        other._notes = self._notes
        return other

    @property
    def ids(self) -> list[str]:
        """Ids of all layers, in order."""
        return sorted({*self._catalogue.entries, *self._own})

    def replaced(self, layer_id: str) -> bool:
        """Return whether the user's file replaces an embedded layer."""
        return layer_id in self._own and layer_id in self._catalogue

    def is_own(self, layer_id: str) -> bool:
        """Return whether a layer is a file of the user's."""
        return layer_id in self._own

    def path(self, layer_id: str) -> Path:
        """Return the file that a layer is read from."""
        return self._own.get(layer_id) or self._catalogue.path(layer_id)

    def embedded_path(self, layer_id: str) -> Path:
        """Return the embedded file, also where the user's replaces it."""
        return self._catalogue.path(layer_id)

    def kind(self, layer_id: str) -> LayerKind:
        """Return ``vector``, ``table`` or ``raster``."""
        if layer_id in self._catalogue:
            return self._catalogue[layer_id].kind
        return kind_of_file(self.path(layer_id))

    def entry(self, layer_id: str) -> Entry:
        """Return the entry of the catalogue; for the user's own file what is known of it."""
        if layer_id not in self._own:
            return self._catalogue[layer_id]
        titled = self._catalogue.entries.get(layer_id)
        return Entry(
            id=layer_id,
            title_ko=titled.title_ko if titled else layer_id,
            title_en=titled.title_en if titled else layer_id,
            file=self._own[layer_id].name, kind=self.kind(layer_id), crs="",
            unit=titled.unit if titled else "", source="user's file", licence="", vintage="",
            confidence="user", good_for="", not_good_for="", notice="",
            sha256=self.sha256(layer_id),
        )  # fmt: skip

    def vector(self, layer_id: str) -> gpd.GeoDataFrame:
        """Return features in EPSG:5179, checked; the caller's copy.

        Raises
        ------
        LayerError
            If there is no such layer, it is no vector layer, or its content cannot be right.
        LayerFileError
            If the file cannot be read.
        """
        if layer_id not in self._vectors:
            self._expect(layer_id, "vector")
            path = self.path(layer_id)
            frame = checked_vector(read_vector(path, layer_id), layer_id, path)
            if layer_id == "stations":
                frame, note = with_kinds(frame, path.name)
                self._notes += [note] if note else []
            self._vectors[layer_id] = frame
            _LOG.debug("layer %s: %d features of %s", layer_id, len(frame), path)
        return self._vectors[layer_id].copy(deep=False)

    def table(self, layer_id: str) -> pd.DataFrame:
        """Return a table, checked; the caller's copy. Errors as :meth:`vector`."""
        if layer_id not in self._tables:
            self._expect(layer_id, "table")
            path = self.path(layer_id)
            table = read_table(path, layer_id)
            if layer_id == "headroom" and is_kepco_form(table):
                table = self._from_kepco_form(table, path)
            self._tables[layer_id] = checked_table(table, layer_id, path)
            _LOG.debug("layer %s: %d rows of %s", layer_id, len(table), path)
        return self._tables[layer_id].copy(deep=False)

    def _from_kepco_form(self, table: pd.DataFrame, path: Path) -> pd.DataFrame:
        """Return the rows of the headroom layer that a table of KEPCO's page is."""
        stations = self.vector("stations")
        converted = from_kepco_form(table, stations[serves_customers(stations)], path)
        if converted.unknown:
            names = ", ".join(converted.unknown)
            self._notes.append(
                f"{path.name}: {len(converted.unknown)} stations are not in the stations layer and "
                f"were left out: {names}"
            )
        return converted.rows

    @property
    def notes(self) -> list[str]:
        """What the user's files hold that is left out or taken for something, a sentence each."""
        if self.is_own("stations"):
            self.vector("stations")
        if self.is_own("headroom"):
            self.table("headroom")
        for layer_id in self._own:
            if self.kind(layer_id) == "raster":
                self.raster(layer_id)
        return list(self._notes)

    def raster(self, layer_id: str) -> RasterLike:
        """Return a raster in EPSG:5179, checked; a large one stays in its file.

        Errors as :meth:`vector`.
        """
        if layer_id not in self._rasters:
            self._expect(layer_id, "raster")
            path = self.path(layer_id)
            raster = open_raster(path, layer_id, self._notes.append)
            self._rasters[layer_id] = checked_raster(raster, layer_id, path)
            _LOG.debug("layer %s: %d x %d cells of %s", layer_id, *raster.lattice.shape, path)
        return self._rasters[layer_id]

    def embedded(self, layer_id: str) -> pd.DataFrame:
        """Return the embedded table, also where the user's file replaces it."""
        if not self.replaced(layer_id):
            return self.table(layer_id)
        if layer_id not in self._embedded:
            self._embedded[layer_id] = Layers(self._catalogue).table(layer_id)
        return self._embedded[layer_id].copy(deep=False)

    @cached_property
    def parameters(self) -> Parameters:
        """Costs, factors and thresholds, with the values that the scenario sets otherwise."""
        tables = [self.table(name) for name in PARAMETER_TABLES if name in self.ids]
        return Parameters(tables, self._overrides)

    def check(self) -> None:
        """Read and check every layer and the parameters; what is read is kept.

        Raises
        ------
        LayerError
            With the first fault, and the ids of other layers that have one.
        """
        require_sound(self)

    @property
    def used(self) -> list[Provenance]:
        """Provenance of the layers read so far, in order of id."""
        read = sorted({*self._vectors, *self._tables, *self._rasters})
        return [self._provenance(layer_id) for layer_id in read]

    def provenance(self) -> list[Provenance]:
        """Return the provenance of all layers, read or not, in order of id."""
        return [self._provenance(layer_id) for layer_id in self.ids]

    def sha256(self, layer_id: str) -> str:
        """Return the hash of the file that a layer is read from.

        Of a virtual file it is that of all cells, so that what lies there is read and a change is
        never missed.
        """
        if layer_id not in self._hashes:
            path = self.path(layer_id)
            self._hashes[layer_id] = (
                cells_hash(self.raster(layer_id)) if is_virtual(path) else file_hash(path)
            )
        return self._hashes[layer_id]

    def _expect(self, layer_id: str, kind: LayerKind) -> None:
        if layer_id not in self._own:
            check_hash(self._catalogue, layer_id, self._sha256_or_error(layer_id))
        found = self.kind(layer_id)
        if found != kind:
            raise LayerError(f"{layer_id}: a {found} layer, but a {kind} layer is wanted here")

    def _sha256_or_error(self, layer_id: str) -> str:
        return self.sha256(self._catalogue[layer_id].id)

    def _provenance(self, layer_id: str) -> Provenance:
        entry = self.entry(layer_id)
        return Provenance(
            id=layer_id, file=entry.file, sha256=self.sha256(layer_id), title_ko=entry.title_ko,
            title_en=entry.title_en, source=entry.source, licence=entry.licence,
            vintage=entry.vintage, confidence=entry.confidence, notice=entry.notice,
            replaced=self.replaced(layer_id), address=entry.address, fetched=entry.fetched,
            redistribution=entry.redistribution, commercial=entry.commercial, bytes=entry.bytes,
            beside=tuple(hashed(part) for part in files_of(self.path(layer_id))[1:]),
        )  # fmt: skip


def open_layers(scenario: Scenario | None = None, folder: Path | None = None) -> Layers:
    """Open the layers of a scenario; nothing is read yet.

    Parameters
    ----------
    scenario : Scenario, optional
        Its ``data`` names a data folder, its ``[layers]`` replace or add layers, its
        ``[parameters]`` set single values.
    folder : Path, optional
        A data folder of the same form as the embedded one, instead of it and of the scenario's.

    Returns
    -------
    Layers
        By id; each is read and checked at first access.

    Raises
    ------
    LayerError, LayerFileError
        If the catalogue cannot be read or a file of the user is not there.

    Examples
    --------
    >>> from siteopt.layers import open_layers
    >>> layers = open_layers()
    >>> dams = layers.vector("dams")
    >>> dams.crs.to_epsg()
    5179
    >>> layers.parameters.row("discount_social").unit
    '% real'
    """
    if scenario is None:
        return Layers(read_catalogue(folder))
    catalogue = read_catalogue(scenario.data if folder is None else folder)
    return Layers(catalogue, scenario.layers, scenario.parameters)


def check_layers(folder: Path | None = None) -> list[Provenance]:
    """Check every layer of a data folder.

    Parameters
    ----------
    folder : Path, optional
        Holds ``catalogue.toml``; the embedded one by default.

    Returns
    -------
    list of Provenance
        Of every layer, all of them sound.

    Raises
    ------
    LayerError, LayerFileError
        With the first fault, and the ids of other layers that have one.

    Examples
    --------
    >>> import siteopt.layers
    >>> checked = siteopt.layers.check_layers()  # doctest: +SKIP
    """
    layers = open_layers(folder=folder)
    layers.check()
    return layers.used


def list_layers(folder: Path | None = None) -> pd.DataFrame:
    """Return what ``siteopt layers list`` shows, one row a layer in order of id.

    Parameters
    ----------
    folder : Path, optional
        Holds ``catalogue.toml``; the embedded one by default.

    Returns
    -------
    DataFrame
        Columns id, title_ko, title_en, kind, crs, unit, vintage, confidence, source, licence,
        notice, good_for, not_good_for, file, size_kb.

    Examples
    --------
    Which layers are estimates of a model, not measured or published?

    >>> from siteopt.layers import list_layers
    >>> layers = list_layers().set_index("id")
    >>> estimates = layers.index[layers["confidence"] == "model"]
    >>> "headroom" in estimates
    True
    """
    import pandas as pd  # noqa: PLC0415 - the catalogue alone needs none of it

    return pd.DataFrame(layer_rows(folder))
