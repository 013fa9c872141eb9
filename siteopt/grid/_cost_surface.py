"""Cost surface for routing: terrain of each cell and the cost of a line through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from rasterio.features import rasterize
from scipy.ndimage import label

from siteopt.errors import LayerError
from siteopt.lattice import Lattice

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike, ParametersLike, RasterLike

__all__ = [
    "Ground", "LinePrices", "Surface", "cost_surface", "line_prices", "read_ground",
]  # fmt: skip

_EIGHT: Final = np.ones((3, 3), dtype=np.uint8)
"""A line steps to any of the eight neighbours of a cell."""

_FACTORS: Final = (
    "route_flat_factor", "route_hill_factor", "route_mountain_factor", "route_ug_mountain_factor",
    "route_park_factor", "route_corridor_factor", "route_river_factor", "route_strait_factor",
)  # fmt: skip

BARRED: Final = -1.0
"""Rate of a cell that no line may cross; the path finder never enters a cell below 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What each cell of the country is to a line.

    Attributes
    ----------
    lattice : Lattice
        The cells, EPSG:5179.
    part : ndarray of int32, shape ``lattice.shape``
        Number of the connected piece of passable cells (eight neighbours); 0 where no line may
        pass: sea without an existing crossing, and land of unknown slope.
    relief : ndarray of uint8
        0 flat, 1 hills, 2 mountains.
    builtup : ndarray of bool
        Land so densely lived on that lines go underground.
    cable : ndarray of bool
        Sea that existing lines cross as cables only.
    park, river, corridor, strait : ndarray of bool
        In a national park, on a main river, on an existing overhead line, sea with an existing
        crossing.
    """

    lattice: Lattice
    part: NDArray[np.int32]
    relief: NDArray[np.uint8]
    builtup: NDArray[np.bool_]
    cable: NDArray[np.bool_]
    park: NDArray[np.bool_]
    river: NDArray[np.bool_]
    corridor: NDArray[np.bool_]
    strait: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """What a line of one voltage costs in each cell.

    Attributes
    ----------
    ground : Ground
        What the cells are.
    rate_bn_krw_km : ndarray of float64, shape ``ground.lattice.shape``
        bn KRW per km of route; negative where no line may pass.
    underground : ndarray of bool
        Where the line is a cable; overhead elsewhere.
    detour : float
        How many km of line are built for a km of path: lines also go round what no layer shows.
    """

    ground: Ground
    rate_bn_krw_km: NDArray[np.float64]
    underground: NDArray[np.bool_]
    detour: float = 1.0


def read_ground(layers: LayersLike, cell_m: float) -> Ground:
    """Return what the cells of the country are, judged by their centres.

    Rivers and lines mark every cell that they touch, so that no path slips through diagonally.

    Parameters
    ----------
    layers : LayersLike
        ``provinces`` (land), ``slope``, ``electors``, ``parks``, ``rivers``, ``lines``, and the
        thresholds ``route_hill_slope``, ``route_mountain_slope`` (degrees) and
        ``route_builtup_density`` (electors per km2).
    cell_m : float
        Side of a cell in metres.
    """
    known = layers.parameters
    provinces = layers.vector("provinces")
    x_min, y_min, x_max, y_max = (float(value) for value in provinces.total_bounds)
    lattice = Lattice.covering((x_min, y_min, x_max, y_max), cell_m)
    slope = _values(layers.raster("slope"), lattice)
    lines = layers.vector("lines")
    if "dc" in lines.columns:  # a layer of the user's may know no direct current
        lines = lines[~lines["dc"].astype(bool)]
    buried = lines["underground"].astype(bool)
    overhead = _touched(lines[~buried], lattice)
    cables = _touched(lines[buried], lattice)
    land = _painted(provinces, lattice, touched=False)
    strait = ~land & (overhead | cables)
    part, _ = label((land & np.isfinite(slope)) | strait, structure=_EIGHT)
    with np.errstate(invalid="ignore"):
        relief = (slope >= known.value("route_hill_slope")).astype(np.uint8)
        relief += slope >= known.value("route_mountain_slope")
        electors = _values(layers.raster("electors"), lattice)
        builtup = land & (electors >= known.value("route_builtup_density"))
    return Ground(
        lattice=lattice, part=part.astype(np.int32), relief=np.where(strait, np.uint8(0), relief),
        builtup=builtup, cable=strait & ~overhead,
        park=_painted(layers.vector("parks"), lattice, touched=False),
        river=land & _touched(layers.vector("rivers"), lattice), corridor=overhead, strait=strait,
    )  # fmt: skip


def cost_surface(
    ground: Ground, voltage_kv: float, known: ParametersLike, *, all_underground: bool
) -> Surface:
    """Return what a double-circuit line costs per km in each cell.

    Overhead, or underground where the ground is built up, an existing crossing of sea is a cable,
    or the scenario wants cables everywhere::

        overhead    = line<kV>_oh_cost * relief factor * corridor factor (on a corridor)
        underground = line<kV>_ug_cost * mountain factor of cables (in mountains)

    both times the factors of parks, rivers and straits where they apply. ``route_detour_factor``
    goes with the surface: it lengthens every route alike.

    Parameters
    ----------
    ground : Ground
        From :func:`read_ground`.
    voltage_kv : float
        Nominal voltage of the line.
    known : Parameters
        ``line<kV>_oh_cost``, ``line<kV>_ug_cost`` (bn KRW/km) and the ``route_*_factor``.
    all_underground : bool
        Whether the line is a cable everywhere.

    Raises
    ------
    LayerError
        If a cost or factor is not known or not positive, or the detour factor is below 1.
    """
    factor, overhead, cable, detour = line_prices(known, voltage_kv)
    by_relief = np.array([factor[key] for key in _FACTORS[:3]])
    by_relief_ug = np.array([1.0, 1.0, factor["route_ug_mountain_factor"]])
    underground = ground.builtup | ground.cable | all_underground
    rate = (overhead * by_relief)[ground.relief]
    rate[ground.corridor] *= factor["route_corridor_factor"]
    np.copyto(rate, (cable * by_relief_ug)[ground.relief], where=underground)
    for name in ("park", "river", "strait"):
        rate[getattr(ground, name)] *= factor[f"route_{name}_factor"]
    rate[ground.part == 0] = BARRED
    return Surface(ground, rate, underground, detour)


class LinePrices(NamedTuple):
    """What a double-circuit line of a voltage costs."""

    factor: dict[str, float]
    """By ground."""
    overhead_bn_krw_km: float
    cable_bn_krw_km: float
    detour: float


def line_prices(known: ParametersLike, voltage_kv: float) -> LinePrices:
    """Return the cost of a line per km by voltage and ground; errors as :func:`cost_surface`.

    Parameters
    ----------
    known : ParametersLike
        Values of the ``parameters`` layer.
    voltage_kv : float
        Voltage of the line in kV.
    """
    factor = {key: _positive(known, key) for key in _FACTORS}
    overhead = _positive(known, f"line{voltage_kv:g}_oh_cost")
    cable = _positive(known, f"line{voltage_kv:g}_ug_cost")
    detour = known.value("route_detour_factor")
    if not detour >= 1:
        raise LayerError(
            f"parameters: route_detour_factor is {detour:g}; a line is at least as long as its "
            "path: 1 or more"
        )
    return LinePrices(factor, overhead, cable, detour)


def _positive(known: ParametersLike, key: str) -> float:
    value = known.value(key)
    if not value > 0:
        raise LayerError(f"parameters: {key} is {value:g}; what a line costs must be positive")
    return value


def _values(raster: RasterLike, lattice: Lattice) -> NDArray[np.float32]:
    finer = raster.lattice.cell_m < lattice.cell_m
    return raster.on(lattice, "average" if finer else "nearest").as_float()


def _touched(frame: gpd.GeoDataFrame, lattice: Lattice) -> NDArray[np.bool_]:
    return _painted(frame, lattice, touched=True)


def _painted(frame: gpd.GeoDataFrame, lattice: Lattice, *, touched: bool) -> NDArray[np.bool_]:
    """Return the cells that features hold the centre of, or touch."""
    shapes = [shape for shape in frame.geometry if shape is not None and not shape.is_empty]
    if not shapes:
        return np.zeros(lattice.shape, dtype=np.bool_)
    painted: NDArray[np.uint8] = rasterize(
        shapes, lattice.shape, transform=lattice.transform, all_touched=touched, dtype="uint8"
    )
    return painted.view(np.bool_)
