"""A click on the map says what `eligibility.tif` and `explain` say of the place."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from pyproj import Transformer

from siteopt.report._cells import NO_LAND, land_cells
from siteopt.report._land import land_picture
from siteopt.report.texts import text
from siteopt.runs.results import open_run
from tests.report.conftest import small_run
from tests.report.test_report_land import masks_of
from tests.report.written import write_map, write_run

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from siteopt.report import RunTables
    from siteopt.screening import Eligibility

POINTS = 5000
SEED = 20350101
ERROR_MAX_M = 1e-3
TO_METRES = Transformer.from_crs(4326, 5179, always_xy=True)
TO_DEGREES = Transformer.from_crs(5179, 4326, always_xy=True)


def patchy(tables: RunTables) -> RunTables:
    """Return the small run with reasons that change from cell to cell, near every border."""
    old = tables.eligibility
    random = np.random.default_rng(SEED)
    bits = random.integers(0, 4, old.reasons.shape, dtype=np.uint32) << np.uint32(1)
    shore = random.random(old.reasons.shape) < 0.1
    land = np.asarray(old.land & ~shore)
    reasons = np.where(land, bits, bits | np.uint32(1)).astype(np.uint32)
    return replace(tables, eligibility=replace(old, reasons=reasons, land=land))  # type: ignore[type-var]


def places(lattice: Any, near_m: float) -> NDArray[np.float64]:
    """Return lon/lat of points over the frame: anywhere, close to edges of cells, just outside."""
    random = np.random.default_rng(SEED)
    west, south, east, north = lattice.bounds_m
    margin = lattice.cell_m
    x = random.uniform(west - margin, east + margin, POINTS)
    y = random.uniform(south - margin, north + margin, POINTS)
    edges = slice(0, POINTS // 2)  # half of them beside an edge in x, in y or in both
    shift = random.choice([-near_m, near_m], (2, POINTS // 2))
    along_x, along_y = random.random((2, POINTS // 2)) < 0.7
    x[edges] = np.where(along_x, np.round(x[edges] / margin) * margin + shift[0], x[edges])
    y[edges] = np.where(along_y, np.round(y[edges] / margin) * margin + shift[1], y[edges])
    return np.column_stack(TO_DEGREES.transform(x, y))


def of_raster(path: Path, lonlat: NDArray[np.float64]) -> list[int]:
    """Return the reasons of points as rasterio and PROJ have them, -1 outside the raster."""
    x, y = TO_METRES.transform(*lonlat.T)
    with rasterio.open(path) as raster:
        rows, cols = (
            np.asarray(part) for part in rasterio.transform.rowcol(raster.transform, x, y)
        )
        inside = (rows >= 0) & (rows < raster.height) & (cols >= 0) & (cols < raster.width)
        codes = raster.read(1).astype(np.int64)
    return np.where(
        inside, codes[np.where(inside, rows, 0), np.where(inside, cols, 0)], -1
    ).tolist()


def drawn_land(page: Any) -> tuple[NDArray[np.uint16], list[int]]:
    """Return the pixels of the picture that the page draws, and what each number means."""
    width, height, values, masks = page.run(
        "[siteopt.cells.width, siteopt.cells.height, [...siteopt.cells.values], siteopt.data.land.combinations]"
    )
    return np.asarray(values, dtype=np.uint16).reshape(height, width), masks


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("cells")
    write_run(patchy(small_run()), made, {})
    return made


@pytest.fixture
def map_page(browser: Any, folder: Path) -> Any:
    page = browser.page()
    page.open((folder / "map.html").as_uri())
    return page


@pytest.mark.browser
@pytest.mark.parametrize("near_m", [0.001, 1.0])
def test_no_point_differs_from_the_raster(map_page: Any, folder: Path, near_m: float) -> None:
    lattice = patchy(small_run()).eligibility.lattice
    lonlat = places(lattice, near_m)
    asked = json.dumps(lonlat.tolist())
    said = map_page.run(f"{asked}.map(([lng, lat]) => siteopt.reasonsAt({{ lat, lng }}))")
    wanted = of_raster(folder / "eligibility.tif", lonlat)
    assert sum(one != other for one, other in zip(said, wanted, strict=True)) == 0
    assert set(wanted) == {-1, *range(8)}


@pytest.mark.browser
def test_the_projection_is_that_of_proj(map_page: Any) -> None:
    lon, lat = (
        part.ravel() for part in np.meshgrid(np.arange(123, 133, 0.125), np.arange(32, 40, 0.125))
    )
    asked = json.dumps(np.column_stack([lon, lat]).tolist())
    found = map_page.run(f"""(() => {{
      const toMetres = siteopt.transverseMercator(siteopt.data.cells.projection);
      return {asked}.map(([lon, lat]) => toMetres(lon, lat)); }})()""")
    wanted = np.column_stack(TO_METRES.transform(lon, lat))
    assert np.abs(np.asarray(found) - wanted).max() < ERROR_MAX_M


@pytest.mark.browser
@pytest.mark.parametrize("language", ["ko", "en"])
def test_page_and_explain_tell_the_same_reasons(map_page: Any, folder: Path, language: str) -> None:
    run = open_run(folder)
    if language == "en":
        map_page.run("document.querySelector('#language').click()")
    lattice = patchy(small_run()).eligibility.lattice
    seen = set()
    for lon, lat in places(lattice, 1.0)[::100].tolist():
        map_page.run(f"siteopt.map.fire('click', {{latlng: L.latLng({lat!r}, {lon!r})}}), 0")
        head, *said = map_page.run(
            "[...document.querySelectorAll('.card.here .lead, .card.here h3, .card.here li')]"
            ".map((one) => one.textContent)"
        )
        code = of_raster(folder / "eligibility.tif", np.array([[lon, lat]]))
        if code == [-1]:
            assert head == {"ko": "선별한 범위 밖입니다(육지 밖 또는 국외).", "en": "This place lies outside the screened country."}[language]  # fmt: skip
            continue
        told = run.explain(f"{lon!r},{lat!r}", language).splitlines()  # type: ignore[arg-type]
        assert [line.split() for line in told[1:]] == [one.split() for one in said]
        assert told[0] == f"{lon!r},{lat!r}: {head}"
        failed = {"ko": "[미충족 · 해당]", "en": "[failed]"}[language]
        assert sum(one.startswith(failed) for one in said) == code[0].bit_count()
        seen.add(code[0].bit_count())
    assert seen == {0, 1, 2, 3}


def test_cells_hold_every_combination_and_whether_it_is_land(run_tables: RunTables) -> None:
    eligibility = run_tables.eligibility
    crowded = np.arange(eligibility.reasons.size, dtype=np.uint32) % 1000
    reasons = crowded.reshape(eligibility.reasons.shape)
    both: Eligibility = replace(eligibility, reasons=reasons)  # type: ignore[type-var]
    packed = land_cells(both)
    assert packed["bytes"] == 2
    raw = zlib.decompress(base64.b64decode(packed["deflate"]))
    place = np.frombuffer(raw, dtype="<u2").reshape(reasons.shape)
    land = np.asarray(packed["land"])[place]
    assert np.array_equal(land, eligibility.land)
    bare = ~eligibility.land & (reasons == 0)
    assert np.array_equal(np.asarray(packed["codes"])[place], np.where(bare, 8, reasons))


@pytest.mark.browser
def test_no_land_that_no_reason_excludes_is_not_called_eligible(
    browser: Any, run_tables: RunTables, tmp_path: Path
) -> None:
    old = run_tables.eligibility
    bare = replace(old, reasons=old.reasons & ~np.uint32(1))  # type: ignore[type-var]
    write_run(replace(run_tables, eligibility=bare), tmp_path, {})
    with rasterio.open(tmp_path / "eligibility.tif") as raster:
        codes, tags = raster.read(1), raster.tags()
    assert tags["BIT_03"] == NO_LAND
    assert np.array_equal(codes == 0, bare.eligible)
    x, y = old.lattice.centres_m(np.array([0]), np.array([0]))
    lon, lat = (float(part[0]) for part in TO_DEGREES.transform(x, y))
    assert "This place is not on land." in open_run(tmp_path).explain(f"{lon},{lat}")
    page = browser.page()
    page.open((tmp_path / "map.html").as_uri())
    page.run(f"siteopt.map.fire('click', {{latlng: L.latLng({lat}, {lon})}}), 0")
    assert "육지 밖입니다." in page.run("document.querySelector('.card.here').innerText")


@pytest.mark.browser
def test_the_page_draws_the_picture_of_the_land_to_the_pixel(map_page: Any) -> None:
    pixels, masks = drawn_land(map_page)
    wanted = masks_of(land_picture(patchy(small_run()).eligibility))
    assert set(np.unique(wanted)) == {-1, *range(0, 8, 2)}
    assert np.array_equal(np.asarray(masks)[pixels], wanted)


@pytest.mark.browser
def test_more_combinations_than_a_byte_holds_are_drawn(
    browser: Any, run_tables: RunTables, tmp_path: Path
) -> None:
    old = run_tables.eligibility
    crowded = (np.arange(old.reasons.size, dtype=np.uint32) % 1000).reshape(old.reasons.shape)
    tables = replace(run_tables, eligibility=replace(old, reasons=crowded))  # type: ignore[type-var]
    write_map(tables, tmp_path / "map.html")
    page = browser.page()
    page.open((tmp_path / "map.html").as_uri())
    pixels, masks = drawn_land(page)
    assert np.array_equal(np.asarray(masks)[pixels], masks_of(land_picture(tables.eligibility)))


@pytest.mark.browser
def test_a_browser_that_cannot_read_the_data_says_so(browser: Any, folder: Path) -> None:
    page = browser.own_page()
    page.page.add_init_script("delete window.DecompressionStream")
    page.page.goto((folder / "map.html").as_uri())
    said = page.run("document.body.innerText").strip()
    assert said == " ".join(text("page.unreadable", language) for language in ("ko", "en"))
    assert page.page.locator("#unreadable").is_visible()
