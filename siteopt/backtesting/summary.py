"""Summary of a back-test in a few lines, and what becomes of each campus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt.backtesting.proportions import CONFIDENCE
from siteopt.report._cells import NO_LAND
from siteopt.report.texts import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siteopt.backtesting.backtest import Backtest

__all__ = ["AGAINST", "campus_lines", "criterion_title", "measured", "reason_title", "summary"]

AGAINST: Final = {
    "above": "more often than chance",
    "below": "less often than chance",
    "not told apart": "not told apart from chance",
    "no sites": "no campus to count",
}
"""Where an interval lies beside chance, in words."""


def summary(found: Backtest) -> str:
    """Return what the list says, in a few lines.

    Parameters
    ----------
    found : Backtest
        The back-test.
    """
    counted, apart = found.counted, found.apart
    where = f", {len(apart)} of them in the capital region and counted apart" if len(apart) else ""
    head = (
        f"Plausibility check of {found.scenario} with {found.file}: {_many(len(found.rows), 'row')}, "
        f"{_many(len(found.campuses), 'campus', 'campuses')}{where}."
    )
    lines = [head]
    everyone = found.shares[found.shares["group"] == "all"]
    lines += [_sentence(row) for row in everyone.to_dict("records")]
    against = _reasons(found)
    if against:
        lines.append("Not eligible by: " + ", ".join(f"{name} {n}" for name, n in against) + ".")
    blame = _blamed(found)
    if blame:
        lines.append(
            "Criterion furthest below the median of eligible land: "
            + ", ".join(f"{name} {n}" for name, n in blame) + "."
        )  # fmt: skip
    if found.chosen_median_km is not None and len(counted):
        lines.append(
            f"Half of the campuses are within {counted['chosen_km'].median():,.0f} km of a chosen "
            f"site, half of the eligible land within {found.chosen_median_km:,.0f} km."
        )
    lines += [f"note: {note}" for note in found.notes]
    return "\n".join(lines)


def campus_lines(found: Backtest) -> str:
    """Return what becomes of each campus, two lines each.

    Parameters
    ----------
    found : Backtest
        The back-test.
    """
    return "\n".join(
        line for row in found.campuses.to_dict("records") for line in _told(found, row)
    )


def _told(found: Backtest, row: dict[Any, Any]) -> Iterator[str]:
    about = ", ".join(part for part in (row["class"], row["date"]) if part)
    names = [reason_title(found, name) for name in row["reasons"].split(";") if name]
    against = f"not eligible: {'; '.join(names)}" if names else "eligible"
    yield f"{row['name']} ({about}): {row['district']}, {row['province']}; {against}"
    yield f"    {_judged(row)}"


def _judged(row: dict[Any, Any]) -> str:
    if row["apart"]:
        return "in the capital region, counted apart"
    chosen = "" if pd.isna(row["chosen_km"]) else (
        f"; chosen site {row['chosen_site']} {row['chosen_km']:.0f} km off"
    )  # fmt: skip
    if not row["candidate"]:
        return (
            f"no candidate within reach (nearest {row['nearest_site']} {row['nearest_km']:.1f} km off)"
            f"{chosen}"
        )
    percentiles = ", ".join(
        f"{measure} {row[f'{measure}_percentile']:.0f} "
        f"(province {row[f'{measure}_percentile_province']:.0f})"
        for measure in ("cost", "suitability")
    )
    how = "its tile" if row["judged_by"] == "tile" else f"nearest, {row['candidate_km']:.1f} km off"
    blame = (
        f"; furthest below the median: {criterion_title(row['blamed'])}" if row["blamed"] else ""
    )
    return f"{row['candidate']} ({how}): percentile of {percentiles}{chosen}{blame}"


def _sentence(row: dict[Any, Any]) -> str:
    what = measured(row)
    if not row["campuses"]:
        return f"{what}: no campus to count."
    return (
        f"{what}: {row['hits']} of {_many(row['campuses'], 'campus', 'campuses')}, {row['share_pct']:.0f} % "
        f"({100 * CONFIDENCE:g} % interval {row['low_pct']:.0f} to {row['high_pct']:.0f} %), chance "
        f"{row['chance_pct']:.0f} %: {AGAINST[row['against_chance']]}."
    )


def measured(row: dict[Any, Any]) -> str:
    """Return the property that a row of shares counts, in words."""
    if row["measure"] == "eligible":
        return "On eligible land"
    return f"In the best {row['top_pct']:g} % of eligible land by {row['measure']}"


def _reasons(found: Backtest) -> list[tuple[str, int]]:
    """Return the reasons against the campuses that are counted, the most frequent first."""
    names = found.counted["reasons"].str.split(";").explode()
    return _counted([reason_title(found, name) for name in names if name])


def _blamed(found: Backtest) -> list[tuple[str, int]]:
    return _counted([criterion_title(name) for name in found.counted["blamed"] if name])


def _many(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def _counted(names: list[str]) -> list[tuple[str, int]]:
    return sorted(
        ((name, names.count(name)) for name in set(names)), key=lambda one: (-one[1], one)
    )


def reason_title(found: Backtest, reason: str) -> str:
    """Return the English title of a reason against a place."""
    return "outside of the screened land" if reason == NO_LAND else found.titles.get(reason, reason)


def criterion_title(name: str) -> str:
    """Return the English title of a criterion, of suitability or of cost."""
    return {"suitability": "Suitability (all criteria)", "cost": "Cost a MW"}.get(name) or text(
        f"criterion.{name}", "en"
    )
