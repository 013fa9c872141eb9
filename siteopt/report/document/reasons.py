"""Reasons in a report: why the chosen sites, and why not the best one of each province."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siteopt.report._against import component_costs
from siteopt.report.document.blocks import Column, bullets, heading, paragraph, table
from siteopt.report.document.material import DASH
from siteopt.report.facts import Fact
from siteopt.report.summary import rank_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt.report.document.blocks import Block, PlaceText
    from siteopt.report.document.material import Material, Row

__all__ = ["cause_line", "limit_line", "rival_line", "why_here", "why_not_there"]

_CAUSES: Final = 3
_LEAST_BN_KRW: Final = 0.005
"""bn KRW a MW: smaller differences of cost are not told, as on the map."""


def why_here(material: Material) -> list[Block]:
    """Return three lines a chosen site: what makes it cheap, what limits it, its nearest rival."""
    found = [paragraph(material.word("why_here_hint"), small=True)]
    for row in material.chosen:
        found.append(heading(f"{rank_words(row)}. {material.site_name(row)}"))
        found.append(
            bullets(
                [cause_line(material, row), limit_line(material, row), rival_line(material, row)]
            )
        )
    return found


def cause_line(material: Material, row: Row) -> str:
    """Return the cost components by which a site is below and above the median candidate."""
    here = component_costs(row)
    medians = material.median_costs
    gaps = [
        (name, value - medians[name])
        for name, value in here.items()
        if name in medians and abs(value - medians[name]) >= _LEAST_BN_KRW
    ]
    cheap = sorted((one for one in gaps if one[1] < 0), key=lambda one: one[1])[:_CAUSES]
    dear = sorted((one for one in gaps if one[1] > 0), key=lambda one: -one[1])[:1]
    parts = ", ".join(
        material.said(
            Fact("cost.part", {"name": ("text", f"cost.{name}"), "money": ("signed", gap)})
        )
        for name, gap in (*cheap, *dear)
    )
    return material.word("cause", parts=parts) if parts else material.word("cause_none")


def limit_line(material: Material, row: Row) -> str:
    """Return what limits the size of a chosen site."""
    causes = material.verdicts.of(row["site_id"]).causes
    return material.word("limit", causes=" ".join(material.said(cause) for cause in causes))


def rival_line(material: Material, row: Row) -> str:
    """Return the nearest rival, what it costs against it, and what the plan loses without."""
    verdict = material.verdicts.of(row["site_id"])
    loss = material.word("without", loss=material.amount(row))
    if verdict.rival is None:
        return f"{material.word('rival_none')} {loss}"
    rival = material.verdicts.rows[verdict.rival]
    name = material.site_label(rival)
    if verdict.gap is None:
        return f"{material.word('rival', name=name)} {loss}"
    told = material.word(
        "rival_gap", name=name, gap=material.money(verdict.gap.total, signed=True),
        parts=_gap_parts(material, verdict.gap.parts),
    )  # fmt: skip
    return f"{told} {loss}"


def _gap_parts(material: Material, parts: Sequence[tuple[str, float]]) -> str:
    told = ", ".join(
        material.said(
            Fact("cost.part", {"name": ("text", f"cost.{name}"), "money": ("signed", value)})
        )
        for name, value in parts
    )
    return f" ({told})" if told else ""


def why_not_there(material: Material) -> list[Block]:
    """Return the best site of each province, why it is not in the plan, and named places."""
    columns = [
        Column(material.shared("grid.province"), 1.0),
        Column(material.word("best_site"), 1.5),
        Column(material.word("rank"), number=True),
        Column(material.word("per_mw"), number=True),
        Column(material.shared("site.value_other"), 1.2, number=True),
        Column(material.word("reason"), 4.6),
    ]
    rows = [_province_row(material, code) for code in _provinces(material)]
    found = [
        paragraph(material.word("why_not_hint"), small=True),
        table(material.word("why_not_title"), columns, rows),
    ]
    return [*found, *named_places(material, material.places)]


def named_places(material: Material, places: Sequence[PlaceText]) -> list[Block]:
    """Return the answers on places that the scenario names; nothing where it names none."""
    if not places:
        return []
    found = [heading(material.word("places_title"))]
    for place in places:
        found.append(heading(place.name, 3))
        found += [paragraph(words) for words in (place.note, place.sentence) if words]
        for head, lines in place.sections:
            found += [paragraph(head)] if head else []
            found += [bullets(lines)] if lines else []
    return found


def _provinces(material: Material) -> list[str]:
    """Return the codes of all provinces, those without a candidate too."""
    known = {str(row.get("province_code")) for row in material.verdicts.rows.values()}
    return sorted({*known, *material.plan.get("names", {}).get("provinces", {})} - {"None"})


def _province_row(material: Material, code: str) -> list[str]:
    """Return the row of a province: the best site that the plan has not, else the best one."""
    own = [row for row in material.verdicts.rows.values() if str(row.get("province_code")) == code]
    name = material.name("province", code)
    if not own:
        return [name, material.word("no_site"), DASH, DASH, DASH, material.word("no_site_hint")]
    outside = [row for row in own if not row["chosen"]]
    chosen = len(own) - len(outside)
    row = min(outside or own, key=_order)
    verdict = material.verdicts.of(row["site_id"])
    if row["chosen"]:
        reason = material.word("all_chosen")
    else:
        reason = " ".join(material.said(fact) for fact in verdict.causes[:1])
        if verdict.changes:
            change = material.said(verdict.changes[0])
            reason = f"{reason} {material.word('needed', changes=change)}"
    if chosen:
        reason = f"{material.word('chosen_here', n=chosen)} {reason}"
    ranked = row["rank"] is not None
    return [
        name,
        material.site_label(row),
        rank_words(row) if ranked else DASH,
        material.per_mw(row.get("bn_krw_per_mw")),
        material.amount(row),
        reason.strip(),
    ]


def _order(row: Row) -> tuple[bool, float, str]:
    """Return the order of sites within a province: ranked ones first."""
    return row["rank"] is None, row["rank"] or 0.0, str(row["site_id"])
