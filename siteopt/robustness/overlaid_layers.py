"""Layers with other values of some parameters, over those that a stage is given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siteopt.layers import Layers
    from siteopt.layers.parameters import Parameter, Parameters

__all__ = ["overlaid"]


class _Parameters:
    """Parameters of which some have other values; the others are read from those beneath."""

    def __init__(
        self, beneath: Parameters, values: Mapping[str, float], read: set[str] | None
    ) -> None:
        self._beneath, self._values = beneath, values
        self._read = set() if read is None else read

    def value(self, key: str) -> float:
        self._read.add(key)
        own = self._values.get(key)
        return self._beneath.value(key) if own is None else own

    def row(self, key: str) -> Parameter:
        self._read.add(key)
        row, own = self._beneath.row(key), self._values.get(key)
        return row if own is None else replace(row, value=own)

    def __contains__(self, key: object) -> bool:
        return str(key) in self._beneath

    def __len__(self) -> int:
        return len(self._beneath)


class _Layers:
    """Layers beneath, with other parameters."""

    def __init__(self, beneath: Layers, values: Mapping[str, float], read: set[str] | None) -> None:
        self._beneath = beneath
        self.parameters = _Parameters(beneath.parameters, values, read)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever layers have
        return getattr(self._beneath, name)


def overlaid(layers: Layers, values: Mapping[str, float], read: set[str] | None = None) -> Layers:
    """Return layers with other values of some parameters.

    All that is read of them is read of the layers beneath, so that a stage's record of what it
    read stays whole.

    Parameters
    ----------
    layers : Layers
        Layers, or what a stage has of them.
    values : mapping of str to float
        Other values by key, in the unit of their row.
    read : set of str, optional
        Gets the keys of all parameters that are read.
    """
    return cast("Layers", _Layers(layers, values, read))
