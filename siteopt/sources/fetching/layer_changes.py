"""Changes between two states of a layer: count, extent, size, and features that moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import shapely

from siteopt.lattice import CRS_EPSG
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.readers import read_table, read_vector

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from siteopt.layers.catalogue import Catalogue

__all__ = ["LayerChange", "change_between", "compare_folders", "row_doubt"]

_LOST_SHARE: Final = 0.5
"""A layer that has lost this share of its features, or of its size, is doubted."""
_MOVED_M: Final = 100.0
"""A feature that moved less may only have been drawn again."""
_LEAST_SHOWN: Final = 0.05
"""What would be shown as 0.0."""


@dataclass(frozen=True, slots=True)
class LayerChange:
    """What changed in one layer.

    Attributes
    ----------
    layer_id : str
        Its id.
    state : {'same', 'added', 'removed', 'changed'}
        What became of it.
    before, after : int
        Features or rows.
    added, removed, moved : int
        Features by id; those that moved by more than 100 m. 0 where features have no id.
    area_km2, length_km : float
        Change of area and length.
    extent_km : float
        How far the farthest side of the extent moved.
    doubt : str
        Why the new state is not to be believed without a look; empty where it is.
    """

    layer_id: str
    state: str
    before: int = 0
    after: int = 0
    added: int = 0
    removed: int = 0
    moved: int = 0
    area_km2: float = 0.0
    length_km: float = 0.0
    extent_km: float = 0.0
    doubt: str = ""

    def line(self) -> str:
        """Return the change as one line."""
        if self.state in {"added", "removed"}:
            count = self.after if self.state == "added" else self.before
            parts = [f"{count:,} rows" if count else "a raster"]
        else:
            parts = [f"{self.before:,} to {self.after:,} rows"]
            counts = {"added": self.added, "removed": self.removed, "moved": self.moved}
            parts += [f"{count:,} {word}" for word, count in counts.items() if count]
            sizes = (("km2", self.area_km2), ("km", self.length_km))
            parts += [f"{size:+,.1f} {unit}" for unit, size in sizes if abs(size) >= _LEAST_SHOWN]
            if self.extent_km >= _LEAST_SHOWN:
                parts.append(f"extent by {self.extent_km:,.1f} km")
        doubt = f"; LOOK: {self.doubt}" if self.doubt else ""
        return f"{self.layer_id}: {self.state}, {', '.join(parts)}{doubt}"


def change_between(layer_id: str, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> LayerChange:
    """Return what changed between two states of a vector layer.

    Parameters
    ----------
    layer_id : str
        Its id.
    before, after : GeoDataFrame
        Both in EPSG:5179; a column ``<something>_id`` that is unique in both names the features.
    """
    area_m2 = float(before.area.sum()), float(after.area.sum())
    length_m = float(before.length.sum()), float(after.length.sum())
    doubts = [
        f"{what} fell from {old:,.0f} to {new:,.0f}"
        for what, old, new in (
            ("the number of features", len(before), len(after)),
            ("the area in km2", area_m2[0] / 1e6, area_m2[1] / 1e6),
            ("the length in km", length_m[0] / 1e3, length_m[1] / 1e3),
        )
        if new < (1.0 - _LOST_SHARE) * old
    ]
    key = _key(before, after)
    added, removed, moved = (0, 0, 0) if key is None else _by_id(before, after, key)
    # points have no size that could be compared; ways are cut and joined anew under other ids
    if not any(area_m2 + length_m) and removed > _LOST_SHARE * len(before):
        doubts.append(f"{removed:,} of {len(before):,} are gone by {key}")
    return LayerChange(
        layer_id, "changed", len(before), len(after), added, removed, moved,
        (area_m2[1] - area_m2[0]) / 1e6, (length_m[1] - length_m[0]) / 1e3,
        _extent_km(before, after), doubts[0] if doubts else "",
    )  # fmt: skip


def _key(before: pd.DataFrame, after: pd.DataFrame) -> str | None:
    """Return the first column of ids that both states have, each id once."""
    shared = [
        str(name) for name in before.columns if str(name).endswith("_id") and name in after.columns
    ]
    unique = (name for name in shared if before[name].is_unique and after[name].is_unique)
    return next(unique, None)


def _by_id(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, key: str) -> tuple[int, int, int]:
    old, new = before.set_index(key).geometry, after.set_index(key).geometry
    both = old.index.intersection(new.index)
    way_m = shapely.distance(
        shapely.centroid(old.loc[both].to_numpy()), shapely.centroid(new.loc[both].to_numpy())
    )
    return (
        len(new.index.difference(old.index)),
        len(old.index.difference(new.index)),
        int((way_m > _MOVED_M).sum()),
    )


def _extent_km(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> float:
    if before.empty or after.empty:
        return 0.0
    return float(abs(before.total_bounds - after.total_bounds).max()) / 1e3


def compare_folders(before: Path, after: Path) -> list[LayerChange]:
    """Return what changed between two data folders, a row a layer that is not the same.

    Parameters
    ----------
    before, after : Path
        Data folders.

    Raises
    ------
    LayerError, LayerFileError
        If one is no data folder, or a layer cannot be read.
    """
    return list(_changes(read_catalogue(before), read_catalogue(after)))


def _changes(before: Catalogue, after: Catalogue) -> Iterator[LayerChange]:
    for layer_id in sorted({*before.entries, *after.entries}):
        if layer_id not in before:
            yield LayerChange(layer_id, "added", after=_rows(after, layer_id))
        elif layer_id not in after:
            yield LayerChange(
                layer_id, "removed", before=_rows(before, layer_id), doubt="the layer is gone"
            )
        elif before[layer_id].sha256 != after[layer_id].sha256:
            yield _change(before, after, layer_id)


def _change(before: Catalogue, after: Catalogue, layer_id: str) -> LayerChange:
    if {before[layer_id].kind, after[layer_id].kind} == {"vector"}:
        old, new = (
            read_vector(side.path(layer_id), layer_id).to_crs(CRS_EPSG) for side in (before, after)
        )
        return change_between(layer_id, old, new)
    old_rows, new_rows = _rows(before, layer_id), _rows(after, layer_id)
    return LayerChange(layer_id, "changed", old_rows, new_rows, doubt=row_doubt(old_rows, new_rows))


def row_doubt(before: int, after: int, what: str = "rows") -> str:
    """Return why a layer with fewer rows is not to be believed without a look; empty where it is.

    Parameters
    ----------
    before, after : int
        Rows.
    what : str, optional
        What is counted, if not rows.

    Examples
    --------
    >>> row_doubt(100, 40)
    'the number of rows fell from 100 to 40'
    """
    lost = after < (1.0 - _LOST_SHARE) * before
    return f"the number of {what} fell from {before:,} to {after:,}" if lost else ""


def _rows(side: Catalogue, layer_id: str) -> int:
    """Return how many features or rows a layer has; 0 for a raster."""
    kind, path = side[layer_id].kind, side.path(layer_id)
    if kind == "vector":
        return len(read_vector(path, layer_id))
    return len(read_table(path, layer_id)) if kind == "table" else 0
