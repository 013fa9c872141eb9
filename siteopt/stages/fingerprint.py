"""One hash of all that a run can read: where it is known, nothing has to be looked at closer."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from siteopt._data import data_folder
from siteopt.layers.catalogue import file_hash, read_catalogue
from siteopt.stages.code import LIBRARIES, installed, package_files
from siteopt.stages.inputs import scenario_token
from siteopt.stages.values import content_hash

if TYPE_CHECKING:
    from siteopt.scenario import Scenario

__all__ = ["fingerprint"]


def fingerprint(scenario: Scenario) -> str:
    """Return a hash of a scenario, all layer files, all code, and the libraries.

    Parameters
    ----------
    scenario : Scenario
        Its own files count by content.

    Raises
    ------
    LayerError, LayerFileError
        If the catalogue or a layer file cannot be read.
    """
    catalogue = read_catalogue()
    home = data_folder()
    parts = {
        "scenario": scenario_token(scenario),
        "catalogue": file_hash(home / "catalogue.toml"),
        "layers": [(entry.id, file_hash(catalogue.path(entry.id))) for entry in catalogue],
        "code": [(path.name, file_hash(path)) for path in package_files()],
        "libraries": {name: installed(name) for name in sorted(LIBRARIES.values())},
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    return content_hash(repr(parts).encode())
