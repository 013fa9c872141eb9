"""Loading of a scenario: from a file or by name, with values set otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siteopt.scenario.changes import changed_scenario
from siteopt.scenario.scenario import scenario_of_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from siteopt.scenario.scenario import Scenario

__all__ = ["load_scenario"]


def load_scenario(
    path: Path | str,
    *,
    layers: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Scenario:
    """Read a scenario file, or one of the ready scenarios by name.

    Parameters
    ----------
    path : Path or str
        A TOML file, or the name of a scenario that siteopt carries, such as ``national-2035``.
    layers : mapping, optional
        Layers that replace or add to those of the file, by id: a path, or a GeoDataFrame (a
        DataFrame for a table) in memory.
    changes : mapping, optional
        Values by path, as of :meth:`siteopt.Study.change`; where a path to a file may stand, a
        frame may too.

    Returns
    -------
    Scenario
        With every path absolute.

    Raises
    ------
    LayerFileError
        If there is no such file.
    ScenarioError
        If the file is not TOML, or a key or value is wrong; the message names the first.

    Examples
    --------
    >>> import siteopt
    >>> scenario = siteopt.load_scenario("national-2035")
    >>> scenario.build.block_mw, scenario.provinces.count_min
    (20.0, 3)
    """
    scenario = scenario_of_file(path)
    if layers is None and changes is None:
        return scenario
    own = {f"layers.{name}": given for name, given in (layers or {}).items()}
    return changed_scenario(scenario, own | dict(changes or {}))
