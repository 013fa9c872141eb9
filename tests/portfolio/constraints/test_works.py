"""New banks: what they add, who pays, and that one payer a level is no loss."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.portfolio.constraints import works
from tests.portfolio.instances import Banks, Link, Place, examples, make_case, optimum
from tests.portfolio.limits import named, names_of
from tests.portfolio.listing import all_plans

AT = ("N1", 154.0)
# 40 MW of IT load draw 50 MW and cost 90; the way around N1 costs 40 more.
AROUND = Link("N2", fixed=50.0)
TWO = [Place(land_mw=40.0, links=(Link("N1"), AROUND))] * 2


def banked(places=TWO, room=50.0, target_mw=80.0, **banks):
    offered = Banks(**{"relief_mw": (25.0, 50.0), "each": 8.0} | banks)
    return make_case(places, target_mw=target_mw, headroom={AT: room}, banks={AT: offered})


def test_banks_add_to_the_headroom_at_their_cost():
    assert optimum(make_case(TWO, target_mw=80, headroom={AT: 50.0})) == 90 + 130
    # 50 MW are missing: two banks.
    assert optimum(banked()) == 90 + 90 + 2 * 8
    assert optimum(banked(room=75.0)) == 90 + 90 + 8
    assert optimum(banked(room=100.0)) == 90 + 90
    # Dearer than the way around.
    assert optimum(banked(each=21.0)) == 90 + 130


def test_all_banks_of_a_level_are_paid_for_by_one_option(forget):
    # A single bank adds 40 MW, a second one 10: two payers of a first one would have 80.
    places = [Place(land_mw=40.0, links=(Link("N1"),))] * 2
    case = banked(places, room=20.0, relief_mw=(40.0, 50.0))
    assert optimum(case) == np.inf
    forget(works)
    assert optimum(case) == 90 + 90 + 2 * 8


def test_the_others_have_at_most_half_of_a_level_with_its_banks():
    problem = banked(room=50.0, relief_mw=(25.0, 60.0)).problem()
    most = dict(zip(problem.option_id, problem.blocks_max * 25.0, strict=True))
    assert (most["S0-0+1"], most["S0-0+2"]) == (50, 50)  # the land
    assert most["S0-0"] == 50  # half of 110 is more than the 50 there are
    short = banked(room=0.0, relief_mw=(25.0, 60.0)).problem()
    most = dict(zip(short.option_id, short.blocks_max * 25.0, strict=True))
    assert (most["S0-0+1"], most["S0-0+2"], most["S0-0"]) == (25, 50, 25)


def test_banks_that_come_too_late_are_no_option():
    problem = banked(years=9.5).problem()
    gates = dict(zip(problem.option_id, problem.option_gate, strict=True))
    assert (gates["S0-0"], gates["S0-0+1"], gates["S0-0+2"]) == ("", "time", "time")
    assert optimum(banked(years=9.5)) == 90 + 130
    assert optimum(banked(years=9.0)) == 90 + 90 + 2 * 8


def test_a_level_where_one_site_only_could_pay_has_no_row():
    one = [TWO[0], replace(TWO[0], links=(AROUND,))]
    assert not len(works.rows(banked(one).part()))
    assert names_of(works.rows(banked().part())) == ("works N1 154 kV",)


def test_the_report_counts_levels_with_works():
    problem = banked().problem()
    blocks = np.where(np.isin(problem.option_id, ["S0-0+2", "S1-0"]), 2, 0)
    (row,) = named(works.report(problem, blocks)).to_dict("records")
    assert (row["limit"], row["used"], row["unit"]) == ("works N1 154 kV", 1, "works")
    assert not row["binds"]
    assert works.report(problem, np.where(problem.option_id == "S0-0", 2, 0)).empty


# The natural program: a level gets 0, 1, ... banks, whoever is there, and nobody in particular
# pays. Every plan and every number of banks of it is tried, from the places alone.


def natural_optimum(places, rooms, banks, target_mw, budget):
    """Return the cost of the best plan where each level may choose a number of banks."""
    choices = [[None, *_builds(place)] for place in places]
    best = np.inf
    for plan in product(*choices):
        built = [choice for choice in plan if choice]
        if sum(it_mw for _, it_mw, _ in built) < target_mw:
            continue
        load = dict.fromkeys(rooms, 0.0)
        for link, _, contract in built:
            load[link.station, link.kv] += contract
        if any(
            sum(load[level] for level in rooms if level[0] == name)
            > max(room for level, room in rooms.items() if level[0] == name)
            for name in _with_several_levels(rooms)
        ):
            continue
        cost = sum(link.fixed + link.per_mw * it_mw for link, it_mw, _ in built)
        capital = sum(link.capital_fixed + link.capital_per_mw * it_mw for link, it_mw, _ in built)
        for counts in product(*[range(len(item.relief_mw) + 1) for item in banks.values()]):
            offers = list(zip(banks.items(), counts, strict=True))
            added = {level: (0.0, *item.relief_mw)[count] for (level, item), count in offers}
            paid = sum(item.each * count for (_, item), count in offers)
            fits = all(load[level] <= room + added.get(level, 0.0) for level, room in rooms.items())
            if fits and capital + paid <= budget:
                best = min(best, cost + paid)
    return best


def _builds(place):
    """Return (link, IT load, contract power) of all that can be built at a place."""
    loads = [it_mw for it_mw in (20.0, 40.0, 60.0, 80.0) if it_mw <= place.land_mw]
    return [
        (link, it_mw, place.pue * it_mw)
        for link in place.links
        for it_mw in loads
        if link.above_mw < place.pue * it_mw <= link.top_mw
    ]


def _with_several_levels(rooms):
    names = [name for name, _ in rooms]
    return {name for name in names if names.count(name) > 1}


def random_question(seed):
    """Return places, headroom, banks, target and budget; figures are quarters and halves."""
    rng = np.random.default_rng(seed)
    levels = [("N1", 154.0), ("N1", 345.0), ("N2", 154.0)]

    def link():
        station, kv = levels[rng.choice(3, p=[0.7, 0.1, 0.2])]
        return Link(
            station,
            kv,
            fixed=rng.integers(0, 21) / 2,
            per_mw=rng.integers(4, 9) / 4,
            capital_fixed=rng.integers(0, 11) / 2,
            capital_per_mw=rng.integers(1, 5) / 4,
            above_mw=float(rng.choice([0.0, 0.0, 25.0])),
            top_mw=float(rng.choice([400.0, 400.0, 60.0])),
        )

    places = [
        Place(
            land_mw=float(rng.choice([20.0, 40.0, 60.0])),
            pue=float(rng.choice([1.25, 1.5])),
            links=tuple(link() for _ in range(rng.integers(1, 3))),
        )
        for _ in range(rng.integers(2, 5))
    ]
    rooms = {level: float(rng.choice([0.0, 12.5, 25.0, 40.0, 62.5])) for level in levels}
    rooms["N1", 345.0] = float(rng.choice([75.0, 150.0, 400.0]))
    banks = {
        level: Banks(
            tuple(np.cumsum(rng.choice([6.25, 25.0, 50.0, 75.0], rng.integers(1, 4))).tolist()),
            each=float(rng.choice([0.5, 2.0, 8.0, 20.0])),
        )
        for level in (("N1", 154.0), ("N2", 154.0))
    }
    most = sum(place.land_mw for place in places)
    target = max(20.0 * round(most * rng.uniform(0.3, 0.9) / 20), 20.0)
    return places, rooms, banks, target, float(rng.choice([1e6, target, 2 * target]))


@examples(80)
@given(seed=st.integers(0, 2**32 - 1))
def test_one_payer_a_level_loses_no_plan_of_the_natural_program(seed):
    places, rooms, banks, target, budget = random_question(seed)
    case = make_case(
        places,
        target_mw=target,
        headroom=rooms,
        banks=banks,
        objective={"budget_bn_krw": budget},
    )
    assert optimum(case) == pytest.approx(natural_optimum(*random_question(seed)), abs=1e-6)


def test_the_natural_program_builds_banks_in_many_of_these_questions_and_shares_them():
    # Else the test above would prove nothing.
    helped = shared = 0
    for seed in range(40):
        places, rooms, banks, target, budget = random_question(seed)
        with_banks = natural_optimum(places, rooms, banks, target, budget)
        without = natural_optimum(places, rooms, {}, target, budget)
        helped += with_banks < without - 1e-6
        case = make_case(
            places, target_mw=target, headroom=rooms, banks=banks,
            objective={"budget_bn_krw": budget},
        )  # fmt: skip
        shared += _shares_banks(case)
    assert helped >= 10
    assert shared >= 3


def _shares_banks(case):
    """Return whether the best plan has a level with banks and more than one site."""
    plans = all_plans(case)
    if not plans.good.any():
        return False
    best = int(np.flatnonzero(plans.good)[np.argmin(plans.worth[plans.good])])
    rows = case.options[case.options["option_id"].isin(plans.option[:, best])]
    groups = rows.groupby(["station_id", "station_kv"])["banks"].agg(["sum", "size"])
    return bool(((groups["sum"] > 0) & (groups["size"] > 1)).any())
