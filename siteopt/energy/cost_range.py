"""Range of the cost of clean energy: prices and yields at the ends of what they may be.

One group of parameters at a time (one-at-a-time sensitivity, tornado diagram: Eschenbach 1992,
Spiderplots versus tornado diagrams for sensitivity analysis), and all together. The latter is a
bounding box: nothing says that all are low, or high, at once.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, Protocol

import pandas as pd

from siteopt.energy.clean_supply import with_parameters
from siteopt.energy.curve_points import CurvePoint, curve_points, percent
from siteopt.energy.program import EnergyProgram

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from siteopt._arrays import Floats
    from siteopt.energy.clean_supply import CleanSupplyData
    from siteopt.energy.supply import Supply
    from siteopt.layers.parameters import Parameter
    from siteopt.scenario import Scenario

__all__ = ["ALL", "SIDES", "UNCERTAIN", "ParametersWithRange", "cost_range"]

UNCERTAIN: Final = {
    "solar_auction_price": ("solar_auction_price",),
    "onshore_wind_auction_price": ("onshore_wind_auction_price",),
    "offshore_wind_auction_price": ("offshore_wind_auction_price",),
    "yields": ("cf_solar_fleet", "cf_wind_fleet", "cf_wind_offshore"),
    "batteries": ("battery_krw_kw", "battery_krw_kwh"),
    "ppa_grid_adders": ("ppa_grid_adders",),
    "tariff_industrial_b": ("tariff_industrial_b",),
}
"""Parameters that are varied, those of one name together."""

ALL: Final = "all"
"""Name of all together."""

SIDES: Final = ("low", "high")
"""Where clean energy costs less, and where it costs more."""

_YIELDS: Final = frozenset(UNCERTAIN["yields"])
"""Those of which more costs less."""

_KWH_PER_MWH: Final = 1000.0
_HOURS: Final = 8760.0


class ParametersWithRange(Protocol):
    """Parameters whose rows have a low and a high end."""

    def value(self, key: str, /) -> float:
        """Return the value of a parameter."""
        ...

    def row(self, key: str, /) -> Parameter:
        """Return a parameter with its range."""
        ...

    def __len__(self) -> int:
        """Return the number of parameters."""
        ...


class _Changed:
    """Parameters of which some have other values."""

    def __init__(self, parameters: ParametersWithRange, changed: Mapping[str, float]) -> None:
        self._parameters, self._changed = parameters, changed

    def value(self, key: str) -> float:
        """Return the value of a parameter."""
        found = self._changed.get(key)
        return self._parameters.value(key) if found is None else found

    def __len__(self) -> int:
        return len(self._parameters)


def cost_range(  # noqa: PLR0913, PLR0917 - a program with its data and the run
    program: EnergyProgram,
    data: CleanSupplyData,
    load_mw: Floats,
    shares: Sequence[float],
    scenario: Scenario,
    parameters: ParametersWithRange,
) -> pd.DataFrame:
    """Return the cost at the ends of `UNCERTAIN`; the program is left as it was given, but warm.

    Parameters
    ----------
    program : EnergyProgram
        Of the supply as it is.
    data : CleanSupplyData
        That supply.
    load_mw : ndarray, shape (N,)
        Steady load by bus.
    shares : sequence of float
        Clean shares, 0 to 1.
    scenario : Scenario
        The run.
    parameters : ParametersWithRange
        Values, and the ends of their ranges; an end that is not given is the value.

    Returns
    -------
    DataFrame
        ``what``, ``side``, ``target_pct``, ``reached_pct``, ``krw_kwh``, ``change_krw_kwh``.
    """
    variants = _variants(data, scenario, parameters)
    scale = 1.0 / (float(load_mw.sum()) * _HOURS * _KWH_PER_MWH)
    base = {point.target: point for point in curve_points(program, load_mw, shares)}
    rows = [
        _row(name, point, base[point.target], scale)
        for name, point in _solved(program, load_mw, shares, variants)
    ]
    order = [(what, side) for what in (*UNCERTAIN, ALL) for side in SIDES]
    rows.sort(key=lambda row: (order.index((row["what"], row["side"])), row["target_pct"]))
    return pd.DataFrame(rows)


def _variants(
    data: CleanSupplyData, scenario: Scenario, parameters: ParametersWithRange
) -> dict[tuple[str, str], Supply]:
    """Return the supply at both ends of each group and of all together."""
    groups = {**UNCERTAIN, ALL: tuple(key for keys in UNCERTAIN.values() for key in keys)}
    found = {}
    for name, keys in groups.items():
        for side in SIDES:
            ends = {key: _end(parameters.row(key), cheap=side == "low") for key in keys}
            changed = _Changed(parameters, ends)
            found[name, side] = with_parameters(data, parameters, changed, scenario)
    return found


def _end(row: Parameter, *, cheap: bool) -> float:
    """Return the end of a range at which clean energy costs less, or more."""
    ends = [row.value, *(end for end in (row.low, row.high) if end is not None)]
    return min(ends) if cheap != (row.key in _YIELDS) else max(ends)


def _solved(
    program: EnergyProgram,
    load_mw: Floats,
    shares: Sequence[float],
    variants: Mapping[tuple[str, str], Supply],
) -> Iterator[tuple[tuple[str, str], CurvePoint]]:
    """Yield the points of all variants: other prices share the program, other yields do not.

    Those have programs of their own, solved side by side with the shared one.
    """
    own = program.supply
    apart = {
        name: supply
        for name, supply in variants.items()
        if supply.source_yield is not own.source_yield
    }
    with ThreadPoolExecutor(1) as pool:
        points = pool.map(
            lambda supply: curve_points(EnergyProgram(supply, program.matching), load_mw, shares),
            apart.values(),
        )
        yield from _of_prices(program, load_mw, shares, variants)
        for name, some in zip(apart, points, strict=True):
            yield from ((name, one) for one in some)


def _of_prices(
    program: EnergyProgram,
    load_mw: Floats,
    shares: Sequence[float],
    variants: Mapping[tuple[str, str], Supply],
) -> Iterator[tuple[tuple[str, str], CurvePoint]]:
    """Yield the points of variants of other prices; the program is left with its own supply."""
    own = program.supply
    for share in shares:  # prices inside: a basis is nearer to that of other prices
        for name, supply in variants.items():
            if supply.source_yield is own.source_yield:
                program.set_supply(supply)
                yield from ((name, one) for one in curve_points(program, load_mw, [share]))
    program.set_supply(own)


def _row(
    name: tuple[str, str], point: CurvePoint, base: CurvePoint, scale: float
) -> dict[str, Any]:
    what, side = name
    return {
        "what": what,
        "side": side,
        "target_pct": percent(point.target),
        "reached_pct": percent(point.reached),
        "krw_kwh": scale * point.krw_year,
        "change_krw_kwh": scale * (point.krw_year - base.krw_year),
    }
