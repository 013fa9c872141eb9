"""Wind farms in operation, and measured solar yield by province."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.errors import LayerError, LayerFileError
from siteopt.sources._built import Built, write_csv

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PROVINCE_CODES", "build", "power_by_province", "solar_yield_pct", "wind_farms"]

_FARMS: Final = "power_plants/wind_farms_kea_2025-12.csv"
_CAPACITY: Final = "power_plants/planit_monthly_capacity_by_province.csv"
_YEAR: Final = 2024
_HOURS: Final = 8784.0
"""Hours of 2024."""

PROVINCE_CODES: Final = {
    "서울": "11", "부산": "26", "대구": "27", "인천": "28", "광주": "29", "대전": "30", "울산": "31",
    "세종": "36", "경기": "41", "충북": "43", "충남": "44", "전남": "46", "경북": "47", "경남": "48",
    "제주": "50", "강원": "51", "전북": "52",
}  # fmt: skip
"""Short Korean name -> code of a province."""
_LONG_NAMES: Final = {
    "충청북": "충북",
    "충청남": "충남",
    "전라남": "전남",
    "경상북": "경북",
    "경상남": "경남",
}


def wind_farms(sources: Path) -> pd.DataFrame:
    """Return onshore wind farms in operation.

    Returns
    -------
    DataFrame
        Columns farm_id, name_ko, mw, turbines, lon, lat, placed_by, confidence.
    """
    raw = _read(sources / _FARMS, ("kea_id", "farm", "mw", "turbines", "lon", "lat", "placed_by"))
    return pd.DataFrame(
        {
            "farm_id": "KEA-" + raw["kea_id"].astype(int).map("{:03d}".format),
            "name_ko": raw["farm"], "mw": raw["mw"], "turbines": raw["turbines"],
            "lon": raw["lon"], "lat": raw["lat"], "placed_by": raw["placed_by"],
            "confidence": "published",
        }
    )  # fmt: skip


def solar_yield_pct(generation_gwh: pd.Series, capacity_mw: pd.Series) -> pd.Series:
    """Return the capacity factor of 2024 in percent: energy over capacity times hours."""
    return 100.0 * generation_gwh * 1000.0 / (capacity_mw * _HOURS)


def power_by_province(sources: Path, facts: Path) -> pd.DataFrame:
    """Return electricity sold, solar capacity and generation, and the solar yield of 2024.

    The mean capacity of the year is that of its end times mean over December of the monthly
    capacities of another list, whose level differs (27.1 against 28.0 GW at the end of 2024).

    Returns
    -------
    DataFrame
        Columns province_code, demand_gwh, solar_end_mw, solar_mean_mw, solar_gwh,
        solar_yield_end_pct, solar_yield_pct (on the mean capacity), confidence.

    Raises
    ------
    LayerError
        If a province is not known, or the monthly list lacks one.
    """
    table = _read(
        facts / f"power_by_province_{_YEAR}.csv",
        ("province_ko", "demand_2024_gwh", "pv_capacity_mw_end_2024", "pv_generation_2024_gwh"),
    )
    code = table["province_ko"].map(PROVINCE_CODES)
    if code.isna().any():
        raise LayerError(
            f"power_by_province_{_YEAR}.csv: province {table.loc[code.isna(), 'province_ko'].iloc[0]}"
            " is not known; the short names of the 17 provinces are"
        )
    growth = code.map(_mean_over_december(sources))
    if growth.isna().any():
        raise LayerError(
            f"{_CAPACITY}: no solar capacity of {table.loc[growth.isna(), 'province_ko'].iloc[0]} in "
            f"{_YEAR}; twelve months are needed"
        )
    end_mw, gwh = table["pv_capacity_mw_end_2024"], table["pv_generation_2024_gwh"]
    return pd.DataFrame(
        {
            "province_code": code, "demand_gwh": table["demand_2024_gwh"], "solar_end_mw": end_mw,
            "solar_mean_mw": end_mw * growth, "solar_gwh": gwh,
            "solar_yield_end_pct": solar_yield_pct(gwh, end_mw),
            "solar_yield_pct": solar_yield_pct(gwh, end_mw * growth), "confidence": "published",
        }
    )  # fmt: skip


def _mean_over_december(sources: Path) -> dict[str, float]:
    """Return the mean solar capacity of the year over that of December, by province code."""
    raw = _read(sources / _CAPACITY, ("snapshot", "carrier", "region", "value"))
    when = pd.to_datetime(raw["snapshot"], format="%d/%m/%Y")
    chosen = raw[(raw["carrier"] == "solar") & (when.dt.year == _YEAR)]
    month = when[chosen.index].dt.month
    short = chosen["region"].str.extract(r"^(..)", expand=False)
    long = chosen["region"].str.extract(r"^(...)도$", expand=False).map(_LONG_NAMES)
    mw = chosen.assign(code=long.fillna(short).map(PROVINCE_CODES), month=month)
    by_month = mw.pivot_table(index="code", columns="month", values="value", aggfunc="sum")
    return {
        str(code): float(row.mean() / row[12])
        for code, row in by_month.iterrows()
        if row.notna().sum() == 12 and row[12] > 0  # noqa: PLR2004 - months
    }


def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; sources and facts must hold {path.name}")
    table = pd.read_csv(path, encoding="utf-8-sig")
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise LayerError(f"{path.name}: column {missing[0]} is missing; it needs {columns}")
    return table


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``wind_farms.csv`` and ``power_by_province.csv``.

    Parameters
    ----------
    sources, facts, out : Path
        Folders of the source copies, of the fact tables, and of the layer files.
    """
    farms, power = wind_farms(sources), power_by_province(sources, facts)
    write_csv(farms, out / "wind_farms.csv", "farm_id", {"mw": 3})
    write_csv(
        power, out / "power_by_province.csv", "province_code",
        {"solar_mean_mw": 1, "solar_yield_end_pct": 2, "solar_yield_pct": 2},
    )  # fmt: skip
    national = 100.0 * power["solar_gwh"].sum() * 1000.0 / _HOURS
    on_end, on_mean = (
        national / float(power[name].sum()) for name in ("solar_end_mw", "solar_mean_mw")
    )
    spread = np.round(power["solar_yield_pct"].agg(["min", "max"]).to_numpy(), 1)
    return [
        Built(
            id="wind_farms", file="wind_farms.csv", kind="vector",
            title_ko="육상 풍력단지(운영)", title_en="Onshore wind farms in operation",
            source="Korea Energy Agency, data.go.kr 15085304, by farm in "
            "jinuuuuuuuuuuu/kdata-datarecipe (4e7183a)",
            licence="open data", vintage="2025-12-31", crs="EPSG:4326", unit="mw MW",
            confidence="published; places compiled-medium",
            good_for=f"Wind power near a place: {len(farms)} farms, {farms['mw'].sum():,.0f} MW.",
            not_good_for="Completeness: offshore farms (about 290 MW) and some of Jeonnam (398 of 555 "
            "MW) and Jeju (277 of 422 MW) are missing. The place is the address of the farm, up to "
            "some km from its turbines (`placed_by`: ri, eup/myeon/dong or only the district).",
        ),
        Built(
            id="power_by_province", file="power_by_province.csv", kind="table",
            title_ko="시도별 전력 판매량·태양광 실적", title_en="Electricity and measured solar yield by province",
            source="solar capacity and generation: Korea Energy Agency by way of "
            "taehyunan-99/project_seasonal_renewable_energy (9b11307); electricity sold and monthly "
            "capacity: PLANiT-Institute/PyPSA-KR-PLANiT (3494067)",
            licence="none stated (public statistics)", vintage=str(_YEAR), crs="",
            unit="GWh, MW, yields % of capacity", confidence="published",
            good_for=f"The level of solar yield: {on_end:.1f} % on the capacity at the end of the year, "
            f"{on_mean:.1f} % on the mean of the year; provinces {spread[0]} to {spread[1]} %.",
            not_good_for="Differences between plots, trackers, or sun alone: it holds curtailment "
            "(Jeju), age, shading and roof plants. The mean capacity is derived from the growth "
            "of another list. Regional gaps of some tenths of a per cent mean nothing.",
        ),
    ]  # fmt: skip
