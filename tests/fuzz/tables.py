"""Tables as CSV: headroom in our form and in KEPCO's, parameters, what a sensitivity table varies."""

from __future__ import annotations

import csv
import re
from functools import cache
from io import StringIO
from typing import TYPE_CHECKING, Any

from tests.fuzz.kinds import Files, Kind, Mutation, UnknownError, UnsoundError
from tests.fuzz.noise import BYTES, HOSTILE_NUMBERS, HOSTILE_TEXTS, TEXT
from tests.fuzz.plainly import csv_rows, number, words

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["KINDS", "TABLES", "plain_table"]


def plain_table(files: Files, name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file as text."""
    if name not in files:
        raise UnsoundError(f"{name} is not there")
    return csv_rows(files[name])


def _grid(rng: random.Random, files: Files) -> tuple[str, list[list[str]]] | None:
    name = rng.choice([one for one in sorted(files) if one.endswith(".csv")] or [""])
    try:
        rows = list(csv.reader(StringIO(files[name].decode("utf-8-sig"), newline="")))
    except (KeyError, UnicodeDecodeError, csv.Error):
        return None
    good = len(rows) > 1 and rows[0] and all(len(row) == len(rows[0]) for row in rows)
    return (name, rows) if good else None


def _written(rows: list[list[str]], **how: Any) -> bytes:
    out = StringIO(newline="")
    csv.writer(out, **{"lineterminator": "\n", **how}).writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


def table_change(rng: random.Random, files: Files) -> Mutation | None:
    """Change rows, columns or a cell of a CSV table."""
    found = _grid(rng, files)
    if found is None:
        return None
    name, rows = found
    at, col, other = rng.randrange(1, len(rows)), rng.randrange(len(rows[0])), rng.randrange(len(rows[0]))  # fmt: skip
    how = rng.choice(
        ("number", "number", "text", "drop column", "double column", "swap cells", "rename", "drop row",
         "double row", "short row", "long row", "swap columns of a row", "unit", "empty", "mixed",
         "quote", "head twice")
    )  # fmt: skip
    match how:
        case "number":
            rows[at][col] = rng.choice(HOSTILE_NUMBERS)
        case "text":
            rows[at][col] += rng.choice(HOSTILE_TEXTS)
        case "drop column":
            rows = [row[:col] + row[col + 1 :] for row in rows]
        case "double column":
            rows = [[*row, row[col]] for row in rows]
        case "swap cells":
            rows[0][col], rows[0][other] = rows[0][other], rows[0][col]
        case "rename":
            rows[0][col] = rng.choice((rows[0][col].upper(), f"{rows[0][col]} ", "", "x", "\ufeffx", "1", "geometry", "index"))  # fmt: skip
        case "drop row":
            del rows[at]
        case "double row":
            rows.insert(at, list(rows[at]))
        case "short row":
            rows[at] = rows[at][:-1]
        case "long row":
            rows[at] = [*rows[at], "1"]
        case "swap columns of a row":
            rows[at][col], rows[at][other] = rows[at][other], rows[at][col]
        case "unit":
            rows[at][col] += rng.choice(
                (" MW", "kV", "%", "000000", "e6", "E-9", ".0", " ha", "원")
            )
        case "empty":
            rows[at][col] = rng.choice(("", " ", "NA", "N/A", "None", "null", "-", "#N/A", "nan"))
        case "mixed":
            rows[at][col] = rng.choice(("abc", "0012", "true", "2025-01-01", "12.5", "007"))
        case "quote":
            return Mutation({**files, name: _written(rows).replace(b",", rng.choice((b',"', b'",', b'"', b"';")), 1)}, f"{name}: {how}")  # fmt: skip
        case "head twice":
            rows.insert(at, list(rows[0]))
    return Mutation({**files, name: _written(rows)}, f"{name}: {how} row {at} column {col}")


def table_same(rng: random.Random, files: Files) -> Mutation | None:
    """Write a table otherwise, with the same content."""
    found = _grid(rng, files)
    if found is None:
        return None
    name, rows = found
    how = rng.choice(("columns", "line ends", "quotes", "mark", "blank lines", "last line", "cp949", "blanks", "more"))  # fmt: skip
    content = _written(rows)
    match how:
        case "columns":
            order = list(range(len(rows[0])))
            rng.shuffle(order)
            content = _written([[row[at] for at in order] for row in rows])
        case "line ends":
            content = _written(rows, lineterminator="\r\n")
        case "quotes":
            content = _written(rows, quoting=csv.QUOTE_ALL)
        case "mark":
            content = b"\xef\xbb\xbf" + content
        case "blank lines":
            content = content.replace(b"\n", b"\n\n") + b"\n\n"
        case "last line":
            content = content.rstrip(b"\n")
        case "cp949":
            try:
                content = content.decode().encode("cp949")
            except UnicodeError:
                return None
        case "blanks":
            content = _written([[f" {name}" for name in rows[0]], *rows[1:]])
        case "more":
            content = _written(
                [[*row, f"further_{len(row)}" if at == 0 else ""] for at, row in enumerate(rows)]
            )
    return Mutation({**files, name: content}, f"{name}: same, {how}", same=True)


TABLES = (table_change, table_change, table_change, table_same)


def _one(text: str, name: str) -> Callable[[], list[Files]]:
    return lambda: [{name: text.encode()}]


@cache
def _layer(layer_id: str) -> Callable[[Path], list[dict[str, Any]]]:
    def read(folder: Path) -> list[dict[str, Any]]:
        from siteopt.layers.catalogue import Catalogue  # noqa: PLC0415
        from siteopt.layers.store import Layers  # noqa: PLC0415

        own = {layer_id: folder / f"{layer_id}.csv"}
        layers = Layers(Catalogue(folder, _known_stations()), own)
        layers._vectors.update(_stations())
        rows = layers.table(layer_id).to_dict("records")
        if layer_id == "parameters":
            len(layers.parameters)
        return [{str(key): value for key, value in row.items()} for row in rows]

    return read


_STATIONS = """station_id,name_ko,name_en,lon,lat,voltage_max_kv,circuits_154,circuits_345,circuits_765,province_code,district_code,component
S1,안좌,Anjwa,126.13,34.74,154,2,0,0,46,46910,1
S2,해남,Haenam,126.5,34.6,345,2,2,0,46,46820,1
S3,구미,Gumi,128.3,36.1,154,2,0,0,47,47190,1
"""


@cache
def _stations() -> dict[str, Any]:
    """Return a small layer of stations, read by siteopt itself."""
    import tempfile  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from siteopt.layers.catalogue import Catalogue  # noqa: PLC0415
    from siteopt.layers.store import Layers  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "stations.csv"
        file.write_text(_STATIONS, encoding="utf-8")
        return {
            "stations": Layers(Catalogue(Path(name), {}), {"stations": file}).vector("stations")
        }


@cache
def _known_stations() -> dict[str, Any]:
    from siteopt.layers.catalogue import Entry, fields  # noqa: PLC0415

    texts = {field.name: "" for field in fields(Entry)}
    return {
        "stations": Entry(**{**texts, "id": "stations", "kind": "vector", "file": "stations.csv"})
    }


_HEADROOM = """station_id,voltage_kv,headroom_mw,year,method,confidence
S1,154,109.8,2029,"a, b",published
S2,345,495,2029,b,model
S2,154,0,2029,c,model
"""


def _keys(rows: list[dict[str, Any]], *names: str) -> None:
    keys = [tuple(row[name] for name in names) for row in rows]
    if len(set(keys)) < len(keys):
        raise UnsoundError("a key appears twice")


def _same_columns(
    read: Callable[[Path], list[dict[str, Any]]], *names: str
) -> Callable[[Path], Any]:
    return lambda folder: [{name: row[name] for name in names} for row in read(folder)]


def _plain_headroom(files: Files) -> list[dict[str, Any]]:
    rows = plain_table(files, "headroom.csv")
    if any(name not in rows[0] for name in ("station_id", "voltage_kv", "headroom_mw", "year")):
        if any("변전소" in name for name in rows[0]):
            raise UnknownError("another form")
        raise UnsoundError("a column is missing")
    found = []
    for row in rows:
        for name in ("method", "confidence"):
            words(row.get(name, ""))
        year = number(row["year"], low=2000, high=2100)
        if year != int(year) or not words(row["station_id"], empty=False).strip():
            raise UnsoundError("a year or an id is none")
        found.append(
            {
                "station_id": row["station_id"], "voltage_kv": number(row["voltage_kv"], low=20, high=1000),
                "headroom_mw": number(row["headroom_mw"], low=0, high=1e6), "year": year,
            }
        )  # fmt: skip
    _keys(found, "station_id", "voltage_kv", "year")
    return found


_KEPCO = """변전소,전압(kV),2029,2030년,2031
안좌변전소,154,"1,200",5,-
해남,345,80,,90
구미 S/S,22.9,7,8,9
"""


def _plain_kepco(files: Files) -> list[dict[str, Any]]:
    rows = plain_table(files, "headroom.csv")
    ids = {"안좌": "S1", "해남": "S2", "구미": "S3"}
    if list(rows[0]) != ["변전소", "전압(kV)", "2029", "2030년", "2031"]:
        raise UnknownError("other columns")
    found = {}
    for row in rows:
        name = re.sub(r"\s", "", row["변전소"]).removesuffix("변전소").removesuffix("S/S")
        words(name)
        for column, year in (("2029", 2029), ("2030년", 2030), ("2031", 2031)):
            cell = row[column].strip().replace(",", "")
            if cell.lower() in {"", "-", "–", "nan", "none"}:
                continue
            if not cell.replace(".", "").isdigit():
                raise UnknownError("a cell with a unit")
            value = number(cell, low=0, high=1e6)
            voltage = row["전압(kV)"].strip()
            if voltage not in {"154", "345", "22.9", "154.0"}:
                raise UnknownError("another voltage")
            level = 154.0 if voltage == "22.9" else float(voltage)
            if name in ids:
                if (ids[name], level, year) in found:
                    raise UnknownError("a figure twice")
                found[ids[name], level, year] = value
    if not found:
        raise UnsoundError("no station is known")
    columns = ("station_id", "voltage_kv", "year")
    return sorted(({**dict(zip(columns, key, strict=True)), "headroom_mw": value} for key, value in found.items()), key=str)  # fmt: skip


def _kepco_order(rng: random.Random, files: Files) -> Mutation | None:
    found = _grid(rng, files)
    if found is None:
        return None
    name, (head, *rows) = found
    rng.shuffle(rows)
    return Mutation({name: _written([head, *rows])}, "order of rows", same=True)


def _sorted_rows(read: Callable[[Path], Any]) -> Callable[[Path], Any]:
    def ordered(folder: Path) -> Any:
        columns = ("station_id", "voltage_kv", "year", "headroom_mw")
        return sorted(({name: row[name] for name in columns} for row in read(folder)), key=str)

    return ordered


_PARAMETERS = """key,value,low,high,unit,kind,source,confidence,price_year,price_year_basis
discount,4.5,3,6,% real,calc,"KDI, a study",published,,
capex,60,50,68,bn KRW/MW,cost,reports,derived,2024,assumed
price_year,2024,,,year,calc,convention,published,,
price_index_2024,100,,,2020 = 100,calc,BOK,published,,
pue,1.3,,,1,calc,,assumption,,
"""


def _plain_parameters(files: Files) -> list[dict[str, Any]]:
    rows = plain_table(files, "parameters.csv")
    needed = ("key", "value", "low", "high", "unit", "kind", "source", "confidence")
    if any(name not in rows[0] for name in needed):
        raise UnsoundError("a column is missing")
    found = []
    for row in rows:
        for name in ("unit", "source", "kind", "confidence", "price_year_basis"):
            words(row.get(name, ""))
        if not words(row["key"], empty=False).strip():
            raise UnsoundError("a key is missing")
        value, low, high = (
            number(row[name], empty=name != "value") for name in ("value", "low", "high")
        )
        if (low is not None and high is not None) and low > high:
            raise UnsoundError("low is above high")
        found.append({"key": row["key"], "value": value, "low": low, "high": high})
    _keys(found, "key")
    return found


_CHOICES = """key,low,high,unit,note
target.it_mw,2000,4000,MW,"a third less, a third more"
spacing_km,10,40,km,half and double
connection.underground,,true,,every line buried
grid.security,,n-1,,after any outage
"""


def _read_choices(folder: Path) -> list[Any]:
    from siteopt.scenario import load_scenario  # noqa: PLC0415
    from siteopt.sensitivity.variants import find_variants  # noqa: PLC0415

    scenario = _scenario(load_scenario)
    found = find_variants(scenario, None, (), (), folder / "choices.csv")  # type: ignore[arg-type]
    return sorted([one.key, one.side, one.value] for one in found)


@cache
def _scenario(load: Callable[[str], Any]) -> Any:
    return load("national-2035")


def _plain_choices(files: Files) -> list[Any]:
    base = {"target.it_mw": 3000.0, "spacing_km": 20.0, "connection.underground": False, "grid.security": "none"}  # fmt: skip
    rows = plain_table(files, "choices.csv")
    if any(name not in rows[0] for name in ("key", "low", "high", "unit", "note")):
        raise UnsoundError("a column is missing")
    found = []
    for row in rows:
        words(row["unit"]), words(row["note"])
        if row["key"] not in base:
            raise UnsoundError("no key of a scenario") if not row["key"].replace(".", "").replace("_", "").isalpha() else UnknownError("another key")  # fmt: skip
        held = base[row["key"]]
        for side in ("low", "high"):
            cell = row[side].strip()
            if not cell:
                continue
            if isinstance(held, bool):
                value: Any = {"true": True, "false": False}.get(cell)
                if value is None:
                    raise UnsoundError(f"{cell!r:.40} for true or false")
            elif isinstance(held, str):
                value = words(cell)  # a word that is no choice is a row that says so
            else:
                value = number(cell, low=-1e12, high=1e12)
            if value != held:
                found.append([row["key"], side, value])
    if len({(one[0], one[1]) for one in found}) < len(found):
        raise UnsoundError("a key appears twice")
    return sorted(found)


KINDS = (
    Kind("headroom", _one(_HEADROOM, "headroom.csv"), (*BYTES, *TEXT, *TABLES),
         _same_columns(_layer("headroom"), "station_id", "voltage_kv", "headroom_mw", "year"), _plain_headroom),
    Kind("headroom-kepco", _one(_KEPCO, "headroom.csv"), (*BYTES, *TEXT, table_change, table_change, _kepco_order),
         _sorted_rows(_layer("headroom")), _plain_kepco),
    Kind("parameters", _one(_PARAMETERS, "parameters.csv"), (*BYTES, *TEXT, *TABLES),
         _same_columns(_layer("parameters"), "key", "value", "low", "high"), _plain_parameters),
    Kind("choices", _one(_CHOICES, "choices.csv"), (*BYTES, *TEXT, *TABLES), _read_choices, _plain_choices),
)  # fmt: skip
