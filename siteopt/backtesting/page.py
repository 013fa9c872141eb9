"""Tables of a back-test as Markdown, CSV and GeoJSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from siteopt._csv import csv_text, significant
from siteopt._files import write_whole
from siteopt._markdown import plain
from siteopt.backtesting.by_criterion import LEAST_SITES
from siteopt.backtesting.proportions import CONFIDENCE
from siteopt.backtesting.summary import (
    AGAINST,
    criterion_title,
    measured,
    reason_title,
    summary,
)
from siteopt.errors import LayerFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from siteopt.backtesting.backtest import Backtest

__all__ = ["FILES", "geojson", "page", "write_backtest"]

FILES: Final = ("backtest.csv", "backtest.md", "backtest.geojson")
"""What is written: a row a listed site, the whole page, and points for GIS programs."""

_DIGITS: Final = 6
_PCT: Final = 100.0


def write_backtest(found: Backtest, folder: Path) -> list[Path]:
    """Write ``backtest.csv``, ``backtest.md`` and ``backtest.geojson``, each whole or not at all.

    Parameters
    ----------
    found : Backtest
        Of `siteopt.backtest`.
    folder : Path
        Made where it is missing.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    LayerFileError
        If the folder cannot be written to.
    """
    contents = (
        csv_text(_rounded(found.rows)).encode("utf-8-sig"),
        page(found).encode(),
        geojson(found).encode(),
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in zip(FILES, contents, strict=True):
            write_whole(folder / name, content)
    except OSError as error:
        raise LayerFileError(
            f"{folder}: cannot be written to ({error.strerror}); give another folder"
        ) from error
    return [folder / name for name in FILES]


def geojson(found: Backtest) -> str:
    """Return the listed sites as points (RFC 7946, EPSG:4326 degrees) with all columns.

    Parameters
    ----------
    found : Backtest
        The back-test.
    """
    rows = _rounded(found.rows)
    features = []
    for row in rows.to_dict("records"):
        told = {str(name): _plain(cell) for name, cell in row.items() if name not in {"lon", "lat"}}
        point = {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
        features.append({"type": "Feature", "properties": told, "geometry": point})
    whole = {"type": "FeatureCollection", "name": "backtest", "features": features}
    return json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def page(found: Backtest) -> str:
    """Return the whole back-test as Markdown; the same inputs give the same text.

    Parameters
    ----------
    found : Backtest
        The back-test.
    """
    parts = (_head(found), _shares(found), _campuses(found), _apart(found), _criteria(found))
    return "\n".join([line for part in parts for line in part]) + "\n"


def _head(found: Backtest) -> Iterator[str]:
    settings = found.settings
    yield f"# Plausibility check: {plain(found.file)} beside {plain(found.scenario)}"
    yield ""
    yield "Written by `siteopt backtest`; a plausibility check, no proof of the model."
    yield ""
    for line in summary(found).split("\n"):
        yield f"- {plain(line)}"
    yield ""
    yield "How to read it:"
    yield ""
    yield (
        f"- Rows within {settings['campus_km']:g} km of each other, or judged by the same candidate "
        "site, are one campus; its earliest row stands for it."
    )
    yield (
        "- A campus is judged by the candidate site of the tile that holds it, else by the nearest "
        f"one within {settings['reach_km']:g} km; beyond that it has no percentile. The candidate "
        "is a piece of land of its own: its cost and suitability are not those of the real site."
    )
    yield (
        "- Percentiles are among eligible land: every eligible cell is judged in the same way, and "
        "a candidate counts with the hectares that it judges. 100 is best, ties count by half. "
        "Land without a possible connection counts as the dearest."
    )
    yield (
        "- Chance is a place drawn at random: of all land outside the capital region for "
        "eligibility, of eligible land for the rest. Intervals are exact (Clopper-Pearson, "
        f"{100 * CONFIDENCE:g} %). They are many: of twenty that chance alone made, one excludes it."
    )
    yield (
        "- Past sites were chosen for other aims, those that failed are in no list, and few sites "
        "say little. Weights or limits that are tuned until the list fits answer the list, not the "
        "question."
    )
    yield ""


def _shares(found: Backtest) -> Iterator[str]:
    yield "## Shares"
    yield ""
    yield "| group | property | campuses | share | interval | chance | |"
    yield "|---|---|---|---|---|---|---|"
    for row in found.shares.to_dict("records"):
        said = AGAINST[row["against_chance"]]
        head = f"| {plain(row['group'])} | {measured(row)} |"
        if not row["campuses"]:
            yield f"{head} 0 | – | – | {row['chance_pct']:.1f} % | {said} |"
            continue
        yield (
            f"{head} {row['hits']} of {row['campuses']} | {row['share_pct']:.1f} % | "
            f"{row['low_pct']:.1f} to {row['high_pct']:.1f} % | {row['chance_pct']:.1f} % | {said} |"
        )
    yield ""


def _campuses(found: Backtest) -> Iterator[str]:
    yield "## Campuses"
    yield ""
    yield (
        "| campus | class | date | district | eligible | judged by | cost, percentile (province) | "
        "suitability, percentile (province) | nearest chosen site, km | furthest below the median |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for row in found.counted.to_dict("records"):
        yield _campus(found, row)
    yield ""


def _campus(found: Backtest, row: dict[Any, Any]) -> str:
    reasons = ", ".join(reason_title(found, name) for name in row["reasons"].split(";") if name)
    judged = f"{row['candidate']}, {row['candidate_km']:.1f} km" if row["candidate"] else (
        f"none (nearest {row['nearest_site']}, {row['nearest_km']:.1f} km)"
    )  # fmt: skip
    cells = [
        plain(row["name"]), plain(row["class"]), plain(row["date"]), _where(row),
        "yes" if row["eligible"] else f"no: {plain(reasons)}", plain(judged),
        *(_percentile(row, measure) for measure in ("cost", "suitability")),
        "–" if pd.isna(row["chosen_km"]) else f"{row['chosen_km']:.1f}",
        f"{criterion_title(row['blamed'])} (−{_PCT * row['blamed_points']:.1f} points)"
        if row["blamed"] else "–",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _where(row: dict[Any, Any]) -> str:
    return plain(f"{row['district']}, {row['province']}")


def _percentile(row: dict[Any, Any], measure: str) -> str:
    country, province = row[f"{measure}_percentile"], row[f"{measure}_percentile_province"]
    return "–" if pd.isna(country) else f"{country:.0f} ({province:.0f})"


def _apart(found: Backtest) -> Iterator[str]:
    if found.apart.empty:
        return
    yield "## In the capital region, counted apart"
    yield ""
    yield "The scenario takes no land there, so these campuses say nothing of its order of land."
    yield ""
    yield "| campus | class | date | district |"
    yield "|---|---|---|---|"
    for row in found.apart.to_dict("records"):
        yield f"| {plain(row['name'])} | {plain(row['class'])} | {plain(row['date'])} | {_where(row)} |"
    yield ""


def _criteria(found: Backtest) -> Iterator[str]:
    if found.criteria is None:
        return
    yield "## Criterion by criterion"
    yield ""
    yield (
        "AUC is the chance that a campus scores better than a place drawn at random from eligible "
        "land: 0.5 is no difference, 1 always better, 0 always worse; rank-biserial is twice AUC "
        f"less one. Intervals ({100 * CONFIDENCE:g} %) are a seeded bootstrap over campuses, given "
        f"for {LEAST_SITES} campuses or more; p is of the Mann-Whitney test, every candidate site "
        "counted once. A direction is told where both say so; of eleven rows chance may still make "
        "one."
    )
    yield ""
    yield (
        "**Do not tune weights on this table.** It says what past sites had in common, for whatever "
        "reason they were built; weights that follow it repeat the past, and the list is then no "
        "check any more."
    )
    yield ""
    yield "| criterion | weight | AUC | interval | rank-biserial | p | direction |"
    yield "|---|---|---|---|---|---|---|"
    for row in found.criteria.to_dict("records"):
        weight = "–" if pd.isna(row["weight"]) else f"{_PCT * row['weight']:.0f} %"
        figures = [
            _number(row["auc"], ".2f"),
            "–" if pd.isna(row["auc_low"]) else f"{row['auc_low']:.2f} to {row['auc_high']:.2f}",
            _number(row["rank_biserial"], "+.2f"), _number(row["p_value"], ".3f"),
        ]  # fmt: skip
        yield f"| {criterion_title(row['criterion'])} | {weight} | {' | '.join(figures)} | {row['direction']} |"
    yield ""


def _number(value: float, form: str) -> str:
    return "–" if pd.isna(value) else format(value, form)


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a table with figures of six digits; places as they were given."""
    out = table.copy()
    for name in map(str, table.columns):
        if table.dtypes[name] == np.float64 and name not in {"lon", "lat"}:
            out[name] = significant(table[name].to_numpy(), _DIGITS)
    return out


def _plain(cell: Any) -> Any:  # noqa: ANN401 - any cell
    """Return a cell as JSON has it; null where it is not known."""
    if isinstance(cell, np.generic):
        cell = cell.item()
    return None if cell is None or cell != cell else cell  # noqa: PLR0124 - NaN
