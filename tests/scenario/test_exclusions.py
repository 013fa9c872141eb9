from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from siteopt.errors import ScenarioError
from siteopt.scenario import Exclusion, Screening, load_scenario, scenario_schema

TITLE = {"ko": "가", "en": "a"}
KINDS: dict[str, dict[str, Any]] = {
    "near": {"layer": "a"},
    "far": {"layer": "a", "distance_m": 1},
    "distance_band": {"layer": "a", "from_m": 0, "to_m": 1},
    "outside": {"layer": "a"},
    "above": {"layer": "a", "threshold": 1},
    "below": {"layer": "a", "threshold": 1},
    "within_range": {"layer": "a", "low": 1, "high": 1},
    "outside_range": {"layer": "a", "low": 1, "high": 2},
    "in_classes": {"layer": "a", "classes": [10, 20]},
    "not_in_classes": {"layer": "a", "classes": [10]},
    "min_width": {"width_m": 600},
    "min_area": {"area_ha": 30},
}


def screening(kind: str, cell_m: float = 250.0, **more: Any) -> Screening:
    one = {"id": "one", "title": TITLE, "kind": kind, **KINDS[kind], **more}
    return Screening.model_validate({"cell_m": cell_m, "exclusions": [one]})


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_comes_back_from_its_own_values(kind: str) -> None:
    (one,) = screening(kind).exclusions
    values = one.model_dump(mode="json")
    assert values["kind"] == kind
    assert TypeAdapter(Exclusion).validate_python(values) == one
    assert one.replaced_ids == ()


def test_the_schema_has_every_kind() -> None:
    defined = scenario_schema()["$defs"]
    kinds = {
        part["properties"]["kind"]["const"]: part
        for name, part in defined.items()
        if "const" in part.get("properties", {}).get("kind", {}) and "title" in part["required"]
    }
    assert set(KINDS) <= set(kinds)
    assert kinds["min_area"]["properties"]["connectivity"]["enum"] == [4, 8]
    for kind in KINDS:
        described = [one.get("description") for one in kinds[kind]["properties"].values()]
        assert described.count(None) == 1, "all but kind are described"


@pytest.mark.parametrize(
    ("kind", "more", "message"),
    [
        ("distance_band", {"from_m": 2}, r"from_m \(2\) must be less than to_m \(1\), else no cell lies between"),
        ("distance_band", {"from_m": 1}, r"must be less than to_m"),
        ("distance_band", {"from_m": -1}, r"greater than or equal to 0"),
        ("within_range", {"low": 3}, r"low \(3\) must not exceed high \(1\)"),
        ("outside_range", {"high": float("inf")}, r"finite"),
        ("in_classes", {"classes": []}, r"at least 1 item"),
        ("in_classes", {"classes": [10, 20, 10]}, r"class 10 is there twice; name each class once"),
        ("not_in_classes", {"classes": [1.5]}, r"valid integer"),
        ("min_width", {"width_m": 500}, r"exclusion one: width_m = 500 takes no land at cells of 250 m; give more than 500, or a smaller cell_m"),
        ("min_area", {"area_ha": 6.25}, r"exclusion one: area_ha = 6.25 takes no land at cells of 250 m; give more than 6.25, or a smaller cell_m"),
        ("min_area", {"connectivity": 6}, r"4 or 8"),
        ("min_area", {"layer": "a"}, r"Extra inputs"),
        ("min_width", {"optional": True}, r"Extra inputs"),
        ("min_area", {"replaces": "b"}, r"Extra inputs"),
    ],
)  # fmt: skip
def test_values_that_mean_nothing_are_named(kind: str, more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        screening(kind, **more)


def test_smaller_cells_hold_smaller_shapes() -> None:
    assert screening("min_width", cell_m=200.0, width_m=500).exclusions
    assert screening("min_area", cell_m=200.0, area_ha=6.25).exclusions


def test_the_land_of_plants_is_held_to_the_cells_of_the_scenario() -> None:
    wide = {"id": "wide", "title": TITLE, "kind": "min_width", "width_m": 400}
    potential = {"technology": "solar", "share_pct": 5, "exclusions": [wide]}
    changes = {"energy.supply.potentials": [potential]}
    with pytest.raises(ScenarioError, match=r"exclusion wide: width_m = 400 takes no land"):
        load_scenario("national-2035", changes=changes)
    fine = load_scenario("national-2035", changes=changes | {"screening.cell_m": 100})
    assert fine.energy.supply.potentials[0].exclusions[0].id == "wide"


def test_an_exclusion_of_shape_is_changed_by_its_path() -> None:
    rules = load_scenario("national-2035").model_dump(mode="json")["screening"]["exclusions"]
    area = {"id": "patch", "title": TITLE, "kind": "min_area", "area_ha": 30}
    changes = {"screening.exclusions": [*rules, area], "screening.exclusions.patch.area_ha": 50}
    found = load_scenario("national-2035", changes=changes).screening.exclusions[-1]
    assert found.model_dump()["area_ha"] == 50
