"""A release of KPG, in the layout of its README, becomes the same case as its tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers import open_layers
from siteopt.sources.fetching import grid_cases
from siteopt.sources.fetching.grid_cases import take_case
from siteopt.sources.fetching.grid_kpg_release import is_kpg_release, read_kpg_release

CASE = """\
function mpc = KPG
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
 1 3 0 0 0 0 1 1 0 345 1 1.1 0.9;
 2 1 40 0 0 0 1 1 0 345 1 1.1 0.9;
 3 1 60 0 0 0 1 1 0 154 1 1.1 0.9;
 4 1 20 0 0 0 1 1 0 154 1 1.1 0.9;
];
mpc.gen = [ 1 120 0 0 0 1 100 1 300 0; 1 0 0 0 0 1 100 0 200 0; ];
mpc.branch = [
 1 2 0 0.02 0 300 0 0 0 0 1 0 0 120 0 0 0;
 2 3 0 0.05 0 200 0 0 1 0 1 0 0 80 0 0 0;
 3 4 0 0.03 0 80 0 0 0 0 1 0 0 20 0 0 0;
];
mpc.gencost = [ 2 0 0 3 0 70 1; 2 0 0 3 0 90 1; ];
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    home = tmp_path_factory.mktemp("release") / "kpg193_v1_5"
    for part in ("network/m", "network/location", "renewables_capacity", "profile/demand", "profile/renewables"):  # fmt: skip
        (home / part).mkdir(parents=True)
    (home / "network/m/KPG.m").write_text(CASE, encoding="utf-8")
    (home / "network/location/bus_location.csv").write_text(
        "bus_id,Latitude,Longitude,name_Korean,name_English\n4,36.4,127.5,라,Ra\n"
        "1,36.5,127.0,가,Ga\n2,36.6,127.2,나,Na\n3,36.5,127.4,다,Da\n",
        encoding="utf-8",
    )
    for kind in ("Wind", "Solar"):
        (home / f"renewables_capacity/{kind.lower()}_generators_2022.csv").write_text(
            f"bus_ID,Type,Pmax [MW],Pmin [MW]\n3,{kind},5,0\n3,{kind},2,0\n", encoding="utf-8"
        )
    hour, bus = (part.ravel() for part in np.meshgrid(range(1, 25), [4, 3, 2, 1], indexing="ij"))
    sun = np.clip(1.1 * np.sin(np.pi * (hour - 6) / 12), 0, None)
    for day in range(1, 366):
        demand = bus * 10.0 * (2 if day == 200 else 1) + hour
        pd.DataFrame({"hour": hour, "bus_id": bus, "demandP": demand, "demandQ": 0.0}).to_csv(
            home / f"profile/demand/daily_demand_{day}.csv", index=False
        )
        pd.DataFrame(
            {"hour": hour, "bus_id": bus, "pv_profile_ratio": sun, "wind_profile_ratio": 0.25, "hydro_profile_ratio": 0}
        ).to_csv(home / f"profile/renewables/renewables_{day}.csv", index=False)  # fmt: skip
    return home


def test_hours_are_those_of_the_day_files(release):
    assert is_kpg_release(release)
    found = read_kpg_release(release)
    demand, solar, wind = found.series
    assert demand.shape == (8760, 4)
    assert demand[199 * 24 + 23].tolist() == [44, 64, 84, 104]  # day 200, hour 24
    assert solar.max() == 1.0
    assert (wind == 0.25).all()
    buses = found.tables["case_buses"].set_index("bus_id")
    assert buses["name_ko"].tolist() == ["가", "나", "다", "라"]
    assert buses["solar_mw"].to_dict() == {"1": 0, "2": 0, "3": 7, "4": 0}
    assert buses.loc["4", "demand_peak_mw"] == 104
    units = found.tables["case_generators"]
    assert units["cost_krw_mwh"].tolist() == [70_000, 90_000]
    assert "in_service" not in units  # what did not run in the hour of the file can run


def test_a_release_becomes_the_layers(release, tmp_path, monkeypatch):
    short = pd.DataFrame(
        {"snapshot_id": name, "security": "none", "bus_id": bus, "hosting_mw": 9.0,
         "binding_branch": "", "injection_mw": 9.0, "injection_branch": "", "curtailed_mw": 0.0,
         "held_back_mw": 0.0}
        for name in ("peak", "spring_noon") for bus in "1234"
    )  # fmt: skip
    monkeypatch.setattr(grid_cases, "hosting_table", lambda *_: short)
    take_case(tmp_path / "data", "kpg", release, accept=True)
    layers = open_layers(folder=tmp_path / "data")
    peak = layers.table("snapshots").set_index("snapshot_id").loc["peak"]
    assert peak["hour_of_year"] == 200 * 24
    assert layers.table("case_branches")["flow_mw"].tolist() == [120, 80, 20]
    assert layers.table("case_generators")["fuel"].tolist() == ["unknown", "unknown"]


def test_a_day_or_hour_that_is_missing_is_named(release, tmp_path):
    file = release / "profile/demand/daily_demand_7.csv"
    whole = file.read_text(encoding="utf-8")
    try:
        file.write_text(whole.replace("24,1,", "25,1,"), encoding="utf-8")
        with pytest.raises(LayerError, match=r"daily_demand_7\.csv: each hour from 1 to 24"):
            read_kpg_release(release)
        file.unlink()
        with pytest.raises(LayerFileError, match="profile/demand: no file of day 7"):
            read_kpg_release(release)
    finally:
        file.write_text(whole, encoding="utf-8")
    sun = release / "profile/renewables/renewables_1.csv"
    whole = sun.read_text(encoding="utf-8")
    try:
        sun.write_text(whole.replace("pv_profile_ratio", "pv"), encoding="utf-8")
        with pytest.raises(LayerFileError, match="no files of days with a column pv_profile_ratio"):
            read_kpg_release(release)
    finally:
        sun.write_text(whole, encoding="utf-8")
    (tmp_path / "network/m").mkdir(parents=True)
    with pytest.raises(LayerFileError, match=r"0 \.m files; one is needed"):
        read_kpg_release(tmp_path)
