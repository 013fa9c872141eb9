"""Tables of a screening for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siteopt._terminal import print_table, say
from siteopt.runs.named_layers import with_named_layers
from siteopt.runs.screening import screen_to_file
from siteopt.scenario import load_scenario
from siteopt.screening.limits import METRES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from siteopt.screening.reason_file import ScreenedFile

__all__ = ["screen_and_print"]

_AREAS: Final = {
    "reason": "reason", "area_km2": "area", "only_km2": "alone", "land_pct": "% of land",
    "unknown_km2": "no data",
}  # fmt: skip
_MARGINS: Final = {
    "reason": "reason", "limit": "limit", "only_km2": "alone", "margin_p50": "median",
    "won_10_pct_km2": "won 10 %", "won_25_pct_km2": "won 25 %", "won_50_pct_km2": "won 50 %",
}  # fmt: skip
_TITLE: Final = (
    "Land that one reason alone excludes, km2; median by which it misses the limit; land won where "
    "the limit is relaxed by so much, km2"
)


def screen_and_print(  # noqa: PLR0913 - one for each option
    scenario: str, out: Path, *, cell_m: float | None, nearly: bool, strictest: bool,
    memory_mb: float | None, threads: int | None, data: Path | None, layers: Sequence[str] = (),
) -> None:  # fmt: skip
    """Screen a scenario to files and print the areas.

    Parameters
    ----------
    scenario : str
        A scenario file, or the name of a ready one.
    out : Path
        The file of reasons.
    cell_m : float, optional
        Side of a cell in metres, instead of that of the scenario.
    nearly, strictest, memory_mb, threads
        As of :func:`siteopt.runs.screening.screen_to_file`.
    data : Path, optional
        Data folder in place of that of the scenario.
    layers : sequence of str
        Files of layers over those of the scenario, each ``ID=FILE``.
    """
    changes = None if cell_m is None else {"screening.cell_m": cell_m}
    loaded = load_scenario(scenario, changes=changes)
    if data is not None:
        loaded = loaded.model_copy(update={"data": data.absolute()})
    if layers:
        loaded = with_named_layers(loaded, layers)
    land = screen_to_file(
        loaded, out, nearly=nearly, strictest=strictest, memory_mb=memory_mb, threads=threads,
        tell=lambda line: say(line, err=True),
    )  # fmt: skip
    print_table(_shown(land.report(), _AREAS), "Land by reason, km2")
    if nearly:
        print_table(_shown(land.nearly_report(), _MARGINS), _TITLE)
    say(_summary(land), lines=True)


def _shown(table: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """Return the columns for people: figures to one decimal, nothing where there is none."""
    shown = table.astype(object)
    for name in table.select_dtypes("float"):
        shown[name] = ["" if value != value else f"{value:,.1f}" for value in table[name]]  # noqa: PLR0124 - NaN
    if "limit" in table:
        shown["limit"] = [
            _limit(limit, unit) for limit, unit in zip(table["limit"], table["unit"], strict=True)
        ]
    return shown[list(columns)].rename(columns=columns)


def _limit(limit: float, unit: str) -> str:
    """Return a limit for people; nothing for a range, whose ends the scenario has."""
    if limit != limit:  # noqa: PLR0124 - NaN
        return ""
    return f"{limit:g} m" if unit == METRES else f"{limit:g}"


def _summary(land: ScreenedFile) -> str:
    counts = land.counts
    files = [path for path in (land.path, land.nearly, land.strictest) if path is not None]
    return (
        f"land {counts.land_km2:,.1f} km2, eligible {counts.eligible_km2:,.1f} km2, excluded by "
        f"one reason alone {counts.nearly_eligible_km2:,.1f} km2\n"
        f"written: {', '.join(str(path) for path in files)}, and tables beside them (.csv)"
    )
