"""Smallest build of a site: that of the scenario, of a campus its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["least_build_mw"]


def least_build_mw(row: Mapping[str, Any], plan: Mapping[str, Any]) -> float | None:
    """Return the smallest IT load that a site opens with, in MW; None where a run does not say.

    Parameters
    ----------
    row : mapping
        The site in ``ranking.csv``; with campuses it has ``it_min_mw``.
    plan : mapping
        ``portfolio.json``.
    """
    own = row.get("it_min_mw")
    found: float | None = plan.get("it_min_mw") if own is None else own
    return found
