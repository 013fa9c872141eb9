"""Grid cases as MATPOWER files, read plainly by a small reader of their own."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from tests.fuzz.grid_tables import megawatts, read_case_in
from tests.fuzz.kinds import Files, Kind, Mutation, UnknownError, UnsoundError
from tests.fuzz.noise import BYTES, HOSTILE_NUMBERS, TEXT
from tests.fuzz.plainly import number, words

if TYPE_CHECKING:
    import random

__all__ = ["KINDS"]

_CASE = """function mpc = small
%% a case of four buses
mpc.version = '2';
mpc.baseMVA = 100;
%% bus data
mpc.bus = [
\t1\t3\t50\t10\t0\t0\t1\t1\t0\t154\t1\t1.1\t0.9;
\t2\t1\t80\t10\t0\t0\t1\t1\t0\t154\t1\t1.1\t0.9;
\t3\t1\t90.5\t10\t0\t0\t1\t1\t0\t154\t1\t1.1\t0.9;  % the third
\t4\t2\t0\t0\t0\t0\t1\t1\t0\t345\t1\t1.1\t0.9;
];
mpc.gen = [
\t1\t100\t0\t50\t-50\t1\t100\t1\t250\t10;
\t4\t120\t0\t50\t-50\t1\t100\t1\t300\t0;
];
mpc.branch = [
\t1\t2\t0.01\t0.1\t0\t100\t0\t0\t0\t0\t1\t-360\t360;
\t2\t3\t0.01\t0.2\t0\t120\t0\t0\t0\t0\t1\t-360\t360;
\t3\t4\t0\t0.05\t0\t300\t0\t0\t1.02\t0\t1\t-360\t360;
\t1\t4\t0.01\t0.1\t0\t200\t0\t0\t0\t-3\t1\t-360\t360;
];
mpc.gencost = [
\t2\t0\t0\t3\t0.01\t20\t5;
\t2\t0\t0\t3\t0\t30\t0;
];
mpc.bus_name = {
\t'가 A';
\t'B';
\t'C';
\t'D';
};
"""
_STATEMENTS = (
    "mpc.bus(:, 3) = 2 * mpc.bus(:, 3);", "mpc.bus(2,3)=500;", "for i=1:2 mpc.branch(i,6)=20; end", "mpc.branch(1,11) = 0;", "mpc = scale_load(2, mpc);",
    "mpc.gen(1, 9) = 1000;", "other.bus = [1 3 999 0 0 0 1 1 0 154 1 1.1 0.9];", "mpc.bus = [];", "mpc.bus(3,:) = [];", "x = 5;", "mpc.baseMVA = 50;", "mpc.baseMVA = 2*50;",
    "clear mpc", "return", "system('touch x');", "mpc.bus = mpc.bus;", "if 1, mpc.gen = []; end", "end", "mpc.bus{1} = 3;", "[mpc.bus(1,3)] = deal(9);", "mpc.version = '1';",
    "%{\nmpc.bus(1,3)=7;\n%}", "load('@BAIT@/secret.csv')", "!cat @BAIT@/secret.csv", "eval('mpc.bus(1,3)=9;')", "mpc.dcline = [1 3 1 10 0 0 0 1 1 0 50 0 0 0 0 0 0];", "mpc.areas = [1 1];",
    "mpc.if.map = [1 2];", "mpc.branch(:, 6) *= 2;", "mpc.bus(1,3)++", "global mpc", "mpc.bus' ;", "disp(mpc.bus)",
)  # fmt: skip


def _matpower_statement(rng: random.Random, files: Files) -> Mutation | None:
    """Add a statement in front of a line, at its end, or behind all."""
    lines = files.get("c.m", b"").decode("utf-8", "replace").split("\n")
    said = rng.choice(_STATEMENTS)
    at = rng.randrange(len(lines) + 1)
    if rng.random() < 0.6:
        lines.append(said)
    elif rng.random() < 0.5:
        lines.insert(at, said)
    else:
        lines[at - 1] += said
    return Mutation({"c.m": "\n".join(lines).encode()}, f"{said:.40} at {at}")


def _matpower_cell(rng: random.Random, files: Files) -> Mutation | None:
    """Change a number of a table: statuses, limits, buses, reactances among them."""
    text = files.get("c.m", b"").decode("utf-8", "replace")
    found = list(re.finditer(r"(?m)^\t([-\d.\t]+);", text))
    if not found:
        return None
    row = rng.choice(found)
    cells = row[1].split("\t")
    at = rng.randrange(len(cells))
    cells[at] = rng.choice(
        (
            *HOSTILE_NUMBERS,
            "0",
            "1",
            "-1",
            "2",
            "3",
            "4",
            "1e9",
            "1d3",
            "2*3",
            "1/3",
            "pi",
            "[1]",
            "1i",
            "-",
            "1-2",
            "1 -2",
            "...",
            "%",
            "5'",
            "NaN",
            "-Inf",
            "1e-300",
        )
    )
    return Mutation(
        {"c.m": (text[: row.start(1)] + "\t".join(cells) + text[row.end(1) :]).encode()},
        f"a cell is {cells[at]:.20}",
    )


def _matpower_row(rng: random.Random, files: Files) -> Mutation | None:
    text = files.get("c.m", b"").decode("utf-8", "replace")
    found = list(re.finditer(r"(?m)^\t[-\d.\t]+;.*\n", text))
    if not found:
        return None
    row = rng.choice(found)
    new = rng.choice(
        (
            "",
            row[0] * 2,
            row[0].replace("\t", "\t\t7\t", 1),
            row[0].rsplit("\t", 1)[0] + ";\n",
            row[0].replace(";", ""),
            row[0].rstrip() + "]\n",
        )
    )
    return Mutation({"c.m": (text[: row.start()] + new + text[row.end() :]).encode()}, "a row")


def _matpower_same(rng: random.Random, files: Files) -> Mutation | None:
    if files != {"c.m": _CASE.encode()}:
        return None
    how = rng.choice(
        (
            "line ends",
            "blanks",
            "commas",
            "comments",
            "continued",
            "one line",
            "block",
            "mark",
            "exponent",
            "more",
            "function",
            "latin",
        )
    )
    text, content = _CASE, None
    match how:
        case "line ends":
            text = text.replace("\n", "\r\n")
        case "blanks":
            text = text.replace("\t", "   ").replace(" = ", "=")
        case "commas":
            text = re.sub(r"(?<=\d)\t", ", ", text)
        case "comments":
            text = text.replace(";\n", "; % mpc.bus = [ 1 2 ];\n")
        case "continued":
            text = text.replace("\t10\t0\t0\t1", "\t10 ... more\n\t0\t0\t1")
        case "one line":
            text = text.replace(";\n\t", "; ")
        case "block":
            text = text.replace("%% bus data", "%{\nmpc.bus(1,3) = 9;\n%}")
        case "mark":
            text = "\ufeff" + text
        case "exponent":
            text = text.replace("\t90.5\t", "\t9.05e+01\t").replace("\t80\t", "\t8.0E1\t")
        case "more":
            text += "mpc.userdata = [ 1 2 3 ];\nmpc.zones = {'a'; 'b'};\n"
        case "function":
            text = text.replace("function mpc = small\n", "")
        case "latin":
            content = (
                text.replace("a case of four buses", "caf\xe9")
                .replace("가 A", "A")
                .encode("latin-1")
            )
            return (
                None
                if content is None
                else Mutation(
                    {"c.m": _CASE.replace("a case of four buses", "cafe").encode()},
                    "same",
                    same=True,
                )
            )
    return Mutation({"c.m": text.encode()}, f"same, {how}", same=True)


_NEEDED = {"bus": 13, "gen": 10, "branch": 11, "gencost": 5}


def _plain_matpower(files: Files) -> Any:
    """Read lines that are comments, one function line, or ``mpc.NAME = literal``; nothing else."""
    try:
        text = files["c.m"].decode("utf-8-sig")
    except KeyError as error:
        raise UnsoundError("it is not there") from error
    except UnicodeDecodeError as error:
        raise UnknownError("no UTF-8") from error
    if text.count("function") > 1 or re.search(r"\b(return|end)\b", text):
        raise UnknownError("a second function, or the end of the first")
    if "%{" in text or "%}" in text or "..." in text or "\0" in text or '"' in text:
        raise UnknownError("block comments, continued lines, quotes")
    if re.search(r"[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029](?!\n)", text):
        raise UnknownError("line ends")
    bare = "\n".join(_without_comment(line) for line in text.splitlines())
    rest = re.sub(r"\A\s*function\s+\w+\s*=\s*\w+\s*\n", "", bare)
    tables: dict[str, list[list[float]]] = {}
    scalars: dict[str, str] = {}
    statement = re.compile(r"[\s;,]*(\w+)((?:\.\w+)*)\s*=\s*(?:\[([^\]\[{}=']*)\]|\{((?:'[^'\n]*'|[^{}\[\]='])*)\}|('[^'\n]*'|[-+.\w]+))[ \t]*(?=[;,\n]|\Z)")  # fmt: skip
    at = 0
    while found := statement.match(rest, at):
        at = found.end()
        struct, name = found[1], found[2].removeprefix(".")
        if struct != "mpc" or "." in name or not name:
            if struct == "mpc" and (
                not name or name.split(".")[0] in {*_NEEDED, "version", "baseMVA"}
            ):
                raise UnknownError("a part of what is read")
            continue
        if name in tables or name in scalars:
            raise UnknownError("a field twice")
        if found[3] is not None and name in _NEEDED:
            tables[name] = _rows(found[3])
        elif found[4] is not None and name in {"bus_name", "genfuel"}:
            words(found[4])
        elif found[5] is not None:
            scalars[name] = found[5].strip("'")
    if rest[at:].strip("\n\r\t ;,"):
        raise UnsoundError(f"{rest[at:].strip()[:40]!r} is no literal")
    return _judged(tables, scalars)


def _without_comment(line: str) -> str:
    quoted = False
    for at, sign in enumerate(line):
        if sign == "'":
            quoted = not quoted
        elif sign == "%" and not quoted:
            return line[:at]
    return line


def _rows(text: str) -> list[list[float]]:
    rows = []
    for part in re.split(r"[;\n]", text):
        cells = part.replace(",", " ").split()
        if any(
            not re.fullmatch(
                r"[-+]?(\d+\.?\d*|\.\d+)([eEdD][-+]?\d+)?|[-+]?(inf|nan)",
                one,
                re.IGNORECASE | re.ASCII,
            )
            for one in cells
        ):
            raise UnsoundError("a cell is no number")
        if cells:
            rows.append([float(one.lower().replace("d", "e")) for one in cells])
    if any(len(row) != len(rows[0]) for row in rows):
        raise UnsoundError("rows differ in length")
    return rows


def _judged(tables: dict[str, list[list[float]]], scalars: dict[str, str]) -> Any:
    if scalars.get("version") != "2" or not {"bus", "gen", "branch"} <= tables.keys():
        raise UnsoundError("a table is missing or the version is another")
    for name, rows in tables.items():
        if not rows or len(rows[0]) < _NEEDED[name]:
            raise (
                UnknownError("an empty or a short table")
                if not rows
                else UnsoundError("a table is short")
            )
    base = number(scalars.get("baseMVA"), low=1e-9)
    buses = [
        {"bus": _bus(row[0]), "load": megawatts(row[2])} for row in tables["bus"] if row[1] != 4
    ]
    isolated = {_bus(row[0]) for row in tables["bus"] if row[1] == 4}
    ids = [one["bus"] for one in buses]
    if len(set(ids)) < len(ids) or set(ids) & isolated:
        raise UnsoundError("a bus appears twice")
    if any(row[1] not in {1, 2, 3, 4} for row in tables["bus"]):
        raise UnsoundError("a type that is none")
    branches = []
    for row in tables["branch"]:
        ends = _bus(row[0]), _bus(row[1])
        if not {*ends} <= {*ids, *isolated}:
            raise UnsoundError("a branch ends at no bus")
        if not row[10] > 0 or {*ends} & isolated:
            continue
        if (
            row[3] == 0
            or not abs(row[3]) < 1e6
            or ends[0] == ends[1]
            or row[5] < 0
            or row[5] != row[5]
        ):
            raise UnsoundError("a branch in service cannot be")
        branches.append(
            {"from": ends[0], "to": ends[1], "x": row[3], "rate": row[5] or float("inf")}
        )
    units = []
    for row in tables["gen"]:
        if _bus(row[0]) not in {*ids, *isolated}:
            raise UnsoundError("a unit stands on no bus")
        if row[7] > 0 and _bus(row[0]) not in isolated:
            units.append(
                {"bus": _bus(row[0]), "least": megawatts(row[9]), "most": megawatts(row[8])}
            )
            if row[9] > row[8]:
                raise UnsoundError("limits cross")
    if "gencost" in tables and len(tables["gencost"]) not in {
        len(tables["gen"]),
        2 * len(tables["gen"]),
    }:
        raise UnsoundError("rows of costs")
    return {"buses": buses, "branches": branches, "units": units, "base": base}


def _bus(value: float) -> str:
    if not (not math.isnan(value) and value.is_integer() and 0 < value < 2**53):
        raise UnsoundError(f"{value} is no number of a bus")
    return str(int(value))


KINDS = (
    Kind(
        "matpower", lambda: [{"c.m": _CASE.encode()}],
        (*BYTES, *TEXT, _matpower_statement, _matpower_statement, _matpower_cell, _matpower_cell, _matpower_row, _matpower_same),
        read_case_in("c.m"), _plain_matpower,
    ),
)  # fmt: skip
