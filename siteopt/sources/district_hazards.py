"""Floods, landslides and wildfires by district as ranks, and the seismic zone of design."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt.errors import LayerError
from siteopt.sources._built import Built, write_csv
from siteopt.sources._district_tables import gathered, percentile_rank, read_district_table

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "district_hazards"]

_FILE: Final = "hazards/hazard_scores_by_district.csv"
_SCORES: Final = {
    "flood_rank_pct": "flood_score_100y",
    "landslide_rank_pct": "landslide_score_2016_2025",
    "wildfire_rank_pct": "wildfire_score_2011_2025",
}
_ZONE_G: Final = {0.11: "I", 0.07: "II"}
"""Zone factors (g, 500-year rock) of KDS 17 10 00 and the zones that they tell."""


def district_hazards(sources: Path, out: Path) -> pd.DataFrame:
    """Return ranks of districts by hazard, the flag of coastal risk and the seismic zone.

    A rank is the share of the other districts with a lower score, in percent (0: none is lower).
    Units that are one district here count with the worst of their scores.

    Returns
    -------
    DataFrame
        Columns district_code, flood_rank_pct, landslide_rank_pct, wildfire_rank_pct (NaN where
        not known), coast_flag, seismic_zone, confidence.

    Raises
    ------
    LayerError
        If a zone factor is none that the design code knows.
    """
    path = sources / _FILE
    table = read_district_table(
        path, dict.fromkeys(_SCORES.values(), (0.0, 1.0)) | {"seismic_zone_g": (0.0, 1.0)}
    )
    zone = table["seismic_zone_g"].map(_ZONE_G)
    if zone.isna().any():
        row = int(zone.isna().to_numpy().argmax())
        raise LayerError(
            f"{path.name}: row {row + 2}: seismic_zone_g is {table['seismic_zone_g'].iloc[row]}; "
            f"the design code has {' and '.join(f'{g:g}' for g in _ZONE_G)}"
        )
    table["seismic_zone"] = zone
    how = dict.fromkeys(_SCORES.values(), "max") | {"coast_flag": "first", "seismic_zone": "min"}
    rows = gathered(table, how, out, path.name)  # type: ignore[arg-type]
    ranks = {name: percentile_rank(rows[score]) for name, score in _SCORES.items()}
    return pd.DataFrame(
        {
            "district_code": rows["district_code"], **ranks, "coast_flag": rows["coast_flag"],
            "seismic_zone": rows["seismic_zone"], "confidence": "compiled-medium",
        }
    )  # fmt: skip


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``district_hazards.csv``.

    Parameters
    ----------
    sources, facts, out : Path
        Folders of the source copies, of the fact tables (not used), and of the layer files.
    """
    del facts
    decimals = dict.fromkeys(_SCORES, 1)
    write_csv(
        district_hazards(sources, out), out / "district_hazards.csv", "district_code", decimals
    )
    return [
        Built(
            id="district_hazards", file="district_hazards.csv", kind="table",
            title_ko="시군구 재해 순위·지진구역", title_en="Hazard ranks and seismic zone by district",
            source="jinuuuuuuuuuuu/kdata-datarecipe (1489e88): 100-year flood map, landslides "
            "2016-2025, wildfires 2011-2025, coastal risk; seismic zones Trademonk26/gomoku-game "
            "(02c7b81, KALIS; KDS 17 10 00)",
            licence="none stated (public data of the Ministry of Environment, Forest Service, "
            "KHOA, KALIS)",
            vintage="2011 to 2025", crs="",
            unit="*_rank_pct: % of the other districts with a lower score",
            confidence="compiled-medium",
            good_for="Which districts have seen more floods, landslides or wildfires than others, "
            "one hazard at a time; the seismic zone for design.",
            not_good_for="A plot: flood is that of the district's river plains. Adding up, "
            "differences of ranks or odds: how the scores were scaled is not published. Nine "
            "districts have no flood score; the coastal flag is that of the whole district.",
        )
    ]  # fmt: skip
