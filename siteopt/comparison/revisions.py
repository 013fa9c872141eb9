"""Revisions to compare: the folder of a run, a git revision, the working tree.

A revision is read through ``git archive`` and the working tree through ``git ls-files``, both
copied into a folder of their own: nothing in the repository changes, not even when the comparison
is killed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from siteopt._data import data_folder
from siteopt._plain_data import read_toml
from siteopt.errors import LayerError, LayerFileError, ScenarioError
from siteopt.runs.results import open_run
from siteopt.scenario import ready_scenarios
from siteopt.scenario.energy import names_file
from siteopt.scenario.judgements import with_weights_of_file

if TYPE_CHECKING:
    from siteopt.runs.results import Run

__all__ = ["RevisionInputs", "Side", "code_hash", "find_sides"]

_PACKAGE: Final = Path(__file__).resolve().parent.parent
"""The package in use."""

_NOT_THE_ANSWER: Final = ("cli.py", "comparison", "report/assets", "_data", "py.typed")
"""Parts of the code that take no part in an answer."""


@dataclass(frozen=True)
class RevisionInputs:
    """All that an answer depends on.

    Attributes
    ----------
    code : Path
        The package folder ``siteopt`` that answers.
    data : Path
        Data folder, with ``catalogue.toml``.
    scenario : dict
        The scenario as it is written, with absolute paths.
    """

    code: Path
    data: Path
    scenario: dict[str, Any]


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Attributes
    ----------
    label : str
        What people read: the revision, "working tree", or the name of the run folder.
    inputs : RevisionInputs or None
        What to run; None where the files of a finished run are not at hand.
    run : Run or None
        A finished run; None where it is still to be made.
    missing : str
        Why there are no inputs, in a line.
    """

    label: str
    inputs: RevisionInputs | None
    run: Run | None
    missing: str = ""


def find_sides(
    names: tuple[str, str],
    home: Path,
    scenario: str | None = None,
    data: tuple[Path | None, Path | None] = (None, None),
) -> tuple[Side, Side]:
    """Find what two names mean.

    Parameters
    ----------
    names : tuple of str
        Each the folder of a finished run, a folder of a git repository (its working tree), or a
        revision of the repository of the current folder.
    home : Path
        Folder that copies are put into.
    scenario : str, optional
        A ready scenario's name or a scenario file, for sides that are still to be run.
    data : tuple of Path, optional
        Data folders that the finished runs were made with; the embedded one by default.

    Raises
    ------
    ScenarioError, LayerFileError
        If a name means nothing, or the scenario is not there on a side.
    """
    found = []
    for name, folder, place in zip(names, data, ("before", "after"), strict=True):
        path = Path(name)
        if (path / "run.json").is_file():
            found.append(_finished(open_run(path), folder or data_folder()))
            continue
        tree = home / f"tree-{place}"
        label = _copy_tree(path, tree) if path.is_dir() else _copy_revision(name, tree)
        top = _git_top(path if path.is_dir() else Path())
        found.append(Side(label, _inputs(tree, top, scenario, label), None))
    before, after = found
    if before.label == after.label:
        before, after = (
            replace(side, label=f"{side.label} ({name})")
            for side, name in zip(found, names, strict=True)
        )
    return before, after


def code_hash(package: Path) -> str:
    """Return the hash of the code that takes part in an answer.

    Parameters
    ----------
    package : Path
        Package folder ``siteopt``.
    """
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*")):
        name = file.relative_to(package).as_posix()
        skipped = any(name == part or name.startswith(f"{part}/") for part in _NOT_THE_ANSWER)
        if skipped or "__pycache__" in file.parts or not file.is_file():
            continue
        digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    git = shutil.which("git")
    if git is None:
        raise LayerFileError("git: not on this machine; compare the folders of two finished runs")
    quiet = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}  # not even the index is refreshed
    return subprocess.run(  # noqa: S603 - git, with words that are no options
        [git, "-C", str(folder), *words], capture_output=True, check=False, env=quiet
    )


def _git_top(folder: Path) -> Path:
    done = _git(folder, "rev-parse", "--show-toplevel")
    if done.returncode != 0:
        raise LayerFileError(
            f"{folder}: neither the folder of a finished run (no run.json) nor in a git repository; "
            "give a run folder, a git revision, or . for the working tree"
        )
    return Path(done.stdout.decode().strip())


def _copy_revision(name: str, tree: Path) -> str:
    """Copy the files of a revision; return what it is called."""
    top = _git_top(Path())
    done = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if done.returncode != 0:
        raise LayerFileError(
            f"{name}: neither the folder of a finished run nor a git revision of {top.name}; a "
            "shallow clone does not have older ones (git fetch)"
        )
    commit = done.stdout.decode().strip()
    tree.mkdir()
    packed = tree.with_suffix(".tar")
    made = _git(top, "archive", "--format=tar", f"--output={packed}", commit)
    if made.returncode != 0:
        raise LayerFileError(f"{name}: git archive failed ({made.stderr.decode().strip()})")
    with tarfile.open(packed) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extractall(tree, filter="data")
        else:  # Python 3.11.0 to 3.11.3; git has no path in it that leaves the tree
            archive.extractall(tree)  # noqa: S202
    packed.unlink()
    return name if commit.startswith(name) else f"{name} ({commit[:7]})"


