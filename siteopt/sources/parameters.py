"""The parameters layer: facts with one number each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from siteopt.sources._built import Built, write_csv

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["assumptions_entries", "build", "parameters"]


def parameters(facts: Path) -> pd.DataFrame:
    """Return the rows of ``parameters.csv`` whose value is a number.

    Returns
    -------
    DataFrame
        Columns key, value, low, high, unit, kind, source, confidence.
    """
    raw = pd.read_csv(facts / "parameters.csv", encoding="utf-8", dtype={"value": str})
    # 'same' stands for the source of the row above
    raw["source"] = (
        raw["source"].where(raw["source"] != "same").ffill().where(raw["source"].notna())
    )
    # '+6.7 / +13.5', '<1' and empty cells are no single value
    numbers = pd.to_numeric(raw["value"], errors="coerce")
    table = raw.assign(value=numbers)[numbers.notna()].copy()
    table["unit"] = table["unit"].str.strip()
    table["source"] = table["source"].fillna("not stated")
    return table[["key", "value", "low", "high", "unit", "kind", "source", "confidence"]]


def build(sources: Path, facts: Path, out: Path) -> list[Built]:  # noqa: ARG001 - as all builders
    """Write ``parameters.csv``; ``assumptions.csv`` is kept by hand beside it.

    Parameters
    ----------
    sources, facts, out : Path
        Folders of the source copies (not used), of the fact tables, and of the layer files.
    """
    write_csv(parameters(facts), out / "parameters.csv", "key")
    built = Built(
        id="parameters", file="parameters.csv", kind="table", title_ko="비용·계수(사실)",
        title_en="Costs, factors and limits (facts)",
        source="compiled for siteopt; the source of each value in its row",
        licence="facts, no known restriction", vintage="2021 to 2026, per row", crs="",
        unit="per row", confidence="per row",
        good_for="Defaults that a scenario may set otherwise under [parameters].",
        not_good_for="Quotes or tariffs of a contract: many are orders of magnitude, see the "
        "confidence of each row.",
    )  # fmt: skip
    return [built]


def assumptions_entries() -> list[Built]:
    """Return the catalogue entries of the assumption tables, which are kept by hand."""
    return [
        Built(
            id=name, file=f"{name}.csv", kind="table", title_ko=title_ko, title_en=title_en,
            source="siteopt; the reason of each value in its row", licence="MIT (part of siteopt)",
            vintage="2026", crs="", unit="per row", confidence="per row",
            good_for="Defaults that a scenario may set otherwise under [parameters].",
            not_good_for="Facts: these are choices of the model or general knowledge, with a "
            "range where one is known.",
        )
        for name, title_ko, title_en in (
            ("assumptions", "모형 가정", "Assumptions of the model"),
            ("assumptions_climate", "기후·물 가정", "Assumptions of climate, cooling and water"),
            (
                "assumptions_grid", "계통 추정·영향평가 가정",
                "Assumptions of the headroom estimate and the grid impact assessment",
            ),
            ("assumptions_routes", "접속선로 경로 가정", "Assumptions of the connection routes"),
            (
                "assumptions_terrain", "지형·토공 보정값과 가정",
                "Calibration of slopes and assumptions of earthworks and protected land",
            ),
        )
    ]  # fmt: skip
