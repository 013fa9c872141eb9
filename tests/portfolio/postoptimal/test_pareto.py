"""Trade-off points, against the Pareto points of the listing of all plans."""

import numpy as np
import pytest
from hypothesis import given

from siteopt.errors import InfeasibleError, LayerError
from siteopt.portfolio import solve
from siteopt.portfolio.postoptimal.objectives import measures_of
from siteopt.portfolio.postoptimal.pareto import tradeoffs
from siteopt.scenario import Tradeoffs as Settings
from tests.portfolio.instances import Link, Place, examples, make_case
from tests.portfolio.listing import all_plans
from tests.portfolio.random_cases import cases
from tests.portfolio.random_years import year_cases

NAMES = ["water", "reinforcement", "balance", "suitability", "carbon"]
CLOSE = 1e-4


def with_columns(case):
    """Return the table of options with what measures read, whatever costs are."""
    options = case.options
    columns = {"tco2_year_per_mw": 100.0 * options["per_mw_bn_krw"] ** 2 % 7}
    for name in ("substation", "upgrade"):
        columns |= {f"fixed_{name}_bn_krw": 0.0, f"per_mw_{name}_bn_krw": 0.0}
    columns["fixed_connection_bn_krw"] = options["capital_fixed_bn_krw"]
    columns["per_mw_connection_bn_krw"] = options["capital_per_mw_bn_krw"]
    return options.assign(**columns)


def listed(case, options, plans):
    """Return every measure of every plan of the listing, told as people say it."""
    by_site = case.described.loc[case.sites["site_id"]]
    mw = plans.it_mw
    facts = {row["option_id"]: row for row in options.to_dict("records")}

    def of_option(column):
        value = {"": 0.0} | {name: row[column] for name, row in facts.items()}
        return np.vectorize(value.__getitem__, otypes=[float])(plans.option)

    total = np.maximum(mw.sum(axis=0), 1e-9)
    province = case.sites["province_code"].to_numpy()
    share = [mw[province == code].sum(axis=0) for code in np.unique(province)]
    return {
        "water": by_site["water_m3_day_per_mw"].to_numpy() @ mw,
        "suitability": by_site["suitability"].to_numpy() @ mw / total,
        "balance": 100 * np.max(share, axis=0) / case.scenario.target.it_mw,
        "carbon": (of_option("tco2_year_per_mw") * mw).sum(axis=0),
        "reinforcement": (
            of_option("fixed_connection_bn_krw") * (mw > 0)
            + of_option("per_mw_connection_bn_krw") * mw
        ).sum(axis=0),
    }


def check_points(case, name, between=3):
    """Check the points of a curve; return how many there are."""
    problem, options = case.problem(), with_columns(case)
    try:
        plan = solve(problem, case.scenario.solver)
    except InfeasibleError:
        return 0
    wanted = measures_of(problem, case.described, options, [name])
    asked = Settings(points=between, time_limit_s=60, gap=0.0)
    table = tradeoffs(problem, plan, wanted, asked, case.scenario.solver).table()
    plans = all_plans(case)
    good = plans.good & plans.largest_pays
    sign = -1.0 if name == "suitability" else 1.0
    cost, figure = plans.worth[good], sign * listed(case, options, plans)[name][good]
    assert (table["proof"] == "proven").all()
    ends = figure[cost <= cost.min() + CLOSE].min(), figure.min()
    assert sign * table["figure"].iloc[0] == pytest.approx(ends[0], abs=CLOSE)
    assert sign * table["figure"].iloc[-1] == pytest.approx(ends[1], abs=CLOSE)
    levels = np.linspace(*ends, between + 2)
    best = []
    for level in levels:
        least = cost[figure <= level + CLOSE].min()
        best.append((least, figure[cost <= least + CLOSE].min()))
    for _, row in table.iterrows():
        # A point of the listing, and no plan is as cheap and better, or as good and cheaper.
        point = np.array([row["cost_bn_krw"], sign * row["figure"]])
        assert np.abs(np.array(best) - point).max(axis=1).min() < CLOSE
        assert not np.any((cost < point[0] - CLOSE) & (figure < point[1] + CLOSE))
        assert not np.any((cost < point[0] + CLOSE) & (figure < point[1] - CLOSE))
    for point in best:  # none of the listing at these levels is left out
        told = np.column_stack([table["cost_bn_krw"], sign * table["figure"]])
        assert np.abs(told - point).max(axis=1).min() < CLOSE
    assert (np.diff(table["cost_bn_krw"]) > 0).all()
    assert (np.diff(sign * table["figure"]) < 0).all()
    return len(table)


@pytest.mark.parametrize("name", NAMES)
def test_points_are_the_pareto_points_of_the_listing(name):
    seen = []

    @examples(16, fewest=16)
    @given(case=cases(("stations", "spacing")))
    def holds(case):
        seen.append(check_points(case, name))

    holds()
    assert max(seen) > 1


@pytest.mark.parametrize("name", ["carbon", "reinforcement", "balance"])
def test_points_of_plans_over_years_are_those_of_the_listing(name):
    seen = []

    @examples(6)
    @given(case=year_cases(("stations", "spacing"), small=True))
    def holds(case):
        seen.append(check_points(case, name))

    holds()
    assert max(seen) > 0


TWO = [
    Place(land_mw=40.0, water=5.0, province="46", links=(Link(fixed=10.0, per_mw=1.0),)),
    Place(land_mw=40.0, water=2.0, province="47", links=(Link(fixed=10.0, per_mw=2.0),)),
]


def curve(name, **changes):
    case = make_case(TWO)
    problem = case.problem()
    plan = solve(problem, case.scenario.solver)
    measures = measures_of(problem, case.described, with_columns(case), ["water", "balance"])
    wanted = [measure for measure in measures if measure.name == name]
    asked = Settings(**{"points": 3, "time_limit_s": 60} | changes)
    return tradeoffs(problem, plan, wanted, asked, case.scenario.solver, shown=measures)


def test_every_point_tells_its_plan_and_all_other_measures():
    found = curve("water")
    table = found.table()
    assert table["cost_bn_krw"].tolist() == [50, 80, 90]
    assert table["water"].tolist() == [200, 140, 80]
    assert table["balance"].tolist() == [100, 50, 100]
    assert found.sites().groupby("point")["it_mw"].sum().tolist() == [40, 40, 40]


def test_without_time_a_point_is_open():
    table = curve("water", time_limit_s=1e-9).table()
    assert table["proof"].tolist() == ["open"]


def test_a_measure_says_which_column_it_lacks():
    case = make_case(TWO)
    with pytest.raises(LayerError, match="options: column tco2_year_per_mw is missing"):
        measures_of(case.problem(), case.described, case.options, ["carbon"])
