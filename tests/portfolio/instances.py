"""Small questions to the program, and every plan of them listed one by one.

The listing reads the raw tables and the scenario alone: it shares no line with the package, so
where both agree, both read the question in the same way.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from siteopt.errors import InfeasibleError
from siteopt.portfolio import Problem, build_problem, solve
from siteopt.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

PROFILE = settings(
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
"""Settings of every property here: the same examples in every run."""

ONLY_FIND = settings(PROFILE, phases=[Phase.generate], report_multiple_bugs=False)
"""Settings of properties that are expected to fail: the first counterexample is enough."""

LIMITS = ("stations", "provinces", "basins", "budget", "spacing")
"""Constraint families that a case may have besides the target."""

_SLACK = 1e-6
_TOUCH_KM = 1e-6


@dataclass(frozen=True)
class Link:
    """A connection option; money in bn KRW, capital the same as cost unless given."""

    station: str = "N1"
    kv: float = 154.0
    fixed: float = 10.0
    per_mw: float = 2.0
    capital_fixed: float | None = None
    capital_per_mw: float | None = None
    above_mw: float = 0.0
    top_mw: float = 400.0


@dataclass(frozen=True)
class Place:
    """A site; 20 MW of IT load are 25 MW of contract power and 100 m3 of water a day."""

    x_km: float = 0.0
    y_km: float = 0.0
    province: str = "46"
    basin: str = "B1"
    land_mw: float = 80.0
    pue: float = 1.25
    water: float = 5.0
    suitability: float = 0.5
    links: tuple[Link, ...] = (Link(),)


@dataclass(frozen=True)
class Case:
    """A question as `build_problem` takes it."""

    sites: pd.DataFrame
    described: pd.DataFrame
    options: pd.DataFrame
    headroom: pd.DataFrame
    basins: pd.DataFrame
    scenario: Scenario

    @property
    def tables(self) -> dict[str, Any]:
        """The arguments of `build_problem` and `verify` by name."""
        return dict(vars(self))

    def problem(self) -> Problem:
        return build_problem(**self.tables)

    def part(self) -> Problem:
        """The problem with its open options only, as the inner parts of the package want it."""
        problem = self.problem()
        return problem.take(problem.open_options())

    def shuffled(self, seed: int) -> Case:
        """The same question with the rows of every table in another order."""
        return Case(
            **{
                name: table.sample(frac=1, random_state=seed)
                if isinstance(table, pd.DataFrame)
                else table
                for name, table in self.tables.items()
            }
        )


def scenario(**changes: Any) -> Scenario:
    """A scenario in which nothing limits but the target; builds have one to four blocks."""
    raw: dict[str, Any] = {
        "name": "small",
        "title": {"ko": "작은", "en": "small"},
        "target": {"it_mw": 40, "year": 2035},
        "build": {"it_min_mw": 20, "it_max_mw": 80, "block_mw": 20},
        "water": {"basin_share_pct": 100},
        "connection": {"classes": [{"voltage_kv": 154, "station_kv": 154, "facility_max_mw": 400}]},
        "screening": {
            "exclusions": [
                {
                    "id": "sea",
                    "title": {"ko": "바다", "en": "sea"},
                    "kind": "outside",
                    "layer": "provinces",
                }
            ]
        },
        "solver": {"threads": 1},
    }
    return Scenario.model_validate(raw | changes)


def make_case(
    places: Sequence[Place],
    *,
    target_mw: float = 40.0,
    headroom: dict[tuple[str, float], float] | None = None,
    basins: dict[str, float] | None = None,
    **changes: Any,
) -> Case:
    """Return a case of some places; stations and basins that are not given have room enough.

    Sites are S0, S1, ... in the order of the places; options are S0-0, S0-1, ...
    """
    rooms = {(link.station, link.kv): 10_000.0 for place in places for link in place.links}
    rooms |= headroom or {}
    supplies = {place.basin: 1e6 for place in places} | (basins or {})
    ids = [f"S{number}" for number in range(len(places))]
    target = {"it_mw": target_mw, "year": 2035}
    return Case(
        sites=pd.DataFrame(
            {
                "site_id": ids,
                "x_m": [1000.0 * place.x_km for place in places],
                "y_m": [1000.0 * place.y_km for place in places],
                "province_code": [place.province for place in places],
                "it_max_mw": [place.land_mw for place in places],
            }
        ),
        described=pd.DataFrame(
            {
                "pue": [place.pue for place in places],
                "water_m3_day_per_mw": [place.water for place in places],
                "basin_id": [place.basin for place in places],
                "suitability": [place.suitability for place in places],
            },
            index=pd.Index(ids, name="site_id"),
        ),
        options=pd.DataFrame(
            [
                _option(name, number, link)
                for name, place in zip(ids, places, strict=True)
                for number, link in enumerate(place.links)
            ]
        ),
        headroom=pd.DataFrame(
            [
                {"station_id": station, "voltage_kv": kv, "headroom_mw": room}
                for (station, kv), room in rooms.items()
            ]
        ),
        basins=pd.DataFrame(
            [{"basin_id": name, "supply_m3_day": supply} for name, supply in supplies.items()]
        ),
        scenario=scenario(target=target, **changes),
    )


def _option(site: str, number: int, link: Link) -> dict[str, Any]:
    capital_fixed, capital_per_mw = link.capital_fixed, link.capital_per_mw
    return {
        "option_id": f"{site}-{number}",
        "site_id": site,
        "station_id": link.station,
        "station_kv": link.kv,
        "voltage_kv": link.kv,
        "facility_min_mw": link.above_mw,
        "facility_max_mw": link.top_mw,
        "fixed_bn_krw": link.fixed,
        "per_mw_bn_krw": link.per_mw,
        "capital_fixed_bn_krw": link.fixed if capital_fixed is None else capital_fixed,
        "capital_per_mw_bn_krw": link.per_mw if capital_per_mw is None else capital_per_mw,
    }


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

    def best(
        self,
        *,
        ignoring: Sequence[str] = (),
        with_site: int | None = None,
        without_site: int | None = None,
        with_option: str | None = None,
    ) -> float:
        """Return the objective of the best plan, inf where there is none."""
        good = np.ones(len(self.worth), dtype=np.bool_)
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

    plans = Plans(total(cost), each(lambda c: c["option_id"], object), it_mw)
    target = asked.target.it_mw
    reached = it_mw.sum(axis=0)
    plans.meets["target"] = (
        np.abs(reached - target) < _SLACK if suitable else reached > target - _SLACK
    )
    plans.meets["stations"] = _stations(case, total)
    plans.meets["provinces"] = _provinces(case, total)
    share = asked.water.basin_share_pct / 100
    plans.meets["basins"] = np.ones(len(reached), dtype=np.bool_)
    for basin in set(case.described["basin_id"]):
        supply = case.basins.loc[case.basins["basin_id"] == basin, "supply_m3_day"].sum()
        water = total(
            lambda c, basin=basin: (
                c["water_m3_day_per_mw"] * c["it_mw"] if c["basin_id"] == basin else 0.0
            )
        )
        plans.meets["basins"] &= water <= supply * share + _SLACK
    budget = asked.objective.budget_bn_krw
    capital = total(
        lambda c: c["capital_fixed_bn_krw"] + c["capital_per_mw_bn_krw"] * c["it_mw"],
    )
    plans.meets["budget"] = capital <= (np.inf if budget is None else budget + _SLACK)
    plans.meets["spacing"] = np.ones(len(reached), dtype=np.bool_)
    x, y = case.sites["x_m"].to_numpy() / 1000, case.sites["y_m"].to_numpy() / 1000
    for a in range(len(x)):
        for b in range(a):
            if np.hypot(x[a] - x[b], y[a] - y[b]) < asked.spacing_km - _TOUCH_KM:
                plans.meets["spacing"] &= (it_mw[a] == 0) | (it_mw[b] == 0)
    return plans


def _choices(case: Case) -> list[list[dict[str, Any]]]:
    """Return for each site nothing, and every option at every size that the site alone allows."""
    build = case.scenario.build
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
            if fits and option["facility_min_mw"] < contract <= option["facility_max_mw"]:
                found[option["site_id"]].append({**option, **place, "it_mw": load, "mw": contract})
    return list(found.values())


def _stations(case: Case, total: Callable[..., Floats]) -> Bools:
    met: Bools = np.ones((), dtype=np.bool_)
    rooms = case.headroom.set_index(["station_id", "voltage_kv"])["headroom_mw"]
    levels = case.options[["station_id", "station_kv"]].drop_duplicates()
    for station, kv in levels.itertuples(index=False):
        here = total(
            lambda c, at=(station, kv): c["mw"] if (c["station_id"], c["station_kv"]) == at else 0.0
        )
        met = met & (here <= rooms.get((station, kv), 0.0) + _SLACK)
    largest = rooms.groupby(level="station_id").max()
    for station in levels["station_id"].unique():
        here = total(lambda c, at=station: c["mw"] if c["station_id"] == at else 0.0)
        met = met & (here <= largest.get(station, 0.0) + _SLACK)
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


def cases(
    limits: Sequence[str] = (), *, objective: str = "cost", sites_max: int = 5, links_max: int = 2
) -> st.SearchStrategy[Case]:
    """Draw a case of a few sites in which the limits named are tight and all others slack.

    Hypothesis draws the seed only. Field by field it favours small and equal values, with which
    hardly any limit binds.
    """
    return st.integers(0, 2**32 - 1).map(
        lambda seed: random_case(
            seed, limits, objective=objective, sites_max=sites_max, links_max=links_max
        )
    )


def random_case(
    seed: int,
    limits: Sequence[str] = (),
    *,
    objective: str = "cost",
    sites_max: int = 5,
    links_max: int = 2,
) -> Case:
    """Return a case around a plan drawn at random, which just meets most of the limits.

    So most cases have a plan and limits that bind; one limit in a dozen is below what the drawn
    plan needs. Figures are quarters and halves: sums are exact, and two plans differ by far more
    than a solver's tolerances. Places are whole km, so that some sites stand exactly the spacing
    apart.
    """
    rng = np.random.default_rng(seed)

    def pick(*values: Any) -> Any:
        return values[rng.integers(len(values))]

    def link() -> Link:
        return Link(
            station=pick("N1", "N2", "N3"),
            kv=pick(154.0, 154.0, 345.0),
            fixed=rng.integers(0, 41) / 2,
            per_mw=rng.integers(4, 17) / 4,
            capital_fixed=rng.integers(0, 21) / 2,
            capital_per_mw=rng.integers(1, 9) / 4,
            above_mw=pick(0.0, 0.0, 25.0, 40.0),
            top_mw=pick(400.0, 400.0, 60.0),
        )

    places = [
        Place(
            x_km=float(rng.integers(0, 9)),
            y_km=float(rng.integers(0, 9)),
            province=pick("46", "47", "48"),
            basin=pick("B1", "B2"),
            land_mw=pick(20.0, 40.0, 50.0, 60.0),
            pue=pick(1.25, 1.5),
            water=pick(5.0, 10.0),
            suitability=pick(0.0, 0.25, 0.5, 1.0),
            links=tuple(link() for _ in range(rng.integers(1, links_max + 1))),
        )
        for _ in range(rng.integers(3, sites_max + 1))
    ]
    spacing = pick(3.0, 5.0) if "spacing" in limits else 0.0
    drawn = _drawn_plan(places, spacing, rng)
    target = max(sum(load for _, _, load in drawn), 20.0)
    wanted: dict[str, Any] = {"kind": objective}
    if objective == "cost":
        wanted["suitability_price_bn_krw_per_mw"] = pick(0.0, 1.5)

    def spare(*values: float) -> float:
        return float(pick(*values)) if rng.random() < 11 / 12 else -20.0

    used: Counter[Any] = Counter()
    for place, option, load in drawn:
        used[option.station, option.kv] += place.pue * load
        used[place.basin] += place.water * load
        used[place.province] += 100 * load / target
        used["capital"] += option.capital_fixed + option.capital_per_mw * load
    if "budget" in limits:
        wanted["budget_bn_krw"] = max(used["capital"] + spare(0, 5, 25), 1.0)
    present = {place.province for place, _, _ in drawn}
    shares = {"46": {"min_pct": min(int(used["46"]), 100), "max_pct": 100}}
    provinces = {
        "count_min": max(len(present) - pick(0, 1), 1),
        "share_max_pct": min(max((used[code] for code in present), default=50) + pick(0, 10), 100),
        "shares": pick({}, shares),
    }
    levels = sorted({(item.station, item.kv) for place in places for item in place.links})
    headroom = {level: max(used[level] + spare(0, 12.5, 37.5), 0.0) for level in levels}
    basins = {name: max(used[name] + spare(0, 50, 150), 0.0) for name in ("B1", "B2")}
    return make_case(
        places,
        target_mw=target,
        headroom=headroom if "stations" in limits else None,
        basins=basins if "basins" in limits else None,
        objective=wanted,
        spacing_km=spacing,
        provinces=provinces if "provinces" in limits else {},
    )


def _drawn_plan(
    places: Sequence[Place], spacing_km: float, rng: np.random.Generator
) -> list[tuple[Place, Link, float]]:
    """Return some places far enough from each other, each with one of its options and a load."""
    drawn: list[tuple[Place, Link, float]] = []
    for place in places:
        near = [
            np.hypot(place.x_km - other.x_km, place.y_km - other.y_km) < spacing_km
            for other, _, _ in drawn
        ]
        option = place.links[rng.integers(len(place.links))]
        loads = [
            load
            for load in (20.0, 40.0, 60.0)
            if load <= place.land_mw and option.above_mw < load * place.pue <= option.top_mw
        ]
        if loads and not any(near) and rng.random() < 0.7:
            drawn.append((place, option, loads[rng.integers(len(loads))]))
    return drawn


def optimum(case: Case) -> float:
    """Return the objective of the best plan that the package finds, inf where there is none."""
    try:
        return solve(case.problem(), case.scenario.solver).objective
    except InfeasibleError:
        return np.inf


def with_solver(case: Case, **solver: Any) -> Case:
    """Return a case that asks for another solver."""
    asked = case.scenario.model_dump(mode="json", exclude_none=True)
    asked["solver"] |= solver
    return replace(case, scenario=Scenario.model_validate(asked))


def hard_case() -> Case:
    """Return a case that any solver finds plans of at once, and proves none of in many seconds.

    All sites cost nearly the same; contract power and water of a block differ from site to site,
    so stations and basins are sixteen knapsacks that overlap.
    """
    rng = np.random.default_rng(0)
    places = [
        Place(
            x_km=float(rng.uniform(0, 60)),
            y_km=float(rng.uniform(0, 60)),
            pue=float(rng.uniform(1.2, 1.5)),
            basin=f"B{rng.integers(6)}",
            water=float(rng.uniform(4, 8)),
            links=(
                Link(
                    station=f"N{rng.integers(10)}",
                    fixed=float(rng.uniform(100, 110)),
                    per_mw=float(rng.uniform(2, 2.02)),
                    top_mw=float(rng.choice([60, 85, 110])),
                ),
            ),
        )
        for _ in range(150)
    ]
    return make_case(
        places,
        target_mw=1000,
        spacing_km=9.0,
        headroom={(f"N{number}", 154.0): float(rng.uniform(130, 200)) for number in range(10)},
        basins={f"B{number}": float(rng.uniform(900, 1300)) for number in range(6)},
    )


def wide_case(seed: int, count: int = 26, target_mw: float = 300.0) -> Case:
    """Return a case too large to list: clusters of sites, four connections each, all limits."""
    rng = np.random.default_rng(seed)
    east, north = rng.uniform(0, 120, 14), rng.uniform(0, 120, 14)
    places = []
    for _ in range(count):
        x, y = rng.uniform(0, 120, 2)
        far = np.hypot(east - x, north - y)
        base = 22 + 0.4 * np.sin(x / 20) + 0.4 * np.cos(y / 25) + rng.normal(0, 0.05)
        places.append(
            Place(
                x_km=float(x),
                y_km=float(y),
                province=str(41 + int(x // 40) + 3 * int(y // 60)),
                basin=f"B{int(x // 30)}",
                land_mw=float(rng.choice([20, 40, 60, 80])),
                pue=float(1.3 + 0.05 * rng.random()),
                links=tuple(
                    Link(f"N{k:02d}", fixed=5 + 1.2 * float(far[k]), per_mw=float(base))
                    for k in np.argsort(far)[:4]
                ),
            )
        )
    return make_case(
        places,
        target_mw=target_mw,
        spacing_km=15.0,
        headroom={(f"N{k:02d}", 154.0): float(rng.uniform(60, 160)) for k in range(14)},
        basins={f"B{k}": float(rng.uniform(500, 900)) for k in range(4)},
        provinces={"share_max_pct": 40},
        objective={"budget_bn_krw": 70 / 3 * target_mw},
    )
