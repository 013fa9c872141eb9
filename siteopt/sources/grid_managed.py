"""Grid-managed regions (계통관리변전소) with a queue for new generation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt.errors import LayerError
from siteopt.sources._built import Built, write_csv

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "grid_managed_regions"]

_OF_REGION: Final = {
    "Gwangju and Jeonnam (all)": ("29", "46"),
    "Jeonbuk (all)": ("52",),
    "Jeju (all)": ("50",),
}
"""Provinces of the regions that the facts name whole."""

_EAST_COAST: Final = ("51", "47")
"""Gangwon and Gyeongbuk, of which a part is meant; which stations is not published."""


def _facts(path: Path) -> pd.DataFrame:
    """Return a table of facts whose sources are named in every row: 'same' is the one before."""
    table = pd.read_csv(path, dtype=str)
    return table.assign(source=table["source"].mask(table["source"] == "same").ffill())


def _fact(table: pd.DataFrame, key: str, region: str | None = None) -> pd.Series:
    rows = table[(table["key"] == key) & ((table["region"] == region) | (region is None))]
    if rows.empty:
        raise LayerError(f"facts: no row {key} {region or ''}; the grid-managed regions need it")
    return rows.iloc[0]


def grid_managed_regions(facts: Path) -> pd.DataFrame:
    """Return by province what the list of grid-managed stations says.

    Returns
    -------
    DataFrame
        ``province_code``; ``whole``, whether all stations of the province are on the list;
        ``region_stations``, how many there are in the region that the province is part of;
        ``generation_from_year``, when licences of new generation allow it to feed in;
        ``released``, the day on which the list was lifted, where it was; ``as_of``, ``source``,
        ``confidence``.
    """
    market = _facts(facts / "clean_energy_market.csv")
    more = _facts(facts / "grid_facts_3.csv")
    since = int(_fact(market, "grid_managed_new_generation_from")["value"])
    released = str(_fact(more, "grid_managed_substations_jeju_release")["value"])
    rows = []
    for region, provinces in _OF_REGION.items():
        fact = _fact(market, "grid_managed_substations", region)
        rows += [(code, True, fact) for code in provinces]
    coast = _fact(more, "grid_managed_substations_east_coast")
    rows += [(code, False, coast) for code in _EAST_COAST]
    table = pd.DataFrame(
        {
            "province_code": [code for code, _, _ in rows],
            "whole": [whole for _, whole, _ in rows],
            "region_stations": [int(fact["value"]) for _, _, fact in rows],
            "generation_from_year": since,
            "as_of": [fact["as_of"] for _, _, fact in rows],
            "source": [fact["source"] for _, _, fact in rows],
            "confidence": [fact["confidence"] for _, _, fact in rows],
        }
    )
    table["released"] = table["province_code"].map({"50": released})
    return table


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``grid_managed.csv``.

    Parameters
    ----------
    sources, facts : Path
        Folders of the source copies and of the fact tables.
    out : Path
        Folder of the layer files.
    """
    del sources
    write_csv(grid_managed_regions(facts), out / "grid_managed.csv", "province_code")
    return [_ENTRY]


_ENTRY: Final = Built(
    id="grid_managed", file="grid_managed.csv", kind="table",
    title_ko="계통관리변전소 지역(신규 발전 제한)", title_en="Grid-managed regions",
    source="press of 2024 on the list of 205 stations and the licences that come with it; per row",
    licence="facts; per row", vintage="2024-05 to 2026-05", crs="", unit="stations, year",
    confidence="per row",
    good_for="From which year on new generation may feed in: 2032 in all of Honam; the list for Jeju was "
    "lifted in 2026-03.",
    not_good_for="Single stations: of the east coast 25 stations are on the list, and which is not "
    "published, so nothing follows from it for a station of Gangwon or Gyeongbuk.",
)  # fmt: skip
