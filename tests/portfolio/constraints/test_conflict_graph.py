"""Cliques of sites too close to each other: no conflict forgotten, none made up."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from siteopt.portfolio.constraints.conflict_graph import conflicts, cover
from tests.portfolio.instances import PROFILE

POINTS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=25)


def graph_of(count, edges):
    matrix = np.zeros((count, count), dtype=np.bool_)
    for a, b in edges:
        matrix[a, b] = matrix[b, a] = True
    return sparse.csr_array(matrix)


def covered(cliques):
    return {(int(a), int(b)) for clique in cliques for a, b in combinations(np.sort(clique), 2)}


@PROFILE
@given(points=POINTS, spacing_km=st.sampled_from([1, 2, 3, 5, 10]))
def test_conflicts_are_the_pairs_nearer_than_the_spacing(points, spacing_km):
    x, y = np.array(points, dtype=np.float64).reshape(-1, 2).T
    found = conflicts(1000 * x, 1000 * y, 1000.0 * spacing_km).toarray()
    near = np.hypot(x[:, None] - x, y[:, None] - y) < spacing_km
    np.fill_diagonal(near, val=False)
    np.testing.assert_array_equal(found, near)


@pytest.mark.parametrize(
    ("apart_m", "conflict"), [(4999.9, True), (4999.9995, False), (5000.0, False), (5000.1, False)]
)
def test_sites_exactly_the_spacing_apart_may_both_be_chosen(apart_m, conflict):
    found = conflicts(np.array([0.0, 0.6 * apart_m]), np.array([0.0, 0.8 * apart_m]), 5000.0)
    assert found.nnz == 2 * conflict


def test_two_sites_on_one_spot_conflict_only_where_a_spacing_is_asked_for():
    spot = np.zeros(2)
    assert conflicts(spot, spot, 0.0).nnz == 0
    assert conflicts(spot, spot, 1.0).nnz == 2


@PROFILE
@given(
    edges=st.integers(2, 14).flatmap(
        lambda count: st.tuples(
            st.just(count), st.sets(st.sampled_from(list(combinations(range(count), 2))))
        )
    )
)
def test_the_cover_holds_every_edge_of_a_graph_and_no_other_pair(edges):
    count, wanted = edges
    assert covered(cover(graph_of(count, wanted))) == wanted


@PROFILE
@given(points=POINTS)
def test_no_site_fits_into_a_clique_that_it_is_not_in(points):
    x, y = 1000.0 * np.array(points, dtype=np.float64).reshape(-1, 2).T
    near = conflicts(x, y, 4000.0).toarray()
    for clique in cover(conflicts(x, y, 4000.0)):
        assert list(clique) == sorted(set(clique))
        outside = np.setdiff1d(np.arange(len(x)), clique)
        assert not near[np.ix_(outside, clique)].all(axis=1).any()


def test_sites_all_too_close_to_each_other_are_one_clique():
    # What makes the program tight: one row in place of ten pairs.
    cliques = cover(graph_of(5, combinations(range(5), 2)))
    assert [list(clique) for clique in cliques] == [[0, 1, 2, 3, 4]]


def test_a_chain_of_conflicts_is_a_clique_a_link():
    cliques = cover(graph_of(4, [(0, 1), (1, 2), (2, 3)]))
    assert sorted(list(map(int, clique)) for clique in cliques) == [[0, 1], [1, 2], [2, 3]]


def test_sites_without_conflict_are_in_no_clique():
    assert cover(graph_of(3, [])) == []
    assert cover(graph_of(0, [])) == []
