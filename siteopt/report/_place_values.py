"""Value of each exclusion layer at one cell."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from siteopt.errors import SiteoptError
from siteopt.layers.light_readers import embedded_shapes, embedded_value
from siteopt.report._rules import distance_fact, threshold_fact
from siteopt.report.facts import Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from siteopt.layers.catalogue import Catalogue

__all__ = ["place_values"]


def place_values(
    record: Mapping[str, Any], reasons: Iterable[str], x_m: float, y_m: float
) -> dict[str, Fact]:
    """Return the figure of a cell by exclusion; none for a layer that has changed since.

    Parameters
    ----------
    record : dict
        ``run.json``.
    reasons : iterable of str
        Ids of the exclusions that apply to the cell.
    x_m, y_m : float
        Centre of the cell, which is what the screening judged; EPSG:5179 metres.
    """
    from siteopt._data import data_folder  # noqa: PLC0415
    from siteopt.layers.catalogue import read_catalogue  # noqa: PLC0415

    wanted = set(reasons)
    try:
        catalogue = read_catalogue(data_folder())
    except SiteoptError:
        return {}
    read = {
        one["id"] for one in record.get("inputs", [])
        if one["id"] in catalogue and catalogue[one["id"]].sha256 == one["sha256"]
    }  # fmt: skip
    found = {}
    for rule in record.get("scenario", {}).get("screening", {}).get("exclusions", []):
        if rule["id"] in wanted and rule["layer"] in read:
            fact = _value(rule, catalogue, x_m, y_m)
            if fact is not None:
                found[rule["id"]] = fact
    return found


def _value(rule: Mapping[str, Any], catalogue: Catalogue, x_m: float, y_m: float) -> Fact | None:
    """Return what a rule finds at a cell; None where its title is enough."""
    match rule["kind"]:
        case "above" | "below":
            return _beyond(rule, embedded_value(catalogue, rule["layer"], x_m, y_m))
        case "near" | "far" if rule["kind"] == "far" or rule["buffer_m"] > 0:
            return distance_fact(_distance_m(rule, catalogue, x_m, y_m))
        case _:
            return None


def _beyond(rule: Mapping[str, Any], figure: float) -> Fact | None:
    """Return the value of a raster where it is not known, or beyond the threshold."""
    if math.isnan(figure):
        return Fact("rule.unknown")
    above, threshold = rule["kind"] == "above", rule["threshold"]
    beyond = figure > threshold if above else figure < threshold
    return threshold_fact(rule["layer"], figure) if beyond else None


def _distance_m(rule: Mapping[str, Any], catalogue: Catalogue, x_m: float, y_m: float) -> float:
    """Return the distance to the nearest feature that a rule means."""
    import shapely  # noqa: PLC0415 - values of rasters need no shapes

    shapes = embedded_shapes(catalogue, rule["layer"], rule.get("where") or {})
    return float(shapely.distance(shapely.Point(x_m, y_m), shapes).min())
