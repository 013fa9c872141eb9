"""Every plan of a small case, listed one by one.

The listing reads the raw tables and the scenario alone: it shares no line with the package, so
where both agree, both read the question in the same way.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from tests.portfolio.instances import Case

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Choice = dict[str, Any]

_SLACK = 1e-6
_TOUCH_KM = 1e-6


@dataclass(frozen=True, eq=False)
class Plans:
    """All plans of a case that single sites allow, and which limits each of them meets."""

    worth: Floats
    """(N,) objective."""
    option: NDArray[np.object_]
    """(S, N) option built at each site, '' for none."""
    path_mw: Floats
    """(Y, S, N) load of each site in each year."""
    meets: dict[str, Bools] = field(default_factory=dict)
    """(N,) by family."""
    load_mw: dict[str, Floats] = field(default_factory=dict)
    """(N,) contract power by bus in the last year."""
    largest_pays: Bools = field(default_factory=lambda: np.ones((), dtype=np.bool_))
    """(N,) whether at every station level that gets banks none draws more than who pays."""

    @property
    def it_mw(self) -> Floats:
        """(S, N) load of each site in the last year."""
        last: Floats = self.path_mw[-1]
        return last

    @property
    def step_mw(self) -> Floats:
        """(Y, S, N) load that begins to run at each site in each year."""
        return np.diff(self.path_mw, axis=0, prepend=0.0)

    @property
    def good(self) -> Bools:
        """(N,) whether all limits are met."""
        return np.logical_and.reduce([*self.meets.values()])

    def best(
        self,
        *,
        ignoring: Sequence[str] = (),
        among: Bools | None = None,
        with_site: int | None = None,
        without_site: int | None = None,
        with_option: str | None = None,
    ) -> float:
        """Return the objective of the best plan, inf where there is none."""
        good = np.ones(len(self.worth), dtype=np.bool_) if among is None else among.copy()
        for name, met in self.meets.items():
            if name not in ignoring:
                good &= met
        if with_site is not None:
            good &= self.it_mw[with_site] > 0
        if without_site is not None:
            good &= self.it_mw[without_site] == 0
        if with_option is not None:
            good &= (self.option == with_option).any(axis=0)
        return float(self.worth[good].min(initial=np.inf))

    def has_step(self, option: str, year: int, *, opens: bool = False) -> Bools:
        """Return which plans have load of an option begin in a year (an index), or open by it."""
        begins = self.step_mw[year] > 0
        if opens and year:
            begins &= self.path_mw[year - 1] == 0
        found: Bools = ((self.option == option) & begins).any(axis=0)
        return found


@dataclass(frozen=True, eq=False)
class _Table:
    """All combinations of the choices of single sites."""

    case: Case
    choices: list[list[Choice]]
    grid: NDArray[np.int64]

    @property
    def years(self) -> range:
        """Indices of the years."""
        return range(len(self.case.scenario.target.years))

    def each(self, value: Callable[[Choice], Any], kind: type = float) -> NDArray[Any]:
        """Return a figure of what every site has in every plan."""
        return np.array(
            [
                np.array([value(choice) for choice in site], dtype=kind)[self.grid[number]]
                for number, site in enumerate(self.choices)
            ]
        )

    def total(self, value: Callable[[Choice], float]) -> Floats:
        """Return the sum of a figure over the sites of every plan."""
        return np.asarray(self.each(value).sum(axis=0), dtype=np.float64)

    def every(self) -> Bools:
        """Return a limit that every plan meets."""
        return np.ones(self.grid.shape[1], dtype=np.bool_)


def all_plans(case: Case) -> Plans:
    """Return every way to build nothing or one option, from a year on, at every site."""
    asked = case.scenario
    choices = _choices(case)
    grid = np.indices([len(site) for site in choices]).reshape(len(choices), -1)
    table = _Table(case, choices, grid)
    plans = Plans(
        table.total(lambda c: _cost(case, c)),
        table.each(lambda c: c["option_id"], object),
        np.array([table.each(lambda c, t=t: c["path"][t]) for t in table.years]),
        largest_pays=_largest_pays(table),
    )
    for bus in case.buses:
        plans.load_mw[bus] = table.total(
            lambda c, bus=bus: c["pue"] * c["path"][-1] if c["bus_id"] == bus else 0.0
        )
    plans.meets["target"] = _target(table, plans.path_mw.sum(axis=1))
    plans.meets["stations"] = _stations(table)
    plans.meets["upgrades"] = _one_pays(table)
    plans.meets["flows"] = _flows(table)
    plans.meets["provinces"] = _provinces(table)
    plans.meets["basins"] = _basins(table)
    plans.meets["diversity"] = _diversity(table)
    plans.meets["budget"] = _budgets(table)
    plans.meets["rules"] = table.every()
    named = [*asked.sites.must, *(site.site_id for site in asked.sites.begun)]
    for place, name in enumerate(case.sites["site_id"]):
        if name in named:
            plans.meets["rules"] &= plans.it_mw[place] > 0
        if name in asked.sites.must_not:
            plans.meets["rules"] &= plans.it_mw[place] == 0
    plans.meets["spacing"] = _spaced(case, plans.it_mw)
    return plans


def _value_in(value: float | Mapping[int, float], year: int) -> float:
    """Return what a limit that may be given by year is in a year; 0 before the first."""
    if not hasattr(value, "items"):
        return float(value)
    held = 0.0
    for since, amount in sorted(value.items()):
        if since <= year:
            held = float(amount)
    return held


def _most_in(value: float | Mapping[int, float], year: int) -> float:
    """Return a largest share in a year; all of it before the first year that is given."""
    if hasattr(value, "items") and year < min(value, default=year + 1):
        return 100.0
    return _value_in(value, year)


def _target_in(case: Case, year: int) -> float:
    target = case.scenario.target
    return target.it_mw if year == target.year else _value_in(target.it_mw_by_year, year)


def _years(case: Case) -> list[int]:
    target = case.scenario.target
    return list(range(min([*target.it_mw_by_year, target.year]), target.year + 1))


def _begun(case: Case, site: str) -> tuple[float, int, str | None] | None:
    """Return load, year (an index) and station of a site under construction."""
    for begun in case.scenario.sites.begun:
        if begun.site_id == site:
            return begun.it_mw, max(begun.year - _years(case)[0], 0), begun.station_id
    return None


def _choices(case: Case) -> list[list[Choice]]:
    """Return for each site nothing, and every option and course that the site alone allows."""
    facts = case.described.to_dict("index")
    places = {row["site_id"]: row | facts[row["site_id"]] for row in case.sites.to_dict("records")}
    nothing: Choice = dict.fromkeys(
        [*case.options.columns, *case.sites.columns, *case.described.columns], 0.0
    ) | {"option_id": "", "path": (0.0,) * len(_years(case)), "begun_mw": 0.0}
    found = {name: [nothing] for name in places}
    for option in case.options.to_dict("records"):
        place = places[option["site_id"]]
        begun = _begun(case, option["site_id"])
        paid = 0.0 if begun is None else begun[0]
        found[option["site_id"]].extend(
            {**option, **place, "path": path, "begun_mw": paid}
            for path in _paths(case, option, place, begun)
        )
    return list(found.values())


def _paths(
    case: Case,
    option: Choice,
    place: Choice,
    begun: tuple[float, int, str | None] | None,
) -> list[tuple[float, ...]]:
    """Return every course of load over the years that an option of a site allows."""
    build, years = case.scenario.build, _years(case)
    there_is = [year - case.scenario.target.works_begin for year in years]
    loads = build.block_mw * np.arange(0, 1 + int(build.it_max_mw / build.block_mw))
    grows = build.grows and len(years) > 1
    found = []
    for path in itertools.product(loads, repeat=len(years)):
        rises = np.diff(path, prepend=0.0)
        if (rises < 0).any() or not path[-1] or (not grows and (rises > 0).sum() > 1):
            continue
        opens = int(np.flatnonzero(rises)[0])
        opening, last = path[opens], path[-1]
        if begun is None:
            if opening < build.it_min_mw or option["lead_time_years"] > there_is[opens]:
                continue
        else:
            load, year, station = begun
            if opening < load or opens != year or station not in (None, option["station_id"]):
                continue
        if last > min(place["it_max_mw"], build.it_max_mw):
            continue
        if option["facility_min_mw"] < opening * place["pue"] and (
            last * place["pue"] <= option["facility_max_mw"]
        ):
            found.append(path)
    return found


def _opens(choice: Choice) -> int:
    """Return the year (an index) in which a choice opens its site, -1 where it does not."""
    return next((year for year, load in enumerate(choice["path"]) if load), -1)


def _cost(case: Case, choice: Choice) -> float:
    objective = case.scenario.objective
    if objective.kind == "suitability":
        return float(-choice["suitability"] * choice["path"][-1])
    factor = 1 / (1 + case.discount_pct / 100)
    price = objective.suitability_price_bn_krw_per_mw * (1 - choice["suitability"])
    cost, before, opens = 0.0, 0.0, _opens(choice)
    for year, load in enumerate(choice["path"]):
        part = (choice["per_mw_bn_krw"] + price) * (load - before)
        cost += (part + (choice["fixed_bn_krw"] if year == opens else 0.0)) * factor**year
        before = load
    return float(cost)


def _capital(choice: Choice, year: int) -> float:
    """Return the capital that a choice needs in a year; what has begun is paid for."""
    before = choice["path"][year - 1] if year else 0.0
    each, added = choice["capital_per_mw_bn_krw"], choice["path"][year] - before
    if year != _opens(choice):
        return float(each * added)
    if choice["begun_mw"]:
        return float(each * (added - choice["begun_mw"]))
    return float(choice["capital_fixed_bn_krw"] + each * added)


def _target(table: _Table, reached: Floats) -> Bools:
    met = table.every()
    for t, year in enumerate(_years(table.case)):
        met &= reached[t] > _target_in(table.case, year) - _SLACK
    if table.case.scenario.objective.kind == "suitability":
        met &= reached[-1] < table.case.scenario.target.it_mw + _SLACK
    return met


def _rooms(case: Case, year: int) -> dict[tuple[str, float], float]:
    """Return the headroom of every station level in a year."""
    known = case.headroom
    last = case.scenario.target.year
    if "year" in known:
        known = known[known["year"] <= last].sort_values("year")
    found: dict[tuple[str, float], float] = {}
    for row in known.to_dict("records"):
        at = (row["station_id"], row["voltage_kv"])
        found.setdefault(at, 0.0)
        if row.get("year", year) <= year:
            found[at] = row["headroom_mw"]
    return found


def _stations(table: _Table) -> Bools:
    """Return which plans keep to the headroom of levels and, where it has several, stations."""
    met = table.every()
    for t, year in enumerate(_years(table.case)):
        rooms = _rooms(table.case, year)
        for at in _levels(table.case):
            here = table.total(_where(lambda c, t=t: c["pue"] * c["path"][t], *at))
            # Banks are there from the year on in which the site that pays for them opens.
            added = table.total(_where(lambda c, t=t: c["relief_mw"] if c["path"][t] else 0.0, *at))
            met &= here <= rooms.get(at, 0.0) + added + _SLACK
        for station in {name for name, _ in rooms}:
            levels = [room for (name, _), room in rooms.items() if name == station]
            if len(levels) > 1:
                here = table.total(
                    lambda c, s=station, t=t: (
                        c["pue"] * c["path"][t] if c["station_id"] == s else 0.0
                    )
                )
                met &= here <= max(levels) + _SLACK
        met &= _in_areas(table, t)
    return met


def _in_areas(table: _Table, t: int) -> Bools:
    """Return which plans keep to the figures that the levels of areas share, in a year."""
    met, headroom = table.every(), table.case.headroom
    if "area_id" not in headroom:
        return met
    for area, rows in headroom[headroom["area_id"] != ""].groupby("area_id"):
        inside = set(zip(rows["station_id"], rows["voltage_kv"], strict=True))
        assert area

        def in_area(value, inside=inside):
            return lambda c: value(c) if (c["station_id"], c["station_kv"]) in inside else 0.0

        here = table.total(in_area(lambda c, t=t: c["pue"] * c["path"][t]))
        added = table.total(in_area(lambda c, t=t: c["relief_mw"] if c["path"][t] else 0.0))
        met &= here <= rows["published_mw"].max() + added + _SLACK
    return met


def _levels(case: Case) -> list[tuple[str, float]]:
    named = case.options[["station_id", "station_kv"]].drop_duplicates()
    return [(str(station), float(kv)) for station, kv in named.itertuples(index=False)]


def _where(value: Callable[[Choice], float], station: str, kv: float) -> Callable[[Choice], float]:
    """Return a figure of what is built at a station level, 0 elsewhere."""
    return lambda c: value(c) if (c["station_id"], c["station_kv"]) == (station, kv) else 0.0


def _one_pays(table: _Table) -> Bools:
    """Return in which plans at most one option of each level pays for new banks."""
    met = table.every()
    for at in _levels(table.case):
        met &= table.total(_where(lambda c: float(c["banks"] > 0), *at)) < 2
    return met


def _largest_pays(table: _Table) -> Bools:
    """Return in which plans who pays for the banks of a level draws the most there.

    In a plan of one year that is one way to write any choice of banks; over several years who
    pays has to be there when the banks are, so that it may be a smaller one.
    """
    met = table.every()
    if not table.case.options["banks"].any() or len(table.years) > 1:
        return met
    for at in _levels(table.case):
        drawn = table.each(_where(lambda c: c["pue"] * c["path"][-1], *at))
        banks = table.each(_where(lambda c: c["banks"], *at))
        payer = np.where(banks > 0, drawn, -np.inf).max(axis=0)
        met &= (payer == -np.inf) | (payer >= drawn.max(axis=0) - _SLACK)
    return met


def _flows(table: _Table) -> Bools:
    met = table.every()
    for flow in table.case.flows:
        t = table.years[-1] if flow.year is None else _years(table.case).index(flow.year)
        taken = table.total(
            lambda c, flow=flow, t=t: flow.price.get(c["bus_id"], 0.0) * c["pue"] * c["path"][t]
        )
        met &= taken <= flow.most_mw + _SLACK
    return met


def _provinces(table: _Table) -> Bools:
    case = table.case
    asked, diversity = case.scenario.provinces, case.scenario.diversity
    met = table.every()
    present: Any = 0
    for code in sorted({*case.sites["province_code"], *asked.shares}):
        named = asked.shares.get(code)
        for t, year in enumerate(_years(case)):
            load = table.total(
                lambda c, code=code, t=t: c["path"][t] if c["province_code"] == code else 0.0
            )
            target = _target_in(case, year)
            low = _value_in(named.min_pct, year) if named else 0.0
            high = _most_in(named.max_pct if named else asked.share_max_pct, year)
            # All of an early target is no limit on what is built ahead of it.
            most = target * high / 100 if high < 100 else case.scenario.target.it_mw
            met &= (load >= target * low / 100 - _SLACK) & (load <= most + _SLACK)
            lost = _most_in(diversity.province_max_pct, year)
            met &= (lost >= 100) | (load <= target * lost / 100 + _SLACK)
        present = present + (load > 0)
    return np.asarray(met & (present >= asked.count_min))


def _basins(table: _Table) -> Bools:
    case, met = table.case, table.every()
    for basin in set(case.described["basin_id"]):
        supply = case.basins.loc[case.basins["basin_id"] == basin, "supply_m3_day"].sum()
        for t, year in enumerate(_years(case)):
            water = table.total(
                lambda c, basin=basin, t=t: (
                    c["water_m3_day_per_mw"] * c["path"][t] if c["basin_id"] == basin else 0.0
                )
            )
            share = _value_in(case.scenario.water.basin_share_pct, year)
            met &= water <= supply * share / 100 + _SLACK
    return met


def _diversity(table: _Table) -> Bools:
    case, met = table.case, table.every()
    asked = case.scenario.diversity
    for column, names, share in (
        ("station_id", set(case.options["station_id"]), asked.station_max_pct),
        ("basin_id", set(case.described["basin_id"]), asked.basin_max_pct),
    ):
        for name, (t, year) in itertools.product(sorted(names), enumerate(_years(case))):
            pct = _most_in(share, year)
            if pct < 100:
                load = table.total(
                    lambda c, column=column, name=name, t=t: (
                        c["path"][t] if c[column] == name else 0.0
                    )
                )
                met &= load <= _target_in(case, year) * pct / 100 + _SLACK
    return met


def _budgets(table: _Table) -> Bools:
    objective, met, spent = table.case.scenario.objective, table.every(), 0.0
    for t, year in enumerate(_years(table.case)):
        needed = table.total(lambda c, t=t: _capital(c, t))
        met &= needed <= objective.budget_by_year_bn_krw.get(year, np.inf) + _SLACK
        spent = spent + needed
    if objective.budget_bn_krw is not None:
        met &= spent <= objective.budget_bn_krw + _SLACK
    return met


def _spaced(case: Case, it_mw: Floats) -> Bools:
    met = np.ones(it_mw.shape[1], dtype=np.bool_)
    x, y = case.sites["x_m"].to_numpy() / 1000, case.sites["y_m"].to_numpy() / 1000
    for a in range(len(x)):
        for b in range(a):
            if np.hypot(x[a] - x[b], y[a] - y[b]) < case.scenario.spacing_km - _TOUCH_KM:
                met &= (it_mw[a] == 0) | (it_mw[b] == 0)
    return met
