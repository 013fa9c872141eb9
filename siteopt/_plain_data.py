"""TOML and JSON files as plain data, and texts that may be shown: every fault is one line.

What a parser raises depends on the parser: a number of too many digits is a ValueError, data
nested too deeply a RecursionError, NaN no fault at all. Here all of them are, with the file's name.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any, Final, NoReturn

from siteopt.errors import LayerError, LayerFileError, why_not_read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["hidden_sign", "json_of", "read_json", "read_toml"]

_DEEPEST: Final = 32
"""No file of ours is nested half as deep."""

_WHOLE_MAX: Final = 2**63
"""Whole numbers of TOML have 64 bits."""

_HIDDEN: Final = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069"
    "\\ud800-\\udfff]"
)
"""Control signs (not tab and line ends), signs that turn the direction of writing, half signs."""


def hidden_sign(said: str) -> str | None:
    r"""Return the name of the first sign of a text that is not to be seen; None where all are.

    Examples
    --------
    >>> hidden_sign("해남 Haenam"), hidden_sign("Haenam\x1b[31m")
    (None, 'U+001B')
    """
    found = _HIDDEN.search(said)
    return None if found is None else f"U+{ord(found[0]):04X}"


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file says.

    Raises
    ------
    LayerFileError
        If it cannot be opened, or is no UTF-8 text.
    LayerError
        If it is not TOML, nested too deeply, or holds a number that is none or too long, or a
        text with a control sign.
    """
    found = _parsed(_content(path), path, "TOML", tomllib.loads)
    return found if isinstance(found, dict) else {}


def read_json(path: Path) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return what a JSON file says; errors as :func:`read_toml`."""
    return json_of(_content(path), path)


def json_of(content: bytes, path: Path) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return what the content of a JSON file says; errors as :func:`read_toml`."""
    return _parsed(content, path, "JSON", lambda text: json.loads(text, parse_constant=_no_number))


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        raise LayerFileError(
            f"{path}: cannot be read ({why_not_read(error)}); a readable file is needed"
        ) from error


def _parsed(content: bytes, path: Path, form: str, parse: Callable[[str], Any]) -> Any:  # noqa: ANN401
    try:
        # a text file may have the line ends of Windows, which TOML keeps in texts of several lines
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise LayerFileError(f"{path}: is no UTF-8 text; save it as UTF-8") from error
    try:
        found = parse(text)
    except RecursionError as error:
        raise LayerError(f"{path}: {_too_deep()}") from error
    except ValueError as error:
        raise LayerError(f"{path}: not valid {form}: {error}") from error
    _check(found, path)
    return found


def _too_deep() -> str:
    return f"nested too deeply; {_DEEPEST} levels are the most"


def _check(found: object, path: Path) -> None:
    """Raise LayerError at the first value that is nested too deeply or not to be seen."""
    rows: list[tuple[object, tuple[object, ...]]] = [(found, ())]
    while rows:
        value, place = rows.pop()
        if len(place) > _DEEPEST:
            raise LayerError(f"{path}: {_too_deep()}")
        if isinstance(value, str):
            _check_text(value, path, place)
        elif isinstance(value, int) and abs(value) >= _WHOLE_MAX:
            named = ".".join(map(str, place))
            raise LayerError(f"{path}: {named}: a number of more than 64 bits; none of ours is")
        elif isinstance(value, dict):
            for key in value:
                _check_text(str(key), path, place)
            rows += [(item, (*place, key)) for key, item in value.items()]
        elif isinstance(value, list):
            rows += [(item, (*place, number)) for number, item in enumerate(value, start=1)]


def _check_text(value: str, path: Path, place: tuple[object, ...]) -> None:
    sign = hidden_sign(value)
    if sign is not None:
        named = ".".join(map(str, place)) or "a key"
        raise LayerError(f"{path}: {named}: holds {sign}, a sign that is not to be seen; remove it")