def _copy_tree(folder: Path, tree: Path) -> str:
    """Copy the files of a working tree that git knows or would add; return what it is called."""
    top = _git_top(folder)
    done = _git(top, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in done.stdout.decode().split("\0"):
        source = top / name
        if name and source.is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, tree / name)
    return "working tree"


def _inputs(tree: Path, top: Path, scenario: str | None, label: str) -> RevisionInputs:
    """Return what a copy of a repository holds; what it does not hold is that in use."""
    package, data = tree / "siteopt", tree / "data"
    code = package if (package / "__main__.py").is_file() else _PACKAGE
    known = data if (data / "catalogue.toml").is_file() else data_folder()
    ready = ready_scenarios(known)
    if scenario is None:
        if len(ready) != 1:
            raise ScenarioError(f"--scenario: {label} has {', '.join(ready) or 'none'}; name one")
        scenario = ready[0]
    file = Path(scenario).resolve()
    if file.suffix != ".toml":
        file = known / "scenarios" / f"{scenario}.toml"
    elif file.is_relative_to(top):
        file = tree / file.relative_to(top)
    if not file.is_file():
        raise LayerFileError(
            f"{scenario}: no such scenario in {label}; there are {', '.join(ready) or 'none'}"
        )
    try:
        raw = read_toml(file)
    except LayerError as error:
        raise ScenarioError(f"{scenario} in {label}: {error}") from error
    raw = with_weights_of_file(raw, file)
    return RevisionInputs(code, known, _with_absolute_paths(raw, file.parent))


def _with_absolute_paths(raw: dict[str, Any], folder: Path) -> dict[str, Any]:
    scenario = dict(raw)
    if isinstance(raw.get("data"), str):
        scenario["data"] = str(folder / raw["data"])
    if isinstance(raw.get("layers"), dict):
        scenario["layers"] = {key: str(folder / str(v)) for key, v in raw["layers"].items()}
    candidates = raw.get("candidates")
    if isinstance(candidates, dict) and candidates.get("parcels"):
        scenario["candidates"] = candidates | {"parcels": str(folder / str(candidates["parcels"]))}
    report = raw.get("report")
    if isinstance(report, dict) and report.get("places"):
        scenario["report"] = report | {"places": str(folder / str(report["places"]))}
    energy = raw.get("energy")
    if isinstance(energy, dict) and isinstance(energy.get("zones"), list):
        zones = [_with_absolute_area(zone, folder) for zone in energy["zones"]]
        scenario["energy"] = energy | {"zones": zones}
    return scenario


def _with_absolute_area(zone: Any, folder: Path) -> Any:  # noqa: ANN401 - whatever TOML holds
    """Return a tariff zone whose polygon file, where it has one, is absolute."""
    if not isinstance(zone, dict) or not names_file(zone.get("area")):
        return zone
    return zone | {"area": str(folder / zone["area"])}


def _finished(run: Run, data: Path) -> Side:
    """Return a finished run with its inputs, where the data folder still holds them."""
    from siteopt.layers.catalogue import file_hash, read_catalogue  # noqa: PLC0415

    label = f"{run.record['scenario']['name']} ({run.folder.name})"
    catalogue = read_catalogue(data)
    for item in run.record["inputs"]:
        known = item["id"] in catalogue and not item.get("replaced")
        # the path of the file is taken from the catalogue, never from the record of a run
        path = catalogue.path(item["id"]) if known else None
        if path is None or not path.is_file():
            why = f"{label}: the file of layer {item['id']} is not at hand"
        elif file_hash(path) != item["sha256"]:
            why = f"{label}: layer {item['id']}: hash changed; the earlier file is not at hand"
        else:
            continue
        return Side(label, None, run, f"{why} (--data-before and --data-after name data folders)")
    if (run.record["scenario"].get("candidates") or {}).get("parcels"):
        return Side(label, None, run, f"{label}: the parcels of the run are not at hand")
    scenario = _without_none(run.record["scenario"])
    scenario.get("report", {}).pop("places", None)  # not at hand, and no answer depends on it
    scenario.pop("data", None)  # its name; the folder is the one that was just looked through
    return Side(label, RevisionInputs(_PACKAGE, data, scenario), run)


def _without_none(value: Any) -> Any:  # noqa: ANN401 - any part of a scenario
    """Return a part of a record without what is not set: TOML has no word for it."""
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list) else value
