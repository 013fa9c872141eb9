"""Scores of 24/7 matching: hours by hand, the bounds between them, and the program's own target."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from siteopt.energy.matching import (
    MatchingScores,
    fossil_intensity,
    hourly_balance,
    score_matching,
)
from siteopt.energy.program import EnergyProgram, Matching
from siteopt.errors import LayerError
from tests.energy.test_program import noisy
from tests.examples import examples

HOURS = 12
NONE = np.zeros(2)


def shares(
    low: float, high: float
) -> st.SearchStrategy[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    return npst.arrays(np.float64, HOURS, elements=st.floats(low, high, width=32))


def two_hours(grid_clean: tuple[float, float]) -> MatchingScores:
    """100 MW of load; contracts give 150 MW and then 20 MW."""
    balance = hourly_balance(np.full(2, 100.0), np.array([150.0, 20.0]), NONE, NONE)
    clean = np.array(grid_clean)
    return score_matching(balance, clean, fossil_intensity(clean, 0.8))


def test_two_hours_by_hand() -> None:
    """Used 100 and 20, excess 50, import 80 of which a quarter is clean; G is 0.5."""
    found = two_hours((0.75, 0.25))
    assert found.hourly_share == pytest.approx((100 + 20 + 0.25 * 80) / 200)
    assert found.annual_share == pytest.approx((140 + 0.5 * 50) / 200)
    assert (found.used_mwh, found.excess_mwh, found.import_mwh) == (120.0, 50.0, 80.0)
    assert found.clean_import_mwh == pytest.approx(20.0)
    assert found.co2_t == pytest.approx(60.0 * 0.8)


def test_a_clean_grid_is_all_clean_and_excess_adds_nothing() -> None:
    found = two_hours((1.0, 1.0))
    assert (found.hourly_share, found.annual_share, found.co2_t) == (1.0, 1.0, 0.0)


def test_annual_is_capped_at_1() -> None:
    balance = hourly_balance(np.full(2, 100.0), np.array([900.0, 0.0]), NONE, NONE)
    found = score_matching(balance, NONE, 0.5)
    assert (found.hourly_share, found.annual_share) == (0.5, 1.0)
    assert found.co2_t == pytest.approx(50.0)  # a flat factor


def test_weights_are_repetitions() -> None:
    rng = np.random.default_rng(5)
    load, given_mw, clean = (rng.uniform(0, 1, 4) for _ in range(3))
    weight = np.array([3.0, 1.0, 2.0, 4.0])
    zero = np.zeros(4)
    weighted = score_matching(hourly_balance(load, given_mw, zero, zero), clean, 0.4, weight)
    rows = np.repeat(np.arange(4), weight.astype(int))
    balance = hourly_balance(load[rows], given_mw[rows], zero[rows], zero[rows])
    repeated = score_matching(balance, clean[rows], 0.4)
    for name in MatchingScores.__dataclass_fields__:
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name)), name


@examples(100)
@given(load=shares(0.125, 1), given_mw=shares(0, 3), moved=shares(-1, 1), clean=shares(0, 1))
def test_hourly_is_never_above_annual_and_energy_balances(
    load: np.ndarray[tuple[int], np.dtype[np.float64]],
    given_mw: np.ndarray[tuple[int], np.dtype[np.float64]],
    moved: np.ndarray[tuple[int], np.dtype[np.float64]],
    clean: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> None:
    charge = np.minimum(np.maximum(-moved, 0.0), given_mw)  # from contracts alone
    discharge = np.maximum(moved, 0.0)
    balance = hourly_balance(load, given_mw, charge, discharge)
    kept = given_mw + discharge - charge
    assert balance.used_mw + balance.excess_mw == pytest.approx(kept, abs=1e-12)
    assert balance.used_mw + balance.import_mw == pytest.approx(load, abs=1e-12)
    assert min(balance.used_mw.min(), balance.excess_mw.min(), balance.import_mw.min()) >= 0.0
    found = score_matching(balance, clean, 0.4)
    assert 0.0 <= found.hourly_share <= found.annual_share <= 1.0 + 1e-12
    # The two agree where nothing is in excess, or the grid is all clean.
    if found.excess_mwh == 0.0:
        assert found.hourly_share == found.annual_share


@examples(50)
@given(given_mw=shares(0, 3), more=shares(0, 1), clean=shares(0, 1))
def test_more_under_contract_never_lowers_a_score(
    given_mw: np.ndarray[tuple[int], np.dtype[np.float64]],
    more: np.ndarray[tuple[int], np.dtype[np.float64]],
    clean: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> None:
    load, zero = np.ones(HOURS), np.zeros(HOURS)
    few = score_matching(hourly_balance(load, given_mw, zero, zero), clean, 0.4)
    many = score_matching(hourly_balance(load, given_mw + more, zero, zero), clean, 0.4)
    assert many.hourly_share >= few.hourly_share - 1e-12
    assert many.co2_t <= few.co2_t + 1e-12


def test_storage_charged_from_the_grid_is_an_import() -> None:
    balance = hourly_balance(np.full(2, 10.0), NONE, np.array([5.0, 0.0]), np.array([0.0, 4.0]))
    assert balance.import_mw.tolist() == [15.0, 6.0]
    assert score_matching(balance, NONE, 1.0).hourly_share < 0.0  # the loss of 1 MWh


@pytest.mark.parametrize("matching", ["annual", "hourly"])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_plan_that_meets_the_programs_target_scores_it(seed: int, matching: Matching) -> None:
    supply = replace(noisy(seed), target=0.9, source_most_mw=np.full(2, 2000.0))
    load = np.array([60.0, 90.0])
    found = EnergyProgram(supply, matching).cut(load)
    contracts = supply.source_yield @ found.source_mw - found.curtailed_mw
    balance = hourly_balance(
        np.full(supply.hours, load.sum()), contracts, found.charge_mw, found.discharge_mw
    )
    scores = score_matching(balance, supply.grid_clean, 0.4, supply.weight_h)
    assert found.shortfall_mwh == pytest.approx(0.0, abs=1e-3)
    # The dearer the clean energy the less of it: the target holds with equality.
    expected = scores.annual_share if matching == "annual" else scores.hourly_share
    assert expected == pytest.approx(0.9, abs=1e-6)


@pytest.mark.parametrize(
    ("load", "clean", "weight", "message"),
    [
        ([0.0, 0.0], [0.5, 0.5], [1.0, 1.0], "the load is 0 in all hours"),
        ([1.0, 1.0], [0.5, 1.5], [1.0, 1.0], "grid_clean is 1.5 in hour 2; a share from 0 to 1"),
        ([1.0, 1.0], [0.5, np.nan], [1.0, 1.0], "grid_clean is nan in hour 2"),
        ([1.0, 1.0], [0.5], [1.0, 1.0], r"grid_clean has shape \(1,\); \(2,\) is needed"),
        ([1.0, 1.0], [0.5, 0.5], [1.0], r"weight_h has shape \(1,\)"),
    ],
)
def test_what_no_score_can_be_made_of_is_named(
    load: list[float], clean: list[float], weight: list[float], message: str
) -> None:
    balance = hourly_balance(np.array(load), NONE, NONE, NONE)
    with pytest.raises(LayerError, match=message):
        score_matching(balance, np.array(clean), 0.4, np.array(weight))
