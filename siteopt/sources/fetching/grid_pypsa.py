"""PyPSA networks as grid cases: units, per-unit base, loads of one snapshot.

PyPSA gives lines in ohm and siemens, transformers per unit of their own rating; a case is per unit
of 100 MVA (PyPSA documentation, "Power flow" and "Components"):

- line: ``x_pu = x S / V^2``, ``b_pu = b V^2 / S`` with S = 100 MVA and V in kV of its first bus;
- transformer: ``x_pu = x S / s_nom``; its tap is on the side ``tap_side``, and in a case the first
  bus is the one with the tap;
- link between two buses of alternating current: a direct-current line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.errors import LayerError
from siteopt.scenario._base import Model

if TYPE_CHECKING:
    from siteopt.sources.fetching.grid_pypsa_files import PypsaTables

__all__ = ["Carriers", "PypsaCase", "case_of_pypsa"]

BASE_MVA: Final = 100.0
_HERTZ: Final = 60.0
_ALTERNATING: Final = frozenset({"AC", "", "nan"})


class Carriers(Model):
    """What carriers are."""

    carriers: dict[str, list[str]]
    """``solar``, ``wind`` and ``hydro`` -> carriers."""
    fuels: dict[str, str]
    """Carrier -> fuel of a unit."""

    def kind(self, carrier: str) -> str:
        """Return ``solar``, ``wind`` or ``hydro``, else an empty text."""
        name = carrier.casefold()
        return next((kind for kind, names in self.carriers.items() if name in names), "")


@dataclass(frozen=True, slots=True)
class PypsaCase:
    """A network as the tables of a grid case, and its hours.

    Attributes
    ----------
    tables : dict of str to DataFrame
        ``case_buses`` .. ``case_dc_lines``, columns as in the layers but ``province_code``;
        ``flow_mw`` is NaN.
    hours : dict of str to DataFrame
        ``demand_mw, solar_cf, wind_cf``: a row a snapshot, a column a bus.
    times : DatetimeIndex
        Of the snapshots; empty where they are no times.
    peak : int
        Row of the snapshot with the largest load, that of ``p_load_mw``.
    notes : list of str
        What is left out or taken for something, a sentence each.
    """

    tables: dict[str, pd.DataFrame]
    hours: dict[str, pd.DataFrame]
    times: pd.DatetimeIndex
    peak: int
    notes: list[str] = field(default_factory=list)


def case_of_pypsa(
    network: PypsaTables, carriers: Carriers, cost_unit_krw: float = 1.0
) -> PypsaCase:
    """Return a PyPSA network as a grid case.

    Parameters
    ----------
    network : PypsaTables
        As read.
    carriers : Carriers
        Which carriers are sun, wind and water, and what fuels are called.
    cost_unit_krw : float, optional
        KRW in one unit of the network's costs, which does not say its currency.

    Raises
    ------
    LayerError
        If a bus has no place, a component names a bus that is not there, or a line or transformer
        has a type whose values are not in the files.
    """
    every = network.table("buses")
    ids = pd.Series(every.index.astype(str).str.replace(r"\s+", "_", regex=True), index=every.index)
    if ids.duplicated().any():
        raise LayerError(f"buses: {ids[ids.duplicated()].iloc[0]} appears twice; names must differ")
    ac = _text(every, "carrier", "AC").isin(_ALTERNATING)
    buses = every[ac]
    notes = [] if ac.all() else [f"{int((~ac).sum()):,} buses are not of alternating current and left out"]  # fmt: skip
    live = {
        name: _live(network.table(name), buses.index, every.index, name, notes)
        for name in ("lines", "transformers", "links", "generators", "loads")
    }
    kinds = _text(live["generators"], "carrier", "").map(carriers.kind)
    hours = _hours(network, live, kinds, buses)
    peak = int(hours["demand_mw"].sum(axis=1).to_numpy().argmax())
    tables = {
        "case_buses": _buses(buses, ids, live["generators"], kinds, hours, peak),
        "case_branches": _branches(network, live, every, ids),
        "case_generators": _generators(network, live["generators"][kinds == ""], ids, carriers, peak, cost_unit_krw),
        "case_dc_lines": _dc_lines(network, live["links"], ids, peak),
    }  # fmt: skip
    free = int((tables["case_branches"]["rate_a_mva"] == 0).sum())
    if free:
        notes.append(f"{free:,} branches have no rating (s_nom 0), which is no limit")
    return PypsaCase(tables, hours, network.snapshots, peak, notes)


def _text(table: pd.DataFrame, name: str, default: str) -> pd.Series:
    if name not in table:
        return pd.Series(default, index=table.index, dtype=str)
    return table[name].fillna(default).astype(str)


def _number(table: pd.DataFrame, name: str, default: float) -> pd.Series:
    """Return a column of numbers; PyPSA leaves out what has its default."""
    if name not in table:
        return pd.Series(default, index=table.index, dtype=float)
    return table[name].astype(float).fillna(default)


def _live(
    table: pd.DataFrame, buses: pd.Index, every: pd.Index, name: str, notes: list[str]
) -> pd.DataFrame:
    """Return the components in service whose buses are all in the case."""
    ends = [column for column in ("bus", "bus0", "bus1") if column in table]
    for column in ends:
        strange = ~table[column].astype(str).isin(every)
        if strange.any():
            one = table[strange].iloc[0]
            raise LayerError(f"{name}: {one.name} names bus {one[column]}, which buses lacks")
    if "active" in table:
        table = table[table["active"].astype(str).str.lower().isin(["true", "1", "1.0"])]
    inside = table[ends].astype(str).isin(buses).all(axis=1) if ends else pd.Series(dtype=bool)
    inside = inside.reindex(table.index, fill_value=True)
    lost = int((~inside).sum())
    if lost:
        notes.append(f"{lost:,} {name} touch a bus that is left out, and are too")
    return table[inside.astype(bool)]


def _of_type(table: pd.DataFrame, types: pd.DataFrame, kind: str, needed: str) -> pd.Series:
    """Return which rows are to be made of a type; one whose values are not known is an error."""
    typed = (_text(table, "type", "") != "") & (_number(table, needed, 0.0) == 0)
    lacking = table[typed & ~_text(table, "type", "").isin(types.index)]
    if len(lacking):
        one = lacking.iloc[0]
        raise LayerError(
            f"{kind}: {one.name} is of type {one['type']}, whose values are not in the files; export "
            "the network after n.calculate_dependent_values()"
        )
    return typed


def _branches(
    network: PypsaTables, live: dict[str, pd.DataFrame], every: pd.DataFrame, ids: pd.Series
) -> pd.DataFrame:
    columns = [
        "branch_id", "from_bus", "to_bus", "r_pu", "x_pu", "b_pu", "rate_a_mva", "ratio",
        "angle_deg", "status", "flow_mw",
    ]  # fmt: skip
    parts = [_line_rows(network, live["lines"], every), _transformer_rows(network, live["transformers"])]  # fmt: skip
    there = [part for part in parts if len(part)]
    if not there:
        raise LayerError("lines, transformers: there are none; a grid case needs branches")
    rows = pd.concat(there, ignore_index=True)
    for column in ("from_bus", "to_bus"):
        rows[column] = rows[column].map(ids)
    names = rows["branch_id"].str.replace(r"\s+", "_", regex=True)
    # lists are numbered apart: line 1 and transformer 1 are two
    rows["branch_id"] = names.where(~names.duplicated(), "T-" + names)
    return rows.assign(status=1, flow_mw=np.nan)[columns]


def _line_rows(network: PypsaTables, lines: pd.DataFrame, every: pd.DataFrame) -> pd.DataFrame:
    if lines.empty:
        return pd.DataFrame()
    values = {name: _number(lines, name, 0.0) for name in ("x", "r", "b", "s_nom")}
    types = network.table("line_types")
    typed = _of_type(lines, types, "lines", "x")
    if typed.any():
        of = types.reindex(_text(lines, "type", "")).set_axis(lines.index)
        length_km, parallel = _number(lines, "length", 0.0), _number(lines, "num_parallel", 1.0)
        per_length = {
            "x": of["x_per_length"] * length_km / parallel,
            "r": of["r_per_length"] * length_km / parallel,
            "b": 2 * np.pi * _number(of, "f_nom", _HERTZ) * of["c_per_length"] * 1e-9 * length_km * parallel,
        }  # fmt: skip
        for name, made in per_length.items():
            values[name] = values[name].where(~typed, made)
    volts = lines["bus0"].map(every["v_nom"].astype(float))
    ohm = volts**2 / BASE_MVA
    return pd.DataFrame(
        {
            "branch_id": lines.index.astype(str), "from_bus": lines["bus0"].to_numpy(),
            "to_bus": lines["bus1"].to_numpy(), "r_pu": (values["r"] / ohm).to_numpy(),
            "x_pu": (values["x"] / ohm).to_numpy(), "b_pu": (values["b"] * ohm).to_numpy(),
            "rate_a_mva": (values["s_nom"] * _number(lines, "s_max_pu", 1.0)).to_numpy(),
            "ratio": 0.0, "angle_deg": 0.0,
        }
    )  # fmt: skip


def _transformer_rows(network: PypsaTables, banks: pd.DataFrame) -> pd.DataFrame:
    if banks.empty:
        return pd.DataFrame()
    _of_type(banks, network.table("transformer_types").iloc[:0], "transformers", "x")
    s_nom = _number(banks, "s_nom", 0.0)
    if (s_nom <= 0).any():
        raise LayerError(
            f"transformers: {banks.index[s_nom <= 0][0]} has no s_nom; its values are per unit of it"
        )
    scale = BASE_MVA / s_nom
    second = _number(banks, "tap_side", 0.0).to_numpy() == 1
    one, other = banks["bus0"].to_numpy(), banks["bus1"].to_numpy()
    shift = _number(banks, "phase_shift", 0.0).to_numpy()
    return pd.DataFrame(
        {
            "branch_id": banks.index.astype(str), "from_bus": np.where(second, other, one),
            "to_bus": np.where(second, one, other),
            "r_pu": (_number(banks, "r", 0.0) * scale).to_numpy(),
            "x_pu": (_number(banks, "x", 0.0) * scale).to_numpy(),
            "b_pu": (_number(banks, "b", 0.0) / scale).to_numpy(),
            "rate_a_mva": (s_nom * _number(banks, "s_max_pu", 1.0)).to_numpy(),
            "ratio": _number(banks, "tap_ratio", 1.0).to_numpy(),
            "angle_deg": np.where(second, -shift, shift),
        }
    )  # fmt: skip


def _hours(
    network: PypsaTables, live: dict[str, pd.DataFrame], kinds: pd.Series, buses: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return demand, and sun and wind by installed MW, by snapshot and bus."""
    rows = max([len(network.snapshots), *(len(table) for table in network.series.values()), 1])
    loads, units = live["loads"], live["generators"]
    demand = _by_component(network, "loads", "p_set", loads, rows, 0.0)
    out = {"demand_mw": _by_bus(demand, loads, buses)}
    p_nom = _number(units, "p_nom", 0.0)
    ratio = _by_component(network, "generators", "p_max_pu", units, rows, 1.0)
    varying = network.series.get(("generators", "p_max_pu"), pd.DataFrame()).columns
    for kind in ("solar", "wind"):
        of = units[(kinds == kind) & units.index.isin(varying)]
        output = _by_bus(ratio[of.index] * p_nom[of.index], of, buses)
        whole = p_nom[of.index].groupby(of["bus"]).sum() if len(of) else pd.Series(dtype=float)
        whole = whole.reindex(buses.index)
        out[f"{kind}_cf"] = (output / whole.where(whole > 0)).fillna(0.0).clip(0.0, 1.0)
    return out


