"""Stage of the cost curve: asked for or not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from siteopt.runs.pipeline import BRIEF_STAGES, CURVE, ENERGY, STAGES, SUPPLY
from siteopt.scenario import load_scenario


def given(supplies: list[object], *, curve: bool) -> Any:
    """Return what the stage is given, with a plan that nothing may be asked of."""
    scenario = load_scenario("national-2035-hourly")
    supply = scenario.energy.supply.model_copy(update={"curve": curve})
    energy = scenario.energy.model_copy(update={"supply": supply})
    return SimpleNamespace(
        scenario=scenario.model_copy(update={"energy": energy}),
        layers=None,
        result=lambda stage: supplies if stage is SUPPLY else object(),
    )


@pytest.mark.parametrize(("supplies", "curve"), [([], True), ([object()], False)])
def test_no_curve_where_none_is_asked_for(supplies: list[object], *, curve: bool) -> None:
    assert CURVE.function(given(supplies, curve=curve)) is None


def test_after_the_energy_of_the_plan_and_not_in_a_brief_run() -> None:
    assert STAGES.index(CURVE) == STAGES.index(ENERGY) + 1
    assert CURVE not in BRIEF_STAGES


def test_the_points_are_twelve_unless_told_otherwise() -> None:
    points = load_scenario("national-2035-hourly").energy.supply.curve_pct
    assert points == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100]
