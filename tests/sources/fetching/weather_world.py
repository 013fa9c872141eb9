"""Made-up hourly weather with a known mean, and files of it in the formats of sources."""

from __future__ import annotations

import numpy as np
import pandas as pd

MEAN_C, YEAR_C, DAY_C, RH = 12.5, 13.0, 4.0, 60.0
HEADER = (
    "DESIGN CONDITIONS,0\nTYPICAL/EXTREME PERIODS,0\nGROUND TEMPERATURES,0\n"
    "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0\nCOMMENTS 1,made up\nCOMMENTS 2,made up\n"
    "DATA PERIODS,1,1,Data,Sunday,1/1,12/31\n"
)


def temperature(begins, mean_c=MEAN_C):
    """Temperature by season and hour of the day, warmest at half past two in the afternoon KST."""
    kst = begins.tz_convert("Asia/Seoul")
    season = np.cos(2 * np.pi * (kst.dayofyear.to_numpy() - 205) / 365)
    day = np.cos(2 * np.pi * (kst.hour.to_numpy() + 0.5 - 14.5) / 24)
    return mean_c + YEAR_C * season + DAY_C * day


def year_of_hours(year=2023, zone="Asia/Seoul"):
    return pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h", tz=zone)


def epw_text(begins=None, *, lat=36.35, lon=127.38, zone=9.0, wmo="471330", temp_c=None, rh=None):
    begins = year_of_hours() if begins is None else begins
    temp_c = temperature(begins) if temp_c is None else temp_c
    rh = np.full(len(begins), RH) if rh is None else rh
    rows = []
    for begin, t, humid in zip(begins, temp_c, rh, strict=True):
        row = ["0"] * 35
        row[0:5] = [str(begin.year), str(begin.month), str(begin.day), str(begin.hour + 1), "60"]
        row[5] = "?9?9"
        row[6], row[7], row[8], row[9] = f"{t:.1f}", f"{t - 7:.1f}", f"{humid:.0f}", "101000"
        row[13], row[21] = "180", "3.0"
        rows.append(",".join(row))
    head = f"LOCATION,Daejeon,-,KOR,IWEC,{wmo},{lat},{lon},{zone},70.0\n"
    return head + HEADER + "\n".join(rows) + "\n"


def asos_text(stations=((133, "대전", 12.5),), begins=None, *, kelvin=False):
    """Return a CSV in the form of the hourly files of the KMA; times end their hours."""
    begins = year_of_hours() if begins is None else begins
    lines = ["지점,지점명,일시,기온(°C),풍속(m/s),습도(%)"]
    for number, name, mean_c in stations:
        temp_c = temperature(begins, mean_c) + (273.15 if kelvin else 0.0)
        ends = (begins.tz_convert("Asia/Seoul") + pd.Timedelta(hours=1)).strftime("%Y-%m-%d %H:%M")
        lines += [
            f"{number},{name},{end},{t:.2f},2.1,{RH:.0f}"
            for end, t in zip(ends, temp_c, strict=True)
        ]
    return "\n".join(lines) + "\n"
