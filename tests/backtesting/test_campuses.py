"""Campuses: one place counted once, however its rows are written down."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.backtesting.campuses import campus_numbers, check_names
from siteopt.errors import LayerError

PLACES = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 3), st.sampled_from(["", "a", "b"])),
    min_size=1, max_size=9,
)  # fmt: skip


def numbered(rows, km=1.0):
    xy = np.array([[1000.0 * x, 1000.0 * y] for x, y, _ in rows])
    return campus_numbers(xy, np.array([name for *_, name in rows], dtype=object), km)


def joined(rows, km):
    """Return the campus of each row, joined pair by pair until nothing changes."""
    label = list(range(len(rows)))
    for _ in rows:
        for i, (x, y, a) in enumerate(rows):
            for j, (u, v, b) in enumerate(rows):
                if np.hypot(x - u, y - v) <= km or (a and a == b):
                    label[i] = label[j] = min(label[i], label[j])
    order = sorted(set(label))
    return [order.index(one) for one in label]


@given(PLACES, st.sampled_from([0.0, 1.0, 2.0]))
def test_rows_are_joined_as_pair_by_pair(rows, km):
    assert numbered(rows, km).tolist() == joined(rows, km)


def test_a_chain_is_one_campus():
    assert numbered([(0, 0, ""), (2, 0, ""), (1, 0, ""), (5, 0, "")]).tolist() == [0, 0, 0, 1]


def test_the_same_candidate_is_one_campus():
    assert numbered([(0, 0, "a"), (9, 0, "a"), (9, 5, "")]).tolist() == [0, 0, 1]


def test_one_name_at_two_places_is_a_fault(listed):
    sites = listed([("A", 9, 5, "x", ""), ("B", 20, 5, "x", ""), ("A", 30, 5, "x", "")])
    with pytest.raises(LayerError, match=r"row 4 \(A\): row 2 has the same name at another place"):
        check_names(sites, np.array([0, 1, 2]))
    assert check_names(sites, np.array([0, 1, 0])) == []


def test_a_campus_of_two_classes_is_noted(listed):
    sites = listed([("A", 9, 5, "x", ""), ("B", 9.2, 5, "y", "")])
    (note,) = check_names(sites, np.array([0, 0]))
    assert "rows 2, 3 are one campus of several classes (x, y)" in note
