"""Assumptions of a run for the page: settings, prices and thresholds, their ranges, what they move."""

from __future__ import annotations

import csv
import fnmatch
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from siteopt.criteria import CRITERIA
from siteopt.report._json_values import plain, records
from siteopt.report._robustness import input_titles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siteopt.layers.protocols import ParameterTableLike
    from siteopt.report._protocols import RobustnessLike
    from siteopt.report.run_tables import RunTables

__all__ = [
    "assumption_titles", "assumptions_payload", "parameter_group", "parameter_titles", "setting_rows",
]  # fmt: skip

_SETTINGS: Final = "scenario"
"""Group of the keys of the scenario; all other groups are of parameters."""
_OTHER: Final = "other"
_SCORE: Final = "score"
_ENDS: Final = {
    "_worst": ("0점 기준", "value of no merit"),
    "_best": ("1점 기준", "value of full merit"),
}
_SUPPLY: Final = "energy.supply."
"""Settings that only a scenario that matches clean energy reads."""
_FIGURES: Final = ("cost", "choice")


@cache
def assumption_titles() -> tuple[tuple[str, str, str, str], ...]:
    """Return group, pattern of the key, and titles in Korean and English; the first that fits counts."""
    table = files("siteopt.report").joinpath("assumption_titles.csv").read_text(encoding="utf-8")
    return tuple(
        (row["group"], row["key"], row["ko"], row["en"])
        for row in csv.DictReader(table.splitlines())
    )


def assumptions_payload(tables: RunTables) -> dict[str, Any]:
    """Return what the page shows of the assumptions.

    Parameters
    ----------
    tables : RunTables
        Results of all stages of the run.

    Returns
    -------
    dict
        ``settings`` of the scenario (key, titles, value), ``parameters`` (see
        :func:`_parameter_row`), and ``effects`` by input of the draws: share of the variance of
        cost and of the choice of sites where it stands out of the noise, and the nearest threshold
        that changes the plan; None where nothing was drawn.
    """
    drawn = tables.robustness
    inputs = {} if drawn is None else _inputs_of_keys(drawn)
    held = {} if drawn is None else drawn.held
    return {
        "settings": setting_rows(tables.scenario.model_dump(mode="json")),
        "parameters": [
            _parameter_row(tables.layers.parameters, key, inputs.get(key), held.get(key))
            for key in tables.layers.parameters
        ],
        "effects": None if drawn is None else _effects(drawn),
    }


def setting_rows(scenario: dict[str, Any]) -> list[list[Any]]:
    """Return key, titles and value of each setting that a title of the table fits.

    Parameters
    ----------
    scenario : dict
        The scenario as JSON has it.
    """
    rows = []
    matched = scenario.get("energy", {}).get("matching", "none") != "none"
    for key, value in _leaves(scenario):
        if value is None or value in ([], {}, ""):
            continue
        if key.startswith(_SUPPLY) and not matched:
            continue  # nothing of it was read
        found = _title(key, _SETTINGS)
        if found is not None:
            rows.append([key, *found, value])
    return rows


def _leaves(settings: dict[str, Any], head: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the settings below a key with their full keys; tables in a list have its place."""
    for name, value in settings.items():
        key = f"{head}{name}"
        if isinstance(value, dict):
            yield from _leaves(value, f"{key}.")
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            for place, one in enumerate(value, start=1):
                yield from _leaves(one, f"{key}[{place}].")
        else:
            yield key, value


def _title(key: str, group: str | None = None) -> tuple[str, str] | None:
    for of, pattern, ko, en in assumption_titles():
        if ko and (of == _SETTINGS) == (group == _SETTINGS) and fnmatch.fnmatchcase(key, pattern):
            return ko, en
    return None


def parameter_group(key: str) -> str:
    """Return the group that the page lists a parameter in.

    Parameters
    ----------
    key : str
        Key of the parameter.
    """
    for group, pattern, _, _ in assumption_titles():
        if group != _SETTINGS and fnmatch.fnmatchcase(key, pattern):
            return group
    return _SCORE if key.startswith(f"{_SCORE}_") else _OTHER


def parameter_titles(key: str) -> list[str]:
    """Return the titles of a parameter in Korean and English; its key where it has none.

    Parameters
    ----------
    key : str
        Key of the parameter.
    """
    if key.startswith(f"{_SCORE}_"):
        for end, (ko, en) in _ENDS.items():
            column = CRITERIA.get(key.removeprefix(f"{_SCORE}_").removesuffix(end))
            if key.endswith(end) and column is not None:
                return [f"{column.title_ko}: {ko}", f"{column.title_en}: {en}"]
    own = input_titles().get(key) or _title(key)
    if own is None:
        fitting = (both for name, both in input_titles().items() if fnmatch.fnmatchcase(key, name))
        own = next(fitting, (key, key))
    return list(own)


def _parameter_row(
    parameters: ParameterTableLike, key: str, of_input: str | None, held: str | None
) -> list[Any]:
    """Return group, key, titles, value, range, unit, source, confidence, input, and why it is held."""
    row = parameters.row(key)
    return [
        parameter_group(key), key, *parameter_titles(key), plain(row.value), plain(row.low), plain(row.high),
        row.unit, row.source, row.confidence, of_input, held,
    ]  # fmt: skip


def _inputs_of_keys(drawn: RobustnessLike) -> dict[str, str]:
    """Return the input of the draws that moves each parameter."""
    pairs = drawn.inputs[["key", "input"]].astype(str)
    return dict(pairs.itertuples(index=False, name=None))


def _effects(drawn: RobustnessLike) -> dict[str, dict[str, Any]]:
    """Return by input its shares of the variance, and the nearest threshold that moves a chosen site."""
    effects: dict[str, dict[str, Any]] = {}
    for row in records(drawn.influence[drawn.influence["stands_out"].astype(bool)]):
        if row["figure"] in _FIGURES:
            effects.setdefault(row["input"], {})[row["figure"]] = row["first_order"]
    table = drawn.overturn.sort_values("range_share_pct", kind="stable")
    for row in records(table.drop_duplicates("input")):
        effects.setdefault(row["input"], {})["threshold"] = [
            row["site_id"], row["change"], row["value"], row["threshold"], row["unit"],
            row["range_share_pct"],
        ]  # fmt: skip
    return effects
