"""A run that is known as a whole: its files are there already, or are put there again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siteopt._file_names import COMPLEXES, MAP, PORTFOLIO, RUN_FILES
from siteopt._files import publish, read_record, stray_file
from siteopt._ownership import plain_bytes
from siteopt.runs.results import HELD_FILES, written_run
from siteopt.stages.values import content_hash, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from siteopt.runs.results import Run
    from siteopt.stages.store import Store

__all__ = ["remember_run", "take_run", "timed"]

_KIND = "runs"
_PARTS = ({"map", "files"}, {"figures"})
"""Results that the files of a run are in: of a whole one, of a brief one."""


def take_run(store: Store, known: str, folder: Path, phases: Iterable[str]) -> Run | None:
    """Put the files of a known run into a folder unless they are there; None where it cannot.

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
    record = None if whole is None else whole.get("record")
    if whole is None or not isinstance(record, dict) or whole.keys() - {"record"} not in _PARTS:
        return None
    store.used(_KIND, known)
    there = read_record(folder)
    if there is not None and _untimed(there) == record:
        found = _held(folder, record.get("files"))
        if found is not None:
            return written_run(folder, there, found)
    files: dict[str, bytes] = {}
    for name in sorted(whole.keys() - {"record"}):
        part = _files_of(store, name, whole[name])
        if part is None:
            return None
        files |= part
    if not {*HELD_FILES} - {COMPLEXES} <= files.keys():
        return None
    written = publish(files, record | timed(dict.fromkeys(phases, 0.0)), folder)
    return written_run(folder, written, files)


def _held(folder: Path, hashes: Any) -> dict[str, bytes] | None:  # noqa: ANN401 - as kept
    """Return the files that a run is asked of; None where one of all is not as it was written."""
    if not isinstance(hashes, dict) or hashes.keys() - RUN_FILES:
        return None
    try:
        held = {name: plain_bytes(folder / name) for name in HELD_FILES if name in hashes}
    except OSError:
        return None
    others = {name: sha256 for name, sha256 in hashes.items() if name not in held}
    same = all(content_hash(content) == hashes[name] for name, content in held.items())
    return held if same and PORTFOLIO in held and stray_file(folder, others) is None else None


def _files_of(store: Store, part: str, kept: Any) -> dict[str, bytes] | None:  # noqa: ANN401
    """Return the files that a kept result is made of; None where it is not what runs write."""
    content = store.get(kept)
    try:
        found = None if content is None else decode(content)
    except ValueError:  # damaged
        return None
    if part == "map":
        return {MAP: found.encode()} if isinstance(found, str) else None
    files = found.get("files") if isinstance(found, dict) else None
    if not isinstance(files, dict) or files.keys() - (RUN_FILES - {MAP}):
        return None
    return files if all(isinstance(item, bytes) for item in files.values()) else None


def remember_run(
    store: Store, known: str, record: Mapping[str, Any], parts: Mapping[str, str]
) -> None:
    """Remember what a run wrote, so that the same run has nothing to look at.

    Parameters
    ----------
    store, known
        As of :func:`take_run`.
    record : mapping
        What ``run.json`` says of the run.
    parts : mapping of str to str
        Hashes of the results that hold its files: ``map`` and ``files``, or ``figures``.
    """
    store.remember(_KIND, known, {**parts, "record": _untimed(record)})


def timed(seconds: Mapping[str, float]) -> dict[str, Any]:
    """Return seconds by phase as ``run.json`` has them, to the millisecond."""
    return {"timings_s": {name: round(taken, 3) for name, taken in seconds.items()}}


def _untimed(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in record.items() if name != "timings_s"}
