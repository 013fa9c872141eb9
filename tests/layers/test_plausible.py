"""No column of numbers is without a bound, and what is beyond it is asked about."""

import pytest

from siteopt.errors import LayerError
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.schemas import SCHEMAS
from siteopt.layers.store import Layers

HEADROOM = "station_id,voltage_kv,headroom_mw,year\nS1,154,{},2030\n"


def test_every_number_of_every_layer_has_two_bounds():
    for layer_id, schema in SCHEMAS.items():
        fields = {**schema.fields, **({} if schema.rest is None else {"(rest)": schema.rest})}
        for name, item in fields.items():
            if item.kind in {"number", "whole"}:
                bounded = item.plausible is not None or None not in {item.low, item.high}
                assert bounded, (layer_id, name)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("5000000", "headroom_mw is 5000000; larger than any there is (200,000 at most); MW, not kW?"),
        ("1e308", "larger than any there is"), ("1e400", "headroom_mw is inf; a number of at least 0"),
        ('"1,000"', "headroom_mw is '1,000'; a number"), ("１２", "headroom_mw is '１２'; a number"),
        ("0x10", "headroom_mw is '0x10'; a number"), ("1_000", "headroom_mw is '1_000'; a number"),
        ("True", "headroom_mw is True; a number"), ("−5", "headroom_mw is '−5'; a number"),
    ],
)  # fmt: skip
def test_a_number_that_cannot_be_is_one_line(tmp_path, cell, message):
    path = tmp_path / "headroom.csv"
    path.write_text(HEADROOM.format(cell), encoding="utf-8")
    with pytest.raises(LayerError) as caught:
        Layers(read_catalogue(), {"headroom": path}).table("headroom")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "value"), [("12", 12), ("1.2e1", 12), (" 12 ", 12), ("+12", 12), ("0012", 12)]
)
def test_odd_but_right_numbers_are_numbers(tmp_path, cell, value):
    path = tmp_path / "headroom.csv"
    path.write_text(HEADROOM.format(cell), encoding="utf-8")
    table = Layers(read_catalogue(), {"headroom": path}).table("headroom")
    assert table["headroom_mw"].tolist() == [value]


def test_the_columns_of_buses_have_a_bound_too(tmp_path):
    path = tmp_path / "profiles_demand.csv"
    path.write_text("day_id,hour,1,2\nd1,1,5,1e9\n")
    with pytest.raises(LayerError, match=r"2 is 1000000000\.0; larger than any there is"):
        Layers(read_catalogue(), {"profiles_demand": path}).table("profiles_demand")
