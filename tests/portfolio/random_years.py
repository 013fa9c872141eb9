"""Cases over two or three years drawn at random around a plan, so that limits bind by year."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from tests.portfolio.instances import Banks, Case, Flow, Link, Place, make_case

if TYPE_CHECKING:
    from collections.abc import Sequence

    Rng = np.random.Generator
    Drawn = list[tuple[int, int, tuple[float, ...]]]

LIMITS = (
    "stations", "upgrades", "flows", "time", "provinces", "basins", "diversity", "budget",
    "rules", "spacing",
)  # fmt: skip
"""What a case may have besides the targets: constraint families, and lead times."""

_LAST = 2035
_BEGIN = 2026
_BLOCK = 20.0
_SERVES = {"N1": "1", "N2": "2"}


def year_cases(
    limits: Sequence[str] = (), *, grows: bool = True, small: bool = False
) -> st.SearchStrategy[Case]:
    """Draw a case of two or three years in which the limits named are tight."""
    return st.integers(0, 2**32 - 1).map(
        lambda seed: random_years(seed, limits, grows=grows, small=small)
    )


def random_years(
    seed: int, limits: Sequence[str] = (), *, grows: bool = True, small: bool = False
) -> Case:
    """Return a case around a plan over the years, which just meets most limits in each of them.

    Figures are quarters and halves, and the costs of a year at most halves of those of the year
    before, so that sums are exact. One limit in a dozen is below what the drawn plan needs.
    """
    rng = np.random.default_rng([seed, int(grows), len(limits)])
    count = int(rng.choice([2, 2, 3]))
    years = tuple(range(_LAST + 1 - count, _LAST + 1))
    places = _places(rng, years, limits, sites_max=3 if small or count > 2 else 4)
    spacing = float(rng.choice([3.0, 5.0])) if "spacing" in limits else 0.0
    drawn = _drawn(places, years, spacing, rng, grows=grows)
    target = _per_year(years, rng, lambda t: sum(path[t] for _, _, path in drawn), exact=True)
    asked: dict[str, Any] = {
        "build": {"it_min_mw": 20, "it_max_mw": 60, "block_mw": 20, "grows": grows},
        "solver": {"threads": 1, "gap": 0.0},
        "spacing_km": spacing,
        "objective": {"suitability_price_bn_krw_per_mw": float(rng.choice([0.0, 1.5]))},
    }
    used = _used(places, drawn, years)
    rooms: dict[tuple[str, float], Any] = {}
    levels = sorted({(link.station, link.kv) for place in places for link in place.links})
    if "stations" in limits:
        rooms = {at: _per_year(years, rng, lambda t, at=at: used[t][at]) for at in levels}
    banks: dict[tuple[str, float], Banks] = {}
    if "upgrades" in limits:
        at = _busiest(places, used)
        relief = float(rng.choice([12.5, 25.0, 37.5]))
        banks = {at: Banks((relief,), float(rng.choice([0.5, 2.0, 8.0])))}
        lacks = relief * float(rng.choice([1.0, 1.0, 2.0]))
        short = _per_year(years, rng, lambda t: used[t][at])
        rooms[at] = {year: max(room - lacks, 0.0) for year, room in short.items()}
    basins = None
    if "basins" in limits:
        basins = {name: 25.0 + max(part[name] for part in used) for name in ("B1", "B2")}
        share = [max(part[name] / basins[name] for name in basins) for part in used]
        asked["water"] = {"basin_share_pct": _shares(years, rng, share)}
    asked |= {name: {} for name in ("provinces", "diversity", "sites")}
    if "provinces" in limits:
        asked["provinces"] = _provinces(years, rng, used, target)
    if "diversity" in limits:
        asked["diversity"] = _diversity(years, rng, used, target)
    if "rules" in limits:
        asked["sites"] = _rules(places, drawn, years, rng)
    if "budget" in limits:
        asked["objective"] |= _budgets(places, drawn, years, rng, banks)
    flows = _flows(used, years, rng) if "flows" in limits else []
    return make_case(
        places,
        target_mw=target[_LAST],
        early_mw={year: mw for year, mw in target.items() if year < _LAST},
        headroom=rooms,
        basins=basins,
        banks=banks,
        buses=_SERVES if flows else None,
        flows=flows,
        discount_pct=float(rng.choice([0.0, 100.0, 300.0])),
        **asked,
    )


def _places(rng: Rng, years: Sequence[int], limits: Sequence[str], sites_max: int) -> list[Place]:
    def link() -> Link:
        until = [year - _BEGIN for year in years]
        slow = rng.choice([2.0, *until, until[-1] + 0.5]) if "time" in limits else 5.0
        return Link(
            station=str(rng.choice(["N1", "N2", "N3"])),
            kv=float(rng.choice([154.0, 154.0, 345.0])),
            fixed=rng.integers(0, 41) / 2,
            per_mw=rng.integers(4, 17) / 4,
            capital_fixed=rng.integers(0, 21) / 2,
            capital_per_mw=rng.integers(1, 9) / 4,
            above_mw=float(rng.choice([0.0, 0.0, 25.0])),
            top_mw=float(rng.choice([400.0, 400.0, 60.0])),
            years=float(slow),
        )

    lands = [20.0, 40.0, 60.0] if len(years) == 2 else [20.0, 40.0, 40.0]
    return [
        Place(
            x_km=float(rng.integers(0, 9)),
            y_km=float(rng.integers(0, 9)),
            province=str(rng.choice(["46", "47"])),
            basin=str(rng.choice(["B1", "B2"])),
            land_mw=float(rng.choice(lands)),
            pue=float(rng.choice([1.25, 1.5])),
            water=float(rng.choice([5.0, 10.0])),
            suitability=float(rng.choice([0.0, 0.25, 0.5, 1.0])),
            links=tuple(link() for _ in range(rng.integers(1, 3))),
        )
        for _ in range(rng.integers(3, sites_max + 1))
    ]


def _drawn(
    places: Sequence[Place], years: Sequence[int], spacing: float, rng: Rng, *, grows: bool
) -> Drawn:
    """Return some places far enough apart: (place, link, load in every year)."""
    found: Drawn = []
    for number, place in enumerate(places):
        near = any(
            np.hypot(place.x_km - places[other].x_km, place.y_km - places[other].y_km) < spacing
            for other, _, _ in found
        )
        choice = int(rng.integers(len(place.links)))
        link = place.links[choice]
        opens = int(rng.integers(len(years))) if found else 0
        most = int(min(place.land_mw, link.top_mw / place.pue) / _BLOCK)
        least = int(link.above_mw / place.pue / _BLOCK) + 1
        slow = link.years > years[opens] - _BEGIN
        if near or slow or most < least or (found and rng.random() < 0.25):
            continue
        blocks = int(rng.integers(least, most + 1))
        path = [0.0] * opens
        for _ in range(opens, len(years)):
            path.append(_BLOCK * blocks)
            if grows:
                blocks = int(rng.integers(blocks, most + 1))
        found.append((number, choice, tuple(path)))
    return found


def _used(places: Sequence[Place], drawn: Drawn, years: Sequence[int]) -> list[Counter[Any]]:
    """Return what the drawn plan uses in every year, by level, station, basin and province."""
    found: list[Counter[Any]] = [Counter() for _ in years]
    for number, choice, path in drawn:
        place, link = places[number], places[number].links[choice]
        for part, load in zip(found, path, strict=True):
            part[link.station, link.kv] += place.pue * load
            part["bus", _SERVES.get(link.station, "")] += place.pue * load
            part[place.basin] += place.water * load
            part["load", place.province] += load
            part["load", place.basin] += load
            part["load", link.station] += load
    return found


def _busiest(places: Sequence[Place], used: Sequence[Counter[Any]]) -> tuple[str, float]:
    """Return the level that most sites can connect to."""
    offered: Counter[tuple[str, float]] = Counter()
    for place in places:
        offered.update({(link.station, link.kv) for link in place.links})
    return max(sorted(offered), key=lambda at: (offered[at], used[-1][at]))


def _per_year(years: Sequence[int], rng: Rng, need: Any, *, exact: bool = False) -> dict[int, Any]:
    """Return a limit by year that just holds what is needed, or by a little more, or less."""
    if exact:
        found = {year: max(float(need(t)), _BLOCK) for t, year in enumerate(years)}
        return dict(zip(found, np.maximum.accumulate([*found.values()]).tolist(), strict=True))
    spare = rng.choice([0.0, 0.0, 12.5, 37.5], len(years))
    spare = np.where(rng.random(len(years)) < 1 / 40, -20.0, spare)
    return {year: max(float(need(t) + spare[t]), 0.0) for t, year in enumerate(years)}


def _shares(years: Sequence[int], rng: Rng, share: Sequence[float]) -> dict[int, float]:
    """Return whole percent by year that hold shares of what there is, or just do not."""
    spare = rng.choice([0, 0, 10, -10], len(years), p=[0.4, 0.35, 0.2, 0.05])
    return {
        year: float(np.clip(np.ceil(100 * share[t] - 1e-9) + spare[t], 0, 100))
        for t, year in enumerate(years)
    }


def _largest(used: Sequence[Counter[Any]], names: Sequence[str], target: dict[int, float]) -> list:
    return [
        max(part["load", name] for name in names) / mw
        for part, mw in zip(used, target.values(), strict=True)
    ]


def _provinces(
    years: Sequence[int], rng: Rng, used: Sequence[Counter[Any]], target: dict[int, float]
) -> dict[str, Any]:
    least = {
        year: float(min(np.floor(100 * part["load", "46"] / mw), 100))
        for (year, mw), part in zip(target.items(), used, strict=True)
    }
    shares = {"46": {"min_pct": least, "max_pct": 100}} if rng.random() < 0.5 else {}
    here = [name for name in ("46", "47") if used[-1]["load", name]]
    return {
        "count_min": int(rng.integers(1, max(len(here), 1) + 1)),
        "share_max_pct": _shares(years, rng, _largest(used, ("46", "47"), target)),
        "shares": shares,
    }


def _diversity(
    years: Sequence[int], rng: Rng, used: Sequence[Counter[Any]], target: dict[int, float]
) -> dict[str, Any]:
    found = {
        "station_max_pct": ("N1", "N2", "N3"),
        "basin_max_pct": ("B1", "B2"),
        "province_max_pct": ("46", "47"),
    }
    return {
        field: _shares(years, rng, _largest(used, names, target))
        for field, names in found.items()
        if rng.random() < 0.7
    }


def _rules(places: Sequence[Place], drawn: Drawn, years: Sequence[int], rng: Rng) -> dict[str, Any]:
    chosen = {number for number, _, _ in drawn}
    others = [f"S{number}" for number in range(len(places)) if number not in chosen]
    names = [f"S{number}" for number in range(len(places))]
    rules: dict[str, Any] = {"must": [], "must_not": [], "begun": []}
    if others and rng.random() < 0.4:
        rules["must_not"] = [others[0]]
    if drawn and rng.random() < 0.6:
        number, choice, path = drawn[rng.integers(len(drawn))]
        opens = next(t for t, load in enumerate(path) if load)
        begun = {"site_id": f"S{number}", "it_mw": path[opens], "year": years[opens]}
        if opens == 0 and rng.random() < 0.5:
            begun["year"] = years[0] - 3
        if rng.random() < 0.5:
            begun["station_id"] = places[number].links[choice].station
        rules["begun"] = [begun]
    free = [name for name in names if name not in rules["must_not"]]
    if rng.random() < 0.7:
        rules["must"] = [free[rng.integers(len(free))]]
    return rules


def _budgets(
    places: Sequence[Place],
    drawn: Drawn,
    years: Sequence[int],
    rng: Rng,
    banks: dict[tuple[str, float], Banks],
) -> dict[str, Any]:
    needed = np.zeros(len(years))
    for number, choice, path in drawn:
        link = places[number].links[choice]
        added = np.diff(path, prepend=0.0)
        needed += float(link.capital_per_mw or 0.0) * added
        needed[np.flatnonzero(added)[0]] += float(link.capital_fixed or 0.0)
    spare = sum(item.each for item in banks.values())
    spare += float(rng.choice([0.0, 5.0, 25.0, -5.0], p=[0.4, 0.3, 0.25, 0.05]))
    found: dict[str, Any] = {"budget_bn_krw": max(float(needed.sum()) + spare, 1.0)}
    by_year = {
        year: float(needed[t] + abs(spare) + rng.choice([0.0, 10.0]))
        for t, year in enumerate(years)
        if rng.random() < 0.6
    }
    return found | ({"budget_by_year_bn_krw": by_year} if by_year else {})


def _flows(used: Sequence[Counter[Any]], years: Sequence[int], rng: Rng) -> list[Flow]:
    """Return flow limits in single years that the drawn plan just meets."""
    found = []
    for _ in range(rng.integers(1, 4)):
        t = int(rng.integers(len(years)))
        price = {bus: float(rng.choice([-0.5, 0.0, 0.5, 1.0, 1.0])) for bus in ("1", "2")}
        taken = sum(price[bus] * used[t]["bus", bus] for bus in price)
        spare = float(rng.choice([0.0, 6.25, 25.0, -12.5], p=[0.4, 0.3, 0.25, 0.05]))
        found.append(Flow(price, max(taken + spare, 0.0), years[t]))
    return found
