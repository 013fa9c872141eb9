"""File names of a run: the one list for writing, reading and the cache."""

from __future__ import annotations

from typing import Final

__all__ = [
    "COMPLEXES", "ELIGIBILITY", "ELIGIBILITY_STYLE", "ENERGY", "ENERGY_CURVE", "ENERGY_CUTS", "ENERGY_HOURS",
    "ENERGY_PRICES", "ENERGY_SOURCES", "FLOW_LIMITS", "LIMITS", "MAP", "OPTIONS", "PLACES", "PLACES_JSON", "PORTFOLIO", "PROGRAM", "RANKING",
    "RECORD", "REPORT", "REPORT_PICTURES", "ROBUSTNESS", "ROBUSTNESS_DRAWS", "ROBUSTNESS_INPUTS", "ROBUSTNESS_OVERTURN", "ROBUSTNESS_PAIRS",
    "ROBUSTNESS_PLACES", "ROBUSTNESS_RANKS", "ROBUSTNESS_SWAPS", "RUN_FILES", "SITES", "SITES_PARQUET", "WORKBOOK", "WORKS_BY_PAYER",
]  # fmt: skip

COMPLEXES: Final = "complexes.csv"
ELIGIBILITY: Final = "eligibility.tif"
ELIGIBILITY_STYLE: Final = "eligibility.qml"
ENERGY: Final = "energy.json"
ENERGY_CURVE: Final = "energy_curve.csv"
ENERGY_CUTS: Final = "energy_cuts.csv"
ENERGY_HOURS: Final = "energy_hours.csv"
ENERGY_PRICES: Final = "energy_prices.csv"
ENERGY_SOURCES: Final = "energy_sources.csv"
FLOW_LIMITS: Final = "flow_limits.csv"
LIMITS: Final = "limits.csv"
MAP: Final = "map.html"
OPTIONS: Final = "options.csv"
PLACES: Final = "places.csv"
PLACES_JSON: Final = "places.json"
PORTFOLIO: Final = "portfolio.json"
PROGRAM: Final = "program.json"
RANKING: Final = "ranking.csv"
REPORT: Final = "report.pdf"
ROBUSTNESS: Final = "robustness.json"
ROBUSTNESS_DRAWS: Final = "robustness_draws.csv"
ROBUSTNESS_INPUTS: Final = "robustness_inputs.csv"
ROBUSTNESS_OVERTURN: Final = "robustness_overturn.csv"
ROBUSTNESS_PAIRS: Final = "robustness_pairs.csv"
ROBUSTNESS_SWAPS: Final = "robustness_swaps.csv"
ROBUSTNESS_PLACES: Final = "robustness_places.csv"
ROBUSTNESS_RANKS: Final = "robustness_ranks.csv"
SITES: Final = "sites.gpkg"
SITES_PARQUET: Final = "sites.parquet"
WORKBOOK: Final = "ranking.xlsx"
WORKS_BY_PAYER: Final = "works_by_payer.csv"

RECORD: Final = "run.json"
"""Names the others with their hashes; written last."""

_TABLES: Final = (
    COMPLEXES, ENERGY_CURVE, ENERGY_CUTS, ENERGY_HOURS, ENERGY_PRICES, ENERGY_SOURCES, FLOW_LIMITS, LIMITS,
    OPTIONS, PLACES, RANKING, ROBUSTNESS_DRAWS, ROBUSTNESS_INPUTS, ROBUSTNESS_PAIRS, ROBUSTNESS_PLACES,
    ROBUSTNESS_RANKS, ROBUSTNESS_OVERTURN, ROBUSTNESS_SWAPS, WORKS_BY_PAYER,
)  # fmt: skip

REPORT_PICTURES: Final = (
    "report_certainty.png", "report_curve.png", "report_energy.png", "report_exclusions.png",
    "report_map.png", "report_sites.png",
)  # fmt: skip
"""Pictures of the report, each where the run has what it shows."""

_OTHERS: Final = (
    ELIGIBILITY, ELIGIBILITY_STYLE, ENERGY, MAP, PLACES_JSON, PORTFOLIO, PROGRAM, REPORT,
    *REPORT_PICTURES, ROBUSTNESS, SITES, SITES_PARQUET, WORKBOOK,
)  # fmt: skip

RUN_FILES: Final = frozenset({*_OTHERS, *_TABLES, *(f"{name}t" for name in _TABLES)})
"""All that a run may write beside its record: tables with their types (``.csvt``), and the rest."""
