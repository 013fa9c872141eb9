"""The summary: shares beside chance, reasons, and what becomes of each campus."""

import pytest

from siteopt.backtesting.backtest import compare_list
from siteopt.backtesting.summary import campus_lines, criterion_title, summary

from .conftest import ROWS


@pytest.fixture
def found(listed, country):
    return compare_list(listed(ROWS), country, reach_km=3.0)


def test_counts_are_told_with_interval_and_chance(found):
    lines = summary(found).splitlines()
    assert lines[0] == (
        "Plausibility check of made-up with sites.csv: 8 rows, 7 campuses, 1 of them in the capital "
        "region and counted apart."
    )
    assert lines[1] == (
        "On eligible land: 5 of 6 campuses, 83 % (95 % interval 36 to 100 %), chance 94 %: not told "
        "apart from chance."
    )
    assert "Not eligible by: National park 1." in lines
    assert any(line.startswith("Half of the campuses are within") for line in lines)


def test_each_campus_has_two_lines(found):
    lines = campus_lines(found).splitlines()
    assert len(lines) == 2 * len(found.campuses)
    told = {
        head.split(" (")[0]: (head, body)
        for head, body in zip(lines[::2], lines[1::2], strict=True)
    }
    assert told["In town"][1].strip() == "in the capital region, counted apart"
    assert told["Delta"][0].endswith("not eligible: National park")
    assert "no candidate within reach" in told["Far east"][1]
    assert "its tile): percentile of cost" in told["Beta"][1]


def test_a_list_of_the_capital_alone_has_nothing_to_count(listed, country):
    told = summary(compare_list(listed([ROWS[6]]), country))
    assert "On eligible land: no campus to count." in told
    assert "nan" not in told


def test_every_criterion_has_a_title():
    assert criterion_title("people") == "Neighbours"
    assert criterion_title("cost") == "Cost a MW"
