"""Scenario section of candidate sites: tiles, industrial complexes, parcels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from siteopt.scenario._base import Model
from siteopt.scenario.campus import Campus
from siteopt.scenario.frames import file_of_frame, is_frame
from siteopt.scenario.limits import Percent

__all__ = ["Candidates"]


class Candidates(Model):
    """How eligible land becomes candidate sites."""

    parcels: Path | None = None
    """The user's own parcels (GeoJSON, GeoPackage, Shapefile, CSV with lon/lat) instead of tiles
    and complexes."""
    parcels_screened: bool = True
    """Whether own parcels whose point is excluded are left out (true) or kept and marked."""
    tile_m: Annotated[float, Field(ge=500, le=20_000)] = 2500.0
    """Side of the national tiles: at most one site a tile, the flattest piece that holds enough."""
    piece_mw: Annotated[float, Field(gt=0)] | None = None
    """Build (MW of IT load) that a tile's piece must hold, or the most that the tile can: less
    gives flatter and smaller pieces; ``build.it_max_mw`` where empty."""
    complexes: bool = True
    """Whether industrial complexes are candidates beside the tiles."""
    complex_types: list[Literal["national", "general", "urban_hightech", "rural"]] = [
        "national", "general", "urban_hightech", "rural",
    ]  # fmt: skip
    """Types of complexes that are candidates."""
    complex_share_pct: Annotated[Percent, Field(gt=0)] = 30.0
    """Most of a complex that one site may take (an assumption: the rest is let)."""
    complex_area_assumed: bool = True
    """Whether complexes of unknown area are candidates, with the parameter complex_area_<type>."""
    complex_land: list[Literal["unsold", "under_development"]] = ["unsold", "under_development"]
    """Industrial land of the district that a site in a complex may have at most; empty: no bound."""
    complex_exempt: list[str] = ["slope"]
    """Ids of exclusions that do not hold for complexes: serviced land is level."""
    campus: Campus | None = None
    """Campuses of gigawatts, made of adjoining tiles and complexes; none by default."""

    @field_validator("parcels", mode="before")
    @classmethod
    def _frame_is_a_file(cls, given: Any) -> Any:  # noqa: ANN401 - not checked yet
        return file_of_frame(given, "parcels") if is_frame(given) else given
