"""Multi-criteria analysis of the sites of a study or of a finished run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from siteopt._csv import csv_text
from siteopt._files import check_folder, write_whole
from siteopt.criteria import CRITERION_NAMES
from siteopt.criteria.scoring import score_bounds
from siteopt.errors import LayerFileError, ScenarioError
from siteopt.multicriteria.analysis import ScoreRange, analyse
from siteopt.report.tables import standalone_costs
from siteopt.runs.study import Study
from siteopt.scenario.judgements import Judgements, read_judgements

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.multicriteria.analysis import MulticriteriaAnalysis
    from siteopt.runs.results import Run

__all__ = ["weigh_sites", "write_analysis"]

_COST: Final = "bn_krw_per_mw"
_WEIGHTS: Final = "weights.csv"
_SITES: Final = "multicriteria.csv"
_LOSSES: Final = "compromises.csv"


def weigh_sites(
    judgements: Judgements | Path | str, subject: Study | Run | None = None
) -> MulticriteriaAnalysis:
    """Weigh criteria by judgements of stakeholders, and the sites of a study or run by them.

    Parameters
    ----------
    judgements : Judgements, Path or str
        Of `siteopt.read_judgements`, or a file of judgements.
    subject : Study or Run, optional
        Whose sites; the judgements alone without. Of a study no plan is solved: each site costs
        what its cheapest connection per MW does. A run has the costs of ``ranking.csv``.

    Returns
    -------
    MulticriteriaAnalysis
        Weights, consistency, sites, and what each compromise costs whom.

    Raises
    ------
    ScenarioError
        If judgements cannot be right, weights leave nothing to draw from, or what is not known is
        to be drawn for a finished run, whose folder does not hold it.
    LayerError, LayerFileError
        As of the study or the run.

    Examples
    --------
    >>> import siteopt
    >>> found = siteopt.weigh_sites("example")
    >>> found.consistency.loc[0, "revisit"]
    'water over hazard = 2'
    """
    given = judgements if isinstance(judgements, Judgements) else read_judgements(judgements)
    if subject is None:
        return analyse(given)
    if isinstance(subject, Study):
        return _of_study(given, subject)
    if given.smaa.draw_unknown:
        raise ScenarioError(
            "smaa.draw_unknown: the folder of a run does not hold which columns are not known; "
            "give the scenario instead, or set it to false"
        )
    ranking = subject.ranking.set_index("site_id").sort_index()
    scores = [f"score_{name}" for name in CRITERION_NAMES]
    missing = [name for name in [*scores, _COST] if name not in ranking]
    if missing:
        raise LayerFileError(f"{subject.folder}: ranking.csv has no {missing[0]}; run again")
    return analyse(given, ranking[scores], cost=ranking[_COST])


def _of_study(judgements: Judgements, study: Study) -> MulticriteriaAnalysis:
    score_range = None
    if judgements.smaa.draw_unknown:
        low, high = score_bounds(study.criteria, study.layers, study.scenario)
        score_range = ScoreRange(low.sort_index(), high.sort_index())
    cost = standalone_costs(study.options, study.sites, study.criteria, study.scenario.build)
    return analyse(judgements, study.scores.sort_index(), score_range=score_range, cost=cost)


def write_analysis(found: MulticriteriaAnalysis, folder: Path) -> list[Path]:
    """Write the tables as CSV (UTF-8 with a byte order mark), each whole or not at all.

    Parameters
    ----------
    found : MulticriteriaAnalysis
        Of :func:`weigh_sites`.
    folder : Path
        Made where there is none: ``weights.csv``, and with sites ``multicriteria.csv`` and
        ``compromises.csv``.

    Raises
    ------
    LayerFileError
        If the folder cannot be written to.
    """
    check_folder(folder)
    tables = {_WEIGHTS: found.weights}
    if len(found.sites):
        tables |= {_SITES: found.sites.reset_index(), _LOSSES: found.losses}
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in tables.items():
        write_whole(folder / name, csv_text(table, float_format="%.9g").encode("utf-8-sig"))
        written.append(folder / name)
    return written
