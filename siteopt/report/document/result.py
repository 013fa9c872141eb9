"""Result in a report: the chosen sites, provinces and years."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteopt.report.document.blocks import Column, figure, paragraph, table
from siteopt.report.document.material import DASH
from siteopt.report.summary import rank_words

if TYPE_CHECKING:
    from siteopt.report.document.blocks import Block
    from siteopt.report.document.material import Material, Row

__all__ = ["class_words", "place_of", "result"]


def result(material: Material) -> list[Block]:
    """Return the table of the chosen sites, shares of provinces and, where planned, years."""
    found = [_sites(material), paragraph(_hint(material), small=True)]
    if "report_sites" in material.pictures:
        title, alt = material.word("sites_map_title"), material.word("sites_map_alt")
        found.append(figure("report_sites", title, alt, 66.0))
    found.append(_provinces(material))
    if material.plan.get("years"):
        found.append(_years(material))
    return found


def place_of(material: Material, row: Row) -> str:
    """Return where a site is: province and its own name, and in Korean the eup, myeon or dong."""
    province = material.name("province", row.get("province_code") or "")
    name = material.site_name(row)
    if material.language == "en":
        return f"{name}, {province}" if province else name
    return f"{province} {name} {material.area_name(row)}".strip()


def _hint(material: Material) -> str:
    hint = material.word("sites_hint" if material.is_of_cost else "sites_hint_suitable")
    if material.tables.robustness is None:
        return hint
    return f"{hint} {material.word('class_hint', n=material.tables.robustness.planned)}"


def _sites(material: Material) -> Block:
    drawn = material.tables.robustness is not None
    columns = [
        Column(material.word("rank"), 0.5, number=True),
        Column(material.shared("site.place"), 1.6),
        Column(material.word("it_mw"), 0.6, number=True),
        Column(material.word("contract_mw"), 0.8, number=True),
        Column(material.word("voltage_kv"), 0.75, number=True),
        Column(material.shared("site.station"), 0.95),
        Column(material.word("route_km"), 0.65, number=True),
        Column(material.word("cost"), 1.35, number=True),
        Column(material.word("per_mw"), 0.8, number=True),
        Column(material.shared("site.value_chosen"), 1.0, number=True),
        *([Column(material.word("class"), 0.95)] if drawn else []),
    ]
    rows = [_site_row(material, row, drawn=drawn) for row in material.chosen]
    return table(material.word("sites_title"), columns, rows)


def _site_row(material: Material, row: Row, *, drawn: bool) -> list[str]:
    station = row.get("station_id")
    cells = [
        rank_words(row) if row["rank"] is not None else DASH,
        place_of(material, row),
        material.number(row["it_mw"], 1),
        material.number(row["facility_mw"], 1),
        material.number(row["voltage_kv"], 1),
        material.name("station", station) if station else DASH,
        material.number(row["route_km"], 1),
        material.money(row["cost_bn_krw"]),
        material.per_mw(row["bn_krw_per_mw"]),
        material.amount(row),
    ]
    if drawn:
        cells.append(class_words(material, row))
    return cells


def class_words(material: Material, row: Row) -> str:
    """Return the class of a site and its share of the draws."""
    if row.get("class") is None:
        return DASH
    share = material.number(row["in_plan_pct"])
    return material.word("class_share", name=material.one_of("class", row["class"]), pct=share)


def _provinces(material: Material) -> Block:
    total = sum(one["it_mw"] for one in material.plan["provinces"]) or 1.0
    columns = [
        Column(material.shared("grid.province"), 2.0),
        Column(material.word("sites_count"), 1.0, number=True),
        Column(material.word("it_mw"), 1.0, number=True),
        Column(material.word("share"), 1.0, number=True),
    ]
    rows = [
        [
            material.name("province", one["province_code"]),
            material.number(one["sites"]),
            material.number(one["it_mw"], 1),
            f"{material.number(100 * one['it_mw'] / total, 1)}%",
        ]
        for one in material.plan["provinces"]
    ]
    return table(material.shared("list.province_share"), columns, rows)


def _years(material: Material) -> Block:
    columns = [
        Column(material.shared("years.of"), 1.0),
        Column(material.word("target_mw"), 1.0, number=True),
        Column(material.shared("years.running"), 1.2, number=True),
        Column(material.shared("years.new"), 2.6),
        Column(material.shared("years.capital"), 1.6, number=True),
    ]
    rows = [
        [
            material.shared("years.year", year=one["year"]),
            material.number(one["target_it_mw"], 1),
            material.number(one["it_mw"], 1),
            ", ".join(
                material.site_name(material.verdicts.rows[site])
                for site in (*one["opens"], *one["grows"])
            ),
            material.money(one["capital_bn_krw"]),
        ]
        for one in material.plan["years"]
    ]
    return table(material.word("years_title"), columns, rows)
