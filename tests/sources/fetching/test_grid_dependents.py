"""Layers that hang on stations: made anew of the embedded ones they are the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.layers import data_folder, open_layers, read_catalogue
from siteopt.layers.store import Layers
from siteopt.sources.fetching.grid_dependents import (
    levels_of_layer,
    station_dependents,
    write_headroom_of,
)

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def layers():
    return open_layers()


@pytest.fixture(scope="module")
def stations(layers):
    return levels_of_layer(layers.vector("stations"), layers.table("headroom"))


def embedded(name):
    return pd.read_csv(data_folder() / "reference" / f"{name}.csv", dtype={"district_code": str, "province_code": str})  # fmt: skip


def test_each_comes_out_as_it_is_embedded(layers, stations, tmp_path):
    entries, notes = station_dependents(layers, stations, layers.vector("lines"), tmp_path)
    assert [entry.id for entry in entries] == ["headroom", "new_stations", "generation_headroom", "station_coverage"]  # fmt: skip
    assert notes == []
    made = {entry.id: pd.read_csv(tmp_path / entry.file, dtype={"district_code": str, "province_code": str}) for entry in entries}  # fmt: skip
    exact = ["station_id", "voltage_kv", "method", "bus_id", "bus_rule"]
    assert made["headroom"][exact].equals(embedded("headroom")[exact])
    for column in ("headroom_mw", "injection_mw"):
        assert np.allclose(made["headroom"][column], embedded("headroom")[column], atol=0.11)
    ids = {name: set(table["station_id"].dropna()) for name, table in made.items() if "station_id" in table}  # fmt: skip
    assert ids["generation_headroom"] == set(embedded("generation_headroom")["station_id"].dropna())
    # lines are stored with 5 decimals, so that a place on them may be the next one
    same = ids["new_stations"] & set(embedded("new_stations")["station_id"])
    assert len(same) > 0.95 * len(ids["new_stations"])
    counts = ["area", "voltage", "substations", "joined", "not_substations", "kepco"]
    assert made["station_coverage"][counts].equals(embedded("station_coverage")[counts])


def test_a_station_that_got_another_id_keeps_what_kepco_publishes(layers, stations, tmp_path):
    listed = layers.table("generation_headroom").dropna(subset=["station_id"])
    old = listed.loc[listed["match_rule"].str.startswith("name"), "station_id"].iloc[0]
    renamed = stations.assign(station_id=stations["station_id"].replace(old, "E1N1"))
    lines = layers.vector("lines").replace(old, "E1N1")
    station_dependents(layers, renamed, lines, tmp_path)
    now = pd.read_csv(tmp_path / "generation_headroom.csv", dtype=str).set_index("kepco_code")
    code = listed.set_index("station_id")["kepco_code"][old]
    assert now.loc[code, ["station_id", "match_rule"]].tolist() == ["E1N1", "name"]


def test_headroom_of_two_cases_is_not_made(stations, layers, tmp_path):
    table = layers.table("hosting").replace({"bus_id": {"193": "999"}})
    (tmp_path / "hosting.csv").write_text(table.to_csv(index=False), encoding="utf-8")
    mixed = Layers(read_catalogue(), {"hosting": tmp_path / "hosting.csv"})
    with pytest.raises(LayerError, match="hosting is of another grid case than case_buses"):
        write_headroom_of(mixed, stations, layers.vector("lines"), tmp_path / "headroom.csv")
