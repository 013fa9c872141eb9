"""Certainty in a report: classes, shares of draws, ranges, influence, thresholds, levels."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from siteopt.report._json_values import records
from siteopt.report._robustness import input_titles
from siteopt.report.document.blocks import Column, bullets, figure, heading, paragraph, table
from siteopt.report.facts import figure_digits

if TYPE_CHECKING:
    from siteopt.report.document.blocks import Block
    from siteopt.report.document.material import Material, Row

__all__ = ["certainty", "committed", "lead_sentence", "place_name", "quantity", "title_of"]

_LEVELS: Final = ("district", "province")
_PLACES_MAX: Final = 10
_INFLUENCE_MAX: Final = 8
_OVERTURN_MAX: Final = 12
_UNITS_KO: Final = (
    ("bn KRW", "십억 원"), ("M KRW", "백만 원"), ("KRW", "원"), ("electors", "명"), ("degree", "도"),
    ("year", "년"), ("m2", "㎡"), ("m3", "㎥"),
)  # fmt: skip
"""Units of the tables in Korean, as the map has them."""


def certainty(material: Material) -> list[Block]:
    """Return how sure the plan is: over all draws, by single assumptions, by near-optimal plans."""
    return [*_draws(material), *_near_optimal(material)]


def lead_sentence(material: Material) -> str | None:
    """Return what stays over all draws, the finest level of places first; None without draws."""
    found = material.tables.robustness
    if found is None:
        return None
    figures = {"n": found.planned, "pct": material.number(found.robust_share_pct, 1)}
    for level in _LEVELS:
        own = found.places[(found.places["level"] == level) & (found.places["class"] == "robust")][
            "place"
        ]
        if len(own):
            names = ", ".join(place_name(material, level, str(code)) for code in own)
            return material.shared(f"robustness.lead_{level}", names=names, **figures)
    return material.shared("robustness.lead_none", **figures)


def committed(material: Material) -> str | None:
    """Return what committing to the sites costs; None where that is not known."""
    found = material.tables.robustness
    risk = {} if found is None else {row["figure"]: row for row in records(found.risk)}
    loss, best = risk.get("committed"), risk.get("best_plan")
    if loss is None or best is None:
        return None
    return material.shared(
        "robustness.committed", mean=material.money(loss["mean"]),
        pct=f"{material.number(100 * loss['mean'] / best['mean'], 2)}%",
        p95=material.money(loss["p95"]),
    )  # fmt: skip


def place_name(material: Material, level: str, code: str) -> str:
    """Return the name of a station, district or province, districts with their province."""
    name = material.name(level, code)
    if level != "district":
        return name
    province = material.name("province", code[:2])
    return f"{province} {name}" if material.language == "ko" else f"{name}, {province}"


def title_of(material: Material, name: str) -> str:
    """Return the title of an input."""
    titles = input_titles()
    known = titles.get(name) or next(
        (both for pattern, both in titles.items() if fnmatchcase(name, pattern)), (name, name)
    )
    return known[material.place]


def quantity(material: Material, value: float | None, unit: str) -> str:
    """Return a value of an input with its unit."""
    told = material.number(value, 0 if value is None else figure_digits(value))
    if not unit or unit == "-" or value is None:
        return told
    if material.language == "ko":
        for english, korean in _UNITS_KO:
            unit = unit.replace(english, korean)
    return f"{told} {unit}"


def _draws(material: Material) -> list[Block]:
    found = material.tables.robustness
    if found is None:
        return [paragraph(material.word("sure_none")), paragraph(material.word("draws_how"))]
    risk = {row["figure"]: row for row in records(found.risk)}
    best = risk["best_plan"]
    inputs = len(found.inputs["input"].unique())
    told = [
        lead_sentence(material), committed(material),
        material.shared(
            "robustness.cost", low=material.money(best["p5"]), high=material.money(best["p95"]),
            cvar=material.money(best["cvar95"]),
        ),
        material.shared("robustness.fits", pct=material.number(found.fits_pct, 1)),
    ]  # fmt: skip
    how = material.shared(
        "robustness.how_text", inputs=inputs, asked=found.asked, planned=found.planned
    )
    blocks = [paragraph(one) for one in told if one] + [paragraph(how, small=True)]
    if "report_certainty" in material.pictures:
        title = material.word("certainty_title", n=found.planned)
        blocks.append(figure("report_certainty", title, _shares_alt(material), 92.0))
    blocks += [_classes(material), *_places(material), *_influence(material), *_overturn(material)]
    return blocks


def _shares_alt(material: Material) -> str:
    shares = ", ".join(
        f"{material.site_name(row)} {material.number(row['in_plan_pct'])}%"
        for row in material.chosen
        if row.get("in_plan_pct") is not None
    )
    return material.word("certainty_alt", shares=shares)


def _classes(material: Material) -> Block:
    found = material.tables.robustness
    counts = {} if found is None else found.classes["class"].value_counts().to_dict()
    pct = "" if found is None else material.number(found.robust_share_pct, 1)
    columns = [
        Column(material.word("class"), 1.0),
        Column(material.word("meaning"), 4.0),
        Column(material.word("sites_count"), 0.8, number=True),
    ]
    rows = [
        [
            material.shared(f"class.{name}"),
            material.shared(f"class.{name}_hint", pct=pct),
            material.number(counts.get(name, 0)),
        ]
        for name in ("robust", "competitive", "dominated", "not_possible")
    ]
    return table(material.word("classes_title"), columns, rows)


def _places(material: Material) -> list[Block]:
    found = material.tables.robustness
    columns = [
        Column(material.word("place"), 2.0),
        Column(material.word("share_of_draws"), 1.6, number=True),
        Column(material.word("mean_mw"), 1.2, number=True),
        Column(material.word("class"), 1.0),
        Column(material.word("in_this_plan"), 1.0),
    ]
    blocks = []
    for level in ("province", "district"):
        own = [] if found is None else records(found.places[found.places["level"] == level])
        rows = [_place_row(material, level, one) for one in own[:_PLACES_MAX]]
        if rows:
            blocks.append(table(material.shared(f"robustness.{level}"), columns, rows))
    return blocks


def _place_row(material: Material, level: str, one: Row) -> list[str]:
    share, low, high = (material.number(one[name]) for name in ("share_pct", "low_pct", "high_pct"))
    return [
        place_name(material, level, str(one["place"])),
        f"{share}% ({low}–{high})",
        material.number(one["it_mw"]),
        material.shared(f"class.{one['class']}"),
        material.word("yes" if one["in_run"] else "no"),
    ]


def _influence(material: Material) -> list[Block]:
    found = material.tables.robustness
    blocks = []
    for figure_name in ("choice", "cost"):
        table_of = None if found is None else found.influence
        own = [] if table_of is None else records(
            table_of[(table_of["figure"] == figure_name) & table_of["stands_out"].astype(bool)]
        )  # fmt: skip
        head = heading(material.shared(f"robustness.{figure_name}_driven"))
        if not own:
            blocks += [head, paragraph(material.shared("robustness.no_influence"))]
            continue
        lines = [
            f"{title_of(material, one['input'])}: {material.number(100 * one['first_order'])}"
            f" ±{material.number(100 * one['confidence'])}% {'↑' if one['correlation'] > 0 else '↓'}"
            for one in own[:_INFLUENCE_MAX]
        ]
        blocks += [head, bullets(lines)]
    return [*blocks, paragraph(material.shared("robustness.influence_hint"), small=True)]


def _overturn(material: Material) -> list[Block]:
    """Return of each chosen site the least change of one assumption that takes it out."""
    found = material.tables.robustness
    names = {row["site_id"]: material.site_name(row) for row in material.chosen}
    lines, told = [], set()
    for one in [] if found is None else records(found.overturn):
        site = one["site_id"]
        if one["change"] != "drops" or site not in names or site in told:
            continue
        told.add(site)
        lines.append(f"{names[site]}: {_threshold(material, one)}")
    head = heading(material.shared("robustness.overturn_plan"))
    body = (
        bullets(lines[:_OVERTURN_MAX]) if lines
        else paragraph(material.shared("robustness.nothing_overturns"))
    )  # fmt: skip
    return [head, body, paragraph(material.shared("robustness.overturn_hint"), small=True)]


def _threshold(material: Material, one: dict[str, Any]) -> str:
    told = material.shared(
        f"robustness.{one['change']}", input=title_of(material, one["input"]),
        **{"from": quantity(material, one["value"], one["unit"])},
        to=quantity(material, one["threshold"], one["unit"]),
        pct=material.number(one["range_share_pct"]),
    )  # fmt: skip
    if one["verified"] is None:
        return told
    yes = str(one["verified"]).lower() in {"true", "1"}
    return told + material.shared(f"robustness.{'verified' if yes else 'not_verified'}")


def _near_optimal(material: Material) -> list[Block]:
    """Return how many sites are in all, some or none of the plans that cost little more."""
    levels = material.plan.get("levels") or {}
    if not levels:
        return []
    columns = [
        Column(material.word("within"), 1.6),
        *(
            Column(material.shared(key), 1.0, number=True)
            for key in ("further.must", "further.some", "further.none_of", "further.open_of")
        ),
    ]
    rows = [
        [
            material.shared("further.level", pct=_pct_of(name)),
            *(material.number(counts.get(word, 0)) for word in ("must", "some", "none", "open")),
        ]
        for name, counts in levels.items()
    ]
    return [
        heading(material.shared("further.levels")),
        paragraph(material.shared("further.levels_hint")),
        table(material.word("levels_title"), columns, rows),
    ]


def _pct_of(column: str) -> str:
    return column.removeprefix("within_").removesuffix("_pct").replace("_", ".")
