"""Entry point: `explain` without typer says what it says with it, and little is loaded for it."""

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin

from siteopt import cli, entry
from siteopt._csv import write_csv
from siteopt._files import publish
from siteopt.layers import read_catalogue

HEAVY = ("pandas", "geopandas", "rasterio", "pyogrio", "scipy", "numba", "matplotlib", "pulp")
"""Libraries that take longer to load than any answer."""
OF_COMMANDS = ("typer", "pydantic", "rich")
SITE, LEFT_OUT, ELIGIBLE, EXCLUDED = "S1", "C1", "126.52000,34.70000", "126.40000,34.70000"
NAME = "나주시 남평읍"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a run of two sites, with the embedded layers as they are."""
    home = tmp_path_factory.mktemp("run")
    sites = pd.DataFrame({
        "site_id": ["S1", "S2"], "rank": [1, 2], "name_ko": ["가", "나"], "name_en": ["Ga", "Na"],
        "chosen": [True, False], "it_mw": [100.0, 60.0], "facility_mw": [120.0, 75.0],
        "value_bn_krw": [7.5, None], "regret_bn_krw": [None, 0.75], "proof": "exact",
        "province_code": "46", "lon": [126.5, 126.6], "lat": [34.7, 34.8], "x_m": [908_500.0, 917_500.0],
        "y_m": [1_634_500.0, 1_645_500.0], "bn_krw_per_mw": [30.5, 31.5], "impact_applies": False,
    })  # fmt: skip
    complexes = pd.DataFrame({
        "complex_id": ["C1"], "name_ko": ["공단"], "name_en": ["Complex"], "district_code": ["46130"],
        "lon": [126.55], "lat": [34.75], "eligible_ha": [1.5], "area_rule": ["for_sale"],
        "excluded_by": ["slope;sea"],
    })  # fmt: skip
    write_csv(sites, home / "ranking.csv")
    write_csv(complexes, home / "complexes.csv")
    cells = np.zeros((400, 400), np.uint16)
    cells[:, :200] = 3
    with rasterio.open(
        home / "eligibility.tif", "w", driver="GTiff", height=400, width=400, count=1,
        dtype="uint16", crs="EPSG:5179", transform=from_origin(858_000, 1_684_000, 250, 250),
        tiled=True, compress="deflate",
    ) as target:  # fmt: skip
        target.write(cells, 1)
    rules = [
        {"id": "slope", "kind": "above", "layer": "slope", "threshold": 0.01, "buffer_m": 0},
        {"id": "lakes", "kind": "near", "layer": "lakes", "buffer_m": 200},
    ]
    titles = {"title_ko": "이름", "title_en": "Title"}
    record = {
        "status": "optimal", "scenario": {"candidates": {}, "screening": {"exclusions": rules}},
        "screening": [{"reason": rule["id"], **titles} for rule in rules],
        "inputs": [{"id": one.id, "sha256": one.sha256, **titles} for one in read_catalogue()],
    }  # fmt: skip
    plan = {"sites": [{"site_id": "S1", "bn_krw_per_mw": 30.5}], "limits": []}
    (home / "portfolio.json").write_text(json.dumps(plan), "utf-8")
    files = {path.name: path.read_bytes() for path in home.iterdir()}
    publish(files, record, home)
    named = json.loads((home / "run.json").read_text("utf-8"))["files"]
    assert named["ranking.csv"] == hashlib.sha256(files["ranking.csv"]).hexdigest()
    return home


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("explain a S1", ("a", "S1", "en")),
        ("explain a S1 --lang ko", ("a", "S1", "ko")),
        ("explain --lang=en a S1", ("a", "S1", "en")),
        ("explain a", None),
        ("explain a S1 S2", None),
        ("explain a S1 --lang de", None),
        ("explain a S1 --lang", None),
        ("explain a S1 --lang ko --lang en", None),
        ("explain a S1 --help", None),
        ("explain a -60,-33", None),
        ("explain -- a S1", None),
        ("-v explain a S1", None),
        ("run a --out b", None),
        ("", None),
    ],
)
def test_only_a_plain_explain_is_read_without_typer(words, read):
    assert entry.plain_explain(words.split()) == read


def ended(monkeypatch, capfd, main, words):
    monkeypatch.setattr(sys, "argv", ["siteopt", *map(str, words)])
    code = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code or 0
    return code, *capfd.readouterr()


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(
    "place",
    [SITE, LEFT_OUT, ELIGIBLE, EXCLUDED, NAME, "전라남도", "0,0", "127,north", "S9", "중구", ""],
)
def test_the_answer_and_the_error_are_those_of_the_other_commands(
    monkeypatch, capfd, folder, place, language
):
    words = ("explain", folder, place, "--lang", language)
    found = ended(monkeypatch, capfd, entry.main, words)
    assert found == ended(monkeypatch, capfd, cli.main, words)
    assert found[0] == (0 if found[1] else 2)
    assert len(found[2].splitlines()) == (found[0] == 2)


@pytest.mark.parametrize("words", [("explain", "no-such-run", "S1"), ("explain",), ("explan", "a")])
def test_what_is_wrong_with_the_words_is_told_alike(monkeypatch, capfd, tmp_path, words):
    monkeypatch.chdir(tmp_path)
    found = ended(monkeypatch, capfd, entry.main, words)
    assert found == ended(monkeypatch, capfd, cli.main, words)
    assert found[0] == 2


def test_a_table_that_was_changed_is_noticed(monkeypatch, capfd, folder, tmp_path):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    changed = (tmp_path / "ranking.csv").read_bytes().replace(b"7.5", b"9.5")
    (tmp_path / "ranking.csv").write_bytes(changed)
    code, out, err = ended(monkeypatch, capfd, entry.main, ("explain", tmp_path, SITE))
    assert (code, out) == (2, "")
    assert "ranking.csv is not as the run wrote it" in err


def test_a_cell_that_no_run_writes_is_noticed_where_it_is_read(
    monkeypatch, capfd, folder, tmp_path
):
    """Also where somebody has made the hashes anew."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "run.json"}
    files["ranking.csv"] = files["ranking.csv"].replace(b"100.0", b"forty")
    record = json.loads((folder / "run.json").read_text("utf-8"))
    publish(files, record, tmp_path)
    code, out, err = ended(monkeypatch, capfd, entry.main, ("explain", tmp_path, SITE))
    assert (code, out) == (2, "")
    assert "ranking.csv: row 2: it_mw is 'forty'; a number is needed; run again" in err


