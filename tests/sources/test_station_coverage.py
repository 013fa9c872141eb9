"""Coverage of the stations: counts by hand, and the embedded table against the layer."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely import Point

from siteopt._data import data_folder
from siteopt.sources.station_coverage import coverage

REFERENCE = data_folder() / "reference"


def points(rows, *columns):
    places = [Point(1e6 + 1000 * row[0], 1.8e6) for row in rows]
    return gpd.GeoDataFrame([row[1:] for row in rows], columns=columns, geometry=places, crs=5179)


def test_counts_by_area_and_voltage():
    ours = points(
        [(0, "substation", "line end", 154, "46"), (1, "substation", "none", 154, "46"),
         (9, "substation", "line end", 345, "47"), (20, "plant", "line end", 345, "47"),
         (30, "tap", "line end", 154, "47"), (40, "switching", "none", 250, "47")],
        "kind", "line_join", "voltage_max_kv", "province_code",
    )  # fmt: skip
    other = points([(1.5, 154, "46"), (50, 345, "47")], "kv", "province_code")
    table = coverage(ours, {"other": other}, pd.Series({"all": 10, "345": 4}))
    table = table.set_index(["area", "voltage"])
    columns = ["substations", "joined", "not_substations", "other", "near_other"]
    assert table.loc[("46", "154"), columns].tolist() == [2, 1, 0, 1, 2]
    assert table.loc[("47", "345"), columns].tolist() == [1, 1, 1, 1, 0]
    assert table.loc[("47", "154"), columns].tolist() == [0] * 5
    assert table.loc[("KR", "all"), [*columns, "kepco"]].tolist() == [3, 2, 1, 2, 2, 10]
    assert table.loc[("47", "345"), ["kepco"]].isna().all()
    assert len(table) == 3 * 4


def test_embedded_counts_are_those_of_the_layer_and_add_up():
    table = pd.read_csv(REFERENCE / "station_coverage.csv").set_index(["area", "voltage"])
    stations = pd.read_csv(REFERENCE / "stations.csv")
    own = stations[stations["kind"] == "substation"]
    assert table.loc[("KR", "all"), "substations"] == len(own)
    assert table.loc[("KR", "all"), "joined"] == (own["line_join"] != "none").sum()
    counts = table.drop(columns="kepco")
    provinces = counts.drop(index="KR", level="area").groupby("voltage").sum()
    assert provinces.equals(counts.loc["KR"].loc[provinces.index])
    assert table["kepco"].dropna().to_dict() == {
        ("KR", "154"): 657, ("KR", "345"): 122, ("KR", "765"): 9, ("KR", "all"): 788,
    }  # fmt: skip
