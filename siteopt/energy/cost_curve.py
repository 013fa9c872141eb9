"""Cost curve of clean energy: what each clean share of a load costs, and what it takes.

Cost by clean share as in Riepin and Brown 2022 (System-level impacts of 24/7 carbon-free
electricity procurement in Europe). The least cost is convex and nondecreasing in the share that is
asked for. Contracts may be cheaper than the grid, and the grid is clean in part, so that up to
some share clean energy costs nothing more.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from siteopt.energy.cost_range import cost_range
from siteopt.energy.curve_points import curve_points, nothing_short, percent
from siteopt.energy.matching import hourly_balance, score_matching
from siteopt.energy.oracle import parts_of_price
from siteopt.energy.program import EnergyProgram
from siteopt.energy.replay import ReplayedPlan, replay_year
from siteopt.energy.stock import TECHNOLOGIES
from siteopt.energy.stock_limits import used_up
from siteopt.energy.whole_year import whole_year

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Floats
    from siteopt.energy.clean_supply import CleanSupplyData
    from siteopt.energy.curve_points import CurvePoint
    from siteopt.energy.matching import MatchingScores
    from siteopt.energy.program import EnergyCost
    from siteopt.energy.whole_year import WholeYear
    from siteopt.layers.protocols import ParametersLike
    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = ["LAST_PCT", "CostCurve", "CurveAnswer", "Spread", "answer", "cost_curve", "curve_table"]

LAST_PCT: Final = (90.0, 100.0)
"""Ends of the last step, whose cost is told on its own."""

_KWH_PER_MWH: Final = 1000.0
_MWH_PER_GWH: Final = 1000.0
_HOURS: Final = 8760.0
_PERCENT: Final = 100.0
_DUST: Final = 1e-6
"""Relative, and in MW; below is rounding."""


@dataclass(frozen=True, eq=False)
class CostCurve:
    """Cost of clean energy by clean share, for the loads of a plan in its last year.

    Attributes
    ----------
    year : int
        Which year.
    load_mw : float
        Mean load of all sites.
    target_pct : float
        Clean share of the scenario.
    table : DataFrame
        One row a ``matching`` (``hourly``, ``annual``) and ``target_pct``, in this order:

        - ``reached_pct``: what of it the stock can meet, at whatever cost; ``shortfall_gwh`` a year
          that it lacks; ``overload_gwh`` a year above limits of branches, without which less were
          met; ``used_up``: stocks and limits that are at their end, MW, with ``; `` between them;
        - ``krw_kwh`` on the mean, carbon included and without what is short; the sum of
          ``solar_krw_kwh``, ``onshore_wind_krw_kwh``, ``offshore_wind_krw_kwh``,
          ``adders_krw_kwh``, ``grid_krw_kwh``, ``carbon_krw_kwh``, ``storage_krw_kwh``,
          ``excess_krw_kwh`` (below 0: it earns) and ``redispatch_krw_kwh``;
        - ``step_krw_kwh``: each further clean kWh on the way from the row before; none in the
          first row, and where nothing more is met;
        - ``solar_mw``, ``onshore_wind_mw``, ``offshore_wind_mw`` under contract, ``storage_mw``,
          ``storage_mwh``;
        - ``hourly_pct``, ``annual_pct``: clean shares on the typical days, which may be above what
          is asked for; ``excess_pct``, ``import_pct`` of the load's energy; ``co2_t`` a year;
        - ``year_hourly_pct``, ``year_annual_pct``, ``year_excess_pct``, ``year_import_pct``,
          ``year_co2_t``: the same, replayed over 8,760 hours.
    range : DataFrame
        Cost of hourly matching at the ends of what is uncertain, one row a ``what``, ``side``
        (``low`` costs less, ``high`` more) and ``target_pct``: ``reached_pct``, ``krw_kwh``,
        ``change_krw_kwh`` against the table. One group of parameters at a time, and ``all``
        together: a bounding box, further out than what is likely.
    stock : DataFrame
        One row a ``technology``, MW: ``runs_mw`` today, ``stock_mw`` (running, awarded, licensed,
        potential), ``usable_mw`` of it by the year, ``needed_mw`` at the clean share of the
        scenario by the hour, ``needed_last_mw`` at the end of the curve; ``scarce``: more is
        needed for the former than runs today, or all that is usable.
    """

    year: int
    load_mw: float
    target_pct: float
    table: pd.DataFrame
    range: pd.DataFrame
    stock: pd.DataFrame


class Spread(NamedTuple):
    """Figure with its range.

    Attributes
    ----------
    value : float
        With all parameters as they are.
    low, high : float
        Least and most over the rows of `CostCurve.range`: the ends of its bounding box, further
        out than what is likely.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class CurveAnswer:
    """Answer to "can it run on clean energy by the hour, and what does the last step cost?".

    Attributes
    ----------
    reachable_pct : Spread
        Highest share that the stock can meet by the hour.
    used_up : str
        Stocks and limits that are at their end there.
    target_pct : float
        Clean share of the scenario.
    krw_kwh : Spread
        Its cost by kWh of load, or that of the highest share that can be met; the range is of
        what meets it.
    free_krw_kwh : float
        Cost where no share is asked for: of the grid, and of contracts that are cheaper.
    last_from_pct, last_to_pct : float
        The last step: from 90 to 100 %, or to the highest share that can be met.
    last_krw_kwh : Spread, optional
        What it adds to the cost of each kWh of load, within the range as far as can be met there;
        None where no more than 90 % can be met.
    last_clean_krw_kwh : Spread, optional
        What each further clean kWh costs in it.
    stock : DataFrame
        Of `CostCurve`: what each technology needs, what there is, and which is scarce.
    """

    reachable_pct: Spread
    used_up: str
    target_pct: float
    krw_kwh: Spread
    free_krw_kwh: float
    last_from_pct: float
    last_to_pct: float
    last_krw_kwh: Spread | None
    last_clean_krw_kwh: Spread | None
    stock: pd.DataFrame


