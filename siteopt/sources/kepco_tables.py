"""KEPCO tables of stations: scarce generation headroom, planned stations, load verdicts.

Each is a public table that others copied. Names of stations are matched with the layer
``stations`` by name and nearness; a name that is not found stays without a station.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG
from siteopt.layers.readers import read_vector
from siteopt.sources._built import NOTICE_OSM, Built, write_csv
from siteopt.sources._romanise import romanise

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "dc_verdicts", "generation_headroom", "match_names", "planned_substations"]

_GENERATION_FILE: Final = "kepco_generation_headroom_low_2026-09.csv"
_VERDICT_FILE: Final = "grid_impact_dc_by_province_2026-03.csv"
_PLAN_FILE: Final = "grid_facts_3.csv"
_SAME_PLACE_M: Final = 2_000.0

_PROVINCES: Final = {
    "서울": "11", "부산": "26", "대구": "27", "인천": "28", "광주": "29", "대전": "30", "울산": "31",
    "세종": "36", "경기": "41", "충북": "43", "충남": "44", "전남": "46", "경북": "47", "경남": "48",
    "제주": "50", "강원": "51", "전북": "52",
}  # fmt: skip
"""Short name -> our code."""


def match_names(names: pd.DataFrame, stations: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the station of each KEPCO name, and the rule that found it.

    Parameters
    ----------
    names : DataFrame
        ``name_ko`` (an ending SA, which marks automated stations, does not count), ``lon``,
        ``lat`` (degrees, empty where not known).
    stations : GeoDataFrame
        EPSG:5179: ``station_id``, ``name_ko``, ``kind``. Substations and switching stations count;
        what stands in brackets after a name (to tell two of one name apart) does not.

    Returns
    -------
    DataFrame
        ``station_id`` (missing: none) and ``match_rule``: ``name and place`` (within 2 km), ``name``
        (the one station of this name; the row has no place), ``no station of this name``, ``far
        from the station of this name`` or ``several stations of this name``.
    """
    able = stations[stations["kind"].isin(["substation", "switching"])]
    able = able.assign(base=able["name_ko"].str.replace(r" \(.*\)$", "", regex=True))
    at = gpd.GeoSeries.from_xy(names["lon"], names["lat"], crs=4326).to_crs(CRS_EPSG)
    wanted = names["name_ko"].str.strip().str.removesuffix("SA")
    found: list[tuple[str | None, str]] = []
    for name, point, placed in zip(wanted, at, names["lon"].notna(), strict=True):
        some = able[able["base"] == name].sort_values("station_id")
        if some.empty:
            found.append((None, "no station of this name"))
        elif placed:
            away = some.distance(point)
            near = away.to_numpy().argmin()
            if away.iloc[near] <= _SAME_PLACE_M:
                found.append((str(some["station_id"].iloc[near]), "name and place"))
            else:
                found.append((None, "far from the station of this name"))
        elif len(some) == 1:
            found.append((str(some["station_id"].iloc[0]), "name"))
        else:
            found.append((None, "several stations of this name"))
    return pd.DataFrame(found, columns=["station_id", "match_rule"], index=names.index)


