"""Small questions to the program, made of places, and large ones that nobody can list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, settings

import tests.examples
from siteopt.errors import InfeasibleError
from siteopt.portfolio import Problem, build_problem, solve
from siteopt.portfolio.constraints.variants import with_flow_limits
from siteopt.portfolio.problem.problem import FlowName
from siteopt.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROFILE = settings(
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow],
)
"""Settings of every property here; how many examples is for the profile to say."""

ONLY_FIND = settings(PROFILE, phases=[Phase.generate], max_examples=40, report_multiple_bugs=False)
"""Settings of properties that are expected to fail: the first counterexample is enough."""


def examples(thorough: int, *, fewest: int = 2) -> settings:
    """Return the settings of a property that solves programs: few examples, many in test-all."""
    return tests.examples.examples(thorough, fewest=fewest, parent=PROFILE)


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
    years: float = 5.0


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
class Banks:
    """New transformer banks that a station level may get: 1, 2, ... of them."""

    relief_mw: tuple[float, ...]
    """What so many banks add in all."""
    each: float = 8.0
    """Cost of one in bn KRW, all of it capital."""
    years: float = 4.0


@dataclass(frozen=True)
class Flow:
    """A flow limit: loads at buses, each at its price, are at most so many MW."""

    price: Mapping[str, float]
    most_mw: float
    year: int | None = None
    """The year in which it holds; the last one where it is not said."""


@dataclass(frozen=True)
class Case:
    """A question as `build_problem` takes it, and flow limits that are known."""

    sites: pd.DataFrame
    described: pd.DataFrame
    options: pd.DataFrame
    headroom: pd.DataFrame
    basins: pd.DataFrame
    scenario: Scenario
    buses: tuple[str, ...] = ()
    flows: tuple[Flow, ...] = ()
    discount_pct: float = 0.0

    @property
    def tables(self) -> dict[str, Any]:
        """The arguments of `build_problem` and `verify` by name."""
        return {name: value for name, value in vars(self).items() if name not in _OF_THE_GRID}

    def problem(self) -> Problem:
        problem = build_problem(**self.tables, buses=self.buses)
        if not self.flows:
            return problem
        return with_flow_limits(
            problem,
            [FlowName(f"f{number}") for number in range(len(self.flows))],
            np.array([[flow.price.get(bus, 0.0) for bus in self.buses] for flow in self.flows]),
            np.array([flow.most_mw for flow in self.flows]),
            np.array([self.year_of(flow) for flow in self.flows], dtype=np.int64),
        )

    def year_of(self, flow: Flow) -> int:
        """The index of the year in which a flow limit holds."""
        years = self.scenario.target.years
        return len(years) - 1 if flow.year is None else years.index(flow.year)

    def part(self) -> Problem:
        """The problem with its open options only, as the inner parts of the package want it."""
        problem = self.problem()
        return problem.take(problem.open_options())

    def shuffled(self, seed: int) -> Case:
        """The same question with the rows of every table in another order."""
        return replace(
            self,
            **{
                name: table.sample(frac=1, random_state=seed)
                for name, table in self.tables.items()
                if isinstance(table, pd.DataFrame)
            },
        )


_OF_THE_GRID = ("buses", "flows")


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
    headroom: Mapping[tuple[str, float], float | Mapping[int, float]] | None = None,
    basins: dict[str, float] | None = None,
    banks: Mapping[tuple[str, float], Banks] | None = None,
    areas: Mapping[str, tuple[float, Sequence[str]]] | None = None,
    buses: Mapping[str, str] | None = None,
    flows: Sequence[Flow] = (),
    early_mw: Mapping[int, float] | None = None,
    discount_pct: float = 0.0,
    **changes: Any,
) -> Case:
    """Return a case of some places; stations and basins that are not given have room enough.

    Sites are S0, S1, ... in the order of the places; options are S0-0, S0-1, ..., and S0-0+1,
    S0-0+2, ... with new banks. ``buses`` are those that serve stations, none by default.
    ``areas`` are figures that the 154 kV levels of some stations share, by name of the area.
    ``early_mw`` are targets of years before 2035, by year; headroom may be given by year too.
    """
    serves = buses or {}
    rooms: dict[tuple[str, float], float | Mapping[int, float]]
    rooms = {(link.station, link.kv): 10_000.0 for place in places for link in place.links}
    rooms |= headroom or {}
    supplies = {place.basin: 1e6 for place in places} | (basins or {})
    ids = [f"S{number}" for number in range(len(places))]
    target: dict[str, Any] = {"it_mw": target_mw, "year": 2035}
    if early_mw:
        target["it_mw_by_year"] = dict(early_mw)
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
                option | {"bus_id": serves.get(option["station_id"], "")}
                for name, place in zip(ids, places, strict=True)
                for number, link in enumerate(place.links)
                for option in _with_banks(_option(name, number, link), banks or {})
            ]
        ),
        headroom=_in_areas(_headroom_table(rooms), areas or {}),
        basins=pd.DataFrame(
            [{"basin_id": name, "supply_m3_day": supply} for name, supply in supplies.items()]
        ),
        scenario=scenario(target=target, **changes),
        buses=tuple(sorted(set(serves.values()))),
        flows=tuple(flows),
        discount_pct=discount_pct,
    )


def _headroom_table(
    rooms: Mapping[tuple[str, float], float | Mapping[int, float]],
) -> pd.DataFrame:
    """Return the table of headroom, with years where any of it is given by year."""
    dated = any(isinstance(room, dict) for room in rooms.values())
    found = []
    for (station, kv), room in rooms.items():
        level = {"station_id": station, "voltage_kv": kv}
        if not dated:
            found.append(level | {"headroom_mw": room})
            continue
        by_year = room if isinstance(room, dict) else {2020: room}
        found.extend(level | {"headroom_mw": mw, "year": year} for year, mw in by_year.items())
    return pd.DataFrame(found)


def _in_areas(
    headroom: pd.DataFrame, areas: Mapping[str, tuple[float, Sequence[str]]]
) -> pd.DataFrame:
    """Return headroom with the area of its 154 kV levels and the figure that the area has."""
    if not areas:
        return headroom
    named = {station: name for name, (_, stations) in areas.items() for station in stations}
    area = headroom["station_id"].map(named).where(headroom["voltage_kv"] == 154).fillna("")
    figures = {name: mw for name, (mw, _) in areas.items()}
    return headroom.assign(area_id=area, published_mw=area.map(figures))


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
        "lead_time_years": link.years,
        "banks": 0,
        "relief_mw": 0.0,
    }


def _with_banks(
    option: dict[str, Any], banks: Mapping[tuple[str, float], Banks]
) -> list[dict[str, Any]]:
    """Return an option and those that pay for new banks of its station level besides."""
    found = [option]
    offered = banks.get((option["station_id"], option["station_kv"]))
    for count, relief in enumerate(() if offered is None else offered.relief_mw, start=1):
        paid = count * offered.each
        found.append(
            option
            | {
                "option_id": f"{option['option_id']}+{count}",
                "fixed_bn_krw": option["fixed_bn_krw"] + paid,
                "capital_fixed_bn_krw": option["capital_fixed_bn_krw"] + paid,
                "lead_time_years": max(option["lead_time_years"], offered.years),
                "banks": count,
                "relief_mw": relief,
            }
        )
    return found


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
