"""The question of the portfolio as plain arrays: what the program knows and nothing else.

Everything is counted in whole blocks of IT load, because a plan has whole blocks only; money is
in bn KRW. An option is one connection of a site in one year: blocks built through it begin to run
in that year and stay. The options of one connection in all years are its chain; at most one of
them opens the site, and where sites may grow, later ones add to it. Bounds on the blocks of an
option are as tight as the single limits allow, and what a limit closes keeps the reason (its
gate).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

if TYPE_CHECKING:
    from siteopt._arrays import Bools, Floats, Ints, Texts


__all__ = ["NO_LIMIT", "FlowName", "Problem", "whole"]

# Slack on a count of blocks: 2.0 blocks computed as 1.9999999996 are two blocks.
_COUNT_SLACK = 1e-9

NO_LIMIT = 1_000_000
"""Sentinel for no limit on a number of blocks: more than there can be."""


@dataclass(frozen=True)
class FlowName:
    """Where a flow limit comes from."""

    snapshot: str
    """Snapshot of the grid case."""
    branches: tuple[tuple[str, str], ...] = ()
    """Binding branches, each with the branch that is out ('' for none); empty where the generating
    units of the whole country bind."""
    more: int = 0
    """Number of further binding branches."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Sites, connection options and named limits of the years that are planned.

    Arrays over years have length Y, over sites S, over options O, over station levels G, over
    stations T, over areas A, over provinces P, over basins B, over buses N of the grid case, over known flow
    limits F, over known cuts of the energy cost K. Index arrays hold -1 for "none".
    """

    years: Ints
    """(Y,) years that are planned, one after the other; one year for a plan of one year."""
    grows: bool
    """Whether a site may get further blocks in years after it opened."""
    block_mw: float
    """IT load of one block in MW."""
    target_blocks: Ints
    """(Y,) national target in blocks, never falling."""
    target_most_blocks: int
    """Most blocks in all: the target itself where suitability is maximised, else `NO_LIMIT`."""
    ahead_blocks: Ints
    """(Y,) most blocks that one site has any use for in a year, if that is more than its fewest:
    the target, since what is built ahead of it can as well come later; `NO_LIMIT` where it cannot."""
    spacing_m: float
    """Smallest distance between two chosen sites in metres."""
    budget_bn_krw: float
    """Largest capital cost in bn KRW over all years; inf for none."""
    year_budget_bn_krw: Floats
    """(Y,) largest capital cost of a year in bn KRW; inf for none."""
    station_share_blocks: Ints
    """(Y,) most blocks that one station may feed (`NO_LIMIT` for no limit)."""
    basin_share_blocks: Ints
    """(Y,) most blocks that one basin may water (`NO_LIMIT` for no limit)."""
    province_count_min: int
    """Least number of provinces with a site."""
    objective: Literal["cost", "suitability"]
    """What is best."""

    site_id: Texts
    """(S,) sorted."""
    site_x_m: Floats
    """(S,) EPSG:5179."""
    site_y_m: Floats
    """(S,) EPSG:5179."""
    site_province: Ints
    """(S,) index into provinces."""
    site_basin: Ints
    """(S,) index into basins, -1 for none."""
    site_gate: Texts
    """(S,) one of `closing_reasons`: why no option of the site can be built, '' where one can."""
    site_must: Bools
    """(S,) whether the site has to be chosen."""
    site_excluded: Bools
    """(S,) whether the site cannot be chosen, whatever the limits."""

    option_id: Texts
    """(O,) connection; options are sorted by site, then id, then year."""
    option_year: Ints
    """(O,) index into years: when the blocks of the option begin to run."""
    option_site: Ints
    """(O,) index into sites."""
    option_level: Ints
    """(O,) index into station levels."""
    blocks_min: Ints
    """(O,) fewest blocks with which the option opens the site."""
    blocks_max: Ints
    """(O,) most blocks that the connection may have from the year of the option on, by every single
    limit; below ``blocks_min`` = closed. Never falling along a chain."""
    blocks_land: Ints
    """(O,) most blocks that the land and the voltage class allow, whatever the limits."""
    option_opens: Bools
    """(O,) whether the option may open its site; any other only adds blocks to what has opened."""
    option_late: Bools
    """(O,) whether its line or works take longer than there is time until its year."""
    option_pays: Bools
    """(O,) whether it pays for works at its station level (new banks, a new station)."""
    option_relief_mw: Floats
    """(O,) contract power that those works add to its station level."""
    option_gate: Texts
    """(O,) one of `closing_reasons`."""
    fixed_bn_krw: Floats
    """(O,) cost of opening, discounted to the first year."""
    block_bn_krw: Floats
    """(O,) cost of a block, discounted to the first year."""
    capital_fixed_bn_krw: Floats
    """(O,) capital part of the cost of opening, not discounted; counts against the budgets."""
    capital_block_bn_krw: Floats
    """(O,) capital part of the cost of a block, not discounted; counts against the budgets."""
    facility_mw: Floats
    """(O,) contract power of a block in MW."""
    water_m3_day: Floats
    """(O,) water of a block in m3 a day."""
    worth_fixed: Floats
    """(O,) what the objective counts for opening: bn KRW, or minus suitable MW."""
    worth_block: Floats
    """(O,) what the objective counts for a block: bn KRW, or minus suitable MW."""

    level_station: Ints
    """(G,) index into stations."""
    level_kv: Floats
    """(G,) voltage of the station level."""
    level_headroom_mw: Floats
    """(G, Y) contract power that the level can still take."""
    level_area: Ints
    """(G,) index into areas, -1 for none."""
    area_id: Texts
    """(A,) districts whose one published headroom all their stations share; sorted."""
    area_headroom_mw: Floats
    """(A,) contract power that the levels of an area together can take without works."""
    station_id: Texts
    """(T,) sorted."""
    station_headroom_mw: Floats
    """(T, Y) contract power that all levels together can take (the largest of its levels)."""

    province_code: Texts
    """(P,) sorted."""
    province_min_blocks: Ints
    """(P, Y) fewest blocks."""
    province_max_blocks: Ints
    """(P, Y) most blocks."""
    basin_id: Texts
    """(B,) sorted."""
    basin_m3_day: Floats
    """(B, Y) water that data centres may take."""

    bus_id: Texts
    """(N,) buses of the grid case in its order; empty where flow limits are off."""
    option_bus: Ints
    """(O,) index into buses of the one that serves the station, -1 for none."""
    flow_name: tuple[FlowName, ...]
    """(F,) where each comes from; its number in texts is its place, from 1."""
    flow_price: Floats
    """(F, N) MW of a flow limit that a MW of load at a bus takes."""
    flow_most_mw: Floats
    """(F,) upper limit of the loads weighted by these coefficients."""
    flow_year: Ints
    """(F,) index into years: the year in which the limit is held."""

    cap_name: Texts = field(default_factory=lambda: np.empty(0, dtype=np.str_))
    """(K,) side limits over all options, unique; none in the problem of a scenario."""
    cap_fixed: Floats = field(default_factory=lambda: np.empty((0, 0)))
    """(K, O) what opening through an option takes of a side limit."""
    cap_each: Floats = field(default_factory=lambda: np.empty((0, 0)))
    """(K, O) what a block of an option takes of it."""
    cap_most: Floats = field(default_factory=lambda: np.empty(0))
    """(K,) what can be taken of it at most."""

    energy_constant_bn_krw: Floats = field(default_factory=lambda: np.empty(0))
    """(K,) what each known optimality cut of the energy cost is without any load, discounted; none
    where clean energy is not matched."""
    energy_price_bn_krw_per_mw: Floats = field(default_factory=lambda: np.empty((0, 0, 0)))
    """(K, Y, N) what a MW of load at a bus in a year adds to it. The costs of options hold a price
    of energy at each bus already; the cuts bound what the energy program adds to it or takes off."""

    energy_counts: bool = True
    """Whether the objective is a cost that energy counts in, where it is matched."""

    site_more_basins: Ints = field(default_factory=lambda: np.empty((0, 0), dtype=np.int64))
    """(S, K) further basins of a campus, index into basins, -1 for none; K is 0 without any."""
    site_more_share: Floats = field(default_factory=lambda: np.empty((0, 0)))
    """(S, K) share of the site's water that each of them gives; its own basin gives the rest."""

    group_id: Texts = field(default_factory=lambda: np.empty(0, dtype=np.str_))
    """(G,) groups of provinces with limits of their own, sorted; none without any."""
    group_provinces: Bools = field(default_factory=lambda: np.empty((0, 0), dtype=np.bool_))
    """(G, P) whether a province is in a group."""
    group_min_blocks: Ints = field(default_factory=lambda: np.empty((0, 0), dtype=np.int64))
    """(G, Y) fewest blocks."""
    group_max_blocks: Ints = field(default_factory=lambda: np.empty((0, 0), dtype=np.int64))
    """(G, Y) most blocks (`NO_LIMIT` for no limit)."""

    early_block_bn_krw: Floats = field(default_factory=lambda: np.empty(0))
    """(O,) worth of a block before the last year, which ``worth_block`` is less by; empty for
    none."""

    parameters: dict[str, float] = field(default_factory=dict)
    """Right sides of constraint families that have no field of their own, by family."""

    @property
    def sites(self) -> int:
        """Number of sites."""
        return len(self.site_id)

    @property
    def options(self) -> int:
        """Number of options, closed ones included."""
        return len(self.option_id)

    @property
    def unit(self) -> str:
        """Unit of the objective, as a suffix of columns."""
        return "bn_krw" if self.objective == "cost" else "suitable_mw"

    @property
    def horizon(self) -> int:
        """Number of years."""
        return len(self.years)

    @cached_property
    def chain(self) -> Ints:
        """(O,) connection of each option: the options of one in all years share a number."""
        if not self.options:
            return np.empty(0, dtype=np.int64)
        other = (self.option_site[1:] != self.option_site[:-1]) | (
            self.option_id[1:] != self.option_id[:-1]
        )
        return np.concatenate([[0], np.cumsum(other)]).astype(np.int64)

    def water_by_basin(self) -> list[tuple[Ints, Floats]]:
        """Return basin (O,), -1 for none, and water of a block (O,) that each option takes of it.

        One pair for the basin of the site, then one for each further basin of campuses.
        """
        if not self.site_more_basins.size:
            return [(self.site_basin[self.option_site], self.water_m3_day)]
        basins = np.column_stack([self.site_basin, self.site_more_basins])
        rest = 1.0 - self.site_more_share.sum(axis=1)
        shares = np.column_stack([rest, self.site_more_share])
        at = self.option_site
        return [
            (basins[at, place], self.water_m3_day * shares[at, place])
            for place in range(basins.shape[1])
        ]

    def opened(self, blocks: Ints) -> Bools:
        """Return which options open their site in a plan: the first in use of their chain."""
        used = blocks > 0
        if self.horizon == 1:
            return used
        first = np.zeros(len(used), dtype=np.bool_)
        built = np.flatnonzero(used)
        _, place = np.unique(self.chain[built], return_index=True)
        first[built[place]] = True
        return first

    def until(self, blocks: Ints | Floats, year: int) -> Ints | Floats:
        """Return the blocks of a plan that run in a year (an index), 0 for later ones."""
        return np.where(self.option_year <= year, blocks, 0)

    def take(self, options: Ints, *, relaxed: bool = False) -> Self:
        """Return the problem with only these options and their sites (`sites_of`).

        Limits keep their places, so that a station has the same index in both. With
        ``relaxed`` the bounds on blocks are those of land and voltage class alone.
        """
        options = np.sort(np.asarray(options, dtype=np.int64))
        kept = self.sites_of(options)
        option_site = np.searchsorted(kept, self.option_site[options])
        changed: dict[str, Any] = {}
        for part in fields(self):
            value = getattr(self, part.name)
            if part.name.startswith("site_"):
                changed[part.name] = value[kept] if len(value) else value
            elif part.name in _OPTION_FIELDS:
                changed[part.name] = value[options]
            elif part.name in {"cap_fixed", "cap_each"} and len(value):
                changed[part.name] = value[:, options]
            elif part.name == "early_block_bn_krw" and len(value):
                changed[part.name] = value[options]
            else:
                changed[part.name] = value
        changed["option_site"] = option_site.astype(np.int64)
        if relaxed:
            changed["blocks_max"] = changed["blocks_land"]
        return type(self)(**changed)

    def sites_of(self, options: Ints) -> Ints:
        """Return the sites of some options and those that must be chosen, rising.

        A site that must be chosen stays even without an option left: there is then no plan.
        """
        has = self.site_must.copy()
        has[self.option_site[options]] = True
        return np.flatnonzero(has)

    def open_options(self) -> Ints:
        """Return the options that every single limit allows."""
        fits = self.blocks_max >= self.blocks_min
        return np.flatnonzero(fits & (self.option_opens | self.grows))

    def bus_loads(self, blocks: Ints | Floats) -> Floats:
        """Return the contract power (N,) in MW that a plan draws at each bus in the last year."""
        known = self.option_bus >= 0
        load = self.facility_mw * blocks
        at_bus: Floats = np.bincount(self.option_bus[known], load[known], len(self.bus_id)).astype(
            np.float64
        )
        return at_bus

    def yearly_bus_loads(self, blocks: Ints | Floats) -> Floats:
        """Return the contract power (Y, N) in MW that a plan draws at each bus in every year."""
        return np.array([self.bus_loads(self.until(blocks, year)) for year in range(self.horizon)])

    def energy_bn_krw(self, blocks: Ints | Floats) -> float:
        """Return what the known cuts prove of a plan's energy cost beside its options' prices."""
        if not len(self.energy_constant_bn_krw):
            return 0.0
        load = self.yearly_bus_loads(blocks)
        of_load = np.tensordot(self.energy_price_bn_krw_per_mw, load, axes=2)
        return float((self.energy_constant_bn_krw + of_load).max())

    def without_energy(self) -> Self:
        """Return the problem whose objective is no cost, so that no energy counts in it."""
        return replace(
            self,
            energy_counts=False,
            energy_constant_bn_krw=self.energy_constant_bn_krw[:0],
            energy_price_bn_krw_per_mw=self.energy_price_bn_krw_per_mw[:0],
        )

    def worth(self, blocks: Ints) -> float:
        """Return the objective of a plan given as blocks per option, energy by its known cuts."""
        opened, built = self.opened(blocks), np.flatnonzero(blocks > 0)
        each = self.worth_block[built] * blocks[built]
        of_options = (np.where(opened, self.worth_fixed, 0.0)[built] + each).sum()
        return float(of_options) + self.energy_bn_krw(blocks)


_OPTION_FIELDS = frozenset(
    {
        "option_id",
        "option_year",
        "option_site",
        "option_level",
        "option_gate",
        "option_opens",
        "option_late",
        "option_pays",
        "option_relief_mw",
        "option_bus",
        "blocks_min",
        "blocks_max",
        "blocks_land",
        "fixed_bn_krw",
        "block_bn_krw",
        "capital_fixed_bn_krw",
        "capital_block_bn_krw",
        "facility_mw",
        "water_m3_day",
        "worth_fixed",
        "worth_block",
    }
)


def whole(blocks: Floats) -> Ints:
    """Return the whole blocks in a number of blocks, from -1 to `NO_LIMIT`."""
    return np.floor(np.clip(blocks, -1, NO_LIMIT) + _COUNT_SLACK).astype(np.int64)
