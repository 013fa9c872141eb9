"""Columns of a criterion with units and confidence, and the layers that it reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from siteopt.lattice import Lattice

__all__ = ["Better", "Column", "LayersLike", "ParametersLike", "RasterLike"]

Better = Literal["high", "low"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the description of sites.

    Attributes
    ----------
    name : str
        Column name, with its unit.
    criterion : str
        Criterion that it belongs to.
    unit : str
        Unit for people; empty for texts and counts without one.
    title_ko, title_en : str
        What people read.
    confidence : str
        How far the column can be trusted in general: ``published``, ``model``, ``compiled-*``,
        ``assumption`` or, where single sites differ, ``see <column>``.
    better : {'high', 'low'}, optional
        Which end is better; None where neither is.
    scored : bool
        Whether the suitability score uses it; its value function is in the parameters
        ``score_<name>_worst`` and ``score_<name>_best``.
    one_sided : bool
        Whether only good values are evidence: the value function runs from ``score_unknown`` at
        the worst end to 1, and what is worse than that end is not known.
    """

    name: str
    criterion: str
    unit: str
    title_ko: str
    title_en: str
    confidence: str
    better: Better | None = None
    scored: bool = False
    one_sided: bool = False


class ParametersLike(Protocol):
    """The parameters layer, as criteria and costs ask for it."""

    def value(self, key: str) -> float:
        """Return the value of a parameter in its own unit."""
        ...


class RasterLike(Protocol):
    """A raster layer, as criteria ask for it."""

    @property
    def values(self) -> NDArray[Any]:
        """Cells, rows from the north."""
        ...

    @property
    def lattice(self) -> Lattice:
        """Frame of the cells."""
        ...

    @property
    def nodata(self) -> float | None:
        """Value of cells that are not known."""
        ...

    def sample(self, x_m: ArrayLike, y_m: ArrayLike) -> NDArray[np.float64]:
        """Return values at EPSG:5179 points, NaN where not known."""
        ...


class LayersLike(Protocol):
    """The layers of a run, as criteria and costs ask for them."""

    def vector(self, layer_id: str) -> gpd.GeoDataFrame:
        """Return features in EPSG:5179."""
        ...

    def table(self, layer_id: str) -> pd.DataFrame:
        """Return a table."""
        ...

    def embedded(self, layer_id: str) -> pd.DataFrame:
        """Return the embedded table, also where the user's stands in for it."""
        ...

    def replaced(self, layer_id: str) -> bool:
        """Return whether the user's file stands in for an embedded layer."""
        ...

    def raster(self, layer_id: str) -> RasterLike:
        """Return a raster in EPSG:5179."""
        ...

    @property
    def parameters(self) -> ParametersLike:
        """Costs, factors and thresholds."""
        ...
