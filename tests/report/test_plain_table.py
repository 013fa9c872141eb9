"""Tables as plain values, and rows of sites that are made when they are asked for."""

import pandas as pd
import pytest

from siteopt.report._plain_table import FrameTable, SiteRows, plain_table

TABLE = pd.DataFrame({
    "site_id": ["S1", "S2", "S3"], "chosen": [True, False, False], "it_mw": [40.0, None, 60.0],
    "name_ko": ["가", "", None], "row": [1, 2, 3],
})  # fmt: skip


def test_what_is_not_known_or_empty_is_none():
    table = plain_table(TABLE)
    assert table.names == ["site_id", "chosen", "it_mw", "name_ko", "row"]
    assert table.column("it_mw") == [40.0, None, 60.0]
    assert table.row(1) == {
        "site_id": "S2", "chosen": False, "it_mw": None, "name_ko": None, "row": 2,
    }  # fmt: skip
    assert type(table.row(0)["chosen"]) is bool
    assert plain_table(table) is table
    with pytest.raises(KeyError, match="it_gw"):
        table.column("it_gw")


def test_rows_stand_in_the_order_of_the_table():
    rows = SiteRows(FrameTable(TABLE))
    assert list(rows) == ["S1", "S2", "S3"]
    assert (len(rows), "S2" in rows, "S9" in rows) == (3, True, False)
    assert rows["S3"]["it_mw"] == 60.0
    assert rows["S3"] is rows["S3"]
    assert rows.column("chosen") == [True, False, False]
    assert list(rows.values_of("site_id", "basin_id")) == [("S1", None), ("S2", None), ("S3", None)]
    with pytest.raises(KeyError, match="S9"):
        rows["S9"]


def test_of_two_rows_of_a_site_the_last_counts_at_the_place_of_the_first():
    twice = pd.concat([TABLE, TABLE.head(1).assign(it_mw=99.0)], ignore_index=True)
    rows = SiteRows(FrameTable(twice))
    assert list(rows) == ["S1", "S2", "S3"]
    assert rows["S1"]["it_mw"] == 99.0
    assert rows.column("it_mw") == [99.0, None, 60.0]
    assert len(list(rows.values_of("nothing"))) == 3


def test_a_table_without_rows_has_no_sites():
    assert list(SiteRows(FrameTable(TABLE.head(0))).values_of("it_mw", "basin_id")) == []
