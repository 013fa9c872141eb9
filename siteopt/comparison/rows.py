"""Difference of the files of a layer: rows added, removed, moved, changed; cells of a raster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siteopt.lattice import CRS_EPSG
from siteopt.layers.raster_reading import read_raster
from siteopt.layers.readers import kind_of_file, read_table, read_vector
from siteopt.layers.schemas import PARAMETER_TABLES, SCHEMAS
from siteopt.report.texts import text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from siteopt.report.texts import Language

__all__ = ["ROW_COLUMNS", "LayerChange", "compare_layer", "layer_summary"]

Fact = tuple[str, dict[str, Any]]
"""Key of a text below ``comparison.layer.``, and the figures in it."""

ROW_COLUMNS: Final = ("layer", "change", "row", "column", "before", "after", "distance_m")
"""Of a table of changed rows: ``change`` is added, removed, moved, changed."""

_ONLY_TOLD: Final = ("source", "confidence", "kind", "price_year_basis")
"""Columns of the parameter tables that no figure comes from."""
_PLACE: Final = ("lon", "lat")
_SAME_M: Final = 1e-3


@dataclass(frozen=True, eq=False)
class LayerChange:
    """How two files of one layer differ.

    Attributes
    ----------
    layer : str
        Layer id.
    facts : tuple
        How many rows or cells, which columns, how far; :func:`layer_summary`
        puts them in words.
    rows : DataFrame
        `ROW_COLUMNS`; one row a changed value. Empty for a raster.
    matters : bool
        Whether a run can differ by it: false where only notes changed, or only the way the same
        values are written.
    """

    layer: str
    facts: tuple[Fact, ...]
    rows: pd.DataFrame
    matters: bool

    @property
    def summary(self) -> str:
        """In one line what changed."""
        return layer_summary(self.facts, "en")


def layer_summary(facts: Iterable[Fact], language: Language) -> str:
    """Return the changes inside a layer in one line.

    Parameters
    ----------
    facts : iterable of (str, dict)
        Of a :class:`LayerChange`.
    language : {'ko', 'en'}
        Korean or English.
    """
    line = "; ".join(text(f"comparison.layer.{key}", language, **figures) for key, figures in facts)
    return line.replace("1 rows ", "1 row ") if line.startswith("1 rows ") else line


def compare_layer(layer_id: str, before: Path | None, after: Path | None) -> LayerChange:
    """Compare the file of a layer before and after.

    Parameters
    ----------
    layer_id : str
        Its schema has the columns that identify rows.
    before, after : Path or None
        The two files; None where a side does not have the layer.

    Raises
    ------
    LayerError, LayerFileError
        If a file cannot be read.
    """
    empty = pd.DataFrame(columns=list(ROW_COLUMNS))
    if before is None or after is None:
        fact: Fact = ("new" if before is None else "gone", {})
        return LayerChange(layer_id, (fact,), empty, matters=True)
    kinds = {kind_of_file(before), kind_of_file(after)}
    if kinds == {"raster"}:
        return _compare_rasters(layer_id, before, after)
    if "raster" in kinds:
        return LayerChange(layer_id, (("other_kind", {}),), empty, matters=True)
    return _compare_rows(layer_id, _read(before, layer_id), _read(after, layer_id))


def _read(path: Path, layer_id: str) -> pd.DataFrame:
    """Return the rows of a table or of features; geometry, where there is one, in EPSG:5179."""
    if path.suffix.lower() != ".csv":
        features: pd.DataFrame = read_vector(path, layer_id).to_crs(CRS_EPSG)
        return features
    table = read_table(path, layer_id)
    if not set(_PLACE) <= set(table.columns):
        return table
    points = gpd.points_from_xy(
        pd.to_numeric(table["lon"], errors="coerce"), pd.to_numeric(table["lat"], errors="coerce")
    )
    placed = gpd.GeoDataFrame(table.drop(columns=list(_PLACE)), geometry=points, crs="EPSG:4326")
    in_metres: pd.DataFrame = placed.to_crs(CRS_EPSG)
    return in_metres


def _compare_rows(layer_id: str, before: pd.DataFrame, after: pd.DataFrame) -> LayerChange:
    key = _key(layer_id, before, after)
    old, new = (_by_key(frame, key) for frame in (before, after))
    added = new.index.difference(old.index, sort=True)
    removed = old.index.difference(new.index, sort=True)
    both = old.index.intersection(new.index).sort_values()
    rows: list[tuple[object, ...]] = [
        (layer_id, "added", name, "", "", "", np.nan) for name in added
    ]
    rows += [(layer_id, "removed", name, "", "", "", np.nan) for name in removed]
    rows += _moved(layer_id, old, new, both)
    rows += _changed(layer_id, old, new, both)
    table = pd.DataFrame(rows, columns=list(ROW_COLUMNS))
    same_order = list(old.index) == list(new.index)
    facts = _facts(table, same_order=same_order)
    matters = _rows_matter(layer_id, table, same_order=same_order)
    return LayerChange(layer_id, facts, table, matters=matters)


def _key(layer_id: str, before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """Return the columns that identify rows; all of both where none are known to do so."""
    schema = SCHEMAS.get(layer_id)
    shared = [name for name in before.columns if name in after.columns and name != "geometry"]
    tries = [list(schema.key)] if schema else []
    tries += [[name] for name in shared if name.endswith(("id", "code", "key"))]
    for names in tries:
        if set(names) <= set(shared) and not any(
            frame.duplicated(names).any() or frame[names].isna().any(axis=None)
            for frame in (before, after)
        ):
            return names
    return shared


def _by_key(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return the rows under one text each; rows that are alike are numbered."""
    name = frame[key].astype(str).agg(" · ".join, axis=1) if key else pd.Series("", frame.index)
    again = name.groupby(name).cumcount()
    name = name.where(again == 0, name + " #" + (again + 1).astype(str))
    return frame.drop(columns=key).set_axis(pd.Index(name, name="row"), axis=0)


