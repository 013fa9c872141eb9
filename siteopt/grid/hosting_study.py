"""Hosting study of one case, embedded or the user's own: snapshots and table of capacities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt._progress import count_bar
from siteopt.errors import ScenarioError
from siteopt.grid._case_notes import idle_units
from siteopt.grid._contingency_size import MANY_BRANCHES, contingency_size
from siteopt.grid.case import GridCase, case_of_layers, read_case
from siteopt.grid.hosting import HOSTING_COLUMNS, hosting_capacity, operate
from siteopt.grid.snapshots import Snapshot, snapshots_of_layers
from siteopt.grid.system import build_system
from siteopt.layers.store import open_layers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from siteopt.grid.limits import Security
    from siteopt.grid.system import System

__all__ = ["HostingStudy", "own_snapshot", "study_hosting"]

_NEAR: Final = 3
"""Buses that a message names in place of an unknown one."""

_OVERLOADS: Final = 10
"""Overloaded branches that a note names."""

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
        The hour studied.
    notes : tuple of str
        Sentences to go with the table: which demand, which branches are overloaded already.
    """

    table: pd.DataFrame
    snapshot: Snapshot
    notes: tuple[str, ...]


def study_hosting(  # noqa: PLR0913 - the study and its settings
    snapshot: str = "peak",
    security: Security = "none",
    case: Path | None = None,
    *,
    buses: Sequence[str] | None = None,
    processes: int = 1,
    tell: Callable[[str], None] | None = None,
    show_progress: bool = False,
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
    buses : sequence of str, optional
        Ids of the buses to look at; all by default.
    processes : int
        Cores to use; the answer does not depend on it.
    tell : callable, optional
        Called with each note before the buses are studied.
    show_progress : bool
        Whether to say on standard error how many buses are done.

    Returns
    -------
    HostingStudy
        One row a bus, in the order of the case; hosting capacities of two buses do not add up.

    Raises
    ------
    LayerError, LayerFileError
        If the case cannot be read or is faulty, its demand cannot be served at all, or single
        outages need more memory than is free.
    ScenarioError
        If there is no such snapshot or bus.

    Examples
    --------
    >>> import siteopt
    >>> studied = siteopt.study_hosting("windy_night", "n-1")  # doctest: +SKIP
    >>> studied.table.nsmallest(5, "hosting_mw")  # doctest: +SKIP
    """
    used, hour, notes = _case_and_hour(case, snapshot)
    rows = None if buses is None else _rows_of(used, buses)
    system, reported = build_system(used), 0
    if security == "n-1":
        notes += _on_outages(system)
        if tell is not None and system.branches >= MANY_BRANCHES:  # before it takes its time
            _tell(notes, tell)
            reported = len(notes)
    operation = operate(used, hour, security, system)
    if len(operation.overloads):
        notes.append(_on_overloads(operation.overloads))
    if security == "n-1" and not operation.today.decided:
        notes.append(
            "costs alone do not decide how the case runs today, so sources of one cost (and DC "
            "lines) run at one share of their most; what single outages may cause rests on that"
        )
    if tell is not None:
        _tell(notes[reported:], tell)
    count = len(used.buses) if rows is None else len(set(rows))
    with count_bar("buses", count, shown=show_progress) as progress:
        table = hosting_capacity(
            used, operation, buses=rows, processes=processes, progress=progress
        )
    return HostingStudy(table[list(HOSTING_COLUMNS)], hour, tuple(notes))


def _on_overloads(over: pd.Series) -> str:
    """Return which branches are overloaded today; of many the ten that are most."""
    shown = over if len(over) <= _OVERLOADS else over.nlargest(_OVERLOADS)
    named = ", ".join(f"{name} by {mw:,.1f} MW" for name, mw in shown.items())
    more = f" and {len(over) - len(shown):,} more" if len(over) > len(shown) else ""
    return f"overloaded without new load, and allowed that much: {named}{more}"


def _tell(notes: Sequence[str], tell: Callable[[str], None]) -> None:
    for sentence in notes:
        tell(sentence)


def _case_and_hour(case: Path | None, snapshot: str) -> tuple[GridCase, Snapshot, list[str]]:
    """Return the case, the snapshot and notes on both."""
    notes: list[str] = []
    layers = open_layers()
    own = case_of_layers(layers)
    ready = snapshots_of_layers(layers)
    used = own
    if case is not None:
        used = read_case(case)
        notes += used.notes
        if set(used.buses["bus_id"]) == set(own.buses["bus_id"]):
            used = _with_plants(used, own)
            notes.append("the case has the buses of the embedded one and takes its snapshots")
        else:
            ready = {_OWN: own_snapshot(used)}
            notes += idle_units(used.generators)
            notes.append("the demand is that of the case itself, without solar and wind")
    if snapshot not in ready:
        raise ScenarioError(
            f"snapshot {snapshot}: unknown for this case; there are {', '.join(ready)}"
        )
    return used, ready[snapshot], notes


def _rows_of(case: GridCase, buses: Sequence[str]) -> list[int]:
    """Return the rows of buses by id."""
    rows = {str(bus): row for row, bus in enumerate(case.buses["bus_id"])}
    for bus in buses:
        if bus not in rows:
            names = case.buses[(case.buses[["name_ko", "name_en"]] == bus).any(axis=1)]
            near = [str(item) for item in names["bus_id"]] or get_close_matches(bus, rows)
            hint = f"near it: {', '.join(near[:_NEAR])}" if near else f"such as {next(iter(rows))}"
            raise ScenarioError(
                f"bus {bus}: unknown; one of the {len(rows):,} bus_id of the case is needed ({hint})"
            )
    return [rows[bus] for bus in buses]


def _on_outages(system: System) -> list[str]:
    """Return the size of the contingency analysis, and which outages it leaves out."""
    notes = [sentence] if (sentence := contingency_size(system)) else []
    if count := len(system.link_to):
        links = "the DC line" if count == 1 else f"the {count:,} DC lines"
        notes.append(f"outages of branches are looked at, not of {links}")
    return notes


def _with_plants(case: GridCase, known: GridCase) -> GridCase:
    """Return a case with names, solar and wind of the embedded buses where it has none."""
    buses = case.buses.copy()
    by_id = known.buses.set_index("bus_id").loc[buses["bus_id"]]
    bare = ~(buses[["solar_mw", "wind_mw"]].fillna(0.0) > 0).to_numpy().any()
    if bare:
        for column in ("solar_mw", "wind_mw", "name_ko", "name_en"):
            buses[column] = by_id[column].to_numpy()
    return replace(case, buses=buses)


def own_snapshot(case: GridCase) -> Snapshot:
    """Return the loads of a case itself as a snapshot, without sun and wind.

    Parameters
    ----------
    case : GridCase
        Its ``p_load_mw`` are the demand of the buses, MW.
    """
    demand = case.buses.set_index("bus_id")["p_load_mw"].astype(float)
    nothing = pd.Series(0.0, index=demand.index)
    return Snapshot(
        _OWN, "계통 사례의 부하", "Loads of the case", 0, solar_and_wind=False,
        demand_mw=demand, solar_cf=nothing, wind_cf=nothing,
    )  # fmt: skip
