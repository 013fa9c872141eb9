"""A run that is known as a whole: its files are there already, or are put there again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siteopt._run_folder import publish, read_record, stray_file
from siteopt.stages.values import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from siteopt.stages.store import Store

__all__ = ["remember_run", "take_run", "timed"]

_KIND = "runs"


def take_run(store: Store, known: str, folder: Path, phases: Iterable[str]) -> bool:
    """Put the files of a known run into a folder unless they are there; return whether it could.

    Parameters
    ----------
    store : Store
        Where results are kept.
    known : str
        Of `siteopt.stages.fingerprint.fingerprint`, and which files are asked for.
    folder : Path
        Folder of the run.
    phases : iterable of str
        What ``run.json`` counts seconds of: none passed where files are only put back.
    """
    whole = store.record(_KIND, known)
    if whole is None:
        return False
    store.used(_KIND, known)
    record, there = whole["record"], read_record(folder)
    if there is not None and _untimed(there) == record and not stray_file(folder, record["files"]):
        return True
    files: dict[str, bytes] = {}
    for name in whole.keys() - {"record"}:
        content = store.get(whole[name])
        if content is None:
            return False
        try:
            part = decode(content)
        except ValueError:  # damaged
            return False
        files |= {"map.html": part.encode()} if name == "map" else part["files"]
    publish(files, record | timed(dict.fromkeys(phases, 0.0)), folder)
    return True


def remember_run(store: Store, known: str, folder: Path, parts: Mapping[str, str]) -> None:
    """Remember what a run wrote, so that the same run has nothing to look at.

    Parameters
    ----------
    store, known, folder
        As of :func:`take_run`.
    parts : mapping of str to str
        Hashes of the results that hold its files: ``map`` and ``files``, or ``figures``.
    """
    record = read_record(folder)
    if record is not None:
        store.remember(_KIND, known, {**parts, "record": _untimed(record)})


def timed(seconds: Mapping[str, float]) -> dict[str, Any]:
    """Return seconds by phase as ``run.json`` has them, to the millisecond."""
    return {"timings_s": {name: round(taken, 3) for name, taken in seconds.items()}}


def _untimed(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in record.items() if name != "timings_s"}
