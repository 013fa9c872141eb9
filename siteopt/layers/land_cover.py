"""Layers of land cover, which a data folder has or has not, and the columns made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from siteopt.layers.protocols import LayersLike

__all__ = ["COVER_LAYERS", "cover_layers"]

COVER_LAYERS: Final = {
    "cover_trees_pct": "cover_trees",
    "cover_cropland_pct": "cover_cropland",
    "cover_built_pct": "cover_built",
    "cover_water_pct": "cover_water",
}
"""Raster layers with shares 0 to 1 of a cell, by the column (per cent of a site) from each."""


def cover_layers(layers: LayersLike) -> dict[str, str]:
    """Return those of :data:`COVER_LAYERS` that there are.

    Parameters
    ----------
    layers : LayersLike
        Layers of the run.
    """
    ids = layers.ids
    return {column: layer for column, layer in COVER_LAYERS.items() if layer in ids}
