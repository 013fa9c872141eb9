"""Replay: storage by hand, the best that foresight can do, and the program's own typical days."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from siteopt.energy.matching import MatchingScores, hourly_balance, score_matching
from siteopt.energy.program import EnergyProgram
from siteopt.energy.replay import Replay, ReplayedPlan, over_year, replay_year
from siteopt.errors import LayerError
from siteopt.layers.store import open_layers
from tests.energy.test_program import no_storage, noisy, two_buses
from tests.examples import examples

if TYPE_CHECKING:
    from siteopt._arrays import Floats, Ints
    from siteopt.energy.program import EnergyCost
    from siteopt.energy.supply import Supply

YEAR_H = 8760


def one_source(storage_mw: float, storage_mwh: float, efficiency: float = 1.0) -> ReplayedPlan:
    return ReplayedPlan(
        np.array([100.0]), np.array([storage_mw]), np.array([storage_mwh]), efficiency, 50.0
    )


def test_storage_by_hand() -> None:
    """50 MW of load; 25 MWh left at 40 % a way are 10 MWh: what one surplus hour brings."""
    output = np.array([1.0, 0.0, 0.0, 0.5])[:, None]  # +50, -50, -50, 0 MW
    found = replay_year(one_source(25.0, 100.0, 0.16), output, np.zeros(4), 0.5)
    assert found.charge_mw.tolist() == [25.0, 0.0, 0.0, 0.0]
    assert found.discharge_mw == pytest.approx([0.0, 4.0, 0.0, 0.0])
    assert found.level_mwh == pytest.approx([10.0, 0.0, 0.0, 0.0])
    assert found.balance.excess_mw == pytest.approx([25.0, 0.0, 0.0, 0.0])
    assert found.balance.import_mw == pytest.approx([0.0, 46.0, 50.0, 0.0])
    assert found.scores.hourly_share == pytest.approx(104.0 / 200.0)
    assert found.scores.annual_share == pytest.approx(129.0 / 200.0)
    assert found.scores.co2_t == pytest.approx(48.0)


def test_what_the_end_of_the_year_leaves_serves_its_beginning() -> None:
    output = np.array([0.0, 0.5, 0.9, 0.5])[:, None]
    found = replay_year(one_source(60.0, 60.0), output, np.zeros(4), 0.5)
    assert found.discharge_mw == pytest.approx([40.0, 0.0, 0.0, 0.0])
    assert found.level_mwh[-1] == pytest.approx(40.0)


def made(
    seed: int, hours: int = 72, clean: float | None = None
) -> tuple[ReplayedPlan, Floats, Floats]:
    """Return a plan of two sources and two storages of one duration, yields and grid shares."""
    rng = np.random.default_rng(seed)
    power = rng.uniform(5.0, 40.0, 2)
    plan = ReplayedPlan(
        rng.uniform(20.0, 120.0, 2), power, power * rng.uniform(0.5, 8.0),
        float(rng.choice([1.0, 0.85, 0.6])), float(rng.uniform(30.0, 90.0)),
    )  # fmt: skip
    grid = rng.uniform(0.1, 0.7, hours) if clean is None else np.full(hours, clean)
    return plan, rng.beta(0.7, 0.9, (hours, 2)), grid


@examples(60)
@given(seed=st.integers(0, 100_000))
def test_levels_return_and_nothing_is_made_of_nothing(seed: int) -> None:
    plan, output, clean = made(seed)
    found = replay_year(plan, output, clean, 0.4)
    way = np.sqrt(plan.storage_efficiency)
    before = np.roll(found.level_mwh, 1)  # cyclic
    flow = found.charge_mw * way - found.discharge_mw / way
    assert found.level_mwh - before == pytest.approx(flow, abs=1e-9)
    assert found.level_mwh.min() >= 0.0
    assert found.level_mwh.max() <= plan.storage_mwh.sum()
    assert max(found.charge_mw.max(), found.discharge_mw.max()) <= plan.storage_mw.sum() + 1e-9
    assert not (found.charge_mw * found.discharge_mw).any()
    assert found.balance.used_mw.min() >= 0.0  # from contracts alone, never from the grid
    assert (found.balance.excess_mw * found.discharge_mw).max() <= 1e-9
    kept = found.contracts_mw + found.discharge_mw - found.charge_mw
    assert found.balance.used_mw + found.balance.excess_mw == pytest.approx(kept, abs=1e-9)


def with_foresight(plan: ReplayedPlan, output: Floats, worth: Floats) -> float:
    """Return the most that contracts and storage can be worth, by a program over all hours."""
    hours, contracts = len(output), output @ plan.source_mw
    way = np.sqrt(plan.storage_efficiency)
    eye, nothing = sparse.eye_array(hours), sparse.csr_array((hours, hours))
    rows = np.arange(hours)
    before = sparse.csr_array((np.ones(hours), (rows, np.roll(rows, 1))))
    # Columns are charge, discharge, level, used; used <= contracts + discharge - charge.
    balance: Any = sparse.hstack([eye, -eye, nothing, eye])
    level: Any = sparse.hstack([-way * eye, eye / way, eye - before, nothing])
    power, energy = plan.storage_mw.sum(), plan.storage_mwh.sum()
    bounds = [(0, power)] * (2 * hours) + [(0, energy)] * hours + [(0, plan.load_mw)] * hours
    found: Any = linprog(
        np.concatenate([np.zeros(3 * hours), -worth]), A_ub=balance.tocsr(), b_ub=contracts,
        A_eq=level.tocsr(), b_eq=np.zeros(hours), bounds=bounds,
    )  # fmt: skip
    assert found.status == 0
    return -float(found.fun)


def best_share(plan: ReplayedPlan, output: Floats, clean: Floats) -> float:
    """Return the highest clean share by the hour that foresight can reach."""
    used = with_foresight(plan, output, 1.0 - clean)
    return used / (plan.load_mw * len(clean)) + float(clean.mean())


@pytest.mark.parametrize("seed", range(12))
def test_no_foresight_imports_less_over_the_year(seed: int) -> None:
    """The rule is the optimum where an import is as clean at one hour as at another."""
    plan, output, clean = made(seed, clean=0.3)
    found = replay_year(plan, output, clean, 0.4)
    best = with_foresight(plan, output, np.ones(len(output)))
    assert found.scores.used_mwh == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_no_rule_beats_foresight_of_the_grids_share(seed: int) -> None:
    """Shares of the grid that jump from hour to hour, at which foresight is worth most."""
    plan, output, clean = made(seed)
    found = replay_year(plan, output, clean, 0.4)
    best = best_share(plan, output, clean)
    assert best - 0.06 < found.scores.hourly_share <= best + 1e-9


def test_in_the_year_of_the_layers_the_rule_is_near_foresight() -> None:
    """3.7 GW on sun and wind of the southwest, a grid that is cleaner when these run."""
    layers = open_layers()
    solar, wind = (
        layers.table(f"profiles_year_{name}").drop(columns="hour_of_year") / 1000.0
        for name in ("solar", "wind")
    )
    output = np.column_stack([solar["46"], solar["52"], wind["46"], wind["51"]]).astype(np.float64)
    clean = 0.3 + 0.3 * output.mean(axis=1)
    plan = ReplayedPlan(
        np.array([4000.0, 4000.0, 4000.0, 4000.0]), np.array([3000.0]), np.array([18_000.0]), 0.85,
        3700.0,
    )  # fmt: skip
    found = replay_year(plan, output, clean, 0.4)
    best = best_share(plan, output, clean)
    assert best - 0.005 < found.scores.hourly_share <= best + 1e-9
    assert 0.8 < best < 1.0
    assert found.worst_week.hourly_share < found.scores.hourly_share - 0.1


@examples(40)
@given(seed=st.integers(0, 100_000), more=st.floats(1.0, 3.0))
def test_more_storage_never_lowers_the_use_of_contracts(seed: int, more: float) -> None:
    plan, output, clean = made(seed)
    larger = replace(plan, storage_mw=plan.storage_mw * more, storage_mwh=plan.storage_mwh * more)
    few, many = (replay_year(one, output, clean, 0.4).scores for one in (plan, larger))
    assert many.used_mwh >= few.used_mwh - 1e-9


def days_of(supply: Supply) -> Ints:
    """Return the typical day of each day of the year, as often as it weighs, by turns."""
    weight = supply.weight_h[::24].round().astype(int)
    days = np.repeat(np.arange(len(weight)), weight)
    assert len(days) == 365
    return np.random.default_rng(0).permutation(days)


def replayed(supply: Supply, plan: EnergyCost, load_mw: float) -> tuple[MatchingScores, Replay]:
    """Return the scores of a plan of the program on its typical days, and its replay."""
    given_mw = supply.source_yield @ plan.source_mw
    kept = given_mw - plan.curtailed_mw
    balance = hourly_balance(
        np.full(supply.hours, load_mw), kept, plan.charge_mw, plan.discharge_mw
    )
    share = np.divide(plan.curtailed_mw, given_mw, out=np.zeros_like(kept), where=given_mw > 0)
    day = days_of(supply)
    hours = {
        name: over_year(value, day)
        for name, value in (
            ("source_yield", supply.source_yield), ("grid_clean", supply.grid_clean),
            ("curtailed_share", np.clip(share, 0.0, 1.0)),
        )
    }  # fmt: skip
    chosen = ReplayedPlan(
        plan.source_mw, plan.storage_mw, plan.storage_mwh, supply.storage_efficiency, load_mw
    )
    scores = score_matching(balance, supply.grid_clean, 0.4, supply.weight_h)
    return scores, replay_year(chosen, emission_t_mwh=0.4, **hours)


@pytest.mark.parametrize("seed", range(5))
def test_replay_equals_the_program_when_all_hours_are_typical(seed: int) -> None:
    """No storage: every figure of the program on its typical days is that of the year."""
    supply = no_storage(replace(noisy(seed), target=0.75, source_most_mw=np.full(2, 500.0)))
    found = EnergyProgram(supply).cut(np.array([80.0, 50.0]))
    assert found.storage_mw.sum() == pytest.approx(0.0, abs=1e-6)
    expected, replay = replayed(supply, found, 130.0)
    assert expected.hourly_share >= 0.75 - 1e-6
    assert expected.used_mwh == pytest.approx(supply.weight_h @ found.used_mw)
    for name in MatchingScores.__dataclass_fields__:
        assert getattr(replay.scores, name) == pytest.approx(getattr(expected, name), rel=1e-6), (
            name
        )
    assert replay.worst_week.hourly_share <= replay.scores.hourly_share


@pytest.mark.parametrize("seed", range(5))
def test_storage_that_follows_the_load_reaches_the_programs_target(seed: int) -> None:
    """Where imports are alike the rule is an optimum, and level is free to cross midnight."""
    supply = replace(
        noisy(seed), target=0.9, source_most_mw=np.full(2, 300.0), grid_clean=np.full(48, 0.3),
        storage_krw_mwh_year=1e6, excess_most=1.0,
    )  # fmt: skip
    found = EnergyProgram(supply).cut(np.array([80.0, 50.0]))
    assert found.storage_mwh.sum() > 1.0
    expected, replay = replayed(supply, found, 130.0)
    assert expected.hourly_share >= 0.9 - 1e-6
    assert replay.scores.hourly_share >= expected.hourly_share - 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_where_imports_differ_the_rule_stays_near_the_program(seed: int) -> None:
    supply = replace(
        noisy(seed), target=0.9, source_most_mw=np.full(2, 300.0), storage_krw_mwh_year=1e6,
        excess_most=1.0,
    )  # fmt: skip
    found = EnergyProgram(supply).cut(np.array([80.0, 50.0]))
    expected, replay = replayed(supply, found, 130.0)
    assert replay.scores.hourly_share == pytest.approx(expected.hourly_share, abs=0.01)


def test_sun_and_free_storage_over_a_year_of_one_day() -> None:
    supply = two_buses(excess_most=0.0)
    found = EnergyProgram(supply).cut(np.array([100.0, 0.0]))
    _, replay = replayed(supply, found, 100.0)
    assert replay.scores.hourly_share == pytest.approx(1.0)


def test_typical_days_are_laid_out_over_the_year() -> None:
    typical = np.arange(48.0)
    found = over_year(typical, np.array([1, 0, 1]))
    assert found.tolist() == [*typical[24:], *typical[:24], *typical[24:]]
    table = np.column_stack([typical, -typical])
    assert over_year(table, np.array([1, 1])).tolist() == [
        *table[24:].tolist(),
        *table[24:].tolist(),
    ]


def test_curtailment_of_all_sources_and_of_each() -> None:
    output = np.full((24, 2), 0.5)
    plan = ReplayedPlan(np.array([100.0, 60.0]), np.zeros(0), np.zeros(0), 1.0, 50.0)
    alike = replay_year(plan, output, np.zeros(24), 0.4, np.full(24, 0.25))
    assert alike.contracts_mw == pytest.approx(np.full(24, 60.0))
    each = np.tile([0.5, 0.0], (24, 1))
    assert replay_year(plan, output, np.zeros(24), 0.4, each).contracts_mw == pytest.approx(
        np.full(24, 55.0)
    )


def test_the_worst_week_is_that_of_the_lull() -> None:
    output = np.full((YEAR_H, 1), 0.4)
    output[3000:3168] = 0.1
    plan = ReplayedPlan(np.array([100.0]), np.zeros(1), np.zeros(1), 0.85, 50.0)
    found = replay_year(plan, output, np.full(YEAR_H, 0.5), 0.4)
    assert found.worst_week.first_hour == 3001
    assert found.worst_week.hourly_share == pytest.approx((10.0 + 0.5 * 40.0) / 50.0)
    steady = replay_year(plan, np.full((YEAR_H, 1), 0.4), np.full(YEAR_H, 0.5), 0.4)
    assert steady.worst_week.first_hour == 1  # the first of equal ones
    assert steady.worst_week.hourly_share == pytest.approx(steady.scores.hourly_share)


def test_a_year_of_90_sources_is_replayed_in_time() -> None:
    rng = np.random.default_rng(1)
    plan = ReplayedPlan(rng.uniform(0, 100, 90), np.full(6, 100.0), np.full(6, 600.0), 0.85, 2000.0)
    output, clean = rng.uniform(0, 1, (YEAR_H, 90)), rng.uniform(0.2, 0.6, YEAR_H)
    began = time.process_time()
    replay_year(plan, output, clean, 0.4, np.zeros((YEAR_H, 90)))
    assert time.process_time() - began < 2.0


PLAN = one_source(10.0, 20.0)
FLAT = np.full((4, 1), 0.5)


@pytest.mark.parametrize(
    ("output", "clean", "curtailed", "message"),
    [
        (FLAT[:3], np.zeros(4), None, r"source_yield has shape \(3, 1\); \(4, 1\) is needed"),
        (FLAT[:0], np.zeros(0), None, "no hours; those of a year are needed"),
        (FLAT * np.nan, np.zeros(4), None, "source_yield of hour 1, source 1 is nan; a share"),
        (FLAT * 2.2, np.zeros(4), None, "source_yield of hour 1, source 1 is 1.1; a share from 0"),
        (-FLAT, np.zeros(4), None, "source_yield of hour 1, source 1 is -0.5"),
        (FLAT, np.full(4, 2.0), None, "grid_clean is 2 in hour 1"),
        (FLAT, np.zeros(4), np.full(4, 1.5), "curtailed_share of hour 1 is 1.5; a share"),
        (FLAT, np.zeros(4), np.zeros(3), r"curtailed_share has shape \(3,\); \(4,\) or \(4, 1\)"),
    ],
)
def test_hours_that_do_not_fit_are_named(
    output: Floats, clean: Floats, curtailed: Floats | None, message: str
) -> None:
    with pytest.raises(LayerError, match=message):
        replay_year(PLAN, output, clean, 0.4, curtailed)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("source_mw", np.array([1.0, -2.0]), "source_mw of number 2 is -2; a finite value"),
        ("storage_mwh", np.array([np.inf]), "storage_mwh of number 1 is inf"),
        ("storage_efficiency", 0.0, "storage_efficiency is 0; a value above 0"),
        ("load_mw", 0.0, "load_mw is 0; a value above 0"),
        ("load_mw", np.nan, "load_mw is nan"),
    ],
)
def test_a_plan_that_cannot_be_is_named(name: str, value: object, message: str) -> None:
    with pytest.raises(LayerError, match=message):
        replace(PLAN, **{name: value})  # type: ignore[arg-type]
