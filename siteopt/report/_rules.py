"""Screening rules in words: layer, selection and threshold of each exclusion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siteopt.report.facts import Fact, figure_digits
from siteopt.report.texts import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from siteopt.report.facts import Value

__all__ = [
    "SHAPE_KINDS",
    "distance_fact",
    "judging_step",
    "layer_titles",
    "rule_fact",
    "threshold_fact",
]

SHAPE_KINDS: Final = frozenset({"min_width", "min_area"})
"""Kinds of exclusions that read no layer."""

_KM: Final = 1000.0

_STEPS: Final = {"min_width": 1, "min_area": 2}
"""Order of the kinds that judge what all kinds before them leave."""

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
        ``kind``, ``layer`` (where it reads one) and figures, see `siteopt.scenario`.
    titles : mapping of str to tuple
        Of :func:`layer_titles`.
    """
    if rule["kind"] in SHAPE_KINDS:
        return _shape_fact(rule)
    kind, layer = rule["kind"], rule["layer"]
    values: dict[str, Value] = {
        "layer": ("both", *titles.get(layer, (layer, layer))),
        "which": ("of", _which(rule.get("where") or {})),
        **_limits(rule),
    }
    buffer_m = rule.get("buffer_m") or 0.0
    if buffer_m:
        values["m"] = ("of", distance_fact(buffer_m))
    around = "_around" if buffer_m else ""
    fact = Fact(f"rule.{kind}{around}", values)
    return Fact("rule.in_place", {"rule": ("of", fact)}) if rule.get("replaces") else fact


def judging_step(kind: str) -> int:
    """Return when a kind of exclusion judges: 0 the land itself, 1 and 2 what is left of it.

    A place that an exclusion of an earlier step takes is not judged by one of a later step.

    Parameters
    ----------
    kind : str
        ``kind`` of an exclusion.
    """
    return _STEPS.get(kind, 0)


def _limits(rule: Rule) -> dict[str, Value]:
    """Return the figures of a rule that reads a layer, but for its buffer."""
    match rule["kind"]:
        case "far":
            return {"m": ("of", distance_fact(rule["distance_m"]))}
        case "distance_band":
            ends = {"begin": rule["from_m"], "m": rule["to_m"]}
            return {name: ("of", distance_fact(metres)) for name, metres in ends.items()}
        case "above" | "below":
            return {"figure": ("of", threshold_fact(rule["layer"], rule["threshold"]))}
        case "within_range" | "outside_range":
            return {
                end: ("of", threshold_fact(rule["layer"], rule[end])) for end in ("low", "high")
            }
        case "in_classes" | "not_in_classes":
            return {"classes": ("as is", ", ".join(str(one) for one in rule["classes"]))}
        case _:
            return {}


def _shape_fact(rule: Rule) -> Fact:
    """Return what an exclusion by the shape of the land that is left takes."""
    if rule["kind"] == "min_width":
        return Fact("rule.min_width", {"m": ("of", distance_fact(rule["width_m"]))})
    corners = "_corners" if rule.get("connectivity") == 8 else ""  # noqa: PLR2004 - neighbours
    area = Fact("rule.hectares", {"n": ("n", rule["area_ha"], 2)})
    return Fact(f"rule.min_area{corners}", {"area": ("of", area)})


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
