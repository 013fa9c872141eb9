"""Figures of a cell by exclusion: the same as the screening would compare there."""

import math

import numpy as np
import pytest
import shapely

from siteopt import load_scenario
from siteopt.layers import open_layers
from siteopt.report._place_values import place_values
from siteopt.report._rules import distance_fact, threshold_fact
from siteopt.report.facts import Fact

pytestmark = pytest.mark.national

PLACES = [(1_050_125.0, 1_800_125.0), (1_099_875.0, 1_949_875.0), (746_125.0, 2_068_375.0)]
"""Inland, in the mountains, and in the sea."""


@pytest.fixture(scope="module")
def layers():
    return open_layers()


@pytest.fixture(scope="module")
def record(layers):
    scenario = load_scenario("national-2035").model_dump(mode="json")
    rules = scenario["screening"]["exclusions"]
    rules = [rule for rule in rules if rule["layer"] in layers.ids]
    inputs = [{"id": one, "sha256": layers.sha256(one)} for one in layers.ids]
    return {"inputs": inputs, "scenario": {"screening": {"exclusions": rules}}}


def wanted(rule, layers, x_m, y_m):
    """Return the figure from the checked layers: a raster's cell, or the nearest feature."""
    if rule["kind"] in {"above", "below"}:
        value = float(layers.raster(rule["layer"]).sample(x_m, y_m))
        beyond = value > rule["threshold"] if rule["kind"] == "above" else value < rule["threshold"]
        if math.isnan(value):
            return Fact("rule.unknown")
        return threshold_fact(rule["layer"], value) if beyond else None
    if rule["kind"] == "outside" or (rule["kind"] == "near" and not rule["buffer_m"]):
        return None
    frame = layers.vector(rule["layer"])
    for column, values in rule.get("where", {}).items():
        frame = frame[frame[column].isin(values if isinstance(values, list) else [values])]
    return distance_fact(
        float(shapely.distance(shapely.Point(x_m, y_m), np.asarray(frame.geometry.array)).min())
    )


@pytest.mark.parametrize("place", PLACES)
def test_figures_are_those_of_the_checked_layers(layers, record, place):
    rules = record["scenario"]["screening"]["exclusions"]
    found = place_values(record, [rule["id"] for rule in rules], *place)
    expected = {rule["id"]: wanted(rule, layers, *place) for rule in rules}
    assert found == {name: fact for name, fact in expected.items() if fact is not None}
    assert len(found) >= 4


def test_a_layer_that_has_changed_since_has_no_figure(record):
    changed = record | {"inputs": [one | {"sha256": "0" * 64} for one in record["inputs"]]}
    rules = record["scenario"]["screening"]["exclusions"]
    assert place_values(changed, [rule["id"] for rule in rules], *PLACES[0]) == {}


def test_only_the_exclusions_that_are_asked_for_are_read(record):
    assert set(place_values(record, ["rivers"], *PLACES[0])) == {"rivers"}
