"""MATLAB data files: scalars, numeric tables and lists of texts of one struct.

Read are comments, the function line and ``mpc.FIELD = literal`` of the struct that the function
returns. Literals that go to other variables cannot reach the struct and are passed over. Every
other statement may change what was read, so it is an error with its line.
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

__all__ = ["MatlabData", "MatlabTable", "is_number", "number", "read_matlab"]

_NUMBER = re.compile(
    r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[ed][+-]?\d+)?|inf|nan)", re.ASCII | re.IGNORECASE
)
_ARITHMETIC = re.compile(r"[\d.+\-*/^]+|true|false", re.ASCII)
"""Content of unused fields: it names nothing that could write to the struct."""

_QUOTED = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"")
_PIECE = re.compile(rf"{_QUOTED.pattern}|[\[\]{{}}]|[^'\"\[\]{{}}]+")
_CLOSING: Final = {"[": "]", "{": "}"}

_FUNCTION = re.compile(
    r"function\s+(?:(\[[^\]]*\]|\w+)\s*=\s*)?\w+\s*(?:\([^()]*\))?\s*(?:[;,]\s*|$)", re.ASCII
)
_FUNCTION_WORD = re.compile(r"function\b", re.ASCII)
_STOP = re.compile(r"(return|end|endfunction)\s*(?:[;,]|$)", re.ASCII)
_RUN_ALONE = re.compile(r"if\s+\(?\s*nargout\s*==\s*0\s*\)?\s*[;,]?\s*", re.ASCII)
"""Begins what runs only where nobody takes the struct; a program that loads the case takes it."""
_BLOCK = re.compile(r"(if|for|while|switch|try|parfor)\b", re.ASCII)
_ELSE = re.compile(r"else(if)?\b", re.ASCII)
_BLOCK_END = re.compile(r"\bend\s*[;,]?\s*$", re.ASCII)
_ASSIGNED = re.compile(r"([a-z]\w*)((?:\s*\.\s*[a-z]\w*)*)\s*=(?!=)\s*", re.ASCII | re.IGNORECASE)

_SAVE: Final = "only plain numbers are read, so save the case with MATPOWER's savecase first"
_STRUCT: Final = "mpc"
"""The struct of a file without a function line."""

_SHOWN: Final = 40
"""Signs of a statement that a message repeats."""


_LOOKED_AT: Final = 1000
"""Signs of a statement that a message is made from."""


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
    """Assignments of a file, by field of the struct.

    Attributes
    ----------
    scalars : dict of str to str
        As they stand there; texts with their quotes.
    tables : dict of str to MatlabTable
        Numeric tables.
    texts : dict of str to list of str
        Cell arrays of texts.
    """

    scalars: dict[str, str] = field(default_factory=dict)
    tables: dict[str, MatlabTable] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)


def is_number(word: str) -> bool:
    """Return whether a word is a plain number of MATLAB."""
    return _NUMBER.fullmatch(word) is not None


def number(word: str) -> float:
    """Return the value of a plain number; MATLAB's exponents may begin with d."""
    return float(word.lower().replace("d", "e"))


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


def _statements(text: str, file: str) -> list[tuple[int, str]]:
    """Return number and text of the lines, comments gone, continued lines in one piece."""
    out: list[tuple[int, str]] = []
    blocks: list[int] = []
    held, start = "", 0
    # str.splitlines would also end a comment at a form feed or at U+2028, which MATLAB does not
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        mark = raw.strip()
        if mark == "%{":
            blocks.append(number)
        elif blocks:
            if mark == "%}":
                blocks.pop()
        else:
            line, more = _statement(raw) if "%" in raw or "..." in raw else (raw, False)
            start = start if held else number
            held += line
            if not more:
                out.append((start, held))
                held = ""
    if blocks:
        raise LayerError(f"{file}: line {blocks[0]}: %{{ is never closed; %}} is needed")
    return [*out, (start, held)] if held else out


