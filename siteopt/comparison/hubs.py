"""``siteopt hubs``: one hub, several campuses or many sites, run and put side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from siteopt._csv import write_csv
from siteopt._files import check_folder
from siteopt.comparison.fixed_match import match_plan
from siteopt.comparison.grid_room import room_after_outage
from siteopt.comparison.side_by_side import markdown, side_by_side
from siteopt.errors import ScenarioError
from siteopt.layers import open_layers
from siteopt.report.texts import LANGUAGES
from siteopt.runs.execution import cache_folder, run
from siteopt.scenario import load_scenario
from siteopt.scenario.changes import changed_scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from siteopt.comparison.side_by_side import Matches
    from siteopt.runs.results import Run

__all__ = ["HUB_SCENARIOS", "compare_hubs"]

HUB_SCENARIOS: Final = ("sites-2035", "campuses-2035", "hub-2035")
"""Ready scenarios with the same targets: many sites, three campuses, one hub."""

_ENERGY: Final = "national-2035-hourly"
"""Ready scenario whose clean share and supply the plans are matched with."""

TABLE: Final = "side_by_side"
"""Name of the files, without their suffixes."""


def compare_hubs(  # noqa: PLR0913 - one for each option of the command
    out: Path | str,
    scenarios: Sequence[Path | str] = HUB_SCENARIOS,
    *,
    match: bool = True,
    early_worth_bn_krw_per_mw_year: float | None = None,
    cache: Path | str | None = None,
    brief: bool = True,
    tell: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Run scenarios with the same targets and write their plans side by side.

    Money, years, grid works by payer, the loss of the largest place and, with ``match``, the
    clean share by the hour (Riepin and Brown 2022) of each plan.

    Parameters
    ----------
    out : Path or str
        Folder for ``side_by_side.csv`` and ``.md`` (``.ko.md`` in Korean), and for a folder with
        the files of each run, by the name of its scenario.
    scenarios : sequence of Path or str
        Scenario files or names of ready ones; the others are compared with the first.
    match : bool
        Whether the loads of the plans are matched with clean energy, at the share and with the
        supply of the ready scenario ``national-2035-hourly``.
    early_worth_bn_krw_per_mw_year : float, optional
        Worth of earlier power instead of that of the scenarios.
    cache : Path or str, optional
        As of :func:`siteopt.run`; beside the runs by default.
    brief : bool
        Whether figures are enough: no map.
    tell : callable, optional
        Called with a line for every run.

    Returns
    -------
    DataFrame
        Of :func:`siteopt.comparison.side_by_side.side_by_side`.

    Raises
    ------
    ScenarioError
        If two scenarios have one name, or their targets differ.
    InfeasibleError
        If one of them has no plan.

    Examples
    --------
    >>> import siteopt
    >>> table = siteopt.compare_hubs("runs/hubs")  # doctest: +SKIP
    >>> table[["scenario", "objective_bn_krw", "full_power_year"]]  # doctest: +SKIP
    """
    wanted = [load_scenario(one) for one in scenarios]
    names = [one.name for one in wanted]
    for name in names:
        if names.count(name) > 1:
            raise ScenarioError(f"{name} is given twice; name each scenario once")
    folder = Path(out)
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if early_worth_bn_krw_per_mw_year is not None:
        key = "target.early_worth_bn_krw_per_mw_year"
        wanted = [changed_scenario(one, {key: early_worth_bn_krw_per_mw_year}) for one in wanted]
    supply = load_scenario(_ENERGY).energy if match else None
    store = cache_folder(cache, folder / "runs")
    runs: list[Run] = []
    matches: dict[str, Matches] = {}
    for scenario in wanted:
        if tell is not None:
            tell(f"{scenario.name}: {len(runs) + 1} of {len(wanted)}")
        found = run(scenario, folder / scenario.name, cache=store, brief=brief)
        runs.append(found)
        matches[scenario.name] = room_after_outage(found, open_layers(scenario))
        if supply is not None:
            matches[scenario.name] |= match_plan(found, scenario, supply)
    table = side_by_side(runs, matches)
    write_csv(table, folder / f"{TABLE}.csv")
    for language in LANGUAGES:
        name = f"{TABLE}.md" if language == "en" else f"{TABLE}.{language}.md"
        (folder / name).write_text(markdown(table, language), encoding="utf-8", newline="\n")
    return table
