"""What the stages of one scenario can read, each thing by a key, and what it says now."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from siteopt.errors import SiteoptError
from siteopt.layers.catalogue import file_hash
from siteopt.stages.code import code_of, libraries_of, module_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = ["GONE", "Inputs", "file_token", "reader_code", "scenario_token", "shortened"]

GONE: Final = "(not there)"
"""What a key says that cannot be read any more."""

_SHORT: Final = 60
_MODULE: Final = re.compile(r"siteopt(\.[A-Za-z_][A-Za-z0-9_]*)*")


class Inputs:
    """A scenario and its layers, as keys and what they say.

    Parameters
    ----------
    scenario : Scenario
        What is decided.
    layers : Layers
        As opened for it.
    layer_token : callable
        Returns what stands for the content of a layer, by its id.
    """

    def __init__(
        self, scenario: Scenario, layers: Layers, layer_token: Callable[[str], str]
    ) -> None:
        self.scenario, self.layers = scenario, layers
        self._layer_token = layer_token
        self._known: dict[str, str] = {}
        self._answers: dict[str, Callable[[str], str]] = {
            "scenario": lambda path: scenario_token(_at(scenario, path)),
            "kind of": lambda path: type(_at(scenario, path)).__name__,
            "code of": lambda module: shortened(module_code([_module(module)])),
            "layer": layer_token,
            "embedded": lambda name: (
                layer_token(name)
                if not layers.replaced(name)
                else (f"{file_hash(layers.embedded_path(name))} {reader_code()}")
            ),
            "replaced": lambda name: str(layers.replaced(name)),
            "layers": lambda _: shortened(layers.ids),
            "sources": lambda _: shortened([asdict(item) for item in layers.provenance()]),
            "parameter": lambda key: shortened(layers.parameters.value(key)),
            "parameter row": lambda key: shortened(asdict(layers.parameters.row(key))),
            "parameter there": lambda key: str(key in layers.parameters),
            "parameters": lambda _: shortened(
                [asdict(layers.parameters.row(key)) for key in layers.parameters]
            ),
        }

    def token(self, key: str) -> str:
        """Return what stands for the present content behind a key.

        Parameters
        ----------
        key : str
            A kind and a name, such as ``scenario: target.year`` or ``layer: stations``.
        """
        if key not in self._known:
            kind, _, name = key.partition(": ")
            try:
                self._known[key] = self._answers[kind](name)
            except (SiteoptError, AttributeError, KeyError, OSError):
                self._known[key] = GONE
        return self._known[key]


def _at(scenario: Scenario, path: str) -> Any:  # noqa: ANN401 - any field
    found: Any = scenario
    for name in path.split(".") if path else []:
        found = getattr(found, name)
    return found


def _module(name: str) -> str:
    """Return a name that can be one of siteopt's modules; KeyError for others, such as paths."""
    if not _MODULE.fullmatch(name):
        raise KeyError(name)
    return name


@cache
def reader_code() -> str:
    """Return what stands for the code that reads and checks layers."""
    code = code_of("Layers", "siteopt.layers.store")
    return shortened([code, libraries_of(code)])


def scenario_token(value: object) -> str:
    """Return what stands for a part of a scenario; a file in it by its name and content."""
    return shortened(_plain(value))


def file_token(path: Path) -> str:
    """Return what stands for a file of the user's, and for those that belong to it.

    A Shapefile is read with its side files, a GeoPackage with its journal: all files that share
    the name count.
    """
    if not path.is_file():
        return GONE
    found = hashlib.sha256(path.name.encode())
    for file in sorted(path.parent.glob("*")):
        if file.is_file() and (file.stem == path.stem or file.name.startswith(f"{path.name}")):
            found.update(f"\n{file.name} {file_hash(file)}".encode())
    return f"{path.name} {found.hexdigest()}"


def shortened(value: object) -> str:
    """Return a value as JSON, so that people can read what changed; a long one as its hash."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return text if len(text) <= _SHORT else f"sha256 {hashlib.sha256(text.encode()).hexdigest()}"


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