class _Scanner:
    """The statements of a file and how far they have been read."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.struct = _STRUCT
        self.lines = _statements(text, file)
        self.at = 0
        self.begun = False

    def next(self) -> tuple[int, str] | None:
        """Return the next line that holds something, None where the data end."""
        while self.at < len(self.lines):
            number, held = self.lines[self.at]
            text = held.lstrip(" \t;,\f\v\xa0")
            self.at += 1
            if not text:
                continue
            if _FUNCTION_WORD.match(text):
                if self.begun:  # a function of its own, which nothing here can call
                    break
                self._begin(number, text)
                continue
            self.begun = True
            if _RUN_ALONE.fullmatch(text):
                self._pass_block(number)
                continue
            if stop := _STOP.match(text):
                if stop[1] != "return":
                    self._check_end(text[stop.end() :])
                break
            return number, text
        self.at = len(self.lines)
        return None

    def _pass_block(self, number: int) -> None:
        """Read past a block, one statement a line, to the end that closes it."""
        depth = 1
        while depth and self.at < len(self.lines):
            text = self.lines[self.at][1].strip(" \t;,\f\v\xa0")
            self.at += 1
            if depth == 1 and _ELSE.match(text):  # what follows runs where the struct is taken
                raise self.other(self.lines[self.at - 1][0], text)
            depth += bool(_BLOCK.match(text))
            depth -= bool(_BLOCK_END.search(text))
        if depth:
            raise self.fault(number, "'if nargout == 0' is never closed; end is needed")

    def _begin(self, number: int, text: str) -> None:
        """Take in the function line, which names the struct."""
        self.begun = True
        found = _FUNCTION.match(text)
        names = re.findall(r"\w+", found[1] or "") if found else []
        if found is None or not names:
            raise self.fault(
                number, f"{text[:_SHOWN]!r} returns nothing; 'function mpc = NAME' is needed"
            )
        if len(names) > 1:
            raise self.fault(
                number,
                "the function returns several values, as a case of version 1 does; a MATPOWER "
                "case of version 2 ('function mpc = NAME') is needed: load it in MATPOWER and "
                "save it with savecase",
            )
        self.struct = names[0]
        self.again(number, text[found.end() :])

    def _check_end(self, rest: str) -> None:
        """Raise LayerError where more than comments or functions follow the end of the function."""
        number = self.lines[self.at - 1][0]
        for line, text in [(number, rest), *self.lines[self.at :]]:
            after = text.strip(" \t;,")
            if _FUNCTION_WORD.match(after):
                return
            if after:
                raise self.fault(line, f"{after[:_SHOWN]!r} follows the end of the function")

    def again(self, number: int, rest: str) -> None:
        """Put back what is left of the line just read."""
        self.at -= 1
        self.lines[self.at] = (number, rest)

    def fault(self, number: int, message: str) -> LayerError:
        """Return an error of a line."""
        return LayerError(f"{self.file}: line {number}: {message}")

    def other(self, number: int, text: str) -> LayerError:
        """Return the error of a statement that is no assignment of plain data."""
        written = re.search(
            rf".*\b{self.struct}\s*\.\s*(\w+)[^;]*?(?<![=~<>])=(?!=)", text[:_LOOKED_AT]
        )
        what = f"{written[1]} is computed" if written else f"{text[:_SHOWN]!r} is no plain data"
        return self.fault(number, f"{what}; {_SAVE}")

    def bracketed(self, number: int, text: str) -> list[tuple[int, str]]:
        """Return line and text of the content of brackets; the rest of its line is put back.

        ``text`` begins with the bracket.
        """
        found: list[tuple[int, str]] = []
        open_: list[str] = []
        at = number
        while True:
            inside, after = self._inside(at, text, open_)
            found.append((at, inside))
            if not open_:
                found[0] = (number, found[0][1][1:])
                found[-1] = (at, found[-1][1][:-1])
                if after.strip() and after.lstrip()[0] not in ";,":
                    sign = inside[-1]
                    raise self.fault(at, f"{after.strip()[:_SHOWN]!r} follows {sign}; {_SAVE}")
                self.again(at, after)
                return found
            if self.at == len(self.lines):
                raise self.fault(
                    number, f"{open_[0]} is never closed; {_CLOSING[open_[0]]}; is needed"
                )
            at, text = self.lines[self.at]
            self.at += 1

    def _inside(self, line: int, text: str, open_: list[str]) -> tuple[str, str]:
        """Return what of a line belongs to open brackets, and what follows; they are kept."""
        if open_ and not re.search(r"[\[\]{}'\"]", text):
            return text, ""
        at = 0
        while at < len(text):
            piece = _PIECE.match(text, at)
            if piece is None:
                raise self.fault(line, f"{text[at]} is never closed; a second one is needed")
            at = piece.end()
            if piece[0] in _CLOSING:
                open_.append(piece[0])
            elif piece[0] in {"]", "}"}:
                if not open_ or _CLOSING[open_.pop()] != piece[0]:
                    raise self.fault(line, f"{piece[0]} closes nothing; brackets must match")
                if not open_:
                    break
        return text[:at], text[at:]

    def single(self, number: int, text: str) -> str:
        """Return a number or quoted text, or any other text up to the end of the statement."""
        quoted = _QUOTED.match(text)
        end = quoted.end() if quoted else 0
        rest = re.match(r"[^;,]*", text[end:])
        value = text[: end + (rest.end() if rest else 0)]
        self.again(number, text[len(value) :])
        return value.strip()


def read_matlab(
    text: str,
    file: str,
    tables: Mapping[str, int],
    texts: tuple[str, ...],
    scalars: tuple[str, ...],
) -> MatlabData:
    """Return the wanted fields of the struct that a MATLAB file fills.

    The struct is the one that the function returns (``mpc`` in a file without a function line).
    What follows ``return``, further functions, and a block ``if nargout == 0`` are not read:
    nothing runs them where a program takes the struct. A field
    that is given twice has its last value.

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
        If a statement is no assignment of plain data, a bracket is not closed, a cell is no
        number or the rows of a table differ in length; the message names file, line and row.
    """
    out = MatlabData()
    scanner = _Scanner(text, file)
    while (line := scanner.next()) is not None:
        number, statement = line
        found = _ASSIGNED.match(statement)
        if found is None:
            raise scanner.other(number, statement)
        path = [found[1], *re.findall(r"\w+", found[2])]
        fields = path[1:] if path[0] == scanner.struct else []
        name, deep = fields[0] if fields else "", len(fields) > 1
        value = statement[found.end() :]
        if path == [scanner.struct] or (deep and name in {*tables, *scalars}):
            raise scanner.other(number, statement)
        if name in tables:
            if not value.startswith("["):
                raise scanner.fault(number, f"{name} is computed; {_SAVE}")
            rows = scanner.bracketed(number, value)
            out.tables[name] = _table(name, rows, tables[name], scanner)
        elif name in scalars:
            out.scalars[name] = scanner.single(number, value)
        else:
            words = _literal(scanner, number, statement, value)
            if name in texts and not deep:
                out.texts[name] = words
    return out


def _literal(scanner: _Scanner, number: int, statement: str, value: str) -> list[str]:
    """Read past a literal and return its texts; a statement that computes is a LayerError."""
    if not value.startswith(("[", "{")):
        word = scanner.single(number, value)
        if not (_QUOTED.fullmatch(word) or is_number(word) or word in {"true", "false"}):
            raise scanner.other(number, statement)
        return []
    texts: list[str] = []
    for line, part in scanner.bracketed(number, value):
        texts += [_unquoted(one[0]) for one in _QUOTED.finditer(part)]
        for word in re.split(r"[\s,;\[\]{}]+", _QUOTED.sub(" ", part)):
            if word and not _ARITHMETIC.fullmatch(word) and not is_number(word):
                raise scanner.fault(line, f"{word[:_SHOWN]!r} is no number; {_SAVE}")
    return texts


def _unquoted(word: str) -> str:
    """Return a quoted text without its quotes; two of them inside stand for one."""
    return word[1:-1].replace(word[0] * 2, word[0]).strip()


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
            if "," in row and re.search(r"^\s*,|,\s*,", row):
                raise scanner.fault(line, f"{where}: a comma without a number; {_SAVE}")
            for word in words:
                if not is_number(word):
                    raise scanner.fault(line, f"{where}: {word!r} is no number; {_SAVE}")
            if len(words) < least or (cells and len(words) != len(cells[0])):
                right = f"{len(cells[0])} as above" if cells else f"at least {least}"
                raise scanner.fault(line, f"{where} has {len(words)} numbers; {right} are needed")
            cells.append([number(word) for word in words])
            lines.append(line)
    width = len(cells[0]) if cells else least
    return MatlabTable(name, np.array(cells, dtype=np.float64).reshape(-1, width), lines)
