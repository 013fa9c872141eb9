"""Grid case as plain tables: buses, branches, generators and DC lines, with provenance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from siteopt.errors import LayerError, LayerFileError
from siteopt.grid._case_faults import MOST_MW, check_base, find_fault, in_service
from siteopt.grid._case_files import TABLES, complete, empty_table, read_tables
from siteopt.grid._case_notes import notes_on
from siteopt.grid._matpower import read_matpower

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from siteopt.layers.store import Layers

__all__ = ["GridCase", "case_of_layers", "check_case", "read_case"]

_BASE_MVA: Final = 100.0
"""Base of the per-unit impedances where a case names none, as in nearly every published one."""


@dataclass(frozen=True, slots=True)
class GridCase:
    """A grid case as plain tables, columns as in the embedded ``case_*`` layers.

    Generators are those in service. Their ``status`` is the commitment in the one hour that the
    case was solved for (whether a unit ran then) and takes none out of service: ``in_service``
    does, in a table that is read, and GEN_STATUS of a MATPOWER file is that.

    Attributes
    ----------
    buses : DataFrame
        ``bus_id, name_ko, name_en, base_kv, lon, lat, g_shunt_mw, p_load_mw, solar_mw, wind_mw``
        and what else the source holds; lon and lat (EPSG:4326) may be NaN.
    branches : DataFrame
        ``branch_id, from_bus, to_bus, r_pu, x_pu, b_pu, rate_a_mva, ratio, angle_deg, status,
        flow_mw``; status 0 is out of service, a rating without limit is infinite, ratio 0 is no
        transformer tap, ``flow_mw`` NaN where no state was solved.
    generators : DataFrame
        ``generator_id, bus_id, fuel, p_min_mw, p_max_mw, status, output_mw, cost_krw_mw2h,
        cost_krw_mwh, cost_krw_h``.
    dc_lines : DataFrame
        ``dc_line_id, from_bus, to_bus, status, flow_mw, p_min_mw, p_max_mw``; positive flow is
        from ``from_bus`` to ``to_bus``.
    base_mva : float
        Base of the per-unit impedances.
    notes : tuple of str
        What does not count, or counts otherwise than it may seem.
    """

    buses: pd.DataFrame
    branches: pd.DataFrame
    generators: pd.DataFrame
    dc_lines: pd.DataFrame
    base_mva: float = _BASE_MVA
    notes: tuple[str, ...] = ()

    def rows_of(self, bus: pd.Series, table: str) -> NDArray[np.int64]:
        """Return the row in ``buses`` of every bus named in a column.

        Parameters
        ----------
        bus : Series
            Column of bus ids.
        table : str
            Name of its table, for messages.

        Raises
        ------
        LayerError
            If a bus is not in the case.
        """
        rows = pd.Index(self.buses["bus_id"]).get_indexer(pd.Index(bus))
        if (rows < 0).any():
            wrong = int(np.flatnonzero(rows < 0)[0])
            raise LayerError(
                f"{table}: row {wrong + 1} names bus {bus.iloc[wrong]}, which case_buses lacks"
            )
        return np.asarray(rows, dtype=np.int64)


def read_case(path: Path, cost_unit_krw: float = 1.0) -> GridCase:
    """Read and check a grid case.

    Parameters
    ----------
    path : Path
        A MATPOWER file (``.m``, version 2), a folder that holds one, or a folder with the CSV
        form: ``case_buses.csv``, ``case_branches.csv``, ``case_generators.csv`` and, if there
        are any, ``case_dc_lines.csv``.
    cost_unit_krw : float, optional
        KRW in one unit of the costs of a ``.m`` file, which does not say its currency.

    Returns
    -------
    GridCase

    Raises
    ------
    LayerFileError
        If there is nothing to read.
    LayerError
        If a file is malformed, or as :func:`check_case`.
    """
    file = _matpower_file(path)
    if file is None:
        tables, base_mva = read_tables(path), _BASE_MVA
    else:
        tables, base_mva = read_matpower(file, cost_unit_krw)
    try:
        return _case(tables, base_mva)
    except LayerError as error:
        raise LayerError(f"{(file or path).name}: {error}") from None


def _case(tables: dict[str, pd.DataFrame], base_mva: float = _BASE_MVA) -> GridCase:
    """Return the checked case of tables by name.

    Columns that they lack are filled, units out of service left out, and ratings that are no
    limit (0, or above what any grid has) made infinite.
    """
    buses, branches, generators, dc_lines = (complete(tables[name], name) for name in TABLES)
    rate = branches["rate_a_mva"].to_numpy(dtype=np.float64)
    free = (rate == 0) | (rate > MOST_MW)
    branches = branches.assign(rate_a_mva=np.where(free, np.inf, rate))
    check_base(base_mva)
    find_fault(buses, branches, generators, dc_lines)
    units = in_service(generators).reset_index(drop=True)
    notes = notes_on(branches, generators, dc_lines)
    return GridCase(buses, branches, units, dc_lines, base_mva, notes)


def _matpower_file(path: Path) -> Path | None:
    """Return the MATPOWER file that a path means, None where it is a folder of CSV files."""
    if not path.is_dir():
        if path.suffix.lower() == ".m":
            return path
        raise LayerFileError(f"{path}: a .m file or a folder with a grid case is needed")
    found = sorted(path.glob("*.m"))
    if len(found) > 1:
        raise LayerFileError(
            f"{path}: {len(found)} .m files ({found[0].name}, {found[1].name}, ...); name the one "
            "that is meant"
        )
    return found[0] if found else None


def case_of_layers(layers: Layers) -> GridCase:
    """Return the case of the embedded ``case_*`` layers, or of the user's in their place.

    Parameters
    ----------
    layers : Layers
        Layers of the run.

    Raises
    ------
    LayerError, LayerFileError
        If a layer cannot be read, or as :func:`check_case`.
    """
    buses = pd.DataFrame(layers.vector("case_buses").drop(columns="geometry"))
    if "p_load_mw" not in buses:
        raise LayerError("case_buses: column p_load_mw is missing; a grid case needs it")
    # a case without DC lines has no layer of them: a table has at least one row
    others = {
        name: layers.table(name) if name in layers.ids else empty_table(name) for name in TABLES[1:]
    }
    return _case({"case_buses": buses, **others})


def check_case(case: GridCase) -> None:
    """Check what a DC power flow needs of a case.

    Every fault names up to five rows. Of what is out of service only the id is checked. A
    rating of 0 is no limit, as in MATPOWER; an empty one is a fault. A piece of
    the network that only DC lines join to the rest has a reference angle and a balance of its own.
    A part that nothing joins is a fault, except where it has a reference bus (type 3) of its own.

    Parameters
    ----------
    case : GridCase
        Grid case.

    Raises
    ------
    LayerError
        With the first fault: no bus, an id that appears twice, a load that is no number; of what
        is in service an end on no bus, a branch or DC line from a bus to itself, a branch without
        reactance, rating, ratio or angle, a generator or DC line whose limits are no numbers or
        cross, a number that no grid has; or buses that no branch or DC line in service joins
        to the others.
    """
    find_fault(case.buses, case.branches, case.generators, case.dc_lines)
