"""Recipes of files that an analyst downloads by hand: columns, codes, units, CRS and checks."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import geopandas as gpd
import pandas as pd
import shapely
from pydantic import Field

from siteopt._temporary import temporary_folder
from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG
from siteopt.layers._crs import crs_of_code
from siteopt.layers.opening import must_be_file, open_features
from siteopt.layers.readers import read_table
from siteopt.scenario._base import Model
from siteopt.sources.fetching.crs_by_place import must_fall_on_land
from siteopt.sources.fetching.recipes import RECIPES, SourceTerms, read_recipe

if TYPE_CHECKING:
    from pyproj import CRS

__all__ = ["FileRecipe", "read_by_recipe", "read_file_recipe", "recipe_names"]

_FOLDER: Final = RECIPES / "files"


class ColumnRecipe(Model):
    """Where one of our columns comes from."""

    names: list[str] = Field(min_length=1)
    """What the source has called it, newest first."""
    factor: float = 1.0
    """From the source's unit to ours, for a number."""
    number: bool = False
    codes: dict[str, str] = Field(default_factory=dict)
    """The source's codes and what they mean; a code that is not here is an error."""
    needed: bool = True


class FileRecipe(Model):
    """How the files of one source are read."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title_ko: str
    title_en: str
    kind: Literal["area", "line", "point", "table"]
    confidence: str
    """Of the recipe itself: whether the names of columns were read in the source."""
    source: SourceTerms
    crs: int | None = None
    """EPSG code of files that name none; without it the likely one is told, not taken."""
    columns: dict[str, ColumnRecipe] = Field(default_factory=dict)
    rows_min: int = 1
    good_for: str
    not_good_for: str


def recipe_names() -> list[str]:
    """Return the names of the packaged recipes of files."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def read_file_recipe(name: str) -> FileRecipe:
    """Return a packaged recipe by name, or one of the user's by path.

    Raises
    ------
    LayerError, LayerFileError
        If there is none, or as of `read_recipe`.
    """
    if name.endswith(".toml"):
        return read_recipe(FileRecipe, Path(name))
    if name not in recipe_names():
        raise LayerError(
            f"{name}: no such recipe; there are {', '.join(recipe_names())}, or a .toml file of yours"
        )
    return read_recipe(FileRecipe, _FOLDER / f"{name}.toml")


def read_by_recipe(
    path: Path, recipe: FileRecipe, land: shapely.Geometry, crs: int | None = None
) -> gpd.GeoDataFrame | pd.DataFrame:
    """Return the content of a file under our names and units.

    Parameters
    ----------
    path : Path
        Shapefile, GeoPackage, GeoJSON or CSV.
    recipe : FileRecipe
        How it is read.
    land : Geometry
        Where features must fall, EPSG:5179.
    crs : int, optional
        EPSG code of the coordinates, in place of what file and recipe say.

    Returns
    -------
    GeoDataFrame or DataFrame
        EPSG:5179; the columns of the recipe, features in the order of the file.

    Raises
    ------
    LayerError
        If a column, a code or a unit is not as the recipe says, or the features do not fall on
        land; the likely CRS is named then.
    LayerFileError
        If the file cannot be opened.
    """
    if recipe.kind == "table":
        table = read_table(path, recipe.id)
        _must_have_rows(table, recipe, path)
        return pd.DataFrame(_columns(table, recipe, path))
    placed = _placed(path, recipe, land, crs)
    _must_have_rows(placed, recipe, path)
    return gpd.GeoDataFrame(_columns(placed, recipe, path), geometry=placed.geometry, crs=CRS_EPSG)


def _must_have_rows(found: pd.DataFrame, recipe: FileRecipe, path: Path) -> None:
    if len(found) < recipe.rows_min:
        raise LayerError(
            f"{path.name}: {len(found)} rows; {recipe.title_en} has {recipe.rows_min} at least"
        )


def _columns(found: pd.DataFrame, recipe: FileRecipe, path: Path) -> dict[str, pd.Series[Any]]:
    return {
        name: values
        for name, how in recipe.columns.items()
        if (values := _column(found, name, how, path.name)) is not None
    }


def _placed(
    path: Path, recipe: FileRecipe, land: shapely.Geometry, crs: int | None
) -> gpd.GeoDataFrame:
    must_be_file(path)
    asked = crs or (recipe.crs if _is_unplaced(path) else None)
    with temporary_folder() as folder:
        if asked is not None or _is_unplaced(path):
            opened = open_features(_with_system(path, folder, asked or CRS_EPSG))
        else:
            opened = open_features(path)
    stated: CRS | None = opened.crs
    if _is_unplaced(path) and asked is None:
        stated = None
    must_fall_on_land(opened, land, path.name, stated)
    placed = opened.to_crs(CRS_EPSG)
    placed["geometry"] = shapely.make_valid(placed.geometry.to_numpy())
    return placed


def _is_unplaced(path: Path) -> bool:
    """Return whether a Shapefile has no ``.prj``; the other formats name their system."""
    sides = (path.with_suffix(suffix) for suffix in (".prj", ".PRJ"))
    return path.suffix.lower() == ".shp" and not any(side.is_file() for side in sides)


def _with_system(path: Path, folder: Path, code: int) -> Path:
    """Return a private copy of a Shapefile that says which system it is in."""
    if path.suffix.lower() != ".shp":
        raise LayerError(
            f"{path.name}: --crs is for a Shapefile; a GeoPackage or GeoJSON names its own system, "
            "change it there"
        )
    system = crs_of_code(code, f"--crs {code}")
    for part in path.parent.glob(f"{path.stem}.*"):
        if part.suffix.lower() != ".prj":
            shutil.copyfile(part, folder / f"{path.stem}{part.suffix.lower()}")
    (folder / f"{path.stem}.prj").write_text(system.to_wkt("WKT1_ESRI"), encoding="utf-8")
    return folder / f"{path.stem}.shp"


def _column(found: pd.DataFrame, name: str, how: ColumnRecipe, file: str) -> pd.Series[Any] | None:
    """Return one of our columns; None where it may be missing and is."""
    source = next((one for one in how.names if one in found.columns), None)
    if source is None:
        if not how.needed:
            return None
        there = ", ".join(map(str, found.columns[:20]))
        raise LayerError(
            f"{file}: no column {' or '.join(how.names)} for {name}; there are {there}"
        )
    values = found[source]
    if how.number:
        numbers = pd.to_numeric(values, errors="coerce") * how.factor
        bad = values[numbers.isna() & values.notna()]
        if len(bad):
            raise LayerError(
                f"{file}: row {bad.index[0] + 1}: {source} is {str(bad.iloc[0])[:40]!r}; a number "
                "is needed"
            )
        return numbers
    text = values.astype(object).where(values.notna(), None)
    if not how.codes:
        return text
    unknown = sorted({str(one) for one in text.dropna()} - set(how.codes))
    if unknown:
        raise LayerError(
            f"{file}: {source} has the code {unknown[0]!r}; known are {', '.join(how.codes)}"
        )
    return text.map(lambda one: None if one is None else how.codes[str(one)])
