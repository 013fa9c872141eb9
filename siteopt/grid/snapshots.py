"""Grid snapshots: demand, solar and wind of every bus of the case in single hours.

The ``snapshots`` layer holds the ready ones; a scenario chooses among them and adds hours of the
typical days (``[[grid.snapshots]]``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.errors import LayerError, ScenarioError

if TYPE_CHECKING:
    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario, SnapshotChoice

__all__ = ["Snapshot", "snapshots_of_layers"]

_HOURS: Final = 24
_VALUES: Final = ("demand_mw", "solar_cf", "wind_cf")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One hour of the grid case.

    Attributes
    ----------
    id : str
        Short name.
    title_ko, title_en : str
        What people read.
    hour_of_year : int
        From 1; hour h of day d is hour (d - 1) x 24 + h.
    solar_and_wind : bool
        Whether solar and wind count as sources.
    demand_mw : Series
        Demand by ``bus_id``, in the order of ``case_buses``.
    solar_cf, wind_cf : Series
        Output / installed capacity by ``bus_id``, as in the data also where not counted.
    """

    id: str
    title_ko: str
    title_en: str
    hour_of_year: int
    solar_and_wind: bool
    demand_mw: pd.Series
    solar_cf: pd.Series
    wind_cf: pd.Series

    def available_mw(self, buses: pd.DataFrame) -> pd.Series:
        """Return what sun and wind could give at each bus, free to curtail, MW.

        Parameters
        ----------
        buses : DataFrame
            ``bus_id, solar_mw, wind_mw`` (installed capacity).

        Returns
        -------
        Series
            By ``bus_id``, in the order of ``buses``; 0 everywhere where not counted.

        Raises
        ------
        LayerError
            If a bus has no value in this snapshot.
        """
        ids = pd.Index(buses["bus_id"], name="bus_id")
        out = pd.Series(0.0, index=ids, name="available_mw")
        if not self.solar_and_wind:
            return out
        for kind, cf in (("solar", self.solar_cf), ("wind", self.wind_cf)):
            ratio = cf.reindex(ids)
            if ratio.isna().any():
                raise LayerError(
                    f"snapshot {self.id}: no {kind}_cf for bus {ids[ratio.isna()][0]}; every bus "
                    "of the case needs one"
                )
            out += ratio * buses[f"{kind}_mw"].fillna(0.0).to_numpy(dtype=np.float64)
        return out


def snapshots_of_layers(layers: Layers, scenario: Scenario | None = None) -> dict[str, Snapshot]:
    """Return the snapshots of a scenario; without one, or if it names none, all of the layer.

    Parameters
    ----------
    layers : Layers
        ``snapshots, snapshot_buses, case_buses``; for hours of typical days also
        ``typical_days`` and ``profiles_*``.
    scenario : Scenario, optional
        Its ``grid.snapshots`` choose and add.

    Returns
    -------
    dict of str to Snapshot
        By id, in the order of the scenario, else of the layer.

    Raises
    ------
    LayerError
        If a bus of the case has no value, or a row names a bus or snapshot that is not there.
    ScenarioError
        If the scenario names a snapshot or a typical day that is not there.
    """
    ids = layers.vector("case_buses")["bus_id"].tolist()
    ready = _ready(layers, ids)
    chosen = [] if scenario is None else scenario.grid.snapshots
    if not chosen:
        return ready
    out: dict[str, Snapshot] = {}
    for place, choice in enumerate(chosen):
        where = f"grid.snapshots.{place}"
        out[choice.id] = (
            _of_layer(ready, choice, where)
            if choice.day_id is None
            else _of_day(layers, ids, ready, choice, where)
        )
    return out


def _ready(layers: Layers, ids: list[str]) -> dict[str, Snapshot]:
    """Return the snapshots of the layer, each with a value for every bus."""
    table = layers.table("snapshots")
    rows = layers.table("snapshot_buses")
    for column, known, other in (
        ("snapshot_id", set(table["snapshot_id"]), "snapshots"),
        ("bus_id", set(ids), "case_buses"),
    ):
        strange = ~rows[column].isin(known)
        if strange.any():
            row = int(strange.to_numpy().argmax())
            raise LayerError(
                f"snapshot_buses: row {row + 2}: {column} {rows[column].iloc[row]} is not in "
                f"{other}; only those of {other} can be used"
            )
    by_id = {name: part.set_index("bus_id") for name, part in rows.groupby("snapshot_id")}
    out: dict[str, Snapshot] = {}
    for name, ko, en, hour, counted in zip(
        table["snapshot_id"].astype(str), table["title_ko"], table["title_en"],
        table["hour_of_year"], table["solar_and_wind"], strict=True,
    ):  # fmt: skip
        part = by_id.get(name)
        missing = ids if part is None else [bus for bus in ids if bus not in part.index]
        if part is None or missing:
            raise LayerError(
                f"snapshot_buses: snapshot {name} has no row for bus {missing[0]}; every bus of "
                "case_buses needs one"
            )
        values = part.loc[ids, list(_VALUES)].astype(np.float64)
        out[name] = Snapshot(
            name, str(ko), str(en), int(hour), bool(counted),
            *(values[column] for column in _VALUES),
        )  # fmt: skip
    return out


def _of_layer(ready: dict[str, Snapshot], choice: SnapshotChoice, where: str) -> Snapshot:
    if choice.id not in ready:
        raise ScenarioError(
            f"{where}.id: no snapshot {choice.id} in the snapshots layer; one of "
            f"{', '.join(ready)}, or day_id, hour and title for an hour of a typical day"
        )
    return ready[choice.id]


def _of_day(
    layers: Layers, ids: list[str], ready: dict[str, Snapshot], choice: SnapshotChoice, where: str
) -> Snapshot:
    """Return an hour of a typical day as a snapshot."""
    if choice.id in ready:
        raise ScenarioError(
            f"{where}.id: {choice.id} is a snapshot of the layer already; choose another id"
        )
    day_id, hour, title = choice.day_id, choice.hour, choice.title
    if day_id is None or hour is None or title is None:  # the model of the scenario sees to it
        raise ScenarioError(f"{where}: an hour of a typical day needs day_id, hour and title")
    days = layers.table("typical_days").set_index("day_id")["day_of_year"]
    if day_id not in days.index:
        raise ScenarioError(
            f"{where}.day_id: no typical day {day_id}; one of {', '.join(days.index)}"
        )
    values = []
    for name, column in zip(("demand", "solar", "wind"), _VALUES, strict=True):
        profile = layers.table(f"profiles_{name}")
        at = (profile["day_id"] == day_id) & (profile["hour"] == hour)
        missing = [bus for bus in ids if bus not in profile.columns]
        if missing:
            raise LayerError(
                f"profiles_{name}: no column for bus {missing[0]}; every bus of case_buses needs one"
            )
        if not at.any():
            raise LayerError(
                f"profiles_{name}: no row for day {day_id}, hour {hour}; every "
                "typical day has hours 1 to 24"
            )
        high = None if column == "demand_mw" else 1.0
        row = profile.loc[at, ids].iloc[0].astype(np.float64).clip(upper=high).rename(column)
        values.append(row.rename_axis("bus_id"))
    return Snapshot(
        choice.id, title.ko, title.en,
        (int(days[day_id]) - 1) * _HOURS + hour,
        choice.solar_and_wind is not False, *values,
    )  # fmt: skip
