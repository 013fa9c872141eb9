"""Validation of the sites that a scenario names against the candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterator

    from siteopt.scenario import BegunSite, SiteRules

__all__ = ["no_connection", "require_candidates"]


def require_candidates(
    rules: SiteRules, there: Collection[str], tiles: Container[str] | None = None
) -> list[str]:
    """Raise an error at the first site that the rules name and that is no candidate.

    Parameters
    ----------
    rules : SiteRules
        Sites that must, cannot be, or are being built.
    there : collection of str
        Ids of candidates.
    tiles : container of str, optional
        Ids of tiles that may become candidates.

    Returns
    -------
    list of str
        The sites that are tiles and may turn out to be none.

    Raises
    ------
    ScenarioError
        If a site is neither.
    """
    known, open_ones = set(there), dict[str, None]()
    for field, name in _named(rules):
        if name in known:
            continue
        if tiles is None or name not in tiles:
            raise ScenarioError(
                f"sites.{field}: {name} is no candidate site; take an id from ranking.csv"
            )
        open_ones[name] = None
    return list(open_ones)


def _named(rules: SiteRules) -> Iterator[tuple[str, str]]:
    yield from (("must", name) for name in rules.must)
    yield from (("must_not", name) for name in rules.must_not)
    yield from (("begun", site.site_id) for site in rules.begun)


def no_connection(site: BegunSite) -> ScenarioError:
    """Return the error of a begun site whose station cannot feed it."""
    return ScenarioError(
        f"sites.begun: {site.site_id} has no connection to station {site.station_id}; take a "
        "station_id of options near it, or leave it out"
    )
