"""A new constraint family is one object: every part of the optimizer takes it from `FAMILIES`."""

from dataclasses import replace

import numpy as np
import pytest

from siteopt.limit_key import LimitKey
from siteopt.portfolio import constraints, diagnose, solve
from siteopt.portfolio.bounds.reduced_cost import without_cost
from siteopt.portfolio.constraints import _rows
from siteopt.portfolio.constraints.block_bounds import tighten
from siteopt.portfolio.constraints.elastic import elastic_rows, with_elastic_bounds
from siteopt.portfolio.constraints.family import BlockBound, Family, LimitKind, Perturbation
from siteopt.portfolio.postoptimal.marginal_values import marginal_values
from siteopt.portfolio.problem.problem import NO_LIMIT
from siteopt.portfolio.solver.backends import Limits, solve_arrays
from siteopt.portfolio.solver.mip import program_arrays
from siteopt.report import conflicts
from siteopt.report.diagnosis import details_of, message_of
from siteopt.report.limit_names import limit_name
from tests.portfolio.instances import Link, Place, make_case
from tests.portfolio.limits import changes_of, named
from tests.portfolio.listing import all_plans

DRY = "B2"
NAME = "dry sites"
KEY = LimitKey(NAME, "dry", DRY)


# The family: at most a number of sites are chosen in a dry basin.


def most(problem):
    return problem.parameters.get(NAME, np.inf)


def is_dry(problem):
    return np.append(problem.basin_id, "")[problem.site_basin] == DRY


def rows(problem):
    if not np.isfinite(most(problem)):
        return _rows.rows(problem, [], 0.0, 0.0)
    sites = _rows.matrix(is_dry(problem).astype(np.float64))
    return _rows.rows(problem, [KEY], -np.inf, most(problem), w=sites)


def report(problem, blocks):
    if not np.isfinite(most(problem)):
        return _rows.usage([], [], "")
    chosen = np.unique(problem.option_site[blocks > 0])
    return _rows.usage([KEY], is_dry(problem)[chosen].sum(), "sites", at_most=most(problem))


def limited(problem, number):
    return replace(problem, parameters=problem.parameters | {NAME: float(number)})


def most_blocks(problem, year):
    del year
    closed = is_dry(problem)[problem.option_site] & (most(problem) < 1)
    return np.where(closed, -1, NO_LIMIT)


def loosened(problem, kinds):
    own = rows(problem)
    return _rows.loosen(own, problem, 1.0) if NAME in kinds and len(own) else own


def moved(problem, room):
    if KEY in room.above and room.is_full(room.above[KEY], 1.0):
        last, more = int(problem.years[-1]), limited(problem, most(problem) + 1)
        yield Perturbation(KEY, last, 1.0, "sites", loosens=True, problem=more)


FAMILY = Family(
    NAME,
    rows,
    report,
    block_bounds=(BlockBound("dry", 65, most_blocks),),
    kinds=(
        LimitKind(
            NAME, NAME, order=15, unit="sites", limits=lambda _: [KEY],
            without=lambda problem, _: limited(problem, np.inf),
        ),
    ),
    elastic_rows=loosened,
    perturbations=moved,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    monkeypatch.setattr(constraints, "FAMILIES", (*constraints.FAMILIES, FAMILY))


# Two cheap sites in the dry basin, two dear ones elsewhere, 40 MW each.
CHEAP = Place(land_mw=40.0, basin=DRY)
DEAR = Place(land_mw=40.0, links=(Link("N2", per_mw=3.0),))
DEARER = Place(land_mw=40.0, links=(Link("N3", per_mw=4.0),))
CASE = make_case([CHEAP, CHEAP, DEAR, DEARER], target_mw=80)


def asked(number, case=CASE):
    return tighten(limited(case.problem(), number))


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_plan_obeys_it_as_the_listing_of_all_plans_does(number):
    plans = all_plans(CASE)
    dry = (plans.it_mw[:2] > 0).sum(axis=0)
    plan = solve(asked(number), CASE.scenario.solver)
    assert plan.objective == pytest.approx(plans.best(among=dry <= number))
    assert plan.status == "optimal"


def test_the_usage_table_has_it():
    problem = asked(1)
    row = named(solve(problem, CASE.scenario.solver).limits(problem)).loc["dry B2"].to_dict()
    assert (row["family"], row["used"], row["at_most"], row["binds"]) == (NAME, 1, 1, True)


def test_it_closes_options_and_is_their_reason():
    assert asked(0).site_gate.tolist() == ["dry", "dry", "", ""]


def test_its_marginal_value_is_the_difference_of_two_listings():
    problem, solver = asked(1), CASE.scenario.solver
    table = marginal_values(problem, solve(problem, solver), solver)
    (row,) = table[table["family"] == NAME].to_dict("records")
    plans = all_plans(CASE)
    dry = (plans.it_mw[:2] > 0).sum(axis=0)
    gain = plans.best(among=dry <= 1) - plans.best(among=dry <= 2)
    assert gain > 0
    assert (row["proof"], row["worth_bn_krw"]) == ("exact", pytest.approx(gain))
    assert limit_name(LimitKey.of_row(row)) == "dry B2"


def test_infeasibility_analysis_names_it_with_words(monkeypatch):
    # 40 of the 80 MW have land outside the dry basin.
    case = make_case([CHEAP, CHEAP, DEAR], target_mw=80)
    words = conflicts.limit_words() | {f"what.{NAME}": ("건조 유역 입지", "sites in the dry basin")}
    monkeypatch.setattr(conflicts, "limit_words", lambda: words)
    monkeypatch.setattr("siteopt.report.diagnosis.limit_words", lambda: words)
    problem = asked(0, case)
    found = diagnose(problem, case.scenario.solver)
    assert found.conflict == ("target", NAME)
    assert set(found.limits) == {LimitKey("target", year=2035), KEY}
    assert found.limits_minimal
    table = changes_of(found).set_index("limit")
    assert table.loc[NAME, ["gives_least", "gives_enough"]].tolist() == [1, 1]
    assert table.at[NAME, "where"] == [("dry B2", 1)]
    assert message_of(problem, found) == (
        "no plan meets all limits; in conflict: target.it_mw (80 MW), sites in the dry basin; "
        "it would do if target gave 40 MW IT (down to 40); "
        "or dry sites grew by 1 sites (dry B2 +1)"
    )
    assert details_of(problem, found).splitlines() == [
        "The target of 80 MW in 2035 needs a change of sites in the dry basin by 1 sites.",
        "2035년 목표 80 MW를 채우려면 건조 유역 입지 1 sites 조정이 필요합니다.",
    ]


def test_the_elastic_program_relaxes_it():
    case = make_case([CHEAP, CHEAP, DEAR], target_mw=80)
    part = without_cost(with_elastic_bounds(asked(0, case), [NAME]))
    part = part.take(part.open_options())

    def least(kinds):
        arrays = program_arrays(part, elastic_rows(part, kinds, relaxation=False))
        return solve_arrays(arrays, Limits())

    assert least([NAME]).objective == pytest.approx(1.0)
    assert least([]).status == "infeasible"
