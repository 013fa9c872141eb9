"""Files of judgements: what they come to, what is wrong with them, and scenarios that take them."""

import tomllib

import pytest

from siteopt._data import data_folder
from siteopt.comparison.revisions import _inputs
from siteopt.elicitation import ahp_weights
from siteopt.errors import LayerFileError, ScenarioError
from siteopt.scenario import load_scenario
from siteopt.scenario.judgements import read_judgements
from siteopt.scenario.weights import CRITERION_NAMES
from siteopt.stages.keys import scenario_token

EXAMPLE = (data_folder() / "weights" / "example.toml").read_text(encoding="utf-8")
NATIONAL = (data_folder() / "scenarios" / "national-2035.toml").read_text(encoding="utf-8")
PAIR = """
[[stakeholder]]
name = "one"
method = "ahp"
judgements = [["grid", "water", 3]]
"""
INCONSISTENT = """
[[stakeholder]]
name = "ministry"
method = "ahp"
judgements = [["grid", "water", 3], ["water", "land", 3], ["land", "grid", 3]]
"""


def write(folder, text, name="weights.toml"):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_the_ready_file_has_every_method_and_is_consistent():
    judgements = read_judgements("example")
    assert {one.method for one in judgements.stakeholders} == {"ahp", "swing", "rank_order"}
    assert judgements.inconsistency() is None
    for weights in judgements.individual.values():
        assert list(weights) == list(CRITERION_NAMES)
        assert sum(weights.values()) == pytest.approx(1.0)
        assert min(weights.values()) > 0


def test_ratios_are_numbers_or_fractions(tmp_path):
    text = PAIR.replace('["grid", "water", 3]', '["water", "grid", "1/3"], ["land", "grid", 0.5]')
    found = read_judgements(write(tmp_path, text)).individual["one"]
    expected = ahp_weights([("grid", "water", 3), ("grid", "land", 2)]).weights
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert found["people"] == 0.0


def test_weights_themselves_are_taken_as_they_are(tmp_path):
    text = '[[stakeholder]]\nname = "a"\nmethod = "direct"\nweights = { grid = 3, water = 1 }\n'
    found = read_judgements(write(tmp_path, text)).individual["a"]
    assert (found["grid"], found["water"], found["land"]) == (0.75, 0.25, 0.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("best = 3", "stakeholder: missing"),
        ("stakeholder = []", "stakeholder: List should have at least 1 item"),
        (f"{PAIR}\ncolour = 1", "colour: unknown key; see docs/how-to/weights.md"),
        (PAIR.replace('"ahp"', '"anp"'), "stakeholder.no. 1: .*'ahp', 'swing', 'rank_order', 'dir"),
        (
            PAIR.replace("3]", "11]"),
            "judgements.no. 1.no. 3: Saaty's scale goes from 1/9 to 9, but",
        ),
        (PAIR.replace("3]", '"3/2"]'), 'a number such as 3 or a text such as "1/3" is needed'),
        (PAIR.replace("3]", '"1/0"]'), "a number such as 3"),
        (PAIR.replace("3]", "true]"), "a number such as 3"),
        (PAIR.replace("water", "watr"), "no such criterion; known are grid, clean_energy"),
        (PAIR.replace("3]]", '3], ["water", "grid", 3]]'), "one: water over grid is 3 and elsewh"),
        (PAIR.replace("3]]", '3], ["land", "people", 2]]'), "land, people and grid, water are nev"),
        (f"{PAIR}{PAIR}", "stakeholder one stands there twice"),
        (PAIR.replace('"one"', '"arithmetic"'), "arithmetic: the name is taken by a compromise"),
        (f"{PAIR}voice = 0", "no stakeholder has a voice"),
        (f"consistency_max = 0\n{PAIR}", "consistency_max: Input should be greater than 0"),
        (f'best = "10"\n{PAIR}', "best: a number is needed, but it is '10'"),
        (f'{PAIR}voice = "2"', "stakeholder one: voice: a number is needed"),
        (f"cost_weight = 1\n{PAIR}", "cost_weight: Input should be less than 1"),
        (f"{PAIR}[smaa]\ndraws = 0", "smaa.draws: Input should be greater than or equal to 1"),
        (
            f"{PAIR}[smaa.intervals]\ngrid = [0.6, 0.4]",
            "smaa.intervals.grid: low .0.6. must not exc",
        ),
        (
            f"{PAIR}[smaa.intervals]\ngrid = [0, 2]",
            "smaa.intervals.grid.no. 2: .* less than or equal",
        ),
        (f'{PAIR}[smaa]\norder = ["grid", ["water", "grid"]]', "order names grid twice"),
        (
            f"{PAIR}[promethee]\nindifference = 0.3",
            "indifference .0.3. must not exceed that of pref",
        ),
        (
            '[[stakeholder]]\nname = "a"\nmethod = "swing"\npoints = { grid = 80 }',
            "stakeholder a: the most points are 80",
        ),
        (
            '[[stakeholder]]\nname = "a"\nmethod = "rank_order"\norder = ["grid", "grid"]',
            "stakeholder a: grid stands twice",
        ),
        (
            '[[stakeholder]]\nname = "a"\nmethod = "direct"\nweights = { grid = 0 }',
            "all are 0; at least one criterion needs a positive weight",
        ),
        (
            '[[stakeholder]]\nname = "a"\nmethod = "direct"\nweights = {}',
            "weights are empty; at least one criterion",
        ),
        (
            f'compromise = "geometric"\n{PAIR}{PAIR}'.replace("one", "b", 1)
            .replace("grid", "land", 1)
            .replace("water", "people", 1),
            "no criterion has weight with everybody",
        ),
        ("[[stakeholder", "not valid TOML"),
    ],
)
def test_judgements_that_cannot_be_are_named(tmp_path, text, message):
    file = write(tmp_path, text)
    with pytest.raises(ScenarioError, match=message) as raised:
        read_judgements(file)
    assert str(raised.value).startswith(str(file))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(LayerFileError, match=r"no\.toml"):
        read_judgements(tmp_path / "no.toml")
    with pytest.raises(LayerFileError, match=r"nobody\.toml"):
        read_judgements("nobody")


