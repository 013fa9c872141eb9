"""Scenario sections of clean supply: what they take and refuse."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from siteopt.scenario import Above, Near
from siteopt.scenario.energy_supply import Potential

TITLE = {"ko": "가", "en": "a"}
SLOPE = {"id": "slope", "title": TITLE, "kind": "above", "layer": "slope", "threshold": 15}
TOWNS = {"id": "towns", "title": TITLE, "kind": "near", "layer": "towns", "buffer_m": 200}


def potential(**changed: Any) -> Potential:
    return Potential.model_validate(
        {"technology": "solar", "share_pct": 2.5, "exclusions": [SLOPE, TOWNS], **changed}
    )


def test_rules_are_those_of_screening() -> None:
    slope, towns = potential().exclusions
    assert isinstance(slope, Above)
    assert isinstance(towns, Near)
    assert towns.buffer_m == 200


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"technology": "offshore_wind"}, "'solar' or 'onshore_wind'"),
        ({"share_pct": 101}, "less than or equal to 100"),
        ({"exclusions": []}, "at least 1 item"),
        ({"exclusions": [SLOPE, {**TOWNS, "id": "slope"}]}, "must be unique, but slope appears twice"),
        ({"setback_m": 200}, "Extra inputs are not permitted"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        potential(**changed)
