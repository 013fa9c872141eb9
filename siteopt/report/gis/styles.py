"""Styles of the layers: classes, colours, hatching and labels, as those of the page.

No class is told by colour alone: bands of rank differ in size, kinds of stations in shape,
confidence in the fill of a mark, excluded land in the angle of its hatching.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siteopt.report.gis.symbology import (
    Condition,
    FillSymbol,
    Labels,
    LineSymbol,
    MarkSymbol,
    Rule,
    Style,
)
from siteopt.report.texts import text

if TYPE_CHECKING:
    from siteopt.scenario import Exclusion

__all__ = [
    "clean_zone_style", "complex_style", "connection_style", "district_style", "excluded_style",
    "outline_style", "power_line_style", "province_style", "site_style", "station_style",
    "step_style",
]  # fmt: skip

CHOSEN: Final = "#c62828"
_BANDS: Final = ((50, "#3f007d", 2.4), (200, "#8f7fc4", 1.7), (1000, "#a9a4d2", 1.4))
"""Last rank of a band, its colour and size in mm: those of the page."""
_OTHER: Final = ("#cfcde4", 1.1)
_IMPOSSIBLE: Final = "#8d8d8d"
_NEAR: Final = 2_000_000.0
"""Scale from which on thousands of candidates are drawn: before they would hide the few."""
_NEARER: Final = 1_000_000.0
_NEAREST: Final = 400_000.0
_VOLTAGES: Final = {
    154: ("#6b7a86", 0.25, 1.3),
    345: ("#1565c0", 0.5, 2.0),
    765: ("#b0126b", 0.8, 2.8),
}
"""Colour, width of a line and size of a station in mm by kV."""
_KINDS: Final = {
    "substation": "square",
    "switching": "diamond",
    "plant": "triangle",
    "unknown": "circle",
}
_ESTIMATED: Final = ("model", "to-be-built", "unknown")
"""Confidences of headroom that no one published or gave."""
_EXCLUDED: Final = (
    "#4e79a7", "#a0761c", "#59a14f", "#b15a7a", "#7a5aa6", "#2f9aa0", "#c4722a", "#5b6f86", "#8c564b",
    "#3a6f3a", "#a33f3f", "#6a6a2a",
)  # fmt: skip
_CLASSES: Final = {
    "robust": ("#0b6e4f", ""), "competitive": ("#8fd0b5", ""), "dominated": ("#e3e7ea", ""),
    "not_possible": ("#f4f4f4", "#8d8d8d"),
}  # fmt: skip
"""Fill and hatching of districts by the best class of their candidates."""


def _title(key: str, **figures: object) -> tuple[str, str]:
    return text(key, "ko").format(**figures), text(key, "en").format(**figures)


def site_style(*, with_class: bool) -> Style:
    """Return the style of the candidates: bands of rank, chosen ones labelled, rings by class."""
    other, impossible = Condition("chosen", "=", value=False), Condition("proof", "=", "impossible")
    rules, first = [], 1
    for last, colour, size in _BANDS:
        between = (
            other, Condition("rank", ">=", first), Condition("rank", "<=", last),
            Condition("proof", "<>", "impossible"),
        )  # fmt: skip
        title = _title("gis.class_ranks", first=f"{first:,}", last=f"{last:,}")
        near = _NEAR if first > _BANDS[1][0] else 0.0
        rules.append(Rule(title, (MarkSymbol("circle", size, colour),), between, near))
        first = last + 1
    behind = (other, Condition("rank", ">=", first), Condition("proof", "<>", "impossible"))
    rules.append(
        Rule(
            _title("gis.class_ranks_from", first=f"{first:,}"),
            (MarkSymbol("circle", _OTHER[1], _OTHER[0], "#9a97b8"),),
            behind,
            _NEARER,
        )
    )
    rules.append(
        Rule(
            _title("gis.class_impossible"),
            (MarkSymbol("cross2", 1.1, _IMPOSSIBLE, _IMPOSSIBLE, 0.3),),
            (other, impossible),
            _NEARER,
        )
    )
    if with_class:
        ring = MarkSymbol("circle", 2.9, "#ffffff", "#0b6e4f", 0.4)
        contested = (other, Condition("class", "in", ("robust", "competitive")))
        marks = (ring, MarkSymbol("circle", 1.7, "#3f007d"))
        rules.insert(0, Rule(_title("gis.class_contested"), marks, contested))
    marks = (MarkSymbol("circle", 5.0, "#ffffff", CHOSEN, 0.3), MarkSymbol("circle", 4.0, CHOSEN))
    rules.insert(
        0, Rule(_title("gis.class_chosen"), marks, (Condition("chosen", "=", value=True),))
    )
    labels = Labels(
        ("label_ko", "label_en"), (Condition("chosen", "=", value=True),), 9.0, "#7d1414", bold=True,
        priority=10,
    )  # fmt: skip
    tip = (
        "name_ko", "rank", "class", "it_mw", "it_max_mw", "value_bn_krw", "regret_bn_krw",
        "lower_bn_krw", "cost_bn_krw", "bn_krw_per_mw", "station_name_ko", "voltage_kv", "route_km",
        "headroom_mw", "station_headroom_confidence", "reason",
    )  # fmt: skip
    return Style(tuple(rules), labels, tip, order=("rank", False))


def step_style() -> Style:
    """Return the style of the steps of a plan over several years."""
    opens = (MarkSymbol("circle", 4.4, "#ffffff", CHOSEN, 0.5),)
    grows = (MarkSymbol("triangle", 3.4, "#ffffff", CHOSEN, 0.5),)
    rules = (
        Rule(_title("gis.class_opens"), opens, (Condition("opens", "=", value=True),)),
        Rule(_title("gis.class_grows"), grows, (Condition("opens", "=", value=False),)),
    )
    return Style(
        rules,
        Labels(("label_ko", "label_en"), colour="#7d1414"),
        ("label_ko", "it_mw", "it_mw_after"),
    )


def outline_style() -> Style:
    """Return the style of the land of the candidates."""
    rules = (
        Rule(
            _title("gis.class_land_other"), (FillSymbol("#8f7fc4", 0.25, "#5d4ba0", 0.2),),
            (Condition("chosen", "=", value=False),), _NEAREST,
        ),
        Rule(
            _title("gis.class_land_chosen"),
            (FillSymbol(CHOSEN, 0.25, CHOSEN, 0.4, hatch=CHOSEN, hatch_angle=135.0),),
            (Condition("chosen", "=", value=True),),
        ),
    )  # fmt: skip
    return Style(
        rules, None, ("name_ko", "rank", "eligible_ha", "it_max_mw", "outline", "area_confidence")
    )


def complex_style() -> Style:
    """Return the style of the industrial complexes: those that can be sites, and those that cannot."""
    rules = (
        Rule(
            _title("gis.class_complex_not"), (MarkSymbol("diamond", 1.6, "#d9d9d9", "#7a7a7a", 0.2),),
            (Condition("is_site", "=", value=False),), _NEARER,
        ),
        Rule(
            _title("gis.class_complex"), (MarkSymbol("diamond", 2.2, "#e8a33d", "#7a4e00", 0.25),),
            (Condition("is_site", "=", value=True),), _NEAR,
        ),
    )  # fmt: skip
    labels = Labels(
        ("name_ko", "name_en"), (Condition("is_site", "=", value=True),), 7.0, "#7a4e00",
        nearer_than=_NEAREST, priority=3,
    )  # fmt: skip
    tip = ("name_ko", "it_max_mw", "eligible_ha", "area_rule", "area_confidence", "excluded_ko")
    return Style(rules, labels, tip)


def connection_style() -> Style:
    """Return the style of the connections: overhead whole, underground dashed, a second feed thin."""
    rules = []
    for chosen, colour, casing in ((False, "#9a97b8", ""), (True, CHOSEN, "#ffffff")):
        for kind, dash in (("overhead", ()), ("underground", (1.6, 1.2))):
            for feed, width in ((2, 0.35), (1, 0.7)):
                state = "chosen" if chosen else "other"
                line = LineSymbol(colour, width if chosen else width * 0.5, dash, casing)
                wanted = (
                    Condition("chosen", "=", value=chosen), Condition("kind", "=", kind),
                    Condition("feed", "=", feed),
                )  # fmt: skip
                title = _title(f"gis.class_line_{state}_{kind}_{feed}")
                rules.append(Rule(title, (line,), wanted, 0.0 if chosen else _NEAREST))
    tip = ("site_id", "station_id", "kind", "feed", "voltage_kv", "length_km")
    return Style(tuple(rules), None, tip)


def station_style() -> Style:
    """Return the style of the stations: size and colour by voltage, shape by kind, fill by confidence."""
    rules = []
    for kv, (colour, _, size) in _VOLTAGES.items():
        near = 0.0 if kv > 154 else _NEAR  # noqa: PLR2004 - the lowest level of the map
        for kind, shape in _KINDS.items():
            of_class = (Condition("voltage_max_kv", "=", kv), Condition("kind", "=", kind))
            name = _title(f"station_kind.{kind}")
            title = (f"{kv} kV {name[0]}", f"{kv} kV {name[1]}")
            rules.append(
                Rule(title, (MarkSymbol(shape, size, colour, "#ffffff", 0.2),), of_class, near)
            )
    strange = tuple(Condition("voltage_max_kv", "<>", kv) for kv in _VOLTAGES)
    odd = tuple(Condition("kind", "<>", kind) for kind in (*_KINDS, "new"))
    for wanted in ((*strange, Condition("kind", "<>", "new")), odd):
        mark = MarkSymbol("circle", 1.3, "#8a5a00", "#ffffff", 0.2)
        rules.append(Rule(_title("gis.class_station_other"), (mark,), wanted, _NEAR))
    # what is not published lies open: a white core tells that the headroom is an estimate
    rules.append(
        Rule(
            _title("gis.class_headroom_model"),
            (MarkSymbol("circle", 0.8, "#ffffff", "#6b7a86", 0.1),),
            (Condition("headroom_confidence", "in", _ESTIMATED), Condition("kind", "<>", "new")),
            _NEAR,
        )
    )
    rules.append(
        Rule(
            _title("gis.class_headroom_zero"),
            (MarkSymbol("cross2", 1.6, "#d00000", "#d00000", 0.4),),
            (Condition("headroom_confidence", "=", "published-zero"),),
            _NEARER,
        )
    )
    planned = MarkSymbol("diamond", 1.7, "#ffffff", "#1565c0", 0.35)
    rules.append(
        Rule(_title("station_kind.new"), (planned,), (Condition("kind", "=", "new"),), _NEARER)
    )
    used = MarkSymbol("square", 3.4, "#ffffff", CHOSEN, 0.5)
    rules.append(
        Rule(
            _title("gis.class_station_used"),
            (used, MarkSymbol("square", 1.6, CHOSEN)),
            (Condition("used_mw", ">", 0),),
        )
    )
    labels = Labels(
        ("name_ko", "name_en"),
        (Condition("used_mw", ">", 0),),
        7.5,
        "#1c2733",
        nearer_than=_NEAR,
        priority=7,
    )
    tip = (
        "name_ko", "kind", "kind_confidence", "voltage_max_kv", "headroom_mw", "headroom_confidence",
        "used_mw",
    )  # fmt: skip
    return Style(tuple(rules), labels, tip)


def power_line_style() -> Style:
    """Return the style of the transmission lines, by voltage."""
    rules = [
        Rule(
            _title("gis.class_line", kv=kv), (LineSymbol(colour, width),),
            (Condition("voltage_kv", "=", kv), Condition("dc", "=", value=False)),
            0.0 if kv > 154 else _NEAR,  # noqa: PLR2004 - the lowest level of the map
        )
        for kv, (colour, width, _) in _VOLTAGES.items()
    ]  # fmt: skip
    other = tuple(Condition("voltage_kv", "<>", kv) for kv in _VOLTAGES)
    alternating = (*other, Condition("dc", "=", value=False))
    rules.append(Rule(_title("gis.class_line_other"), (LineSymbol("#8a5a00", 0.25),), alternating))
    direct = LineSymbol("#8a5a00", 0.6, (2.0, 1.0))
    rules.append(Rule(_title("gis.class_dc"), (direct,), (Condition("dc", "=", value=True),)))
    tip = ("line_id", "voltage_kv", "circuits", "length_km")
    return Style(tuple(rules), None, tip, order=("voltage_kv", True))


def excluded_style(exclusions: list[Exclusion]) -> Style:
    """Return the style of excluded land: a colour and an angle of hatching a reason."""
    rules = []
    for place, exclusion in enumerate(exclusions):
        colour = _EXCLUDED[place % len(_EXCLUDED)]
        fill = FillSymbol(
            colour, 0.12, colour, 0.1, hatch=colour, hatch_angle=float(place * 37 % 180),
            hatch_gap_mm=1.4 + 0.2 * (place % 3),
        )  # fmt: skip
        title = (exclusion.title.ko, exclusion.title.en)
        rules.append(Rule(title, (fill,), (Condition("reason", "=", exclusion.id),)))
    tip = ("title_ko", "rule_ko", "area_km2", "only_km2", "land_pct")
    return Style(tuple(rules), None, tip, opacity=0.75)


def district_style(*, with_class: bool) -> Style:
    """Return the style of the districts: by best class, or by whether there is any candidate."""
    border, rules = ("#aab2ba", 0.12), []
    if with_class:
        for name, (fill, hatch) in _CLASSES.items():
            symbol = FillSymbol(fill, 0.9, *border, hatch=hatch, hatch_gap_mm=2.0)
            title = _title(f"class.{name}")
            rules.append(Rule(title, (symbol,), (Condition("best_class", "=", name),)))
    else:
        symbol = FillSymbol("#e6e3f1", 0.9, *border)
        rules.append(
            Rule(_title("gis.class_candidates"), (symbol,), (Condition("candidates", ">", 0),))
        )
    none = FillSymbol("#fbfaf6", 0.9, *border, hatch="#c3c9cf", hatch_angle=135.0, hatch_gap_mm=2.4)
    rules.append(
        Rule(_title("gis.class_no_candidate"), (none,), (Condition("candidates", "=", 0),))
    )
    labels = Labels(
        ("name_ko", "name_en"), (), 6.5, "#55606b", around=False, nearer_than=_NEARER, priority=2
    )
    tip = (
        "name_ko", "candidates", "best_class", "best_rank", "best_site_id", "chosen_it_mw",
        "least_bn_krw_per_mw", "supply_headroom_mw",
    )  # fmt: skip
    return Style(tuple(rules), labels, tip)


def province_style() -> Style:
    """Return the style of the provinces: an outline and a name."""
    outline = FillSymbol("", 1.0, "#6d7680", 0.25)
    labels = Labels(
        ("name_ko", "name_en"), (), 10.0, "#37424d", bold=True, around=False, priority=6
    )
    tip = ("name_ko", "candidates", "chosen_it_mw", "share_pct")
    return Style((Rule(_title("gis.class_province"), (outline,)),), labels, tip)


def clean_zone_style(most_mw: float) -> Style:
    """Return the style of the zones of clean supply: four steps of what is contracted."""
    steps = (("#f1f7e9", 0.0), ("#c3e2b0", 0.25), ("#7fc08a", 0.5), ("#2f8f5b", 0.75))
    rules: list[Rule] = []
    for place, (colour, share) in enumerate(steps):
        low, high = share * most_mw, (share + 0.25) * most_mw
        wanted: tuple[Condition, ...] = (Condition("contracted_mw", ">", round(low, 3)),)
        if place < len(steps) - 1:
            wanted = (*wanted, Condition("contracted_mw", "<=", round(high, 3)))
        title = _title("gis.class_contracted", low=f"{low:,.0f}", high=f"{high:,.0f}")
        rules.append(Rule(title, (FillSymbol(colour, 0.7, "#35684a", 0.25),), wanted))
    none = FillSymbol("", 1.0, "#8aa08f", 0.15, outline_dash=True)
    rules.append(
        Rule(_title("gis.class_contracted_none"), (none,), (Condition("contracted_mw", "=", 0),))
    )
    labels = Labels(
        ("label_ko", "label_en"),
        (Condition("contracted_mw", ">", 0),),
        7.5,
        "#1f5a38",
        around=False,
    )
    return Style(tuple(rules), labels, ("label_ko", "contracted_mw", "gwh", "krw_kwh"))
