"""Recipes: what is taken from a source and how it is called, declared in TOML."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["OsmLayer", "OsmRecipe", "SourceTerms", "Strict", "read_osm_recipe"]

Shape = Literal["area", "line", "point", "area or point"]


class Strict(BaseModel):
    """A part of a recipe; a key that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceTerms(Strict):
    """Whose data these are, and on what terms."""

    address: str
    """Where it is asked for when nothing else is named."""
    source: str
    licence: str
    notice: str
    redistribution: Literal["free", "share alike", "forbidden", "not commercial"]
    confidence: str

    @property
    def warning(self) -> str:
        """What must be known before a download; empty where the terms are free."""
        return {
            "free": "",
            "share alike": f"{self.licence}: what is made of it and given away stays under it",
            "forbidden": f"{self.licence}: must not be given to others",
            "not commercial": f"{self.licence}: must not be used commercially",
        }[self.redistribution]


class OsmLayer(Strict):
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


class OsmRecipe(Strict):
    """All layers that are taken from OpenStreetMap."""

    source: SourceTerms
    layer: list[OsmLayer]

    def chosen(self, ids: list[str] | None) -> list[OsmLayer]:
        """Return the layers of some ids, or all of them.

        Raises
        ------
        LayerError
            If an id is not in the recipe.
        """
        known = {layer.id: layer for layer in self.layer}
        for wanted in ids or ():
            if wanted not in known:
                raise LayerError(f"{wanted}: no layer of the recipe; there are {', '.join(known)}")
        return [layer for layer in self.layer if ids is None or layer.id in ids]


def read_osm_recipe(path: Path | None = None) -> OsmRecipe:
    """Return the recipe of OpenStreetMap.

    Parameters
    ----------
    path : Path, optional
        A recipe of the user's own in place of the packaged one.

    Raises
    ------
    LayerError
        With file and field, if it is not right.
    """
    if path is None:
        name = "openstreetmap.toml"
        text = files("siteopt.sources").joinpath("recipes", name).read_text(encoding="utf-8")
    else:
        name, text = path.name, path.read_text(encoding="utf-8")
    try:
        return OsmRecipe.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise LayerError(f"{name}: no TOML ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise LayerError(f"{name}: {where}: {first['msg']}") from error
