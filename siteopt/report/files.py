"""Tables, rasters and records of a run, as the bytes of its files."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

import rasterio
from rasterio.io import MemoryFile
from rasterio.shutil import copy as copy_raster
from rasterio.windows import Window

from siteopt._csv import write_csv
from siteopt._file_names import (
    ELIGIBILITY,
    ENERGY_CURVE,
    PORTFOLIO,
    RANKING,
    WORKBOOK,
    WORKS_BY_PAYER,
)
from siteopt._temporary import temporary_folder
from siteopt.criteria import waiting_columns
from siteopt.lattice import CRS_EPSG
from siteopt.layers.opening import files_of, hashed
from siteopt.report._cells import NO_LAND, CellCodes
from siteopt.report._connections import connection_lines, connection_records
from siteopt.report._json_values import records
from siteopt.report._not_known import criteria_not_known, rule_use_notes, rule_use_record
from siteopt.report._portfolio import portfolio
from siteopt.report._same import same_everywhere
from siteopt.report._terms import of_fetched, restrictions
from siteopt.report.energy_files import write_energy
from siteopt.report.gis import write_gis
from siteopt.report.input_hash import input_sha256, scenario_settings
from siteopt.report.payers import works_by_payer
from siteopt.report.places.named import place_answers, write_places
from siteopt.report.program_files import write_program
from siteopt.report.robustness_files import write_robustness
from siteopt.report.tables import value_unit

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from siteopt.report._protocols import EligibilityLike
    from siteopt.report.run_tables import NoPlan, RunTables

__all__ = ["figure_files", "library_versions", "no_plan_record", "run_record", "table_files"]

_PACKAGES: Final = (
    "siteopt", "folium", "geopandas", "highspy", "koreanize-matplotlib", "matplotlib", "numba", "numpy", "pandas", "pulp", "pyarrow", "pyogrio", "pyproj",
    "rasterio", "salib", "scipy", "shapely", "typst", "xlsxwriter", "xstatic-leaflet",
)  # fmt: skip
"""Packages whose version can change an answer or a file."""

_BLOCK: Final = 512
"""Side of the blocks of ``eligibility.tif`` in cells."""

_CACHE_MB: Final = 64
"""Memory of GDAL for blocks of it."""


def table_files(tables: RunTables, ranking: pd.DataFrame) -> dict[str, bytes]:
    """Return the files of a run but map and record, as bytes by name.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    ranking : DataFrame
        Its `ranking_table`.
    """
    from siteopt.report.workbook import workbook  # noqa: PLC0415 - the one place that needs its library

    lines = connection_lines(tables, ranking)
    with temporary_folder() as part:
        write_csv(ranking, part / RANKING)
        write_gis(tables, ranking, lines, part)
        _write_eligibility(tables.eligibility, part / ELIGIBILITY)
        plan = portfolio(tables, ranking, connection_records(lines[lines["chosen"]]))
        _write_json(plan, part / PORTFOLIO)
        answers = place_answers(tables, ranking)
        (part / WORKBOOK).write_bytes(workbook(tables, ranking, plan, answers))
        _write_payers(tables, part)
        write_program(tables, part)
        write_energy(tables, part)
        write_robustness(tables.robustness, part)
        write_places(answers, part)
        if tables.energy_curve is not None:
            write_csv(tables.energy_curve.table, part / ENERGY_CURVE)
        return {file.name: file.read_bytes() for file in sorted(part.iterdir())}


def figure_files(tables: RunTables, ranking: pd.DataFrame) -> dict[str, bytes]:
    """Return those files that the figures of a run can be read from, as bytes by name.

    ``ranking.csv`` (and its types), ``portfolio.json``, ``eligibility.tif`` and, with a rule of
    payment, ``works_by_payer.csv``; parameters as of :func:`table_files`.
    """
    lines = connection_lines(tables, ranking[ranking["chosen"]])
    with temporary_folder() as part:
        write_csv(ranking, part / RANKING)
        _write_eligibility(tables.eligibility, part / ELIGIBILITY)
        _write_json(portfolio(tables, ranking, connection_records(lines)), part / PORTFOLIO)
        _write_payers(tables, part)
        return {file.name: file.read_bytes() for file in sorted(part.iterdir())}


def _write_payers(tables: RunTables, folder: Path) -> None:
    """Write the grid works by payer, where the scenario has a rule of payment."""
    if tables.scenario.payment is not None:
        write_csv(works_by_payer(tables), folder / WORKS_BY_PAYER)


def _write_json(content: dict[str, Any], path: Path) -> None:
    dumped = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    path.write_text(dumped + "\n", encoding="utf-8", newline="\n")


def _write_eligibility(eligibility: EligibilityLike, path: Path) -> None:
    """Write the reasons as a COG in EPSG:5179 whose tags name the bits."""
    codes, count = CellCodes(eligibility), len(eligibility.exclusions)
    tags = {
        "BIT_COUNT": str(count),
        "ELIGIBLE": "0 on land",
        "CELL": f"{eligibility.lattice.cell_m:g} m",
    }
    for bit, exclusion in enumerate(eligibility.exclusions):
        tags[f"BIT_{bit:02d}"] = exclusion.id
        tags[f"BIT_{bit:02d}_KO"] = exclusion.title.ko
        tags[f"BIT_{bit:02d}_EN"] = exclusion.title.en
    if codes.is_marked:
        tags[f"BIT_{count:02d}"] = NO_LAND
    profile = {
        "driver": "GTiff", "height": eligibility.lattice.n_rows, "width": eligibility.lattice.n_cols,
        "count": 1, "dtype": codes.dtype, "crs": f"EPSG:{CRS_EPSG}",
        "transform": eligibility.lattice.transform, "tiled": True, "blockxsize": _BLOCK,
        "blockysize": _BLOCK, "compress": "DEFLATE", "zlevel": 1, "bigtiff": "IF_SAFER",
    }  # fmt: skip
    # in an environment of its own GDAL raises what it would print
    with rasterio.Env(GDAL_CACHEMAX=_CACHE_MB), MemoryFile() as memory:
        with memory.open(**profile) as raster:
            for rows in codes.bands:
                window = Window(0, rows.start, raster.width, rows.stop - rows.start)
                raster.write(codes.rows(rows).astype(codes.dtype), 1, window=window)
            raster.set_band_description(1, "reasons (bit mask)")
            raster.update_tags(**tags)
        options = {
            "compress": "DEFLATE", "level": 9, "overviews": "NONE", "blocksize": _BLOCK,
            "num_threads": "ALL_CPUS",  # the same bytes with any number
        }  # fmt: skip
        with memory.open() as raster:
            copy_raster(raster, path, driver="COG", **options)


def run_record(tables: RunTables) -> dict[str, Any]:
    """Return the entries of ``run.json`` on inputs, answer and proof, without versions and seconds.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.
    """
    plan, unit = tables.plan, value_unit(tables.ranking)
    record = {
        "scenario": scenario_settings(tables.scenario),
        **({"named_sites": tables.named_sites} if tables.named_sites else {}),
        "seed": tables.scenario.seed,
        "status": plan.status,
        "solver": plan.solver,
        f"objective_{unit}": plan.objective,
        f"bound_{unit}": plan.bound,
        "gap": plan.gap,
        "sites": len(tables.sites),
        "chosen": len(tables.plan.chosen),
        "same_everywhere": same_everywhere(tables),
        **_land_and_inputs(tables),
    }
    return record | {"input_sha256": input_sha256(record)}


def no_plan_record(tables: NoPlan) -> dict[str, Any]:
    """Return the entries of ``run.json`` of a run that no plan answers.

    Parameters
    ----------
    tables : NoPlan
        What is known of it.
    """
    record = {
        "scenario": scenario_settings(tables.scenario),
        "seed": tables.scenario.seed,
        "status": "infeasible",
        "why": tables.why,
        "why_ko": tables.why_ko,
        "sites": tables.sites or 0,
        "chosen": 0,
        **_land_and_inputs(tables),
    }
    return record | {"input_sha256": input_sha256(record)}


def _land_and_inputs(tables: RunTables | NoPlan) -> dict[str, Any]:
    return {
        "screening": _screening(tables.eligibility),
        **rule_use_record(tables.scenario, tables.eligibility),
        "waiting_criteria": [
            {"column": one.name, "layers": list(one.layers)}
            for one in waiting_columns(tables.layers.ids)
        ],
        "land_km2": tables.eligibility.land_km2,
        "eligible_km2": tables.eligibility.eligible_km2,
        "inputs": [_input(item) for item in tables.layers.used],
        **_own_files("parcels", tables.scenario.candidates.parcels),
        **_own_files("places", tables.scenario.report.places),
        "notes": [
            *tables.layers.notes, *tables.scenario.remarks,
            *rule_use_notes(tables.scenario, tables.eligibility),
            *criteria_not_known(tables.layers.ids, "en"),
            *restrictions(of_fetched(tables.layers.used), "en"),
        ],
    }  # fmt: skip


def _screening(eligibility: EligibilityLike) -> list[dict[str, Any]]:
    """Return what each reason takes, what it alone takes, and what it shares with each other."""
    both = eligibility.overlap()
    return [
        row
        | {
            "overlap_km2": {
                other: round(float(both.loc[row["reason"], other]), 4)
                for other in both.columns
                if other != row["reason"]
            }
        }
        for row in records(eligibility.report())
    ]


def _input(item: object) -> dict[str, Any]:
    fields: tuple[str, ...] = (
        "id", "file", "sha256", "title_ko", "title_en", "source", "licence", "vintage",
        "confidence", "notice", "replaced",
    )  # fmt: skip
    beside = [_file(*pair) for pair in getattr(item, "beside", ())]
    of_fetched = ("address", "fetched", "redistribution", "commercial", "bytes")
    if getattr(item, "fetched", ""):
        fields += of_fetched
    return {field: getattr(item, field) for field in fields} | (
        {"beside": beside} if beside else {}
    )


def _own_files(name: str, path: Path | None) -> dict[str, Any]:
    """Return the files that parcels or places were read from, where the scenario has its own."""
    if path is None:
        return {}
    return {name: [_file(*hashed(part)) for part in files_of(path)]}


def _file(name: str, sha256: str) -> dict[str, str]:
    return {"file": name, "sha256": sha256}


def library_versions() -> dict[str, str]:
    """Return the versions of Python and of all that can change an answer or a file."""
    found = {"gdal": rasterio.__gdal_version__}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return {"python": platform.python_version(), **dict(sorted(found.items()))}
