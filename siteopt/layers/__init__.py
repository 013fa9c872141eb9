"""Layers: catalogue, schemas and readers of input data, in EPSG:5179."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from siteopt._data import data_folder
    from siteopt.layers.catalogue import Catalogue, Entry, read_catalogue
    from siteopt.layers.parameters import Parameter, Parameters
    from siteopt.layers.provenance import Provenance
    from siteopt.layers.rasters import Raster
    from siteopt.layers.store import Layers, check_layers, list_layers, open_layers

__all__ = [
    "Catalogue",
    "Entry",
    "Layers",
    "Parameter",
    "Parameters",
    "Provenance",
    "Raster",
    "check_layers",
    "data_folder",
    "list_layers",
    "open_layers",
    "read_catalogue",
]

_HOMES: Final = {
    "_data": ("data_folder",),
    "layers.catalogue": ("Catalogue", "Entry", "read_catalogue"),
    "layers.parameters": ("Parameter", "Parameters"),
    "layers.provenance": ("Provenance",),
    "layers.rasters": ("Raster",),
    "layers.store": ("Layers", "check_layers", "list_layers", "open_layers"),
}
"""Modules of the names above, loaded at first access: the catalogue alone needs no libraries."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the names above
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"siteopt.{module}"), name)
    raise AttributeError(f"module 'siteopt.layers' has no attribute {name!r}")
