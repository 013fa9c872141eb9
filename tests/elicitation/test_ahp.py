"""Pairwise comparison: published examples, consistent judgements, the judgement to revisit.

The published figures are those that the tests of AHPy quote; the papers were not in hand.
"""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.elicitation.ahp import ahp_weights
from siteopt.errors import ScenarioError

# Saaty, T. L. (2008), "Decision making with the analytic hierarchy process", Int. J. Services
# Sciences 1(1), 83-98: consumption of drinks in the United States.
DRINKS = [
    ("coffee", "wine", 9), ("coffee", "tea", 5), ("coffee", "beer", 2), ("coffee", "soda", 1),
    ("coffee", "milk", 1), ("water", "coffee", 2), ("water", "wine", 9), ("water", "tea", 9),
    ("water", "beer", 3), ("water", "soda", 2), ("water", "milk", 3), ("tea", "wine", 3),
    ("beer", "wine", 9), ("beer", "tea", 3), ("beer", "milk", 1), ("soda", "wine", 9),
    ("soda", "tea", 4), ("soda", "beer", 2), ("soda", "milk", 2), ("milk", "wine", 9),
    ("milk", "tea", 3),
]  # fmt: skip

# Bozóki, S., Fülöp, J. and Rónyai, L. (2010), "On optimal completion of incomplete pairwise
# comparison matrices", Mathematical and Computer Modelling 52, 318-333: c and d not compared.
INCOMPLETE = [("a", "b", 1), ("a", "c", 5), ("a", "d", 2), ("b", "c", 3), ("b", "d", 4)]

# Saaty, T. L. (2005), Theory and Applications of the Analytic Network Process: a city to live in.
CITY = {
    "goal": [
        ("culture", "housing", 3), ("culture", "transport", 5), ("family", "culture", 5),
        ("family", "housing", 7), ("family", "transport", 7), ("housing", "transport", 3),
        ("jobs", "culture", 2), ("jobs", "housing", 4), ("jobs", "transport", 7),
        ("family", "jobs", 1),
    ],
    "culture": [
        ("Bethesda", "Pittsburgh", 1), ("Boston", "Bethesda", 2), ("Boston", "Pittsburgh", 2.5),
        ("Boston", "Santa Fe", 1), ("Santa Fe", "Bethesda", 2), ("Santa Fe", "Pittsburgh", 2.5),
    ],
    "family": [
        ("Bethesda", "Boston", 2), ("Bethesda", "Santa Fe", 4), ("Boston", "Santa Fe", 2),
        ("Pittsburgh", "Bethesda", 3), ("Pittsburgh", "Boston", 8), ("Pittsburgh", "Santa Fe", 9),
    ],
    "housing": [
        ("Bethesda", "Boston", 5), ("Bethesda", "Santa Fe", 2.5), ("Pittsburgh", "Bethesda", 2),
        ("Pittsburgh", "Boston", 9), ("Pittsburgh", "Santa Fe", 7), ("Santa Fe", "Boston", 4),
    ],
    "jobs": [
        ("Bethesda", "Pittsburgh", 3), ("Bethesda", "Santa Fe", 4), ("Boston", "Bethesda", 2),
        ("Boston", "Pittsburgh", 6), ("Boston", "Santa Fe", 8), ("Pittsburgh", "Santa Fe", 1),
    ],
    "transport": [
        ("Bethesda", "Boston", 1.5), ("Bethesda", "Santa Fe", 4), ("Boston", "Santa Fe", 2.5),
        ("Pittsburgh", "Bethesda", 2), ("Pittsburgh", "Boston", 3.5), ("Pittsburgh", "Santa Fe", 9),
    ],
}  # fmt: skip

positive = st.floats(0.05, 1.0)


def test_published_drinks():
    found = ahp_weights(DRINKS)
    expected = {
        "beer": 0.116, "coffee": 0.177, "milk": 0.129, "soda": 0.190, "tea": 0.042, "water": 0.327,
        "wine": 0.019,
    }  # fmt: skip
    assert found.weights == pytest.approx(expected, abs=0.0006)
    assert found.consistency_ratio == pytest.approx(0.022, abs=0.0005)
    assert found.missing == 0


def test_published_city_over_two_levels():
    goal = ahp_weights(CITY["goal"]).weights
    whole = dict.fromkeys(["Bethesda", "Boston", "Pittsburgh", "Santa Fe"], 0.0)
    for criterion, weight in goal.items():
        for city, priority in ahp_weights(CITY[criterion]).weights.items():
            whole[city] += weight * priority
    expected = {"Bethesda": 0.229, "Boston": 0.275, "Pittsburgh": 0.385, "Santa Fe": 0.111}
    assert whole == pytest.approx(expected, abs=0.0006)


