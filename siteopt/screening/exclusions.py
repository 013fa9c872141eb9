"""Exclusion rules of a scenario, applied to every cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from siteopt._memory import MIB, free_bytes, gigabytes
from siteopt.errors import ScenarioError
from siteopt.lattice import Lattice
from siteopt.scenario import (
    DistanceBand,
    DistanceExclusion,
    Far,
    MinArea,
    MinWidth,
    Near,
    Outside,
    RasterExclusion,
    VectorExclusion,
)
from siteopt.screening.conditions import condition_of
from siteopt.screening.eligibility import Eligibility, reason_type
from siteopt.screening.exclusion_layers import asked, exclusion_shapes, is_available
from siteopt.screening.features import Features
from siteopt.screening.judging import MEMORY_MB, RuleSet, WidthRule
from siteopt.screening.kernel import coast_features
from siteopt.screening.patches import AreaRule
from siteopt.screening.replacement import in_force
from siteopt.screening.rules import Band, DistanceRules, OutsideRule, RasterRules, RasterWindow
from siteopt.screening.windows import least_bytes, whole_window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike
    from siteopt.scenario import Exclusion, Screening
    from siteopt.screening.rules import Rule

__all__ = [
    "LAND_LAYER", "applied_exclusions", "cell_figure", "check_screening", "judge_grid",
    "prepare_rules", "screen", "screening_lattice",
]  # fmt: skip

LAND_LAYER: Final = "provinces"
"""Layer that defines land where no exclusion of kind ``outside`` does."""

_REASONS_MAX: Final = 31
"""Most reasons of a cell: bits of its code, but for the one that files add for "no land"."""

_LARGEST_CELL_M: Final = 2000.0
"""Largest cell that a scenario may set."""

_CELL_STEP_M: Final = 10.0
"""Step to which a suggested cell size is rounded."""


def applied_exclusions(layers: LayersLike, screening: Screening) -> tuple[Exclusion, ...]:
    """Return the exclusions that land is judged by.

    Optional ones without a layer, or of whose features the layer has none, are left out, and so
    are those that an available one replaces (:func:`siteopt.screening.replacement.in_force`).

    Parameters
    ----------
    layers : LayersLike
        Where layers come from.
    screening : Screening
        Cell size and exclusions.

    Raises
    ------
    ScenarioError
        If more apply than a cell can keep apart, or a layer cannot serve its exclusion.
    LayerError
        If a layer that is there cannot be read.
    """
    exclusions = screening.exclusions
    available = {one.id for one in exclusions if is_available(one, layers)}
    applied = in_force(exclusions, available)
    if len(applied) > _REASONS_MAX:
        raise ScenarioError(
            f"screening.exclusions: {len(applied)} exclusions apply, but a cell keeps "
            f"{_REASONS_MAX} reasons apart; take out {len(applied) - _REASONS_MAX} or more"
        )
    return applied


def screen(layers: LayersLike, screening: Screening, memory_mb: float | None = None) -> Eligibility:
    """Judge every cell of the country by every exclusion.

    The grid covers the land, which is the layer of the first exclusion of kind ``outside``
    (``provinces`` without one), with its corner on multiples of the cell size. Every cell is
    judged by its centre and keeps all of its reasons. Distances are Euclidean in EPSG:5179 and
    exact against the geometry of a vector layer; to a raster they run between cell centres.

    A raster that has no value at a cell (nodata, or beyond its edge) cannot vouch for it: the
    cell is excluded for this reason, without a buffer around it, and counted apart in the
    report (``unknown_km2``). Islands that the elevation leaves out are an example.

    Parameters
    ----------
    layers : LayersLike
        Where layers come from.
    screening : Screening
        Cell size and exclusions.
    memory_mb : float, optional
        Memory in MB that the windows judged at the same time may take, beside the answer; that of
        the scenario by default. It changes no cell.

    Returns
    -------
    Eligibility
        Reasons by cell.

    Raises
    ------
    ScenarioError
        If a ``where`` names an unknown column or leaves no feature; the message names the
        exclusion.
    LayerError
        If a layer is unknown or of the wrong kind; the message names the exclusion.
    """
    rules = prepare_rules(layers, screening)
    memory_mb = screening.memory_mb if memory_mb is None else memory_mb
    _must_fit(rules.lattice, rules.exclusions, memory_mb)
    return judge_grid(rules, memory_mb)


def judge_grid(
    rules: RuleSet, memory_mb: float = MEMORY_MB, workers: int | None = None,
    side: int | None = None,
) -> Eligibility:  # fmt: skip
    """Judge every cell of a grid by prepared exclusions; parameters change no cell.

    Parameters
    ----------
    rules : RuleSet
        As :func:`prepare_rules` returns them.
    memory_mb : float
        Memory in MB that the windows judged at the same time may take, besides the answer.
    workers : int, optional
        Windows judged at the same time; as many as there are cores by default.
    side : int, optional
        Rows and columns of a window; what fits into memory by default.

    Returns
    -------
    Eligibility
        Reasons by cell.
    """
    lattice = rules.lattice
    reasons = np.zeros(lattice.shape, dtype=reason_type(len(rules.exclusions)))
    land = np.zeros(lattice.shape, dtype=np.bool_)
    unknown_cells = np.zeros(len(rules.exclusions), dtype=np.int64)
    patches = rules.small_patches()
    for judged in rules.judge_all(memory_mb, workers, side):
        reasons[judged.window.slices] = judged.reasons
        land[judged.window.slices] = judged.land
        unknown_cells += judged.unknown_cells
        if patches is not None:
            patches.add(judged.window, judged.eligible)
    if patches is not None:
        for window in patches.windows:
            eligible = (reasons[window.slices] == 0) & land[window.slices]
            reasons[window.slices] |= patches.reasons(window, eligible)
    counts = tuple(int(count) for count in unknown_cells)
    return Eligibility(lattice, reasons, land, rules.exclusions, counts)


def check_screening(layers: LayersLike, screening: Screening) -> None:
    """Raise what :func:`screen` would, before any cell is judged.

    Parameters
    ----------
    layers : LayersLike
        Where layers come from.
    screening : Screening
        Cell size and exclusions.

    Raises
    ------
    ScenarioError, LayerError
        As :func:`screen`.
    """
    _frame(layers, screening)
    for exclusion in applied_exclusions(layers, screening):
        if isinstance(exclusion, RasterExclusion):
            asked(exclusion, layers.raster)
        elif isinstance(exclusion, VectorExclusion):
            exclusion_shapes(exclusion, layers)


def screening_lattice(layers: LayersLike, screening: Screening) -> Lattice:
    """Return the cells that :func:`screen` judges; parameters and errors likewise."""
    return _frame(layers, screening)[2]


def _frame(
    layers: LayersLike, screening: Screening, *, in_memory: bool = True
) -> tuple[Outside | None, NDArray[np.object_], Lattice]:
    """Return the rule that defines land, its shapes, and the cells around them."""
    applied = applied_exclusions(layers, screening)
    rule = next((item for item in applied if isinstance(item, Outside)), None)
    shapes = _land_shapes(layers, rule)
    lattice = Lattice.covering(_bounds_m(shapes), screening.cell_m)
    if in_memory:
        _must_fit(lattice, applied, screening.memory_mb)
    return rule, shapes, lattice


def _must_fit(lattice: Lattice, exclusions: tuple[Exclusion, ...], memory_mb: float) -> None:
    """Raise ScenarioError if the answer and the windows need more memory than there is."""
    free = free_bytes()
    if free is None:
        return
    # as long as a run lasts: reasons and land of every cell
    a_cell = reason_type(len(exclusions)).itemsize + 1
    cells, at_a_time = float(lattice.n_rows) * lattice.n_cols, memory_mb * MIB
    if cells * a_cell + at_a_time <= free:
        _halos_must_fit(exclusions, lattice, free)
        return
    left = free - at_a_time
    fits = lattice.cell_m * np.sqrt(cells * a_cell / max(left, 1))
    fits = float(np.ceil(fits / _CELL_STEP_M) * _CELL_STEP_M)
    advice = f"screening.cell_m = {fits:g} fits"
    if fits > _LARGEST_CELL_M:
        advice = "free some, or lower screening.memory_mb"
    raise ScenarioError(
        f"screening.cell_m: cells of {lattice.cell_m:g} m are {cells:,.0f}, which need "
        f"{gigabytes(cells * a_cell)} of memory ({a_cell} bytes a cell) beside the "
        f"{gigabytes(at_a_time)} of screening.memory_mb, but {gigabytes(free)} are free; {advice}"
    )


def _halos_must_fit(exclusions: tuple[Exclusion, ...], lattice: Lattice, free: float) -> None:
    """Raise ScenarioError if one window with the halo of a buffer needs more memory than is free."""
    for exclusion in exclusions:
        if not isinstance(exclusion, RasterExclusion):
            continue
        needed = least_bytes(int(np.ceil(exclusion.buffer_m / lattice.cell_m)))
        if needed > free:
            raise ScenarioError(
                f"screening.exclusions: {exclusion.id}: buffer_m: {exclusion.buffer_m:,.0f} m on "
                f"every side of a window of cells of {lattice.cell_m:g} m need {gigabytes(needed)} "
                f"of memory, but {gigabytes(free)} are free; give a smaller buffer_m, or a larger "
                "screening.cell_m"
            )


def cell_figure(exclusion: Exclusion, layers: LayersLike, cell: Lattice) -> float | None:
    """Return what an exclusion compares with its figure at a cell.

    Parameters
    ----------
    exclusion : Exclusion
        One of the scenario.
    layers : LayersLike
        Where layers come from.
    cell : Lattice
        The cell alone; its centre is judged.

    Returns
    -------
    float or None
        The value of the raster (NaN where it has none), or metres to the nearest feature; None
        where there is nothing to compare: outside polygons, and for the shape of the land.
    """
    if isinstance(exclusion, RasterExclusion):
        raster = asked(exclusion, layers.raster)
        part = RasterWindow.of(raster, cell, whole_window(cell))
        known = part.spread(part.known)[0, 0]
        return float(part.spread(part.values)[0, 0]) if known else float("nan")
    if isinstance(exclusion, DistanceExclusion):
        x, y = cell.centres_m(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
        centre = shapely.Point(float(x[0]), float(y[0]))
        return float(shapely.distance(centre, exclusion_shapes(exclusion, layers)).min())
    return None


def _land_shapes(layers: LayersLike, rule: Outside | None) -> NDArray[np.object_]:
    if rule is None:
        return np.asarray(layers.vector(LAND_LAYER).geometry.array, dtype=object)
    return exclusion_shapes(rule, layers)


def _bounds_m(shapes: NDArray[np.object_]) -> tuple[float, float, float, float]:
    x_min, y_min, x_max, y_max = (float(value) for value in shapely.total_bounds(shapes))
    return x_min, y_min, x_max, y_max


def prepare_rules(layers: LayersLike, screening: Screening) -> RuleSet:
    """Return the exclusions of a scenario, prepared for any window of its grid.

    Parameters
    ----------
    layers : LayersLike
        Where layers come from.
    screening : Screening
        Cell size and exclusions.

    Raises
    ------
    ScenarioError, LayerError
        As :func:`screen`.
    """
    exclusions = applied_exclusions(layers, screening)
    land_rule, shapes, lattice = _frame(layers, screening, in_memory=False)
    land, land_bit = Features.of(shapes), None
    by_distance: dict[str, list[tuple[int, DistanceExclusion]]] = {}
    by_value: dict[str, list[tuple[int, RasterExclusion]]] = {}
    rules: list[Rule] = []
    for bit, exclusion in enumerate(exclusions):
        if isinstance(exclusion, DistanceExclusion):
            features = f"{exclusion.layer} {exclusion.where}"
            by_distance.setdefault(features, []).append((bit, exclusion))
        elif isinstance(exclusion, RasterExclusion):
            by_value.setdefault(exclusion.layer, []).append((bit, exclusion))
        elif exclusion is land_rule and exclusion.buffer_m == 0:
            land_bit = bit
        elif isinstance(exclusion, Outside):
            rules.append(_outside_rule(bit, exclusion, land if exclusion is land_rule else layers))
    rules += [_distance_rules(some, layers) for some in by_distance.values()]
    rules += [_raster_rules(some, layers) for some in by_value.values()]
    widths = [(bit, one) for bit, one in enumerate(exclusions) if isinstance(one, MinWidth)]
    areas = [(bit, one) for bit, one in enumerate(exclusions) if isinstance(one, MinArea)]
    return RuleSet(
        lattice, exclusions, land, land_bit, tuple(rules),
        tuple(WidthRule(bit, one.width_m) for bit, one in widths),
        tuple(AreaRule(bit, one.area_ha, one.connectivity) for bit, one in areas),
    )  # fmt: skip


def _outside_rule(bit: int, exclusion: Outside, known: Features | LayersLike) -> OutsideRule:
    """Return the exclusion outside polygons, which are known or still in their layer."""
    features = known if isinstance(known, Features) else Features.of(
        exclusion_shapes(exclusion, known)
    )  # fmt: skip
    coast = coast_features(features) if exclusion.buffer_m > 0 else None
    return OutsideRule(bit, features, coast, exclusion.buffer_m)


def _distance_rules(some: list[tuple[int, DistanceExclusion]], layers: LayersLike) -> DistanceRules:
    """Return the exclusions by distance from the same features."""
    return DistanceRules(
        Features.of(exclusion_shapes(some[0][1], layers)),
        tuple(_band(bit, exclusion) for bit, exclusion in some),
    )


def _band(bit: int, exclusion: DistanceExclusion) -> Band:
    """Return the distances at which an exclusion takes cells."""
    match exclusion:
        case Near():
            return Band(bit, None, exclusion.buffer_m)
        case Far():
            return Band(bit, exclusion.distance_m, None)
        case DistanceBand():
            return Band(bit, exclusion.from_m, exclusion.to_m)


def _raster_rules(some: list[tuple[int, RasterExclusion]], layers: LayersLike) -> RasterRules:
    """Return the exclusions by the values of one raster."""
    return RasterRules(
        asked(some[0][1], layers.raster),
        tuple(condition_of(exclusion, bit) for bit, exclusion in some),
    )
