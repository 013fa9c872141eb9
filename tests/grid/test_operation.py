"""What the grid can still serve: shortfalls and their proofs, further load, what is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError
from siteopt.grid.hosting import operate
from tests.examples import examples
from tests.grid.grids import Angles, case_of, random_grid, snapshot_of

SEEDS = st.integers(0, 100_000)
LINE = case_of(2, [(1, 2, 0.1, 30)], [(1, 100, 1.0), (2, 15, 2.0)])


def twin(case, snapshot, operation):
    """Return the program over angles with the limits that the operation has."""
    other = Angles(case, snapshot, operation.limits.limit_mw)
    return other.secure(operation) if operation.security == "n-1" else other


def random_load(seed, n, scale=120.0):
    rng = np.random.default_rng(seed + 1)
    return rng.uniform(0, scale, n) * (rng.random(n) < 0.6)


def test_shortfall_by_hand():
    operation = operate(LINE, snapshot_of(0, 10))
    # at bus 2 at most 30 by the line and 15 of its own, less 10 that are drawn already
    short = operation.shortfall(np.array([0.0, 50.0]))
    assert short.missing_mw == pytest.approx(15)
    assert short.price == pytest.approx([0, 1], abs=1e-9)
    assert short.most_mw == pytest.approx(35)
    assert [str(limit) for limit in short.limits] == ["L0"]
    # all units together
    short = operation.shortfall(np.array([120.0, 0.0]))
    assert short.missing_mw == pytest.approx(15)
    assert short.price == pytest.approx([1, 1], abs=1e-9)
    assert short.most_mw == pytest.approx(105)
    assert short.limits == ()


def test_what_can_be_served_lacks_nothing():
    short = operate(LINE, snapshot_of(0, 10)).shortfall(np.array([60.0, 30.0]))
    assert short.missing_mw == pytest.approx(0, abs=1e-6)


@examples(25)
@given(SEEDS, st.sampled_from(["none", "n-1"]))
def test_shortfall_is_that_of_a_program_over_angles_and_its_proof_holds(seed, security):
    case, snapshot = random_grid(seed)
    operation = operate(case, snapshot, security)
    other = twin(case, snapshot, operation)
    load = random_load(seed, other.n)
    short = operation.shortfall(load)
    assert load.sum() - other.served(load) == pytest.approx(short.missing_mw, abs=0.05)
    if short.missing_mw > 0.05:  # the proof shuts out the load that it was made for
        assert short.price @ load > short.most_mw + 0.9 * short.missing_mw - 0.02
    for step in range(6):
        asked = random_load(seed + 100 * step, other.n, 60.0)
        if other.can_serve(asked):
            assert short.price @ asked <= short.most_mw + 0.02


@examples(15)
@given(SEEDS, st.sampled_from(["none", "n-1"]))
def test_further_load_of_some_buses_beside_new_loads(seed, security):
    case, snapshot = random_grid(seed, tight=2.0)
    operation = operate(case, snapshot, security)
    other = twin(case, snapshot, operation)
    load = random_load(seed, other.n, 5.0)
    if not other.can_serve(load):
        return
    open_to = np.arange(other.n) % 2 == 0
    found = other.solve(
        np.where(open_to, -1.0, 0.0),
        [(mw, None if free else mw) for mw, free in zip(load, open_to, strict=True)],
    )
    further_mw, limits = operation.further(load, np.flatnonzero(open_to))
    assert further_mw == pytest.approx(-found.fun - load[open_to].sum(), abs=0.05)
    prices = [limit.price for limit in limits]
    assert prices == sorted(prices, reverse=True)


def test_questions_leave_no_trace():
    case, snapshot = random_grid(7)
    operation = operate(case, snapshot, "n-1")
    first = [operation.most_withdrawal(bus)[0] for bus in range(operation.system.buses)]
    operation.shortfall(np.full(operation.system.buses, 90.0))
    operation.further(np.zeros(operation.system.buses), np.array([0, 1]))
    operation.most_injection(1)
    again = [operation.most_withdrawal(bus)[0] for bus in range(operation.system.buses)]
    assert again == pytest.approx(first, abs=0.02)


def test_overloads_are_named_and_allowed_and_no_more():
    # bus 2 draws 60; 30 come over the line, 15 are its own: 15 too much
    operation = operate(LINE, snapshot_of(0, 60))
    assert operation.overloads.to_dict() == {"L0": pytest.approx(15, abs=1e-3)}
    assert operation.limits.limit_mw == pytest.approx([45], abs=1e-3)
    assert operation.today.flow_mw == pytest.approx([45], abs=2e-3)
    assert operation.most_withdrawal(1)[0] == pytest.approx(0, abs=1e-3)
    assert operation.most_withdrawal(0)[0] == pytest.approx(55, abs=1e-3)


@examples(25)
@given(SEEDS, st.sampled_from(["none", "n-1"]))
def test_an_overloaded_case_can_be_asked_everything(seed, security):
    case, snapshot = random_grid(seed, tight=0.3)
    operation = operate(case, snapshot, security)
    for bus in range(operation.system.buses):
        assert operation.most_withdrawal(bus)[0] >= 0
        assert operation.most_injection(bus)[0] >= 0
    load = random_load(seed, operation.system.buses)
    assert operation.shortfall(load).missing_mw <= load.sum() + 1e-6


def test_demand_beyond_all_units_is_named():
    with pytest.raises(LayerError, match=r"at most 115 MW, but 120 MW are drawn; check case_gen"):
        operate(LINE, snapshot_of(20, 100))


def test_negative_demand_that_nothing_takes_is_named():
    with pytest.raises(LayerError, match=r"loads sum to -20 MW, which nothing can take in"):
        operate(LINE, snapshot_of(-30, 10))
