"""Scenario sections of targets and national limits: amounts by year, shares, budgets.

A limit that may change over the years is one number, or a table of numbers by year such as
``{ 2029 = 0, 2032 = 10 }``: each holds from its year on until the next one.
"""

from __future__ import annotations

import itertools
from typing import Annotated, Any, Literal, Self

from pydantic import Field, Tag, field_validator, model_validator

from siteopt.scenario._base import Model, Name
from siteopt.scenario._by_year import (
    KIND,
    ByYear,
    Percent,
    ProvinceCode,
    Year,
    in_year,
    years_named,
)
from siteopt.scenario.frames import is_frame, places_of_frame
from siteopt.scenario.province_groups import ProvinceGroup, with_named_groups

__all__ = [
    "BegunSite",
    "ByYear",
    "Diversity",
    "Percent",
    "ProvinceCode",
    "ProvinceShare",
    "Provinces",
    "SiteRules",
    "Target",
    "Water",
    "in_year",
    "is_whole",
]

_WHOLE_TOLERANCE = 1e-9


def is_whole(ratio: float) -> bool:
    """Return whether a ratio is a whole number but for rounding."""
    return abs(ratio - round(ratio)) <= _WHOLE_TOLERANCE


class Target(Model):
    """How much, and when."""

    it_mw: Annotated[float, Field(gt=0)]
    """National IT load to be sited, in MW."""
    year: Annotated[int, Field(ge=2026, le=2060)]
    """Year in which it runs."""
    works_begin: Year = 2026
    """Year in which permits and works can begin; what takes longer than that is no option."""
    it_mw_by_year: dict[Year, Annotated[float, Field(ge=0)]] = {}
    """IT load that runs in earlier years, in MW, for a plan over several years: every year from
    the first one named to ``year`` is decided, and a year without a number keeps the one before.
    0 is a year in which sites may open and none has to."""
    early_worth_bn_krw_per_mw_year: Annotated[float, Field(ge=0)] = 0.0
    """Worth of a MW of IT load that runs a year before ``year``, in bn KRW, discounted as costs
    are; counts in plans over several years."""

    @model_validator(mode="after")
    def _targets_rise(self) -> Self:
        path = [*sorted(self.it_mw_by_year.items()), (self.year, self.it_mw)]
        for (early, less), (late, more) in itertools.pairwise(path):
            if early >= self.year:
                raise ValueError(
                    f"it_mw_by_year names {early}, which is not before year ({self.year}); the "
                    "target of that year is it_mw"
                )
            if less > more:
                raise ValueError(
                    f"the target must not fall, but {early} has {less:g} MW and {late} {more:g}"
                )
        return self

    @property
    def years(self) -> tuple[int, ...]:
        """Years that are decided, one after the other."""
        return tuple(range(min([*self.it_mw_by_year, self.year]), self.year + 1))

    def it_mw_in(self, year: int) -> float:
        """Return the target of a year in MW.

        Parameters
        ----------
        year : int
            Year of the plan.
        """
        return self.it_mw if year >= self.year else in_year(self.it_mw_by_year, year, 0.0)


class ProvinceShare(Model):
    """Share of the national target in one province."""

    min_pct: ByYear = 0.0
    """At least this share of the target of the year."""
    max_pct: ByYear = 100.0
    """At most this share of the target of the year; ``share_max_pct`` where it is not given."""

    @model_validator(mode="after")
    def _bounds_are_ordered(self) -> Self:
        for year in years_named(self.min_pct, self.max_pct):
            low, high = in_year(self.min_pct, year, 0.0), in_year(self.max_pct, year, 100.0)
            if low > high:
                raise ValueError(f"min_pct ({low:g}) must not exceed max_pct ({high:g})")
        return self


