"""Screening of a scenario to files, window by window: a grid of any size, and work that goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from siteopt.errors import LayerFileError
from siteopt.layers.store import open_layers
from siteopt.scenario import Scenario, load_scenario
from siteopt.scenario.screening import MEMORY_MB
from siteopt.screening.checkpoint import checkpoint_beside
from siteopt.screening.exclusions import LAND_LAYER, prepare_rules
from siteopt.screening.margins import MeasuredRules
from siteopt.screening.reason_file import write_judged
from siteopt.stages.keys import content_token, scenario_token
from siteopt.stages.store import content_hash
from siteopt.stages.version import versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt.layers.store import Layers
    from siteopt.scenario import Screening
    from siteopt.screening.reason_file import ScreenedFile

__all__ = ["screen_to_file"]

_ENDINGS = (".tif", ".tiff")


def screen_to_file(  # noqa: PLR0913 - each by its name
    scenario: Scenario | Path | str,
    out: Path | str,
    *,
    nearly: bool = False,
    strictest: bool = False,
    memory_mb: float | None = None,
    threads: int | None = None,
    tell: Callable[[str], None] | None = None,
) -> ScreenedFile:
    """Screen the land of a scenario and write all reasons of every cell to a GeoTIFF.

    Nothing but the exclusions of the scenario is asked. The grid is never in memory as a whole, and
    the cells do not depend on memory or threads. A call that was stopped, or met a full disk or a
    damaged raster, leaves no half-written file; windows that it had judged stay in a hidden folder
    beside the file, and the next call with the same exclusions, layers and program takes them.

    Parameters
    ----------
    scenario : Scenario, Path or str
        A loaded scenario, a scenario file, or the name of a ready one; ``screening.cell_m`` is the
        side of a cell in metres.
    out : Path or str
        The file (``.tif``), a Cloud Optimized GeoTIFF in EPSG:5179; replaced where there is one.
    nearly : bool
        Whether to measure by how much nearly eligible cells miss their limit, into a file with
        ``-nearly`` in its name.
    strictest : bool
        Whether to write the strictest reason of every cell, into a file with ``-strictest``: the
        one whose limit it misses by the largest share of the limit. All distances from features
        are measured for it.
    memory_mb : float, optional
        Memory in MB that the windows judged at the same time may take; that of the scenario by
        default.
    threads : int, optional
        Windows judged at the same time; as many as there are cores by default.
    tell : callable, optional
        Called with a line where work of an earlier call is taken.

    Returns
    -------
    ScreenedFile
        Paths and areas; ``report()`` is the table by reason, ``nearly_report()`` that of margins.

    Raises
    ------
    ScenarioError, LayerError
        If scenario or layers cannot be right.
    LayerFileError
        If a layer cannot be read or a file cannot be written, or another process writes it.

    Examples
    --------
    >>> import siteopt
    >>> fine = siteopt.load_scenario("national-2035", changes={"screening.cell_m": 30})
    >>> land = siteopt.screen_to_file(fine, "land.tif", nearly=True)  # doctest: +SKIP
    >>> land.counts.eligible_km2  # doctest: +SKIP
    """
    path = Path(out)
    _check_place(path)
    loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    layers = open_layers(loaded)
    rules = prepare_rules(layers, loaded.screening)
    if nearly or strictest:
        rules = MeasuredRules.of(rules, with_nearly=nearly, with_strictest=strictest)
    key = _fingerprint(layers, loaded.screening, nearly=nearly, strictest=strictest)
    with checkpoint_beside(path, key) as checkpoint:
        memory = loaded.screening.memory_mb if memory_mb is None else memory_mb
        windows = checkpoint.judged(rules, memory, threads, tell=tell)
        return write_judged(windows, rules, path, checkpoint.folder, threads)


def _check_place(path: Path) -> None:
    """Raise LayerFileError if no GeoTIFF can have this name, before the work starts."""
    if path.suffix.lower() not in _ENDINGS:
        raise LayerFileError(f"{path}: is no name of a GeoTIFF; give one that ends in .tif")
    if path.is_dir():
        raise LayerFileError(f"{path}: is a folder; give the name of a file")
    if not path.parent.is_dir():
        raise LayerFileError(f"{path}: there is no folder {path.parent}; make it first")


def _fingerprint(layers: Layers, screening: Screening, *, nearly: bool, strictest: bool) -> str:
    """Return the hash of all that the cells depend on: rules, files of their layers, program."""
    named = {getattr(exclusion, "layer", LAND_LAYER) for exclusion in screening.exclusions}
    files = [
        (name, content_token(layers, name)) for name in sorted({*named, LAND_LAYER} & {*layers.ids})
    ]
    asked = screening.model_copy(update={"memory_mb": MEMORY_MB})  # it changes no cell
    parts = [scenario_token(asked), files, nearly, strictest, versions()]
    return content_hash(repr(parts).encode())
