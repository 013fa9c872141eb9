"""Recipes of files that an analyst downloads by hand: columns, codes, units, CRS and checks."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self

import geopandas as gpd
import pandas as pd
import shapely
from pydantic import Field, model_validator

from siteopt._temporary import temporary_folder
from siteopt.errors import LayerError
from siteopt.lattice import CRS_EPSG, DEGREES_EPSG
from siteopt.layers._crs import crs_of_code
from siteopt.layers._file_errors import must_be_file
from siteopt.layers.opening import VECTOR_SUFFIXES, open_features
from siteopt.scenario._base import Model
from siteopt.sources.fetching.archives import extract
from siteopt.sources.fetching.crs_by_place import must_fall_on_land
from siteopt.sources.fetching.national_grid import cells_of
from siteopt.sources.fetching.recipe_builders import BUILDERS
from siteopt.sources.fetching.recipe_columns import ColumnRecipe, columns_of
from siteopt.sources.fetching.recipes import RECIPES, SourceTerms, read_recipe
from siteopt.sources.fetching.table_files import (
    TABLE_SUFFIXES,
    TableForm,
    matching,
    plain_name,
    table_pieces,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyproj import CRS

    from siteopt.sources.fetching.crs_by_place import DistrictShapes

__all__ = [
    "FileRecipe",
    "Ground",
    "PlaceRecipe",
    "UnpivotRecipe",
    "read_by_recipe",
    "read_file_recipe",
    "recipe_names",
]

_M2_PER_KM2: Final = 1e6
_BESIDE: Final = (".shx", ".dbf", ".prj", ".cpg")
"""Parts of a Shapefile."""
_FOLDER: Final = RECIPES / "files"


class PlaceRecipe(Model):
    """Where the rows of a table lie: columns of coordinates, or the codes of a grid."""

    x: list[str] = Field(default_factory=list)
    y: list[str] = Field(default_factory=list)
    """Names of the columns of easting (or longitude) and northing (or latitude)."""
    crs: int = DEGREES_EPSG
    """EPSG code of the coordinates."""
    grid: list[str] = Field(default_factory=list)
    """Names of the column with codes of the national grid; the rows become its cells."""

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if bool(self.grid) == bool(self.x and self.y):
            raise ValueError("a place has x and y, or grid")
        return self


class UnpivotRecipe(Model):
    """Columns of years that become rows."""

    pattern: str
    """Regular expression of their names without blanks; its group is the year."""
    key: str
    value: str
    """Our columns with the year, and with the cell."""
    factors: dict[str, float] = Field(default_factory=dict)
    """From the unit of a cell to ours, by what its name holds, such as ``(kW)``."""


class FileRecipe(Model):
    """How the files of one source are read."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """Layer that the file becomes; one of the run's takes its place."""
    title_ko: str
    title_en: str
    kind: Literal["area", "line", "point", "table"]
    confidence: str
    """Of the recipe itself: whether the names of columns were read in the source."""
    source: SourceTerms
    unit: str = ""
    """Units of the main columns."""
    crs: int | None = None
    """EPSG code of files that name none; without it the likely one is told, not taken."""
    land_share: float = Field(0.9, gt=0, le=1)
    """Share of the features that must fall on land; parks of the sea have less."""
    columns: dict[str, ColumnRecipe] = Field(default_factory=dict)
    place: PlaceRecipe | None = None
    unpivot: UnpivotRecipe | None = None
    only: dict[str, list[str]] = Field(default_factory=dict)
    """Our columns and the values of the rows that are kept; others are left out."""
    sheet: str = ""
    separator: str = Field(",", min_length=1, max_length=1)
    header: list[str] = Field(default_factory=list)
    """Names of the columns of a file that has no line of them."""
    rows_min: int = 1
    rows_max: int = 5_000_000
    area_km2: tuple[float, float] | None = None
    """Range of the area of all features together."""
    builder: str = ""
    """Function that makes a layer of the run from the columns, see `recipe_builders.BUILDERS`."""
    good_for: str
    not_good_for: str

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for name in self.only:
            if name not in self.columns:
                raise ValueError(f"only: {name} is none of the columns")
        if self.builder and self.builder not in BUILDERS:
            raise ValueError(f"builder: {self.builder} is none of {', '.join(sorted(BUILDERS))}")
        return self


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


