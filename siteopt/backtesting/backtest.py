"""Back-test: a plausibility check of eligibility, cost and suitability against real sites."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.backtesting.by_criterion import blamed, compare_criteria, goodness
from siteopt.backtesting.campuses import (
    campus_numbers,
    check_names,
    numbered_by_row,
    one_row_each,
)
from siteopt.backtesting.candidate_land import CandidateLand, land_of_run, land_of_study
from siteopt.backtesting.percentiles import mid_ranks, percentiles_by_group, weighted_median
from siteopt.backtesting.placement import coordinates, place_sites, with_judged_land
from siteopt.backtesting.shares import MEASURES, count_shares
from siteopt.backtesting.site_list import SiteList, days_of, read_site_list
from siteopt.errors import ScenarioError
from siteopt.runs.results import open_run
from siteopt.runs.study import Study

if TYPE_CHECKING:
    from siteopt.runs.results import Run
    from siteopt.scenario import Scenario

__all__ = ["CAMPUS_KM", "REACH_KM", "Backtest", "backtest", "compare_list"]

CAMPUS_KM: Final = 2.0
"""Rows of a list within so many km are one campus, unless told otherwise."""

REACH_KM: Final = 5.0
"""A site in no tile with a candidate is judged by the nearest one up to so far, unless told
otherwise: about the diagonal of a tile of the ready scenarios."""

_SCENARIO: Final = "national-2035"
_LARGEST_KM: Final = 1000.0
_M_PER_KM: Final = 1000.0


@dataclass(frozen=True, eq=False)
class Backtest:
    """A list of real sites beside the eligible land of a scenario: a plausibility check.

    Attributes
    ----------
    scenario : str
        Name of the scenario.
    file : str
        Name of the list.
    rows : DataFrame
        One row a row of the list: its columns, ``campus``; ``province``, ``district`` and their
        codes; ``in_capital``; ``eligible``, ``reasons``; ``nearest_site``, ``nearest_km``;
        ``candidate``, ``judged_by``, ``candidate_km`` (`siteopt.backtesting.placement`);
        ``bn_krw_per_mw`` and ``suitability`` of the candidate, their ``<measure>_percentile``
        among the eligible land of the country and ``<measure>_percentile_province`` among that of
        the candidate's province (100 is best); ``chosen_site``,
        ``chosen_km``; ``blamed``, ``blamed_points``, ``period`` (``since``, ``before`` or
        empty).
    campuses : DataFrame
        One row a campus, likewise; ``rows`` are its rows of the list.
    shares : DataFrame
        Shares of campuses with exact intervals (`siteopt.backtesting.shares`); campuses in the
        capital region are left out.
    criteria : DataFrame, optional
        Direction and strength of each criterion (`siteopt.backtesting.by_criterion`).
    titles : dict of str to str
        English title of each reason by its id.
    chosen_median_km : float, optional
        Distance of half of the eligible land to the nearest chosen site; None without a plan.
    settings : dict
        ``campus_km``, ``reach_km``, ``since``, ``seed``.
    notes : list of str
        What is odd in the list, a sentence each.
    """

    scenario: str
    file: str
    rows: pd.DataFrame
    campuses: pd.DataFrame
    shares: pd.DataFrame
    criteria: pd.DataFrame | None
    titles: dict[str, str]
    chosen_median_km: float | None
    settings: dict[str, float | str | None]
    notes: list[str]

    @property
    def apart(self) -> pd.DataFrame:
        """Campuses in the capital region, where no candidate site can be: counted apart."""
        return self.campuses[self.campuses["apart"]]

    @property
    def counted(self) -> pd.DataFrame:
        """All other campuses."""
        return self.campuses[~self.campuses["apart"]]

    def __repr__(self) -> str:
        return (
            f"Backtest({self.file} beside {self.scenario}: {len(self.counted)} campuses counted, "
            f"{len(self.apart)} apart)"
        )


def backtest(  # noqa: PLR0913 - each by its name
    sites: Path | str,
    scenario: Scenario | Study | Path | str | None = None,
    *,
    run: Run | Path | str | None = None,
    by_criterion: bool = False,
    plan: bool = True,
    since: str | None = None,
    campus_km: float = CAMPUS_KM,
    reach_km: float = REACH_KM,
    cache: Path | str | None = None,
) -> Backtest:
    """Compare a list of real sites with eligible land: a plausibility check.

    It says where sites of the list fall among the land that the scenario would take, never whether
    the scenario is right: past sites were chosen for other aims, and those that failed are in no
    list.

    Parameters
    ----------
    sites : Path or str
        CSV with ``name``, ``lon``, ``lat`` (EPSG:4326), ``class`` and, where known, ``date``.
    scenario : Scenario, Study, Path or str, optional
        What is decided; ``national-2035`` unless a scenario or a run is given.
    run : Run, Path or str, optional
        A finished run, or its folder, instead of a scenario.
    by_criterion : bool
        Whether direction and strength of each criterion are compared with the list.
    plan : bool
        Whether distances to the chosen sites are given; a scenario's plan is solved for them.
    since : str, optional
        ISO date at which the list is divided.
    campus_km : float
        Rows within so many km, or with the same candidate site, are one campus.
    reach_km : float
        How far the nearest candidate may be that a site outside of all tiles is judged by.
    cache : Path or str, optional
        As of `siteopt.Study`.

    Returns
    -------
    Backtest
        Tables by row, campus, share and criterion.

    Raises
    ------
    ScenarioError, LayerError, LayerFileError
        If the list, the scenario or the run cannot be right; the message names file, row and field.
    InfeasibleError
        If a plan is asked for and none meets the limits.

    Examples
    --------
    >>> import siteopt
    >>> found = siteopt.backtest("sites.csv", "national-2035")  # doctest: +SKIP
    >>> found.shares  # doctest: +SKIP
    """
    if scenario is not None and run is not None:
        raise ScenarioError("both a scenario and a run are given; give one of them")
    listed = read_site_list(Path(sites))
    _check(campus_km, reach_km, since)
    seed = 0
    if run is not None:
        opened = open_run(run) if isinstance(run, Path | str) else run
        land = land_of_run(opened, plan=plan)
        seed = int(opened.record.get("seed", 0))
    else:
        study = (
            scenario if isinstance(scenario, Study) else Study(scenario or _SCENARIO, cache=cache)
        )
        land = land_of_study(study, plan=plan)
        seed = study.scenario.seed
    return compare_list(
        listed, land, by_criterion=by_criterion, since=since, campus_km=campus_km,
        reach_km=reach_km, seed=seed,
    )  # fmt: skip


def compare_list(  # noqa: PLR0913 - each by its name
    sites: SiteList,
    land: CandidateLand,
    *,
    by_criterion: bool = False,
    since: str | None = None,
    campus_km: float = CAMPUS_KM,
    reach_km: float = REACH_KM,
    seed: int = 0,
) -> Backtest:
    """Compare a list that was read with eligible land; parameters as of :func:`backtest`.

    Parameters
    ----------
    sites : SiteList
        The list.
    land : CandidateLand
        Eligible land and candidate sites.
    by_criterion, since, campus_km, reach_km
        As of :func:`backtest`.
    seed : int
        Seed of the bootstrap.
    """
    land = with_judged_land(land, reach_km)
    placed = place_sites(sites, land, reach_km)
    rows = pd.concat([sites.table, placed], axis=1)
    rows["apart"] = rows["in_capital"].astype(bool) & land.capital_apart
    for name, values in _judged(rows["candidate"], land).items():
        rows[name] = values
    names = rows["candidate"].tolist()
    rows = pd.concat([rows, blamed(names, land)], axis=1)
    days = [days_of(when, sites.file) if when else ("", "") for when in rows["date"]]
    rows["first_day"] = [first for first, _ in days]
    rows["period"], notes = _periods(sites, days, since)
    campus = campus_numbers(coordinates(sites), rows["candidate"].to_numpy(dtype=object), campus_km)
    notes = [*sites.notes, *check_names(sites, campus), *notes]
    rows = numbered_by_row(rows.assign(campus=campus))
    campuses = one_row_each(rows)
    counted = campuses[~campuses["apart"]]
    judged = counted.loc[counted["candidate"] != "", "candidate"].tolist()
    return Backtest(
        scenario=land.scenario,
        file=sites.file,
        rows=rows.drop(columns="first_day"),
        campuses=campuses.drop(columns=["first_day", "row"]),
        shares=count_shares(counted, land, since),
        criteria=compare_criteria(judged, land, seed) if by_criterion else None,
        titles=land.titles,
        chosen_median_km=_median_km(land),
        settings={"campus_km": campus_km, "reach_km": reach_km, "since": since, "seed": seed},
        notes=notes,
    )


def _check(campus_km: float, reach_km: float, since: str | None) -> None:
    for name, km in (("campus_km", campus_km), ("reach_km", reach_km)):
        if not (math.isfinite(km) and 0 <= km <= _LARGEST_KM):
            raise ScenarioError(f"{name}: {km:g} km; from 0 to {_LARGEST_KM:g} km can be")
    if since is not None:
        days_of(since, "since")


def _judged(candidate: pd.Series[str], land: CandidateLand) -> pd.DataFrame:
    """Return cost and suitability of each row's candidate, and their percentiles."""
    better, weight_ha = goodness(land), land.weight_ha
    known = land.sites.set_index("site_id")[["bn_krw_per_mw", "suitability"]].copy()
    province = land.sites["province_code"].to_numpy(dtype=object)
    for measure in MEASURES:
        values = better[measure].to_numpy(dtype=np.float64)
        known[f"{measure}_percentile"] = mid_ranks(values, weight_ha)
        known[f"{measure}_percentile_province"] = percentiles_by_group(values, weight_ha, province)
    return known.reindex(candidate.to_numpy(dtype=object)).reset_index(drop=True)


def _periods(
    sites: SiteList, days: list[tuple[str, str]], since: str | None
) -> tuple[list[str], list[str]]:
    """Return the period of each row, and a note for the rows that are in neither."""
    if since is None:
        return [""] * len(days), []
    begin, _ = days_of(since, "since")
    periods = [
        "" if not first else "since" if first >= begin else "before" if last < begin else ""
        for first, last in days
    ]
    lost = [str(row) for row, one in zip(sites.table["row"], periods, strict=True) if not one]
    if not lost:
        return periods, []
    note = (
        f"{sites.file}: rows {', '.join(lost)} have no date, or one that may be on either side of "
        f"{since}; they are in neither period"
    )
    return periods, [note]


def _median_km(land: CandidateLand) -> float | None:
    """Return the distance of half of the eligible land to the nearest chosen site in km."""
    if not land.chosen:
        return None
    places = land.sites[["x_m", "y_m"]].to_numpy(dtype=np.float64)
    chosen = places[land.sites["site_id"].isin(land.chosen).to_numpy()]
    km = np.hypot(*(places[:, None, :] - chosen[None, :, :]).transpose(2, 0, 1)) / _M_PER_KM
    return weighted_median(km.min(axis=1), land.weight_ha)
