"""Yields of wind and solar atlases by zone of supply, beside the measured ones that a plan uses.

They are information. The energy program keeps the shape of its profiles and the measured yield of
each technology: an atlas has neither age, outages nor curtailment, so its level would change what
every plan rests on; and its ratio between zones is not that of the plants that there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.criteria.clean_energy import ATLAS_LAYERS
from siteopt.energy.potential import nearest_rows, places_m
from siteopt.lattice import Lattice
from siteopt.screening.kernel import zones

if TYPE_CHECKING:
    from siteopt._arrays import Ints
    from siteopt.layers.protocols import LayersLike

__all__ = ["atlas_by_zone"]

_CELL_M: Final = 1_000.0
_KM2: Final = 1.0
"""Area of such a cell."""


def atlas_by_zone(layers: LayersLike, case_buses: pd.DataFrame, zone: Ints) -> pd.DataFrame:
    """Return means of the atlas layers over the land of each zone of supply.

    Land belongs to the nearest bus of its own province, and to the zone of that bus, as in
    `siteopt.energy.potential`; sites, protected land and slopes are all in the means.

    Parameters
    ----------
    layers : LayersLike
        ``provinces``, and those of ``ATLAS_LAYERS`` that there are.
    case_buses : DataFrame
        N buses: ``lon``, ``lat``, ``province_code``.
    zone : ndarray of int, shape (N,)
        Zone of each bus.

    Returns
    -------
    DataFrame
        ``zone``, ``km2`` of known land and the columns of ``ATLAS_LAYERS`` whose layer is there;
        no rows without any.
    """
    there = {name: one for name, one in ATLAS_LAYERS.items() if one in layers.ids}
    if not there:
        return pd.DataFrame()
    rasters = {name: layers.raster(one) for name, one in there.items()}
    lattice = Lattice.covering(next(iter(rasters.values())).lattice.bounds_m, _CELL_M)
    values = {name: one.on(lattice, "average").as_float() for name, one in rasters.items()}
    known = np.any([np.isfinite(one) for one in values.values()], axis=0)
    rows, cols = np.nonzero(known)
    provinces = layers.vector("provinces").sort_values("province_code", kind="stable")
    code = provinces["province_code"].astype(str).tolist()
    bus_zone = [code.index(own) if own in code else -1 for own in case_buses["province_code"]]
    cell_zone = zones(provinces.geometry.to_numpy(), lattice)[rows, cols].astype(np.int64)
    bus = nearest_rows(
        np.column_stack(lattice.centres_m(rows, cols)), cell_zone, places_m(case_buses),
        np.array(bus_zone),
    )  # fmt: skip
    table = pd.DataFrame({name: one[rows, cols] for name, one in values.items()}, dtype=np.float64)
    by_zone = table.groupby(zone[bus], sort=True)
    out = by_zone.mean().rename_axis("zone").reset_index()
    out.insert(1, "km2", by_zone.size().to_numpy(dtype=np.float64) * _KM2)
    return out
