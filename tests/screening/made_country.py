"""A made country in memory, and exclusions of every kind on its layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from siteopt.lattice import Lattice
from siteopt.layers.rasters import Raster
from siteopt.scenario import Screening

X, Y = 1_000_000.0, 1_900_000.0


def rule(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": {"ko": f"{name} 사유", "en": name}, "kind": kind, **more}


def screening(*rules: dict[str, Any], cell_m: float = 100.0) -> Screening:
    return Screening.model_validate({"cell_m": cell_m, "exclusions": list(rules)})


def country(layers: Any, seed: int, side_m: float) -> Any:
    """Return an island with parks, rivers, stations, slope and land cover of finer cells."""
    random = np.random.default_rng(seed)
    turn = np.linspace(0.0, 2 * np.pi, 40, endpoint=False)
    radius = side_m / 2 * random.uniform(0.6, 1.0, 40)
    middle = np.array([X + side_m / 2, Y - side_m / 2])
    coast = middle + radius[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    layers.add("provinces", [shapely.make_valid(shapely.Polygon(coast))])
    places = random.random((30, 2)) * side_m + [X, Y - side_m]
    layers.add("parks", [shapely.Point(at).buffer(side_m / 25) for at in places[:10]])
    layers.add("rivers", [shapely.LineString(places[10:16])])
    layers.add("stations", [shapely.Point(at) for at in places[16:]])
    block = int(side_m / 70.0 / 30)  # 30 by 30 fields of one slope and one cover
    frame = Lattice(X, Y, 70.0, 30 * block, 30 * block)
    field = np.ones((block, block), dtype=np.uint8)
    slope = random.gamma(2.0, 6.0, (30, 30)).astype(np.float32)
    slope[random.random((30, 30)) < 0.01] = np.nan
    layers.rasters["slope"] = Raster(np.kron(slope, field), frame, float("nan"), "slope")
    cover = random.choice([10, 20, 40, 255], (30, 30), p=[0.6, 0.1, 0.29, 0.01]).astype(np.uint8)
    layers.rasters["cover"] = Raster(np.kron(cover, field), frame, 255, "cover")
    return layers


EVERY_KIND = [
    rule("min_area", "large", area_ha=30),
    rule("outside", "sea", layer="provinces", buffer_m=150),
    rule("near", "parks", layer="parks", buffer_m=100),
    rule("distance_band", "ring", layer="parks", from_m=600, to_m=900),
    rule("min_width", "wide", width_m=350),
    rule("far", "remote", layer="stations", distance_m=4_000),
    rule("near", "rivers", layer="rivers", buffer_m=200),
    rule("above", "steep", layer="slope", threshold=38, buffer_m=100),
    rule("below", "flat", layer="slope", threshold=1),
    rule("within_range", "odd", layer="slope", low=20, high=21),
    rule("outside_range", "rare", layer="slope", low=0.2, high=45, buffer_m=150),
    rule("in_classes", "built", layer="cover", classes=[20], buffer_m=0),
    rule("not_in_classes", "other", layer="cover", classes=[10, 20, 40], buffer_m=50),
    rule("min_area", "joined", area_ha=60, connectivity=8),
    rule("min_width", "wider", width_m=800),
]
