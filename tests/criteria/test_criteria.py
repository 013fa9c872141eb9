"""Every criterion in the small world of conftest, against figures worked out by hand."""

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from shapely import affinity

from siteopt.criteria import CRITERIA, CRITERION_NAMES, describe_sites
from siteopt.criteria.access import air_reach_km
from siteopt.criteria.clean_energy import ATLAS_LAYERS, fleet_level
from siteopt.criteria.cooling import site_pue, site_wue
from siteopt.criteria.grid import voltage_needed
from siteopt.criteria.network import rtt_ms
from siteopt.criteria.water import _nearest_basin, basin_supply_m3_day
from siteopt.errors import LayerError
from siteopt.scenario import Water


@pytest.fixture
def origin(sites_at: Any, layers: Any, scenario: Any) -> pd.Series:
    return describe_sites(sites_at([(0, 0)]), layers, scenario).iloc[0]


def test_every_column_is_registered_and_keeps_the_order_of_sites(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    sites = sites_at([(5, 5), (0, 0), (-5, 3)]).iloc[::-1]
    described = describe_sites(sites, layers, scenario)
    assert described.columns.tolist() == list(CRITERIA)
    assert described.index.tolist() == ["S0002", "S0001", "S0000"]
    one = describe_sites(sites.iloc[[1]], layers, scenario)
    pd.testing.assert_frame_equal(described.loc[["S0001"]], one)


def test_registry_says_the_confidence_of_every_column() -> None:
    assert all(column.confidence for column in CRITERIA.values())
    assert {column.criterion for column in CRITERIA.values()} == set(CRITERION_NAMES)
    assert all(column.better for column in CRITERIA.values() if column.scored)
    for column in CRITERIA.values():
        if column.confidence.startswith("see "):
            assert column.confidence.removeprefix("see ") in CRITERIA
    assert CRITERIA["pue"].confidence == "assumption"


def test_grid(origin: pd.Series) -> None:
    assert origin["distance_154_km"] == pytest.approx(5)
    assert origin["distance_345_km"] == pytest.approx(12)
    assert origin["distance_765_km"] == pytest.approx(12)
    assert origin["headroom_154_mw"] == 120  # A and B tie at 5 km: the first id
    assert np.isnan(origin["headroom_345_mw"])  # no row in the table: unknown, not 0
    assert origin["headroom_154_confidence"] == "model"
    assert origin["voltage_needed_kv"] == 154  # 100 MW x 1.25


def test_distances_headroom_and_fibre_go_to_substations_alone(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    stations = layers.vectors["stations"]
    layers.vectors["stations"] = stations.assign(
        kind=["substation" if name == "B" else "tap" for name in stations["station_id"]],
        kind_rule="a rule",
    )
    found = describe_sites(sites_at([(-3, 4)]), layers, scenario).iloc[0]
    assert found["distance_154_km"] == pytest.approx(6)  # to B; A is a tap
    assert np.isnan(found["distance_345_km"])
    assert found["fibre_build_km"] == pytest.approx(1.4 * 6)


def test_voltage_classes_are_closed_above(scenario: Any) -> None:
    found = voltage_needed(
        np.array([1, 40, 40.001, 400, 2000, 2001.0]), scenario.connection.classes
    )
    assert found[:5].tolist() == [22.9, 22.9, 154, 154, 345]
    assert np.isnan(found[5])


def _within_reach(scenario: Any) -> Any:
    energy = scenario.energy.model_copy(update={"contract_reach_km": 100.0})
    return scenario.model_copy(update={"energy": energy})


def test_clean_energy_has_the_level_of_the_fleet(origin: pd.Series) -> None:
    # All buses stand in one province: its yield is the fleet's.
    assert origin["solar_cf_pct"] == pytest.approx(13.7)
    # All wind stands at bus 2, where the case says 0.30: that is 23 %.
    assert origin["wind_cf_pct"] == pytest.approx(23 * 0.20 / 0.30, rel=1e-3)
    assert origin["solar_mw_50km"] == 100
    assert origin["wind_mw_50km"] == 30  # a real farm within 50 km, the other just beyond
    assert origin["self_sufficiency_pct"] == pytest.approx(203.2)
    assert origin["clean_energy_confidence"] == "model"


def test_the_sun_of_a_province_is_what_was_measured_there(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    buses = layers.vectors["case_buses"]
    buses["province_code"] = ["46", "47"]
    layers.tables["power_by_province"] = pd.DataFrame(
        {"province_code": ["46", "47"], "solar_yield_pct": [14.0, 12.0]}
    )
    found = describe_sites(sites_at([(0, 0), (0, 60)]), layers, scenario)["solar_cf_pct"]
    level = 13.7 / ((100 * 14 + 300 * 12) / 400)
    assert found.tolist() == pytest.approx([14 * level, 12 * level], rel=1e-4)


def test_contracts_without_a_radius_yield_the_same_on_the_whole_mainland(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    found = describe_sites(sites_at([(0, 0), (0, 60), (40, -40)]), layers, scenario)
    assert set(found["solar_contract_cf_pct"]) == {13.7}
    assert set(found["wind_contract_cf_pct"]) == {23.0}
    assert set(found["contract_area"]) == {"mainland"}
    assert set(found["contract_confidence"]) == {"compiled-medium"}


def test_contracts_within_a_radius_yield_what_stands_there(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    layers.vectors["case_buses"]["province_code"] = ["46", "47"]
    layers.tables["power_by_province"] = pd.DataFrame(
        {"province_code": ["46", "47"], "solar_yield_pct": [14.0, 12.0]}
    )
    found = describe_sites(sites_at([(0, 0)]), layers, _within_reach(scenario)).iloc[0]
    far = 300 * (1 - 0.6**2)  # bus 2 at 60 of 100 km
    mean = (14.0 * 100 + 12.0 * far) / (100 + far)
    level = 13.7 / ((100 * 14 + 300 * 12) / 400)
    assert found["solar_contract_cf_pct"] == pytest.approx(mean * level)
    assert found["wind_contract_cf_pct"] == pytest.approx(23)  # all wind stands at bus 2
    assert found[["contract_area", "contract_confidence"]].tolist() == ["reach", "model"]


def test_fleet_level_keeps_the_pattern() -> None:
    cf, mw = np.array([0.1, 0.3]), np.array([1.0, 3.0])
    scaled = fleet_level(cf, mw, 20.0)
    assert np.average(scaled, weights=mw) == pytest.approx(20)
    assert scaled[1] / scaled[0] == pytest.approx(3)
    assert fleet_level(cf, np.zeros(2), 20.0).mean() == pytest.approx(20)


def test_jeju_has_its_parameters_and_says_so(sites_at: Any, layers: Any, scenario: Any) -> None:
    sites = sites_at([(0, 0)], province_code="50", district_code="50110")
    found = describe_sites(sites, layers, scenario).iloc[0]
    assert found["solar_cf_pct"] == found["solar_contract_cf_pct"] == pytest.approx(11.7)
    assert found["wind_cf_pct"] == found["wind_contract_cf_pct"] == pytest.approx(25)
    assert found["solar_mw_50km"] == 665.6
    assert np.isnan(found["self_sufficiency_pct"])
    assert found["clean_energy_confidence"] == "assumption"
    assert found[["contract_area", "contract_confidence"]].tolist() == ["jeju", "compiled-medium"]
    assert found["pga_g"] == pytest.approx(0.07)


def test_water_inside_beside_and_far_from_a_basin(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    found = describe_sites(sites_at([(-5, 0), (20, 0), (45, 0)]), layers, scenario)
    assert found["basin_id"].tolist() == ["N", "N", "L46110"]
    assert found["water_confidence"].tolist() == [
        "assumption", "assumption: nearest basin", "assumption: own district",
    ]  # fmt: skip
    nakdong = (23_384 * 1e3 * 760 * 0.2 + 5000 * 1e6 * 0.8) / 365
    assert found["supply_m3_day"].iloc[0] == pytest.approx(nakdong)
    assert found["supply_m3_day"].iloc[2] == pytest.approx(10_000 * 1e3 * 760 * 0.2 / 365)
    need = found["wue_l_kwh"].iloc[0] * 0.85 * 24
    assert found["water_m3_day_per_mw"].iloc[0] == pytest.approx(need)
    assert found["water_demand_share_pct"].iloc[0] == pytest.approx(100 * need * 100 / nakdong)


def test_a_shared_border_and_a_tie_go_to_the_first_basin(layers: Any) -> None:
    one = layers.vector("basins")
    left, right = one.geometry.iloc[0], one.geometry.iloc[0].buffer(0)
    basins = gpd.GeoDataFrame(geometry=[left, affinity.translate(right, xoff=10_000)], crs=one.crs)
    x0, y0, x1, _ = left.bounds
    xy = np.array([[x1, y0 + 1000], [x1, y0 - 3000], [x0 + 15_000, y0 + 1], [x0 - 500, y0 + 9]])
    row, km = _nearest_basin(xy, basins)
    assert row.tolist() == [0, 0, 1, 0]
    assert km == pytest.approx([0, 3, 0, 0.5])


def test_storage_gives_no_more_than_all_run_off(layers: Any) -> None:
    supply = basin_supply_m3_day(np.array([100.0]), np.array([1e6]), layers.parameters)
    assert supply[0] == pytest.approx(100 * 1e3 * 760 / 365)


def _cooled(scenario: Any, kind: str) -> Any:
    water = Water.model_validate({"cooling": kind})
    return scenario.model_copy(update={"water": water})


def test_dry_cooling_saves_water_and_costs_electricity(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    wet = describe_sites(sites_at([(0, 0)]), layers, scenario).iloc[0]
    dry = describe_sites(sites_at([(0, 0)]), layers, _cooled(scenario, "dry")).iloc[0]
    # wet and dry hours differ by the same everywhere, so both sites have their national mean
    assert dry["pue"] - wet["pue"] == pytest.approx(0.05)
    assert dry["wue_l_kwh"] == dry["wue_peak_l_kwh"] == 0.05
    old_name = describe_sites(sites_at([(0, 0)]), layers, _cooled(scenario, "closed")).iloc[0]
    pd.testing.assert_series_equal(old_name, dry)


def test_liquid_cooling_feels_the_weather_with_the_share_of_air_alone(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    sites = sites_at([(-15, 0), (15, 0)])
    towers = describe_sites(sites, layers, scenario)
    liquid = describe_sites(sites, layers, _cooled(scenario, "liquid"))
    assert (liquid["wue_l_kwh"] / towers["wue_l_kwh"]).tolist() == pytest.approx([0.2, 0.2])
    assert liquid["wue_peak_l_kwh"].iloc[0] == pytest.approx(0.2 * towers["wue_peak_l_kwh"].iloc[0])
    spread = liquid["pue"].iloc[0] - liquid["pue"].iloc[1]
    assert spread == pytest.approx(0.2 * (towers["pue"].iloc[0] - towers["pue"].iloc[1]))
    assert liquid["pue"].mean() == pytest.approx(1.15, abs=1e-3)


def test_an_unknown_cooling_is_said() -> None:
    with pytest.raises(ValidationError, match="'evaporative', 'dry' or 'liquid'"):
        Water.model_validate({"cooling": "immersion"})


@given(st.floats(0, 8760), st.floats(0, 8000))
def test_wue_is_the_level_at_the_mean_and_nothing_in_eternal_cold(
    hours: float, mean: float
) -> None:
    wue = site_wue(np.array([hours, mean, np.nan, 8760.0, 0.0]), mean, 1.1)
    assert wue[1:4] == pytest.approx([1.1, 1.1, 0.0])
    assert 0.0 <= wue[0] <= wue[4] + 1e-12
    # the year is the mean of its two bins of hours
    assert wue[0] == pytest.approx(wue[4] * (1 - hours / 8760), abs=1e-9)


def test_waterworks_say_whether_they_have_room(sites_at: Any, layers: Any, scenario: Any) -> None:
    sites = sites_at(
        [(0, 0), (1, 0), (2, 0), (3, 0)], it_max_mw=[20.0, 1000.0, 20.0, 20.0],
        district_code=["46110", "46110", "50110", "51720"],
    )  # fmt: skip
    found = describe_sites(sites, layers, scenario)
    assert found["waterworks_state"].tolist() == ["room", "short", "no_link", "unknown"]
    peak = found["wue_peak_l_kwh"].iloc[0] * 0.85 * 24
    margin = found["waterworks_margin_m3_day"]
    assert margin.iloc[:2].tolist() == pytest.approx([5000 - 20 * peak, 5000 - 1000 * peak])
    assert margin.iloc[2:].isna().all()
    assert found["waterworks_own_m3_day"].iloc[0] == 400
    assert found["plant_name_ko"].tolist() == ["부안", "부안", "", ""]  # the plant with most room
    assert found["plant_spare_m3_day"].iloc[0] == 12_794


def test_pue_holds_its_base_at_the_mean_and_falls_with_free_cooling() -> None:
    hours = np.array([5000.0, 5000.0 + 876.0, np.nan, 20_000.0])
    pue = site_pue(hours, 5000.0, 1.25, 0.2)
    assert pue[:3] == pytest.approx([1.25, 1.25 - 0.02, 1.25])
    assert pue[3] == 1.0


def test_network(origin: pd.Series, layers: Any) -> None:
    # The town's edge is 7 km away, the stations 5 km: build to a station, 1.4 x 5.
    assert origin["fibre_build_km"] == pytest.approx(7.0)
    assert origin["landing_id"] == "L1"  # L0 is domestic
    assert origin["fibre_landing_km"] == pytest.approx(140)
    assert origin["rtt_landing_ms"] == pytest.approx(2 * 4.9 * 140 / 1000 + 0.5)
    assert rtt_ms(np.array([0.0]), layers.parameters)[0] == 0.5
    assert 200 < origin["fibre_seoul_km"] < 400


def test_the_distance_to_a_runway_is_to_its_line(sites_at: Any, layers: Any, scenario: Any) -> None:
    found = describe_sites(sites_at([(1.5, 28), (6, 34)]), layers, scenario)
    np.testing.assert_allclose(found["runway_km"], [2.0, 5.0])


def test_hazard(origin: pd.Series, sites_at: Any, layers: Any, scenario: Any) -> None:
    assert origin["quakes_50km"] == 2
    assert origin["quake_max_m_50km"] == pytest.approx(5.8)
    assert origin["river_km"] == pytest.approx(5)
    assert origin["pga_g"] == pytest.approx(0.11)
    north = sites_at([(60, 200)], province_code="51", district_code="51720")
    found = describe_sites(north, layers, scenario).iloc[0]
    assert found["pga_g"] == pytest.approx(0.07)
    assert found["quakes_50km"] == found["quake_max_m_50km"] == 0


def test_hazard_ranks_are_those_of_the_district(sites_at: Any, layers: Any, scenario: Any) -> None:
    sites = sites_at([(0, 0), (0, 1), (0, 2)], district_code=["51720", "50110", "99999"])
    found = describe_sites(sites, layers, scenario)
    assert found["landslide_rank_pct"].tolist()[:2] == [100, 10]
    assert np.isnan(found["flood_rank_pct"].iloc[1])
    assert found["pga_g"].tolist()[:2] == [0.07, 0.07]
    assert found.loc["S0002", ["pga_g", "flood_rank_pct", "wildfire_rank_pct"]].isna().all()


def test_two_rows_of_a_district_are_said(sites_at: Any, layers: Any, scenario: Any) -> None:
    table = layers.tables["district_hazards"]
    layers.tables["district_hazards"] = pd.concat([table, table.iloc[:1]])
    with pytest.raises(LayerError, match="district_hazards: district 46110 has two rows"):
        describe_sites(sites_at([(0, 0)]), layers, scenario)


def test_a_table_of_the_users_may_bear_the_codes_of_any_year(
    sites_at: Any, layers: Any, scenario: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(layers), "replaced", lambda _, name: name in layers.own)
    layers.own = {"district_hazards", "water_plants"}
    layers.tables["district_codes"] = pd.DataFrame(
        {"code": ["12110", "46110"], "district_code": ["46110", "46110"], "relation": "same"}
    )
    for name in layers.own:
        rows = layers.tables[name]
        rows = rows[rows["district_code"] == "46110"]
        layers.tables[name] = rows.assign(district_code="12110")
    found = describe_sites(sites_at([(0, 0)]), layers, scenario).iloc[0]
    assert found["flood_rank_pct"] == 50
    assert found["plant_name_ko"] == "부안"
    layers.tables["district_hazards"]["district_code"] = "12999"
    with pytest.raises(LayerError, match="district_hazards: row 2: district_code '12999' is not"):
        describe_sites(sites_at([(0, 0)]), layers, scenario)


def test_neighbours_and_the_town_are_counted_apart(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    found = describe_sites(sites_at([(8, 0), (-10, 0)]), layers, scenario)
    assert found["electors_1km"].iloc[0] == pytest.approx(np.pi * 2000, rel=0.12)
    assert found["electors_500m"].iloc[0] == pytest.approx(np.pi * 0.25 * 2000, rel=0.12)
    # 30 minutes at 52 km/h and a detour of 1.3 are 20 km by air: the town and most of the world
    assert air_reach_km(layers.parameters) == pytest.approx(20)
    town = np.pi * 2000
    assert found["town_electors"].iloc[1] > town
    assert found["town_km"].tolist() == pytest.approx([0, 17], abs=0.3)
    assert CRITERIA["electors_1km"].better == "low"
    assert CRITERIA["town_electors"].better == "high"


def test_the_way_to_an_expressway_is_an_upper_bound(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    found = describe_sites(sites_at([(0, 0), (12, 0)]), layers, scenario)
    assert found["expressway_km_most"].tolist() == pytest.approx([12, 0])
    more = (
        layers.vectors["expressways"]
        .iloc[[0]]
        .assign(
            geometry=[affinity.translate(layers.vectors["expressways"].geometry.iloc[0], -9000)]
        )
    )
    layers.vectors["expressways"] = pd.concat([layers.vectors["expressways"], more])
    again = describe_sites(sites_at([(0, 0), (12, 0)]), layers, scenario)
    assert (again["expressway_km_most"] <= found["expressway_km_most"]).all()


def test_many_sites_have_the_same_answers_as_each_alone(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    rng = np.random.default_rng(3)
    places = [tuple(place) for place in rng.uniform(-19, 19, (300, 2))]
    sites = sites_at(places)
    described = describe_sites(sites, layers, scenario)
    for row in (0, 150, 299):
        one = describe_sites(sites.iloc[[row]], layers, scenario)
        pd.testing.assert_frame_equal(described.iloc[[row]], one)


def test_atlases_are_means_over_the_site_and_not_known_without_their_layers(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    sites = sites_at([(0, 0), (5, 5)], eligible_ha=[0.0, 100.0])
    without = describe_sites(sites, layers, scenario)
    assert without[list(ATLAS_LAYERS)].isna().all(axis=None)
    raster = next(iter(layers.rasters.values()))
    rows = np.indices(raster.lattice.shape)[0].astype(np.float64)
    layers.rasters |= {
        "wind_speed": replace(raster, values=rows, nodata=None),
        "solar_yield": replace(raster, values=np.full(rows.shape, 1_400.0), nodata=None),
    }
    found = describe_sites(sites, layers, scenario)
    row, _ = raster.lattice.cells_of(sites["x_m"].to_numpy(), sites["y_m"].to_numpy())
    assert found["wind_speed_m_s"].tolist() == pytest.approx(row.tolist())  # discs are symmetric
    assert found["solar_yield_kwh_kwp"].tolist() == [1_400.0, 1_400.0]
    assert found["wind_atlas_cf_pct"].isna().all()
    others = [name for name in CRITERIA if name not in ATLAS_LAYERS]
    pd.testing.assert_frame_equal(found[others], without[others])