def generation_headroom(sources: Path, stations: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return KEPCO's stations with little room for generation, with our station where found.

    Returns
    -------
    DataFrame
        ``kepco_code, name_ko, class, free_mw_min, free_mw_max, free_mw_read, capacity_mw_read,
        station_id, match_rule, as_of, confidence``.
    """
    raw = pd.read_csv(sources / "grid" / _GENERATION_FILE, dtype={"kepco_code": str})
    matched = match_names(raw, stations)
    columns = ["kepco_code", "name_ko", "class", "free_mw_min", "free_mw_max", "free_mw_read",
               "capacity_mw_read"]  # fmt: skip
    return raw[columns].assign(
        station_id=matched["station_id"], match_rule=matched["match_rule"], as_of="2026-09-03",
        confidence="compiled-medium",
    )  # fmt: skip


def planned_substations(facts: Path) -> pd.DataFrame:
    """Return planned substations of 345 and 765 kV by name; their places are not published.

    Returns
    -------
    DataFrame
        ``name_ko, name_en, voltage_kv, as_of, source, confidence``.
    """
    raw = pd.read_csv(facts / _PLAN_FILE, dtype=str)
    kv = raw["key"].str.extract(r"^planned_(\d+)kv_substation$")[0]
    # "same, ..." points to the row above that is spelt out
    spelt = raw["source"].where(~raw["source"].str.startswith("same")).ffill()
    rest = raw["source"].str.removeprefix("same").where(raw["source"].str.startswith("same"), "")
    table = pd.DataFrame(
        {"name_ko": raw["value"], "name_en": raw["value"].map(romanise), "voltage_kv": kv,
         "as_of": raw["as_of"], "source": spelt + rest, "confidence": raw["confidence"]}
    )  # fmt: skip
    return table[kv.notna()].astype({"voltage_kv": int}).reset_index(drop=True)


def dc_verdicts(facts: Path) -> pd.DataFrame:
    """Return KEPCO's first review of data centres in the grid impact assessment by province.

    Returns
    -------
    DataFrame
        ``province_code, supply_possible_mw, supply_impossible_mw, possible_share_pct, as_of,
        source, confidence``.

    Raises
    ------
    LayerError
        If a province is not known or the share is not that of the two sums.
    """
    raw = pd.read_csv(facts / _VERDICT_FILE)
    strange = sorted(set(raw["province_ko"]) - set(_PROVINCES))
    if strange:
        raise LayerError(
            f"{_VERDICT_FILE}: province_ko {strange[0]} is not known; one of "
            f"{', '.join(_PROVINCES)} is"
        )
    total = raw["supply_possible_mw"] + raw["supply_impossible_mw"]
    share = 100 * raw["supply_possible_mw"] / total
    wrong = np.flatnonzero((share - raw["possible_share_pct"]).abs() > 0.06)  # noqa: PLR2004 - one digit
    if wrong.size:
        raise LayerError(
            f"{_VERDICT_FILE}: row {wrong[0] + 2}: possible_share_pct is "
            f"{raw['possible_share_pct'].iloc[wrong[0]]}; of the two sums it is "
            f"{share.iloc[wrong[0]]:.1f}"
        )
    source = raw["source"].where(raw["source"] != "same").ffill()
    table = raw.assign(province_code=raw["province_ko"].map(_PROVINCES), source=source)
    columns = ["province_code", "supply_possible_mw", "supply_impossible_mw", "possible_share_pct",
               "as_of", "source", "confidence"]  # fmt: skip
    return table[columns]


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``generation_headroom.csv``, ``planned_substations.csv`` and ``dc_verdicts.csv``.

    Parameters
    ----------
    sources, facts : Path
        Folders of source data and fact tables.
    out : Path
        Folder to write into; it holds ``stations.csv`` already.
    """
    stations = read_vector(out / "stations.csv", "stations").to_crs(CRS_EPSG)
    write_csv(generation_headroom(sources, stations), out / "generation_headroom.csv", "kepco_code")
    write_csv(
        planned_substations(facts), out / "planned_substations.csv", ["voltage_kv", "name_ko"]
    )
    write_csv(dc_verdicts(facts), out / "dc_verdicts.csv", "province_code")
    return [_GENERATION, _PLANNED, _VERDICTS]


_GENERATION: Final = Built(
    id="generation_headroom", file="generation_headroom.csv", kind="table",
    title_ko="발전 여유용량이 부족한 변전소(한전)",
    title_en="Substations with little room for generation (KEPCO)",
    source="KEPCO open API and cyber branch, by way of chmd20-a11y/grid-capacity-dashboard "
    "capacity.json (07b92eb) and realname_cache.json (e096752), typed",
    licence="none stated; KEPCO public service", vintage="2026-09-03", crs="", unit="MW",
    confidence="compiled-medium",
    good_for="Where new generation finds no room at the distribution transformers: classes saturated "
    "(0 to 3 MW free) and low (3 to 56 MW). free_mw_read is the figure where the page was read, else the "
    "bracket free_mw_min to free_mw_max holds (good to about 2 MW). station_id is that of the layer "
    "stations, match_rule says how it was found.",
    not_good_for="Load. Stations that are not listed are mostly above 52 MW, but about 120 stations of the "
    "source have no name: absence proves nothing. Regions under grid management are closed whatever a "
    "station has left.",
    notice=NOTICE_OSM,
)  # fmt: skip

_PLANNED: Final = Built(
    id="planned_substations", file="planned_substations.csv", kind="table",
    title_ko="계획 변전소(345 kV 이상)", title_en="Planned substations of 345 kV and more",
    source="chmd20-a11y/grid-capacity-dashboard plans.json (06623e2), KEPCO's plans; per row",
    licence="none stated; KEPCO public service", vintage="2026-09-03", crs="", unit="kV",
    confidence="per row",
    good_for="Which substations of 345 and 765 kV KEPCO plans, has approved or builds, by name.",
    not_good_for="Places and years: neither is published. The first 40 % of a list of 231 projects was "
    "read, so that a name that is missing may be planned all the same.",
)  # fmt: skip

_VERDICTS: Final = Built(
    id="dc_verdicts", file="dc_verdicts.csv", kind="table",
    title_ko="데이터센터 전력계통영향평가 1차 기술검토(한전, 시도별)",
    title_en="First review of data centres in the grid impact assessment by province (KEPCO)",
    source="KEPCO first technical review of the grid impact assessment, data-centre column, to "
    "2026-03-27; copied in the site AI InfraMap",
    licence="facts, no known restriction", vintage="2026-03-27", crs="", unit="MW",
    confidence="published",
    good_for="How many MW of applications KEPCO found possible or impossible to supply by province: a "
    "sign of where the grid is tight, to stand beside the model's headroom.",
    not_good_for="Free capacity. It counts applications of the trial period: a province with few says "
    "little (Daegu 120 MW), and the committee's verdict comes after it.",
)  # fmt: skip
