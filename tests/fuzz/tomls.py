"""Scenarios and catalogues of data folders as TOML."""

from __future__ import annotations

import hashlib
import re
import tomllib
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import tomli_w

from tests.fuzz.kinds import Files, Kind, Mutation, Rule, UnsoundError
from tests.fuzz.noise import BYTES, HOSTILE_TEXTS, TEXT
from tests.fuzz.parcels import _places
from tests.fuzz.plainly import words

if TYPE_CHECKING:
    import random
    from pathlib import Path

__all__ = ["KINDS"]

_SCENARIO = """name = "small-1"
title = { ko = "작은 물음", en = "a small question" } # both
seed = 7
spacing_km = 20

[layers]
stations = "stations.csv"

[parameters]
discount_social = 5.0

[weights]
grid = 2

[target]
it_mw = 300
year = 2035

[build]
it_min_mw = 40
it_max_mw = 1000
block_mw = 20

[provinces]
count_min = 2
share_max_pct = 60

[provinces.shares.46]
min_pct = 5

[candidates]
tile_m = 4000
parcels = "parcels.geojson"

[connection]
second_feed_from_mw = false
classes = [
  { voltage_kv = 22.9, station_kv = 154, facility_max_mw = 40 },
  { voltage_kv = 154, station_kv = 154, facility_max_mw = 400 },
]

[screening]
[[screening.exclusions]]
id = "slope"
kind = "above"
layer = "slope"
threshold = 15
title = { ko = "경사", en = "Slope" }

[sites]
must = ["a", "b"]
"""


@cache
def _scenario_seeds() -> list[Files]:
    from siteopt._data import data_folder  # noqa: PLC0415

    ready = (data_folder() / "scenarios" / "national-2035.toml").read_bytes()
    return [{"s.toml": _SCENARIO.encode()}, {"s.toml": ready}]


def _toml_tree(rng: random.Random, files: Files) -> Mutation | None:
    """Change a value of a TOML file: gone, of another type, nested, huge."""
    name = rng.choice([one for one in sorted(files) if one.endswith(".toml")] or [""])
    try:
        tree = tomllib.loads(files[name].decode())
        places = _places(tree)
        *path, key = rng.choice(places)
        holder: Any = tree
        for part in path:
            holder = holder[part]
        how = rng.choice(("drop", "retype", "retype", "text", "nest", "other", "raw", "raw"))
        raw = None
        match how:
            case "drop":
                del holder[key]
            case "retype":
                holder[key] = rng.choice(
                    (
                        True,
                        False,
                        0,
                        -1,
                        1.5,
                        "",
                        "x",
                        [],
                        {},
                        [[]],
                        {"a": 1},
                        str(holder[key]),
                        [holder[key]],
                        "5",
                    )
                )
            case "text":
                holder[key] = f"{holder[key]}{rng.choice(HOSTILE_TEXTS)}"
            case "nest":
                holder[key] = {"a": holder[key]}
            case "other":
                *there, last = rng.choice(places)
                source: Any = tree
                for part in there:
                    source = source[part]
                holder[key] = source[last]
            case "raw":
                holder[key] = "@RAW@"
                deep = rng.choice((20, 500, 5000, 50_000))
                raw = rng.choice(
                    ("9" * 5000, "0x" + "f" * 4000, "1e400", "nan", "-inf", "9" * 400, "1979-05-27T07:32:00Z", "07:32:00", "1979-05-27",
                     "[" * deep + "1" + "]" * deep, "{a=" * deep + "1" + "}" * deep, '"\\ud800"', "'''a\nb'''", "1_000", "[1, 'a']", "+0", "0b11")
                )  # fmt: skip
        text = tomli_w.dumps(tree)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return None
    if raw is not None:
        text = text.replace('"@RAW@"', raw)
    return Mutation(
        {**files, name: text.encode("utf-8", "surrogatepass")},
        f"{name}: {how} {'.'.join(map(str, [*path, key]))}",
    )


def _toml_head(rng: random.Random, files: Files) -> Mutation | None:
    """Add a table or a key before or behind all others."""
    name = rng.choice([one for one in sorted(files) if one.endswith(".toml")] or [""])
    if name not in files:
        return None
    more = rng.choice(
        (b"[target]\nit_mw = 5\n", b"[[target]]\n", b"[a." + b"a." * 3000 + b"a]\n", b"a = 1\n", b"name = 'b'\n", b"[target.it_mw]\n",
         b"x" * 200_000 + b" = 1\n", b"'' = 1\n", b"[layers]\n'../x' = 'y'\n", b"[[layer]]\n", b"\xff\n", b"a = [\n" * 2000)
    )  # fmt: skip
    content = more + files[name] if rng.random() < 0.5 else files[name] + b"\n" + more
    return Mutation({**files, name: content}, f"{name}: with {more[:20]!r}")


