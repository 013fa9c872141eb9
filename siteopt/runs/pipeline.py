"""Stages of a run: the only module that knows what follows from what.

Each stage is a function of what it is given: the scenario, the layers, and the results of stages
before it. What it reads is recorded while it runs (`siteopt.stages`), so that a later run takes
its result where all of that is the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypedDict

from siteopt.costs.clean_prices import CleanPrices
from siteopt.costs.discounted import cost_options, pv_mwh_per_mw
from siteopt.criteria import describe_sites
from siteopt.criteria.campus import describe_campuses
from siteopt.criteria.scoring import score_sites
from siteopt.distribution import executor
from siteopt.energy.clean_plan import CleanPlan, clean_plan
from siteopt.energy.clean_supply import CleanSupplyData, clean_supply
from siteopt.energy.cost_curve import CostCurve, cost_curve
from siteopt.energy.matching import MatchingScores
from siteopt.energy.oracle import EnergyOracle, reference_prices
from siteopt.energy.stock import CleanSources
from siteopt.energy.supply import Fleet, PtdfNetwork, Supply
from siteopt.energy.year_margin import with_year_margin
from siteopt.grid import (
    GridOracle,
    assess,
    connect_campuses,
    connect_sites,
    grid_oracle,
    headroom_by_year,
    station_headroom,
    station_works,
    with_buses,
    with_campus_options,
    with_campus_stations,
    with_new_stations,
    with_works,
)
from siteopt.grid.assessment import Assessment
from siteopt.grid.connections import Connections
from siteopt.grid.impact import ImpactItem, Scoring
from siteopt.grid.routes import Routes
from siteopt.lattice import Lattice
from siteopt.portfolio import Further, PlanInputs, analyse_plan, plan_sites, rank_sites
from siteopt.portfolio.optimal_plan import OptimalPlan, Portfolio
from siteopt.portfolio.plan_result import PlanResult, solve_plan
from siteopt.portfolio.problem.problem import FlowName, Problem
from siteopt.portfolio.search.plan import Plan
from siteopt.portfolio.site_values import PlanPool, SiteValues
from siteopt.report._groups import group_names
from siteopt.report.complexes import complex_files
from siteopt.report.conflicts import PlaceNames, sentences
from siteopt.report.diagnosis import details_of, message_of
from siteopt.report.files import figure_files, run_record, table_files
from siteopt.report.map import render_map
from siteopt.report.run_tables import GisInputs, RunTables
from siteopt.report.tables import ranking_table, site_costs
from siteopt.robustness.analysis import Robustness, assess_robustness
from siteopt.robustness.draw_model import DrawModel
from siteopt.runs.input_check import check_candidates, check_names
from siteopt.scenario.exclusions import (
    Above,
    Below,
    DistanceBand,
    Far,
    InClasses,
    MinArea,
    MinWidth,
    Near,
    NotInClasses,
    Outside,
    OutsideRange,
    WithinRange,
)  # fmt: skip
from siteopt.screening import Eligibility, check_screening, screen
from siteopt.sites.campuses import CAMPUS, with_campuses
from siteopt.sites.complexes import judge_complexes, tiles_and_complexes
from siteopt.sites.named_places import resolve_rules
from siteopt.sites.outlines import site_outlines
from siteopt.sites.parcels import parcel_sites
from siteopt.stages.serialization import register
from siteopt.stages.stage import Stage

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from siteopt.portfolio import Diagnosis
    from siteopt.scenario import Scenario
    from siteopt.stages.stage import Given

__all__ = [
    "BRIEF_STAGES",
    "CANDIDATES",
    "CHECKS",
    "CHOICE",
    "CONNECTIONS",
    "CRITERIA",
    "CURVE",
    "ELIGIBILITY",
    "ENERGY",
    "EXCLUSIONS",
    "FIGURES",
    "FILES",
    "FURTHER",
    "HEADROOM",
    "IMPACT",
    "MAP",
    "NEEDS",
    "OPTIONS",
    "PART_CRITERIA",
    "PLACES",
    "PORTFOLIO",
    "PRICES",
    "QUESTION",
    "RANKING",
    "REPORT",
    "ROBUSTNESS",
    "ROOM",
    "SCORES",
    "SITES",
    "SITE_PARTS",
    "SKETCH",
    "STAGES",
    "SUPPLY",
    "VALUES",
    "draw_model_of",
    "task_of",
]  # fmt: skip

register(
    *(Near, Far, DistanceBand, Outside, Above, Below, WithinRange, OutsideRange, InClasses),
    *(NotInClasses, MinWidth, MinArea, Lattice, Eligibility),
    *(Supply, Fleet, PtdfNetwork, CleanSources, CleanSupplyData, CleanPrices),
    *(MatchingScores, CleanPlan, CostCurve),
    *(Routes, Connections, Scoring, ImpactItem, Assessment),
    *(FlowName, Problem, Plan, Portfolio, OptimalPlan, PlanPool, SiteValues, Further, PlanResult),
    Robustness,
)


def _question(given: Given) -> None:
    """Raise an error if the scenario names what the layers do not have."""
    check_names(given.layers, given.scenario)


QUESTION: Final = Stage("question", "checking the question", _question, "layers")


def _exclusions(given: Given) -> None:
    """Raise an error if layers or memory do not suffice for the exclusions."""
    check_screening(given.layers, given.scenario.screening)


EXCLUSIONS: Final = Stage("exclusions", "checking the exclusions", _exclusions, "layers")


def _candidates(given: Given) -> list[str]:
    """Raise an error if candidates cannot be read or a named site is none; return those left open."""
    return check_candidates(given.layers, given.scenario)


CANDIDATES: Final = Stage("candidates", "checking the candidates", _candidates, "layers")


def _eligibility(given: Given) -> Eligibility:
    return screen(given.layers, given.scenario.screening)


ELIGIBILITY: Final = Stage("eligibility", "screening the country", _eligibility, "screening")


def _parts(given: Given) -> gpd.GeoDataFrame:
    """Return tiles and complexes, or the user's parcels: sites, or parts of campuses."""
    take = tiles_and_complexes if given.scenario.candidates.parcels is None else parcel_sites
    return take(given.result(ELIGIBILITY), given.layers, given.scenario)


