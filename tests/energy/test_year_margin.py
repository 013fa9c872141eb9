"""The share asked of typical days, so that the whole year keeps the one that is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from siteopt.energy import year_margin
from siteopt.energy.clean_supply import CleanSupplyData, clean_supply
from siteopt.energy.year_margin import with_year_margin
from siteopt.layers import open_layers
from siteopt.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable


def scenario(**energy: Any) -> Scenario:
    """Return the ready scenario with few days and zones."""
    raw = load_scenario("national-2035-hourly").model_dump()
    supply = raw["energy"]["supply"] | {"typical_days": 2, "zones": 8}
    return Scenario.model_validate(raw | {"energy": raw["energy"] | energy | {"supply": supply}})


@pytest.fixture(scope="module")
def layers() -> Any:
    return open_layers()


@pytest.fixture(scope="module")
def data(layers: Any) -> CleanSupplyData:
    return clean_supply(layers, scenario(), 2035)


def following(
    monkeypatch: pytest.MonkeyPatch, kept: Callable[[float], float | None]
) -> list[float]:
    """Let the year keep a given share of what is asked; return the list of what was asked."""
    asked: list[float] = []

    def share(_: Any, now: float, *__: Any) -> float | None:
        asked.append(now)
        return kept(now)

    monkeypatch.setattr(year_margin, "_kept_share", share)
    return asked


@pytest.mark.parametrize(
    ("kept", "target"),
    [
        (lambda asked: asked, 0.8),  # the typical days are the year
        (lambda asked: asked - 0.05, 0.85),
        (lambda asked: 0.5 + 0.4 * asked, 0.8),
        (lambda asked: 0.8 - 0.3 * (0.9 - asked), 0.9),
        (lambda asked: asked**2, 0.895),  # the next step above the root of 0.8
    ],
)
def test_the_share_is_the_least_step_that_the_year_keeps(
    monkeypatch: pytest.MonkeyPatch, layers: Any, data: CleanSupplyData,
    kept: Callable[[float], float], target: float,
) -> None:  # fmt: skip
    asked = following(monkeypatch, kept)
    found = with_year_margin(data, scenario(), layers).supply.target
    assert found == pytest.approx(target, abs=1e-9)
    assert kept(found) >= 0.8 - 1e-9
    assert len(asked) <= 8


def test_where_the_stock_ends_the_days_are_asked_for_the_most_that_was_met(
    monkeypatch: pytest.MonkeyPatch, layers: Any, data: CleanSupplyData
) -> None:
    asked = following(monkeypatch, lambda now: None if now > 0.83 else now - 0.05)
    found = with_year_margin(data, scenario(), layers).supply.target
    assert 0.8 <= found <= 0.83
    assert found in asked


def test_a_share_out_of_reach_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch, layers: Any, data: CleanSupplyData
) -> None:
    following(monkeypatch, lambda _: None)
    assert with_year_margin(data, scenario(), layers).supply.target == 0.8


@pytest.mark.parametrize("matching", ["hourly", "annual"])
def test_on_the_real_layers_the_year_keeps_the_share(layers: Any, matching: str) -> None:
    asked = scenario(matching=matching)
    raised = with_year_margin(clean_supply(layers, asked, 2035), asked, layers)
    assert raised.supply.target >= 0.8
    year = year_margin.whole_year(raised, layers, asked)
    load_mw = year_margin.reference_load_mw(asked, layers)
    program = year_margin.program_of(raised, asked)
    kept = year_margin._kept_share(program, raised.supply.target, load_mw, year, asked)
    assert kept is not None
    # From another basis an equally cheap plan may be found, which keeps a little less.
    assert kept >= 0.8 - 0.005
