"""Screening rules in words: layer, selection and threshold of each exclusion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siteopt.report.facts import Fact, figure_digits
from siteopt.report.texts import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from siteopt.report.facts import Value

__all__ = ["distance_fact", "layer_titles", "rule_fact", "threshold_fact"]

_KM: float = 1000.0

Rule = dict[str, Any]
"""An exclusion of the scenario, as ``run.json`` has it."""


def layer_titles(inputs: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Return the titles of layers by id, from the inputs of ``run.json``.

    Parameters
    ----------
    inputs : iterable of mapping
        Layers of the run, as ``run.json`` lists them.
    """
    return {str(one["id"]): (str(one["title_ko"]), str(one["title_en"])) for one in inputs}


def rule_fact(rule: Rule, titles: Mapping[str, tuple[str, str]]) -> Fact:
    """Return what an exclusion takes: of which layer, which features, how far or above what.

    Parameters
    ----------
    rule : dict
        ``kind``, ``layer`` and figures, see `siteopt.scenario`.
    titles : mapping of str to tuple
        Of :func:`layer_titles`.
    """
    kind, layer = rule["kind"], rule["layer"]
    values: dict[str, Value] = {
        "layer": ("both", *titles.get(layer, (layer, layer))),
        "which": ("of", _which(rule.get("where") or {})),
    }
    buffer_m = rule.get("buffer_m") or 0.0
    if kind in {"above", "below"}:
        values["figure"] = ("of", threshold_fact(layer, rule["threshold"]))
    if kind == "far":
        values["m"] = ("of", distance_fact(rule["distance_m"]))
    elif buffer_m:
        values["m"] = ("of", distance_fact(buffer_m))
    around = "_around" if buffer_m and kind != "far" else ""
    fact = Fact(f"rule.{kind}{around}", values)
    return Fact("rule.in_place", {"rule": ("of", fact)}) if rule.get("replaces") else fact


def threshold_fact(layer: str, value: float) -> Fact:
    """Return a figure of a raster in the unit of the layer, where that has a name.

    Parameters
    ----------
    layer : str
        Layer id.
    value : float
        Threshold in the unit of the raster.
    """
    unit = _UNITS.get(layer, "none")
    if unit == "share":
        value *= 100.0
    digits = max(2, figure_digits(value)) if value else 0
    return Fact(f"rule_unit.{unit}", {"n": ("n", value, digits)})


def distance_fact(metres: float) -> Fact:
    """Return a distance in metres or kilometres.

    Parameters
    ----------
    metres : float
        Distance in metres.
    """
    if metres < _KM:
        return Fact("rule.metres", {"n": ("n", metres, 0)})
    return Fact("rule.kilometres", {"n": ("n", metres / _KM, 2)})


_UNITS = {
    "slope": "degrees", "electors": "electors", "elevation": "metres", "temperature": "celsius",
    "wet_bulb": "celsius", "free_cooling": "hours", "population": "people",
    "cover_trees": "share", "cover_cropland": "share", "cover_built": "share",
    "cover_water": "share",
}  # fmt: skip
"""Units of the embedded rasters, and of those that `siteopt layers fetch` brings."""


def _which(where: Mapping[str, Any]) -> Fact | None:
    """Return which features of a layer count; None where all do."""
    if not where:
        return None
    parts = []
    for column, wanted in where.items():
        values = wanted if isinstance(wanted, list) else [wanted]
        words = [Fact("rule.word", {"word": _word(column, value)}) for value in values]
        parts.append(Fact("rule.words", {"words": ("list", ", ", words)}))
    return Fact("rule.which", {"parts": ("list", "; ", parts)})


def _word(column: str, value: object) -> Value:
    """Return what features with a value are called; a column of the user's own by its name."""
    word = str(value).lower() if isinstance(value, bool) else str(value)
    for key in (f"where.{column}.{word}", f"station_kind.{word}"):
        if key in texts():
            return ("text", key)
    return ("as is", f"{column} = {word}")
