"""``siteopt run SET`` and ``siteopt compare SETDIR`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from siteopt._files import write_whole
from siteopt._terminal import print_json, say
from siteopt.errors import LayerFileError
from siteopt.runs.evaluation import check
from siteopt.scenario import load_scenario_set
from siteopt.scenario_sets.execution import check_parameters, run_set
from siteopt.scenario_sets.markdown import as_markdown
from siteopt.scenario_sets.set_comparison import compare_sets
from siteopt.scenario_sets.set_result import is_set_folder, open_set
from siteopt.scenario_sets.text import as_text

if TYPE_CHECKING:
    from siteopt.scenario_sets.set_result import SetResult
    from siteopt.scenario_sets.variant_runs import VariantRun

__all__ = ["check_set", "compare_set", "run_and_print"]


def run_and_print(  # noqa: PLR0913 - what the command offers, by name
    scenario_set: str, out: Path, *, cache: Path | None, full: bool, processes: int, quiet: bool
) -> bool:
    """Answer a set and print what it found; return whether every variant is proven.

    Parameters
    ----------
    scenario_set, out, cache, full, processes
        As of `siteopt.run_set`.
    quiet : bool
        Whether to say nothing on the way.
    """

    def told(number: int, count: int, made: VariantRun) -> None:
        note = f" ({made.note})" if made.note else ""
        say(
            f"{number}/{count} {made.variant}: {made.status}{note} ({made.seconds:.0f} s)", err=True
        )

    found = run_set(
        scenario_set, out, cache=cache, full=full, processes=processes,
        tell=None if quiet else told,
    )  # fmt: skip
    say(as_text(found), lines=True)
    return bool((found.variants["status"] == "optimal").all())


def check_set(scenario_set: str) -> None:
    """Print what can be checked of every variant of a set without an answer.

    Parameters
    ----------
    scenario_set : str
        A set file, or the name of a ready one.

    Raises
    ------
    ScenarioError, LayerError, LayerFileError
        If a variant cannot be right; the message names it.
    """
    asked, variants = load_scenario_set(scenario_set)
    check_parameters(variants, Path(scenario_set))
    equal = "" if asked.has_probabilities else ", equal for all: none are given"
    for one in variants:
        notes = check(one.scenario).notes
        say(f"{one.variant.id}: fine (probability {one.probability:.3g}{equal})")
        for note in notes:
            say(f"  note: {note}")


def compare_set(
    before: str,
    after: str,
    *,
    output: Literal["text", "markdown", "json"],
    map_path: Path | None,
    json_path: Path | None,
) -> None:
    """Print a finished set, or what differs between it and another set or a run.

    Parameters
    ----------
    before : str
        Folder of a set.
    after : str
        Folder of another set or of a run; ``.`` for none.
    output : {'text', 'markdown', 'json'}
        How to print it.
    map_path, json_path : Path, optional
        Files for the map of the (later) set, and for all that is printed as JSON.
    """
    found = open_set(before)
    if after == ".":
        text, page, record = as_text(found), as_markdown(found), found.record
    else:
        compared = compare_sets(found, Path(after))
        text, page, record = compared.text(), compared.markdown(), compared.to_dict()
    dumped = json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1)
    if map_path is not None:
        shown = open_set(after) if is_set_folder(after) else found
        _write(_map_of(shown), map_path, "--map")
    if json_path is not None:
        _write((dumped + "\n").encode(), json_path, "--json")
    if output == "json":
        print_json(dumped)
    elif output == "markdown":
        say(page, lines=True, nl=False)
    else:
        say(text, lines=True)


def _map_of(found: SetResult) -> bytes:
    try:
        return (found.folder / "set.html").read_bytes()
    except OSError as error:
        raise LayerFileError(
            f"{found.folder}: set.html cannot be read ({error.strerror}); run the set again"
        ) from error


def _write(content: bytes, path: Path, option: str) -> None:
    try:
        write_whole(path, content)
    except OSError as error:
        raise LayerFileError(
            f"{path}: cannot be written ({error.strerror}); give another file to {option}"
        ) from error
