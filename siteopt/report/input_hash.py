"""Hash and date of the inputs of a run."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siteopt.scenario import Scenario

__all__ = ["data_date", "input_sha256", "scenario_settings", "shown_hash"]

_NOT_INPUTS: Final = ("data", "report")
"""Where layers lie, which count by their content, and how an answer is shown."""
_SIGNS: Final = 12
"""Of the hash that is shown: one in 2.8e14 is equal by chance."""
_DAY: Final = re.compile(r"(?<!\d)20\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?(?!\d)")
_YEAR: Final = re.compile(r"(?<!\d)20\d\d(?!\d)")


def scenario_settings(scenario: Scenario) -> dict[str, Any]:
    """Return the settings of a scenario as JSON has them, its files by their names alone.

    Parameters
    ----------
    scenario : Scenario
        What the run decides.
    """
    settings: dict[str, Any] = scenario.model_dump(mode="json")
    settings["data"] = None if scenario.data is None else scenario.data.name
    settings["layers"] = {name: Path(file).name for name, file in scenario.layers.items()}
    if scenario.candidates.parcels is not None:
        settings["candidates"]["parcels"] = scenario.candidates.parcels.name
    if scenario.report.places is not None:
        settings["report"]["places"] = scenario.report.places.name
    return settings


def shown_hash(record: Mapping[str, Any]) -> str:
    """Return the first signs of the hash, which page and report show; see :func:`input_sha256`."""
    return input_sha256(record)[:_SIGNS]


def input_sha256(record: Mapping[str, Any]) -> str:
    """Return one hash of all that decides a run: its scenario and the content of its inputs.

    Parameters
    ----------
    record : mapping
        ``run.json``, or `siteopt.report.files.run_record`.
    """
    scenario = {name: part for name, part in record["scenario"].items() if name not in _NOT_INPUTS}
    # how many cores solve it moves no answer
    scenario["solver"] = dict(scenario.get("solver", {}), threads=None)
    # nor does the memory it is screened in
    if "screening" in scenario:
        scenario["screening"] = dict(scenario["screening"])
        scenario["screening"].pop("memory_mb", None)
    files = [
        [one.get("id", ""), one["sha256"], *([part["sha256"] for part in one.get("beside", [])])]
        for one in (*record["inputs"], *record.get("parcels", []))
    ]
    told = json.dumps([scenario, record["seed"], files], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def data_date(record: Mapping[str, Any]) -> str:
    """Return the date of the newest input, as far as vintages tell it; empty where none does.

    The report has no clock in it, so that the same inputs give the same bytes: this is its date.

    Parameters
    ----------
    record : mapping
        ``run.json``, or `siteopt.report.files.run_record`.
    """
    vintages = [str(one.get("vintage") or "") for one in record["inputs"]]
    # a year alone may be one that is forecast, so it counts only where no vintage has a month
    found = [day for vintage in vintages for day in _DAY.findall(vintage)]
    found = found or [year for vintage in vintages for year in _YEAR.findall(vintage)]
    return max(found, default="")
