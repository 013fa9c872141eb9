"""Earthquakes from 1978 to 2024: two lists of the KMA, the newer one from 2015 on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.errors import LayerError, LayerFileError
from siteopt.sources._built import Built, write_csv

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "earthquakes"]

_OLD: Final = "hazards/kma_earthquakes_to_2017-05.csv"
_NEW: Final = "hazards/kma_earthquakes_2015_2024.csv"
_NEW_BEGINS: Final = pd.Timestamp("2015-01-01")
"""From here on the newer list holds: it has depths and all of the overlap."""

_COLUMNS: Final = {
    _OLD: {
        "occurred_date": "time", "magnitude": "magnitude", "lat": "lat", "lon": "lon",
        "location": "place_ko",
    },
    _NEW: {
        "time_kst": "time", "magnitude_ml": "magnitude", "depth_km": "depth_km", "lat": "lat",
        "lon": "lon", "place_ko": "place_ko",
    },
}  # fmt: skip


def _read(sources: Path, file: str) -> pd.DataFrame:
    path = sources / file
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; `--sources` must hold {path.name}")
    raw = pd.read_csv(path, encoding="utf-8")
    missing = [name for name in _COLUMNS[file] if name not in raw.columns]
    if missing:
        raise LayerError(f"{path.name}: column {missing[0]} is missing; every event needs it")
    table = raw[list(_COLUMNS[file])].rename(columns=_COLUMNS[file])
    time = pd.to_datetime(table["time"], errors="coerce", format="mixed")
    if time.isna().any():
        row = int(np.flatnonzero(time.isna())[0])
        raise LayerError(
            f"{path.name}: row {row + 2}: time is {table['time'].iloc[row]!r}; a date and time such "
            "as 2016-09-12 20:32 is needed"
        )
    return table.assign(time=time)


def earthquakes(sources: Path) -> pd.DataFrame:
    """Return epicentres in order of time.

    Returns
    -------
    DataFrame
        Columns event_id ('KMA-' and date and minute, Korean time), date, magnitude (local),
        depth_km (NaN where not known, and before 2015), lon, lat (degrees), place_ko, source,
        confidence.
    """
    old, new = _read(sources, _OLD), _read(sources, _NEW)
    table = pd.concat(
        [old[old["time"] < _NEW_BEGINS].assign(depth_km=np.nan), new[new["time"] >= _NEW_BEGINS]],
        ignore_index=True,
    )
    # epicentres that a list leaves open cannot be placed
    table = table.dropna(subset=["lat", "lon", "magnitude"])
    table = table.sort_values(["time", "magnitude", "lat", "lon"], kind="stable", ignore_index=True)
    minute = table["time"].dt.strftime("%Y%m%d-%H%M")
    again = table.groupby(minute).cumcount() + 1
    return pd.DataFrame(
        {
            "event_id": "KMA-" + minute + again.map(lambda n: "" if n == 1 else f"-{n}"),
            "date": table["time"].dt.strftime("%Y-%m-%d"), "magnitude": table["magnitude"],
            "depth_km": table["depth_km"], "lon": table["lon"], "lat": table["lat"],
            "place_ko": table["place_ko"], "source": "KMA", "confidence": "published",
        }
    )  # fmt: skip


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``earthquakes.csv``.

    Parameters
    ----------
    sources, facts, out : Path
        Folders of the source copies, of the fact tables (not used), and of the layer files.
    """
    del facts
    write_csv(earthquakes(sources), out / "earthquakes.csv", "event_id")
    return [
        Built(
            id="earthquakes", file="earthquakes.csv", kind="vector", title_ko="지진(1978~2024)",
            title_en="Earthquakes, 1978 to 2024",
            source="KMA: until 2014 snuhci2017/earthquakeMap data/earthquake-data.csv (commit "
            "39126d1), from 2015 stella544/earth.py (ebcd51b)",
            licence="none stated (KMA open data)", vintage="1978-08 to 2024-12", crs="EPSG:4326",
            unit="magnitude local (ML); depth_km: km", confidence="published",
            good_for="Where strong earthquakes were felt since 1978 (Gyeongju 2016, Pohang 2017, "
            "Buan 2024); comparing sites.",
            not_good_for="Design ground motion (see KDS 17 10 00) or active faults; events since "
            "2025. Depths are known from 2015 on and not for all. Small events are more complete in "
            "later years.",
        )
    ]  # fmt: skip
