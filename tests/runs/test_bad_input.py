"""Bad input through the whole of a run: every file opens, and the page says what there is.

Names that are markup, formulas, JSON or ten thousand letters; one site; no criteria but the
country's borders. Signs that are not seen (NUL, line ends, an override of the direction) are
refused where the file is read: see `tests/layers/test_signs.py`.
"""

import csv
import io
import json
import re
import sqlite3

import geopandas as gpd
import openpyxl
import pandas as pd
import pypdf
import pytest

import siteopt
from siteopt._data import data_folder
from siteopt._file_names import MAP, RANKING, REPORT, SITES, SITES_PARQUET, WORKBOOK

pytestmark = [pytest.mark.national, pytest.mark.slow]

NAMES = (
    "</script><script>window.struck = 1</script>", '=HYPERLINK("x")', '"],"a":1', "긴" * 10_000,
    "<img src=x onerror='window.struck = 1'>", "'--; DROP TABLE sites", "${7*7}{{7*7}}#let", "@SUM(1)",
)  # fmt: skip
ONE = {
    "it_mw = 1000": "it_mw = 200", "count_min = 3": "count_min = 1",
    "share_max_pct = 40": "share_max_pct = 100", "complexes = true": 'parcels = "parcels.csv" #',
}  # fmt: skip


def changed(text, changes):
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def with_parcels(text, folder, small_run, names):
    """Return a scenario whose candidates are parcels of these names, where the small run has sites."""
    places = small_run.run.ranking.dropna(subset="cost_bn_krw").head(len(names))
    rows = [
        [f"P{place}", name, lon, lat, 120]
        for place, (name, lon, lat) in enumerate(
            zip(names, places["lon"], places["lat"], strict=True)
        )
    ]
    with (folder / "parcels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["site_id", "name", "lon", "lat", "area_ha"], *rows])
    return re.sub(r"(?m)^complex_.*$", "", changed(text, ONE)), rows


def hostile(text, folder, small_run):
    text, rows = with_parcels(text, folder, small_run, NAMES)
    stations = pd.read_csv(data_folder() / "reference" / "stations.csv", dtype=str, na_filter=False)
    for column in ("name_ko", "name_en"):
        stations[column] = [
            name + NAMES[place % len(NAMES)][:60] for place, name in enumerate(stations[column])
        ]
    stations.to_csv(folder / "stations.csv", index=False)
    named = [[name[:200], lon, lat, name[:100]] for _, name, lon, lat, _ in rows]
    with (folder / "names.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["name", "lon", "lat", "note"], *named])
    own = '[layers]\nstations = "stations.csv"\n\n[report]\nplaces = "names.csv"\n\n[target]'
    title = json.dumps(" ".join(name[:60] for name in NAMES), ensure_ascii=False)
    text = changed(text, {"[target]\n": f"{own}\n"})
    return re.sub(
        r"(?m)^title = .*$", lambda _: f"title = {{ ko = {title}, en = {title} }}", text, count=1
    )


def one_site(text, folder, small_run):
    return with_parcels(text, folder, small_run, ["하나뿐인 부지"])[0]


def few_criteria(text, _folder, _small_run):
    """Return the scenario without a grid, and with the borders of the country alone to exclude land."""
    head, rest = text.split("[[screening.exclusions]]", 1)
    rules, tail = rest.split("[uncertainty]", 1)
    kept = [
        rule
        for rule in rules.split("[[screening.exclusions]]")
        if 'id = "sea"' in rule or 'id = "capital_region"' in rule
    ]
    assert len(kept) == 2
    head = changed(head, {"flow_limits = true": "flow_limits = false"})
    return "[[screening.exclusions]]".join([head, *kept]) + "[uncertainty]" + tail


@pytest.mark.parametrize("make", [hostile, one_site, few_criteria])
def test_a_run_of_it_opens_everywhere(make, small_run, small_scenario_text, tmp_path, browser):
    file = tmp_path / "scenario.toml"
    file.write_text(make(small_scenario_text, tmp_path, small_run), encoding="utf-8")
    run = siteopt.run(file, tmp_path / "run", cache=small_run.cache)
    count, chosen = len(run.ranking), len(run.portfolio["sites"])

    page = browser.page()  # which fails on any request, error or warning
    page.open((run.folder / MAP).as_uri())
    assert page.run("siteopt.data.sites_count") == count
    for row in range(min(count, 10)):
        page.run(f"siteopt.open({row})")
    for tab in page.run("[...document.querySelectorAll('[role=tab]')].map(({ id }) => id)"):
        page.run(f"document.getElementById({tab!r}).click()")
    assert page.run("window.struck === undefined")
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
    assert f"{chosen}곳(후보지 {count:,}곳 중)" in page.run("document.body.innerText")

    pages = pypdf.PdfReader(io.BytesIO(run.content(REPORT))).pages
    told = "".join("".join(page.extract_text() for page in pages).split())
    assert f"후보지{count:,}곳가운데{chosen}곳에배치합니다" in told
    assert len(pages) < 25
    book = openpyxl.load_workbook(io.BytesIO(run.content(WORKBOOK)))
    formulas = [
        str(cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert not [one for one in formulas if "HYPERLINK" in one or "SUM(1)" in one]
    stored = gpd.read_file(run.folder / SITES, layer="sites").set_index("site_id")
    parquet = gpd.read_parquet(run.folder / SITES_PARQUET).set_index("site_id")
    ranking = run.ranking.set_index("site_id")
    assert len(stored) == len(parquet) == count
    for table in (stored, parquet):
        assert table["name_ko"].to_dict() == ranking["name_ko"].to_dict()
    with sqlite3.connect(run.folder / SITES) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    if make is hostile:
        assert sorted(ranking["name_ko"]) == sorted(NAMES)
        cells = csv.reader(io.StringIO(run.content(RANKING).decode("utf-8-sig"), newline=""))
        assert not [cell for row in cells for cell in row if cell.startswith(("=", "@"))]