SITE_PARTS: Final = Stage("parts", "finding land", _parts, "sites")


def _sites(given: Given) -> gpd.GeoDataFrame:
    return with_campuses(given.result(SITE_PARTS), given.scenario)


SITES: Final = Stage("sites", "finding sites", _sites, "sites")


def _places(given: Given) -> gpd.GeoDataFrame:
    """Return all that routes need of sites: a larger build does not move them."""
    sites = given.result(SITES)
    needed = ["site_id", "geometry"]
    if given.scenario.candidates.campus is not None:
        needed.insert(1, "kind")
    places: gpd.GeoDataFrame = sites[needed]
    return places


PLACES: Final = Stage("places", "placing sites", _places, "sites")


def _part_criteria(given: Given) -> pd.DataFrame | None:
    """Return the criteria of the tiles and complexes that campuses are made of."""
    if given.scenario.candidates.campus is None:
        return None
    return describe_sites(given.result(SITE_PARTS), given.layers, given.scenario)


PART_CRITERIA: Final = Stage("part_criteria", "describing parts", _part_criteria, "criteria")


def _criteria(given: Given) -> pd.DataFrame:
    sites, parts = given.result(SITES), given.result(PART_CRITERIA)
    described = describe_sites(sites, given.layers, given.scenario)
    return described if parts is None else describe_campuses(described, parts, sites)


CRITERIA: Final = Stage("criteria", "describing sites", _criteria, "criteria")


