"""Exclusions in a report: what is left after each criterion, with its threshold, and the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siteopt.report._names import Names
from siteopt.report._not_known import criteria_not_known, land_basis
from siteopt.report._rules import rule_fact
from siteopt.report.document.blocks import Column, figure, paragraph, table
from siteopt.report.facts import say

if TYPE_CHECKING:
    from siteopt.report._protocols import EligibilityLike
    from siteopt.report.document.blocks import Block
    from siteopt.report.document.material import Material, ScreenedMaterial

__all__ = ["exclusions", "funnel", "left_after_each_km2"]

_HA_PER_KM2 = 100.0


def exclusions(material: Material) -> list[Block]:
    """Return the funnel from all land to the sites of the plan."""
    eligibility = material.tables.eligibility
    land, eligible = eligibility.land_km2, eligibility.eligible_km2
    intro = material.word(
        "land", land=material.number(land), eligible=material.number(eligible),
        pct=material.number(100 * eligible / land if land else 0.0, 1),
    )  # fmt: skip
    basis = (
        *land_basis(material.tables.scenario, eligibility, material.language),
        *criteria_not_known(material.tables.layers.ids, material.language),
    )
    blocks = [
        paragraph(intro),
        *(paragraph(sentence) for sentence in basis),
        funnel(material),
        paragraph(material.word("funnel_hint"), small=True),
    ]
    blocks.append(_sites(material))
    if "report_exclusions" in material.pictures:
        title = material.word("exclusions_map_title")
        alt = material.word(
            "exclusions_map_alt", eligible=material.number(eligible), land=material.number(land)
        )
        blocks.append(figure("report_exclusions", title, alt, 50.0))
    return blocks


def left_after_each_km2(eligibility: EligibilityLike) -> list[float]:
    """Return the land that is left after each exclusion and those before it, km2.

    Parameters
    ----------
    eligibility : EligibilityLike
        The screened country.
    """
    counts = eligibility.counts
    km2 = eligibility.lattice.cell_ha / _HA_PER_KM2
    left, mask = [], np.uint32(0)
    for bit in range(len(eligibility.exclusions)):
        mask |= np.uint32(1 << bit)
        left.append(int(counts.cells[(counts.codes & mask) == 0].sum()) * km2)
    return left


def funnel(material: ScreenedMaterial) -> Block:
    """Return the table of the exclusions with what each takes and leaves."""
    eligibility = material.tables.eligibility
    report = eligibility.report().set_index("reason")
    titles = {one.id: (one.title_ko, one.title_en) for one in material.tables.layers.used}
    columns = [
        Column(material.shared("land.reason"), 2.0),
        Column(material.shared("land.rule"), 3.2),
        Column(material.word("area_km2"), 1.0, number=True),
        Column(material.word("only_km2"), 1.0, number=True),
        Column(material.word("left_km2"), 1.1, number=True),
    ]
    rows = [[material.word("all_land"), "", "", "", material.number(eligibility.land_km2, 1)]]
    for one, left in zip(eligibility.exclusions, left_after_each_km2(eligibility), strict=True):
        rule = rule_fact(one.model_dump(mode="json"), titles)
        rows.append(
            [
                getattr(one.title, material.language),
                say(rule, material.language, Names()),
                material.number(float(report["area_km2"][one.id]), 1),
                material.number(float(report["only_km2"][one.id]), 1),
                material.number(left, 1),
            ]
        )
    return table(material.word("funnel_title"), columns, rows)


def _sites(material: Material) -> Block:
    """Return how many candidates there are on that land, can be built, are in the plan."""
    rows = list(material.verdicts.rows.values())
    buildable = sum(material.verdicts.state(row["site_id"]) != "impossible" for row in rows)
    columns = [
        Column(material.word("step"), 4.0),
        Column(material.word("sites_count"), 1.0, number=True),
    ]
    steps = [
        ("step_candidates", len(rows)),
        ("step_buildable", buildable),
        ("step_chosen", len(material.chosen)),
    ]
    table_rows = [[material.word(key), material.number(count)] for key, count in steps]
    return table(material.word("steps_title"), columns, table_rows)
