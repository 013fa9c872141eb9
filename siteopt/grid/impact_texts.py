"""What a site card says of the grid impact assessment, in Korean and English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt._scenario_base import Text

if TYPE_CHECKING:
    from siteopt.grid.impact import ImpactItem, Scoring

__all__ = ["TITLE", "impact_texts"]

TITLE: Final = Text(
    ko="전력계통영향평가 (추정치이며 판정이 아님)",
    en="Grid impact assessment (estimate, not a ruling)",
)
"""Stands above the lines of :func:`impact_texts`, and wherever a score is shown alone."""


def _points(value: float) -> str:
    """Return points with one digit, without a minus before 0."""
    return f"{round(value, 1) + 0.0:.1f}"


def _most(value: float) -> str:
    return f"{value:g}"


def _names(items: list[ImpactItem]) -> Text:
    return Text(
        ko=", ".join(item.title_ko for item in items),
        en=", ".join(item.title_en for item in items),
    )


def _item_line(item: ImpactItem, points: float) -> Text:
    ends = _most(item.points_max) if not item.points_min else (
        f"{_most(item.points_min)}~{_most(item.points_max)}"
    )  # fmt: skip
    if pd.isna(points):
        return Text(
            ko=f"{item.title_ko}: 자료 없음 (배점 {ends}점)",
            en=f"{item.title_en}: not known ({ends.replace('~', ' to ')} points)",
        )
    return Text(
        ko=f"{item.title_ko}: {_points(points)}점 (배점 {ends}점)",
        en=f"{item.title_en}: {_points(points)} points (of {ends.replace('~', ' to ')})",
    )


def _outlook(low: float, high: float, needed: float) -> Text:
    if high < needed:
        said = Text(ko="추정상 기준점수에 미달", en="on this estimate below the pass score")
    elif low >= needed:
        said = Text(ko="추정상 기준점수 이상", en="on this estimate above the pass score")
    else:
        said = Text(
            ko="미산정 항목에 따라 달라짐", en="depends on the items that are not known"
        )  # fmt: skip
    return Text(
        ko=f"총점 추정 범위: {_points(low)}~{_points(high)}점, 합격 기준 {_most(needed)}점: {said.ko}",
        en=f"Total between {_points(low)} and {_points(high)} points, pass at {_most(needed)}: "
        f"{said.en}",
    )


def impact_texts(row: pd.Series, scoring: Scoring) -> list[Text]:
    """Return what to show of one site below :data:`TITLE`, a line each.

    Parameters
    ----------
    row : Series
        One row of :func:`siteopt.grid.impact.assess_sites`.
    scoring : Scoring
        The version it was made with.

    Returns
    -------
    list of Text
        Points of the computed items and each of them, the range of the total, voltage, the items
        that are not known, and the version; one line where the assessment does not apply.
    """
    if not bool(row["impact_applies"]):
        return [
            Text(
                ko="평가 대상 아님 (수전 규모가 기준 미만)",
                en="Does not apply (load below the threshold)",
            )
        ]
    unknown = [item for item in scoring.computed if pd.isna(row[item.column])]
    lines = [
        Text(
            ko=f"산정 항목 합계: {_points(row['impact_points'])}점 / "
            f"{_most(row['impact_points_possible'])}점",
            en=f"Computed items: {_points(row['impact_points'])} of at most "
            f"{_most(row['impact_points_possible'])} points",
        ),
        *(_item_line(item, row[item.column]) for item in scoring.computed),
        _outlook(row["impact_total_min"], row["impact_total_max"], row["impact_pass_score"]),
    ]
    if any(item.kind == "pass_fail" for item in scoring.items):
        lines.append(
            Text(
                ko="적정전압 유지 가능 여부: 알 수 없음 (점수와 별도의 합격 요건)",
                en="Voltage: not known (asked for beside the points)",
            )
        )
    names = _names([*unknown, *scoring.open])
    lines.append(
        Text(
            ko=f"산정하지 않은 항목 (최대 {_most(row['impact_points_unknown'])}점): {names.ko}",
            en=f"Items not known (at most {_most(row['impact_points_unknown'])} points): {names.en}",
        )
    )
    lines.append(
        Text(
            ko=f"배점표: {scoring.version}. 항목별 채점 기준은 공개 자료에서 확인되지 않아 가정을 적용함",
            en=f"Scoring table: {scoring.version}. How points are earned is not known from public "
            "sources and is assumed",
        )
    )
    return lines
