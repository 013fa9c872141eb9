"""The cheapest dispatch against pandapower's DC optimal power flow on the cases that it ships."""

from __future__ import annotations

import contextlib

import numpy as np
import pandapower
import pandapower.networks
import pytest
from pandapower.pypower.opf import opf
from pandapower.pypower.ppoption import ppoption

from siteopt.grid.case import read_case
from siteopt.grid.hosting import operate
from siteopt.grid.hosting_study import own_snapshot
from tests.grid.grids import matpower_text, quiet_pandapower, shuffled

CASES = [
    "case5", "case6ww", "case9", "case14", "case24_ieee_rts", "case30", "case_ieee30", "case39",
    "case57", "case118", "case_illinois200", "case300",
]  # fmt: skip
P_MIN = 9


@pytest.fixture(scope="module", params=CASES)
def solved(request, tmp_path_factory):
    """Return a case as we read it, and what pandapower says of it."""
    # it fails to fill its own tables under pandas 3
    with quiet_pandapower(), contextlib.suppress(ValueError):
        net = getattr(pandapower.networks, request.param)()
        pandapower.rundcopp(net, suppress_warnings=True)
    ppc = net["_ppc_opf"]
    ppc["gen"][:, P_MIN] = 0.0  # our units are free between 0 and their most
    file = tmp_path_factory.mktemp("opf") / f"{request.param}.m"
    file.write_text(matpower_text(ppc), encoding="utf-8")
    found = opf(ppc, ppoption(VERBOSE=0, PF_DC=True))
    assert found["success"]
    return read_case(file), found


def test_cost_and_dispatch_are_pandapowers(solved):
    case, found = solved
    today = operate(case, own_snapshot(case)).today
    standing = case.generators["cost_krw_h"].sum()
    assert today.cost_krw_h + standing == pytest.approx(found["f"], rel=1e-7)
    assert today.decided
    assert today.unit_mw == pytest.approx(found["gen"][:, 1], abs=0.01)


def test_flows_do_not_hang_on_the_order_of_rows(solved):
    case, _ = solved
    flows = []
    for one in (case, shuffled(case, np.random.default_rng(1))):
        operation = operate(one, own_snapshot(one))
        ids = operation.system.net.branch_id
        flows.append(operation.today.flow_mw[np.argsort(ids)])
    assert flows[1] == pytest.approx(flows[0], abs=1e-3)
