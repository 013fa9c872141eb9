from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError, ScenarioError
from siteopt.lattice import Lattice
from siteopt.layers.rasters import Raster
from siteopt.scenario import Screening
from siteopt.screening import Eligibility, screen
from siteopt.screening.eligibility import reason_type
from siteopt.screening.exclusions import applied_exclusions, check_screening
from siteopt.screening.replacement import rule_use
from tests.examples import examples

X, Y = 1_000_000.0, 1_900_000.0
SIDE = 20_000.0


def rule(kind: str, layer: str, name: str | None = None, **more: Any) -> dict[str, Any]:
    title = {"ko": f"{name or layer} 사유", "en": f"{name or layer} reason"}
    return {"id": name or layer, "title": title, "kind": kind, "layer": layer, **more}


def screening(*rules: dict[str, Any], cell_m: float = 250.0) -> Screening:
    return Screening.model_validate({"cell_m": cell_m, "exclusions": list(rules)})


SEA = rule("outside", "provinces", "sea")


def two_provinces(layers: Any) -> Any:
    """Two provinces side by side, 10 km wide each, a river between, a hill in the south-east."""
    layers.add(
        "provinces",
        [
            shapely.box(X, Y - SIDE, X + SIDE / 2, Y),
            shapely.box(X + SIDE / 2, Y - SIDE, X + SIDE, Y),
        ],
        province_code=["41", "46"],
        name_ko=["경기도", "전라남도"],
        name_en=["Gyeonggi", "Jeonnam"],
        capital_region=[True, False],
        weight=[1.0, 2.0],
    )
    layers.add("rivers", [shapely.LineString([(X + SIDE / 2, Y), (X + SIDE / 2, Y - SIDE)])])
    layers.add("stations", [shapely.Point(X + SIDE / 2, Y - SIDE / 2)], kv=[345.0])
    lattice = Lattice(X, Y, 250.0, 80, 80)
    slope = np.zeros(lattice.shape, dtype=np.float32)
    slope[60:, 60:] = 20.0
    slope[0, :] = np.nan
    layers.rasters["slope"] = Raster(slope, lattice, float("nan"), "slope")
    return layers


@pytest.fixture
def korea(memory_layers: Any) -> Any:
    return two_provinces(memory_layers())


@pytest.fixture(scope="module")
def korea_layers(memory_layers: Any) -> Any:
    return two_provinces(memory_layers())


def test_every_cell_keeps_all_its_reasons(korea: Any) -> None:
    found = screen(
        korea,
        screening(
            SEA,
            rule("near", "provinces", "capital", where={"capital_region": True}),
            rule("near", "rivers", buffer_m=1_000.0),
            rule("above", "slope", threshold=8.5),
            rule("far", "stations", distance_m=10_000.0),
        ),
    )
    assert found.lattice == Lattice(X, Y, 250.0, 80, 80)
    assert found.reasons.dtype == reason_type(len(found.exclusions)) == np.uint8
    assert found.why(X + 8_100.0, Y - 10_000.0) == ["capital"]
    assert found.why(X + 9_500.0, Y - 10_100.0) == ["capital", "rivers"]
    assert found.why(X + 10_500.0, Y - 10_100.0) == ["rivers"]
    assert found.why(X + 15_000.0, Y - 10_100.0) == []
    assert found.why(X + 19_000.0, Y - 19_000.0) == ["slope", "stations"]
    assert found.why(X + 100.0, Y - 100.0) == ["capital", "slope", "stations"]
    with pytest.raises(ScenarioError, match="outside the screened frame"):
        found.why(X - 1.0, Y)
    with pytest.raises(ValueError, match="read-only"):
        found.reasons[0, 0] = 1


def test_the_report_counts_land_once_for_each_reason_and_alone(korea: Any) -> None:
    found = screen(
        korea,
        screening(
            SEA,
            rule("near", "provinces", "capital", where={"province_code": ["41"]}),
            rule("near", "rivers", buffer_m=1_000.0),
            rule("above", "slope", threshold=8.5),
        ),
    )
    report = found.report().set_index("reason")
    assert found.land_km2 == 400.0
    # The top row of slope has no value: 80 cells of 0.0625 km2 beside the 5 x 5 km hill.
    assert report["area_km2"].to_dict() == {
        "sea": 0.0, "capital": 200.0, "rivers": 40.0, "slope": 30.0,
    }  # fmt: skip
    assert report.loc["slope", "unknown_km2"] == 5.0
    assert report.loc["rivers", "unknown_km2"] == 0.0
    # The river's eastern half counts alone but for the top row; capital overlaps it in the west.
    assert report["only_km2"].to_dict() == {
        "sea": 0.0, "capital": 178.0 + 0.25 - 0.5, "rivers": 19.75, "slope": 27.25,
    }  # fmt: skip
    assert report.loc["capital", "land_pct"] == 50.0
    assert report.loc["capital", "title_ko"] == "capital 사유"
    overlap = found.overlap()
    assert overlap.loc["capital", "rivers"] == 20.0
    assert overlap.loc["rivers", "slope"] == 0.5
    assert overlap.loc["capital", "capital"] == 200.0
    by_province = found.by_province(korea.vector("provinces")).set_index("province_code")
    assert by_province["eligible_km2"].to_dict() == {"41": 0.0, "46": found.eligible_km2}
    assert by_province["land_km2"].sum() == found.land_km2


