"""What makes a site another one than those of a plan: its district, its station, or the site."""

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


__all__ = ["Distinct", "Kind", "distinct_by", "kilometres_apart"]

Kind = Literal["site", "station", "district"]

_SAME: Final[dict[DistinctBy, tuple[Kind, ...]]] = {
    "place": ("district", "station"),
    "district": ("district",),
    "station": ("station", "site"),  # a site at another station is the same site
    "site": ("site",),
}
"""What of a site has to be new, all of it, for the site to be another one."""

_M_PER_KM = 1000.0


@dataclass(frozen=True, eq=False)
class Distinct:
    """The site, station and district of every option, and which of them make a site another one."""

    problem: Problem
    groups: dict[Kind, Ints]
    """(O,) number of the site, station or district of each option."""
    by: DistinctBy

    def of_plan(self, kind: Kind, plan: Plan) -> Ints:
        """Return the sites, stations or districts of a plan, rising."""
        return np.unique(self.groups[kind][self.problem.opened(plan.blocks)])

    def has(self, kind: Kind, plan: Plan) -> Bools:
        """Return which options (O,) are of a site, station or district that a plan has."""
        return np.isin(self.groups[kind], self.of_plan(kind, plan))

    def counts(self, plans: Sequence[Plan]) -> Ints:
        """Return for each option (O,) how many plans make its site none that is new."""
        counts = np.zeros(self.problem.options, dtype=np.int64)
        for plan in plans:
            counts += np.logical_or.reduce([self.has(kind, plan) for kind in _SAME[self.by]])
        return counts

    def shared(self, plan: Plan, counts: Ints | Bools) -> int:
        """Return the counts of the sites of a plan, added up."""
        return int(counts[self.problem.opened(plan.blocks)].sum())

    def same(self, plan: Plan, other: Plan) -> bool:
        """Return whether two plans have the same districts, stations or sites throughout."""
        return all(
            np.array_equal(self.of_plan(kind, plan), self.of_plan(kind, other))
            for kind in _SAME[self.by]
        )


def distinct_by(problem: Problem, districts: Mapping[str, str], by: DistinctBy) -> Distinct:
    """Return site, station and district of the options of a problem.

    Parameters
    ----------
    problem : Problem
        See `build_problem`.
    districts : mapping of str to str
        Code of the district by site id; a site that is not in it is a district of its own.
    by : {'place', 'district', 'station', 'site'}
        What makes a site another one.
    """
    site = problem.option_site
    known = [districts.get(str(name), "") for name in problem.site_id]
    codes = {code: place for place, code in enumerate(sorted(set(known) - {""}))}
    district = np.array([codes.get(code, -1) for code in known], dtype=np.int64)[site]
    level = problem.option_level
    station = np.where(level >= 0, np.append(problem.level_station, -1)[level], -1)
    groups: dict[Kind, Ints] = {
        "site": site,
        "station": _whole(station, site),
        "district": _whole(district, site),
    }
    return Distinct(problem, groups, by)


def _whole(group: Ints, site: Ints) -> Ints:
    """Return groups in which options of no group are grouped by site, beyond all others."""
    return np.where(group >= 0, group, group.max(initial=-1) + 1 + site)


def kilometres_apart(problem: Problem, sites: Ints, others: Ints) -> Floats:
    """Return how far each of some sites is from the nearest of some others."""
    place = np.column_stack([problem.site_x_m, problem.site_y_m])
    if not len(others):
        return np.full(len(sites), np.inf)
    distance, _ = cKDTree(place[others]).query(place[sites])
    return np.asarray(distance, dtype=np.float64) / _M_PER_KM
