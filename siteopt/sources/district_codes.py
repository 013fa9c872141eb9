"""Concordance of district codes of 2022, 2024 and 2026 with the embedded districts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from siteopt.errors import LayerError
from siteopt.sources._built import Built, write_csv
from siteopt.sources.admin import current_code

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "concordance"]

_PAIRS: Final = "grid/kepco_supply_headroom_2029_by_district.csv"
"""A table by district of 2026 that names the code of 2022 beside its own."""

_ALSO: Final = {"28125": ("28140",)}
"""Districts of 2022 that went into one of 2026 beside the one that the table names: Jemulpo-gu is
the inland part of Incheon Jung-gu and all of Dong-gu."""


def concordance(pairs: pd.DataFrame, districts: pd.DataFrame) -> pd.DataFrame:
    """Return which districts every known code means.

    Parameters
    ----------
    pairs : DataFrame
        ``sgg_code_2026, sgg_code_2022``, one row a district of 2026.
    districts : DataFrame
        ``district_code, name_ko`` of the embedded districts.

    Returns
    -------
    DataFrame
        ``code, district_code, relation``: ``same``, ``renamed`` (other code, same district),
        ``part`` (the district was split; the code is a part of it) or ``city`` (the code of a
        city whose gu are districts; a row for each).

    Raises
    ------
    LayerError
        If a code leads to no embedded district.
    """
    own = sorted(districts["district_code"].astype(str))
    rows = [(code, code, "same") for code in own]
    now = pairs["sgg_code_2022"].map(current_code)
    split = now.duplicated(keep=False).to_numpy()
    for code, district, parted in zip(pairs["sgg_code_2026"], now, split, strict=True):
        relation = "part" if parted else "renamed"
        rows += [(code, other, relation) for other in (district, *_ALSO.get(code, ()))]
    rows += [(code, current_code(code), "renamed") for code in pairs["sgg_code_2022"]]
    table = pd.DataFrame(rows, columns=["code", "district_code", "relation"])
    table = pd.concat([table, _cities(table, districts)], ignore_index=True)
    strange = sorted(set(table["district_code"]) - set(own))
    if strange:
        raise LayerError(
            f"{_PAIRS}: code {strange[0]} is no embedded district; add a rule for units that split "
            "or merged"
        )
    return table.drop_duplicates(["code", "district_code"], ignore_index=True)


def _cities(table: pd.DataFrame, districts: pd.DataFrame) -> pd.DataFrame:
    """Return the codes of cities whose gu are districts: 41110 for 41111 to 41117.

    The gu of a city bear its name before their own (``수원시 장안구``), and its code but for the
    last digit.
    """
    gu = districts.loc[districts["name_ko"].str.contains(" "), "district_code"].astype(str)
    of_gu = table[table["district_code"].isin(gu)]
    return of_gu.assign(code=of_gu["code"].str[:4] + "0", relation="city")


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``district_codes.csv``.

    Parameters
    ----------
    sources, facts : Path
        Folders of the source copies and of the fact tables.
    out : Path
        Folder of the layer files; it holds ``districts.geojson`` already.
    """
    del facts
    pairs = pd.read_csv(sources / _PAIRS, dtype=str)
    districts = gpd.read_file(out / "districts.geojson", columns=["district_code", "name_ko"])
    table = concordance(pairs, pd.DataFrame(districts))
    write_csv(table, out / "district_codes.csv", ["code", "district_code"])
    return [_ENTRY]


_ENTRY: Final = Built(
    id="district_codes", file="district_codes.csv", kind="table",
    title_ko="시·군·구 코드 대응표", title_en="Concordance of district codes",
    source="administrative codes of 2022 (vuski/admdongkor, 20dca68) and of July 2026 "
    "(jinuuuuuuuuuuu/kdata-datarecipe, 1489e88), joined by name",
    licence="free use, naming vuski/admdongkor recommended; none stated for the codes of 2026",
    vintage="2022-03, 2024, 2026-07", crs="", unit="", confidence="compiled-high",
    good_for="Joining tables whose districts bear the codes of 2022, 2024 or 2026 (Gangwon 42 or 51, "
    "Jeonbuk 45 or 52, Jeonnam and Gwangju 12, split districts of Incheon, Bucheon and Hwaseong) to the "
    "embedded districts; a city with gu stands for all of them.",
    not_good_for="Codes before 2022 and of single towns. A part of a split district means the whole of "
    "it here: sum areas, take the largest headroom, the mean of shares.",
)  # fmt: skip
