"""Value of each exclusion layer at one cell."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import TypeAdapter

from siteopt.errors import SiteoptError
from siteopt.report._rules import distance_fact, threshold_fact
from siteopt.report.facts import Fact
from siteopt.scenario import DistanceExclusion, Exclusion, Near, RasterExclusion
from siteopt.screening.conditions import condition_of
from siteopt.screening.exclusions import cell_figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from siteopt.lattice import Lattice
    from siteopt.layers.store import Layers

__all__ = ["place_values"]


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
    from siteopt.layers.store import Layers  # noqa: PLC0415

    wanted = set(reasons)
    try:
        catalogue = read_catalogue(data_folder())
    except SiteoptError:
        return {}
    layers = Layers(catalogue)
    read = {
        one["id"] for one in record.get("inputs", [])
        if one["id"] in catalogue and catalogue[one["id"]].sha256 == one["sha256"]
    }  # fmt: skip
    found = {}
    for rule in record.get("scenario", {}).get("screening", {}).get("exclusions", []):
        if rule["id"] in wanted and rule.get("layer") in read:
            exclusion: Exclusion = TypeAdapter(Exclusion).validate_python(rule)
            fact = _value(exclusion, layers, cell)
            if fact is not None:
                found[rule["id"]] = fact
    return found


def _value(rule: Exclusion, layers: Layers, cell: Lattice) -> Fact | None:
    """Return what a rule finds at a cell; None where its title is enough."""
    figure = cell_figure(rule, layers, cell)
    if figure is None or (isinstance(rule, Near) and rule.buffer_m == 0):
        return None
    if isinstance(rule, DistanceExclusion):
        return distance_fact(figure)
    if math.isnan(figure):
        return Fact("rule.unknown")
    if isinstance(rule, RasterExclusion) and condition_of(rule).marks(np.array([figure]))[0]:
        return threshold_fact(rule.layer, figure)
    return None
