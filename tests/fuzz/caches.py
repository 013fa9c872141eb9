"""Cache folders: records, objects, and values behind right hashes."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tests.fuzz.kinds import Files, Kind, Mutation, Rule
from tests.fuzz.noise import BYTES, TEXT
from tests.fuzz.parcels import JSON

if TYPE_CHECKING:
    import random

__all__ = ["KINDS"]

_ABSOLUTE = Path(tempfile.gettempdir()) / f"siteopt-fuzz-planted-{os.getpid()}"
_FILES = {"ranking.csv": b"site_id\na\n", "portfolio.json": b"{}", "eligibility.tif": b"t"}


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _values() -> dict[str, Any]:
    table = pd.DataFrame({"a": [1.5, None], "b": ["x", "가"], "c": [True, False]})
    return {
        "files": dict(_FILES),
        "record": {"status": "optimal"},
        "table": table,
        "cells": np.arange(6).reshape(2, 3),
        "n": float("inf"),
        "t": (1, "a"),
    }


@cache
def _encoded() -> bytes:
    from siteopt.stages.serialization import encode  # noqa: PLC0415

    return encode(_values())


def _value_seeds() -> list[Files]:
    return [{"value.bin": _encoded()}]


def _read_value(folder: Path) -> Any:
    from siteopt.stages.serialization import DamagedValueError, decode, encode  # noqa: PLC0415

    path = folder / "value.bin"
    try:
        encode(decode(path.read_bytes() if path.exists() else b""))
    except DamagedValueError:
        return "damaged"
    return "a value"


def _plain_value(files: Files) -> Any:
    return Rule(
        lambda found: (
            None if found == "damaged" or files.get("value.bin") else "nothing became a value"
        )
    )


def _value_header(rng: random.Random, files: Files) -> Mutation | None:
    """Change items of a header whose length is right again."""
    content = files.get("value.bin", b"")
    length = int.from_bytes(content[:8], "little")
    made = rng.choice(JSON)(rng, {"header.json": content[8 : 8 + length]})
    if made is None:
        return None
    header = made.files["header.json"]
    changed = len(header).to_bytes(8, "little") + header + content[8 + length :]
    return Mutation({"value.bin": changed}, made.told)


# --- a folder with a run that is known as a whole --------------------------------------------

_KNOWN = "k" * 64


def _record() -> dict[str, Any]:
    hashes = {name: _sha(content) for name, content in _FILES.items()}
    record = {"status": "optimal", "files": hashes, "timings_s": {}}
    return {"record": record, "stages": ["figures"]}


def _kept(record: Any, name: str = _KNOWN) -> bytes:
    said = json.dumps(record, ensure_ascii=False).encode("utf-8", "replace")
    sha256 = _sha(b"\n".join((name.encode(), said)))
    return b"\n".join((sha256.encode(), said))


@cache
def _store_seeds() -> list[Files]:
    objects = {
        f"cache/objects/{_sha(content)[:2]}/{_sha(content)}": zlib.compress(content)
        for content in _FILES.values()
    }
    return [{**objects, f"cache/traces/runs/{_KNOWN}.json": _kept(_record())}]


def _planted(rng: random.Random, files: Files) -> Mutation | None:
    """Have a record, hashed rightly, name files or objects elsewhere."""
    record = _record()
    hashes = record["record"]["files"]
    odd = rng.choice(
        (
            "../planted.html",
            "../../x",
            "@BAIT@/secret.csv",
            str(_ABSOLUTE),
            "a/b",
            "",
            ".",
            "..",
            "run.json",
            "x\0y",
            "ranking.csv\n",
            "CON",
            "a" * 300,
            ".hidden",
            "evil.html",
        )
    )
    match rng.choice(("name", "object", "retype", "stage")):
        case "name":
            hashes[odd] = hashes["ranking.csv"]
        case "object":
            hashes["ranking.csv"] = odd
        case "stage":
            record["stages"] = [odd]
        case "retype":
            place = rng.choice((record, record["record"]))
            place[rng.choice(sorted(place))] = rng.choice((None, [], {}, 5, "x", {"a": 5}))
    return Mutation(
        {**files, f"cache/traces/runs/{_KNOWN}.json": _kept(record)}, f"planted {odd:.20}"
    )


def _bomb(_rng: random.Random, files: Files) -> Mutation | None:
    """Put an object that grows without end in the place of one."""
    names = [name for name in files if "/objects/" in name]
    if not names:
        return None
    return Mutation({**files, names[0]: _zeros()}, "an object of 3 GB")


@cache
def _zeros() -> bytes:
    packer = zlib.compressobj(9)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * 300


def _rehashed(rng: random.Random, files: Files) -> Mutation | None:
    """Change the record of a run, its hash made right again."""
    made = rng.choice((*JSON, *JSON, *TEXT))(rng, {"r.json": json.dumps(_record()).encode()})
    if made is None:
        return None
    try:
        record = json.loads(made.files["r.json"])
        content = _kept(record)
    except (ValueError, RecursionError):
        return None
    return Mutation({**files, f"cache/traces/runs/{_KNOWN}.json": content}, made.told)


def _all_but_out(folder: Path) -> set[Path]:
    """Return what stands in a folder and beside it; nothing is opened there."""
    inside = {path for path in folder.rglob("*") if folder / "out" not in path.parents}
    return inside | set(folder.parent.iterdir()) | {_ABSOLUTE for _ in (1,) if _ABSOLUTE.exists()}


def _read_store(folder: Path) -> Any:
    from siteopt.runs.known_run import take_run  # noqa: PLC0415
    from siteopt.stages.store import Store  # noqa: PLC0415

    before = _all_but_out(folder)
    store = Store(folder / "cache")
    taken = take_run(store, _KNOWN, folder / "out", ["ranking.csv"])
    store.records("runs")
    store.prune()
    found = {
        path.relative_to(folder / "out").as_posix(): path.read_bytes()
        for path in (folder / "out").rglob("*")
        if path.is_file()
    }
    strange = _all_but_out(folder) - before
    odd = [str(path) for path in strange if path.name not in {"out", ".gitignore", "CACHEDIR.TAG"}]
    found.pop("run.json", None)
    return {"taken": taken, "files": found, "strange": odd}


def _plain_store(_files: Files) -> Any:
    def otherwise(found: Any) -> str | None:
        if found["strange"]:
            return f"wrote {found['strange'][0]}"
        extra = found["files"].keys() - _FILES
        if extra:
            return f"wrote {min(extra)!r:.40}"
        return None if not found["taken"] or found["files"] == _FILES else "files are others"

    return Rule(otherwise)


KINDS = (
    Kind("cache-value", _value_seeds, (*BYTES, *BYTES, _value_header, _value_header, _value_header, _value_header), _read_value, _plain_value),
    Kind("cache-run", _store_seeds, (*BYTES, *TEXT, _planted, _planted, _planted, _rehashed, _rehashed, _rehashed, _bomb), _read_store, _plain_store),
)  # fmt: skip
