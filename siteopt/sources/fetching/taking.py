"""Dispatch of downloaded files to the reader that their recipe or form asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siteopt.errors import LayerError
from siteopt.sources.fetching.fetch import take_file
from siteopt.sources.fetching.file_recipes import recipe_names
from siteopt.sources.fetching.grid_cases import CASE_FORMS, take_case
from siteopt.sources.fetching.weather import take_weather
from siteopt.sources.fetching.weather_recipes import is_weather_recipe, weather_recipe_names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["take_downloaded"]


def take_downloaded(  # noqa: PLR0913 - each by its name
    folder: Path,
    recipe: str,
    files: Sequence[Path],
    *,
    crs: int | None = None,
    places: Path | None = None,
    cost_unit_krw: float | None = None,
    accept: bool = False,
    accept_licence: bool = False,
    warn: Callable[[str], None],
    tell: Callable[[str], None],
) -> None:
    """Take files of weather, a grid case, or a file read by a recipe into a data folder.

    Parameters
    ----------
    folder : Path
        A data folder; made with the embedded layers where it is missing.
    recipe : str
        Name of a recipe, a ``.toml`` file of the user's, or the form of a grid case.
    files : sequence of Path
        One file or folder; of weather any number.
    crs : int, optional
        EPSG code of a file without one; for recipes of files.
    places : Path, optional
        Places of buses; for grid cases.
    cost_unit_krw : float, optional
        KRW in one unit of costs; for grid cases, 1 by default.
    accept : bool
        Whether a layer may take the place of a much larger one.
    accept_licence : bool
        Whether terms that forbid passing on or commercial use are accepted.
    warn, tell : callable
        Called with the terms of the source, and with each line to be said.

    Raises
    ------
    LayerError
        If there is no such recipe, it takes one file and several are given, an option is not for
        it, or the file is not as it must be.
    """
    is_weather, is_case = is_weather_recipe(recipe), recipe in CASE_FORMS
    _must_be_a_name(recipe)
    given = {
        "--crs": crs is not None and (is_weather or is_case),
        "--places": places is not None and not is_case,
        "--cost-unit-krw": cost_unit_krw is not None and not is_case,
    }
    stray = [option for option, is_stray in given.items() if is_stray]
    if stray:
        raise LayerError(
            f"{recipe}: {', '.join(stray)} does not apply to it; --crs is for recipes of files, "
            f"--places and --cost-unit-krw are for grid cases ({', '.join(CASE_FORMS)})"
        )
    if is_weather:
        take_weather(
            folder, recipe, list(files), accept=accept, accept_licence=accept_licence, warn=warn,
            tell=tell,
        )  # fmt: skip
        return
    if len(files) > 1:
        raise LayerError(
            f"{recipe}: takes one file, {len(files)} are given; files of weather may be many"
        )
    if is_case:
        entries = take_case(
            folder, recipe, files[0], places=places, cost_unit_krw=1.0 if cost_unit_krw is None else cost_unit_krw,
            accept=accept, warn=warn, tell=tell,
        )  # fmt: skip
        tell(f"{len(entries)} layers put into {folder}")
        return
    take_file(
        folder, recipe, files[0], crs=crs, accept=accept, accept_licence=accept_licence, warn=warn,
        tell=tell,
    )  # fmt: skip


def _must_be_a_name(recipe: str) -> None:
    """Raise LayerError with all names where a recipe is none of them and no file."""
    of_files, of_weather = recipe_names(), weather_recipe_names()
    if recipe.endswith(".toml") or recipe in {*of_files, *of_weather, *CASE_FORMS}:
        return
    raise LayerError(
        f"{recipe}: no such recipe; there are {', '.join(of_files)}, for weather "
        f"{', '.join(of_weather)}, for grid cases {', '.join(CASE_FORMS)}, or a .toml file of yours"
    )