def _needs(given: Given) -> pd.DataFrame:
    """Return all that the program needs of criteria; a column that it lacks would be an error."""
    columns = ["pue", "water_m3_day_per_mw", "basin_id", "supply_m3_day"]
    if given.scenario.candidates.campus is not None:
        columns.append("basin_shares")
    needs: pd.DataFrame = given.result(CRITERIA)[columns]
    return needs


NEEDS: Final = Stage("needs", "taking needs", _needs, "criteria")


def _scores(given: Given) -> pd.DataFrame:
    return score_sites(given.result(CRITERIA), given.layers, given.scenario)


SCORES: Final = Stage("scores", "scoring sites", _scores, "criteria")


def _headroom(given: Given) -> pd.DataFrame:
    headroom = station_headroom(given.layers, given.scenario.target.year)
    if not given.scenario.connection.new_345_stations:
        return headroom
    return with_new_stations(headroom, given.layers)


HEADROOM: Final = Stage("headroom", "reading headroom", _headroom, "connections")


def _room(given: Given) -> pd.DataFrame:
    """Return the headroom that the program has: by year where several are planned."""
    room = _room_by_year(given)
    if given.scenario.candidates.campus is not None:
        room = with_campus_stations(room, given.result(CONNECTIONS).options)
    return room if given.scenario.connection.headroom_shared else room.drop(columns="area_id")


ROOM: Final = Stage("room", "reading headroom by year", _room, "connections")


def _room_by_year(given: Given) -> pd.DataFrame:
    years = given.scenario.target.years
    if len(years) > 1:
        by_year = headroom_by_year(given.layers, years)
        if not given.scenario.connection.new_345_stations:
            return by_year
        return with_new_stations(by_year, given.layers)
    headroom: pd.DataFrame = given.result(HEADROOM)
    return headroom


def _connections(given: Given) -> Connections:
    layers, scenario, headroom = given.layers, given.scenario, given.result(HEADROOM)
    works = station_works(headroom, layers, scenario)
    places, campuses = given.result(PLACES), None
    if scenario.candidates.campus is not None:
        is_campus = places["kind"] == CAMPUS
        campuses = connect_campuses(places[is_campus], layers, scenario)
        places = places[~is_campus].reset_index(drop=True)
        if places.empty:
            return campuses
    found = connect_sites(places, headroom, layers, scenario, works)
    found = with_works(found, works, scenario)
    return found if campuses is None else with_campus_options(found, campuses)


CONNECTIONS: Final = Stage("connections", "routing connections", _connections, "connections")


def _supply(given: Given) -> list[CleanSupplyData]:
    """Return the clean supply of every planned year; none where no match is asked for."""
    scenario, layers = given.scenario, given.layers
    if scenario.energy.matching == "none":
        return []
    supplies = [clean_supply(layers, scenario, year) for year in scenario.target.years]
    if not scenario.energy.supply.year_margin:
        return supplies
    return [with_year_margin(one, scenario, layers) for one in supplies]


SUPPLY: Final = Stage("supply", "taking stock of clean supply", _supply, "energy")


def _prices(given: Given) -> CleanPrices | None:
    """Return the price of clean energy by bus; None where no match is asked for."""
    supplies = given.result(SUPPLY)
    if not supplies:
        return None
    return reference_prices(supplies[-1], given.scenario, given.layers)


PRICES: Final = Stage("prices", "pricing clean energy", _prices, "energy")


def _options(given: Given) -> pd.DataFrame:
    options = with_buses(given.result(CONNECTIONS).options, given.layers)
    sites, described = given.result(SITES), given.result(CRITERIA)
    clean = given.result(PRICES)
    return cost_options(sites, described, options, given.layers, given.scenario, clean)


OPTIONS: Final = Stage("options", "costing connections", _options, "costs")


