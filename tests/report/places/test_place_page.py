"""Search and cards of the page: the same places and the same words as `siteopt explain`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pyproj import Transformer

from siteopt.report import ranking_table
from siteopt.report.places.answer import answer_place, answer_point
from siteopt.report.places.index import plain
from siteopt.report.places.sources import places_of_tables
from tests.report.small_places import X0, Y0, placed_run, shaped_run
from tests.report.written import write_map

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report.places.tables import PlaceTables

TO_DEGREES = Transformer.from_crs(5179, 4326, always_xy=True)
HOSTILE = "</script><img src=x onerror=alert(1)>"
CARD = "[...document.querySelectorAll('.card.here .lead, .card.here h3, .card.here li')].map((one) => one.textContent)"
OPTIONS = "[...document.querySelectorAll('#place-list li')].map((one) => one.innerText)"
QUERIES = (
    "신촌리", "나주 신촌리", "나주 혁신 일반산단", "혁신 일반", "안동시 바이오 일반산단", "금천읍", "금천", "전남 나주시", "산포", "나주시금천읍", "하리", "C2", "안동", "46",
    "S0003", "s000", "혁신", "naju", "없는이름", "  ", "시", "봉산면 신촌",
)  # fmt: skip


@pytest.fixture(scope="module")
def tables() -> PlaceTables:
    run = placed_run()
    return places_of_tables(run, ranking_table(run))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("places")
    write_map(placed_run(), made / "map.html")
    return made


@pytest.fixture
def opened(browser: Any, folder: Path) -> Any:
    page = browser.page()
    page.open((folder / "map.html").as_uri())
    return page


def typed(opened: Any, text: str) -> None:
    opened.page.click("#place-search")
    opened.page.fill("#place-search", "")
    opened.page.keyboard.type(text)


@pytest.mark.browser
def test_a_place_is_found_by_keyboard_and_its_card_tells_what_explain_tells(
    opened: Any, tables: PlaceTables
) -> None:
    typed(opened, "금천읍")
    opened.page.keyboard.press("ArrowDown")
    assert (
        opened.run("document.activeElement.getAttribute('aria-activedescendant')")
        == "place-option-0"
    )
    opened.page.keyboard.press("Enter")
    (place,), _ = tables.index.find("금천읍")
    assert opened.run(CARD) == answer_place(place, tables).lines("ko")
    assert opened.run("document.activeElement.matches('.card.here')")
    assert opened.run("document.querySelector('#place-list').hidden")
    assert opened.complaints() == []


@pytest.mark.browser
@pytest.mark.parametrize("language", ["ko", "en"])
def test_random_points_have_the_same_card_as_explain(
    opened: Any, tables: PlaceTables, language: Any
) -> None:
    if language == "en":
        opened.run("document.querySelector('#language').click()")
    random = np.random.default_rng(18)
    x = random.uniform(X0 - 4_000, X0 + 64_000, 60)
    y = random.uniform(Y0 - 4_000, Y0 + 44_000, 60)
    kinds = set()
    for lon, lat in zip(*TO_DEGREES.transform(x, y), strict=True):
        found = answer_point(float(lon), float(lat), tables)
        shown = opened.run(f"siteopt.showPoint(L.latLng({float(lat)!r}, {float(lon)!r})), {CARD}")
        assert shown == found.lines(language)
        kinds.add(found.figures["eligible"])
    assert kinds == {True, False}


@pytest.mark.browser
def test_exclusions_by_shape_have_the_same_card_as_explain(browser: Any, tmp_path: Path) -> None:
    run = shaped_run()
    write_map(run, tmp_path / "map.html")
    shaped = places_of_tables(run, ranking_table(run))
    page = browser.page()
    page.open((tmp_path / "map.html").as_uri())
    marks = set()
    # within cells: on a corner the last bit of a projection decides
    for x_m, y_m in ((12_060, 7_060), (5_060, 35_060), (25_060, 35_060), (25_060, 20_060)):
        lon, lat = TO_DEGREES.transform(X0 + x_m, Y0 + y_m)
        lines = answer_point(float(lon), float(lat), shaped).lines("ko")
        assert page.run(f"siteopt.showPoint(L.latLng({lat!r}, {lon!r})), {CARD}") == lines
        marks |= {line.split("]")[0] for line in lines if line.startswith("[")}
    assert len(marks) == 3
    assert page.complaints() == []


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["province", "district", "area", "village", "complex", "station"])
def test_named_places_have_the_same_card_as_explain(
    opened: Any, tables: PlaceTables, kind: str
) -> None:
    keys = {area.code: place for place, area in enumerate(tables.gazetteer.areas)}  # type: ignore[union-attr]
    for place in tables.index.places:
        if place.kind != kind:
            continue
        asked = {
            "kind": kind,
            "key": keys.get(place.key, place.key),
            "lat": place.lat,
            "lon": place.lon,
        }
        shown = opened.run(f"siteopt.showPlace({json.dumps(asked)}, 'x'), {CARD}")
        assert shown == answer_place(place, tables).lines("ko")


@pytest.mark.browser
def test_the_page_finds_the_places_that_python_finds(opened: Any, tables: PlaceTables) -> None:
    for query in QUERIES:
        found, whole = tables.index.find(query)
        shown = opened.run(
            f"siteopt.findPlaces({json.dumps(query)}).map((one) => [one.kind, one.name[0]])"
        )
        wanted = [[one.kind, one.name[0]] for one in found]
        # whole names are all that an error lists; the page lists the others after them
        assert (shown[: len(wanted)] if whole else shown) == wanted, query
    assert plain("나주") in plain(opened.run("siteopt.findPlaces('신촌리')[0].path.join(' ')"))


@pytest.mark.browser
@pytest.mark.parametrize(
    "text",
    [
        "127.6, 36.3",
        "36.3, 127.6",
        "36°18′N 127°36′E",
        "북위 36도 18분, 동경 127도 36분",
        "127.6 36.3",
    ],
)
def test_coordinates_in_degrees_are_read_in_either_order(opened: Any, text: str) -> None:
    typed(opened, text)
    assert opened.run(OPTIONS)[0].split() == ["127.60000,", "36.30000", "좌표"]
    opened.page.keyboard.press("Enter")
    assert "좌표: 경도 127.6°, 위도 36.3°" in " ".join(opened.run(CARD))


@pytest.mark.browser
def test_pasted_metres_are_read_as_proj_reads_them(opened: Any) -> None:
    random = np.random.default_rng(5179)
    x, y = random.uniform(760_000, 1_380_000, 50), random.uniform(1_460_000, 2_060_000, 50)
    wanted = np.column_stack(TO_DEGREES.transform(x, y))
    asked = json.dumps(
        [f"{one!r},{two!r}" for one, two in zip(x.tolist(), y.tolist(), strict=True)]
    )
    found = opened.run(f"{asked}.map((one) => siteopt.readCoordinates(one))")
    assert np.abs(np.asarray(found) - wanted).max() < 1e-8
    assert opened.run("siteopt.readCoordinates('EPSG:5179 1050000,1800000')") == opened.run("siteopt.readCoordinates('1800000 1050000')")  # fmt: skip
    assert opened.run("siteopt.readCoordinates('950000,19')") is None
    assert opened.run("siteopt.readCoordinates('10,20')") is None
    assert opened.run("siteopt.readCoordinates('신촌리 2') === undefined")


@pytest.mark.browser
def test_nothing_an_empty_search_and_escape_leave_the_map_as_it_is(opened: Any) -> None:
    typed(opened, "   ")
    opened.page.keyboard.press("Enter")
    assert opened.run("document.querySelector('#place-status').textContent") == ""
    typed(opened, "없는이름")
    assert "찾는 장소가 없습니다" in opened.run(
        "document.querySelector('#place-status').textContent"
    )
    opened.page.keyboard.press("Enter")
    typed(opened, "신촌")
    assert len(opened.run(OPTIONS)) == 3
    opened.page.keyboard.press("Escape")
    assert opened.run("document.querySelector('#place-list').hidden")
    assert (
        opened.run("document.querySelector('#place-search').getAttribute('aria-expanded')")
        == "false"
    )
    assert opened.run("document.querySelector('.card.here')") is None
    assert opened.complaints() == []


@pytest.mark.browser
def test_hostile_names_stay_names(browser: Any, tmp_path: Path) -> None:
    write_map(placed_run(HOSTILE), tmp_path / "map.html")
    page = browser.page()
    page.open((tmp_path / "map.html").as_uri())
    typed(page, "신촌리")
    assert HOSTILE in page.run(OPTIONS)[0]
    page.page.keyboard.press("Enter")
    assert HOSTILE in page.run("document.querySelector('.card.here h2').textContent")
    assert page.run("document.querySelectorAll('.card.here img, #place-list img').length") == 0
    assert page.requests() == []
    assert page.complaints() == []


@pytest.mark.browser
def test_named_places_are_rows_that_open_their_cards(browser: Any, tmp_path: Path) -> None:
    listed = "name,lon,lat,note\n금천읍,,,도청 질의\n담양군,,,\n=1+1,127.6,36.3,\nS0003,,,\n"
    (tmp_path / "names.csv").write_text(listed, encoding="utf-8")
    run = placed_run(places=tmp_path / "names.csv")
    write_map(run, tmp_path / "map.html")
    page = browser.page()
    page.open((tmp_path / "map.html").as_uri())
    page.run("siteopt.showTab('places')")
    rows = page.run(
        "[...document.querySelectorAll('table.named tbody tr')].map((one) => one.innerText.split(/\\n|\\t/).filter(Boolean))"
    )
    assert rows[0] == ["전라남도 나주시 금천읍", "도청 질의", "구역 면적 300 ㎢ 가운데 180 ㎢(60%)가 입지 가능 지역입니다(선별 칸 기준)."]  # fmt: skip
    page.page.click("table.named tr:nth-child(1) button")
    places = places_of_tables(run, ranking_table(run))
    (place,), _ = places.index.find("금천읍")
    assert page.run(CARD) == answer_place(place, places).lines("ko")
    page.page.click("table.named tr:nth-child(4) button")
    assert page.run("document.querySelector('.card').dataset.site") == "S0003"
    assert page.complaints() == []


@pytest.mark.browser
def test_a_run_without_names_still_answers_on_points(
    browser: Any, run_tables: Any, tmp_path: Path
) -> None:
    write_map(run_tables, tmp_path / "map.html")
    page = browser.page()
    page.open((tmp_path / "map.html").as_uri())
    typed(page, "S0003")
    assert len(page.run(OPTIONS)) == 1
    tables = places_of_tables(run_tables, ranking_table(run_tables))
    assert page.run(f"siteopt.showPoint(L.latLng(36.3, 127.6)), {CARD}") == answer_point(127.6, 36.3, tables).lines("ko")  # fmt: skip
    assert page.complaints() == []