def _toml_same(rng: random.Random, files: Files) -> Mutation | None:
    name = rng.choice([one for one in sorted(files) if one.endswith(".toml")] or [""])
    try:
        text = files[name].decode()
        tree = tomllib.loads(text)
    except (ValueError, KeyError, RecursionError):
        return None
    how = rng.choice(("comments", "line ends", "anew", "blank lines", "mark"))
    match how:
        case "comments":
            text = "# 한글 comment = [\n" + text + "\n# [end\n"
        case "line ends":
            text = text.replace("\r\n", "\n").replace("\n", "\r\n")
        case "anew":
            text = tomli_w.dumps(tree)
        case "blank lines":
            text = "\n\n" + text + "\n\n\n"
        case "mark":
            text = "\ufeff" + text.removeprefix("\ufeff")
    return Mutation({**files, name: text.encode()}, f"{name}: same, {how}", same=True)


def _read_scenario(folder: Path) -> Any:
    from siteopt.scenario import load_scenario  # noqa: PLC0415

    return load_scenario(folder / "s.toml").model_dump(mode="json")


def _tree(content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError, OverflowError) as error:
        raise UnsoundError(f"it is no TOML ({type(error).__name__})") from error


def _plain_scenario(files: Files) -> Any:
    """Return a reading that equals what siteopt returns wherever the file says something."""
    if "s.toml" not in files:
        raise UnsoundError("it is not there")
    said = _tree(files["s.toml"])
    return Rule(lambda found: _said_otherwise(*_without_sets(found, said), ""))


