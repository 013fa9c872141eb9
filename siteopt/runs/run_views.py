"""Views of a finished run for analysts: GeoDataFrames, plots, and what a notebook shows."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from siteopt._file_names import (
    ENERGY,
    ENERGY_HOURS,
    MAP,
    OPTIONS,
    ROBUSTNESS,
    ROBUSTNESS_PLACES,
    SITES,
)
from siteopt._files import named_files
from siteopt._notebook import Card, Shown, shown_by

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes

    from siteopt.report.texts import Language
    from siteopt.runs.page import Page

__all__ = ["RunViews", "register_card"]


class RunViews(Shown):
    """Tables of a run with geometry in EPSG:5179, and its pictures."""

    if TYPE_CHECKING:
        folder: Path
        record: dict[str, Any]
        portfolio: dict[str, Any]

        @cached_property
        def ranking(self) -> pd.DataFrame:
            """As of the run."""

        @property
        def map_path(self) -> Path:
            """As of the run."""

        def content(self, name: str) -> bytes:
            """As of the run."""

        def summary(self) -> str:
            """As of the run."""

    @cached_property
    def sites(self) -> gpd.GeoDataFrame:
        """All candidates, best first: the columns of ``ranking.csv`` and a point, EPSG:5179."""
        from siteopt.runs.frames import site_points  # noqa: PLC0415 - opening a run needs no tables

        return site_points(self.ranking)

    @property
    def chosen(self) -> gpd.GeoDataFrame:
        """The sites of the plan, best first: those rows of :attr:`sites`."""
        sites = self.sites
        found: gpd.GeoDataFrame = sites[sites["chosen"].astype(bool)].reset_index(drop=True)
        return found

    @cached_property
    def options(self) -> gpd.GeoDataFrame:
        """Connection options: the columns of ``options.csv`` and the point of the site, EPSG:5179.

        A brief run has none.
        """
        from siteopt.runs.frames import option_points  # noqa: PLC0415

        return option_points(self.content(OPTIONS))

    @cached_property
    def routes(self) -> gpd.GeoDataFrame:
        """Lines of the connection that each site is ranked with, a row a stretch, EPSG:5179.

        ``site_id``, ``rank``, ``chosen``, ``option_id``, ``feed``, ``station_id``,
        ``voltage_kv``, ``stretch``, ``kind`` (``overhead`` or ``underground``), ``length_km``. A
        brief run has none.
        """
        from siteopt.runs.frames import route_lines  # noqa: PLC0415

        return route_lines(self.folder / SITES)

    @cached_property
    def stations(self) -> gpd.GeoDataFrame:
        """Stations that serve some site, EPSG:5179, a row a station and voltage.

        ``station_id``, ``station_kv``, ``name_ko``, ``name_en``, ``headroom_mw`` (a model estimate
        or a published cap), ``available_mw`` with the plan's works, ``used_mw`` by the plan,
        ``sites`` that have an option there, ``area_id``; the point is that of the files, else where lines to it end. A
        brief run has none.
        """
        from siteopt.runs.frames import fed_stations, station_points  # noqa: PLC0415

        options, routes, places = self.options, self.routes, station_points(self.folder / SITES)
        return fed_stations(self.ranking, options, routes, self.portfolio["limits"], places)

    def explore(self) -> Page:
        """Return the map of the run, as a notebook shows it; a brief run has none."""
        from siteopt.runs.page import Page  # noqa: PLC0415 - opening a run needs no page

        return Page(self.content(MAP).decode())

    def plot(self, language: Language | None = None, ax: Axes | None = None) -> Axes:
        """Return matplotlib axes with a static map: candidates, the plan, its lines.

        Parameters
        ----------
        language : {'ko', 'en'}, optional
            Korean by default.
        ax : Axes, optional
            Where to draw; a figure of its own by default.
        """
        from siteopt.layers import open_layers  # noqa: PLC0415
        from siteopt.report.plots.static_map import draw_map  # noqa: PLC0415

        spoken = language or "ko"
        routes = self.routes if SITES in named_files(self.record) else None
        if routes is not None:
            routes = routes[routes["chosen"].astype(bool)]
        title = str(self.portfolio["title"][spoken])
        provinces = open_layers().vector("provinces")
        return draw_map(provinces, self.sites, routes, title=title, language=spoken, ax=ax)

    def plot_cost(self, language: Language | None = None, ax: Axes | None = None) -> Axes:
        """Return axes with the discounted cost of the chosen sites by part, in bn KRW.

        Parameters
        ----------
        language : {'ko', 'en'}, optional
            Korean by default.
        ax : Axes, optional
            Where to draw; a figure of its own by default.
        """
        from siteopt.report.plots.cost import draw_cost  # noqa: PLC0415

        return draw_cost(self.chosen, language=language, ax=ax)

    def plot_robustness(self, language: Language | None = None, ax: Axes | None = None) -> Axes:
        """Return axes with the share of draws in whose plan each site is, in percent.

        Parameters
        ----------
        language : {'ko', 'en'}, optional
            Korean by default.
        ax : Axes, optional
            Where to draw; a figure of its own by default.
        """
        from siteopt._csv import read_csv  # noqa: PLC0415
        from siteopt.report.plots.robustness import draw_robustness  # noqa: PLC0415

        spoken = language or "ko"
        if ROBUSTNESS_PLACES not in named_files(self.record):
            return draw_robustness(None, {}, 0.0, language=spoken, ax=ax)
        told = json.loads(self.content(ROBUSTNESS))
        places = read_csv(self.content(ROBUSTNESS_PLACES), {"place": "string"})
        names = dict(zip(self.ranking["site_id"], self.ranking[f"name_{spoken}"], strict=True))
        return draw_robustness(
            places, names, told["robust_share_pct"], draws=told["draws"]["solved"],
            language=spoken, ax=ax,
        )  # fmt: skip

    def plot_energy(self, language: Language | None = None, ax: Axes | None = None) -> Axes:
        """Return axes with what serves the load in the least clean week, by the hour, in MW.

        Parameters
        ----------
        language : {'ko', 'en'}, optional
            Korean by default.
        ax : Axes, optional
            Where to draw; a figure of its own by default.
        """
        from siteopt._csv import read_csv  # noqa: PLC0415
        from siteopt.report.plots.energy import draw_energy  # noqa: PLC0415

        if ENERGY_HOURS not in named_files(self.record):
            return draw_energy(None, 1, language=language, ax=ax)
        first = json.loads(self.content(ENERGY))["worst_week"]["from_hour"]
        hours = read_csv(self.content(ENERGY_HOURS))
        return draw_energy(hours, int(first), language=language, ax=ax)


def _card(run: Any) -> Card:  # noqa: ANN401 - a run
    from siteopt.report.plots.card import card_of  # noqa: PLC0415
    from siteopt.report.plots.style import picture  # noqa: PLC0415
    from siteopt.report.texts import text  # noqa: PLC0415

    spoken: Language = "ko"
    return card_of(
        str(run.portfolio["title"][spoken]), run.summary().splitlines(), picture(run.plot(spoken)),
        alt=text("plot.map", spoken), picture_px=640, language=spoken,
    )  # fmt: skip


def register_card(kind: type) -> None:
    """Let notebooks show objects of a class of runs.

    Parameters
    ----------
    kind : type
        A subclass of `RunViews`.
    """
    shown_by(kind, _card)
