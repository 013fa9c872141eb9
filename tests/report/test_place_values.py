"""Figure of a place by exclusion, from the embedded layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from siteopt import load_scenario
from siteopt._data import data_folder
from siteopt.lattice import Lattice
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.store import Layers
from siteopt.report._names import Names
from siteopt.report._place_values import place_values
from siteopt.report._rules import distance_fact, threshold_fact
from siteopt.report.facts import Fact, say
from siteopt.scenario import Exclusion, Near, RasterExclusion
from siteopt.screening.conditions import condition_of
from siteopt.screening.exclusions import cell_figure

CELL = Lattice(1_100_000.0, 1_800_000.0, 250.0, 1, 1)


def told(*rules: dict[str, Any]) -> dict[str, str]:
    """Return the English words of the figure of each rule that applies."""
    catalogue = read_catalogue(data_folder())
    full = [
        {"id": f"r{place}", "title": {"ko": "가", "en": "a"}, **one}
        for place, one in enumerate(rules)
    ]
    record = {
        "inputs": [
            {"id": name, "sha256": catalogue[name].sha256} for name in ("slope", "substations")
            if name in catalogue
        ],
        "scenario": {"screening": {"exclusions": full}},
    }  # fmt: skip
    facts = place_values(record, [one["id"] for one in full], CELL)
    return {name: say(fact, "en", Names()) for name, fact in facts.items()}


def test_a_value_is_told_where_the_cell_itself_meets_the_condition() -> None:
    layers = Layers(read_catalogue(data_folder()))
    corner = np.zeros(1, dtype=np.int64)
    x, y = CELL.centres_m(corner, corner)
    slope = float(layers.raster("slope").sample(x, y)[0])
    assert slope > 1.0
    found = told(
        {"kind": "within_range", "layer": "slope", "low": slope - 1, "high": slope + 1},
        {"kind": "within_range", "layer": "slope", "low": slope + 1, "high": slope + 2, "buffer_m": 900},
        {"kind": "outside_range", "layer": "slope", "low": slope + 1, "high": slope + 2},
        {"kind": "outside_range", "layer": "slope", "low": 0, "high": 90},
        {"kind": "not_in_classes", "layer": "slope", "classes": [100]},
        {"kind": "in_classes", "layer": "slope", "classes": [100]},
        {"kind": "min_width", "width_m": 900},
        {"kind": "min_area", "area_ha": 900},
        {"kind": "above", "layer": "slope", "threshold": 0},
    )  # fmt: skip
    assert set(found) == {"r0", "r2", "r4", "r8"}
    assert len(set(found.values())) == 1
    assert float(found["r0"].removesuffix("°")) == round(slope, 2)


CELLS = [
    Lattice(x_m, y_m, 250.0, 1, 1)
    for x_m, y_m in (
        (1_050_000.0, 1_800_250.0),
        (1_099_750.0, 1_950_000.0),
        (746_000.0, 2_068_500.0),
    )
]
"""Inland, in the mountains, and in the sea."""


@pytest.fixture(scope="module")
def layers() -> Layers:
    return Layers(read_catalogue(data_folder()))


@pytest.fixture(scope="module")
def rules(layers: Layers) -> list[Exclusion]:
    given = load_scenario("national-2035").screening.exclusions
    return [one for one in given if getattr(one, "layer", "") in layers.ids]


def record_of(rules: list[Exclusion], layers: Layers, **changes: str) -> dict[str, Any]:
    plain = [one.model_dump(mode="json") for one in rules]
    inputs = [{"id": one, "sha256": layers.sha256(one)} | changes for one in layers.ids]
    return {"inputs": inputs, "scenario": {"screening": {"exclusions": plain}}}


def judged(rule: Exclusion, layers: Layers, cell: Lattice) -> Fact | None:
    """Return the figure of a rule as the screening has it, from the checked layers."""
    figure = cell_figure(rule, layers, cell)
    if figure is None or (isinstance(rule, Near) and not rule.buffer_m):
        return None
    if not isinstance(rule, RasterExclusion):
        return distance_fact(figure)
    if np.isnan(figure):
        return Fact("rule.unknown")
    is_met = condition_of(rule).marks(np.array([figure]))[0]
    return threshold_fact(rule.layer, figure) if is_met else None


@pytest.mark.national
@pytest.mark.parametrize("cell", CELLS)
def test_figures_are_those_that_the_screening_compares(
    rules: list[Exclusion], layers: Layers, cell: Lattice
) -> None:
    found = place_values(record_of(rules, layers), [rule.id for rule in rules], cell)
    wanted = {rule.id: judged(rule, layers, cell) for rule in rules}
    assert found == {name: fact for name, fact in wanted.items() if fact is not None}
    assert len(found) >= 4


@pytest.mark.national
def test_only_what_is_asked_for_and_has_not_changed_is_read(
    rules: list[Exclusion], layers: Layers
) -> None:
    record, changed = record_of(rules, layers), record_of(rules, layers, sha256="0" * 64)
    assert set(place_values(record, ["rivers"], CELL)) == {"rivers"}
    assert place_values(changed, [rule.id for rule in rules], CELL) == {}
