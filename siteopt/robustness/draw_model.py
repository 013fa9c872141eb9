"""Model of a draw: costs, criteria and headroom of all options under other assumptions.

Candidate sites stay as they are, and so do the paths of lines; criteria that costs rest on, prices
of lines, works and their years, headroom and all costs are made again by the functions of a run.
With every assumption at its value the problem is that of the run.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.costs.discounted import cost_options
from siteopt.criteria.clean_energy import clean_energy
from siteopt.criteria.cooling import cooling
from siteopt.criteria.land import land_places, priced_land
from siteopt.criteria.network import network
from siteopt.criteria.scoring import criterion_weights
from siteopt.criteria.water import water
from siteopt.grid.bus_mapping import with_buses
from siteopt.grid.repricing import repriced_options, route_lengths
from siteopt.grid.routes import read_ground
from siteopt.portfolio.constraints.variants import with_energy_cuts, with_flow_limits
from siteopt.portfolio.inputs import PlanInputs
from siteopt.robustness.overlaid_layers import overlaid
from siteopt.scenario.weights import CRITERION_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.costs.clean_prices import CleanPrices
    from siteopt.criteria.land import LandPlaces
    from siteopt.grid.connections import Connections
    from siteopt.grid.repricing import RouteLengths
    from siteopt.layers import Layers
    from siteopt.portfolio.problem.problem import Problem
    from siteopt.portfolio.search.grid_oracle import GridLike
    from siteopt.scenario import Scenario

__all__ = ["Assumptions", "DrawModel"]

_DESCRIBERS: Final = (cooling, water, clean_energy)
"""Of the criteria that costs and limits rest on, those that are made again as they are."""


@dataclass(frozen=True)
class Assumptions:
    """The assumptions of one draw; what is not named is as in the run.

    Attributes
    ----------
    parameters : dict of str to float
        Values by key, in the unit of their row.
    headroom : dict of str to float
        Factor by area (``area_id``), or by station where it has none.
    land_price : dict of str to float
        Factor by district.
    weights : dict of str to float
        Factor by criterion.
    """

    parameters: dict[str, float] = field(default_factory=dict)
    headroom: dict[str, float] = field(default_factory=dict)
    land_price: dict[str, float] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class DrawModel:
    """Results of the stages of a run, as far as a draw needs them.

    Attributes
    ----------
    layers, scenario : Layers, Scenario
        Of the run.
    sites, described, scores : DataFrame
        Candidates (EPSG:5179), their criteria and scores.
    connections : Connections
        Options with works, and their routes.
    headroom, room : DataFrame
        Headroom in force, and that by year that the program has.
    clean : CleanPrices or None
        Prices of matched clean energy, held in all draws.
    problem : Problem
        Of the run, with the flow limits and the cuts of energy that it met.
    grid : GridLike or None
        Grid whose flow limits plans keep, without clean energy: its known cuts are in ``problem``.
    discount_pct : float
        Of the run.
    """

    layers: Layers
    scenario: Scenario
    sites: gpd.GeoDataFrame
    described: pd.DataFrame
    scores: pd.DataFrame
    connections: Connections
    headroom: pd.DataFrame
    room: pd.DataFrame
    clean: CleanPrices | None
    problem: Problem
    grid: GridLike | None
    discount_pct: float

    @cached_property
    def areas(self) -> pd.DataFrame:
        """One row a place whose headroom is drawn: ``place``, and the ``confidence`` of its figure.

        Stations of an area share one; figures of 0 and stations to be built have none.
        """
        room = self.room[self.room["headroom_mw"] > 0]
        rows = pd.DataFrame({"place": _place(room), "confidence": room["confidence"].astype(str)})
        return rows.sort_values(["place", "confidence"]).drop_duplicates("place", ignore_index=True)

    @cached_property
    def districts(self) -> list[str]:
        """Codes of the districts with a candidate, rising."""
        return sorted(set(self.sites["district_code"].astype(str)))

    def restricted(self, options: Sequence[str]) -> DrawModel:
        """Return the model with some options alone, and their sites.

        Parameters
        ----------
        options : sequence of str
            Ids of the options that stay.
        """
        names = self.connections.options["option_id"].astype(str)
        kept = self.connections.take(np.flatnonzero(names.isin(set(options)).to_numpy()))
        site_id = self.sites["site_id"].astype(str)
        own = self.sites[site_id.isin(set(kept.options["site_id"].astype(str))).to_numpy()]
        ids = own["site_id"].astype(str)
        return replace(
            self, connections=kept, sites=own.reset_index(drop=True),
            described=self.described.loc[ids], scores=self.scores.loc[ids],
        )  # fmt: skip

    def warm(self) -> None:
        """Compute what all draws share, before they are shared out."""
        self._read, self._lengths, self._land, self._bus_id  # noqa: B018 - kept once they are read

    def parameters_read(self) -> list[str]:
        """Return the keys of all parameters that the problem rests on, rising.

        Those of the ground of routes, of towns and of fibre are among them, though every draw
        shares what is measured by them.
        """
        read: set[str] = set().union(*self._read.values())
        self.inputs_of(Assumptions(), read)
        shared = overlaid(self.layers, {}, read)
        read_ground(shared, self.scenario.connection.route_cell_m)
        land_places(self.sites, shared)
        network(self.sites, shared, self.scenario)
        return sorted(read)

    def problem_of(self, drawn: Assumptions) -> Problem:
        """Return the problem of a draw, with all flow limits and cuts of energy of the run.

        Parameters
        ----------
        drawn : Assumptions
            What is otherwise.
        """
        return self._with_known_rows(self.inputs_of(drawn).problem())

    def inputs_of(self, drawn: Assumptions, read: set[str] | None = None) -> PlanInputs:
        """Return the tables of a draw.

        Parameters
        ----------
        drawn : Assumptions
            What is otherwise.
        read : set of str, optional
            Gets the keys of all parameters that are read.
        """
        layers = overlaid(self.layers, drawn.parameters, read)
        described = self._described(layers, drawn)
        room = _multiplied(self.room, drawn.headroom)
        options = self._options(layers, drawn)
        options["bus_id"] = self._bus_id
        costed = cost_options(self.sites, described, options, layers, self.scenario, self.clean)
        needs = described[["pue", "water_m3_day_per_mw", "basin_id", "supply_m3_day"]]
        return PlanInputs(
            sites=self.sites, described=needs, scores=self._scores(drawn), options=costed,
            headroom=room, scenario=self.scenario, grid=self.grid, discount_pct=self.discount_pct,
        )  # fmt: skip

    def _options(self, layers: Layers, drawn: Assumptions) -> pd.DataFrame:
        """Return the connection options, made again where a draw moves what they rest on."""
        if not drawn.headroom and self._read["options"].isdisjoint(drawn.parameters):
            return self.connections.options.copy()
        headroom = _multiplied(self.headroom, drawn.headroom)
        return repriced_options(
            self.connections, *self._lengths, headroom, layers=layers, scenario=self.scenario
        )

    def _described(self, layers: Layers, drawn: Assumptions) -> pd.DataFrame:
        """Return the criteria with those columns made again that a draw moves."""
        described = self.described.copy()
        for describe in _DESCRIBERS:
            if self._read[describe.__name__].isdisjoint(drawn.parameters):
                continue
            found = describe(self.sites, layers, self.scenario)
            described[found.columns] = found
        if (longer := drawn.parameters.get("route_factor")) is not None:  # of straight lines
            in_force = self.layers.parameters.value("route_factor")
            described["fibre_build_km"] *= longer / in_force
        if not self._read["land"].isdisjoint(drawn.parameters):
            found = priced_land(self.sites, self._land, layers)
            described[found.columns] = found
        if drawn.land_price:
            code = self.sites["district_code"].astype(str)
            factor = code.map(drawn.land_price).fillna(1.0).to_numpy(dtype=np.float64)
            described["land_price_krw_m2"] *= factor
        return described

    def _scores(self, drawn: Assumptions) -> pd.DataFrame:
        """Return the suitability under other weights; the scores of criteria stay."""
        if not drawn.weights or not self.scenario.asks_for_suitability:
            return self.scores
        weights = criterion_weights(self.scenario)
        own = np.array([weights[name] * drawn.weights.get(name, 1.0) for name in CRITERION_NAMES])
        table = self.scores[[f"score_{name}" for name in CRITERION_NAMES]].to_numpy()
        suitability = np.clip(table @ (own / own.sum()), 0.0, 1.0)
        return self.scores.assign(suitability=suitability)

    @cached_property
    def _read(self) -> dict[str, set[str]]:
        """Keys of the parameters that criteria and options rest on."""
        found: dict[str, set[str]] = {}
        for describe in _DESCRIBERS:
            read: set[str] = set()
            describe(self.sites, overlaid(self.layers, {}, read), self.scenario)
            found[describe.__name__] = read
        read = set()
        priced_land(self.sites, self._land, overlaid(self.layers, {}, read))
        found["land"] = read
        read = set()
        repriced_options(
            self.connections, *self._lengths, self.headroom,
            layers=overlaid(self.layers, {}, read), scenario=self.scenario,
        )  # fmt: skip
        return found | {"options": read, "network": {"route_factor"}}

    @cached_property
    def _land(self) -> LandPlaces:
        return land_places(self.sites, self.layers)

    @cached_property
    def _lengths(self) -> tuple[RouteLengths, RouteLengths]:
        ground = read_ground(self.layers, self.scenario.connection.route_cell_m)
        voltage = self.connections.options["voltage_kv"].to_numpy(dtype=np.float64)
        return (
            route_lengths(self.connections.routes, voltage, ground),
            route_lengths(self.connections.second_routes, voltage, ground),
        )

    @cached_property
    def _bus_id(self) -> NDArray[np.object_]:
        return with_buses(self.connections.options, self.layers)["bus_id"].to_numpy(dtype=object)

    def _with_known_rows(self, problem: Problem) -> Problem:
        known = self.problem
        if len(known.flow_name):
            problem = with_flow_limits(
                problem, known.flow_name, known.flow_price, known.flow_most_mw, known.flow_year
            )
        if len(known.energy_constant_bn_krw):
            problem = with_energy_cuts(
                problem, known.energy_constant_bn_krw, known.energy_price_bn_krw_per_mw
            )
        return problem


def _place(room: pd.DataFrame) -> pd.Series[str]:
    """Return the area of each row of headroom, or its station where it has none."""
    station = room["station_id"].astype(str)
    if "area_id" not in room:
        return station
    area = room["area_id"].fillna("").astype(str)
    return area.where(area != "", station)


def _multiplied(room: pd.DataFrame, factors: dict[str, float]) -> pd.DataFrame:
    """Return headroom times the factor of its place."""
    if not factors:
        return room
    factor = _place(room).map(factors).fillna(1.0).to_numpy(dtype=np.float64)
    return room.assign(headroom_mw=room["headroom_mw"].to_numpy(dtype=np.float64) * factor)