@dataclass(frozen=True, slots=True)
class Ground:
    """Where features must fall, and who is told of a doubt.

    Attributes
    ----------
    land : Geometry
        EPSG:5179.
    districts : DistrictShapes, optional
        For features that bear the code of a district.
    tell : callable
        Called with a sentence where a file may be in another system as well.
    """

    land: shapely.Geometry
    districts: DistrictShapes | None = None
    tell: Callable[[str], None] = lambda _: None

    def must_hold(
        self, frame: gpd.GeoDataFrame, file: str, crs: CRS | None, recipe: FileRecipe
    ) -> None:
        """Raise LayerError where features do not fall where they must; see `must_fall_on_land`."""
        doubt = must_fall_on_land(frame, self.land, file, crs, recipe.land_share, self.districts)
        if doubt:
            self.tell(doubt)


def read_by_recipe(
    path: Path, recipe: FileRecipe, ground: Ground, crs: int | None = None
) -> gpd.GeoDataFrame | pd.DataFrame:
    """Return the content of a file under our names and units.

    Parameters
    ----------
    path : Path
        Shapefile, GeoPackage, GeoJSON, CSV or Excel workbook, or a ZIP archive of one of them.
    recipe : FileRecipe
        How it is read.
    ground : Ground
        Where features must fall.
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
    FetchError
        If an archive cannot be unpacked.
    """
    if path.suffix.lower() == ".zip":
        with temporary_folder() as folder:
            return read_by_recipe(_unpacked(path, folder, recipe), recipe, ground, crs)
    if path.suffix.lower() in TABLE_SUFFIXES:
        content = _table(path, recipe, ground)
    else:
        content = _features(path, recipe, ground, crs)
    return _checked(content, recipe, path)


def _checked(
    content: gpd.GeoDataFrame | pd.DataFrame, recipe: FileRecipe, path: Path
) -> gpd.GeoDataFrame | pd.DataFrame:
    """Return what a file holds, if there is as much of it as the recipe says."""
    if len(content) < recipe.rows_min:
        raise LayerError(
            f"{path.name}: {len(content)} rows; {recipe.title_en} has {recipe.rows_min} at least"
        )
    if recipe.area_km2 is not None and isinstance(content, gpd.GeoDataFrame):
        low, high = recipe.area_km2
        area_km2 = float(content.area.sum()) / _M2_PER_KM2
        if not low <= area_km2 <= high:
            raise LayerError(
                f"{path.name}: {area_km2:,.1f} km2 in all; {recipe.title_en} has {low:,g} to {high:,g}"
            )
    return content


def _features(
    path: Path, recipe: FileRecipe, ground: Ground, crs: int | None
) -> gpd.GeoDataFrame | pd.DataFrame:
    placed = _placed(path, recipe, ground, crs)
    made = pd.DataFrame(columns_of(placed, recipe.columns, path.name, 1), index=placed.index)
    made = _kept(made, recipe)
    if recipe.kind == "table":
        return made.reset_index(drop=True)
    shapes = placed.geometry.loc[made.index]
    if recipe.kind == "point":
        shapes = shapely.point_on_surface(shapes.to_numpy())
    frame = gpd.GeoDataFrame(made, geometry=shapes, crs=CRS_EPSG)
    return frame.reset_index(drop=True)


def _kept(made: pd.DataFrame, recipe: FileRecipe) -> pd.DataFrame:
    """Return the rows that the recipe keeps."""
    for name, values in recipe.only.items():
        if name in made:
            made = made[made[name].isin(values)]
    return made


def _table(path: Path, recipe: FileRecipe, ground: Ground) -> gpd.GeoDataFrame | pd.DataFrame:
    """Return the rows of a table, read and converted piece by piece."""
    # columns of years stand for these two; where the file has rows of years, they are asked for
    in_years = set() if recipe.unpivot is None else {recipe.unpivot.key, recipe.unpivot.value}
    named = {name: how for name, how in recipe.columns.items() if how.names}
    needed = [how.names for name, how in named.items() if how.needed and name not in in_years]
    if recipe.place is not None:
        needed += [names for names in (recipe.place.x, recipe.place.y, recipe.place.grid) if names]
    optional = [how.names for name, how in named.items() if not how.needed or name in in_years]
    form = TableForm(recipe.separator, tuple(recipe.header), recipe.sheet)
    if path.suffix.lower() == ".tsv":
        form = TableForm("\t", form.header, form.sheet)
    parts, rows = [], 0
    for piece in table_pieces(path, needed, optional, form, _years_of(recipe)):
        part = _kept(_converted(piece, recipe, path), recipe)
        rows += len(part)
        if rows > recipe.rows_max:
            raise LayerError(
                f"{path.name}: more than {recipe.rows_max:,} rows; keep a part of them by `only`, or "
                "raise rows_max of the recipe"
            )
        parts.append(part)
    made = pd.concat(parts, ignore_index=True)
    for name, how in recipe.columns.items():
        if how.unique and name in made and (twice := made[name].dropna().duplicated()).any():
            value = made[name].dropna()[twice].iloc[0]
            raise LayerError(f"{path.name}: {name} {value} appears twice; each row has its own")
    if isinstance(made, gpd.GeoDataFrame):
        ground.must_hold(made, path.name, made.crs, recipe)
        return made.to_crs(CRS_EPSG)
    return made


