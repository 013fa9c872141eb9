"""Static pictures of an answer, by matplotlib: maps, costs, robustness, energy by the hour."""

from __future__ import annotations

__all__: list[str] = []
