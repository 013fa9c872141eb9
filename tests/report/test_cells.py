"""Codes of cells band by band: the same as of all cells at once."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.lattice import Lattice
from siteopt.report import _cells
from siteopt.report._cells import CellCodes, bands_of, cell_codes, distinct, land_cells
from siteopt.report.document.exclusions import left_after_each_km2
from siteopt.report.document.maps import _shares
from siteopt.report.gis.land import _majority
from siteopt.scenario import load_scenario
from siteopt.screening import Eligibility
from siteopt.screening.eligibility import reason_type
from tests.examples import examples

if TYPE_CHECKING:
    from siteopt.report._protocols import EligibilityLike


def country(seed: int, n_rows: int, n_cols: int, bits: int = 3, *, sea: bool = True) -> Any:
    """A made-up grid; with sea, what is no land has the first reason."""
    random = np.random.default_rng(seed)
    land = random.random((n_rows, n_cols)) < 0.7
    reasons = random.integers(0, 1 << bits, land.shape).astype(reason_type(bits))
    reasons &= reason_type(bits).type(((1 << bits) - 1) & ~1)
    reasons |= (~land & sea).astype(reasons.dtype)
    rules = load_scenario("national-2035").screening.exclusions[:1] * bits
    lattice = Lattice(900_000.0, 2_000_000.0, 250.0, n_rows, n_cols)
    return Eligibility(lattice, reasons, land, tuple(rules), (0,) * bits)


def simple_codes(one: EligibilityLike) -> Any:
    bit = np.int64(1) << len(one.exclusions)
    return np.where(~one.land & (one.reasons == 0), bit, one.reasons)


@pytest.mark.parametrize("n_rows", [1, 511, 512, 513, 1_100])
@pytest.mark.parametrize("sea", [True, False])
def test_codes_of_bands_are_those_of_the_whole(n_rows: int, sea: bool) -> None:  # noqa: FBT001 - a case
    one = country(n_rows, n_rows, 9, sea=sea)
    codes, expected = CellCodes(one), simple_codes(one)
    assert codes.is_marked is bool((expected == 8).any())
    np.testing.assert_array_equal(np.concatenate([codes.rows(b) for b in codes.bands]), expected)
    np.testing.assert_array_equal(cell_codes(one), expected)
    pairs = np.concatenate([codes.pairs(band) for band in codes.bands])
    np.testing.assert_array_equal(pairs, expected * 2 + one.land)


def test_codes_that_need_one_more_bit_get_a_larger_type() -> None:
    one = country(1, 40, 40, bits=8, sea=False)
    assert one.reasons.dtype == np.uint8
    assert CellCodes(one).dtype == cell_codes(one).dtype == np.uint16
    assert cell_codes(one).max() == 256
    all_bits = country(2, 40, 40, bits=31, sea=False)
    all_bits = replace(all_bits, reasons=np.where(all_bits.land, all_bits.reasons, 0))
    assert cell_codes(all_bits).max() == 1 << 31
    assert CellCodes(all_bits).pairs(slice(0, 40)).max() >= 1 << 32


def test_reasons_are_not_copied_where_they_are_the_codes() -> None:
    one = country(1, 40, 40)
    assert cell_codes(one) is one.reasons


@pytest.mark.parametrize("bits", [3, 9, 31])
def test_the_stream_of_the_page_is_that_of_all_places_at_once(bits: int) -> None:
    one = country(bits, 700, 30, bits, sea=False)
    if bits == 31:  # more than two bytes tell apart, with too many values
        some = one.reasons[:1].ravel()
        one = replace(one, reasons=some[np.arange(one.reasons.size) % len(some)].reshape(700, 30))
    packed = land_cells(one)
    known, place = np.unique(simple_codes(one) * 2 + one.land, return_inverse=True)
    kind = "<u1" if len(known) <= 256 else "<u2"
    once = zlib.compress(place.astype(kind).tobytes(), 9)
    assert base64.b64decode(packed["deflate"]) == once
    assert packed["codes"] == (known // 2).tolist()
    assert packed["land"] == (known % 2 == 1).tolist()


def test_a_table_and_bisection_find_the_same_places(monkeypatch: pytest.MonkeyPatch) -> None:
    one = country(5, 600, 20, 9)
    by_table = land_cells(one)
    monkeypatch.setattr(_cells, "_TABLE_MAX", 1)
    assert land_cells(one) == by_table


@given(st.integers(1, 5_000), st.integers(1, 700))
def test_bands_cover_rows_once(n_rows: int, height: int) -> None:
    bands = bands_of(n_rows, height)
    assert [row for band in bands for row in range(n_rows)[band]] == list(range(n_rows))
    assert max(band.stop - band.start for band in bands) <= height


def test_distinct_values_are_sorted_and_once() -> None:
    assert distinct([np.array([[3, 1], [3, 9]]), np.array([], dtype=int), np.array([9, 2])]) == [
        1, 2, 3, 9,
    ]  # fmt: skip


@examples(60)
@given(st.integers(0, 99), st.integers(1, 40), st.integers(1, 40), st.integers(1, 7))
def test_shares_of_pixels_are_means_of_cells(
    seed: int, n_rows: int, n_cols: int, pixels: int
) -> None:
    one = country(seed, n_rows, n_cols)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("siteopt.report.document.maps._PIXELS_MAX", pixels)
        patch.setattr("siteopt.report.document.maps._PIXELS_AT_ONCE", 2)
        shares = _shares(one, lambda codes, land: (codes == 0) & land)
    step = -(-max(n_rows, n_cols) // pixels)
    wide = np.zeros((-(-n_rows // step) * step, -(-n_cols // step) * step))
    wide[:n_rows, :n_cols] = one.eligible
    blocks = wide.reshape(len(wide) // step, step, -1, step)
    np.testing.assert_array_equal(shares, blocks.mean(axis=(1, 3)))


def test_a_block_goes_with_most_of_its_cells_and_a_tie_with_its_corner() -> None:
    cells = np.array([[1, 1, 0, 1, 1], [1, 0, 1, 0, 0], [0, 0, 1, 1, 0]], dtype=bool)
    assert _majority(cells, 2).tolist() == [[True, False, False], [False, True, False]]
    tied = np.array([[1, 0], [0, 1]], dtype=bool)
    assert _majority(tied, 2).tolist() == [[True]]


def test_what_each_exclusion_leaves_is_counted_by_combination() -> None:
    one = country(8, 530, 12, 4)
    on_land = one.reasons[one.land].astype(np.int64)
    expected = [
        np.count_nonzero((on_land & ((2 << bit) - 1)) == 0) * one.lattice.cell_ha / 100.0
        for bit in range(4)
    ]
    assert left_after_each_km2(one) == pytest.approx(expected, rel=1e-12)
