"""Structural types of the layers of a run, for all that read them.

:class:`siteopt.layers.store.Layers` and :class:`siteopt.layers.parameters.Parameters` have these
members; a test may give any object that has those it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from siteopt.layers.catalogue import LayerKind
    from siteopt.layers.provenance import Provenance
    from siteopt.layers.rasters import Raster

__all__ = ["LayersLike", "ParameterLike", "ParameterTableLike", "ParametersLike"]


class ParametersLike(Protocol):
    """Costs, factors and thresholds by key."""

    def value(self, key: str, /) -> float:
        """Return the value of a parameter in its own unit."""
        ...

    def __len__(self) -> int:
        """Return the number of parameters."""
        ...


class ParameterLike(Protocol):
    """A parameter as its row tells it."""

    @property
    def value(self) -> float:
        """Value in ``unit``."""
        ...

    @property
    def low(self) -> float | None:
        """Low end of the range, where known."""
        ...

    @property
    def high(self) -> float | None:
        """High end of the range, where known."""
        ...

    @property
    def unit(self) -> str:
        """Unit of value, low and high."""
        ...

    @property
    def source(self) -> str:
        """Where it comes from."""
        ...

    @property
    def confidence(self) -> str:
        """How far it can be trusted."""
        ...


class ParameterTableLike(ParametersLike, Protocol):
    """Parameters by key, each with its range, source and confidence."""

    def row(self, key: str, /) -> ParameterLike:
        """Return a parameter with its range, unit, source and confidence."""
        ...

    def __iter__(self) -> Iterator[str]:
        """Yield all keys in order."""
        ...


class LayersLike(Protocol):
    """The layers of a run by id, each read and checked at first access."""

    @property
    def ids(self) -> list[str]:
        """Ids of all layers, in order."""
        ...

    @property
    def parameters(self) -> ParameterTableLike:
        """Costs, factors and thresholds, with the overrides of the scenario."""
        ...

    @property
    def used(self) -> Sequence[Provenance]:
        """Provenance of the layers read so far."""
        ...

    @property
    def notes(self) -> list[str]:
        """Rows of the user's files that were left out or reinterpreted, a sentence each."""
        ...

    def replaced(self, layer_id: str, /) -> bool:
        """Return whether the user's file replaces an embedded layer."""
        ...

    def path(self, layer_id: str, /) -> Path:
        """Return the file that a layer is read from."""
        ...

    def kind(self, layer_id: str, /) -> LayerKind:
        """Return ``vector``, ``table`` or ``raster``."""
        ...

    def vector(self, layer_id: str, /) -> gpd.GeoDataFrame:
        """Return features in EPSG:5179."""
        ...

    def table(self, layer_id: str, /) -> pd.DataFrame:
        """Return a table: the user's where there is one."""
        ...

    def raster(self, layer_id: str, /) -> Raster:
        """Return a raster in EPSG:5179."""
        ...

    def embedded(self, layer_id: str, /) -> pd.DataFrame:
        """Return the embedded table, also where the user's replaces it."""
        ...
