"""Grid oracle of the portfolio: feasibility of joint loads, and flow limits as Benders cuts.

Feasibility cuts: Benders (1962).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from siteopt.errors import SolverError
from siteopt.grid.case import case_of_layers
from siteopt.grid.hosting import operate
from siteopt.grid.snapshots import snapshots_of_layers
from siteopt.grid.system import build_system
from siteopt.grid.verification import dispatch_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from siteopt._arrays import Floats
    from siteopt.grid.case import GridCase
    from siteopt.grid.limits import BranchLimit, Security
    from siteopt.grid.redispatch import Redispatch, Shortfall
    from siteopt.grid.snapshots import Snapshot
    from siteopt.layers.store import Layers
    from siteopt.portfolio.search.grid_oracle import EnergyLike
    from siteopt.scenario import Scenario


_T = TypeVar("_T")

__all__ = ["FlowLimit", "GridOracle", "grid_oracle"]

_SERVED_TOLERANCE_MW: Final = 1e-2
"""Unserved load (MW) below which a load counts as served."""

_PRICE_TOLERANCE: Final = 1e-6
"""Coefficients below, relative to the largest, are dropped."""

_NAMED_BRANCHES: Final = 3
"""Branches that a limit is named after."""


class FlowLimit(NamedTuple):
    """Flow limit (Benders feasibility cut) of a snapshot: ``price @ load <= most_mw``."""

    snapshot: str
    branches: tuple[tuple[str, str], ...]
    """The first of the branches that bind, each with the one that is out ('' for none); none where
    the generating units of the whole country bind."""
    more: int
    """Number of further branches."""
    price: Floats
    """(N,)"""
    most_mw: float


@dataclass(frozen=True, eq=False)
class GridOracle:
    """Grid oracle: a grid case in the snapshots of a scenario.

    Attributes
    ----------
    case : GridCase
        Buses with ``province_code``.
    snapshots : dict of str to Snapshot
        Hours in which loads must be served.
    operations : dict of str to Redispatch
        Redispatch programs, by snapshot.
    security : {"none", "n-1"}
        Outages under which the limits hold.
    threads : int
        Snapshots solved side by side.
    energy : EnergyLike, optional
        What clean energy that is delivered through it costs; none where no match is asked for.
    """

    case: GridCase
    snapshots: dict[str, Snapshot]
    operations: dict[str, Redispatch]
    security: Security
    threads: int = 1
    energy: EnergyLike | None = None

    @classmethod
    def open(
        cls,
        case: GridCase,
        snapshots: dict[str, Snapshot],
        security: Security = "none",
        threads: int = 1,
    ) -> GridOracle:
        """Prepare a case for new loads in some snapshots.

        Parameters
        ----------
        case : GridCase
            Grid case, buses with ``province_code``.
        snapshots : dict[str, Snapshot]
            Snapshots by id.
        security : Security, optional
            Outages considered.
        threads : int, optional
            Snapshots solved side by side.

        Raises
        ------
        LayerError
            If the demand of a snapshot cannot be served even without branch limits.
        """
        system = build_system(case)
        with ThreadPoolExecutor(threads) as pool:
            opened = pool.map(
                lambda snapshot: operate(case, snapshot, security, system), snapshots.values()
            )
            operations = dict(zip(snapshots, opened, strict=True))
        return cls(case, snapshots, operations, security, threads)

    def __copy__(self) -> GridOracle:
        """Return the oracle with programs of its own that have answered nothing yet.

        A warm-started program may find another one of several limits that a load violates.
        """
        operations = {name: copy(operation) for name, operation in self.operations.items()}
        return replace(self, operations=operations)

    @property
    def bus_id(self) -> list[str]:
        """Ids of the buses, in the order of loads."""
        return [str(bus) for bus in self.case.buses["bus_id"]]

    def broken(self, loads: Iterable[Floats]) -> list[FlowLimit]:
        """Separate flow limits that new loads violate: none where all loads can be served.

        Parameters
        ----------
        loads : iterable of ndarray
            New loads by bus in MW, each of shape (N,).
        """
        wanted = list(loads)

        def of_snapshot(name: str) -> list[FlowLimit]:
            found: list[FlowLimit] = []
            for load in wanted:
                if any(
                    limit.price @ load > limit.most_mw + _SERVED_TOLERANCE_MW for limit in found
                ):
                    continue  # a known limit is broken already
                short = self.operations[name].shortfall(load)
                breaks = short.price @ load > short.most_mw + _SERVED_TOLERANCE_MW / 2
                if short.missing_mw > _SERVED_TOLERANCE_MW and breaks:
                    found.append(_flow_limit(name, short))
            return found

        return [limit for part in self._of_snapshots(of_snapshot) for limit in part]

    def _of_snapshots(self, one: Callable[[str], _T]) -> list[_T]:
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(one, self.operations))

    def verify(self, load_mw: Floats) -> None:
        """Verify that new loads can be served in every snapshot, by independent code.

        Parameters
        ----------
        load_mw : ndarray of float64
            New loads by bus in MW, shape (N,).

        Raises
        ------
        SolverError
            If the dispatch of a snapshot breaks a limit.
        """

        def one(name: str) -> list[str]:
            operation, demand = self.operations[name], self.snapshots[name].demand_mw
            drawn = demand.reindex(self.case.buses["bus_id"]).to_numpy(dtype=np.float64)
            today = (drawn, operation.today) if self.security == "n-1" else None
            faults = dispatch_faults(
                self.case,
                drawn + load_mw,
                operation.available_mw,
                operation.cheapest(load_mw),
                today=today,
                overloads={str(k): float(v) for k, v in operation.overloads.items()},
            )
            return [f"{name}: {fault}" for fault in faults]

        faults = [fault for part in self._of_snapshots(one) for fault in part]
        if faults:
            raise SolverError(f"the plan contradicts the grid case: {'; '.join(faults[:5])}")

    def account(self, load_mw: Floats) -> pd.DataFrame:
        """Return the effect of new loads in every snapshot.

        Parameters
        ----------
        load_mw : ndarray of float64
            New loads by bus in MW, shape (N,).

        Returns
        -------
        DataFrame
            ``snapshot_id, demand_mw, load_mw, cost_before_bn_krw_h, cost_after_bn_krw_h`` (fuel
            of the cheapest dispatch), ``curtailed_before_mw, curtailed_after_mw`` (solar and
            wind without an outlet), ``overloads`` (branches that are overloaded without new
            load).
        """

        def one(name: str) -> dict[str, object]:
            operation = self.operations[name]
            before, after = operation.today, operation.cheapest(load_mw)
            possible = operation.available_mw.sum()
            return {
                "snapshot_id": name,
                "demand_mw": float(self.snapshots[name].demand_mw.sum()),
                "load_mw": float(load_mw.sum()),
                "cost_before_bn_krw_h": before.cost_krw_h / 1e9,
                "cost_after_bn_krw_h": after.cost_krw_h / 1e9,
                "curtailed_before_mw": max(float(possible - before.renewable_mw.sum()), 0.0),
                "curtailed_after_mw": max(float(possible - after.renewable_mw.sum()), 0.0),
                "overloads": ", ".join(operation.overloads.index),
            }

        return pd.DataFrame(self._of_snapshots(one))

    def further(self, load_mw: Floats, provinces: Sequence[str]) -> pd.DataFrame:
        """Return the further hosting capacity of each province beside new loads, with binding limits.

        Parameters
        ----------
        load_mw : ndarray of float64
            New loads by bus in MW, shape (N,).
        provinces : sequence of str
            Province codes.

        Returns
        -------
        DataFrame
            ``province_code``, ``snapshot_id`` (the tightest), ``further_mw``, ``branches`` (the
            limits that stop a further MW, dearest first: pairs of the branch and the one that is
            out, '' for none; empty where the units of the whole country do).
        """
        code = self.case.buses["province_code"].astype(str).to_numpy()

        def one(name: str) -> list[tuple[float, tuple[BranchLimit, ...]]]:
            return [
                self.operations[name].further(load_mw, np.flatnonzero(code == province))
                for province in provinces
            ]

        found = self._of_snapshots(one)
        rows = []
        for place, province in enumerate(provinces):
            by_snapshot = [
                (answers[place][0], name)
                for name, answers in zip(self.operations, found, strict=True)
            ]
            further_mw, name = min(by_snapshot)
            limits = found[list(self.operations).index(name)][place][1]
            rows.append(
                {
                    "province_code": province,
                    "snapshot_id": name,
                    "further_mw": further_mw,
                    "branches": [(limit.branch_id, limit.outage_id) for limit in limits],
                }
            )
        return pd.DataFrame(
            rows, columns=["province_code", "snapshot_id", "further_mw", "branches"]
        )


def grid_oracle(layers: Layers, scenario: Scenario) -> GridOracle | None:
    """Return the grid oracle of a scenario, None where it switches flow limits off.

    Parameters
    ----------
    layers : Layers
        Layers of the run.
    scenario : Scenario
        Scenario of the run.

    Raises
    ------
    LayerError, ScenarioError
        If the case is faulty, cannot serve a snapshot by itself, or a snapshot is not there.
    """
    if not scenario.grid.flow_limits:
        return None
    snapshots = snapshots_of_layers(layers, scenario)
    case, threads = case_of_layers(layers), min(scenario.solver.threads, len(snapshots))
    return GridOracle.open(case, snapshots, scenario.grid.security, threads)


def _flow_limit(snapshot: str, short: Shortfall) -> FlowLimit:
    """Return a shortfall's cut, scaled to coefficients of at most 1, rounding dropped.

    A price near 0 is rounded to where the limit gets looser (loads are never negative), so that
    it still holds.
    """
    scale = 1.0 / max(float(np.abs(short.price).max()), _PRICE_TOLERANCE)
    price = short.price * scale
    dust = np.abs(price) < _PRICE_TOLERANCE
    price = np.where(dust, np.where(price < 0, -_PRICE_TOLERANCE, 0.0), price)
    named = tuple((limit.branch_id, limit.outage_id) for limit in short.limits[:_NAMED_BRANCHES])
    more = len(short.limits) - len(named)
    return FlowLimit(snapshot, named, more, price, short.most_mw * scale)