def test_published_incomplete_matrix():
    found = ahp_weights(INCOMPLETE)
    expected = {"a": 0.3738, "b": 0.3920, "c": 0.0985, "d": 0.1357}
    assert found.weights == pytest.approx(expected, abs=0.0001)
    assert found.missing == 1
    assert found.lambda_max == pytest.approx(4.0925, abs=0.0005)
    # the missing entry 0.7303 is where the principal eigenvalue is least
    at_least = [ahp_weights([*INCOMPLETE, ("c", "d", x)]) for x in (0.70, 0.730297, 0.76)]
    assert at_least[1].lambda_max == pytest.approx(found.lambda_max, abs=1e-8)
    assert min(at_least[0].lambda_max, at_least[2].lambda_max) > found.lambda_max


@given(st.lists(positive, min_size=3, max_size=9))
def test_consistent_judgements_give_their_weights_back(weights):
    pairs = itertools.combinations(range(len(weights)), 2)
    found = ahp_weights([(f"c{i}", f"c{j}", weights[i] / weights[j]) for i, j in pairs])
    total = sum(weights)
    expected = {f"c{i}": weight / total for i, weight in enumerate(weights)}
    assert found.weights == pytest.approx(expected, rel=1e-7)
    assert found.lambda_max == pytest.approx(len(weights), abs=1e-8)
    assert found.consistency_ratio == pytest.approx(0.0, abs=1e-8)
    assert found.revisit is None


@given(st.lists(positive, min_size=2, max_size=9))
def test_a_chain_of_comparisons_cannot_contradict_itself(weights):
    chain = [(f"c{i}", f"c{i + 1}", weights[i] / weights[i + 1]) for i in range(len(weights) - 1)]
    found = ahp_weights(chain)
    expected = {f"c{i}": weight / sum(weights) for i, weight in enumerate(weights)}
    assert found.weights == pytest.approx(expected, rel=1e-4)
    assert found.consistency_ratio == 0.0


@given(st.lists(positive, min_size=4, max_size=7), st.floats(1.5, 6.0), st.booleans())
def test_the_one_judgement_that_is_off_is_the_one_to_revisit(weights, factor, upwards):
    n = len(weights)
    given_ = {(i, j): weights[i] / weights[j] for i, j in itertools.combinations(range(n), 2)}
    given_[1, 3] *= factor if upwards else 1 / factor
    found = ahp_weights([(f"c{i}", f"c{j}", ratio) for (i, j), ratio in given_.items()])
    assert found.revisit is not None
    assert (found.revisit.first, found.revisit.second) == ("c1", "c3")
    assert found.revisit.ratio_then < found.consistency_ratio
    true = weights[1] / weights[3]
    off = np.log(found.revisit.consistent / true)
    assert abs(off) < abs(np.log(found.revisit.given / true))


def test_a_judgement_the_other_way_round_is_the_same():
    turned = [(second, first, 1 / ratio) for first, second, ratio in DRINKS]
    found = ahp_weights(turned)
    assert found.weights == pytest.approx(ahp_weights(DRINKS).weights)


def test_random_judgements_have_the_ratio_of_random_judgements():
    """Saaty's definition: the mean consistency index of random matrices is the random index."""
    generator = np.random.default_rng(0)
    scale = [1 / k for k in range(9, 1, -1)] + [float(k) for k in range(1, 10)]
    pairs = list(itertools.combinations("abcde", 2))
    ratios = [
        ahp_weights([(*pair, generator.choice(scale)) for pair in pairs]).consistency_ratio
        for _ in range(400)
    ]
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(
    ("judgements", "message"),
    [
        ([], "no judgement; compare at least one pair"),
        ([("grid", "grid", 1)], "grid is compared with itself"),
        ([("grid", "water", 0)], "grid over water is 0; a number above 0"),
        ([("grid", "water", float("nan"))], "grid over water is nan"),
        (
            [("grid", "water", 3), ("water", "grid", 3)],
            r"water over grid is 3 and elsewhere 0\.333333; give one of them",
        ),
        (
            [("grid", "water", 3), ("land", "people", 2)],
            "land, people and grid, water are never compared with each other",
        ),
        ([(f"c{i}", f"c{i + 1}", 1) for i in range(15)], "16 criteria are compared"),
    ],
)
def test_judgements_that_cannot_be_are_named(judgements, message):
    with pytest.raises(ScenarioError, match=message):
        ahp_weights(judgements)


def test_a_reciprocal_that_is_rounded_by_the_machine_is_no_contradiction():
    found = ahp_weights([("grid", "water", 3), ("water", "grid", 1 / 3)])
    assert found.weights == pytest.approx({"grid": 0.75, "water": 0.25})
