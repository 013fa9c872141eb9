"""``siteopt compare``: comparison on the command line, ended in order by SIGTERM."""

from __future__ import annotations

import json
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from siteopt._terminal import print_json, say
from siteopt.comparison.diff import compare
from siteopt.comparison.markdown import as_markdown
from siteopt.comparison.text import as_text
from siteopt.errors import LayerFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType

__all__ = ["compare_and_print"]

_TERMINATED = 128 + signal.SIGTERM


def compare_and_print(  # noqa: PLR0913 - what the command offers, by name
    before: str,
    after: str,
    *,
    scenario: str | None,
    causes: bool | None,
    output: Literal["text", "markdown", "json"],
    map_path: Path | None,
    json_path: Path | None,
    runs_max: int,
    data: tuple[Path | None, Path | None],
    cache: Path | None,
) -> None:
    """Compare two sides and print what differs; arguments as :func:`compare`."""
    with _ending_in_order():
        found = compare(
            before, after, scenario=scenario, causes=causes, runs_max=runs_max, data=data,
            cache=cache, map_path=map_path,
        )  # fmt: skip
    dumped = json.dumps(found.to_dict(), ensure_ascii=False, allow_nan=False, indent=1)
    if json_path is not None:
        _write(dumped + "\n", json_path)
    if output == "json":
        print_json(dumped)
    elif output == "text":
        say(as_text(found), lines=True)
    else:
        say(as_markdown(found), lines=True, nl=False)


def _write(text: str, path: Path) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise LayerFileError(
            f"{path}: cannot be written ({error.strerror}); give another file to --json"
        ) from error


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let a SIGTERM end the run under way and clear the folder, as Ctrl-C does."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - what signals give
        raise SystemExit(_TERMINATED)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    earlier = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, earlier)
