"""The reader and the DC power flow against pandapower on the cases published with it.

Each case is written as MATPOWER text and read back, so reader and flow are proven together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandapower.networks
import pytest
from pandapower.converter import to_ppc
from pandapower.pf.run_dc_pf import _run_dc_pf
from pandapower.pypower.makeLODF import makeLODF
from pandapower.pypower.makePTDF import makePTDF

from siteopt.grid.case import GridCase, read_case
from siteopt.grid.flow import Network, branch_flows, bridges, lodf, network, ptdf
from tests.grid.grids import matpower_text, quiet_pandapower
from tests.grid.solved_state import solved_injection, solved_state_agreement

CASES = [
    "case9", "case14", "case24_ieee_rts", "case30", "case39", "case57", "case89pegase", "case118",
    "case_illinois200", "case300",
]  # fmt: skip


class Published(NamedTuple):
    """A case as pandapower solved it, and as we read it from the text."""

    ppc: dict
    case: GridCase
    net: Network
    factors: np.ndarray

    @property
    def branch(self):
        return self.ppc["branch"].real


@pytest.fixture(scope="module", params=CASES)
def published(request, tmp_path_factory):
    with quiet_pandapower():
        ppc = to_ppc(getattr(pandapower.networks, request.param)(), init="flat")
    # what rundcpp solves with; rundcpp itself then fails to fill its tables under pandas 3
    ppc = _run_dc_pf(ppc, recycle=None)
    file = tmp_path_factory.mktemp("published") / f"{request.param}.m"
    file.write_text(matpower_text(ppc), encoding="utf-8")
    case = read_case(file)
    net = network(case)
    return Published(ppc, case, net, ptdf(net))


def test_ptdf_is_pandapowers(published):
    slack = int(np.flatnonzero(published.ppc["bus"][:, 1] == 3)[0])
    expected = makePTDF(published.ppc["baseMVA"], published.ppc["bus"], published.branch, slack)
    assert published.net.slack == slack
    assert published.factors.shape == expected.shape
    assert np.abs(published.factors - expected).max() < 1e-6


def test_lodf_is_pandapowers(published):
    with np.errstate(all="ignore"):  # it divides by nothing where an outage splits the network
        expected = makeLODF(published.branch, published.factors)
    found, split = lodf(published.net, published.factors), bridges(published.net)
    assert np.isnan(found[:, split]).all()
    assert np.abs(found[:, ~split] - expected[:, ~split]).max() < 1e-6


def test_bridges_leave_no_other_way(published):
    net, factors = published.net, published.factors
    rows = np.arange(len(net.branch_id))
    along = factors[rows, net.from_row] - factors[rows, net.to_row]
    assert bridges(net).tolist() == np.isclose(along, 1.0, rtol=0, atol=1e-9).tolist()


def test_flows_are_pandapowers(published):
    injection, _ = solved_injection(published.case)
    found = branch_flows(published.net, injection)
    expected = published.branch[:, 13]
    assert np.abs(expected).max() > 10
    assert np.abs(found - expected).max() < 1e-6


def test_solved_dc_state_agrees_with_itself(published):
    agreement = solved_state_agreement(published.case)
    assert agreement.correlation == pytest.approx(1, abs=1e-9)
    assert agreement.rmse_mw < 1e-6
    assert agreement.within_share == 1
    assert agreement.losses_mw == pytest.approx(0, abs=1e-6)
