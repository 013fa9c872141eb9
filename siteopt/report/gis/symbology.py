"""Symbology of the layers, independent of any file format: symbols, rules and labels.

QML (:mod:`siteopt.report.gis.qml`) and SLD (:mod:`siteopt.report.gis.sld`) are two writings of
the same rules, so that QGIS, GeoServer and ArcGIS show the same classes in the same colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "Condition", "FillSymbol", "Labels", "LineSymbol", "MarkSymbol", "Operator", "Rule", "Style",
    "Symbol", "Title",
]  # fmt: skip

Operator = Literal["=", "<>", "<", "<=", ">", ">=", "in", "null", "not null"]
Title = tuple[str, str]
"""What a class is called, in Korean and English."""

SCALE_MAX: Final = 0.0
"""Scale denominator that stands for no limit."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a field; the conditions of a rule hold together.

    Attributes
    ----------
    field : str
        Column of the layer.
    operator : str
        One of :data:`Operator`.
    value : str, float, bool or tuple of str
        What it is compared with; a tuple for ``in``.
    """

    field: str
    operator: Operator
    value: str | float | bool | tuple[str, ...] = ""


@dataclass(frozen=True, slots=True)
class MarkSymbol:
    """A mark at a point: shape, size in mm, fill and outline."""

    shape: Literal["circle", "square", "triangle", "diamond", "cross2"]
    size_mm: float
    colour: str
    outline: str = "#ffffff"
    outline_mm: float = 0.15


@dataclass(frozen=True, slots=True)
class LineSymbol:
    """A line: colour, width in mm, dashes in mm; a casing below it where it has a colour."""

    colour: str
    width_mm: float
    dash_mm: tuple[float, ...] = ()
    casing: str = ""


@dataclass(frozen=True, slots=True)
class FillSymbol:
    """A polygon: fill (none where empty), outline, and hatching where colour alone would tell."""

    colour: str
    opacity: float = 1.0
    outline: str = ""
    outline_mm: float = 0.1
    outline_dash: bool = False
    hatch: str = ""
    hatch_angle: float = 45.0
    hatch_gap_mm: float = 1.6


Symbol = MarkSymbol | LineSymbol | FillSymbol


@dataclass(frozen=True, slots=True)
class Rule:
    """A class of features: what belongs to it, what it is called, how it is drawn.

    Attributes
    ----------
    title : (str, str)
        For the legend, in Korean and English.
    symbols : tuple
        One or more, drawn in this order.
    conditions : tuple of Condition
        All must hold; none means every feature.
    nearer_than : float
        Scale denominator from which on it is drawn; 0 for every scale.
    """

    title: Title
    symbols: tuple[Symbol, ...]
    conditions: tuple[Condition, ...] = ()
    nearer_than: float = SCALE_MAX


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of a layer.

    Attributes
    ----------
    fields : (str, str)
        Columns of the Korean and the English label.
    conditions : tuple of Condition
        Which features have one.
    size_pt : float
        Size of the letters.
    colour : str
        Of the letters; a white halo lies about them.
    bold : bool
        Heavy letters.
    around : bool
        About a point, rather than over it (or inside a polygon).
    nearer_than : float
        Scale denominator from which on they are drawn; 0 for every scale.
    priority : int
        0 to 10: which labels give way.
    """

    fields: tuple[str, str]
    conditions: tuple[Condition, ...] = ()
    size_pt: float = 8.0
    colour: str = "#1a1a1a"
    bold: bool = False
    around: bool = True
    nearer_than: float = SCALE_MAX
    priority: int = 5


@dataclass(frozen=True, slots=True)
class Style:
    """How a layer is drawn: its rules, its labels, what its map tip shows.

    Attributes
    ----------
    rules : tuple of Rule
        Each feature is drawn by every rule that it meets.
    labels : Labels, optional
        Its labels.
    tip : tuple of str
        Columns of the map tip; the first is its head.
    opacity : float
        Of the whole layer.
    order : (str, bool), optional
        Column by which features are drawn, and whether its lowest comes first, below the others.
    """

    rules: tuple[Rule, ...]
    labels: Labels | None = None
    tip: tuple[str, ...] = ()
    opacity: float = 1.0
    order: tuple[str, bool] | None = None
