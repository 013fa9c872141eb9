"""Causes on answers given by a table: every set of inputs can be tried by hand."""

from itertools import chain, combinations, permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.comparison.causes import Change, find_causes
from siteopt.comparison.reruns import RerunResult, Reruns
from siteopt.comparison.revisions import RevisionInputs
from siteopt.comparison.switches import Switch, Switches
from siteopt.runs.results import Run

ENTERED = Change("entered", "X")


def subsets(items):
    return chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))


def never(_):
    return False


def run_of(chosen, cost, proof=0.0):
    sites = [{"site_id": "X", "it_mw": 40.0, "option_id": "X"}] if chosen else []
    return Run(Path(), {}, {"objective_bn_krw": cost, "bound_bn_krw": cost - proof, "sites": sites})


class Tabled(Reruns):
    """Answers from two functions of the set of inputs' names; None: no plan."""

    def __init__(self, names, chosen, cost=lambda _: 100.0, runs_max=1000):
        nothing = RevisionInputs(Path(), Path(), {})
        switches = tuple(Switch("scenario", name) for name in names)
        super().__init__(Switches(nothing, nothing, switches, ()), Path(), runs_max)
        self.answer = lambda taken: (chosen(taken), cost(taken))
        self.outcomes = {frozenset(some): self._make(frozenset(some)) for some in ((), switches)}

    def _make(self, taken):
        chosen, cost = self.answer(frozenset(switch.name for switch in taken))
        return (
            RerunResult(None, "no plan: by the table")
            if chosen is None
            else RerunResult(run_of(chosen, cost))
        )


def cause(reruns):
    row = find_causes(reruns, [ENTERED]).table.iloc[0]
    return row["cause"], row["how"]


def test_the_only_input_is_the_cause_without_a_run():
    reruns = Tabled("a", lambda taken: "a" in taken)
    assert cause(reruns) == ("scenario a", "only input")
    assert reruns.made == 0


def test_an_input_that_alone_makes_the_change_is_its_cause():
    reruns = Tabled("abc", lambda taken: "b" in taken)
    assert cause(reruns) == ("scenario b", "alone")


def test_inputs_that_each_make_the_change_are_all_named():
    assert cause(Tabled("abc", lambda taken: bool(taken & {"a", "c"}))) == (
        "scenario a or scenario c", "either",
    )  # fmt: skip


def test_an_input_whose_part_the_others_can_take_together_is_said_to_be_enough():
    assert cause(Tabled("abc", lambda taken: "a" in taken or taken >= {"b", "c"})) == (
        "scenario a", "enough",
    )  # fmt: skip


def test_inputs_that_make_the_change_only_together_are_a_set():
    reruns = Tabled("abcd", lambda taken: taken >= {"b", "d"})
    assert cause(reruns) == ("scenario b + scenario d", "together")
    # each alone, each taken back, the two together; one more to share the cost in order: ab
    assert reruns.made == 4 + 4 + 1 + 1


def test_a_mix_that_has_no_plan_does_not_show_the_change_and_is_told():
    reruns = Tabled("ab", lambda taken: None if taken == {"a"} else taken == {"a", "b"})
    found = find_causes(reruns, [ENTERED])
    assert found.table["how"].tolist() == ["together"]
    assert found.notes == ("with only scenario a switched: no plan: by the table",)


def test_no_more_runs_are_made_than_allowed():
    reruns = Tabled("abcdef", lambda taken: taken >= {"b", "d"}, runs_max=7)
    found = find_causes(reruns, [ENTERED])
    assert found.table["how"].tolist() == ["not traced"]
    assert found.runs == 7
    assert found.notes == ("stopped after 7 runs (--runs-max)",)


@st.composite
def tables(draw, size):
    names = "abcde"[:size]
    every = [frozenset(some) for some in subsets(names)]
    shows = {some: draw(st.booleans()) for some in every}
    shows[frozenset()], shows[frozenset(names)] = False, True
    return names, shows


@given(st.integers(2, 4).flatmap(lambda size: tables(size=size)))
def test_whatever_the_answers_a_cause_shows_the_change_and_needs_every_member(case):
    names, shows = case
    said, how = cause(Tabled(names, shows.__getitem__))
    sets = {
        "together": [frozenset(said.replace("scenario ", "").split(" + "))],
    }.get(how, [frozenset({name}) for name in said.replace("scenario ", "").split(" or ")])
    for one in sets:
        assert shows[one]
        assert not any(shows[one - {name}] for name in one)
    if how in {"alone", "enough"}:
        assert [name for name in names if shows[frozenset({name})]] == list(sets[0])
        assert (how == "alone") is not shows[frozenset(names) - sets[0]]


@given(st.lists(st.integers(-50, 50), min_size=8, max_size=8))
def test_shares_of_the_cost_are_the_mean_over_all_orders(figures):
    names = "abc"
    costs = dict(zip(map(frozenset, subsets(names)), map(float, figures), strict=True))
    found = find_causes(Tabled(names, never, costs.__getitem__), [])
    assert found.cost_method == "shapley"
    shares = dict(zip(names, found.costs["difference"], strict=True))
    for name in names:
        steps = []
        for order in permutations(names):
            earlier = frozenset(order[: order.index(name)])
            steps.append(costs[earlier | {name}] - costs[earlier])
        assert shares[name] == pytest.approx(sum(steps) / len(steps))
    assert sum(shares.values()) == pytest.approx(figures[-1] - figures[0])


def test_many_inputs_share_the_cost_in_their_order():
    found = find_causes(Tabled("abcde", never, lambda taken: 2.0 ** len(taken)), [])
    assert found.cost_method == "in order"
    assert found.costs["difference"].tolist() == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert found.runs == 4


def test_shares_lie_between_what_is_proven():
    reruns = Tabled("a", never)
    reruns.outcomes = {
        frozenset(): RerunResult(run_of(chosen=False, cost=100.0, proof=3.0)),
        frozenset(reruns.found.switches): RerunResult(run_of(chosen=False, cost=110.0, proof=1.0)),
    }
    share = find_causes(reruns, []).costs.iloc[0]
    assert share[["low", "difference", "high"]].tolist() == [9.0, 10.0, 13.0]