def test_the_sea_and_a_strip_inside_the_coast(korea: Any) -> None:
    coast = screen(korea, screening({**SEA, "buffer_m": 1_000.0}))
    assert coast.land_km2 == 400.0
    assert coast.eligible_km2 == 18.0 * 18.0
    assert coast.report()["area_km2"].to_list() == [400.0 - 18.0**2]
    korea.add("area", [shapely.Point(X + 5_000, Y - 5_000).buffer(3_000)])
    disc = screen(korea, screening(rule("outside", "area")))
    assert disc.land_km2 == pytest.approx(np.pi * 9, rel=0.02)
    assert disc.lattice.bounds_m == (X + 2_000, Y - 8_000, X + 8_000, Y - 2_000)


def test_without_a_rule_for_the_sea_the_provinces_are_the_land(korea: Any) -> None:
    korea.add("provinces", [shapely.Point(X, Y).buffer(5_000.0)])
    found = screen(korea, screening(rule("near", "rivers", buffer_m=0)))
    assert not found.reasons.any()
    assert found.eligible_km2 == found.land_km2 == pytest.approx(np.pi * 25, rel=0.01)


def test_below_and_a_buffer_that_starts_beyond_the_frame(korea: Any) -> None:
    lattice = Lattice(X - 1_000.0, Y + 1_000.0, 250.0, 88, 88)
    values = np.full(lattice.shape, 100, dtype=np.int16)
    values[:, 3] = 1  # one column of low land, its centre 125 m west of the frame
    values[10, 40] = -9999
    korea.rasters["elevation"] = Raster(values, lattice, -9999.0, "elevation")
    found = screen(korea, screening(SEA, rule("below", "elevation", threshold=5, buffer_m=500.0)))
    excluded = ~found.eligible
    assert excluded[:, :2].all()
    assert excluded.sum() == 2 * 80 + 1  # and the one cell without a value, without a buffer
    assert found.unknown_cells == (0, 1)


