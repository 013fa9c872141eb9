"""DC power flow against closed forms, dense re-solves and networkx."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError
from siteopt.grid.case import GridCase
from siteopt.grid.factors import ShiftFactors
from siteopt.grid.flow import Network, branch_flows, bridges, lodf, network, ptdf
from siteopt.grid.flow import pieces as piece_of
from tests.examples import examples


def net_of(n, ends, x, *, shift_deg=0.0, ratio=0.0, slack=0):
    count = len(ends)
    case = GridCase(
        pd.DataFrame({"bus_id": range(n), "type": [3 if row == slack else 1 for row in range(n)]}),
        pd.DataFrame(
            {
                "branch_id": [f"L{row}" for row in range(count)],
                "from_bus": [a for a, _ in ends], "to_bus": [b for _, b in ends],
                "x_pu": x, "ratio": ratio, "angle_deg": shift_deg, "rate_a_mva": 100.0,
                "status": 1,
            }
        ),
        pd.DataFrame(), pd.DataFrame(),
    )  # fmt: skip
    return network(case)


def without(net, branch):
    """The same network with one branch out."""
    keep = np.arange(len(net.branch_id)) != branch
    return Network(
        net.bus_id, net.branch_id[keep], net.from_row[keep], net.to_row[keep],
        net.stiffness_mw_rad[keep], net.shift_mw[keep], net.rate_mw[keep], net.slack,
    )  # fmt: skip


def dense_flows(net, injection):
    """Flows by a dense pseudo-inverse of the whole bus matrix, built branch by branch."""
    n = len(net.bus_id)
    matrix, need = np.zeros((n, n)), injection.astype(float).copy()
    for a, b, stiff, shift in zip(
        net.from_row, net.to_row, net.stiffness_mw_rad, net.shift_mw, strict=True
    ):
        matrix[[a, b], [a, b]] += stiff
        matrix[[a, b], [b, a]] -= stiff
        need[a] -= shift
        need[b] += shift
    angle = np.linalg.pinv(matrix) @ (need - need.mean())
    return net.stiffness_mw_rad * (angle[net.from_row] - angle[net.to_row]) + net.shift_mw


@st.composite
def networks(draw):
    """Connected networks of 2 to 8 buses, parallel branches, taps and shifts among them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = int(rng.integers(2, 9))
    tree = [(int(rng.integers(0, k)), k) for k in range(1, n)]
    more = [tuple(rng.choice(n, 2, replace=False).tolist()) for _ in range(rng.integers(0, n + 2))]
    ends = [pair[::-1] if rng.random() < 0.5 else pair for pair in tree + more]
    count = len(ends)
    return net_of(
        n, ends, rng.uniform(0.01, 0.3, count), shift_deg=rng.choice([0.0, 5.0, -30.0], count),
        ratio=rng.choice([0.0, 1.0, 0.95], count), slack=int(rng.integers(0, n)),
    )  # fmt: skip


def injections(net, seed=0):
    values = np.random.default_rng(seed).uniform(-100, 100, len(net.bus_id))
    return values - values.mean()


def test_triangle_shares_by_reactance():
    # 1 - 2 direct has x, the way round 2 x: two thirds and one third
    factors = ptdf(net_of(3, [(0, 1), (1, 2), (0, 2)], [0.1, 0.1, 0.1]))
    assert factors[:, 2] == pytest.approx([-1 / 3, -1 / 3, -2 / 3])
    assert factors[:, 0] == pytest.approx([0, 0, 0])


def test_tap_divides_stiffness():
    net = net_of(2, [(0, 1), (0, 1)], [0.1, 0.1], ratio=[0.0, 0.5])
    assert net.stiffness_mw_rad == pytest.approx([1000, 2000])
    assert branch_flows(net, np.array([90.0, -90.0])) == pytest.approx([30, 60])


def test_phase_shifter_drives_a_loop():
    # 1000 MW a radian on both: a shift of 0.1 rad in one of them drives 50 MW round the loop
    net = net_of(2, [(0, 1), (0, 1)], [0.1, 0.1], shift_deg=[np.rad2deg(0.1), 0.0])
    assert branch_flows(net, np.zeros(2)) == pytest.approx([-50, 50])


def test_branch_out_of_service_is_left_out():
    case = GridCase(
        pd.DataFrame({"bus_id": [1, 2]}),
        pd.DataFrame(
            {
                "branch_id": ["a", "b"], "from_bus": 1, "to_bus": 2, "x_pu": [np.nan, 0.1],
                "ratio": 0.0, "angle_deg": 0.0, "rate_a_mva": [10.0, 0.0], "status": [0, 1],
            }
        ),
        pd.DataFrame(), pd.DataFrame(), base_mva=50.0,
    )  # fmt: skip
    net = network(case)
    assert net.branch_id.tolist() == ["b"]
    assert net.stiffness_mw_rad.tolist() == [500]
    assert np.isinf(net.rate_mw).all()