def test_too_inconsistent_is_told_with_what_would_be_right(tmp_path):
    message = read_judgements(write(tmp_path, INCONSISTENT)).inconsistency()
    assert message.startswith("stakeholder ministry: consistency ratio ")
    assert "is above 0.1; revisit " in message
    assert " = 3, 1.00 would agree with the others (ratio then " in message
    more = read_judgements(write(tmp_path, f"consistency_max = 1.0\n{PAIR}"))
    assert more.inconsistency() is None


def scenario(folder, weights):
    return load_scenario(write(folder, f"{NATIONAL}\n[weights]\n{weights}\n", "mine.toml"))


def test_a_scenario_takes_the_compromise_or_one_stakeholder(tmp_path):
    write(tmp_path, EXAMPLE)
    judgements = read_judgements("example")
    taken = scenario(tmp_path, 'file = "weights.toml"')
    assert taken.weights == judgements.mean_weights("geometric")
    taken = scenario(tmp_path, 'file = "weights.toml"\nstakeholder = "operator"')
    assert taken.weights == judgements.individual["operator"]


def test_what_a_stage_is_kept_by_are_the_weights_and_not_the_file(tmp_path):
    write(tmp_path, EXAMPLE)
    before = scenario_token(scenario(tmp_path, 'file = "weights.toml"').weights)
    write(tmp_path, f"# said again\n{EXAMPLE}")
    assert scenario_token(scenario(tmp_path, 'file = "weights.toml"').weights) == before
    write(tmp_path, EXAMPLE.replace("grid = 100, network = 70", "grid = 70, network = 100"))
    assert scenario_token(scenario(tmp_path, 'file = "weights.toml"').weights) != before


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (
            'file = "weights.toml"\ngrid = 1',
            "weights.grid: with a file of judgements there are only",
        ),
        ("file = 1", "weights.file: with a file of judgements"),
        ('file = "weights.toml"\nstakeholder = "x"', "'x' is none of .*; there are ministry, oper"),
        ('file = "weights.toml"\nstakeholder = ["x"]', "is none of"),
        ('file = "bad.toml"', "bad.toml: stakeholder ministry: consistency ratio"),
        ('stakeholder = "operator"', "weights.stakeholder: no such criterion"),
    ],
)
def test_a_scenario_names_what_is_wrong_with_its_weights(tmp_path, weights, message):
    write(tmp_path, EXAMPLE)
    write(tmp_path, INCONSISTENT, "bad.toml")
    with pytest.raises(ScenarioError, match=message):
        scenario(tmp_path, weights)


def test_a_comparison_of_revisions_sees_the_weights(tmp_path):
    write(tmp_path, EXAMPLE)
    text = f'{NATIONAL}\n[weights]\nfile = "weights.toml"\n'
    file = write(tmp_path, text, "mine.toml")
    found = _inputs(tmp_path, tmp_path, str(file), "a revision")
    assert found.scenario["weights"] == read_judgements("example").mean_weights("geometric")
    assert tomllib.loads(text)["weights"] == {"file": "weights.toml"}
