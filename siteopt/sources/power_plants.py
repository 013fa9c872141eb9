"""Large power plants as points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from siteopt.errors import LayerError
from siteopt.sources._built import Built, write_csv
from siteopt.sources.land import slug

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["build", "power_plants"]

_EN: Final = {
    "고리 2-4 Kori": "Kori 2-4", "신고리 1-2": "Shin-Kori 1-2",
    "새울 1-2 Saeul (ex Shin-Kori 3-4)": "Saeul 1-2 (ex Shin-Kori 3-4)",
    "신한울 1-2 Shin-Hanul": "Shin-Hanul 1-2", "월성 2-4 Wolsong": "Wolsong 2-4",
    "신월성 1-2": "Shin-Wolsong 1-2", "울산GPS": "Ulsan GPS", "보령 LNG": "Boryeong LNG",
    "당진 GS/LNG Dangjin CC": "Dangjin CC", "무주양수": "Muju PSH", "산청양수": "Sancheong PSH",
    "양양양수": "Yangyang PSH", "청송양수": "Cheongsong PSH", "예천양수": "Yecheon PSH",
    "삼랑진양수": "Samnangjin PSH", "청평양수": "Cheongpyeong PSH",
    "솔라시도 태양의정원": "Solaseado Solar Park",
}  # fmt: skip
"""English names where the fact table has none or they leave the unit numbers out."""

_KO: Final = {"당진 GS/LNG Dangjin CC": "당진 GS/LNG", "보령 LNG": "보령 LNG", "울산GPS": "울산GPS"}
"""Korean names that hold Latin letters."""

_RECALLED: Final = "recalled HIGH"
_PLACE_MEDIUM: Final = "coords MED"
_CONFIDENCE_MEDIUM: Final = "MW published (press, 2023-08-17); coordinates compiled-medium"


def power_plants(facts: Path) -> pd.DataFrame:
    """Return plants with fuel and MW.

    Returns
    -------
    DataFrame
        Columns plant_id, name_ko, name_en, place_ko, fuel, mw, lon, lat, status, confidence.
    """
    raw = pd.read_csv(facts / "power_plants.csv", encoding="utf-8")
    parts = raw["name"].str.extract(r"^(?P<ko>[^A-Za-z]+?)\s+(?P<en>[A-Za-z].*)$")
    name_en = raw["name"].map(_EN).fillna(parts["en"])
    name_ko = raw["name"].map(_KO).fillna(parts["ko"]).fillna(raw["name"])
    if name_en.isna().any():
        raise LayerError(
            f"power_plants.csv: {raw.loc[name_en.isna(), 'name'].iloc[0]} has no English name; "
            "add it"
        )
    note = raw["note"].fillna("")
    confidence = raw["confidence"].mask(note.str.contains(_PLACE_MEDIUM), _CONFIDENCE_MEDIUM)
    note = note.str.replace(r"; coords MED|, \d+ GWh/y seen [^;]*", "", regex=True)
    recalled = note.str.contains(_RECALLED)
    memory = confidence.str.replace(r"^MW published \(.*?\)", "MW compiled-high", regex=True)
    return pd.DataFrame(
        {
            "plant_id": [slug(name) for name in name_en], "name_ko": name_ko, "name_en": name_en,
            "place_ko": raw["place"], "fuel": raw["type"].str.lower(), "mw": raw["mw"],
            "lon": raw["lon"], "lat": raw["lat"], "status": note.mask(recalled | (note == "")),
            "confidence": memory.where(recalled, confidence),
        }
    )  # fmt: skip


def build(sources: Path, facts: Path, out: Path) -> list[Built]:  # noqa: ARG001 - as all builders
    """Write ``power_plants.csv``.

    Parameters
    ----------
    sources, facts, out : Path
        Folders of the source copies (not used), of the fact tables, and of the layer files.
    """
    write_csv(power_plants(facts), out / "power_plants.csv", "plant_id")
    built = Built(
        id="power_plants", file="power_plants.csv", kind="vector", title_ko="대형 발전소",
        title_en="Large power plants",
        source="compiled for siteopt: MW from the EPSIS plant table by way of "
        "PLANiT-Institute/PyPSA-KR-PLANiT (commit 3494067), coordinates from OpenStreetMap or "
        "general knowledge",
        licence="facts; MW: none stated (EPSIS); some coordinates OpenStreetMap (ODbL 1.0)",
        vintage="2024-2025", crs="EPSG:4326", unit="mw MW installed", confidence="per row",
        good_for="Where the large plants stand; context on maps.",
        not_good_for="Capacity of a region: 38 large plants, no small ones, nearly no solar and "
        "wind; positions +-2 km.",
        notice="Some coordinates: © OpenStreetMap contributors, Open Database License (ODbL) 1.0, "
        "https://opendatacommons.org/licenses/odbl/1-0/",
    )  # fmt: skip
    return [built]
