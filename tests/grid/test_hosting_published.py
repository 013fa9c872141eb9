"""Hosting capacity against a plain program over angles, on cases that pandapower ships.

The other side (`benchmarks.angles`) is written from the tables and shares nothing with the package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from benchmarks.angles import RATE, STATUS, AngleProgram
from benchmarks.published import Tables, published, read_relieved
from siteopt.grid.hosting import hosting_capacity, operate
from siteopt.grid.study import own_snapshot

if TYPE_CHECKING:
    from siteopt.grid.case import GridCase
    from siteopt.grid.operation import Operation

BESIDE = {
    "case39": 39, "case118": 118, "case_illinois200": 50, "case300": 40, "case1354pegase": 8,
    "case2869pegase": 4,
}  # fmt: skip
"""Buses at which both are asked."""


class Both(NamedTuple):
    tables: Tables
    case: GridCase
    operation: Operation
    rows: np.ndarray


def tight(tables):
    """Give branches ratings where the published ones (16 kA and more) never bind."""
    rng = np.random.default_rng(5)
    tables.branch[:, RATE] = rng.uniform(150, 600, len(tables.branch)).round()
    return tables


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=pytest.mark.slow) if name == "case2869pegase" else name
        for name in BESIDE
    ],
)
def both(request, tmp_path_factory):
    tables = published(request.param)
    if request.param in {"case118", "case300"}:
        tables = tight(tables)
    file = tmp_path_factory.mktemp("published") / f"{request.param}.m"
    tables, case = read_relieved(tables, file)
    operation = operate(case, own_snapshot(case))
    assert operation.overloads.empty
    rows = np.unique(np.linspace(0, len(case.buses) - 1, BESIDE[request.param]).astype(int))
    return Both(tables, case, operation, rows)


def test_every_answer_is_that_of_a_program_over_angles(both):
    table = hosting_capacity(both.case, both.operation, buses=both.rows.tolist())
    plain = AngleProgram(*both.tables)
    numbers = both.tables.bus[both.rows, 0].astype(int)
    assert table["bus_id"].tolist() == [str(number) for number in numbers]
    expected = [plain.most(number) for number in numbers]
    assert table["hosting_mw"].to_numpy() == pytest.approx(expected, abs=1e-3)
    assert len(set(np.round(expected, 3))) > len(expected) // 8  # no single limit stops them all


def test_a_limit_that_is_told_stops_the_bus(both):
    # where no other limit ties with it, a MW more of it gives what its price says
    ids = both.operation.system.net.branch_id.tolist()
    live = np.flatnonzero(both.tables.branch[:, STATUS] == 1)
    asked = risen = 0
    for row in both.rows[:: max(1, len(both.rows) // 4)]:
        before, limits = both.operation.most_withdrawal(int(row))
        if not limits:
            continue
        more = both.tables.branch.copy()
        more[live[ids.index(limits[0].branch_id)], RATE] += 1e-2
        after = AngleProgram(*both.tables._replace(branch=more)).most(int(both.tables.bus[row, 0]))
        assert after <= before + 1e-2 * limits[0].price + 1e-3
        asked, risen = asked + 1, risen + (after > before + 5e-3 * limits[0].price)
    assert asked
    assert risen >= asked / 2
