"""Units of money."""

from __future__ import annotations

from typing import Final

__all__ = ["KRW_PER_BN"]

KRW_PER_BN: Final = 1e9
"""Won in a billion won (bn KRW), the unit of all costs."""
