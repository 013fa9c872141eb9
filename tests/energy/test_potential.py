"""Potential from land: areas by hand, the kernel's own total, and setbacks that only take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteopt.energy.potential import eligible_km2, nearest_rows, potential_mw
from siteopt.errors import LayerError, ScenarioError
from siteopt.lattice import Lattice
from siteopt.layers import open_layers
from siteopt.layers.rasters import Raster
from siteopt.scenario import Above, Exclusion, Near, Screening
from siteopt.screening import screen
from tests.examples import examples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Floats

X, Y = 1_000_000.0, 1_800_000.0
KM = 1000.0


class Country:
    """Three provinces of 4 x 2 km side by side, two steep cells, a house in the first."""

    def __init__(self) -> None:
        steep = np.zeros((2, 12), dtype=np.float32)
        steep[0, 0] = steep[1, 5] = 30.0
        self.slope = Raster(steep, Lattice(X, Y, KM, 2, 12), float("nan"), "slope")
        self.vectors = {
            "provinces": gpd.GeoDataFrame(
                {"province_code": ["46", "41", "52"], "capital_region": [False, True, False]},
                geometry=[shapely.box(X + k * 4 * KM, Y - 2 * KM, X + (k + 1) * 4 * KM, Y) for k in range(3)],
                crs=5179,
            ),
            "houses": gpd.GeoDataFrame(geometry=[shapely.Point(X + 0.5 * KM, Y - 1.5 * KM)], crs=5179),
        }  # fmt: skip

    def vector(self, layer_id: str) -> gpd.GeoDataFrame:
        if layer_id not in self.vectors:
            raise LayerError(f"no layer {layer_id}")
        return self.vectors[layer_id]

    def raster(self, layer_id: str) -> Raster:
        assert layer_id == "slope"
        return self.slope


def buses(*places_km: tuple[float, float], provinces: Sequence[str]) -> pd.DataFrame:
    """Return buses at km east and south of the corner of the country."""
    points = gpd.GeoSeries(
        [shapely.Point(X + east * KM, Y - south * KM) for east, south in places_km], crs=5179
    ).to_crs(4326)
    return pd.DataFrame({"lon": points.x, "lat": points.y, "province_code": list(provinces)})


BUSES = buses((0.5, 1), (3.5, 1), (7.5, 1), provinces=["46", "46", "41"])
TITLE = {"ko": "가", "en": "a"}
SLOPE = Above.model_validate(
    {"id": "slope", "title": TITLE, "kind": "above", "layer": "slope", "threshold": 15}
)


def near(layer: str, buffer_m: float = 0.0, **where: Any) -> Near:
    return Near.model_validate(
        {
            "id": layer, "title": TITLE, "kind": "near", "layer": layer, "buffer_m": buffer_m,
            "where": where,
        }
    )  # fmt: skip


def areas(rules: Sequence[Exclusion], table: pd.DataFrame = BUSES, cell_m: float = KM) -> Floats:
    country: Any = Country()
    return eligible_km2(country, table, rules, cell_m=cell_m)


def test_cells_go_to_the_nearest_bus_of_their_province_and_times_share_and_density() -> None:
    # columns 0 and 1 to the first, 2 and 3 to the second; column 4 is nearer to the second, but
    # its province has a bus of its own; the third province has none: nearest of all. Two are steep
    assert areas([SLOPE]).tolist() == [3, 4, 7 + 8]
    country: Any = Country()
    mw = potential_mw(country, BUSES, [SLOPE], cell_m=KM, share=0.5, mw_per_km2=4)
    assert mw.tolist() == [6, 8, 30]


def test_the_capital_region_is_in_or_out_as_the_rules_say() -> None:
    capital = near("provinces", capital_region=True)
    assert areas([SLOPE, capital]).tolist() == [3, 4, 8]


def test_a_setback_takes_the_cells_within_it() -> None:
    # the house stands at the centre of cell (1, 0): 1 km on lie one steep and one level cell
    assert areas([SLOPE, near("houses")]).tolist() == [2, 4, 15]
    assert areas([SLOPE, near("houses", 1000)]).tolist() == [1, 4, 15]


def test_a_bus_without_a_place_gets_nothing_and_its_province_goes_to_the_nearest() -> None:
    lost = BUSES.assign(lon=BUSES["lon"].where(BUSES["province_code"] != "41"))
    assert areas([SLOPE], lost).tolist() == [3, 4 + 7 + 8, 0]


def test_what_cannot_be_is_told() -> None:
    country: Any = Country()
    with pytest.raises(ScenarioError, match=r"share is 1\.5; a part of 0 to 1"):
        potential_mw(country, BUSES, [SLOPE], cell_m=KM, share=1.5, mw_per_km2=4)
    with pytest.raises(ScenarioError, match="mw_per_km2 is nan"):
        potential_mw(country, BUSES, [SLOPE], cell_m=KM, share=1, mw_per_km2=float("nan"))
    with pytest.raises(LayerError, match=r"potential of land: .*swamps: no layer swamps"):
        areas([near("swamps")])
    with pytest.raises(LayerError, match="column province_code is missing"):
        areas([SLOPE], BUSES.drop(columns="province_code"))
    with pytest.raises(LayerError, match="no bus has a place"):
        areas([SLOPE], BUSES.assign(lat=np.nan))


def test_the_first_of_two_buses_at_one_distance_is_taken() -> None:
    at = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 0.0], [9.0, 9.0]])
    points = np.array([[1.0, 0.0], [2.0, 0.0], [1.0, 5.0], [1.0, 0.0]])
    zone = np.array([0, 0, -1, 7])
    assert nearest_rows(points, zone, at, np.array([0, 0, 0, -1])).tolist() == [0, 1, 0, 0]


@given(seed=st.integers(0, 10_000))
@examples(60)
def test_no_bus_that_may_be_taken_is_nearer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points, places = rng.uniform(0, 9, (30, 2)), rng.uniform(0, 9, (8, 2))
    places[rng.integers(8)] = np.nan
    point_zone, bus_zone = rng.integers(-1, 4, 30), rng.integers(-1, 3, 8)
    away = np.hypot(*(points[:, None, :] - places).transpose(2, 0, 1))
    away[:, np.isnan(places[:, 0])] = np.inf
    own = np.where((point_zone[:, None] == bus_zone) & (point_zone[:, None] >= 0), away, np.inf)
    allowed = np.where(np.isfinite(own).any(axis=1, keepdims=True), own, away)
    rows = nearest_rows(points, point_zone, places, bus_zone)
    assert rows.tolist() == allowed.argmin(axis=1).tolist()


@given(
    small=st.floats(0, 6000), more=st.floats(0, 6000), threshold=st.floats(0, 40),
    cell_m=st.sampled_from([250.0, 400.0, 1000.0]),
)  # fmt: skip
@examples(30)
def test_a_wider_setback_only_takes_and_the_total_is_the_kernels_own(
    small: float, more: float, threshold: float, cell_m: float
) -> None:
    slope = SLOPE.model_copy(update={"threshold": threshold})
    narrow: list[Exclusion] = [slope, near("houses", small)]
    wide: list[Exclusion] = [slope, near("houses", small + more)]
    before, after = areas(narrow, cell_m=cell_m), areas(wide, cell_m=cell_m)
    assert (after <= before).all()
    country: Any = Country()
    whole = screen(country, Screening(cell_m=cell_m, exclusions=narrow)).eligible_km2
    assert before.sum() == pytest.approx(whole, abs=1e-9)


@pytest.mark.national
def test_eligible_land_of_the_country_is_shared_out_whole() -> None:
    layers = open_layers()
    table = layers.vector("case_buses")
    rules: list[Exclusion] = [
        near("provinces", province_code="50"), SLOPE.model_copy(update={"threshold": 25.0}),
        near("parks"),
    ]  # fmt: skip
    km2 = eligible_km2(layers, table, rules, cell_m=1000)
    whole = screen(layers, Screening(cell_m=1000, exclusions=rules))
    assert km2.shape == (len(table),)
    assert km2.sum() == pytest.approx(whole.eligible_km2)
    by_province = whole.by_province(layers.vector("provinces")).set_index("province_code")
    has_bus = set(table["province_code"])
    of_bus = pd.Series(km2).groupby(table["province_code"].to_numpy()).sum()
    for code in has_bus:
        assert of_bus[code] == pytest.approx(by_province.loc[code, "eligible_km2"])