def cost_curve(
    data: CleanSupplyData, load_mw: Floats, scenario: Scenario, layers: Layers
) -> CostCurve:
    """Return the cost curve of a plan, matched by the hour and over the year.

    Parameters
    ----------
    data : CleanSupplyData
        Supply of its last year.
    load_mw : ndarray, shape (N,)
        Contract power of the sites at each bus.
    scenario : Scenario
        ``energy.supply.curve_pct``; what the typical days are asked for and `LAST_PCT` are always among the points.
    layers : Layers
        Parameters with their ranges, the grid case, and the profiles of the year.
    """
    data = replace(data, supply=nothing_short(data.supply))
    drawn = layers.parameters.value("load_factor") * load_mw
    own = round(100.0 * data.supply.target, 4)  # of the typical days
    shares = _shares([*scenario.energy.supply.curve_pct, own, *LAST_PCT])
    hourly = EnergyProgram(data.supply, "hourly")
    with ThreadPoolExecutor(1) as pool:  # HiGHS lets other threads run
        annual = pool.submit(_annual_points, data, drawn, shares)
        points = {"hourly": curve_points(hourly, drawn, shares), "annual": annual.result()}
    year = whole_year(data, layers, scenario)
    at_own = points["hourly"][shares.index(own / _PERCENT)].found
    ends = _shares([own, *LAST_PCT])
    return CostCurve(
        year=data.year,
        load_mw=float(drawn.sum()),
        target_pct=percent(own / _PERCENT),
        table=curve_table(data, float(drawn.sum()), points, year, layers.parameters, scenario),
        range=cost_range(hourly, data, drawn, ends, scenario, layers.parameters),
        stock=_stock(data, at_own, points["hourly"][-1].found),
    )


def _annual_points(
    data: CleanSupplyData, load_mw: Floats, shares: Sequence[float]
) -> list[CurvePoint]:
    """Return the points of matching over the year, by a program of its own."""
    return curve_points(EnergyProgram(data.supply, "annual"), load_mw, shares)


def _shares(pct: Sequence[float]) -> list[float]:
    """Return percentages as shares, each once, rising."""
    return [each / _PERCENT for each in sorted(set(map(float, pct)))]


def curve_table(  # noqa: PLR0913, PLR0917 - what a row is made of
    data: CleanSupplyData,
    load_mw: float,
    points: dict[str, list[CurvePoint]],
    year: WholeYear,
    parameters: ParametersLike,
    scenario: Scenario,
) -> pd.DataFrame:
    """Return points as the table of `CostCurve`.

    Parameters
    ----------
    data : CleanSupplyData
        Supply that they are of.
    load_mw : float
        Steady load of all buses together.
    points : dict of str to list of CurvePoint
        By matching, shares rising.
    year : WholeYear
        For the replay.
    parameters : ParametersLike
        Emission factor of the grid, cost of carbon.
    scenario : Scenario
        The run.
    """
    rows = []
    for matching, some in points.items():
        before: CurvePoint | None = None
        for point in some:
            rows.append(
                {"matching": matching, "target_pct": percent(point.target)}
                | _met(data, load_mw, point)
                | _cost(data, load_mw, point, parameters, scenario)
                | {"step_krw_kwh": _step(load_mw, before, point)}
                | _capacity(data, point.found)
                | _scores(data, load_mw, point.found, year, parameters)
            )
            before = point
    return pd.DataFrame(rows)


