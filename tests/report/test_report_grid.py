"""What the report says of the grid case: names, what stops a further MW, what buses can host."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from siteopt.report import portfolio, ranking_table
from siteopt.report._grid import grid_payload, grid_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt.report import RunTables


def recorded(tables: RunTables) -> dict[str, Any]:
    found = grid_record(tables)
    assert found is not None
    return found


def test_the_record_names_branches_by_their_ends(run_tables: RunTables) -> None:
    tight, none = recorded(run_tables)["further_by_province"]
    assert tight["branches"] == ["L1", "L2 when L1 is out", "L3", "L2"]
    assert tight["branches_ko"][0] == "나주 –담양 154\u00a0kV"
    assert (
        tight["branches_ko"][1] == "담양–안동 345\u00a0kV 제1회선(나주 –담양 154\u00a0kV 고장 시)"
    )
    assert tight["branches_en"][2] == "Andong–Damyang 345\u00a0kV, circuit 2"
    assert (tight["province_en"], tight["further_mw"]) == ("Jeonnam", 61.0)
    # All three buses are in Jeonnam: 0 MW would be a wrong thing to say of the other province.
    assert none["province_code"] == "47"
    assert none["further_mw"] is None
    assert none["branches"] == []


def test_the_record_tells_snapshots_and_flow_limits(run_tables: RunTables) -> None:
    record = recorded(run_tables)
    assert record["security"] == "none"
    assert "synthetic" in record["model"]
    assert [row["title_ko"] for row in record["snapshots"]] == ["계통 최대수요", "봄철 한낮"]
    (flow,) = record["flow_limits"]
    assert (flow["snapshot_id"], flow["slack_mw"], flow["further_branches"]) == ("peak", 20.0, 2)
    assert flow["mw_per_mw"] == {"1": 1.0, "2": 0.5, "3": 0.1}
    assert flow["branches_en"][1].startswith("Andong–Damyang 345\u00a0kV, circuit 2 with Damyang")
    assert portfolio(run_tables)["grid"] == record


def test_without_flow_limits_nothing_is_said_of_the_plan(run_tables: RunTables) -> None:
    plan = replace(run_tables.plan, grid_account=None, grid_further=None, flow_prices=None)  # type: ignore[type-var]
    off = replace(run_tables, plan=plan)
    assert grid_record(off) is None
    payload = grid_payload(off)
    assert payload is not None
    assert (payload["account"], payload["further"], payload["flows"]) == (None, [], [])
    assert payload["hosting"] is not None


def test_a_run_without_a_case_has_no_grid(make_run: Callable[..., RunTables]) -> None:
    tables = make_run()
    del tables.layers.vectors["case_buses"]  # type: ignore[attr-defined]
    assert grid_payload(tables) is None
    assert grid_record(tables) is None


@pytest.mark.parametrize(
    ("replaced", "shown"),
    [((), True), (("case_branches",), False), (("case_branches", "hosting"), True)],
)
def test_hosting_of_the_embedded_case_is_not_shown_on_another(
    make_run: Callable[..., RunTables], replaced: tuple[str, ...], *, shown: bool
) -> None:
    tables = make_run()
    (source,) = tables.layers.used
    tables.layers.used.extend(replace(source, id=name, replaced=True) for name in replaced)  # type: ignore[attr-defined]
    payload = grid_payload(tables)
    assert payload is not None
    assert (payload["hosting"] is not None) is shown
    assert payload["own"] is bool(replaced)


def test_counts_and_points_have_no_false_digits(run_tables: RunTables) -> None:
    table = ranking_table(run_tables).set_index("site_id")
    assert table.loc["S0009", ["works", "relief_mw"]].tolist() == ["banks1", 50.0]
    # there are nine years until 2035: a line that takes five, or nine and a half, may be too late
    assert table["lead_time_tight"].dropna().all()
    assert str(table["impact_applies"].dtype) == "boolean"
    assert table["impact_applies"].isna().sum() == 1
    assert table.loc["S0000", "impact_dispersion_points"] == -2.25
    assert list(table.columns).index("bus_id") < list(table.columns).index("cost_bn_krw")
