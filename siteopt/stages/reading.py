"""Stand-ins for scenario, layers and parameters that note what a stage reads of them.

They look like what they stand for. Whatever is not known to be a single field counts as reading
the whole, so that a stage may note too much but never too little.
"""

from __future__ import annotations

from functools import cached_property
from types import FunctionType
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from siteopt.layers.catalogue import Entry, LayerKind
    from siteopt.layers.parameters import Parameter, Parameters
    from siteopt.layers.provenance import Provenance
    from siteopt.layers.rasters import Raster
    from siteopt.layers.store import Layers

__all__ = ["ReadLayers", "ReadModel"]

_MODEL_SLOTS = ("_siteopt_model", "_siteopt_path", "_siteopt_note")


class ReadModel:
    """A part of a scenario that notes which of its fields are read.

    Parameters
    ----------
    model : BaseModel
        The part.
    path : str
        Its key in the scenario, empty for the scenario itself.
    note : callable
        Called with the key of whatever is read.
    """

    __slots__ = _MODEL_SLOTS

    def __init__(self, model: BaseModel, path: str, note: Callable[[str], None]) -> None:
        for name, value in zip(_MODEL_SLOTS, (model, path, note), strict=True):
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any field
        model, path, note = (object.__getattribute__(self, slot) for slot in _MODEL_SLOTS)
        where = f"{path}.{name}" if path else name
        field = type(model).model_fields.get(name)
        is_property = isinstance(getattr(type(model), name, None), property | cached_property)
        if field is None and not is_property:
            note(f"scenario: {path}")
            note(f"code of: {type(model).__module__}")
            return getattr(model, name)
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            if field is None or field.annotation is not type(value):
                note(f"kind of: {where}")
            return ReadModel(value, where, note)
        note(f"scenario: {where}")
        for kind in sorted(_acting(value)):
            note(f"code of: {kind}")
        return value

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: a stage does not change the scenario")

    @property  # type: ignore[misc] # what isinstance() asks beside the type: it sees the model
    def __class__(self) -> Any:  # noqa: ANN401
        return type(object.__getattribute__(self, "_siteopt_model"))

    def _whole(self) -> BaseModel:
        model, path, note = (object.__getattribute__(self, slot) for slot in _MODEL_SLOTS)
        note(f"scenario: {path}")
        for kind in sorted(_acting(model)):
            note(f"code of: {kind}")
        found: BaseModel = model
        return found

    def __eq__(self, other: object) -> bool:
        own = object.__getattribute__(other, "_whole")() if type(other) is ReadModel else other
        return bool(ReadModel._whole(self) == own)

    def __hash__(self) -> int:
        return hash(ReadModel._whole(self))

    def __repr__(self) -> str:
        return repr(ReadModel._whole(self))

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(ReadModel._whole(self))

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        return _same, (ReadModel._whole(self),)


def _acting(value: Any) -> set[str]:  # noqa: ANN401 - whatever a scenario holds
    """Return the modules of models in a value that do more than hold fields."""
    if isinstance(value, dict):
        return {name for item in value.values() for name in _acting(item)}
    if isinstance(value, list | tuple):
        return {name for item in value for name in _acting(item)}
    if not isinstance(value, BaseModel):
        return set()
    found = {name for field in type(value).model_fields for name in _acting(getattr(value, field))}
    checks = type(value).__pydantic_decorators__
    known = {*checks.model_validators, *checks.field_validators, *checks.validators}
    acts = any(
        isinstance(item, FunctionType | property | cached_property | classmethod | staticmethod)
        and not name.startswith("__")
        and name not in known
        for kind in type(value).__mro__
        if issubclass(kind, BaseModel) and kind is not BaseModel
        for name, item in vars(kind).items()
    )
    return found | {type(value).__module__} if acts else found


def _same(model: BaseModel) -> BaseModel:
    """Return a model: what is sent to another process is the model itself."""
    return model


class ReadLayers:
    """Layers that note which of them are read; methods as of `siteopt.layers.Layers`."""

    def __init__(self, layers: Layers, note: Callable[[str], None]) -> None:
        self._layers, self._note = layers, note

    @property
    def ids(self) -> list[str]:
        """Ids of all layers, in order."""
        self._note("layers: ids")
        return self._layers.ids

    @property
    def used(self) -> Sequence[Provenance]:
        """Provenance of all layers: a run checks every one of them."""
        self._note("code of: siteopt.layers.store")
        self._note("sources: all")
        return self._layers.provenance()

    @property
    def notes(self) -> list[str]:
        """What the user's files hold that is left out or taken for something."""
        self._note("sources: all")
        return self._layers.notes

    @property
    def parameters(self) -> ReadParameters:
        """Costs, factors and thresholds."""
        return ReadParameters(self._layers.parameters, self._note)

    def replaced(self, layer_id: str) -> bool:
        """Return whether the user's file stands in for an embedded layer."""
        self._note(f"replaced: {layer_id}")
        return self._layers.replaced(layer_id)

    def path(self, layer_id: str) -> Path:
        """Return the file that a layer is read from."""
        self._note(f"layer: {layer_id}")
        self._note("sources: all")
        return self._layers.path(layer_id)

    def kind(self, layer_id: str) -> LayerKind:
        """Return ``vector``, ``table`` or ``raster``."""
        self._note(f"layer: {layer_id}")
        return self._layers.kind(layer_id)

    def entry(self, layer_id: str) -> Entry:
        """Return what the catalogue says of a layer."""
        self._note("code of: siteopt.layers.store")
        self._note("sources: all")
        self._note(f"layer: {layer_id}")
        return self._layers.entry(layer_id)

    def vector(self, layer_id: str) -> gpd.GeoDataFrame:
        """Return features in EPSG:5179."""
        self._note(f"layer: {layer_id}")
        return self._layers.vector(layer_id)

    def table(self, layer_id: str) -> pd.DataFrame:
        """Return a table."""
        self._note(f"layer: {layer_id}")
        return self._layers.table(layer_id)

    def raster(self, layer_id: str) -> Raster:
        """Return a raster in EPSG:5179."""
        self._note(f"layer: {layer_id}")
        self._note("code of: siteopt.layers.rasters")
        return self._layers.raster(layer_id)

    def embedded(self, layer_id: str) -> pd.DataFrame:
        """Return the embedded table, also where the user's file stands in for it."""
        self._note(f"embedded: {layer_id}")
        return self._layers.embedded(layer_id)


class ReadParameters:
    """Parameters that note which of them are read; methods as of `siteopt.layers.Parameters`."""

    def __init__(self, parameters: Parameters, note: Callable[[str], None]) -> None:
        self._parameters, self._note = parameters, note

    def value(self, key: str) -> float:
        """Return the value of a parameter in its own unit."""
        self._note(f"parameter: {key}")
        return self._parameters.value(key)

    def row(self, key: str) -> Parameter:
        """Return a parameter with its unit, source and confidence."""
        self._note("code of: siteopt.layers.parameters")
        self._note(f"parameter row: {key}")
        return self._parameters.row(key)

    def frame(self) -> pd.DataFrame:
        """Return all parameters as a table."""
        self._note("parameters: all")
        return self._parameters.frame()

    def __contains__(self, key: object) -> bool:
        self._note(f"parameter there: {key}")
        return str(key) in self._parameters

    def __iter__(self) -> Iterator[str]:
        self._note("parameters: all")
        return iter(self._parameters)

    def __len__(self) -> int:
        self._note("parameters: all")
        return len(self._parameters)
