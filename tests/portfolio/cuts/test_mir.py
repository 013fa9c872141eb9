"""Roundings of single limits: no plan of the listing breaks one, and they say what is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.portfolio import constraints
from siteopt.portfolio.bounds.column_generation import Relaxation
from siteopt.portfolio.constraints._rows import loosen
from siteopt.portfolio.cuts.mir import (
    OptionCut,
    block_limits,
    violated_rounding_cuts,
)
from tests.portfolio.instances import Link, Place, examples, make_case, wide_case
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import LIMITS, cases
from tests.portfolio.random_years import LIMITS as YEAR_LIMITS
from tests.portfolio.random_years import random_years, year_cases

SLACK = 1e-6
FEW = ("stations", "basins", "provinces")


def points(limit, rng, count):
    """Return whole openings and blocks of the groups of a limit that meet it, close to its edge."""
    groups, found = len(limit.each), []
    for _ in range(count):
        running = rng.integers(0, limit.blocks_max + 1) * rng.integers(0, 2, groups)
        full = rng.random(groups) < rng.random()
        running = np.where(full, limit.blocks_max, running)
        begun = (running > 0) | (
            rng.random(groups) < 0.1
        )  # an opening without a block is whole too

        def used(begun, running):
            return limit.each @ running + limit.opening @ begun

        order = rng.permutation(groups)
        for aim in (True, False):  # first within the limit, then as far as it goes
            for group in order:
                within = used(begun, running) <= limit.most
                if within and aim:
                    break
                other = 0 if running[group] else int(rng.integers(0, limit.blocks_max[group] + 1))
                tried = np.where(np.arange(groups) == group, other, running)
                opens = np.where(np.arange(groups) == group, other > 0, begun)
                change = used(opens, tried) - used(begun, running)
                fits = used(opens, tried) <= limit.most
                if (change < 0 and aim) or (change > 0 and fits and not aim):
                    begun, running = opens, tried
        if used(begun, running) <= limit.most:
            found.append((begun.astype(float), running.astype(float)))
    return found


def on_options(limit, part, point, rng):
    """Return openings and blocks (O,) of a point: each group opens once and grows from there on."""
    begun, running = point
    opened, blocks = np.zeros(part.options), np.zeros(part.options)
    for group in np.flatnonzero(begun):
        own = limit.options[limit.group == group]
        first = int(rng.integers(0, len(own)))
        opened[own[first]] = 1.0
        for _ in range(int(running[group])):
            blocks[own[rng.integers(first, len(own))]] += 1.0
    return opened, blocks


def cuts_of(limit, part, rng):
    """Return roundings of one limit that points drawn at random in parts of blocks break."""
    cuts = []
    for _ in range(20):
        opened = rng.choice([0.0, 0.3, 0.5, 0.8, 1.0], part.options)
        blocks = opened * rng.uniform(0.5, 1.0, part.options) * part.blocks_max
        scale = np.ones(part.options)
        scale[limit.options] = 1 / max(len(limit.options) / max(len(limit.each), 1), 1.0)
        cuts += violated_rounding_cuts([limit], opened * scale, blocks * scale, 1)
    return cuts


def excesses(case, seed):
    """Return by how much whole points that meet a limit break its roundings, limit by limit."""
    part, rng = case.part(), np.random.default_rng(seed)
    if not part.options:
        return []
    found = []
    for limit in block_limits(part, constraints.all_rows(part)):
        cuts = cuts_of(limit, part, rng)
        if not cuts:
            continue
        whole = [on_options(limit, part, point, rng) for point in points(limit, rng, 60)]
        found += [max((cut.excess(*point) for point in whole), default=-np.inf) for cut in cuts]
    return found


@pytest.mark.parametrize("limits", [FEW, LIMITS], ids="+".join)
def test_no_whole_blocks_within_a_limit_break_a_rounding_of_it(limits):
    @examples(12)
    @given(case=cases(limits, sites_max=4), seed=st.integers(0, 99))
    def holds(case, seed):
        assert max(excesses(case, seed), default=0.0) <= SLACK

    holds()


@pytest.mark.parametrize("grows", [True, False], ids=["growing", "fixed"])
def test_no_whole_blocks_of_several_years_break_a_rounding(grows):
    @examples(12)
    @given(case=year_cases(YEAR_LIMITS, grows=grows, small=True), seed=st.integers(0, 99))
    def holds(case, seed):
        assert max(excesses(case, seed), default=0.0) <= SLACK

    holds()


def test_roundings_are_many_and_as_tight_as_can_be():
    # Or the properties above would say nothing.
    drawn = [wide_case(seed, 8, 160.0) for seed in range(3)]
    drawn += [random_years(seed, FEW, grows=seed % 2 > 0, small=True) for seed in range(6)]
    found = np.array([excess for case in drawn for excess in excesses(case, 1)])
    assert len(found) > 100
    assert found.max() <= SLACK
    assert np.mean(found > -SLACK) > 0.3  # whole points lie on the cut itself


def value(case, **options):
    return Relaxation(case.part(), **options).solve().value


def test_the_last_site_of_the_target_opens_wholly():
    # 100 MW from sites of 60 MW at 10 and 2 a MW: one opening and two thirds, or two.
    case = make_case([Place(land_mw=60.0)] * 3, target_mw=100)
    assert value(case, rounding=False) == pytest.approx(200 + 10 * 100 / 60)
    assert value(case) == pytest.approx(200 + 2 * 10) == all_plans(case).best()


def test_a_station_with_room_for_part_of_a_block_has_none():
    # Room for 3.5 and 3.6 blocks of 25 MW at two stations: six blocks, the others cost 3 a MW.
    links = [(Link("N1", fixed=0.0),), (Link("N2", fixed=0.0),), (Link("N3", fixed=0.0, per_mw=3),)]
    case = make_case(
        [Place(land_mw=160.0, links=link) for link in (*links[:2], *links)],
        target_mw=160,
        headroom={("N1", 154.0): 87.5, ("N2", 154.0): 90.0, ("N3", 154.0): 500.0},
    )
    assert value(case) == pytest.approx(6 * 40 + 2 * 60) == all_plans(case).best()


def test_two_sites_that_share_a_station_are_not_both_open_in_part():
    # 3 + 3 blocks and room for 5: all of one site, and 2 blocks of the other with its opening.
    links = (Link("N1", fixed=60.0), Link("N2", fixed=0.0, per_mw=6.0))
    case = make_case(
        [*[Place(land_mw=60.0, links=links[:1])] * 2, Place(land_mw=100.0, links=links[1:])],
        target_mw=120,
        headroom={("N1", 154.0): 125.0, ("N2", 154.0): 500.0},
    )
    best = all_plans(case).best()
    assert value(case, rounding=False) < best - 10
    assert value(case) == pytest.approx(best)


def test_a_limit_with_a_variable_of_its_own_is_left_alone():
    # Rows that give way at a price must not be rounded as if they did not.
    part = wide_case(44).part()
    rows = constraints.all_rows(part, without=("spacing",))
    assert len(block_limits(part, rows)) > 10
    assert block_limits(part, loosen(rows, part, 1.0)) == []


def test_rounding_lifts_the_bounds_of_large_cases():
    lifted = []
    for seed in (235, 224, 44):
        case = wide_case(seed, 30, 360.0)
        lifted.append(value(case) - value(case, rounding=False))
    assert min(lifted) >= -1e-9
    assert sum(gain > 0.1 for gain in lifted) >= 2


def test_without_rounding_the_duals_are_those_of_the_rows():
    relaxation = Relaxation(wide_case(224, 30, 360.0).part(), rounding=False)
    relaxation.solve()
    assert not any(isinstance(cut, OptionCut) for cut in relaxation.cuts.cuts)


def test_cuts_out_of_reach_leave_a_relaxation_that_can_be_solved():
    # Nothing meets the target, so no build keeps a cut that rests on it.
    case = make_case([Place(land_mw=60.0)] * 2, target_mw=200)
    relaxation = Relaxation(case.part())
    assert relaxation.solve().value > 0
    assert relaxation.artificial > 0
