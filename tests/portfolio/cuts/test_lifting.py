"""Lifting: what it makes of a cut is true of every choice, and can be no larger."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.portfolio.constraints.cut_rows import Cut
from siteopt.portfolio.cuts.lifting import StableSets, bit_sets, lifted
from tests.portfolio.instances import PROFILE
from tests.portfolio.stable_sets import PLACES, choices, counted, crowd, graph_of, ring, row, wheel


@PROFILE
@given(places=PLACES, spacing=st.sampled_from([4, 7, 11]), data=st.data())
def test_the_heaviest_stable_set_is_that_of_enumeration(places, spacing, data):
    graph = crowd(places, spacing)
    count = len(places)
    weight = data.draw(st.lists(st.integers(0, 5), min_size=count, max_size=count))
    sets = StableSets(bit_sets(graph.toarray()), weight)
    inside = data.draw(st.integers(0, 2**count - 1))
    within = (inside >> np.arange(count)) & 1
    chosen = choices(graph)
    expected = (chosen @ (within * np.array(weight)))[(chosen <= within).all(axis=1)].max()
    assert sets.best(inside) == expected
    heaviest = (sets.heaviest(inside) >> np.arange(count)) & 1
    assert heaviest @ weight == expected
    assert (heaviest <= within).all()
    assert heaviest @ graph.toarray() @ heaviest == 0


@PROFILE
@given(places=PLACES, spacing=st.sampled_from([5, 8, 12]), data=st.data())
def test_a_lifted_cut_holds_for_every_choice_and_no_coefficient_can_be_larger(
    places, spacing, data
):
    graph = crowd(places, spacing)
    count = len(places)
    size = data.draw(st.integers(1, 5))
    sites = np.array(data.draw(st.permutations(range(count)))[:size])
    order = np.array(data.draw(st.permutations(range(count))), dtype=np.float64)
    coefficient = data.draw(st.lists(st.integers(1, 3), min_size=size, max_size=size))
    chosen = choices(graph)
    inside = chosen[:, sites] @ coefficient
    cut = lifted(graph, sites, coefficient, int(inside.max()), order)
    count_of = counted(cut, chosen)
    assert count_of.max() == cut.most
    assert (np.diff(cut.sites) > 0).all()
    for site, value in zip(cut.sites, cut.coefficient, strict=True):
        if site not in sites:
            assert value > 0
            assert count_of[chosen[:, site] == 1].max() == cut.most


def test_the_hub_of_a_ring_of_five_counts_twice():
    cut = lifted(wheel(5), np.arange(5), [1] * 5, 2, np.zeros(6))
    assert row(cut) == ({0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 2}, 2)


def test_the_site_of_the_lowest_order_is_lifted_first():
    # Two hubs without conflict with each other: only the first can count twice.
    spokes = [(site, hub) for site in range(5) for hub in (5, 6)]
    graph = graph_of(7, [(site, (site + 1) % 5) for site in range(5)] + spokes)
    assert row(lifted(graph, np.arange(5), [1] * 5, 2, np.array([0, 0, 0, 0, 0, 1, 2])))[0][5] == 2
    order = np.array([0, 0, 0, 0, 0, 2, 1])
    assert 5 not in row(lifted(graph, np.arange(5), [1] * 5, 2, order))[0]


def test_a_pair_is_lifted_to_a_clique():
    graph = graph_of(5, [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3), (3, 4)])
    assert row(lifted(graph, np.array([0, 1]), [1, 1], 1, np.zeros(5))) == (
        {0: 1, 1: 1, 2: 1, 3: 1},
        1,
    )


def test_lifting_that_meets_too_many_sets_leaves_sites_out_and_stays_true(monkeypatch):
    monkeypatch.setattr("siteopt.portfolio.cuts.lifting._SETS", 0)
    cut = lifted(wheel(5), np.arange(5), [1] * 5, 2, np.zeros(6))
    assert row(cut) == (dict.fromkeys(range(5), 1), 2)


@pytest.mark.parametrize(("share", "excess"), [(0.5, 0.5), (0.4, 0.0), (0.0, -2.0)])
def test_the_excess_is_what_weights_count_above_the_right_side(share, excess):
    cut = Cut(np.arange(5), np.ones(5), 2.0)
    assert cut.excess(np.full(6, share)) == pytest.approx(excess)
    assert counted(cut, choices(ring(5))).max() == 2
