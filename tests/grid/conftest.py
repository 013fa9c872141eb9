"""Small ground to route over, made of arrays or of layers."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
from scipy.ndimage import label
from shapely import box

from siteopt.errors import LayerError
from siteopt.grid.routes import Ground, Surface
from siteopt.lattice import Lattice
from siteopt.layers.rasters import Raster

KNOWN = {
    "line22.9_oh_cost": 0.4, "line22.9_ug_cost": 1.2, "line154_oh_cost": 1.3, "line154_ug_cost": 7,
    "line345_oh_cost": 3.2, "line345_ug_cost": 25, "line22.9_lead_time": 2, "line154_lead_time": 5,
    "line345_lead_time": 9, "route_hill_slope": 1, "route_mountain_slope": 5,
    "route_flat_factor": 0.6, "route_hill_factor": 0.8, "route_mountain_factor": 1.1,
    "route_ug_mountain_factor": 1.2, "route_builtup_density": 2000, "route_park_factor": 2,
    "route_corridor_factor": 0.9, "route_river_factor": 1.5, "route_strait_factor": 3,
    "route_detour_factor": 1,
}  # fmt: skip


class Known:
    """Parameters of a test; an unknown key is an error as in the real ones."""

    def __init__(self, **changes):
        self.values = KNOWN | changes

    def value(self, key):
        return self.row(key).value

    def row(self, key):
        if key not in self.values:
            raise LayerError(f"parameters: no key {key}")
        value = self.values[key]
        value, high = value if isinstance(value, tuple) else (value, None)
        return SimpleNamespace(value=float(value), high=high)


def vector(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=5179)


def raster(name, values, x_min=0.0, y_max=0.0, cell_m=250.0):
    lattice = Lattice(x_min, y_max, cell_m, *values.shape)
    return Raster(values=values, lattice=lattice, nodata=float("nan"), name=name)


def layers_of(land=None, parameters=None, **changed):
    """Layers of a flat empty country: a box of land, and what a test changes."""
    land = box(-50_000, -50_000, 100_000, 100_000) if land is None else land
    x_min, _, _, y_max = land.bounds
    rows = int((y_max - land.bounds[1]) / 250)
    cols = int((land.bounds[2] - x_min) / 250)
    flat = np.zeros((rows, cols), dtype=np.float32)
    vectors = {
        "provinces": vector([land]), "parks": vector([]), "rivers": vector([]),
        "lines": vector([], dc=[], underground=[]),
    }  # fmt: skip
    rasters = {name: raster(name, flat, x_min, y_max) for name in ("slope", "electors")}
    for name, layer in changed.items():
        (rasters if isinstance(layer, Raster) else vectors)[name] = layer
    return SimpleNamespace(
        vector=lambda name: vectors[name].copy(), raster=lambda name: rasters[name],
        parameters=parameters or Known(),
    )  # fmt: skip


def ground_of(passable, cell_m=1000.0, **cells):
    """Ground of an array of passable cells, its corner at (0, 0), north up."""
    part, _ = label(passable, structure=np.ones((3, 3)))
    flags = {
        name: np.asarray(cells.pop(name, np.zeros(passable.shape)), dtype=np.bool_)
        for name in ("builtup", "cable", "park", "river", "corridor", "strait")
    }
    relief = np.asarray(cells.pop("relief", np.zeros(passable.shape)), dtype=np.uint8)
    assert not cells
    lattice = Lattice(0.0, passable.shape[0] * cell_m, cell_m, *passable.shape)
    return Ground(lattice=lattice, part=part.astype(np.int32), relief=relief, **flags)


def surface_of(rate, underground=None, cell_m=1000.0):
    """Surface of an array of rates, negative where barred."""
    rate = np.asarray(rate, dtype=np.float64)
    cable = np.zeros(rate.shape) if underground is None else underground
    return Surface(ground_of(rate >= 0, cell_m), rate, np.asarray(cable, dtype=np.bool_))


def centre(surface, row, col):
    """Return x and y of a cell's centre."""
    x, y = surface.ground.lattice.centres_m(np.array([row]), np.array([col]))
    return [float(x[0]), float(y[0])]


@pytest.fixture(scope="session")
def small():
    """Return the makers of small ground."""
    return SimpleNamespace(
        Known=Known, KNOWN=KNOWN, vector=vector, raster=raster, layers_of=layers_of,
        ground_of=ground_of, surface_of=surface_of, centre=centre,
    )  # fmt: skip
