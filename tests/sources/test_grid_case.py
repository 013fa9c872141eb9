"""The KPG case: hourly files are checked, the embedded tables are whole."""

from __future__ import annotations

import pandas as pd
import pytest

from siteopt._data import data_folder
from siteopt.errors import LayerError
from siteopt.sources.grid_case import read_hourly

REFERENCE = data_folder() / "reference"


def hourly(tmp_path, **columns):
    path = tmp_path / "hours.csv"
    table = pd.DataFrame({"hour_of_year": range(1, 8761), **columns})
    table.to_csv(path, index=False)
    return path


def test_hours_are_read_in_the_order_asked_and_cut(tmp_path):
    path = hourly(tmp_path, **{"1": 0.5, "2": 1.08})
    values = read_hourly(path, [2, 1], high=1.0)
    assert values.columns.tolist() == [2, 1]
    assert values.iloc[0].tolist() == [1.0, 0.5]


def test_a_missing_bus_is_named(tmp_path):
    with pytest.raises(LayerError, match=r"hours\.csv: no column for bus 3"):
        read_hourly(hourly(tmp_path, **{"1": 0.5}), [1, 3])


def test_a_missing_hour_is_an_error(tmp_path):
    path = hourly(tmp_path, **{"1": 0.5})
    path.write_text(path.read_text().replace("\n8760,0.5\n", "\n"))
    with pytest.raises(LayerError, match="hour_of_year must run from 1 to 8760"):
        read_hourly(path, [1])


@pytest.mark.parametrize("value", ["-0.1", ""])
def test_a_value_that_cannot_be_is_placed(tmp_path, value):
    path = hourly(tmp_path, **{"1": 0.5})
    path.write_text(path.read_text().replace("\n7,0.5\n", f"\n7,{value}\n"))
    with pytest.raises(LayerError, match="hour 7, bus 1: must be a number of at least 0"):
        read_hourly(path, [1])


@pytest.fixture(scope="module")
def buses():
    return pd.read_csv(REFERENCE / "case_buses.csv", dtype={"province_code": str})


def test_embedded_case_is_whole(buses):
    branches = pd.read_csv(REFERENCE / "case_branches.csv")
    generators = pd.read_csv(REFERENCE / "case_generators.csv")
    links = pd.read_csv(REFERENCE / "case_dc_lines.csv")
    assert [len(item) for item in (buses, branches, generators, links)] == [193, 385, 201, 2]
    ids = set(buses["bus_id"])
    ends = [branches["from_bus"], branches["to_bus"], generators["bus_id"],
            links["from_bus"], links["to_bus"]]  # fmt: skip
    assert all(set(end) <= ids for end in ends)
    assert (branches["rate_a_mva"] > 0).all()
    assert generators["p_max_mw"].sum() == pytest.approx(113_218.3, abs=0.1)
    assert buses[["solar_mw", "wind_mw", "hydro_mw"]].sum().tolist() == pytest.approx(
        [31_964, 3_017, 7_200], abs=0.1
    )
    assert (buses["demand_peak_mw"] >= buses["demand_mean_mw"]).all()


def test_embedded_bus_165_has_its_name_mended(buses):
    bus = buses.set_index("bus_id").loc[165]
    assert (bus["name_ko"], bus["name_en"], bus["province_code"]) == ("서울산", "Seo-Ulsan", "31")
