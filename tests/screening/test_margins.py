"""Margins of cells, held against `cell_figure`, shapely, and screening with other limits."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from siteopt.lattice import Lattice
from siteopt.layers.rasters import Raster
from siteopt.scenario import Screening
from siteopt.screening.exclusions import cell_figure, prepare_rules, screen
from siteopt.screening.limits import limit_of
from siteopt.screening.margin_counts import RELAXED_PCT, MarginCounts
from siteopt.screening.margins import ELIGIBLE, NOT_LAND_CODE, MeasuredRules, figures_by_bit
from siteopt.screening.reason_counts import ReasonCounts, count_codes
from siteopt.screening.windows import whole_window, windows_of

X, Y, SIDE_M, CELL_M = 1_000_000.0, 1_900_000.0, 3_200.0, 40.0

KEY = {"near": "buffer_m", "far": "distance_m", "outside": "buffer_m"}


def rule(name: str, kind: str, layer: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": {"ko": name, "en": name}, "kind": kind, "layer": layer, **more}


EXCLUSIONS = [
    rule("sea", "outside", "provinces", buffer_m=250.0),
    rule("rivers", "near", "rivers", buffer_m=300.0),
    rule("slope", "above", "slope", threshold=20.0),
    rule("cliffs", "above", "slope", threshold=30.0, buffer_m=170.0),
    rule("parks", "near", "parks"),
    rule("parks_around", "near", "parks", buffer_m=420.0),
    rule("stations", "far", "stations", distance_m=1_300.0),
    rule("cold", "below", "warmth", threshold=-2.0),
]
SCREENING = Screening.model_validate({"cell_m": CELL_M, "exclusions": EXCLUSIONS})


def random_layers(memory_layers: Any, seed: int) -> Any:
    draw = np.random.default_rng(seed)
    made = memory_layers()

    def places(count: int) -> Any:
        return draw.random((count, 2)) * SIDE_M * [1, -1] + [X, Y]

    made.add("provinces", [shapely.box(X, Y - SIDE_M, X + SIDE_M, Y).difference(
        shapely.Point(places(1)[0]).buffer(700.0))])  # fmt: skip
    made.add("rivers", [shapely.LineString(places(4)), shapely.LineString(places(2))])
    made.add("parks", [shapely.Point(at).buffer(draw.uniform(60, 400)) for at in places(2)])
    made.add("stations", [shapely.Point(at) for at in places(2)])
    frame = Lattice(X - 80.0, Y + 80.0, 80.0, 38, 41)
    slope = draw.gamma(2.0, 5.0, frame.shape).astype(np.float32)
    slope[draw.random(frame.shape) < 0.02] = np.nan
    made.rasters["slope"] = Raster(slope, frame, float("nan"), "slope")
    warmth = draw.integers(-4, 12, frame.shape).astype(np.int16)
    made.rasters["warmth"] = Raster(warmth, frame, 11, "warmth")
    return made


def measured(layers: Any, screening: Screening, **asked: bool) -> Any:
    rules = MeasuredRules.of(prepare_rules(layers, screening), **asked)
    return rules.judge(whole_window(rules.lattice))


def one_cell(lattice: Lattice, row: int, col: int) -> Lattice:
    return lattice.part(slice(row, row + 1), slice(col, col + 1))


def expected_margin(exclusion: Any, layers: Any, lattice: Lattice, row: int, col: int) -> float:
    """Margin of one cell by `cell_figure` and shapely alone; NaN without a figure."""
    limit = limit_of(exclusion)
    if limit is None:
        return float("nan")
    cell = one_cell(lattice, row, col)
    centre = shapely.Point(cell.x_min_m + CELL_M / 2, cell.y_max_m - CELL_M / 2)
    if exclusion.kind == "outside":
        land = shapely.union_all(layers.vector(exclusion.layer).geometry.to_numpy())
        if not shapely.intersects(land, centre):
            return float("nan")
        return limit.value - float(shapely.distance(shapely.boundary(land), centre))
    figure = cell_figure(exclusion, layers, cell)
    assert figure is not None
    value = float(limit.value)
    if exclusion.kind in {"near", "far"}:
        return abs(value - figure) if figure > 0 else float("nan")
    if exclusion.buffer_m == 0:
        return abs(figure - value)
    around = figure <= exclusion.threshold
    return value - nearest_marked(exclusion, layers, lattice, row, col) if around else float("nan")


def nearest_marked(exclusion: Any, layers: Any, lattice: Lattice, row: int, col: int) -> float:
    """Metres to the nearest cell of the grid, also beyond its edge, above a threshold."""
    reach = int(exclusion.buffer_m // CELL_M) + 1
    best = np.inf
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            x = lattice.x_min_m + (col + right + 0.5) * CELL_M
            y = lattice.y_max_m - (row + down + 0.5) * CELL_M
            if layers.raster(exclusion.layer).sample([x], [y])[0] > exclusion.threshold:
                best = min(best, float(np.hypot(down, right)) * CELL_M)
    return best


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_margin_of_a_cell_is_that_of_its_figure(memory_layers: Any, seed: int) -> None:
    layers = random_layers(memory_layers, seed)
    expected = screen(layers, SCREENING)
    found = measured(layers, SCREENING, with_strictest=True)
    np.testing.assert_array_equal(found.reasons, expected.reasons)
    assert np.isnan(found.nearly[~expected.nearly_eligible]).all()
    cells = np.argwhere(expected.nearly_eligible)
    assert len(cells) > 100
    some = np.random.default_rng(seed).permutation(cells)[:150]
    for row, col in some.tolist():
        bit = int(expected.reasons[row, col]).bit_length() - 1
        wanted = expected_margin(expected.exclusions[bit], layers, expected.lattice, row, col)
        assert found.nearly[row, col] == pytest.approx(wanted, rel=1e-5, abs=1e-3, nan_ok=True)
        assert found.strictest[row, col] == bit + 1


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_strictest_reason_is_the_most_violated_limit(memory_layers: Any, seed: int) -> None:
    layers = random_layers(memory_layers, seed)
    found = measured(layers, SCREENING, with_strictest=True)
    rules = prepare_rules(layers, SCREENING)
    assert (found.strictest[~found.land] == NOT_LAND_CODE).all()
    np.testing.assert_array_equal(found.strictest == ELIGIBLE, found.land & (found.reasons == 0))
    several = np.argwhere(found.land & (np.bitwise_count(found.reasons) > 1))
    some = np.random.default_rng(seed).permutation(several)[:80]
    for row, col in some.tolist():
        shares = []
        for bit, exclusion in enumerate(rules.exclusions):
            if not (int(found.reasons[row, col]) >> bit) & 1:
                shares.append(-1.0)
                continue
            margin = expected_margin(exclusion, layers, rules.lattice, row, col)
            limit: Any = limit_of(exclusion)
            shares.append(np.inf if np.isnan(margin) else margin / abs(limit.value))
        # Equal but for rounding: any of them may stand.
        strictest = shares[found.strictest[row, col] - 1]
        assert strictest == pytest.approx(max(shares), rel=1e-6)
        if np.isinf(max(shares)):
            assert found.strictest[row, col] - 1 == shares.index(np.inf)


def relaxed(name: str, pct: int) -> Screening:
    """Screening with one limit relaxed."""
    changed = []
    for one in EXCLUSIONS:
        key = "buffer_m" if one.get("buffer_m") else KEY.get(one["kind"], "threshold")
        sign = 1 if key == "distance_m" or (key == "threshold" and one["kind"] == "above") else -1
        if one["id"] == name:
            changed.append({**one, key: one[key] + sign * pct / 100.0 * abs(one[key])})
        else:
            changed.append(one)
    return Screening.model_validate({"cell_m": CELL_M, "exclusions": changed})


@pytest.mark.parametrize("seed", [1, 2])
def test_land_won_is_what_screening_with_the_relaxed_limit_finds(
    memory_layers: Any, seed: int
) -> None:
    layers = random_layers(memory_layers, seed)
    found = measured(layers, SCREENING)
    before = screen(layers, SCREENING)
    table = found.margins.table(before.exclusions, before.counts).set_index("reason")
    won_km2 = 0.0
    for exclusion in before.exclusions:
        limit = limit_of(exclusion)
        for pct in RELAXED_PCT:
            won = table.loc[exclusion.id, f"won_{pct}_pct_km2"]
            after = before if limit is None else screen(layers, relaxed(exclusion.id, pct))
            assert won == pytest.approx(after.eligible_km2 - before.eligible_km2, abs=1e-9)
            won_km2 += won
    assert won_km2 > 0
    assert table["only_km2"].tolist() == before.report()["only_km2"].tolist()


def test_quantiles_are_those_of_the_margins(memory_layers: Any) -> None:
    layers = random_layers(memory_layers, 5)
    found = measured(layers, SCREENING)
    counts = screen(layers, SCREENING).counts
    table = found.margins.table(SCREENING.exclusions, counts)
    compared = 0
    for bit, row in table.iterrows():
        own = found.nearly[(found.reasons == 1 << bit) & found.land]
        own = own[~np.isnan(own)]
        assert row["measured_km2"] == pytest.approx(len(own) * 0.0016)
        for pct in (10, 50, 90):
            if len(own):
                wanted = np.percentile(own, pct, method="inverted_cdf")
                assert row[f"margin_p{pct}"] == pytest.approx(wanted, rel=3e-4)
                compared += 1
            else:
                assert np.isnan(row[f"margin_p{pct}"])
    assert compared > 12


def test_windows_measure_what_the_whole_does(memory_layers: Any) -> None:
    layers = random_layers(memory_layers, 9)
    rules = MeasuredRules.of(prepare_rules(layers, SCREENING), with_strictest=True)
    whole = rules.judge(whole_window(rules.lattice))
    nearly = np.full(rules.lattice.shape, -1.0, dtype=np.float32)
    strictest = np.zeros(rules.lattice.shape, dtype=np.uint8)
    parts, reasons = [], []
    for window in windows_of(rules.lattice, 23):
        judged: Any = rules.judge(window)
        nearly[window.slices], strictest[window.slices] = judged.nearly, judged.strictest
        parts.append(judged.margins)
        reasons.append(count_codes(judged.reasons[judged.land], len(rules.exclusions)))
    np.testing.assert_array_equal(nearly, whole.nearly)
    np.testing.assert_array_equal(strictest, whole.strictest)
    total = MarginCounts.total(parts)
    np.testing.assert_array_equal(total.cells, whole.margins.cells)
    np.testing.assert_array_equal(total.let_in, whole.margins.let_in)
    counts = ReasonCounts.total(rules.exclusions, reasons, [0] * len(EXCLUSIONS), 0.16)
    assert total.table(rules.exclusions, counts)["measured_km2"].sum() > 0


def test_a_kind_of_rule_without_figures_has_no_margin() -> None:
    assert figures_by_bit(SimpleNamespace()) == {}
    assert limit_of(SimpleNamespace()) is None
