"""Made cases of the program: a registry by name, each generated from its seed.

A case is the tables that `siteopt.portfolio.build_problem` takes. Their figures have the size of
those of the ready scenario ``national-2035`` (costs a MW, connections, headroom, basins, land);
the places are made. Kinds differ in what makes them hard:

- ``base``: large sites, few of them in the best plan, 5 km apart.
- ``hard``: sites of 40 to 100 MW, fifty or so in the best plan, 20 km apart. Cheap land lies in
  clusters in which every site is nearly as good as its neighbour.
- ``dense``: as ``hard``, 12 km apart, with a target that needs more than a hundred sites.
- ``crowd``: as ``hard``, 7 km apart, with a target that needs some two hundred sites.
- ``whole``: as ``base``, 20 km apart, with all costs of a data centre.

All but ``whole`` leave out what costs the same everywhere (nine tenths: building and energy). So a
gap of 0.1 % is 0.1 % of the money that the choice of sites decides, and more is asked of a solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siteopt.scenario import Scenario, Target

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["CASES", "KINDS", "Case", "Kind", "Tables", "make_tables", "yearly_target_mw"]

LAST_YEAR = 2040
"""Target year of every case."""
WORKS_BEGIN = 2026
BLOCK_MW = 20.0
BASIN_SHARE_PCT = 1.0

_LARGE_MW = 400.0  # a kind whose land carries more has sites of all sizes
_TYPICAL_MW = 180.0  # build of such a kind, roughly
_LATTICE_M = 2500.0
_COLUMNS, _ROWS = 120, 160
_WEST_M, _SOUTH_M = 900_000.0, 1_500_000.0
_PROVINCES = ("26", "27", "29", "30", "31", "36", "43", "44", "46", "47", "48", "50", "51", "52")
_BASINS = 9


@dataclass(frozen=True)
class Kind:
    """What a kind of case looks like."""

    target_mw: float
    """National IT load in the target year."""
    spacing_km: float
    """Smallest distance between two chosen sites."""
    land_mw: tuple[float, float]
    """Least and most IT load that the land of a site carries."""
    wave_km: float
    """Length over which costs a MW vary."""
    own_bn_krw: float
    """Part of the cost of a MW that is a site's own, whatever its neighbours cost."""
    common_bn_krw: float = 0.0
    """Part of the cost of a MW that is the same everywhere."""
    common_capital_bn_krw: float = 0.0
    """Capital in that part."""


KINDS: dict[str, Kind] = {
    "base": Kind(3000.0, 5.0, (40.0, 1000.0), 120.0, 0.11),
    "hard": Kind(4000.0, 20.0, (40.0, 100.0), 80.0, 0.02),
    "dense": Kind(10_000.0, 12.0, (40.0, 100.0), 80.0, 0.02),
    "crowd": Kind(16_000.0, 7.0, (40.0, 100.0), 80.0, 0.02),
    "whole": Kind(3000.0, 20.0, (40.0, 1000.0), 120.0, 0.11, 34.5, 13.0),
}


@dataclass(frozen=True)
class Case:
    """A case by its sizes; `make_tables` generates it."""

    kind: str
    """One of `KINDS`."""
    candidates: int
    """Sites."""
    years: int
    """Years that are decided; the last one is `LAST_YEAR`."""
    stations: int
    """Stations; every site has connections to the three nearest."""
    seed: int = 0

    @property
    def name(self) -> str:
        """Name in the registry, such as ``base-2000-10y`` or ``hard-500-1y-s1``."""
        seed = f"-s{self.seed}" if self.seed else ""
        return f"{self.kind}-{self.candidates}-{self.years}y{seed}"


