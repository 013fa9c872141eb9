"""Which stations a customer can be connected to."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.grid.stations import connectable
from siteopt.layers.station_kinds import KIND_NOT_GIVEN, STATION_KINDS


@pytest.mark.parametrize("kind", STATION_KINDS)
def test_a_substation_alone_serves(kind):
    table = pd.DataFrame({"station_id": ["A"], "kind": [kind], "kind_rule": ["a rule"]})
    assert len(connectable(table)) == (kind == "substation")
    assert len(connectable(table.drop(columns="kind_rule"))) == (kind == "substation")


def test_what_the_user_leaves_open_serves():
    table = pd.DataFrame(
        {"station_id": ["A", "B"], "kind": "unknown", "kind_rule": [KIND_NOT_GIVEN, "no name"]}
    )
    assert connectable(table)["station_id"].tolist() == ["A"]
    assert len(connectable(table[["station_id"]])) == 2


@given(st.lists(st.sampled_from(STATION_KINDS)))
def test_rows_keep_their_order(kinds):
    table = pd.DataFrame({"station_id": range(len(kinds)), "kind": kinds})
    found = connectable(table)["station_id"].tolist()
    assert found == [row for row, kind in enumerate(kinds) if kind == "substation"]
