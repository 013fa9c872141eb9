"""Grid impact assessment for display: lines of a site card, one line, columns of the map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from siteopt.report.texts import LANGUAGES, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from siteopt.grid.impact import ImpactItem, Scoring
    from siteopt.report.texts import Language
    from siteopt.scenario._base import Text

__all__ = ["impact_line", "impact_payload", "impact_texts", "impact_title"]

_SUMS: Final = ("points", "points_possible", "points_unknown", "total_min", "total_max")
"""Columns ``impact_*`` of a site that its card shows."""
_DECIMALS: Final = 1


def impact_title() -> Text:
    """Return the title of :func:`impact_texts`, and of a score that is shown alone."""
    return _both(lambda language: text("impact.title", language))


def impact_texts(row: Mapping[str, Any], scoring: Scoring) -> list[Text]:
    """Return what to show of one site below :func:`impact_title`, a line each.

    ``impact.js`` makes the same lines from the same texts.

    Parameters
    ----------
    row : mapping
        One row of :func:`siteopt.grid.impact.assess_sites`.
    scoring : Scoring
        The version it was made with.

    Returns
    -------
    list of Text
        Points of the computed items, the range of the total, each computed item, voltage, the
        items that are not known, and the version; one line where the assessment does not apply.
    """
    if not bool(row["impact_applies"]):
        return [_both(lambda language: text("impact.none", language))]
    unknown = [item for item in scoring.computed if _is_unknown(row[item.column])]
    lines = [
        _both(lambda language: _sum(row, language)),
        _both(lambda language: _total(row, language)),
        *(_item(item, row[item.column]) for item in scoring.computed),
    ]
    if any(item.kind == "pass_fail" for item in scoring.items):
        lines.append(_both(lambda language: text("impact.voltage", language)))
    most = f"{row['impact_points_unknown']:g}"
    names = _names([*unknown, *scoring.open])
    return [
        *lines,
        _both(
            lambda language: text("impact.unknown", language).format(
                points=most, items=getattr(names, language)
            )
        ),
        _both(
            lambda language: text("impact.version", language).format(
                version=_version(scoring.version, language)
            )
        ),
    ]


def _version(version: str, language: Language) -> str:
    """Return what a version of the scoring table is called, its name where it has no other."""
    known = texts().get(f"impact.scoring.{version}")
    return known[language] if known else version


def impact_line(row: Mapping[str, Any], language: Language) -> str:
    """Return the estimate of a site in one line; arguments as :func:`impact_texts`."""
    title = text("impact.title", language)
    if not bool(row["impact_applies"]):
        return f"{title}: {text('impact.none', language)}"
    return f"{title}: {_sum(row, language)}; {_total(row, language)}"


def _is_unknown(points: float | None) -> bool:
    return points is None or math.isnan(points)


def _both(say: Callable[[Language], str]) -> Text:
    from siteopt.scenario._base import Text  # noqa: PLC0415 - a line of text needs no scenario

    return Text(**{language: say(language) for language in LANGUAGES})


def _points(value: float) -> str:
    """Return points with one digit, without a minus before 0."""
    return f"{round(value, _DECIMALS) + 0.0:.1f}"


def _names(items: list[ImpactItem]) -> Text:
    from siteopt.scenario._base import Text  # noqa: PLC0415

    return Text(
        ko=", ".join(item.title_ko for item in items), en=", ".join(item.title_en for item in items)
    )


def _item(item: ImpactItem, points: float) -> Text:
    key = "impact.item_unknown" if _is_unknown(points) else "impact.item"
    titles = {"ko": item.title_ko, "en": item.title_en}

    def say(language: Language) -> str:
        ends = f"{item.points_max:g}"
        if item.points_min:
            ends = text("impact.ends", language).format(least=f"{item.points_min:g}", most=ends)
        return text(key, language).format(item=titles[language], points=_points(points), ends=ends)

    return _both(say)


def _sum(row: Mapping[str, Any], language: Language) -> str:
    return text("impact.sum", language).format(
        points=_points(row["impact_points"]), most=f"{row['impact_points_possible']:g}"
    )


def _total(row: Mapping[str, Any], language: Language) -> str:
    low, high = row["impact_total_min"], row["impact_total_max"]
    needed = row["impact_pass_score"]
    return text("impact.total", language).format(
        low=_points(low), high=_points(high), needed=f"{needed:g}",
        outlook=text(f"impact.{_outlook(row)}", language),
    )  # fmt: skip


def _outlook(row: Mapping[str, Any]) -> str:
    """Return whether the score to pass is out of reach, reached, or within the range."""
    low, high = row["impact_total_min"], row["impact_total_max"]
    needed = row["impact_pass_score"]
    return "below" if high < needed else "above" if low >= needed else "open"


def impact_payload(scoring: Scoring, ranking: pd.DataFrame) -> dict[str, Any]:
    """Return what the map shows of the assessment.

    Parameters
    ----------
    scoring : Scoring
        The version of the scoring table.
    ranking : DataFrame
        The `ranking_table`, or the first rows of it.

    Returns
    -------
    dict
        ``version``, ``pass_score``, ``items`` (title, most and least points, kind, and the points
        of every site where they are estimated), ``applies`` and the sums of every site.
    """
    from siteopt.report._column_codec import compact  # noqa: PLC0415 - a line needs no tables

    needed = ranking["impact_pass_score"].dropna()
    return {
        "version": scoring.version,
        "pass_score": float(needed.iloc[0]) if len(needed) else None,
        "applies": compact(ranking["impact_applies"]),
        **{name: compact(ranking[f"impact_{name}"], _DECIMALS) for name in _SUMS},
        "outlook": compact(
            ranking.apply(_outlook, axis=1).where(ranking["impact_applies"].notna())
        ),
        "items": [_item_payload(item, ranking) for item in scoring.items],
    }


def _item_payload(item: ImpactItem, ranking: pd.DataFrame) -> dict[str, Any]:
    from siteopt.report._column_codec import compact  # noqa: PLC0415

    return {
        "title": [item.title_ko, item.title_en],
        "most": item.points_max,
        "least": item.points_min,
        "kind": item.kind,
        "points": compact(ranking[item.column], _DECIMALS) if item.computable else None,
    }
