"""Recipe of the power grid of OpenStreetMap: tags, voltages, kinds and identity of stations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from siteopt.scenario._base import Model
from siteopt.sources.fetching.recipes import RECIPES, OsmLayer, SourceTerms, read_recipe

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "GridLayerText", "Identity", "KindRule", "OsmGridRecipe", "PlantRules", "Voltages",
    "read_osm_grid_recipe",
]  # fmt: skip


class Voltages(Model):
    """Tagged voltages that are transmission, in kV."""

    ac: dict[str, Literal[154, 345, 765]]
    """Tagged kV -> kV that there is."""
    dc: list[int]


class LineRules(Model):
    """How tags of ways are read."""

    conductors_as_circuits: bool
    """Whether a tag ``circuits`` that is a multiple of 3 counts conductors."""


class Identity(Model):
    """When a station is one that is known already, distances in metres."""

    same_place_m: float = Field(gt=0)
    same_name_m: float = Field(gt=0)
    line_end_m: float = Field(gt=0)


def _pattern(text: str) -> str:
    """Return a regular expression; ValueError where it is none."""
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression ({error})") from error
    return text


class NameRules(Model):
    """What is no part of a name."""

    prefixes: list[Annotated[str, AfterValidator(_pattern)]]


class PlantRules(Model):
    """Which plants are taken, and how their fuel is called."""

    least_mw: float = Field(gt=0)
    same_plant_m: float = Field(gt=0)
    fuels: dict[str, str]


class KindRule(Model):
    """Kind of a station by a tag, and by its operator where operators are named."""

    key: str
    among: list[str]
    operators: list[str] = Field(default_factory=list)
    kind: Literal["substation", "switching", "plant", "tap"]
    rule: str


class GridLayerText(Model):
    """What the catalogue says of a layer that is made."""

    title_ko: str
    title_en: str
    unit: str
    confidence: str
    good_for: str
    not_good_for: str


class OsmGridRecipe(Model):
    """All that is needed to make the grid layers of OpenStreetMap."""

    source: SourceTerms
    voltages: Voltages
    lines: LineRules
    identity: Identity
    names: NameRules
    plants: PlantRules
    kind: list[KindRule]
    layer: dict[Literal["stations", "lines", "power_plants"], GridLayerText]
    substations: OsmLayer
    ways: OsmLayer
    generation: OsmLayer


def read_osm_grid_recipe(path: Path | None = None) -> OsmGridRecipe:
    """Return the recipe of the power grid.

    Parameters
    ----------
    path : Path, optional
        A recipe of the user's own in place of the packaged one.

    Raises
    ------
    LayerError, LayerFileError
        If it cannot be read or is not right.
    """
    return read_recipe(OsmGridRecipe, path or RECIPES / "osm_grid.toml")
