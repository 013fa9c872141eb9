"""Stations of the user's: without a kind, with a wrong one, and twice."""

from __future__ import annotations

import pytest

from siteopt.errors import LayerError
from siteopt.grid.stations import connectable
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.store import Layers

HEAD = (
    "station_id,name_ko,lon,lat,voltage_max_kv,circuits_154,circuits_345,circuits_765,"
    "province_code,district_code,component"
)


def row(name, lon=127.0):
    return f"{name},역,{lon},36.5,154,2,0,0,43,43110,1"


@pytest.fixture
def own(tmp_path):
    def opened(*lines):
        path = tmp_path / "my_stations.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return Layers(read_catalogue(), {"stations": path})

    return opened


def test_without_kinds_all_are_unknown_may_be_connected_to_and_that_is_said(own):
    layers = own(HEAD, row("A"), row("B", 127.1))
    stations = layers.vector("stations")
    assert stations["kind"].tolist() == ["unknown", "unknown"]
    assert connectable(stations)["station_id"].tolist() == ["A", "B"]
    said = "my_stations.csv: no column kind; all 2 stations are taken as unknown and may be"
    assert layers.notes == [f"{said} connected to"]


def test_an_empty_kind_is_taken_so_too_and_a_given_unknown_is_not(own):
    layers = own(
        HEAD + ",kind", row("A") + ",", row("B", 127.1) + ",unknown",
        row("C", 127.2) + ",substation", row("D", 127.3) + ",line end",
    )  # fmt: skip
    # asked or not, notes are there
    assert len(layers.notes) == 1
    assert "1 station(s) without a kind" in layers.notes[0]
    assert connectable(layers.vector("stations"))["station_id"].tolist() == ["A", "C"]


def test_a_wrong_kind_is_one_line_with_its_row_and_what_would_be_right(own):
    layers = own(HEAD + ",kind", row("A") + ",substation", row("B", 127.1) + ",변전소")
    with pytest.raises(LayerError) as caught:
        layers.vector("stations")
    message = str(caught.value)
    assert "\n" not in message
    assert all(part in message for part in ("my_stations.csv", "B", "kind", "변전소", "substation"))


def test_a_station_twice_is_one_line(own):
    with pytest.raises(LayerError, match="appears twice; station_id must tell rows apart"):
        own(HEAD, row("A"), row("A", 127.1)).vector("stations")


def test_the_embedded_layer_says_nothing():
    layers = Layers(read_catalogue())
    stations = layers.vector("stations")
    assert not layers.notes
    assert 600 < len(connectable(stations)) < len(stations)
