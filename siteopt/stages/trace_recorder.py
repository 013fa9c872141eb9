"""Recorder of traces: stand-ins for scenario, layers and parameters that note what a stage reads.

Whatever is not known to be a single field counts as reading the whole, so that a stage may note
too much but never too little.
"""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from siteopt.scenario._base import moves_no_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from siteopt.layers.parameters import Parameters
    from siteopt.layers.provenance import Provenance
    from siteopt.layers.store import Layers

    Note = Callable[[str], None]

__all__ = ["RecordedIds", "RecordedLayers", "RecordedModel"]

_SLOTS: Final = ("_siteopt_model", "_siteopt_path", "_siteopt_note")


class RecordedModel:
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

    __slots__ = _SLOTS

    def __init__(self, model: BaseModel, path: str, note: Note) -> None:
        for name, value in zip(_SLOTS, (model, path, note), strict=True):
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any field
        model, path, note = (object.__getattribute__(self, slot) for slot in _SLOTS)
        where = f"{path}.{name}" if path else name
        field = type(model).model_fields.get(name)
        is_property = isinstance(getattr(type(model), name, None), property | cached_property)
        if field is None and not is_property:
            return getattr(_whole(self), name)
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            if field is None or field.annotation is not type(value):
                note(f"kind of: {where}")
            return RecordedModel(value, where, note)
        if field is None or not moves_no_answer(field):
            note(f"scenario: {where}")
        return value

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: a stage does not change the scenario")

    @property  # type: ignore[misc] # what isinstance() asks beside the type: it sees the model
    def __class__(self) -> Any:  # noqa: ANN401
        return type(object.__getattribute__(self, "_siteopt_model"))

    def __eq__(self, other: object) -> bool:
        return bool(_whole(self) == (_whole(other) if type(other) is RecordedModel else other))

    def __hash__(self) -> int:
        return hash(_whole(self))

    def __repr__(self) -> str:
        return repr(_whole(self))

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(_whole(self))

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        return copy, (_whole(self),)  # what is sent to another process is the model itself


def _whole(part: RecordedModel) -> BaseModel:
    """Note that all of a part is read; return it."""
    model, path, note = (object.__getattribute__(part, slot) for slot in _SLOTS)
    note(f"scenario: {path}")
    found: BaseModel = model
    return found


class _Recorded:
    """An object that notes keys for each attribute and method that is used; it has no others."""

    _keys: dict[str, tuple[str, ...]]
    """Keys by name, with the place of a method's argument."""

    def __init__(self, target: object, note: Note) -> None:
        self._target, self._note = target, note

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as that of the object
        if name not in self._keys:
            raise AttributeError(f"{name}: what a stage reads by it is not known")
        if not callable(getattr(type(self._target), name, None)):
            self._read(name)
            return getattr(self._target, name)

        def method(*args: object) -> Any:  # noqa: ANN401
            self._read(name, *args)
            return getattr(self._target, name)(*args)

        return method

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        # What is sent to another process is the object itself: what is read there is not noted, so
        # a stage reads here, before it sends, all that its answer rests on.
        return copy, (self._target,)

    def _read(self, name: str, *args: object) -> None:
        for key in self._keys[name]:
            self._note(key.format(*args))


class RecordedParameters(_Recorded):
    """Parameters that note which of them are read; methods as of `siteopt.layers.Parameters`."""

    _keys = {  # noqa: RUF012 - a constant
        "value": ("parameter: {}",),
        "row": ("parameter row: {}",),
        "frame": ("parameters: all",),
    }
    _target: Parameters

    def __contains__(self, key: object) -> bool:
        self._note(f"parameter there: {key}")
        return str(key) in self._target

    def __iter__(self) -> Iterator[str]:
        self._read("frame")
        return iter(self._target)

    def __len__(self) -> int:
        self._read("frame")
        return len(self._target)


class RecordedIds:
    """Ids of layers that note which of them are asked for; all, where they are gone through.

    Parameters
    ----------
    ids : list of str
        Ids of all layers.
    note : callable
        Called with the key of whatever is read.
    """

    def __init__(self, ids: list[str], note: Note) -> None:
        self._ids, self._note = ids, note

    def __contains__(self, layer_id: object) -> bool:
        self._note(f"layer there: {layer_id}")
        return layer_id in self._ids

    def __iter__(self) -> Iterator[str]:
        self._note("layers: ids")
        return iter(self._ids)

    def __len__(self) -> int:
        self._note("layers: ids")
        return len(self._ids)


class RecordedLayers(_Recorded):
    """Layers that note which of them are read; methods as of `siteopt.layers.Layers`."""

    _keys = {  # noqa: RUF012 - a constant
        "notes": ("sources: all",),
        "replaced": ("replaced: {}",),
        "embedded": ("embedded: {}",),
        **dict.fromkeys(("kind", "vector", "table", "raster"), ("layer: {}",)),
        **dict.fromkeys(("path", "entry"), ("layer: {}", "sources: all")),
    }
    _target: Layers

    @property
    def ids(self) -> RecordedIds:
        """Ids of all layers; a stage that asks for one of them reads no more than that."""
        return RecordedIds(self._target.ids, self._note)

    @property
    def used(self) -> list[Provenance]:
        """Provenance of all layers: a run checks every one of them."""
        self._note("sources: all")
        return self._target.provenance()

    @property
    def parameters(self) -> RecordedParameters:
        """Costs, factors and thresholds."""
        return RecordedParameters(self._target.parameters, self._note)
