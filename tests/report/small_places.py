"""Names and areas for the small run: two districts with eup, myeon and ri, and complexes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Transformer
from shapely.geometry import Point

from siteopt.lattice import Lattice
from siteopt.scenario import ReportOptions, Screening
from siteopt.screening import Eligibility
from tests.report.conftest import X0, Y0, SmallLayers, frame, small_run

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables

TO_DEGREES = Transformer.from_crs(5179, 4326, always_xy=True)
LATTICE = Lattice(X0 - 5_000, Y0 + 45_000, 250.0, n_rows=200, n_cols=280)
AREAS = (
    ("46170250", "46170", "금천읍", (0, 15, 0, 20)),
    ("46170310", "46170", "산포면", (15, 30, 0, 20)),
    ("46180250", "46180", "담양읍", (0, 20, 20, 40)),
    ("46180310", "46180", "봉산면", (20, 30, 20, 40)),
    ("47170250", "47170", "풍산읍", (30, 45, 0, 40)),
    ("47170310", "47170", "산포면", (45, 60, 0, 40)),
    ("47170999", "47170", "좁은동", (0, 0, 0, 0)),
)
"""Code, district, name, and west, east, south, north in km from the corner; one has no cell."""
VILLAGES = (
    ("4617025021", "신촌리", 5, 5), ("4617025022", "고동리", 6, 6), ("4617031021", "신촌리", 20, 12),
    ("4618031021", "신촌리", 25, 30), ("4717025021", "하리1", 35, 10),
)  # fmt: skip


@dataclass
class Cells:
    """A raster in memory."""

    values: Any
    lattice: Lattice

    @property
    def known(self) -> Any:
        return self.values > 0


@dataclass
class PlacedLayers(SmallLayers):
    """Small layers with the area of each cell."""

    cells: Cells | None = None

    @property
    def ids(self) -> list[str]:
        return sorted({*super().ids, "eupmyeondong"})

    def raster(self, layer_id: str) -> Any:
        assert layer_id == "eupmyeondong"
        return self.cells


def point(x_km: float, y_km: float) -> tuple[float, float]:
    lon, lat = TO_DEGREES.transform(X0 + 1000 * x_km, Y0 + 1000 * y_km)
    return float(np.round(lon, 3)), float(np.round(lat, 3))


def names(hostile: str = "") -> gpd.GeoDataFrame:
    rows = [
        (code, district, name, *point((west + east) / 2, (south + north) / 2))
        for code, district, name, (west, east, south, north) in AREAS
    ]
    rows += [(code, None, name + hostile, *point(x, y)) for code, name, x, y in VILLAGES]
    table = pd.DataFrame(rows, columns=["code", "district_code", "name_ko", "lon", "lat"])
    return gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs=4326
    ).to_crs(5179)


def cells() -> Cells:
    rows, cols = np.indices(LATTICE.shape)
    x, y = LATTICE.centres_m(rows, cols)
    found = np.zeros(LATTICE.shape, dtype=np.uint16)
    for number, (_, _, _, (west, east, south, north)) in enumerate(AREAS, start=1):
        inside = (x > X0 + 1000 * west) & (x < X0 + 1000 * east)
        found[inside & (y > Y0 + 1000 * south) & (y < Y0 + 1000 * north)] = number
    return Cells(found, LATTICE)


def complexes(hostile: str = "") -> gpd.GeoDataFrame:
    places = [(12.0, 9.0), (28.0, 30.0), (40.0, 20.0)]
    lon, lat = zip(*(point(*place) for place in places), strict=True)
    return frame(
        [Point(X0 + 1000 * x, Y0 + 1000 * y) for x, y in places],
        complex_id=["C1", "C2", "C3"], name_ko=["나주 혁신 일반산단" + hostile, "담양 농공단지", "안동 바이오 일반산단"],
        name_en=["Naju complex" + hostile, "Damyang complex", "Andong complex"],
        province_code=["46", "46", "47"], district_code=["46170", "46180", "47170"],
        lon=list(lon), lat=list(lat), excluded_by=["too_small", "slope;rivers", ""],
        eligible_ha=[1.0, 2.0, 3.0], it_max_mw=[1.0, 2.0, 3.0], area_rule="hull", area_confidence="model",
    )  # fmt: skip


def placed_run(hostile: str = "", places: Path | None = None) -> RunTables:
    """Return the small run with names and complexes, and a list of places where one is given."""
    tables = small_run(hostile)
    layers = tables.layers
    assert isinstance(layers, SmallLayers)
    placed = PlacedLayers(
        layers.vectors | {"gazetteer": names(hostile)}, layers.used, layers.tables, cells()
    )
    scenario = tables.scenario.model_copy(update={"report": ReportOptions(places=places)})
    return replace(tables, layers=placed, complexes=complexes(hostile), scenario=scenario)  # type: ignore[arg-type]


def shaped_run() -> RunTables:
    """Return the small run with exclusions by the width and area of what others leave."""
    run = placed_run()
    title = {"ko": "모양", "en": "Shape"}
    given: list[dict[str, object]] = [
        {"id": "narrow", "title": title, "kind": "min_width", "width_m": 2_000},
        {"id": "small", "title": title, "kind": "min_area", "area_ha": 500},
    ]
    before = run.eligibility
    assert isinstance(before, Eligibility)
    more = Screening.model_validate({"cell_m": 500, "exclusions": given}).exclusions
    rows, cols = np.indices(before.lattice.shape)
    x, y = before.lattice.centres_m(rows, cols)
    reasons = before.reasons.copy()
    left = before.eligible & (y > Y0 + 30_000)
    reasons[left & (x < X0 + 10_000)] |= 1 << len(before.exclusions)
    reasons[left & (x > X0 + 20_000)] |= 2 << len(before.exclusions)
    after = replace(
        before, reasons=reasons, exclusions=(*before.exclusions, *more),
        unknown_cells=(*before.unknown_cells, 0, 0),
    )  # fmt: skip
    return replace(run, eligibility=after)
