"""Views of a study for analysts: GeoDataFrames, explanations, plots, and what a notebook shows."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from siteopt._notebook import Card, Shown, shown_by
from siteopt.errors import ScenarioError
from siteopt.grid.new_stations import points_of_stations
from siteopt.lattice import CRS_EPSG
from siteopt.portfolio import Portfolio
from siteopt.report.energy_files import hour_table
from siteopt.report.plots.card import card_of
from siteopt.report.plots.eligibility import draw_eligibility
from siteopt.report.plots.energy import draw_energy
from siteopt.report.plots.robustness import draw_robustness
from siteopt.report.plots.sizes import draw_sizes
from siteopt.report.plots.static_map import draw_map
from siteopt.report.plots.style import (
    axes_of,
    figure_of,
    picture,
    say_nothing,
    styled,
)
from siteopt.report.texts import text
from siteopt.runs import pipeline
from siteopt.runs.results import written_run
from siteopt.screening import Eligibility

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from siteopt.grid import Connections
    from siteopt.layers import Layers
    from siteopt.report.texts import Language
    from siteopt.runs.results import Run
    from siteopt.scenario import Scenario
    from siteopt.stages.scheduler import Scheduler
    from siteopt.stages.stage import Stage

__all__ = ["StudyViews", "register_study_card"]

_NOWHERE: Final = Path("in memory")
_DECIMALS: Final = 1


class StudyViews(Shown):
    """Tables of a study with geometry in EPSG:5179, explanations and pictures."""

    if TYPE_CHECKING:
        _scheduler: Scheduler

        @property
        def scenario(self) -> Scenario:
            """As of the study."""

        @property
        def layers(self) -> Layers:
            """As of the study."""

        @property
        def sites(self) -> gpd.GeoDataFrame:
            """As of the study."""

        @property
        def headroom(self) -> pd.DataFrame:
            """As of the study."""

        @property
        def connections(self) -> Connections:
            """As of the study."""

        @property
        def portfolio(self) -> Portfolio:
            """As of the study."""

        def _result(self, stage: Stage[Any]) -> Any: ...  # noqa: ANN401 - as of the stage

    @property
    def chosen(self) -> gpd.GeoDataFrame:
        """The sites of the plan, EPSG:5179, by ``site_id``: their columns and those of the plan."""
        sites, plan = self.sites, self.portfolio.chosen
        more = [name for name in plan if name == "site_id" or name not in sites]
        found: gpd.GeoDataFrame = sites.merge(plan[more], on="site_id", how="inner")
        return found

    @property
    def routes(self) -> gpd.GeoDataFrame:
        """Lines of the plan's connections, a row a stretch, EPSG:5179.

        ``site_id``, ``option_id``, ``feed`` (2 for a second one), ``stretch``, ``kind``
        (``overhead`` or ``underground``), ``length_km``.
        """
        connections, plan = self.connections, self.portfolio.chosen
        place = {name: row for row, name in enumerate(connections.options["option_id"].astype(str))}
        ids = plan["option_id"].astype(str).tolist()
        found = []
        for feed, routes in ((1, connections.routes), (2, connections.second_routes)):
            second = connections.options["second_station_id"].fillna("").astype(str)
            rows = [place[one] for one in ids if feed == 1 or second.iloc[place[one]]]
            found.append(routes.stretches(rows).assign(feed=feed))
        lines = pd.concat(found, ignore_index=True)
        for name in ("site_id", "option_id"):
            lines[name] = connections.options[name].iloc[lines["row"]].to_numpy()
        order = ["site_id", "option_id", "feed", "stretch", "kind", "length_km", "geometry"]
        lines = lines.sort_values(order[:4], ignore_index=True)[order]
        return gpd.GeoDataFrame(lines, geometry="geometry", crs=CRS_EPSG)

    @property
    def stations(self) -> gpd.GeoDataFrame:
        """Stations with their headroom, EPSG:5179, a row a station and voltage.

        Columns of :attr:`headroom`, the names of the station and its point. Nothing is planned
        for it.
        """
        places = points_of_stations(self.layers)[["name_ko", "name_en", "geometry"]]
        table = self.headroom.assign(station_id=self.headroom["station_id"].astype(str))
        found = table.merge(places, left_on="station_id", right_index=True, how="left")
        return gpd.GeoDataFrame(found, geometry="geometry", crs=CRS_EPSG)

    def as_run(self) -> Run:
        """Return the plan and its ranking as a run that no folder holds.

        Other plans, draws and the map are not in it; :meth:`Study.write` makes all files.
        """
        drawn = self._result(pipeline.FIGURES)
        hashes = {name: sha256(content).hexdigest() for name, content in drawn["files"].items()}
        return written_run(_NOWHERE, drawn["record"] | {"files": hashes}, drawn["files"])

    def explain(self, place: str, language: Language = "en") -> str:
        """Return why a place is in the answer, or why not; the ranking is computed for it.

        Parameters
        ----------
        place : str
            As of :meth:`Run.explain`: a site, a complex or ``LON,LAT``.
        language : {'en', 'ko'}
            English or Korean.

        Raises
        ------
        ScenarioError
            If it is no such place.
        """
        try:
            return self.as_run().explain(place, language)
        except ScenarioError as error:
            told = str(error).replace(f"{_NOWHERE}/ranking.csv", "Study.ranking")
            raise ScenarioError(told) from error

    def plot(self, language: Language | None = None, ax: Axes | None = None) -> Axes:
        """Return matplotlib axes with a static map: candidates, the plan, its lines.

        Parameters
        ----------
        language : {'ko', 'en'}, optional
            Korean by default.
        ax : Axes, optional
            Where to draw; a figure of its own by default.
        """
        spoken, plan = language or "ko", self.portfolio.chosen
        it_mw = plan.set_index("site_id")["it_mw"]
        sites = self.sites.assign(
            chosen=lambda table: table["site_id"].isin(it_mw.index),
            it_mw=lambda table: table["site_id"].map(it_mw),
        )
        title = str(getattr(self.scenario.title, spoken))
        provinces = self.layers.vector("provinces")
        return draw_map(provinces, sites, self.routes, title=title, language=spoken, ax=ax)

    def plot_cost(self, language: Language | None = None, ax: Axes | None = None) -> Axes:
        """Return axes with the discounted cost of the chosen sites by part; the ranking is computed.

        Parameters
        ----------
        language : {'ko', 'en'}, optional
            Korean by default.
        ax : Axes, optional
            Where to draw; a figure of its own by default.
        """
        return self.as_run().plot_cost(language, ax)

    def plot_robustness(self, language: Language | None = None, ax: Axes | None = None) -> Axes:
        """Return axes with the share of draws in whose plan each site is, in percent.

        Draws are made as ``[uncertainty]`` of the scenario says, which can take long; without any
        the axes say so.

        Parameters
        ----------
        language : {'ko', 'en'}, optional
            Korean by default.
        ax : Axes, optional
            Where to draw; a figure of its own by default.
        """
        spoken, found = language or "ko", self._result(pipeline.ROBUSTNESS)
        if found is None:
            return draw_robustness(None, {}, 0.0, language=spoken, ax=ax)
        sites = self.sites
        names = dict(zip(sites["site_id"].astype(str), sites[f"name_{spoken}"], strict=True))
        return draw_robustness(
            found.places, names, found.robust_share_pct, draws=found.solved, language=spoken, ax=ax
        )

    def plot_energy(self, language: Language | None = None, ax: Axes | None = None) -> Axes:
        """Return axes with what serves the load in the least clean week, by the hour, in MW.

        Parameters
        ----------
        language : {'ko', 'en'}, optional
            Korean by default.
        ax : Axes, optional
            Where to draw; a figure of its own by default.
        """
        plan = self._result(pipeline.ENERGY)
        if plan is None:
            return draw_energy(None, 1, language=language, ax=ax)
        return draw_energy(hour_table(plan), plan.worst_week_from_hour, language=language, ax=ax)


def _study_card(study: Any) -> Card:  # noqa: ANN401 - a study
    """Return the plan of a study where it is computed: showing a study computes nothing."""
    spoken: Language = "ko"
    title = str(getattr(study.scenario.title, spoken))
    lines = [repr(study)]
    if pipeline.PORTFOLIO.name not in study.why()["stage"].tolist():
        lines.append(text("plot.not_solved", spoken))
        with styled():
            axes = say_nothing(axes_of(None, (4.0, 1.0)), lines[1:])
        return card_of(title, lines, picture(axes), alt=lines[1], picture_px=100, language=spoken)
    lines += _plan_lines(study.portfolio, spoken)
    return card_of(
        title, lines, picture(study.plot(spoken)), alt=text("plot.map", spoken), picture_px=640,
        language=spoken,
    )  # fmt: skip


def _plan_lines(plan: Portfolio, language: Language) -> list[str]:
    it_mw = float(plan.chosen["it_mw"].sum())
    status = f"{text('plot.status', language)}: {plan.status}, gap {plan.gap:.1e}"
    built = text("plot.built", language, count=len(plan.chosen), it_mw=f"{it_mw:,.0f}")
    return [status, built]


def _portfolio_card(plan: Portfolio) -> Card:
    spoken: Language = "ko"
    table = plan.chosen
    rows: list[Sequence[str]] = [
        [text("plot.site", spoken), "IT MW", "kV", "bn KRW"],
        *(
            [
                str(one.site_id),
                f"{one.it_mw:,.0f}",
                f"{one.voltage_kv:g}",
                f"{one.cost_bn_krw:,.1f}",
            ]
            for one in table.itertuples()
        ),
    ]
    lines = _plan_lines(plan, spoken) + ["  ".join(row) for row in rows]
    axes = draw_sizes(table, language=spoken)
    return card_of(
        text("plot.sizes", spoken), lines, picture(axes), alt=text("plot.sizes", spoken),
        picture_px=int(np.ceil(figure_of(axes).get_figheight() * 100)), language=spoken,
    )  # fmt: skip


def _eligibility_card(found: Eligibility) -> Card:
    spoken: Language = "ko"
    pct = 100.0 * found.eligible_km2 / found.land_km2 if found.land_km2 else 0.0
    head = text("plot.eligible", spoken, km2=f"{found.eligible_km2:,.0f}", pct=f"{pct:.1f}")
    table = found.report()
    rows: list[Sequence[str]] = [
        [text("plot.reason", spoken), text("plot.area", spoken)],
        *(
            [str(getattr(one.title, spoken)), f"{km2:,.{_DECIMALS}f}"]
            for one, km2 in zip(found.exclusions, table["area_km2"], strict=True)
        ),
    ]
    axes = draw_eligibility(found.eligible, found.land, head, language=spoken)
    return card_of(
        text("plot.eligibility", spoken), [head, *("  ".join(row) for row in rows)], picture(axes),
        alt=head, picture_px=560, language=spoken,
    )  # fmt: skip


def register_study_card(kind: type) -> None:
    """Let notebooks show objects of a class of studies, and what a study holds.

    Parameters
    ----------
    kind : type
        A subclass of `StudyViews`.
    """
    shown_by(kind, _study_card)
    shown_by(Portfolio, _portfolio_card)
    shown_by(Eligibility, _eligibility_card)
