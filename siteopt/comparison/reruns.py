"""Ablation reruns: runs with some inputs of one side and the rest of the other, in scratch folders.

Every run is the program of the side whose code it takes, beside a data folder put together from
both: ``python -m siteopt run``. A run in another process ends with it, and an older program has
its own idea of its modules. That code can do whatever the user can; it is handed no variable of
the environment that it has no use for.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import tomli_w

from siteopt.comparison.revisions import code_hash
from siteopt.comparison.switches import Switch, Switches, mixed_scenario
from siteopt.errors import InfeasibleError, ScenarioError, SolverError
from siteopt.layers.catalogue import file_hash, read_catalogue, render_catalogue
from siteopt.runs.results import Run, open_run

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.comparison.revisions import RevisionInputs
    from siteopt.layers.catalogue import Entry

__all__ = ["RerunResult", "Reruns", "plan_of", "run_inputs"]

_WITH_A_PLAN: Final = (0, 4)
_NO_PLAN: Final = 3
_BAD_INPUT: Final = 2

_HANDED: Final = frozenset(
    {
        "PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP",
        "LC_ALL", "LC_COLLATE", "LC_CTYPE", "LC_MESSAGES", "LC_MONETARY", "LC_NUMERIC", "LC_TIME",
        "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PROJ_DATA", "PROJ_LIB", "GDAL_DATA",
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
        # without these Python does not start on Windows, or has no place for its files
        "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PATHEXT",
    }
)  # fmt: skip
"""All that the code of a revision gets to see of the environment: a token is never among it."""

_UMASK: Final = 0o022
"""Nobody else can write what an older siteopt keeps in the cache that it shares with this one."""


@dataclass(frozen=True)
class RerunResult:
    """What a run with some inputs switched gave.

    Attributes
    ----------
    run : Run or None
        The finished run.
    failure : str
        Why there is none, in a line.
    """

    run: Run | None
    failure: str = ""


@dataclass
class Reruns:
    """Makes runs and keeps them, up to a number.

    Attributes
    ----------
    found : Switches
        The two sides and what differs.
    home : Path
        Folder for the runs.
    runs_max : int
        Most runs to make, those of the two sides aside.
    made : int
        How many were made so far.
    cache : Path or None
        Folder where the stages of runs keep their results; beside the runs where it is None.
    """

    found: Switches
    home: Path
    runs_max: int
    cache: Path | None = None
    made: int = 0
    outcomes: dict[frozenset[Switch], RerunResult] = field(default_factory=dict)

    def keep(self, before: Run, after: Run) -> None:
        """Take the finished runs of the two sides for none and all of the switches."""
        self.outcomes[frozenset()] = RerunResult(before)
        self.outcomes[frozenset(self.found.switches)] = RerunResult(after)

    def outcome(self, taken: frozenset[Switch]) -> RerunResult | None:
        """Return what the first side gives with some inputs of the second.

        None where no more runs are to be made.
        """
        if taken not in self.outcomes:
            if self.made >= self.runs_max:
                return None
            self.made += 1
            self.outcomes[taken] = self._make(taken)
        return self.outcomes[taken]

    def _make(self, taken: frozenset[Switch]) -> RerunResult:
        place = self.home / f"switched-{self.made:03d}"
        place.mkdir(parents=True)
        return run_inputs(self._inputs(taken, place), place, self.cache)

    def _inputs(self, taken: frozenset[Switch], place: Path) -> RevisionInputs:
        before, after = self.found.before, self.found.after
        code = after.code if any(switch.kind == "code" for switch in taken) else before.code
        scenario = mixed_scenario(self.found, taken)
        data = _mixed_data(before.data, after.data, taken, place / "mixed")
        return replace(before, code=code, scenario=scenario, data=data)


def run_inputs(inputs: RevisionInputs, place: Path, cache: Path | None = None) -> RerunResult:
    """Answer with the code, data and scenario of one side.

    Parameters
    ----------
    inputs : RevisionInputs
        What to answer with.
    place : Path
        Folder for the run; the run itself is in ``run`` there.
    cache : Path, optional
        Folder where stages keep their results, for code that knows one.
    """
    program = _program(inputs, place.parent)
    question = place / "question.toml"
    question.write_text(tomli_w.dumps(inputs.scenario), encoding="utf-8")
    name = str(inputs.scenario.get("name", "run"))
    out = place / "run" / (name if re.fullmatch(r"\w[\w.-]*", name) else "run")
    (place / "run").mkdir()
    words = ["-m", "siteopt", "run", str(question), "--out", str(out), "--quiet", *_brief(program)]
    done = subprocess.run(  # noqa: S603 - this Python, on a copy of siteopt
        [sys.executable, *words],
        cwd=program, env=_environment(program, cache), capture_output=True, check=False,
        stdin=subprocess.DEVNULL, umask=_UMASK if os.name == "posix" else -1,
    )  # fmt: skip
    if done.returncode in _WITH_A_PLAN:
        return RerunResult(open_run(out))
    lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no word"]
    message = next((line for line in lines if line.startswith("siteopt: ")), lines[-1])
    kind = {_NO_PLAN: "no plan", _BAD_INPUT: "cannot be run"}.get(done.returncode, "failed")
    return RerunResult(None, f"{kind}: {message.removeprefix('siteopt: ')}")


def _environment(program: Path, cache: Path | None) -> dict[str, str]:
    """Return the environment for the code of a side, which may be of anyone's pull request."""
    handed = {name: value for name, value in os.environ.items() if name.upper() in _HANDED}
    # The one place that sets where stages keep their results: other code passes it over.
    kept = {} if cache is None else {"SITEOPT_CACHE": str(cache)}
    return {**handed, **kept, "PYTHONPATH": str(program)}


