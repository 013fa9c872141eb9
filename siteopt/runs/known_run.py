"""Constructive trace of a whole run: one hash of all that it can read, and the files it wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from siteopt._file_names import ELIGIBILITY, PORTFOLIO, RANKING, RUN_FILES
from siteopt._files import publish, read_record, stray_file
from siteopt._ownership import plain_bytes
from siteopt.layers.catalogue import file_hash, read_catalogue
from siteopt.stages.keys import scenario_token
from siteopt.stages.store import content_hash
from siteopt.stages.version import versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from siteopt.scenario import Scenario
    from siteopt.stages.store import Store

__all__ = ["KnownRun", "fingerprint", "remember_run", "take_run"]

_KIND = "runs"
_NEEDED = {ELIGIBILITY, PORTFOLIO, RANKING}
"""Files that every run writes."""


class KnownRun(NamedTuple):
    """A run that need not be made again.

    Attributes
    ----------
    record : dict
        What ``run.json`` holds; no seconds of stages where its files were put back.
    files : dict of str to bytes
        Files by name, those asked for at least.
    stages : list of str
        Stages that it went through.
    """

    record: dict[str, Any]
    files: dict[str, bytes]
    stages: list[str]


def fingerprint(scenario: Scenario) -> str:
    """Return the key of a run: a hash of scenario, layer files, package and libraries.

    Parameters
    ----------
    scenario : Scenario
        Its own files count by content.

    Raises
    ------
    LayerError, LayerFileError
        If the catalogue or a layer file cannot be read.
    """
    catalogue = read_catalogue(scenario.data)
    layers = [(entry.id, file_hash(catalogue.path(entry.id))) for entry in catalogue]
    parts = [scenario_token(scenario), file_hash(catalogue.folder / "catalogue.toml"), layers]
    return content_hash(repr([*parts, versions()]).encode())


def take_run(store: Store, key: str, folder: Path, held: Sequence[str]) -> KnownRun | None:
    """Put the files of a known run into a folder unless they are there; None where it cannot.

    Parameters
    ----------
    store : Store
        Where results are kept.
    key : str
        Of :func:`fingerprint`, and which files are asked for.
    folder : Path
        Folder of the run.
    held : sequence of str
        Files to return, as far as the run wrote them.
    """
    trace = store.record(_KIND, key) or {}
    record, stages = trace.get("record"), trace.get("stages")
    if not isinstance(record, dict) or not isinstance(hashes := record.get("files"), dict):
        return None
    if not _NEEDED <= hashes.keys() <= RUN_FILES:
        return None
    if not isinstance(stages, list) or not all(str(name).isidentifier() for name in stages):
        return None
    store.used(_KIND, key)
    there = read_record(folder)
    if there is not None and _untimed(there) == record:
        files = _read(folder, hashes, held)
        if files is not None:
            return KnownRun(there, files, stages)
    stored = {name: store.get(sha256) for name, sha256 in hashes.items()}
    files = {name: content for name, content in stored.items() if content is not None}
    if len(files) < len(hashes):
        return None
    return KnownRun(publish(files, record, folder), files, stages)


def remember_run(store: Store, key: str, run: KnownRun) -> None:
    """Remember what a run wrote, so that the same run has nothing to look at.

    Parameters
    ----------
    store, key
        As of :func:`take_run`.
    run : KnownRun
        With all of its files.
    """
    for name, content in run.files.items():
        store.put(run.record["files"][name], content)
    store.remember(_KIND, key, {"record": _untimed(run.record), "stages": run.stages})


def _read(folder: Path, hashes: Mapping[str, Any], held: Sequence[str]) -> dict[str, bytes] | None:
    """Return some files of a folder; None where one of all is not as it was written."""
    try:
        found = {name: plain_bytes(folder / name) for name in held if name in hashes}
    except OSError:
        return None
    others = {name: sha256 for name, sha256 in hashes.items() if name not in found}
    same = all(content_hash(content) == hashes[name] for name, content in found.items())
    return found if same and stray_file(folder, others) is None else None


def _untimed(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record with no seconds: they are no part of the answer."""
    seconds = record.get("timings_s")
    phases = seconds if isinstance(seconds, dict) else {}
    return {**record, "timings_s": dict.fromkeys(phases, 0.0)}