@dataclass(frozen=True)
class Tables:
    """A case as `build_problem` takes it."""

    sites: pd.DataFrame
    described: pd.DataFrame
    options: pd.DataFrame
    headroom: pd.DataFrame
    basins: pd.DataFrame
    scenario: Scenario

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of `build_problem` and `verify` by name."""
        return dict(vars(self))


_SIZES = {500: 100, 2_000: 300, 10_000: 300}
_SEEDS = (0, 1, 2)

CASES: dict[str, Case] = {
    case.name: case
    for case in (
        Case(kind, candidates, years, stations, seed)
        for kind in KINDS
        for candidates, stations in _SIZES.items()
        for years in (1, 10)
        for seed in _SEEDS
        # 500 sites cannot carry the large targets
        if kind not in ("dense", "crowd") or candidates > min(_SIZES)
    )
}
"""All cases by name."""


def yearly_target_mw(case: Case) -> dict[int, float]:
    """Return the national IT load of every year of a case, rising in equal steps."""
    whole = KINDS[case.kind].target_mw
    years = range(LAST_YEAR - case.years + 1, LAST_YEAR + 1)
    steps = (np.arange(case.years) + 1) / case.years
    return {
        year: float(np.ceil(whole * step / BLOCK_MW - 1e-9) * BLOCK_MW)
        for year, step in zip(years, steps, strict=True)
    }


def make_tables(case: Case) -> Tables:
    """Generate a case.

    The one-year case and the ten-year one of the same kind, size and seed have the same sites,
    connections and basins.
    """
    kind = KINDS[case.kind]
    rng = np.random.default_rng([case.seed, case.candidates, *case.kind.encode()])
    x, y, ids = _places(rng, case.candidates)
    cost = _cost_per_mw(rng, x, y, kind)
    province = _nearest(rng, x, y, len(_PROVINCES))
    codes = np.array(_PROVINCES)[province]
    land = _land_mw(rng, len(x), kind)
    sites = pd.DataFrame(
        {
            "site_id": ids,
            "x_m": x,
            "y_m": y,
            "province_code": codes,
            "it_max_mw": np.floor(land / BLOCK_MW) * BLOCK_MW,
        }
    )
    described = pd.DataFrame(
        {
            "pue": 1.255 + 0.008 * _smooth(rng, x, y, 100.0),
            "water_m3_day_per_mw": 20.4,
            "basin_id": [f"B{place}" for place in _nearest(rng, x, y, _BASINS)],
            "suitability": np.clip(0.64 + 0.05 * _smooth(rng, x, y, 100.0), 0.0, 1.0),
        },
        index=pd.Index(ids, name="site_id"),
    )
    east, north = _stations(rng, x, y, case.stations)
    options = _options(rng, sites, cost, kind, (east, north))
    return Tables(
        sites=sites,
        described=described,
        options=options,
        headroom=_headroom(rng, case.stations),
        basins=pd.DataFrame(
            {
                "basin_id": [f"B{place}" for place in range(_BASINS)],
                "supply_m3_day": np.round(rng.lognormal(15.6, 0.8, _BASINS), -2),
            }
        ),
        scenario=_scenario(case, _dearest(codes, cost), sites, options),
    )


def _dearest(codes: NDArray[np.str_], cost: Floats) -> list[str]:
    """Return the two dearest provinces of those that have a twentieth of the sites or more."""
    table = pd.Series(cost).groupby(codes).agg(["mean", "size"])
    large = table[table["size"] >= len(codes) / 20]
    return [str(code) for code in large.sort_values("mean").index[-2:]]


def _target(case: Case) -> dict[str, Any]:
    """Return the scenario's target; several years only where the program knows of them."""
    by_year = yearly_target_mw(case)
    target: dict[str, Any] = {
        "it_mw": by_year.pop(LAST_YEAR),
        "year": LAST_YEAR,
        "works_begin": WORKS_BEGIN,
    }
    if by_year and "it_mw_by_year" in Target.model_fields:
        target["it_mw_by_year"] = by_year
    return target


