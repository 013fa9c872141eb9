"""Keys of all that the stages of one scenario can read, and the hash of what each holds now."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, astuple
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from siteopt.errors import SiteoptError
from siteopt.layers.catalogue import file_hash
from siteopt.layers.virtual_files import is_virtual
from siteopt.stages.store import content_hash
from siteopt.stages.version import versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario
    from siteopt.stages.store import Store

__all__ = ["GONE", "Keys", "content_token", "file_token", "scenario_token"]

GONE: Final = "(not there)"
"""Token of a key that cannot be read any more."""

_KIND: Final = "layer"
_SHORT: Final = 60


class Keys:
    """Tokens of keys: a short value as JSON, so that people can read what changed, else its hash.

    A layer counts by its values: a file that was written anew with the same ones concerns no
    stage. The hash of each file's values is remembered, so that it is read once.

    Parameters
    ----------
    scenario : Scenario
        What is decided.
    layers : Layers
        As opened for it.
    store, hashes : Store and dict, optional
        Where hashes of layers are remembered between runs, and in memory.
    """

    def __init__(
        self,
        scenario: Scenario,
        layers: Layers,
        store: Store | None = None,
        hashes: dict[str, str] | None = None,
    ) -> None:
        self.scenario, self.layers = scenario, layers
        self._store, self._hashes = store, {} if hashes is None else hashes
        self._known: dict[str, str] = {}
        self._read_now: list[str] = []
        self._tokens: dict[str, Callable[[str], str]] = {
            "version": lambda name: versions()[name],
            "scenario": lambda path: scenario_token(_at(scenario, path)),
            "kind of": lambda path: type(_at(scenario, path)).__name__,
            "layer": self.layer_token,
            "embedded": self._embedded,
            "replaced": lambda name: str(layers.replaced(name)),
            "layer there": lambda name: str(name in layers.ids),
            "layers": lambda _: _shortened(layers.ids),
            "sources": lambda _: _shortened([asdict(item) for item in layers.provenance()]),
            "parameter": lambda key: _shortened(layers.parameters.value(key)),
            "parameter row": lambda key: _shortened(asdict(layers.parameters.row(key))),
            "parameter there": lambda key: str(key in layers.parameters),
            "parameters": lambda _: _shortened(
                [asdict(layers.parameters.row(key)) for key in layers.parameters]
            ),
        }

    def token(self, key: str) -> str:
        """Return the token of what a key holds now.

        Parameters
        ----------
        key : str
            A kind and a name, such as ``scenario: target.year`` or ``layer: stations``.
        """
        if key not in self._known:
            kind, _, name = key.partition(": ")
            try:
                self._known[key] = self._tokens[kind](name)
            except (SiteoptError, AttributeError, KeyError, OSError):
                self._known[key] = GONE
        return self._known[key]

    def layer_token(self, layer_id: str) -> str:
        """Return the hash of the values of a layer, which is read and checked for it.

        Raises
        ------
        LayerError, LayerFileError
            If there is no such layer, or it cannot be right.
        """
        file = self._layer_file(layer_id)
        if file not in self._hashes:
            kept = ((self._store and self._store.record(_KIND, file)) or {}).get("values")
            self._hashes[file] = kept if isinstance(kept, str) else self._read(layer_id)
            if kept != self._hashes[file] and self._store is not None:
                self._store.remember(_KIND, file, {"values": self._hashes[file]})
        return self._hashes[file]

    def check_layers(self) -> list[str]:
        """Read and check every layer that is not known to be sound; return their ids.

        Raises
        ------
        LayerError, LayerFileError
            With the first fault, and the ids of other layers that have one.
        """
        try:
            for layer_id in self.layers.ids:
                self._known[f"layer: {layer_id}"] = self.layer_token(layer_id)
        except SiteoptError:
            self.layers.check()
            raise
        return self._read_now

    def _layer_file(self, layer_id: str) -> str:
        """Return the hash of the file of a layer and of the program that reads it."""
        entry, is_own = self.layers.entry(layer_id), self.layers.is_own(layer_id)
        content = content_token(self.layers, layer_id)
        parts = [layer_id, entry.kind, entry.file, entry.sha256, versions(), is_own, content]
        return content_hash(repr(parts).encode())

    def _read(self, layer_id: str) -> str:
        from siteopt.layers.rasters import Raster  # noqa: PLC0415 - loads libraries
        from siteopt.stages.serialization import encode_parts  # noqa: PLC0415 - loads libraries

        kind = self.layers.kind(layer_id)
        values: Any = getattr(self.layers, kind)(layer_id)
        if kind == "raster":
            # What stays in its file counts by the content of the file, not cell by cell.
            cells = values.values if isinstance(values, Raster) else self.layers.sha256(layer_id)
            values = [cells, astuple(values.lattice), values.nodata]
        self._read_now.append(layer_id)
        return content_hash(*encode_parts(values))

    def _embedded(self, layer_id: str) -> str:
        if not self.layers.replaced(layer_id):
            return self.token(f"layer: {layer_id}")
        return f"sha256 {file_hash(self.layers.embedded_path(layer_id))}"


def scenario_token(value: object) -> str:
    """Return the token of a part of a scenario; a file in it counts by its name and content."""
    return _shortened(_plain(value))


def content_token(layers: Layers, layer_id: str) -> str:
    """Return the token of what a layer is read from: of a virtual file, that of all its cells.

    Parameters
    ----------
    layers : Layers
        Of the run.
    layer_id : str
        Id of the layer.
    """
    path = layers.path(layer_id)
    if layers.is_own(layer_id) and not is_virtual(path):
        return file_token(path)
    return layers.sha256(layer_id)


def file_token(path: Path) -> str:
    """Return the token of a file of the user's, and of those that belong to it.

    A Shapefile is read with its side files, a GeoPackage with its journal: all files that share
    the name count.
    """
    if not path.is_file():
        return GONE
    found = hashlib.sha256(path.name.encode())
    for file in sorted(path.parent.glob("*")):
        if file.is_file() and (file.stem == path.stem or file.name.startswith(path.name)):
            found.update(f"\n{file.name} {file_hash(file)}".encode())
    return f"{path.name} {found.hexdigest()}"


def _at(scenario: Scenario, path: str) -> Any:  # noqa: ANN401 - any field
    return reduce(getattr, path.split(".") if path else [], scenario)


def _shortened(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return text if len(text) <= _SHORT else f"sha256 {content_hash(text.encode())}"


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a scenario holds
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Path):
        return file_token(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
