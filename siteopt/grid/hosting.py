"""How much more each bus of a grid case can draw: one DC optimal power flow a bus.

The plain definition: the demand of one hour, generators free between 0 and their maximum, no
other source, DC lines and branches within their limits; the largest further withdrawal at one
bus at a time. Hosting capacities of two buses do not add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import highspy
import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array, eye_array, hstack, vstack

from siteopt.errors import LayerError, SolverError
from siteopt.grid.case import GridCase
from siteopt.highs import new_highs

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GridCase", "hosting_capacity"]

_BASE_MVA: Final = 100.0
"""Base of the per-unit reactances of a MATPOWER case."""


@dataclass(frozen=True, slots=True)
class _Program:
    """Rows: balance of every bus, then flow of every branch in service (MW)."""

    matrix: csr_array
    row_low: NDArray[np.float64]
    row_high: NDArray[np.float64]
    col_low: NDArray[np.float64]
    col_high: NDArray[np.float64]


def _incidence(rows: NDArray[np.int64], n_buses: int) -> csr_array:
    """Return a matrix with a 1 in the row of each column's bus."""
    n = len(rows)
    return csr_array(coo_array((np.ones(n), (rows, np.arange(n))), shape=(n_buses, n)))


def _flows(case: GridCase) -> tuple[csr_array, NDArray[np.float64], pd.DataFrame]:
    """Return MW a radian, the MW of phase shifters, and the branches in service."""
    live = case.branches[case.branches["status"] == 1].reset_index(drop=True)
    for column in ("x_pu", "rate_a_mva"):
        bad = ~(live[column].abs() > 0)
        if bad.any():
            raise LayerError(
                f"case_branches: {column} of {live.loc[bad, 'branch_id'].iloc[0]} is 0 or empty; "
                "a branch in service needs one"
            )
    n = len(case.buses)
    start = _incidence(case.rows_of(live["from_bus"], "case_branches"), n)
    end = _incidence(case.rows_of(live["to_bus"], "case_branches"), n)
    tap = live["ratio"].where(live["ratio"] != 0, 1.0)
    stiffness = (_BASE_MVA / (live["x_pu"] * tap)).to_numpy()
    shift = -stiffness * np.deg2rad(live["angle_deg"].to_numpy())
    matrix = csr_array((start - end).T.multiply(stiffness[:, None]))
    return matrix, shift, live


def _program(case: GridCase, demand_mw: NDArray[np.float64]) -> _Program:
    """Return the DC power flow: columns are angles, generators, DC lines, further loads."""
    n = len(case.buses)
    flow, shift, live = _flows(case)
    start = _incidence(case.rows_of(live["from_bus"], "case_branches"), n)
    end = _incidence(case.rows_of(live["to_bus"], "case_branches"), n)
    outflow = csr_array(start - end)
    gens = _incidence(case.rows_of(case.generators["bus_id"], "case_generators"), n)
    links = case.dc_lines[case.dc_lines["status"] == 1]
    dc_start = _incidence(case.rows_of(links["from_bus"], "case_dc_lines"), n)
    dc_end = _incidence(case.rows_of(links["to_bus"], "case_dc_lines"), n)
    balance = hstack([-(outflow @ flow), gens, dc_end - dc_start, -eye_array(n)])
    others = csr_array((len(live), gens.shape[1] + dc_start.shape[1] + n))
    need = demand_mw + case.buses["g_shunt_mw"].to_numpy() + outflow @ shift
    rate = live["rate_a_mva"].to_numpy(dtype=float)
    free = np.full(n, np.inf)
    free[0] = 0.0
    return _Program(
        matrix=csr_array(vstack([balance, hstack([flow, others])])),
        row_low=np.concatenate([need, -rate - shift]),
        row_high=np.concatenate([need, rate - shift]),
        col_low=np.concatenate(
            [-free, np.zeros(gens.shape[1]), links["p_min_mw"].to_numpy(dtype=float), np.zeros(n)]
        ),
        col_high=np.concatenate(
            [
                free,
                case.generators["p_max_mw"].to_numpy(dtype=float),
                links["p_max_mw"].to_numpy(dtype=float),
                np.zeros(n),
            ]
        ),
    )


def _solver(program: _Program) -> highspy.Highs:
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = program.matrix.shape
    model.col_cost_ = np.zeros(model.num_col_)
    model.col_lower_, model.col_upper_ = program.col_low, program.col_high
    model.row_lower_, model.row_upper_ = program.row_low, program.row_high
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = program.matrix.indptr
    model.a_matrix_.index_ = program.matrix.indices
    model.a_matrix_.value_ = program.matrix.data
    model.sense_ = highspy.ObjSense.kMaximize
    solver = new_highs()
    solver.passModel(model)
    return solver


def hosting_capacity(case: GridCase, demand_mw: pd.Series) -> pd.DataFrame:
    """Return the largest further withdrawal of each bus, one bus at a time.

    Parameters
    ----------
    case : GridCase
        Buses, branches, generators and DC lines.
    demand_mw : Series
        Demand of the hour by ``bus_id``, MW.

    Returns
    -------
    DataFrame
        ``bus_id, hosting_mw``, rows as in ``case.buses``.

    Raises
    ------
    LayerError
        If a bus, reactance or rating is missing, or the demand cannot be served without new load.
    SolverError
        If the solver fails.
    """
    demand = demand_mw.reindex(case.buses["bus_id"])
    if demand.isna().any():
        bus = demand.index[demand.isna()][0]
        raise LayerError(f"demand: no value for bus {bus}; every bus of the case needs one")
    program = _program(case, demand.to_numpy(dtype=float))
    solver = _solver(program)
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise LayerError(
            f"grid case: {demand.sum():,.0f} MW cannot be served within branch ratings even "
            f"without new load ({solver.modelStatusToString(status)}); check case_branches"
        )
    n = len(case.buses)
    first = program.matrix.shape[1] - n
    hosting = np.empty(n)
    for bus in range(n):
        column = first + bus
        solver.changeColCost(column, 1.0)
        solver.changeColBounds(column, 0.0, highspy.kHighsInf)
        solver.run()
        status = solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverError(
                f"hosting capacity of bus {case.buses['bus_id'].iloc[bus]}: "
                f"{solver.modelStatusToString(status)}; an optimal value was expected"
            )
        hosting[bus] = solver.getObjectiveValue()
        solver.changeColCost(column, 0.0)
        solver.changeColBounds(column, 0.0, 0.0)
    return pd.DataFrame({"bus_id": case.buses["bus_id"].to_numpy(), "hosting_mw": hosting})