def _brief(program: Path) -> list[str]:
    """Return the option for plan and ranking alone, where the code knows it: all that is compared."""
    option = "--brief"
    words = program / "siteopt" / "cli.py"
    return [option] if words.is_file() and f'"{option}"' in words.read_text("utf-8") else []


def _program(inputs: RevisionInputs, home: Path) -> Path:
    """Return a folder with the code, one for all runs of it, and the data folder beside it."""
    program = home / f"program-{code_hash(inputs.code)[:12]}"
    if not program.is_dir():
        skipped = shutil.ignore_patterns("__pycache__", "_data")
        shutil.copytree(inputs.code, program / "siteopt", ignore=skipped)
    data = program / "data"
    data.unlink(missing_ok=True)
    data.symlink_to(inputs.data.resolve(), target_is_directory=True)
    return program


def plan_of(outcome: RerunResult, label: str) -> Run:
    """Return the run of a side that must have one.

    Parameters
    ----------
    outcome : RerunResult
        Result of its run.
    label : str
        Display name of the side.

    Raises
    ------
    InfeasibleError, ScenarioError, SolverError
        What the run was stopped by, with the side that it is of.
    """
    if outcome.run is not None:
        return outcome.run
    message = f"{label}: {outcome.failure}"
    if outcome.failure.startswith("no plan"):
        raise InfeasibleError(message)
    raise (ScenarioError if outcome.failure.startswith("cannot") else SolverError)(message)


def _mixed_data(before: Path, after: Path, taken: frozenset[Switch], place: Path) -> Path:
    """Put a data folder together: the first side's, with layers and values of the second."""
    wanted = [item for item in taken if item.kind in {"layer", "parameter"}]
    layers = {item.name for item in wanted if item.kind == "layer" and not item.path}
    values: dict[str, set[str]] = {}
    for item in wanted:
        if item.kind == "parameter":
            values.setdefault(item.path[0], set()).add(item.name)
    if not layers and not values:
        return before
    old, new = read_catalogue(before), read_catalogue(after)
    entries: list[Entry] = []
    for layer_id in sorted({*old.entries, *new.entries}):
        source = new if layer_id in layers else old
        if layer_id not in source:
            continue
        entry = source[layer_id]
        if layer_id in values:
            file = place / entry.file
            file.parent.mkdir(parents=True, exist_ok=True)
            _mix_values(old.path(layer_id), new.path(layer_id), values[layer_id], file)
            entry = replace(entry, sha256=file_hash(file))
        else:
            _link(source.path(layer_id), place / entry.file)
        entries.append(entry)
    (place / "catalogue.toml").write_text(render_catalogue(entries), encoding="utf-8")
    return place


def _link(source: Path, place: Path) -> None:
    """Link a layer file and those that belong to it (.shx, .dbf of a shapefile)."""
    place.parent.mkdir(parents=True, exist_ok=True)
    for file in source.parent.glob(f"{source.stem}.*"):
        linked = place.with_suffix(file.suffix)
        if not linked.exists():
            linked.symlink_to(file.resolve())


def _mix_values(before: Path, after: Path, keys: set[str], place: Path) -> None:
    """Write a parameter table with the rows of some keys as they are in another."""
    with after.open(encoding="utf-8-sig", newline="") as file:
        new = {row["key"]: row for row in csv.DictReader(file)}
    with before.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        names = list(reader.fieldnames or [])
        rows = [new[row["key"]] if row["key"] in keys else row for row in reader]
    with place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
