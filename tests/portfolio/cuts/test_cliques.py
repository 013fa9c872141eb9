"""Clique cuts: maximal, violated, and found where sites that all conflict count above one."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from siteopt.portfolio.cuts.cliques import violated_cliques
from tests.portfolio.instances import PROFILE
from tests.portfolio.stable_sets import PLACES, choices, counted, crowd, graph_of, row

MANY = 100
SHARES = st.lists(st.sampled_from([0.0, 0.2, 0.4, 0.6]), min_size=16, max_size=16)


@PROFILE
@given(places=PLACES, spacing=st.sampled_from([4, 7, 12]), shares=SHARES)
def test_a_cut_is_a_maximal_clique_that_the_weights_violate(places, spacing, shares):
    graph, weight = crowd(places, spacing), np.array(shares[: len(places)])
    near, chosen = graph.toarray(), choices(graph)
    for cut in violated_cliques(graph, weight, np.zeros(len(places)), MANY):
        assert (near[np.ix_(cut.sites, cut.sites)] | np.eye(len(cut.sites), dtype=bool)).all()
        outside = np.setdiff1d(np.arange(len(places)), cut.sites)
        assert not near[np.ix_(outside, cut.sites)].all(axis=1).any()
        assert counted(cut, chosen).max() == cut.most == 1
        assert weight[cut.sites].sum() > 1


@PROFILE
@given(places=PLACES, spacing=st.sampled_from([4, 7, 12]), shares=SHARES)
def test_where_a_pair_is_violated_a_cut_is_found(places, spacing, shares):
    graph, weight = crowd(places, spacing), np.array(shares[: len(places)])
    near = graph.toarray()
    pairs = [(a, b) for a, b in combinations(range(len(places)), 2) if near[a, b]]
    cuts = violated_cliques(graph, weight, np.zeros(len(places)), MANY)
    assert cuts or not any(weight[a] + weight[b] > 1.001 for a, b in pairs)


def test_three_halves_in_conflict_grow_by_the_site_of_the_lowest_order():
    # 3 and 4 could each join, but not both.
    trios = [(0, 1), (0, 2), (1, 2), *((site, extra) for site in range(3) for extra in (3, 4))]
    weight = np.array([0.5, 0.5, 0.5, 0.0, 0.0])
    for order, joined in (([0, 0, 0, 1, 2], 3), ([0, 0, 0, 2, 1], 4)):
        (cut,) = violated_cliques(graph_of(5, trios), weight, np.array(order, dtype=float), MANY)
        assert row(cut) == ({0: 1, 1: 1, 2: 1, joined: 1}, 1)


def test_the_most_violated_come_first_and_no_more_than_asked_for():
    graph = graph_of(6, [(0, 1), (2, 3), (4, 5)])
    weight = np.array([0.6, 0.6, 0.9, 0.9, 0.7, 0.7])
    cuts = violated_cliques(graph, weight, np.zeros(6), 2)
    assert [cut.sites.tolist() for cut in cuts] == [[2, 3], [4, 5]]


def test_there_are_none_without_conflicts():
    assert violated_cliques(graph_of(3, []), np.ones(3), np.zeros(3), MANY) == []
    assert violated_cliques(graph_of(0, []), np.empty(0), np.empty(0), MANY) == []