def test_several_states_at_once():
    net = net_of(3, [(0, 1), (1, 2), (0, 2)], [0.1, 0.2, 0.3], shift_deg=[0.0, 4.0, 0.0])
    states = np.column_stack([injections(net, 1), injections(net, 2)])
    both = branch_flows(net, states)
    assert both.shape == (3, 2)
    assert both[:, 0] == pytest.approx(branch_flows(net, states[:, 0]))
    assert both[:, 1] == pytest.approx(branch_flows(net, states[:, 1]))


def test_one_bus_has_no_flow():
    net = net_of(1, [], [])
    assert ptdf(net).shape == (0, 1)
    assert branch_flows(net, np.array([5.0])).shape == (0,)


def test_each_piece_has_a_reference_and_a_balance_of_its_own():
    net = net_of(5, [(0, 1), (2, 3), (3, 4)], [0.1, 0.1, 0.2], slack=3)
    assert piece_of(net).tolist() == [0, 0, 1, 1, 1]
    factors = ptdf(net)
    # the first piece is balanced at its first bus, the second at the slack
    assert factors == pytest.approx(np.array([[0, -1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, -1]]))
    assert bridges(net).all()
    put_in = np.array([-7.0, 7.0, 4.0, -9.0, 5.0])
    assert branch_flows(net, put_in) == pytest.approx([-7, 4, -5])
    # what is left over in one piece is taken there, and does not reach the other
    put_in[1] += 3
    assert branch_flows(net, put_in) == pytest.approx([-10, 4, -5])


def test_the_first_bus_of_type_3_of_a_piece_is_its_reference():
    net = replace(net_of(5, [(0, 1), (2, 3), (3, 4)], [0.1, 0.1, 0.2], slack=1), more_slacks=(4, 3))
    empty = np.flatnonzero((ptdf(net) == 0).all(axis=0))
    assert empty.tolist() == [1, 4]


@examples(40)
@given(st.data())
def test_kept_angles_say_what_the_matrix_says(data):
    net = data.draw(networks())
    dense, rows = ShiftFactors(net), ShiftFactors(net, most_cells=-1)
    put_in = injections(net, 3)
    assert rows.flows(put_in) == pytest.approx(dense.flows(put_in), abs=1e-8)
    assert rows.outages == pytest.approx(dense.outages, abs=1e-8)
    for branch in range(len(net.branch_id)):
        assert rows.row(branch) == pytest.approx(dense.row(branch), abs=1e-10)
    assert rows.matrix == pytest.approx(dense.matrix, abs=1e-10)


def test_reactances_that_cancel_are_named():
    with pytest.raises(LayerError, match="check the negative x_pu"):
        ptdf(net_of(2, [(0, 1), (0, 1)], [0.1, -0.1]))


@examples(60)
@given(networks())
def test_flows_agree_with_a_dense_solve(net):
    injection = injections(net)
    assert branch_flows(net, injection) == pytest.approx(dense_flows(net, injection), abs=1e-6)


@examples(60)
@given(networks(), st.data())
def test_ptdf_column_is_the_change_of_flow(net, data):
    n = len(net.bus_id)
    bus, slack = data.draw(st.integers(0, n - 1)), data.draw(st.integers(0, n - 1))
    one = np.zeros(n)
    one[bus] += 1
    one[slack] -= 1
    change = dense_flows(net, one) - dense_flows(net, np.zeros(n))
    assert ptdf(net, slack)[:, bus] == pytest.approx(change, abs=1e-8)


@examples(60)
@given(networks())
def test_lodf_column_is_a_solve_without_the_branch(net):
    injection = injections(net)
    before = dense_flows(net, injection)
    factors = lodf(net, ptdf(net))
    for branch in np.flatnonzero(~bridges(net)):
        # what the outage leaves: the branch's own shifter goes with it
        after = before + factors[:, branch] * before[branch]
        assert after[branch] == pytest.approx(0, abs=1e-9)
        expected = dense_flows(without(net, branch), injection)
        assert np.delete(after, branch) == pytest.approx(expected, abs=1e-6)


@examples(60)
@given(networks())
def test_bridges_are_those_of_networkx(net):
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(len(net.bus_id)))
    pairs = list(zip(net.from_row.tolist(), net.to_row.tolist(), strict=True))
    graph.add_edges_from(pairs)
    # networkx counts parallel edges once, so only pairs joined once can be bridges
    simple = {frozenset(edge) for edge in nx.bridges(nx.Graph(graph))}
    expected = [frozenset(p) in simple and graph.number_of_edges(*p) == 1 for p in pairs]
    assert bridges(net).tolist() == expected
    factors = lodf(net, ptdf(net))
    assert np.isnan(factors).all(axis=0).tolist() == expected