def _met(data: CleanSupplyData, load_mw: float, point: CurvePoint) -> dict[str, Any]:
    """Return what of a share is met, and what stands against more."""
    supply, found, energy_mwh = data.supply, point.found, load_mw * _HOURS
    limits = [f"{name} {mw:,.0f} MW" for name, mw in used_up(data, found)]
    if supply.weight_h @ found.excess_mw >= supply.excess_most * energy_mwh * (1.0 - _DUST):
        limits.append("excess_max_pct")
    if found.overload_mwh > _DUST * energy_mwh:
        limits.append("branches")
    return {
        "reached_pct": percent(point.reached),
        "shortfall_gwh": found.shortfall_mwh / _MWH_PER_GWH,
        "overload_gwh": found.overload_mwh / _MWH_PER_GWH,
        "used_up": "; ".join(limits),
    }


def _cost(
    data: CleanSupplyData,
    load_mw: float,
    point: CurvePoint,
    parameters: ParametersLike,
    scenario: Scenario,
) -> dict[str, float]:
    """Return the cost of a kWh and its parts."""
    energy_mwh = load_mw * _HOURS
    parts, carbon, _ = parts_of_price(data, point.found, energy_mwh, parameters, scenario)
    parts = dict.fromkeys(TECHNOLOGIES, 0.0) | parts | {"carbon": carbon}
    order = (*TECHNOLOGIES, "adders", "grid", "carbon", "storage", "excess", "redispatch")
    return {
        "krw_kwh": float(point.krw_year) / energy_mwh / _KWH_PER_MWH,
        **{f"{name}_krw_kwh": float(parts[name]) for name in order},
    }


def _step(load_mw: float, before: CurvePoint | None, point: CurvePoint) -> float:
    """Return what each further clean kWh costs, not a number where there is none."""
    if before is None or point.reached <= before.reached + _DUST:
        return float("nan")
    clean_kwh = (point.reached - before.reached) * load_mw * _HOURS * _KWH_PER_MWH
    return float(point.krw_year - before.krw_year) / clean_kwh


def _capacity(data: CleanSupplyData, found: EnergyCost) -> dict[str, float]:
    mw = _by_technology(data, found.source_mw)
    return {
        **{f"{name}_mw": mw[name] for name in TECHNOLOGIES},
        "storage_mw": float(np.maximum(found.storage_mw, 0.0).sum()),
        "storage_mwh": float(np.maximum(found.storage_mwh, 0.0).sum()),
    }


def _by_technology(data: CleanSupplyData, mw: Floats) -> dict[str, float]:
    """Return MW of sources (K,) by technology."""
    technology = data.sources.table["technology"].to_numpy()
    size = np.maximum(mw, 0.0)  # the solver's dust
    return {name: float(size[technology == name].sum()) for name in TECHNOLOGIES}


def _scores(
    data: CleanSupplyData,
    load_mw: float,
    found: EnergyCost,
    year: WholeYear,
    parameters: ParametersLike,
) -> dict[str, float]:
    """Return the scores on the typical days, and those of the replay over the year."""
    supply, emission = data.supply, parameters.value("ef_grid_2023")
    balance = hourly_balance(
        load_mw + found.shift_mw.sum(axis=1),
        found.used_mw + found.excess_mw + found.charge_mw - found.discharge_mw,
        found.charge_mw,
        found.discharge_mw,
    )
    plan = ReplayedPlan(
        np.maximum(found.source_mw, 0.0),  # the solver's dust below 0
        np.maximum(found.storage_mw, 0.0),
        np.maximum(found.storage_mwh, 0.0),
        supply.storage_efficiency,
        load_mw,
    )
    replayed = replay_year(plan, year.source_yield, year.grid_clean, emission)
    typical = score_matching(balance, supply.grid_clean, emission, supply.weight_h)
    return _scored("", typical) | _scored("year_", replayed.scores)


