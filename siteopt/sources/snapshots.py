"""Grid snapshots: single hours of the year of the case.

Each snapshot has a rule; the hour that the rule finds stands in the table beside it. The rules
differ in what they test: most load, most load without sun, most surplus of sun, most wind at
little load.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.errors import LayerError
from siteopt.sources._built import NOTICE_KPG, Built, write_csv
from siteopt.sources.typical_days import NIGHT, SPRING, WINTER, read_year

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from siteopt.sources.typical_days import Year

__all__ = ["PEAK_HOUR", "build", "find_hours", "snapshot_tables"]

PEAK_HOUR: Final = 5679
"""Hour of the largest national demand; the definition of hosting capacity names it."""

_HOURS: Final = 24
_EVENING: Final = range(18, 25)
"""Hours of the day from 17:00 on; the evening begins when the sun gives nothing any more."""


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    title_ko: str
    title_en: str
    note: str
    solar_and_wind: bool = True


_RULES: Final = (
    _Rule(
        "peak", "계통 최대수요", "System peak",
        "Hour of the largest national demand. Solar and wind are not counted: what is not certain "
        "to be there at the peak carries no load (the plain definition of hosting capacity).",
        solar_and_wind=False,
    ),
    _Rule(
        "spring_noon", "봄철 한낮 순부하 최저", "Spring noon, lowest net load",
        "Hour of March to May with the lowest demand less solar and wind at installed capacity: "
        "most surplus, when lines out of solar regions fill up and generation is curtailed.",
    ),
    _Rule(
        "windy_night", "야간 풍력 출력 최대", "Windy night",
        "Hour between 22:00 and 06:00 with the largest wind output: wind against little load and "
        "no sun, when lines out of wind regions fill up.",
    ),
    _Rule(
        "winter_evening", "겨울 저녁 수요 최대", "Winter evening",
        "Hour of December to February, after 17:00 and without any solar output, with the largest "
        "demand: much load that the sun does not help.",
    ),
)  # fmt: skip
"""In order of id, as the layer holds them."""


def _largest(merit: NDArray[np.float64], among: NDArray[np.bool_], rule: str) -> int:
    """Return the hour (from 1) of the largest merit; of equal ones the first."""
    if not among.any():
        raise LayerError(f"snapshot {rule}: no hour of the year fits its rule")
    return int(np.where(among, merit, -np.inf).argmax()) + 1


def find_hours(year: Year) -> dict[str, int]:
    """Return the hour of the year (from 1) that the rule of each snapshot finds.

    Parameters
    ----------
    year : Year
        Hourly demand and solar and wind ratios, clipped at 1.

    Returns
    -------
    dict of str to int
        By snapshot id.

    Raises
    ------
    LayerError
        If no hour fits a rule.
    """
    demand = year.demand_mw.sum(axis=1)
    solar, wind = year.solar @ year.solar_mw, year.wind @ year.wind_mw
    row = np.arange(len(demand))
    day, hour = row // _HOURS + 1, row % _HOURS + 1
    evening = np.isin(day, WINTER) & np.isin(hour, _EVENING) & (solar <= 0)
    everything = np.ones(len(demand), dtype=bool)
    return {
        "peak": _largest(demand, everything, "peak"),
        "spring_noon": _largest(solar + wind - demand, np.isin(day, SPRING), "spring_noon"),
        "windy_night": _largest(wind, np.isin(hour, NIGHT), "windy_night"),
        "winter_evening": _largest(demand, evening, "winter_evening"),
    }


def snapshot_tables(year: Year, bus_ids: Sequence[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the snapshots and what each bus demands and has of sun and wind in them.

    Parameters
    ----------
    year : Year
        Hourly series.
    bus_ids : sequence of int
        Buses in the order of the columns of ``year``.

    Returns
    -------
    tuple of DataFrame
        ``snapshot_id, title_ko, title_en, hour_of_year, solar_and_wind, note`` and
        ``snapshot_id, bus_id, demand_mw, solar_cf, wind_cf``.

    Raises
    ------
    LayerError
        If no hour fits a rule.
    """
    hours = find_hours(year)
    snapshots = pd.DataFrame(
        [
            (rule.id, rule.title_ko, rule.title_en, hours[rule.id], rule.solar_and_wind, rule.note)
            for rule in _RULES
        ],
        columns=["snapshot_id", "title_ko", "title_en", "hour_of_year", "solar_and_wind", "note"],
    )
    rows = snapshots["hour_of_year"].to_numpy() - 1
    buses = pd.DataFrame(
        {
            "snapshot_id": np.repeat(snapshots["snapshot_id"].to_numpy(), len(bus_ids)),
            "bus_id": np.tile(np.asarray(bus_ids), len(rows)),
            "demand_mw": year.demand_mw[rows].ravel(),
            "solar_cf": year.solar[rows].ravel(),
            "wind_cf": year.wind[rows].ravel(),
        }
    )
    return snapshots, buses


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``snapshots.csv`` and ``snapshot_buses.csv``.

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
        If an hourly file lacks an hour or a bus, or the largest demand is not in hour 5679.
    """
    ids, year = read_year(sources, facts, out)
    snapshots, buses = snapshot_tables(year, ids)
    peak = int(year.demand_mw.sum(axis=1).argmax()) + 1
    if peak != PEAK_HOUR:
        raise LayerError(
            f"snapshots: the largest national demand is in hour {peak}, but the definition of "
            f"hosting capacity names hour {PEAK_HOUR}; is the demand file another edition?"
        )
    write_csv(snapshots, out / "snapshots.csv", "snapshot_id")
    digits = {"demand_mw": 3, "solar_cf": 4, "wind_cf": 4}
    write_csv(buses, out / "snapshot_buses.csv", ["snapshot_id", "bus_id"], digits)
    return [_SNAPSHOTS, _SNAPSHOT_BUSES]


_SNAPSHOTS: Final = Built(
    id="snapshots", file="snapshots.csv", kind="table",
    title_ko="계통 검토 시점", title_en="Grid snapshots",
    source="agm-center/kpg-testgrid kpg193_v2_0, commit efd32a5; rules of siteopt in the column note",
    licence="ODbL 1.0", vintage="2025 system (v2.0)", crs="", unit="hour of the year, from 1",
    confidence="model",
    good_for="The hours in which the grid is tested: system peak, winter evening, spring noon, windy "
    "night. Hour h of day d is hour (d - 1) x 24 + h.",
    not_good_for="A year: a snapshot has no weight. Planned outages, and weather rarer than that "
    "of the one year of the source, are not in it.",
    notice=NOTICE_KPG,
)  # fmt: skip

_SNAPSHOT_BUSES: Final = Built(
    id="snapshot_buses", file="snapshot_buses.csv", kind="table",
    title_ko="계통 검토 시점별 모선 수요·재생에너지 이용률",
    title_en="Demand, solar and wind of the buses in the snapshots",
    source=_SNAPSHOTS.source, licence=_SNAPSHOTS.licence, vintage=_SNAPSHOTS.vintage, crs="",
    unit="MW, MW per MW installed", confidence="model",
    good_for="Power flow and hosting capacity of a snapshot; the ratios are there also where the "
    "snapshot does not count solar and wind.",
    not_good_for="Jeju, which the case does not hold; single substations. Ratios above 1 are cut to "
    "1; wind comes from reanalysis and understates ridges.",
    notice=NOTICE_KPG,
)  # fmt: skip
