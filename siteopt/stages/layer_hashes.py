"""Hashes of layers: of their values, not of their files.

A file that was written anew with the same values concerns no stage. The hash of each file's
values is remembered, so that it is read once for each version of the program.
"""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Final

from siteopt.errors import SiteoptError
from siteopt.stages.keys import content_hash, file_token
from siteopt.stages.serialization import encode
from siteopt.stages.version import versions

if TYPE_CHECKING:
    from siteopt.layers.store import Layers
    from siteopt.stages.store import Store

__all__ = ["LayerHashes"]

_KIND: Final = "layer"


class LayerHashes:
    """Hashes of the values of layers.

    Parameters
    ----------
    layers : Layers
        As opened for a scenario.
    store : Store, optional
        Where they are remembered between runs.
    known : dict, optional
        Where they are remembered in memory.
    """

    def __init__(
        self, layers: Layers, store: Store | None = None, known: dict[str, str] | None = None
    ) -> None:
        self._layers, self._store = layers, store
        self._known = {} if known is None else known
        self._tokens: dict[str, str] = {}
        self._read_now: list[str] = []

    def token(self, layer_id: str) -> str:
        """Return the hash of the values of a layer, which is read and checked for it.

        Raises
        ------
        LayerError, LayerFileError
            If there is no such layer, or it cannot be right.
        """
        if layer_id not in self._tokens:
            file = self._file(layer_id)
            if file not in self._known:
                record = (self._store and self._store.record(_KIND, file)) or {}
                kept = record.get("values")
                self._known[file] = kept if isinstance(kept, str) else self._read(layer_id, file)
            self._tokens[layer_id] = self._known[file]
        return self._tokens[layer_id]

    def check(self) -> list[str]:
        """Read and check every layer that is not known to be sound; return their ids.

        Raises
        ------
        LayerError, LayerFileError
            With the first fault, and the ids of other layers that have one.
        """
        try:
            for layer_id in self._layers.ids:
                self.token(layer_id)
        except SiteoptError:
            self._layers.check()
            raise
        return self._read_now

    def _file(self, layer_id: str) -> str:
        """Return the hash of the file of a layer and of the program that reads it."""
        entry = self._layers.entry(layer_id)
        is_own, path = self._layers.is_own(layer_id), self._layers.path(layer_id)
        content = file_token(path) if is_own else self._layers.sha256(layer_id)
        parts = [layer_id, entry.kind, entry.file, entry.sha256, versions(), is_own, content]
        return content_hash(repr(parts).encode())

    def _read(self, layer_id: str, file: str) -> str:
        match self._layers.kind(layer_id):
            case "vector":
                content = encode(self._layers.vector(layer_id))
            case "table":
                content = encode(self._layers.table(layer_id))
            case "raster":
                raster = self._layers.raster(layer_id)
                content = encode([raster.values, astuple(raster.lattice), raster.nodata])
        found = content_hash(content)
        self._read_now.append(layer_id)
        if self._store is not None:
            self._store.remember(_KIND, file, {"values": found})
        return found
