"""Figure of a place by exclusion, from the embedded layers."""

from __future__ import annotations

from typing import Any

from siteopt._data import data_folder
from siteopt.lattice import Lattice
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.store import Layers
from siteopt.report._names import Names
from siteopt.report._place_values import place_values
from siteopt.report.facts import say

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
    x, y = CELL.centres_m(*(one[0] for one in ([[0]], [[0]])))
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
