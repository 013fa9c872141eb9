"""Exclusion rules of a scenario, applied to every cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import shapely

from siteopt._memory import free_bytes, gigabytes
from siteopt.errors import LayerError, ScenarioError
from siteopt.lattice import Lattice
from siteopt.scenario import Above, Below, Far, Near, Outside
from siteopt.screening.eligibility import Eligibility
from siteopt.screening.features import Features
from siteopt.screening.judging import MEMORY_MB, RuleSet
from siteopt.screening.kernel import coast_features
from siteopt.screening.replacement import in_force
from siteopt.screening.rules import (
    DistanceRules,
    OutsideRule,
    Threshold,
    ThresholdRules,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike
    from siteopt.scenario import Exclusion, Screening
    from siteopt.screening.rules import Rule

__all__ = [
    "applied_exclusions", "check_screening", "prepare_rules", "screen", "screening_lattice",
]  # fmt: skip

LAND_LAYER: Final = "provinces"
"""Layer that defines land where no exclusion of kind ``outside`` does."""

_REASONS_MAX: Final = 31
"""Most reasons of a cell: bits of its code, but for the one that files add for "no land"."""

_SHOWN_VALUES: Final = 8
"""Number of values of a column that a message names."""

_BYTES_A_CELL: Final = 20.0
"""Memory that screening and the search for sites take. Measured over the whole country: 23.7 bytes a
cell at 250 m, 18.9 at 100 m, 17.4 at 50 m (30 MB and 17.2 bytes a cell)."""

_LARGEST_CELL_M: Final = 2000.0
"""Largest cell that a scenario may set."""

_CELL_STEP_M: Final = 10.0
"""Step to which a suggested cell size is rounded."""

_Layer = TypeVar("_Layer")


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
    available = {
        one.id
        for one in exclusions
        if not one.optional or (one.layer in layers.ids and _has_features(one, layers))
    }
    applied = in_force(exclusions, available)
    if len(applied) > _REASONS_MAX:
        raise ScenarioError(
            f"screening.exclusions: {len(applied)} exclusions apply, but a cell keeps "
            f"{_REASONS_MAX} reasons apart; take out {len(applied) - _REASONS_MAX} or more"
        )
    return applied


def _has_features(exclusion: Exclusion, layers: LayersLike) -> bool:
    """Return whether the layer of an optional exclusion has features that it means.

    A layer without any of them is no evidence that there are none: the exclusion then waits as if
    the layer were not there, and replaces nothing.
    """
    if isinstance(exclusion, Above | Below):
        return True
    frame = _asked(exclusion, layers.vector)
    if not len(frame):
        raise LayerError(
            f"screening.exclusions: {exclusion.id}: layer {exclusion.layer} is empty; fetch it "
            "again, or take it out of the data folder"
        )
    chosen = _chosen(exclusion, frame)
    if not chosen.any():
        return False
    if isinstance(exclusion, Near) and exclusion.buffer_m == 0:
        shapes = np.asarray(frame.geometry.array, dtype=object)[chosen]
        if not _any_polygon(shapes):
            raise ScenarioError(
                f"screening.exclusions: {exclusion.id}: layer {exclusion.layer} has no polygons, "
                "so that a buffer_m of 0 takes no land; give polygons, or a buffer_m"
            )
    return True


def screen(layers: LayersLike, screening: Screening, memory_mb: float = MEMORY_MB) -> Eligibility:
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
    memory_mb : float
        Memory in MB that the windows judged at the same time may take, besides the answer. It
        changes no cell.

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
    lattice = rules.lattice
    _must_fit(lattice, rules.exclusions)
    reasons = np.zeros(lattice.shape, dtype=np.uint32)
    land = np.zeros(lattice.shape, dtype=np.bool_)
    unknown_cells = np.zeros(len(rules.exclusions), dtype=np.int64)
    for judged in rules.judge_all(memory_mb):
        reasons[judged.window.slices] = judged.reasons
        land[judged.window.slices] = judged.land
        unknown_cells += judged.unknown_cells
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
        if isinstance(exclusion, Above | Below):
            _asked(exclusion, layers.raster)
        else:
            _shapes(exclusion, layers)


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
        _must_fit(lattice, applied)
    return rule, shapes, lattice


def _must_fit(lattice: Lattice, exclusions: tuple[Exclusion, ...]) -> None:
    """Raise ScenarioError if the cells need more memory than there is."""
    free = free_bytes()
    if free is None:
        return
    most, asks = float(lattice.n_rows) * lattice.n_cols, "screening.cell_m"
    for exclusion in exclusions:
        if isinstance(exclusion, Above | Below):
            rim = float(np.ceil(exclusion.buffer_m / lattice.cell_m))
            cells = (lattice.n_rows + 2.0 * rim) * (lattice.n_cols + 2.0 * rim)
            if cells > 2.0 * most:
                most, asks = cells, f"screening.exclusions: {exclusion.id}: buffer_m"
    needed = most * _BYTES_A_CELL
    if needed <= free:
        return
    fits = lattice.cell_m * np.sqrt(needed / max(free, 1))
    fits = float(np.ceil(fits / _CELL_STEP_M) * _CELL_STEP_M)
    advice = f"screening.cell_m = {fits:g} fits" if fits <= _LARGEST_CELL_M else "free some"
    raise ScenarioError(
        f"{asks}: cells of {lattice.cell_m:g} m are {most:,.0f}, which need {gigabytes(needed)} of "
        f"memory ({_BYTES_A_CELL:g} bytes a cell), but {gigabytes(free)} are free; {advice}"
    )


def _land_shapes(layers: LayersLike, rule: Outside | None) -> NDArray[np.object_]:
    if rule is None:
        return np.asarray(layers.vector(LAND_LAYER).geometry.array, dtype=object)
    return _shapes(rule, layers)


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
    near: dict[str, list[tuple[int, Near | Far]]] = {}
    beyond: dict[str, list[tuple[int, Above | Below]]] = {}
    rules: list[Rule] = []
    for bit, exclusion in enumerate(exclusions):
        match exclusion:
            case Near() | Far():
                near.setdefault(f"{exclusion.layer} {exclusion.where}", []).append((bit, exclusion))
            case Above() | Below():
                beyond.setdefault(exclusion.layer, []).append((bit, exclusion))
            case Outside() if exclusion is land_rule and exclusion.buffer_m == 0:
                land_bit = bit
            case Outside():
                same = exclusion is land_rule
                features = land if same else Features.of(_shapes(exclusion, layers))
                coast = coast_features(features) if exclusion.buffer_m > 0 else None
                rules.append(OutsideRule(bit, features, coast, exclusion.buffer_m))
    rules += [_distance_rules(some, layers) for some in near.values()]
    rules += [_threshold_rules(some, layers) for some in beyond.values()]
    return RuleSet(lattice, exclusions, land, land_bit, tuple(rules))


def _distance_rules(some: list[tuple[int, Near | Far]], layers: LayersLike) -> DistanceRules:
    """Return the exclusions by distance from the same features."""
    distances_m = tuple(one.distance_m if isinstance(one, Far) else one.buffer_m for _, one in some)
    return DistanceRules(
        Features.of(_shapes(some[0][1], layers)),
        tuple(bit for bit, _ in some),
        distances_m,
        tuple(isinstance(one, Far) for _, one in some),
    )


def _threshold_rules(some: list[tuple[int, Above | Below]], layers: LayersLike) -> ThresholdRules:
    """Return the exclusions by the values of one raster."""
    return ThresholdRules(
        _asked(some[0][1], layers.raster),
        tuple(
            Threshold(bit, isinstance(one, Above), one.threshold, one.buffer_m) for bit, one in some
        ),
    )


def _shapes(exclusion: Near | Far | Outside, layers: LayersLike) -> NDArray[np.object_]:
    """Return the geometries of the features that an exclusion means."""
    frame = _asked(exclusion, layers.vector)
    chosen = _chosen(exclusion, frame)
    if not chosen.any():
        raise ScenarioError(
            f"screening.exclusions: {exclusion.id}: no feature of layer {exclusion.layer} "
            f"matches{_where_text(exclusion, frame)}"
        )
    shapes = np.asarray(frame.geometry.array, dtype=object)[chosen]
    if isinstance(exclusion, Outside) and not _any_polygon(shapes):
        raise ScenarioError(
            f"screening.exclusions: {exclusion.id}: layer {exclusion.layer} has no polygons; kind "
            "'outside' needs some"
        )
    return shapes


def _chosen(exclusion: Near | Far | Outside, frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return the features, shape (n,), whose columns have the values that an exclusion means."""
    chosen = np.ones(len(frame), dtype=np.bool_)
    for column, wanted in exclusion.where.items():
        if column not in frame.columns or column == frame.geometry.name:
            columns = ", ".join(str(name) for name in frame.columns if name != frame.geometry.name)
            raise ScenarioError(
                f"screening.exclusions: {exclusion.id}: layer {exclusion.layer} has no column "
                f"{column}; it has {columns}"
            )
        values = wanted if isinstance(wanted, list) else [wanted]
        chosen &= frame[column].isin(values).to_numpy(dtype=np.bool_)
    return chosen


def _any_polygon(shapes: NDArray[np.object_]) -> bool:
    return bool((shapely.area(shapes) > 0).any())


def _where_text(exclusion: Near | Far | Outside, frame: gpd.GeoDataFrame) -> str:
    """Return which filter left nothing, and what the columns hold."""
    if not exclusion.where:
        return "; it is empty"
    parts = []
    for column, wanted in exclusion.where.items():
        held = sorted({repr(value) for value in frame[column].dropna().tolist()})
        more = ", ..." if len(held) > _SHOWN_VALUES else ""
        parts.append(
            f"{column} = {wanted!r} (there is {', '.join(held[:_SHOWN_VALUES]) or 'none'}{more})"
        )
    return " " + " and ".join(parts)


def _asked(exclusion: Exclusion, read: Callable[[str], _Layer]) -> _Layer:
    """Return a layer; an error names the exclusion that needs it."""
    try:
        return read(exclusion.layer)
    except LayerError as error:
        raise LayerError(f"screening.exclusions: {exclusion.id}: {error}") from error
