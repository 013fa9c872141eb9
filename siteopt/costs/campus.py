"""Costs that only campuses have: cables between their parts, economy and risk of one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import ParametersLike

__all__ = ["has_campuses", "with_campus_costs"]


def has_campuses(sites: pd.DataFrame) -> bool:
    """Return whether a table of sites has campuses, or could have.

    Parameters
    ----------
    sites : DataFrame
        Candidates.
    """
    return "campus_mean_km" in sites.columns


def with_campus_costs(
    per_mw: dict[str, NDArray[np.float64]],
    sites: pd.DataFrame,
    options: pd.DataFrame,
    pue: NDArray[np.float64],
    parameters: ParametersLike,
) -> dict[str, NDArray[np.float64]]:
    """Return costs per MW of IT load with those of campuses, in bn KRW.

    Of an option of a campus::

        building   = capex_shell_me (1 - campus_building_saving / 100)
        connection = km pue / works_station154_mw * line154_ug_cost
        risk       = campus_risk_cost

    with ``km`` the mean distance of its power from its substation: a 154 kV cable of two circuits
    for each ``works_station154_mw`` of contract power.

    Parameters
    ----------
    per_mw : dict of str to ndarray
        Costs per MW by component, an entry an option.
    sites : DataFrame
        ``site_id``, ``kind``, ``campus_mean_km``.
    options : DataFrame
        ``site_id``.
    pue : ndarray
        PUE of each option's site.
    parameters : Parameters
        Values of the ``parameters`` layer.
    """
    by_site = sites.set_index(sites["site_id"].astype(str))
    named = options["site_id"].astype(str)
    own = np.asarray(named.map(by_site["kind"]) == "campus")
    km = np.asarray(named.map(by_site["campus_mean_km"]), dtype=np.float64)
    value = parameters.value
    cable = km * pue / value("works_station154_mw") * value("line154_ug_cost")
    saved = 1.0 - value("campus_building_saving") / 100.0
    return per_mw | {
        "building": np.where(own, per_mw["building"] * saved, per_mw["building"]),
        "connection": np.where(own, cable, 0.0),
        "risk": np.where(own, value("campus_risk_cost"), 0.0),
    }