def test_a_raster_on_another_grid_is_read_at_the_centre_of_the_cell(korea: Any) -> None:
    coarse = Lattice(X, Y, 1_000.0, 10, 10)  # covers the north-western quarter only
    values = np.arange(100, dtype=np.uint8).reshape(10, 10)
    korea.rasters["coarse"] = Raster(values, coarse, None, "coarse")
    found = screen(korea, screening(SEA, rule("above", "coarse", threshold=49), cell_m=300.0))
    rows, cols = np.indices(found.lattice.shape)
    x, y = found.lattice.centres_m(rows, cols)
    at = korea.rasters["coarse"].sample(x, y)
    expected = (at > 49) | np.isnan(at)
    np.testing.assert_array_equal((found.reasons >> 1) & 1 == 1, expected)
    assert found.report().loc[1, "unknown_km2"] == pytest.approx(300.0, rel=0.02)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"where": {"colour": "red"}}, r"exclusions: capital: layer provinces has no column colour; it has province_code, name_ko, .*weight$"),
        ({"where": {"province_code": "99"}}, r"capital: no feature of layer provinces matches province_code = '99' \(there is '41', '46'\)"),
        ({"where": {"weight": "1.0"}}, r"matches weight = '1.0' \(there is 1.0, 2.0\)"),
        ({"where": {"capital_region": True, "province_code": "46"}}, r"matches capital_region = True .* and province_code = '46'"),
        ({"where": {"geometry": "x"}}, r"has no column geometry"),
    ],
)  # fmt: skip
def test_a_filter_that_means_nothing_is_named(korea: Any, bad: Any, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        screen(korea, screening(SEA, rule("near", "provinces", "capital", **bad)))


def test_a_filter_takes_any_of_a_list_and_numbers(korea: Any) -> None:
    for where in ({"weight": 2}, {"weight": [2.0, 7.0]}, {"capital_region": False}):
        found = screen(korea, screening(SEA, rule("near", "provinces", "one", where=where)))
        assert found.report().loc[1, "area_km2"] == 200.0


def test_a_layer_that_cannot_serve_is_named_with_its_exclusion(korea: Any) -> None:
    with pytest.raises(LayerError, match="exclusions: nowhere: no layer nowhere"):
        screen(korea, screening(SEA, rule("near", "nowhere")))
    with pytest.raises(ScenarioError, match="edge: layer rivers has no polygons"):
        screen(korea, screening(rule("outside", "rivers", "edge")))


def test_the_grid_does_not_move_with_the_extent(korea: Any) -> None:
    whole = screen(korea, screening(SEA, rule("near", "rivers", buffer_m=700.0)))
    part = shapely.box(X + 7_190.0, Y - 9_000.0, X + 12_345.0, Y - 3_333.0)
    korea.add("provinces", [part])
    less = screen(korea, screening(SEA, rule("near", "rivers", buffer_m=700.0)))
    top = round((whole.lattice.y_max_m - less.lattice.y_max_m) / 250.0)
    left = round((less.lattice.x_min_m - whole.lattice.x_min_m) / 250.0)
    same = whole.reasons[top : top + less.lattice.n_rows, left : left + less.lattice.n_cols]
    np.testing.assert_array_equal(less.reasons & 2, same & 2)


RULES = [
    SEA,
    rule("near", "provinces", "capital", where={"capital_region": True}),
    rule("near", "rivers", buffer_m=1_234.0),
    rule("above", "slope", threshold=8.5, buffer_m=600.0),
    rule("far", "stations", distance_m=8_000.0),
    rule("outside", "provinces", "coast", buffer_m=900.0),
]


@examples(25)
@given(st.permutations(RULES), st.integers(1, len(RULES)))
def test_more_exclusions_never_free_land_and_sums_agree(
    korea_layers: Any, order: list[Any], used: int
) -> None:
    found = screen(korea_layers, screening(*order[:used]))
    more = screen(korea_layers, screening(*order))
    assert not (more.eligible & ~found.eligible & found.land).any()
    report = more.report()
    excluded_km2 = more.land_km2 - more.eligible_km2
    assert report["area_km2"].max() <= excluded_km2 + 1e-9
    assert report["only_km2"].sum() <= excluded_km2 + 1e-9
    assert report["area_km2"].sum() >= excluded_km2 - 1e-9
    overlap = more.overlap()
    np.testing.assert_array_equal(overlap.to_numpy(), overlap.to_numpy().T)
    np.testing.assert_array_equal(np.diag(overlap), report["area_km2"])
    union = np.zeros(more.lattice.shape, dtype=bool)
    for bit, name in enumerate(more.reason_ids):
        cells = (more.reasons >> np.uint32(bit)) & 1 == 1
        union |= cells
        alone = screen(korea_layers, screening(SEA, order[bit])) if name != "sea" else None
        if alone is not None:
            np.testing.assert_array_equal(cells, (alone.reasons >> np.uint32(1)) & 1 == 1)
    np.testing.assert_array_equal(union, more.reasons != 0)


def test_many_reasons_are_counted_by_sorting_too(korea: Any) -> None:
    strips = [rule("near", "rivers", f"r{n}", buffer_m=300.0 * n) for n in range(1, 31)]
    many = screen(korea, screening(SEA, *strips))
    few = screen(korea, screening(SEA, *strips[:15]))
    assert len(many.exclusions) == 31
    assert many.report()["area_km2"].to_list()[:16] == few.report()["area_km2"].to_list()
    assert many.reasons.max() == 2**31 - 2
    assert isinstance(many, Eligibility)


def test_an_optional_exclusion_waits_for_its_layer(korea: Any) -> None:
    lakes = rule("near", "lakes", buffer_m=500.0, optional=True)
    rules = screening(SEA, lakes, rule("near", "rivers", buffer_m=1_000.0))
    check_screening(korea, rules)
    without = screen(korea, rules)
    assert without.reason_ids == ["sea", "rivers"]
    assert [one.id for one in rule_use(rules.exclusions, without.reason_ids).unknown] == ["lakes"]
    plain = screen(korea, screening(SEA, rule("near", "rivers", buffer_m=1_000.0)))
    assert np.array_equal(without.reasons, plain.reasons)
    korea.add("lakes", [shapely.Point(X + 15_000.0, Y - 10_000.0)])
    found = screen(korea, rules)
    assert found.reason_ids == ["sea", "lakes", "rivers"]
    assert found.why(X + 15_000.0, Y - 10_100.0) == ["lakes"]
    assert rule_use(rules.exclusions, found.reason_ids).unknown == ()
    needed = screening(SEA, lakes | {"optional": False, "layer": "moon"})
    with pytest.raises(LayerError, match="lakes: no layer moon"):
        screen(korea, needed)


def finer(kind: str, layer: str, name: str | None = None, **more: Any) -> dict[str, Any]:
    return rule(kind, layer, name, optional=True, **more)


ROUGH = rule("near", "rivers", "rough", buffer_m=1_000.0)


def test_a_finer_exclusion_judges_in_place_of_an_approximate_one(korea: Any) -> None:
    border = finer("near", "borders", replaces="rough")
    rules = screening(SEA, ROUGH, border)
    without = screen(korea, rules)
    assert without.reason_ids == ["sea", "rough"]
    np.testing.assert_array_equal(without.reasons, screen(korea, screening(SEA, ROUGH)).reasons)
    korea.add("borders", [shapely.box(X + 14_000, Y - 12_000, X + 16_000, Y - 10_000)])
    found = screen(korea, rules)
    assert found.reason_ids == ["sea", "borders"]
    assert found.why(X + 15_000.0, Y - 11_000.0) == ["borders"]
    assert found.why(X + 10_500.0, Y - 10_100.0) == []  # within the strip along the river
    assert found.report()["area_km2"].to_list() == [0.0, 4.0]
    use = rule_use(rules.exclusions, found.reason_ids)
    assert [(one.approximate.id, [f.id for f in one.finer]) for one in use.replaced] == [
        ("rough", ["borders"])
    ]
    check_screening(korea, rules)


def test_all_finer_exclusions_that_are_there_judge_together(korea: Any) -> None:
    rules = screening(
        SEA, ROUGH, finer("near", "east", replaces="rough"), finer("near", "west", replaces="rough"),
        finer("near", "north", replaces="rough"),
    )  # fmt: skip
    korea.add("east", [shapely.box(X + 14_000, Y - 12_000, X + 16_000, Y - 10_000)])
    korea.add("west", [shapely.box(X + 4_000, Y - 12_000, X + 6_000, Y - 10_000)])
    found = screen(korea, rules)
    assert found.reason_ids == ["sea", "east", "west"]
    use = rule_use(rules.exclusions, found.reason_ids)
    assert [one.id for one in use.approximate] == ["north"]
    assert use.unknown == ()


def test_a_layer_without_the_features_that_are_meant_replaces_nothing(korea: Any) -> None:
    parks = finer("near", "areas", where={"kind": "park"}, replaces="rough")
    korea.add("areas", [shapely.box(X, Y - 2_000, X + 2_000, Y)], kind=["reserve"])
    rules = screening(SEA, ROUGH, parks)
    assert screen(korea, rules).reason_ids == ["sea", "rough"]
    korea.add("areas", [shapely.box(X, Y - 2_000, X + 2_000, Y)], kind=["park"])
    assert screen(korea, rules).reason_ids == ["sea", "areas"]


def test_layers_that_cannot_serve_an_optional_exclusion_are_refused(korea: Any) -> None:
    korea.add("lines", [shapely.LineString([(X, Y), (X + 5_000, Y - 5_000)])])
    korea.add("nothing", [])
    for layer, fault in (
        ("lines", "layer lines has no polygons, so that a buffer_m of 0 takes no land"),
        ("nothing", "layer nothing is empty; fetch it again"),
    ):
        with pytest.raises((ScenarioError, LayerError), match=f"exclusions: mine: {fault}"):
            check_screening(korea, screening(SEA, finer("near", layer, "mine")))
    strip = screening(SEA, finer("near", "lines", "mine", buffer_m=100.0))
    assert screen(korea, strip).reason_ids == ["sea", "mine"]
    with pytest.raises(ScenarioError, match="mine: layer lines has no column kind"):
        check_screening(korea, screening(SEA, finer("near", "lines", "mine", where={"kind": "x"})))


def test_more_reasons_than_bits_are_refused_and_waiting_ones_do_not_count(korea: Any) -> None:
    strips = [rule("near", "rivers", f"r{n}", buffer_m=300.0 * n) for n in range(1, 31)]
    waiting = [finer("near", f"none{n}") for n in range(20)]
    assert len(applied_exclusions(korea, screening(SEA, *strips, *waiting))) == 31
    one_more = rule("near", "rivers", "last", buffer_m=10.0)
    with pytest.raises(
        ScenarioError, match=r"32 exclusions apply, but a cell keeps 31 .*take out 1"
    ):
        applied_exclusions(korea, screening(SEA, *strips, one_more))
