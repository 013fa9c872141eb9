"""Earthquakes since 1978, the Pohang earthquake of 2017 added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt.sources._built import Built, write_csv

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "earthquakes"]

_POHANG: Final = {
    "occurred_date": "2017-11-15 14:29", "magnitude": 5.4, "lat": 36.11, "lon": 129.37,
    "location": "경북 포항시 북구 북쪽 8km 지역", "source": "general knowledge, not in the KMA copy",
    "confidence": "compiled-high",
}  # fmt: skip
"""The catalogue copy ends in May 2017; the second strongest earthquake came in November."""


def earthquakes(sources: Path) -> pd.DataFrame:
    """Return epicentres in order of time.

    Returns
    -------
    DataFrame
        Columns event_id ('KMA-' and date and minute, Korean time), date, magnitude (local), lon,
        lat (degrees), place_ko, source, confidence.
    """
    raw = pd.read_csv(sources / "hazards" / "kma_earthquakes_to_2017-05.csv", encoding="utf-8")
    raw["source"] = "KMA"
    raw["confidence"] = "published"
    # epicentres that the list leaves open cannot be placed
    raw = raw.dropna(subset=["lat", "lon", "magnitude"])
    table = pd.concat([raw, pd.DataFrame([_POHANG])], ignore_index=True)
    table["time"] = pd.to_datetime(table["occurred_date"], format="%Y-%m-%d %H:%M")
    table = table.sort_values(["time", "magnitude", "lat", "lon"], kind="stable", ignore_index=True)
    minute = table["time"].dt.strftime("%Y%m%d-%H%M")
    again = table.groupby(minute).cumcount() + 1
    return pd.DataFrame(
        {
            "event_id": "KMA-" + minute + again.map(lambda n: "" if n == 1 else f"-{n}"),
            "date": table["time"].dt.strftime("%Y-%m-%d"), "magnitude": table["magnitude"],
            "lon": table["lon"], "lat": table["lat"], "place_ko": table["location"],
            "source": table["source"], "confidence": table["confidence"],
        }
    )  # fmt: skip


def build(sources: Path, facts: Path, out: Path) -> list[Built]:  # noqa: ARG001 - as all builders
    """Write ``earthquakes.csv``.

    Parameters
    ----------
    sources, facts, out : Path
        Folders of the source copies, of the fact tables (not used), and of the layer files.
    """
    write_csv(earthquakes(sources), out / "earthquakes.csv", "event_id")
    return [
        Built(
            id="earthquakes", file="earthquakes.csv", kind="vector", title_ko="지진(1978~2017)",
            title_en="Earthquakes, 1978 to 2017",
            source="snuhci2017/earthquakeMap data/earthquake-data.csv (commit 39126d1; KMA open "
            "data); Pohang 2017-11-15 added from general knowledge",
            licence="none stated (KMA open data)", vintage="1978-08 to 2017-05, and 2017-11-15",
            crs="EPSG:4326", unit="magnitude local (ML)",
            confidence="published; the Pohang row compiled-high",
            good_for="Where strong earthquakes were felt since 1978; comparing sites.",
            not_good_for="Design ground motion (see KDS 17 10 00) or active faults; nothing after "
            "May 2017 but the Pohang main shock.",
        )
    ]  # fmt: skip