def _places_named(given: Given) -> tuple[Scenario, dict[str, list[str]]]:
    """Return the scenario with ids in place of places among its sites, and what these stand for.

    A scenario that names none stays as it is, so that no more of it counts as read.
    """
    scenario, sites = given.scenario, given.result(SITES)
    rules = scenario.sites
    named = {*rules.must, *rules.must_not, *(one.site_id for one in rules.begun)}
    if named <= set(sites["site_id"].astype(str)):
        return scenario, {}
    found, meant = resolve_rules(rules, sites, given.layers, scenario.candidates.tile_m)
    return scenario.model_copy(update={"sites": found}), meant


def task_of(given: Given) -> PlanInputs:
    """Return what a plan is made from."""
    described = given.result(NEEDS)
    if given.scenario.asks_for_suitability:
        scores = given.result(SCORES)
    else:  # a plan by cost alone does not need suitability, so weights are no reason to solve
        scores = described[[]].assign(suitability=1.0)
    return PlanInputs(
        sites=given.result(SITES),
        described=described,
        scores=scores,
        options=given.result(OPTIONS),
        headroom=given.result(ROOM),
        scenario=_places_named(given)[0],
        grid=_grid(given),
        part_basins=given.result(PART_CRITERIA),
        discount_pct=given.layers.parameters.value("discount_social"),
    )


def _grid(given: Given) -> GridOracle | None:
    """Return the grid, with what clean energy through it costs where a match is asked for."""
    grid, prices = grid_oracle(given.layers, given.scenario), given.result(PRICES)
    if grid is None or prices is None:
        return grid
    supplies, parameters = given.result(SUPPLY), given.layers.parameters
    return replace(grid, energy=EnergyOracle(supplies, prices, given.scenario, parameters))


def _portfolio(given: Given) -> OptimalPlan:
    def words(problem: Problem, found: Diagnosis) -> tuple[str, str, str]:
        names = _names(given)
        told_ko, _ = sentences(problem, found, names)
        return message_of(problem, found), details_of(problem, found, names), told_ko

    return plan_sites(task_of(given), words)


PORTFOLIO: Final = Stage("portfolio", "choosing sites", _portfolio, "portfolio")


def _choice(given: Given) -> PlanResult:
    return solve_plan(task_of(given))


CHOICE: Final = Stage("choice", "choosing sites", _choice, "portfolio")
"""The plan alone, where many are needed (`siteopt.sensitivity`)."""


def _values(given: Given) -> SiteValues:
    with executor(given.scenario.solver.threads) as pool:
        return rank_sites(task_of(given), given.result(PORTFOLIO), pool)


VALUES: Final = Stage("values", "ranking sites", _values, "portfolio")


def _further(given: Given) -> Further:
    return analyse_plan(task_of(given), given.result(PORTFOLIO).plan, given.result(VALUES))


FURTHER: Final = Stage("further", "looking for other plans", _further, "portfolio")


def _energy(given: Given) -> CleanPlan | None:
    """Return the clean energy of the plan; None where no match is asked for."""
    supplies, planned = given.result(SUPPLY), given.result(PORTFOLIO)
    if not supplies:
        return None
    load_mw = planned.problem.bus_loads(planned.plan.blocks)
    return clean_plan(supplies[-1], load_mw, given.scenario, given.layers)


ENERGY: Final = Stage("energy", "matching clean energy", _energy, "energy")


def _curve(given: Given) -> CostCurve | None:
    """Return what each clean share costs the plan; None where that is not asked for."""
    supplies, planned = given.result(SUPPLY), given.result(PORTFOLIO)
    if not supplies or not given.scenario.energy.supply.curve:
        return None
    load_mw = planned.problem.bus_loads(planned.plan.blocks)
    return cost_curve(supplies[-1], load_mw, given.scenario, given.layers)


CURVE: Final = Stage("curve", "costing clean shares", _curve, "energy")