def _scenario(case: Case, dear: list[str], sites: pd.DataFrame, options: pd.DataFrame) -> Scenario:
    """Return the scenario; the dearest provinces get a least share."""
    kind = KINDS[case.kind]
    raw: dict[str, Any] = {
        "name": case.name,
        "title": {"ko": case.name, "en": case.name},
        "target": _target(case),
        "build": {"it_min_mw": 40, "it_max_mw": 1000, "block_mw": BLOCK_MW},
        "spacing_km": kind.spacing_km,
        "provinces": {
            "count_min": 4,
            "share_max_pct": 30,
            "shares": {code: {"min_pct": 4} for code in dear},
        },
        "water": {"basin_share_pct": BASIN_SHARE_PCT},
        "objective": {"budget_bn_krw": _budget_bn_krw(kind, sites, options)},
        "connection": {"classes": [{"voltage_kv": 154, "station_kv": 154, "facility_max_mw": 400}]},
        "screening": {
            "exclusions": [
                {
                    "id": "sea",
                    "title": {"ko": "바다", "en": "Sea"},
                    "kind": "outside",
                    "layer": "provinces",
                }
            ]
        },
    }
    return Scenario.model_validate(raw)


def _budget_bn_krw(kind: Kind, sites: pd.DataFrame, options: pd.DataFrame) -> float:
    """Return the capital of the cheapest sites for the target, each with its nearest station.

    They break other limits, so the best plan has other sites, and less or more capital.
    """
    first = options.drop_duplicates("site_id").merge(sites, on="site_id", validate="one_to_one")
    it_mw = first["it_max_mw"].clip(upper=_TYPICAL_MW)
    cost = first["per_mw_bn_krw"] + first["fixed_bn_krw"] / it_mw
    order = np.argsort(cost.to_numpy(), kind="stable")
    needed = int(np.searchsorted(np.cumsum(it_mw.to_numpy()[order]), kind.target_mw)) + 1
    capital = first["capital_fixed_bn_krw"] + first["capital_per_mw_bn_krw"] * it_mw
    return float(round(capital.to_numpy()[order[:needed]].sum(), -1))


def _smooth(rng: np.random.Generator, x: Floats, y: Floats, wave_km: float) -> Floats:
    """Return a field that varies over some kilometres, of mean 0 and variance 1."""
    waves = 12
    field = np.zeros(len(x))
    for _ in range(waves):
        turn, size = rng.uniform(0, 2 * np.pi), rng.uniform(0.6, 1.4)
        along = (np.cos(turn) * x + np.sin(turn) * y) / (1000.0 * wave_km * size)
        field += np.sin(2 * np.pi * along + rng.uniform(0, 2 * np.pi))
    return np.asarray(field / np.sqrt(waves / 2), dtype=np.float64)


def _places(rng: np.random.Generator, count: int) -> tuple[Floats, Floats, NDArray[np.str_]]:
    """Return where the sites are: clusters of eligible land on a lattice, and their ids."""
    columns, rows = np.meshgrid(np.arange(_COLUMNS), np.arange(_ROWS))
    x = np.asarray(columns.ravel() * _LATTICE_M + _WEST_M, dtype=np.float64)
    y = np.asarray(rows.ravel() * _LATTICE_M + _SOUTH_M, dtype=np.float64)
    land = _smooth(rng, x, y, 50.0) + 0.6 * rng.normal(size=len(x))
    picked = np.sort(np.argsort(-land, kind="stable")[:count])
    east = x[picked] + rng.uniform(-900, 900, count)
    north = y[picked] + rng.uniform(-900, 900, count)
    return np.round(east), np.round(north), np.array([f"S{place:05d}" for place in picked])


def _land_mw(rng: np.random.Generator, count: int, kind: Kind) -> Floats:
    """Return the IT load that the land of every site carries: large pieces are rarer."""
    low, high = kind.land_mw
    if high < _LARGE_MW:
        return rng.uniform(low, high + BLOCK_MW, count)
    return np.clip(rng.lognormal(5.6, 1.1, count), low, high)


