"""Means of atlases by zone of supply: those of the land of its buses, and nothing without them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from siteopt.energy.atlas import atlas_by_zone
from siteopt.lattice import Lattice
from siteopt.layers.rasters import Raster
from tests.energy.test_potential import KM, Country, X, Y, buses


class Mapped(Country):
    """The country with atlases of 500 m cells, sunnier by the province."""

    def __init__(self, **layers: Raster) -> None:
        super().__init__()
        self.rasters = layers

    @property
    def ids(self) -> list[str]:
        return sorted({*self.vectors, *self.rasters})

    def raster(self, layer_id: str) -> Raster:
        return self.rasters[layer_id]


LATTICE = Lattice(X, Y, KM / 2, 4, 24)


def atlas(name: str, values: Any) -> Raster:
    return Raster(np.asarray(values, dtype=np.float32), LATTICE, float("nan"), name)


def test_zones_have_the_means_of_the_land_of_their_buses() -> None:
    province = np.repeat([1_300.0, 1_400.0, 1_500.0], 8)[None, :].repeat(4, axis=0)
    wind = np.full((4, 24), 6.0)
    wind[:, 16:] = np.nan  # the third province is not known
    layers: Any = Mapped(
        solar_yield=atlas("solar_yield", province), wind_speed=atlas("wind_speed", wind)
    )
    case = buses((2, 1), (6, 1), (10, 1), provinces=("46", "41", "52"))
    found = atlas_by_zone(layers, case, np.array([0, 1, 1]))
    assert found["zone"].tolist() == [0, 1]
    assert found["km2"].tolist() == [8.0, 16.0]
    assert found["solar_yield_kwh_kwp"].tolist() == [1_300.0, 1_450.0]
    assert found["wind_speed_m_s"].tolist() == [6.0, 6.0]
    assert "wind_atlas_cf_pct" not in found


def test_all_land_is_in_some_zone() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(1_400.0, 50.0, (4, 24))
    layers: Any = Mapped(solar_yield=atlas("solar_yield", values))
    case = buses((1, 0.5), (3, 1.5), (6, 1), (10, 1), provinces=("46", "46", "41", "52"))
    found = atlas_by_zone(layers, case, np.array([2, 0, 1, 2]))
    assert found["km2"].sum() == 24.0
    whole = (found["solar_yield_kwh_kwp"] * found["km2"]).sum() / 24.0
    assert whole == pytest.approx(values.mean(), rel=1e-6)


def test_without_an_atlas_there_are_no_rows() -> None:
    case = buses((2, 1), provinces=("46",))
    layers: Any = Mapped()
    assert atlas_by_zone(layers, case, np.array([0])).empty
