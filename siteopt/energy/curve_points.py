"""Least cost by clean share: points of the cost curve of clean energy.

Epsilon-constraint method (Haimes, Lasdon and Wismer 1971): the least cost at each right side of
one constraint, each point from the basis of the one before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt._arrays import Floats
    from siteopt.energy.program import EnergyCost, EnergyProgram
    from siteopt.energy.supply import Supply

__all__ = ["CurvePoint", "curve_points", "nothing_short", "percent"]

_HOURS: Final = 8760.0
_SHORT: Final = 1e-6
"""Share of the load's energy; what is short by less is rounding."""
_DECIMALS: Final = 9
_TIMES_STORAGE: Final = 10.0
"""Times the yearly cost of storage for a MWh: no battery is too dear, were it used once a year."""


@dataclass(frozen=True, eq=False)
class CurvePoint:
    """Point of the curve.

    Attributes
    ----------
    target : float
        Clean share that is asked for, 0 to 1.
    reached : float
        What of it can be met.
    krw_year : float
        Yearly cost, without the penalty of what is short.
    found : EnergyCost
        The plan.
    """

    target: float
    reached: float
    krw_year: float
    found: EnergyCost


def nothing_short(supply: Supply) -> Supply:
    """Return the supply with a penalty at which nothing is short that stock and storage can meet.

    Parameters
    ----------
    supply : Supply
        Whose penalty is some times its dearest price; storage may cost more where it is used on
        few days of the year.
    """
    storage = supply.storage_krw_mw_year + supply.storage_krw_mwh_year
    none = storage > _NO_STORAGE * supply.penalty_krw_mwh
    least = 0.0 if none else _TIMES_STORAGE * storage
    return replace(supply, penalty_krw_mwh=max(supply.penalty_krw_mwh, least))


_NO_STORAGE: Final = 1e4
"""Times the penalty; storage that costs more is there for nobody."""


def percent(share: float) -> float:
    """Return a share, 0 to 1, in percent, without the float dust of 57 / 100 * 100.

    Parameters
    ----------
    share : float
        Any share.
    """
    return round(100.0 * share, _DECIMALS)


def curve_points(
    program: EnergyProgram, load_mw: Floats, shares: Sequence[float]
) -> list[CurvePoint]:
    """Return the least cost at some clean shares; the program is left at the last of them.

    Parameters
    ----------
    program : EnergyProgram
        Of any target.
    load_mw : ndarray, shape (N,)
        Steady load by bus, above 0 somewhere.
    shares : sequence of float
        Clean shares, 0 to 1, best in rising order.
    """
    return [_point(program, load_mw, share) for share in shares]


def _point(program: EnergyProgram, load_mw: Floats, share: float) -> CurvePoint:
    program.set_supply(replace(program.supply, target=share))
    found = program.cut(load_mw)
    short = found.shortfall_mwh / (float(load_mw.sum()) * _HOURS)
    return CurvePoint(
        target=share,
        reached=share if short <= _SHORT else share - short,
        krw_year=found.krw_year - found.parts_krw_year["penalty"],
        found=found,
    )
