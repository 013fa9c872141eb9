"""Marks by which a page is known to be of one run: the program's version, and a hash of all inputs."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from siteopt.layers.opening import files_of, hashed

if TYPE_CHECKING:
    from siteopt.report.run_tables import RunTables
    from siteopt.scenario import Scenario

__all__ = ["input_hash", "program_version", "scenario_settings"]

_SIGNS: Final = 12
"""Of the hash that is shown: one in 2.8e14 is equal by chance."""


def scenario_settings(scenario: Scenario) -> dict[str, Any]:
    """Return the settings of a scenario as JSON has them, its files by their names alone.

    Parameters
    ----------
    scenario : Scenario
        What the run decides.
    """
    settings: dict[str, Any] = scenario.model_dump(mode="json")
    settings["layers"] = {name: Path(file).name for name, file in scenario.layers.items()}
    if scenario.candidates.parcels is not None:
        settings["candidates"]["parcels"] = scenario.candidates.parcels.name
    if scenario.report.places is not None:
        settings["report"]["places"] = scenario.report.places.name
    return settings


def input_hash(tables: RunTables) -> str:
    """Return the hash of settings, layers and parcels of a run: equal inputs, equal hash.

    Parameters
    ----------
    tables : RunTables
        The run.

    Returns
    -------
    str
        The first twelve hexadecimal signs of the SHA-256.
    """
    parcels = tables.scenario.candidates.parcels
    inputs = {
        "scenario": scenario_settings(tables.scenario),
        "layers": sorted(
            (str(item.id), str(getattr(item, "sha256", ""))) for item in tables.layers.used
        ),
        "parcels": [] if parcels is None else [list(hashed(part)) for part in files_of(parcels)],
    }
    dumped = json.dumps(inputs, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(dumped.encode()).hexdigest()[:_SIGNS]


def program_version() -> str:
    """Return the version of siteopt, empty where it is not installed."""
    try:
        return version("siteopt")
    except PackageNotFoundError:
        return ""
