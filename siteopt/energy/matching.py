"""Clean share of a load by the year and by the hour: the scores of 24/7 carbon-free energy.

Riepin and Brown 2022 (System-level impacts of 24/7 carbon-free electricity procurement in Europe)
and 2024 (On the means, costs, and system-level impacts of 24/7 carbon-free energy procurement,
Energy Strategy Reviews 54).

With hours h of weight w, load L, the clean share g of the grid's own generation and G, its mean
over the year::

    kept_h   = contracts_h + discharge_h - charge_h = used_h + excess_h
    used_h   = min(kept_h, L_h),  excess_h = max(kept_h - L_h, 0),  import_h = L_h - used_h
    hourly   = sum w (used_h + g_h import_h) / sum w L_h
    annual   = min(1, hourly + (1 - G) sum w excess_h / sum w L_h)

Excess of one hour takes the place of an import at another in the annual score, less the share of
that import which is clean already. So the annual score is never below the hourly one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from siteopt._arrays import Floats

__all__ = [
    "HourlyBalance",
    "MatchingScores",
    "fossil_intensity",
    "hourly_balance",
    "score_matching",
]


@dataclass(frozen=True, eq=False)
class HourlyBalance:
    """What becomes of contracts, and what the grid adds, in each of H hours.

    Attributes
    ----------
    load_mw : ndarray, shape (H,)
        Load.
    used_mw : ndarray, shape (H,)
        What contracts and storage give the load; below 0 where the grid charges storage.
    excess_mw : ndarray, shape (H,)
        What they give beyond the load, never below 0.
    import_mw : ndarray, shape (H,)
        What the grid adds, never below 0: ``load_mw - used_mw``.
    """

    load_mw: Floats
    used_mw: Floats
    excess_mw: Floats
    import_mw: Floats

    def clean_mw(self, grid_clean: Floats) -> Floats:
        """Return the clean part of the load, at a clean share of the grid (H,)."""
        return self.used_mw + grid_clean * self.import_mw


@dataclass(frozen=True)
class MatchingScores:
    """Scores of a year (Riepin and Brown 2022).

    Attributes
    ----------
    hourly_share : float
        Clean share of the load by the hour (24/7 CFE score), at most 1.
    annual_share : float
        Clean share over the year, from ``hourly_share`` to 1.
    load_mwh, used_mwh, excess_mwh, import_mwh : float
        Energy of the year.
    clean_import_mwh : float
        Part of the import that the grid's own clean generation serves.
    co2_t : float
        Emissions of the import, tCO2 a year; nothing is taken off for excess.
    """

    hourly_share: float
    annual_share: float
    load_mwh: float
    used_mwh: float
    excess_mwh: float
    import_mwh: float
    clean_import_mwh: float
    co2_t: float


def hourly_balance(
    load_mw: Floats, contracts_mw: Floats, charge_mw: Floats, discharge_mw: Floats
) -> HourlyBalance:
    """Return what is used, in excess and imported in each hour.

    Parameters
    ----------
    load_mw : ndarray, shape (H,)
        Load, none below 0.
    contracts_mw : ndarray, shape (H,)
        Output under contract, after curtailment.
    charge_mw, discharge_mw : ndarray, shape (H,)
        Operation of storage.
    """
    kept = contracts_mw + discharge_mw - charge_mw
    used = np.minimum(kept, load_mw)
    return HourlyBalance(load_mw, used, kept - used, load_mw - used)


def fossil_intensity(grid_clean: Floats, fossil_t_mwh: float) -> Floats:
    """Return the emission factor of the grid by hour, from that of its part that is not clean.

    Parameters
    ----------
    grid_clean : ndarray, shape (H,)
        Clean share of the grid's own generation, 0 to 1.
    fossil_t_mwh : float
        tCO2 per MWh of the rest.

    Returns
    -------
    ndarray, shape (H,)
        tCO2 per MWh imported, for :func:`score_matching`.
    """
    return (1.0 - grid_clean) * fossil_t_mwh


def score_matching(
    balance: HourlyBalance,
    grid_clean: Floats,
    emission_t_mwh: Floats | float,
    weight_h: Floats | None = None,
) -> MatchingScores:
    """Return the clean shares, energy and emissions of a year.

    Parameters
    ----------
    balance : HourlyBalance
        From :func:`hourly_balance`; H hours.
    grid_clean : ndarray, shape (H,)
        Clean share of the grid's own generation, 0 to 1.
    emission_t_mwh : float or ndarray, shape (H,)
        tCO2 per MWh imported, one for all hours or by hour (:func:`fossil_intensity`).
    weight_h : ndarray, shape (H,), optional
        Hours of the year that each hour represents; 1 where not given.

    Raises
    ------
    LayerError
        If there is no load, shapes differ, or a clean share is not from 0 to 1.
    """
    weight = np.ones_like(balance.load_mw) if weight_h is None else weight_h
    _check(balance, grid_clean, weight)
    load_mwh = float(weight @ balance.load_mw)
    excess_mwh = float(weight @ balance.excess_mw)
    grid_mean = float(weight @ grid_clean / weight.sum())
    hourly = float(weight @ balance.clean_mw(grid_clean)) / load_mwh
    return MatchingScores(
        hourly_share=hourly,
        # A sum of hours that are clean throughout may exceed 1 by a rounding.
        annual_share=max(hourly, min(1.0, hourly + (1.0 - grid_mean) * excess_mwh / load_mwh)),
        load_mwh=load_mwh,
        used_mwh=float(weight @ balance.used_mw),
        excess_mwh=excess_mwh,
        import_mwh=float(weight @ balance.import_mw),
        clean_import_mwh=float(weight @ (grid_clean * balance.import_mw)),
        co2_t=float(weight @ (balance.import_mw * emission_t_mwh)),
    )


def _check(balance: HourlyBalance, grid_clean: Floats, weight_h: Floats) -> None:
    """Raise LayerError if no scores can be made of these."""
    hours = balance.load_mw.shape
    for name, value in (
        ("used_mw", balance.used_mw), ("grid_clean", grid_clean), ("weight_h", weight_h),
    ):  # fmt: skip
        if value.shape != hours:
            raise LayerError(f"matching: {name} has shape {value.shape}; {hours} is needed")
    wrong = np.flatnonzero(~((grid_clean >= 0.0) & (grid_clean <= 1.0)))
    if len(wrong):
        raise LayerError(
            f"matching: grid_clean is {grid_clean[wrong[0]]:g} in hour {wrong[0] + 1}; a share "
            "from 0 to 1 is needed"
        )
    if not weight_h @ balance.load_mw > 0.0:
        raise LayerError("matching: the load is 0 in all hours; a clean share needs a load above 0")
