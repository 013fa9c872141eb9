"""Metadata of a column of the site table: title, unit, direction of merit, confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Better", "Column"]

Better = Literal["high", "low"]
"""Direction of merit of a column."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the description of sites.

    Attributes
    ----------
    name : str
        Column name, with its unit.
    criterion : str
        Criterion that it belongs to.
    unit : str
        Unit for people; empty for texts and counts without one.
    title_ko, title_en : str
        What people read.
    confidence : str
        How far the column can be trusted in general: ``published``, ``model``, ``compiled-*``,
        ``assumption`` or, where single sites differ, ``see <column>``.
    better : {'high', 'low'}, optional
        Which end is better; None where neither is.
    scored : bool
        Whether the suitability score uses it; its value function is in the parameters
        ``score_<name>_worst`` and ``score_<name>_best``.
    one_sided : bool
        Whether only good values are evidence: the value function runs from ``score_unknown`` at
        the worst end to 1, and what is worse than that end is not known.
    layers : tuple of str
        Layers beyond the embedded ones that it is made of, all of them needed: without them the
        column is not known for any site.
    """

    name: str
    criterion: str
    unit: str
    title_ko: str
    title_en: str
    confidence: str
    better: Better | None = None
    scored: bool = False
    one_sided: bool = False
    layers: tuple[str, ...] = ()
