"""Layers of exclusions: what each reads, and whether the layer can serve it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import shapely

from siteopt.errors import LayerError, ScenarioError
from siteopt.scenario import Near, Outside, RasterExclusion, ShapeExclusion

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike
    from siteopt.scenario import Exclusion, LayerExclusion, VectorExclusion

__all__ = ["asked", "exclusion_shapes", "is_available"]

_SHOWN_VALUES: Final = 8
"""Number of values of a column that a message names."""

_Layer = TypeVar("_Layer")


def is_available(exclusion: Exclusion, layers: LayersLike) -> bool:
    """Return whether an exclusion can judge: needs no layer, is not optional, or has its features.

    Parameters
    ----------
    exclusion : Exclusion
        One of a scenario.
    layers : LayersLike
        Where layers come from.

    Raises
    ------
    ScenarioError, LayerError
        If the layer of an optional exclusion is there and cannot serve it.
    """
    if isinstance(exclusion, ShapeExclusion) or not exclusion.optional:
        return True
    return exclusion.layer in layers.ids and _has_features(exclusion, layers)


def _has_features(exclusion: LayerExclusion, layers: LayersLike) -> bool:
    """Return whether the layer of an optional exclusion has features that it means.

    A layer without any of them is no evidence that there are none: the exclusion then waits as if
    the layer were not there, and replaces nothing.
    """
    if isinstance(exclusion, RasterExclusion):
        return True
    frame = asked(exclusion, layers.vector)
    if not len(frame):
        raise LayerError(
            f"screening.exclusions: {exclusion.id}: layer {exclusion.layer} is empty; fetch it "
            "again, or take it out of the data folder"
        )
    chosen = _chosen(exclusion, frame)
    if not chosen.any():
        return False
    if isinstance(exclusion, Near) and exclusion.buffer_m == 0:
        shapes = np.asarray(frame.geometry.array, dtype=object)[chosen]
        if not _any_polygon(shapes):
            raise ScenarioError(
                f"screening.exclusions: {exclusion.id}: layer {exclusion.layer} has no polygons, "
                "so that a buffer_m of 0 takes no land; give polygons, or a buffer_m"
            )
    return True


def exclusion_shapes(exclusion: VectorExclusion, layers: LayersLike) -> NDArray[np.object_]:
    """Return the geometries of the features that an exclusion means, EPSG:5179.

    Parameters
    ----------
    exclusion : VectorExclusion
        One of a scenario.
    layers : LayersLike
        Where layers come from.

    Raises
    ------
    ScenarioError
        If a ``where`` names an unknown column or leaves no feature, or polygons are missing.
    LayerError
        If the layer is unknown or of the wrong kind.
    """
    frame = asked(exclusion, layers.vector)
    chosen = _chosen(exclusion, frame)
    if not chosen.any():
        raise ScenarioError(
            f"screening.exclusions: {exclusion.id}: no feature of layer {exclusion.layer} "
            f"matches{_where_text(exclusion, frame)}"
        )
    shapes = np.asarray(frame.geometry.array, dtype=object)[chosen]
    if isinstance(exclusion, Outside) and not _any_polygon(shapes):
        raise ScenarioError(
            f"screening.exclusions: {exclusion.id}: layer {exclusion.layer} has no polygons; kind "
            "'outside' needs some"
        )
    return shapes


def _chosen(exclusion: VectorExclusion, frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return the features, shape (n,), whose columns have the values that an exclusion means."""
    chosen = np.ones(len(frame), dtype=np.bool_)
    for column, wanted in exclusion.where.items():
        if column not in frame.columns or column == frame.geometry.name:
            columns = ", ".join(str(name) for name in frame.columns if name != frame.geometry.name)
            raise ScenarioError(
                f"screening.exclusions: {exclusion.id}: layer {exclusion.layer} has no column "
                f"{column}; it has {columns}"
            )
        values = wanted if isinstance(wanted, list) else [wanted]
        chosen &= frame[column].isin(values).to_numpy(dtype=np.bool_)
    return chosen


def _any_polygon(shapes: NDArray[np.object_]) -> bool:
    return bool((shapely.area(shapes) > 0).any())


def _where_text(exclusion: VectorExclusion, frame: gpd.GeoDataFrame) -> str:
    """Return which filter left nothing, and what the columns hold."""
    if not exclusion.where:
        return "; it is empty"
    parts = []
    for column, wanted in exclusion.where.items():
        held = sorted({repr(value) for value in frame[column].dropna().tolist()})
        more = ", ..." if len(held) > _SHOWN_VALUES else ""
        parts.append(
            f"{column} = {wanted!r} (there is {', '.join(held[:_SHOWN_VALUES]) or 'none'}{more})"
        )
    return " " + " and ".join(parts)


def asked(exclusion: LayerExclusion, read: Callable[[str], _Layer]) -> _Layer:
    """Return the layer of an exclusion.

    Parameters
    ----------
    exclusion : LayerExclusion
        One of a scenario.
    read : callable
        Reads a layer by its id.

    Raises
    ------
    LayerError
        As `read`; the message names the exclusion.
    """
    try:
        return read(exclusion.layer)
    except LayerError as error:
        raise LayerError(f"screening.exclusions: {exclusion.id}: {error}") from error
