"""Interactive study: stages computed on demand, recomputed only where inputs change."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pandas as pd

from siteopt._files import check_folder
from siteopt.layers import open_layers
from siteopt.report.preview import render_preview
from siteopt.runs import pipeline
from siteopt.runs.evaluation import write
from siteopt.runs.execution import CACHE_VARIABLE
from siteopt.runs.page import Page
from siteopt.runs.results import written_run
from siteopt.runs.study_views import StudyViews, register_study_card
from siteopt.scenario import Scenario, load_scenario
from siteopt.scenario.changes import changed_scenario
from siteopt.scenario.frames import is_frame
from siteopt.scenario.weights import CRITERION_NAMES
from siteopt.stages.scheduler import Memory, Scheduler
from siteopt.stages.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from siteopt.grid import Connections
    from siteopt.layers import Layers
    from siteopt.portfolio import Further, Portfolio, Problem
    from siteopt.report.texts import Language
    from siteopt.runs.results import Run
    from siteopt.screening import Eligibility
    from siteopt.stages.stage import Stage

__all__ = ["Page", "Study"]

T = TypeVar("T")


class Study(StudyViews):
    """A scenario, and its answer stage by stage, for notebooks.

    Every property is computed at first access and then kept. :meth:`change` gives a
    new study that shares all results which do not depend on the change.

    Parameters
    ----------
    scenario : Scenario, Path or str
        What to decide: a loaded scenario, a scenario file, or the name of a ready one.
    cache : Path or str, optional
        Folder in which results are also kept between sessions; by default that of the
        environment variable ``SITEOPT_CACHE``, and memory alone where there is none.

    Raises
    ------
    ScenarioError, LayerError, LayerFileError
        If the scenario cannot be right; properties raise what is wrong with layers.

    Examples
    --------
    >>> import siteopt
    >>> study = siteopt.Study("national-2035")
    >>> other = study.change({"target.it_mw": 2000}, weights={"water": 3})
    >>> other.scenario.target.it_mw
    2000.0
    """

    def __init__(self, scenario: Scenario | Path | str, *, cache: Path | str | None = None) -> None:
        loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        folder = cache or os.environ.get(CACHE_VARIABLE)
        store = None if folder is None else Store(Path(folder))
        self._open(loaded, open_layers(loaded), store, Memory())

    def _open(
        self, scenario: Scenario, layers: Layers, store: Store | None, memory: Memory
    ) -> None:
        self._scenario, self._layers, self._store, self._memory = scenario, layers, store, memory
        stages = (*pipeline.STAGES, pipeline.FIGURES, pipeline.CHOICE, pipeline.SKETCH)
        self._scheduler = Scheduler(stages, scenario, layers, store, memory=memory)
        self._is_sound = False

    def __repr__(self) -> str:
        target = self._scenario.target
        return f"Study({self._scenario.name}: {target.it_mw:g} MW of IT load in {target.year})"

    @property
    def scenario(self) -> Scenario:
        """What is decided."""
        return self._scenario

    @property
    def layers(self) -> Layers:
        """What is known: every layer, checked."""
        self._result(pipeline.QUESTION)
        return self._layers

    @property
    def eligibility(self) -> Eligibility:
        """Where a data centre may stand, and every reason where not."""
        return self._result(pipeline.ELIGIBILITY)

    @property
    def sites(self) -> gpd.GeoDataFrame:
        """Candidate sites, EPSG:5179, one row a ``site_id``."""
        return self._result(pipeline.SITES)

    @property
    def criteria(self) -> pd.DataFrame:
        """What each site offers, in physical units, by ``site_id``."""
        return self._result(pipeline.CRITERIA)

    @property
    def scores(self) -> pd.DataFrame:
        """``score_<criterion>`` and ``suitability`` in 0..1, by ``site_id``."""
        return self._result(pipeline.SCORES)

    @property
    def headroom(self) -> pd.DataFrame:
        """Headroom of the stations in MW, a model estimate where the user has no figure."""
        return self._result(pipeline.HEADROOM)

    @property
    def connections(self) -> Connections:
        """Connection options of the sites, and the routes of their lines."""
        return self._result(pipeline.CONNECTIONS)

    @property
    def options(self) -> pd.DataFrame:
        """Connection options with all costs in bn KRW."""
        return self._result(pipeline.OPTIONS)

    @property
    def portfolio(self) -> Portfolio:
        """The chosen sites, how far the plan is proven, and what it uses of every limit.

        Computes no ranking and no other plans: a change shows after seconds.
        """
        return self._result(pipeline.PORTFOLIO).portfolio

    @property
    def problem(self) -> Problem:
        """The program behind the plan, with all flow limits that it met.

        :func:`siteopt.portfolio.to_pulp` states it as a PuLP model.
        """
        return self._result(pipeline.PORTFOLIO).problem

    @property
    def further(self) -> Further:
        """Plans close to the best one, which sites are in all of them, trade-offs and prices."""
        return self._result(pipeline.FURTHER)

    @property
    def ranking(self) -> pd.DataFrame:
        """One row a site, best first; money in bn KRW.

        As in ``ranking.csv``, which has the levels of :attr:`further` as well.
        """
        return self._result(pipeline.RANKING)

    def change(
        self,
        changes: Mapping[str, Any] | None = None,
        *,
        weights: Mapping[str, float] | None = None,
        parameters: Mapping[str, float] | None = None,
        layers: Mapping[str, Path | str | pd.DataFrame] | None = None,
        **keys: Any,  # noqa: ANN401 - checked as a scenario file is
    ) -> Study:
        """Return a study with something set otherwise; this one stays as it is.

        Parameters
        ----------
        changes : mapping, optional
            Any values of the scenario by path, in their order: ``{"target.it_mw": 2000}``, an
            entry of a list by its number from 0 or by its id
            (``{"screening.exclusions.slope.threshold": 8}``), a new entry as a mapping
            (``{"provinces.shares.46": {"min_pct": 10}}``), ``siteopt.DELETE`` for one that is to go.
        weights : mapping of str to float, optional
            Weights of criteria; the others keep theirs (1 where the scenario has none).
        parameters : mapping of str to float, optional
            Values of parameters, in the unit of their row; the others stay.
        layers : mapping of str to Path, GeoDataFrame or DataFrame, optional
            Files or frames that replace or add layers; the others stay. All files are then checked
            again, so an empty mapping is enough where the content of one has changed.
        **keys
            As ``changes``: ``change(spacing_km=30)``, ``change(**{"uncertainty.preset": "quick"})``.

        Returns
        -------
        Study
            It shares every result that does not depend on the change.

        Raises
        ------
        ScenarioError, LayerFileError
            If a key or value cannot be right, or a file is not there.
        """
        old = self._scenario
        wanted: dict[str, Any] = dict(changes or {}) | keys
        if weights is not None:
            wanted["weights"] = self._weights() | dict(weights)
        if parameters is not None:
            wanted["parameters"] = old.parameters | dict(parameters)
        if layers is not None:
            own = {
                name: given if is_frame(given) else Path(cast("Path | str", given)).absolute()
                for name, given in layers.items()
            }
            wanted["layers"] = old.layers | own
        changed = changed_scenario(old, wanted)
        if changed.layers == old.layers and changed.data == old.data and layers is None:
            opened = self._layers.with_parameters(changed.parameters)
        else:
            opened = open_layers(changed)
        other = Study.__new__(Study)
        other._open(changed, opened, self._store, self._memory)  # noqa: SLF001 - a study of our own
        return other

    def preview(self, language: Language = "ko") -> Page:
        """Return a picture of suitability by site, which needs no portfolio.

        Parameters
        ----------
        language : {'ko', 'en'}
            Korean or English.
        """
        sites, scores = self.sites, self.scores
        provinces = self._layers.vector("provinces")
        return Page(render_preview(sites, scores, provinces, self._scenario, language))

    def map(self, *, draws: bool = False) -> Page:
        """Return the map of the answer, as in ``map.html``.

        Parameters
        ----------
        draws : bool
            Whether the assumptions are drawn as ``[uncertainty]`` of the scenario says, which takes
            longer than all else together; otherwise the map says nothing of classes.
        """
        return Page(self._result(pipeline.MAP if draws else pipeline.SKETCH))

    def write(self, out: Path | str, *, brief: bool = False, report: bool = True) -> Run:
        """Write the files of a run, as `siteopt.run` does; return the run.

        Parameters
        ----------
        out : Path or str
            Folder for the files; files of an earlier run are replaced.
        brief : bool
            Whether plan and ranking are enough: no other plans, no map.
        report : bool
            Whether to typeset ``report.pdf``; a brief run has none.
        """
        folder = Path(out)
        check_folder(folder)
        written = write(self._scheduler, folder, brief=brief, report=report)
        return written_run(folder, written.record, written.files)

    def why(self) -> pd.DataFrame:
        """Return what became of the stages so far: ``stage``, ``ran``, ``why``, ``seconds``."""
        outcomes = self._scheduler.outcomes
        rows = [outcomes[name] for name in self._scheduler.stages if name in outcomes]
        return pd.DataFrame(rows, columns=["stage", "ran", "why", "seconds"])

    def parameters_read(self, stage: str) -> list[str]:
        """Return the keys of the parameters that the result of a stage rests on.

        Parameters
        ----------
        stage : str
            Such as ``options`` or ``portfolio``; it runs where it has to.
        """
        self._result(self._scheduler.stages[stage])
        kinds = ("parameter: ", "parameter row: ")
        read = self._scheduler.reads(stage)
        return sorted({key.split(": ", 1)[1] for key in read if key.startswith(kinds)})

    def _weights(self) -> dict[str, float]:
        return dict(self._scenario.weights) or dict.fromkeys(CRITERION_NAMES, 1.0)

    def _result(self, stage: Stage[T]) -> T:
        if not self._is_sound:
            self._scheduler.keys.check_layers()
            self._is_sound = True
            for check in pipeline.CHECKS:
                self._scheduler.result(check)
        return self._scheduler.result(stage)


register_study_card(Study)
