"""Criteria weights of a scenario: names, and at least one above zero."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field

__all__ = ["CRITERION_NAMES", "Criterion", "Weights"]

CRITERION_NAMES: Final = (
    "grid", "clean_energy", "water", "network", "land", "cooling", "hazard", "people", "access",
)  # fmt: skip
"""Names of the criteria, as ``[weights]`` of a scenario writes them."""


def _known(name: str) -> str:
    if name not in CRITERION_NAMES:
        raise ValueError(f"no such criterion; known are {', '.join(CRITERION_NAMES)}")
    return name


def _one_counts(weights: dict[str, float]) -> dict[str, float]:
    if weights and not sum(weights.values()) > 0:
        raise ValueError("all are 0; at least one criterion needs a positive weight")
    return weights


Criterion = Annotated[str, AfterValidator(_known)]
"""Name of a criterion."""

Weights = Annotated[
    dict[Criterion, Annotated[float, Field(ge=0)]],
    AfterValidator(_one_counts),
]
"""Weights by criterion; equal where empty."""