def draw_model_of(given: Given) -> DrawModel:
    """Return the model that draws of the run's assumptions are made with."""
    inputs = task_of(given)
    return DrawModel(
        layers=given.layers,
        scenario=inputs.scenario,
        sites=given.result(SITES),
        described=given.result(CRITERIA),
        scores=inputs.scores,
        connections=given.result(CONNECTIONS),
        headroom=given.result(HEADROOM),
        room=given.result(ROOM),
        clean=given.result(PRICES),
        problem=given.result(VALUES).problem,
        grid=grid_oracle(given.layers, given.scenario),  # cuts of energy are those that are known
        discount_pct=inputs.discount_pct,
    )


def _robustness(given: Given) -> Robustness | None:
    """Return what is left of the plan when all assumptions move; None where no draw is asked for."""
    if given.scenario.candidates.campus is not None or not given.scenario.uncertainty.count:
        return None
    optimum, values = given.result(PORTFOLIO), given.result(VALUES)
    known = [
        replace(optimum.plan, blocks=blocks).steps(values.problem) for blocks in values.plans.each()
    ]
    steps = optimum.plan.steps(optimum.problem)
    return assess_robustness(draw_model_of(given), steps, optimum.plan.objective, known)


ROBUSTNESS: Final = Stage("robustness", "drawing assumptions", _robustness, "robustness")


def _names(given: Given) -> PlaceNames:
    """Return what provinces and stations are called."""

    def pairs(layer: str, key: str) -> dict[str, tuple[str, str]]:
        table = given.layers.vector(layer)
        if not {"name_ko", "name_en"} <= set(table.columns):
            return {}
        rows = table[[key, "name_ko", "name_en"]].dropna().astype(str).to_numpy().tolist()
        return {code: (ko or code, en or code) for code, ko, en in rows}

    stations = pairs("stations", "station_id") | pairs("new_stations", "station_id")
    groups = {key: (ko, en) for key, (ko, en) in group_names(given.scenario).items()}
    return PlaceNames(pairs("provinces", "province_code"), stations, groups)


def _impact(given: Given) -> Assessment:
    shown = site_costs(_tables(given)).reset_index()
    known = given.result(OPTIONS)[["option_id", "headroom_mw", "relief_mw", "bus_id"]]
    shown = shown.merge(known, on="option_id")
    return assess(shown, given.result(SITES), given.layers, given.scenario)


IMPACT: Final = Stage("impact", "assessing grid impact", _impact, "portfolio")


def _ranking(given: Given) -> pd.DataFrame:
    return ranking_table(_tables(given, impact=given.result(IMPACT)))


RANKING: Final = Stage("ranking", "putting the ranking together", _ranking, "report")


def _map(given: Given) -> str:
    return render_map(_all_tables(given))


MAP: Final = Stage("map", "drawing the map", _map, "report")


def _sketch(given: Given) -> str:
    return render_map(_all_tables(given, draws=False))


SKETCH: Final = Stage("sketch", "drawing the map", _sketch, "report")
"""The map without draws of assumptions, which take longer than all else (`siteopt.Study`)."""


def _report(given: Given) -> dict[str, bytes]:
    from siteopt.report.document.report import (  # noqa: PLC0415 - a run without it loads no Typst
        report_files,
    )

    tables = _all_tables(given)
    return report_files(tables, language=given.scenario.report.language)


REPORT: Final = Stage("report", "typesetting the report", _report, "report")


class Drawn(TypedDict):
    """Files of a run by name, and its entries of ``run.json``."""

    files: dict[str, bytes]
    record: dict[str, Any]


def _files(given: Given) -> Drawn:
    tables = _all_tables(given)
    tables = replace(tables, gis=_gis(given, tables.complexes))
    files = table_files(tables, ranking_table(tables)) | _complexes(tables.complexes)
    return {"files": files, "record": run_record(tables)}


FILES: Final = Stage("files", "writing the tables", _files, "report")


