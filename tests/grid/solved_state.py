"""How near the DC power flow of a case comes to the solved state that was published with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siteopt.errors import LayerError
from siteopt.grid.flow import branch_flows, network, pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.grid.case import GridCase

__all__ = ["SolvedStateAgreement", "solved_injection", "solved_state_agreement"]


@dataclass(frozen=True, slots=True)
class SolvedStateAgreement:
    """DC flows against ``flow_mw`` of the case.

    Attributes
    ----------
    correlation : float
        Pearson's, over the branches in service.
    rmse_mw : float
        Root of the mean squared difference.
    within_share : float
        Share of the branches with a limit whose difference is within the tolerance times their
        rating; NaN where none has a limit.
    losses_mw : float
        Generation less demand of the solved state, which was spread over the loads.
    differences : DataFrame
        ``branch_id, from_bus, to_bus, dc_mw, solved_mw, difference_mw, rate_mw``, the largest
        difference first, ties by branch.
    """

    correlation: float
    rmse_mw: float
    within_share: float
    losses_mw: float
    differences: pd.DataFrame


def solved_injection(case: GridCase) -> tuple[NDArray[np.float64], float]:
    """Return what the solved state puts in at each bus, and its losses.

    Generation in service less demand, shunts and DC lines. What is over (the losses of the AC
    state) is taken from the buses in proportion to their demand, so that the sum is 0; the
    solved flows play no part in it.

    Parameters
    ----------
    case : GridCase
        Generators with ``output_mw``, DC lines with ``flow_mw``.

    Returns
    -------
    injection_mw : ndarray, shape (buses,)
    losses_mw : float

    Raises
    ------
    LayerError
        If an output or DC flow in service is empty, or no bus has a demand.
    """
    demand = case.buses["p_load_mw"].to_numpy(dtype=np.float64)
    out = -demand - case.buses["g_shunt_mw"].to_numpy(dtype=np.float64)
    units = case.generators[case.generators["status"] == 1]
    links = case.dc_lines[case.dc_lines["status"] == 1]
    for table, name, column in (
        (units, "case_generators", "output_mw"),
        (links, "case_dc_lines", "flow_mw"),
    ):
        if table[column].isna().any():
            raise LayerError(
                f"{name}: {column} is empty; the solved state needs the output of all generators "
                "and the flow of all DC lines in service"
            )
    np.add.at(out, case.rows_of(units["bus_id"], "case_generators"), units["output_mw"].to_numpy())
    sent = links["flow_mw"].to_numpy(dtype=np.float64)
    received = sent - links["loss0_mw"].to_numpy() - links["loss1_pu"].to_numpy() * sent
    np.add.at(out, case.rows_of(links["from_bus"], "case_dc_lines"), -sent)
    np.add.at(out, case.rows_of(links["to_bus"], "case_dc_lines"), received)
    losses = float(out.sum())
    drawn = np.maximum(demand, 0.0)
    if not drawn.sum() > 0:
        raise LayerError("case_buses: p_load_mw is 0 at every bus; a solved state has a demand")
    piece = pieces(network(case))
    for number in range(piece.max() + 1):  # the losses of a piece are its own
        members = piece == number
        if (share := drawn[members].sum()) > 0:
            out[members] -= out[members].sum() * drawn[members] / share
    return out, losses


def solved_state_agreement(case: GridCase, tolerance: float = 0.05) -> SolvedStateAgreement:
    """Compare DC flows of the case's own dispatch with the flows of its solved AC state.

    They cannot be equal: the DC model knows no losses, voltages or reactive power.

    Parameters
    ----------
    case : GridCase
        A case with ``output_mw`` and ``flow_mw``.
    tolerance : float, optional
        Part of its rating within which a branch counts as agreeing.

    Returns
    -------
    SolvedStateAgreement

    Raises
    ------
    LayerError
        If the case holds no solved state, or as :func:`siteopt.grid.flow.network`.
    """
    net = network(case)
    live = case.branches[case.branches["status"] == 1].reset_index(drop=True)
    solved = live["flow_mw"].to_numpy(dtype=np.float64)
    if len(solved) == 0 or np.isnan(solved).any():
        raise LayerError(
            "case_branches: flow_mw is empty; every branch in service of a solved state has one"
        )
    injection, losses = solved_injection(case)
    flow = branch_flows(net, injection)
    difference = flow - solved
    table = pd.DataFrame(
        {
            "branch_id": live["branch_id"], "from_bus": live["from_bus"],
            "to_bus": live["to_bus"], "dc_mw": flow, "solved_mw": solved,
            "difference_mw": difference, "rate_mw": net.rate_mw,
        }
    )  # fmt: skip
    limited = np.isfinite(net.rate_mw)
    near = np.abs(difference)[limited] <= tolerance * net.rate_mw[limited]
    order = np.lexsort((np.arange(len(table)), -np.abs(difference)))
    return SolvedStateAgreement(
        correlation=float(np.corrcoef(flow, solved)[0, 1]),
        rmse_mw=float(np.sqrt(np.mean(difference**2))),
        within_share=float(near.mean()) if len(near) else np.nan,
        losses_mw=losses,
        differences=table.iloc[order].reset_index(drop=True),
    )