def _by_component(  # noqa: PLR0913, PLR0917 - which values, of what
    network: PypsaTables, name: str, attribute: str, table: pd.DataFrame, rows: int, default: float
) -> pd.DataFrame:
    """Return values by snapshot and component: the series where there is one, else the constant."""
    constant = _number(table, attribute, default)
    out = pd.DataFrame(np.tile(constant.to_numpy(), (rows, 1)), columns=table.index.astype(str))
    series = network.series.get((name, attribute))
    if series is not None:
        varying = [column for column in series.columns if column in out.columns]
        out[varying] = series[varying].to_numpy(dtype=np.float64)
    return out


def _by_bus(values: pd.DataFrame, table: pd.DataFrame, buses: pd.DataFrame) -> pd.DataFrame:
    if table.empty:
        return pd.DataFrame(0.0, index=values.index, columns=buses.index)
    of = table["bus"].astype(str)
    return values.T.groupby(of).sum().T.reindex(columns=buses.index, fill_value=0.0)


def _buses(  # noqa: PLR0913, PLR0917 - what a bus is made of
    buses: pd.DataFrame, ids: pd.Series, units: pd.DataFrame, kinds: pd.Series,
    hours: dict[str, pd.DataFrame], peak: int,
) -> pd.DataFrame:  # fmt: skip
    lon, lat = _number(buses, "x", np.nan), _number(buses, "y", np.nan)
    p_nom = _number(units, "p_nom", 0.0)
    installed = {
        kind: p_nom[kinds == kind].groupby(units.loc[kinds == kind, "bus"]).sum()
        if (kinds == kind).any() else pd.Series(dtype=float)
        for kind in ("solar", "wind", "hydro")
    }  # fmt: skip
    name = buses.index.astype(str)
    demand = hours["demand_mw"]
    return pd.DataFrame(
        {
            "bus_id": ids[buses.index].to_numpy(), "name_ko": name, "name_en": name,
            "lon": lon.to_numpy(), "lat": lat.to_numpy(),
            "base_kv": _number(buses, "v_nom", np.nan).to_numpy(),
            **{f"{kind}_mw": mw.reindex(buses.index).fillna(0.0).to_numpy() for kind, mw in installed.items()},
            "solar_cf": hours["solar_cf"].mean().to_numpy(), "wind_cf": hours["wind_cf"].mean().to_numpy(),
            "demand_mean_mw": demand.mean().to_numpy(), "demand_peak_mw": demand.max().to_numpy(),
            "p_load_mw": demand.iloc[peak].to_numpy(), "g_shunt_mw": 0.0,
        }
    )  # fmt: skip


