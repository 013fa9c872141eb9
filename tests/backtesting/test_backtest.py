"""The whole back-test: campuses counted once, order of no meaning, periods, and faults."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import siteopt
from siteopt.backtesting.backtest import backtest, compare_list
from siteopt.backtesting.site_list import SiteList, read_site_list
from siteopt.errors import LayerError, LayerFileError, ScenarioError

from .conftest import ROWS, made_up_land, written

SETTINGS = {"by_criterion": True, "since": "2019"}
OF_ROWS = ["row", "rows"]


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    return read_site_list(written(tmp_path_factory.mktemp("list"), ROWS))


@pytest.fixture(scope="module")
def found(sites):
    return compare_list(sites, made_up_land(), **SETTINGS)


def taken(sites, places):
    """Return a list of the rows at some places, numbered as their file would."""
    table = sites.table.iloc[places].reset_index(drop=True)
    return SiteList(sites.file, table.assign(row=range(2, len(table) + 2)), [])


def test_two_rows_of_one_place_are_one_campus(found):
    assert len(found.rows) == 8
    assert found.campuses["rows"].tolist().count("2;3") == 1
    assert len(found.campuses) == 7
    assert found.rows["campus"].iloc[0] == found.rows["campus"].iloc[1]
    assert found.apart["name"].tolist() == ["In town"]
    assert repr(found) == "Backtest(sites.csv beside made-up: 6 campuses counted, 1 apart)"


def test_the_earliest_row_stands_for_a_campus(found):
    assert found.campuses.set_index("rows").loc["2;3", "name"] == "Alpha 1"


@settings(max_examples=12)
@given(order=st.permutations(range(len(ROWS))), again=st.lists(st.integers(0, 7), max_size=4))
def test_neither_order_nor_repeated_rows_change_anything(sites, found, order, again):
    other = compare_list(taken(sites, [*order, *again]), made_up_land(), **SETTINGS)
    pd.testing.assert_frame_equal(
        other.campuses.drop(columns="rows"), found.campuses.drop(columns="rows")
    )
    pd.testing.assert_frame_equal(other.shares, found.shares)
    pd.testing.assert_frame_equal(other.criteria, found.criteria)


def test_figures_of_a_row_are_those_of_its_candidate(found, land):
    known = land.sites.set_index("site_id")
    judged = found.rows[found.rows["candidate"] != ""]
    assert len(judged) == 7
    for row in judged.to_dict("records"):
        assert row["suitability"] == known.loc[row["candidate"], "suitability"]
        better = known["suitability"] < row["suitability"]
        equal = known["suitability"] == row["suitability"]
        ha = known["judged_ha"]
        wanted = 100 * (ha[better].sum() + ha[equal].sum() / 2) / ha.sum()
        assert row["suitability_percentile"] == pytest.approx(wanted)
        own = known["province_code"] == known.loc[row["candidate"], "province_code"]
        wanted = 100 * (ha[better & own].sum() + ha[equal & own].sum() / 2) / ha[own].sum()
        assert row["suitability_percentile_province"] == pytest.approx(wanted)
        dearer = known["bn_krw_per_mw"].fillna(1e9) > row["bn_krw_per_mw"]
        wanted = 100 * (ha[dearer].sum() + ha[known.index == row["candidate"]].sum() / 2) / ha.sum()
        if not pd.isna(row["bn_krw_per_mw"]):
            assert row["cost_percentile"] == pytest.approx(wanted)


def test_a_candidate_without_connection_is_the_dearest(found, land):
    row = found.rows.set_index("name").loc["Epsilon"]
    assert pd.isna(row["bn_krw_per_mw"])
    ha = land.sites.set_index("site_id")["judged_ha"]
    assert row["cost_percentile"] == pytest.approx(50 * ha[row["candidate"]] / ha.sum())


def test_a_larger_campus_distance_joins_more(sites):
    whole = compare_list(sites, made_up_land(), campus_km=60.0)
    assert len(whole.campuses) == 1
    assert compare_list(sites, made_up_land(), campus_km=0.0).rows["campus"].nunique() == 7


def test_rows_without_a_date_are_in_neither_period(found):
    assert found.rows["period"].tolist() == [
        "before", "before", "since", "", "since", "since", "before", "since",
    ]  # fmt: skip
    assert any("rows 5 have no date" in note for note in found.notes)


def test_a_year_may_be_on_either_side(sites):
    other = compare_list(sites, made_up_land(), since="2021-06-01")
    assert any("rows 5, 6 have no date, or one" in note for note in other.notes)


def test_half_of_the_land_is_that_far_from_the_plan(found, land):
    assert 0 < found.chosen_median_km < 40
    without = compare_list(
        SiteList("a.csv", found.rows.iloc[:1, :6], []),
        type(land)(**{**vars(land), "chosen": None}),
    )
    assert without.chosen_median_km is None
    assert without.criteria is None


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"campus_km": -1.0}, ScenarioError, "campus_km: -1 km; from 0 to 1000 km can be"),
        ({"reach_km": float("nan")}, ScenarioError, "reach_km: nan km"),
        ({"reach_km": 5000.0}, ScenarioError, "reach_km: 5000 km"),
        ({"since": "last year"}, ScenarioError, "since: 'last year' is no ISO date"),
        ({"scenario": "a", "run": "b"}, ScenarioError, "both a scenario and a run are given"),
        ({"run": "no/such/run"}, LayerFileError, "no finished run"),
        ({"scenario": "no-such-scenario"}, (ScenarioError, LayerFileError), "no-such-scenario"),
    ],
)
def test_options_that_cannot_be_are_named(tmp_path, options, error, told):
    file = written(tmp_path, ROWS)
    with pytest.raises(error, match=told):
        backtest(file, options.pop("scenario", None), **options)


def test_the_list_is_read_before_anything_is_computed(tmp_path):
    with pytest.raises(LayerError, match="no rows below"):
        siteopt.backtest(written(tmp_path, []), "no-such-scenario")
