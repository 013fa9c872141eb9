"""Small layers in memory for screening."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pytest

from siteopt.errors import LayerError


@dataclass
class MemoryLayers:
    """Layers held in memory, in place of files."""

    vectors: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    rasters: dict[str, Any] = field(default_factory=dict)

    @property
    def ids(self) -> list[str]:
        return sorted({*self.vectors, *self.rasters})

    def vector(self, layer_id: str) -> gpd.GeoDataFrame:
        if layer_id not in self.vectors:
            raise LayerError(f"no layer {layer_id}")
        return self.vectors[layer_id]

    def raster(self, layer_id: str) -> Any:
        return self.rasters[layer_id]

    def add(self, layer_id: str, shapes: list[Any], **columns: list[Any]) -> None:
        self.vectors[layer_id] = gpd.GeoDataFrame(columns, geometry=shapes, crs=5179)


@pytest.fixture(scope="session")
def memory_layers() -> type[MemoryLayers]:
    return MemoryLayers