def _without_sets(found: Any, said: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return a reading and what a file says without the ready exclusions that its sets bring."""
    screening = said.get("screening")
    if not isinstance(screening, dict) or "exclusion_sets" not in screening:
        return found, said
    own = {key: value for key, value in screening.items() if key != "exclusion_sets"}
    read = found["screening"]
    kept = read["exclusions"][: len(own.get("exclusions", []))]
    return found | {"screening": read | {"exclusions": kept}}, said | {"screening": own}


def _said_otherwise(found: Any, said: Any, at: str) -> str | None:
    """Return the first key that siteopt reads otherwise than a file says."""
    if isinstance(said, dict):
        if not isinstance(found, dict):
            return None if at.endswith("_pct") else f"{at}: a table became {found!r:.40}"
        for key, value in said.items():
            if key not in found:
                return f"{at}.{key}: is not read"
            if (told := _said_otherwise(found[key], value, f"{at}.{key}")) is not None:
                return told
        return None
    if isinstance(said, list):
        if not isinstance(found, list) or len(found) != len(said):
            return f"{at}: a list became {found!r:.40}"
        pairs = zip(found, said, strict=True)
        return next(
            (
                told
                for n, pair in enumerate(pairs)
                if (told := _said_otherwise(*pair, f"{at}[{n}]"))
            ),
            None,
        )
    if isinstance(said, str):
        try:
            words(said)
        except UnsoundError as error:
            return f"{at}: {error}"
        return (
            None
            if isinstance(found, str)
            and (
                found == said
                or found.endswith(f"/{said}")
                or "/" in found
                or found.startswith("zone_")
            )
            else f"{at}: {said!r:.40} became {found!r:.40}"
        )
    if said is False and found is None:
        return None
    if isinstance(said, bool) or isinstance(found, bool):
        return None if said is found else f"{at}: {said!r} became {found!r}"
    if isinstance(said, int | float) and isinstance(found, int | float):
        return None if float(said) == float(found) else f"{at}: {said} became {found}"
    if isinstance(said, int | float) and isinstance(found, dict):
        return None  # a limit of all years
    return f"{at}: {said!r:.40} became {found!r:.40}"


_JUDGEMENTS = """best = 5
compromise = "geometric"
consistency_max = 0.2
cost_weight = 0.1

[[stakeholder]]
name = "one"
title = { ko = "하나", en = "one" }
method = "ahp"
voice = 2.0
judgements = [["grid", "water", 3], ["water", "land", 2], ["grid", "land", 5]]

[[stakeholder]]
name = "two"
method = "swing"
points = { grid = 100, water = 50, land = 10 }

[[stakeholder]]
name = "three"
method = "rank_order"
rule = "sum"
order = ["grid", ["water", "land"]]

[[stakeholder]]
name = "four"
method = "direct"
weights = { grid = 3, water = 1 }

[smaa]
draws = 16
seed = 1
order = ["grid", ["water", "land"]]

[smaa.intervals]
grid = [0.1, 0.5]

[promethee]
indifference = 0.1
preference = 0.2
"""


def _judgement_seeds() -> list[Files]:
    return [{"s.toml": _JUDGEMENTS.encode()}]


def _read_judgements(folder: Path) -> Any:
    from siteopt.scenario.judgements import read_judgements  # noqa: PLC0415

    found = read_judgements(folder / "s.toml")
    found.inconsistency()
    return found.model_dump(mode="json", by_alias=True)


# --- catalogue -------------------------------------------------------------------------------

_HEADROOM = b"station_id,voltage_kv,headroom_mw,year\nS1,154,100,2029\nS2,154,0,2029\n"
_VERDICTS = b"site_id,lon,lat\na,127.1,36.1\nb,127.2,36.2\n"


@cache
def _catalogue_seeds() -> list[Files]:
    texts = dict.fromkeys(
        (
            "title_ko",
            "title_en",
            "unit",
            "source",
            "licence",
            "vintage",
            "confidence",
            "good_for",
            "not_good_for",
            "notice",
        ),
        "말, words",
    )
    layers = [
        {"id": name, **texts, "file": f"reference/{name}.csv", "kind": kind, "crs": "EPSG:4326", "sha256": hashlib.sha256(content).hexdigest()}
        for name, kind, content in (("headroom", "table", _HEADROOM), ("mine", "vector", _VERDICTS))
    ]  # fmt: skip
    return [
        {
            "catalogue.toml": tomli_w.dumps({"layer": layers}).encode(),
            "reference/headroom.csv": _HEADROOM,
            "reference/mine.csv": _VERDICTS,
        }
    ]


def _catalogue_file(rng: random.Random, files: Files) -> Mutation | None:
    """Have a layer name a file outside the folder, or one of another kind."""
    try:
        tree = tomllib.loads(files["catalogue.toml"].decode())
        layer = rng.choice(tree["layer"])
        layer["file"] = rng.choice(
            (
                "@BAIT@/secret.csv",
                "../bait/secret.csv",
                "reference/../../bait/secret.csv",
                "/etc/hostname",
                "reference",
                "",
                ".",
                "reference/mine.csv\0",
                "catalogue.toml",
                "http://127.0.0.1:@PORT@/a.csv",
                "/vsicurl/http://127.0.0.1:@PORT@/a.csv",
                "~/x",
                "C:\\x",
                "reference\\mine.csv",
                "nul",
                "a" * 5000,
            )
        )
    except (ValueError, KeyError, TypeError):
        return None
    return Mutation(
        {**files, "catalogue.toml": tomli_w.dumps(tree).encode()}, f"file is {layer['file']:.40}"
    )


def _catalogue_order(rng: random.Random, files: Files) -> Mutation | None:
    try:
        tree = tomllib.loads(files["catalogue.toml"].decode())
        rng.shuffle(tree["layer"])
        text = tomli_w.dumps(tree)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return Mutation({**files, "catalogue.toml": text.encode()}, "order of layers", same=True)


def _read_catalogue(folder: Path) -> Any:
    from dataclasses import asdict  # noqa: PLC0415

    from siteopt.layers import check_layers, list_layers, read_catalogue  # noqa: PLC0415

    entries = {entry.id: asdict(entry) for entry in read_catalogue(folder)}
    list_layers(folder)
    check_layers(folder)
    return entries


def _plain_catalogue(files: Files) -> Any:
    tree = _tree(files.get("catalogue.toml", b"\xff"))
    layers = tree.get("layer")
    if not isinstance(layers, list) or not layers:
        raise UnsoundError("it has no layers")
    found = {}
    for layer in layers:
        if not isinstance(layer, dict) or not all(
            isinstance(value, str) for value in layer.values()
        ):
            raise UnsoundError("a layer is no table of texts")
        for value in layer.values():
            words(value)
        file = PurePosixPath(layer.get("file", ""))
        if file.is_absolute() or ".." in file.parts or str(file) not in files:
            raise UnsoundError(f"file {str(file)[:40]} is not of the folder")
        if hashlib.sha256(files[str(file)]).hexdigest() != layer.get("sha256"):
            raise UnsoundError("a hash does not fit")
        if layer.get("id") in found or not re.fullmatch(r"[\w.-]+", layer.get("id", "")):
            raise UnsoundError("an id is none or appears twice")
        of_fetched = {"address": "", "fetched": "", "redistribution": "", "commercial": ""}
        found[layer["id"]] = {**of_fetched, "bytes": 0, **layer}
    return found


KINDS = (
    Kind("scenario", _scenario_seeds, (*BYTES, *TEXT, _toml_tree, _toml_tree, _toml_tree, _toml_head, _toml_same), _read_scenario, _plain_scenario),
    Kind("judgements", _judgement_seeds, (*BYTES, *TEXT, _toml_tree, _toml_tree, _toml_tree, _toml_head, _toml_same), _read_judgements, _plain_scenario),
    Kind("catalogue", _catalogue_seeds, (*BYTES, *TEXT, _toml_tree, _toml_tree, _toml_head, _catalogue_file, _catalogue_file, _catalogue_order), _read_catalogue, _plain_catalogue),
)  # fmt: skip
