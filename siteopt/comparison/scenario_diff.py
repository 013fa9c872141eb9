"""Difference of the inputs of two runs by their records: scenario, layers, versions."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

__all__ = ["ABSENT", "UNSAID", "flat", "scenario_diff"]

ABSENT: Final = "not there"

UNSAID: Final = ("name", "title")
"""Keys of a scenario that change nothing in the answer."""


def flat(value: object, name: str = "") -> dict[str, Any]:
    """Return a scenario as values by dotted key; items of a list go by their id.

    Parameters
    ----------
    value : object
        A scenario, or a part of it.
    name : str, optional
        Dotted key of that part.
    """
    if isinstance(value, dict):
        parts = [flat(item, f"{name}.{key}" if name else str(key)) for key, item in value.items()]
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        keys = [str(item.get("id", place)) for place, item in enumerate(value)]
        parts = [flat(item, f"{name}.{key}") for key, item in zip(keys, value, strict=True)]
    else:
        return {name: value}
    return {key: item for part in parts for key, item in part.items()}


def scenario_diff(before: dict[str, Any], after: dict[str, Any]) -> pd.DataFrame:
    """Return the inputs that differ between two ``run.json``.

    Parameters
    ----------
    before, after : dict
        The two records.

    Returns
    -------
    DataFrame
        ``kind`` (scenario, layer, version), ``input``, ``before``, ``after``; of a layer the
        first signs of its hash.
    """
    settings = [
        {key: item for key, item in flat(record["scenario"]).items() if not _is_unsaid(key)}
        for record in (before, after)
    ]
    layers = [{item["id"]: item["sha256"][:12] for item in r["inputs"]} for r in (before, after)]
    versions = [dict(record["versions"]) for record in (before, after)]
    rows = [
        (kind, key, _said(pair[0], key), _said(pair[1], key))
        for kind, pair in (("scenario", settings), ("layer", layers), ("version", versions))
        for key in sorted({*pair[0], *pair[1]})
        if pair[0].get(key) != pair[1].get(key)
    ]
    return pd.DataFrame(rows, columns=["kind", "input", "before", "after"])


def _is_unsaid(key: str) -> bool:
    return key.split(".", maxsplit=1)[0] in UNSAID or ".title." in key


def _said(values: dict[str, Any], key: str) -> str:
    return str(values[key]) if key in values else ABSENT
