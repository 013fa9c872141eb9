"""Two buses of clean supply with all rows at once, for SciPy's solver."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from tests.energy.supplies import DAY

if TYPE_CHECKING:
    from siteopt.energy.program import Matching
    from siteopt.energy.supply import Supply


def plain_cost(  # noqa: C901, PLR0915 - one program, written out once
    supply: Supply, load_mw: np.ndarray[Any, Any], matching: Matching
) -> float:
    """Return the cost of a noisy supply by a program of its own, written hour by hour."""
    hours, network = supply.hours, supply.network
    assert network is not None
    assert supply.market_krw_mwh is not None
    total, one_way = load_mw.sum(), np.sqrt(supply.storage_efficiency)
    names = [f"C{k}" for k in range(2)] + [f"P{s}" for s in range(2)] + [f"E{s}" for s in range(2)]
    names += ["missing"]
    for h in range(hours):
        names += [f"used{h}", f"excess{h}", f"import{h}", f"over{h}", f"under{h}"]
        names += [f"{kind}{place}h{h}" for kind in ("g", "idle", "off", "in", "out", "lev", "up", "down")
                  for place in range(2)]  # fmt: skip
    at = {name: place for place, name in enumerate(names)}
    cost, upper = np.zeros(len(names)), np.full(len(names), np.inf)
    equal: list[tuple[dict[str, float], float]] = []
    below: list[tuple[dict[str, float], float]] = []
    for k in range(2):
        cost[at[f"C{k}"]] = supply.source_krw_mwh[k] * (supply.weight_h @ supply.source_yield[:, k])
        upper[at[f"C{k}"]] = supply.source_most_mw[k]
        cost[at[f"P{k}"]] = supply.storage_krw_mw_year
        cost[at[f"E{k}"]] = supply.storage_krw_mwh_year
    cost[at["missing"]] = supply.penalty_krw_mwh
    clean: dict[str, float] = {"missing": -1.0}
    spare: dict[str, float] = {}
    constant = 0.0
    for h in range(hours):
        w, cf, market = supply.weight_h[h], supply.source_yield[h], supply.market_krw_mwh[h]
        cost[at[f"used{h}"]], cost[at[f"excess{h}"]] = (
            w * supply.adder_krw_mwh, -w * supply.excess_krw_mwh,
        )  # fmt: skip
        cost[at[f"import{h}"]] = w * supply.grid_krw_mwh
        cost[at[f"over{h}"]] = cost[at[f"under{h}"]] = w * supply.penalty_krw_mwh
        clean[f"used{h}"], clean[f"import{h}"] = -w, -w * supply.grid_clean[h]
        if matching == "annual":
            mean = supply.weight_h @ supply.grid_clean / supply.weight_h.sum()
            clean[f"excess{h}"] = -w * (1.0 - mean)
        spare[f"excess{h}"] = w
        given_out = {f"C{k}": cf[k] for k in range(2)}
        given_out |= {f"off{z}h{h}": -1.0 for z in range(2)}
        given_out |= {f"out{s}h{h}": 1.0 for s in range(2)} | {f"in{s}h{h}": -1.0 for s in range(2)}
        later = {f"up{p}h{h}": -1.0 for p in range(2)} | {f"down{p}h{h}": 1.0 for p in range(2)}
        for name, value in (given_out | later).items():
            cost[at[name]] += w * market * value
        constant -= w * market * total
        direct = {f"out{s}h{h}": 1.0 for s in range(2)}
        below.append((direct | {f"used{h}": -1.0, f"excess{h}": -1.0}, 0.0))
        equal.append((given_out | {f"used{h}": -1.0, f"excess{h}": -1.0}, 0.0))
        equal.append(({f"used{h}": 1.0, f"import{h}": 1.0} | later, total))
        units = {f"g{u}h{h}": 1.0 for u in range(2)} | {f"idle{z}h{h}": -1.0 for z in range(2)}
        needed = supply.demand_mw[h] + total - supply.available_mw[h].sum()
        equal.append((given_out | units | later, needed))
        to_1 = {f"g1h{h}": 1.0, f"idle1h{h}": -1.0, f"off1h{h}": -1.0, "C1": cf[1],
                f"out1h{h}": 1.0, f"in1h{h}": -1.0, f"up1h{h}": -1.0, f"down1h{h}": 1.0}  # fmt: skip
        fixed = network.base_mw[h, 0] + load_mw[1]  # the line feeds what bus 1 lacks
        line = {name: -value for name, value in to_1.items()}
        limit = network.limit_mw[h, 0]
        below.append((line | {f"over{h}": -1.0}, limit - fixed))
        below.append((to_1 | {f"under{h}": -1.0}, limit + fixed))
        for p in range(2):
            upper[at[f"up{p}h{h}"]] = supply.flexible_share * load_mw[p]
            upper[at[f"down{p}h{h}"]] = supply.flexible_share * load_mw[p]
            cost[at[f"g{p}h{h}"]] += w * supply.fleet.krw_mwh[p]
            upper[at[f"g{p}h{h}"]] = supply.fleet.most_mw[p]
            upper[at[f"idle{p}h{h}"]] = supply.available_mw[h, p]
            below.append(({f"off{p}h{h}": 1.0, f"C{p}": -cf[p]}, 0.0))
            before = h - 1 if h % DAY else h + DAY - 1
            level = {f"lev{p}h{h}": 1.0, f"lev{p}h{before}": -1.0}
            level |= {f"in{p}h{h}": -one_way, f"out{p}h{h}": 1.0 / one_way}
            equal.append((level, 0.0))
            below += [({f"{kind}{p}h{h}": 1.0, f"{most}{p}": -1.0}, 0.0)
                      for kind, most in (("in", "P"), ("out", "P"), ("lev", "E"))]  # fmt: skip
    year = supply.weight_h.sum()
    places = [(0, 1)] if supply.flexible_between else [(0,), (1,)]
    for day, of in product(range(0, hours, DAY), places):
        kept = {f"up{p}h{h}": 1.0 for p in of for h in range(day, day + DAY)}
        equal.append((kept | {name.replace("up", "down"): -1.0 for name in kept}, 0.0))
    below.append((clean, -supply.target * year * total))
    below.append((spare, supply.excess_most * year * total))

    def matrix(rows: list[tuple[dict[str, float], float]]) -> sparse.csr_matrix:
        out = sparse.lil_matrix((len(rows), len(names)))
        for row, (entries, _) in enumerate(rows):
            for name, value in entries.items():
                out[row, at[name]] = value
        return sparse.csr_matrix(out)

    found = linprog(
        cost, A_ub=matrix(below), b_ub=[side for _, side in below],
        A_eq=matrix(equal), b_eq=[side for _, side in equal],
        bounds=list(zip(np.zeros(len(names)), upper, strict=True)), method="highs-ipm",
    )  # fmt: skip
    assert found.status == 0
    return float(found.fun) + constant
