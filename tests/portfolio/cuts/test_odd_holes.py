"""Odd holes: true of every choice of sites, and found where a relaxation violates them."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.portfolio.cuts import odd_holes
from siteopt.portfolio.cuts.odd_holes import violated_odd_holes
from tests.portfolio.instances import PROFILE
from tests.portfolio.stable_sets import PLACES, choices, counted, crowd, graph_of, ring, row, wheel

MANY = 100


@PROFILE
@given(
    places=PLACES,
    spacing=st.sampled_from([6, 9, 13]),
    weights=st.lists(st.sampled_from([0.0, 0.3, 0.4, 0.5]), min_size=16, max_size=16),
    order=st.permutations(range(16)),
)
def test_a_cut_holds_for_every_choice_and_not_for_the_weights(places, spacing, weights, order):
    graph, weight = crowd(places, spacing), np.array(weights[: len(places)])
    place = np.array(order[: len(places)], dtype=np.float64)
    cuts = violated_odd_holes(graph, weight, place, MANY)
    chosen = choices(graph)
    for cut in cuts:
        assert counted(cut, chosen).max() == cut.most
        assert cut.excess(weight) > 0


def rings_without_chords(near, size):
    """All odd holes of a size, by trying all sets of sites."""
    for sites in itertools.combinations(range(len(near)), size):
        inside = near[np.ix_(sites, sites)]
        if (inside.sum(axis=1) == 2).all() and _connected(inside):
            yield np.array(sites)


def _connected(inside):
    return (
        np.linalg.matrix_power(inside.astype(int) + np.eye(len(inside), dtype=int), 9) > 0
    ).all()


@PROFILE
@given(
    places=PLACES,
    spacing=st.sampled_from([6, 9, 13]),
    shares=st.lists(st.floats(0, 1), min_size=16, max_size=16),
)
def test_where_a_ring_is_violated_a_cut_is_found(places, spacing, shares):
    graph = crowd(places, spacing)
    near = graph.toarray()
    weight = np.array(shares[: len(places)])
    # The weights of a relaxation keep every pair within 1.
    weight /= max(1.0, np.max((weight[:, None] + weight)[near], initial=0.0))
    violated = any(
        weight[sites].sum() > size // 2 + 1e-3
        for size in (3, 5, 7)
        for sites in rings_without_chords(near, size)
    )
    found = violated_odd_holes(graph, weight, np.zeros(len(places)), MANY)
    assert found or not violated


@pytest.mark.parametrize("count", [5, 7, 9, 11])
def test_a_ring_with_half_of_each_site_is_cut_off(count):
    (cut,) = violated_odd_holes(ring(count), np.full(count, 0.5), np.zeros(count), MANY)
    assert row(cut) == (dict.fromkeys(range(count), 1), count // 2)


@pytest.mark.parametrize("count", [4, 6, 8])
def test_a_ring_of_even_length_is_not(count):
    assert violated_odd_holes(ring(count), np.full(count, 0.5), np.zeros(count), MANY) == []


def test_a_ring_that_is_met_with_equality_is_not():
    assert violated_odd_holes(ring(5), np.full(5, 0.4), np.zeros(5), MANY) == []


def test_a_hub_is_lifted_though_the_relaxation_does_not_choose_it():
    weight = np.array([0.5, 0.5, 0.5, 0.5, 0.5, 0.0])
    (cut,) = violated_odd_holes(wheel(5), weight, np.zeros(6), MANY)
    assert row(cut) == ({0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 2}, 2)


def test_a_ring_that_only_its_hub_violates_is_found():
    # 5 x 0.395 is below 2; with the hub twice it is 2.075.
    weight = np.array([0.395, 0.395, 0.395, 0.395, 0.395, 0.05])
    (cut,) = violated_odd_holes(wheel(5), weight, np.zeros(6), MANY)
    assert cut.excess(weight) == pytest.approx(0.075)


def test_a_site_chosen_in_part_is_lifted_before_one_of_a_lower_reduced_cost():
    spokes = [(site, hub) for site in range(5) for hub in (5, 6)]
    graph = graph_of(7, [(site, (site + 1) % 5) for site in range(5)] + spokes)
    order = np.array([0, 0, 0, 0, 0, 5.0, -5.0])
    weight = np.array([0.45, 0.45, 0.45, 0.45, 0.45, 0.1, 0.0])
    (cut,) = violated_odd_holes(graph, weight, order, MANY)
    assert row(cut)[0][5] == 2
    assert 6 not in row(cut)[0]


def test_a_ring_with_a_chord_is_cut_by_the_shorter_one():
    # A ring of seven with a chord that leaves a ring of five.
    graph = graph_of(7, [(site, (site + 1) % 7) for site in range(7)] + [(0, 4)])
    cuts = violated_odd_holes(graph, np.full(7, 0.5), np.zeros(7), MANY)
    assert {tuple(cut.sites) for cut in cuts} == {(0, 1, 2, 3, 4)}


@pytest.mark.parametrize(
    ("walk", "ring_of_it"),
    [
        ([0, 1, 2], [0, 1, 2]),
        ([0, 1, 2, 3, 1], [1, 2, 3]),  # there and back to a ring of three
        ([0, 1, 2, 1, 3], [0, 1, 3]),  # a detour there and back is left out
    ],
)
def test_a_walk_that_comes_by_a_site_twice_holds_a_ring_of_odd_length(walk, ring_of_it):
    assert odd_holes._ring(walk) == ring_of_it


@pytest.mark.parametrize(("chord", "left"), [((0, 4), {0, 1, 2, 3, 4}), ((0, 3), {0, 3, 4, 5, 6})])
def test_a_chord_leaves_the_ring_of_odd_length(chord, left):
    graph = graph_of(7, [(site, (site + 1) % 7) for site in range(7)] + [chord]).toarray()
    near = [set(np.flatnonzero(line).tolist()) for line in graph]
    assert set(odd_holes._without_chords(list(range(7)), near)) == left


def test_at_most_so_many_cuts_the_most_violated_first_and_the_same_ones_again():
    rng = np.random.default_rng(3)
    graph = crowd(rng.integers(0, 100, (150, 2)), 9)
    weight = np.where(rng.random(150) < 0.8, 0.5, 0.3)
    order = rng.random(150)
    cuts = violated_odd_holes(graph, weight, order, MANY)
    excess = [cut.excess(weight) / cut.most for cut in cuts]
    assert len(cuts) > 5
    assert excess == sorted(excess, reverse=True)
    again = violated_odd_holes(graph, weight, order, 5)
    assert len(again) == 5
    assert violated_odd_holes(graph, weight, order, 5)[0].sites.tolist() == again[0].sites.tolist()


def test_there_are_none_without_conflicts():
    assert violated_odd_holes(graph_of(3, []), np.full(3, 0.5), np.zeros(3), MANY) == []
    assert violated_odd_holes(graph_of(0, []), np.empty(0), np.empty(0), MANY) == []