def python(code, *words):
    return subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-c", code, *map(str, words)], env=os.environ, check=True,
        capture_output=True, text=True,
    ).stdout  # fmt: skip


LOADED = """
import sys
from siteopt.entry import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
finally:
    print("\\n" + " ".join({name.partition(".")[0] for name in sys.modules}))
"""


def loaded(*words):
    return set(python(LOADED, *words).splitlines()[-1].split())


@pytest.mark.parametrize(
    ("place", "also"),
    [
        (SITE, ("numpy", "shapely", "pyproj")),
        (LEFT_OUT, ("numpy", "shapely", "pyproj")),
        (ELIGIBLE, ("numpy", "shapely")),
        (EXCLUDED, ()),
        (NAME, ("shapely",)),
        ("전라남도", ("shapely",)),
    ],
)
def test_an_explanation_loads_only_what_it_needs(folder, place, also):
    found = loaded("explain", folder, place)
    assert not found & {*HEAVY, *OF_COMMANDS, *also}


@pytest.mark.parametrize(
    "words", [("--help",), ("--version",), ("layers", "list"), ("layers", "list", "stations")]
)
def test_help_and_lists_load_no_library_of_tables_or_maps(words):
    assert not loaded(*words) & {*HEAVY, "numpy", "shapely", "pyproj"}


CPU_S = 2.0
"""Five times what an explanation took where it was measured: 0.4 s of processor time."""


@pytest.mark.slow
def test_an_explanation_takes_little_processor_time(folder):
    code = f"{LOADED}\nimport time\nprint(time.process_time())"
    took = [float(python(code, "explain", folder, place).split()[-1]) for place in (SITE, EXCLUDED)]
    assert max(took) < CPU_S, took
