"""Yearly profiles: all 8,760 hours of solar and wind by province, and of national demand.

The buses of a province are weighted by their installed capacity, so that the product of a column
and the province's MW is the output of the fleet that the case holds there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.sources._built import NOTICE_KPG, Built, write_csv
from siteopt.sources.typical_days import read_year

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["PER_MILLE", "build", "province_yields"]

PER_MILLE: Final = 1000
"""Yields are whole per mille: three decimals in half the bytes."""


def province_yields(
    ratio: NDArray[np.float64], installed_mw: NDArray[np.float64], group: NDArray[np.str_]
) -> pd.DataFrame:
    """Return hourly output / installed capacity by province, in whole per mille.

    Parameters
    ----------
    ratio : ndarray, shape (H, buses)
        Output / installed capacity of each bus, 0 to 1.
    installed_mw : ndarray, shape (buses,)
        Weights within a province; its buses weigh the same where it has none at all.
    group : ndarray of str, shape (buses,)
        Province of each bus.

    Returns
    -------
    DataFrame, shape (H, provinces)
        Columns are province codes, in order.
    """
    columns: dict[str, NDArray[np.int64]] = {}
    for name in np.unique(group):
        member = group == name
        weight = installed_mw[member]
        if not weight.any():
            weight = np.ones_like(weight)
        mean = ratio[:, member] @ (weight / weight.sum())
        columns[str(name)] = np.round(mean * PER_MILLE).astype(np.int64)
    return pd.DataFrame(columns)


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``profiles_year_solar.csv``, ``profiles_year_wind.csv``, ``profiles_year_demand.csv``.

    Parameters
    ----------
    sources, facts : Path
        Folders of source data and fact tables.
    out : Path
        Folder to write into; it holds ``districts.geojson`` already.

    Returns
    -------
    list of Built

    Raises
    ------
    LayerError
        If an hourly file lacks an hour or a bus.
    """
    _, year = read_year(sources, facts, out)
    hour = np.arange(1, len(year.demand_mw) + 1)
    for name, ratio, installed_mw in (
        ("solar", year.solar, year.solar_mw), ("wind", year.wind, year.wind_mw),
    ):  # fmt: skip
        table = province_yields(ratio, installed_mw, year.group)
        table.insert(0, "hour_of_year", hour)
        write_csv(table, out / f"profiles_year_{name}.csv", "hour_of_year")
    demand_mw = np.round(year.demand_mw.sum(axis=1)).astype(np.int64)
    demand = pd.DataFrame({"hour_of_year": hour, "demand_mw": demand_mw})
    write_csv(demand, out / "profiles_year_demand.csv", "hour_of_year")
    return [_DEMAND, *_YIELDS]


_SOURCE: Final = "agm-center/kpg-testgrid kpg193_v2_0, commit efd32a5"
_VINTAGE: Final = "2025 system (v2.0)"

_BAD_SOLAR: Final = (
    "Bus ratios above 1 are cut to 1, and means of 16.5 to 18.3 % lie above what the country "
    "measures: scale them."
)
_BAD_WIND: Final = (
    "Wind is from reanalysis (about 2022), understates ridges, and where little is installed (less "
    "than 1 MW in Seoul, Gwangju, Daejeon) is that of one to three buses."
)

_DEMAND: Final = Built(
    id="profiles_year_demand", file="profiles_year_demand.csv", kind="table",
    title_ko="연중 시간별 전국 수요", title_en="Hourly national demand of the year",
    source=_SOURCE, licence="ODbL 1.0", vintage=_VINTAGE, crs="", unit="MW", confidence="model",
    good_for="Replaying a plan over all hours; the sum of the case's buses. Hour h of day d is "
    "hour (d - 1) x 24 + h, h from 1; the peak is hour 5679.",
    not_good_for="Demand by place (profiles_demand has it on typical days), Jeju, and measured "
    "demand of a calendar year.",
    notice=NOTICE_KPG,
)  # fmt: skip

_YIELDS: Final = tuple(
    Built(
        id=f"profiles_year_{name}", file=f"profiles_year_{name}.csv", kind="table",
        title_ko=f"연중 시간별 시도 {ko}", title_en=f"Hourly {name} of the year by province",
        source=_SOURCE, licence="ODbL 1.0", vintage=_VINTAGE, crs="",
        unit="kW per MW installed (per mille)", confidence="model",
        good_for="Replaying a plan over all hours, lulls of several days included. Columns are "
        "province_code; buses are weighted by installed MW, alike where a province has none.",
        not_good_for=f"Jeju, which the case does not hold, and single plants. {bad}",
        notice=NOTICE_KPG,
    )
    for name, ko, bad in (("solar", "태양광 이용률", _BAD_SOLAR), ("wind", "풍력 이용률", _BAD_WIND))
)  # fmt: skip