def _generators(  # noqa: PLR0913, PLR0917 - what a unit is made of
    network: PypsaTables, units: pd.DataFrame, ids: pd.Series, carriers: Carriers, peak: int,
    cost_unit_krw: float,
) -> pd.DataFrame:  # fmt: skip
    p_nom = _number(units, "p_nom", 0.0)
    output = _number(units, "p_set", 0.0)
    solved = network.series.get(("generators", "p"))
    if solved is not None:
        there = [name for name in units.index if name in solved.columns]
        output.loc[there] = solved[there].iloc[peak].to_numpy(dtype=np.float64)
    carrier = _text(units, "carrier", "")
    name = units.index.astype(str)
    return pd.DataFrame(
        {
            "generator_id": name.str.replace(r"\s+", "_", regex=True),
            "bus_id": units["bus"].map(ids).to_numpy() if len(units) else [], "name_ko": name,
            "name_en": name,
            "fuel": carrier.map(lambda one: carriers.fuels.get(one, one)).str.replace(r"\s+", "_", regex=True).replace("", "unknown").to_numpy(),
            "p_min_mw": (p_nom * _number(units, "p_min_pu", 0.0)).to_numpy(),
            "p_max_mw": (p_nom * _number(units, "p_max_pu", 1.0)).to_numpy(),
            "status": (output > 0).astype(int).to_numpy(), "output_mw": output.to_numpy(),
            "cost_krw_mw2h": (cost_unit_krw * _number(units, "marginal_cost_quadratic", 0.0)).to_numpy(),
            "cost_krw_mwh": (cost_unit_krw * _number(units, "marginal_cost", 0.0)).to_numpy(),
            "cost_krw_h": (cost_unit_krw * _number(units, "stand_by_cost", 0.0)).to_numpy(),
            "startup_krw": (cost_unit_krw * _number(units, "start_up_cost", 0.0)).to_numpy(),
        }
    )  # fmt: skip


def _dc_lines(network: PypsaTables, links: pd.DataFrame, ids: pd.Series, peak: int) -> pd.DataFrame:
    p_nom = _number(links, "p_nom", 0.0)
    flow = pd.Series(0.0, index=links.index)
    solved = network.series.get(("links", "p0"))
    if solved is not None:
        there = [name for name in links.index if name in solved.columns]
        flow.loc[there] = solved[there].iloc[peak].to_numpy(dtype=np.float64)
    return pd.DataFrame(
        {
            "dc_line_id": links.index.astype(str).str.replace(r"\s+", "_", regex=True),
            "from_bus": links["bus0"].map(ids).to_numpy() if len(links) else [],
            "to_bus": links["bus1"].map(ids).to_numpy() if len(links) else [],
            "status": 1, "flow_mw": flow.to_numpy(),
            "p_min_mw": (p_nom * _number(links, "p_min_pu", 0.0)).to_numpy(),
            "p_max_mw": (p_nom * _number(links, "p_max_pu", 1.0)).to_numpy(),
            "loss0_mw": 0.0, "loss1_pu": (1.0 - _number(links, "efficiency", 1.0)).to_numpy(),
        }
    )  # fmt: skip
