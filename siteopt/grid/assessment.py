"""Grid impact assessment of all sites of a run, at their displayed size and connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.grid.hosting import hosting_of_case
from siteopt.grid.impact import Scoring, assess_sites, capital_distance_km, scoring_of_layers

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.layers.store import Layers
    from siteopt.scenario import Scenario

__all__ = ["Assessment", "assess", "overload_increase_pct"]

_SNAPSHOT: Final = "peak"
_SECURITY: Final = "n-1"


@dataclass(frozen=True, eq=False)
class Assessment:
    """Estimated scores: an estimate, not a ruling.

    Attributes
    ----------
    table : DataFrame
        Indexed by ``site_id``; the columns of `siteopt.grid.impact.impact_columns`.
    scoring : Scoring
        The version of the scoring table.
    """

    table: pd.DataFrame
    scoring: Scoring


def overload_increase_pct(
    facility_mw: NDArray[np.float64], hosting_mw: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the part of a load, in percent, that would overload branches; NaN where not known.

    That is what it draws beyond the hosting capacity of its bus at the system peak with single
    outages: 100 x max(0, 1 - hosting / load). How the statutory study measures the increase is
    not public, so this reading is an assumption.

    Parameters
    ----------
    facility_mw : ndarray of float64
        Contract power in MW.
    hosting_mw : ndarray of float64
        Hosting capacity of the bus in MW; NaN where not known.
    """
    return np.asarray(100.0 * np.maximum(0.0, 1.0 - hosting_mw / facility_mw), dtype=np.float64)


def assess(
    shown: pd.DataFrame, sites: gpd.GeoDataFrame, layers: Layers, scenario: Scenario
) -> Assessment:
    """Estimate the score of every site that has a connection.

    Parameters
    ----------
    shown : DataFrame
        One row a site: ``site_id, it_mw, facility_mw, headroom_mw, relief_mw, bus_id``.
    sites : GeoDataFrame
        Candidates, EPSG:5179: ``site_id, province_code``.
    layers : Layers
        ``hosting`` (not needed beside a case of the user's own without its own hosting
        table: the increase of overloads is then not known), ``grid_impact_scoring, provinces`` and
        parameters.
    scenario : Scenario
        Its ``grid.impact_version``.
    """
    facility = shown["facility_mw"].to_numpy(dtype=np.float64)
    at_bus = shown["bus_id"].astype(str).map(_hosting_mw(layers))
    hosted = np.asarray(at_bus, dtype=np.float64)
    by_site = sites.set_index(sites["site_id"].astype(str))
    place = shown["site_id"].astype(str)
    far = capital_distance_km(sites, layers)
    table = pd.DataFrame(
        {
            "site_id": place.to_numpy(),
            "it_mw": shown["it_mw"].to_numpy(dtype=np.float64),
            "pue": facility / shown["it_mw"].to_numpy(dtype=np.float64),
            "province_code": place.map(by_site["province_code"]).to_numpy(),
            "headroom_mw": (shown["headroom_mw"] + shown["relief_mw"]).to_numpy(dtype=np.float64),
            "overload_increase_pct": overload_increase_pct(facility, hosted),
            "capital_km": place.map(far).to_numpy(dtype=np.float64),
        }
    )
    scoring = scoring_of_layers(layers, scenario.grid.impact_version)
    return Assessment(assess_sites(table, layers, scenario), scoring)


def _hosting_mw(layers: Layers) -> pd.Series[float]:
    """Return the hosting capacity by bus, none where it is not that of the case in use."""
    hosting = hosting_of_case(layers)
    if hosting is None:
        return pd.Series(dtype=np.float64)
    at_peak = hosting[(hosting["snapshot_id"] == _SNAPSHOT) & (hosting["security"] == _SECURITY)]
    return at_peak.set_index(at_peak["bus_id"].astype(str))["hosting_mw"].astype(np.float64)
