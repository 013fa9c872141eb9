"""Notes on a grid case: data that are ignored or read in an unexpected way, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.grid._case_faults import in_service

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["idle_units", "notes_on"]

_LINE_POINTS: Final = 2
"""Points of a cost curve that a straight line goes through."""


def notes_on(
    branches: pd.DataFrame, generators: pd.DataFrame, dc_lines: pd.DataFrame
) -> tuple[str, ...]:
    """Return sentences on what is out of service, has no limit, or has a cost that is simplified.

    Parameters
    ----------
    branches, generators, dc_lines : DataFrame
        As the case was given, with rows out of service.
    """
    live, units = in_service(branches), in_service(generators)
    off = generators.drop(units.index)
    notes = []
    if len(off):
        most = off["p_max_mw"].clip(lower=0.0)
        mw = float(most[np.isfinite(most)].sum())
        notes.append(
            f"{len(off):,} of {len(generators):,} units ({mw:,.0f} MW) are out of service and do "
            "not count"
        )
    gone = len(dc_lines) - len(in_service(dc_lines))
    for count, every, what in (
        (len(branches) - len(live), len(branches), "branches"),
        (gone, len(dc_lines), "DC lines"),
    ):
        if count:
            notes.append(f"{count:,} of {every:,} {what} are out of service and do not count")
    free = int(np.isinf(live["rate_a_mva"].to_numpy(dtype=np.float64)).sum())
    if free:
        notes.append(
            f"{free:,} of {len(live):,} branches in service have no limit (a rating of 0 or Inf)"
        )
    curves = units[units["cost_points"] > _LINE_POINTS] if "cost_points" in units else units[:0]
    if len(curves):
        notes.append(
            f"the piecewise costs of {len(curves):,} units count as the straight line between the "
            "first and the last point"
        )
    return tuple(notes)


def idle_units(generators: pd.DataFrame) -> tuple[str, ...]:
    """Return a sentence on units in service that the solved hour did not run, if there are any.

    Only the CSV form has them: a unit that a MATPOWER file has out of service does not count.
    """
    idle = int((generators["status"] == 0).sum())
    if not idle:
        return ()
    note = (
        f"{idle:,} units have status 0, which says that they did not run in the solved hour; they "
        "count (in_service 0 takes a unit out of service)"
    )
    return (note,)
