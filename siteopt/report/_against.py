"""Pairwise comparison of sites by cost component, and the share of a tax cut in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from siteopt.report.facts import Fact, Value

__all__ = [
    "Gap", "component_costs", "contract_per_it", "cut_share", "gap_between", "gap_fact", "or_dash",
]  # fmt: skip

_LEAST_GAP: Final = 0.005
"""bn KRW a MW: smaller differences of cost are not shown."""
_GAP_PARTS: Final = 2
"""Number of components of a difference that are shown."""
_KRW_PER_BN: Final = 1e9
_KWH_PER_MWH: Final = 1000.0

Row = dict[str, Any]


@dataclass(frozen=True)
class Gap:
    """What a MW of IT load costs more at a site than at its rival, bn KRW.

    Attributes
    ----------
    total : float
        Negative where the site is cheaper.
    parts : tuple of (str, float)
        The components that differ most.
    """

    total: float
    parts: tuple[tuple[str, float], ...]

    @property
    def is_told(self) -> bool:
        """Whether it is large enough to be shown."""
        return abs(self.total) >= _LEAST_GAP


def component_costs(row: Row) -> dict[str, float]:
    """Return what a MW of IT load costs at a site, in bn KRW by component.

    Parameters
    ----------
    row : Row
        Row of a site in the ranking.
    """
    mw = row.get("discounted_it_mw") or row.get("it_mw")
    if not mw:
        return {}
    return {
        name.removeprefix("cost_").removesuffix("_bn_krw"): float(value) / mw
        for name, value in row.items()
        if name.startswith("cost_") and name != "cost_bn_krw" and value is not None
    }


def gap_between(row: Row, rival: Row) -> Gap | None:
    """Return what a MW costs more at a site than at its rival; None where that is not known.

    Parameters
    ----------
    row : Row
        Row of a site in the ranking.
    rival : Row
        Row of the site to compare with.
    """
    if row.get("bn_krw_per_mw") is None:
        return None
    here, there = component_costs(row), component_costs(rival)
    parts = [(name, here[name] - there[name]) for name in here if name in there]
    shown = [part for part in parts if abs(part[1]) >= _LEAST_GAP]
    shown.sort(key=lambda part: -abs(part[1]))
    return Gap(float(row["bn_krw_per_mw"] - rival["bn_krw_per_mw"]), tuple(shown[:_GAP_PARTS]))


def gap_fact(gap: Gap, rival: str) -> Fact:
    """Return by which components a site is dearer or cheaper than its rival.

    Parameters
    ----------
    gap : Gap
        Difference of cost per MW.
    rival : str
        Id of the other site.
    """
    parts = [
        Fact("cost.part", {"name": ("text", f"cost.{name}"), "money": ("signed", value)})
        for name, value in gap.parts
    ]
    return Fact(
        "why.dearer" if gap.total > 0 else "why.cheaper",
        {"site": ("site", rival), "money": ("money", abs(gap.total)), "parts": ("list", ", ", parts)},
    )  # fmt: skip


def contract_per_it(row: Row) -> float:
    """Return MW of contract power a MW of IT load.

    Parameters
    ----------
    row : Row
        Row of a site in the ranking.
    """
    if row.get("pue") is not None:
        return float(row["pue"])
    if row.get("it_mw") and row.get("facility_mw") is not None:
        return float(row["facility_mw"] / row["it_mw"])
    return 1.0


def or_dash(value: float | None, digits: int) -> Value:
    """Return a figure, or a dash where it is not known.

    Parameters
    ----------
    value : float or None
        The figure, None where it is not known.
    digits : int
        Most decimals.
    """
    return ("as is", "–") if value is None else ("n", value, digits)


def cut_share(row: Row, cut_bn_krw: float) -> Fact | None:
    """Return what a cut is of the cost of a site and of a kWh of its electricity.

    Parameters
    ----------
    row : Row
        Row of a site in the ranking.
    cut_bn_krw : float
        Saving in bn KRW.
    """
    cost, mw = row.get("with_cost_bn_krw"), row.get("with_it_mw")
    if not cost or mw is None:
        return None
    kwh = _krw_kwh(row, cut_bn_krw)
    return Fact(
        "explain.cut_share",
        {"pct": ("n", 100 * cut_bn_krw / cost, 2), "mw": ("n", mw, 0), "kwh": or_dash(kwh, 2)},
    )


def _krw_kwh(row: Row, cut_bn_krw: float) -> float | None:
    """Return a cut as KRW a kWh of all electricity of the site, None where that is not known."""
    per_mwh, per_mw = row.get("krw_per_mwh_it"), row.get("bn_krw_per_mw")
    if not per_mwh or per_mw is None:
        return None
    mwh_per_mw = per_mw * _KRW_PER_BN / per_mwh
    energy = row["with_it_mw"] * mwh_per_mw * contract_per_it(row)
    return float(cut_bn_krw * _KRW_PER_BN / energy / _KWH_PER_MWH)
