"""Distinctness of sites between plans: by district, by station or by the site itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from siteopt._arrays import Bools, Floats, Ints
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.plan import Plan
    from siteopt.scenario.alternatives import DistinctBy


__all__ = ["Distinctness", "Kind", "distinct_by", "nearest_km"]

Kind = Literal["site", "station", "district"]

_CRITERIA: Final[dict[DistinctBy, tuple[Kind, ...]]] = {
    "place": ("district", "station"),
    "district": ("district",),
    "station": ("station", "site"),  # a site at another station is the same site
    "site": ("site",),
}
"""Attributes in which a site must differ from all sites of a plan to be distinct from it."""

_M_PER_KM = 1000.0


@dataclass(frozen=True, eq=False)
class Distinctness:
    """Site, station and district of every option, and the distinctness criterion."""

    problem: Problem
    groups: dict[Kind, Ints]
    """(O,) number of the site, station or district of each option."""
    by: DistinctBy

    def of_plan(self, kind: Kind, plan: Plan) -> Ints:
        """Return the sites, stations or districts of a plan, rising.

        Parameters
        ----------
        kind : Kind
            Attribute of a site.
        plan : Plan
            A plan.
        """
        return np.unique(self.groups[kind][self.problem.opened(plan.blocks)])

    def uses(self, kind: Kind, plan: Plan) -> Bools:
        """Return which options (O,) are of a site, station or district that a plan has.

        Parameters
        ----------
        kind : Kind
            Attribute of a site.
        plan : Plan
            A plan.
        """
        return np.isin(self.groups[kind], self.of_plan(kind, plan))

    def counts(self, plans: Sequence[Plan]) -> Ints:
        """Return for each option (O,) the number of plans from which its site is not distinct.

        Parameters
        ----------
        plans : sequence of Plan
            Known plans.
        """
        counts = np.zeros(self.problem.options, dtype=np.int64)
        for plan in plans:
            counts += np.logical_or.reduce([self.uses(kind, plan) for kind in _CRITERIA[self.by]])
        return counts

    def shared(self, plan: Plan, counts: Ints | Bools) -> int:
        """Return the sum of the counts over the sites of a plan.

        Parameters
        ----------
        plan : Plan
            A plan.
        counts : ndarray
            Counts by option, shape (O,).
        """
        return int(counts[self.problem.opened(plan.blocks)].sum())

    def same(self, plan: Plan, other: Plan) -> bool:
        """Return whether two plans have the same districts, stations or sites throughout."""
        return all(
            np.array_equal(self.of_plan(kind, plan), self.of_plan(kind, other))
            for kind in _CRITERIA[self.by]
        )


def distinct_by(problem: Problem, districts: Mapping[str, str], by: DistinctBy) -> Distinctness:
    """Return the distinctness of the options of a problem.

    Parameters
    ----------
    problem : Problem
        See `build_problem`.
    districts : mapping of str to str
        Code of the district by site id; a site that is not in it is a district of its own.
    by : {'place', 'district', 'station', 'site'}
        Distinctness criterion (scenario key ``alternatives.distinct_by``).
    """
    site = problem.option_site
    known = [districts.get(str(name), "") for name in problem.site_id]
    codes = {code: place for place, code in enumerate(sorted(set(known) - {""}))}
    district = np.array([codes.get(code, -1) for code in known], dtype=np.int64)[site]
    level = problem.option_level
    station = np.where(level >= 0, np.append(problem.level_station, -1)[level], -1)
    groups: dict[Kind, Ints] = {
        "site": site,
        "station": _with_singletons(station, site),
        "district": _with_singletons(district, site),
    }
    return Distinctness(problem, groups, by)


def _with_singletons(group: Ints, site: Ints) -> Ints:
    """Return groups in which options of no group are grouped by site, beyond all others."""
    return np.where(group >= 0, group, group.max(initial=-1) + 1 + site)


def nearest_km(problem: Problem, sites: Ints, others: Ints) -> Floats:
    """Return the distance in km from each site to the nearest of the others, inf without others.

    Parameters
    ----------
    problem : Problem
        Coordinates of its sites are metres in EPSG:5179.
    sites, others : ndarray of int64
        Indices of sites.
    """
    place = np.column_stack([problem.site_x_m, problem.site_y_m])
    if not len(others):
        return np.full(len(sites), np.inf)
    distance, _ = cKDTree(place[others]).query(place[sites])
    return np.asarray(distance, dtype=np.float64) / _M_PER_KM