def _converted(
    piece: pd.DataFrame, recipe: FileRecipe, path: Path
) -> gpd.GeoDataFrame | pd.DataFrame:
    placed = _placed_rows(piece, recipe.place, path) if recipe.place is not None else piece
    if recipe.unpivot is not None:
        return _unpivoted(piece, recipe, recipe.unpivot, path)
    made = pd.DataFrame(columns_of(placed, recipe.columns, path.name), index=piece.index)
    if isinstance(placed, gpd.GeoDataFrame):
        return gpd.GeoDataFrame(made, geometry=placed.geometry, crs=placed.crs)
    return made


def _placed_rows(piece: pd.DataFrame, place: PlaceRecipe, path: Path) -> gpd.GeoDataFrame:
    there = [str(name) for name in piece.columns]
    if place.grid:
        codes = piece[matching(place.grid, there) or ""]
        return gpd.GeoDataFrame(piece, geometry=cells_of(codes, path.name), crs=CRS_EPSG)
    axes = {
        name: ColumnRecipe(names=names, number=True, filled=True)
        for name, names in (("x", place.x), ("y", place.y))
    }
    at = columns_of(piece, axes, path.name)
    crs = crs_of_code(place.crs, f"place.crs {place.crs}")
    points = gpd.points_from_xy(at["x"], at["y"])
    return gpd.GeoDataFrame(piece, geometry=points, crs=crs)


def _years_of(recipe: FileRecipe) -> Callable[[str], bool]:
    if recipe.unpivot is None:
        return lambda _: False
    pattern = re.compile(recipe.unpivot.pattern)
    return lambda name: pattern.fullmatch(plain_name(name)) is not None


def _unpivoted(
    piece: pd.DataFrame, recipe: FileRecipe, how: UnpivotRecipe, path: Path
) -> pd.DataFrame:
    """Return a row for each column of a year, or the rows as they are where the file has such."""
    years = {
        str(name): found[1]
        for name in piece.columns
        if (found := re.fullmatch(how.pattern, plain_name(name)))
    }
    columns = recipe.columns
    if not years:
        return pd.DataFrame(columns_of(piece, columns, path.name), index=piece.index)
    parts = []
    for name, year in years.items():
        of_year = {
            **{ours: one for ours, one in columns.items() if ours not in {how.key, how.value}},
            how.key: ColumnRecipe(value=int(year)),
            how.value: columns[how.value].model_copy(
                update={"names": [name], "factors": _unit_of(name, how)}
            ),
        }
        parts.append(pd.DataFrame(columns_of(piece, of_year, path.name), index=piece.index))
    return pd.concat(parts)


def _unit_of(name: str, how: UnpivotRecipe) -> dict[str, float]:
    """Return the factor of a column of a year whose name holds a unit."""
    held = [unit for unit in how.factors if plain_name(unit) in plain_name(name)]
    return {name: how.factors[held[0]]} if held else {}


def _unpacked(path: Path, folder: Path, recipe: FileRecipe) -> Path:
    """Return the one file of an archive that a recipe can read."""
    main = TABLE_SUFFIXES if recipe.kind == "table" or recipe.place else VECTOR_SUFFIXES
    found = extract(path, folder, {*main, *_BESIDE})
    files = [one for one in found if one.suffix.lower() in main]
    if len(files) != 1:
        names = ", ".join(one.name for one in files)[:200] or "none"
        raise LayerError(
            f"{path.name}: holds {len(files)} files of {', '.join(main)} ({names}); unpack it and "
            "take one after the other"
        )
    return files[0]


def _placed(path: Path, recipe: FileRecipe, ground: Ground, crs: int | None) -> gpd.GeoDataFrame:
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
    ground.must_hold(opened, path.name, stated, recipe)
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
