"""Cost curve on the page and in ``energy.json``: the answer with its range, plot, tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from siteopt.report import ranking_table
from siteopt.report._energy import energy_payload
from siteopt.report.files import table_files
from tests.report.small_curve import SHARES, with_curve
from tests.report.small_energy import with_clean_energy
from tests.report.written import write_map

if TYPE_CHECKING:
    from pathlib import Path

    from siteopt.report import RunTables

SMALL_BYTES = 12_000
"""Of the curve in the page."""


def curve_of(tables: RunTables) -> dict[str, Any]:
    found = energy_payload(tables)
    assert found is not None
    curve: dict[str, Any] = found["curve"]
    return curve


def test_no_curve_is_told_where_there_is_none(run_tables: RunTables) -> None:
    assert curve_of(with_clean_energy(run_tables)) is None


def test_the_curve_is_told_with_its_ends(run_tables: RunTables) -> None:
    curve = curve_of(with_curve(run_tables))
    assert curve["krw"] == [150.0, 105.0, 225.0]
    # From 90 to 100 %: 400 - 200, and 0.7 and 1.5 times as much.
    assert curve["last"] == pytest.approx([200.0, 140.0, 300.0])
    assert curve["last_clean"] == pytest.approx([2000.0, 1400.0, 3000.0])
    assert [point["target"] for point in curve["hourly"]] == list(SHARES)
    assert [bar["target"] for bar in curve["bars"]] == [80.0, 90.0, 100.0]
    assert [row["technology"] for row in curve["scarce"]] == ["onshore_wind", "offshore_wind"]
    assert len(json.dumps(curve)) < SMALL_BYTES


def test_parts_of_a_point_are_its_cost(run_tables: RunTables) -> None:
    curve = curve_of(with_curve(run_tables))
    for point in curve["hourly"]:
        parts = sum(point[name] for name in ("contracts", "grid", "storage", "other"))
        assert parts == pytest.approx(point["krw"])
    point = curve["hourly"][3]
    assert (point["solar"], point["onshore_wind"], point["storage_gwh"], point["kt"]) == (
        1.5, 2.24, 1.8, 250.0,
    )  # fmt: skip
    assert point["replay"] == pytest.approx(75.9)


def test_what_is_used_up_is_told_by_kind(run_tables: RunTables) -> None:
    curve = curve_of(with_curve(run_tables, 70.0))
    assert curve["last"] is None
    assert curve["reachable"] == [70.0, 70.0, 70.0]
    assert curve["used_up"] == [
        {"kind": "built", "technology": "onshore_wind", "mw": 900.0},
        {"kind": "operating", "technology": "onshore_wind", "mw": 212.0},
        {"kind": "managed", "technology": "solar", "mw": 40.0},
        {"kind": "branches", "technology": None, "mw": None},
    ]


def test_the_file_has_table_range_and_answer(run_tables: RunTables) -> None:
    tables = with_curve(run_tables)
    files = table_files(tables, ranking_table(tables))
    curve = json.loads(files["energy.json"])["curve"]
    assert len(curve["table"]) == 2 * len(SHARES)
    assert curve["table"][3]["step_krw_kwh"] is None
    assert {row["what"] for row in curve["range"]} == {"all", "yields"}
    said = curve["answer"]
    assert said["price_krw_kwh"] == {"value": 150.0, "low": 105.0, "high": 225.0}
    assert said["last_step"]["added_krw_kwh"] == {"value": 200.0, "low": 140.0, "high": 300.0}
    assert said["scarce"] == ["onshore_wind", "offshore_wind"]
    plan = json.loads(files["portfolio.json"])["energy"]
    assert plan["typical_days"] == {"hourly_clean_pct": 80.0, "annual_clean_pct": 93.0}
    assert plan["curve_price_krw_kwh"]["high"] == 225.0
    assert plan["price_krw_kwh"] == 152.34


def test_a_run_without_a_curve_has_no_such_part(run_tables: RunTables) -> None:
    tables = with_clean_energy(run_tables)
    files = table_files(tables, ranking_table(tables))
    assert "curve" not in json.loads(files["energy.json"])
    assert json.loads(files["portfolio.json"])["energy"]["curve_price_krw_kwh"] is None
    none = table_files(run_tables, ranking_table(run_tables))
    assert "energy" not in json.loads(none["portfolio.json"])


def test_the_ranking_has_the_price_at_the_bus_of_each_site(run_tables: RunTables) -> None:
    tables = with_clean_energy(run_tables)
    ranking = ranking_table(tables).dropna(subset=["bus_id"])
    assert tables.energy is not None
    by_bus = dict(tables.energy.buses[["bus_id", "krw_kwh"]].itertuples(index=False, name=None))
    assert ranking["clean_krw_kwh"].tolist() == [by_bus[str(bus)] for bus in ranking["bus_id"]]
    assert "clean_krw_kwh" not in ranking_table(run_tables)


@pytest.fixture(scope="module")
def path(run_tables: RunTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file: Path = tmp_path_factory.mktemp("curve") / "map.html"
    write_map(with_curve(run_tables), file)
    return file


@pytest.fixture
def page(browser: Any, path: Path) -> Any:
    opened = browser.page()
    opened.open(path.as_uri())
    return opened


@pytest.mark.browser
def test_the_answer_is_one_sentence_with_its_range(page: Any) -> None:
    said = page.run("document.querySelector('.answer').textContent")
    for part in (
        "2035년 IT 300 MW는 시간 단위 무탄소 전력 80%(대표일 기준, 8,760시간 모의운영 75.9%)로",
        "평균 150원/kWh(105~225)입니다",
        "90%에서 100%로의 마지막 10%p에는 전력비용이 평균 200원/kWh(140~300) 더 들며",
        "육상풍력 2.24 GW 필요(현재 운영 설비 1.84 GW)",
        "해상풍력 0.12 GW 필요(계약 가능 물량 0.12 GW를 모두 사용)",
        "끝값으로 둔 범위",
    ):
        assert part in said, part
    page.run("document.querySelector('#language').click(), siteopt.showTab('energy'), 0")
    said = page.run("document.querySelector('.answer').textContent")
    assert "In 2035, 300 MW of IT can run on 80% clean energy by the hour" in said
    assert "add 200 KRW to the mean kWh (140 to 300)" in said


@pytest.mark.browser
@pytest.mark.parametrize(
    ("most_pct", "parts"),
    [
        (70.0, ("80%로 운영할 수 없습니다", "최고 비율은 70.0%(70.0~70.0)", "평균 110원/kWh",
                "육상풍력 신규 건설 한도 900 MW", "육상풍력 운영 중 212 MW", "송전선로 용량")),
        (85.0, ("80%(대표일 기준", "90%를 넘는 비율에는 도달할 수 없습니다(최고 85.0%)",
                "소진된 물량·한도")),
        (95.0, ("90%에서 95.0%로의 마지막 5.0%p", "100%에는 도달할 수 없습니다(최고 95.0%)")),
    ],
)  # fmt: skip
def test_a_share_that_cannot_be_reached_is_told(
    browser: Any, run_tables: RunTables, tmp_path: Path, most_pct: float, parts: tuple[str, ...]
) -> None:
    write_map(with_curve(run_tables, most_pct), tmp_path / "map.html")
    page = browser.page()
    page.open((tmp_path / "map.html").as_uri())
    said = page.run("document.querySelector('.answer').textContent")
    for part in parts:
        assert part in said, (part, said)
    assert said.count("소진된 물량·한도") == 1
    hollow = page.run("document.querySelectorAll(\".clean-curve circle[fill='#fff']\").length")
    assert hollow == 2 * sum(share > most_pct for share in SHARES)
    assert page.run(
        "document.querySelectorAll('table.curve')[0].querySelectorAll('.unreached, .shown small').length"
    )
    assert "NaN" not in page.run("document.querySelector('#page-energy').innerHTML")


@pytest.mark.browser
def test_a_match_over_the_year_is_answered_first(
    browser: Any, run_tables: RunTables, tmp_path: Path
) -> None:
    write_map(with_curve(run_tables, matching="annual"), tmp_path / "map.html")
    page = browser.page()
    page.open((tmp_path / "map.html").as_uri())
    said = page.run("[...document.querySelectorAll('.answer p')].map((one) => one.textContent)")
    assert "93.0%" in said[0]
    assert said[1].startswith("2035년 IT 300 MW는 시간 단위 무탄소 전력 80%")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1400, 400])
def test_the_plot_and_the_tables_are_inside_their_frames(page: Any, width: int) -> None:
    page.resize(width, 900)
    page.run("siteopt.showTab('energy'), 0")
    page.run("document.querySelectorAll('.curve-more').forEach((one) => { one.open = true; }), 0")
    outside = page.run("""(() => {
      const frame = document.querySelector('.clean-curve svg').getBoundingClientRect();
      const list = document.querySelector('#page-energy').getBoundingClientRect();
      const out = (box, of) => box.left < of.left - 1 || box.right > of.right + 1 || box.top < of.top - 1 || box.bottom > of.bottom + 1;
      return [...document.querySelectorAll('.clean-curve svg :is(line, polyline, circle, text)')].filter((one) => out(one.getBoundingClientRect(), frame)).concat(
        [...document.querySelectorAll('table.curve')].filter((one) => out(one.getBoundingClientRect(), list))).map((one) => one.outerHTML.slice(0, 200));
    })()""")
    assert outside == []
    assert page.run("document.querySelectorAll('.clean-curve circle').length") == 2 * len(SHARES)
    assert page.run("document.querySelectorAll('.clean-curve .bar').length") == 3
    assert page.run("document.querySelectorAll('table.curve').length") == 3


@pytest.mark.browser
def test_a_row_has_both_scores_and_both_costs(page: Any) -> None:
    row = page.run(
        "[...document.querySelector('table.curve tr.shown').children].map((one) => one.textContent)"
    )
    assert row == ["80%", "80.0", "75.9", "150", "120", "250"]


@pytest.mark.browser
def test_list_and_card_tell_the_shares_of_the_portfolio(page: Any) -> None:
    told = "시간 단위 80.0%(모의운영 78.6%) · 연간 93.0%(모의운영 91.7%)"
    assert told in page.run("document.querySelector('#page-chosen').textContent")
    page.run("siteopt.open(siteopt.rows.get('S0000'), false)")
    assert told in page.run("document.querySelector('.card').textContent")


@pytest.mark.browser
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("width", [1400, 1200, 340])
def test_tabs_stand_in_one_column_and_on_a_phone_in_one_row(
    page: Any, language: str, width: int
) -> None:
    page.resize(width, 900)
    if language == "en":
        page.run("document.querySelector('#language').click()")
    for name in ("chosen", "alternatives", "energy"):
        page.run(f"siteopt.showTab('{name}'), 0")
        count, lefts, tops, cut, seen = page.run("""(() => {
          const strip = document.getElementById('tabs');
          const all = [...strip.querySelectorAll('button')];
          const room = strip.getBoundingClientRect();
          const shown = strip.querySelector('[aria-selected=true]').getBoundingClientRect();
          return [all.length, new Set(all.map((one) => one.offsetLeft)).size, new Set(all.map((one) => one.offsetTop)).size,
            all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent),
            shown.left >= room.left - 1 && shown.right <= room.right + 1 && shown.top >= room.top - 1 && shown.bottom <= room.bottom + 1];
        })()""")
        assert (lefts, tops) == ((count, 1) if width == 340 else (1, count))
        assert cut == []
        assert seen
