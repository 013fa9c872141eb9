"""What a square metre of land costs: raw land and its conversion, or a serviced lot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from siteopt.layers.protocols import ParametersLike

__all__ = ["conversion_krw_m2", "lot_price_krw_m2", "raw_land_price_krw_m2"]

_PERCENT = 100.0
_NO_TYPE = "general"
"""What a complex of unknown type is priced as: the commonest type."""


def raw_land_price_krw_m2(
    density_km2: NDArray[np.float64], parameters: ParametersLike
) -> NDArray[np.float64]:
    """Return the price of raw land from the density of electors around, KRW per m2.

    Log-linear between two anchors, constant beyond them: ``raw_land_price_low`` at
    ``raw_land_density_floor`` and ``raw_land_price_high`` at ``raw_land_density``.
    """
    value = parameters.value
    low, high = value("raw_land_price_low"), value("raw_land_price_high")
    floor, top = value("raw_land_density_floor"), value("raw_land_density")
    share = np.log(np.maximum(density_km2, floor) / floor) / np.log(top / floor)
    out: NDArray[np.float64] = low * (high / low) ** np.clip(share, 0.0, 1.0)
    return out


def lot_price_krw_m2(
    province_code: Sequence[str], complex_type: Sequence[str], parameters: ParametersLike
) -> NDArray[np.float64]:
    """Return the price of serviced lots by province and type of complex, KRW per m2.

    ``lot_price_<province>`` times ``lot_price_factor_<type>``; a complex of unknown type (empty)
    counts as general.
    """
    value = parameters.value
    prices = [
        value(f"lot_price_{province}") * value(f"lot_price_factor_{kind or _NO_TYPE}")
        for province, kind in zip(province_code, complex_type, strict=True)
    ]
    return np.array(prices, dtype=np.float64)


def conversion_krw_m2(
    price_krw_m2: NDArray[np.float64],
    farm_share: NDArray[np.float64],
    forest_share: NDArray[np.float64],
    parameters: ParametersLike,
) -> NDArray[np.float64]:
    """Return the expected statutory charges on the conversion of raw land, KRW per m2.

    With the official price o = ``official_price_share`` of the market price::

        farmland = min(farmland_charge_rate * o, farmland_charge_max)           (Farmland Act art. 38)
        forest   = forest_charge + min(forest_charge_price_rate * o, forest_charge)
                                             (Mountainous Districts Management Act art. 19)
        expected = farm_share * farmland + forest_share * forest

    Parameters
    ----------
    price_krw_m2 : ndarray
        Market price of the raw land.
    farm_share, forest_share : ndarray
        Probability that it is farmland or forest (0 to 1): shares of its district, a prior.
    parameters
        Rates.
    """
    value = parameters.value
    official = price_krw_m2 * value("official_price_share") / _PERCENT
    farmland = np.minimum(
        official * value("farmland_charge_rate") / _PERCENT, value("farmland_charge_max")
    )
    base = value("forest_charge")
    forest = base + np.minimum(official * value("forest_charge_price_rate") / _PERCENT, base)
    out: NDArray[np.float64] = farm_share * farmland + forest_share * forest
    return out
