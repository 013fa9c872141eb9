"""Comparison of two scenario sets, or of a set and a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from siteopt._markdown import plain
from siteopt.runs.results import open_run
from siteopt.scenario_sets.agreement import LEVELS
from siteopt.scenario_sets.set_result import is_set_folder, open_set
from siteopt.scenario_sets.text import LEVEL_WORDS

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.scenario_sets.set_result import SetResult

__all__ = ["SetComparison", "compare_sets"]

_KEYS = {"site": "site_id", "station": "station_id", "district": "district_code",
         "province": "province_code"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class SetComparison:
    """What differs between two sets, or between a set and a run.

    Attributes
    ----------
    before, after : str
        Names of the two.
    variants : DataFrame
        ``variant``, ``before_bn_krw``, ``after_bn_krw``, ``difference_bn_krw``; no row beside a run.
    places : DataFrame
        ``level``, ``place``, ``change``: no-regret places that are so in one of the two alone
        (``lost``, ``gained``), or of a run which no-regret places of the set it has (``kept``,
        ``missing``).
    """

    before: str
    after: str
    variants: pd.DataFrame
    places: pd.DataFrame

    def text(self) -> str:
        """Return the comparison in plain lines."""
        lines = [f"{self.before} -> {self.after}"]
        lines += [
            f"  {row['variant']}: {_money(row['before_bn_krw'])} -> "
            f"{_money(row['after_bn_krw'])} bn KRW ({_signed(row['difference_bn_krw'])})"
            for row in self.variants.to_dict("records")
        ]
        for (level, change), rows in self.places.groupby(["level", "change"], sort=False):
            names = ", ".join(rows["place"].astype(str))
            lines.append(f"  no-regret {LEVEL_WORDS[str(level)][1]} {change}: {names}")
        if self.places.empty:
            lines.append("  no-regret places: no difference")
        return "\n".join(lines)

    def markdown(self) -> str:
        """Return the comparison as Markdown."""
        lines = [f"# {plain(self.before)} and {plain(self.after)}", ""]
        if len(self.variants):
            lines += [
                "| variant | before, bn KRW | after, bn KRW | difference |",
                "|---|---|---|---|",
            ]
            lines += [
                f"| {plain(row['variant'])} | {_money(row['before_bn_krw'])} | "
                f"{_money(row['after_bn_krw'])} | {_signed(row['difference_bn_krw'])} |"
                for row in self.variants.to_dict("records")
            ]
            lines.append("")
        lines += ["| level | no-regret place | change |", "|---|---|---|"]
        lines += [
            f"| {row['level']} | {plain(row['place'])} | {row['change']} |"
            for row in self.places.to_dict("records")
        ]
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        return {
            "before": self.before,
            "after": self.after,
            "variants": _records(self.variants),
            "places": _records(self.places),
        }


def compare_sets(before: SetResult, after: Path) -> SetComparison:
    """Compare a set with another set or a run.

    Parameters
    ----------
    before : SetResult
        A finished set.
    after : Path
        Folder of a finished set or run.

    Raises
    ------
    LayerFileError
        If it is neither.
    """
    return _of_sets(before, open_set(after)) if is_set_folder(after) else _of_run(before, after)


def _of_sets(before: SetResult, after: SetResult) -> SetComparison:
    costs = before.variants[["variant", "cost_bn_krw"]].merge(
        after.variants[["variant", "cost_bn_krw"]], on="variant", how="outer",
        suffixes=("_before", "_after"), sort=False,
    )  # fmt: skip
    variants = pd.DataFrame(
        {
            "variant": costs["variant"],
            "before_bn_krw": costs["cost_bn_krw_before"],
            "after_bn_krw": costs["cost_bn_krw_after"],
            "difference_bn_krw": costs["cost_bn_krw_after"] - costs["cost_bn_krw_before"],
        }
    )
    rows = []
    for level in LEVELS:
        was, now = (set(one.record["agreement"]["no_regret"][level]) for one in (before, after))
        rows += [(level, place, "lost") for place in sorted(was - now)]
        rows += [(level, place, "gained") for place in sorted(now - was)]
    names = [str(one.record["set"]["name"]) for one in (before, after)]
    if names[0] == names[1]:
        names = [f"{names[0]} ({one.folder.name})" for one in (before, after)]
    return SetComparison(names[0], names[1], variants, _places(rows))


def _of_run(before: SetResult, after: Path) -> SetComparison:
    run = open_run(after)
    rows = []
    for level in LEVELS:
        there = {str(site.get(_KEYS[level])) for site in run.portfolio["sites"]}
        rows += [
            (level, str(place), "kept" if place in there else "missing")
            for place in before.record["agreement"]["no_regret"][level]
        ]
    names = ["variant", "before_bn_krw", "after_bn_krw", "difference_bn_krw"]
    return SetComparison(
        str(before.record["set"]["name"]), str(run.record["scenario"]["name"]),
        pd.DataFrame(columns=names), _places(rows),
    )  # fmt: skip


def _places(rows: list[tuple[str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["level", "place", "change"])


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    whole = table.astype(object).where(table.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in whole.to_dict("records")]


def _money(value: float | None) -> str:
    return "–" if value is None or pd.isna(value) else f"{value:,.1f}"


def _signed(value: float | None) -> str:
    return "–" if value is None or pd.isna(value) else f"{value:+,.1f}"
