"""Robustness of the plan of a run: draws, probabilities, classes, value at risk and influence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.robustness.acceptability import (
    convergence,
    inclusion,
    pairwise_winning,
    rank_acceptability,
    shortlist,
    value_at_risk,
)
from siteopt.robustness.classes import classify, place_classes
from siteopt.robustness.draws import draw_inputs, solve_draws
from siteopt.robustness.influence import influence
from siteopt.robustness.overturn import overturning
from siteopt.robustness.plan_pool import distinct_plans
from siteopt.robustness.uncertain_inputs import ranges_table, read_rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from siteopt.robustness.draw_model import DrawModel
    from siteopt.robustness.draws import DrawnInputs, Draws
    from siteopt.robustness.overturn import Thresholds

__all__ = ["Robustness", "assess_robustness"]

_RIVALS: Final = 20
"""Sites that those of the plan are compared with, pair by pair, beside those in plans of draws."""


@dataclass(frozen=True, eq=False)
class Robustness:
    """What is left of a plan when all assumptions move together.

    Attributes
    ----------
    asked, solved, planned : int
        Draws that were wanted, that were solved in time, and those of them that have a plan.
    robust_share_pct : float
        Least share of the draws of a robust place.
    fits_pct : float
        Share of the draws in which the plan of the run, with its sizes, breaks no limit.
    classes : DataFrame
        By ``site_id``, all candidates: ``class``, ``in_plan_pct``, ``in_plan_low_pct``,
        ``in_plan_high_pct`` (`siteopt.robustness.classes.classify`).
    places : DataFrame
        Stations, districts and provinces, and the sites, that some plan has, with their class
        (`siteopt.robustness.acceptability.inclusion`).
    ranks : DataFrame
        Rank acceptability of the shortlist, by ``site_id``.
    pairs : DataFrame
        Pairwise winning of the shortlist, in percent.
    risk : DataFrame
        Value at risk (`siteopt.robustness.acceptability.value_at_risk`).
    settling : DataFrame
        Convergence (`siteopt.robustness.acceptability.convergence`).
    inputs : DataFrame
        What is drawn: ranges, shapes, confidence, source.
    held : dict of str to str
        Parameters that the program rests on and that are not drawn, with the reason.
    influence : DataFrame
        First-order indices of cost and choice.
    draws : DataFrame
        One row a draw: what became of it, and the value of every input.
    chosen : DataFrame
        One row a draw and chosen site.
    overturn : DataFrame
        Thresholds at which sites drop out of the plan or enter it (`Thresholds.sites`).
    swaps : DataFrame
        The least change that swaps a site and a rival (`Thresholds.pairs`).
    pool : int
        Plans that thresholds are read from.
    """

    asked: int
    solved: int
    planned: int
    robust_share_pct: float
    fits_pct: float
    classes: pd.DataFrame
    places: pd.DataFrame
    ranks: pd.DataFrame
    pairs: pd.DataFrame
    risk: pd.DataFrame
    settling: pd.DataFrame
    inputs: pd.DataFrame
    held: dict[str, str]
    influence: pd.DataFrame
    draws: pd.DataFrame
    chosen: pd.DataFrame
    overturn: pd.DataFrame
    swaps: pd.DataFrame
    pool: int


def assess_robustness(
    model: DrawModel,
    steps: pd.DataFrame,
    cost_bn_krw: float,
    known: Sequence[pd.DataFrame] = (),
    rules: Path | None = None,
) -> Robustness | None:
    """Return the robustness of a plan; None where no draw is asked for, or none has a plan.

    Parameters
    ----------
    model : DrawModel
        Of the run.
    steps : DataFrame
        `PlanResult.steps` of its plan.
    cost_bn_krw : float
        Cost of its plan.
    known : sequence of DataFrame
        Steps of further plans of the run: the best ones without each site, and with each other one.
    rules : Path, optional
        Rules of uncertainty in place of ``uncertainty.csv`` of the data folder.
    """
    settings = model.scenario.uncertainty
    if not settings.count:
        return None
    drawn = draw_inputs(
        model, read_rules(rules), model.parameters_read(), settings.count, settings.method
    )
    draws = solve_draws(
        model, drawn.assumptions, steps, seconds=settings.time_limit_s,
        processes=model.scenario.solver.threads,
    )  # fmt: skip
    planned = draws.table["status"].isin(["optimal", "feasible"])
    if not planned.any():
        return None
    pool = distinct_plans(model.problem, [steps, *known, *_plans_of_draws(model, draws)])
    rivals = shortlist(draws, _RIVALS)
    thresholds = overturning(model, drawn.inputs, pool, rivals)
    return _summed_up(model, drawn, draws, thresholds, steps, cost_bn_krw)


def _plans_of_draws(model: DrawModel, draws: Draws) -> list[pd.DataFrame]:
    """Return the steps of the plans of draws, of plans of one year."""
    years = model.problem.years
    if len(years) > 1:
        return []
    return [own.assign(year=int(years[0])) for _, own in draws.chosen.groupby("draw", sort=True)]


def _summed_up(  # noqa: PLR0913, PLR0917 - all that was found
    model: DrawModel,
    drawn: DrawnInputs,
    draws: Draws,
    thresholds: Thresholds,
    steps: pd.DataFrame,
    cost_bn_krw: float,
) -> Robustness:
    settings, places = model.scenario.uncertainty, _places_of_options(model)
    chosen = set(steps["site_id"].astype(str))
    problem = model.problem
    can = set(problem.site_id[problem.option_site[problem.open_options()]].tolist())
    included = inclusion(draws, places)
    names = shortlist(draws)
    known = draws.table["status"].isin(["optimal", "feasible"])
    in_run = places.loc[steps["option_id"].unique()]
    return Robustness(
        asked=draws.asked,
        solved=len(draws.table),
        planned=int(known.sum()),
        robust_share_pct=settings.robust_share_pct,
        fits_pct=100.0 * float(draws.table.loc[known, "fits"].astype(bool).mean()),
        classes=classify(draws, included, chosen, can, settings.robust_share_pct),
        places=place_classes(included, in_run, settings.robust_share_pct),
        ranks=rank_acceptability(draws).loc[names],
        pairs=pairwise_winning(draws, names),
        risk=value_at_risk(draws, cost_bn_krw),
        settling=convergence(draws, places),
        inputs=ranges_table(drawn.inputs),
        held=drawn.held,
        influence=influence(draws, drawn.table, chosen, model.scenario.seed),
        draws=draws.table.join(drawn.table, on="draw"),
        chosen=draws.chosen,
        overturn=thresholds.sites,
        swaps=thresholds.pairs,
        pool=thresholds.plans,
    )


def _places_of_options(model: DrawModel) -> pd.DataFrame:
    """Return site, station, district and province of every option, by ``option_id``."""
    options = model.connections.options
    sites = model.sites.set_index(model.sites["site_id"].astype(str))
    site = options["site_id"].astype(str)
    columns = {
        "site": site,
        "station": options["station_id"].astype(str),
        "district": site.map(sites["district_code"].astype(str)),
        "province": site.map(sites["province_code"].astype(str)),
    }
    table = pd.DataFrame(
        {name: np.asarray(values, dtype=object) for name, values in columns.items()}
    )
    return table.set_index(pd.Index(options["option_id"].astype(str), name="option_id"))
