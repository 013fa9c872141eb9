"""Entry point of the ``siteopt`` command: answers `explain` at once, gives the rest to `cli`.

Loading typer, and the pydantic that it reads words with, takes as long as half of an explanation.
So ``siteopt explain RUN PLACE``, with ``--lang`` or without, is read here; any other form of it,
and every other command, is read by :mod:`siteopt.cli`, and so is how each error is told.
"""

from __future__ import annotations

import gc
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

from siteopt._terminal import say, warn_in_one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteopt.report.texts import Language

__all__ = ["main", "plain_explain"]


def plain_explain(words: Sequence[str]) -> tuple[str, str, Language] | None:
    """Return run folder, place and language of a plain ``explain``; None for anything else.

    Parameters
    ----------
    words : sequence of str
        What follows the name of the program.

    Examples
    --------
    >>> plain_explain(["explain", "runs/a", "127.5,36.5", "--lang", "ko"])
    ('runs/a', '127.5,36.5', 'ko')
    >>> plain_explain(["explain", "runs/a", "--help"]) is None
    True
    """
    if not words or words[0] != "explain":
        return None
    places, languages, rest = [], [], list(words[1:])
    while rest:
        word = rest.pop(0)
        if word == "--lang" and rest:
            languages.append(rest.pop(0))
        elif word.startswith("--lang="):
            languages.append(word.removeprefix("--lang="))
        elif word.startswith("-"):
            return None
        else:
            places.append(word)
    if len(places) != 2 or languages not in ([], ["en"], ["ko"]):  # noqa: PLR2004 - run and place
        return None
    return places[0], places[1], cast("Language", languages[0] if languages else "en")


def main() -> None:
    """Entry point of the ``siteopt`` command."""
    words = plain_explain(sys.argv[1:])
    if words is None:
        from siteopt.cli import main as run_command  # noqa: PLC0415 - loads typer

        run_command()
    else:
        _explain(*words)


def _explain(run_folder: str, place: str, language: Language) -> None:
    """Print why a place is in the answer, or why not; see ``siteopt explain``."""
    # The process ends with the answer; collecting took an eighth of the time of that on a name.
    gc.disable()
    try:
        from siteopt.runs.results import open_run  # noqa: PLC0415 - other commands need no runs

        with warnings.catch_warnings():
            warnings.showwarning = warn_in_one_line
            told = open_run(Path(run_folder)).explain(place, language)
        say(told, lines=True)
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 - told as that of any command
        _tell(error)


def _tell(error: BaseException) -> NoReturn:
    """Tell an error as the other commands do, and end with its exit code."""
    from siteopt.cli import finish  # noqa: PLC0415 - loads typer

    def fail() -> NoReturn:
        raise error

    finish(fail)
