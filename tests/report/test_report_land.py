from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from pyproj import Transformer

from siteopt.report._base import base_map
from siteopt.report._land import land_picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siteopt.report import RunTables


def masks_of(picture: dict[str, Any]) -> NDArray[np.int64]:
    """Return the combination of reasons of every pixel, as the page decodes it."""
    raw = base64.b64decode(picture["png"].partition(",")[2])
    pixels = cv2.imdecode(np.frombuffer(raw, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    index = (
        pixels
        if pixels.ndim == 2
        else pixels[..., 2].astype(int) + 256 * pixels[..., 1].astype(int)
    )
    return np.asarray(picture["combinations"], dtype=np.int64)[index]


def test_every_pixel_says_what_the_screening_says(run_tables: RunTables) -> None:
    eligibility = run_tables.eligibility
    picture = land_picture(eligibility)
    masks = masks_of(picture)
    (south, west), (north, east) = picture["bounds"]
    mercator = Transformer.from_crs(4326, 3857, always_xy=True)
    (x_min, y_min), (x_max, y_max) = (
        mercator.transform(west, south),
        mercator.transform(east, north),
    )
    rows, cols = np.indices(masks.shape)
    x = x_min + (cols + 0.5) / masks.shape[1] * (x_max - x_min)
    y = y_max - (rows + 0.5) / masks.shape[0] * (y_max - y_min)
    x_m, y_m = Transformer.from_crs(3857, 5179, always_xy=True).transform(x, y)
    row, col = eligibility.lattice.cells_of(x_m, y_m)
    inside = eligibility.lattice.contains(row, col)
    row, col = np.where(inside, row, 0), np.where(inside, col, 0)
    wanted = np.where(
        inside & eligibility.land[row, col], eligibility.reasons[row, col].astype(int), -1
    )
    # A centre within a metre of an edge between cells may fall to either side.
    cell = eligibility.lattice.cell_m
    near = np.minimum(np.abs(x_m % cell - cell / 2), np.abs(y_m % cell - cell / 2)) > cell / 2 - 1
    assert (masks == wanted)[~near].all()
    assert set(np.unique(masks)) == {-1, 0, 2, 4, 6}
    assert (masks[0] >= 0).any()  # cut to the land


def test_more_combinations_than_a_byte_holds(run_tables: RunTables) -> None:
    eligibility = run_tables.eligibility
    reasons = (
        np.arange(eligibility.reasons.size, dtype=np.uint32).reshape(eligibility.reasons.shape)
        % 1000
    )
    crowded = replace(eligibility, reasons=reasons)  # type: ignore[type-var]
    masks = masks_of(land_picture(crowded))
    assert len(np.unique(masks)) > 900
    assert masks.max() < 1000


def test_borders_stand_once(run_tables: RunTables) -> None:
    base = base_map(run_tables.layers)
    # Two provinces share one border; of three districts two share another inside a province.
    assert len(base["province_borders"]) == 1
    assert len(base["borders"]) == 1
    assert len(base["land"]) == 2
    assert list(base["lines"]) == ["345", "dc"]
