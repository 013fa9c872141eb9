"""Tags hold whatever mappers wrote: reading them never fails, and invents nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.sources.fetching.osm_grid_tags import (
    conductors,
    output_mw,
    plain_name,
    tagged_kv,
    whole_numbers,
)

anything = st.none() | st.text() | st.from_regex(r"[0-9.;,/ kKvVmMgGwW]{0,30}", fullmatch=True)


@given(anything, anything, st.integers(1, 4), st.booleans())
def test_any_tag_is_read_or_left_out(one, other, voltages, counted):
    assert all(math.isfinite(kv) and kv >= 0 for kv in tagged_kv(one))
    found = conductors(one, other, voltages, conductors_as_circuits=counted)
    assert len(found) == voltages
    given_numbers = whole_numbers(one) or [3 * number for number in whole_numbers(other)]
    assert 0 <= sum(found) <= sum(given_numbers, 0)
    mw = output_mw(one)
    assert mw is None or math.isfinite(mw)
    assert plain_name(one, [r"한전\s*"]).isprintable()


@pytest.mark.parametrize(
    ("cables", "circuits", "counted", "expected"),
    [
        ("6", "1", True, [6]),  # cables rule
        (None, "3", True, [3]),  # conductors of one circuit
        (None, "3", False, [9]),
        (None, "4", True, [12]),
        ("6;3", None, True, [0]),  # a list for another number of voltages
        ("4", None, True, [4]),  # circuits are the whole threes of it
        ("1e3", None, True, [0]),
    ],
)
def test_conductors_of_a_way_of_one_voltage(cables, circuits, counted, expected):
    assert conductors(cables, circuits, 1, conductors_as_circuits=counted) == expected


def test_volts_kilovolts_and_lists():
    assert tagged_kv("154000;22900") == [154.0, 22.9]
    assert tagged_kv("345 kV / 154 kV") == [345.0, 154.0]
    assert tagged_kv("600 V") == [0.6]
    assert tagged_kv("about 154000") == []


def test_hidden_signs_are_no_part_of_a_name():
    assert plain_name("한빛\u200b 변전소\n", ()) == "한빛 변전소"
