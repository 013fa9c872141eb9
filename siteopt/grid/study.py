"""A hosting study on the embedded case or on the user's own: the case, its snapshots, the table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from siteopt.errors import ScenarioError
from siteopt.grid._case_notes import idle_units
from siteopt.grid.case import GridCase, case_of_layers, read_case
from siteopt.grid.hosting import HOSTING_COLUMNS, hosting_capacity, operate
from siteopt.grid.snapshots import Snapshot, snapshots_of_layers
from siteopt.layers.store import open_layers

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.grid.limits import Security

__all__ = ["HostingStudy", "study_hosting"]

_OWN = "peak"
"""Name of the one snapshot that a case brings along: the loads of its buses."""


@dataclass(frozen=True, eq=False)
class HostingStudy:
    """Hosting capacity of every bus, and what to know about it.

    Attributes
    ----------
    table : DataFrame
        ``bus_id, name_ko, name_en, hosting_mw, binding_branch``.
    snapshot : Snapshot
        The hour that was looked at.
    notes : tuple of str
        Sentences to go with the table: which demand, which branches are overloaded already.
    """

    table: pd.DataFrame
    snapshot: Snapshot
    notes: tuple[str, ...]


def study_hosting(
    snapshot: str = "peak", security: Security = "none", case: Path | None = None
) -> HostingStudy:
    """Return the largest further withdrawal of every bus of a case in a snapshot.

    Parameters
    ----------
    snapshot : str
        Id of a snapshot: of the ``snapshots`` layer, or ``peak``.
    security : {"none", "n-1"}
        Whether limits must hold after single outages too.
    case : Path, optional
        A MATPOWER file, or a folder with one or with ``case_*.csv`` files; the embedded case by
        default. A case with the buses of the embedded one takes its snapshots; any other has the
        one snapshot ``peak``, the loads it was published with.

    Returns
    -------
    HostingStudy
        One row a bus; hosting capacities of two buses do not add up.

    Raises
    ------
    LayerError, LayerFileError
        If the case cannot be read or is faulty, or its demand cannot be served at all.
    ScenarioError
        If there is no such snapshot.

    Examples
    --------
    >>> import siteopt
    >>> studied = siteopt.study_hosting("windy_night", "n-1")  # doctest: +SKIP
    >>> studied.table.nsmallest(5, "hosting_mw")  # doctest: +SKIP
    """
    layers = open_layers()
    own = case_of_layers(layers)
    ready = snapshots_of_layers(layers)
    notes: list[str] = []
    used = own
    if case is not None:
        used = read_case(case)
        notes += used.notes
        if set(used.buses["bus_id"]) == set(own.buses["bus_id"]):
            used = _with_plants(used, own)
            notes.append("the case has the buses of the embedded one and takes its snapshots")
        else:
            ready = {_OWN: _own_snapshot(used)}
            notes += idle_units(used.generators)
            notes.append("the demand is that of the case itself, without solar and wind")
    if snapshot not in ready:
        raise ScenarioError(
            f"snapshot {snapshot}: unknown for this case; there are {', '.join(ready)}"
        )
    operation = operate(used, ready[snapshot], security)
    if len(operation.overloads):
        named = ", ".join(f"{name} by {mw:,.1f} MW" for name, mw in operation.overloads.items())
        notes.append(f"overloaded without new load, and allowed that much: {named}")
    if security == "n-1" and not operation.today.decided:
        notes.append(
            "costs alone do not decide how the case runs today, so sources of one cost (and DC "
            "lines) run at one share of their most; what single outages may cause rests on that"
        )
    table = hosting_capacity(used, operation)
    table["hosting_mw"] += 0.0  # no -0
    return HostingStudy(table[list(HOSTING_COLUMNS)], ready[snapshot], tuple(notes))


def _with_plants(case: GridCase, known: GridCase) -> GridCase:
    """Return a case with names, solar and wind of the embedded buses where it has none."""
    buses = case.buses.copy()
    by_id = known.buses.set_index("bus_id").loc[buses["bus_id"]]
    bare = ~(buses[["solar_mw", "wind_mw"]].fillna(0.0) > 0).to_numpy().any()
    if bare:
        for column in ("solar_mw", "wind_mw", "name_ko", "name_en"):
            buses[column] = by_id[column].to_numpy()
    return replace(case, buses=buses)


def _own_snapshot(case: GridCase) -> Snapshot:
    demand = case.buses.set_index("bus_id")["p_load_mw"].astype(float)
    nothing = pd.Series(0.0, index=demand.index)
    return Snapshot(
        _OWN, "계통 사례의 부하", "Loads of the case", 0, solar_and_wind=False,
        demand_mw=demand, solar_cf=nothing, wind_cf=nothing,
    )  # fmt: skip
