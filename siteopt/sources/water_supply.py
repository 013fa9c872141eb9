"""Spare capacity of drinking water works by district, and of the multi-regional plants."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from siteopt.errors import LayerError, LayerFileError
from siteopt.sources._built import Built, write_csv
from siteopt.sources._district_tables import gathered, read_district_table

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "water_plants", "waterworks"]

_WORKS: Final = "water/waterworks_spare_2024_by_district.csv"
_PLANTS: Final = "water/kwater_multiregional_plants_spare_2024.csv"
_MOST_M3_DAY: Final = 1e7

_NOT_LINKED: Final = ("50110", "50130", "47940")
"""Jeju-si, Seogwipo-si and Ulleung-gun: the source says 0, which means no link, not no water."""

_PROVINCES: Final = {
    "서울": "11", "부산": "26", "대구": "27", "인천": "28", "광주광역시": "29", "대전": "30",
    "울산": "31", "세종": "36",
}  # fmt: skip
"""Suppliers that are a whole province."""

_AMBIGUOUS: Final = {"사천": {"고성군": "48820"}}
"""Suppliers whose name two districts bear, by plant."""


def waterworks(sources: Path, out: Path) -> pd.DataFrame:
    """Return the spare capacity of the works that serve each district.

    Units that are one district here have the value of their city, so the largest is taken.

    Returns
    -------
    DataFrame
        Columns district_code, linked (whether multi-regional plants or works of neighbours are
        connected at all, or may be), spare_m3_day (own plants, multi-regional plants and water
        bought, an upper bound), spare_own_m3_day, confidence; NaN where the link does not exist.
    """
    path = sources / _WORKS
    columns = {
        "spare_m3_day": "spare_with_multiregional_m3_day",
        "spare_own_m3_day": "spare_own_plants_m3_day",
    }
    table = read_district_table(path, dict.fromkeys(columns.values(), (0.0, _MOST_M3_DAY)))
    rows = gathered(table, dict.fromkeys(columns.values(), "max"), out, path.name)
    linked = ~rows["district_code"].isin(_NOT_LINKED)
    return pd.DataFrame(
        {
            "district_code": rows["district_code"], "linked": linked,
            **{name: rows[source].where(linked) for name, source in columns.items()},
            "confidence": "compiled-medium",
        }
    )  # fmt: skip


def water_plants(sources: Path, out: Path) -> pd.DataFrame:
    """Return the multi-regional plants, one row a plant and district that it serves.

    Returns
    -------
    DataFrame
        Columns plant_id (the Korean name), name_ko, district_code, spare_m3_day (of the whole
        plant, the same in each of its rows), suppliers, confidence.

    Raises
    ------
    LayerError
        If a supplier is no district's name, or several districts bear it.
    """
    path = sources / _PLANTS
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; `--sources` must hold {path.name}")
    table = pd.read_csv(path, encoding="utf-8")
    districts = gpd.read_file(
        out / "districts.geojson", columns=["district_code", "name_ko"], ignore_geometry=True
    )
    rows = []
    for place, plant in enumerate(table.itertuples()):
        for supplier in str(plant.supplies).split(";"):
            codes = _served(str(plant.plant_ko), supplier, pd.DataFrame(districts))
            if not codes:
                raise LayerError(
                    f"{path.name}: row {place + 2}: supplier {supplier!r} is the name of no "
                    "district, or of several; add a rule"
                )
            rows += [
                (
                    plant.plant_ko,
                    plant.plant_ko,
                    code,
                    plant.spare_m3_day,
                    plant.connected_suppliers,
                )
                for code in codes
            ]
    columns = ["plant_id", "name_ko", "district_code", "spare_m3_day", "suppliers"]
    out_rows = pd.DataFrame(rows, columns=columns).drop_duplicates(["plant_id", "district_code"])
    return out_rows.assign(confidence="compiled-medium")


def _served(plant: str, supplier: str, districts: pd.DataFrame) -> list[str]:
    """Return the districts of a supplier: one, the gu of a city, or those of a province."""
    code, name = districts["district_code"].astype(str), districts["name_ko"].astype(str)
    own = _AMBIGUOUS.get(plant, {}).get(supplier)
    if own is not None:
        return [own]
    if supplier in _PROVINCES:
        return code[code.str[:2] == _PROVINCES[supplier]].tolist()
    exact = code[name == supplier].tolist()
    gu = code[name.str.match(re.escape(supplier) + r"\s?\S+구$")].tolist()
    return (exact if len(exact) == 1 else []) or gu


def build(sources: Path, facts: Path, out: Path) -> list[Built]:
    """Write ``waterworks.csv`` and ``water_plants.csv``.

    Parameters
    ----------
    sources, facts, out : Path
        Folders of the source copies, of the fact tables (not used), and of the layer files.
    """
    del facts
    write_csv(waterworks(sources, out), out / "waterworks.csv", "district_code")
    write_csv(water_plants(sources, out), out / "water_plants.csv", ["plant_id", "district_code"])
    licence = "none stated (public statistics)"
    return [
        Built(
            id="waterworks", file="waterworks.csv", kind="table",
            title_ko="시군구 정수장 여유량", title_en="Spare capacity of waterworks by district",
            source="Ministry of Environment waterworks statistics 2024, computed in "
            "jinuuuuuuuuuuu/kdata-datarecipe (1489e88)",
            licence=licence, vintage="2024", crs="", unit="m3/day", confidence="compiled-medium",
            good_for="Whether the works that serve a district had room on their day of largest "
            "supply, and whether its own plants did.",
            not_good_for="A right to the water, or sums: with multi-regional plants it is an upper "
            "bound, one plant counts for every district on it, and the gu of a city carry the "
            "city's value. Industrial and raw water. Jeju and Ulleung have no such link, which "
            "says nothing of their own water (empty, not 0).",
        ),
        Built(
            id="water_plants", file="water_plants.csv", kind="table",
            title_ko="광역정수장 여유량", title_en="Spare capacity of multi-regional water plants",
            source="Ministry of Environment waterworks statistics 2024, in "
            "jinuuuuuuuuuuu/kdata-datarecipe (4e7183a); districts by the name of the supplier",
            licence=licence, vintage="2024", crs="", unit="spare_m3_day: m3/day of the plant",
            confidence="compiled-medium",
            good_for="Which of the 38 multi-regional plants serve a district and what room the "
            "plant as a whole has.",
            not_good_for="Sums over districts: the same plant stands in a row for each. Positions, "
            "design capacity, industrial water plants.",
        ),
    ]  # fmt: skip
