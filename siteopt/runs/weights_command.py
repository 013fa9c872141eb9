"""``siteopt weights``: judgements weighed, sites by the weights, printed and written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt._files import check_folder
from siteopt._terminal import print_table, say
from siteopt.errors import ScenarioError
from siteopt.runs.multicriteria import weigh_sites, write_analysis
from siteopt.runs.results import open_run
from siteopt.runs.study import Study
from siteopt.scenario.judgements import read_judgements

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

    from siteopt.multicriteria.analysis import MulticriteriaAnalysis
    from siteopt.runs.results import Run
    from siteopt.scenario.judgements import Judgements

__all__ = ["weigh_and_print"]

_METHODS: Final = {
    "ahp": "pairwise comparison",
    "swing": "swing weighting",
    "rank_order": "rank order",
    "direct": "weights themselves",
}


def weigh_and_print(
    file: str, scenario: str | None, run: Path | None, out: Path | None, cache: Path | None
) -> None:
    """Print what judgements come to, and write it.

    Parameters
    ----------
    file : str
        A file of judgements, or the name of a ready one.
    scenario : str, optional
        Scenario whose sites are weighed.
    run : Path, optional
        Folder of the run whose sites are weighed.
    out : Path, optional
        Folder for the tables.
    cache : Path, optional
        Folder that keeps results of stages.

    Raises
    ------
    ScenarioError
        If both scenario and run are given, or judgements are too inconsistent: the weights are
        printed then, nothing is written.
    """
    if scenario is not None and run is not None:
        raise ScenarioError("--scenario and --run: give one of them, whose sites are to be weighed")
    judgements = read_judgements(file)
    if out is not None:
        check_folder(out)
    inconsistent = judgements.inconsistency()
    subject: Study | Run | None = None
    if inconsistent is None and run is not None:
        subject = open_run(run)
    elif inconsistent is None and scenario is not None:
        subject = Study(scenario, cache=cache)
    found = weigh_sites(judgements, subject)
    _print(found, judgements, file)
    if inconsistent is not None:
        raise ScenarioError(f"{file}: {inconsistent}")
    if out is not None:
        written = write_analysis(found, out)
        say(f"written: {', '.join(map(str, written))}")


def _print(found: MulticriteriaAnalysis, judgements: Judgements, file: str) -> None:
    shown = found.weights.copy()
    for name in shown.columns[1:]:
        shown[name] = shown[name].map("{:.3f}".format)
    print_table(shown, f"Weights of {file}")
    for one, row in zip(judgements.stakeholders, found.consistency.to_dict("records"), strict=True):
        title = "" if one.title is None else f" ({one.title.en})"
        say(f"{one.name}{title}: {_METHODS[one.method]}, voice {one.voice:g}{_consistent(row)}")
    if len(found.sites):
        _print_sites(found, judgements)
    say(f"for a scenario, the {judgements.compromise} mean:")
    say(found.toml(judgements.compromise), lines=True)


def _consistent(row: dict[Hashable, Any]) -> str:
    """Return how consistent the pairwise comparisons of a stakeholder are; nothing of others."""
    if pd.isna(row["consistency_ratio"]):
        return ""
    told = f"; consistency ratio {row['consistency_ratio']:.3f}, {row['missing']:.0f} pairs missing"
    if pd.isna(row["revisit"]):
        return told
    return (
        f"{told}; farthest from the others is {row['revisit']}, {row['consistent']:.2f} would "
        f"agree (ratio then {row['ratio_then']:.3f})"
    )


def _print_sites(found: MulticriteriaAnalysis, judgements: Judgements) -> None:
    best = judgements.best
    losses = found.losses.copy()
    for name in losses.columns:
        if "loss" in name:
            losses[name] = losses[name].map("{:.4f}".format)
    print_table(losses, f"Suitability lost on the {best} best sites of each compromise")
    agreed = ", ".join(found.agreed) or "none"
    say(f"among the {best} best of every stakeholder: {agreed}")
    if found.acceptability is not None:
        error = found.acceptability.standard_error().max()
        say(
            f"acceptabilities of {found.acceptability.draws} drawn weights, each within {error:.3f}"
            " (standard error)"
        )
    columns = [
        "rank", "suitability", "topsis", "promethee_net", "acceptability_1", "acceptability_best",
    ]  # fmt: skip
    if "bn_krw_per_mw" in found.sites:
        columns.append("bn_krw_per_mw")
    first = found.sites[columns].head(best).reset_index()
    for name in columns[1:]:
        first[name] = first[name].map(lambda value: "" if pd.isna(value) else f"{value:.3f}")
    print_table(first, f"Best sites by the {judgements.compromise} mean")
