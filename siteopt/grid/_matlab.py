"""The plain data of a MATLAB file: scalars, numeric tables and lists of texts of one struct.

Only what stands there as plain numbers is read. A statement that computes a wanted field is an
error, so that nothing is read wrongly; all other statements are passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from siteopt.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["MatlabData", "MatlabTable", "read_matlab"]

_FIELD = re.compile(r"[\s;,]*\w+\.(\w+)\s*(\([^=]*\)|\{[^=]*\})?\s*=(?!=)\s*(.*)", re.DOTALL)
_QUOTED = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"")
_NUMBER = re.compile(
    r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[ed][+-]?\d+)?|inf|nan)", re.ASCII | re.IGNORECASE
)
_SAVE: Final = "only plain numbers are read, so save the case with MATPOWER's savecase first"


@dataclass(frozen=True, slots=True)
class MatlabTable:
    """A numeric table.

    Attributes
    ----------
    name : str
        Field of the struct.
    cells : ndarray, shape (rows, columns)
        The numbers.
    lines : list of int
        Line of the file that each row starts on.
    """

    name: str
    cells: NDArray[np.float64]
    lines: list[int]

    def where(self, row: int) -> str:
        """Return how messages call a row, which counts from 0."""
        return f"line {self.lines[row]}: {self.name} row {row + 1}"


@dataclass(frozen=True, slots=True)
class MatlabData:
    """What the assignments of a file say, by field of the struct.

    Attributes
    ----------
    scalars : dict of str to str
        Without quotes.
    tables : dict of str to MatlabTable
        Numeric tables.
    texts : dict of str to list of str
        Cell arrays of texts.
    """

    scalars: dict[str, str] = field(default_factory=dict)
    tables: dict[str, MatlabTable] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)


def _statement(line: str) -> tuple[str, bool]:
    """Return a line without comment, and whether ``...`` continues it; quotes hide both."""
    quote = ""
    for at, sign in enumerate(line):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in {"'", '"'}:
            quote = sign
        elif sign == "%":
            return line[:at], False
        elif line.startswith("...", at):
            return line[:at] + " ", True
    return line, False


def _statements(text: str) -> list[tuple[int, str]]:
    """Return number and text of the lines, comments gone, continued lines in one piece."""
    out: list[tuple[int, str]] = []
    block, held, start = 0, "", 0
    for number, raw in enumerate(text.splitlines(), start=1):
        mark = raw.strip()
        if mark == "%{" or (block and mark == "%}"):
            block += 1 if mark == "%{" else -1
        elif not block:
            line, more = _statement(raw)
            start = start if held else number
            held += line
            if not more:
                out.append((start, held))
                held = ""
    return [*out, (start, held)]


class _Scanner:
    """The lines of a file and how far they have been read."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.lines = _statements(text)
        self.at = 0

    def next(self) -> tuple[int, str] | None:
        """Return the next line, None at the end of the file."""
        if self.at == len(self.lines):
            return None
        self.at += 1
        return self.lines[self.at - 1]

    def again(self, number: int, rest: str) -> None:
        """Put back what is left of the line just read."""
        self.at -= 1
        self.lines[self.at] = (number, rest)

    def fault(self, number: int, message: str) -> LayerError:
        """Return an error of a line."""
        return LayerError(f"{self.file}: line {number}: {message}")

    def bracketed(self, number: int, rest: str, signs: str) -> list[tuple[int, str]]:
        """Return line and text of what stands between brackets; the rest of its line is put back.

        ``rest`` follows the equals sign of line ``number``.
        """
        found = []
        at, text = number, rest[1:]
        while True:
            inside, end, after = self._cut(text, signs[1])
            found.append((at, inside))
            if end:
                if after.strip() and after.lstrip()[0] not in ";,":
                    raise self.fault(at, f"{after.strip()!r} follows {signs[1]}; {_SAVE}")
                self.again(at, after)
                return found
            following = self.next()
            if following is None:
                raise self.fault(number, f"{signs[0]} is never closed; {signs[1]}; is needed")
            at, text = following

    @staticmethod
    def _cut(text: str, sign: str) -> tuple[str, bool, str]:
        """Return what stands before a sign outside quotes, whether there is one, and the rest."""
        hidden = _QUOTED.sub(lambda match: "'" * len(match[0]), text)
        at = hidden.find(sign)
        return (text, False, "") if at < 0 else (text[:at], True, text[at + 1 :])


def read_matlab(
    text: str,
    file: str,
    tables: Mapping[str, int],
    texts: tuple[str, ...],
    scalars: tuple[str, ...],
) -> MatlabData:
    """Return the wanted fields of the struct that a MATLAB file fills.

    Parameters
    ----------
    text : str
        Content of the file.
    file : str
        Its name, for messages.
    tables : mapping of str to int
        Wanted numeric tables, and the fewest columns that each has.
    texts, scalars : tuple of str
        Wanted cell arrays of texts, and single values.

    Raises
    ------
    LayerError
        If a wanted field is computed, a bracket is not closed, a cell is no number or the rows
        of a table differ in length; the message names file, line and row.
    """
    out = MatlabData()
    scanner = _Scanner(text, file)
    while (line := scanner.next()) is not None:
        number, statement = line
        found = _FIELD.match(statement)
        if not found:
            continue
        name, part, rest = found[1], found[2], found[3]
        if name in texts and rest.startswith("{") and not part:
            rows = scanner.bracketed(number, rest, "{}")
            out.texts[name] = [
                (one[1] or one[2] or "").strip() for _, row in rows for one in _QUOTED.finditer(row)
            ]
        elif name in scalars:
            value, _, after = rest.partition(";")
            out.scalars[name] = value.strip().strip("'\"")
            scanner.again(number, after)
        elif name in tables:
            if part or not rest.startswith("["):
                raise scanner.fault(number, f"{name} is computed; {_SAVE}")
            rows = scanner.bracketed(number, rest, "[]")
            out.tables[name] = _table(name, rows, tables[name], scanner)
    return out


def _table(name: str, parts: list[tuple[int, str]], least: int, scanner: _Scanner) -> MatlabTable:
    """Return the numbers of the rows, which end with ``;`` or the line."""
    cells: list[list[float]] = []
    lines: list[int] = []
    for line, part in parts:
        for row in part.split(";"):
            words = row.replace(",", " ").split()
            if not words:
                continue
            where = f"{name} row {len(cells) + 1}"
            for word in words:
                if not _NUMBER.fullmatch(word):
                    raise scanner.fault(line, f"{where}: {word!r} is no number; {_SAVE}")
            if len(words) < least or (cells and len(words) != len(cells[0])):
                right = f"{len(cells[0])} as above" if cells else f"at least {least}"
                raise scanner.fault(line, f"{where} has {len(words)} numbers; {right} are needed")
            cells.append([float(word.lower().replace("d", "e")) for word in words])
            lines.append(line)
    width = len(cells[0]) if cells else least
    return MatlabTable(name, np.array(cells, dtype=np.float64).reshape(-1, width), lines)
