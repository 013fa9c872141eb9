"""Files of a back-test: the same bytes each time, readable, and called what they are."""

import json

import geopandas as gpd
import pandas as pd
import pytest

from siteopt.backtesting.backtest import compare_list
from siteopt.backtesting.page import FILES, geojson, page, write_backtest
from siteopt.errors import LayerFileError

from .conftest import ROWS


@pytest.fixture
def found(listed, country):
    return compare_list(listed(ROWS), country, by_criterion=True, since="2019")


def test_the_same_list_gives_the_same_bytes(found, tmp_path):
    for name in ("one", "two"):
        assert write_backtest(found, tmp_path / name) == [tmp_path / name / file for file in FILES]
    for file in FILES:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_page_calls_itself_a_plausibility_check(found):
    told = page(found)
    assert told.startswith("# Plausibility check: sites.csv beside made-up\n")
    assert "validat" not in told.lower()
    assert "Do not tune weights on this table." in told
    assert "National park" in told
    assert "nan" not in told
    for name in found.campuses["name"]:
        assert told.count(f"| {name} |") == 1
    apart = told.split("counted apart\n\n")[1]
    assert "| In town | colo | 2010 | Capital-gu, Capital |" in apart


def test_without_criteria_and_capital_the_page_has_no_such_part(listed, country):
    told = page(compare_list(listed(ROWS[:3]), country))
    assert "## Criterion by criterion" not in told
    assert "## In the capital region" not in told


def test_the_table_is_read_again(found, tmp_path):
    write_backtest(found, tmp_path)
    stored = pd.read_csv(tmp_path / "backtest.csv", encoding="utf-8-sig")
    assert stored["name"].tolist() == [row[0] for row in ROWS]
    assert stored["suitability_percentile"].to_numpy() == pytest.approx(
        found.rows["suitability_percentile"].to_numpy(), rel=1e-5, nan_ok=True
    )


def test_points_stand_where_the_list_says(found, tmp_path):
    write_backtest(found, tmp_path)
    points = gpd.read_file(tmp_path / "backtest.geojson")
    assert points.crs == "EPSG:4326"
    assert points.geometry.x.to_numpy() == pytest.approx(found.rows["lon"].to_numpy())
    features = json.loads(geojson(found))["features"]
    town = next(one for one in features if one["properties"]["name"] == "In town")
    assert town["properties"]["suitability"] is None
    assert town["properties"]["in_capital"] is True


def test_names_of_a_stranger_are_no_markup(listed, country):
    told = page(compare_list(listed([("<b>|x", 9, 5, "a_b", "")]), country))
    assert "&#60;b&#62;\\|x" in told
    assert "<b>" not in told


def test_a_folder_that_cannot_be_is_named(found, tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(LayerFileError, match=r"cannot be written to .*give another folder"):
        write_backtest(found, file)
