"""The program as a PuLP model: the same optimum, in memory and written to a file."""

import re
from dataclasses import replace

import highspy
import numpy as np
import pulp
import pytest
from hypothesis import given

from siteopt.highs import new_highs
from siteopt.portfolio import to_pulp
from siteopt.portfolio.solver.backends import Limits, solve_arrays
from siteopt.portfolio.solver.mip import program_arrays
from siteopt.portfolio.solver.to_pulp import pulp_model
from tests.portfolio.instances import Link, Place, examples, make_case
from tests.portfolio.random_cases import LIMITS, PLANNED, cases, random_case
from tests.portfolio.random_years import random_years, year_cases

YEARS = ("stations", "upgrades", "provinces", "spacing")
LONG = "A site of the user's with a name of more than eighty characters, spaces and (brackets) - "


def by_highs(part):
    """Return the optimum of a problem's arrays, None where there is no plan."""
    found = solve_arrays(program_arrays(part), Limits())
    return found.objective if found.status == "optimal" else None


def by_cbc(model):
    """Return the optimum of a PuLP model by CBC, None where there is none."""
    with pytest.warns(DeprecationWarning, match="PULP_CBC_CMD"):
        solver = pulp.PULP_CBC_CMD(msg=False, gapRel=0.0, gapAbs=1e-7)
    model.solve(solver)
    proven = model.sol_status == pulp.LpSolutionOptimal
    return (pulp.value(model.objective) or 0.0) if proven else None


def from_file(path):
    """Return the optimum that HiGHS finds of a file, None where there is none, and its names."""
    highs = new_highs(mip_rel_gap=0.0)
    assert highs.readModel(str(path)) == highspy.HighsStatus.kOk
    highs.run()
    optimal = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    names = list(highs.getLp().col_names_)
    return (highs.getInfo().objective_function_value if optimal else None), names


@pytest.mark.parametrize("drawn", [cases(LIMITS), year_cases(LIMITS)], ids=["one", "several"])
def test_its_optimum_is_that_of_the_arrays(drawn):
    @examples(8)
    @given(case=drawn)
    def holds(case):
        problem = case.problem()
        part = problem.take(problem.open_options())
        if part.options:
            assert by_cbc(to_pulp(problem)) == pytest.approx(by_highs(part), abs=1e-5)

    holds()


@pytest.mark.parametrize(
    "case", [random_case(PLANNED, LIMITS), random_years(25, YEARS)], ids=["one", "several"]
)
@pytest.mark.parametrize("kind", ["lp", "mps"])
def test_a_file_of_it_read_back_has_the_same_optimum(case, kind, tmp_path):
    model = to_pulp(case.problem())
    path = tmp_path / f"program.{kind}"
    write = model.writeLP if kind == "lp" else model.writeMPS
    write(str(path))
    optimum, names = from_file(path)
    assert optimum is not None
    assert optimum == pytest.approx(by_highs(case.part()), abs=1e-5)
    assert sorted(names) == sorted(variable.name for variable in model.variables())


def test_a_constraint_of_the_users_is_obeyed():
    case = make_case([Place(), Place(links=(Link(fixed=60.0),)), Place(links=(Link(fixed=99.0),))])
    model = to_pulp(case.problem())
    free = by_cbc(model)
    site = model.variablesDict()
    chosen = [name for name in site if name.startswith("site_") and site[name].value() > 0.5]
    model += pulp.lpSum(site[name] for name in chosen) == 0, "without the best sites"
    assert by_cbc(model) > free
    assert not any(site[name].value() for name in chosen)
    assert sum(site[name].value() for name in site if name.startswith("blocks_")) == 2


def test_names_are_those_of_options_sites_and_limits():
    problem = make_case([Place(), Place(land_mw=5.0)], provinces={"count_min": 2}).problem()
    opened, closed = problem.option_id.tolist()
    model = to_pulp(problem)
    names = model.variablesDict()
    plain = re.sub(r"[^A-Za-z0-9_.]", "_", opened)
    assert {f"open_{plain}", f"blocks_{plain}", f"site_{problem.site_id[0]}"} <= set(names)
    assert not any(closed.replace("-", "_") in name for name in names)
    rows = {row.name for row in model.constraints()}
    assert {"limit_target", f"connection_{problem.site_id[0]}"} <= rows
    assert {f"at_least_{plain}", f"at_most_{plain}"} <= rows


def test_an_option_of_several_years_bears_each_of_them():
    problem = random_years(25, YEARS).problem()
    names = to_pulp(problem).variablesDict()
    for year in problem.years:
        assert any(name.startswith("blocks_") and name.endswith(f"_{year}") for name in names)


def test_names_that_no_file_allows_or_that_become_the_same_are_mended(tmp_path):
    part = make_case([Place(), Place(), Place(), Place()]).part()
    strange = np.array(["가 1", "나 1", LONG + "1", LONG + "2"])
    problem = replace(part, site_id=strange, option_id=np.array([f"1e{n}>=" for n in strange]))
    model = to_pulp(problem)
    for path in (tmp_path / "program.lp", tmp_path / "program.mps"):
        (model.writeLP if path.suffix == ".lp" else model.writeMPS)(str(path))
        optimum, names = from_file(path)
        assert optimum == pytest.approx(by_highs(part))
        assert len(set(names)) == len(names) == 3 * 4
        assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]{0,89}", name) for name in names)


def test_a_row_with_two_sides_becomes_two_constraints():
    arrays = program_arrays(make_case([Place()]).part())
    both = replace(arrays, row_lower=np.maximum(arrays.row_lower, -9.0))
    model, variables = pulp_model(both)
    assert len(variables) == len(arrays.cost)
    names = [row.name for row in model.constraints()]
    assert len(set(names)) == len(names) > len(arrays.row_lower)
    assert by_cbc(model) == pytest.approx(90)
