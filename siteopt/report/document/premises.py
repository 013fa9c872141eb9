"""Premises of a report: settings, assumptions with ranges, data, limits, how to reproduce."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siteopt.report._json_values import records
from siteopt.report._same import same_texts
from siteopt.report._terms import restrictions, size_words, terms_words
from siteopt.report.document.blocks import Column, bullets, heading, paragraph, table
from siteopt.report.document.certainty import quantity, title_of
from siteopt.report.document.material import DASH
from siteopt.report.texts import texts

if TYPE_CHECKING:
    from siteopt.report.document.blocks import Block
    from siteopt.report.document.material import Material, Row

__all__ = ["data_sources", "premises"]

_ASSUMPTIONS_MAX: Final = 24
_LIMITS: Final = ("model", "headroom", "grid", "order", "draws", "not_a_permit")
_CONFIDENCES: Final = (
    "published", "compiled-high", "compiled-medium", "compiled-low", "derived", "model", "assumption",
)  # fmt: skip


def premises(material: Material) -> list[Block]:
    """Return what the answer rests on."""
    return [
        _settings(material), *_assumptions(material), *_known_limits(material),
        *_reproduction(material),
    ]  # fmt: skip


def _settings(material: Material) -> Block:
    """Return what the scenario decides, beside parameters."""
    scenario = material.tables.scenario
    columns = [Column(material.word("setting"), 2.0), Column(material.word("value_head"), 3.0)]
    mw = {name: material.number(getattr(scenario.build, name), 1)
          for name in ("it_min_mw", "it_max_mw", "block_mw")}  # fmt: skip
    classes = ", ".join(
        material.word(
            "set_class", kv=material.number(one.voltage_kv, 1),
            mw=material.number(one.facility_max_mw, 1),
        )
        for one in scenario.connection.classes
    )  # fmt: skip
    rows = [
        [material.word("set_objective"), material.word(f"objective_{scenario.objective.kind}")],
        [material.shared("head.target"), material.shared(
            "head.target_year", mw=material.number(scenario.target.it_mw, 1),
            year=scenario.target.year)],
        [material.word("set_build"), material.word("set_build_value", **mw)],
        [material.shared("family.spacing"), f"{material.number(scenario.spacing_km, 2)} km"],
        [material.word("set_distance"),
         f"{material.number(scenario.connection.distance_max_km, 1)} km"],
        [material.word("set_classes"), classes],
        [material.word("set_discount"), f"{material.number(material.tables.discount_pct, 2)}%"],
        [material.word("set_cell"), f"{material.number(scenario.screening.cell_m)} m"],
        *(
            [material.word("set_parameter", name=name), material.number(value, 6)]
            for name, value in scenario.parameters.items()
        ),
    ]  # fmt: skip
    same = same_texts(material.record["same_everywhere"], material.language)
    if same:
        rows.append([material.word("set_same"), same])
    return table(material.word("settings_title"), columns, rows)


def _assumptions(material: Material) -> list[Block]:
    """Return the assumptions that matter most, with their ranges."""
    rows, order = _ranges(material)
    if not rows:
        return []
    columns = [
        Column(material.word("assumption"), 2.2),
        Column(material.word("value_head"), 1.3, number=True),
        Column(material.word("range"), 1.7, number=True),
        Column(material.word("source"), 3.4),
        Column(material.shared("source.confidence"), 1.1),
    ]
    shown = rows[:_ASSUMPTIONS_MAX]
    cells = [
        [
            title_of(material, one["input"]),
            quantity(material, one["value"], one["unit"]),
            f"{material.number(one['low'], 4)}~{material.number(one['high'], 4)}",
            _short(one["source"]),
            _confidence(material, one["confidence"]),
        ]
        for one in shown
    ]
    hint = material.word(f"assumptions_{order}", n=len(rows), shown=len(shown))
    levels = ", ".join(material.shared(f"confidence.{name}") for name in _CONFIDENCES)
    return [
        heading(material.word("assumptions_title")),
        paragraph(f"{hint} {material.word('confidence_hint', levels=levels)}", small=True),
        table(material.word("assumptions_table"), columns, cells),
    ]


def _ranges(material: Material) -> tuple[list[Row], str]:
    """Return inputs with ranges, those first that decide most; else the widest ranges first."""
    found = material.tables.robustness
    if found is not None:
        indices = found.influence.assign(size=found.influence["first_order"].abs())
        size = indices[indices["stands_out"].astype(bool)].groupby("input")["size"].max().to_dict()
        rows = records(found.inputs)
        return sorted(rows, key=lambda one: (-size.get(one["input"], 0.0), -_width(one))), "drawn"
    if "parameters" not in material.tables.layers.ids:
        return [], "known"
    frame: Any = material.tables.layers.parameters
    rows = [
        one | {"input": one["key"]}
        for one in records(frame.frame())
        if one["low"] is not None and one["high"] is not None and one["low"] < one["high"]
    ]
    return sorted(rows, key=lambda one: (-_width(one), one["key"])), "known"


def _width(one: Row) -> float:
    """Return how wide a range is against its value."""
    return abs(one["high"] - one["low"]) / abs(one["value"]) if one["value"] else 0.0


_SOURCE_MAX: Final = 72


def _short(words: str | None) -> str:
    told = str(words or DASH)
    return told if len(told) <= _SOURCE_MAX else f"{told[: _SOURCE_MAX - 1].rstrip()}…"


def _confidence(material: Material, word: object) -> str:
    key = f"confidence.{word}"
    return texts()[key][material.language] if key in texts() else str(word or DASH)


def data_sources(material: Material) -> list[Block]:
    """Return every layer that the run read, with its licence, vintage and hash."""
    columns = [
        Column(material.word("layer"), 2.0),
        Column(material.word("licence"), 3.0),
        Column(material.shared("source.vintage"), 1.5),
        Column(material.shared("source.confidence"), 1.2),
        Column("SHA-256", 0.9),
    ]
    rows = [
        [
            str(one[f"title_{material.language}"])
            + (f" ({material.shared('source.replaced')})" if one["replaced"] else ""),
            str(one["licence"] or DASH),
            str(one["vintage"] or DASH),
            _confidence(material, one["confidence"]),
            str(one["sha256"])[:8],
        ]
        for one in material.record["inputs"]
    ]
    notices = sorted({str(one["notice"]) for one in material.record["inputs"] if one["notice"]})
    blocks = [
        table(material.word("data_table"), columns, rows),
    ]
    if notices:
        blocks.append(paragraph(material.word("notices", notices="; ".join(notices)), small=True))
    return [*blocks, *_fetched(material)]


def _fetched(material: Material) -> list[Block]:
    """Return terms, address, time, size and hash of the layers that were fetched."""
    fetched = [one for one in material.record["inputs"] if one.get("fetched")]
    if not fetched:
        return []
    columns = [
        Column(material.word("layer"), 1.6),
        Column(material.shared("source.terms"), 1.6),
        Column(material.shared("source.address"), 3.0),
        Column(material.shared("source.fetched"), 1.2),
        Column(material.shared("source.size"), 0.9),
        Column("SHA-256", 0.9),
    ]
    rows = [
        [
            str(one[f"title_{material.language}"]),
            terms_words(one, material.language),
            str(one["address"] or DASH),
            str(one["fetched"]),
            size_words(one["bytes"]) or DASH,
            str(one["sha256"])[:8],
        ]
        for one in fetched
    ]
    return [
        *(paragraph(said) for said in restrictions(fetched, material.language)),
        table(material.word("fetched_table"), columns, rows),
    ]


def _known_limits(material: Material) -> list[Block]:
    drawn = material.tables.robustness is not None
    keys = [name for name in _LIMITS if not (name == "draws" and drawn)]
    blocks = [
        heading(material.word("limits_head")),
        bullets(material.word(f"caveat_{name}") for name in keys),
    ]
    notes = [str(note) for note in material.record["notes"]]
    if notes:
        blocks += [heading(material.word("notes_head"), 3), bullets(notes)]
    return blocks


def _reproduction(material: Material) -> list[Block]:
    record = material.record
    command = f"siteopt run {record['scenario']['name']} --out DIR"
    lines = [
        material.word("command", command=command),
        material.word("versions", version=material.version, solver=record["solver"]),
        material.word("seed", seed=record["seed"]),
        material.word("hash", hash=record["input_sha256"]),
        material.word("date", date=material.date or DASH),
    ]
    return [heading(material.word("reproduce")), bullets(lines)]
