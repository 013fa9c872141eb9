"""PyPSA networks as tables: a folder of CSV files, or a netCDF file.

Formats: PyPSA's documentation, "Import and export" (``n.export_to_csv_folder``,
``n.export_to_netcdf``). What has its default is not in the files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from siteopt.errors import LayerError, LayerFileError, why_not_read

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PypsaTables", "read_pypsa"]

COMPONENTS: Final = (
    "buses", "lines", "line_types", "transformers", "transformer_types", "links", "generators",
    "loads",
)  # fmt: skip
_SERIES: Final = {
    "loads": ("p_set",), "generators": ("p_max_pu", "p"), "lines": ("p0",),
    "transformers": ("p0",), "links": ("p0",),
}  # fmt: skip
_YEAR_FIRST: Final = re.compile(r"\d{4}-\d")
_MOST_BYTES: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class PypsaTables:
    """Components of a network, as they were exported.

    Attributes
    ----------
    components : dict of str to DataFrame
        By name of the list (``buses``, ``lines``, ...), index the names of components; text as
        text, numbers as numbers.
    series : dict of tuple to DataFrame
        By list and attribute: a row a snapshot, a column a component.
    snapshots : DatetimeIndex
        Empty where the network has none, or they are no times.
    """

    components: dict[str, pd.DataFrame]
    series: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict)
    snapshots: pd.DatetimeIndex = field(default_factory=lambda: pd.DatetimeIndex([]))

    def table(self, name: str) -> pd.DataFrame:
        """Return the components of a list; an empty table where there are none."""
        return self.components.get(name, pd.DataFrame(index=pd.Index([], dtype=str)))


def read_pypsa(path: Path) -> PypsaTables:
    """Read a network that PyPSA exported.

    Parameters
    ----------
    path : Path
        A folder with ``buses.csv``, ``lines.csv`` and so on, or a ``.nc`` file.

    Raises
    ------
    LayerFileError
        If it is not there or cannot be read, or netCDF4 is needed and missing.
    LayerError
        If it is no network, or a series has not a row for each snapshot.
    """
    if path.is_dir():
        return _from_folder(path)
    if not path.is_file():
        raise LayerFileError(f"{path}: not there; give a folder of a PyPSA network or a .nc file")
    if path.stat().st_size > _MOST_BYTES:
        raise LayerFileError(f"{path.name}: larger than 1 GB; export fewer snapshots")
    return _from_netcdf(path)


def _from_folder(folder: Path) -> PypsaTables:
    if not (folder / "buses.csv").is_file():
        raise LayerFileError(
            f"{folder}: has no buses.csv; give a folder that n.export_to_csv_folder() wrote"
        )
    components = {
        name: _static(folder / f"{name}.csv")
        for name in COMPONENTS
        if (folder / f"{name}.csv").is_file()
    }
    times = folder / "snapshots.csv"
    stamps: list[Any] = []
    if times.is_file():
        table = _csv(times)
        column = "snapshot" if "snapshot" in table else str(table.columns[0])
        stamps = table[column].tolist()
    series = {
        (name, attribute): _csv(file).iloc[:, 1:].astype(float)
        for name, attributes in _SERIES.items()
        for attribute in attributes
        if (file := folder / f"{name}-{attribute}.csv").is_file()
    }
    return _checked(components, series, stamps, folder.name)


def _csv(path: Path, **options: Any) -> pd.DataFrame:  # noqa: ANN401 - those of read_csv
    try:
        found: pd.DataFrame = pd.read_csv(path, **options)
    except (OSError, ValueError) as error:
        reason = why_not_read(error) if isinstance(error, OSError) else str(error).splitlines()[0]
        raise LayerFileError(f"{path.name}: cannot be read as CSV ({reason})") from error
    return found


def _static(path: Path) -> pd.DataFrame:
    """Return components by name; names of components and of buses are text, whatever they hold."""
    header = _csv(path, nrows=0).columns
    text = [name for name in header if name in {"name", "bus", "bus0", "bus1", "carrier", "type"}]
    table = _csv(path, dtype=dict.fromkeys([str(header[0]), *text], str), keep_default_na=False, na_values={name: [""] for name in header if name not in {header[0], *text}})  # fmt: skip
    return table.set_index(str(header[0]))


def _from_netcdf(path: Path) -> PypsaTables:
    try:
        import netCDF4  # noqa: PLC0415 - an optional dependency
    except ImportError as error:
        raise LayerFileError(
            f"{path.name}: reading netCDF needs the package netCDF4; install siteopt[netcdf], or "
            "export the network with n.export_to_csv_folder()"
        ) from error
    try:
        with netCDF4.Dataset(path) as data:
            found = data.variables
            if "buses_i" not in found:
                raise LayerError(f"{path.name}: has no buses; give a network that PyPSA exported")
            components = {
                name: _of_list(found, name) for name in COMPONENTS if f"{name}_i" in found
            }
            series = {
                (name, attribute): pd.DataFrame(
                    np.ma.filled(found[f"{name}_t_{attribute}"][:], np.nan),
                    columns=found[f"{name}_t_{attribute}_i"][:].astype(str),
                )
                for name, attributes in _SERIES.items()
                for attribute in attributes
                if f"{name}_t_{attribute}" in found
            }
            stamps: list[Any] = []
            times = found.get("snapshots_snapshot", found.get("snapshots"))
            if times is not None and "units" in times.ncattrs():
                dates = netCDF4.num2date(
                    times[:], times.units, getattr(times, "calendar", "standard"),
                    only_use_cftime_datetimes=False, only_use_python_datetimes=True,
                )  # fmt: skip
                stamps = np.asarray(dates, dtype=object).ravel().tolist()
    except (OSError, RuntimeError) as error:
        raise LayerFileError(f"{path.name}: cannot be read as netCDF ({error})") from error
    return _checked(components, series, stamps, path.name)


def _of_list(found: Any, name: str) -> pd.DataFrame:  # noqa: ANN401 - variables of netCDF4
    index = pd.Index(found[f"{name}_i"][:].astype(str), name="name")
    rest = {
        key.removeprefix(f"{name}_"): np.ma.filled(variable[:], np.nan) if variable.dtype is not str else variable[:]
        for key, variable in found.items()
        if key.startswith(f"{name}_") and not key.startswith(f"{name}_t_") and key != f"{name}_i"
        and variable.shape == index.shape
    }  # fmt: skip
    return pd.DataFrame(rest, index=index)


def _checked(
    components: dict[str, pd.DataFrame],
    series: dict[tuple[str, str], pd.DataFrame],
    stamps: list[Any],
    file: str,
) -> PypsaTables:
    for name, table in components.items():
        if table.index.has_duplicates:
            twice = table.index[table.index.duplicated()][0]
            raise LayerError(f"{file}: {name}: {twice} appears twice; names must be unique")
    # a network of one moment calls it "now", which pandas would take for the time of the clock
    dated = all(not isinstance(one, str) or _YEAR_FIRST.match(one) for one in stamps)
    try:
        times = pd.DatetimeIndex(pd.to_datetime(stamps if dated else []))
    except (ValueError, TypeError):
        times = pd.DatetimeIndex([])
    rows = len(stamps)
    for (name, attribute), table in series.items():
        if rows and len(table) != rows:
            raise LayerError(
                f"{file}: {name}-{attribute} has {len(table):,} rows; the network has {rows:,} snapshots"
            )
    named = {
        key: table.set_axis(table.columns.astype(str), axis=1) for key, table in series.items()
    }
    return PypsaTables(components, named, times)
