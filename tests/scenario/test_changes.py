"""Changes by path: every key of the schema is reached, and a wrong one is told the nearest."""

import copy
import re

import pytest

import siteopt
from siteopt.errors import ScenarioError
from siteopt.scenario import DELETE, load_scenario
from siteopt.scenario.changes import changed_scenario
from siteopt.scenario.key_paths import key_patterns, set_at

FREE = {
    "layers": "own", "parameters": "pue_fixed", "weights": "water", "provinces.shares": "46",
    "target.it_mw_by_year": "2032", "objective.budget_by_year_bn_krw": "2035",
}  # fmt: skip
"""A key of one's own below a table."""
OF_A_FILE = ("weights.file", "weights.stakeholder")
"""What a file may hold in place of weights (tests/scenario/test_judgements.py)."""


@pytest.fixture(scope="module")
def ready():
    return load_scenario("national-2035")


def concrete(pattern):
    """Return a path for a pattern: entry 0 of lists, a key for tables with keys of one's own."""
    done = []
    for part in pattern.split("."):
        head = ".".join(done)
        free = FREE.get(head, "2030" if head.endswith(("_pct", "min_pct", "max_pct")) else "x")
        done.append({"#": "0", "*": free}.get(part, part))
    return ".".join(done)


def at(raw, path):
    """Return what a path names, each step written out."""
    for part in path.split("."):
        raw = raw[int(part)] if isinstance(raw, list) else raw[part]
    return raw


def test_the_schema_has_hundreds_of_leaves_and_all_sections():
    patterns = key_patterns()
    assert len(patterns) > 150
    sections = {pattern.split(".")[0] for pattern in patterns}
    assert sections == set(siteopt.Scenario.model_fields)
    assert "provinces.shares.*.min_pct" in patterns
    assert "screening.exclusions.#.threshold" in patterns


@pytest.mark.parametrize("pattern", key_patterns())
def test_every_leaf_of_the_schema_is_reached(ready, pattern):
    raw, path, marked = ready.model_dump(), concrete(pattern), object()
    before = copy.deepcopy(raw)
    set_at(raw, path, marked)
    assert at(raw, path) is marked
    set_at(raw, path, DELETE)
    section = path.split(".", maxsplit=1)[0]
    assert {key: raw[key] for key in raw if key != section} == {
        key: before[key] for key in before if key != section
    }


@pytest.mark.parametrize("pattern", [key for key in key_patterns() if key not in OF_A_FILE])
def test_a_value_of_the_wrong_kind_is_told_at_every_leaf(ready, pattern):
    path = concrete(pattern)
    with pytest.raises(ScenarioError) as told:
        changed_scenario(ready, {path: [[b"no value of any key"]]})
    assert "did you mean" not in str(told.value)
    assert path.split(".", maxsplit=1)[0] in str(told.value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("screening.exclusions.slope.threshold", 8.0),
        ("connection.classes.0.facility_max_mw", 39.0),
        ("uncertainty.preset", "quick"),
        ("provinces.shares.46.min_pct", 10.0),
        ("energy.zones.0.delta_krw_kwh", -3.0),
        ("spacing_km", 41.0),
    ],
)
def test_single_values_are_set_where_they_stand(ready, path, value):
    zone = {"name": "south", "area": ["46"], "delta_krw_kwh": -1.0, "price_year": 2025}
    begun = changed_scenario(ready, {"energy.zones": [zone]})
    changed = changed_scenario(begun, {path: value})
    raw = changed.model_dump()
    if path.startswith("screening"):
        found = next(one for one in raw["screening"]["exclusions"] if one["id"] == "slope")
        assert found["threshold"] == value
    else:
        assert at(raw, path) == value
    assert changed_scenario(changed, {"name": "same"}).model_dump() == raw | {"name": "same"}


def test_entries_are_added_and_taken_away(ready):
    rule = {
        "title": {"ko": "습지", "en": "Wetland"},
        "kind": "near",
        "layer": "dams",
        "buffer_m": 9,
    }
    more = changed_scenario(ready, {"screening.exclusions.wetland": rule})
    ids = [one.id for one in more.screening.exclusions]
    assert ids == [one.id for one in ready.screening.exclusions] + ["wetland"]
    assert changed_scenario(more, {"screening.exclusions.wetland": DELETE}) == ready
    assert changed_scenario(more, {f"screening.exclusions.{len(ids) - 1}": DELETE}) == ready
    must = changed_scenario(ready, {"sites.must.0": "S1872-3120", "sites.must.1": "S1-1"})
    assert must.sites.must == ["S1872-3120", "S1-1"]
    assert changed_scenario(must, {"sites.must.S1-1": DELETE}).sites.must == ["S1872-3120"]
    shares = changed_scenario(ready, {"provinces.shares.46": {"min_pct": 10}})
    assert shares.provinces.shares["46"].min_pct == 10
    assert shares.provinces.shares["46"].max_pct == ready.provinces.share_max_pct
    assert changed_scenario(shares, {"provinces.shares.46": DELETE}) == ready


def test_a_key_taken_away_has_its_default_again(ready):
    changed = changed_scenario(ready, {"build.block_mw": 10, "spacing_km": 55})
    assert changed.build.block_mw == 10
    again = changed_scenario(changed, {"build.block_mw": DELETE, "spacing_km": DELETE})
    assert again.build.block_mw == 20
    assert again.spacing_km == 0
    with pytest.raises(ScenarioError, match=r"target: missing"):
        changed_scenario(ready, {"target": DELETE})
    with pytest.raises(ScenarioError, match="is not there, so it cannot be taken away"):
        changed_scenario(ready, {"provinces.shares.46": DELETE})


def test_a_limit_by_year_keeps_the_one_number_before(ready):
    changed = changed_scenario(ready, {"diversity.station_max_pct": 40, "diversity.station_max_pct.2036": 30})  # fmt: skip
    assert changed.diversity.station_max_pct == {ready.target.years[0]: 40, 2036: 30}
    again = changed_scenario(changed, {"diversity.station_max_pct.2036": 25})
    assert again.diversity.station_max_pct == {ready.target.years[0]: 40, 2036: 25}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("limits.provinces.max_share", "did you mean provinces.share_max_pct?"),
        ("target.it_mv", "did you mean target.it_mw?"),
        ("targets.it_mw", "did you mean target.it_mw?"),
        ("screening.exclusion.slope.threshold", "did you mean screening.exclusions.slope.threshold?"),
        ("screening.exclusions.slop.threshold", "did you mean screening.exclusions.slope?"),
        ("screening.exclusions.slope.treshold", "did you mean screening.exclusions.slope.threshold?"),
        ("connection.classes.9.station_kv", "has 3 entries, counted from 0; 3 would add one"),
        ("preset", "did you mean uncertainty.preset?"),
        ("target.year.month", "year is no group of keys; did you mean target.year?"),
    ],
)  # fmt: skip
def test_a_wrong_path_is_told_the_nearest(ready, path, message):
    with pytest.raises(ScenarioError, match=re.escape(message)) as told:
        changed_scenario(ready, {path: 5})
    assert str(told.value).startswith(path.rsplit(".", 1)[0])
    assert "\n" not in str(told.value)


def test_the_given_values_stay_as_they_are(ready):
    rule = {"kind": "near"}
    with pytest.raises(ScenarioError):
        changed_scenario(ready, {"screening.exclusions.mine": rule})
    assert rule == {"kind": "near"}
