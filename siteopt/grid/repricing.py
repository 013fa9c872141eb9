"""Repricing of known connections: routes stay where they are, their prices and works change.

A route is the cheapest of its surface (`siteopt.grid.routes`). On another surface the same path has
another cost, which is an upper bound on that of the path that would be chosen there. It is linear
in what a km costs on each kind of ground, so the km by kind are counted once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy import sparse

from siteopt.grid._cost_surface import Ground, Surface, cost_surface
from siteopt.grid.reinforcements import station_works
from siteopt.grid.routes import km_in_cells
from siteopt.lattice import Lattice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.grid.connections import Connections
    from siteopt.grid.routes import Routes
    from siteopt.layers.protocols import ParametersLike
    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = ["RouteLengths", "repriced_options", "route_lengths"]

_KINDS: Final = ("builtup", "cable", "park", "river", "corridor", "strait")
"""Marks of the ground that a price depends on, beside its relief."""
_RELIEFS: Final = 3
_GROUNDS: Final = _RELIEFS << len(_KINDS)
"""Kinds of ground: every relief with every set of marks."""


@dataclass(frozen=True, eq=False)
class RouteLengths:
    """The length of routes on each kind of ground.

    Attributes
    ----------
    km : csr_array, shape (routes, kinds of ground)
        Kilometres of path, without the detour factor.
    row : ndarray of int64
        Route of each option; -1 for none.
    """

    km: sparse.csr_array[np.float64]
    row: NDArray[np.int64]

    def price_bn_krw(
        self, voltage_kv: float, known: ParametersLike, *, all_underground: bool
    ) -> NDArray[np.float64]:
        """Return what a double-circuit line of a voltage costs along each route, in bn KRW.

        Parameters
        ----------
        voltage_kv : float
            Voltage of the line.
        known : ParametersLike
            Prices of lines and factors of ground, as `siteopt.grid.routes.cost_surface` reads them.
        all_underground : bool
            Whether lines are cables everywhere.
        """
        surface = _by_ground(voltage_kv, known, all_underground=all_underground)
        rates = np.maximum(surface.rate_bn_krw_km.ravel(), 0.0)
        return np.asarray(self.km @ rates) * surface.detour


def route_lengths(routes: Routes, voltage_kv: NDArray[np.float64], ground: Ground) -> RouteLengths:
    """Return the length of routes on each kind of ground.

    Parameters
    ----------
    routes : Routes
        From `siteopt.grid.routes.find_routes`, one a row of the options.
    voltage_kv : ndarray
        Voltage of the line of each option, in kV: two places have one route a voltage.
    ground : Ground
        That they were sought on.
    """
    found = np.flatnonzero(np.diff(routes.first) > 0)
    # Options with works or a second feed share the route of their site and station.
    ends = np.column_stack([routes.ends_m[found], voltage_kv[found]])
    _, first, which = np.unique(ends, axis=0, return_index=True, return_inverse=True)
    own = found[first]
    row = np.full(len(routes.table), -1, dtype=np.int64)
    row[found] = which.ravel()
    lengths = np.diff(routes.first)[own]
    owner = np.repeat(np.arange(len(own)), lengths)
    begins = np.repeat(routes.first[own] - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    cells = routes.cells[begins + np.arange(len(owner))].astype(np.int64)
    km, _, _ = km_in_cells(routes.lattice, cells, owner, lengths, routes.ends_m[own])
    kinds = _kind_of(ground)[cells]
    shape = (len(own), _GROUNDS)
    return RouteLengths(sparse.csr_array((km, (owner, kinds)), shape=shape), row)


def _kind_of(ground: Ground) -> NDArray[np.int64]:
    """Return the kind of ground of each cell."""
    kind = ground.relief.ravel().astype(np.int64)
    for place, name in enumerate(_KINDS):
        kind += _RELIEFS * (getattr(ground, name).ravel().astype(np.int64) << place)
    return kind


def _by_ground(voltage_kv: float, known: ParametersLike, *, all_underground: bool) -> Surface:
    """Return the prices of a ground with one cell of each kind."""
    kind = np.arange(_GROUNDS)
    marks = {
        name: ((kind // _RELIEFS >> place) & 1).astype(np.bool_)[None, :]
        for place, name in enumerate(_KINDS)
    }
    each = Ground(
        lattice=Lattice(0.0, 0.0, 1.0, 1, _GROUNDS),
        part=np.ones((1, _GROUNDS), dtype=np.int32),
        relief=(kind % _RELIEFS).astype(np.uint8)[None, :],
        **marks,
    )
    return cost_surface(each, voltage_kv, known, all_underground=all_underground)


def repriced_options(  # noqa: PLR0913 - what the options rest on, each by its name
    known: Connections,
    lengths: RouteLengths,
    second_lengths: RouteLengths,
    headroom: pd.DataFrame,
    *,
    layers: Layers,
    scenario: Scenario,
) -> pd.DataFrame:
    """Return known options with the prices, works and lead times of other parameters.

    Parameters
    ----------
    known : Connections
        From `siteopt.grid.connections.connect_sites`, with works.
    lengths, second_lengths : RouteLengths
        Of their routes, and of those of their second feeds.
    headroom : DataFrame
        In force (`siteopt.grid.headroom.station_headroom`); works add to it.
    layers : Layers
        With the parameters that count.
    scenario : Scenario
        Its ``connection``.

    Returns
    -------
    DataFrame
        ``known.options`` with other ``route_bn_krw``, ``second_feed_bn_krw``, ``works_bn_krw``,
        ``relief_mw``, ``lead_time_years`` and ``lead_time_high_years``. Works that no longer add
        anything have a relief of 0. Options that only other prices would make (another route, works
        that did not help) are not there.
    """
    options, value = known.options.copy(), layers.parameters.value
    voltages = options["voltage_kv"].to_numpy(dtype=np.float64)
    for voltage in np.unique(voltages):
        own = voltages == voltage
        for column, of, factor in (
            ("route_bn_krw", lengths, 1.0),
            ("second_feed_bn_krw", second_lengths, value("second_feed_line_factor")),
        ):
            price = of.price_bn_krw(
                float(voltage), layers.parameters,
                all_underground=scenario.connection.underground,
            )  # fmt: skip
            there = own & (of.row >= 0)
            options.loc[there, column] = factor * price[of.row[there]]
    return _with_times(_with_works(options, headroom, layers, scenario), layers)


def _with_works(
    options: pd.DataFrame, headroom: pd.DataFrame, layers: Layers, scenario: Scenario
) -> pd.DataFrame:
    """Return options with cost, relief and years of their works (0 without)."""
    works = station_works(headroom, layers, scenario)
    keys = ["station_id", "voltage_kv", "works"]
    table = works.set_index(keys)
    place = pd.MultiIndex.from_frame(options[["station_id", "station_kv", "works"]])
    row = table.index.get_indexer(place)
    there = row >= 0
    for column in ("works_bn_krw", "relief_mw", "works_lead_years", "works_lead_high_years"):
        found = np.where(there, table[column].to_numpy(dtype=np.float64)[row], 0.0)
        options[column] = found
    return options


def _with_times(options: pd.DataFrame, layers: Layers) -> pd.DataFrame:
    """Return options that take as long as their line or their works, whichever is longer."""
    known = layers.parameters
    voltages = options["voltage_kv"]
    rows = {kv: known.row(f"line{kv:g}_lead_time") for kv in voltages.unique().tolist()}
    usual = voltages.map({kv: row.value for kv, row in rows.items()}).to_numpy(dtype=np.float64)
    most = {
        kv: row.value if row.high is None else max(row.high, row.value) for kv, row in rows.items()
    }
    high = voltages.map(most).to_numpy(dtype=np.float64)
    options["lead_time_years"] = np.maximum(usual, options.pop("works_lead_years"))
    options["lead_time_high_years"] = np.maximum(high, options.pop("works_lead_high_years"))
    return options
