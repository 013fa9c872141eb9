"""Sensitivity table as Markdown and CSV."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt._csv import csv_text
from siteopt._files import write_whole
from siteopt._markdown import plain
from siteopt.errors import LayerFileError
from siteopt.sensitivity.table import NEAR_KM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siteopt.sensitivity.table import Sensitivity

__all__ = ["check_file", "page", "write_page", "write_table"]

_KEY: Final = re.compile(r"[\w.*-]+")
_STILL: Final = 1e-9


def check_file(path: Path) -> None:
    """Raise LayerFileError where a file could not be written, before the long work starts.

    Parameters
    ----------
    path : Path
        File to write.
    """
    if path.is_dir():
        raise LayerFileError(f"{path}: is a folder; give the name of a file")
    folder = path.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise LayerFileError(f"{path}: cannot be written, {folder} is no folder to write to")


def write_page(found: Sensitivity, path: Path) -> None:
    """Write the table as Markdown, whole or not at all.

    Parameters
    ----------
    found : Sensitivity
        Of `siteopt.sensitivity_table`.
    path : Path
        Such as ``docs/sensitivity.md``.
    """
    write_whole(path, page(found).encode())


def write_table(found: Sensitivity, path: Path) -> None:
    """Write the table as CSV (UTF-8 with a byte order mark, for Excel), whole or not at all.

    All columns but the seconds, so that the same inputs give the same bytes.

    Parameters
    ----------
    found : Sensitivity
        Of `siteopt.sensitivity_table`.
    path : Path
        Ends in ``.csv``.
    """
    table = found.table.drop(columns="seconds")
    write_whole(path, csv_text(table, float_format="%.9g").encode("utf-8-sig"))


def page(found: Sensitivity) -> str:
    """Return the table as a page of Markdown; the same inputs give the same text.

    Parameters
    ----------
    found : Sensitivity
        The sensitivity table.
    """
    return "\n".join([*_head(found), *_moving(found), *_still(found), *_unknown(found)]) + "\n"


def _head(found: Sensitivity) -> Iterator[str]:
    base, unit = found.base, _unit(found)
    sites = base.steps["site_id"].nunique()
    table = found.table
    solved = table[table["status"].isin(["optimal", "feasible"])]
    same = int((solved["jaccard"] >= 1 - _STILL).sum())
    yield f"# Sensitivity of the chosen sites: {found.scenario.name}"
    yield ""
    yield "Written by `siteopt sensitivity` (`make sensitivity`); do not edit."
    yield ""
    yield (
        f"The plan of `{found.scenario.name}` has {sites} sites and costs "
        f"{abs(base.objective):,.1f} {unit} ({base.status}). It was solved again {len(table)} times, "
        "each time with one assumption at its low or at its high end and all others as they are. "
        f"In {same} of {len(solved)} plans that were found the same sites are chosen."
    )
    yield ""
    yield "How to read it:"
    yield ""
    yield (
        "- *Change* is the cost of the new best plan less that of the plan above. A change that is "
        "the same wherever one builds moves no site."
    )
    yield (
        "- *Kept* counts the sites of the plan that are chosen again; *near* those that have a "
        f"chosen site within {NEAR_KM:g} km; *Jaccard* is what is kept over all sites that either "
        "plan has (1: the same set, 0: none in common)."
    )
    yield (
        "- *Keeping* is what the old plan would cost more than the new one once the assumption has "
        "changed. Where it is small the choice between the two matters little, however few sites "
        "they share; – where the old plan breaks a limit then."
    )
    yield (
        "- Ends of parameters are those of their rows in the parameter tables, with the confidence "
        "that stands there; ends of scenario values are a choice (`data/sensitivity.csv`). One "
        "assumption at a time says nothing of several that move together."
    )
    yield ""


def _unit(found: Sensitivity) -> str:
    return "bn KRW" if found.scenario.objective.kind == "cost" else "suitable MW"


def _moving(found: Sensitivity) -> Iterator[str]:
    """Give what moves sites: one row a variant, the most moving first."""
    table = found.table
    moves = table[table["key"].isin(table.loc[~_is_still(table), "key"])]
    if moves.empty:
        return
    yield "## What moves sites"
    yield ""
    yield (
        f"| assumption | in force | set to | unit | change, {_unit(found)} | keeping | kept | near "
        "| Jaccard | provinces | confidence |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for row in moves.to_dict("records"):
        yield _line({str(name): cell for name, cell in row.items()}, found.provinces)
    yield ""


def _line(row: dict[str, Any], names: dict[str, str]) -> str:
    head = (
        f"| {_key(row['key'])} | {_value(row['base'])} | {_value(row['value'])} | "
        f"{plain(row['unit'])} |"
    )
    if row["status"] == "infeasible":
        return f"{head} no plan meets the limits | | | | | | {plain(row['confidence'])} |"
    if row["status"] == "not possible":
        return f"{head} {plain(row['note'])} | | | | | | {plain(row['confidence'])} |"
    open_gap = "" if row["status"] == "optimal" else f" (gap {100 * row['gap']:.2g} %)"
    places = ", ".join(
        [*(f"+{plain(names.get(code, code))}" for code in str(row["provinces_gained"]).split()),
         *(f"−{plain(names.get(code, code))}" for code in str(row["provinces_lost"]).split())]
    )  # fmt: skip
    return (
        f"{head} {row['change_bn_krw']:+,.1f}{open_gap} | {_money(row['keeping_bn_krw'])} | "
        f"{row['kept']:.0f} of {row['base_sites']:.0f} | {row['near']:.0f} | {row['jaccard']:.2f} | "
        f"{places} | {plain(row['confidence'])} |"
    )


def _still(found: Sensitivity) -> Iterator[str]:
    """Give what moves the cost alone: one row a key."""
    table = found.table
    moving = set(table.loc[~_is_still(table), "key"])
    still = table[~table["key"].isin(moving)]
    if still.empty:
        return
    yield "## What moves no site"
    yield ""
    yield f"| assumption | in force | low | high | unit | change at low, {_unit(found)} | at high | confidence |"
    yield "|---|---|---|---|---|---|---|---|"
    for key, rows in still.groupby("key", sort=False):
        ends = {row["side"]: row for row in rows.to_dict("records")}
        values = [_value(ends[side]["value"]) if side in ends else "–" for side in ("low", "high")]
        changes = [
            f"{ends[side]['change_bn_krw']:+,.1f}" if side in ends else "–"
            for side in ("low", "high")
        ]
        first = next(iter(ends.values()))
        yield (
            f"| {_key(key)} | {_value(first['base'])} | {' | '.join(values)} | "
            f"{plain(first['unit'])} | {' | '.join(changes)} | {plain(first['confidence'])} |"
        )
    yield ""


def _unknown(found: Sensitivity) -> Iterator[str]:
    if not found.without_range:
        return
    names = ", ".join(f"`{key}`" for key in found.without_range)
    yield "## What has no range"
    yield ""
    yield (
        f"The plan also rests on {len(found.without_range)} parameters whose rows have neither low "
        f"nor high, so that nothing can be said of them: {names}."
    )
    yield ""


def _is_still(table: pd.DataFrame) -> pd.Series[bool]:
    return table["jaccard"].astype(float).fillna(0.0) >= 1 - _STILL


def _key(key: object) -> str:
    return f"`{key}`" if _KEY.fullmatch(str(key)) else plain(key)


def _value(value: Any) -> str:  # noqa: ANN401 - whatever a scenario holds
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    return plain(value)


def _money(value: float | None) -> str:
    return "–" if value is None or pd.isna(value) else f"{value:,.1f}"
