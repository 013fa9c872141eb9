"""Replay of a plan over all hours of a year: contracts and load-following storage, and its scores.

Storage follows the load, without foresight (load-following dispatch: Barley and Winn 1996, Optimal
dispatch strategy in remote hybrid power systems; self-consumption rule of Quoilin et al. 2016): it
gives what contracts lack, and takes what they have beyond the load, within its power and energy.
No other operation of the same storage takes less from the grid over the year. Where the clean
share of the grid varies, one with foresight may still import at cleaner hours and score higher.

The level follows the recursion of a finite dam (Moran 1954), ``level_h = clip(level_h-1 + step_h,
0, energy)``, in which the step does not depend on the level. A chain of such clips is one clip, so
the level that a year returns to is known after one pass: see :func:`_start_level`.

Neither the network nor the country's dispatch is in the replay; what they curtail is a parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.energy.matching import hourly_balance, score_matching
from siteopt.energy.supply import DAY_H
from siteopt.errors import LayerError

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints
    from siteopt.energy.matching import HourlyBalance, MatchingScores

__all__ = ["Replay", "ReplayedPlan", "Week", "over_year", "replay_year", "worst_week"]

_WEEK_H: Final = 168

_TIE: Final = 12
"""Decimals of a clean share in which weeks differ; below is float dust of running sums."""


@dataclass(frozen=True, eq=False)
class ReplayedPlan:
    """Plan to replay: K sources, S storages that act as one, a steady load.

    Attributes
    ----------
    source_mw : ndarray, shape (K,)
        Contracted capacity.
    storage_mw, storage_mwh : ndarray, shape (S,)
        Power and energy of storage.
    storage_efficiency : float
        Round trip, above 0 and at most 1; half of the loss is in charging, half in discharging.
    load_mw : float
        Steady load, above 0.
    """

    source_mw: Floats
    storage_mw: Floats
    storage_mwh: Floats
    storage_efficiency: float
    load_mw: float

    def __post_init__(self) -> None:
        """Refuse what cannot be replayed.

        Raises
        ------
        LayerError
            If a capacity is below 0 or not a number, or the load or efficiency out of range.
        """
        for name in ("source_mw", "storage_mw", "storage_mwh"):
            _check_range(name, getattr(self, name), np.finfo(np.float64).max)
        if not 0.0 < self.storage_efficiency <= 1.0:
            raise LayerError(
                f"replay: storage_efficiency is {self.storage_efficiency:g}; a value above 0 and "
                "at most 1 is needed"
            )
        if not 0.0 < self.load_mw < np.inf:
            raise LayerError(f"replay: load_mw is {self.load_mw:g}; a value above 0 is needed")


@dataclass(frozen=True)
class Week:
    """The 168 hours of a year with the lowest clean share, the first of equal ones.

    Attributes
    ----------
    first_hour : int
        First hour of the week, from 1.
    hourly_share : float
        Clean share of its load, by the hour.
    """

    first_hour: int
    hourly_share: float


@dataclass(frozen=True, eq=False)
class Replay:
    """Operation of a plan in H hours, and its scores.

    Attributes
    ----------
    contracts_mw : ndarray, shape (H,)
        Output under contract, after curtailment.
    charge_mw, discharge_mw : ndarray, shape (H,)
        Operation of storage, on the side of the load.
    level_mwh : ndarray, shape (H,)
        Level of storage at the end of each hour; that of the last is the level before the first.
    balance : HourlyBalance
        Load, use, excess and import by hour.
    scores : MatchingScores
        Clean shares, energy and emissions.
    worst_week : Week
        Where the plan is at its worst.
    """

    contracts_mw: Floats
    charge_mw: Floats
    discharge_mw: Floats
    level_mwh: Floats
    balance: HourlyBalance
    scores: MatchingScores
    worst_week: Week


def replay_year(
    plan: ReplayedPlan,
    source_yield: Floats,
    grid_clean: Floats,
    emission_t_mwh: Floats | float,
    curtailed_share: Floats | None = None,
) -> Replay:
    """Replay a plan hour by hour, from a level of storage to which the year returns.

    Parameters
    ----------
    plan : ReplayedPlan
        Capacities and load; K sources.
    source_yield : ndarray, shape (H, K)
        Output per MW contracted, 0 to 1.
    grid_clean : ndarray, shape (H,)
        Clean share of the grid's own generation, 0 to 1.
    emission_t_mwh : float or ndarray, shape (H,)
        tCO2 per MWh imported.
    curtailed_share : ndarray, shape (H,) or (H, K), optional
        Share of the output that is curtailed, 0 to 1: of all sources alike, or of each.

    Raises
    ------
    LayerError
        If shapes do not fit, or a yield or share is not a number from 0 to 1.
    """
    _check_year(plan, source_yield, grid_clean, curtailed_share)
    contracts = _contracts_mw(plan.source_mw, source_yield, curtailed_share)
    level, charge, discharge = _follow_load(plan, contracts - plan.load_mw)
    load = np.full_like(contracts, plan.load_mw)
    balance = hourly_balance(load, contracts, charge, discharge)
    return Replay(
        contracts_mw=contracts,
        charge_mw=charge,
        discharge_mw=discharge,
        level_mwh=level,
        balance=balance,
        scores=score_matching(balance, grid_clean, emission_t_mwh),
        worst_week=worst_week(balance, grid_clean),
    )


def over_year(typical: Floats, day: Ints) -> Floats:
    """Return hourly values of typical days, laid out over the days that they stand for.

    Parameters
    ----------
    typical : ndarray, shape (D x 24, ...)
        Hourly values of D typical days, one after the other.
    day : ndarray of int, shape (days,)
        For each day of the year the index of its typical day, from 0.

    Returns
    -------
    ndarray, shape (days x 24, ...)
    """
    by_day = typical.reshape(-1, DAY_H, *typical.shape[1:])
    return by_day[day].reshape(-1, *typical.shape[1:])


def worst_week(balance: HourlyBalance, grid_clean: Floats) -> Week:
    """Return the week with the lowest clean share; all hours where there are less than 168.

    Parameters
    ----------
    balance : HourlyBalance
        H hours, in their order.
    grid_clean : ndarray, shape (H,)
        Clean share of the grid's own generation.
    """
    clean = _running_sums(balance.clean_mw(grid_clean))
    load = _running_sums(balance.load_mw)
    # A week without load has no share and cannot be the worst.
    share = np.divide(clean, load, out=np.full_like(clean, np.inf), where=load > 0.0)
    first = int(np.round(share, _TIE).argmin())
    return Week(first + 1, float(share[first]))


def _running_sums(hourly: Floats) -> Floats:
    """Return the sums over the week from each hour that has a whole one before it."""
    width = min(_WEEK_H, len(hourly))
    sums: Floats = np.lib.stride_tricks.sliding_window_view(hourly, width).sum(axis=1)
    return sums


def _contracts_mw(source_mw: Floats, source_yield: Floats, curtailed: Floats | None) -> Floats:
    """Return the output under contract, after curtailment."""
    if curtailed is None:
        return source_yield @ source_mw
    if curtailed.ndim == 1:
        return (source_yield @ source_mw) * (1.0 - curtailed)
    return (source_yield * (1.0 - curtailed)) @ source_mw


def _follow_load(plan: ReplayedPlan, surplus_mw: Floats) -> tuple[Floats, Floats, Floats]:
    """Return level, charge and discharge of storage that follows the load."""
    power, energy = float(plan.storage_mw.sum()), float(plan.storage_mwh.sum())
    one_way = float(np.sqrt(plan.storage_efficiency))
    step = np.clip(surplus_mw, -power, power)
    step = np.where(step > 0.0, step * one_way, step / one_way)
    if power == 0.0 or energy == 0.0:
        nothing = np.zeros_like(surplus_mw)
        return nothing, nothing, nothing
    level = _levels(step, energy, _start_level(step, energy))
    change = np.diff(level)
    charge = np.where(change > 0.0, change / one_way, 0.0)
    discharge = np.where(change < 0.0, -change * one_way, 0.0)
    # Within the surplus and the shortage to the last digit, so that neither use nor excess of a
    # balanced hour is dust.
    charge = np.minimum(charge, np.maximum(surplus_mw, 0.0))
    discharge = np.minimum(discharge, np.maximum(-surplus_mw, 0.0))
    return level[1:], charge, discharge


def _start_level(step_mwh: Floats, energy_mwh: float) -> float:
    """Return the level that a year of steps returns to.

    Clips of shifts are closed under composition, so the level at the end is ``clip(start + D, A,
    B)`` with D the sum of the steps and A, B within 0 and the energy. Where D is above 0 its fixed
    point is B, which a full storage ends at; else A, which an empty one ends at.
    """
    begin = energy_mwh if step_mwh.sum() > 0.0 else 0.0
    return float(_levels(step_mwh, energy_mwh, begin)[-1])


def _levels(step_mwh: Floats, energy_mwh: float, start_mwh: float) -> Floats:
    """Return the level before the first step and after each, shape (H + 1,)."""
    level, levels = start_mwh, [start_mwh]
    for step in step_mwh.tolist():  # floats of Python: ten times as fast as those of NumPy
        level += step
        if level < 0.0:
            level = 0.0
        elif level > energy_mwh:
            level = energy_mwh
        levels.append(level)
    return np.array(levels)


def _check_year(
    plan: ReplayedPlan, source_yield: Floats, grid_clean: Floats, curtailed: Floats | None
) -> None:
    """Raise LayerError if the hours do not fit the plan."""
    hours, sources = len(grid_clean), len(plan.source_mw)
    if source_yield.shape != (hours, sources):
        raise LayerError(
            f"replay: source_yield has shape {source_yield.shape}; {(hours, sources)} is needed: "
            "hours of grid_clean, sources of the plan"
        )
    if hours == 0:
        raise LayerError("replay: no hours; those of a year are needed")
    _check_range("source_yield", source_yield, 1.0)
    if curtailed is None:
        return
    if curtailed.shape not in {(hours,), (hours, sources)}:
        raise LayerError(
            f"replay: curtailed_share has shape {curtailed.shape}; {(hours,)} or "
            f"{(hours, sources)} is needed"
        )
    _check_range("curtailed_share", curtailed, 1.0)


def _check_range(name: str, value: Floats, most: float) -> None:
    """Raise LayerError at the first value that is not a number from 0 to ``most``."""
    wrong = np.argwhere(~((value >= 0.0) & (value <= most)))
    if not len(wrong):
        return
    at = tuple(int(place) for place in wrong[0])
    if name in {"source_yield", "curtailed_share"}:
        where = f"hour {at[0] + 1}" + (f", source {at[1] + 1}" if len(at) > 1 else "")
    else:
        where = f"number {at[0] + 1}"
    right = "a share from 0 to 1" if most == 1.0 else "a finite value of at least 0"
    raise LayerError(f"replay: {name} of {where} is {float(value[at]):g}; {right} is needed")
