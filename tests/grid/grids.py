"""Small grids for the tests, and the same programs written otherwise: angles, no factors.

`Angles` knows nothing of shift or outage factors: every outage has angles of its own on a network
without the branch. It is solved by scipy's linprog.
"""

from __future__ import annotations

import contextlib
import dataclasses
import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from siteopt.grid.case import GridCase
from siteopt.grid.limits import TODAY_SLACK_MW
from siteopt.grid.snapshots import Snapshot

BRANCH = ["from_bus", "to_bus", "x_pu", "rate_a_mva"]


def case_of(n, branches, units, dc_lines=(), *, sources=None, shunts=0.0, tap=0.0, angle=0.0):
    """Buses 1 to n; branches (from, to, x, rate); units (bus, most[, cost[, quadratic cost]])."""
    table = pd.DataFrame(list(branches), columns=BRANCH)
    filled = [(*unit, 0.0, 0.0)[:4] for unit in units]
    return GridCase(
        pd.DataFrame(
            {
                "bus_id": [str(bus) for bus in range(1, n + 1)],
                "name_ko": [f"모선 {bus}" for bus in range(1, n + 1)],
                "name_en": [f"Bus {bus}" for bus in range(1, n + 1)],
                "g_shunt_mw": shunts, "p_load_mw": 0.0, "wind_mw": 0.0,
                "solar_mw": np.zeros(n) if sources is None else sources,
            }
        ),
        table.assign(
            branch_id=[f"L{row}" for row in range(len(table))],
            from_bus=table["from_bus"].astype(int).astype(str),
            to_bus=table["to_bus"].astype(int).astype(str),
            ratio=tap, angle_deg=angle, status=1,
        ),
        pd.DataFrame(
            {
                "generator_id": [f"G{row}" for row in range(len(filled))],
                "bus_id": [str(unit[0]) for unit in filled],
                "p_max_mw": [float(unit[1]) for unit in filled],
                "cost_krw_mwh": [float(unit[2]) for unit in filled],
                "cost_krw_mw2h": [float(unit[3]) for unit in filled],
            }
        ),
        pd.DataFrame(
            [(str(a), str(b), 1, low, high) for a, b, low, high in dc_lines],
            columns=["from_bus", "to_bus", "status", "p_min_mw", "p_max_mw"],
        ),
    )  # fmt: skip


def snapshot_of(*demand_mw, sun=0.0, name="made"):
    """One hour; ``sun`` is output per installed solar capacity."""
    ids = [str(bus) for bus in range(1, len(demand_mw) + 1)]
    demand = pd.Series(demand_mw, index=ids, dtype=float)
    ratio = pd.Series(0.0, index=ids)
    return Snapshot(
        name, "시험", "Test", 1, solar_and_wind=sun > 0, demand_mw=demand,
        solar_cf=ratio + sun, wind_cf=ratio,
    )  # fmt: skip


