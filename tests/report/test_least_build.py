"""The smallest build of a site: the scenario's, of a campus its own, of an early run none."""

import pytest

from siteopt.report._least_build import least_build_mw


@pytest.mark.parametrize(
    ("row", "plan", "least"),
    [
        ({}, {"it_min_mw": 40.0}, 40),
        ({"it_min_mw": None}, {"it_min_mw": 40.0}, 40),
        ({"it_min_mw": 1000.0}, {"it_min_mw": 40.0}, 1000),
        ({}, {}, None),
    ],
)
def test_a_campus_has_its_own(row, plan, least):
    assert least_build_mw(row, plan) == least
