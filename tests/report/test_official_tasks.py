"""Twenty tasks of an official who opens the page for the first time, with all hosts unresolvable.

The page is that of the small run on the real layers, which other tests make: all names, complexes,
stations, exclusions and limits of the national scenario, on coarser tiles. What it lacks, draws and
energy by the hour, is asked of the page of a run in memory, and the first page must say that it lacks it.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest
from pypdf import PdfReader

from siteopt.report import money
from siteopt.report.files import library_versions
from siteopt.report.input_hash import shown_hash
from siteopt.report.texts import text
from tests.report.small_energy import with_clean_energy
from tests.report.small_robustness import with_draws
from tests.report.written import write_map

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from siteopt import Run
    from siteopt.report import RunTables

pytestmark = pytest.mark.browser

DRAWN_MAX_MS: Final = 3000
"""Twice the 1.5 s within which the page is drawn on a quiet machine: tests run beside each other."""
HANGUL: Final = re.compile("[가-힣]")
CARD: Final = ".leaflet-popup .card"
HOME: Final = {"code": "47", "name": "경상북도"}
"""The province of the official who does the tasks."""
IN_JINBO: Final = (129.06, 36.54)
"""Longitude and latitude of eligible land in 청송군 진보면, away from any mark."""


@pytest.fixture(scope="module")
def run(small_run: Any) -> Run:
    found: Run = small_run.run
    return found


@pytest.fixture
def page(browser: Any, run: Run) -> Any:
    opened = browser.page(1400, 900)
    opened.open(run.map_path.as_uri())
    opened.page.click("#first-hints button:last-child")
    return opened


@pytest.fixture(scope="module")
def full_path(run_tables: RunTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file: Path = tmp_path_factory.mktemp("tasks") / "map.html"
    write_map(with_draws(with_clean_energy(run_tables)), file)
    return file


@pytest.fixture
def full_page(browser: Any, full_path: Path) -> Any:
    """The page of a run with draws and with energy by the hour."""
    opened = browser.page(1400, 900)
    opened.open(full_path.as_uri())
    opened.page.click("#first-hints button:last-child")
    return opened


def show(page: Any, tab: str) -> str:
    """Click a tab and return what its page says."""
    page.page.click(f"#tab-{tab}")
    said: str = page.page.inner_text(f"#page-{tab}")
    return said


def card(page: Any) -> str:
    said: str = page.page.inner_text(CARD)
    return said


def find(page: Any, words: str) -> list[str]:
    """Type into the search and return the places that it lists."""
    page.page.fill("#place-search", words)
    listed: list[str] = page.page.locator("#place-list li").all_inner_texts()
    return listed


def tab_to(page: Any, selector: str, most: int = 120) -> None:
    """Press the tabulator until an element has the focus: what a keyboard alone can reach."""
    for _ in range(most):
        if page.run(f"document.activeElement.matches({selector!r})"):
            return
        page.page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by the keyboard")


def press(page: Any, keys: Iterable[str]) -> None:
    for key in keys:
        page.page.keyboard.press(key)


MONEY: Final = re.compile(r"(?:([\d,]+)조 ?)?(?:([\d,.]+)억 ?)?(?:([\d,]+)만)? ?원")


def won(parts: tuple[str, str, str]) -> float:
    """Return an amount as the page writes it, in won."""
    units = (1e12, 1e8, 1e4)
    return sum(float(part.replace(",", "") or 0) * unit for part, unit in zip(parts, units, strict=True) if part)  # fmt: skip


def click_land(page: Any, lon: float, lat: float, zoom: int = 11) -> None:
    """Bring a place into the middle of the map, and click on it."""
    page.run(f"siteopt.map.setView([{lat}, {lon}], {zoom}, {{animate: false}}), 0")
    box = page.page.locator("#map, .folium-map").first.bounding_box()
    page.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.page.wait_for_selector(CARD)


def test_01_it_opens_from_a_file_with_the_network_cut(page: Any, run: Run) -> None:
    assert page.run("location.protocol") == "file:"
    assert page.page.inner_text("h1") == run.portfolio["title"]["ko"]
    assert "인허가·정부 확정계획 아님" in page.page.inner_text("#top .notice")
    assert page.run("performance.getEntriesByName('siteopt-drawn')[0].startTime") < DRAWN_MAX_MS
    seen = "(one) => { const { top, bottom, height } = one.getBoundingClientRect(); return height > 0 && top >= 0 && bottom <= innerHeight; }"
    assert page.run(f"[...document.querySelectorAll('#page-summary .lead, .chosen-site')].every({seen})")  # fmt: skip
    assert page.requests() == []
    assert page.complaints() == []


def test_02_the_answer_is_read_at_once(page: Any, run: Run) -> None:
    said = page.page.inner_text("#page-summary")
    sites = run.portfolio["sites"]
    mw = sum(site["it_mw"] for site in sites)
    assert f"모두 {len(sites)}곳, IT {mw:,.0f} MW입니다" in said
    cost = money(run.portfolio["cost_bn_krw"], "ko")
    assert cost in said
    assert cost in page.page.inner_text("#figures")


def test_03_how_sure_it_is(page: Any, full_page: Any) -> None:
    said = page.page.inner_text("#page-summary")
    assert "이 모형과 입력값에서는 더 나은 안이 없음을 확인했습니다" in said
    assert "가정을 바꾸어 보지 않았으므로" in said
    assert "입력값의 불확실성은 미반영" in page.page.inner_text("#top .notice")
    drawn = full_page.page.inner_text("#page-summary")
    assert "가정을 바꾸어 보지 않았으므로" not in drawn
    classes = full_page.run("siteopt.chosen.map((row) => siteopt.data.robustness.class[row])")
    assert re.search(rf"\b{classes.count('robust')} / {len(classes)}\b", drawn)


def test_04_whether_renewables_were_looked_at(page: Any, full_page: Any) -> None:
    said = page.page.inner_text("#page-summary")
    assert "재생에너지 PPA로 구입하는 비용을 반영" in said
    assert "시간별로 맞추어 보지는 않았습니다" in said
    assert "80%" in full_page.page.inner_text("#page-summary")  # of the hours, as it was asked


def test_05_the_own_myeon_by_the_keyboard_alone(page: Any) -> None:
    tab_to(page, "#place-search")
    page.page.keyboard.insert_text("청송군 진보면")
    press(page, ["ArrowDown", "Enter"])
    assert page.run(f"document.activeElement.matches('{CARD}')")
    said = card(page)
    assert said.startswith("경상북도 청송군 진보면")
    assert re.search(r"구역 면적 [\d.]+ ㎢ 가운데 [\d.]+ ㎢\([\d.]+%\)가 입지 가능 지역", said)
    assert "하천 인접 구역(300 m 이내)" in said
    assert "최적안에 없음" in said
    assert re.search(r"IT 1 MW당 총비용이 비교 입지 ‘.+’보다 [\d.]+억 원 많습니다", said)
    press(page, ["Escape"])
    page.page.wait_for_selector(CARD, state="detached")


def test_06_an_industrial_complex(page: Any, run: Run) -> None:
    complexes = run.complexes
    left = complexes[(complexes["excluded_by"].fillna("") != "") & (complexes["province_code"] == HOME["code"])].iloc[0]  # fmt: skip
    assert find(page, left["name_ko"])[0].split("\n")[1].startswith("산업단지")
    page.page.click("#place-list li >> nth=0")
    said = card(page)
    assert f"{left['name_ko']}: 0 km · 후보지 아님(사유: " in said
    candidate = run.ranking[run.ranking["kind"] == "complex"].iloc[0]
    find(page, candidate["name_ko"])
    page.page.click("#place-list li >> nth=0")
    assert card(page).startswith(candidate["name_ko"])
    assert "산업단지" in card(page)
    assert re.search(r"(최적안에 없음|최적안 입지)", card(page))


def test_07_a_station(page: Any) -> None:
    (listed,) = find(page, "신안성")
    assert "변전소 · 765 kV · 경기도 안성시" in listed
    press(page, ["Enter"])
    said = card(page)
    assert "경기도 안성시 신안성" in said
    assert "[미충족 · 해당] 수도권" in said


COORDINATES: Final = (
    "129.05301, 36.54764", "36.54764 129.05301", "북위 36도 32분 51.5초, 동경 129도 3분 10.8초",
    "36°32′51.5″N 129°3′10.8″E", "1139000, 1840000", "EPSG:5179 1139000 1840000",
)  # fmt: skip


def test_08_pasted_coordinates(page: Any) -> None:
    for typed in COORDINATES:
        page.page.click("#place-search")
        page.page.keyboard.insert_text(typed)
        assert page.page.locator("#place-list li").count() == 1, typed
        press(page, ["Enter"])
        said = card(page)
        assert "소재지: 경상북도 청송군 진보면" in said
        x, y = (int(one) for one in re.search(r"EPSG:5179 (\d+), (\d+)", said).groups())  # type: ignore[union-attr]
        assert max(abs(x - 1139000), abs(y - 1840000)) <= 3, typed


def test_09_a_click_in_the_sea_on_excluded_and_on_eligible_land(page: Any) -> None:
    click_land(page, 125.6, 36.3)
    assert "[미충족 · 해당] 바다·하천 등 육지 밖" in card(page)
    assert "읍·면·동 구역 밖" in card(page)
    click_land(page, 126.991, 37.66)  # Bukhansan
    said = card(page)
    assert "제외 지역입니다" in said
    assert "[미충족 · 해당] 수도권 · 기준: 시·도(수도권)에 해당하는 곳" in said
    assert "국립공원" in said
    click_land(page, *IN_JINBO)
    assert "입지 가능 지역입니다" in card(page)
    assert re.search(r"입지 제외 기준 (\d+)개 가운데 \1개 충족, 0개 미충족", card(page))
    page.page.click(f"{CARD} details.met summary")
    for threshold in ("25° 초과", "하천: 300 m 이내", "변전소(변전소, 종류 미상): 10 km 초과"):
        assert threshold in card(page)


def test_10_the_best_candidate_of_the_own_province_by_the_keyboard_alone(
    page: Any, run: Run
) -> None:
    tab_to(page, "[role=tab]")
    names = page.run("siteopt.tabNames()")
    press(page, ["ArrowDown"] * names.index("ranking"))
    tab_to(page, "details.filters summary")
    press(page, ["Enter"])
    tab_to(page, "details.filters select")
    options = page.run("[...document.activeElement.options].map((one) => one.text)")
    press(page, ["ArrowDown"] * options.index(HOME["name"]))
    tab_to(page, "[data-sort=bn_krw_per_mw]")
    press(page, ["Enter"])
    tab_to(page, "#page-ranking .site-link")
    press(page, ["Enter"])
    own = run.ranking[run.ranking["province_code"] == HOME["code"]]
    best = own.loc[own["bn_krw_per_mw"].idxmin()]
    assert card(page).startswith(best["name_ko"])
    assert page.run("document.querySelector('.card').dataset.site") == best["site_id"]
    press(page, ["Escape"])
    assert page.run("document.activeElement.dataset.site") == best["site_id"]


def test_11_two_three_and_four_places_side_by_side(page: Any, run: Run) -> None:
    show(page, "ranking")
    for place in range(2):
        page.page.check(f"#page-ranking tbody tr >> nth={place} >> input")
    for count in (2, 3, 4):
        said = show(page, "compare")
        heads = page.page.locator("#page-compare thead th").all_inner_texts()
        assert heads == run.ranking["name_ko"].head(count).tolist()
        cost = run.ranking.head(count).set_index("name_ko")["bn_krw_per_mw"]
        lines = page.page.locator("#page-compare .lead li").all_inner_texts()
        assert len(lines) == count - 1
        for name, gap in (cost - cost.min()).drop(cost.idxmin()).items():
            assert any(name in line and cost.idxmin() in line for line in lines)
            said_won = [
                won(found) for line in lines if name in line for found in MONEY.findall(line)
            ]
            assert any(abs(one - gap * 1e9) < 2e4 for one in said_won)  # of costs to the million
        assert "접속선로" in said
        if count < 4:
            show(page, "ranking")
            page.page.check(f"#page-ranking tbody tr >> nth={count} >> input")


def test_12_what_would_have_to_change(page: Any, run: Run) -> None:
    show(page, "ranking")
    outside = run.ranking[~run.ranking["chosen"] & (run.ranking["proof"] != "impossible")].iloc[0]
    page.page.click(f"#page-ranking .site-link[data-site={outside['site_id']!r}]")
    said = card(page)
    assert "최적안에 포함되려면(다음 중 하나)" in said
    part = said.split("최적안에 포함되려면(다음 중 하나)")[1].split("다른 입지와 비용 비교")[0]
    assert money(outside["regret_bn_krw"], "ko") in part
    assert "변전소 여유용량" in part


def test_13_the_csv_of_what_is_shown(page: Any, run: Run, tmp_path: Path) -> None:
    show(page, "ranking")
    page.page.click("details.filters summary")
    page.page.select_option("details.filters select >> nth=0", label=HOME["name"])
    with page.page.expect_download() as caught:
        page.page.click("#page-ranking .over button:last-child")
    caught.value.save_as(tmp_path / "shown.csv")
    raw = (tmp_path / "shown.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # what a spreadsheet needs to read Korean
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    own = run.ranking[run.ranking["province_code"] == HOME["code"]]
    assert [row["후보지 번호"] for row in rows] == own["site_id"].tolist()
    assert page.page.inner_text("#page-ranking [role=status]").startswith(
        f"후보지 {len(run.ranking):,}곳 중 {len(own):,}곳"
    )
    assert all(HANGUL.search(title) or title.isascii() for title in rows[0])


def test_14_the_price_of_electricity_its_source_range_and_what_it_moves(
    page: Any, full_page: Any
) -> None:
    show(page, "assumptions")
    assert "각 가정이 무엇을 움직이는지 알 수 없습니다" in page.page.inner_text("#page-assumptions")
    page.page.click("#page-assumptions .over button")  # 넓게 보기: with the sources
    page.page.fill("#page-assumptions input[type=search]", "전기요금")
    row = page.page.locator("#page-assumptions table.parameters tbody tr").first
    name, value, spread, mark, source = row.locator("th, td").all_inner_texts()
    assert "전기요금" in name
    assert re.search(r"\d.*(원|%)", value)
    assert spread
    assert re.search(r"자료|추정|가정|산출", mark)
    assert len(source) > 5
    show(full_page, "assumptions")
    full_page.page.check("#page-assumptions .check input")
    moved = full_page.page.locator(
        "#page-assumptions tr.moves td.words:not(.source)"
    ).all_inner_texts()
    assert moved
    assert all("%" in said for said in moved)  # of the spread of the cost, or of the choice


def test_15_an_exclusion_its_threshold_and_area(page: Any) -> None:
    show(page, "land")
    row = page.page.locator("#page-land tbody tr", has_text="하천 인접 구역(300 m 이내)")
    assert "기준: 하천: 300 m 이내" in row.inner_text()
    alone = [float(said.replace(",", "")) for said in row.locator("td").all_inner_texts()]
    assert alone[0] > alone[1] > 0


def test_16_the_worst_week_by_the_hour_where_energy_is_matched(page: Any, full_page: Any) -> None:
    assert page.page.locator("#tab-energy").count() == 0
    assert "시간별로 맞추어 보지는 않았습니다" in page.page.inner_text("#page-summary")
    said = show(full_page, "energy")
    assert re.search(r"가장 낮은 주\(모의운영\)\s+2월 1일~2월 7일, 41\.2%", said)
    hours = full_page.page.locator("#page-energy figure", has_text="시간별 공급")
    assert hours.locator("svg").is_visible()
    full_page.page.click("#page-energy summary:has-text('표로 보기')")
    days = full_page.page.locator("#page-energy details.curve-more", has_text="표로 보기(하루").locator("tbody tr")  # fmt: skip
    assert days.count() == 7
    assert days.first.inner_text().startswith("2월 1일")


def test_17_what_alternatives_share_with_the_plan(page: Any, run: Run) -> None:
    said = show(page, "alternatives")
    for plan in run.portfolio["alternatives"]:
        shared, districts, sites = plan["shared"], plan["shared_districts"], plan["sites"]
        assert f"입지 {sites}곳 중 최적안과 같은 입지 {shared}곳" in said
        assert f"시·군·구 {districts}곳" in said
        assert f"+{plan['extra_pct']:.2f}%" in said


def test_18_limits_of_the_grid(page: Any) -> None:
    said = show(page, "grid")
    assert "실제 송전망의 조류나 한국전력공사의 계통 검토 결과가 아닙니다" in said
    assert "상정고장(N-1)은 반영하지 않았습니다" in said
    assert re.search(rf"{HOME['name']}\t?\n?\s*[\d,]+", said)
    limits = show(page, "limits")
    assert re.search(r"\d 이하\s*여유 없음", limits)


def test_19_sources_in_korean_with_licence_and_confidence(page: Any) -> None:
    show(page, "sources")
    titles = page.page.locator("#page-sources dl.sources:not(.glossary dl) dt").all_inner_texts()
    assert len(titles) > 50
    assert all(HANGUL.search(title) for title in titles)
    for said in page.page.locator("#page-sources dl.sources:not(.glossary dl) dd").all_inner_texts():  # fmt: skip
        for word in ("기관: ", "이용 조건: ", "기준 시점: ", "신뢰도: "):
            assert word in said


def test_20_the_page_on_paper(page: Any, run: Run, tmp_path: Path) -> None:
    page.page.pdf(path=tmp_path / "map.pdf", print_background=True, prefer_css_page_size=True)
    paper = PdfReader(tmp_path / "map.pdf")
    count = len(paper.pages)
    assert 2 <= count <= 30
    for number, sheet in enumerate(paper.pages, start=1):
        width_mm, height_mm = (float(side) / 72 * 25.4 for side in sheet.mediabox[2:])
        assert sorted((width_mm, height_mm)) == pytest.approx([210, 297], abs=1)
        said = re.sub(r"\s+", " ", sheet.extract_text())
        assert re.search(rf"쪽 {number} / {count}", said)
        assert f"siteopt {library_versions()['siteopt']}" in said
        assert shown_hash(run.record) in said
    first = paper.pages[0].extract_text()
    assert run.portfolio["title"]["ko"] in re.sub(r"\s+", " ", first)
    assert len(paper.pages[0].images) > 0  # the country
    whole = " ".join(sheet.extract_text() for sheet in paper.pages)
    for button in ("넓게 보기", "내려받기(CSV)", "비교에 넣기", "검색"):
        assert button not in whole


SHEETS: Final = {
    "summary": "summary", "chosen": "chosen", "ranking": "candidates", "compare": "comparison",
    "robustness": "certainty", "assumptions": "inputs", "alternatives": "alternatives", "limits": "limits",
    "grid": "grid", "energy": "energy", "land": "exclusions", "sources": "sources",
}  # fmt: skip
"""Sheet of the workbook that has what a tab has."""


@pytest.mark.parametrize("tab", SHEETS)
def test_a_tab_bears_the_name_of_its_sheet(tab: str) -> None:
    assert text(f"tab.{tab}", "ko") == text(f"workbook.sheet_{SHEETS[tab]}", "ko")


@pytest.mark.parametrize(
    ("tab", "section"),
    [("summary", "summary"), ("alternatives", "alternatives"), ("energy", "energy"), ("grid", "grid"), ("land", "exclusions")],
)  # fmt: skip
def test_a_tab_bears_the_name_of_its_section_of_the_report(tab: str, section: str) -> None:
    assert text(f"tab.{tab}", "ko") == text(f"report.section_{section}", "ko")


def test_a_link_to_what_is_seen_opens_the_same(browser: Any, page: Any, run: Run) -> None:
    show(page, "limits")
    page.page.click("#legend input >> nth=0")
    find(page, "청송군 진보면")
    press(page, ["Enter"])
    link, said = page.run("location.href"), card(page)
    other = browser.page(1400, 900)
    other.open(link)
    other.page.wait_for_selector(CARD)
    assert card(other) == said
    assert other.run("siteopt.shownTab()") == "limits"
    assert other.page.locator(".chosen-site").count() == 0
    assert other.run("location.href") == link
    assert other.run("document.getElementById('link-note').hidden")
    sites = browser.page(1400, 900)
    sites.open(f"{run.map_path.as_uri()}#site={run.ranking['site_id'][4]}")
    assert card(sites).startswith(run.ranking["name_ko"][4])


@pytest.mark.parametrize("place", ["129.05301,36.54764", "complex:충청남도 서산시 서산오토밸리", "village:없는 곳", "<b>x</b>"])  # fmt: skip
def test_a_link_to_a_place(browser: Any, run: Run, place: str) -> None:
    there = browser.page(1400, 900)
    there.open(f"{run.map_path.as_uri()}#place={quote(place)}")
    note = "document.getElementById('link-note')"
    if "없는" in place or "<" in place:
        assert "부분을 읽을 수 없습니다" in there.run(f"{note}.innerText")
        assert there.page.locator(CARD).count() == 0
        return
    assert ("진보면" if place[0].isdigit() else "서산오토밸리") in card(there)
    assert there.run(f"{note}.hidden")


def test_the_back_button_takes_a_step_back(page: Any) -> None:
    show(page, "ranking")
    page.page.click("#page-ranking .site-link >> nth=0")
    first = card(page)
    find(page, "청송군 진보면")
    press(page, ["Enter"])
    assert card(page) != first
    page.page.go_back()
    page.wait(f"document.querySelector('{CARD}').dataset.site")
    assert card(page) == first
    page.page.go_back()
    page.page.wait_for_selector(CARD, state="detached")
    assert page.run("siteopt.shownTab()") == "ranking"


def test_the_language_is_switched_and_switched_back(page: Any) -> None:
    before = page.page.inner_text("#page-summary")
    page.page.click("#language")
    assert page.run("document.documentElement.lang") == "en"
    assert not HANGUL.search(page.page.inner_text("#page-summary"))
    page.page.click("#language")
    assert page.page.inner_text("#page-summary") == before


def test_a_moved_weight_says_that_the_plan_is_not_solved_again(page: Any) -> None:
    show(page, "weights")
    before = page.page.locator("#page-weights table.weighted tbody").inner_text()
    page.page.focus("#page-weights input[type=range] >> nth=1")
    press(page, ["End"])
    said = page.page.inner_text("#page-weights")
    assert "최적안은 다시 풀지 않았습니다" in said
    assert page.page.locator("#page-weights table.weighted tbody").inner_text() != before
    assert "weights=" in page.run("location.hash")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (700, 450), (1024, 768)])
def test_a_phone_and_twice_the_size_show_every_tab_and_a_card(
    browser: Any, run: Run, width: int, height: int
) -> None:
    page = browser.page(width, height)  # 700 x 450 is 1400 x 900 at 200 %
    page.open(run.map_path.as_uri())
    page.page.click("#first-hints button:last-child")
    for name in page.run("siteopt.tabNames()"):
        page.page.click(f"#tab-{name}")
        wide = page.run("[document.documentElement.scrollWidth, document.getElementById('pages').scrollWidth - document.getElementById('pages').clientWidth]")  # fmt: skip
        assert wide == [width, 0], name
    page.run("scrollTo(0, 0)")
    for selector in ("#place-search", "#legend summary", "#language", "#print"):
        assert page.run(f"(() => {{ const box = document.querySelector('{selector}').getBoundingClientRect(); const top = document.elementFromPoint(box.left + 4, box.top + box.height / 2); return document.querySelector('{selector}').contains(top); }})()"), selector  # fmt: skip
    page.page.click("#place-search")
    find(page, run.ranking["name_ko"][0])
    press(page, ["Enter"])
    page.page.wait_for_selector(CARD)
    page.wait("!siteopt.map._panAnim || !siteopt.map._panAnim._inProgress")
    inside = page.run("(() => { const card = document.querySelector('.leaflet-popup-content-wrapper').getBoundingClientRect(); const map = siteopt.map.getContainer().getBoundingClientRect(); return [card.left - map.left, map.right - card.right, card.top - map.top, map.bottom - card.bottom]; })()")  # fmt: skip
    assert min(inside) >= -1, inside


def test_an_opened_legend_makes_room_for_a_card_on_a_phone(browser: Any, run: Run) -> None:
    page = browser.page(390, 844)
    page.open(run.map_path.as_uri())
    page.page.click("#first-hints button:last-child")
    for _ in range(3):  # opened, closed, opened
        page.page.click("#legend summary")
    find(page, run.ranking["name_ko"][0])
    press(page, ["Enter"])
    page.page.wait_for_selector(CARD)
    page.wait("!siteopt.map._panAnim || !siteopt.map._panAnim._inProgress")
    covered = page.run("(() => { const box = document.querySelector('.leaflet-popup-content-wrapper').getBoundingClientRect(); return [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) => document.elementFromPoint(box.left + x * box.width, box.top + y * box.height))).filter((one) => one && one.closest('#legend')).length; })()")  # fmt: skip
    assert covered == 0


def test_a_term_is_explained_on_focus_and_a_card_gives_the_focus_back(page: Any) -> None:
    page.page.focus("#page-summary button.term >> nth=0")
    assert page.page.is_visible("#term-note")
    assert len(page.page.inner_text("#term-note")) > 10
    press(page, ["Escape"])
    assert not page.page.is_visible("#term-note")
    show(page, "chosen")
    page.page.focus("#page-chosen button.site >> nth=1")
    press(page, ["Enter"])
    page.page.wait_for_selector(CARD)
    press(page, ["Escape"])
    page.page.wait_for_selector(CARD, state="detached")
    assert page.run("document.activeElement.matches('#page-chosen li:nth-child(2) button.site')")
