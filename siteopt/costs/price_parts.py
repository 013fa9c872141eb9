"""Names of the parts of an electricity price."""

from __future__ import annotations

from typing import Final

__all__ = ["MATCHED_PARTS", "PRICE_PARTS"]

MATCHED_PARTS: Final = ("storage", "excess", "redispatch", "place")
"""Parts of the price that only matched energy has: batteries, what excess earns (below 0), fuel
that the grid needs beside the market's, and what a place is dearer or cheaper than the mean."""

PRICE_PARTS: Final = (
    "grid", "zone", "solar", "onshore_wind", "offshore_wind", "adders", *MATCHED_PARTS,
)  # fmt: skip
"""What the price of a kWh is the sum of, each with its share of the energy."""
