"""The stages of a run and their dependencies.

Each stage is a function of what it is given: the scenario, the layers, and the results of stages
before it. What it reads is noted while it runs (`siteopt.stages`), so that a later run takes its
result where all of that is the same. A stage imports what it needs where it needs it: these
imports are also what its code version follows from, and a run that takes everything loads none
of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siteopt.stages.stage import Stage

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from siteopt.grid.assessment import Assessment
    from siteopt.grid.connections import Connections
    from siteopt.portfolio import Diagnosis, Further, Planned, Problem, Task, Valued
    from siteopt.portfolio.choice import Choice
    from siteopt.report import RunTables
    from siteopt.report.conflicts import PlaceNames
    from siteopt.screening import Eligibility
    from siteopt.stages.stage import Given

__all__ = ["BRIEF_STAGES", "CHECKS", "CHOICE", "STAGES", "task_of"]


def _question(given: Given) -> None:
    """Raise an error if the scenario names what the layers do not have."""
    from siteopt.runs.input_check import check_names

    check_names(given.layers, given.scenario)


def _exclusions(given: Given) -> None:
    """Raise an error if the exclusions ask for what the layers, or the memory, cannot answer."""
    from siteopt.screening import check_screening

    check_screening(given.layers, given.scenario.screening)


def _candidates(given: Given) -> list[str]:
    """Raise an error if candidates cannot be read or a named site is none; return those left open."""
    from siteopt.runs.input_check import check_candidates

    return check_candidates(given.layers, given.scenario)


def _eligibility(given: Given) -> Eligibility:
    from siteopt.screening import screen

    return screen(given.layers, given.scenario.screening)


def _sites(given: Given) -> gpd.GeoDataFrame:
    from siteopt.sites.complexes import tiles_and_complexes
    from siteopt.sites.parcels import parcel_sites

    take = tiles_and_complexes if given.scenario.candidates.parcels is None else parcel_sites
    return take(given.result("eligibility"), given.layers, given.scenario)


def _places(given: Given) -> gpd.GeoDataFrame:
    """Return all that routes ask of sites: a larger build does not move them."""
    places: gpd.GeoDataFrame = given.result("sites")[["site_id", "geometry"]]
    return places


def _criteria(given: Given) -> pd.DataFrame:
    from siteopt.criteria import describe_sites

    return describe_sites(given.result("sites"), given.layers, given.scenario)


def _needs(given: Given) -> pd.DataFrame:
    """Return all that the program asks of criteria; a column that it lacks would be an error."""
    columns = ["pue", "water_m3_day_per_mw", "basin_id", "supply_m3_day"]
    needs: pd.DataFrame = given.result("criteria")[columns]
    return needs


def _scores(given: Given) -> pd.DataFrame:
    from siteopt.criteria.scoring import score_sites

    return score_sites(given.result("criteria"), given.layers, given.scenario)


def _headroom(given: Given) -> pd.DataFrame:
    from siteopt.grid import station_headroom, with_new_stations

    headroom = station_headroom(given.layers, given.scenario.target.year)
    if not given.scenario.connection.new_345_stations:
        return headroom
    return with_new_stations(headroom, given.layers)


def _room(given: Given) -> pd.DataFrame:
    """Return the headroom that the program has: by year where several are planned."""
    room = _room_by_year(given)
    return room if given.scenario.connection.headroom_shared else room.drop(columns="area_id")


def _room_by_year(given: Given) -> pd.DataFrame:
    from siteopt.grid import headroom_by_year, with_new_stations

    years = given.scenario.target.years
    if len(years) > 1:
        by_year = headroom_by_year(given.layers, years)
        if not given.scenario.connection.new_345_stations:
            return by_year
        return with_new_stations(by_year, given.layers)
    headroom: pd.DataFrame = given.result("headroom")
    return headroom


def _connections(given: Given) -> Connections:
    from siteopt.grid import connect_sites, station_works, with_works

    layers, scenario, headroom = given.layers, given.scenario, given.result("headroom")
    works = station_works(headroom, layers, scenario)
    found = connect_sites(given.result("places"), headroom, layers, scenario, works)
    return with_works(found, works, scenario)


def _options(given: Given) -> pd.DataFrame:
    from siteopt.costs.discounted import cost_options
    from siteopt.grid import with_buses

    options = with_buses(given.result("connections").options, given.layers)
    sites, described = given.result("sites"), given.result("criteria")
    return cost_options(sites, described, options, given.layers, given.scenario)


def task_of(given: Given) -> Task:
    """Return what a plan is made from.

    Parameters
    ----------
    given : Given
        Inputs and results of other stages.
    """
    from siteopt.grid import siting_grid
    from siteopt.portfolio import Task

    described = given.result("needs")
    if given.scenario.asks_for_suitability:
        scores = given.result("scores")
    else:  # a plan by cost alone does not ask for suitability, so weights are no reason to solve
        scores = described[[]].assign(suitability=1.0)
    return Task(
        sites=given.result("sites"),
        described=described,
        scores=scores,
        options=given.result("options"),
        headroom=given.result("room"),
        scenario=given.scenario,
        grid=siting_grid(given.layers, given.scenario),
        discount_pct=given.layers.parameters.value("discount_social"),
    )


def _portfolio(given: Given) -> Planned:
    from siteopt.portfolio import plan_sites
    from siteopt.report.diagnosis import details_of, message_of

    def words(problem: Problem, found: Diagnosis) -> tuple[str, str]:
        return message_of(problem, found), details_of(problem, found, _names(given))

    return plan_sites(task_of(given), words)


def _choice(given: Given) -> Choice:
    from siteopt.portfolio.choice import choose_sites

    return choose_sites(task_of(given))


def _values(given: Given) -> Valued:
    from siteopt.portfolio import value_sites

    return value_sites(task_of(given), given.result("portfolio"))


def _further(given: Given) -> Further:
    from siteopt.portfolio import look_further

    return look_further(task_of(given), given.result("portfolio").plan, given.result("values"))


def _names(given: Given) -> PlaceNames:
    """Return what provinces and stations are called."""
    from siteopt.report.conflicts import PlaceNames

    def pairs(layer: str, key: str) -> dict[str, tuple[str, str]]:
        table = given.layers.vector(layer)
        if not {"name_ko", "name_en"} <= set(table.columns):
            return {}
        rows = table[[key, "name_ko", "name_en"]].dropna().astype(str).to_numpy().tolist()
        return {code: (ko or code, en or code) for code, ko, en in rows}

    stations = pairs("stations", "station_id") | pairs("new_stations", "station_id")
    return PlaceNames(pairs("provinces", "province_code"), stations)


def _impact(given: Given) -> Assessment:
    from siteopt.grid import assess
    from siteopt.report.tables import site_costs

    shown = site_costs(_tables(given)).reset_index()
    known = given.result("options")[["option_id", "headroom_mw", "relief_mw", "bus_id"]]
    shown = shown.merge(known, on="option_id")
    return assess(shown, given.result("sites"), given.layers, given.scenario)


def _ranking(given: Given) -> pd.DataFrame:
    from siteopt.report.tables import ranking_table

    return ranking_table(_tables(given, impact=given.result("impact")))


def _map(given: Given) -> str:
    from siteopt.report.map import render_map

    return render_map(_all_tables(given))


def _files(given: Given) -> dict[str, Any]:
    from siteopt.report.files import run_record, table_files
    from siteopt.report.tables import ranking_table

    tables = _all_tables(given)
    files = table_files(tables, ranking_table(tables)) | _complexes(given)
    return {"files": files, "record": run_record(tables)}


def _figures(given: Given) -> dict[str, Any]:
    from siteopt.report.files import figure_files, run_record

    tables = _tables(given, given.result("impact"))
    files = figure_files(tables, given.result("ranking")) | _complexes(given)
    return {"files": files, "record": run_record(tables)}


def _complexes(given: Given) -> dict[str, bytes]:
    """Return the files of all complexes, sites or not; none where none are asked for."""
    from siteopt.report.complexes import complex_files
    from siteopt.sites.complexes import judge_complexes

    asked = given.scenario.candidates
    if asked.parcels is not None or not asked.complexes:
        return {}
    return complex_files(judge_complexes(given.result("eligibility"), given.layers, given.scenario))


def _all_tables(given: Given) -> RunTables:
    """Return what map and files are drawn from."""
    return _tables(given, given.result("impact"), given.result("further"))


def _tables(
    given: Given, impact: Assessment | None = None, further: Further | None = None
) -> RunTables:
    """Return what the report is drawn from, as far as it is known."""
    from siteopt.costs.discounted import pv_mwh_per_mw
    from siteopt.report.run_tables import RunTables

    planned, valued = given.result("portfolio"), given.result("values")
    return RunTables(
        scenario=given.scenario,
        layers=given.layers,
        eligibility=given.result("eligibility"),
        sites=given.result("sites"),
        described=given.result("criteria"),
        scores=given.result("scores"),
        options=given.result("options"),
        routes=given.result("connections").routes,
        second_routes=given.result("connections").second_routes,
        plan=planned.portfolio.within(valued.problem, planned.plan),
        ranking=valued.table,
        further=further,
        pv_mwh_per_mw=pv_mwh_per_mw(given.layers.parameters),
        discount_pct=given.layers.parameters.value("discount_social"),
        impact=impact,
        problem=valued.problem,
    )


STAGES: Final = (
    Stage("question", "checking the question", _question, "layers"),
    Stage("exclusions", "checking the exclusions", _exclusions, "layers"),
    Stage("candidates", "checking the candidates", _candidates, "layers"),
    Stage("eligibility", "screening the country", _eligibility, "screening"),
    Stage("sites", "finding sites", _sites, "sites"),
    Stage("places", "placing sites", _places, "sites"),
    Stage("criteria", "describing sites", _criteria, "criteria"),
    Stage("needs", "taking needs", _needs, "criteria"),
    Stage("scores", "scoring sites", _scores, "criteria"),
    Stage("headroom", "reading headroom", _headroom, "connections"),
    Stage("room", "reading headroom by year", _room, "connections"),
    Stage("connections", "routing connections", _connections, "connections"),
    Stage("options", "costing connections", _options, "costs"),
    Stage("portfolio", "choosing sites", _portfolio, "portfolio"),
    Stage("values", "ranking sites", _values, "portfolio"),
    Stage("further", "looking for other plans", _further, "portfolio"),
    Stage("impact", "assessing grid impact", _impact, "portfolio"),
    Stage("ranking", "putting the ranking together", _ranking, "report"),
    Stage("map", "drawing the map", _map, "report"),
    Stage("files", "writing the tables", _files, "report"),
)
"""In an order in which each finds the results that it asks for."""

CHECKS: Final = STAGES[:3]
"""What asks of a scenario and its layers whether there can be an answer, before any is sought."""

BRIEF_STAGES: Final = (
    *(stage for stage in STAGES if stage.name not in {"further", "map", "files"}),
    Stage("figures", "writing the figures", _figures, "report"),
)
"""Those of a run that is asked for its figures alone."""

CHOICE: Final = Stage("choice", "choosing sites", _choice, "portfolio")
"""The plan alone, where many are asked for (`siteopt.sensitivity`)."""
