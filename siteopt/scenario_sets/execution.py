"""Execution of a scenario set: variants solved, plans judged in all of them, files written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from siteopt._files import check_folder
from siteopt.errors import LayerError, LayerFileError, ScenarioError
from siteopt.layers import open_layers
from siteopt.runs.execution import cache_folder
from siteopt.runs.results import Run, open_run
from siteopt.scenario import load_scenario_set
from siteopt.scenario_sets.agreement import agreement, site_table
from siteopt.scenario_sets.files import regret_table, set_record, variant_table, write_files
from siteopt.scenario_sets.map import render_set_map
from siteopt.scenario_sets.markdown import as_markdown
from siteopt.scenario_sets.plan_pool import VariantPlans, judge_plans
from siteopt.scenario_sets.set_result import SetResult
from siteopt.scenario_sets.variant_runs import run_variants

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from siteopt.layers import Layers
    from siteopt.scenario import VariantScenario
    from siteopt.scenario_sets.variant_runs import VariantRun

__all__ = ["check_parameters", "run_set"]

_PLACE_COLUMNS = (
    "site_id", "name_ko", "name_en", "lat", "lon", "province_code", "district_code", "station_id",
    "station_name_ko", "station_name_en",
)  # fmt: skip


def run_set(  # noqa: PLR0913 - each by its name
    scenario_set: Path | str,
    out: Path | str,
    *,
    cache: Path | str | None = None,
    full: bool = False,
    processes: int = 1,
    tell: Callable[[int, int, VariantRun], None] | None = None,
) -> SetResult:
    """Answer every variant of a scenario set, and judge every plan in every variant.

    Stages that variants share run once; a set that was stopped goes on from the cache. A variant
    without a plan is a row that says why.

    Parameters
    ----------
    scenario_set : Path or str
        A set file, or the name of a ready one such as ``national-2035-futures``.
    out : Path or str
        Folder for the files of the set; the run of a variant is in ``out/<variant>``.
    cache : Path or str, optional
        Folder in which results of stages are kept; by default that of ``SITEOPT_CACHE``, else
        ``.siteopt-cache`` beside ``out``.
    full : bool
        Whether runs of variants have maps and other plans too; plan and ranking alone by default.
    processes : int
        Variants that are solved side by side.
    tell : callable, optional
        Called with (variants done, all variants, what became of the last).

    Returns
    -------
    SetResult
        Tables of the set; the same inputs give files of the same bytes.

    Raises
    ------
    ScenarioError, LayerError, LayerFileError
        If the set cannot be right; the message names the variant. Nothing is solved then.

    Examples
    --------
    >>> import siteopt
    >>> found = siteopt.run_set("national-2035-futures", "runs/futures")  # doctest: +SKIP
    >>> found.regret[["plan", "max_regret_bn_krw"]]  # doctest: +SKIP
    """
    asked, variants = load_scenario_set(scenario_set)
    folder = Path(out)
    check_folder(folder)
    check_parameters(variants, Path(str(scenario_set)))
    store = cache_folder(cache, folder)
    runs = run_variants(variants, folder, store, full=full, processes=processes, tell=tell)
    solved = [one for one, made in zip(variants, runs, strict=True) if made.has_plan]
    pool = judge_plans(solved, store) if solved else VariantPlans([])
    opened = {one.variant.id: open_run(folder / one.variant.id) for one in solved}
    loads = _loads(pool)
    names = [one.variant.id for one in solved]
    weights = {one.variant.id: one.probability for one in variants}
    places = _places(loads, opened)
    sites = site_table(loads, places, names, weights)
    agreed = agreement(loads, {one.name: one.stations for one in pool.plans}, places, names)
    known = variant_table(variants, runs, opened)
    regret = regret_table(pool, names)
    layers = open_layers(variants[0].scenario)
    record = set_record(asked, known, pool, agreed, regret)
    record["names"] = _names(layers, places, agreed)
    written = SetResult(folder, record, known, sites, regret, agreed)
    files = {
        "set.md": as_markdown(written).encode(),
        "set.html": render_set_map(written, layers).encode(),
    }
    write_files(written, files)
    return written


def _names(
    layers: Layers, places: pd.DataFrame, agreed: pd.DataFrame
) -> dict[str, dict[str, list[str]]]:
    """Return the Korean and English names of the places of all plans, by level and id."""
    found: dict[str, dict[str, list[str]]] = {
        "site": {
            str(row["site_id"]): [str(row["name_ko"]), str(row["name_en"])]
            for row in places.to_dict("records")
        }
    }
    wanted = set(agreed["place"])
    for level, layer, key in (
        ("station", "stations", "station_id"),
        ("district", "districts", "district_code"),
        ("province", "provinces", "province_code"),
    ):
        tables = [layers.vector(layer)] if layer in layers.ids else []
        if level == "station" and "new_stations" in layers.ids:
            tables.append(layers.vector("new_stations"))
        rows = [row for table in tables for row in pd.DataFrame(table).to_dict("records")]
        found[level] = {
            str(row[key]): [_named(row, "name_ko", "name_en"), _named(row, "name_en", "name_ko")]
            for row in rows
            if str(row[key]) in wanted
        }
    return found


def _named(row: Mapping[Any, Any], *columns: str) -> str:
    """Return the first name of a row that there is."""
    names = (row.get(column) for column in columns)
    return next((str(name) for name in names if name and not pd.isna(name)), "")


def check_parameters(variants: Sequence[VariantScenario], file: Path) -> None:
    """Raise an error that names the variant where a parameter or layer of its is not there.

    Parameters
    ----------
    variants : sequence of VariantScenario
        Of the set.
    file : Path
        The set, for the message.
    """
    for one in variants:
        try:
            _ = open_layers(one.scenario).parameters
        except ScenarioError as error:
            raise ScenarioError(f"{file}: variant {one.variant.id}: {error}") from error
        except LayerFileError as error:
            raise LayerFileError(f"{file}: variant {one.variant.id}: {error}") from error
        except LayerError as error:
            raise LayerError(f"{file}: variant {one.variant.id}: {error}") from error


def _loads(pool: VariantPlans) -> dict[str, dict[str, float]]:
    """Return the IT load of every site in the last year, by plan."""
    return {
        one.name: {
            str(site): float(load)
            for site, load in one.steps.groupby("site_id")["it_mw"].sum().items()
        }
        for one in pool.plans
    }


def _places(loads: Mapping[str, Mapping[str, float]], opened: Mapping[str, Run]) -> pd.DataFrame:
    """Return what is told of the sites of all plans, by the first run that has them.

    The station is that of the plan that chooses the site, where one does.
    """
    wanted = {site for load in loads.values() for site in load}
    found: list[pd.DataFrame] = []
    for run in opened.values():
        table = run.ranking
        own = table[table["site_id"].isin(wanted)]
        found.append(own.reindex(columns=[*_PLACE_COLUMNS, "chosen"]))
    if not found:
        return pd.DataFrame(columns=list(_PLACE_COLUMNS))
    rows = pd.concat(found, ignore_index=True)
    first = rows.assign(other=~rows["chosen"].astype(bool)).sort_values(
        ["site_id", "other"], kind="stable"
    )
    return first.drop_duplicates("site_id")[list(_PLACE_COLUMNS)].reset_index(drop=True)