def _cost_per_mw(rng: np.random.Generator, x: Floats, y: Floats, kind: Kind) -> Floats:
    """Return the cost of a MW of IT load at every site, land apart, all of its years together."""
    differs = 2.5 + _smooth(rng, x, y, kind.wave_km) + kind.own_bn_krw * rng.normal(size=len(x))
    return np.asarray(kind.common_bn_krw + np.maximum(differs, 0.05), dtype=np.float64)


def _nearest(rng: np.random.Generator, x: Floats, y: Floats, count: int) -> Ints:
    """Return the nearest of some sites taken as centres, by number."""
    centres = rng.choice(len(x), count, replace=False)
    far = np.hypot(x[:, None] - x[centres], y[:, None] - y[centres])
    return np.asarray(np.argmin(far, axis=1), dtype=np.int64)


def _stations(rng: np.random.Generator, x: Floats, y: Floats, count: int) -> tuple[Floats, Floats]:
    """Return where the stations are: some kilometres off a site each."""
    spots = rng.choice(len(x), count, replace=False)
    return x[spots] + rng.normal(0, 4000, count), y[spots] + rng.normal(0, 4000, count)


def _options(
    rng: np.random.Generator,
    sites: pd.DataFrame,
    cost: Floats,
    kind: Kind,
    spots: tuple[Floats, Floats],
) -> pd.DataFrame:
    """Return the connections of every site to its three nearest stations."""
    east, north = spots
    count = len(sites)
    x, y = sites["x_m"].to_numpy(), sites["y_m"].to_numpy()
    far_km = np.hypot(x[:, None] - east, y[:, None] - north) / 1000.0
    near = np.argsort(far_km, axis=1, kind="stable")[:, :3]
    site = np.repeat(np.arange(count), 3)
    station = near.ravel()
    route_km = far_km[site, station] * rng.uniform(1.05, 1.4, 3 * count)
    fibre = rng.uniform(0.0, 1.7, count)[site]
    fixed = 12.0 + 1.12 * route_km + fibre
    land = 0.25 + 0.2 * rng.gamma(2.0, 0.5, count)[site]
    ids = sites["site_id"].to_numpy()
    return pd.DataFrame(
        {
            "option_id": [f"{ids[i]}@N{s:04d}-154" for i, s in zip(site, station, strict=True)],
            "site_id": ids[site],
            "station_id": [f"N{s:04d}" for s in station],
            "station_kv": 154.0,
            "voltage_kv": 154.0,
            "facility_min_mw": 40.0,
            "facility_max_mw": 400.0,
            "fixed_bn_krw": np.round(fixed, 4),
            "per_mw_bn_krw": np.round(cost[site] + land, 5),
            "capital_fixed_bn_krw": np.round(fixed, 4),
            "capital_per_mw_bn_krw": np.round(kind.common_capital_bn_krw + land, 5),
            "lead_time_years": np.where(route_km > 30.0, 6.0, 5.0),  # noqa: PLR2004 - a long line
            "banks": 0,
            "relief_mw": 0.0,
        }
    )


def _headroom(rng: np.random.Generator, stations: int) -> pd.DataFrame:
    """Return the headroom of every station today, and of a third of them more from a later year."""
    today = np.round(rng.gamma(1.6, 160.0, stations), 1)
    year = rng.choice([2033, 2036, 2039], stations)
    later = np.flatnonzero(rng.random(stations) < 1 / 3)
    more = np.round(today + rng.uniform(50.0, 400.0, stations), 1)
    names = np.array([f"N{place:04d}" for place in range(stations)])
    return pd.DataFrame(
        {
            "station_id": np.concatenate([names, names[later]]),
            "voltage_kv": 154.0,
            "headroom_mw": np.concatenate([today, more[later]]),
            "year": np.concatenate([np.full(stations, 2025), year[later]]),
        }
    )
