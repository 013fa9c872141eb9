"""Structural types of the layers of a run, for all that read them.

:class:`siteopt.layers.store.Layers` and :class:`siteopt.layers.parameters.Parameters` have these
members; a test may give any object that has those it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import geopandas as gpd
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from siteopt.lattice import Lattice
    from siteopt.layers.catalogue import LayerKind
    from siteopt.layers.provenance import Provenance
    from siteopt.layers.rasters import Raster

__all__ = ["LayersLike", "ParameterLike", "ParameterTableLike", "ParametersLike", "RasterLike"]


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


class RasterLike(Protocol):
    """A raster in memory or, where it is large, in its file.

    ``part``, ``sample`` and ``on`` read no more than they need; ``values``, ``known`` and
    ``as_float`` are all cells, which may not fit into memory (LayerError).
    """

    @property
    def name(self) -> str:
        """Layer id, for messages."""
        ...

    @property
    def lattice(self) -> Lattice:
        """Where the cells lie, EPSG:5179."""
        ...

    @property
    def nodata(self) -> float | None:
        """Value that means "not known"; NaN for float rasters."""
        ...

    @property
    def values(self) -> NDArray[Any]:
        """All values, shape ``lattice.shape``."""
        ...

    @property
    def known(self) -> NDArray[np.bool_]:
        """Cells that have a value, shape ``lattice.shape``."""
        ...

    def as_float(self) -> NDArray[np.float32]:
        """Return all values as float32 with NaN where not known."""
        ...

    def value_range(self) -> tuple[float, float] | None:
        """Return the least and the largest known value; None where no cell is known."""
        ...

    def parts(self) -> Iterator[tuple[slice, slice]]:
        """Yield rows and columns of parts that cover the raster once."""
        ...

    def part(self, rows: slice, cols: slice, /) -> Raster:
        """Return some rows and columns; neither is empty."""
        ...

    def sample(self, x_m: ArrayLike, y_m: ArrayLike, /) -> NDArray[np.float64]:
        """Return the values of the cells that hold points of EPSG:5179, NaN where not known."""
        ...

    def on(self, lattice: Lattice, how: Literal["nearest", "average"] = "nearest", /) -> Raster:
        """Return the raster on another lattice."""
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

    def raster(self, layer_id: str, /) -> RasterLike:
        """Return a raster in EPSG:5179."""
        ...

    def embedded(self, layer_id: str, /) -> pd.DataFrame:
        """Return the embedded table, also where the user's replaces it."""
        ...
