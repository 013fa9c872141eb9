"""Made cases of the program: a registry by name, each generated from its seed.

A case is the tables that `siteopt.portfolio.build_problem` takes. Their figures have the size of
those of the ready scenario ``national-2035`` (costs a MW, connections, headroom, basins, land);
the places are made. Kinds (`benchmarks.kinds`) differ in what makes them hard.

All but ``whole`` leave out what costs the same everywhere (nine tenths: building and energy). So a
gap of 0.1 % is 0.1 % of the money that the choice of sites decides, and more is asked of a solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks import _made as made
from benchmarks.kinds import KINDS
from siteopt.scenario import Scenario

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["CASES", "Case", "Tables", "make_tables", "yearly_target_mw"]

LAST_YEAR = 2040
"""Target year of every case."""
WORKS_BEGIN = 2026
BLOCK_MW = 20.0
BASIN_SHARE_PCT = 1.0
DISCOUNT_PCT = 4.5

_TYPICAL_MW = 180.0  # build of a kind whose sites are not small, roughly
_FULL_SIZE = 400  # candidates from which on the target is that of the kind
_PROVINCES = ("26", "27", "29", "30", "31", "36", "43", "44", "46", "47", "48", "50", "51", "52")
_BASINS = 9


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
    grows: bool = True
    """Whether a site may get further blocks in years after it opened."""

    @property
    def target_mw(self) -> float:
        """National IT load in the target year; less where there are few candidates."""
        share = min(1.0, self.candidates / _FULL_SIZE)
        return float(np.ceil(KINDS[self.kind].target_mw * share / BLOCK_MW) * BLOCK_MW)

    @property
    def spacing_km(self) -> float:
        """Smallest distance between two chosen sites; less where there are few candidates."""
        return KINDS[self.kind].spacing_km * (1.0 if self.candidates >= _FULL_SIZE else 0.5)

    @property
    def gap(self) -> float:
        """Relative gap at which the case counts as solved."""
        if self.years == 1:
            return 1e-4
        return 1e-3 if self.candidates < max(_SIZES) else 1e-2

    @property
    def name(self) -> str:
        """Name in the registry, such as ``base-2000-10y`` or ``hard-500-10y-fixed-s1``."""
        fixed = "" if self.grows else "-fixed"
        seed = f"-s{self.seed}" if self.seed else ""
        return f"{self.kind}-{self.candidates}-{self.years}y{fixed}{seed}"


@dataclass(frozen=True)
class Tables:
    """A case as `build_problem` takes it."""

    sites: pd.DataFrame
    described: pd.DataFrame
    options: pd.DataFrame
    headroom: pd.DataFrame
    basins: pd.DataFrame
    scenario: Scenario
    discount_pct: float
    """Yearly rate at which costs of later years are discounted to the first one."""

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of `build_problem` by name."""
        return vars(self).copy()


_SIZES = {100: 40, 500: 100, 2_000: 300, 10_000: 300}
_LARGE = 2_000
_SEEDS = (0, 1, 2)


def _span(candidates: int) -> int:
    """Return over how many years a plan of so many candidates goes, where it has several."""
    return 10 if candidates >= _FULL_SIZE else 3


CASES: dict[str, Case] = {
    case.name: case
    for case in (
        Case(kind, candidates, years, stations, seed, grows=grows)
        for kind in KINDS
        for candidates, stations in _SIZES.items()
        for years, grows in ((1, True), (_span(candidates), True), (_span(candidates), False))
        for seed in _SEEDS
        # few sites cannot carry the large targets
        if kind not in ("dense", "crowd") or candidates >= _LARGE
    )
}
"""All cases by name."""


def yearly_target_mw(case: Case) -> dict[int, float]:
    """Return the national IT load of every year of a case, rising in equal steps."""
    years = range(LAST_YEAR - case.years + 1, LAST_YEAR + 1)
    steps = (np.arange(case.years) + 1) / case.years
    return {
        year: float(np.ceil(case.target_mw * step / BLOCK_MW - 1e-9) * BLOCK_MW)
        for year, step in zip(years, steps, strict=True)
    }


