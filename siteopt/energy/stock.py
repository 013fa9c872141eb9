"""Finite stock of clean supply: running plants, awarded and licensed projects, new potential.

Each source is one technology, one status and one zone, with its MW, its price by yield, and the
joint limits on what is built until a year. Supply curves of this kind: Maclaurin and others 2019
(The Renewable Energy Potential (reV) Model).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.costs.electricity import generation_krw_kwh
from siteopt.energy.zones import share_by_zone
from siteopt.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from siteopt._arrays import Bools, Floats, Ints
    from siteopt.layers.protocols import LayersLike, ParametersLike
    from siteopt.scenario import Scenario

__all__ = [
    "MEAN_YIELD", "TECHNOLOGIES", "CleanSources", "managed_buses", "price_krw_kwh", "sources_of_zones",
    "stock_by_bus",
]  # fmt: skip

TECHNOLOGIES: Final = ("solar", "onshore_wind", "offshore_wind")
"""Kinds of plants."""

MEAN_YIELD: Final = {
    "solar": ("cf_solar_fleet", "solar"),
    "onshore_wind": ("cf_wind_fleet", "wind"),
    "offshore_wind": ("cf_wind_offshore", "wind"),
}
"""Parameter of the mean yield of each technology in percent, and the profile that it has."""

_RUNNING: Final = "operating"
_AWARDED: Final = ("selected", "building")
_KRW_PER_KWH: Final = 1000.0
_LEAST_MW: Final = 1.0
"""A source of less is left out."""
_LEAST_YIELD: Final = 0.02
"""No plant is built where it would yield less."""
_EARTH_KM: Final = 6371.0


@dataclass(frozen=True, eq=False)
class CleanSources:
    """Sources of a year: K of them, over N buses and H hours.

    Attributes
    ----------
    table : DataFrame
        One row a source: ``source`` (its name), ``technology``, ``status`` (``operating``,
        ``awarded``, ``licensed``, ``potential``), ``zone``, ``managed`` (whether it stands in a
        grid-managed region), ``most_mw``, ``krw_kwh``, ``yield_pct``.
    share : ndarray, shape (K, N)
        How each is spread over the buses.
    hourly : ndarray, shape (H, K)
        Output by capacity.
    groups : dict of str to tuple
        Joint limits: members, and MW.
    """

    table: pd.DataFrame
    share: Floats
    hourly: Floats
    groups: dict[str, tuple[Ints, float]]


def managed_buses(buses: pd.DataFrame, layers: LayersLike, year: int) -> tuple[Bools, int]:
    """Return which buses (N,) take no new generation yet when others do, and the years they have.

    A province that is managed as a whole takes new generation from a year on; where single
    stations of a province are managed no bus is known to be one of them.

    Parameters
    ----------
    buses : DataFrame
        ``province_code``.
    layers : LayersLike
        ``grid_managed``.
    year : int
        Year that is planned.

    Returns
    -------
    ndarray of bool, int
        Managed buses, and the number of years until ``year`` in which they take generation.
    """
    table = layers.table("grid_managed")
    whole = table[table["whole"].astype(bool)]
    codes = whole["province_code"].astype(str)
    since = int(whole["generation_from_year"].min()) if len(whole) else year
    return buses["province_code"].astype(str).isin(codes).to_numpy(), max(year - since + 1, 0)


def stock_by_bus(buses: pd.DataFrame, layers: LayersLike) -> dict[tuple[str, str], Floats]:
    """Return the stock in MW at each bus (N,) by technology and status.

    A plant whose place is known is at the nearest bus of its province. Others are spread over the
    province: solar and wind as the grid case spreads what it has, offshore projects as those
    whose place is known. What stands in a province without a bus (Jeju) is left out.

    Parameters
    ----------
    buses : DataFrame
        Of the grid case: ``province_code``, ``lon``, ``lat``, ``solar_mw``, ``wind_mw``.
    layers : LayersLike
        ``clean_stock``.
    """
    stock = layers.table("clean_stock")
    found: dict[tuple[str, str], Floats] = {}
    placed = stock["lon"].notna() & stock["lat"].notna()
    province = buses["province_code"].astype(str).to_numpy()
    for technology, status, code, lon, lat, mw in _rows(stock[placed]):
        near = _nearest_bus(buses, province, code, lon, lat)
        if near >= 0:
            found.setdefault((technology, status), np.zeros(len(buses)))[near] += mw
    for technology, status, code, _, _, mw in _rows(stock[~placed]):
        inside = province == code
        if inside.any():
            size = _pattern(buses, found, technology) * inside
            size = size if size.sum() > 0 else inside.astype(np.float64)
            at_bus = found.setdefault((technology, status), np.zeros(len(buses)))
            at_bus += mw * size / size.sum()
    return found


def _rows(stock: pd.DataFrame) -> Iterator[tuple[str, str, str, float, float, float]]:
    """Yield technology, status, province, longitude, latitude and MW of each row."""
    status = stock["status"].astype(str)
    awarded = status.isin(_AWARDED)
    yield from zip(
        stock["technology"].astype(str),
        status.where(~awarded, "awarded"),
        stock["province_code"].astype(str),
        *(stock[name].to_numpy(dtype=np.float64).tolist() for name in ("lon", "lat", "mw")),
        strict=True,
    )


def _pattern(
    buses: pd.DataFrame, found: Mapping[tuple[str, str], Floats], technology: str
) -> Floats:
    """Return in which proportions what has no place is spread."""
    if technology == "offshore_wind":
        placed = [mw for (kind, _), mw in found.items() if kind == technology]
        return np.sum(placed, axis=0) if placed else np.zeros(len(buses))
    column = "solar_mw" if technology == "solar" else "wind_mw"
    return np.asarray(buses[column].fillna(0.0).to_numpy(dtype=np.float64))


def _nearest_bus(
    buses: pd.DataFrame, province: np.ndarray, code: str, lon: float, lat: float
) -> int:
    """Return the row of the nearest bus of a province, -1 where it has none."""
    inside = np.flatnonzero(province == code)
    if not len(inside):
        return -1
    north = np.radians(buses["lat"].to_numpy(dtype=np.float64)[inside] - lat)
    east = np.radians(buses["lon"].to_numpy(dtype=np.float64)[inside] - lon)
    far_km = _EARTH_KM * np.hypot(north, east * np.cos(np.radians(lat)))
    return int(inside[far_km.argmin()])


def sources_of_zones(  # noqa: PLR0913, PLR0917 - what a stock is made of
    stock: Mapping[tuple[str, str], Floats],
    hourly: Mapping[str, Floats],
    weight_h: Floats,
    zone: Ints,
    managed: tuple[Bools, int],
    parameters: ParametersLike,
    scenario: Scenario,
    year: int,
) -> CleanSources:
    """Return the sources of a year, one a technology, status, zone and side of managed regions.

    Parameters
    ----------
    stock : mapping
        MW at each bus (N,) by technology and status, ``potential`` included.
    hourly : mapping
        Output by capacity (H, N), by technology.
    weight_h : ndarray, shape (H,)
        Hours of the year that each hour represents.
    zone : ndarray of int, shape (N,)
        Zone of each bus.
    managed : tuple
        Of `managed_buses`.
    parameters : ParametersLike
        Auction prices, yields, build rates.
    scenario : Scenario
        ``energy.supply``, and when works begin.
    year : int
        Year that is planned.

    Raises
    ------
    LayerError
        If a technology has no price.
    """
    settings = scenario.energy.supply
    usable = {_RUNNING: settings.existing_share_pct, "licensed": settings.licensed_share_pct}
    inside, _ = managed
    rows, shares, profiles = [], [], []
    for (technology, status), mw in sorted(stock.items()):
        share_of = usable.get(status, 100.0) / 100.0
        for side in (False, True):
            size = np.where(inside == side, mw, 0.0) * share_of
            by_zone = np.bincount(zone, size, int(zone.max()) + 1)
            spread = share_by_zone(zone, size)
            for place in np.flatnonzero(by_zone >= _LEAST_MW).tolist():
                profile = hourly[technology] @ spread[place]
                mean = float(weight_h @ profile / weight_h.sum())
                if mean < _LEAST_YIELD:
                    continue
                rows.append(
                    {
                        "source": f"{technology} {status} {place}{'m' if side else ''}",
                        "technology": technology,
                        "status": status,
                        "zone": place,
                        "managed": side,
                        "most_mw": float(by_zone[place]),
                        "krw_kwh": price_krw_kwh(technology, mean, parameters),
                        "yield_pct": 100.0 * mean,
                    }
                )
                shares.append(spread[place])
                profiles.append(profile)
    if not rows:
        raise LayerError(
            "layer clean_stock: no plant at a bus of the grid case; some MW are needed"
        )
    table = pd.DataFrame(rows)
    limits = _build_limits(table, managed, parameters, scenario, year)
    return CleanSources(table, np.array(shares), np.stack(profiles, axis=1), dict(limits))


def price_krw_kwh(technology: str, mean: float, parameters: ParametersLike) -> float:
    """Return the price of what a plant yields: by auction, in inverse proportion to the yield.

    As contracts for a fixed share are priced (`siteopt.costs.electricity.price_parts_krw_kwh`).

    Parameters
    ----------
    technology : str
        One of `TECHNOLOGIES`.
    mean : float
        Mean yield of the plant, 0 to 1.
    parameters : ParametersLike
        Auction price and mean yield of the technology.
    """
    price = generation_krw_kwh(technology, parameters)
    return price * parameters.value(MEAN_YIELD[technology][0]) / 100.0 / mean


def _build_limits(
    table: pd.DataFrame,
    managed: tuple[Bools, int],
    parameters: ParametersLike,
    scenario: Scenario,
    year: int,
) -> Iterator[tuple[str, tuple[Ints, float]]]:
    """Yield the joint limits: what is built a year, times the years that there are."""
    _, managed_years = managed
    energy, years = scenario.energy.supply, max(year - scenario.target.works_begin, 0)
    new = table["status"].isin(["licensed", "potential"])
    for technology in TECHNOLOGIES:
        rate = parameters.value(f"{technology}_build_mw_year_{energy.build}")
        own = new & (table["technology"] == technology)
        for name, members, count in (
            ("built", own, years), ("built where managed", own & table["managed"], managed_years),
        ):  # fmt: skip
            if members.any():
                yield f"{technology} {name}", (np.flatnonzero(members), rate * count)
