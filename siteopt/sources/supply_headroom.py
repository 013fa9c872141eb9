"""Published headroom for load: KEPCO's largest single station of each district.

KEPCO shows the headroom of every station on a public screen (EWM104D04, 2026 to 2032); what could
be read is the largest value among the stations that serve a district, for 2029, at 154 or 22.9 kV.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from siteopt.lattice import CRS_EPSG
from siteopt.layers.district_codes import DistrictCodes
from siteopt.layers.headroom_areas import area_ids
from siteopt.sources._built import Built, write_csv

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["areas", "build", "headroom_of_districts", "read_supply_headroom"]

_FILE: Final = "grid/kepco_supply_headroom_2029_by_district.csv"
_YEAR: Final = 2029

_BORDER_M: Final = 200.0
"""Districts nearer than this adjoin; borders are generalised to 100 m."""


def read_supply_headroom(sources: Path, codes: DistrictCodes) -> pd.DataFrame:
    """Return the published headroom of districts.

    Parameters
    ----------
    sources : Path
        Folder of the source copies.
    codes : DistrictCodes
        Concordance of district codes.

    Returns
    -------
    DataFrame
        ``district_code, supply_headroom_mw`` (missing where KEPCO publishes none), ``year``,
        ``confidence``: ``published``, ``published-uncertain`` for a zero (KEPCO sometimes sent an
        empty reply for districts that had values days before) or ``unknown``.
    """
    table = pd.read_csv(sources / _FILE, dtype={"sgg_code_2026": str, "sgg_code_2022": str})
    named = {"sgg_code_2026": "district_code", "supply_headroom_2029_mw": "supply_headroom_mw"}
    return headroom_of_districts(table.rename(columns=named), codes, _YEAR, _FILE)


def headroom_of_districts(
    table: pd.DataFrame, codes: DistrictCodes, year: int, file: str
) -> pd.DataFrame:
    """Return the published headroom of our districts, the largest of the units that one is.

    Parameters
    ----------
    table : DataFrame
        ``district_code`` (official, of any known year) and ``supply_headroom_mw``.
    codes : DistrictCodes
        Concordance of district codes.
    year : int
        Of the figures.
    file : str
        Its name, for messages.

    Returns
    -------
    DataFrame
        As :func:`read_supply_headroom`.
    """
    value = "supply_headroom_mw"
    out = codes.gather(table, {value: "max"}, file=file)
    known, zero = out[value].notna(), out[value] == 0
    said = np.select([~known, zero], ["unknown", "published-uncertain"], "published")
    return out.assign(year=year, confidence=said)


def areas(table: pd.DataFrame, districts: gpd.GeoDataFrame) -> pd.Series[str]:
    """Return the area whose one largest station the figure of each district is.

    A station serves several districts, so that neighbours repeat its figure: districts that
    adjoin and have the same figure are taken to name the same station. An area is called ``A``
    and its first district; zeros and unknown figures have none (empty).

    Parameters
    ----------
    table : DataFrame
        ``district_code, supply_headroom_mw``.
    districts : GeoDataFrame
        EPSG:5179: ``district_code``.
    """
    shapes = districts.set_index("district_code").geometry.loc[table["district_code"]]
    tree = shapely.STRtree(np.asarray(shapes.array))
    one, other = tree.query(np.asarray(shapes.array), predicate="dwithin", distance=_BORDER_M)
    figure = table["supply_headroom_mw"].to_numpy(dtype=np.float64)
    same = (figure[one] == figure[other]) & (figure[one] > 0)
    links = coo_array((same[same], (one[same], other[same])), shape=(len(table), len(table)))
    _, label = connected_components(links, directed=False)
    first = table["district_code"].groupby(label).transform("min")
    return area_ids(first).where(figure > 0, "")


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``supply_headroom.csv``.

    Parameters
    ----------
    sources, facts : Path
        Folders of the source copies and of the fact tables.
    out : Path
        Folder of the layer files; it holds ``districts.geojson`` and ``district_codes.csv``
        already.
    """
    del facts
    codes = DistrictCodes(pd.read_csv(out / "district_codes.csv", dtype=str))
    table = read_supply_headroom(sources, codes)
    districts = gpd.read_file(out / "districts.geojson").to_crs(CRS_EPSG)
    table["area_id"] = areas(table, districts)
    write_csv(table, out / "supply_headroom.csv", "district_code", {"supply_headroom_mw": 1})
    return [_ENTRY]


_ENTRY: Final = Built(
    id="supply_headroom", file="supply_headroom.csv", kind="table",
    title_ko="한전 전력공급 여유용량(시·군·구별 최대 변전소, 2029년)",
    title_en="KEPCO's headroom for load in 2029, largest station of each district",
    source="KEPCO ON, screen EWM104D04 (전력공급 여유용량), as read in 2026-10 by the authors of "
    "jinuuuuuuuuuuu/kdata-datarecipe recipe/aidc_siting_dataset.csv (1489e88)",
    licence="none stated; public service of KEPCO", vintage="2029, read in 2026-10", crs="",
    unit="MW", confidence="per row",
    good_for="A cap for every station that serves the district at 154 and 22.9 kV: none has more. It "
    "has no rank correlation with the model's estimate, so it rules over that. area_id joins adjoining "
    "districts with the same figure, which most likely name the same station.",
    not_good_for="What a single station has: the value is that of the largest one, neighbouring "
    "districts served by it repeat it, and sums count it twice. A zero is mostly 'none', but KEPCO's "
    "service sometimes answered empty. 345 kV and Jeju are not published; the year is 2029, and works "
    "planned for later are not in it.",
)  # fmt: skip
