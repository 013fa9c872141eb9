"""Runs written by hand, and a small program that stands in for siteopt in a repository of git."""

import copy
import json
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin

from siteopt import open_run
from siteopt.layers.catalogue import Entry, file_hash, render_catalogue

GIT = shutil.which("git") or "git"

RECORD = {
    "scenario": {
        "name": "small", "title": {"ko": "작은", "en": "small"},
        "grid": {"flow_limits": True, "snapshots": [{"id": "peak"}]}, "spacing_km": 20.0,
        "screening": {"exclusions": []},
    },
    "status": "optimal",
    "sites": 3,
    "eligible_km2": 100.0,
    "screening": [],
    "inputs": [{"id": "stations", "sha256": "a" * 64}, {"id": "slope", "sha256": "b" * 64}],
    "versions": {"siteopt": "0.1.0"},
    "timings_s": {"layers": 1.0},
}  # fmt: skip
PLAN = {
    "objective_bn_krw": 100.0,
    "bound_bn_krw": 99.9,
    "sites": [
        {"site_id": "A", "name_ko": "가", "name_en": "Ga", "it_mw": 100.0, "option_id": "A@1-154",
         "province_code": "47", "lon": 128.5, "lat": 36.5},
        {"site_id": "B", "name_ko": "나", "name_en": "Na", "it_mw": 60.0, "option_id": "B@1-154",
         "province_code": "46", "lon": 126.5, "lat": 34.8},
    ],
    "limits": [
        {"family": "flows", "limit": "flow 1 peak: L001", "used": 90.0, "at_most": 90.0, "binds": True},
        {"family": "target", "limit": "target", "used": 160.0, "at_most": None, "binds": True},
    ],
}  # fmt: skip
RANKING = [("A", 1, "exact"), ("B", 2, "exact"), ("C", 3, "exact"), ("D", 4, "bounded")]


def write_reasons(path, reasons, cell_m=1000.0, corner=(900_000.0, 1_900_000.0)):
    """Write an ``eligibility.tif`` in EPSG:5179; 0 is eligible."""
    cells = np.asarray(reasons, dtype=np.uint8)
    with rasterio.open(
        path, "w", driver="GTiff", height=cells.shape[0], width=cells.shape[1], count=1,
        dtype="uint8", crs="EPSG:5179", transform=from_origin(*corner, cell_m, cell_m),
    ) as raster:  # fmt: skip
        raster.write(cells, 1)


@pytest.fixture
def run_at():
    """Write a finished run and open it."""

    def write(folder, record=RECORD, plan=PLAN, ranking=RANKING, reasons=((0, 1), (1, 1))):
        folder.mkdir()
        (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
        (folder / "portfolio.json").write_text(json.dumps(plan), encoding="utf-8")
        table = ranking
        if not isinstance(table, pd.DataFrame):
            table = pd.DataFrame(ranking, columns=["site_id", "rank", "proof"])
        table.to_csv(folder / "ranking.csv", index=False)
        for name in ("map.html", "sites.gpkg"):
            (folder / name).touch()  # a run is opened only where it is whole
        write_reasons(folder / "eligibility.tif", reasons)
        return open_run(folder)

    return write


@pytest.fixture
def first(tmp_path, run_at):
    return run_at(tmp_path / "first")


@pytest.fixture
def changed():
    return copy.deepcopy(RECORD), copy.deepcopy(PLAN)


# Answers `run QUESTION --out DIR` in a few milliseconds: site B is built where stations.csv has
# more than one row and the question allows two sites; one more row or MW costs one bn KRW.
PROGRAM = """
import csv, json, pathlib, sys, time, tomllib

home = pathlib.Path(__file__).resolve().parent.parent / "data"
words = sys.argv[1:]
question = tomllib.loads(pathlib.Path(words[1]).read_text())
out = pathlib.Path(words[words.index("--out") + 1])
if question.get("wait_s"):
    pathlib.Path(question["mark"]).touch()
    time.sleep(question["wait_s"])
if question["sites_max"] < 1:
    print("siteopt: sites_max 0 must be at least 1", file=sys.stderr)
    sys.exit(3)
rows = list(csv.DictReader((home / "stations.csv").open()))
costs = {row["key"]: float(row["value"]) for row in csv.DictReader((home / "parameters.csv").open())}
names = ["A"] + (["B"] if len(rows) > 1 and question["sites_max"] > 1 else [])
cost = 100.0 * EXTRA + len(rows) + costs["cost"]
sites = [{"site_id": n, "name_ko": n, "name_en": n, "it_mw": 40.0, "option_id": n,
          "province_code": "47", "lon": 128.0, "lat": 36.0} for n in names]
out.mkdir(parents=True)
record = {"scenario": question, "status": "optimal", "sites": 2, "eligible_km2": 1.0,
          "screening": [], "inputs": [], "versions": {}, "timings_s": {}}
(out / "run.json").write_text(json.dumps(record))
(out / "portfolio.json").write_text(json.dumps({"objective_bn_krw": cost, "bound_bn_krw": cost,
                                                "sites": sites, "limits": []}))
(out / "ranking.csv").write_text("site_id,rank,proof\\\\n")
(out / "eligibility.tif").touch()
""".replace("\\\\", "\\")
STATIONS = "station_id,name_ko,lon,lat\nS1,일,127.0,36.0\n"
PARAMETERS = "key,value,low,high,unit,kind,source,confidence\ncost,5,,,bn,cost,x,high\nother,1,,,m,cost,x,high\n"
QUESTION = (
    'name = "tiny"\nsites_max = 1\ntitle = { ko = "작은", en = "tiny" }\n'
    "[screening]\nexclusions = []\n"
)


class Repository:
    """A repository of git with the small program, two layers and a question."""

    def __init__(self, folder):
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")
        self.write("siteopt/__init__.py", "")
        self.write("siteopt/__main__.py", PROGRAM.replace("EXTRA", "1"))
        self.write("data/stations.csv", STATIONS)
        self.write("data/parameters.csv", PARAMETERS)
        self.write("data/scenarios/tiny.toml", QUESTION)
        self.commit()

    def git(self, *words):
        done = subprocess.run(  # noqa: S603 - git of this machine, with words of these tests
            [GIT, "-c", "user.name=n", "-c", "user.email=n@example.org", *words],
            cwd=self.folder, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        if name.startswith("data/") and name.endswith(".csv"):
            self.catalogue()

    def catalogue(self):
        texts = dict.fromkeys(
            ("title_ko", "title_en", "crs", "unit", "source", "licence", "vintage", "confidence",
             "good_for", "not_good_for", "notice"), "",
        )  # fmt: skip
        entries = [
            Entry(id=path.stem, file=path.name, sha256=file_hash(path),
                  kind="vector" if "station" in path.stem else "table", **texts)
            for path in sorted((self.folder / "data").glob("*.csv"))
        ]  # fmt: skip
        (self.folder / "data" / "catalogue.toml").write_text(render_catalogue(entries), "utf-8")

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a")

    def state(self):
        """Everything that a comparison must leave as it is."""
        kept = {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }
        return kept, self.git("worktree", "list"), self.git("for-each-ref")


@pytest.fixture
def repository(tmp_path, monkeypatch):
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Repository(folder)
