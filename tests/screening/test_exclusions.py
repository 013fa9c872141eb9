"""Every kind of exclusion together: by its definition, without seams, on any number of threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import label

from siteopt.errors import LayerError, ScenarioError
from siteopt.lattice import Lattice
from siteopt.layers.rasters import Raster
from siteopt.screening import Eligibility, screen
from siteopt.screening.exclusions import (
    applied_exclusions,
    cell_figure,
    check_screening,
    judge_grid,
    prepare_rules,
)
from siteopt.screening.width import narrow_cells
from tests.examples import examples
from tests.screening.made_country import EVERY_KIND, X, Y, country, rule, screening

if TYPE_CHECKING:
    from siteopt.scenario import Exclusion


def same(found: Eligibility, expected: Eligibility, what: str) -> None:
    np.testing.assert_array_equal(found.reasons, expected.reasons, err_msg=what)
    np.testing.assert_array_equal(found.land, expected.land, err_msg=what)
    assert found.unknown_cells == expected.unknown_cells, what


@examples(12)
@given(st.integers(0, 2**32 - 1), st.permutations(EVERY_KIND), st.integers(2, len(EVERY_KIND)))
def test_no_kind_has_seams(
    memory_layers: Any, seed: int, order: list[dict[str, Any]], used: int
) -> None:
    layers = country(memory_layers(), seed, 6_000.0)
    rules = prepare_rules(layers, screening(*order[:used]))
    expected = judge_grid(rules, workers=1, side=10_000)
    for side, workers in ((5, 2), (16, 1), (33, 2)):
        same(judge_grid(rules, workers=workers, side=side), expected, f"windows of {side} cells")


@pytest.mark.parametrize("seed", [1, 2])
def test_large_windows_of_every_kind_agree_with_the_whole(memory_layers: Any, seed: int) -> None:
    layers = country(memory_layers(), seed, 33_000.0)
    # what is wider than 800 m has an area of 50 ha at least
    larger = [
        one | {"area_ha": 10 * one["area_ha"]} if "area_ha" in one else one for one in EVERY_KIND
    ]
    rules = prepare_rules(layers, screening(*larger, cell_m=30.0))
    expected = judge_grid(rules, workers=1, side=10_000)
    taken = [np.count_nonzero((expected.reasons >> np.uint32(bit)) & 1) for bit in range(15)]
    assert min(taken) > 0
    assert expected.eligible.any()
    for side, workers in ((64, 2), (256, 2), (256, 1), (1_000, 2)):
        same(judge_grid(rules, workers=workers, side=side), expected, f"windows of {side} cells")


@examples(10)
@given(st.integers(0, 2**32 - 1), st.permutations(EVERY_KIND))
def test_width_and_area_judge_what_the_others_leave(
    memory_layers: Any, seed: int, order: list[dict[str, Any]]
) -> None:
    layers = country(memory_layers(), seed, 6_000.0)
    found = screen(layers, screening(*order))
    of_land = screen(
        layers, screening(*(one for one in order if not one["kind"].startswith("min")))
    )
    bit = {name: np.uint32(1 << place) for place, name in enumerate(found.reason_ids)}
    shapes = sum(bit[one] for one in ("wide", "wider", "large", "joined"))
    np.testing.assert_array_equal(of_land.eligible, found.land & ((found.reasons & ~shapes) == 0))
    left = of_land.eligible.copy()
    for name, width_m in (("wide", 350.0), ("wider", 800.0)):
        (narrow,) = narrow_cells(of_land.eligible, 100.0, [width_m])
        np.testing.assert_array_equal((found.reasons & bit[name]) != 0, narrow)
        left &= ~narrow
    for name, most, near in (("large", 30, None), ("joined", 60, np.ones((3, 3)))):
        labels, _ = label(left, near)
        small = left & (np.bincount(labels.ravel())[labels] < most)  # a cell is one hectare
        np.testing.assert_array_equal((found.reasons & bit[name]) != 0, small)


def island(layers: Any) -> Any:
    """Return a square of 4 km with a river that cuts off its eastern 600 m."""
    layers.add("provinces", [shapely.box(X, Y - 4_000, X + 4_000, Y)])
    layers.add("rivers", [shapely.LineString([(X + 3_350, Y + 10), (X + 3_350, Y - 4_010)])])
    return layers


SEA = rule("outside", "sea", layer="provinces")
RIVER = rule("near", "rivers", layer="rivers", buffer_m=40)


def test_areas_of_width_and_patches_are_reported_like_those_of_others(memory_layers: Any) -> None:
    layers = island(memory_layers())
    patches = rule("min_area", "large", area_ha=250)
    found = screen(layers, screening(SEA, patches, RIVER))
    report = found.report().set_index("reason")
    # 6 of 40 columns lie east of the river: 2.4 km2
    assert report["area_km2"].to_dict() == {"sea": 0.0, "large": 2.4, "rivers": 0.4}
    assert report["only_km2"].to_dict() == {"sea": 0.0, "large": 2.4, "rivers": 0.4}
    assert found.nearly_eligible.sum() == 280
    assert found.eligible_km2 == 16.0 - 2.8
    assert found.overlap().loc["large", "rivers"] == 0.0
    assert found.why(X + 3_750.0, Y - 2_000.0) == ["large"]
    kept = screen(layers, screening(SEA, rule("min_area", "large", area_ha=240), RIVER))
    assert kept.report()["area_km2"].to_list() == [0.0, 0.0, 0.4]
    narrow = screen(layers, screening(SEA, rule("min_width", "wide", width_m=700), RIVER, patches))
    assert narrow.why(X + 3_750.0, Y - 2_000.0) == ["wide"]
    assert narrow.report()["area_km2"].to_list()[1] >= 2.4


def test_kinds_without_a_layer_are_checked_and_have_no_figure(memory_layers: Any) -> None:
    layers = island(memory_layers())
    rules = screening(SEA, rule("min_width", "wide", width_m=700), rule("min_area", "a", area_ha=9))
    check_screening(layers, rules)
    assert [one.id for one in applied_exclusions(layers, rules)] == ["sea", "wide", "a"]
    cell = Lattice(X, Y, 100.0, 1, 1)
    assert [cell_figure(one, layers, cell) for one in rules.exclusions] == [None, None, None]
    many = [rule("min_width", f"w{n}", width_m=300 + n) for n in range(31)]
    with pytest.raises(ScenarioError, match="32 exclusions apply, but a cell keeps 31"):
        applied_exclusions(layers, screening(SEA, *many))


def test_new_kinds_name_the_exclusion_whose_layer_is_not_there(memory_layers: Any) -> None:
    layers = island(memory_layers())
    band = rule("distance_band", "ring", layer="nowhere", from_m=1, to_m=2)
    with pytest.raises(LayerError, match=r"exclusions: ring: no layer nowhere"):
        check_screening(layers, screening(SEA, band))
    waiting = rule("in_classes", "cover", layer="cover", classes=[1], optional=True)
    assert screen(layers, screening(SEA, waiting)).reason_ids == ["sea"]


def figure(layers: Any, one: dict[str, Any], cell: Lattice) -> float | None:
    exclusion: Exclusion = screening(one).exclusions[0]
    return cell_figure(exclusion, layers, cell)


def test_figures_at_a_cell(memory_layers: Any) -> None:
    layers = island(memory_layers())
    layers.rasters["cover"] = Raster(
        np.array([[30, 255]], dtype=np.uint8), Lattice(X, Y, 100.0, 1, 2), 255, "cover"
    )
    first, second = Lattice(X, Y, 100.0, 1, 1), Lattice(X + 100.0, Y, 100.0, 1, 1)
    ring = rule("distance_band", "ring", layer="rivers", from_m=1, to_m=2)
    assert figure(layers, ring, first) == pytest.approx(3_300.0)
    for kind in ("in_classes", "not_in_classes"):
        one = rule(kind, "cover", layer="cover", classes=[30])
        assert figure(layers, one, first) == 30.0
        assert np.isnan(figure(layers, one, second) or 0.0)
    spread = rule("within_range", "cover", layer="cover", low=1, high=2)
    assert figure(layers, spread, first) == 30.0
