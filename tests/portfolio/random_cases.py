"""Cases drawn at random around a plan, so that most have one and limits bind."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from tests.portfolio.instances import Banks, Case, Flow, Link, Place, make_case

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMITS = (
    "stations", "upgrades", "flows", "time", "provinces", "basins", "diversity", "budget",
    "rules", "spacing",
)  # fmt: skip
"""What a case may have besides the target: constraint families, and lead times."""

PLANNED = 3
"""Seed of a case with all limits that has a plan, with new banks, and a site to spare."""

_BEGIN = 2026
_YEARS = 9
"""From the works' begin to the target year."""


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
    # Figures of their own, so that the others are the same with and without them.
    late, ruled = rng.spawn(2)

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
    if "time" in limits:
        places = [_with_years(place, late) for place in places]
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
    banks, lifted = _drawn_banks(places, used, late) if "upgrades" in limits else ({}, {})
    rooms = (headroom if "stations" in limits else {}) | lifted
    if "budget" in limits and banks and late.random() < 0.7:
        wanted["budget_bn_krw"] += max(item.each * len(item.relief_mw) for item in banks.values())
    flows = _drawn_flows(drawn, late) if "flows" in limits else []
    return make_case(
        places,
        target_mw=target,
        headroom=rooms,
        basins=basins if "basins" in limits else None,
        objective=wanted,
        spacing_km=spacing,
        provinces=provinces if "provinces" in limits else {},
        diversity=_drawn_diversity(drawn, target, ruled) if "diversity" in limits else {},
        sites=_drawn_rules(places, drawn, ruled) if "rules" in limits else {},
        banks=banks,
        buses=_SERVES if flows else None,
        flows=flows,
    )


_SERVES = {"N1": "1", "N2": "2"}
"""Bus of each station; N3 hangs on none."""


def _with_years(place: Place, rng: np.random.Generator) -> Place:
    """Return a place some of whose connections take just as long as there is time, or longer."""
    years = rng.choice([2.0, _YEARS, _YEARS + 0.5], len(place.links), p=[0.5, 0.35, 0.15])
    links = zip(place.links, years, strict=True)
    return replace(place, links=tuple(replace(link, years=float(each)) for link, each in links))


def _drawn_banks(
    places: Sequence[Place], used: Counter[Any], rng: np.random.Generator
) -> tuple[dict[tuple[str, float], Banks], dict[tuple[str, float], float]]:
    """Return new banks at the level that most sites can connect to, and its headroom.

    That is such that the drawn plan needs some of them, or comes out without. A second bank adds
    less than the first one does: what the bus can host caps it.
    """
    offered: Counter[Any] = Counter()
    for place in places:
        offered.update({(link.station, link.kv) for link in place.links})
    level = max(sorted(offered), key=lambda item: (offered[item], used[item]))
    first = float(rng.choice([12.5, 25.0, 37.5, 50.0, 62.5]))
    relief = (first, first + float(rng.choice([6.25, 12.5, 25.0])))[: rng.integers(1, 3)]
    each, years = float(rng.choice([0.5, 2.0, 8.0])), float(rng.choice([4.0, _YEARS]))
    lacks = float(rng.choice([0.0, *relief]))
    room = max(used[level] - lacks + float(rng.choice([0.0, 0.0, 12.5])), 0.0)
    return {level: Banks(relief, each, years)}, {level: room}


def _drawn_diversity(
    drawn: Sequence[tuple[Place, Link, float]], target: float, rng: np.random.Generator
) -> dict[str, float]:
    """Return shares of the target that the drawn plan just leaves to single places."""
    by: dict[str, Counter[str]] = {name: Counter() for name in ("station", "province", "basin")}
    for place, link, load in drawn:
        by["station"][link.station] += load
        by["province"][place.province] += load
        by["basin"][place.basin] += load
    found = {}
    for name, loads in by.items():
        if rng.random() < 0.6:
            share = 100 * max(loads.values(), default=target) / target
            found[f"{name}_max_pct"] = float(min(np.ceil(share) + rng.choice([0, 0, 10, -4]), 100))
    return found


def _drawn_rules(
    places: Sequence[Place],
    drawn: Sequence[tuple[Place, Link, float]],
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Return sites that must and must not be chosen, and one that is under construction."""
    inside = [place for place, _, _ in drawn]
    names = [f"S{number}" for number in range(len(places))]
    chosen = {name for name, place in zip(names, places, strict=True) if place in inside}
    others = [name for name in names if name not in chosen]
    must_not = others[:1] if rng.random() < 0.5 else []
    free = [name for name in names if name not in must_not]
    rules: dict[str, Any] = {"must_not": must_not}
    if rng.random() < 0.7:
        rules["must"] = [free[rng.integers(len(free))]]
    if drawn and rng.random() < 0.5:
        place, link, load = drawn[rng.integers(len(drawn))]
        begun = {"site_id": names[places.index(place)], "it_mw": load, "year": 2030}
        rules["begun"] = [begun | ({"station_id": link.station} if rng.random() < 0.5 else {})]
        if rng.random() < 0.5:
            rules["begun"][0]["year"] = _BEGIN + _YEARS
    return rules


def _drawn_flows(
    drawn: Sequence[tuple[Place, Link, float]], rng: np.random.Generator
) -> list[Flow]:
    """Return flow limits that the drawn plan just meets, some with relief by a load elsewhere."""
    load: Counter[str] = Counter()
    for place, link, it_mw in drawn:
        load[_SERVES.get(link.station, "")] += place.pue * it_mw
    found = []
    for _ in range(rng.integers(1, 3)):
        price = {bus: float(rng.choice([-0.5, 0.0, 0.5, 1.0, 1.0])) for bus in ("1", "2")}
        taken = sum(price[bus] * load[bus] for bus in price)
        spare = float(rng.choice([0.0, 6.25, 25.0, 50.0])) if rng.random() < 11 / 12 else -12.5
        found.append(Flow(price, max(taken + spare, 0.0)))
    return found


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
            if option.years <= _YEARS
            and load <= place.land_mw
            and option.above_mw < load * place.pue <= option.top_mw
        ]
        if loads and not any(near) and rng.random() < 0.7:
            drawn.append((place, option, loads[rng.integers(len(loads))]))
    return drawn
