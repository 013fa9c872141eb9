"""Snapshots: what the layer holds, what a scenario chooses and adds, what is refused."""

from __future__ import annotations

import pandas as pd
import pytest

from siteopt.errors import LayerError, ScenarioError
from siteopt.grid.snapshots import Snapshot, snapshots_of_layers
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.store import Layers, open_layers
from siteopt.scenario import Grid, load_scenario


@pytest.fixture(scope="module")
def layers():
    return open_layers()


def scenario(*choices):
    grid = Grid.model_validate({"snapshots": list(choices)})
    return load_scenario("national-2035").model_copy(update={"grid": grid})


OWN = {
    "id": "my_evening", "title": {"ko": "여름 저녁", "en": "Summer evening"}, "day_id": "d237",
    "hour": 19,
}  # fmt: skip


def test_the_peak_is_the_plain_definition(layers):
    peak = snapshots_of_layers(layers)["peak"]
    assert peak.hour_of_year == 5679
    assert not peak.solar_and_wind
    buses = layers.vector("case_buses")
    assert peak.demand_mw.index.tolist() == buses["bus_id"].tolist()
    assert peak.demand_mw.sum() == pytest.approx(100_681, abs=1)
    # sun and wind are in the data, but give nothing
    assert peak.solar_cf.max() > 0.5
    assert (peak.available_mw(buses) == 0).all()


def test_hours_agree_with_the_profiles_of_the_days_kept_whole(layers):
    snapshots = snapshots_of_layers(layers)
    days = layers.table("typical_days").set_index("kind")["day_of_year"]
    assert (snapshots["spring_noon"].hour_of_year - 1) // 24 + 1 == days["spring_low_net_load"]
    assert (snapshots["winter_evening"].hour_of_year - 1) // 24 + 1 == days["winter_evening_peak"]
    day, hour = (5679 - 1) // 24 + 1, (5679 - 1) % 24 + 1
    demand = layers.table("profiles_demand").set_index(["day_id", "hour"]).loc[(f"d{day}", hour)]
    peak = snapshots["peak"].demand_mw
    assert (demand[peak.index].astype(float) - peak).abs().max() <= 0.051


def test_every_snapshot_is_what_its_title_says(layers):
    snapshots = snapshots_of_layers(layers)
    buses = layers.vector("case_buses")
    assert list(snapshots) == ["peak", "spring_noon", "windy_night", "winter_evening"]
    given = {name: item.available_mw(buses).sum() for name, item in snapshots.items()}
    installed = buses["wind_mw"].sum()
    assert given["spring_noon"] > 25_000
    assert 0.9 * installed < given["windy_night"] <= installed
    assert (snapshots["winter_evening"].solar_cf == 0).all()
    net = {name: snapshots[name].demand_mw.sum() - given[name] for name in snapshots}
    assert min(net, key=net.get) == "spring_noon"


def test_available_is_capacity_times_ratio_in_the_order_of_the_buses():
    cf = pd.Series({"1": 0.5, "2": 0.25})
    one = Snapshot(
        "x", "가", "x", 1, solar_and_wind=True, demand_mw=cf, solar_cf=cf, wind_cf=cf * 2
    )
    buses = pd.DataFrame({"bus_id": ["2", "1"], "solar_mw": [100.0, 10.0], "wind_mw": [40.0, None]})
    assert one.available_mw(buses).to_dict() == {"2": 25.0 + 20.0, "1": 5.0}
    assert one.available_mw(buses).index.tolist() == ["2", "1"]
    with pytest.raises(LayerError, match="snapshot x: no solar_cf for bus 3"):
        one.available_mw(buses.assign(bus_id=["2", "3"]))


def test_a_scenario_chooses_in_its_own_order(layers):
    chosen = snapshots_of_layers(layers, scenario({"id": "windy_night"}, {"id": "peak"}))
    assert list(chosen) == ["windy_night", "peak"]
    assert list(snapshots_of_layers(layers, load_scenario("national-2035"))) == list(
        snapshots_of_layers(layers)
    )


@pytest.mark.parametrize(("given", "counted"), [({}, True), ({"solar_and_wind": False}, False)])
def test_an_hour_of_a_typical_day_is_added(layers, given, counted):
    chosen = snapshots_of_layers(layers, scenario({"id": "peak"}, OWN | given))
    own = chosen["my_evening"]
    assert (own.title_ko, own.hour_of_year) == ("여름 저녁", 236 * 24 + 19)
    assert own.solar_and_wind is counted
    table = layers.table("profiles_wind").set_index(["day_id", "hour"])
    assert own.wind_cf["144"] == table.loc[("d237", 19), "144"]
    assert own.demand_mw.index.tolist() == chosen["peak"].demand_mw.index.tolist()


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ([{"id": "peek"}], r"grid.snapshots.0.id: no snapshot peek .*one of peak, spring_noon"),
        ([OWN | {"day_id": "d001"}], r"grid.snapshots.0.day_id: no typical day d001; one of d004"),
        ([{"id": "peak"}, OWN | {"id": "peak2", "day_id": "x"}], r"grid.snapshots.1.day_id"),
        ([OWN | {"id": "peak"}], r"grid.snapshots.0.id: peak is a snapshot of the layer already"),
    ],
)
def test_what_is_not_there_is_named(layers, choices, message):
    with pytest.raises(ScenarioError, match=message):
        snapshots_of_layers(layers, scenario(*choices))


HEADER = "snapshot_id,bus_id,demand_mw,solar_cf,wind_cf\n"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("peak,1,10,0,0\n", "snapshot_buses: snapshot peak has no row for bus 2; every bus of"),
        ("peak,1,10,0,0\npeak,999,1,0,0\n", "snapshot_buses: row 3: bus_id 999 is not in case_bu"),
        ("pique,1,10,0,0\n", "snapshot_buses: row 2: snapshot_id pique is not in snapshots"),
        ("peak,1,-10,0,0\n", "demand_mw is -10.*at least 0"),
        ("peak,1,10,1.01,0\n", "solar_cf is 1.01.*at most 1"),
    ],
)
def test_a_bad_table_of_the_user_is_named(tmp_path, rows, message):
    path = tmp_path / "snapshot_buses.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(LayerError, match=message):
        snapshots_of_layers(Layers(read_catalogue(), {"snapshot_buses": path}))
