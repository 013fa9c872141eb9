"""Folders of finished runs, given to explain and compare."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj

from tests.fuzz.geotiffs import tiff
from tests.fuzz.kinds import Files, Kind, Mutation, Rule, UnsoundError
from tests.fuzz.noise import BYTES, TEXT
from tests.fuzz.parcels import JSON, json_same
from tests.fuzz.plainly import csv_rows
from tests.fuzz.tables import TABLES

if TYPE_CHECKING:
    import random
    from pathlib import Path

__all__ = ["KINDS"]

_HASHED = ("ranking.csv", "portfolio.json", "eligibility.tif", "complexes.csv")
_RECORD = {
    "seed": 1, "status": "optimal", "solver": "HiGHS", "objective_bn_krw": 100.5, "bound_bn_krw": 100.4, "gap": 1e-6,
    "sites": 2, "chosen": 1, "land_km2": 1000.0, "eligible_km2": 400.0,
    "scenario": {"name": "small", "title": {"ko": "작은", "en": "small"}, "spacing_km": 20.0, "layers": {}, "candidates": {"parcels": None, "complex_exempt": ["slope"]},
                 "screening": {"exclusions": [{"id": "sea", "kind": "near", "layer": "lakes", "buffer_m": 0.0, "title": {"ko": "바다", "en": "Sea"}},
                {"id": "slope", "kind": "above", "layer": "slope", "threshold": 15.0, "title": {"ko": "경사", "en": "Slope"}}]}, "grid": {"snapshots": [{"id": "peak"}]}},
    "same_everywhere": [{"kind": "cost", "figure": "building", "unit": "bn KRW/MW", "where": "all", "value": 13.0}],
    "screening": [{"reason": "sea", "title_ko": "바다", "title_en": "Sea", "area_km2": 1.0, "only_km2": 0.5},
                  {"reason": "slope", "title_ko": "경사", "title_en": "Slope", "area_km2": 2.0, "only_km2": 0.0}],
    "inputs": [{"id": "slope", "file": "reference/slope.tif", "sha256": "a" * 64, "title_ko": "경사", "title_en": "Slope", "source": "s", "licence": "l", "vintage": "2025", "confidence": "derived", "notice": "", "replaced": False}],
    "notes": ["a note"], "versions": {"siteopt": "0.1.0"}, "timings_s": {"layers": 1.5, "report": 2.0},
}  # fmt: skip
_PORTFOLIO = {
    "scenario": "small", "year": 2035, "block_it_mw": 20.0, "it_min_mw": 40.0, "status": "optimal", "objective_bn_krw": 100.5, "bound_bn_krw": 100.4, "gap": 1e-6,
    "sites": [{"rank": 1, "site_id": "S1", "name_ko": "가", "name_en": "Ga", "it_mw": 100.0, "facility_mw": 120.0, "province_code": "46", "lon": 126.5, "lat": 34.7, "option_id": "S1@a-154",
               "voltage_kv": 154.0, "bn_krw_per_mw": 30.5, "cost_land_bn_krw": 5.0, "open_year": 2031, "steps": [{"year": 2031, "it_mw": 100.0, "opens": True}]}],
    "limits": [{"family": "target", "limit": "target", "used": 100.0, "at_least": 100.0, "at_most": None, "binds": True},
               {"family": "stations", "limit": "A1 154 kV", "used": 50.0, "at_most": 200.0, "binds": False},
               {"family": "flows", "limit": "flow 1", "used": 9.0, "at_most": 9.0, "binds": True}],
    "years": [{"year": 2031, "it_mw": 100.0, "target_it_mw": 100.0, "capital_bn_krw": 50.0, "opens": ["S1"], "grows": []}],
    "grid": {"model": "a model", "security": "none",
             "further_by_province": [{"province_code": "46", "province_en": "Jeonnam", "province_ko": "전남", "snapshot_id": "peak", "further_mw": 55.5, "branches_en": ["A–B"], "branches_ko": ["가–나"]}],
             "flow_limits": [{"snapshot_id": "peak", "branches_en": ["A–B"], "branches_ko": ["가–나"], "slack_mw": 5.0, "further_branches": 1, "mw_per_mw": {"7": 0.9}}]},
}  # fmt: skip
_RANKING = """site_id,rank,name_ko,name_en,chosen,it_mw,facility_mw,value_bn_krw,regret_bn_krw,lower_bn_krw,upper_bn_krw,proof,rank_proven,reason,kind,province_code,bus_id,lon,lat,x_m,y_m,it_max_mw,bn_krw_per_mw,cost_land_bn_krw,voltage_kv,facility_max_mw,station_id,route_km,route_oh_km,route_ug_km,route_bn_krw,lead_time_years,stations,first_year,with_it_mw,with_cost_bn_krw,replaces,headroom_more_mw,headroom_proof,slope_mean_deg
S1,1,가,Ga,True,100,120,7.5,,7.5,7.5,exact,True,,tile,46,7,126.5,34.7,1000500,1799500,200,30.5,5,154,400,A1,6.2,6.2,0,6.2,5,A1 154 590.0; B2 345 0.0,2031,,,,,,3.4
S2,2,나,Na,False,60,75,,0.75,0.75,0.75,exact,True,,tile,46,9,126.6,34.8,1001500,1799000,80,31.5,4,154,400,B2,3.1,3.1,0,3.3,5,A1 154 90.0,2031,60,1875,S1,25,exact,2.5
"""
_COMPLEXES = """complex_id,name_ko,name_en,eligible_ha,area_rule,excluded_by
C1,공단,Complex,1.5,for_sale,slope;sea
"""


_PLACES = [
    f"{lon:.5f},{lat:.5f}"
    for lon, lat in (
        pyproj.Transformer.from_crs(5179, 4326, always_xy=True).transform(x, 1.8e6 - 100)
        for x in (1e6 + 100, 1e6 + 2400)
    )
]
"""In a cell that is excluded, and in one that is eligible."""


@cache
def _seeds() -> list[Files]:
    cells = np.zeros((8, 10), dtype=np.uint8)
    cells[0, :5] = 2
    files = {
        "r/portfolio.json": json.dumps(_PORTFOLIO, ensure_ascii=False).encode(),
        "r/ranking.csv": b"\xef\xbb\xbf" + _RANKING.encode(), "r/complexes.csv": _COMPLEXES.encode(),
        "r/eligibility.tif": tiff(cells),
    }  # fmt: skip
    hashes = {name: hashlib.sha256(files[f"r/{name}"]).hexdigest() for name in _HASHED}
    listed = {**_RECORD, "files": hashes}
    return [
        {**files, "r/run.json": json.dumps(one, ensure_ascii=False).encode()}
        for one in (listed, _RECORD, _RECORD)
    ]


def _json_same(rng: random.Random, files: Files) -> Mutation | None:
    """Write a JSON file otherwise, where no hash is taken of it."""
    made = json_same(rng, files)
    listed = b'"files"' in files.get("r/run.json", b"")
    return None if made is None or listed or made.told.endswith("more") else made


def _outside(rng: random.Random, files: Files) -> Mutation | None:
    """Have the record name files elsewhere."""
    try:
        record = json.loads(files["r/run.json"])
        name = rng.choice(
            (
                "../bait/secret.csv",
                "@BAIT@/secret.csv",
                "/etc/hostname",
                "",
                ".",
                "map.html",
                "a\0b",
                "x" * 5000,
            )
        )
        if rng.random() < 0.5:
            record["files"] = {name: "0" * 64}
        else:
            record["inputs"][0]["file"] = name
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None
    return Mutation({**files, "r/run.json": json.dumps(record).encode()}, f"names {name:.30}")


def _read(folder: Path) -> Any:
    from siteopt.comparison import compare_runs  # noqa: PLC0415
    from siteopt.comparison.revisions import find_sides  # noqa: PLC0415
    from siteopt.runs.results import open_run  # noqa: PLC0415

    run = open_run(folder / "r")
    other = open_run(folder / "r")
    said = [run.summary()]
    known = ["C1"] if len(run.complexes) else []
    for place in ("S1", "S2", *known, *_PLACES):
        said += [run.explain(place, language) for language in ("en", "ko")]  # type: ignore[arg-type]
    compared = compare_runs(run, other)
    said += [
        compared.text(),
        compared.markdown(),
        json.dumps(compared.to_dict(), allow_nan=False),
    ]
    sides = find_sides((str(folder / "r"), str(folder / "r")), folder / "work")
    said += [side.label + side.missing for side in sides]
    ranking = [{str(k): v for k, v in row.items()} for row in run.ranking.to_dict("records")]
    names = [
        str(name)
        for column in ("name_ko", "name_en")
        for name in (run.complexes[column] if len(run.complexes) else ())
    ]
    return {
        "record": run.record,
        "portfolio": run.portfolio,
        "ranking": ranking,
        "said": said,
        "complexes": names,
    }


def _strict(content: bytes | None) -> Any:
    def refuse(word: str) -> Any:
        raise UnsoundError(f"{word} in JSON")

    if content is None:
        raise UnsoundError("a file is gone")
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise UnsoundError(f"it is no JSON ({type(error).__name__})") from error


def _plain(files: Files) -> Any:
    record, portfolio = _strict(files.get("r/run.json")), _strict(files.get("r/portfolio.json"))
    if not isinstance(record, dict) or not isinstance(portfolio, dict):
        raise UnsoundError("it is no record")
    if any(f"r/{name}" not in files for name in ("ranking.csv", "eligibility.tif")):
        raise UnsoundError("a file is gone")
    hashes = record.get("files", {})
    if not isinstance(hashes, dict):
        raise UnsoundError("files are none")
    for name in _HASHED[:3]:
        if name in hashes and hashes[name] != hashlib.sha256(files[f"r/{name}"]).hexdigest():
            raise UnsoundError(f"{name} is not as the run wrote it")
    rows = csv_rows(files["r/ranking.csv"])
    return Rule(lambda found: _otherwise(found, record, portfolio, rows))


def _otherwise(found: Any, record: Any, portfolio: Any, rows: list[dict[str, str]]) -> str | None:
    if found["record"] != record or found["portfolio"] != portfolio:
        return "the record is another"
    if [row["site_id"] for row in found["ranking"]] != [row.get("site_id") for row in rows]:
        return "the sites are others"
    texts = " ".join(f"{row.get('name_ko')} {row.get('name_en')}" for row in rows) + json.dumps(
        [record, portfolio, found["complexes"]], ensure_ascii=False
    )
    for text in found["said"]:
        odd = re.search(
            r"\b(nan|inf|None|NaN|<NA>|Infinity)\b|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]",
            text,
        )
        if odd is not None and not re.search(rf"\b{re.escape(odd[0])}\b", texts):
            return f"it says {text[max(0, odd.start() - 30) : odd.end() + 10]!r}"
    return None


KINDS = (
    Kind("run-folder", _seeds, (*BYTES, *TEXT, *JSON, *JSON, _json_same, *TABLES[:2], *TABLES[:2], _outside), _read, _plain),
)  # fmt: skip