def random_grid(seed, *, tight=1.0):
    """Return a meshed case of 3 to 7 buses with a tap, a phase shifter, a DC line and sun."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 8))
    ends = [(int(rng.integers(1, bus)), bus) for bus in range(2, n + 1)]
    ends += [tuple(sorted(rng.choice(n, 2, replace=False) + 1)) for _ in range(n - 1)]
    branches = [(a, b, rng.uniform(0.02, 0.2), tight * rng.uniform(30, 150)) for a, b in ends]
    units = [
        (int(rng.integers(1, n + 1)), rng.uniform(80, 250), rng.uniform(1, 9), rng.uniform(0, 0.02))
        for _ in range(3)
    ]
    tap, angle = np.zeros(len(branches)), np.zeros(len(branches))
    tap[0], angle[-1] = 0.95, rng.uniform(-1, 1)
    case = case_of(
        n, branches, units, [(1, n, -15.0, 25.0)], sources=rng.uniform(0, 40, n),
        shunts=rng.uniform(0, 2, n), tap=tap, angle=angle,
    )  # fmt: skip
    demand = rng.uniform(0, 200 / n, n)
    return case, snapshot_of(*demand, sun=float(rng.choice([0.0, 0.7])))


def shuffled(case, rng):
    """Return a case with the rows of all its tables in another order."""
    tables = {
        name: getattr(case, name).iloc[rng.permutation(len(getattr(case, name)))]
        for name in ("buses", "branches", "generators", "dc_lines")
    }
    return dataclasses.replace(
        case, **{name: table.reset_index(drop=True) for name, table in tables.items()}
    )


@contextlib.contextmanager
def quiet_pandapower():
    """Pass over what pandapower warns of itself."""
    with warnings.catch_warnings():
        # pandapower 3.1 opens its files in a way that pandas 4 will drop, and they are older
        # than a table that it has had since 3.0
        warnings.filterwarnings("ignore", "For backward compatibility, 'str' dtypes")
        warnings.filterwarnings("ignore", "tap_dependency_table is missing")
        yield


WIDTHS = {"bus": 13, "gen": 21, "branch": 17, "gencost": None}
"""Columns of the MATPOWER tables; pandapower appends its own."""


def matpower_text(ppc):
    """MATPOWER text of a pypower case; bus numbers from 1, as the format wants."""
    tables = {
        name: ppc[name][:, :width].real.copy() for name, width in WIDTHS.items() if name in ppc
    }
    for name, ends in (("bus", [0]), ("gen", [0]), ("branch", [0, 1])):
        tables[name][:, ends] += 1
    lines = ["function mpc = published", "mpc.version = '2';", f"mpc.baseMVA = {ppc['baseMVA']};"]
    for name, table in tables.items():
        rows = ["\t".join(f"{cell:.17g}" for cell in row) + ";" for row in table]
        lines += [f"mpc.{name} = [", *rows, "];"]
    return "\n".join(lines) + "\n"


@dataclass
class Angles:
    """The linear program of a case in a snapshot over angles.

    Columns: units, DC lines, sun, new load of each bus, angles of each state.
    """

    case: GridCase
    snapshot: Snapshot
    base_limit: np.ndarray | None = None
    outage_limits: dict[int, np.ndarray] = field(default_factory=dict)

    def __post_init__(self):
        case, n = self.case, len(self.case.buses)
        place = {bus: row for row, bus in enumerate(case.buses["bus_id"])}
        self.ends = [
            (place[a], place[b])
            for a, b in zip(case.branches["from_bus"], case.branches["to_bus"], strict=True)
        ]
        tap = case.branches["ratio"].replace(0.0, 1.0).to_numpy()
        self.stiff = case.base_mva / (case.branches["x_pu"].to_numpy() * tap)
        self.phase = np.deg2rad(case.branches["angle_deg"].to_numpy())
        self.rate = case.branches["rate_a_mva"].to_numpy(dtype=float)
        units, links = case.generators["bus_id"], case.dc_lines
        self.n, self.units, self.links = n, len(units), len(links)
        into = np.zeros((n, self.units + self.links + 2 * n))
        for column, bus in enumerate(units):
            into[place[bus], column] = 1
        for column, (a, b) in enumerate(zip(links["from_bus"], links["to_bus"], strict=True)):
            into[place[b], self.units + column] += 1
            into[place[a], self.units + column] -= 1
        self.sun = self.units + self.links
        self.load = self.sun + n
        into[:, self.sun : self.load] = np.eye(n)
        into[:, self.load :] = -np.eye(n)
        self.into = into
        self.available = self.snapshot.available_mw(case.buses).to_numpy()
        self.drawn = self.snapshot.demand_mw.to_numpy() + case.buses["g_shunt_mw"].to_numpy()
        self.base_limit = self.rate if self.base_limit is None else self.base_limit

    def flow_matrix(self, out=None):
        """Return the flows as a matrix over angles and what the phase shifters add."""
        matrix, added = np.zeros((len(self.ends), self.n)), np.zeros(len(self.ends))
        for row, (a, b) in enumerate(self.ends):
            if row == out:
                continue
            matrix[row, a], matrix[row, b] = self.stiff[row], -self.stiff[row]
            added[row] = -self.stiff[row] * self.phase[row]
        return matrix, added

    def bus_balance(self, matrix, added):
        """Return what leaves each bus by branches, over angles, and the constant part."""
        leave = np.zeros((self.n, len(self.ends)))
        for row, (a, b) in enumerate(self.ends):
            leave[a, row], leave[b, row] = 1, -1
        return leave @ matrix, leave @ added

    def splits(self, out):
        """Return whether the network falls into pieces without a branch (by flooding it)."""
        seen, front = {0}, [0]
        while front:
            here = front.pop()
            for row, (a, b) in enumerate(self.ends):
                if row != out and here in (a, b):
                    other = b if here == a else a
                    if other not in seen:
                        seen.add(other)
                        front.append(other)
        return len(seen) < self.n

    def flows(self, net_mw, out=None):
        """Return the flows of given injections less demand, without a branch."""
        matrix, added = self.flow_matrix(out)
        balance, constant = self.bus_balance(matrix, added)
        angle = np.zeros(self.n)
        angle[1:] = np.linalg.solve(balance[1:, 1:], (net_mw - constant)[1:])
        return matrix @ angle + added

    def secure(self, operation):
        """Take in all outages that leave the network whole; today's dispatch is given."""
        today = operation.today
        moved = self.into[:, self.units : self.sun] @ today.link_mw
        net = today.of_buses(operation.system) + moved - self.drawn
        for out in range(len(self.ends)):
            if not self.splits(out):
                after = np.abs(self.flows(net, out))
                self.outage_limits[out] = np.where(
                    after > self.rate, after + TODAY_SLACK_MW, self.rate
                )
        return self

    def solve(self, cost_of_load, load_bounds, least_sun=None, cost=None, *, elastic=False):
        """Return linprog's answer; ``elastic`` adds columns for what branches exceed."""
        n, width = self.n, self.load + self.n
        states = [(None, self.base_limit), *self.outage_limits.items()]
        over = len(self.ends) if elastic else 0
        total = width + n * len(states) + over
        equal, right, below, top = [], [], [], []
        for number, (out, limit) in enumerate(states):
            matrix, added = self.flow_matrix(out)
            balance, constant = self.bus_balance(matrix, added)
            at = slice(width + n * number, width + n * (number + 1))
            rows = np.zeros((n, total))
            rows[:, :width], rows[:, at] = self.into, -balance
            equal.append(rows)
            right.append(self.drawn + constant)
            for sign in (1, -1):
                rows = np.zeros((len(self.ends), total))
                rows[:, at] = sign * matrix
                if elastic:
                    rows[:, -over:] = -np.eye(over)
                kept = np.isfinite(limit)
                below.append(rows[kept])
                top.append((limit - sign * added)[kept])
        sun_low = np.zeros(n) if least_sun is None else least_sun
        bounds = [(0, most) for most in self.case.generators["p_max_mw"]]
        bounds += list(
            zip(self.case.dc_lines["p_min_mw"], self.case.dc_lines["p_max_mw"], strict=True)
        )
        bounds += list(zip(sun_low, self.available, strict=True))
        bounds += list(load_bounds)
        for _ in states:
            bounds += [(0, 0), *[(None, None)] * (n - 1)]
        bounds += [(0, None)] * over
        objective = np.zeros(total)
        objective[self.load : width] = cost_of_load
        if cost is not None:
            objective[: len(cost)] = cost
        if elastic:
            objective[-over:] = 1.0
        return linprog(
            objective, A_ub=np.vstack(below), b_ub=np.concatenate(top), A_eq=np.vstack(equal),
            b_eq=np.concatenate(right), bounds=bounds,
        )  # fmt: skip

    def one_bus(self, bus, low, high, cost, least_sun=None):
        """Return the least cost of a load at one bus within bounds, none elsewhere."""
        weights, bounds = np.zeros(self.n), [(0, 0)] * self.n
        weights[bus], bounds[bus] = cost, (low, high)
        found = self.solve(weights, bounds, least_sun)
        assert found.success, found.message
        return found.fun

    def withdrawal(self, bus):
        return -self.one_bus(bus, 0, None, -1)

    def injection(self, bus, least_sun):
        return -self.one_bus(bus, None, 0, 1, least_sun)

    def served(self, load):
        """Return the most that can be served of loads where each may be cut, even below 0."""
        found = self.solve(np.full(self.n, -1.0), [(None, mw) for mw in load])
        assert found.success, found.message
        return -found.fun

    def can_serve(self, load):
        return self.solve(np.zeros(self.n), [(mw, mw) for mw in load]).success

    def least_overload(self):
        found = self.solve(np.zeros(self.n), [(0, 0)] * self.n, elastic=True)
        assert found.success, found.message
        return found.fun
