"""Local cuts: true of every choice, and found wherever weights are no mixture of choices."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csgraph

from siteopt.portfolio.cuts import local_cuts
from siteopt.portfolio.cuts.lifting import bit_sets
from siteopt.portfolio.cuts.local_cuts import maximal_stable_sets, violated_local_cuts
from tests.portfolio.instances import PROFILE
from tests.portfolio.stable_sets import PLACES, choices, counted, crowd, graph_of, ring, row, wheel

MANY = 100
SHARES = st.lists(st.sampled_from([0.0, 0.2, 1 / 3, 0.4, 0.5]), min_size=16, max_size=16)


def is_mixture(weight, chosen):
    """Whether weights are at most a mixture of choices, by another way of asking it."""
    rows = np.vstack([-chosen.T, np.ones(len(chosen))])
    sides = np.concatenate([-weight + 1e-5, [1.0]])
    return linprog(np.zeros(len(chosen)), A_ub=rows, b_ub=sides).status == 0


@PROFILE
@given(places=PLACES, spacing=st.sampled_from([6, 9, 13]))
def test_the_maximal_stable_sets_are_those_of_enumeration(places, spacing):
    graph = crowd(places, spacing)
    chosen = choices(graph)
    blocked = (chosen @ graph.toarray() > 0) | (chosen > 0)
    expected = {tuple(choice) for choice in chosen[blocked.all(axis=1)].astype(int).tolist()}
    found = maximal_stable_sets(bit_sets(graph.toarray()))
    listed = (np.array(found)[:, None] >> np.arange(len(places))) & 1
    assert len(found) == len(expected)
    assert {tuple(choice) for choice in listed.tolist()} == expected


@PROFILE
@given(
    places=PLACES,
    spacing=st.sampled_from([6, 9, 13]),
    shares=SHARES,
    order=st.permutations(range(16)),
)
def test_a_cut_holds_for_every_choice_and_not_for_the_weights(places, spacing, shares, order):
    graph, weight = crowd(places, spacing), np.array(shares[: len(places)])
    place = np.array(order[: len(places)], dtype=np.float64)
    chosen = choices(graph)
    for cut in violated_local_cuts(graph, weight, place, MANY, sites=8):
        assert counted(cut, chosen).max() == cut.most
        assert cut.excess(weight) > 0


@PROFILE
@given(places=PLACES, spacing=st.sampled_from([6, 9, 13]), shares=SHARES)
def test_a_cut_is_found_if_and_only_if_the_weights_are_no_mixture_of_choices(
    places, spacing, shares
):
    # One crowd that hangs together, so that each neighbourhood is all of it.
    graph, weight = crowd(places, spacing), np.array(shares[: len(places)])
    taken = np.flatnonzero(weight)
    graph = graph[taken][:, taken]
    _, part = csgraph.connected_components(graph)
    crowded = np.flatnonzero(part == np.bincount(part, minlength=1).argmax())
    assume(len(crowded) >= 5)
    graph, weight = graph[crowded][:, crowded], weight[taken][crowded]
    cuts = violated_local_cuts(graph, weight, np.zeros(len(weight)), MANY, sites=16)
    assert bool(cuts) != is_mixture(weight, choices(graph))


@pytest.mark.parametrize("count", [5, 7, 9])
def test_a_ring_with_half_of_each_site_is_cut_off(count):
    (cut,) = violated_local_cuts(ring(count), np.full(count, 0.5), np.zeros(count), MANY)
    assert row(cut) == (dict.fromkeys(range(count), 1), count // 2)


def test_a_wheel_is_found_as_such():
    # The ring itself is kept, 5 x 0.38 < 2; only with the hub twice is it violated.
    weight = np.array([0.38, 0.38, 0.38, 0.38, 0.38, 0.1])
    (cut,) = violated_local_cuts(wheel(5), weight, np.zeros(6), MANY)
    assert row(cut) == ({0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 2}, 2)


def test_a_ring_whose_sites_reach_two_to_each_side_is_found_though_it_holds_no_odd_hole():
    # Of seven around a table, at most two with two seats between them; all odd holes are cliques.
    around = [(site, (site + step) % 7) for site in range(7) for step in (1, 2)]
    (cut,) = violated_local_cuts(graph_of(7, around), np.full(7, 1 / 3), np.zeros(7), MANY)
    assert row(cut) == (dict.fromkeys(range(7), 1), 2)


def test_sites_outside_are_lifted_in():
    weight = np.array([0.5, 0.5, 0.5, 0.5, 0.5, 0.0])
    (cut,) = violated_local_cuts(wheel(5), weight, np.zeros(6), MANY)
    assert row(cut)[0][5] == 2


def test_a_neighbourhood_has_no_more_sites_than_asked_for():
    assert violated_local_cuts(ring(9), np.full(9, 0.5), np.zeros(9), MANY, sites=8) == []


def test_a_solver_that_is_wrong_makes_no_cut(monkeypatch):
    # Coefficients are checked against all choices in whole numbers: three of these count 3 / 2.
    wrong = (2.0, np.full(7, 0.5))
    monkeypatch.setattr(local_cuts, "_mixture", lambda *_: wrong)
    assert violated_local_cuts(ring(7), np.full(7, 0.5), np.zeros(7), MANY) == []


def test_there_are_none_without_conflicts():
    assert violated_local_cuts(graph_of(3, []), np.full(3, 0.5), np.zeros(3), MANY) == []
    assert violated_local_cuts(graph_of(0, []), np.empty(0), np.empty(0), MANY) == []
