"""Campuses grown from neighbouring sites: against a search by hand, and what they leave alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import InfeasibleError
from siteopt.scenario import Build, Campus, Candidates
from siteopt.sites.campuses import CAMPUS_COLUMNS, find_campuses, with_campuses
from siteopt.sites.tiles import SITE_COLUMNS
from tests.examples import examples

if TYPE_CHECKING:
    from collections.abc import Sequence


def parts_of(places: Sequence[tuple[float, float, float]]) -> gpd.GeoDataFrame:
    """Return sites at x and y in km that hold so many MW; slope and height are their number."""
    table = {
        "site_id": [f"S{at}" for at in range(len(places))],
        "x_m": [1000.0 * x for x, _, _ in places],
        "y_m": [1000.0 * y for _, y, _ in places],
        "name_ko": [f"영광군 S{at}" for at in range(len(places))],
        "name_en": [f"Yeonggwang-gun S{at}" for at in range(len(places))],
        "it_max_mw": [mw for _, _, mw in places],
        "eligible_ha": [mw * 0.12 for _, _, mw in places],
        "slope_mean_deg": [float(at) for at in range(len(places))],
        "elevation_m": [float(at) for at in range(len(places))],
        "geometry": [shapely.Point(1000 * x, 1000 * y) for x, y, _ in places],
    }
    fixed = {
        "lon": 127.0, "lat": 36.0, "province_code": "46", "district_code": "46870", "kind": "tile",
        "complex_id": "", "area_rule": "tile", "area_confidence": "model",
    }  # fmt: skip
    frame = gpd.GeoDataFrame(table, crs=5179).assign(**fixed)
    return frame[list(SITE_COLUMNS)]


def campus_of(**settings: object) -> Campus:
    asked = {"it_min_mw": 1000.0, "it_max_mw": 3000.0, "reach_km": 5.0, "parts_max": 9} | settings
    return Campus.model_validate(asked)


def asked_for(campus: Campus | None) -> SimpleNamespace:
    """Return the parts of a scenario that campuses read."""
    return SimpleNamespace(candidates=Candidates(campus=campus), build=Build())


def test_a_campus_takes_its_nearest_neighbours_until_it_is_full() -> None:
    # From S0: 1000 MW here, 800 MW at 2 km, 1000 MW at 4 km; S3 is out of reach.
    parts = parts_of([(0, 0, 1000), (2, 0, 800), (0, 4, 1000), (0, 9, 1000)])
    found = find_campuses(parts, campus_of(it_max_mw=2500), 20.0).set_index("site_id")
    row = found.loc["campus-S0"]
    assert row["campus_parts"] == "S0;S1;S2"
    assert row["campus_part_sizes"] == "1000;800;700"
    assert row["campus_lon_lat"] == ";".join(["127.000000 36.000000"] * 3)
    assert row["it_max_mw"] == 2500
    assert row["campus_mean_km"] == pytest.approx((2 * 800 + 4 * 700) / 2500)
    assert row["slope_mean_deg"] == pytest.approx((1 * 800 + 2 * 700) / 2500)
    assert row["eligible_ha"] == pytest.approx(2800 * 0.12)
    assert (row["name_ko"], row["name_en"]) == ("영광군 캠퍼스 S0", "Yeonggwang-gun campus S0")


def test_of_campuses_of_the_same_parts_the_most_compact_is_kept() -> None:
    # S1 lies between its neighbours, so that power is nearest to it.
    parts = parts_of([(0, 0, 500), (1, 0, 500), (2, 0, 500)])
    found = find_campuses(parts, campus_of(), 20.0)
    assert found["site_id"].tolist() == ["campus-S1"]


def test_what_is_too_small_is_no_campus() -> None:
    parts = parts_of([(0, 0, 480), (1, 0, 500)])
    assert find_campuses(parts, campus_of(), 20.0).empty
    assert len(find_campuses(parts, campus_of(it_min_mw=980), 20.0)) == 1
    assert find_campuses(parts_of([]), campus_of(), 20.0).empty


def test_equal_distances_are_settled_by_id() -> None:
    parts = parts_of([(0, 0, 600), (0, 1, 600), (1, 0, 600)])
    found = find_campuses(parts, campus_of(parts_max=2), 20.0).set_index("site_id")
    assert found.loc["campus-S0", "campus_parts"] == "S0;S1"


@given(
    places=st.lists(
        st.tuples(
            st.integers(0, 12), st.integers(0, 12), st.sampled_from([40.0, 200.0, 400.0, 1000.0])
        ),
        min_size=1, max_size=12, unique_by=lambda one: one[:2],
    ),
    parts_max=st.integers(1, 5),
)  # fmt: skip
@examples(60)
def test_every_seed_grows_as_a_search_by_hand(
    places: list[tuple[int, int, float]], parts_max: int
) -> None:
    campus = campus_of(parts_max=parts_max, it_min_mw=600, it_max_mw=1500)
    found = find_campuses(parts_of(places), campus, 20.0)
    wanted = {}
    for x, y, _ in places:
        near = sorted(
            (round(float(np.hypot(a - x, b - y)), 6), f"S{at}", mw)
            for at, (a, b, mw) in enumerate(places)
            if np.hypot(a - x, b - y) <= 5
        )
        left, members = 1500.0, set()
        for _, name, mw in near[:parts_max]:
            if left > 0:
                members.add(name)
                left -= mw
        if 1500 - max(left, 0.0) >= 600:
            wanted[frozenset(members)] = min(1500.0, 1500.0 - left)
    sizes = {
        frozenset(names.split(";")): mw
        for names, mw in zip(found["campus_parts"], found["it_max_mw"], strict=True)
    }
    assert sizes == wanted
    assert not found["site_id"].duplicated().any()
    assert found["site_id"].is_monotonic_increasing


def test_the_order_of_parts_does_not_matter() -> None:
    parts = parts_of([(0, 0, 800), (2, 0, 1000), (0, 4, 1000), (3, 3, 400)])
    one = find_campuses(parts, campus_of(), 20.0)
    other = find_campuses(parts.iloc[::-1].reset_index(drop=True), campus_of(), 20.0)
    assert one.drop(columns="geometry").equals(other.drop(columns="geometry"))


def test_campuses_stand_beside_their_parts_or_alone() -> None:
    parts = parts_of([(0, 0, 600), (1, 0, 600)])
    both = with_campuses(parts, asked_for(campus_of()))
    assert both["site_id"].tolist() == ["S0", "S1", "campus-S0"]
    assert both["it_min_mw"].tolist() == [40, 40, 1000]
    assert both["campus_mean_km"].tolist() == [0, 0, 0.5]
    assert set(CAMPUS_COLUMNS) <= set(both.columns)
    alone = with_campuses(parts, asked_for(campus_of(only=True)))
    assert alone["kind"].tolist() == ["campus"]
    assert with_campuses(parts, asked_for(None)) is parts


def test_no_campus_at_all_is_an_error_that_says_what_would_be_right() -> None:
    parts = parts_of([(0, 0, 600)])
    with pytest.raises(InfeasibleError, match=r"no campus: nowhere .* hold 1000 MW .* more reach"):
        with_campuses(parts, asked_for(campus_of(only=True)))
