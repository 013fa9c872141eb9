"""Maps of a report: where the plan is, its connections among the candidates, what is excluded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from siteopt.report._cells import bands_of
from siteopt.report._connections import connection_lines
from siteopt.report.document.drawing import BLUE, GREEN, GREY, INK, ORANGE, drawing, pictured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from siteopt.report._protocols import EligibilityLike
    from siteopt.report.document.drawing import Picture
    from siteopt.report.document.material import Material, ScreenedMaterial

    _Chosen = Callable[[NDArray[np.unsignedinteger[Any]], NDArray[np.bool_]], NDArray[np.bool_]]
    """Cells that are meant, by their reasons and whether they are land."""

__all__ = ["exclusion_map", "plan_map", "sites_map"]

_WIDTH_MM: Final = 120.0
_PIXELS_MAX: Final = 1400
"""Cells along the longer side of a picture: 300 dpi over 12 cm."""
_PIXELS_AT_ONCE: Final = 32
"""Rows of pixels whose cells are counted together, so that a fine grid takes little memory."""
_GENERAL_M: Final = 300.0
_ISLET_M2: Final = 1e6
_LAND: Final = (0.955, 0.955, 0.945)
_SEA: Final = (1.0, 1.0, 1.0)
_ELIGIBLE: Final = (0.70, 0.86, 0.78)
_EXCLUDED: Final = ((0.86, 0.86, 0.86), (0.66, 0.66, 0.66))
"""Excluded by one criterion, and by several: told apart by lightness alone."""
_MARGIN: Final = 0.02
_HIGH_KV: Final = 345.0
_NAMED_SHARE: Final = 0.017
"""Of all land: provinces that are smaller, the cities, have no room for their name."""


def plan_map(material: Material) -> Picture:
    """Return the country with the chosen sites, sized by IT load and numbered by rank."""
    with drawing(_WIDTH_MM, _height_mm(material)) as figure:
        axes = _frame(figure, material)
        _land(axes, material, _share_picture(material.tables.eligibility))
        _province_names(axes, material)
        _chosen(axes, material)
        handles = [
            _mark(BLUE, material.shared("legend.chosen")),
            Patch(facecolor=_ELIGIBLE, label=material.shared("legend.eligible")),
        ]
        _legend(axes, handles)
        return pictured(figure, has_axes=False)


def sites_map(material: Material) -> Picture:
    """Return the candidates, the connections of the chosen sites, and the high-voltage grid."""
    with drawing(_WIDTH_MM, _height_mm(material)) as figure:
        axes = _frame(figure, material)
        _land(axes, material, None)
        handles = [_mark(BLUE, material.shared("legend.chosen"))]
        if "lines" in material.tables.layers.ids:
            lines = material.tables.layers.vector("lines")
            high = lines[lines["voltage_kv"].astype(float) >= _HIGH_KV]
            axes.add_collection(LineCollection(_paths(high.geometry), colors="#8a939c", lw=0.5))
            label = material.shared("legend.line", kv=f"{_HIGH_KV:g}+")
            handles.append(Line2D([], [], color="#8a939c", lw=0.8, label=label))
        _candidates(axes, material, handles)
        connected = material.ranking[material.ranking["chosen"]]
        routes = connection_lines(material.tables, connected)
        axes.add_collection(LineCollection(_paths(routes.geometry), colors=ORANGE, lw=1.2))
        label = material.word("connection")
        handles.append(Line2D([], [], color=ORANGE, lw=1.2, label=label))
        _chosen(axes, material)
        _legend(axes, handles)
        return pictured(figure, has_axes=False)


def exclusion_map(material: ScreenedMaterial) -> Picture:
    """Return eligible land, and land excluded by one criterion or by several."""
    with drawing(_WIDTH_MM, _height_mm(material)) as figure:
        axes = _frame(figure, material)
        _land(axes, material, _reason_picture(material.tables.eligibility))
        handles = [
            Patch(facecolor=GREEN, label=material.shared("legend.eligible")),
            Patch(facecolor=_EXCLUDED[0], label=material.word("excluded_once")),
            Patch(facecolor=_EXCLUDED[1], label=material.word("excluded_more")),
        ]
        _legend(axes, handles)
        return pictured(figure, has_axes=False)


def _bounds(material: ScreenedMaterial) -> tuple[float, float, float, float]:
    """Return what the maps show: the land of the screening, EPSG:5179."""
    eligibility = material.tables.eligibility
    rows, cols = (np.flatnonzero(eligibility.land.any(axis=axis)) for axis in (1, 0))
    lattice = eligibility.lattice
    if not rows.size:
        return lattice.bounds_m
    x, y = lattice.x_min_m, lattice.y_max_m
    west, east = x + cols.min() * lattice.cell_m, x + (cols.max() + 1) * lattice.cell_m
    south, north = y - (rows.max() + 1) * lattice.cell_m, y - rows.min() * lattice.cell_m
    margin = _MARGIN * max(east - west, north - south)
    return float(west - margin), float(south - margin), float(east + margin), float(north + margin)


def _height_mm(material: ScreenedMaterial) -> float:
    west, south, east, north = _bounds(material)
    return _WIDTH_MM * (north - south) / (east - west)


def _frame(figure: Any, material: ScreenedMaterial) -> Axes:  # noqa: ANN401 - matplotlib's figure
    axes: Axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    west, south, east, north = _bounds(material)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_axis_off()
    return axes


def _land(axes: Axes, material: ScreenedMaterial, picture: NDArray[np.float64] | None) -> None:
    """Draw the provinces, and cells of the screening between their land and their borders."""
    layers = material.tables.layers
    rings: list[NDArray[np.float64]] = []
    if "provinces" in layers.ids:
        shapes = shapely.simplify(layers.vector("provinces").geometry.to_numpy(), _GENERAL_M)
        parts = shapely.get_parts(shapes)
        parts = parts[shapely.area(parts) >= _ISLET_M2]
        rings = [shapely.get_coordinates(ring) for ring in shapely.get_exterior_ring(parts)]
    if picture is None:
        for ring in rings:
            axes.fill(ring[:, 0], ring[:, 1], facecolor=_LAND, edgecolor="none")
    else:
        west, south, east, north = material.tables.eligibility.lattice.bounds_m
        axes.imshow(
            picture, extent=(west, east, south, north), interpolation="none", aspect="auto",
            origin="upper",
        )  # fmt: skip
        west, south, east, north = _bounds(material)
        axes.set_xlim(west, east)
        axes.set_ylim(south, north)
    axes.add_collection(LineCollection(rings, colors="#8a939c", lw=0.4))


def _share_picture(eligibility: EligibilityLike) -> NDArray[np.float64]:
    """Return the land with its eligible part in colour."""
    land = _shares(eligibility, lambda _, land: land)
    eligible = _shares(eligibility, lambda codes, land: (codes == 0) & land)
    return _blended([(land - eligible, _LAND), (eligible, _ELIGIBLE)])


def _reason_picture(eligibility: EligibilityLike) -> NDArray[np.float64]:
    green = tuple(int(GREEN[at : at + 2], 16) / 255 for at in (1, 3, 5))
    one = eligibility.reasons.dtype.type(1)
    kinds: list[tuple[_Chosen, tuple[float, ...]]] = [
        (lambda codes, land: (codes == 0) & land, green),
        (lambda codes, land: (codes != 0) & ((codes & (codes - one)) == 0) & land, _EXCLUDED[0]),
        (lambda codes, land: ((codes & (codes - one)) != 0) & land, _EXCLUDED[1]),
    ]
    return _blended([(_shares(eligibility, chosen), colour) for chosen, colour in kinds])


def _shares(eligibility: EligibilityLike, chosen: _Chosen) -> NDArray[np.float64]:
    """Return the share of chosen cells in each pixel, for at most so many pixels."""
    shape = eligibility.lattice.shape
    step = max(1, -(-max(shape) // _PIXELS_MAX))
    width = -(-shape[1] // step) * step
    parts = []
    for rows in bands_of(shape[0], step * _PIXELS_AT_ONCE):
        cells = chosen(eligibility.reasons[rows], eligibility.land[rows])
        padded = np.zeros((-(-len(cells) // step) * step, width), dtype=np.uint8)
        padded[: cells.shape[0], : cells.shape[1]] = cells
        blocks = padded.reshape(-1, step, width // step, step)
        parts.append(blocks.sum(axis=(1, 3), dtype=np.int64) / (step * step))
    return np.concatenate(parts)


def _blended(
    parts: Iterable[tuple[NDArray[np.float64], tuple[float, ...]]],
) -> NDArray[np.float64]:
    """Return colours by their shares; what is left is sea."""
    listed = list(parts)
    shares = np.stack([share for share, _ in listed])
    colours = np.array([colour for _, colour in listed])
    sea = (1.0 - shares.sum(axis=0))[..., None] * np.asarray(_SEA)
    mixed = np.einsum("krc,kn->rcn", shares, colours) + sea
    return np.asarray(mixed.clip(0.0, 1.0), dtype=np.float64)


def _province_names(axes: Axes, material: Material) -> None:
    if "provinces" not in material.tables.layers.ids:
        return
    provinces = material.tables.layers.vector("provinces")
    shapes = provinces.geometry.to_numpy()
    large = shapely.area(shapes) >= _NAMED_SHARE * shapely.area(shapes).sum()
    names = provinces[f"name_{material.language}"].to_numpy()[large]
    for point, name in zip(shapely.point_on_surface(shapes[large]), names, strict=True):
        axes.text(
            point.x, point.y, str(name), size=5.5, color="#5a6570", ha="center", va="center",
            clip_on=True,
        )  # fmt: skip


def _chosen(axes: Axes, material: Material) -> None:
    for row in reversed(material.chosen):
        axes.scatter(
            [row["x_m"]], [row["y_m"]], s=40 + 0.25 * row["it_mw"], color=BLUE, edgecolor="white",
            linewidth=0.7, zorder=5,
        )  # fmt: skip
        rank = "" if row["rank"] is None else f"{row['rank']}"
        axes.text(
            row["x_m"], row["y_m"], rank, color="white", size=6.5, weight="bold", ha="center",
            va="center_baseline", zorder=6,
        )  # fmt: skip


def _candidates(axes: Axes, material: Material, handles: list[Any]) -> None:
    """Draw the other candidates: those that can be built, and those that cannot."""
    rows = [row for row in material.verdicts.rows.values() if not row["chosen"]]
    open_ = [row for row in rows if row["rank"] is not None]
    closed = [row for row in rows if row["rank"] is None]
    for own, marker, colour, key in (
        (open_, "o", GREEN, "candidates"), (closed, "x", GREY, "closed"),
    ):  # fmt: skip
        if own:
            x, y = ([row[name] for row in own] for name in ("x_m", "y_m"))
            axes.scatter(x, y, s=1.6, marker=marker, color=colour, linewidth=0.3)
            handles.append(_mark(colour, material.word(key), marker))


def _mark(colour: str, label: str, marker: str = "o") -> Line2D:
    return Line2D([], [], color=colour, marker=marker, lw=0, markersize=4, label=label)


def _paths(geometries: Iterable[Any]) -> list[NDArray[np.float64]]:
    parts = shapely.get_parts(np.asarray(list(geometries), dtype=object))
    return [shapely.get_coordinates(shapely.simplify(part, _GENERAL_M)) for part in parts]


def _legend(axes: Axes, handles: list[Any]) -> None:
    axes.legend(
        handles=handles, loc="lower right", fontsize=6, frameon=True, framealpha=0.9,
        edgecolor=INK, fancybox=False,
    )  # fmt: skip