def _moved(
    layer_id: str, old: pd.DataFrame, new: pd.DataFrame, both: pd.Index[Any]
) -> list[tuple[object, ...]]:
    """Return features whose shape is another: points by their distance, others by Hausdorff's."""
    if "geometry" not in old or "geometry" not in new:
        return []
    was, now = (frame.loc[both, "geometry"].to_numpy() for frame in (old, new))
    distance = shapely.hausdorff_distance(was, now)
    gone = (shapely.is_empty(was) | pd.isna(was)) != (shapely.is_empty(now) | pd.isna(now))
    return [
        (layer_id, "moved", name, "geometry", "", "", round(float(metres), 1))
        for name, metres, lost in zip(both, distance, gone, strict=True)
        if lost or metres > _SAME_M
    ]


def _changed(
    layer_id: str, old: pd.DataFrame, new: pd.DataFrame, both: pd.Index[Any]
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    columns = [name for name in old.columns if name != "geometry"]
    columns += [name for name in new.columns if name not in old.columns and name != "geometry"]
    for name in columns:
        was, now = (
            frame.loc[both, name] if name in frame else pd.Series(None, both, dtype=object)
            for frame in (old, new)
        )
        same = (was.isna() & now.isna()) | (was.astype(object) == now.astype(object))
        rows += [
            (layer_id, "changed", row, name, _cell(was[row]), _cell(now[row]), np.nan)
            for row in both[~same.to_numpy(dtype=bool)]
        ]
    return rows


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _rows_matter(layer_id: str, table: pd.DataFrame, *, same_order: bool) -> bool:
    if layer_id in PARAMETER_TABLES:
        return bool((~table["column"].isin(_ONLY_TOLD)).any())
    return bool(len(table)) or not same_order


def _facts(table: pd.DataFrame, *, same_order: bool) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    for change in ("added", "removed", "moved"):
        found = table[table["change"] == change]
        if len(found):
            far = (
                {"m": f"{found['distance_m'].fillna(0.0).max():,.0f}"} if change == "moved" else {}
            )
            facts.append((change, {"n": f"{len(found):,}", **far}))
    changed = table[table["change"] == "changed"]
    if len(changed):
        columns = changed["column"].value_counts().sort_index()
        listed = ", ".join(f"{name} ({count:,})" for name, count in columns.items())
        facts.append(("changed", {"n": f"{changed['row'].nunique():,}", "columns": listed}))
    if not facts:
        facts.append(("rewritten" if same_order else "reordered", {}))
    return tuple(facts)


def _compare_rasters(layer_id: str, before: Path, after: Path) -> LayerChange:
    empty = pd.DataFrame(columns=list(ROW_COLUMNS))
    old, new = read_raster(before, layer_id), read_raster(after, layer_id)
    if old.lattice != new.lattice:
        cells = [f"{one.lattice.n_rows} x {one.lattice.n_cols} cells of {one.lattice.cell_m:g} m"
                 for one in (old, new)]  # fmt: skip
        fact: Fact = ("other_cells", {"b": cells[0], "a": cells[1]})
        return LayerChange(layer_id, (fact,), empty, matters=True)
    was, now = old.as_float(), new.as_float()
    known = old.known & new.known
    differs = known & (was != now)
    lost, found = int((old.known & ~new.known).sum()), int((~old.known & new.known).sum())
    facts: list[Fact] = []
    if differs.any():
        step = now[differs].astype(np.float64) - was[differs]
        figures = {
            "n": f"{int(differs.sum()):,}",
            "pct": f"{100.0 * differs.sum() / max(int(known.sum()), 1):.2g}",
            "mean": f"{step.mean():+.4g}",
            "low": f"{step.min():+.4g}",
            "high": f"{step.max():+.4g}",
        }
        facts.append(("cells", figures))
    facts += [("lost", {"n": f"{lost:,}"})] if lost else []
    facts += [("found", {"n": f"{found:,}"})] if found else []
    matters = bool(facts)
    return LayerChange(layer_id, tuple(facts or [("rewritten", {})]), empty, matters=matters)
