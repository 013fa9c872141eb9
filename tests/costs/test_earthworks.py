"""Earthworks: closed forms, limits, and what levelling real ground of a 30 m model moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.costs.earthworks import (
    bench_cut_m3_m2,
    earthworks_krw_m2,
    face_land_m2_m2,
    face_m2_m2,
    plane_share,
    square_cut_m3,
)
from siteopt.layers.store import open_layers
from siteopt.scenario import load_scenario

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.layers.store import Layers

VALUES = {
    "earth_bench_width": 100.0, "earth_batter_run": 1.5, "earth_plane_length": 1040.0,
    "earth_plane_exponent": 1.33, "earth_soil_cost": 8000.0, "earth_rock_cost": 25000.0,
    "earth_rock_share": 30.0, "earth_batter_cost": 25000.0, "earth_batter_max_deg": 30.0,
}  # fmt: skip


@dataclass
class _Parameters:
    values: dict[str, float] = field(default_factory=lambda: dict(VALUES))

    def value(self, key: str) -> float:
        return self.values[key]


@pytest.fixture(scope="module")
def layers() -> Layers:
    return open_layers(load_scenario("national-2035"))


@given(st.floats(10, 1200), st.floats(0, 60))
def test_a_square_on_a_plane_moves_what_is_summed_cell_by_cell(side: float, slope: float) -> None:
    along = (np.arange(2000) + 0.5) / 2000 * side - side / 2
    heights = along * np.tan(np.radians(slope))
    cut = np.clip(heights, 0, None).mean() * side**2
    assert square_cut_m3(side, slope) == pytest.approx(cut, rel=1e-5, abs=1e-9)


def test_without_faces_a_bench_is_the_square() -> None:
    assert bench_cut_m3_m2(7.0, 240.0) == pytest.approx(square_cut_m3(240.0, 7.0) / 240.0**2)


@given(st.floats(0.1, 30), st.floats(20, 300), st.floats(0.2, 1.7))
def test_the_cross_section_with_faces_by_integration(
    slope: float, width: float, run: float
) -> None:
    """Ground above the bench and its face, from the middle of the bench to where both meet."""
    tangent = np.tan(np.radians(slope))
    if run * tangent > 0.95:
        return
    reach = width / 2 / (1 - run * tangent)
    x = (np.arange(200_000) + 0.5) / 200_000 * reach
    floor = np.maximum(x - width / 2, 0) / run
    area = np.clip(x * tangent - floor, 0, None).mean() * reach
    assert bench_cut_m3_m2(slope, width, run) == pytest.approx(area / width, rel=1e-3)
    face = 2 * (reach - width / 2) * np.hypot(1, run) / run
    assert face_m2_m2(slope, run) == pytest.approx(face / width, rel=1e-9)
    assert face_land_m2_m2(slope, run) == pytest.approx((2 * reach - width) / width, rel=1e-9)


def test_by_hand() -> None:
    # 10 %: 100 x 0.1 / 8 / (1 - 0.15) = 1.4706 m3 and sqrt(3.25) x 0.1 / 0.85 = 0.2121 m2 a m2;
    # a bench of 100 m keeps 1 / (1 + (100 / 1040)^1.33) = 0.9575 of them.
    share = 1 / (1 + (100 / 1040) ** 1.33)
    expected = share * (1.470588 * (0.7 * 8000 + 0.3 * 25000) + 0.212092 * 25000)
    slope = np.degrees(np.arctan(0.1))
    assert earthworks_krw_m2(slope, _Parameters()) == pytest.approx(expected, rel=1e-5)
    # The faces stand on 0.15 / 0.85 m2 of land a m2 of bench.
    with_land = earthworks_krw_m2(slope, _Parameters(), 200_000.0)
    assert with_land - expected == pytest.approx(share * 0.176471 * 200_000, rel=1e-4)


def test_flat_land_costs_nothing_steeper_land_more_and_the_steepest_has_an_end() -> None:
    cost = earthworks_krw_m2(np.array([0.0, 1.0, 5.0, 15.0, 30.0, 31.0, 80.0]), _Parameters())
    assert cost[0] == 0
    assert (np.diff(cost[:5]) > 0).all()
    assert cost[4] == cost[5] == cost[6] < np.inf


def test_wider_benches_and_dearer_rock_cost_more() -> None:
    base = earthworks_krw_m2(8.0, _Parameters())
    for key, value in (("earth_bench_width", 200.0), ("earth_rock_share", 60.0)):
        assert earthworks_krw_m2(8.0, _Parameters({**VALUES, key: value})) > base


def test_embedded_parameters_give_a_price_of_the_known_order(layers: Layers) -> None:
    cost = earthworks_krw_m2(np.array([2.0, 6.0, 12.0, 25.0]), layers.parameters)
    assert (np.diff(cost) > 0).all()
    assert 3_000 < cost[0] < 15_000
    assert 15_000 < cost[1] < 50_000
    assert cost[3] < 400_000


def _sums(layers: Layers) -> pd.DataFrame:
    table = layers.table("earthworks_check")
    for column in ("cut_m3_m2", "plane_m3_m2", "plane_30m_m3_m2"):
        table[column] = table[column] * table["squares"]
    return table.groupby("side_m")[["cut_m3_m2", "plane_m3_m2", "plane_30m_m3_m2"]].sum()


def test_the_closed_form_on_real_ground_is_right_for_benches_and_too_much_for_one_level(
    layers: Layers,
) -> None:
    """Squares of the window levelled at their mean height: 0.8 to 117 ha."""
    sums = _sums(layers)
    ratio = sums["cut_m3_m2"] / sums["plane_m3_m2"]
    assert ratio.loc[[90.0, 120.0]].between(0.94, 1.0).all()
    assert ratio.loc[210.0] == pytest.approx(0.90, abs=0.02)  # 4.4 ha
    assert ratio.loc[1080.0] == pytest.approx(0.50, abs=0.03)  # 117 ha
    assert ratio.is_monotonic_decreasing


def test_the_share_of_the_plane_brings_every_size_within_two_percent_in_sum(layers: Layers) -> None:
    sums = _sums(layers)
    length = layers.parameters.value("earth_plane_length")
    exponent = layers.parameters.value("earth_plane_exponent")
    made = sums["plane_m3_m2"] * plane_share(sums.index.to_numpy(), length, exponent)
    np.testing.assert_allclose(made / sums["cut_m3_m2"], 1.0, atol=0.04)


def test_by_class_of_slope_the_bench_is_within_a_tenth(layers: Layers) -> None:
    table = layers.table("earthworks_check")
    benches = table[table["side_m"].isin([90.0, 120.0])]
    share = plane_share(
        benches["side_m"].to_numpy(), layers.parameters.value("earth_plane_length"),
        layers.parameters.value("earth_plane_exponent"),
    )  # fmt: skip
    ratio = benches["plane_m3_m2"] * share / benches["cut_m3_m2"]
    assert ratio.between(0.9, 1.12).all()
    # Single benches scatter: half their mean, so a price is one of many benches together.
    weight = benches["squares"] / benches["squares"].sum()
    scatter = np.sqrt((weight * benches["rmse_m3_m2"] ** 2).sum())
    assert 0.3 < scatter / (weight * benches["cut_m3_m2"]).sum() < 0.7
