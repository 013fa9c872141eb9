"""Input tables of the report: the results of all stages of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from siteopt.layers.protocols import LayersLike
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.report._protocols import (
        AssessmentLike,
        CleanPlanLike,
        CostCurveLike,
        EligibilityLike,
        FurtherLike,
        PlanLike,
        RobustnessLike,
        RoutesLike,
    )
    from siteopt.scenario import Scenario

__all__ = ["GisInputs", "NoPlan", "RunTables"]


@dataclass(frozen=True, slots=True, eq=False)
class GisInputs:
    """What the GIS files show beside what page and tables need.

    Attributes
    ----------
    outlines : GeoDataFrame, optional
        Of :func:`siteopt.sites.outlines.site_outlines`.
    complexes : GeoDataFrame, optional
        Of :func:`siteopt.sites.complexes.judge_complexes`.
    headroom : DataFrame, optional
        Of :func:`siteopt.grid.headroom.station_headroom`.
    clean_zones : dict of str to int, optional
        The zone of clean supply of each bus of the grid case, by ``bus_id``.
    """

    outlines: gpd.GeoDataFrame | None = None
    complexes: gpd.GeoDataFrame | None = None
    headroom: pd.DataFrame | None = None
    clean_zones: dict[str, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class NoPlan:
    """What is known of a run that no plan answers.

    Attributes
    ----------
    scenario : Scenario
        What was asked for.
    layers : LayersLike
        Layers of the run.
    eligibility : EligibilityLike
        Where a data centre may stand, with all reasons.
    phase : str
        Part of the run that found no answer: ``sites``, ``energy`` or ``portfolio``.
    why, why_ko : str
        The diagnosis in English, and as a Korean sentence where there is one.
    sites : int, optional
        Number of candidates, where that is known.
    """

    scenario: Scenario
    layers: LayersLike
    eligibility: EligibilityLike
    phase: str
    why: str
    why_ko: str = ""
    sites: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RunTables:
    """All that a finished run hands to the report.

    Attributes
    ----------
    scenario : Scenario
        The scenario of the run.
    layers : LayersLike
        Layers of the run: the base of the map, and where everything comes from.
    eligibility : EligibilityLike
        Where a data centre may stand, with all reasons.
    sites : GeoDataFrame
        Candidates, EPSG:5179, one row a ``site_id``.
    described : DataFrame
        Criteria, indexed by ``site_id``.
    scores : DataFrame
        ``score_<criterion>`` and ``suitability`` in 0..1, indexed by ``site_id``.
    options : DataFrame
        Costed connection options.
    routes : RoutesLike
        Their routes, in the same order.
    second_routes : RoutesLike, optional
        Those of their second feeds, likewise; none is drawn without.
    plan : PlanLike
        The chosen portfolio.
    ranking : DataFrame
        One row a site: ``rank``, ``tied`` (how many share the rank), ``site_id``, ``chosen``,
        ``proof`` (exact, bounded, impossible, indispensable), ``value_bn_krw`` (chosen: what
        the plan loses without it), ``regret_bn_krw`` (others: what it loses with it),
        ``lower_bn_krw``, ``upper_bn_krw``, ``reason`` (why it is impossible). Where suitability
        is maximised the unit in these names is ``suitable_mw``.
    pv_mwh_per_mw : float, optional
        Discounted IT energy of a MW of IT load over the horizon, in MWh; without it no cost per
        MWh is shown.
    discount_pct : float
        Yearly rate at which costs of later years are discounted to the first year of the plan.
    impact : AssessmentLike, optional
        The grid impact assessment of the sites; not reported without.
    further : FurtherLike, optional
        Other plans, levels of the sites and trade-offs; not reported without.
    energy : CleanPlanLike, optional
        Clean energy of the plan; not reported where none is matched.
    robustness : RobustnessLike, optional
        What is left of the plan when all assumptions move; not reported without draws.
    energy_curve : CostCurveLike, optional
        What each clean share costs; not reported where that is not asked for.
    named_sites : dict
        Ids of the sites that the scenario names by a place, by that place.
    complexes : GeoDataFrame, optional
        Every industrial complex, judged, with the reasons against it; none is told of without.
    problem : Problem, optional
        The program with all limits that plan and ranking met; it is not published without.
    gis : GisInputs, optional
        Outlines, complexes, headroom and clean zones for the GIS files; they are left out without.
    """

    scenario: Scenario
    layers: LayersLike
    eligibility: EligibilityLike
    sites: gpd.GeoDataFrame
    described: pd.DataFrame
    scores: pd.DataFrame
    options: pd.DataFrame
    routes: RoutesLike
    plan: PlanLike
    ranking: pd.DataFrame
    pv_mwh_per_mw: float | None = None
    discount_pct: float = 0.0
    impact: AssessmentLike | None = None
    further: FurtherLike | None = None
    second_routes: RoutesLike | None = None
    energy: CleanPlanLike | None = None
    energy_curve: CostCurveLike | None = None
    robustness: RobustnessLike | None = None
    complexes: gpd.GeoDataFrame | None = None
    problem: Problem | None = None
    gis: GisInputs | None = None
    named_sites: dict[str, list[str]] = field(default_factory=dict)