class Provinces(Model):
    """Balance between provinces."""

    count_min: Annotated[int, Field(ge=1, le=17)] = 1
    """Least number of provinces with a site in the last year."""
    share_max_pct: ByYear = 100.0
    """No province has more than this share of the target of the year."""
    shares: dict[ProvinceCode, ProvinceShare] = {}
    """Bounds of single provinces, by two-digit code (MOIS)."""
    groups: dict[Name, ProvinceGroup] = {}
    """Bounds of groups of provinces: ``honam``, ``yeongnam``, ``chungcheong``, ``daegyeong``,
    ``dongnam``, ``gangwon``, ``jeju``, or a name of one's own with a list of ``provinces``."""

    @field_validator("groups", mode="before")
    @classmethod
    def _named_groups_are_known(cls, given: Any) -> Any:  # noqa: ANN401 - not checked yet
        return with_named_groups(given) if isinstance(given, dict) else given

    @model_validator(mode="before")
    @classmethod
    def _common_maximum_holds(cls, given: Any) -> Any:  # noqa: ANN401 - not checked yet
        """Give a share without a maximum of its own the common one: a minimum lifts no cap."""
        if not isinstance(given, dict) or "share_max_pct" not in given:
            return given
        shares = given.get("shares")
        if not isinstance(shares, dict):
            return given
        common = {"max_pct": given["share_max_pct"]}
        filled = {
            code: common | share if isinstance(share, dict) else share
            for code, share in shares.items()
        }
        return given | {"shares": filled}

    @model_validator(mode="after")
    def _minimum_shares_fit(self) -> Self:
        lows = [share.min_pct for share in self.shares.values()]
        for year in years_named(*lows):
            least = sum(in_year(low, year, 0.0) for low in lows)
            if least > 100 + _WHOLE_TOLERANCE:
                raise ValueError(f"min_pct of the shares together are {least:g}, but at most 100")
        return self

    @model_validator(mode="after")
    def _groups_fit_their_provinces(self) -> Self:
        """Refuse groups that no plan can meet beside the bounds of their provinces."""
        shares: list[ProvinceShare | ProvinceGroup] = [*self.shares.values(), *self.groups.values()]
        bounds = [bound for share in shares for bound in (share.min_pct, share.max_pct)]
        for year in years_named(*bounds, self.share_max_pct):
            for name, group in self.groups.items():
                own = [self.bounds_pct(code, year) for code in group.provinces]
                low, high = in_year(group.min_pct, year, 0.0), in_year(group.max_pct, year, 100.0)
                most, least = sum(high for _, high in own), sum(low for low, _ in own)
                if low > most + _WHOLE_TOLERANCE:
                    raise ValueError(
                        f"groups.{name}: min_pct ({low:g}) is more than its provinces may have "
                        f"together ({most:g})"
                    )
                if high < least - _WHOLE_TOLERANCE:
                    raise ValueError(
                        f"groups.{name}: max_pct ({high:g}) is less than its provinces must have "
                        f"together ({least:g})"
                    )
            self._disjoint_minima_fit(year)
        return self

    def _disjoint_minima_fit(self, year: int) -> None:
        """Raise ValueError where minima of groups that share no province are over 100 %."""
        taken: set[str] = set()
        least = 0.0
        minima = {key: in_year(one.min_pct, year, 0.0) for key, one in self.groups.items()}
        for name in sorted(minima, key=lambda key: (-minima[key], key)):
            provinces = set(self.groups[name].provinces)
            if not taken & provinces:
                taken |= provinces
                least += minima[name]
        if least > 100 + _WHOLE_TOLERANCE:
            raise ValueError(f"min_pct of the groups together are {least:g}, but at most 100")

    def bounds_pct(self, code: str, year: int) -> tuple[float, float]:
        """Return the least and the largest share of the target in a province and year.

        Parameters
        ----------
        code : str
            Province code.
        year : int
            Year of the plan.
        """
        share = self.shares.get(code)
        if share is None:
            return 0.0, in_year(self.share_max_pct, year, 100.0)
        return in_year(share.min_pct, year, 0.0), in_year(share.max_pct, year, 100.0)


class Diversity(Model):
    """How much the loss of one place may take away.

    A maximum of 30 % means: whichever station, province or basin is lost, sites for 70 % of the
    target of the year still run.
    """

    station_max_pct: ByYear = 100.0
    """No station feeds more than this share of the target of the year."""
    province_max_pct: ByYear = 100.0
    """No province has more than this share of the target of the year."""
    basin_max_pct: ByYear = 100.0
    """No river basin waters more than this share of the target of the year."""


class Water(Model):
    """How much water of a basin the sites may take."""

    basin_share_pct: Annotated[
        Annotated[float, Field(gt=0, le=100), Tag("[number]")]
        | Annotated[dict[Year, Percent], Tag("[years]")],
        KIND,
    ] = 1.0
    """Share of a basin's dependable supply that is open to data centres."""
    cooling: Literal["evaporative", "dry", "liquid"] = "evaporative"
    """How the halls are cooled, which decides PUE and water (WUE) by place: ``evaporative`` (towers
    and chillers, by wet bulb), ``dry`` (air-cooled chillers, nearly no water, more electricity;
    ``closed`` is its old name) or ``liquid`` (warm water from the chips to dry coolers, only the
    rest of the heat by towers)."""

    @field_validator("cooling", mode="before")
    @classmethod
    def _old_name_of_dry(cls, given: object) -> object:
        return "dry" if given == "closed" else given


class BegunSite(Model):
    """A site that is under construction: it is built in any case."""

    site_id: str
    """Candidate site, by the id that ``ranking.csv`` has for it."""
    it_mw: Annotated[float, Field(gt=0)]
    """IT load with which it opens, in MW; more may follow."""
    year: Year
    """Year in which it opens; one before the first year of the plan is taken as that."""
    station_id: str | None = None
    """Station that feeds it; whichever is best where it is not known."""


class SiteRules(Model):
    """What is decided of single sites beforehand."""

    must: list[str] = []
    """Candidate sites that have to be chosen: an id of ``ranking.csv``, the name of a candidate or
    complex, a district with one candidate, ``LON,LAT`` in degrees or metres of EPSG:5179."""
    must_not: list[str] = []
    """Candidate sites that cannot be chosen, named likewise; a district or province means all of
    its candidates."""
    begun: list[BegunSite] = []
    """Sites under construction."""

    @field_validator("must", "must_not", mode="before")
    @classmethod
    def _frame_is_a_list(cls, given: Any) -> Any:  # noqa: ANN401 - not checked yet
        return places_of_frame(given) if is_frame(given) else given

    @model_validator(mode="after")
    def _rules_do_not_clash(self) -> Self:
        names = [site.site_id for site in self.begun]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"begun names site {name} twice; name it once")
        for name in sorted({*self.must, *names} & set(self.must_not)):
            raise ValueError(f"site {name} is in must_not and has to be built; take it out of one")
        return self
