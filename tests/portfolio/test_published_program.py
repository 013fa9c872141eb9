"""The published files of a program state the same program: another solver finds the same optimum."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given

from benchmarks import resolve
from benchmarks.resolve import optimum
from benchmarks.textbook import read_files, state
from siteopt.errors import InfeasibleError
from siteopt.portfolio import solve
from siteopt.report.program_files import write_program
from tests.portfolio.instances import Banks, Link, Place, examples, make_case
from tests.portfolio.random_cases import LIMITS, cases, random_case
from tests.portfolio.random_years import year_cases

FEW = examples(12)


def published(case, problem, folder):
    """Write the files of a program; return it as the textbook states it from them."""
    tables = SimpleNamespace(
        problem=problem,
        options=case.options,
        sites=case.sites,
        described=case.described,
        scores=case.described[["suitability"]],
        scenario=case.scenario,
        discount_pct=case.discount_pct,
    )
    write_program(tables, folder)
    return state(read_files(folder))


def solved(case):
    """Return a case's program, its optimum by siteopt, and that of its published files."""
    problem = case.problem()
    try:
        plan = solve(problem, case.scenario.solver)
    except InfeasibleError:
        plan = None
    with tempfile.TemporaryDirectory() as name:
        program = published(case, problem, Path(name))
    return problem, plan, program


@given(case=cases(LIMITS))
@FEW
def test_one_year_with_all_limits(case):
    _, plan, program = solved(case)
    if plan is None:
        return
    assert program.faults == []
    assert optimum(program) == pytest.approx(plan.objective, rel=1e-6)


@pytest.mark.parametrize("drawn", [cases(LIMITS), year_cases(LIMITS)], ids=["one", "several"])
def test_leaving_out_by_a_cost_loses_no_plan_as_cheap(drawn):
    @given(case=drawn)
    @FEW
    def agrees(case):
        _, plan, program = solved(case)
        if plan is None:
            return
        relaxation = resolve._Relaxation(program)
        kept = relaxation.kept(program.bounds, plan.objective + 1e-6)
        found = resolve._solve(relaxation, kept, program.bounds, 60.0)
        assert found == ("optimal", pytest.approx(plan.objective, rel=1e-6))
        # The best plan costs more than anything below it.
        less = relaxation.kept(program.bounds, plan.objective - 0.01)
        status, cost = resolve._solve(relaxation, less, program.bounds, 60.0)
        assert status == "none" or cost >= plan.objective - 1e-6

    agrees()


@given(case=cases(LIMITS, objective="suitability"))
@FEW
def test_suitability(case):
    _, plan, program = solved(case)
    if plan is None:
        return
    assert optimum(program) == pytest.approx(plan.objective, rel=1e-6)


@pytest.mark.parametrize("grows", [True, False])
def test_several_years_with_all_limits(grows):
    @given(case=year_cases(LIMITS, grows=grows))
    @FEW
    def agrees(case):
        _, plan, program = solved(case)
        if plan is None:
            return
        assert program.faults == []
        assert optimum(program) == pytest.approx(plan.objective, rel=1e-6)

    agrees()


LIMIT_OF = {
    "target": (), "station level": ("stations",), "works of": ("upgrades",), "limit flow": ("flows",),
    "province": ("provinces",), "provinces with": ("provinces",), "basin": ("basins",),
    "share of": ("diversity",), "budget": ("budget",), "spacing": ("spacing",),
}  # fmt: skip
"""Kinds of rows of `Program.row_names`, and the limits of cases in which they matter."""


def bare(program, kind):
    """Return a program without the rows of a kind."""
    kept = [not name.startswith(kind) for name in program.row_names]
    names = [name for name, stays in zip(program.row_names, kept, strict=True) if stays]
    return dataclasses.replace(
        program,
        rows=program.rows[kept],
        lower=program.lower[kept],
        upper=program.upper[kept],
        row_names=names,
    )


@pytest.mark.parametrize("kind", LIMIT_OF)
def test_no_kind_of_row_is_idle(kind):
    """Without it some case has another optimum: what the agreement above says, it says of all."""

    def binds(seed):
        case = random_case(seed, LIMIT_OF[kind])
        with tempfile.TemporaryDirectory() as name:
            program = published(case, case.problem(), Path(name))
        whole = optimum(program)
        return whole is not None and optimum(bare(program, kind)) != pytest.approx(whole, rel=1e-6)

    assert any(binds(seed) for seed in range(60)), f"rows {kind}: no case asks for them"


def test_stations_of_an_area_share_its_published_figure():
    """Two cheap stations share 50 MW, two blocks; works at one of them add to the area too."""
    places = [
        Place(x_km=0, links=(Link("N1", fixed=1.0),)),
        Place(x_km=20, links=(Link("N2", fixed=1.0),)),
        Place(x_km=40, links=(Link("N3", fixed=90.0),)),
    ]
    asked = {"target_mw": 80.0, "areas": {"D1": (50.0, ("N1", "N2"))}}
    for banks in ({}, {("N1", 154.0): Banks((50.0,), each=8.0)}):
        case = make_case(places, headroom={("N1", 154.0): 50.0}, banks=banks, **asked)
        _, plan, program = solved(case)
        assert optimum(program) == pytest.approx(plan.objective, rel=1e-9)
        assert optimum(bare(program, "area")) < plan.objective - 1
        taken = set(case.problem().option_id[plan.blocks > 0])
        assert any(name.startswith("S2") for name in taken) == (not banks)
