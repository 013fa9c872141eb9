"""Land cover of sites: the candidate's own shares, discs for points, not known without a layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.criteria import CRITERIA
from siteopt.criteria.land_cover import COLUMNS, land_cover, mean_in_discs
from siteopt.lattice import Lattice
from siteopt.layers.land_cover import COVER_LAYERS
from siteopt.layers.rasters import Raster

X0, Y0 = 1_000_000.0, 1_800_000.0
LATTICE = Lattice(X0 - 5_000.0, Y0 + 5_000.0, 250.0, 40, 40)


def raster(values: Any, nodata: float | None = None) -> Raster:
    return Raster(np.broadcast_to(values, LATTICE.shape).astype(np.float32), LATTICE, nodata, "x")


def halves() -> Raster:
    """Return full cover west of the origin and none east of it."""
    values = np.zeros(LATTICE.shape)
    values[:, :20] = 1.0
    return raster(values)


def test_without_layers_nothing_is_known(sites_at: Any, layers: Any, scenario: Any) -> None:
    found = land_cover(sites_at([(0, 0), (1, 1)]), layers, scenario)
    assert found.columns.tolist() == list(COVER_LAYERS) == [column.name for column in COLUMNS]
    assert found.isna().all(axis=None)
    assert not any(CRITERIA[name].scored for name in COVER_LAYERS)


def test_a_point_has_the_mean_of_a_disc_of_its_area(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    layers.rasters["cover_trees"] = halves()
    places = [(-3, 0), (0, 0), (3, 0), (60, 0)]
    found = land_cover(sites_at(places, eligible_ha=300.0), layers, scenario)
    trees = found["cover_trees_pct"].tolist()
    assert trees[:3] == [100.0, 50.0, 0.0]
    assert np.isnan(trees[3])  # off the raster
    assert found["cover_built_pct"].isna().all()


def test_a_candidate_keeps_the_shares_of_its_own_cells(
    sites_at: Any, layers: Any, scenario: Any
) -> None:
    layers.rasters["cover_built"] = halves()
    sites = sites_at([(-3, 0), (-3, 1)], cover_built_pct=[12.5, np.nan])
    assert land_cover(sites, layers, scenario)["cover_built_pct"].tolist() == [12.5, 100.0]


@given(
    cells=st.lists(st.sampled_from([0.0, 0.25, 1.0, -1.0]), min_size=1600, max_size=1600),
    x=st.floats(-4_800, 4_800), y=st.floats(-4_800, 4_800), radius=st.floats(0, 2_000),
)  # fmt: skip
def test_discs_are_means_of_known_cells(
    cells: list[float], x: float, y: float, radius: float
) -> None:
    values = np.array(cells).reshape(LATTICE.shape)
    cell_x, cell_y = LATTICE.centres_m(*np.indices(LATTICE.shape).reshape(2, -1))
    inside = np.hypot(cell_x - (X0 + x), cell_y - (Y0 + y)) <= radius
    rows, cols = LATTICE.cells_of(np.array([X0 + x]), np.array([Y0 + y]))
    inside[rows[0] * 40 + cols[0]] = True
    held = values.ravel()[inside & (values.ravel() >= 0)]
    (found,) = mean_in_discs(
        np.array([[X0 + x, Y0 + y]]), np.array([radius]), raster(values, nodata=-1.0)
    )
    assert found == pytest.approx(held.mean() if len(held) else np.nan, nan_ok=True)
