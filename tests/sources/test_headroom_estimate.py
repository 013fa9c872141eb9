"""The headroom estimate: closed forms on two buses, limits on the embedded table."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from siteopt._data import data_folder
from siteopt.grid.case import GridCase
from siteopt.grid.hosting import hosting_capacity, operate
from siteopt.grid.snapshots import Snapshot
from siteopt.sources._serving_bus import serving_buses
from siteopt.sources.headroom import estimate_headroom

REFERENCE = data_folder() / "reference"
KNOWN = {
    "grid_circuits_per_case_branch": 2.0, "grid_bank_345_154_mva": 500.0,
    "grid_banks_per_station": 3.0, "grid_circuits_least": 1.0, "grid_station_share": 0.5, "grid_power_factor": 1.0,
    "grid_utilisation_max": 0.95, "grid_jeju_hosting_mw": 30.0, "grid_jeju_injection_mw": 0.0, "grid_headroom_year": 2025.0,
}  # fmt: skip


def case(p_max=10_000.0, flow=0.0, load=100.0):
    branch = {"r_pu": 0.0, "x_pu": 0.1, "ratio": 0.0, "angle_deg": 0.0, "status": 1}
    rows = [(1, 2, 1000.0, flow), (3, 4, 2000.0, flow)]
    # joined so that all four buses hang together
    rows += [(2, 3, 5000.0, flow)]
    table = pd.DataFrame(rows, columns=["from_bus", "to_bus", "rate_a_mva", "flow_mw"])
    return GridCase(
        pd.DataFrame(
            {
                "bus_id": [1, 2, 3, 4], "lon": [127.0, 127.5, 128.0, 128.5], "lat": 36.0,
                "base_kv": [154, 154, 345, 345], "p_load_mw": load, "g_shunt_mw": 0.0,
                "name_ko": "", "name_en": "", "solar_mw": 0.0, "wind_mw": 0.0,
            }
        ),
        table.assign(branch_id=["L1", "L2", "L3"], **branch),
        pd.DataFrame(
            {"bus_id": [1, 4], "p_max_mw": p_max, "cost_krw_mwh": 1.0, "cost_krw_mw2h": 0.0}
        ),
        pd.DataFrame(columns=["from_bus", "to_bus", "status", "p_min_mw", "p_max_mw"]),
    )  # fmt: skip


def stations(*rows):
    table = pd.DataFrame(rows, columns=["station_id", "lon", "circuits_154", "circuits_345"])
    at = gpd.GeoSeries.from_xy(table["lon"], [36.0] * len(table), crs=4326).to_crs(5179)
    return gpd.GeoDataFrame(
        table.assign(
            province_code="46", level_154=table["circuits_154"] > 0,
            level_345=table["circuits_345"] > 0, level_765=False,
        ),
        geometry=at,
    )  # fmt: skip


NO_LOAD = pd.Series(0.0, index=[1, 2, 3, 4])


NO_LINES = pd.DataFrame(columns=["station_from", "station_to", "voltage_kv", "length_km", "dc"])


def hosted(grid, peak):
    """Return what each bus can host, all branches in service."""
    hour = Snapshot("peak", "", "", 1, False, peak, peak * 0, peak * 0)  # noqa: FBT003 - the fields in order
    return hosting_capacity(grid, operate(grid, hour))[["bus_id", "hosting_mw"]]


def estimate(places, grid=None, peak=NO_LOAD, fed_in=NO_LOAD, injection=NO_LOAD + 1e6, known=KNOWN):
    grid = grid or case()
    limits = hosted(grid, peak).assign(
        demand_mw=peak.to_numpy(), fed_in_mw=fed_in.to_numpy(), injection_mw=injection.to_numpy()
    )
    serving = serving_buses(places, NO_LINES, grid.buses, detour_max=5.0)
    table = estimate_headroom(places, serving, grid, limits, known)
    return table.set_index(["station_id", "voltage_kv"])


def test_circuits_less_one_times_the_share():
    # one circuit of 154 kV carries 1,000 / 2 MVA; 3 circuits, one out: 1,000 MW; half of it
    table = estimate(stations(("A", 127.0, 3, 0)))
    assert table.loc[("A", 154), "headroom_mw"] == pytest.approx(500)
    assert table.loc[("A", 154), "method"].startswith("circuits of 500 MVA")


def test_a_single_circuit_has_no_headroom():
    row = estimate(stations(("A", 127.0, 1, 0))).loc[("A", 154)]
    assert row["headroom_mw"] == 0
    assert row["method"] == "no second circuit mapped"


@pytest.mark.parametrize("mapped", [0, 1, 2])
def test_a_substation_has_at_least_two_circuits_and_the_method_says_so(mapped):
    places = stations(("A", 127.0, mapped, 0)).assign(level_154=True)
    row = estimate(places, known=KNOWN | {"grid_circuits_least": 2.0}).loc[("A", 154)]
    assert row["headroom_mw"] == pytest.approx(0.5 * 500)
    assert row["method"].startswith("2 assumed circuits") == (mapped < 2)


def test_banks_bound_the_low_side_of_a_345_kv_station():
    table = estimate(stations(("A", 128.0, 9, 4)))
    assert table.loc[("A", 154), "headroom_mw"] == pytest.approx(0.5 * 2 * 500)
    assert table.loc[("A", 345), "headroom_mw"] == pytest.approx(0.5 * 3 * 1000)


def test_flow_near_by_is_taken_off_scaled_to_the_peak():
    # 200 of 1,000 MVA in a state of 400 MW; a peak of 800 MW doubles it: 40 % in use
    peak = pd.Series([0.0, 800.0, 0.0, 0.0], index=[1, 2, 3, 4])
    row = estimate(stations(("A", 127.0, 3, 0)), case(flow=200.0), peak).loc[("A", 154)]
    assert row["own_mw"] == pytest.approx(0.5 * 1000 * 0.6)


def test_stations_of_a_bus_share_what_it_hosts():
    few = case(p_max=100.0)
    table = estimate(stations(("A", 127.0, 3, 0), ("B", 127.01, 5, 0)), few)
    assert hosted(few, NO_LOAD).set_index("bus_id").loc[1, "hosting_mw"] == pytest.approx(200)
    assert table["headroom_mw"].tolist() == pytest.approx([200 / 3, 400 / 3])
    assert (table["method"] == "share of KPG bus hosting").all()


def test_jeju_stations_share_the_assumed_figure():
    places = stations(("A", 126.5, 3, 0), ("B", 126.6, 3, 0)).assign(province_code="50")
    table = estimate(places)
    assert table["headroom_mw"].tolist() == pytest.approx([15, 15])
    assert table["bus_id"].isna().all()
    assert (table["injection_mw"] == 0).all()


def test_injection_is_firm_capacity_less_what_is_fed_in():
    # 3 circuits of 500 MVA, one out: 1,000 MW; 600 are fed in already; half of the rest
    fed_in = pd.Series([600.0, 0.0, 0.0, 0.0], index=[1, 2, 3, 4])
    row = estimate(stations(("A", 127.0, 3, 0)), fed_in=fed_in).loc[("A", 154)]
    assert row["injection_mw"] == row["own_injection_mw"] == pytest.approx(0.5 * 400)
    # and load is another matter
    assert row["headroom_mw"] == pytest.approx(500)


def test_stations_of_a_bus_share_what_it_can_take_of_generation():
    injection = pd.Series([90.0, 0.0, 0.0, 0.0], index=[1, 2, 3, 4])
    table = estimate(stations(("A", 127.0, 3, 0), ("B", 127.01, 5, 0)), injection=injection)
    assert table["injection_mw"].tolist() == pytest.approx([30, 60])
    assert table["headroom_mw"].tolist() == pytest.approx([500, 1000])


def test_injection_stays_unknown_where_the_bus_has_no_figure():
    table = estimate(stations(("A", 127.0, 3, 0)), injection=NO_LOAD * float("nan"))
    assert table["injection_mw"].isna().all()
    assert table["own_injection_mw"].notna().all()
    assert (table["headroom_mw"] > 0).all()


def test_levels_of_one_station_on_two_buses_share_each():
    # the station stands at a 154 kV bus; its 345 kV level is another bus's
    table = estimate(stations(("A", 127.5, 3, 5), ("B", 128.0, 0, 5)))
    assert table.loc[("A", 154), "bus_id"] == 2
    assert table.loc[("A", 345), "bus_id"] == table.loc[("B", 345), "bus_id"] == 3
    most = hosted(case(), NO_LOAD).set_index("bus_id")["hosting_mw"]
    assert table.loc[("A", 154), "bus_share_mw"] == pytest.approx(most[2])
    assert table.xs(345, level="voltage_kv")["bus_share_mw"].tolist() == pytest.approx(
        [most[3] / 2] * 2
    )


@pytest.fixture(scope="module")
def embedded():
    return pd.read_csv(REFERENCE / "headroom.csv")


def test_embedded_estimate_is_called_one_and_stays_in_range(embedded):
    assert set(embedded["confidence"]) == {"model"}
    assert (embedded["headroom_mw"] <= embedded["own_mw"] + 0.05).all()
    median = embedded.groupby("voltage_kv")["headroom_mw"].median()
    assert 50 < median[154] < 400 < median[345] < 1500
    assert embedded.loc[embedded["voltage_kv"] == 345, "headroom_mw"].max() < 3000


@pytest.mark.parametrize("column", ["headroom_mw", "injection_mw"])
def test_embedded_stations_of_a_bus_stay_within_what_it_hosts(embedded, column):
    hosting = pd.read_csv(REFERENCE / "hosting.csv")
    free = hosting[hosting["security"] == "none"]
    if column == "headroom_mw":
        most = free[free["snapshot_id"] == "peak"].set_index("bus_id")["hosting_mw"]
    else:  # the tightest hour with sun and wind
        sunny = free[free["snapshot_id"] != "peak"]
        most = sunny.groupby("bus_id")["injection_mw"].min()
    largest = embedded.groupby(["bus_id", "station_id"])[column].max()
    used = largest.groupby("bus_id").sum()
    assert len(used) > 100
    assert (used <= most.loc[used.index] + 5).all()
    assert embedded[column].notna().all()