def make_tables(case: Case) -> Tables:
    """Generate a case.

    The one-year case and the ten-year one of the same kind, size and seed have the same sites,
    connections and basins.
    """
    kind = KINDS[case.kind]
    rng = np.random.default_rng([case.seed, case.candidates, *case.kind.encode()])
    x, y, ids = made.places(rng, case.candidates)
    cost = made.cost_per_mw(rng, x, y, kind)
    province = made.nearest(rng, x, y, len(_PROVINCES))
    codes = np.array(_PROVINCES)[province]
    land = made.land_mw(rng, len(x), kind)
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
            "pue": 1.255 + 0.008 * made.smooth(rng, x, y, 100.0),
            "water_m3_day_per_mw": 20.4,
            "basin_id": [f"B{place}" for place in made.nearest(rng, x, y, _BASINS)],
            "suitability": np.clip(0.64 + 0.05 * made.smooth(rng, x, y, 100.0), 0.0, 1.0),
        },
        index=pd.Index(ids, name="site_id"),
    )
    east, north = made.stations(rng, x, y, case.stations)
    options = made.connections(rng, sites, cost, kind, (east, north))
    return Tables(
        sites=sites,
        described=described,
        options=options,
        headroom=made.headroom(rng, case.stations),
        basins=pd.DataFrame(
            {
                "basin_id": [f"B{place}" for place in range(_BASINS)],
                "supply_m3_day": np.round(rng.lognormal(15.6, 0.8, _BASINS), -2),
            }
        ),
        scenario=_scenario(case, _dearest(codes, cost), sites, options),
        discount_pct=DISCOUNT_PCT,
    )


def _dearest(codes: NDArray[np.str_], cost: Floats) -> list[str]:
    """Return the two dearest provinces of those that have a twentieth of the sites or more."""
    table = pd.Series(cost).groupby(codes).agg(["mean", "size"])
    large = table[table["size"] >= len(codes) / 20]
    return [str(code) for code in large.sort_values("mean").index[-2:]]


def _target(case: Case) -> dict[str, Any]:
    """Return the scenario's target."""
    by_year = yearly_target_mw(case)
    target: dict[str, Any] = {
        "it_mw": by_year.pop(LAST_YEAR),
        "year": LAST_YEAR,
        "works_begin": WORKS_BEGIN,
    }
    if by_year:
        target["it_mw_by_year"] = by_year
    return target


def _build(case: Case) -> dict[str, Any]:
    """Return what may be built at a site."""
    return {"it_min_mw": 40, "it_max_mw": 1000, "block_mw": BLOCK_MW, "grows": case.grows}


def _scenario(case: Case, dear: list[str], sites: pd.DataFrame, options: pd.DataFrame) -> Scenario:
    """Return the scenario; the dearest provinces get a least share."""
    raw: dict[str, Any] = {
        "name": case.name,
        "title": {"ko": case.name, "en": case.name},
        "target": _target(case),
        "build": _build(case),
        "spacing_km": case.spacing_km,
        "provinces": {
            "count_min": 4,
            "share_max_pct": 30,
            "shares": {code: {"min_pct": 4} for code in dear},
        },
        "water": {"basin_share_pct": BASIN_SHARE_PCT},
        "objective": {"budget_bn_krw": _budget_bn_krw(case, sites, options)},
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


def _budget_bn_krw(case: Case, sites: pd.DataFrame, options: pd.DataFrame) -> float:
    """Return the capital of the cheapest sites for the target, each with its nearest station.

    They break other limits, so the best plan has other sites, and less or more capital.
    """
    first = options.drop_duplicates("site_id").merge(sites, on="site_id", validate="one_to_one")
    it_mw = first["it_max_mw"].clip(upper=_TYPICAL_MW)
    cost = first["per_mw_bn_krw"] + first["fixed_bn_krw"] / it_mw
    order = np.argsort(cost.to_numpy(), kind="stable")
    needed = int(np.searchsorted(np.cumsum(it_mw.to_numpy()[order]), case.target_mw)) + 1
    capital = first["capital_fixed_bn_krw"] + first["capital_per_mw_bn_krw"] * it_mw
    return float(round(capital.to_numpy()[order[:needed]].sum(), -1))
