"""Tariff zones: codes of any year, polygons, overlaps, and the ready variant."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

from siteopt.costs.tariff_zones import check_zones, zone_delta_krw_kwh, zones_of_sites
from siteopt.errors import LayerError, ScenarioError
from siteopt.layers import open_layers
from siteopt.scenario import Scenario, load_scenario


class _Layers:
    """Two provinces, a polygon layer, a line layer, and the concordance of a few codes."""

    @property
    def parameters(self) -> Any:
        return self

    def value(self, key: str) -> float:
        return {"price_year": 2024, "price_index_2024": 100.0, "price_index_2026": 125.0}[key]

    def table(self, layer_id: str) -> pd.DataFrame:
        assert layer_id == "district_codes"
        pairs = [("51110", "51110"), ("42110", "51110"), ("46110", "46110"), ("12110", "46110")]
        return pd.DataFrame(pairs, columns=["code", "district_code"]).assign(relation="same")

    def vector(self, layer_id: str) -> gpd.GeoDataFrame:
        shapes: dict[str, Any] = {
            "provinces": {"province_code": ["46", "51"], "geometry": [Point(0, 0), Point(1, 1)]},
            "square": {"geometry": [box(0, 0, 10, 10)]},
            "points": {"geometry": [Point(0, 0)]},
        }
        if layer_id not in shapes:
            raise LayerError(f"{layer_id}: no such layer")
        return gpd.GeoDataFrame(shapes[layer_id], geometry="geometry", crs="EPSG:5179")


SITES = gpd.GeoDataFrame(
    {
        "site_id": ["A", "B", "C"], "province_code": ["46", "51", "51"],
        "district_code": ["46110", "51110", "51720"],
    },
    geometry=[Point(5, 5), Point(10, 5), Point(20, 5)], crs="EPSG:5179",
)  # fmt: skip
LAYERS: Any = _Layers()


def _scenario(*zones: dict[str, Any], **energy: Any) -> Scenario:
    raw = load_scenario("national-2035").model_dump()
    named = [{"name": f"z{place}", **zone} for place, zone in enumerate(zones)]
    return Scenario.model_validate(raw | {"energy": {"zones": named, **energy}})


def _delta(*zones: dict[str, Any], **energy: Any) -> list[float]:
    return zone_delta_krw_kwh(SITES, LAYERS, _scenario(*zones, **energy)).tolist()


def test_no_zone_is_no_delta() -> None:
    assert _delta() == [0, 0, 0]


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        (["46"], [-5, 0, 0]),
        (["51720"], None),  # not in the concordance: named
        (["42110"], [0, -5, 0]),  # Chuncheon as of 2022
        (["12"], [-5, 0, 0]),  # the province of 2026 that Jeonnam went into
        (["46", "51110"], [-5, -5, 0]),
        ("square", [-5, -5, 0]),  # on the edge is in
    ],
)
def test_areas_by_code_of_any_year_and_by_polygon(area: Any, expected: list[float] | None) -> None:
    zone = {"area": area, "delta_krw_kwh": -5}
    if expected is None:
        with pytest.raises(ScenarioError, match="51720 is no province and no district of 2022"):
            _delta(zone)
    else:
        assert _delta(zone) == expected


def test_overlapping_zones_are_an_error_or_add_up() -> None:
    zones = [{"area": ["46"], "delta_krw_kwh": -5}, {"area": "square", "delta_krw_kwh": 2}]
    with pytest.raises(ScenarioError, match=r"1 sites, A among them, lie in z0 and z1; .* \"sum\""):
        _delta(*zones)
    assert _delta(*zones, zones_overlap="sum") == [-3, 2, 0]
    scenario = _scenario(*zones, zones_overlap="sum")
    assert zones_of_sites(SITES, LAYERS, scenario).sum(axis=0).tolist() == [1, 2]


def test_a_delta_of_another_year_is_brought_to_the_money_of_the_run() -> None:
    assert _delta({"area": ["46"], "delta_krw_kwh": -10, "price_year": 2026}) == [-8, 0, 0]
    assert _delta({"area": ["46"], "delta_krw_kwh": -10, "price_year": 2024}) == [-10, 0, 0]


@pytest.mark.parametrize(
    ("area", "message"),
    [
        (["99"], r"energy\.zones of z0: 99 is no province .* provinces are 46, 51"),
        (["46999"], r"energy\.zones of z0: 46999 is no province and no district"),
        ("nowhere", r"energy\.zones of z0: nowhere: no such layer"),
        ("points", r"energy\.zones of z0: points holds a Point; a zone is drawn as polygons"),
    ],
)
def test_a_wrong_area_is_named_before_anything_runs(area: Any, message: str) -> None:
    with pytest.raises((ScenarioError, LayerError), match=message):
        check_zones(LAYERS, _scenario({"area": area, "delta_krw_kwh": 1}))


def test_the_ready_variant_is_the_design_and_else_the_national_scenario() -> None:
    variant, plain = (load_scenario(f"national-2035{end}") for end in ("-regional-tariff", ""))
    design = open_layers().table("tariff_design")
    told = {
        zone.name: (list(zone.area), -zone.delta_krw_kwh, zone.price_year)
        for zone in variant.energy.zones
    }
    expected = {
        zone: (rows["code"].tolist(), rows["discount_max_krw_kwh"].iloc[0], 2026)
        for zone, rows in design.groupby("zone")
    }
    assert told == expected
    assert {zone: discount for zone, (_, discount, _) in told.items()} == {
        "south": 18, "centre": 15, "north-capital": 10,
    }  # fmt: skip
    same = {"name", "title", "energy"}
    assert variant.model_dump(exclude=same) == plain.model_dump(exclude=same)
    assert variant.energy.model_dump(exclude={"zones"}) == plain.energy.model_dump(
        exclude={"zones"}
    )
    assert plain.energy.zones == []


def test_the_design_tells_every_part_of_the_mainland_but_south_of_the_capital_once() -> None:
    layers = open_layers()
    districts = layers.vector("districts")[["district_code", "province_code", "name_ko"]]
    districts = districts.assign(site_id=districts["district_code"])
    sites = gpd.GeoDataFrame(districts, geometry=[Point(0, 0)] * len(districts), crs=5179)
    inside = zones_of_sites(sites, layers, load_scenario("national-2035-regional-tariff"))
    assert inside.sum(axis=1).max() == 1
    outside = set(districts.loc[~inside.any(axis=1), "province_code"])
    assert outside == {"11", "41", "50"}  # south of Seoul and of Gyeonggi, Jeju
    north = sites.loc[inside[:, 2], "name_ko"].tolist()
    assert np.isin(["의정부시", "파주시", "종로구", "연수구"], north).all()
    assert not np.isin(["강남구", "김포시", "평택시"], north).any()
