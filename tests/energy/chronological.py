"""Copper plate of clean supply with every hour of the year written out, for SciPy's solver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from tests.energy.supplies import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.energy.supply import Supply


def chronological_plan(
    supply: Supply, load_mw: float, day_order: NDArray[np.int64]
) -> tuple[float, NDArray[np.float64]]:
    """Return the least cost and the contracted MW, matched by the hour.

    Days of one typical day share their dispatch, and the level of the one storage has a variable
    in each hour of each day of the year; with a typical day for each day of the year it is the
    program of the whole year. All sources are new.
    """
    hours, sources, levels = supply.hours, len(supply.source_name), DAY * len(day_order)
    weight, clean = supply.weight_h, supply.grid_clean
    sizes = {"source": sources, "power": 1, "energy": 1, "missing": 1, "used": hours,
             "excess": hours, "off": hours, "in": hours, "out": hours, "moved": hours,
             "level": levels}  # fmt: skip
    cost = {name: np.zeros(size) for name, size in sizes.items()}
    cost["source"] = supply.source_krw_mwh * (weight @ supply.source_yield)
    cost["power"][:], cost["energy"][:] = supply.storage_krw_mw_year, supply.storage_krw_mwh_year
    cost["missing"][:] = supply.penalty_krw_mwh
    cost["used"] = weight * (supply.adder_krw_mwh - supply.grid_krw_mwh)
    cost["excess"], cost["moved"] = -weight * supply.excess_krw_mwh, weight * supply.grid_krw_mwh
    most = {name: np.full(size, np.inf) for name, size in sizes.items()}
    most["source"] = supply.source_most_mw
    most["moved"] = np.full(hours, supply.flexible_share * load_mw)
    least = {name: np.zeros(size) for name, size in sizes.items()} | {"moved": -most["moved"]}

    def rows(count: int, **blocks: Any) -> sparse.csr_array:
        parts = [sparse.csr_array(blocks.get(name, (count, size))) for name, size in sizes.items()]
        return sparse.csr_array(sparse.hstack(parts))

    one, column, whole = sparse.eye_array(hours), np.ones((hours, 1)), np.ones((levels, 1))
    each = (day_order[:, None] * DAY + np.arange(DAY)).ravel()  # typical hour of each hour
    of_hour = sparse.csr_array((np.ones(levels), (np.arange(levels), each)), shape=(levels, hours))
    now = sparse.eye_array(levels).tocsr()
    step = now - now[np.roll(np.arange(levels), 1)]
    one_way = np.sqrt(supply.storage_efficiency)
    by_day = sparse.kron(sparse.eye_array(hours // DAY), np.ones((1, DAY)))
    equal = [
        rows(hours, source=supply.source_yield, off=-one, out=one, used=-one, excess=-one)
        + rows(hours, **{"in": -one}),
        rows(levels, level=step, out=of_hour / one_way)
        + rows(levels, **{"in": -of_hour * one_way}),
        rows(hours // DAY, moved=by_day),
    ]
    year = float(weight.sum())
    below = [
        (rows(hours, off=one, source=-supply.source_yield), np.zeros(hours)),
        (rows(hours, power=-column, **{"in": one}), np.zeros(hours)),
        (rows(hours, power=-column, out=one), np.zeros(hours)),
        (rows(levels, energy=-whole, level=now), np.zeros(levels)),
        (rows(hours, used=one, moved=-one), np.full(hours, load_mw)),
        (rows(1, excess=weight[None]), np.array([supply.excess_most * year * load_mw])),
        (
            rows(1, used=-(weight * (1.0 - clean))[None], missing=-np.ones((1, 1)))
            + rows(1, moved=-(weight * clean)[None]),
            np.array([(weight @ clean - supply.target * year) * load_mw]),
        ),
    ]
    a_eq = sparse.vstack(equal).tocsr()
    solve: Any = linprog  # its stubs know fewer kinds of arrays
    found = solve(
        np.concatenate(list(cost.values())),
        A_ub=sparse.vstack([part for part, _ in below]).tocsr(),
        b_ub=np.concatenate([side for _, side in below]),
        A_eq=a_eq, b_eq=np.zeros(a_eq.shape[0]),
        bounds=np.column_stack([np.concatenate(list(least.values())),
                                np.concatenate(list(most.values()))]),
        method="highs",
    )  # fmt: skip
    assert found.status == 0
    return float(found.fun) + supply.grid_krw_mwh * year * load_mw, found.x[:sources]
