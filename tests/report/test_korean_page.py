"""The Korean page and Korean explanations are in Korean: what else stands there is listed here."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from siteopt import open_run
from siteopt.report.input_hash import shown_hash
from tests.report.small_energy import with_clean_energy
from tests.report.small_further import small_further
from tests.report.small_verdicts import with_every_verdict
from tests.report.written import write_run

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables
    from siteopt.runs.results import Run

ALLOWED = {
    # units, which Korean official texts write in Latin letters too
    "MW", "MWh", "kWh", "GWh", "kV", "km", "m", "ha", "L", "ms", "g", "CO", "tCO",
    # terms without a Korean word in use
    "p",  # of "%p": percentage points
    "EPSG", "IT", "AI", "PUE", "WUE", "PPA", "PTDF", "HVDC", "RTT", "N-1",
    # a key of the keyboard, and browsers
    "Enter", "Edge", "Chrome", "Firefox", "Safari",
    # proper names: the grid case, the map's library and data, what they are licensed under
    "KPG", "OpenStreetMap", "ODbL", "Leaflet",
    # the button that leads to the English page
    "English",
    "siteopt", "SRTM", "MIT", "Apache", "CC", "BY", "IWEC", "ITS", "V-World", "OurAirports", "GPU", "REC", "SMP", "MVA", "kW", "s", "Hz", "mm", "GIS", "Open-Meteo", "v2.0",
    # files of the run that the page points to, and their kind
    "run.json", "ranking.csv", "CSV",
}  # fmt: skip
CANDIDATE = re.compile(r"\bS\d+(-\d+)?\b")
"""A candidate that has no other name is called by its number after the name of its district."""
SIGNS = re.compile(r"24/7 CFE|μT|(?<=[\d°′″])\s?[NE]\b")
"""The name of the match by the hour, microtesla, and degrees north and east."""
LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_.@&-]*[A-Za-z0-9]|[A-Za-z]")
VISIBLE = """(() => {
  document.querySelectorAll('details').forEach((one) => { one.open = true; });
  const copy = document.body.cloneNode(true);
  copy.querySelectorAll('[lang=en], .ids, script, style').forEach((one) => one.remove());
  const said = [...copy.querySelectorAll('[title], [aria-label], [placeholder], [alt]')]
    .flatMap((one) => ['title', 'aria-label', 'placeholder', 'alt'].map((name) => one.getAttribute(name)));
  const walk = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) said.push(walk.currentNode.nodeValue);
  return said.filter(Boolean).join('\\n'); })()"""


def foreign(said: str) -> set[str]:
    """Return the Latin words of a text that have no business in it."""
    return set(LATIN.findall(SIGNS.sub("", CANDIDATE.sub("", said)))) - ALLOWED


def drawn_foreign(browser: Any, run: Run, sites: list[str]) -> set[str]:
    """Return the Latin words of the page but for the signs of the hash of its input."""
    return foreign(drawn(browser, run, sites).replace(shown_hash(run.record), ""))


def names_of(run: Run) -> set[str]:
    """Return Latin words in Korean names of complexes: the register writes some so."""
    return set(LATIN.findall("\n".join(run.complexes["name_ko"])))


@pytest.fixture(scope="module")
def small(run_tables: RunTables, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder: Path = tmp_path_factory.mktemp("korean") / "run"
    tables = with_clean_energy(with_every_verdict(run_tables))
    further = small_further(tables.sites["site_id"].tolist())
    write_run(replace(tables, further=further), folder, {})
    return open_run(folder)


def drawn(browser: Any, run: Run, sites: list[str]) -> str:
    """Return all that the Korean page shows: lists, legend, cards of some sites, a place."""
    page = browser.page()
    page.open(run.map_path.as_uri())
    said = [page.run(VISIBLE)]
    for site in sites:
        page.run(f"siteopt.open(siteopt.rows.get({site!r}), false), 0")
        said.append(page.run(VISIBLE))
    for layer in ("siteopt.map._layers",):
        page.run(f"Object.values({layer}).forEach((one) => one.getTooltip?.() && one.openTooltip()), 0")  # fmt: skip
    said.append(page.run(VISIBLE))
    page.run("siteopt.map.fire('click', {latlng: siteopt.map.getCenter()}), 0")
    said.append(page.run(VISIBLE))
    return "\n".join(said)


def told(run: Run, sites: list[str]) -> str:
    """Return what `explain` says in Korean, the line of the ids aside."""
    lines = [line for site in sites for line in run.explain(site, "ko").splitlines()]
    return "\n".join(line for line in lines if not line.startswith("식별자"))


# The small world's own layers have no Korean title, and its rules name them.
OWN_LAYERS = {"provinces", "slope", "rivers", "own_figure"}


@pytest.mark.browser
def test_the_korean_page_of_a_small_run_is_in_korean(browser: Any, small: Run) -> None:
    sites = small.ranking["site_id"].tolist()
    assert drawn_foreign(browser, small, sites) - OWN_LAYERS == set()


def test_korean_explanations_of_a_small_run_are_in_korean(small: Run) -> None:
    assert foreign(told(small, small.ranking["site_id"].tolist())) == set()


def sample(run: Run) -> list[str]:
    """Return some sites of every kind: chosen, exact, bounded, impossible, complexes."""
    table = run.ranking
    kinds = table.assign(reason=table["reason"].fillna("")).groupby(
        ["chosen", "proof", "reason", "kind"], dropna=False
    )
    found: list[str] = kinds.head(2)["site_id"].tolist()
    return found


@pytest.mark.browser
def test_the_korean_page_on_the_real_layers_is_in_korean(browser: Any, small_run: Any) -> None:
    run = small_run.run
    assert drawn_foreign(browser, run, sample(run)) - names_of(run) == set()


def test_korean_explanations_on_the_real_layers_are_in_korean(small_run: Any) -> None:
    run = small_run.run
    assert foreign(told(run, sample(run))) - names_of(run) == set()
    places = ["126.9,37.5", "128.45,38.1", "127.4,36.9", "126.45,34.77"]
    assert foreign(told(run, places)) == set()


def test_a_place_is_told_with_its_own_figure_where_the_layer_is_at_hand(small_run: Any) -> None:
    # A mountain: steeper than the limit by the embedded layer, far from any station.
    for language, slope in (("ko", "25° 초과 · 이 지점: "), ("en", "above 25° · here: ")):
        line = next(one for one in small_run.run.explain("128.45,38.1", language).splitlines() if slope in one)  # fmt: skip
        assert float(line.split(slope)[1].rstrip("°")) > 25
    far = small_run.run.explain("128.45,38.1", "ko")
    assert re.search(r"변전소\(변전소, 종류 미상\): 10 km 초과 · 이 지점: 1\d(\.\d+)? km", far)
