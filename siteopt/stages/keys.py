"""Keys of all that the stages of one scenario can read, and the hash of what each holds now."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from siteopt.errors import SiteoptError
from siteopt.layers.catalogue import file_hash
from siteopt.stages.version import versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = ["GONE", "Keys", "content_hash", "file_token", "scenario_token"]

GONE: Final = "(not there)"
"""Token of a key that cannot be read any more."""

_SHORT: Final = 60


class Keys:
    """Tokens of keys: a short value as JSON, so that people can read what changed, else its hash.

    Parameters
    ----------
    scenario : Scenario
        What is decided.
    layers : Layers
        As opened for it.
    layer_token : callable
        Returns the token of a layer, by its id.
    """

    def __init__(
        self, scenario: Scenario, layers: Layers, layer_token: Callable[[str], str]
    ) -> None:
        self.scenario, self.layers = scenario, layers
        self._known: dict[str, str] = {}

        def embedded(name: str) -> str:
            if not layers.replaced(name):
                return layer_token(name)
            return f"sha256 {file_hash(layers.embedded_path(name))}"

        self._tokens: dict[str, Callable[[str], str]] = {
            "version": lambda name: versions()[name],
            "scenario": lambda path: scenario_token(_at(scenario, path)),
            "kind of": lambda path: type(_at(scenario, path)).__name__,
            "layer": layer_token,
            "embedded": embedded,
            "replaced": lambda name: str(layers.replaced(name)),
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


def content_hash(content: bytes) -> str:
    """Return the SHA-256 of bytes as hexadecimal text."""
    return hashlib.sha256(content).hexdigest()


def scenario_token(value: object) -> str:
    """Return the token of a part of a scenario; a file in it counts by its name and content."""
    return _shortened(_plain(value))


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
