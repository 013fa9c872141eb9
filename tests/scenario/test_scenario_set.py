"""Scenario sets: what a file may say, and what is said of one that cannot be right."""

import pytest

from siteopt._data import data_folder
from siteopt.errors import LayerFileError, ScenarioError
from siteopt.layers import open_layers
from siteopt.scenario import is_scenario_set, load_scenario, load_scenario_set, ready_scenarios

HEAD = 'name = "x"\ntitle = { ko = "가", en = "a" }\nbase = "national-2035"\n'


def variant(name, more=""):
    return f'[[variant]]\nid = "{name}"\ntitle = {{ ko = "가", en = "a" }}\n{more}\n'


@pytest.fixture
def loaded(tmp_path):
    def of(text):
        file = tmp_path / "set.toml"
        file.write_text(text, encoding="utf-8")
        return load_scenario_set(file)

    return of


def test_the_ready_set_names_what_there_is():
    asked, variants = load_scenario_set("national-2035-futures")
    assert not asked.has_probabilities
    assert sum(one.probability for one in variants) == pytest.approx(1.0)
    for one in variants:
        parameters = open_layers(one.scenario).parameters
        assert one.scenario.name == one.variant.id
        for key, value in one.variant.parameters.items():
            row = open_layers(load_scenario("national-2035")).parameters.row(key)
            assert value in {row.low, row.high}, f"{one.variant.id}: {key} is no end of its range"
            assert parameters.row(key).value == value


def test_a_set_is_told_by_its_content(tmp_path):
    assert is_scenario_set("national-2035-futures")
    assert is_scenario_set(data_folder() / "scenarios" / "national-2035-futures.toml")
    assert not is_scenario_set("national-2035")
    assert not is_scenario_set(tmp_path / "nothing.toml")
    assert "national-2035-futures" not in ready_scenarios()
    with pytest.raises(ScenarioError, match=r"a set of scenarios, as it has .*variant"):
        load_scenario("national-2035-futures")


def test_a_variant_changes_its_scenario_and_nothing_else(loaded):
    _, variants = loaded(
        HEAD
        + variant("one", 'set = { "grid.security" = "n-1" }\nprobability = 0.25')
        + variant("two", 'scenario = "national-2035-regional-tariff"\nprobability = 0.75')
    )
    base = load_scenario("national-2035")
    one, two = (item.scenario for item in variants)
    titled = {"name": base.name, "title": base.title}
    assert one.model_copy(update={**titled, "grid": base.grid}) == base
    assert one.grid.security == "n-1"
    assert len(two.energy.zones) == 3
    assert one.title.en == "a: a"
    assert [item.probability for item in variants] == [0.25, 0.75]


def test_a_base_may_be_a_file_beside_the_set(tmp_path, loaded):
    source = data_folder() / "scenarios" / "national-2035.toml"
    text = source.read_text(encoding="utf-8").replace("it_mw = 3000", "it_mw = 2000")
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    head = HEAD.replace('"national-2035"', '"own.toml"')
    _, variants = loaded(head + variant("one") + variant("two"))
    assert variants[1].scenario.target.it_mw == 2000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            variant("a") + variant("b", 'set = { "target.yeer" = 2035 }'),
            r"variant b: set has target.yeer, .* did you mean target.year\?",
        ),
        (
            variant("a") + variant("b", 'set = { "grid.securty" = "n-1" }'),
            r"variant b: set has grid.securty, .* did you mean grid.security\?",
        ),
        (
            variant("a") + variant("b", 'set = { "spacing" = 3 }'),
            r"did you mean spacing_km\?",
        ),
        (
            variant("a") + variant("b", 'set = { "grid.zzzzzz" = 3 }'),
            "no key of a scenario; there are grid.flow_limits, grid.security",
        ),
        (
            variant("a") + variant("b", 'set = { "grid.security" = "n-2" }'),
            "variant b: change of national-2035: grid.security: .*'none' or 'n-1'",
        ),
        (
            variant("a") + variant("b", 'set = { "parameters.x" = 1 }'),
            "values of parameters stand under `parameters`",
        ),
        (
            variant("a") + variant("b", "sett = {}"),
            r"variant b: sett is no key of a variant; did you mean set\?",
        ),
        (variant("a") + variant("B c"), "variant B c: id: "),
        (variant("a") + variant("a"), "ids of variants must be unique, but a appears twice"),
        (variant("a"), "at least 2 items"),
        (
            variant("a", "probability = 0.5") + variant("b", "probability = 0.4"),
            "probabilities of the variants sum to 0.9; they must sum to 1",
        ),
        (
            variant("a", "probability = 0.5") + variant("b"),
            "variant b has no probability while others have one",
        ),
        (variant("a", "probability = -0.5") + variant("b"), "variant a: probability: "),
        (
            variant("a") + variant("b", 'parameters = { carbon_price = "5" }'),
            "parameters.carbon_price: a number is needed",
        ),
        ("variant = 3\n", "valid list"),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_right(loaded, text, told):
    with pytest.raises(ScenarioError, match=told) as error:
        loaded(HEAD + text)
    assert "\n" not in str(error.value)


def test_scenarios_that_are_not_there_are_named(tmp_path, loaded):
    with pytest.raises(LayerFileError, match="variant b: scenario nowhere: no such scenario"):
        loaded(HEAD + variant("a") + variant("b", 'scenario = "nowhere"'))
    with pytest.raises(LayerFileError, match="no such scenario set"):
        load_scenario_set(tmp_path / "none.toml")
    with pytest.raises(ScenarioError, match="no set of scenarios"):
        load_scenario_set("national-2035")
    with pytest.raises(ScenarioError, match="names no scenario"):
        loaded(HEAD.replace('"national-2035"', '""') + variant("a") + variant("b"))
