"""Difference of eligible land between two runs, by province and by exclusion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from siteopt._file_names import ELIGIBILITY
from siteopt.comparison.result_diff import SAME_KM2
from siteopt.errors import LayerFileError
from siteopt.lattice import Lattice
from siteopt.runs.tables import open_reasons
from siteopt.screening.kernel import zones

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.runs.results import Run

__all__ = ["LandPicture", "land_by_province", "land_by_reason", "land_picture_of"]

_M2_PER_KM2: Final = 1e6


@dataclass(frozen=True, eq=False)
class LandPicture:
    """Eligible land of two runs, cell for cell.

    Attributes
    ----------
    lattice : Lattice
        Cells of the later run.
    land : ndarray of bool
        Cells that are eligible in one of them.
    reasons : ndarray of uint32
        There 0: in both, 1: only before, 2: only after.
    """

    lattice: Lattice
    land: NDArray[np.bool_]
    reasons: NDArray[np.uint32]


def land_by_reason(before: Run, after: Run) -> pd.DataFrame:
    """Return the reasons whose land differs.

    Parameters
    ----------
    before : Run
        The earlier side.
    after : Run
        The later side.

    Returns
    -------
    DataFrame
        ``reason``, ``title_ko``, ``title_en``, ``km2_before``, ``km2_after`` (all land that the
        reason excludes), ``only_km2_before``, ``only_km2_after`` (what it alone excludes).
    """
    screenings = [
        {row["reason"]: row for row in run.record.get("screening", [])} for run in (before, after)
    ]
    rows = []
    for reason in [*screenings[0], *(name for name in screenings[1] if name not in screenings[0])]:
        was, now = (one.get(reason) for one in screenings)
        known = now or was or {}
        row: dict[str, Any] = {name: known[name] for name in ("reason", "title_ko", "title_en")}
        for name in ("area_km2", "only_km2"):
            short = name.replace("area_", "")
            row[f"{short}_before"] = float(was[name]) if was else 0.0
            row[f"{short}_after"] = float(now[name]) if now else 0.0
        rows.append(row)
    columns = [
        "reason", "title_ko", "title_en", "km2_before", "km2_after", "only_km2_before",
        "only_km2_after",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    same = (table["km2_before"] - table["km2_after"]).abs() <= SAME_KM2
    same &= (table["only_km2_before"] - table["only_km2_after"]).abs() <= SAME_KM2
    return table[~same].reset_index(drop=True)


def land_by_province(
    before: Run, after: Run, provinces: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]
) -> pd.DataFrame:
    """Return the provinces whose eligible land differs.

    Parameters
    ----------
    before, after : Run
        The two runs.
    provinces : tuple of GeoDataFrame
        The ``provinces`` layer of each, EPSG:5179.

    Returns
    -------
    DataFrame
        ``province_code``, ``name_ko``, ``name_en``, ``km2_before``, ``km2_after``,
        ``difference``; in order of code.
    """
    tables = [
        _eligible_km2(run, frame) for run, frame in zip((before, after), provinces, strict=True)
    ]
    keys = ["province_code", "name_ko", "name_en"]
    both = tables[0].merge(
        tables[1], on="province_code", how="outer", suffixes=("_before", "_after")
    )  # fmt: skip
    for name in keys[1:]:
        both[name] = both[f"{name}_after"].fillna(both[f"{name}_before"])
    columns = ["km2_before", "km2_after"]
    both[columns] = both[columns].fillna(0.0)
    both["difference"] = both["km2_after"] - both["km2_before"]
    changed = both[both["difference"].abs() > SAME_KM2].sort_values("province_code")
    return changed[[*keys, *columns, "difference"]].reset_index(drop=True)


def _eligible_km2(run: Run, provinces: gpd.GeoDataFrame) -> pd.DataFrame:
    reasons, lattice = _reasons(run)
    ordered = provinces.sort_values("province_code", kind="stable").reset_index(drop=True)
    zone = zones(ordered.geometry.to_numpy(), lattice)
    cells = np.bincount(zone[(reasons == 0) & (zone >= 0)], minlength=len(ordered))
    table = pd.DataFrame(ordered[["province_code", "name_ko", "name_en"]])
    table["km2"] = cells * lattice.cell_m**2 / _M2_PER_KM2
    return table


def _reasons(run: Run) -> tuple[NDArray[np.uint32], Lattice]:
    """Return the reasons of every cell, and where the cells lie."""
    with open_reasons(run.content(ELIGIBILITY), run.folder / ELIGIBILITY) as raster:
        frame = raster.transform
        lattice = Lattice(frame.c, frame.f, frame.a, raster.height, raster.width)
        return raster.read(1).astype(np.uint32), lattice


def land_picture_of(before: Run, after: Run) -> LandPicture | None:
    """Return where land is eligible in both runs or in one; None where a raster cannot be read.

    Parameters
    ----------
    before : Run
        The earlier side.
    after : Run
        The later side.
    """
    try:
        (old, was), (new, now) = _reasons(before), _reasons(after)
    except LayerFileError:
        return None
    rows, cols = np.indices(now.shape)
    x_m, y_m = now.centres_m(rows[:1].ravel(), cols[:1].ravel())[0], None
    y_m = now.centres_m(rows[:, 0], cols[:, 0])[1]
    at_rows = was.cells_of(np.full(len(y_m), x_m[0]), y_m)[0]
    at_cols = was.cells_of(x_m, np.full(len(x_m), y_m[0]))[1]
    inside = ((at_rows >= 0) & (at_rows < was.n_rows))[:, None]
    inside = inside & ((at_cols >= 0) & (at_cols < was.n_cols))[None, :]
    taken = old[np.clip(at_rows, 0, was.n_rows - 1)[:, None], np.clip(at_cols, 0, was.n_cols - 1)]
    first, second = inside & (taken == 0), new == 0
    reasons = np.where(first & second, 0, np.where(first, 1, 2)).astype(np.uint32)
    return LandPicture(lattice=now, land=first | second, reasons=reasons)
