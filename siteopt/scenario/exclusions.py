"""Kinds of exclusions: rules that take cells, each with its layer and its figures."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from siteopt.scenario._base import Model, Name, Text

__all__ = [
    "Above", "Below", "DistanceBand", "DistanceExclusion", "Exclusion", "Far", "InClasses",
    "LayerExclusion", "MinArea", "MinWidth", "Near", "NotInClasses", "Outside", "OutsideRange",
    "RasterExclusion", "ShapeExclusion", "VectorExclusion", "WithinRange", "check_shapes",
]  # fmt: skip

_FAR_M: Final = 1_000_000.0
"""No two places of South Korea are farther apart."""

_CLASSES_MAX: Final = 1_000
"""Most classes of one exclusion."""

_HA_M2: Final = 10_000.0

_Where: TypeAlias = dict[str, str | bool | float | list[str] | list[float]]
_Distance: TypeAlias = Annotated[float, Field(ge=0, le=_FAR_M)]


def _each_once(classes: list[int]) -> list[int]:
    twice = sorted({one for one in classes if classes.count(one) > 1})
    if twice:
        raise ValueError(f"class {twice[0]} is there twice; name each class once")
    return classes


_Classes: TypeAlias = Annotated[
    list[int], Field(min_length=1, max_length=_CLASSES_MAX), AfterValidator(_each_once)
]


class _Exclusion(Model):
    id: Name
    """Stable id of the reason; its bit in ``eligibility.tif`` is its place in the list."""
    title: Text
    """What people read."""

    @property
    def replaced_ids(self) -> tuple[str, ...]:
        """Ids of the exclusions that this one judges in place of."""
        return ()


class _LayerExclusion(_Exclusion):
    optional: bool = False
    """Whether the rule waits for its layer: where the data folder has none, land is not judged by
    it, and the run says that it is not known."""
    replaces: Name | list[Name] = []
    """Ids of approximate exclusions that this one, where its layer is there, judges in place of;
    needs ``optional = true``."""
    obtain: Annotated[str, Field(pattern=r"^(fetch|take) [a-z][a-z0-9_]*$")] | None = None
    """How ``siteopt layers`` brings the layer: ``fetch`` or ``take`` and the name of a recipe."""

    @property
    def replaced_ids(self) -> tuple[str, ...]:
        """Ids of the exclusions that this one names in ``replaces``."""
        return (self.replaces,) if isinstance(self.replaces, str) else tuple(self.replaces)


class Near(_LayerExclusion):
    """Excludes cells whose centre is within a distance of a feature (0: on or inside it)."""

    kind: Literal["near"]
    layer: str
    """Vector layer (catalogue id or a key of ``[layers]``)."""
    where: _Where = {}
    """Only features whose columns equal these values (a list: one of them)."""
    buffer_m: _Distance = 0.0
    """Euclidean distance from the feature in metres."""


class Far(_LayerExclusion):
    """Excludes cells whose centre is farther than a distance from every feature."""

    kind: Literal["far"]
    layer: str
    """Vector layer (catalogue id or a key of ``[layers]``)."""
    where: _Where = {}
    """Only features whose columns equal these values (a list: one of them)."""
    distance_m: Annotated[float, Field(gt=0, le=_FAR_M)]
    """Euclidean distance in metres."""


class DistanceBand(_LayerExclusion):
    """Excludes cells whose centre is farther than one distance, and no farther than another."""

    kind: Literal["distance_band"]
    layer: str
    """Vector layer (catalogue id or a key of ``[layers]``)."""
    where: _Where = {}
    """Only features whose columns equal these values (a list: one of them)."""
    from_m: _Distance
    """Euclidean distance from the nearest feature in metres that is not excluded yet (0: the
    features themselves are not)."""
    to_m: Annotated[float, Field(gt=0, le=_FAR_M)]
    """Largest distance that is excluded."""

    @model_validator(mode="after")
    def _has_width(self) -> Self:
        if self.from_m >= self.to_m:
            raise ValueError(
                f"from_m ({self.from_m:g}) must be less than to_m ({self.to_m:g}), else no cell "
                "lies between"
            )
        return self


class Outside(_LayerExclusion):
    """Excludes cells whose centre is in no polygon of a layer, and a strip inside its edge."""

    kind: Literal["outside"]
    layer: str
    """Polygon layer (catalogue id or a key of ``[layers]``)."""
    where: _Where = {}
    """Only features whose columns equal these values (a list: one of them)."""
    buffer_m: _Distance = 0.0
    """Width in metres of the strip inside the polygons that is excluded too."""


class _OfRaster(_LayerExclusion):
    layer: str
    """Raster layer (catalogue id or a key of ``[layers]``)."""
    buffer_m: _Distance = 0.0
    """Euclidean distance from the centres of such cells in metres."""


class Above(_LayerExclusion):
    """Excludes cells where a raster is above a threshold."""

    kind: Literal["above"]
    layer: str
    """Raster layer (catalogue id or a key of ``[layers]``)."""
    threshold: float
    """In the unit of the layer (see ``siteopt layers list``)."""
    buffer_m: _Distance = 0.0
    """Euclidean distance from the centres of such cells in metres."""


class Below(_LayerExclusion):
    """Excludes cells where a raster is below a threshold."""

    kind: Literal["below"]
    layer: str
    """Raster layer (catalogue id or a key of ``[layers]``)."""
    threshold: float
    """In the unit of the layer (see ``siteopt layers list``)."""
    buffer_m: _Distance = 0.0
    """Euclidean distance from the centres of such cells in metres."""


class _Range(_OfRaster):
    low: float
    """Low end, in the unit of the layer (see ``siteopt layers list``); within the range."""
    high: float
    """High end; within the range too."""

    @model_validator(mode="after")
    def _ends_in_order(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low ({self.low:g}) must not exceed high ({self.high:g})")
        return self


class WithinRange(_Range):
    """Excludes cells where a raster lies in a range, both ends included."""

    kind: Literal["within_range"]


class OutsideRange(_Range):
    """Excludes cells where a raster is below the low end of a range or above the high one."""

    kind: Literal["outside_range"]


class InClasses(_OfRaster):
    """Excludes cells where a raster of classes has one of some values."""

    kind: Literal["in_classes"]
    classes: _Classes
    """Values of the raster, such as codes of land cover."""


class NotInClasses(_OfRaster):
    """Excludes cells where a raster of classes has none of some values."""

    kind: Literal["not_in_classes"]
    classes: _Classes
    """Values of the raster that are not excluded, such as codes of land cover."""


class MinWidth(_Exclusion):
    """Excludes land that is narrower than a width: what a morphological opening removes.

    Judged on the land that all rules but `MinWidth` and `MinArea` leave.
    """

    kind: Literal["min_width"]
    width_m: Annotated[float, Field(gt=0, le=_FAR_M)]
    """Diameter in metres of the disc that has to fit into the land around a cell; more than two
    cells."""


class MinArea(_Exclusion):
    """Excludes land in patches of connected cells that are smaller than an area.

    Judged on the land that all rules but `MinArea` leave.
    """

    kind: Literal["min_area"]
    area_ha: Annotated[float, Field(gt=0)]
    """Smallest area in hectares of a patch that is not excluded; more than one cell."""
    connectivity: Literal[4, 8] = 4
    """Neighbours of a cell: 4 along its edges, 8 with those that it meets at its corners."""


DistanceExclusion: TypeAlias = Near | Far | DistanceBand
"""Kinds that take cells by their distance from features."""

VectorExclusion: TypeAlias = DistanceExclusion | Outside
"""Kinds that take cells by the features of a vector layer."""

RasterExclusion: TypeAlias = Above | Below | WithinRange | OutsideRange | InClasses | NotInClasses
"""Kinds that take cells by the values of a raster layer."""

LayerExclusion: TypeAlias = VectorExclusion | RasterExclusion
"""Kinds that read a layer."""

ShapeExclusion: TypeAlias = MinWidth | MinArea
"""Kinds that take cells by the shape of the land that other rules leave."""

Exclusion: TypeAlias = Annotated[LayerExclusion | ShapeExclusion, Field(discriminator="kind")]


def check_shapes(exclusions: list[Exclusion], cell_m: float) -> None:
    """Raise ValueError if cells are too large for a width or an area to take any land.

    Parameters
    ----------
    exclusions : list of Exclusion
        Of one section of a scenario.
    cell_m : float
        Side of a cell in metres.
    """
    for one in exclusions:
        if isinstance(one, MinWidth) and one.width_m <= 2.0 * cell_m:
            raise ValueError(
                f"exclusion {one.id}: width_m = {one.width_m:g} takes no land at cells of "
                f"{cell_m:g} m; give more than {2.0 * cell_m:g}, or a smaller cell_m"
            )
        if isinstance(one, MinArea) and one.area_ha * _HA_M2 <= cell_m * cell_m:
            raise ValueError(
                f"exclusion {one.id}: area_ha = {one.area_ha:g} takes no land at cells of "
                f"{cell_m:g} m; give more than {cell_m * cell_m / _HA_M2:g}, or a smaller cell_m"
            )