def _gis(given: Given, complexes: gpd.GeoDataFrame | None) -> GisInputs:
    """Return what the GIS files show beside what the tables have."""
    layers, scenario, supplies = given.layers, given.scenario, given.result(SUPPLY)
    last = supplies[-1] if supplies else None
    eligibility = given.result(ELIGIBILITY)
    return GisInputs(
        outlines=site_outlines(given.result(SITES), eligibility, layers, scenario),
        complexes=complexes,
        headroom=given.result(HEADROOM),
        clean_zones=dict(zip(last.bus_id, last.zone.tolist(), strict=True)) if last else None,
    )


def _figures(given: Given) -> Drawn:
    tables = _tables(given, given.result(IMPACT))
    files = figure_files(tables, given.result(RANKING)) | _complexes(_judged(given))
    return {"files": files, "record": run_record(tables)}


FIGURES: Final = Stage("figures", "writing the figures", _figures, "report")


def _judged(given: Given) -> gpd.GeoDataFrame | None:
    """Return all complexes, sites or not; None where they are not enabled."""
    candidates = given.scenario.candidates
    if candidates.parcels is not None or not candidates.complexes:
        return None
    return judge_complexes(given.result(ELIGIBILITY), given.layers, given.scenario)


def _complexes(judged: gpd.GeoDataFrame | None) -> dict[str, bytes]:
    """Return the files of all complexes; none where they are not enabled."""
    return {} if judged is None else complex_files(judged)


def _all_tables(given: Given, *, draws: bool = True) -> RunTables:
    """Return what map and files are drawn from."""
    tables = _tables(given, given.result(IMPACT), given.result(FURTHER))
    robustness = given.result(ROBUSTNESS) if draws else None
    return replace(
        tables, energy_curve=given.result(CURVE), robustness=robustness, complexes=_judged(given)
    )


def _tables(
    given: Given, impact: Assessment | None = None, further: Further | None = None
) -> RunTables:
    """Return what the report is drawn from, as far as it is known."""
    planned, valued = given.result(PORTFOLIO), given.result(VALUES)
    scenario, meant = _places_named(given)
    return RunTables(
        scenario=scenario,
        named_sites=meant,
        layers=given.layers,
        eligibility=given.result(ELIGIBILITY),
        sites=given.result(SITES),
        described=given.result(CRITERIA),
        scores=given.result(SCORES),
        options=given.result(OPTIONS),
        routes=given.result(CONNECTIONS).routes,
        second_routes=given.result(CONNECTIONS).second_routes,
        plan=planned.portfolio.within(valued.problem, planned.plan),
        ranking=valued.table,
        further=further,
        pv_mwh_per_mw=pv_mwh_per_mw(given.layers.parameters),
        discount_pct=given.layers.parameters.value("discount_social"),
        impact=impact,
        energy=given.result(ENERGY),
        problem=valued.problem,
    )


STAGES: Final[tuple[Stage[Any], ...]] = (
    QUESTION, EXCLUSIONS, CANDIDATES, ELIGIBILITY, SITE_PARTS, SITES,
    PLACES, PART_CRITERIA, CRITERIA, NEEDS, SCORES, HEADROOM,
    CONNECTIONS, ROOM, SUPPLY, PRICES, OPTIONS, PORTFOLIO, VALUES,
    ENERGY, CURVE, FURTHER, ROBUSTNESS, IMPACT, RANKING, MAP, REPORT, FILES,
)  # fmt: skip
"""In topological order: each after those whose results it needs."""

CHECKS: Final[tuple[Stage[Any], ...]] = (QUESTION, EXCLUSIONS, CANDIDATES)
"""Checks of a scenario and its layers before anything is computed."""

BRIEF_STAGES: Final[tuple[Stage[Any], ...]] = (
    *(stage for stage in STAGES if stage not in {CURVE, FURTHER, ROBUSTNESS, MAP, REPORT, FILES}),
    FIGURES,
)
"""Those of a run for its figures alone."""
