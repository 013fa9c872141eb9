"""Annex of a report: a sheet of half a page for each chosen site, and the glossary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siteopt.report._against import component_costs
from siteopt.report.document.blocks import Column, paragraph, sheet, table
from siteopt.report.document.material import DASH
from siteopt.report.document.reasons import cause_line, limit_line, rival_line
from siteopt.report.document.result import class_words, place_of
from siteopt.report.gates import gates
from siteopt.report.summary import rank_words
from siteopt.report.texts import texts
from siteopt.report.works import works_words

if TYPE_CHECKING:
    from siteopt.report.document.blocks import Block
    from siteopt.report.document.material import Material, Row
    from siteopt.report.gates import Gate

__all__ = ["glossary", "site_sheets"]

_BARS_MAX: Final = 9
_LEAST_SHARE: Final = 0.0005
"""Of the cost: components below it have no bar."""
_TERM: Final = "report.term."


def site_sheets(material: Material) -> list[Block]:
    """Return the sheets of the chosen sites, best first."""
    return [
        paragraph(material.word("sheets_hint"), small=True),
        *(_sheet(material, row) for row in material.chosen),
    ]


def _sheet(material: Material, row: Row) -> Block:
    costs = component_costs(row)
    total = sum(value for value in costs.values() if value > 0) or 1.0
    parts = sorted(costs.items(), key=lambda part: -part[1])
    bars = [
        (material.one_of("cost", name), material.money(value), value / total)
        for name, value in parts
        if abs(value) / total >= _LEAST_SHARE
    ][:_BARS_MAX]
    notes = [
        material.said(material.verdicts.of(row["site_id"]).sentence),
        cause_line(material, row), limit_line(material, row), rival_line(material, row),
        *(material.said(gate.line()) for gate in _own_gates(material, row)),
    ]  # fmt: skip
    title = f"{rank_words(row)}. {material.site_name(row)}"
    return sheet(title, _facts(material, row), bars, material.word("bars_title"), notes)


def _own_gates(material: Material, row: Row) -> list[Gate]:
    """Return the gates of a site without what its facts say, and without stations that it leaves."""
    return [
        gate
        for gate in gates(row["site_id"], material.verdicts)
        if gate.key != "kind"
        and gate.fact.values.get("station", ("station", row.get("station_id")))[1]
        == row.get("station_id")
    ]


def _facts(material: Material, row: Row) -> list[tuple[str, str]]:
    found = [
        (material.shared("site.place"), place_of(material, row)),
        (material.word("coordinates"), f"{row['lat']:.4f}°N, {row['lon']:.4f}°E"),
        (
            material.shared("site.kind"),
            material.one_of("kind", row["kind"]) if row.get("kind") else DASH,
        ),
        (material.word("land_ha"), _with(material, row.get("eligible_ha"), 1, "ha")),
        (material.shared("site.size_plan"), _with(material, row["it_mw"], 1, "MW")),
        (material.shared("site.facility"), _with(material, row["facility_mw"], 1, "MW")),
        (material.shared("site.voltage"), _with(material, row.get("voltage_kv"), 1, "kV")),
        (material.shared("site.station"), _station(material, row)),
        (material.shared("site.headroom"), _headroom(material, row)),
        (material.shared("site.route"), _route(material, row)),
        (material.shared("site.lead_time"), _lead_time(material, row)),
    ]
    if row.get("works"):
        found.append(
            (material.shared("site.works"), works_words(str(row["works"]), material.language))
        )
    if row.get("second_station_id"):
        second = material.name("station", row["second_station_id"])
        km = _with(material, row.get("second_route_km"), 1, "km")
        found.append((material.shared("site.second_feed"), f"{second}, {km}"))
    if row.get("class") is not None:
        found.append((material.word("class"), class_words(material, row)))
    if row.get("suitability") is not None:
        found.append((material.shared("site.suitability"), material.number(row["suitability"], 3)))
    found.append((material.shared("head.cost"), material.money(row["cost_bn_krw"])))
    found.append((material.word("id"), str(row["site_id"])))
    return found


def _with(material: Material, value: float | None, digits: int, unit: str) -> str:
    return DASH if value is None else f"{material.number(value, digits)} {unit}"


def _station(material: Material, row: Row) -> str:
    station = row.get("station_id")
    return material.name("station", station) if station else DASH


def _headroom(material: Material, row: Row) -> str:
    told = _with(material, row.get("headroom_mw"), 1, "MW")
    word = row.get("station_headroom_confidence")
    return f"{told} ({material.one_of('confidence', word)})" if word else told


def _route(material: Material, row: Row) -> str:
    if row.get("route_km") is None:
        return DASH
    return material.shared(
        "site.route_km",
        **{
            name: material.number(row.get(f"route_{name}_km" if name != "km" else "route_km"), 1)
            for name in ("km", "oh", "ug")
        },
    )


def _lead_time(material: Material, row: Row) -> str:
    usual, longest = row.get("lead_time_years"), row.get("lead_time_high_years")
    if usual is None:
        return DASH
    if longest is None or longest <= usual:
        return material.shared("site.years", n=material.number(usual, 1))
    told = material.shared(
        "site.years_range", n=material.number(usual, 1), most=material.number(longest, 1)
    )
    return f"{told} {material.shared('site.years_tight')}" if row.get("lead_time_tight") else told


def glossary(material: Material) -> list[Block]:
    """Return the terms of the report with what they mean."""
    columns = [Column(material.word("term"), 1.3), Column(material.word("meaning"), 4.0)]
    names = [key.removeprefix(_TERM) for key in texts() if key.startswith(_TERM)]
    rows = [[material.word(f"term.{name}"), material.word(f"meaning.{name}")] for name in names]
    return [table(material.word("glossary_title"), columns, rows)]
