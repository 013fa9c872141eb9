"""Every plan of a small case, listed one by one.

The listing reads the raw tables and the scenario alone: it shares no line with the package, so
where both agree, both read the question in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from .instances import Case

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

_SLACK = 1e-6
_TOUCH_KM = 1e-6


@dataclass(frozen=True, eq=False)
class Plans:
    """All plans of a case that single sites allow, and which limits each of them meets."""

    worth: Floats
    """(N,) objective."""
    option: NDArray[np.object_]
    """(S, N) option built at each site, '' for none."""
    it_mw: Floats
    """(S, N) load of each site."""
    meets: dict[str, Bools] = field(default_factory=dict)
    """(N,) by family."""
    load_mw: dict[str, Floats] = field(default_factory=dict)
    """(N,) contract power by bus."""
    largest_pays: Bools = field(default_factory=lambda: np.ones((), dtype=np.bool_))
    """(N,) whether at every station level that gets banks none draws more than who pays."""

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


def all_plans(case: Case) -> Plans:
    """Return every way to build nothing or one option in whole blocks at every site."""
    asked = case.scenario
    choices = _choices(case)
    grid = np.indices([len(site) for site in choices]).reshape(len(choices), -1)

    def each(value: Callable[[dict[str, Any]], Any], kind: type = float) -> NDArray[Any]:
        return np.array(
            [
                np.array([value(choice) for choice in site], dtype=kind)[grid[number]]
                for number, site in enumerate(choices)
            ]
        )

    def total(value: Callable[[dict[str, Any]], float]) -> Floats:
        return np.asarray(each(value).sum(axis=0), dtype=np.float64)

    it_mw = each(lambda c: c["it_mw"])
    suitable = asked.objective.kind == "suitability"
    price = asked.objective.suitability_price_bn_krw_per_mw

    def cost(choice: dict[str, Any]) -> float:
        if suitable:
            return float(-choice["suitability"] * choice["it_mw"])
        running = choice["per_mw_bn_krw"] + price * (1 - choice["suitability"])
        return float(choice["fixed_bn_krw"] + running * choice["it_mw"])

    plans = Plans(
        total(cost),
        each(lambda c: c["option_id"], object),
        it_mw,
        largest_pays=_largest_pays(case, choices, each),
    )
    target = asked.target.it_mw
    reached = it_mw.sum(axis=0)
    plans.meets["target"] = (
        np.abs(reached - target) < _SLACK if suitable else reached > target - _SLACK
    )
    plans.meets["stations"] = _stations(case, total)
    plans.meets["upgrades"] = _one_pays(case, total)
    for bus in case.buses:
        plans.load_mw[bus] = total(lambda c, bus=bus: c["mw"] if c["bus_id"] == bus else 0.0)
    plans.meets["flows"] = np.ones(len(reached), dtype=np.bool_)
    for flow in case.flows:
        taken = sum(price * plans.load_mw[bus] for bus, price in flow.price.items())
        plans.meets["flows"] &= taken <= flow.most_mw + _SLACK
    plans.meets["provinces"] = _provinces(case, total)
    plans.meets["basins"] = _basins(case, total)
    budget = asked.objective.budget_bn_krw
    capital = total(
        lambda c: c["capital_fixed_bn_krw"] + c["capital_per_mw_bn_krw"] * c["it_mw"],
    )
    plans.meets["budget"] = capital <= (np.inf if budget is None else budget + _SLACK)
    plans.meets["spacing"] = _spaced(case, it_mw)
    return plans


def _choices(case: Case) -> list[list[dict[str, Any]]]:
    """Return for each site nothing, and every option at every size that the site alone allows."""
    build, asked = case.scenario.build, case.scenario.target
    facts = case.described.to_dict("index")
    places = {row["site_id"]: row | facts[row["site_id"]] for row in case.sites.to_dict("records")}
    options = case.options.to_dict("records")
    nothing: dict[str, Any] = dict.fromkeys(
        [*case.options.columns, *case.sites.columns, *case.described.columns, "mw"], 0.0
    ) | {"option_id": "", "it_mw": 0.0}
    found = {name: [nothing] for name in places}
    for option in options:
        place = places[option["site_id"]]
        for blocks in range(1, int(build.it_max_mw / build.block_mw) + 1):
            load = blocks * build.block_mw
            contract = load * place["pue"]
            fits = build.it_min_mw <= load <= place["it_max_mw"]
            fits &= option["lead_time_years"] <= asked.year - asked.works_begin
            if fits and option["facility_min_mw"] < contract <= option["facility_max_mw"]:
                found[option["site_id"]].append({**option, **place, "it_mw": load, "mw": contract})
    return list(found.values())


def _stations(case: Case, total: Callable[..., Floats]) -> Bools:
    """Return which plans keep to the headroom of levels and, where it has several, stations."""
    met: Bools = np.ones((), dtype=np.bool_)
    rooms = case.headroom.set_index(["station_id", "voltage_kv"])["headroom_mw"]
    for at in _levels(case):
        here = total(_where("mw", *at))
        added = total(_where("relief_mw", *at))
        met = met & (here <= rooms.get(at, 0.0) + added + _SLACK)
    for station, of_station in rooms.groupby(level="station_id"):
        if len(of_station) > 1:
            here = total(lambda c, at=station: c["mw"] if c["station_id"] == at else 0.0)
            met = met & (here <= of_station.max() + _SLACK)
    return met


def _levels(case: Case) -> list[tuple[str, float]]:
    named = case.options[["station_id", "station_kv"]].drop_duplicates()
    return [(str(station), float(kv)) for station, kv in named.itertuples(index=False)]


def _where(name: str, station: str, kv: float) -> Callable[[dict[str, Any]], float]:
    """Return a figure of what is built at a station level, 0 elsewhere."""
    return lambda c: c[name] if (c["station_id"], c["station_kv"]) == (station, kv) else 0.0


def _one_pays(case: Case, total: Callable[..., Floats]) -> Bools:
    """Return in which plans at most one option of each level pays for new banks."""
    met: Bools = np.ones((), dtype=np.bool_)
    for station, kv in _levels(case):
        banks = _where("banks", station, kv)
        met = met & (total(lambda c, banks=banks: float(banks(c) > 0)) < 2)
    return met


def _largest_pays(
    case: Case, choices: list[list[dict[str, Any]]], each: Callable[..., NDArray[Any]]
) -> Bools:
    """Return in which plans who pays for the banks of a level draws the most there."""
    met: Bools = np.ones((), dtype=np.bool_)
    if not case.options["banks"].any():
        return met & np.ones(np.prod([len(site) for site in choices]), dtype=np.bool_)
    for at in _levels(case):
        drawn, banks = each(_where("mw", *at)), each(_where("banks", *at))
        payer = np.where(banks > 0, drawn, -np.inf).max(axis=0)
        met = met & ((payer == -np.inf) | (payer >= drawn.max(axis=0) - _SLACK))
    return met


def _provinces(case: Case, total: Callable[..., Floats]) -> Bools:
    asked = case.scenario.provinces
    met: Bools = np.ones((), dtype=np.bool_)
    present: Any = 0
    for code in sorted({*case.sites["province_code"], *asked.shares}):
        load = total(lambda c, code=code: c["it_mw"] if c["province_code"] == code else 0.0)
        pct = 100 * load / case.scenario.target.it_mw
        named = asked.shares.get(code)
        low = named.min_pct if named else 0.0
        high = named.max_pct if named else asked.share_max_pct
        met = met & (pct >= low - _SLACK) & (pct <= high + _SLACK)
        present = present + (load > 0)
    return met & (present >= asked.count_min)


def _basins(case: Case, total: Callable[..., Floats]) -> Bools:
    met: Bools = np.ones((), dtype=np.bool_)
    for basin in set(case.described["basin_id"]):
        supply = case.basins.loc[case.basins["basin_id"] == basin, "supply_m3_day"].sum()
        water = total(
            lambda c, basin=basin: (
                c["water_m3_day_per_mw"] * c["it_mw"] if c["basin_id"] == basin else 0.0
            )
        )
        met = met & (water <= supply * case.scenario.water.basin_share_pct / 100 + _SLACK)
    return met


def _spaced(case: Case, it_mw: Floats) -> Bools:
    met = np.ones(it_mw.shape[1], dtype=np.bool_)
    x, y = case.sites["x_m"].to_numpy() / 1000, case.sites["y_m"].to_numpy() / 1000
    for a in range(len(x)):
        for b in range(a):
            if np.hypot(x[a] - x[b], y[a] - y[b]) < case.scenario.spacing_km - _TOUCH_KM:
                met &= (it_mw[a] == 0) | (it_mw[b] == 0)
    return met
