"""Cases that pandapower ships, as MATPOWER tables and files."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from siteopt.grid.case import read_case
from siteopt.grid.hosting import operate
from siteopt.grid.hosting_study import own_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from siteopt.grid.case import GridCase
    from siteopt.grid.redispatch import Redispatch

    Floats = NDArray[np.float64]

__all__ = ["Tables", "published", "read_relieved", "relieved", "write"]

_BUS, _GEN, _BRANCH = 13, 21, 17
"""Columns of the MATPOWER tables; pandapower appends its own."""

_RATE, _STATUS = 5, 10
_ROOM_MW = 10.0
_UNLIMITED_MVA = 1e5
"""pandapower gives a branch without rating 99,999 kA, which is hundreds of GVA."""


class Tables(NamedTuple):
    """A case as MATPOWER has it."""

    base_mva: float
    bus: Floats
    gen: Floats
    branch: Floats


def published(name: str) -> Tables:
    """Return a case of `pandapower.networks` by name; bus numbers from 1."""
    import pandapower.networks  # noqa: PLC0415 - seconds, and only here
    from pandapower.converter import to_ppc  # noqa: PLC0415

    with warnings.catch_warnings():
        # of pandapower 3.1 about its own files and tables
        warnings.filterwarnings("ignore", "For backward compatibility, 'str' dtypes")
        warnings.filterwarnings("ignore", "tap_dependency_table is missing")
        ppc = to_ppc(getattr(pandapower.networks, name)(), init="flat")
    bus, gen, branch = (
        np.array(ppc[table][:, :width].real, dtype=np.float64)
        for table, width in (("bus", _BUS), ("gen", _GEN), ("branch", _BRANCH))
    )
    bus[:, 0] += 1
    gen[:, 0] += 1
    branch[:, :2] += 1
    branch[branch[:, _RATE] > _UNLIMITED_MVA, _RATE] = 0.0
    return Tables(float(ppc["baseMVA"]), bus, gen, branch)


def relieved(tables: Tables, operation: Redispatch) -> Tables:
    """Return a case with ratings raised where they cannot be kept without new load.

    Such a case has no answer to a program that keeps ratings.
    """
    branch = tables.branch.copy()
    live = np.flatnonzero(branch[:, _STATUS] == 1)
    over = operation.overloads
    for place, name in zip(live, operation.system.net.branch_id, strict=True):
        if str(name) in over.index:
            branch[place, _RATE] += over[str(name)] + _ROOM_MW
    return tables._replace(branch=branch)


def read_relieved(tables: Tables, file: Path) -> tuple[Tables, GridCase]:
    """Write a case as a MATPOWER file and read it, ratings raised where it cannot keep them."""
    write(tables, file)
    case = read_case(file)
    operation = operate(case, own_snapshot(case))
    if operation.overloads.empty:
        return tables, case
    tables = relieved(tables, operation)
    write(tables, file)
    return tables, read_case(file)


def write(tables: Tables, path: Path) -> None:
    """Write a case as a MATPOWER file."""
    lines = ["function mpc = published", "mpc.version = '2';", f"mpc.baseMVA = {tables.base_mva};"]
    for name in ("bus", "gen", "branch"):
        rows = ["\t".join(f"{cell:.17g}" for cell in row) + ";" for row in getattr(tables, name)]
        lines += [f"mpc.{name} = [", *rows, "];"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
