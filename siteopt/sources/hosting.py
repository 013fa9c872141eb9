"""Hosting capacity of the KPG grid case in every ready snapshot: a MODEL ESTIMATE, bus by bus.

Computed from the layers of the case and its snapshots as they were written, so that
``siteopt grid hosting`` on the embedded layers gives the same figures.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, get_args

import pandas as pd

from siteopt.grid.case import read_case
from siteopt.grid.hosting import (
    generation_held_back,
    hosting_capacity,
    injection_capacity,
    operate,
)
from siteopt.grid.limits import Security
from siteopt.grid.snapshots import Snapshot
from siteopt.grid.system import build_system
from siteopt.layers.readers import read_table
from siteopt.sources._built import NOTICE_KPG, Built, write_csv

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from siteopt.grid.case import GridCase

__all__ = ["build", "hosting_table", "snapshots_of_tables", "write_hosting"]

_WORKERS: Final = 2
"""Threads; HiGHS and Clarabel let others run while they solve."""


def hosting_table(
    case: GridCase, snapshots: Mapping[str, Snapshot], workers: int = _WORKERS
) -> pd.DataFrame:
    """Return what every bus can host further in every snapshot, without and with single outages.

    Parameters
    ----------
    case : GridCase
        The case.
    snapshots : mapping of str to Snapshot
        By id.
    workers : int
        Programs that are solved side by side; the answer does not depend on it.

    Returns
    -------
    DataFrame
        ``snapshot_id, security, bus_id, hosting_mw, binding_branch, injection_mw,
        injection_branch, curtailed_mw, held_back_mw``; the last two are those of the cheapest
        dispatch, the same for both kinds of security.

    Raises
    ------
    LayerError
        If the demand of a snapshot cannot be served even without branch limits.
    """
    system = build_system(case)

    def one(task: tuple[str, Security]) -> pd.DataFrame:
        name, security = task
        operation = operate(case, snapshots[name], security, system)
        hosting = hosting_capacity(case, operation)[["bus_id", "hosting_mw", "binding_branch"]]
        table = hosting.merge(injection_capacity(case, operation), on="bus_id")
        table = table.merge(generation_held_back(case, operation), on="bus_id")
        table.insert(0, "security", security)
        table.insert(0, "snapshot_id", name)
        return table

    tasks = [(name, security) for name in snapshots for security in get_args(Security)]
    with ThreadPoolExecutor(workers) as pool:
        return pd.concat(pool.map(one, tasks), ignore_index=True)


def snapshots_of_tables(rows: pd.DataFrame, values: pd.DataFrame) -> dict[str, Snapshot]:
    """Return snapshots by id.

    Parameters
    ----------
    rows, values : DataFrame
        Layers ``snapshots`` and ``snapshot_buses``.
    """
    by_id = {name: part.set_index("bus_id") for name, part in values.groupby("snapshot_id")}
    return {
        str(row["snapshot_id"]): Snapshot(
            str(row["snapshot_id"]), str(row["title_ko"]), str(row["title_en"]),
            int(row["hour_of_year"]), bool(row["solar_and_wind"]),
            *(by_id[row["snapshot_id"]][name] for name in ("demand_mw", "solar_cf", "wind_cf")),
        )
        for _, row in rows.iterrows()
    }  # fmt: skip


def write_hosting(table: pd.DataFrame, path: Path) -> None:
    """Write the layer ``hosting``."""
    if table["bus_id"].astype(str).str.isdecimal().all():
        table = table.assign(bus_id=table["bus_id"].astype(int))  # so that bus 2 is before bus 10
    digits = {str(name): 1 for name in table if str(name).endswith("_mw")}
    write_csv(table, path, ["snapshot_id", "security", "bus_id"], digits)


def build(sources: Path, facts: Path, out: Path) -> list[Built]:  # noqa: ARG001 - as all builders
    """Write ``hosting.csv``.

    Parameters
    ----------
    sources, facts : Path
        Folders of source data and fact tables; not used.
    out : Path
        Folder to write into; it holds ``case_*.csv``, ``snapshots.csv`` and
        ``snapshot_buses.csv`` already.

    Returns
    -------
    list of Built

    Raises
    ------
    LayerError
        If the case is faulty or cannot serve a snapshot.
    """
    rows = read_table(out / "snapshots.csv", "snapshots")
    values = read_table(out / "snapshot_buses.csv", "snapshot_buses")
    table = hosting_table(read_case(out), snapshots_of_tables(rows, values))
    write_hosting(table, out / "hosting.csv")
    return [_HOSTING]


_HOSTING: Final = Built(
    id="hosting", file="hosting.csv", kind="table",
    title_ko="모선별 수용가능용량 (모형 추정)", title_en="Hosting capacity of the buses (model estimate)",
    source="Computed from the KPG 193 case and the grid snapshots",
    licence="ODbL 1.0", vintage="2025 system (v2.0)", crs="", unit="MW", confidence="model",
    good_for="How much more load (hosting_mw) or generation (injection_mw) one bus could take in a "
    "snapshot, with all branches in service (none) and after any single outage (n-1), and which "
    "branch stops it; where generation lacks an outlet today (curtailed_mw: sun and wind; "
    "held_back_mw: what a dispatch without branch limits would give more).",
    not_good_for="A connection decision, or a sum: figures of two buses do not add up. A DC model of a "
    "synthetic case without voltage, stability, unit commitment and planned works; outages that cut "
    "a bus off are not looked at.",
    notice=NOTICE_KPG,
)  # fmt: skip
