"""Structural types of the stage results that the report reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.grid.impact import Scoring
    from siteopt.lattice import Lattice
    from siteopt.scenario import Exclusion
    from siteopt.screening.reason_counts import ReasonCounts

__all__ = [
    "AssessmentLike",
    "CleanPlanLike",
    "CostCurveLike",
    "EligibilityLike",
    "FurtherLike",
    "PlanLike",
    "RoutesLike",
    "ScoresLike",
]


class EligibilityLike(Protocol):
    """The screened country, as the report needs it."""

    @property
    def lattice(self) -> Lattice:
        """Screening grid, EPSG:5179."""
        ...

    @property
    def reasons(self) -> NDArray[np.unsignedinteger[Any]]:
        """Bit i is set where ``exclusions[i]`` excludes the cell."""
        ...

    @property
    def land(self) -> NDArray[np.bool_]:
        """Cells that count as land."""
        ...

    @property
    def exclusions(self) -> tuple[Exclusion, ...]:
        """Reasons in the order of the bits."""
        ...

    @property
    def counts(self) -> ReasonCounts:
        """Land cells by combination of reasons."""
        ...

    @property
    def land_km2(self) -> float:
        """Area of land."""
        ...

    @property
    def eligible_km2(self) -> float:
        """Area of eligible land."""
        ...

    def report(self) -> pd.DataFrame:
        """One row a reason: reason, title_ko, title_en, area_km2, only_km2, land_pct."""
        ...

    def overlap(self) -> pd.DataFrame:
        """Area that each two reasons both exclude, reason ids on both axes."""
        ...


class PlanLike(Protocol):
    """The national portfolio as tables, as the report needs it."""

    @property
    def status(self) -> str:
        """``optimal`` within the requested gap, or ``feasible`` after the time limit."""
        ...

    @property
    def objective(self) -> float:
        """Discounted cost in bn KRW; minus suitable MW where suitability is maximised."""
        ...

    @property
    def bound(self) -> float:
        """Proven bound on the objective of any plan."""
        ...

    @property
    def gap(self) -> float:
        """Relative distance of the two."""
        ...

    @property
    def solver(self) -> str:
        """Name and version."""
        ...

    @property
    def chosen(self) -> pd.DataFrame:
        """One row a chosen site: site_id, option_id, blocks, it_mw, facility_mw, cost_bn_krw."""
        ...

    @property
    def checked_by(self) -> dict[str, Any]:
        """Result of the cross-check of the plan; empty where there was none."""
        ...

    @property
    def steps(self) -> pd.DataFrame:
        """One row a site and year in which blocks begin to run: site_id, option_id, year, opens."""
        ...

    @property
    def limits(self) -> pd.DataFrame:
        """One row a limit: family, limit, used, at_least, at_most, unit, slack, binds."""
        ...

    @property
    def grid_account(self) -> pd.DataFrame | None:
        """What the plan changes in every snapshot of the grid; None where that is off."""
        ...

    @property
    def grid_further(self) -> pd.DataFrame | None:
        """How much more each province can draw beside the plan, and what stops it."""
        ...

    @property
    def energy_bn_krw(self) -> float:
        """What clean energy costs all sites together beside the price in their options."""
        ...

    @property
    def flow_prices(self) -> pd.DataFrame | None:
        """MW of each flow limit that a MW of load at each bus takes: limit, bus_id, price."""
        ...


class RoutesLike(Protocol):
    """Where the lines of the options run, as the report needs it."""

    def stretches(self, rows: Sequence[int], /) -> gpd.GeoDataFrame:
        """Return the lines of some options: row, stretch, kind, length_km; EPSG:5179."""
        ...


class AssessmentLike(Protocol):
    """The grid impact assessment, as the report needs it."""

    @property
    def table(self) -> pd.DataFrame:
        """``impact_*`` columns, indexed by ``site_id``."""
        ...

    @property
    def scoring(self) -> Scoring:
        """The version of the scoring table."""
        ...


class FurtherLike(Protocol):
    """Other plans, levels and trade-offs, as the report needs them."""

    @property
    def alternatives(self) -> pd.DataFrame:
        """One row a plan: within_pct, plan, proof, cost, extra, what it shares, measures."""
        ...

    @property
    def alternative_sites(self) -> pd.DataFrame:
        """One row a plan and site: within_pct, plan, site_id, what the best plan has of it, it_mw."""
        ...

    @property
    def levels(self) -> pd.DataFrame:
        """One row a site: site_id and within_<e>_pct, in all, some or none of the plans."""
        ...

    @property
    def tradeoffs(self) -> pd.DataFrame:
        """One row a point: measure, point, proof, cost_bn_krw, figure, unit, measures."""
        ...

    @property
    def tradeoff_sites(self) -> pd.DataFrame:
        """One row a point and site: measure, point, site_id, it_mw."""
        ...

    @property
    def prices(self) -> pd.DataFrame | None:
        """What one more unit of each limit that binds is worth."""
        ...


class ScoresLike(Protocol):
    """Scores of a match of clean energy to a load."""

    @property
    def hourly_share(self) -> float:
        """Clean share by the hour, 0 to 1."""
        ...

    @property
    def annual_share(self) -> float:
        """Clean share over the year, 0 to 1."""
        ...

    @property
    def load_mwh(self) -> float:
        """Energy of the load a year."""
        ...

    @property
    def used_mwh(self) -> float:
        """What contracts and storage give it."""
        ...

    @property
    def excess_mwh(self) -> float:
        """What they give beyond it."""
        ...

    @property
    def import_mwh(self) -> float:
        """What the grid adds."""
        ...

    @property
    def co2_t(self) -> float:
        """Emissions of the import, tCO2 a year."""
        ...


class CleanPlanLike(Protocol):
    """Clean energy of a plan (`siteopt.energy.clean_plan.CleanPlan`)."""

    @property
    def year(self) -> int:
        """Last year of the plan."""
        ...

    @property
    def load_mw(self) -> float:
        """Mean load of all sites."""
        ...

    @property
    def krw_kwh(self) -> float:
        """What a kWh costs on the mean, carbon included."""
        ...

    @property
    def part_krw_kwh(self) -> dict[str, float]:
        """What that is the sum of."""
        ...

    @property
    def sources(self) -> pd.DataFrame:
        """One row a source that is contracted."""
        ...

    @property
    def atlas(self) -> pd.DataFrame:
        """Means of wind and solar atlases by zone; no rows without them."""
        ...

    @property
    def stock(self) -> pd.DataFrame:
        """What there is by technology and status, and what is contracted."""
        ...

    @property
    def used_up(self) -> list[tuple[str, float]]:
        """Limits and stocks that are used up, with MW."""
        ...

    @property
    def storage_mw(self) -> float:
        """Power of batteries."""
        ...

    @property
    def storage_mwh(self) -> float:
        """Energy of batteries."""
        ...

    @property
    def worst_week_from_hour(self) -> int:
        """First hour of the least clean week, from 1."""
        ...

    @property
    def worst_week_share(self) -> float:
        """Clean share of that week, 0 to 1."""
        ...

    @property
    def hours(self) -> pd.DataFrame:
        """8,760 rows, MW."""
        ...

    @property
    def buses(self) -> pd.DataFrame:
        """Price of a further kWh at each bus."""
        ...

    @property
    def curtailment(self) -> pd.DataFrame:
        """Sun and wind curtailed by hour of typical days, without and with the sites."""
        ...

    @property
    def program(self) -> ScoresLike:
        """Match on the typical days."""
        ...

    @property
    def year_scores(self) -> ScoresLike:
        """Match over all hours of the year."""
        ...


class CostCurveLike(Protocol):
    """Cost of clean energy by clean share (`siteopt.energy.cost_curve.CostCurve`)."""

    @property
    def year(self) -> int:
        """Last year of the plan."""
        ...

    @property
    def load_mw(self) -> float:
        """Mean load of all sites."""
        ...

    @property
    def target_pct(self) -> float:
        """Clean share of the scenario."""
        ...

    @property
    def table(self) -> pd.DataFrame:
        """One row a ``matching`` and ``target_pct``."""
        ...

    @property
    def range(self) -> pd.DataFrame:
        """One row a ``what``, ``side`` and ``target_pct``: the cost at the ends of parameters."""
        ...

    @property
    def stock(self) -> pd.DataFrame:
        """One row a technology: what there is, what is needed, and whether it is scarce."""
        ...


class RobustnessLike(Protocol):
    """Robustness of a plan (`siteopt.robustness.analysis.Robustness`)."""

    @property
    def asked(self) -> int:
        """Draws that were wanted."""
        ...

    @property
    def solved(self) -> int:
        """Draws that were solved in time."""
        ...

    @property
    def planned(self) -> int:
        """Draws that have a plan."""
        ...

    @property
    def robust_share_pct(self) -> float:
        """Least share of the draws of a robust place."""
        ...

    @property
    def fits_pct(self) -> float:
        """Share of the draws in which the plan of the run breaks no limit."""
        ...

    @property
    def classes(self) -> pd.DataFrame:
        """Class and probability by ``site_id``."""
        ...

    @property
    def places(self) -> pd.DataFrame:
        """Class and probability of stations, districts, provinces and sites in some plan."""
        ...

    @property
    def ranks(self) -> pd.DataFrame:
        """Rank acceptability of the shortlist."""
        ...

    @property
    def pairs(self) -> pd.DataFrame:
        """Pairwise winning of the shortlist in percent."""
        ...

    @property
    def risk(self) -> pd.DataFrame:
        """Value at risk."""
        ...

    @property
    def settling(self) -> pd.DataFrame:
        """Convergence."""
        ...

    @property
    def inputs(self) -> pd.DataFrame:
        """Ranges of what is drawn."""
        ...

    @property
    def held(self) -> dict[str, str]:
        """What is not drawn, with the reason."""
        ...

    @property
    def influence(self) -> pd.DataFrame:
        """First-order indices."""
        ...

    @property
    def draws(self) -> pd.DataFrame:
        """One row a draw."""
        ...

    @property
    def overturn(self) -> pd.DataFrame:
        """Thresholds at which sites drop out of the plan or enter it."""
        ...

    @property
    def swaps(self) -> pd.DataFrame:
        """The least change that swaps a site and a rival."""
        ...

    @property
    def pool(self) -> int:
        """Plans that thresholds are read from."""
        ...
