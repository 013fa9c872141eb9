"""Recipes: what is taken from a source and how it is called, declared in TOML."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, TypeVar

from pydantic import Field, ValidationError

from siteopt._plain_data import read_toml
from siteopt.errors import LayerError
from siteopt.layers.catalogue import Commercial, Redistribution
from siteopt.scenario import first_fault
from siteopt.scenario._base import Model
from siteopt.sources.fetching.road_recipes import RoadRecipe

__all__ = [
    "RECIPES", "ROADS", "OsmLayer", "OsmRecipe", "SourceTerms", "must_be_accepted", "must_be_known", "read_osm_recipe",
    "read_recipe",
]  # fmt: skip

RECIPES = Path(__file__).resolve().parent.parent / "recipes"
"""Folder of the packaged recipes."""

_REDISTRIBUTION: Final[dict[Redistribution, str]] = {
    "free": "",
    "share alike": "what is made of it and given away stays under it",
    "forbidden": "must not be given to others",
    "unknown": "whether it may be given to others is not known, look at the terms of the download",
}
_COMMERCIAL: Final[dict[Commercial, str]] = {
    "free": "",
    "forbidden": "must not be used commercially",
    "unknown": "whether it may be used commercially is not known",
}
ROADS = "roads"
"""Id by which the road graph is asked for."""

Shape = Literal["area", "line", "point", "area or point"]
_Recipe = TypeVar("_Recipe", bound=Model)


def read_recipe(kind: type[_Recipe], path: Path) -> _Recipe:
    """Return a recipe of some kind.

    Parameters
    ----------
    kind : type
        Its model.
    path : Path
        A packaged file, or one of the user's.

    Raises
    ------
    LayerFileError
        If it cannot be read.
    LayerError
        With file and field, if it is not right.
    """
    try:
        return kind.model_validate(read_toml(path))
    except ValidationError as error:
        fault = first_fault(error, "see the packaged recipes")
        raise LayerError(f"{path.name}: {fault}") from error


def must_be_known(ids: list[str] | None, known: list[str]) -> None:
    """Raise LayerError where an id is not among the layers of a recipe."""
    for wanted in ids or ():
        if wanted not in known:
            raise LayerError(f"{wanted}: no layer of the recipe; there are {', '.join(known)}")


class SourceTerms(Model):
    """Whose data these are, and on what terms."""

    address: str
    """Where it is asked for when nothing else is named."""
    source: str
    licence: str
    notice: str
    redistribution: Redistribution
    """Whether what comes may be given to others."""
    commercial: Commercial = "unknown"
    """Whether it may be used commercially."""
    confidence: str

    @property
    def warning(self) -> str:
        """What must be known before a download; empty where the terms are free."""
        said = [
            words
            for words in (
                _REDISTRIBUTION[self.redistribution],
                _COMMERCIAL[self.commercial],
            )
            if words
        ]
        return f"{self.licence}: {'; '.join(said)}" if said else ""

    @property
    def forbids(self) -> bool:
        """Whether the terms are known to forbid passing on or commercial use."""
        return "forbidden" in {self.redistribution, self.commercial}


def must_be_accepted(terms: SourceTerms, *, accepted: bool) -> None:
    """Raise LayerError where terms forbid something and nobody has said that they are accepted.

    What is made of a layer goes into pages and files that are passed on, so that a line on the
    way to it is not enough: a job without eyes would not see it.
    """
    if terms.forbids and not accepted:
        raise LayerError(
            f"{terms.warning}; `--accept-licence` takes it on these terms, and page and report name "
            "them"
        )


class OsmLayer(Model):
    """One layer of OpenStreetMap."""

    id: str = Field(pattern=r"^osm_[a-z_]+$")
    title_ko: str
    title_en: str
    geometry: Shape
    tags: dict[str, list[str]] = Field(min_length=1)
    """Keys with the values that are wanted; an empty list takes any value."""
    columns: list[str]
    """Keys that become columns, beside names."""
    good_for: str
    not_good_for: str


class OsmRecipe(Model):
    """All layers that are taken from OpenStreetMap."""

    source: SourceTerms
    layer: list[OsmLayer]
    roads: RoadRecipe | None = None
    """The road graph, where it is taken."""

    def chosen_roads(self, ids: list[str] | None) -> RoadRecipe | None:
        """Return the recipe of the road graph, where it is among some ids or all are taken."""
        return self.roads if ids is None or ROADS in ids else None

    def chosen(self, ids: list[str] | None) -> list[OsmLayer]:
        """Return the layers of some ids, or all of them; the road graph is apart from them.

        Raises
        ------
        LayerError
            If an id is not in the recipe.
        """
        roads = [] if self.roads is None else [ROADS]
        must_be_known(ids, [*(layer.id for layer in self.layer), *roads])
        return [layer for layer in self.layer if ids is None or layer.id in ids]


def read_osm_recipe(path: Path | None = None) -> OsmRecipe:
    """Return the recipe of OpenStreetMap.

    Parameters
    ----------
    path : Path, optional
        A recipe of the user's own in place of the packaged one.

    Raises
    ------
    LayerError, LayerFileError
        As :func:`read_recipe`.
    """
    return read_recipe(OsmRecipe, path or RECIPES / "openstreetmap.toml")
