"""The slope correction: closed forms, its error, and what the embedded layers hold."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers.store import open_layers
from siteopt.scenario import load_scenario
from siteopt.sources._slope import (
    KNOTS_DEG,
    Correction,
    Pairs,
    calibrate,
    read_correction,
    require_fitted,
)
from siteopt.sources.relief import model_slope_deg
from siteopt.sources.terrain_check import earthworks_check, slope_check

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
TRUE = Correction(np.array(KNOTS_DEG), np.array([1.0, 3.0, 8.0, 17.0, 30.0]))


def _pairs(noise: float, count: int = 4000) -> Pairs:
    random = np.random.default_rng(1)
    model = random.uniform(0, 30, count)
    return Pairs(model, TRUE.at(model) + noise * random.normal(size=count), np.arange(count) // 160)


def test_a_known_correction_is_found_again_with_its_error() -> None:
    exact = calibrate(_pairs(0.0))
    np.testing.assert_allclose(exact.correction.mean_30m_deg, TRUE.mean_30m_deg, atol=1e-8)
    assert exact.rmse_deg < 1e-8
    noisy = calibrate(_pairs(2.0))
    np.testing.assert_allclose(noisy.correction.mean_30m_deg, TRUE.mean_30m_deg, atol=0.4)
    assert noisy.rmse_deg == pytest.approx(2.0, rel=0.05)
    require_fitted(TRUE, exact)
    with pytest.raises(
        LayerError, match=r"slope_30m_at_2_deg is 3\.5, but the 30 m window gives 3\.0"
    ):
        require_fitted(Correction(np.array(KNOTS_DEG), np.array([1, 3.5, 8, 17, 30])), exact)
    assert (noisy.low_deg < TRUE.mean_30m_deg).all()
    assert (TRUE.mean_30m_deg < noisy.high_deg).all()


@given(st.lists(st.floats(0, 50), min_size=2, max_size=20))
def test_the_correction_rises_and_can_be_undone(slopes: list[float]) -> None:
    correction = read_correction(REFERENCE)
    given_deg = np.sort(np.array(slopes))
    found = correction.at(given_deg)
    assert (found >= given_deg).all()
    assert (np.diff(found)[np.diff(given_deg) > 1e-9] > 0).all()
    np.testing.assert_allclose(correction.inverse(found), given_deg, atol=1e-9)


def test_knots_that_do_not_rise_or_are_missing_are_named(tmp_path: Path) -> None:
    table = pd.read_csv(REFERENCE / "assumptions_terrain.csv")
    wrong = table.copy()
    wrong.loc[wrong["key"] == "slope_30m_at_6_deg", "value"] = 2.0
    wrong.to_csv(tmp_path / "assumptions_terrain.csv", index=False)
    with pytest.raises(LayerError, match="must rise"):
        read_correction(tmp_path)
    table[table["key"] != "slope_30m_at_6_deg"].to_csv(
        tmp_path / "assumptions_terrain.csv", index=False
    )
    with pytest.raises(LayerError, match="slope_30m_at_6_deg is missing"):
        read_correction(tmp_path)
    with pytest.raises(LayerFileError, match="holds the knots"):
        read_correction(tmp_path / "nowhere")


def test_the_embedded_table_agrees_with_the_window_by_class() -> None:
    table = open_layers(load_scenario("national-2035")).table("slope_check")
    # Means at 30 m that were measured independently for classes of the slope of the 190 m model.
    np.testing.assert_allclose(table["mean_30m_deg"], [2.0, 3.4, 7.6, 16.4, 24.1], atol=0.25)
    np.testing.assert_allclose(table["corrected_deg"], table["mean_30m_deg"], atol=0.25)
    assert (table["mean_30m_deg"] > table["model_deg"] + 1.4).all()
    assert table["rmse_deg"].max() < 3.6


def test_every_step_of_the_model_is_kept_apart_in_the_raster() -> None:
    """So that what was told by the slope before (routes, where people live) still can be."""
    model = model_slope_deg(REFERENCE)
    with rasterio.open(REFERENCE / "slope.tif") as source:
        stored, scale = source.read(1), source.scales[0]
    known = stored != 255
    assert (np.isnan(model) == ~known).all()
    steps = np.round(model[known] / 0.2)
    pairs = np.unique(np.stack([steps, stored[known]]), axis=1)
    below = pairs[:, pairs[1] < 254]
    assert len(np.unique(below[0])) == len(np.unique(below[1])) == below.shape[1]
    corrected = read_correction(REFERENCE).at(below[0] * 0.2)
    np.testing.assert_allclose(below[1] * scale, corrected, atol=scale / 2 + 1e-9)


def test_classes_of_the_check_are_means_of_their_cells() -> None:
    pairs = Pairs(np.array([0.5, 2.0, 2.5]), np.array([2.0, 4.0, 5.0]), np.zeros(3, int))
    part = slope_check(
        Pairs(np.append(pairs.model_deg, [5.0, 10.0, 20.0]),
              np.append(pairs.mean_30m_deg, [8.0, 17.0, 26.0]), np.zeros(6, int)), TRUE,
    )  # fmt: skip
    assert part["cells"].tolist() == [1, 2, 1, 1, 1]
    assert part.loc[1, "mean_30m_deg"] == 4.5
    assert part.loc[1, "corrected_deg"] == pytest.approx((3.0 + 3.625) / 2, abs=1e-3)


def test_a_plane_moves_what_the_closed_form_says() -> None:
    rise = 0.1
    heights = 500 + rise * 30.0 * np.broadcast_to(np.arange(144), (144, 144))
    slope = np.full(heights.shape, np.degrees(np.arctan(rise)))
    table = earthworks_check(heights.astype(float), rasterio.Affine(30, 0, 0, 0, -30, 0), slope)
    # The square is known at the middle of n cells: an even n misses nothing, an odd n 1 / n^2.
    cells = table["side_m"] / 30
    expected = table["plane_m3_m2"] * np.where(cells % 2 == 0, 1, 1 - 1 / cells**2)
    np.testing.assert_allclose(table["cut_m3_m2"], expected, rtol=1e-3)
