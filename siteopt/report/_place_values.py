"""Value of each exclusion layer at one cell."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from siteopt.errors import SiteoptError
from siteopt.layers.light_readers import embedded_shapes, embedded_value
from siteopt.report._rules import distance_fact, threshold_fact
from siteopt.report.facts import Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from siteopt.lattice import Lattice
    from siteopt.layers.catalogue import Catalogue

__all__ = ["place_values"]

_OF_RASTERS: Final = frozenset({
    "above", "below", "within_range", "outside_range", "in_classes", "not_in_classes",
})  # fmt: skip
"""Kinds of exclusions that read a raster."""


def place_values(
    record: Mapping[str, Any], reasons: Iterable[str], cell: Lattice
) -> dict[str, Fact]:
    """Return the figure of a cell by exclusion; none for a layer that has changed since.

    Parameters
    ----------
    record : dict
        ``run.json``.
    reasons : iterable of str
        Ids of the exclusions that apply to the cell.
    cell : Lattice
        The cell alone: its centre is what the screening judged.
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
    centre = (cell.x_min_m + 0.5 * cell.cell_m, cell.y_max_m - 0.5 * cell.cell_m)
    found = {}
    for rule in record.get("scenario", {}).get("screening", {}).get("exclusions", []):
        if rule["id"] in wanted and rule.get("layer") in read:
            fact = _value(rule, catalogue, centre)
            if fact is not None:
                found[rule["id"]] = fact
    return found


def _value(
    rule: Mapping[str, Any], catalogue: Catalogue, centre: tuple[float, float]
) -> Fact | None:
    """Return what a rule finds at a point; None where its title is enough."""
    kind = rule["kind"]
    if kind in _OF_RASTERS:
        figure = embedded_value(catalogue, rule["layer"], *centre)
        if math.isnan(figure):
            return Fact("rule.unknown")
        return threshold_fact(rule["layer"], figure) if _is_met(rule, figure) else None
    if kind in {"far", "distance_band"} or (kind == "near" and rule.get("buffer_m")):
        return distance_fact(_distance_m(rule, catalogue, centre))
    return None


def _is_met(rule: Mapping[str, Any], figure: float) -> bool:
    """Return whether a value of a raster is one that a rule takes."""
    match rule["kind"]:
        case "above":
            return bool(figure > rule["threshold"])
        case "below":
            return bool(figure < rule["threshold"])
        case "within_range" | "outside_range":
            inside = bool(rule["low"] <= figure <= rule["high"])
            return inside is (rule["kind"] == "within_range")
        case _:
            is_one = any(figure == one for one in rule["classes"])
            return is_one is (rule["kind"] == "in_classes")


def _distance_m(
    rule: Mapping[str, Any], catalogue: Catalogue, centre: tuple[float, float]
) -> float:
    """Return the distance to the nearest feature that a rule means."""
    import shapely  # noqa: PLC0415 - values of rasters need no shapes

    shapes = embedded_shapes(catalogue, rule["layer"], rule.get("where") or {})
    return float(shapely.distance(shapely.Point(*centre), shapes).min())
