"""Consistency check of a scenario against its layers and parcels.

A run and ``siteopt scenario check`` go through the same functions, so that both say the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteopt.costs.tariff_zones import check_zones
from siteopt.criteria.hazard import hazards_by_district
from siteopt.criteria.water import plants_by_district, works_by_district
from siteopt.errors import ScenarioError
from siteopt.grid import headroom_by_year, station_headroom
from siteopt.grid.case import case_of_layers
from siteopt.grid.flow import network
from siteopt.grid.impact import scoring_of_layers
from siteopt.grid.new_stations import new_stations
from siteopt.grid.snapshots import snapshots_of_layers
from siteopt.grid.stations import connectable
from siteopt.scenario import SiteRules
from siteopt.scenario.site_rules import no_connection, require_candidates
from siteopt.screening import screening_lattice
from siteopt.sites.complexes import read_complexes
from siteopt.sites.named_places import check_place
from siteopt.sites.parcels import known_complexes, read_parcels
from siteopt.sites.tile_ids import TILE_UNIT_M, TileIds

if TYPE_CHECKING:
    from siteopt.layers import Layers
    from siteopt.scenario import Scenario

__all__ = ["check_candidates", "check_names"]


def check_names(layers: Layers, scenario: Scenario) -> None:
    """Raise an error if a scenario names what there is not, or tables name each other wrongly.

    Parameters
    ----------
    layers : Layers
        Layers of the run.
    scenario : Scenario
        What is decided.

    Raises
    ------
    ScenarioError
        If a province, parameter, zone, snapshot or version of the scoring table is not there.
    LayerError
        If a table by station or district names one that is not known, or the grid case is faulty.
    """
    known = set(layers.vector("provinces")["province_code"])
    for code in scenario.provinces.shares:
        if code not in known:
            raise ScenarioError(
                f"provinces.shares.{code}: no such province; there are {', '.join(sorted(known))}"
            )
    for key, group in scenario.provinces.groups.items():
        strange = sorted(set(group.provinces) - known)
        if strange:
            raise ScenarioError(
                f"provinces.groups.{key}: {strange[0]} is no province; there are "
                f"{', '.join(sorted(known))}"
            )
    len(layers.parameters)  # values that the scenario sets otherwise must be of known keys
    check_zones(layers, scenario)
    scoring_of_layers(layers, scenario.grid.impact_version)
    years = scenario.target.years
    station_headroom(layers, scenario.target.year)
    if len(years) > 1:
        headroom_by_year(layers, years)
    works_by_district(layers)
    plants_by_district(layers)
    hazards_by_district(layers)
    if scenario.grid.flow_limits:
        snapshots_of_layers(layers, scenario)
        network(case_of_layers(layers))


def check_candidates(layers: Layers, scenario: Scenario) -> list[str]:
    """Raise an error if parcels or complexes cannot be read, or a named site can be none of them.

    Parameters
    ----------
    layers : Layers
        Layers of the run.
    scenario : Scenario
        What is decided.

    Returns
    -------
    list of str
        Tiles that the scenario names; whether they hold a site is known after a run.

    Raises
    ------
    ScenarioError
        If a named site is no parcel, complex or tile, or its station is not there.
    LayerError, LayerFileError
        If parcels or complexes cannot be right.
    """
    candidates, rules = scenario.candidates, scenario.sites
    if candidates.parcels is not None:
        parcels = read_parcels(candidates.parcels)
        known_complexes(parcels["complex_id"], layers)
        ids, tiles = parcels["site_id"].tolist(), None
    else:
        ids = (
            read_complexes(layers)["complex_id"].astype(str).tolist()
            if candidates.complexes
            else []
        )
        tiles = _tiles(layers, scenario) if rules.must or rules.must_not or rules.begun else None
    places = _places(rules, {*ids}, tiles)
    unsettled = require_candidates(_without(rules, {one for _, one in places}), ids, tiles)
    corners = None if tiles is None else _tiles(layers, scenario, TILE_UNIT_M)
    for key, place in places:
        if corners is not None and place in corners:  # of a tile of another size
            unsettled.append(place)
        else:
            check_place(place, key, layers, _names(layers, scenario))
    _check_stations(layers, scenario)
    return unsettled


def _places(rules: SiteRules, ids: set[str], tiles: TileIds | None) -> list[tuple[str, str]]:
    """Return key and text of the sites that are named by a place, not by an id."""
    named = [
        *(("sites.must", one) for one in rules.must),
        *(("sites.must_not", one) for one in rules.must_not),
        *(("sites.begun", one.site_id) for one in rules.begun),
    ]
    return [
        (key, one) for key, one in named if one not in ids and (tiles is None or one not in tiles)
    ]


def _without(rules: SiteRules, places: set[str]) -> SiteRules:
    return SiteRules(
        must=[one for one in rules.must if one not in places],
        must_not=[one for one in rules.must_not if one not in places],
        begun=[one for one in rules.begun if one.site_id not in places],
    )


def _names(layers: Layers, scenario: Scenario) -> list[str]:
    """Return the names of complexes or parcels, which may be candidates."""
    candidates = scenario.candidates
    if candidates.parcels is not None:
        table = read_parcels(candidates.parcels)
    elif candidates.complexes:
        table = read_complexes(layers)
    else:
        return []
    return [str(one) for name in ("name_ko", "name_en") for one in table[name].dropna()]


def _tiles(layers: Layers, scenario: Scenario, tile_m: float | None = None) -> TileIds:
    lattice = screening_lattice(layers, scenario.screening)
    return TileIds(lattice, scenario.candidates.tile_m if tile_m is None else tile_m)


def _check_stations(layers: Layers, scenario: Scenario) -> None:
    """Raise ScenarioError if a station that feeds a begun site can feed none."""
    named = [site for site in scenario.sites.begun if site.station_id is not None]
    if not named:
        return
    there = set(connectable(layers.vector("stations"))["station_id"].astype(str))
    if scenario.connection.new_345_stations:
        there |= set(new_stations(layers)["station_id"].astype(str))
    for site in named:
        if site.station_id not in there:
            raise no_connection(site)
