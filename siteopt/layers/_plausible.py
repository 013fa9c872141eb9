"""Plausibility bounds of columns, by the unit at the end of their name.

These are checks of plausibility, not of taste: each is well above the largest that there is, so
that only another unit (m2 for hectares, kW for MW), a slipped comma or a word for "not known"
(9999999) is found.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from siteopt.layers.fields import LayerSchema

__all__ = ["LARGEST_PARCEL_HA", "with_bounds"]

LARGEST_PARCEL_HA: Final = 10_000.0
"""The largest industrial complex of the embedded table has 5,762 ha."""

_BY_UNIT: Final[tuple[tuple[tuple[str, ...], float, str], ...]] = (
    # All plants of Korea together have about 150,000 MW.
    (("mw", "mw_read", "mw_min", "mw_max", "mva"), 200_000, "MW, not kW"),
    # Korea uses about 600,000 GWh a year.
    (("gwh",), 1_000_000, "GWh, not MWh"),
    # The generators of the embedded case cost at most 78,774 won/MWh and 13,989,243 won/h.
    (("krw_mw2h",), 1_000_000, "won a MW and MWh"),
    (("krw_mwh",), 10_000_000, "won a MWh"),
    (("krw_h",), 1_000_000_000, "won an hour"),
    # A kWh costs large customers 155 to 183 won.
    (("krw_kwh",), 10_000, "won a kWh, not a MWh"),
    # The dearest land of the country is rated at less than 200 million won a m2.
    (("krw_m2",), 1_000_000_000, "won a m2"),
    # South Korea has 100,472 km2; its largest district 1,820 km2, which are 182,050 ha.
    (("km2",), 120_000, "km2, not ha or m2"),
    (("ha",), 200_000, "hectares, not m2"),
    # The country is some 500 km long; the longest line is that of a corner of every expressway.
    (("length_km",), 10_000, "km, not m"),
    (("km",), 1_000, "km, not m"),
    (("m",), 100_000, "metres"),
    # The largest basin of dams holds 6,997 million m3.
    (("mcm",), 50_000, "million m3, not m3"),
    # The waterworks with most to spare has 1,364,778 m3 a day.
    (("m3_day",), 50_000_000, "m3 a day"),
    (("m3_m2",), 10_000, "m3 a m2"),
    # The province that makes most of what it uses makes 263 %.
    (("pct",), 10_000, "per cent"),
    # 51.7 million people live in the country.
    (("mln",), 100, "millions of people, not people"),
    (("electors",), 50_000_000, "people"),
    # Reactances of the embedded case are at most 0.05, charging 8, in units of the case's base.
    (("pu",), 100_000, "per unit of the base"),
    (("ratio",), 100, "a ratio of turns"),
    (("lon", "lat"), 360, "degrees"),
    # Values of parameter tables, each in a unit of its own; the largest is 3,000,000.
    (("value", "low", "high"), 1_000_000_000_000, "the unit of the row"),
)
"""Ends of names, the largest plausible value, and the likely mistake where it is exceeded."""

_COUNTS: Final = 10_000_000, "a count"
"""Of whatever else is counted: stations, circuits, turbines, cells, lots."""


def with_bounds(schema: LayerSchema) -> LayerSchema:
    """Return a schema whose columns of numbers without an upper bound have a plausible one."""
    fields = {
        name: replace(item, plausible=_bound(name))
        if item.kind in {"number", "whole"} and (item.high is None or item.low is None)
        else item
        for name, item in schema.fields.items()
    }
    rest = schema.rest
    if rest is not None and rest.high is None:
        rest = replace(rest, plausible=_bound("mw"))
    return replace(schema, fields=fields, rest=rest)


def _bound(name: str) -> tuple[float, str]:
    for ends, most, what in _BY_UNIT:
        if any(name == end or name.endswith(f"_{end}") for end in ends):
            return most, what
    return _COUNTS
