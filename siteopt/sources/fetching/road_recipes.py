"""Recipe of the road graph: classes of roads, speeds where none is mapped, layers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from siteopt.scenario._base import Model

__all__ = ["RoadClass", "RoadLayer", "RoadRecipe"]


class RoadClass(Model):
    """One class of roads."""

    highway: str
    """Value of the OSM key ``highway``."""
    speed_kph: float = Field(gt=0, le=200)
    """Speed in km/h where a road has no readable ``maxspeed``."""
    source: str
    """Where the speed is from."""
    confidence: str
    """How far it can be trusted."""
    one_way: bool = False
    """Whether a road without the key ``oneway`` is one-way."""
    expressway: bool = False
    """Whether it is part of an expressway, which no site has a gate on."""


class RoadLayer(Model):
    """One of the layers that a graph is stored as."""

    id: Literal["road_nodes", "road_edges", "interchanges"]
    title_ko: str
    title_en: str
    good_for: str
    not_good_for: str


class RoadRecipe(Model):
    """What becomes the road graph."""

    classes: list[RoadClass] = Field(min_length=1)
    closed: dict[str, list[str]]
    """Keys with the values that bar a road to cars."""
    no_gate: dict[str, list[str]]
    """Keys with the values of roads that no site can have a gate on."""
    layer: list[RoadLayer]

    @model_validator(mode="after")
    def _layers_are_whole(self) -> RoadRecipe:
        ids = sorted(layer.id for layer in self.layer)
        if ids != ["interchanges", "road_edges", "road_nodes"]:
            raise ValueError("a road graph has the layers road_nodes, road_edges and interchanges")
        return self
