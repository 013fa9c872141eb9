"""Alignment of a raster file: how its cells come to lie on a lattice of EPSG:5179."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from siteopt.lattice import CRS_EPSG
from siteopt.layers._raster_frame import name_of_crs

if TYPE_CHECKING:
    from siteopt.layers.raster_file import RasterFile

__all__ = ["Alignment", "alignment_of"]


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the cells of a file come to lie on a lattice of EPSG:5179.

    Attributes
    ----------
    crs : str
        Code or name of the CRS of the file.
    sides_m : tuple of float
        Sides of its cells in metres of EPSG:5179, along a row and along a column, about.
    cell_m : float
        Side of a cell of the lattice in metres.
    rows, cols : int
        Cells of the file that are read: those in Korea and up to a degree around it.
    is_turned : bool
        Whether its grid is turned or sheared against the axes of its CRS.
    is_exact : bool
        Whether cells are taken one for one; else each cell of the lattice takes the value of the
        file's cell that holds its centre (nearest), which keeps classes what they are.
    """

    crs: str
    sides_m: tuple[float, float]
    cell_m: float
    rows: int
    cols: int
    is_turned: bool
    is_exact: bool

    @property
    def sentence(self) -> str:
        """The alignment as a sentence, without the name of the file."""
        cells = f"{self.rows:,} x {self.cols:,} cells"
        if self.is_exact:
            return f"{cells} of {self.cell_m:g} m in EPSG:{CRS_EPSG} are taken one for one"
        width, height = self.sides_m
        turned = " (turned)" if self.is_turned else ""
        return (
            f"{cells} of {width:.4g} m by {height:.4g} m in {self.crs}{turned} are resampled to cells of "
            f"{self.cell_m:.4g} m in EPSG:{CRS_EPSG}, each with the value of the cell that holds its "
            "centre (nearest)"
        )


def alignment_of(file: RasterFile) -> Alignment:
    """Return how a raster file is aligned.

    Parameters
    ----------
    file : RasterFile
        The file.
    """
    frame = file.frame
    return Alignment(
        crs=name_of_crs(frame.crs), sides_m=frame.sides_m, cell_m=file.lattice.cell_m,
        rows=frame.rows, cols=frame.cols, is_turned=bool(frame.affine.b or frame.affine.d),
        is_exact=frame.as_it_is,
    )  # fmt: skip
