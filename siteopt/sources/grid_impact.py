"""Scoring table of the grid impact assessment (전력계통영향평가), one row an item and version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt.errors import LayerError
from siteopt.sources._built import Built, write_csv

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "scoring"]

_FILE: Final = "grid_impact_assessment_scoring.csv"
_VERSION: Final = "draft-2024"
"""The draft notice of 2024; a revision was proposed in November 2025, its points are not known."""

_ITEMS: Final = {
    "전력공급 여유 - 계통 여유도": ("system_margin", "계통 여유도", "System margin"),
    "전력공급 여유 - 과부하 증가율": ("overload_increase", "과부하 증가율", "Increase of overloads"),
    "여유 확보 난이도": ("margin_difficulty", "여유 확보 난이도", "Difficulty of making room"),
    "적정전압 유지 가능": ("voltage", "적정전압 유지 가능 여부", "Voltage can be kept"),
    "자가발전 운전계획": ("own_generation", "자가발전 운전계획", "Plan for own generation"),
    "전력사용 효율화 계획": ("efficiency_plan", "전력사용 효율화 계획", "Plan for efficient use"),
    "부지제공 가점": ("land_for_grid", "부지제공 가점", "Bonus for land given to the grid"),
    "적정전압 신청여부 감점": (
        "voltage_applied_for", "적정전압 신청여부 감점", "Malus for an unsuitable supply voltage",
    ),
    "사업 안정성": ("business_stability", "사업 안정성", "Stability of the business"),
    "지방재정 기여도": ("local_finance", "지방재정 기여도", "Contribution to local finances"),
    "부가가치 유발": ("value_added", "부가가치 유발", "Value added"),
    "직접고용": ("direct_employment", "직접고용", "Direct employment"),
    "해당지역 지원사업 가점": (
        "local_support", "해당지역 지원사업 가점", "Bonus for support of the area",
    ),
    "특별법 지원사업 가점": (
        "special_act", "특별법 지원사업 가점", "Bonus for a project under a special act",
    ),
    "전력자립도": ("self_sufficiency", "전력자립도", "Electricity self-sufficiency"),
    "전력정책 부합도": ("policy_fit", "전력정책 부합도", "Fit with energy policy"),
    "수요 분산화 효과": ("dispersion", "수요 분산화 효과", "Dispersion of demand"),
}  # fmt: skip
"""Item as the fact table writes it -> id, Korean and English title."""

_COMPUTABLE: Final = ("system_margin", "overload_increase", "self_sufficiency", "dispersion")
"""Items that follow from layers; the rest hangs on the applicant or on a study of the operator."""

_BLOCKS: Final = {"기술": "technical", "비기술": "non_technical", "정책": "policy"}
_KINDS: Final = {"pass/fail": "pass_fail", "bonus/malus": "bonus_malus"}


def _points(text: str, kind: str, item: str) -> tuple[float | None, float | None]:
    """Return most and least points: ``15``, ``-15`` (malus), ``-15..+15``, ``P/F`` (none)."""
    if kind == "pass_fail":
        return None, None
    ends = text.split("..")
    try:
        values = [float(end) for end in ends]
    except ValueError as error:
        raise LayerError(
            f"{_FILE}: item {item}: points are {text!r}; a number, low..high or P/F is needed"
        ) from error
    return max(0.0, *values), min(0.0, *values)


def scoring(facts: Path) -> pd.DataFrame:
    """Return the scoring table in our schema.

    Parameters
    ----------
    facts : Path
        Folder with ``grid_impact_assessment_scoring.csv``.

    Returns
    -------
    DataFrame
        ``version, place, item_id, block, item_ko, item_en, points_max, points_min, kind,
        computable, source, confidence``; ``place`` is the order of the notice, a pass/fail item
        has no points.

    Raises
    ------
    LayerError
        If an item, block or number is not known; a new version needs a row in this module.
    """
    raw = pd.read_csv(facts / _FILE, encoding="utf-8", dtype=str).fillna("")
    rows: list[tuple[object, ...]] = []
    for block, item, points, kind, source in raw[
        ["block", "item", "points", "type", "source"]
    ].itertuples(index=False):
        korean = str(block).split(" ", maxsplit=1)[0]
        if item not in _ITEMS or korean not in _BLOCKS:
            wrong = item if item not in _ITEMS else block
            raise LayerError(f"{_FILE}: {wrong} is not known; a new item needs an id and titles")
        item_id, title_ko, title_en = _ITEMS[item]
        ours = _KINDS.get(kind, kind) or "points"
        most, least = _points(points, ours, item)
        rows.append(
            (_VERSION, len(rows) + 1, item_id, _BLOCKS[korean], title_ko, title_en, most, least, ours,
             item_id in _COMPUTABLE, source, "published")
        )  # fmt: skip
    return pd.DataFrame(
        rows,
        columns=[
            "version", "place", "item_id", "block", "item_ko", "item_en", "points_max",
            "points_min", "kind", "computable", "source", "confidence",
        ],
    )  # fmt: skip


def build(sources: Path, facts: Path, out: Path) -> list[Built]:  # noqa: ARG001 - as all builders
    """Write ``grid_impact_scoring.csv``.

    Parameters
    ----------
    sources, facts, out : Path
        Folders of the source copies (not used), of the fact tables, and of the layer files.

    Returns
    -------
    list of Built

    Raises
    ------
    LayerError
        If the fact table holds an item that is not known.
    """
    write_csv(scoring(facts), out / "grid_impact_scoring.csv", ["version", "place"])
    return [_SCORING]


_SCORING: Final = Built(
    id="grid_impact_scoring", file="grid_impact_scoring.csv", kind="table",
    title_ko="전력계통영향평가 배점표", title_en="Scoring table of the grid impact assessment",
    source="draft notice of 2024 as shown at l5ene.co.kr/contents/appraisal; per row",
    licence="facts, no known restriction", vintage="2024 (draft); a revision was proposed 2025-11-28",
    crs="", unit="points", confidence="per row",
    good_for="The most and least points of every item of the statutory score, by version; a user's "
    "table of the same form adds a later version, and a scenario chooses it.",
    not_good_for="How points are earned: the table as read tells only the ends. The scales of siteopt "
    "(parameters gia_*) are assumptions, so that any score is an estimate and no ruling.",
)  # fmt: skip