def _scored(of: str, scores: MatchingScores) -> dict[str, float]:
    return {
        f"{of}hourly_pct": _PERCENT * scores.hourly_share,
        f"{of}annual_pct": _PERCENT * scores.annual_share,
        f"{of}excess_pct": _PERCENT * scores.excess_mwh / scores.load_mwh,
        f"{of}import_pct": _PERCENT * scores.import_mwh / scores.load_mwh,
        f"{of}co2_t": scores.co2_t,
    }


def _stock(data: CleanSupplyData, at_own: EnergyCost, last: EnergyCost) -> pd.DataFrame:
    """Return what each technology needs, and what there is of it."""
    stock, usable = data.stock, _by_technology(data, _usable_mw(data))
    needed, at_last = (_by_technology(data, found.source_mw) for found in (at_own, last))
    rows = []
    for name in TECHNOLOGIES:
        own = stock[stock["technology"] == name]
        runs = float(own.loc[own["status"] == "operating", "mw"].sum())
        rows.append(
            {
                "technology": name,
                "runs_mw": runs,
                "stock_mw": float(own["mw"].sum()),
                "usable_mw": usable[name],
                "needed_mw": needed[name],
                "needed_last_mw": at_last[name],
                "scarce": needed[name] > _DUST
                and needed[name] >= min(runs, usable[name]) * (1.0 - _DUST),
            }
        )
    return pd.DataFrame(rows)


def _usable_mw(data: CleanSupplyData) -> Floats:
    """Return the sources (K,) where most is contracted: each joint limit within the next larger."""
    most = data.supply.source_most_mw.copy()
    for members, limit in sorted(data.supply.groups.values(), key=lambda group: len(group[0])):
        there = float(most[members].sum())
        if there > limit:
            most[members] *= limit / there
    return most


def answer(curve: CostCurve) -> CurveAnswer:
    """Return what a curve says about the scenario's share and about the last step.

    Parameters
    ----------
    curve : CostCurve
        From :func:`cost_curve`.
    """
    begin, end = LAST_PCT
    last, lowest = _hourly(curve, end), curve.table["target_pct"].min()
    reached = curve.range.loc[curve.range["target_pct"] == end, "reached_pct"].tolist()
    added, clean = _last_step(curve)
    return CurveAnswer(
        reachable_pct=_spread([last["reached_pct"], *reached]),
        used_up=last["used_up"],
        target_pct=curve.target_pct,
        krw_kwh=_spread([_hourly(curve, curve.target_pct)["krw_kwh"], *_met_costs(curve)]),
        free_krw_kwh=_hourly(curve, lowest)["krw_kwh"],
        last_from_pct=begin,
        last_to_pct=last["reached_pct"],
        last_krw_kwh=added,
        last_clean_krw_kwh=clean,
        stock=curve.stock,
    )


def _hourly(curve: CostCurve, pct: float) -> dict[str, Any]:
    """Return the row of a share, matched by the hour."""
    table = curve.table
    rows = table[(table["matching"] == "hourly") & (table["target_pct"] == pct)]
    return {str(name): value for name, value in rows.to_dict("records")[0].items()}


def _met_costs(curve: CostCurve) -> list[float]:
    """Return the costs of the range at the scenario's share, where it is met."""
    table = curve.range[curve.range["target_pct"] == curve.target_pct]
    met = table["reached_pct"] >= curve.target_pct - _DUST
    costs: list[float] = table.loc[met, "krw_kwh"].tolist()
    return costs


def _spread(values: Sequence[float]) -> Spread:
    """Return the first value with the least and the most of all."""
    return Spread(values[0], min(values), max(values))


def _last_step(curve: CostCurve) -> tuple[Spread | None, Spread | None]:
    """Return what the last step adds to each kWh, and costs by further clean kWh, with ranges.

    None where no more can be met than where it begins.
    """
    table = curve.range
    first, last = (
        table.loc[table["target_pct"] == pct, ["krw_kwh", "reached_pct"]].to_numpy(np.float64)
        for pct in LAST_PCT
    )
    own = np.array(
        [[_hourly(curve, pct)[name] for name in ("krw_kwh", "reached_pct")] for pct in LAST_PCT]
    )
    step = np.vstack([own[1] - own[0], last - first])
    added, further = step[:, 0], step[:, 1] / _PERCENT
    if further[0] <= _DUST:
        return None, None
    there = further > _DUST
    return _spread(added[there].tolist()), _spread((added[there] / further[there]).tolist())
